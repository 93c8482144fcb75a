//! What a provider block says about AWS, once every value of it is known.

use std::path::PathBuf;
use std::time::Duration;

use aws_sdk_eventbridge::config::retry::RetryMode;

/// What a provider block says about AWS; `None` leaves it to the environment and the shared configuration files.
#[derive(Clone, Default)]
pub struct Settings {
    pub region: Option<String>,
    /// Whether any name is taken for a Region.
    pub any_region: bool,
    /// The Region of STS, where it is not the provider's.
    pub sts_region: Option<String>,
    pub access_key: Option<String>,
    pub secret_key: Option<String>,
    pub token: Option<String>,
    pub profile: Option<String>,
    /// Instead of `~/.aws/config`; empty for that file.
    pub shared_config_files: Vec<PathBuf>,
    /// Instead of `~/.aws/credentials`; empty for that file.
    pub shared_credentials_files: Vec<PathBuf>,
    /// Instead of any other source of credentials.
    pub web_identity: Option<WebIdentity>,
    /// Roles that are assumed one after the other, the first with the credentials found.
    pub roles: Vec<Role>,
    /// Whether the instance's metadata service is never asked.
    pub without_instance: bool,
    /// Attempts of a call, the first one included.
    pub max_retries: Option<u32>,
    pub retry_mode: Option<RetryMode>,
    pub endpoints: Endpoints,
    pub connection: Connection,
    /// Products before the SDK's own in the user agent, such as `Terraform/1.11.4`.
    pub user_agent: Vec<String>,
}

/// Where the services are, where that is not AWS: URLs, or `None` for the standard place.
#[derive(Debug, Clone, Default)]
pub struct Endpoints {
    pub ec2: Option<String>,
    pub vpclattice: Option<String>,
    pub eventbridge: Option<String>,
    pub sfn: Option<String>,
    pub sts: Option<String>,
}

/// How AWS is reached.
#[derive(Debug, Clone, Default)]
pub struct Connection {
    /// A file of certificate authorities, instead of the one that `AWS_CA_BUNDLE` names.
    pub ca_bundle: Option<PathBuf>,
    /// URL of the proxy for http.
    pub http_proxy: Option<String>,
    /// URL of the proxy for https.
    pub https_proxy: Option<String>,
    /// Hosts that are reached without a proxy, separated by commas.
    pub no_proxy: Option<String>,
    pub use_fips: Option<bool>,
    pub use_dual_stack: Option<bool>,
}

/// A role to assume, with what STS takes for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Role {
    pub arn: String,
    pub session_name: Option<String>,
    pub external_id: Option<String>,
    pub duration: Option<Duration>,
    /// A policy in JSON that narrows what the session may do.
    pub policy: Option<String>,
    /// ARNs of policies that do.
    pub policy_arns: Vec<String>,
    pub tags: Vec<(String, String)>,
    pub transitive_tag_keys: Vec<String>,
    pub source_identity: Option<String>,
}

/// A role to assume with a token of an OpenID Connect provider.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct WebIdentity {
    pub role_arn: String,
    pub session_name: Option<String>,
    pub token: Token,
    pub duration: Option<Duration>,
    pub policy: Option<String>,
    pub policy_arns: Vec<String>,
}

/// A token of an OpenID Connect provider.
#[derive(Clone, PartialEq, Eq)]
pub enum Token {
    Text(String),
    /// Read anew each time, since the file's content is renewed.
    File(PathBuf),
}

impl Default for Token {
    fn default() -> Self {
        Self::Text(String::new())
    }
}
