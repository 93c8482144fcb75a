//! Why an endpoint, or the network around it, cannot be used; each with its remedy.

use std::collections::BTreeSet;

use crate::aws::AwsError;
use crate::component::{EgressTarget, IpAddressType};

/// What lets the gateway out, or does not; security groups and CIDRs in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outlet {
    /// The managed group, to these.
    Managed(BTreeSet<EgressTarget>),
    /// The groups that the configuration names.
    Given(String),
    /// Somebody else's gateway, with its groups.
    Gateway(String, String),
}

/// For what the configuration gives a security group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    /// For the gateway to have.
    Gateway,
    /// For the managed group to let out to.
    Egress,
}

impl Given {
    /// The argument of `network`.
    pub fn argument(self) -> &'static str {
        match self {
            Self::Gateway => "security_group_ids",
            Self::Egress => "egress_security_group_ids",
        }
    }

    /// What helps where the group is of another VPC.
    fn remedy(self) -> &'static str {
        match self {
            Self::Gateway => {
                "A resource gateway takes groups of its own VPC: give such ones in network.security_group_ids, or remove \
                 that, and a group is made."
            }
            Self::Egress => {
                "No address of the endpoint is in it, so calls would time out. Give a security group of the endpoint in \
                 network.egress_security_group_ids, or the endpoint's addresses in network.egress_cidr_blocks."
            }
        }
    }
}

/// Why an endpoint cannot be used. All of them can pass, except `WrongType`.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    #[error(
        "There is no VPC endpoint {0} in this account and Region. Check the id, and the Region of the provider."
    )]
    Missing(String),
    #[error(
        "{id} is {what}. Give the id of an interface endpoint for the service com.amazonaws.<region>.execute-api, the one \
         behind which private REST APIs stand."
    )]
    WrongType { id: String, what: String },
    #[error(
        "VPC endpoint {id} is {state}, not available. Wait until it is, or have it accepted by its owner."
    )]
    NotAvailable { id: String, state: String },
    #[error(
        "VPC endpoint {id} has no regional DNS name (vpce-….execute-api.….vpce.amazonaws.com) among its DNS entries: {seen}."
    )]
    NoDomainName { id: String, seen: String },
    #[error(
        "The policy of VPC endpoint {id} denies every call: {why}. Let it allow execute-api:Invoke for the API."
    )]
    ForbiddenByPolicy { id: String, why: String },
    #[error(
        "The security groups of VPC endpoint {id} ({groups}) let nothing in on TCP {ports} from the resource gateway, whose \
         subnets are {subnets}. Calls would time out. Allow those there (a managed group that is yet to be made can be let in \
         by CIDR only), or set network.endpoint_ingress_security_group_id to \
         one of those groups, which adds the rule."
    )]
    NoIngress {
        id: String,
        groups: String,
        ports: String,
        subnets: String,
    },
    #[error(
        "network.endpoint_ingress_security_group_id is {group}, which is no security group of VPC endpoint {id} ({groups}). \
         Give one of those, or add it to the endpoint."
    )]
    ForeignIngressGroup {
        id: String,
        group: String,
        groups: String,
    },
    #[error("{}", no_egress(outlet, ports, target.as_deref()))]
    NoEgress {
        outlet: Outlet,
        ports: String,
        /// The VPC endpoint and where its addresses are, or the address; `None` where the endpoint is a DNS name.
        target: Option<String>,
    },
    #[error("There is no security group {group} in this account and Region. Check network.{}.", given.argument())]
    NoGroup { group: String, given: Given },
    #[error(
        "Security group {group} is in {vpc}, not in {wanted}, the VPC of the endpoint. {}",
        given.remedy()
    )]
    ElsewhereGroup {
        group: String,
        vpc: String,
        wanted: String,
        given: Given,
    },
    #[error(
        "{0} is the security group that this resource made itself, and would remove while the gateway uses it. Remove \
         network.security_group_ids, or give the ids of groups that are managed elsewhere."
    )]
    OwnGroup(String),
    #[error(
        "VPC endpoint {id} has {endpoint} addresses, a resource gateway of the type {gateway} reaches none of them. Set \
         network.ip_address_type to {endpoint} or DUALSTACK."
    )]
    NoCommonFamily {
        id: String,
        endpoint: IpAddressType,
        gateway: IpAddressType,
    },
    #[error("There is no subnet {0} in this account and Region. Check network.subnet_ids.")]
    NoSubnet(String),
    #[error("The subnets are in different VPCs: {vpcs}. A resource gateway is in one VPC.")]
    SubnetsApart { vpcs: String },
    #[error(
        "Subnet {subnet} is in {vpc}, not in {wanted}, the VPC of the endpoint. Give subnets of that one."
    )]
    ElsewhereSubnet {
        subnet: String,
        vpc: String,
        wanted: String,
    },
    #[error(
        "Subnet {subnet} has {free} free IPv4 addresses; the resource gateway takes {needed} there{}. Free some, set \
         network.ipv4_addresses_per_eni to fewer, give other subnets, or have several invocations share one gateway \
         (private_api_path with network.resource_gateway_id).",
        others_take(*reserved)
    )]
    FewAddresses {
        subnet: String,
        free: u32,
        /// Addresses that other gateways are about to take there.
        reserved: u32,
        needed: u32,
    },
    #[error(
        "No subnet of the resource gateway ({gateway}) is in a zone of the endpoint ({endpoint}). They need one in common: \
         set network.subnet_ids."
    )]
    NoCommonZone { gateway: String, endpoint: String },
    #[error(
        "Subnet {subnet} has no IPv6 CIDR, which network.ip_address_type = \"{kind}\" needs. Give it one, or choose another \
         type."
    )]
    NoIpv6 { subnet: String, kind: IpAddressType },
    #[error(
        "The account has {there} private connections in this Region that can be seen, and this plan adds {added}. AWS allows \
         20 unless it has raised that for the account, and shows the quota nowhere: what is too many fails in the apply. Ask \
         AWS Support for more, or have several API destinations and state machines share a connection."
    )]
    NearQuota {
        there: usize,
        /// By this resource and those that were planned before it.
        added: usize,
    },
    #[error("{0}")]
    Aws(#[from] AwsError),
}

