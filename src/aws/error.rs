//! One error for every AWS call: which call it was, what AWS said, and what that means for whoever must
//! decide.

use std::error::Error;
use std::fmt;

use aws_sdk_ec2::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ec2::operation::RequestId;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::api::Api;
use super::quotas;

/// What an error means to a caller who must decide what to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The caller lacks the permission.
    AccessDenied,
    /// The object does not exist (any more, or not visibly yet).
    NotFound,
    /// An object of that name exists.
    AlreadyExists,
    /// Something still uses the object, so that it cannot be deleted now.
    InUse,
    /// A quota of the account is full.
    Quota,
    /// AWS refused the request's content.
    Invalid,
    /// No usable credentials were found, or AWS does not know them.
    Credentials,
    /// AWS could not be reached: refused, no such host, TLS, or no answer in time.
    Unreachable,
    /// Everything else, throttling that outlasted all retries included.
    Other,
}

/// A failed AWS call.
#[derive(Debug, Clone, thiserror::Error)]
pub struct AwsError {
    /// The call.
    pub api: Api,
    /// What it means.
    pub kind: ErrorKind,
    /// AWS's error code, where AWS answered.
    pub code: Option<String>,
    /// AWS's words, or the SDK's where AWS did not answer.
    pub message: String,
    /// AWS's id of the request, for its support.
    pub request_id: Option<String>,
}

impl fmt::Display for AwsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} failed: ", self.api)?;
        if let Some(code) = &self.code {
            write!(f, "{code}: ")?;
        }
        write!(f, "{}", self.message)?;
        if let Some(id) = &self.request_id {
            write!(f, " (request id {id})")?;
        }
        if let Some(remedy) = self.remedy() {
            write!(f, ".\n{remedy}")?;
        }
        Ok(())
    }
}

impl AwsError {
    /// Classifies what the SDK reports of a call.
    pub fn of<E>(api: Api, error: SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let code = error.code().map(str::to_owned);
        let request_id = error.request_id().map(str::to_owned);
        let answered = error.message().map(str::to_owned);
        let message = answered.unwrap_or_else(|| causes(&error));
        let kind = match (&error, &code) {
            (SdkError::ServiceError(_) | SdkError::ResponseError(_), Some(code)) => classify(code, &message),
            // The SDK reports missing credentials as a failure to dispatch or to construct the request.
            (
                SdkError::DispatchFailure(_) | SdkError::TimeoutError(_) | SdkError::ConstructionFailure(_),
                _,
            ) if mentions_credentials(&message) => ErrorKind::Credentials,
            (SdkError::DispatchFailure(_) | SdkError::TimeoutError(_), _) => ErrorKind::Unreachable,
            _ => ErrorKind::Other,
        };
        Self {
            api,
            kind,
            code,
            message,
            request_id,
        }
    }

    /// An answer of AWS that lacks a member which the service model promises.
    pub fn incomplete(api: Api, member: &str) -> Self {
        let message = format!("the answer of AWS has no {member}");
        Self {
            api,
            kind: ErrorKind::Other,
            code: None,
            message,
            request_id: None,
        }
    }

    /// The same error without any of the `secrets`, should AWS have quoted one.
    pub fn scrubbed<'a>(mut self, secrets: impl IntoIterator<Item = &'a str>) -> Self {
        for secret in secrets.into_iter().filter(|secret| !secret.is_empty()) {
            self.message = self.message.replace(secret, "(secret)");
        }
        self
    }

    /// What the reader can do about it, where that is known.
    fn remedy(&self) -> Option<String> {
        match self.kind {
            ErrorKind::AccessDenied => {
                Some(format!("Allow the IAM action {} for the provider's credentials.", self.api))
            }
            ErrorKind::Credentials => Some(
                "Give the provider credentials: access_key and secret_key, or profile, in the provider block, or any \
                 source of the standard AWS chain (environment, shared configuration files, SSO, container or instance \
                 role)."
                    .to_owned(),
            ),
            ErrorKind::Unreachable => Some(format!(
                "Check the network path to AWS, and endpoints.{} in the provider block (or AWS_ENDPOINT_URL) if it is set.",
                self.api.endpoint_argument()
            )),
            ErrorKind::Quota => Some(quotas::remedy(self.api)),
            _ => None,
        }
    }
}

