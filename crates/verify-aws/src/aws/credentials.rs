//! Where the caller's keys come from: the environment, or the AWS CLI, which knows every other source.

use std::env;
use std::fmt;
use std::io::ErrorKind;
use std::process::Command;

use aws_credential_types::Credentials;
use serde_json::Value;

/// What requests are signed with.
#[derive(Clone)]
pub struct Keys {
    pub access_key: String,
    pub secret: String,
    pub session_token: Option<String>,
}

/// Secrets are in no log.
impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys")
            .field("access_key", &self.access_key)
            .finish_non_exhaustive()
    }
}

impl Keys {
    pub(super) fn credentials(&self) -> Credentials {
        let (key, secret) = (self.access_key.as_str(), self.secret.as_str());
        Credentials::new(key, secret, self.session_token.clone(), None, "verify-aws")
    }
}

/// Where keys come from, time and again: they expire.
#[derive(Clone, Debug)]
pub enum Source {
    /// These, as long as they last.
    Given(Keys),
    /// `AWS_ACCESS_KEY_ID` and its companions.
    Environment,
    /// `aws configure export-credentials`, for a profile: files, SSO, login, roles, processes, instance roles.
    Cli { profile: Option<String> },
}

impl Source {
    /// The one that is set up: a profile that is named, else the environment, else what the AWS CLI finds.
    pub fn find(profile: Option<&str>) -> Self {
        match profile {
            None if env::var_os("AWS_ACCESS_KEY_ID").is_some() => Self::Environment,
            profile => Self::Cli {
                profile: profile.map(str::to_owned),
            },
        }
    }

    /// # Errors
    /// A text that says what is missing, and what to do.
    pub fn keys(&self) -> Result<Keys, String> {
        match self {
            Self::Given(keys) => Ok(keys.clone()),
            Self::Environment => {
                let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
                let required = |name: &str| {
                    variable(name).ok_or_else(|| format!("AWS_ACCESS_KEY_ID is set and {name} is not"))
                };
                Ok(Keys {
                    access_key: required("AWS_ACCESS_KEY_ID")?,
                    secret: required("AWS_SECRET_ACCESS_KEY")?,
                    session_token: variable("AWS_SESSION_TOKEN"),
                })
            }
            Self::Cli { profile } => {
                let answer = cli(
                    profile.as_deref(),
                    &["configure", "export-credentials", "--format", "process"],
                )?;
                let answer: Value = serde_json::from_str(&answer)
                    .map_err(|error| format!("aws configure export-credentials printed no JSON: {error}"))?;
                let text = |name: &str| answer[name].as_str().map(str::to_owned);
                let required = |name: &str| {
                    text(name).ok_or_else(|| format!("aws configure export-credentials printed no {name}"))
                };
                Ok(Keys {
                    access_key: required("AccessKeyId")?,
                    secret: required("SecretAccessKey")?,
                    session_token: text("SessionToken"),
                })
            }
        }
    }

    /// The Region that is set up, if one is.
    pub fn region(&self) -> Option<String> {
        let variable = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        let of_profile = || match self {
            Self::Cli { profile } => cli(profile.as_deref(), &["configure", "get", "region"]).ok(),
            _ => None,
        };
        variable("AWS_REGION")
            .or_else(|| variable("AWS_DEFAULT_REGION"))
            .or_else(of_profile)
            .map(|region| region.trim().to_owned())
            .filter(|region| !region.is_empty())
    }
}

/// What the AWS CLI prints.
fn cli(profile: Option<&str>, arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new("aws");
    command.args(arguments);
    if let Some(profile) = profile {
        command.args(["--profile", profile]);
    }
    let shown = format!("aws {}", arguments.join(" "));
    let output = command.output().map_err(|error| match error.kind() {
        ErrorKind::NotFound => "there are no credentials in the environment, and no AWS CLI to ask for others: export \
                                AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or put aws on the PATH"
            .to_owned(),
        _ => format!("{shown}: {error}"),
    })?;
    let told = String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        return String::from_utf8(output.stdout).map_err(|error| format!("{shown}: {error}"));
    }
    if told.contains("Invalid choice") || told.contains("invalid choice") {
        return Err(format!(
            "this AWS CLI is too old for `{shown}`: take 2.9 or 1.27 or later, or export AWS_ACCESS_KEY_ID, \
             AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN"
        ));
    }
    Err(format!("`{shown}` found no credentials: {}", told.trim()))
}
