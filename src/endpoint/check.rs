//! The checks of the network around a path: what the desired end state asks for, judged by what is seen.
//!
//! Only what certainly keeps every call from arriving is a problem. What nobody can know (which of its addresses AWS
//! gives a gateway, what a prefix list holds, network ACLs) is none.

mod family;
mod groups;
mod policy;
mod rules;
mod subnets;
#[cfg(test)]
mod tests;
mod way_in;
mod way_out;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use aws_sdk_ec2::types::{SecurityGroup, Subnet};

use super::{Endpoint, Problem};
use crate::aws::AwsError;
use crate::client::Aws;
use crate::component::{EgressTarget, IpAddressType, PortRange};

/// What the path will be once the plan is carried out.
#[derive(Debug)]
pub struct EndState<'a> {
    /// The VPC endpoint, where it is one.
    pub endpoint: Option<&'a Endpoint>,
    /// The address, where it is one.
    pub address: Option<IpAddr>,
    /// The VPC of the gateway.
    pub vpc_id: &'a str,
    /// The subnets of the gateway.
    pub subnet_ids: &'a BTreeSet<String>,
    /// IPv4 addresses that the gateway takes in each subnet; `None` for a gateway that stands, or has IPv6 alone.
    pub takes: Option<u32>,
    /// Of the gateway; `None` where that is not known.
    pub ip_address_type: Option<&'a IpAddressType>,
    /// The kind of address that the endpoint's name is resolved to; `None` where that is not known.
    pub family: Option<Family>,
    pub ports: BTreeSet<PortRange>,
    /// The groups that the gateway will have, as far as they exist already.
    pub gateway_group_ids: BTreeSet<String>,
    pub way_out: WayOut<'a>,
    /// The group to which a rule is added that lets the gateway in.
    pub ingress_group_id: Option<&'a str>,
    /// The rule of ours that lets the gateway in now and is about to be removed.
    pub leaving: Option<Leaving>,
    /// Key and value of the tag of groups that are this resource's own.
    pub own_tag: (&'a str, String),
}

/// A kind of address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    Ipv4,
    Ipv6,
}

/// What decides where the gateway may send to.
#[derive(Debug)]
pub enum WayOut<'a> {
    /// The managed group, which lets out to these at the endpoint's ports.
    Managed(&'a BTreeSet<EgressTarget>),
    /// The rules of the groups that the configuration names.
    Given(&'a BTreeSet<String>),
    /// The rules of the groups of somebody else's gateway.
    Gateway {
        id: &'a str,
        group_ids: &'a BTreeSet<String>,
    },
    /// It is not known yet.
    Unknown,
}

/// A rule at a group of the endpoint that lets one group in, TCP at one range of ports.
#[derive(Debug, PartialEq, Eq)]
pub struct Leaving {
    /// The group at which it is.
    pub group_id: String,
    /// The group that it lets in.
    pub source_group_id: String,
    /// First and last port.
    pub ports: (i32, i32),
}

/// What is seen of the network. `None` where the question was not allowed.
#[derive(Debug, Default)]
pub struct Seen {
    subnets: Option<Vec<Subnet>>,
    groups: Option<Vec<SecurityGroup>>,
    /// IPv4 addresses that other gateways are about to take, by subnet.
    reserved: BTreeMap<String, u32>,
}

/// Whether what was read moments ago, for another resource or by the plan of this one, may serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asking {
    /// It may, as long as nothing is wrong by it: what is called wrong was asked for now.
    Lately,
    /// Never: something does not work at this moment.
    Now,
}

/// What the checks came to.
#[derive(Debug, Default)]
pub struct Checked {
    pub problems: Vec<Problem>,
    /// Questions that could not be asked; each names the permission.
    pub unchecked: Vec<AwsError>,
}

