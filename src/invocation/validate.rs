//! What the schema cannot express. Works offline; unknown values are left to the next validation, when they
//! are known.

mod authorization;
mod empty;

use std::collections::BTreeSet;
use std::net::IpAddr;

use terraform_plugin::{Attr, Diagnostic, Diagnostics, Outcome, Path, Step, ValidateCx, path};

use super::model::{Composite, Model, Network};
use crate::component::naming::RESERVED_TAG_PREFIX;
use crate::component::reserved;

/// EC2 and VPC Lattice take 50 tags; two are the provider's own.
const MOST_TAGS: usize = 48;

pub fn validate(cx: &ValidateCx, composite: Composite, config: &Model) -> Outcome {
    let mut wrong = Diagnostics::new();
    empty::warn(cx, config);
    endpoint(composite, config, &mut wrong);
    if let Attr::Known(given) = &config.network {
        network(given, &mut wrong);
    }
    if composite == Composite::Invocation {
        authorization::validate(config, &mut wrong);
        destinations(config, &mut wrong);
    }
    tags(config, &mut wrong);
    wrong.into_outcome()
}

/// Exactly one endpoint, and what each kind needs.
fn endpoint(composite: Composite, config: &Model, wrong: &mut Diagnostics) {
    let shared = &config.shared_resource_configuration_arn;
    let ways = match composite {
        Composite::Invocation => "vpc_endpoint_id, https_endpoint and shared_resource_configuration_arn",
        Composite::Path => "vpc_endpoint_id and https_endpoint",
    };
    let given = [
        config.vpc_endpoint_id.is_known(),
        config.https_endpoint.is_known(),
        shared.is_known(),
    ];
    let unknown =
        config.vpc_endpoint_id.is_unknown() || config.https_endpoint.is_unknown() || shared.is_unknown();
    match given.into_iter().filter(|given| *given).count() {
        0 if !unknown => {
            let detail = format!("Nothing says what is to be reached. Set exactly one of {ways}.");
            wrong.push(Diagnostic::error("No endpoint", detail).at(path!("vpc_endpoint_id")));
        }
        0 | 1 => {}
        _ => {
            let detail = format!("More than one endpoint is given. Keep exactly one of {ways}.");
            wrong.push(Diagnostic::error("More than one endpoint", detail).at(path!("vpc_endpoint_id")));
        }
    }
    if shared.is_known() && config.network.is_known() {
        let detail = "With shared_resource_configuration_arn no part of the network is made, so that network has no \
                      meaning. Remove one of them.";
        wrong.push(Diagnostic::error("Conflicting arguments", detail).at(path!("network")));
    }
    let subnets = config.network(|network| &network.subnet_ids);
    let gateway = config.network(|network| &network.resource_gateway_id);
    if config.https_endpoint.is_known() && subnets.is_null() && gateway.is_null() {
        let detail = "https_endpoint does not say where the resource gateway is to be. Set network.subnet_ids, whose VPC \
                      reaches the endpoint, or network.resource_gateway_id.";
        wrong.push(Diagnostic::error("No subnets", detail).at(path!("network")));
    }
}

fn network(given: &Network, wrong: &mut Diagnostics) {
    let at = |member: &str| path!("network").then(member);
    ids(&given.subnet_ids, "subnet", &at("subnet_ids"), wrong);
    ids(&given.security_group_ids, "sg", &at("security_group_ids"), wrong);
    if let Attr::Known(cidrs) = &given.egress_cidr_blocks {
        for cidr in cidrs {
            let detail = match cidr {
                Attr::Unknown => continue,
                Attr::Known(cidr) => match cidr_problem(cidr) {
                    None => continue,
                    Some(problem) => problem,
                },
                Attr::Null => "network.egress_cidr_blocks has a null element. Remove it.".to_owned(),
            };
            wrong.push(Diagnostic::error("Invalid CIDR", detail).at(at("egress_cidr_blocks")));
        }
    }
    let mut conflict = |member: &str, other: &str, why: &str| {
        let detail = format!("network.{member} conflicts with network.{other}: {why} Remove one of them.");
        wrong.push(Diagnostic::error("Conflicting arguments", detail).at(at(member)));
    };
    if given.egress_cidr_blocks.is_known() && given.security_group_ids.is_known() {
        conflict(
            "egress_cidr_blocks",
            "security_group_ids",
            "the rules of groups that are given are not managed here.",
        );
    }
    if given.resource_gateway_id.is_known() {
        let makes = [
            ("subnet_ids", given.subnet_ids.is_known()),
            ("security_group_ids", given.security_group_ids.is_known()),
            ("egress_cidr_blocks", given.egress_cidr_blocks.is_known()),
            ("ip_address_type", given.ip_address_type.is_known()),
            ("ipv4_addresses_per_eni", given.ipv4_addresses_per_eni.is_known()),
            (
                "resource_config_dns_resolution",
                given.resource_config_dns_resolution.is_known(),
            ),
        ];
        for (member, _) in makes.into_iter().filter(|(_, given)| *given) {
            conflict(
                member,
                "resource_gateway_id",
                "an existing gateway is used as it is.",
            );
        }
    }
    let ipv6 = given.ip_address_type.known().is_some_and(|kind| kind == "IPV6");
    if ipv6
        && given
            .resource_config_dns_resolution
            .known()
            .is_some_and(|mode| mode == "IN_VPC")
    {
        conflict(
            "resource_config_dns_resolution",
            "ip_address_type",
            "a gateway of the type IPV6 cannot ask the VPC's resolver.",
        );
    }
    if given.ipv4_addresses_per_eni.is_known()
        && given.ip_address_type.known().is_some_and(|kind| kind == "IPV6")
    {
        conflict(
            "ipv4_addresses_per_eni",
            "ip_address_type",
            "a gateway of the type IPV6 takes no IPv4 addresses.",
        );
    }
}

