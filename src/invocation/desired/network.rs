//! The path that is asked for: which of its components are our own, and what each is to be.

use std::collections::BTreeSet;

use reconcile::Fact;
use terraform_plugin::Attr;

use super::{all_elements, optional, or_default};
use crate::component::{
    ConfigurationSpec, GatewaySpec, GroupSpec, IngressSpec, SeenGateway, SeenGroup, UserTags,
};
use crate::invocation::located::{Located, Look};
use crate::invocation::model::{Model, Network};

/// Addresses that each network interface of a gateway takes, where the configuration does not say: AWS's default.
pub const DEFAULT_ADDRESSES: i32 = 16;

/// The port of HTTPS.
pub const HTTPS: u16 = 443;

/// Whether a component of our own is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    Yes,
    No,
    /// What decides it is not known yet.
    Maybe,
}

/// What is wanted of the path.
#[derive(Debug, Clone)]
pub struct DesiredPath {
    pub group: Wanted,
    pub ingress: Wanted,
    pub gateway: Wanted,
    pub configuration: Wanted,
    pub vpc_id: Fact<String>,
    pub subnet_ids: Fact<BTreeSet<String>>,
    pub domain_name: Fact<String>,
    pub port: Fact<u16>,
    /// Somebody else's gateway; `Absent` where it is our own, or where it cannot be seen and the state stands for it.
    pub shared_gateway: Fact<SeenGateway>,
    pub shared_gateway_id: Fact<String>,
    /// Somebody else's resource configuration; `Absent` where it is our own.
    pub shared_configuration_arn: Fact<String>,
    pub ip_address_type: Fact<String>,
    pub ipv4_addresses_per_eni: Fact<i32>,
    dns_resolution: Fact<String>,
    /// Of the resource configuration; `Absent` leaves the one that it has.
    pub address_type: Fact<String>,
    /// Where the managed group lets traffic out to; `Absent` leaves its rules as they are.
    pub cidrs: Fact<BTreeSet<String>>,
    /// The groups that are given; `Absent` for a managed one.
    pub given_group_ids: Fact<BTreeSet<String>>,
    pub ingress_group_id: Fact<String>,
}

impl DesiredPath {
    /// What `config` asks for where it is `located`, after `prior`.
    pub fn new(config: &Model, prior: Option<&Model>, located: &Located) -> Self {
        let shared_configuration_arn = optional(&config.shared_resource_configuration_arn);
        let shared_gateway_id = optional(&config.network(|network| &network.resource_gateway_id));
        let configuration = no_if(&shared_configuration_arn);
        let gateway = configuration.and(no_if(&shared_gateway_id));
        let given_group_ids = match config.network(|network| &network.security_group_ids) {
            Attr::Known(ids) => all_elements(&ids),
            Attr::Null => Fact::Absent,
            Attr::Unknown => Fact::Later,
        };
        // Elements that are not known yet do not make the set a null one.
        let given_groups = match config.network(|network| &network.security_group_ids) {
            Attr::Known(_) => Wanted::No,
            Attr::Null => Wanted::Yes,
            Attr::Unknown => Wanted::Maybe,
        };
        let ingress_group_id =
            optional(&config.network(|network| &network.endpoint_ingress_security_group_id));
        let ip_address_type = or_default(
            &config.network(|network| &network.ip_address_type),
            "IPV4".to_owned(),
        );
        // The VPC's resolver has no IPv6 address to be asked at.
        let ipv6 = ip_address_type.is(&"IPV6".to_owned());
        let default_resolution = if config.https_endpoint.is_null() || ipv6 {
            "PUBLIC"
        } else {
            "IN_VPC"
        };
        Self {
            group: gateway.and(given_groups),
            ingress: configuration.and(match ingress_group_id {
                Fact::Known(_) => Wanted::Yes,
                Fact::Absent => Wanted::No,
                Fact::Later => Wanted::Maybe,
            }),
            gateway,
            configuration,
            vpc_id: vpc_id(config, prior, located),
            subnet_ids: subnet_ids(config, prior, located),
            domain_name: domain_name(config, prior, located),
            port: port(config),
            address_type: address_type(&ip_address_type, located, &shared_gateway_id),
            ip_address_type,
            ipv4_addresses_per_eni: or_default(
                &config.network(|network| &network.ipv4_addresses_per_eni),
                i64::from(DEFAULT_ADDRESSES),
            )
            .map(|count| i32::try_from(count).unwrap_or(DEFAULT_ADDRESSES)),
            dns_resolution: or_default(
                &config.network(|network| &network.resource_config_dns_resolution),
                default_resolution.to_owned(),
            ),
            cidrs: cidrs(config, located),
            given_group_ids,
            ingress_group_id,
            shared_gateway: located.gateway.clone(),
            shared_gateway_id,
            shared_configuration_arn,
        }
    }

