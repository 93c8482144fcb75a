//! Roles that are assumed, with credentials or with a token of an OpenID Connect provider.
//!
//! The SDK's own providers would do for most of it, but they do not take the block's endpoint of STS for the roles of
//! profiles, nor transitive tags and a source identity.

use std::fmt;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{self, ProvideCredentials, SharedCredentialsProvider, future};
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sts::types::{PolicyDescriptorType, Tag};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::api::Api;
use super::call::Called as _;
use super::error::{AwsError, ErrorKind};
use super::settings::{Role, Token, WebIdentity};
use super::signer::NoCredentials;

/// The name of sessions to which nobody gives one.
const SESSION: &str = "terraform-provider-private";

/// Credentials of a role, assumed with the credentials that the client of STS signs with.
pub struct Assumed {
    pub sts: aws_sdk_sts::Client,
    pub role: Role,
    /// What it is assumed with, in words.
    pub with: String,
}

/// Credentials of a role, assumed with a token.
pub struct Federated {
    pub sts: aws_sdk_sts::Client,
    pub identity: WebIdentity,
}

impl fmt::Debug for Assumed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Assumed").field(&self.role.arn).finish()
    }
}

impl fmt::Debug for Federated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Federated").field(&self.identity.role_arn).finish()
    }
}

impl Assumed {
    async fn assume(&self) -> provider::Result {
        let role = &self.role;
        let tags = role.tags.iter().map(|(key, value)| {
            let tag = Tag::builder().key(key).value(value).build();
            tag.map_err(CredentialsError::invalid_configuration)
        });
        let tags = tags.collect::<Result<Vec<_>, _>>()?;
        let request = self
            .sts
            .assume_role()
            .role_arn(&role.arn)
            .role_session_name(role.session_name.as_deref().unwrap_or(SESSION))
            .set_external_id(role.external_id.clone())
            .set_duration_seconds(seconds(role.duration))
            .set_policy(role.policy.clone())
            .set_policy_arns(policies(&role.policy_arns))
            .set_tags(some(tags))
            .set_transitive_tag_keys(some(role.transitive_tag_keys.clone()))
            .set_source_identity(role.source_identity.clone());
        let answer = request.send().await;
        let answer = called(answer, "AssumeRole", || {
            let external_id = if role.external_id.is_some() {
                "the external_id is the one that the role wants"
            } else {
                "the role wants no external_id"
            };
            (
                format!("role {} cannot be assumed with {}", role.arn, self.with),
                Box::new(move |words: &str| {
                    let principal = principal(words).or(self.with.strip_prefix("role "));
                    let principal = principal.unwrap_or("the principal of these credentials");
                    format!(
                        "See that the role exists, that its trust policy names {principal}, that {external_id}, and that \
                         {principal} may call sts:AssumeRole on it."
                    )
                }),
            )
        })?;
        credentials(answer.credentials, &role.arn)
    }
}

impl Federated {
    async fn assume(&self) -> provider::Result {
        let identity = &self.identity;
        let (token, place) = match &identity.token {
            Token::Text(token) => (token.clone(), "web_identity_token".to_owned()),
            Token::File(path) if path.as_os_str().is_empty() => {
                return Err(refused(
                    "nothing names the web identity token".to_owned(),
                    "Set web_identity_token or web_identity_token_file in assume_role_with_web_identity, or \
                     AWS_WEB_IDENTITY_TOKEN_FILE."
                        .to_owned(),
                ));
            }
            Token::File(path) => {
                let place = path.display().to_string();
                let token = tokio::fs::read_to_string(path).await;
                let token = token.map_err(|error| {
                    refused(
                        format!("the web identity token cannot be read from {place}: {error}"),
                        "See that web_identity_token_file or AWS_WEB_IDENTITY_TOKEN_FILE names the file that your \
                         platform writes the token to."
                            .to_owned(),
                    )
                })?;
                (token, place)
            }
        };
        let request = self
            .sts
            .assume_role_with_web_identity()
            .role_arn(&identity.role_arn)
            .role_session_name(identity.session_name.as_deref().unwrap_or(SESSION))
            .web_identity_token(token.trim())
            .set_duration_seconds(seconds(identity.duration))
            .set_policy(identity.policy.clone())
            .set_policy_arns(policies(&identity.policy_arns));
        let answer = request.send().await;
        let answer = called(answer, "AssumeRoleWithWebIdentity", || {
            let arn = &identity.role_arn;
            (
                format!("role {arn} cannot be assumed with the web identity token of {place}"),
                Box::new(|_| {
                    "See that the token has not expired, and that the role's trust policy names its issuer, audience and \
                     subject."
                        .to_owned()
                }),
            )
        })?;
        credentials(answer.credentials, &identity.role_arn)
    }
}

