//! What tests of several rooms begin with: a local AWS without delays, a provider that is configured for it, and the clients
//! of a user who works by hand.

use std::sync::Arc;

use local_aws::{LocalAws, Options, Speed};
use terraform_plugin::config;
use terraform_plugin::testing::Host;

use crate::aws::{Endpoints, Settings};
use crate::client::{Aws, Regions};
use crate::provider::Private;

pub fn local_aws() -> LocalAws {
    let options = Options {
        speed: Speed::Instant,
        ..Options::default()
    };
    LocalAws::start(options).expect("a local AWS starts on a free port of the loopback interface")
}

/// A provider that is configured for a local AWS.
pub async fn host(aws: &LocalAws) -> Host {
    let host = Host::new(Private);
    let (url, region) = (aws.endpoint(), aws.seed().region.as_str());
    let block = config! {
        region = region,
        access_key = "local",
        secret_key = "local",
        endpoints = { ec2 = url, vpclattice = url, eventbridge = url, sfn = url, sts = url },
    };
    host.configure(block).await.expect("the provider is configured");
    host
}

/// The clients of a user who works by hand.
pub async fn by_hand(aws: &LocalAws) -> Arc<Aws> {
    let url = Some(aws.endpoint().to_owned());
    let settings = Settings {
        region: Some(aws.seed().region.clone()),
        access_key: Some("local".to_owned()),
        secret_key: Some("local".to_owned()),
        endpoints: Endpoints {
            ec2: url.clone(),
            vpclattice: url.clone(),
            eventbridge: url.clone(),
            sfn: url.clone(),
            sts: url,
        },
        ..Settings::default()
    };
    Regions::new(settings).await.expect("clients").get(None)
}
