//! The words in which services refuse what has nothing to do with any one operation: they go by the protocol.

use crate::core::error::ApiError;

/// An HTTP status with an error code.
type Coded = (u16, &'static str);

/// What a service says.
#[derive(Debug)]
pub(crate) struct Words {
    throttled: (u16, &'static str, &'static str),
    denied: Coded,
    /// What a denial begins with.
    denied_before: &'static str,
    unknown_operation: Coded,
    missing_operation: (&'static str, &'static str),
    pub(crate) missing_signature: (u16, &'static str, &'static str),
    pub(crate) incomplete_signature: Coded,
    /// A key that nobody has, or a token that is not its own.
    pub(crate) unknown_key: (u16, &'static str, &'static str),
    pub(crate) wrong_signature: Coded,
    /// A signature that is too old.
    pub(crate) old_signature: Coded,
    pub(crate) ended_session: Coded,
    /// Said of whatever is wrong with a signature, in the place of what it is.
    pub(crate) says_only: Option<&'static str>,
}

const INVALID_TOKEN: &str = "The security token included in the request is invalid.";

/// Of ec2Query.
pub(crate) const EC2: Words = Words {
    throttled: (503, "RequestLimitExceeded", "Request limit exceeded."),
    denied: (403, "UnauthorizedOperation"),
    denied_before: "You are not authorized to perform this operation. ",
    unknown_operation: (400, "InvalidAction"),
    missing_operation: MISSING_ACTION,
    missing_signature: MISSING_TOKEN,
    incomplete_signature: (400, "IncompleteSignature"),
    unknown_key: (401, "AuthFailure", NOT_VALIDATED),
    wrong_signature: (401, "AuthFailure"),
    old_signature: (400, "RequestExpired"),
    ended_session: (400, "RequestExpired"),
    says_only: Some(NOT_VALIDATED),
};

const NOT_VALIDATED: &str = "AWS was not able to validate the provided access credentials";
const MISSING_ACTION: (&str, &str) = ("MissingAction", "The request is missing an action.");
const MISSING_TOKEN: (u16, &str, &str) = (
    403,
    "MissingAuthenticationToken",
    "Request is missing Authentication Token",
);

/// Of awsQuery.
pub(crate) const QUERY: Words = Words {
    throttled: (400, "Throttling", "Rate exceeded"),
    denied: (403, "AccessDenied"),
    denied_before: "",
    unknown_operation: (400, "InvalidAction"),
    missing_operation: MISSING_ACTION,
    missing_signature: MISSING_TOKEN,
    incomplete_signature: (400, "IncompleteSignature"),
    unknown_key: (403, "InvalidClientTokenId", INVALID_TOKEN),
    wrong_signature: (403, "SignatureDoesNotMatch"),
    old_signature: (403, "SignatureDoesNotMatch"),
    ended_session: (403, "ExpiredTokenException"),
    says_only: None,
};

/// Of awsJson.
pub(crate) const JSON: Words = Words {
    throttled: (400, "ThrottlingException", "Rate exceeded"),
    denied: (400, "AccessDeniedException"),
    denied_before: "",
    unknown_operation: (400, "UnknownOperationException"),
    missing_operation: ("UnknownOperationException", ""),
    missing_signature: (
        400,
        "MissingAuthenticationTokenException",
        "Missing Authentication Token",
    ),
    incomplete_signature: (400, "IncompleteSignatureException"),
    unknown_key: (400, "UnrecognizedClientException", INVALID_TOKEN),
    wrong_signature: (400, "InvalidSignatureException"),
    old_signature: (400, "InvalidSignatureException"),
    ended_session: (400, "ExpiredTokenException"),
    says_only: None,
};

/// Of restJson1.
pub(crate) const REST: Words = Words {
    throttled: (429, "ThrottlingException", "Rate exceeded"),
    denied: (403, "AccessDeniedException"),
    denied_before: "",
    unknown_operation: (404, "UnknownOperationException"),
    missing_operation: ("UnknownOperationException", ""),
    missing_signature: (
        403,
        "MissingAuthenticationTokenException",
        "Missing Authentication Token",
    ),
    incomplete_signature: (403, "IncompleteSignatureException"),
    unknown_key: (403, "UnrecognizedClientException", INVALID_TOKEN),
    wrong_signature: (403, "InvalidSignatureException"),
    old_signature: (403, "InvalidSignatureException"),
    ended_session: (403, "ExpiredTokenException"),
    says_only: None,
};

impl Words {
    /// What a caller who asks too often is told.
    pub(crate) fn throttled(&self, retry_after: Option<u64>) -> ApiError {
        let (status, code, message) = self.throttled;
        ApiError {
            retry_after,
            ..ApiError::new(code, message).with_status(status)
        }
    }

    /// What a caller without the permission for an IAM action is told.
    pub(crate) fn access_denied(&self, caller: &str, action: &str) -> ApiError {
        let (status, code) = self.denied;
        let message = format!(
            "{}User: {caller} is not authorized to perform: {action} because no identity-based policy allows the {action} action",
            self.denied_before
        );
        ApiError::new(code, message).with_status(status)
    }

    /// What a caller is told who asks for an operation that there is not.
    pub(crate) fn unknown_operation(&self, message: impl Into<String>) -> ApiError {
        let (status, code) = self.unknown_operation;
        ApiError::new(code, message).with_status(status)
    }

    /// What a caller is told who names no operation.
    pub(crate) fn missing_operation(&self) -> ApiError {
        let (code, message) = self.missing_operation;
        ApiError::new(code, message).with_status(self.unknown_operation.0)
    }
}
