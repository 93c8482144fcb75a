//! What one rule of a security group lets through.

use aws_sdk_ec2::types::IpPermission;
use ipnet::IpNet;

use crate::component::PortRange;

/// Whether the rule lets TCP through at some of those ports.
pub fn admits_some_ports(rule: &IpPermission, ports: PortRange) -> bool {
    let (first, last) = ports.ends();
    match rule.ip_protocol.as_deref() {
        Some("-1") => true,
        Some("tcp" | "6") => {
            rule.from_port.is_none_or(|from| from <= last.into())
                && rule.to_port.is_none_or(|to| i32::from(first) <= to)
        }
        _ => false,
    }
}

/// Whether the rule lets some of the addresses of `cidr` through.
pub fn admits_some_of(rule: &IpPermission, cidr: &str) -> bool {
    let ipv4 = rule.ip_ranges().iter();
    let ipv4 = ipv4.filter_map(|range| range.cidr_ip.as_deref());
    let ipv6 = rule.ipv6_ranges().iter();
    let ipv6 = ipv6.filter_map(|range| range.cidr_ipv6.as_deref());
    ipv4.chain(ipv6).any(|range| overlap(range, cidr))
}

/// Whether two CIDRs have addresses in common; so it is believed of what is no CIDR.
pub fn overlap(one: &str, other: &str) -> bool {
    match (one.parse::<IpNet>(), other.parse::<IpNet>()) {
        (Ok(one), Ok(other)) => one.contains(&other) || other.contains(&one),
        _ => true,
    }
}
