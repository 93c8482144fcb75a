//! Whether the endpoint's security groups will let the gateway in.

use aws_sdk_ec2::types::{IpPermission, SecurityGroup};

use super::rules::{admits_some_of, admits_some_ports};
use super::{EndState, Leaving, Seen, list};
use crate::component::ports;
use crate::endpoint::{Endpoint, Problem};

pub fn is_open(end: &EndState<'_>, seen: &Seen) -> Vec<Problem> {
    let problem = end.endpoint.and_then(|endpoint| closed(end, endpoint, seen));
    problem.into_iter().collect()
}

fn closed(end: &EndState<'_>, endpoint: &Endpoint, seen: &Seen) -> Option<Problem> {
    let names = || list(endpoint.group_ids.iter().map(String::as_str));
    if let Some(group) = end.ingress_group_id {
        return (!endpoint.group_ids.contains(group)).then(|| Problem::ForeignIngressGroup {
            id: endpoint.id.clone(),
            group: group.to_owned(),
            groups: names(),
        });
    }
    // Behind a peering or a transit gateway, the addresses that the endpoint sees need not be those of the subnets.
    if endpoint.group_ids.is_empty() || endpoint.vpc_id != end.vpc_id {
        return None;
    }
    let groups = seen.all_groups(&endpoint.group_ids)?;
    let cidrs = seen.cidrs(end.subnet_ids, end.family)?;
    // A part that is let in is enough: which of its addresses AWS gives the gateway nobody knows.
    let open = groups.iter().any(|group| {
        let rules = group.ip_permissions().iter();
        let of_ports = |rule: &&IpPermission| end.ports.iter().any(|ports| admits_some_ports(rule, *ports));
        rules.filter(of_ports).any(|rule| {
            lets_a_group_in(end, group, rule) || cidrs.iter().any(|cidr| admits_some_of(rule, cidr))
        })
    });
    (!open && !cidrs.is_empty()).then(|| Problem::NoIngress {
        id: endpoint.id.clone(),
        groups: names(),
        ports: ports::words(&end.ports),
        subnets: list(cidrs),
    })
}

/// Whether the rule lets in a group of the gateway, wherever that is, or a prefix list, which can hold anything.
fn lets_a_group_in(end: &EndState<'_>, group: &SecurityGroup, rule: &IpPermission) -> bool {
    let mut sources = rule.user_id_group_pairs().iter();
    !rule.prefix_list_ids().is_empty()
        || sources.any(|pair| {
            let source = pair.group_id.as_deref();
            let ours = source.is_some_and(|id| end.gateway_group_ids.contains(id));
            let leaves = |leaving: &Leaving| leaving.is(group, rule, source);
            ours && !end.leaving.as_ref().is_some_and(leaves)
        })
}

impl Leaving {
    /// Whether this is what `rule` says of `source`: a group has no two equal rules.
    fn is(&self, group: &SecurityGroup, rule: &IpPermission, source: Option<&str>) -> bool {
        group.group_id.as_deref() == Some(self.group_id.as_str())
            && source == Some(self.source_group_id.as_str())
            && rule.ip_protocol.as_deref() == Some("tcp")
            && rule.from_port.zip(rule.to_port) == Some(self.ports)
    }
}