    /// IPv4 addresses that a gateway of our own takes in each subnet; `None` where it has IPv6 alone, or nothing is known.
    pub fn addresses(&self) -> Option<u32> {
        let count = self.ipv4_addresses_per_eni.known()?;
        let ipv6 = self.ip_address_type.as_ref().known()? == "IPV6";
        (!ipv6).then_some(count.unsigned_abs())
    }

    pub fn group(&self, tags: &UserTags) -> Option<GroupSpec> {
        let spec = || GroupSpec {
            vpc_id: self.vpc_id.clone(),
            cidrs: self.cidrs.clone(),
            port: self.port,
            keeps_rules: false,
            tags: tags.clone(),
        };
        match self.group {
            Wanted::Yes => Some(spec()),
            // Another VPC is what makes a group another one.
            Wanted::Maybe => Some(GroupSpec {
                vpc_id: Fact::Later,
                ..spec()
            }),
            Wanted::No => None,
        }
    }

    /// The groups of the gateway, ours or not.
    fn group_ids(&self, group: &Fact<SeenGroup>) -> Fact<BTreeSet<String>> {
        match (&self.shared_gateway_id, &self.given_group_ids) {
            (Fact::Absent, Fact::Absent) => group.as_ref().map(|group| BTreeSet::from([group.id.clone()])),
            (Fact::Absent, given) => given.clone(),
            _ => self
                .shared_gateway
                .as_ref()
                .map(|gateway| gateway.security_group_ids.clone()),
        }
    }

    pub fn gateway(&self, group: &Fact<SeenGroup>, tags: &UserTags) -> Option<GatewaySpec> {
        let spec = || GatewaySpec {
            vpc_id: self.vpc_id.clone(),
            subnet_ids: self.subnet_ids.clone(),
            security_group_ids: self.group_ids(group),
            ip_address_type: self.ip_address_type.clone(),
            ipv4_addresses_per_eni: self.ipv4_addresses_per_eni,
            dns_resolution: self.dns_resolution.clone(),
            tags: tags.clone(),
        };
        match self.gateway {
            Wanted::Yes => Some(spec()),
            Wanted::Maybe => Some(GatewaySpec {
                vpc_id: Fact::Later,
                ..spec()
            }),
            Wanted::No => None,
        }
    }

    pub fn ingress(&self, group: &Fact<SeenGroup>, tags: &UserTags) -> Option<IngressSpec> {
        (self.ingress != Wanted::No).then(|| IngressSpec {
            group_id: match self.ingress {
                Wanted::Yes => self.ingress_group_id.clone(),
                _ => Fact::Later,
            },
            source_group_ids: self.group_ids(group),
            port: self.port,
            tags: tags.clone(),
        })
    }

    pub fn configuration(&self, gateway: &Fact<SeenGateway>, tags: &UserTags) -> Option<ConfigurationSpec> {
        let gateway_id = match &self.shared_gateway_id {
            Fact::Absent => gateway.as_ref().map(|gateway| gateway.id.clone()),
            given => given.clone(),
        };
        let spec = || ConfigurationSpec {
            domain_name: self.domain_name.clone(),
            port: self.port,
            ip_address_type: self.address_type.clone(),
            gateway_id,
            tags: tags.clone(),
        };
        match self.configuration {
            Wanted::Yes => Some(spec()),
            Wanted::Maybe => Some(ConfigurationSpec {
                domain_name: Fact::Later,
                ..spec()
            }),
            Wanted::No => None,
        }
    }
}

impl Wanted {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, Self::Yes) => Self::Yes,
            _ => Self::Maybe,
        }
    }
}

/// Our own is wanted unless somebody else's is given.
fn no_if<T>(given: &Fact<T>) -> Wanted {
    match given {
        Fact::Known(_) => Wanted::No,
        Fact::Absent => Wanted::Yes,
        Fact::Later => Wanted::Maybe,
    }
}

/// What the state says, where the endpoint is still the one that it speaks of.
fn recorded<T: Clone>(attribute: &Attr<T>) -> Fact<T> {
    attribute.known().cloned().map_or(Fact::Later, Fact::Known)
}

fn vpc_id(config: &Model, prior: Option<&Model>, located: &Located) -> Fact<String> {
    if !config.shared_resource_configuration_arn.is_null() {
        return Fact::Absent;
    }
    if !config.network(|network| &network.resource_gateway_id).is_null() {
        return match &located.gateway {
            Fact::Absent => prior.map_or(Fact::Later, |prior| recorded(&prior.vpc_id)),
            gateway => gateway.as_ref().map(|gateway| gateway.vpc_id.clone()),
        };
    }
    match (&located.endpoint, &located.vpc, prior) {
        (Look::Here(endpoint), ..) => Fact::Known(endpoint.vpc_id.clone()),
        (_, Look::Here(vpc), _) => Fact::Known(vpc.vpc_id.clone()),
        (Look::Recorded, _, Some(prior)) | (_, Look::Recorded, Some(prior)) => recorded(&prior.vpc_id),
        _ => Fact::Later,
    }
}

