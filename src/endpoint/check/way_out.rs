//! Whether the gateway's security groups will let it out to the endpoint.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{IpPermission, SecurityGroup};
use ipnet::IpNet;

use super::rules::{admits_some_of, admits_some_ports, overlap};
use super::{EndState, Seen, WayOut, groups, list};
use crate::component::{EgressTarget, PortRange, ports};
use crate::endpoint::{Given, Outlet, Problem};

pub fn is_open(end: &EndState<'_>, seen: &Seen) -> Vec<Problem> {
    let is_closed = |ports: &&PortRange| match end.way_out {
        WayOut::Managed(targets) => managed_is_closed(end, seen, targets),
        WayOut::Given(ids) | WayOut::Gateway { group_ids: ids, .. } => {
            groups_are_closed(end, seen, ids, **ports)
        }
        WayOut::Unknown => false,
    };
    let closed: Vec<_> = end.ports.iter().filter(is_closed).collect();
    if closed.is_empty() {
        return Vec::new();
    }
    let names = |ids: &BTreeSet<String>| list(ids.iter().map(String::as_str));
    let outlet = match end.way_out {
        WayOut::Managed(targets) => {
            let told = groups_told(end, seen, targets);
            match told {
                None => Outlet::Managed(targets.clone()),
                Some(told) => return told,
            }
        }
        WayOut::Given(ids) => Outlet::Given(names(ids)),
        WayOut::Gateway { id, group_ids } => Outlet::Gateway(id.to_owned(), names(group_ids)),
        WayOut::Unknown => return Vec::new(),
    };
    let of_endpoint = end.endpoint.map(|endpoint| {
        let addresses = targets(end, seen).unwrap_or_default();
        let addresses = list(addresses.iter().map(String::as_str));
        format!("VPC endpoint {} (in {addresses})", endpoint.id)
    });
    vec![Problem::NoEgress {
        outlet,
        ports: ports::words(closed),
        target: of_endpoint.or(end.address.map(|address| address.to_string())),
    }]
}

/// What tells more than that the managed group lets nothing out, where it lets out to groups: that one is not there, which is
/// told beside it, or is in another VPC than the endpoint.
fn groups_told(end: &EndState<'_>, seen: &Seen, targets: &BTreeSet<EgressTarget>) -> Option<Vec<Problem>> {
    seen.groups.as_ref()?;
    let ids = || targets.iter().filter_map(EgressTarget::group);
    if ids().any(|id| seen.group(id).is_none()) {
        return Some(Vec::new());
    }
    let elsewhere = ids().filter_map(|id| groups::elsewhere(end, id, seen.group(id)?, Given::Egress));
    let elsewhere: Vec<_> = elsewhere.collect();
    (!elsewhere.is_empty()).then_some(elsewhere)
}

/// Where the endpoint's addresses are; `None` where that is not known.
fn targets(end: &EndState<'_>, seen: &Seen) -> Option<BTreeSet<String>> {
    if let Some(address) = end.address {
        return Some(BTreeSet::from([IpNet::from(address).to_string()]));
    }
    let cidrs = seen.cidrs(&end.endpoint?.subnet_ids, end.family)?;
    (!cidrs.is_empty()).then(|| cidrs.into_iter().map(str::to_owned).collect())
}

fn managed_is_closed(end: &EndState<'_>, seen: &Seen, allowed: &BTreeSet<EgressTarget>) -> bool {
    targets(end, seen).is_some_and(|targets| {
        let reaches = |allowed: &EgressTarget| match allowed {
            EgressTarget::Cidr(cidr) => targets.iter().any(|target| overlap(cidr, target)),
            // It can hold anything.
            EgressTarget::PrefixList(_) => true,
            EgressTarget::Group(id) => end
                .endpoint
                .is_none_or(|endpoint| endpoint.group_ids.contains(id)),
        };
        !allowed.iter().any(reaches)
    })
}

fn groups_are_closed(end: &EndState<'_>, seen: &Seen, ids: &BTreeSet<String>, ports: PortRange) -> bool {
    // A gateway that shows no groups has the VPC's default one.
    let Some(groups) = seen.all_groups(ids).filter(|groups| !groups.is_empty()) else {
        return false;
    };
    let rules = groups.into_iter().flat_map(SecurityGroup::ip_permissions_egress);
    let rules: Vec<_> = rules.filter(|rule| admits_some_ports(rule, ports)).collect();
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
