//! The clients of one provider configuration: settings, credentials, Region.

use std::sync::Arc;
use std::time::Duration;

use aws_config::identity::IdentityCache;
use aws_config::imds::region::ImdsRegionProvider;
use aws_config::meta::region::ProvideRegion as _;
use aws_config::profile::ProfileFileRegionProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_eventbridge::config::SharedHttpClient;

use super::answer;
use super::audible::Audible;
use super::caller::Caller;
use super::credentials::{self, Finder, Found};
use super::events_retries::EventsRetries;
use super::host_prefix::HostPrefix;
use super::inherited::{self, Unfit};
use super::patience::{self, Patience};
use super::profiles::{Profiles, Unsuitable, variable_set};
use super::region;
use super::settings::{Endpoints, Settings};
use super::signer::Signer;
use super::trust;

/// The time that a connection has to be made.
const CONNECT: Duration = Duration::from_secs(5);

/// Why clients cannot be made from [`Settings`].
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// Neither the settings nor the standard chain name a Region.
    #[error("no Region is set")]
    NoRegion,
    /// What is set is no Region, as far as anybody knows.
    #[error("{0} is not the name of a Region")]
    UnknownRegion(String),
    /// The certificate authorities or a proxy.
    #[error(transparent)]
    Connection(#[from] trust::Unusable),
    /// The shared configuration files or the profile.
    #[error(transparent)]
    Profile(#[from] Unsuitable),
    /// A variable or a key of the profile that counts for a setting.
    #[error(transparent)]
    Inherited(#[from] Unfit),
}

/// The clients of one Region.
pub struct Clients {
    pub ec2: aws_sdk_ec2::Client,
    pub lattice: aws_sdk_vpclattice::Client,
    pub events: aws_sdk_eventbridge::Client,
    pub states: aws_sdk_sfn::Client,
    pub sts: aws_sdk_sts::Client,
}

/// What the clients of every Region are made of.
pub struct Base {
    config: SdkConfig,
    endpoints: Endpoints,
    region: String,
    any_region: bool,
    sts_region: Option<String>,
    caller: Arc<Caller>,
    signer: Arc<Signer>,
    products: String,
}

impl Base {
    /// Finds what the settings leave open. No call is made, unless the standard chain must ask the instance for its
    /// Region.
    pub async fn load(settings: Settings) -> Result<Self, Unusable> {
        let http = trust::http_client(&settings.connection)?;
        Self::over(http, settings).await
    }

    /// The same over another HTTP client.
    async fn over(http: SharedHttpClient, settings: Settings) -> Result<Self, Unusable> {
        let profiles = Profiles::load(&settings).await?;
        if settings.profile.is_some() && !profiles.has_chosen() {
            return Err(profiles.missing().into());
        }
        let settled = inherited::settle(&settings, &profiles)?;
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT)
            .operation_attempt_timeout(patience::ATTEMPT)
            .build();
        let for_chain = answer::bounded(http.clone());
        let unplaced = ProviderConfig::without_region().with_http_client(for_chain.clone());
        let region = region_of(&settings, &profiles, &unplaced).await;
        let region = region.ok_or(Unusable::NoRegion)?;
        let any_region = settings.any_region;
        if !any_region && !region::is_known(&region) {
            return Err(Unusable::UnknownRegion(region));
        }
        let config = aws_config::defaults(BehaviorVersion::latest())
            .http_client(for_chain)
            .profile_files(profiles.files.clone())
            .profile_name(profiles.name.clone())
            .no_credentials()
            .timeout_config(timeouts.clone())
            .retry_config(patience::retries(settled.attempts, settled.mode))
            .use_fips(settled.use_fips)
            .use_dual_stack(settled.use_dual_stack)
            .region(Region::new(region.clone()))
            .load()
            .await;
        // What the chain asks (instances, containers, SSO) speaks otherwise than AWS's services do.
        let config = config
            .to_builder()
            .http_client(answer::of_aws(http))
            .identity_cache(IdentityCache::lazy().load_timeout(2 * credentials::LOAD).build())
            .build();
        let products = settings.user_agent.join(" ");
        let chain = unplaced
            .with_timeout_config(timeouts)
            .with_region(config.region().cloned())
            .with_use_fips(config.use_fips())
            .with_use_dual_stack(config.use_dual_stack());
        let finder = Finder {
            sts: sts(
                &config,
                &settled.endpoints,
                settings.sts_region.as_deref(),
                None,
                &products,
            ),
            config: chain,
            settings: &settings,
            profiles: &profiles,
        };
        let Found { credentials, signer } = finder.find()?;
        Ok(Self {
            config: config.to_builder().credentials_provider(credentials).build(),
            endpoints: settled.endpoints,
            region,
            any_region,
            sts_region: settings.sts_region,
            caller: Arc::default(),
            signer,
            products,
        })
    }

    /// The Region that the settings or the standard chain name.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// Whether there is such a Region, or nobody is to check that.
    pub fn takes_region(&self, name: &str) -> bool {
        self.any_region || region::is_known(name)
    }

    /// Whose credentials the calls are signed with.
    pub fn caller(&self) -> Arc<Caller> {
        Arc::clone(&self.caller)
    }

    /// Where the credentials come from.
    pub fn signer(&self) -> &Signer {
        &self.signer
    }

    /// The clients of a Region.
    pub fn clients(&self, region: &str) -> Clients {
        let config = self
            .config
            .to_builder()
            .region(Region::new(region.to_owned()))
            .build();
        let endpoints = &self.endpoints;
        let patience = || Patience {
            signer: Some(Arc::clone(&self.signer)),
        };
        let audible = || Audible {
            products: self.products.clone(),
        };
        let mut ec2 = aws_sdk_ec2::config::Builder::from(&config)
            .retry_partition(patience::budget("ec2"))
            .interceptor(patience())
            .interceptor(audible());
        ec2.set_endpoint_url(endpoints.ec2.clone());
        let mut lattice = aws_sdk_vpclattice::config::Builder::from(&config)
            .retry_partition(patience::budget("vpclattice"))
            .interceptor(patience())
            .interceptor(audible());
        lattice.set_endpoint_url(endpoints.vpclattice.clone());
        let mut events = aws_sdk_eventbridge::config::Builder::from(&config)
            .retry_partition(patience::budget("eventbridge"))
            .interceptor(patience())
            .interceptor(audible())
            .retry_classifier(EventsRetries);
        events.set_endpoint_url(endpoints.eventbridge.clone());
        // A test of a state answers once its call has, which may take as long as any attempt elsewhere.
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT)
            .operation_attempt_timeout(2 * patience::ATTEMPT);
        let mut states = aws_sdk_sfn::config::Builder::from(&config)
            .timeout_config(timeouts.build())
            .retry_partition(patience::budget("sfn"))
            .interceptor(HostPrefix)
            .interceptor(patience())
            .interceptor(audible());
        states.set_endpoint_url(endpoints.sfn.clone());
        let region = self.sts_region.as_deref();
        let signer = Some(&self.signer);
        let sts = sts(&config, endpoints, region, signer, &self.products);
        Clients {
            ec2: aws_sdk_ec2::Client::from_conf(ec2.build()),
            lattice: aws_sdk_vpclattice::Client::from_conf(lattice.build()),
            events: aws_sdk_eventbridge::Client::from_conf(events.build()),
            states: aws_sdk_sfn::Client::from_conf(states.build()),
            sts: aws_sdk_sts::Client::from_conf(sts.build()),
        }
    }
}