fn domain_name(config: &Model, prior: Option<&Model>, located: &Located) -> Fact<String> {
    if !config.shared_resource_configuration_arn.is_null() {
        let given = &config.shared_resource_configuration_arn;
        let same = |prior: &&Model| given.is_known() && prior.resource_configuration_arn == *given;
        return match (&located.configuration, prior.filter(same)) {
            (Fact::Known(seen), _) => seen.domain_name.clone().map_or(Fact::Absent, Fact::Known),
            // It cannot be seen any more: what the state says of it stands.
            (Fact::Later, Some(prior)) => optional(&prior.domain_name),
            (Fact::Later, None) => Fact::Later,
            (Fact::Absent, _) => Fact::Absent,
        };
    }
    match (&config.https_endpoint, &located.endpoint, prior) {
        (Attr::Known(given), ..) => super::required(&given.domain_name),
        (Attr::Unknown, ..) => Fact::Later,
        (_, Look::Here(endpoint), _) => Fact::Known(endpoint.domain_name.clone()),
        (_, Look::Recorded, Some(prior)) => recorded(&prior.domain_name),
        _ => Fact::Later,
    }
}

fn port(config: &Model) -> Fact<u16> {
    let given = match &config.https_endpoint {
        Attr::Known(given) => &given.port,
        Attr::Null => return Fact::Known(HTTPS),
        Attr::Unknown => return Fact::Later,
    };
    or_default(given, i64::from(HTTPS)).map(|port| u16::try_from(port).unwrap_or(HTTPS))
}

/// The kind of address that the configuration's DNS name is resolved to: what the gateway has, IPv4 where it has
/// both, unless the endpoint has only IPv6.
fn address_type(gateway: &Fact<String>, located: &Located, shared_gateway: &Fact<String>) -> Fact<String> {
    let gateway = match shared_gateway {
        Fact::Absent => gateway.clone(),
        _ => located
            .gateway
            .as_ref()
            .map(|gateway| gateway.ip_address_type.clone()),
    };
    let Fact::Known(gateway) = gateway else {
        return gateway;
    };
    match (gateway.as_str(), &located.endpoint) {
        ("IPV6", _) => Fact::Known(gateway),
        ("DUALSTACK", Look::Here(endpoint)) if endpoint.ip_address_type == "IPV6" => {
            Fact::Known("IPV6".to_owned())
        }
        // Whether the endpoint had IPv6 alone is written nowhere but in the configuration.
        ("DUALSTACK", Look::Recorded) => Fact::Absent,
        _ => Fact::Known("IPV4".to_owned()),
    }
}

fn cidrs(config: &Model, located: &Located) -> Fact<BTreeSet<String>> {
    match config.network(|network| &network.egress_cidr_blocks) {
        Attr::Known(given) => return all_elements(&given),
        Attr::Unknown => return Fact::Later,
        Attr::Null => {}
    }
    match (&located.endpoint, &located.vpc) {
        (Look::Here(endpoint), _) => Fact::Known(endpoint.cidrs.clone()),
        (_, Look::Here(vpc)) => Fact::Known(vpc.cidrs.clone()),
        (Look::Recorded, _) | (_, Look::Recorded) => Fact::Absent,
        _ => Fact::Later,
    }
}

/// The subnets of the gateway: somebody else's as it has them; the configured ones; else the recorded ones, as
/// long as the endpoint stays, and the recorded gateway is in its VPC; else the endpoint's.
fn subnet_ids(config: &Model, prior: Option<&Model>, located: &Located) -> Fact<BTreeSet<String>> {
    if !config.shared_resource_configuration_arn.is_null() {
        return Fact::Absent;
    }
    if !config.network(|network| &network.resource_gateway_id).is_null() {
        return match &located.gateway {
            Fact::Absent => prior.map_or(Fact::Later, |prior| recorded(&prior.subnet_ids)),
            gateway => gateway.as_ref().map(|gateway| gateway.subnet_ids.clone()),
        };
    }
    match config.network(|network| &network.subnet_ids) {
        Attr::Known(ids) => return all_elements(&ids),
        Attr::Unknown => return Fact::Later,
        Attr::Null => {}
    }
    // After a move to another VPC that ended early the state can name the new endpoint beside the old gateway.
    let in_its_vpc = |prior: &Model| match (&located.endpoint, &prior.vpc_id) {
        (Look::Here(endpoint), Attr::Known(vpc_id)) => endpoint.vpc_id == *vpc_id,
        _ => true,
    };
    let own = |prior: &&Model| {
        in_its_vpc(prior)
            && prior.vpc_endpoint_id == config.vpc_endpoint_id
            && prior
                .network(|network: &Network| &network.resource_gateway_id)
                .is_null()
    };
    let recorded = prior.filter(own).and_then(|prior| prior.subnet_ids.known());
    match (recorded, &located.endpoint) {
        (Some(recorded), _) => Fact::Known(recorded.clone()),
        (None, Look::Here(endpoint)) => Fact::Known(endpoint.subnet_ids.clone()),
        (None, Look::Recorded | Look::Later) => Fact::Later,
    }
}
