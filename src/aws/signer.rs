//! Whose credentials the calls are signed with, in words: which source they come from, and what renews them.

use std::fmt;
use std::sync::Mutex;

use aws_smithy_types::config_bag::{Storable, StoreReplace};

use super::profiles::Kind;
use crate::lock::lock;

/// Where the credentials come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// `access_key` and `secret_key` of the provider block.
    Block,
    /// `AWS_ACCESS_KEY_ID` and its like.
    Environment,
    /// A profile, and what it has credentials by, where that is not a role of a container or an instance.
    Profile { name: String, kind: Option<Kind> },
    /// A token for a role, and where the token is.
    WebIdentity { role: String, token: String },
    /// The endpoint that a container is given.
    Container,
    /// The instance's metadata service.
    Instance,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Block => f.write_str("access_key of the provider block"),
            Self::Environment => f.write_str("AWS_ACCESS_KEY_ID of the environment"),
            Self::Profile {
                name,
                kind: Some(kind),
            } => write!(f, "profile {name} ({kind})"),
            Self::Profile { name, kind: None } => write!(f, "profile {name}"),
            Self::WebIdentity { role, token } => write!(f, "{token} for role {role}"),
            Self::Container => f.write_str("the container's credentials endpoint"),
            Self::Instance => f.write_str("the instance's metadata service"),
        }
    }
}

impl Source {
    /// The command or the change that gives credentials which are valid again.
    pub fn renewal(&self) -> String {
        match self {
            Self::Block => "Set access_key, secret_key and, for temporary credentials, token in the provider block anew."
                .to_owned(),
            Self::Environment => {
                "Set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for temporary credentials, AWS_SESSION_TOKEN anew, \
                 such as with: eval \"$(aws configure export-credentials --profile <profile> --format env)\". Or unset \
                 them and name a profile, in the provider block or of a command with --profile."
                    .to_owned()
            }
            Self::Profile { name, kind } => match kind {
                Some(Kind::Sso) => format!("Run: aws sso login --profile {name}"),
                Some(Kind::Login) => format!("Run: aws login --profile {name}"),
                Some(Kind::Process) => {
                    format!("Run its credential_process by hand, and see what it answers: aws configure \
                             export-credentials --profile {name}")
                }
                Some(Kind::Keys) => format!("Set its keys anew, with: aws configure --profile {name}"),
                None => format!("See what the AWS CLI says: aws sts get-caller-identity --profile {name}"),
            },
            Self::WebIdentity { token, .. } => {
                format!("Have {token} renewed, and see that the role trusts its issuer, audience and subject.")
            }
            Self::Container => "See that the task or pod has a role.".to_owned(),
            Self::Instance => {
                "If this is no EC2 instance, give credentials: run aws login or aws sso login and name the profile in \
                 AWS_PROFILE, in the provider block, or of a command with --profile; or set AWS_ACCESS_KEY_ID and \
                 AWS_SECRET_ACCESS_KEY, or access_key and secret_key in the block. If it is one, see that it has an instance \
                 profile."
                    .to_owned()
            }
        }
    }
}

/// The source of one provider configuration, the roles that are assumed with it, and the access key that they led to.
#[derive(Debug)]
pub struct Signer {
    pub source: Source,
    /// ARNs, in their order.
    pub roles: Vec<String>,
    key: Mutex<Option<String>>,
}

impl Signer {
    pub fn new(source: Source, roles: Vec<String>) -> Self {
        Self {
            source,
            roles,
            key: Mutex::default(),
        }
    }

    /// Takes note of the access key that was found.
    pub fn found(&self, access_key: &str) {
        *lock(&self.key) = Some(access_key.to_owned());
    }

    /// What an error of a call tells of who signed it.
    pub fn signed(&self) -> Signed {
        let mut who = self.source.to_string();
        if let Some(role) = self.roles.last() {
            who = format!("role {role}, assumed with {who}");
        }
        if let Some(key) = &*lock(&self.key) {
            who = format!("{who} (access key {key})");
        }
        Signed {
            who,
            renewal: self.source.renewal(),
        }
    }
}

/// Who signed a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The source, the last role and the access key.
    pub who: String,
    /// What gives credentials which are valid again.
    pub renewal: String,
}

impl Storable for Signed {
    type Storer = StoreReplace<Self>;
}

/// Why there are no credentials to sign with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct NoCredentials {
    pub why: String,
    /// What to do about it, in sentences.
    pub remedy: String,
}
