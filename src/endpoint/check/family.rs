//! Whether gateway and endpoint have a kind of address in common.

use super::{EndState, Seen};
use crate::endpoint::Problem;

pub fn is_in_common(end: &EndState<'_>, _: &Seen) -> Vec<Problem> {
    let (Some(endpoint), Some(gateway)) = (end.endpoint, end.ip_address_type) else {
        return Vec::new();
    };
    let one_of_each = matches!(
        (endpoint.ip_address_type.as_str(), gateway),
        ("IPV4", "IPV6") | ("IPV6", "IPV4")
    );
    let problem = one_of_each.then(|| Problem::NoCommonFamily {
        id: endpoint.id.clone(),
        endpoint: endpoint.ip_address_type.clone(),
        gateway: gateway.to_owned(),
    });
    problem.into_iter().collect()
}
