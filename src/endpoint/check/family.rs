//! Whether gateway and endpoint have a kind of address in common.

use super::{EndState, Seen};
use crate::component::IpAddressType;
use crate::endpoint::Problem;

pub fn is_in_common(end: &EndState<'_>, _: &Seen) -> Vec<Problem> {
    let (Some(endpoint), Some(gateway)) = (end.endpoint, end.ip_address_type) else {
        return Vec::new();
    };
    let one_of_each = matches!(
        (&endpoint.ip_address_type, gateway),
        (IpAddressType::Ipv4, IpAddressType::Ipv6) | (IpAddressType::Ipv6, IpAddressType::Ipv4)
    );
    let problem = one_of_each.then(|| Problem::NoCommonFamily {
        id: endpoint.id.clone(),
        endpoint: endpoint.ip_address_type.clone(),
        gateway: gateway.clone(),
    });
    problem.into_iter().collect()
}