impl Problem {
    /// The state that an endpoint is in, where that is the problem.
    pub fn state(&self) -> Option<&str> {
        match self {
            Self::NotAvailable { state, .. } => Some(state),
            _ => None,
        }
    }

    /// The problem in few words.
    pub fn summary(&self) -> &'static str {
        match self {
            Self::Missing(_) => "No such VPC endpoint",
            Self::WrongType { .. } => "Not an execute-api interface endpoint",
            Self::NotAvailable { .. } => "VPC endpoint is not available",
            Self::NoDomainName { .. } => "VPC endpoint without a regional DNS name",
            Self::ForbiddenByPolicy { .. } => "Forbidden by the endpoint's policy",
            Self::NoIngress { .. } => "The endpoint does not let the gateway in",
            Self::ForeignIngressGroup { .. } => "Not a security group of the endpoint",
            Self::NoEgress { .. } => "The gateway is not let out to the endpoint",
            Self::NoGroup { .. } => "No such security group",
            Self::ElsewhereGroup { .. } => "Security group of another VPC",
            Self::OwnGroup(_) => "Not a security group of somebody else",
            Self::NoSubnet(_) => "No such subnet",
            Self::SubnetsApart { .. } | Self::ElsewhereSubnet { .. } => "Subnets of another VPC",
            Self::FewAddresses { .. } => "Too few free addresses",
            Self::NoCommonZone { .. } => "No zone in common",
            Self::NoIpv6 { .. } => "Subnet without IPv6",
            Self::NoCommonFamily { .. } => "No kind of address in common",
            Self::NearQuota { .. } => "Few private connections are left",
            Self::Aws(_) => "Could not look the network up",
        }
    }
}

fn no_egress(outlet: &Outlet, ports: &str, target: Option<&str>) -> String {
    let to = target.map_or_else(|| "anywhere".to_owned(), |target| format!("to {target}"));
    let (who, remedy) = match outlet {
        Outlet::Managed(targets) => {
            let targets: Vec<_> = targets.iter().map(target_words).collect();
            (
                format!(
                    "The managed security group of the resource gateway lets out to {} alone, and so lets nothing out on TCP \
                     {ports} {to}",
                    targets.join(", ")
                ),
                "Name those addresses in network.egress_cidr_blocks, or a security group of the endpoint in \
                 network.egress_security_group_ids; where nothing is named, it lets out to every CIDR of the VPC.",
            )
        }
        Outlet::Given(groups) => (
            format!(
                "The security groups of the resource gateway ({groups}) let nothing out on TCP {ports} {to}"
            ),
            "Let the endpoint's addresses, or one of its security groups, through in their egress rules; or remove \
             network.security_group_ids, and a group that does so is made.",
        ),
        Outlet::Gateway(id, groups) => (
            format!(
                "The security groups of resource gateway {id} ({groups}) let nothing out on TCP {ports} {to}"
            ),
            "Let the endpoint's addresses, or one of its security groups, through in their egress rules; or give another \
             gateway.",
        ),
    };
    format!("{who}. Calls would time out. {remedy}")
}

fn target_words(target: &EgressTarget) -> String {
    match target {
        EgressTarget::Cidr(cidr) => cidr.clone(),
        EgressTarget::PrefixList(id) => format!("the prefix list {id}"),
        EgressTarget::Group(id) => format!("the security group {id}"),
    }
}

/// The words for what other gateways are about to take.
fn others_take(reserved: u32) -> String {
    if reserved == 0 {
        String::new()
    } else {
        format!(", and others of this configuration that are still to be made take {reserved}")
    }
}
