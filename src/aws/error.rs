//! One error for every AWS call: which call it was, what AWS said, how often it was tried, and what that means for whoever
//! must decide.

use std::error::Error;
use std::fmt;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_ec2::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ec2::operation::RequestId;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::answer::NotAws;
use super::api::Api;
use super::cause::{cause, causes};
use super::denial;
use super::patience::{Tried, Unanswered};
use super::quotas;
use super::scrub::{Scrubber, kept, shown};
use super::signer::{NoCredentials, Signed};

/// What an error means to a caller who must decide what to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The caller lacks the permission.
    AccessDenied,
    /// The object does not exist (any more, or not visibly yet).
    NotFound,
    /// An object of that name exists.
    AlreadyExists,
    /// Something still uses the object, or another change of it is under way, so that it cannot be changed or deleted now.
    InUse,
    /// A quota of the account is full.
    Quota,
    /// AWS refused the request's content.
    Invalid,
    /// No usable credentials were found, or AWS does not know them.
    Credentials,
    /// Too many calls, throughout all retries.
    Throttled,
    /// AWS failed, throughout all retries.
    Unavailable,
    /// AWS could not be reached: refused, no such host, TLS, or no answer in time.
    Unreachable,
    /// Something between here and AWS answered in its place.
    NotAws,
    /// Everything else.
    Other,
}

/// A failed AWS call. What AWS said is shown with control characters escaped, and not without end.
#[derive(Debug, Clone, thiserror::Error)]
pub struct AwsError {
    /// The call.
    pub api: Api,
    /// What it means.
    pub kind: ErrorKind,
    /// AWS's error code, where AWS answered.
    pub code: Option<String>,
    /// AWS's words, or the SDK's where AWS did not answer.
    message: String,
    /// AWS's id of the request, for its support.
    request_id: Option<String>,
    /// How often, where the SDK got as far as to try.
    tried: Option<Tried>,
    /// What to do about the credentials, where they are the reason.
    credentials: Option<Box<str>>,
    /// Who signed the call, where AWS answered.
    signed: Option<Box<Signed>>,
}

impl fmt::Display for AwsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.without_remedy())?;
        if let Some(remedy) = self.remedy() {
            write!(f, ".\n{remedy}")?;
        }
        Ok(())
    }
}

impl AwsError {
    /// What failed and how, without what to do about it.
    pub fn without_remedy(&self) -> String {
        let mut words = format!("{} failed", self.api);
        if let Some(tried) = self.tried.filter(|tried| tried.attempts > 1) {
            words.push_str(&format!(" ({tried})"));
        }
        words.push_str(": ");
        if let Some(code) = &self.code {
            words.push_str(&format!("{}: ", shown(code)));
        }
        words.push_str(&shown(&self.message));
        if let Some(id) = &self.request_id {
            words.push_str(&format!(" (request id {})", shown(id)));
        }
        words
    }

    /// Classifies what the SDK reports of a call.
    pub fn of<E>(api: Api, error: SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let code = error.code().map(str::to_owned);
        let request_id = error.request_id().map(str::to_owned);
        let response = error.raw_response();
        let tried = response
            .and_then(|response| response.extension::<Tried>())
            .copied();
        let unanswered = cause::<Unanswered>(&error);
        let foreign = match cause::<NotAws>(&error) {
            Some(foreign) => Some(foreign.clone()),
            // AWS's own errors have a code, or at least the id of the request.
            None if code.is_none() && request_id.is_none() => response.map(NotAws::of),
            None => None,
        };
        let none = cause::<NoCredentials>(&error);
        let message = match (error.message(), &foreign, none) {
            (Some(message), ..) => message.to_owned(),
            (None, Some(foreign), _) => foreign.to_string(),
            (None, None, Some(none)) => none.why.clone(),
            (None, None, None) => causes(&error),
        };
        let message = match unanswered.and_then(|unanswered| unanswered.address.as_ref()) {
            Some(address) if foreign.is_none() => format!("{address}: {message}"),
            _ => message,
        };
        let kind = if foreign.is_some() {
            ErrorKind::NotAws
        } else if none.is_some() || cause::<CredentialsError>(&error).is_some() {
            ErrorKind::Credentials
        } else if let Some(response) = response {
            let fails = response.status().is_server_error();
            classify(api, code.as_deref().unwrap_or_default(), &message, fails)
        } else if matches!(error, SdkError::DispatchFailure(_) | SdkError::TimeoutError(_)) {
            ErrorKind::Unreachable
        } else {
            ErrorKind::Other
        };
        let signed = response.and_then(|response| response.extension::<Signed>());
        let credentials = match (none, signed) {
            (Some(none), _) => Some(none.remedy.as_str().into()),
            (None, Some(signed)) => Some(refusal(code.as_deref().unwrap_or_default(), signed).into()),
            (None, None) => None,
        };
        Self {
            api,
            kind,
            credentials,
            signed: signed.cloned().map(Box::new),
            code: code.as_deref().map(kept),
            message: kept(&message),
            request_id: request_id.as_deref().map(kept),
            tried: tried.or(unanswered.map(|unanswered| unanswered.tried)),
        }
    }

