//! The subnets of the gateway.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::Subnet;

use super::{EndState, Seen, ipv6_cidrs, list};
use crate::component::IpAddressType;
use crate::endpoint::Problem;

/// They exist, in the VPC of the gateway.
pub fn are_there(end: &EndState<'_>, seen: &Seen) -> Vec<Problem> {
    if seen.subnets.is_none() {
        return Vec::new();
    }
    let problem = |id: &String| match seen.subnet(id) {
        None => Some(Problem::NoSubnet(id.clone())),
        Some(subnet) => {
            let vpc = subnet.vpc_id.as_deref().filter(|vpc| *vpc != end.vpc_id)?;
            Some(Problem::ElsewhereSubnet {
                subnet: id.clone(),
                vpc: vpc.to_owned(),
                wanted: end.vpc_id.to_owned(),
            })
        }
    };
    end.subnet_ids.iter().filter_map(problem).collect()
}

/// They have the addresses that a new gateway takes, after those that other gateways are about to take.
pub fn have_addresses(end: &EndState<'_>, seen: &Seen) -> Vec<Problem> {
    let Some(needed) = end.takes else {
        return Vec::new();
    };
    let problem = |(id, subnet): (&String, &Subnet)| {
        let free = u32::try_from(subnet.available_ip_address_count?).ok()?;
        let reserved = seen.reserved.get(id).copied().unwrap_or(0);
        (free < needed.saturating_add(reserved)).then(|| Problem::FewAddresses {
            subnet: id.clone(),
            free,
            reserved,
            needed,
        })
    };
    of_gateway(end, seen).filter_map(problem).collect()
}

/// They have IPv6 where the gateway has.
pub fn have_ipv6(end: &EndState<'_>, seen: &Seen) -> Vec<Problem> {
    let Some(kind) = end.ip_address_type.filter(|kind| **kind != IpAddressType::Ipv4) else {
        return Vec::new();
    };
    let without = of_gateway(end, seen).filter(|(_, subnet)| ipv6_cidrs(subnet).next().is_none());
    without
        .map(|(id, _)| Problem::NoIpv6 {
            subnet: id.clone(),
            kind: kind.clone(),
        })
        .collect()
}

/// One of them is in a zone of the endpoint, where that is in the same VPC.
pub fn share_a_zone(end: &EndState<'_>, seen: &Seen) -> Vec<Problem> {
    let Some(endpoint) = end.endpoint.filter(|endpoint| endpoint.vpc_id == end.vpc_id) else {
        return Vec::new();
    };
    let zone = |subnet: &Subnet| subnet.availability_zone.clone();
    let ours: BTreeSet<_> = of_gateway(end, seen)
        .filter_map(|(_, subnet)| zone(subnet))
        .collect();
    let theirs = endpoint.subnet_ids.iter().filter_map(|id| seen.subnet(id));
    let theirs: BTreeSet<_> = theirs.filter_map(zone).collect();
    let apart = !ours.is_empty() && !theirs.is_empty() && ours.is_disjoint(&theirs);
    let problem = apart.then(|| Problem::NoCommonZone {
        gateway: list(ours.iter().map(String::as_str)),
        endpoint: list(theirs.iter().map(String::as_str)),
    });
    problem.into_iter().collect()
}

fn of_gateway<'s>(end: &'s EndState<'_>, seen: &'s Seen) -> impl Iterator<Item = (&'s String, &'s Subnet)> {
    end.subnet_ids
        .iter()
        .filter_map(|id| Some((id, seen.subnet(id)?)))
}
