//! The rules that a request stands for.

use ipnet::{Ipv4Net, Ipv6Net};
use serde_json::Value;

use super::{Rule, Target};
use crate::core::error::{Answer, ApiError};
use crate::core::world::World;
use crate::services::ec2::{GROUP, items, required, text};

/// Checks that a write finds the group that it names.
pub(super) fn find_group(world: &World, id: &str) -> Answer<()> {
    GROUP.find(&world.ec2().groups, id)?;
    if world.is_unseen(id) {
        return Err(GROUP.not_found(id));
    }
    Ok(())
}

/// The other end of a rule that is a group: there is no peering here, so that it has to be in the rule's own VPC.
pub(super) fn other_group(world: &World, of: &str, id: &str) -> Answer<Target> {
    find_group(world, id)?;
    let vpc_of = |id: &str| world.ec2().groups.get(id).map(|group| &group.vpc_id);
    if vpc_of(of) != vpc_of(id) {
        return Err(ApiError::new(
            GROUP.not_found,
            "You have specified two resources that belong to different networks.",
        ));
    }
    Ok(Target::Group(id.to_owned()))
}

/// The rules that `IpPermissions` or the flat parameters of old stand for, one for each target.
pub(super) fn requested(world: &World, input: &Value, group_id: &str, egress: bool) -> Answer<Vec<Rule>> {
    let flat = text(input, "IpProtocol").is_some();
    let permissions = items(input, "IpPermissions").iter();
    let mut rules = Vec::new();
    for permission in permissions.chain(flat.then_some(input)) {
        let (protocol, ports) = traffic(permission)?;
        let mut targets: Vec<(Target, Option<String>)> = Vec::new();
        let description = |range: &Value| text(range, "Description").map(str::to_owned);
        if let Some(cidr) = text(permission, "CidrIp").filter(|_| flat) {
            targets.push((ipv4(cidr)?, None));
        }
        for range in items(permission, "IpRanges") {
            targets.push((ipv4(required(range, "CidrIp")?)?, description(range)));
        }
        for range in items(permission, "Ipv6Ranges") {
            targets.push((ipv6(required(range, "CidrIpv6")?)?, description(range)));
        }
        for list in items(permission, "PrefixListIds") {
            targets.push((prefix_list(required(list, "PrefixListId")?)?, description(list)));
        }
        for pair in items(permission, "UserIdGroupPairs") {
            let other = other_group(world, group_id, required(pair, "GroupId")?)?;
            targets.push((other, description(pair)));
        }
        if targets.is_empty() {
            return Err(ApiError::new(
                "MissingParameter",
                "The request must contain a CIDR block, prefix list or security group for each permission",
            ));
        }
        for (target, description) in targets {
            check_description(description.as_deref())?;
            rules.push(Rule {
                description,
                ..Rule::new(group_id, egress, &protocol, ports, target)
            });
        }
    }
    Ok(rules)
}

/// At most 255 characters of a small set.
pub(super) fn check_description(description: Option<&str>) -> Answer<()> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(c);
    match description {
        Some(text) if text.chars().count() > 255 || !text.chars().all(allowed) => Err(ApiError::new(
            "InvalidParameterValue",
            "Invalid rule description. Valid descriptions are strings less than 256 characters from the following \
                 set:  a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*",
        )),
        _ => Ok(()),
    }
}

pub(super) fn traffic(permission: &Value) -> Answer<(String, (i64, i64))> {
    let protocol = match required(permission, "IpProtocol")?.to_lowercase().as_str() {
        "6" => "tcp".to_owned(),
        "17" => "udp".to_owned(),
        "1" => "icmp".to_owned(),
        "58" => "icmpv6".to_owned(),
        "all" => "-1".to_owned(),
        known @ ("tcp" | "udp" | "icmp" | "icmpv6" | "-1") => known.to_owned(),
        number if number.parse::<u8>().is_ok() => number.to_owned(),
        other => {
            return Err(ApiError::new(
                "InvalidPermission.Malformed",
                format!("Unsupported IP protocol \"{other}\"  - supported: [tcp, udp, icmp, icmpv6, -1]"),
            ));
        }
    };
    let ports = (permission["FromPort"].as_i64(), permission["ToPort"].as_i64());
    let invalid = |message: &str| Err(ApiError::new("InvalidParameterValue", message));
    match (protocol.as_str(), ports) {
        ("tcp" | "udp", (Some(from), Some(to))) if from > to || from < 0 || to > 65_535 => invalid(&format!(
            "Invalid value '{from}-{to}' for portRange. Must be between 0 and 65535, from <= to."
        )),
        ("tcp" | "udp", (Some(from), Some(to))) => Ok((protocol, (from, to))),
        ("tcp" | "udp", _) => {
            invalid("Invalid value for portRange. Must specify both from and to ports with TCP/UDP.")
        }
        ("icmp" | "icmpv6", (from, to)) => Ok((protocol, (from.unwrap_or(-1), to.unwrap_or(-1)))),
        _ => Ok((protocol, (-1, -1))),
    }
}

pub(super) fn ipv4(cidr: &str) -> Answer<Target> {
    let net: Ipv4Net = cidr.parse().map_err(|_| malformed_cidr(cidr))?;
    Ok(Target::Ipv4(net.trunc()))
}

pub(super) fn ipv6(cidr: &str) -> Answer<Target> {
    let net: Ipv6Net = cidr.parse().map_err(|_| malformed_cidr(cidr))?;
    Ok(Target::Ipv6(net.trunc()))
}

/// Prefix lists are taken for existing, those of AWS's own services and others alike, if their ids are such.
pub(super) fn prefix_list(id: &str) -> Answer<Target> {
    let digits = id.strip_prefix("pl-").unwrap_or_default();
    if matches!(digits.len(), 8 | 17) && digits.chars().all(|digit| digit.is_ascii_hexdigit()) {
        return Ok(Target::PrefixList(id.to_owned()));
    }
    Err(ApiError::new(
        "InvalidPrefixListId.Malformed",
        format!("Invalid id: \"{id}\" (expecting \"pl-...\")"),
    ))
}

fn malformed_cidr(cidr: &str) -> ApiError {
    ApiError::new("InvalidParameterValue", format!("CIDR block {cidr} is malformed"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn protocols_and_ports_are_read_as_ec2_reads_them() {
        let read = |permission: Value| traffic(&permission).map_err(|error| error.code);
        let ports = |protocol: &str, from: i64, to: i64| json!({ "IpProtocol": protocol, "FromPort": from, "ToPort": to });
        assert_eq!(read(ports("6", 443, 443)), Ok(("tcp".to_owned(), (443, 443))));
        assert_eq!(read(ports("-1", 1, 2)), Ok(("-1".to_owned(), (-1, -1))));
        let icmp = json!({ "IpProtocol": "icmp" });
        assert_eq!(read(icmp), Ok(("icmp".to_owned(), (-1, -1))));
        for (permission, code) in [
            (json!({ "IpProtocol": "tcp" }), "InvalidParameterValue"),
            (ports("tcp", 2, 1), "InvalidParameterValue"),
            (ports("tcp", 0, 65536), "InvalidParameterValue"),
            (ports("tpc", 1, 1), "InvalidPermission.Malformed"),
            (json!({ "FromPort": 1, "ToPort": 1 }), "MissingParameter"),
        ] {
            assert_eq!(read(permission.clone()), Err(code.to_owned()), "{permission}");
        }
    }
}
