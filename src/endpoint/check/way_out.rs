//! Whether the gateway's security groups will let it out to the endpoint.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{IpPermission, SecurityGroup};

use super::rules::{admits_port, admits_some_of, overlap};
use super::{EndState, Seen, WayOut, list};
use crate::endpoint::{Outlet, Problem};

pub fn is_open(end: &EndState<'_>, seen: &Seen) -> Vec<Problem> {
    let closed = match end.way_out {
        WayOut::Managed(cidrs) => managed_is_closed(end, seen, cidrs),
        WayOut::Given(ids) | WayOut::Gateway { group_ids: ids, .. } => groups_are_closed(end, seen, ids),
        WayOut::Unknown => false,
    };
    if !closed {
        return Vec::new();
    }
    let names = |ids: &BTreeSet<String>| list(ids.iter().map(String::as_str));
    let outlet = match end.way_out {
        WayOut::Managed(cidrs) => Outlet::Managed(names(cidrs)),
        WayOut::Given(ids) => Outlet::Given(names(ids)),
        WayOut::Gateway { id, group_ids } => Outlet::Gateway(id.to_owned(), names(group_ids)),
        WayOut::Unknown => return Vec::new(),
    };
    let target = end.endpoint.map(|endpoint| {
        let addresses = targets(end, seen).unwrap_or_default();
        format!("VPC endpoint {} (in {})", endpoint.id, list(addresses))
    });
    vec![Problem::NoEgress {
        outlet,
        port: end.port,
        target,
    }]
}

/// Where the endpoint's addresses are; `None` where that is not known.
fn targets<'s>(end: &EndState<'_>, seen: &'s Seen) -> Option<BTreeSet<&'s str>> {
    let cidrs = seen.cidrs(&end.endpoint?.subnet_ids, end.family)?;
    (!cidrs.is_empty()).then_some(cidrs)
}

fn managed_is_closed(end: &EndState<'_>, seen: &Seen, allowed: &BTreeSet<String>) -> bool {
    targets(end, seen).is_some_and(|targets| {
        let reaches = |target: &&str| allowed.iter().any(|cidr| overlap(cidr, target));
        !targets.iter().any(reaches)
    })
}

fn groups_are_closed(end: &EndState<'_>, seen: &Seen, ids: &BTreeSet<String>) -> bool {
    // A gateway that shows no groups has the VPC's default one.
    let Some(groups) = seen.all_groups(ids).filter(|groups| !groups.is_empty()) else {
        return false;
    };
    let rules = groups.into_iter().flat_map(SecurityGroup::ip_permissions_egress);
    let rules: Vec<_> = rules.filter(|rule| admits_port(rule, end.port)).collect();
    match targets(end, seen) {
        Some(targets) => !rules.iter().any(|rule| {
            lets_out_to_a_group(end, rule) || targets.iter().any(|target| admits_some_of(rule, target))
        }),
        None => rules.is_empty(),
    }
}

/// Whether the rule lets out to a group of the endpoint's, or to a prefix list, which can hold anything.
fn lets_out_to_a_group(end: &EndState<'_>, rule: &IpPermission) -> bool {
    let of_endpoint = |id: &str| {
        end.endpoint
            .is_some_and(|endpoint| endpoint.group_ids.contains(id))
    };
    let mut targets = rule.user_id_group_pairs().iter();
    !rule.prefix_list_ids().is_empty()
        || targets.any(|pair| pair.group_id.as_deref().is_some_and(of_endpoint))
}