    /// An answer of AWS that cannot be used; `why` is a whole clause.
    pub fn unusable(api: Api, why: impl Into<String>) -> Self {
        Self {
            api,
            kind: ErrorKind::Other,
            code: None,
            message: why.into(),
            request_id: None,
            tried: None,
            credentials: None,
            signed: None,
        }
    }

    /// The same error without the secrets that AWS may have quoted.
    pub fn scrubbed(mut self, scrubber: &Scrubber) -> Self {
        self.message = scrubber.scrub(&self.message);
        self.code = self.code.map(|code| scrubber.scrub(&code));
        self.request_id = self.request_id.map(|id| scrubber.scrub(&id));
        self
    }

    /// Whether the call was made more than once, so that an earlier try may have had its effect.
    pub fn was_repeated(&self) -> bool {
        self.tried.is_some_and(|tried| tried.attempts > 1)
    }

    /// Whether the same call may succeed a little later, though nothing is changed.
    pub fn is_transient(&self) -> bool {
        match self.kind {
            ErrorKind::Throttled | ErrorKind::Unavailable | ErrorKind::Unreachable | ErrorKind::NotAws => {
                true
            }
            ErrorKind::AccessDenied
            | ErrorKind::NotFound
            | ErrorKind::AlreadyExists
            | ErrorKind::InUse
            | ErrorKind::Quota
            | ErrorKind::Invalid
            | ErrorKind::Credentials
            | ErrorKind::Other => false,
        }
    }

    /// Whether AWS may have done what was asked, although it did not say so.
    pub fn may_have_happened(&self) -> bool {
        self.is_transient() || self.kind == ErrorKind::Other
    }

    /// What the reader can do about it, where that is known.
    pub fn remedy(&self) -> Option<String> {
        match self.kind {
            ErrorKind::AccessDenied => {
                let who = self.signed.as_ref().map(|signed| signed.who.as_str());
                Some(denial::remedy(self.api, &self.message, who))
            }
            ErrorKind::Credentials => self.credentials.as_deref().map(str::to_owned),
            ErrorKind::Unreachable => Some(format!(
                "Check the network path to it, the proxy (http_proxy, https_proxy and no_proxy in the provider block, HTTPS_PROXY, \
                 NO_PROXY), and endpoints.{} in the provider block (or AWS_ENDPOINT_URL) if it is set.",
                self.api.endpoint_argument()
            )),
            ErrorKind::NotAws => Some(format!(
                "Check https_proxy and no_proxy in the provider block, HTTPS_PROXY and NO_PROXY, and endpoints.{} in the provider \
                 block (or AWS_ENDPOINT_URL) if it is set.",
                self.api.endpoint_argument()
            )),
            ErrorKind::Throttled => Some(
                "AWS allows no more calls just now. Try again later, or with a lower -parallelism."
                    .to_owned(),
            ),
            ErrorKind::Quota => Some(quotas::remedy(self.api, self.code.as_deref())),
            ErrorKind::NotFound
            | ErrorKind::AlreadyExists
            | ErrorKind::InUse
            | ErrorKind::Invalid
            | ErrorKind::Unavailable
            | ErrorKind::Other => None,
        }
    }
}