/// One check: what the end state asks for, judged by what is seen.
type Check = fn(&EndState<'_>, &Seen) -> Vec<Problem>;

const CHECKS: [Check; 9] = [
    subnets::are_there,
    subnets::have_addresses,
    subnets::have_ipv6,
    subnets::share_a_zone,
    family::is_in_common,
    policy::lets_somebody_call,
    groups::are_there,
    way_in::is_open,
    way_out::is_open,
];

/// Checks the network: at most one DescribeSubnets and one DescribeSecurityGroups. `reserved` says how many IPv4
/// addresses other gateways are about to take in each subnet. It is asked after the subnets: a gateway that is made between
/// the two must not be counted twice, in what is free and in what is reserved.
pub async fn check(
    aws: &Aws,
    end: &EndState<'_>,
    reserved: impl Fn() -> BTreeMap<String, u32> + Send,
    asking: Asking,
) -> Checked {
    let (subnet_ids, group_ids) = (subnets_of(end), groups_of(end));
    if asking == Asking::Lately
        && let Some(subnets) = aws.recent_subnets.get(&subnet_ids)
        && let Some(groups) = aws.recent_groups.get(&group_ids)
    {
        let seen = Seen {
            subnets: Some(subnets),
            groups: Some(groups),
            reserved: reserved(),
        };
        if problems(end, &seen).is_empty() {
            return Checked::default();
        }
    }
    let mut checked = Checked::default();
    let mut seen = Seen::default();
    match ask_subnets(aws, &subnet_ids).await {
        Ok(subnets) => seen.subnets = Some(subnets),
        Err(error) => checked.unchecked.push(error),
    }
    seen.reserved = reserved();
    match ask_groups(aws, &group_ids).await {
        Ok(groups) => seen.groups = Some(groups),
        Err(error) => checked.unchecked.push(error),
    }
    checked.problems = problems(end, &seen);
    checked
}

/// What is wrong for certain by what is known already: of the endpoint itself, its policy and its kind of addresses. Asks
/// nothing.
pub fn check_known(end: &EndState<'_>) -> Vec<Problem> {
    problems(end, &Seen::default())
}

fn problems(end: &EndState<'_>, seen: &Seen) -> Vec<Problem> {
    CHECKS.iter().flat_map(|check| check(end, seen)).collect()
}

/// The subnets of the gateway and of the endpoint.
fn subnets_of(end: &EndState<'_>) -> BTreeSet<String> {
    let of_endpoint = end.endpoint.iter().flat_map(|endpoint| &endpoint.subnet_ids);
    end.subnet_ids.iter().chain(of_endpoint).cloned().collect()
}

/// The groups of the endpoint, and those that decide where the gateway may send to, or that it is let out to.
fn groups_of(end: &EndState<'_>) -> BTreeSet<String> {
    let mut ids: BTreeSet<String> = match &end.way_out {
        WayOut::Given(ids) | WayOut::Gateway { group_ids: ids, .. } => (*ids).clone(),
        WayOut::Managed(targets) => targets.iter().filter_map(EgressTarget::group).cloned().collect(),
        WayOut::Unknown => BTreeSet::new(),
    };
    let of_endpoint = end.endpoint.iter().flat_map(|endpoint| &endpoint.group_ids);
    ids.extend(of_endpoint.cloned());
    ids
}

async fn ask_subnets(aws: &Aws, ids: &BTreeSet<String>) -> Result<Vec<Subnet>, AwsError> {
    let asked = aws.recent_subnets.ask();
    let subnets = aws.subnets(ids).await?;
    aws.recent_subnets.leave(asked, ids, subnets.clone());
    Ok(subnets)
}

async fn ask_groups(aws: &Aws, ids: &BTreeSet<String>) -> Result<Vec<SecurityGroup>, AwsError> {
    let asked = aws.recent_groups.ask();
    let groups = if ids.is_empty() {
        Vec::new()
    } else {
        aws.security_groups(ids).await?
    };
    aws.recent_groups.leave(asked, ids, groups.clone());
    Ok(groups)
}

impl Seen {
    fn subnet(&self, id: &str) -> Option<&Subnet> {
        let subnets = self.subnets.iter().flatten();
        subnets
            .into_iter()
            .find(|subnet| subnet.subnet_id.as_deref() == Some(id))
    }

    /// The CIDRs of these subnets, of one kind of address or of both; `None` where one of the subnets is not seen.
    fn cidrs(&self, ids: &BTreeSet<String>, family: Option<Family>) -> Option<BTreeSet<&str>> {
        let mut cidrs = BTreeSet::new();
        for id in ids {
            let subnet = self.subnet(id)?;
            if family != Some(Family::Ipv6) {
                cidrs.extend(subnet.cidr_block.as_deref());
            }
            if family != Some(Family::Ipv4) {
                cidrs.extend(ipv6_cidrs(subnet));
            }
        }
        Some(cidrs)
    }

    fn group(&self, id: &str) -> Option<&SecurityGroup> {
        let groups = self.groups.iter().flatten();
        groups
            .into_iter()
            .find(|group| group.group_id.as_deref() == Some(id))
    }

    /// These groups; `None` where one of them is not seen.
    fn all_groups(&self, ids: &BTreeSet<String>) -> Option<Vec<&SecurityGroup>> {
        ids.iter().map(|id| self.group(id)).collect()
    }
}

fn ipv6_cidrs(subnet: &Subnet) -> impl Iterator<Item = &str> {
    let blocks = subnet.ipv6_cidr_block_association_set.iter().flatten();
    blocks.filter_map(|block| block.ipv6_cidr_block.as_deref())
}

/// Words in their order, separated by commas.
fn list<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: BTreeSet<_> = words.into_iter().collect();
    words.into_iter().collect::<Vec<_>>().join(", ")
}