/// The words of an error and of everything that caused it: the SDK's outermost text says only `dispatch
/// failure`.
fn causes(error: &(dyn Error + 'static)) -> String {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_words = cause.to_string();
        if !words.ends_with(&cause_words) {
            words = format!("{words}: {cause_words}");
        }
        source = cause.source();
    }
    words
}

fn mentions_credentials(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    message.contains("credential") || message.contains("identity resolver")
}

/// Maps AWS's error codes. Sources: the service models (`Declared errors`) and, for EC2, which declares none,
/// the EC2 API reference, "Error codes for the Amazon EC2 API".
fn classify(code: &str, message: &str) -> ErrorKind {
    match code {
        "AccessDeniedException" | "AccessDenied" | "UnauthorizedOperation" | "NotAuthorized" => {
            ErrorKind::AccessDenied
        }
        "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "AuthFailure"
        | "ExpiredToken"
        | "ExpiredTokenException"
        | "SignatureDoesNotMatch"
        | "InvalidSignatureException"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException" => ErrorKind::Credentials,
        "ResourceNotFoundException" => ErrorKind::NotFound,
        "ResourceAlreadyExistsException" | "InvalidGroup.Duplicate" => ErrorKind::AlreadyExists,
        "ConflictException" | "DependencyViolation" | "ConcurrentModificationException" => ErrorKind::InUse,
        // The class seen for a configuration whose association still exists; the documented one is
        // ConflictException.
        "ValidationException" if message.contains("has existing association") => ErrorKind::InUse,
        // EventBridge calls a full quota a LimitExceededException.
        "ServiceQuotaExceededException"
        | "LimitExceededException"
        | "SecurityGroupLimitExceeded"
        | "RulesPerSecurityGroupLimitExceeded" => ErrorKind::Quota,
        "ValidationException" => ErrorKind::Invalid,
        code if code.ends_with(".NotFound") => ErrorKind::NotFound,
        code if code.ends_with(".Malformed") || code.starts_with("InvalidParameter") => ErrorKind::Invalid,
        _ => ErrorKind::Other,
    }
}

/// A member that the service model promises in the answer of `api`.
pub fn wanted<T>(api: Api, member: &str, value: Option<T>) -> Result<T, AwsError> {
    value.ok_or_else(|| AwsError::incomplete(api, member))
}

impl reconcile::Failure for AwsError {
    fn is_in_use(&self) -> bool {
        self.kind == ErrorKind::InUse
    }

    fn is_not_found(&self) -> bool {
        self.kind == ErrorKind::NotFound
    }

    fn is_already_exists(&self) -> bool {
        self.kind == ErrorKind::AlreadyExists
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_mean_what_the_services_say() {
        let table = [
            ("AccessDeniedException", "", ErrorKind::AccessDenied),
            ("UnauthorizedOperation", "", ErrorKind::AccessDenied),
            ("InvalidVpcEndpointId.NotFound", "", ErrorKind::NotFound),
            ("InvalidGroup.NotFound", "", ErrorKind::NotFound),
            ("InvalidGroup.Duplicate", "", ErrorKind::AlreadyExists),
            (
                "ValidationException",
                "it has existing association with service networks",
                ErrorKind::InUse,
            ),
            ("ValidationException", "bad name", ErrorKind::Invalid),
            ("LimitExceededException", "", ErrorKind::Quota),
            ("InvalidSubnetID.Malformed", "", ErrorKind::Invalid),
            ("ThrottlingException", "", ErrorKind::Other),
        ];
        for (code, message, kind) in table {
            assert_eq!(classify(code, message), kind, "{code} {message}");
        }
    }

    #[test]
    fn an_access_denied_names_the_iam_action_and_a_secret_is_scrubbed() {
        let api = Api::new("events", "CreateConnection");
        let error = AwsError {
            api,
            kind: ErrorKind::AccessDenied,
            code: Some("AccessDeniedException".into()),
            message: "no; you sent hunter2".into(),
            request_id: Some("r-1".into()),
        };
        let words = error.scrubbed(["hunter2", ""]).to_string();
        assert!(
            words.contains("Allow the IAM action events:CreateConnection"),
            "{words}"
        );
        assert!(
            words.contains("request id r-1") && !words.contains("hunter2"),
            "{words}"
        );
    }
}