/// What to do where AWS does not let in who signed a call.
fn refusal(code: &str, signed: &Signed) -> String {
    let Signed { who, renewal } = signed;
    match code {
        "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" => {
            format!("The credentials of {who} have expired. {renewal}")
        }
        "SignatureDoesNotMatch" | "InvalidSignatureException" => format!(
            "Signed with {who}. Its secret key is another one, this machine's clock is wrong, or the Region is not the one \
             that the endpoint serves. {renewal}"
        ),
        // EC2's word; a Region that an account has to enable first knows none of its keys.
        "AuthFailure" => format!(
            "AWS does not know the credentials of {who} here: they were deleted, they are of another partition than the Region, \
             or the account has not enabled the Region, which is also what a misspelt one looks like \
             (aws account get-region-opt-status). {renewal}"
        ),
        _ => format!(
            "AWS does not know the credentials of {who}: they were deleted, they are of another partition than the Region, \
             or their session token is missing. {renewal}"
        ),
    }
}

/// Maps AWS's error codes. Sources: the service models (`Declared errors`) and, for EC2, which declares none,
/// the EC2 API reference, "Error codes for the Amazon EC2 API". `fails` where the HTTP status says that AWS failed.
fn classify(api: Api, code: &str, message: &str, fails: bool) -> ErrorKind {
    let creates = api.operation.starts_with("Create");
    let deletes = api.operation.starts_with("Delete");
    match code {
        "AccessDeniedException" | "AccessDenied" | "UnauthorizedOperation" | "NotAuthorized" => {
            ErrorKind::AccessDenied
        }
        "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "AuthFailure"
        | "ExpiredToken"
        | "ExpiredTokenException"
        | "RequestExpired"
        | "InvalidSecurity"
        | "SignatureDoesNotMatch"
        | "InvalidSignatureException"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException" => ErrorKind::Credentials,
        "ResourceNotFoundException" => ErrorKind::NotFound,
        "ResourceAlreadyExistsException" | "InvalidGroup.Duplicate" => ErrorKind::AlreadyExists,
        // Of a create: the name is taken. Of anything else: something is in the way.
        "ConflictException" if creates => ErrorKind::AlreadyExists,
        "ConflictException" | "DependencyViolation" => ErrorKind::InUse,
        code if code.ends_with("InUse") => ErrorKind::InUse,
        "ConcurrentModificationException" if !creates => ErrorKind::InUse,
        // The class seen for a configuration whose association still exists; the documented one is
        // ConflictException, and the words may change. Of our own object nothing else is invalid.
        "ValidationException" if deletes || message.contains("has existing association") => ErrorKind::InUse,
        // EventBridge calls a full quota a LimitExceededException.
        "ServiceQuotaExceededException" | "LimitExceededException" => ErrorKind::Quota,
        "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "TooManyRequestsException"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "RequestLimitExceeded"
        | "EC2ThrottledException" => ErrorKind::Throttled,
        "ValidationException" => ErrorKind::Invalid,
        "InternalException"
        | "InternalServerException"
        | "InternalError"
        | "InternalFailure"
        | "ServiceUnavailable"
        | "Unavailable" => ErrorKind::Unavailable,
        code if code.ends_with(".NotFound") => ErrorKind::NotFound,
        code if code.ends_with(".Malformed") || code.starts_with("InvalidParameter") => ErrorKind::Invalid,
        code if code.ends_with("LimitExceeded") => ErrorKind::Quota,
        _ if fails => ErrorKind::Unavailable,
        _ => ErrorKind::Other,
    }
}