impl ProvideCredentials for Assumed {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.assume())
    }
}

impl ProvideCredentials for Federated {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.assume())
    }
}

/// What to do, by what STS says.
type Remedy<'a> = Box<dyn FnOnce(&str) -> String + 'a>;

/// The answer of STS; what it refuses is told with the remedy that `words` gives after what was refused. What never reached
/// STS keeps the remedy of its own.
fn called<'a, T, E>(
    answer: Result<T, SdkError<E, HttpResponse>>,
    operation: &'static str,
    words: impl FnOnce() -> (String, Remedy<'a>),
) -> Result<T, CredentialsError>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    answer.of(Api::new("sts", operation)).map_err(|error: AwsError| {
        let (what, remedy) = words();
        let own = matches!(
            error.kind,
            ErrorKind::AccessDenied | ErrorKind::Invalid | ErrorKind::Other
        );
        let said = error.without_remedy();
        let remedy = match (error.code.as_deref().and_then(of_policy), error.remedy()) {
            (Some(remedy), _) => remedy.to_owned(),
            (None, Some(remedy)) if !own => remedy,
            _ => remedy(&said),
        };
        refused(format!("{what}: {said}"), remedy)
    })
}

/// What to do where STS does not take the session's policy, by its code. Sources: the API reference, AssumeRole, "Errors".
fn of_policy(code: &str) -> Option<&'static str> {
    match code {
        "MalformedPolicyDocument" => Some(
            "Correct policy in the block that names the role. IAM Access Analyzer finds the mistake: aws accessanalyzer \
             validate-policy --policy-type IDENTITY_POLICY --policy-document file://policy.json",
        ),
        "PackedPolicyTooLarge" => Some(
            "Shorten policy, or give fewer policy_arns and tags in the block that names the role: STS packs them together, and \
             takes only so much.",
        ),
        _ => None,
    }
}

/// Whom AWS names as the one that it refuses: `User: arn:aws:iam::123456789012:user/ci is not authorized to perform …`.
fn principal(words: &str) -> Option<&str> {
    let (_, named) = words.split_once("User: ")?;
    let name = named.split_whitespace().next()?;
    name.starts_with("arn:").then_some(name)
}

fn refused(why: String, remedy: String) -> CredentialsError {
    CredentialsError::provider_error(NoCredentials { why, remedy })
}

fn credentials(answer: Option<aws_sdk_sts::types::Credentials>, role: &str) -> provider::Result {
    let answer = answer.ok_or_else(|| CredentialsError::unhandled("STS answered without credentials"))?;
    let expires = SystemTime::try_from(answer.expiration).map_err(CredentialsError::unhandled)?;
    tracing::debug!(role, access_key = answer.access_key_id, "assumed a role");
    Ok(Credentials::new(
        answer.access_key_id,
        answer.secret_access_key,
        Some(answer.session_token),
        Some(expires),
        "AssumeRole",
    ))
}

fn seconds(duration: Option<Duration>) -> Option<i32> {
    duration.and_then(|duration| i32::try_from(duration.as_secs()).ok())
}

fn policies(arns: &[String]) -> Option<Vec<PolicyDescriptorType>> {
    let policies = arns
        .iter()
        .map(|arn| PolicyDescriptorType::builder().arn(arn).build());
    some(policies.collect())
}

fn some<T>(values: Vec<T>) -> Option<Vec<T>> {
    (!values.is_empty()).then_some(values)
}

/// A client of STS that signs with these credentials.
pub fn signing_with(
    config: &aws_sdk_sts::config::Builder,
    credentials: SharedCredentialsProvider,
) -> aws_sdk_sts::Client {
    let config = config.clone().credentials_provider(credentials);
    aws_sdk_sts::Client::from_conf(config.build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_principal_is_whom_aws_names() {
        let words = "AccessDenied: User: arn:aws:iam::123456789012:user/ci is not authorized to perform: sts:AssumeRole";
        assert_eq!(principal(words), Some("arn:aws:iam::123456789012:user/ci"));
        assert_eq!(principal("AccessDenied: no"), None);
        assert_eq!(principal("User: "), None);
    }

    #[test]
    fn a_policy_that_sts_does_not_take_has_a_remedy_of_its_own() {
        for (code, part) in [
            ("MalformedPolicyDocument", "validate-policy"),
            ("PackedPolicyTooLarge", "policy_arns"),
        ] {
            let remedy = of_policy(code).expect(code);
            assert!(remedy.contains(part), "{remedy}");
        }
        assert_eq!(of_policy("AccessDenied"), None);
    }
}
