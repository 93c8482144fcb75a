//! The clients of one provider configuration: settings, credentials, Region.

use std::sync::Arc;
use std::time::Duration;

use aws_config::identity::IdentityCache;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_sdk_eventbridge::config::SharedHttpClient;
use aws_sdk_eventbridge::config::retry::RetryMode;

use super::answer;
use super::caller::Caller;
use super::events_retries::EventsRetries;
use super::patience::{self, Patience};
use super::trust;

/// Where the services are, where that is not AWS: URLs, or `None` for the standard place.
#[derive(Debug, Clone, Default)]
pub struct Endpoints {
    pub ec2: Option<String>,
    pub vpclattice: Option<String>,
    pub eventbridge: Option<String>,
    pub sts: Option<String>,
}

/// What a provider block says about AWS; `None` leaves it to the standard chain.
#[derive(Clone, Default)]
pub struct Settings {
    pub region: Option<String>,
    pub access_key: Option<String>,
    pub secret_key: Option<String>,
    pub token: Option<String>,
    pub profile: Option<String>,
    /// Attempts of a call, the first one included.
    pub max_retries: Option<u32>,
    pub retry_mode: Option<RetryMode>,
    pub endpoints: Endpoints,
}

/// Why clients cannot be made from [`Settings`].
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// Neither the settings nor the standard chain name a Region.
    #[error("no Region is set")]
    NoRegion,
    /// The certificate authorities cannot be loaded; the words say which file.
    #[error("{0}")]
    Trust(String),
}

/// The clients of one Region.
pub struct Clients {
    pub ec2: aws_sdk_ec2::Client,
    pub lattice: aws_sdk_vpclattice::Client,
    pub events: aws_sdk_eventbridge::Client,
    pub sts: aws_sdk_sts::Client,
}

/// What the clients of every Region are made of.
pub struct Base {
    config: SdkConfig,
    endpoints: Endpoints,
    region: String,
    caller: Arc<Caller>,
}

impl Base {
    /// Finds what the settings leave open. No call is made, unless the standard chain must ask the instance for its
    /// Region.
    pub async fn load(settings: Settings) -> Result<Self, Unusable> {
        let http = trust::http_client().map_err(Unusable::Trust)?;
        Self::over(http, settings).await
    }

    /// The same over another HTTP client.
    async fn over(http: SharedHttpClient, settings: Settings) -> Result<Self, Unusable> {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(5))
            .operation_attempt_timeout(patience::ATTEMPT)
            .build();
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(answer::bounded(http.clone()))
            .timeout_config(timeouts);
        if let Some(region) = settings.region {
            loader = loader.region(Region::new(region));
        }
        if let Some(profile) = settings.profile {
            loader = loader.profile_name(profile);
        }
        if let (Some(key), Some(secret)) = (settings.access_key, settings.secret_key) {
            loader = loader.credentials_provider(Credentials::new(
                key,
                secret,
                settings.token,
                None,
                "provider block",
            ));
        }
        let config = loader.load().await;
        let region = config.region().ok_or(Unusable::NoRegion)?.to_string();
        // What the chain asks (instances, containers, SSO) speaks otherwise than AWS's services do.
        let mut services = config
            .to_builder()
            .http_client(answer::of_aws(http))
            .retry_config(patience::retries(
                settings.max_retries.unwrap_or_else(|| attempts_of(&config)),
                settings.retry_mode.unwrap_or_else(|| mode_of(&config)),
            ))
            .identity_cache(IdentityCache::lazy().load_timeout(2 * CREDENTIALS_LOAD).build());
        if let Some(chain) = config.credentials_provider() {
            services = services.credentials_provider(SharedCredentialsProvider::new(Chain(chain)));
        }
        let config = services.build();
        Ok(Self {
            config,
            endpoints: settings.endpoints,
            region,
            caller: Arc::default(),
        })
    }

    /// The Region that the settings or the standard chain name.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Whose credentials the calls are signed with.
    pub fn caller(&self) -> Arc<Caller> {
        Arc::clone(&self.caller)
    }

    /// The clients of a Region.
    pub fn clients(&self, region: &str) -> Clients {
        let config = self
            .config
            .to_builder()
            .region(Region::new(region.to_owned()))
            .build();
        let endpoints = &self.endpoints;
        let mut ec2 = aws_sdk_ec2::config::Builder::from(&config)
            .retry_partition(patience::budget("ec2"))
            .interceptor(Patience);
        if let Some(url) = &endpoints.ec2 {
            ec2.set_endpoint_url(Some(url.clone()));
        }
        let mut lattice = aws_sdk_vpclattice::config::Builder::from(&config)
            .retry_partition(patience::budget("vpclattice"))
            .interceptor(Patience);
        if let Some(url) = &endpoints.vpclattice {
            lattice.set_endpoint_url(Some(url.clone()));
        }
        let mut events = aws_sdk_eventbridge::config::Builder::from(&config)
            .retry_partition(patience::budget("eventbridge"))
            .interceptor(Patience)
            .retry_classifier(EventsRetries);
        if let Some(url) = &endpoints.eventbridge {
            events.set_endpoint_url(Some(url.clone()));
        }
        let mut sts = aws_sdk_sts::config::Builder::from(&config)
            .retry_partition(patience::budget("sts"))
            .interceptor(Patience);
        if let Some(url) = &endpoints.sts {
            sts.set_endpoint_url(Some(url.clone()));
        }
        Clients {
            ec2: aws_sdk_ec2::Client::from_conf(ec2.build()),
            lattice: aws_sdk_vpclattice::Client::from_conf(lattice.build()),
            events: aws_sdk_eventbridge::Client::from_conf(events.build()),
            sts: aws_sdk_sts::Client::from_conf(sts.build()),
        }
    }
}

/// The attempts that the environment or the profile names, else those of this provider.
fn attempts_of(config: &SdkConfig) -> u32 {
    /// What the SDK takes where nobody says.
    const DEFAULT: u32 = 3;
    let found = config.retry_config().map(|retries| retries.max_attempts());
    let named = std::env::var_os("AWS_MAX_ATTEMPTS").is_some();
    found
        .filter(|attempts| named || *attempts != DEFAULT)
        .unwrap_or(patience::ATTEMPTS)
}

/// The mode that the environment or the profile names, else the SDK's.
fn mode_of(config: &SdkConfig) -> RetryMode {
    let found = config.retry_config().map(|retries| retries.mode());
    found.unwrap_or(RetryMode::Standard)
}

/// How long credentials may take: a `credential_process` may ask somebody.
const CREDENTIALS_LOAD: Duration = Duration::from_secs(30);

/// The chain of credentials. One that takes too long is an error of credentials, too; of the SDK's own time-out nobody could
/// tell what was not in time.
#[derive(Debug)]
struct Chain(SharedCredentialsProvider);

impl ProvideCredentials for Chain {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            let loaded = tokio::time::timeout(CREDENTIALS_LOAD, self.0.provide_credentials());
            let too_late = || Err(CredentialsError::provider_timed_out(CREDENTIALS_LOAD));
            loaded.await.unwrap_or_else(|_| too_late())
        })
    }
}

#[cfg(test)]
mod tests;
