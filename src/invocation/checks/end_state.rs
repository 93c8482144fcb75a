//! What the path will be once a plan is carried out, for the checks of the network.

use std::collections::BTreeSet;
use std::net::IpAddr;

use reconcile::Fact;

use super::Checks;
use super::touched::Touched;
use crate::component::{INGRESS, IpAddressType, SeenIngress};
use crate::endpoint::{EndState, Family, Leaving, WayOut};
use crate::invocation::desired::{DesiredPath, Wanted};
use crate::invocation::located::Lookup;
use crate::invocation::slots::{GROUP_SLOT, INGRESS_SLOT};

/// The end state; `None` where no path is wanted, or too little is known of it.
pub fn end_state<'a>(checks: &Checks<'a>, touched: Touched) -> Option<EndState<'a>> {
    let path = &checks.desired.path;
    let (Fact::Known(vpc_id), Fact::Known(subnet_ids), Fact::Known(ports)) =
        (&path.vpc_id, &path.subnet_ids, &path.ports)
    else {
        return None;
    };
    let ip_address_type = match (
        &path.shared_gateway,
        &path.shared_gateway_id,
        &path.ip_address_type,
    ) {
        (Fact::Known(gateway), ..) => Some(&gateway.ip_address_type),
        (_, Fact::Absent, Fact::Known(given)) => Some(given),
        _ => None,
    };
    let address: Option<IpAddr> = path
        .ip_address
        .as_ref()
        .known()
        .and_then(|address| address.parse().ok());
    Some(EndState {
        endpoint: match &checks.found.located.endpoint {
            Lookup::Seen(endpoint) => Some(endpoint),
            Lookup::Recorded | Lookup::Later => None,
        },
        address,
        vpc_id,
        subnet_ids,
        takes: path.addresses().filter(|_| touched.builds_gateway),
        ip_address_type,
        family: match &path.address_type {
            _ if address.is_some_and(|address| address.is_ipv6()) => Some(Family::Ipv6),
            _ if address.is_some() => Some(Family::Ipv4),
            Fact::Known(IpAddressType::Ipv6) => Some(Family::Ipv6),
            Fact::Known(_) => Some(Family::Ipv4),
            Fact::Later | Fact::Absent => None,
        },
        ports: ports.clone(),
        gateway_group_ids: gateway_group_ids(checks),
        way_out: way_out(path),
        ingress_group_id: path
            .ingress_group_id
            .as_ref()
            .known()
            .filter(|_| path.ingress == Wanted::Yes)
            .map(String::as_str),
        leaving: leaving(checks),
        own_tag: (checks.owner.tag_key(), checks.owner.tag_value()),
    })
}

fn way_out(path: &DesiredPath) -> WayOut<'_> {
    match (
        &path.shared_gateway,
        &path.shared_gateway_id,
        &path.given_group_ids,
    ) {
        (Fact::Known(gateway), ..) => WayOut::Gateway {
            id: &gateway.id,
            group_ids: &gateway.security_group_ids,
        },
        (_, Fact::Absent, Fact::Known(given)) => WayOut::Given(given),
        (_, Fact::Absent, Fact::Absent) => match &path.egress {
            Fact::Known(targets) => WayOut::Managed(targets),
            Fact::Later | Fact::Absent => WayOut::Unknown,
        },
        _ => WayOut::Unknown,
    }
}

/// The groups that the gateway will have, as far as they exist: a managed one that is still to be made is let in by no
/// rule yet.
fn gateway_group_ids(checks: &Checks<'_>) -> BTreeSet<String> {
    let path = &checks.desired.path;
    match (
        &path.shared_gateway,
        &path.shared_gateway_id,
        &path.given_group_ids,
    ) {
        (Fact::Known(gateway), ..) => gateway.security_group_ids.clone(),
        (_, Fact::Absent, Fact::Known(given)) => given.clone(),
        (_, Fact::Absent, Fact::Absent) if !checks.is_built(&GROUP_SLOT) => {
            let recorded = checks.recorded.get(&GROUP_SLOT);
            recorded.map(ToString::to_string).into_iter().collect()
        }
        _ => BTreeSet::new(),
    }
}

/// The rule of our own that goes; one that somebody else made stays, and goes on letting the gateway in.
fn leaving(checks: &Checks<'_>) -> Option<Leaving> {
    if checks.desired.path.ingress != Wanted::No {
        return None;
    }
    let id = checks.recorded.get(&INGRESS_SLOT)?;
    if checks.recorded.is_borrowed(id) {
        return None;
    }
    let rule: SeenIngress = checks.snapshot.get(INGRESS, id)?;
    Some(Leaving {
        group_id: rule.group_id,
        source_group_id: rule.source_group_id?,
        ports: rule.ports?,
    })
}
