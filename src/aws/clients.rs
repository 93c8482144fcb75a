//! The clients of one provider configuration: settings, credentials, Region.

use std::sync::Arc;
use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_sdk_eventbridge::error::ProvideErrorMetadata;
use aws_sdk_eventbridge::operation::create_api_destination::CreateApiDestinationError;
use aws_sdk_eventbridge::operation::create_connection::CreateConnectionError;
use aws_sdk_eventbridge::operation::delete_api_destination::DeleteApiDestinationError;
use aws_sdk_eventbridge::operation::delete_connection::DeleteConnectionError;
use aws_sdk_eventbridge::operation::update_api_destination::UpdateApiDestinationError;
use aws_sdk_eventbridge::operation::update_connection::UpdateConnectionError;
use aws_smithy_runtime_api::client::interceptors::context::Error as OperationError;
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{
    ClassifyRetry, RetryAction, RetryClassifierPriority,
};

use super::caller::Caller;
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
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(5))
            .operation_attempt_timeout(Duration::from_secs(60))
            .build();
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .http_client(http)
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
        let mut ec2 = aws_sdk_ec2::config::Builder::from(&config);
        if let Some(url) = &endpoints.ec2 {
            ec2.set_endpoint_url(Some(url.clone()));
        }
        let mut lattice = aws_sdk_vpclattice::config::Builder::from(&config);
        if let Some(url) = &endpoints.vpclattice {
            lattice.set_endpoint_url(Some(url.clone()));
        }
        let mut events = aws_sdk_eventbridge::config::Builder::from(&config).retry_classifier(EventsRetries);
        if let Some(url) = &endpoints.eventbridge {
            events.set_endpoint_url(Some(url.clone()));
        }
        let mut sts = aws_sdk_sts::config::Builder::from(&config);
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

/// What the SDK does not know of EventBridge's errors. A full quota is a LimitExceededException, which SDKs take
/// for throttling and retry for minutes (hashicorp/terraform-provider-aws#49845); a
/// ConcurrentModificationException passes by itself.
#[derive(Debug)]
struct EventsRetries;

impl ClassifyRetry for EventsRetries {
    fn classify_retry(&self, cx: &InterceptorContext) -> RetryAction {
        let error = cx.output_or_error().and_then(Result::err);
        match error.and_then(|error| error.as_operation_error()).and_then(code) {
            Some("LimitExceededException") => RetryAction::RetryForbidden,
            Some("ConcurrentModificationException") => RetryAction::transient_error(),
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "a full quota is not throttling, and a concurrent modification passes"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_before(RetryClassifierPriority::http_status_code_classifier())
    }
}

/// The error code of the operations that change connections and API destinations.
fn code(error: &OperationError) -> Option<&str> {
    fn of<E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static>(
        error: &OperationError,
    ) -> Option<&str> {
        error.downcast_ref::<E>()?.code()
    }
    of::<CreateConnectionError>(error)
        .or_else(|| of::<UpdateConnectionError>(error))
        .or_else(|| of::<DeleteConnectionError>(error))
        .or_else(|| of::<CreateApiDestinationError>(error))
        .or_else(|| of::<UpdateApiDestinationError>(error))
        .or_else(|| of::<DeleteApiDestinationError>(error))
}
