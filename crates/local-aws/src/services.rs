//! The services, one folder each.

mod apigateway;
pub(crate) mod ec2;
pub(crate) mod events;
pub(crate) mod iam;
pub(crate) mod kms;
pub(crate) mod lattice;
pub(crate) mod secretsmanager;
pub(crate) mod states;
pub(crate) mod sts;

use std::sync::LazyLock;

use crate::core::registration::Registry;
use crate::dataplane::delivery;
use crate::service::Service;

/// Every service, by one line. One that is not named by its signature is taken to be the first.
pub(crate) static SERVICES: [&Service; 9] = [
    &ec2::SERVICE,
    &lattice::SERVICE,
    &events::SERVICE,
    &states::SERVICE,
    &sts::SERVICE,
    &secretsmanager::SERVICE,
    &kms::SERVICE,
    &iam::SERVICE,
    &apigateway::SERVICE,
];

/// What has a part in the world: the services, and the deliveries on their way.
pub(crate) static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
    let services = SERVICES.iter().map(|service| service.registration);
    Registry(services.chain([&delivery::REGISTRATION]).collect())
});