/// Elements of a set of ids: none is null, each is an id.
fn ids(given: &Attr<BTreeSet<Attr<String>>>, kind: &str, at: &Path, wrong: &mut Diagnostics) {
    let Attr::Known(given) = given else { return };
    if given.is_empty() {
        let detail = format!("{at} is empty. Name at least one, or leave it out.");
        wrong.push(Diagnostic::error("Empty set", detail).at(at.clone()));
    }
    for id in given {
        let is_id = |id: &str| {
            let digits = id.strip_prefix(kind).and_then(|rest| rest.strip_prefix('-'));
            digits.is_some_and(|digits| {
                [8, 17].contains(&digits.len())
                    && digits
                        .bytes()
                        .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
            })
        };
        let detail = match id {
            Attr::Unknown => continue,
            Attr::Known(id) if is_id(id) => continue,
            Attr::Known(id) => format!("{id:?} in {at} is not an id such as {kind}-0123456789abcdef0."),
            Attr::Null => format!("{at} has a null element. Remove it."),
        };
        wrong.push(Diagnostic::error("Invalid id", detail).at(at.clone()));
    }
}

/// What is wrong with a CIDR; EC2 writes it with the host's bits cleared, which would show as a difference for ever.
fn cidr_problem(cidr: &str) -> Option<String> {
    let parsed = cidr.split_once('/').and_then(|(address, length)| {
        let address: IpAddr = address.parse().ok()?;
        let length: u32 = length.parse().ok()?;
        let (bits, width) = match address {
            IpAddr::V4(address) => (u128::from(u32::from(address)) << 96, 32),
            IpAddr::V6(address) => (u128::from(address), 128),
        };
        (length <= width).then_some((address, bits, length))
    });
    let Some((address, bits, length)) = parsed else {
        return Some(format!(
            "{cidr:?} is not a CIDR such as 10.0.0.0/16 or 2001:db8::/56."
        ));
    };
    let mask = u128::MAX.checked_shl(128 - length).unwrap_or(0);
    let network = match address {
        IpAddr::V4(_) => IpAddr::V4(u32::try_from((bits & mask) >> 96).unwrap_or_default().into()),
        IpAddr::V6(_) => IpAddr::V6((bits & mask).into()),
    };
    let canonical = format!("{network}/{length}");
    (canonical != cidr).then(|| format!("{cidr:?} is written {canonical:?}."))
}

fn destinations(config: &Model, wrong: &mut Diagnostics) {
    for (name, destination) in config.api_destinations.known().into_iter().flatten() {
        let at = path!("api_destinations").then(Step::key(name.as_str()));
        if destination.is_null() {
            let detail = format!("The API destination {name} is null. Give it its arguments, or remove it.");
            wrong.push(Diagnostic::error("Invalid API destination", detail).at(at.clone()));
        }
        let description = destination
            .known()
            .and_then(|destination| destination.description.known());
        if description.is_some_and(|words| words == reserved::DESTINATION_DESCRIPTION) {
            let detail = format!(
                "The description of the API destination {name} is {:?}, which the provider itself writes where there is no \
                 description. Choose other words, or remove it.",
                reserved::DESTINATION_DESCRIPTION
            );
            wrong.push(Diagnostic::error("Reserved description", detail).at(at.then("description")));
        }
    }
}

fn tags(config: &Model, wrong: &mut Diagnostics) {
    let Some(tags) = config.tags.known() else { return };
    if tags.len() > MOST_TAGS {
        let detail = format!(
            "tags has {} entries. AWS takes 50, of which the provider needs two.",
            tags.len()
        );
        wrong.push(Diagnostic::error("Too many tags", detail).at(path!("tags")));
    }
    for (key, value) in tags {
        let detail = if key.starts_with(RESERVED_TAG_PREFIX) || key.to_ascii_lowercase().starts_with("aws:") {
            format!("The tag key {key} begins with a prefix that is reserved. Choose another key.")
        } else if key.is_empty() || key.chars().count() > 128 {
            "A tag key has 1 to 128 characters.".to_owned()
        } else if value.is_null() {
            format!("The tag {key} is null. Give it a value (\"\" is one), or remove it.")
        } else if value.known().is_some_and(|value| value.chars().count() > 256) {
            format!("The value of tag {key} is longer than 256 characters.")
        } else {
            continue;
        };
        let at = path!("tags").then(Step::key(key.as_str()));
        wrong.push(Diagnostic::error("Invalid tag", detail).at(at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cidrs_are_taken_only_as_ec2_writes_them() {
        for good in ["10.0.0.0/16", "0.0.0.0/0", "10.1.2.3/32", "2001:db8::/56", "::/0"] {
            assert_eq!(cidr_problem(good), None, "{good}");
        }
        for (bad, remedy) in [
            ("10.0.0.1/16", "10.0.0.0/16"),
            ("2001:DB8::/56", "2001:db8::/56"),
            ("2001:db8:0::1/56", "2001:db8::/56"),
            ("10.0.0.0", "such as"),
            ("10.0.0.0/33", "such as"),
            ("x/8", "such as"),
        ] {
            assert!(
                cidr_problem(bad).is_some_and(|problem| problem.contains(remedy)),
                "{bad}"
            );
        }
    }
}