/// A member that the service model promises in the answer of `api`.
pub fn wanted<T>(api: Api, member: &str, value: Option<T>) -> Result<T, AwsError> {
    value.ok_or_else(|| AwsError::unusable(api, format!("the answer of AWS has no {member}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_mean_what_the_services_say() {
        let table = [
            (
                "GetResourceGateway",
                "AccessDeniedException",
                "",
                ErrorKind::AccessDenied,
            ),
            (
                "DescribeVpcs",
                "UnauthorizedOperation",
                "",
                ErrorKind::AccessDenied,
            ),
            (
                "DescribeVpcEndpoints",
                "InvalidVpcEndpointId.NotFound",
                "",
                ErrorKind::NotFound,
            ),
            (
                "DeleteSecurityGroup",
                "InvalidGroup.NotFound",
                "",
                ErrorKind::NotFound,
            ),
            ("DeleteSecurityGroup", "InvalidGroup.InUse", "", ErrorKind::InUse),
            (
                "CreateSecurityGroup",
                "InvalidGroup.Duplicate",
                "",
                ErrorKind::AlreadyExists,
            ),
            (
                "CreateResourceGateway",
                "ConflictException",
                "",
                ErrorKind::AlreadyExists,
            ),
            ("DeleteResourceGateway", "ConflictException", "", ErrorKind::InUse),
            ("UpdateResourceGateway", "ConflictException", "", ErrorKind::InUse),
            (
                "UpdateConnection",
                "ConcurrentModificationException",
                "",
                ErrorKind::InUse,
            ),
            (
                "DeleteResourceConfiguration",
                "ValidationException",
                "in other words",
                ErrorKind::InUse,
            ),
            (
                "UpdateResourceConfiguration",
                "ValidationException",
                "it has existing association with service networks",
                ErrorKind::InUse,
            ),
            (
                "CreateResourceConfiguration",
                "ValidationException",
                "bad name",
                ErrorKind::Invalid,
            ),
            ("CreateConnection", "LimitExceededException", "", ErrorKind::Quota),
            (
                "CreateSecurityGroup",
                "SecurityGroupLimitExceeded",
                "",
                ErrorKind::Quota,
            ),
            (
                "AuthorizeSecurityGroupEgress",
                "RulesPerSecurityGroupLimitExceeded",
                "",
                ErrorKind::Quota,
            ),
            (
                "DescribeSubnets",
                "InvalidSubnetID.Malformed",
                "",
                ErrorKind::Invalid,
            ),
            (
                "DescribeSubnets",
                "RequestLimitExceeded",
                "",
                ErrorKind::Throttled,
            ),
            (
                "GetResourceGateway",
                "ThrottlingException",
                "",
                ErrorKind::Throttled,
            ),
            (
                "CreateConnection",
                "InternalException",
                "",
                ErrorKind::Unavailable,
            ),
            ("CreateConnection", "SomethingNew", "", ErrorKind::Other),
        ];
        for (operation, code, message, kind) in table {
            let api = Api::new("any", operation);
            assert_eq!(
                classify(api, code, message, false),
                kind,
                "{operation} {code} {message}"
            );
        }
        let api = Api::new("events", "CreateConnection");
        assert_eq!(classify(api, "SomethingNew", "", true), ErrorKind::Unavailable);
    }

    fn denied(message: &str) -> AwsError {
        AwsError {
            kind: ErrorKind::AccessDenied,
            code: Some("AccessDeniedException".into()),
            request_id: Some("r-1".into()),
            ..AwsError::unusable(Api::new("events", "CreateConnection"), message)
        }
    }

    #[test]
    fn an_access_denied_names_the_iam_action_and_a_secret_is_scrubbed() {
        let scrubber = Scrubber::new(["hunter2", "AccessDeniedException"], ["orders"]);
        let words = denied("no; you sent hunter2").scrubbed(&scrubber).to_string();
        assert!(
            words.contains("the provider's credentials for: events:CreateConnection"),
            "{words}"
        );
        assert!(
            words.contains("request id r-1") && !words.contains("hunter2") && !words.contains("Exception"),
            "{words}"
        );
    }

    #[test]
    fn what_aws_says_is_shown_without_control_characters_and_cut() {
        let words = denied(&format!("\u{1b}[2J{}", "x".repeat(3_000_000))).to_string();
        assert!(words.contains(r"\u{1b}[2Jxxx") && words.len() < 2_000, "{words}");
        assert!(words.contains("the rest is cut"), "{words}");
    }

    #[test]
    fn tries_are_told_where_there_was_more_than_one() {
        let tried = |attempts| AwsError {
            tried: Some(Tried {
                elapsed: std::time::Duration::from_secs(94),
                attempts,
            }),
            ..denied("no")
        };
        assert!(
            tried(25)
                .to_string()
                .starts_with("events:CreateConnection failed (tried 25 times in 94 seconds): ")
        );
        assert!(
            tried(1)
                .to_string()
                .starts_with("events:CreateConnection failed: ")
        );
    }
}
