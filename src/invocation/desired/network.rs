//! The path that is asked for: which of its components are our own, and what each is to be.

use std::collections::BTreeSet;

use reconcile::Fact;
use terraform_plugin::Attr;

use super::{all_elements, optional, or_default};
use crate::component::{
    ConfigurationSpec, DnsResolution, EgressTarget, GatewaySpec, GroupSpec, IngressSpec, IpAddressType,
    PortRange, SeenGateway, SeenGroup, Target, UserTags, dns_name,
};
use crate::invocation::located::{Located, Lookup};
use crate::invocation::model::{Model, Network};

/// Addresses that each network interface of a gateway takes, where the configuration does not say: AWS's default.
pub const DEFAULT_ADDRESSES: i32 = 16;

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
    /// `Absent` for an address, and where somebody else's configuration does not show it.
    pub domain_name: Fact<String>,
    /// `Absent` for a DNS name.
    pub ip_address: Fact<String>,
    pub ports: Fact<BTreeSet<PortRange>>,
    shareable: Fact<bool>,
    /// Somebody else's gateway; `Absent` where it is our own, or where it cannot be seen and the state stands for it.
    pub shared_gateway: Fact<SeenGateway>,
    pub shared_gateway_id: Fact<String>,
    /// Somebody else's resource configuration; `Absent` where it is our own.
    pub shared_configuration_arn: Fact<String>,
    pub ip_address_type: Fact<IpAddressType>,
    pub ipv4_addresses_per_eni: Fact<i32>,
    dns_resolution: Fact<DnsResolution>,
    /// Of the resource configuration; `Absent` leaves the one that it has.
    pub address_type: Fact<IpAddressType>,
    /// Where the managed group lets traffic out to; `Absent` leaves its rules as they are.
    pub egress: Fact<BTreeSet<EgressTarget>>,
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
            IpAddressType::Ipv4,
        );
        // The VPC's resolver has no IPv6 address to be asked at.
        let ipv6 = ip_address_type.is(&IpAddressType::Ipv6);
        let default_resolution = if config.https_endpoint.is_null() || ipv6 {
            DnsResolution::Public
        } else {
            DnsResolution::InVpc
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
            ip_address: ip_address(config),
            ports: ports(config),
            shareable: or_default(
                &config.network(|network| &network.allow_association_to_shareable_service_network),
                true,
            ),
            address_type: address_type(&ip_address_type, located, &shared_gateway_id),
            ip_address_type,
            ipv4_addresses_per_eni: or_default(
                &config.network(|network| &network.ipv4_addresses_per_eni),
                i64::from(DEFAULT_ADDRESSES),
            )
            .map(|count| i32::try_from(count).unwrap_or(DEFAULT_ADDRESSES)),
            dns_resolution: or_default(
                &config.network(|network| &network.resource_config_dns_resolution),
                default_resolution,
            ),
            egress: egress(config, located),
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
        let ipv6 = *self.ip_address_type.as_ref().known()? == IpAddressType::Ipv6;
        (!ipv6).then_some(count.unsigned_abs())
    }

    pub fn group(&self, tags: &UserTags) -> Option<GroupSpec> {
        let spec = || GroupSpec {
            vpc_id: self.vpc_id.clone(),
            targets: self.egress.clone(),
            ports: self.ports.clone(),
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
            // The schema lets nobody ask for more than one range here.
            ports: match &self.ports {
                Fact::Known(ports) => ports.first().copied().map_or(Fact::Later, Fact::Known),
                Fact::Later | Fact::Absent => Fact::Later,
            },
            tags: tags.clone(),
        })
    }

    /// What the configuration leads to.
    fn target(&self) -> Fact<Target> {
        match &self.ip_address {
            Fact::Absent => self.domain_name.clone().map(Target::DomainName),
            address => address.clone().map(Target::IpAddress),
        }
    }

    pub fn configuration(&self, gateway: &Fact<SeenGateway>, tags: &UserTags) -> Option<ConfigurationSpec> {
        let gateway_id = match &self.shared_gateway_id {
            Fact::Absent => gateway.as_ref().map(|gateway| gateway.id.clone()),
            given => given.clone(),
        };
        let spec = || ConfigurationSpec {
            target: self.target(),
            ports: self.ports.clone(),
            shareable: self.shareable,
            ip_address_type: match self.ip_address {
                Fact::Absent => self.address_type.clone(),
                _ => Fact::Absent,
            },
            gateway_id,
            tags: tags.clone(),
        };
        match self.configuration {
            Wanted::Yes => Some(spec()),
            Wanted::Maybe => Some(ConfigurationSpec {
                target: Fact::Later,
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
        (Lookup::Seen(endpoint), ..) => Fact::Known(endpoint.vpc_id.clone()),
        (_, Lookup::Seen(vpc), _) => Fact::Known(vpc.vpc_id.clone()),
        (Lookup::Recorded, _, Some(prior)) | (_, Lookup::Recorded, Some(prior)) => recorded(&prior.vpc_id),
        _ => Fact::Later,
    }
}

fn domain_name(config: &Model, prior: Option<&Model>, located: &Located) -> Fact<String> {
    if !config.shared_resource_configuration_arn.is_null() {
        let given = &config.shared_resource_configuration_arn;
        let same = |prior: &&Model| given.is_known() && prior.resource_configuration_arn == *given;
        return match (&located.configuration, prior.filter(same)) {
            (Fact::Known(seen), _) => seen
                .domain_name()
                .map_or(Fact::Absent, |name| Fact::Known(name.to_owned())),
            // It cannot be seen any more: what the state says of it stands.
            (Fact::Later, Some(prior)) => optional(&prior.domain_name),
            (Fact::Later, None) => Fact::Later,
            (Fact::Absent, _) => Fact::Absent,
        };
    }
    match (&config.https_endpoint, &located.endpoint, prior) {
        (Attr::Known(given), ..) => optional(&given.domain_name).map(|name| dns_name(&name)),
        (Attr::Unknown, ..) => Fact::Later,
        (_, Lookup::Seen(endpoint), _) => Fact::Known(endpoint.domain_name.clone()),
        (_, Lookup::Recorded, Some(prior)) => recorded(&prior.domain_name),
        _ => Fact::Later,
    }
}

fn ip_address(config: &Model) -> Fact<String> {
    match &config.https_endpoint {
        Attr::Known(given) => optional(&given.ip_address),
        Attr::Null => Fact::Absent,
        Attr::Unknown => Fact::Later,
    }
}

fn ports(config: &Model) -> Fact<BTreeSet<PortRange>> {
    let one = |port: i64| BTreeSet::from([u16::try_from(port).map_or(PortRange::HTTPS, PortRange::one)]);
    let given = match &config.https_endpoint {
        Attr::Known(given) => given,
        Attr::Null => return Fact::Known(BTreeSet::from([PortRange::HTTPS])),
        Attr::Unknown => return Fact::Later,
    };
    match &given.port_ranges {
        Attr::Known(ranges) => {
            // What is no range the schema has refused.
            all_elements(ranges).map(|ranges| ranges.iter().filter_map(|range| range.parse().ok()).collect())
        }
        Attr::Null => or_default(&given.port, 443).map(one),
        Attr::Unknown => Fact::Later,
    }
}

/// The kind of address that the configuration's DNS name is resolved to: what the gateway has, IPv4 where it has
/// both, unless the endpoint has only IPv6.
fn address_type(
    gateway: &Fact<IpAddressType>,
    located: &Located,
    shared_gateway: &Fact<String>,
) -> Fact<IpAddressType> {
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
    match (gateway, &located.endpoint) {
        (IpAddressType::Ipv6, _) => Fact::Known(IpAddressType::Ipv6),
        (IpAddressType::Dualstack, Lookup::Seen(endpoint))
            if endpoint.ip_address_type == IpAddressType::Ipv6 =>
        {
            Fact::Known(IpAddressType::Ipv6)
        }
        // Whether the endpoint had IPv6 alone is written nowhere but in the configuration.
        (IpAddressType::Dualstack, Lookup::Recorded) => Fact::Absent,
        _ => Fact::Known(IpAddressType::Ipv4),
    }
}

/// What is named, of any kind; where nothing is, every CIDR of the VPC.
fn egress(config: &Model, located: &Located) -> Fact<BTreeSet<EgressTarget>> {
    type Kind = (Attr<BTreeSet<Attr<String>>>, fn(String) -> EgressTarget);
    let kinds: [Kind; 3] = [
        (
            config.network(|network| &network.egress_cidr_blocks),
            EgressTarget::Cidr,
        ),
        (
            config.network(|network| &network.egress_security_group_ids),
            EgressTarget::Group,
        ),
        (
            config.network(|network| &network.egress_prefix_list_ids),
            EgressTarget::PrefixList,
        ),
    ];
    let mut named: Option<BTreeSet<EgressTarget>> = None;
    for (given, of) in &kinds {
        match given {
            Attr::Known(given) => {
                let Fact::Known(given) = all_elements(given) else {
                    return Fact::Later;
                };
                named.get_or_insert_default().extend(given.into_iter().map(of));
            }
            Attr::Unknown => return Fact::Later,
            Attr::Null => {}
        }
    }
    let all = |cidrs: &BTreeSet<String>| Fact::Known(cidrs.iter().cloned().map(EgressTarget::Cidr).collect());
    match (named, &located.endpoint, &located.vpc) {
        (Some(named), ..) => Fact::Known(named),
        (None, Lookup::Seen(endpoint), _) => all(&endpoint.cidrs),
        (None, _, Lookup::Seen(vpc)) => all(&vpc.cidrs),
        (None, Lookup::Recorded, _) | (None, _, Lookup::Recorded) => Fact::Absent,
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
        (Lookup::Seen(endpoint), Attr::Known(vpc_id)) => endpoint.vpc_id == *vpc_id,
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
        (None, Lookup::Seen(endpoint)) => Fact::Known(endpoint.subnet_ids.clone()),
        (None, Lookup::Recorded | Lookup::Later) => Fact::Later,
    }
}