/// STS in the Region of `config`, or in another one.
fn sts(
    config: &SdkConfig,
    endpoints: &Endpoints,
    region: Option<&str>,
    signer: Option<&Arc<Signer>>,
    products: &str,
) -> aws_sdk_sts::config::Builder {
    let mut sts = aws_sdk_sts::config::Builder::from(config)
        .retry_partition(patience::budget("sts"))
        .interceptor(Patience {
            signer: signer.cloned(),
        })
        .interceptor(Audible {
            products: products.to_owned(),
        });
    sts.set_endpoint_url(endpoints.sts.clone());
    if let Some(region) = region {
        sts = sts.region(Region::new(region.to_owned()));
    }
    sts
}

/// The Region of the settings, else of the environment, else of the profile, else of the instance. One that is empty is none.
async fn region_of(settings: &Settings, profiles: &Profiles, asking: &ProviderConfig) -> Option<String> {
    let named = settings.region.clone().or_else(|| variable_set("AWS_REGION"));
    let named = named.or_else(|| variable_set("AWS_DEFAULT_REGION"));
    if named.is_some() {
        return named;
    }
    let of_profile = ProfileFileRegionProvider::builder()
        .configure(asking)
        .profile_files(profiles.files.clone())
        .profile_name(profiles.name.clone())
        .build();
    let found = of_profile.region().await.map(|region| region.to_string());
    let found = found.filter(|region| !region.is_empty());
    if found.is_some() || settings.without_instance {
        return found;
    }
    let instance = ImdsRegionProvider::builder().configure(asking).build();
    instance.region().await.map(|region| region.to_string())
}

#[cfg(test)]
mod tests;
