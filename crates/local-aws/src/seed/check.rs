//! What the parts of a seed must agree on. What is wrong is named by the path of its field: `vpcs[0].id: …`.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;
use serde_json::Value;

use crate::core::policy::Policy;
use crate::seed::document::{SeedDocument, network};
use crate::seed::parts::{
    ApiPart, AuthPart, EndpointPart, GroupPart, HostPart, RolePart, RoutePart, RulePart, SharedPart, VpcPart,
};

type Checked = Result<(), String>;

/// Refuses a field; the item itself where the field is empty.
fn refuse(field: &str, why: impl std::fmt::Display) -> Checked {
    Err(format!("{field}: {why}"))
}

fn must(holds: bool, field: &str, why: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { refuse(field, why()) }
}

/// What is wrong inside of a field, by the path from outside.
fn inside(field: impl std::fmt::Display, checked: Checked) -> Checked {
    checked.map_err(|wrong| match wrong.strip_prefix(':') {
        Some(why) => format!("{field}:{why}"),
        None => format!("{field}.{wrong}"),
    })
}

fn each<T>(field: &str, items: &[T], check: impl Fn(&T) -> Checked) -> Checked {
    let mut items = items.iter().enumerate();
    items.try_for_each(|(index, item)| inside(format_args!("{field}[{index}]"), check(item)))
}

/// No two items of a list may have one name.
fn distinct<'t, T>(field: &str, items: &'t [T], member: &str, name: impl Fn(&'t T) -> &'t str) -> Checked {
    let mut seen = BTreeMap::new();
    let mut items = items.iter().enumerate();
    items.try_for_each(|(index, item)| match seen.insert(name(item), index) {
        None => Ok(()),
        Some(first) => refuse(
            &format!("{field}[{index}]{member}"),
            format_args!("'{}' is that of {field}[{first}], too", name(item)),
        ),
    })
}

pub(crate) fn document(seed: &SeedDocument) -> Checked {
    let account = &seed.account_id;
    must(is_account(account), "account_id", || {
        format!("'{account}' is not 12 digits")
    })?;
    distinct("vpcs", &seed.vpcs, ".name", |vpc| &vpc.name)?;
    distinct("endpoints", &seed.endpoints, ".name", |endpoint| &endpoint.name)?;
    distinct("apis", &seed.apis, ".name", |api| &api.name)?;
    distinct("hosts", &seed.hosts, ".name", |host| &host.name)?;
    distinct("hosts", &seed.hosts, ".domain_name", |host| &host.domain_name)?;
    distinct("roles", &seed.roles, "", RolePart::name)?;
    distinct(
        "shared_configurations",
        &seed.shared_configurations,
        ".name",
        |shared| &shared.name,
    )?;
    ids(seed)?;
    each("vpcs", &seed.vpcs, vpc)?;
    each("endpoints", &seed.endpoints, |part| endpoint(seed, part))?;
    each("apis", &seed.apis, |part| api(seed, part))?;
    each("hosts", &seed.hosts, |part| host(seed, part))?;
    each("roles", &seed.roles, role)?;
    each("shared_configurations", &seed.shared_configurations, |part| {
        shared(seed, part)
    })?;
    inside("mocks", seed.mocks.check())
}

/// Every id has the form of its type, and is of one object.
fn ids(seed: &SeedDocument) -> Checked {
    let mut all: Vec<(String, &str, &str)> = Vec::new();
    for (index, vpc) in seed.vpcs.iter().enumerate() {
        all.push((format!("vpcs[{index}].id"), "vpc", &vpc.id));
        for (number, subnet) in vpc.subnets.iter().enumerate() {
            all.push((
                format!("vpcs[{index}].subnets[{number}].id"),
                "subnet",
                &subnet.id,
            ));
        }
    }
    for (index, endpoint) in seed.endpoints.iter().enumerate() {
        all.push((format!("endpoints[{index}].id"), "vpce", &endpoint.id));
    }
    for (index, api) in seed.apis.iter().enumerate() {
        all.push((format!("apis[{index}].id"), "", &api.id));
    }
    for (index, shared) in seed.shared_configurations.iter().enumerate() {
        all.push((format!("shared_configurations[{index}].id"), "rcfg", &shared.id));
    }
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    // One that is left out is made up.
    for (field, prefix, id) in all.iter().filter(|(.., id)| !id.is_empty()) {
        let (is_right, form) = match *prefix {
            "" => (is_api_id(id), "10 lower-case letters and digits".to_owned()),
            prefix => (is_id(prefix, id), format!("{prefix}- and 17 hexadecimal digits")),
        };
        must(is_right, field, || format!("'{id}' is not {form}"))?;
        if let Some(first) = seen.insert(id, field) {
            return refuse(field, format_args!("'{id}' is that of {first}, too"));
        }
    }
    Ok(())
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_id(prefix: &str, id: &str) -> bool {
    let digits = id.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('-'));
    digits.is_some_and(|digits| digits.len() == 17 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn is_api_id(id: &str) -> bool {
    id.len() == 10
        && id
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

fn block(text: &str) -> Checked {
    match network(text) {
        Ok(_) => Ok(()),
        Err(why) => refuse("", why),
    }
}

fn overlap(one: Ipv4Net, other: Ipv4Net) -> bool {
    one.contains(&other) || other.contains(&one)
}

fn vpc(part: &VpcPart) -> Checked {
    must(!part.cidr_blocks.is_empty(), "cidr_blocks", || {
        "has none".to_owned()
    })?;
    each("cidr_blocks", &part.cidr_blocks, |cidr| block(cidr))?;
    distinct("subnets", &part.subnets, ".name", |subnet| &subnet.name)?;
    distinct("security_groups", &part.security_groups, ".name", |group| {
        &group.name
    })?;
    let blocks: Vec<Ipv4Net> = part
        .cidr_blocks
        .iter()
        .filter_map(|cidr| network(cidr).ok())
        .collect();
    for (index, cidr) in blocks.iter().enumerate() {
        if let Some(other) = blocks[..index].iter().find(|other| overlap(**other, *cidr)) {
            return refuse(
                &format!("cidr_blocks[{index}]"),
                format_args!("{cidr} overlaps with {other}"),
            );
        }
    }
    each("subnets", &part.subnets, |subnet| {
        inside("cidr_block", block(&subnet.cidr_block))?;
        let cidr = network(&subnet.cidr_block)?;
        let is_within = blocks.iter().any(|block| block.contains(&cidr));
        must(is_within, "cidr_block", || {
            format!("{cidr} is not inside the VPC's blocks")
        })?;
        let is_zone = subnet.zone.is_ascii_lowercase();
        must(is_zone, "zone", || {
            format!("'{}' is not the letter of a zone", subnet.zone)
        })
    })?;
    for (index, subnet) in part.subnets.iter().enumerate() {
        let cidr = network(&subnet.cidr_block)?;
        let mut before = part.subnets[..index].iter();
        let other = before.find(|other| network(&other.cidr_block).is_ok_and(|other| overlap(other, cidr)));
        if let Some(other) = other {
            let why = format_args!("{cidr} overlaps with the subnet '{}'", other.name);
            return refuse(&format!("subnets[{index}].cidr_block"), why);
        }
    }
    each("security_groups", &part.security_groups, |group| {
        group_of(part, group)
    })
}

fn group_of(vpc: &VpcPart, part: &GroupPart) -> Checked {
    must(part.name != "default", "name", || {
        "every VPC has a group 'default' already".to_owned()
    })?;
    each("ingress", &part.ingress, |part| rule(vpc, part))?;
    each("egress", part.egress.as_deref().unwrap_or_default(), |part| {
        rule(vpc, part)
    })
}

fn rule(vpc: &VpcPart, part: &RulePart) -> Checked {
    let ports = part.ports.as_deref().unwrap_or_default();
    must(part.bounds().is_some(), "ports", || {
        format!("'{ports}' is neither a port nor a range")
    })?;
    each("cidr_blocks", &part.cidr_blocks, |cidr| block(cidr))?;
    each("security_groups", &part.security_groups, |name| {
        known_group(vpc, name)
    })
}

fn known_group(vpc: &VpcPart, name: &str) -> Checked {
    let is_known = name == "default" || vpc.security_groups.iter().any(|group| group.name == name);
    must(is_known, "", || {
        format!("there is no group '{name}' in VPC '{}'", vpc.name)
    })
}

/// Checks a VPC by its name, and subnets and groups in it.
fn place(seed: &SeedDocument, vpc: &str, subnets: &[String], groups: &[String]) -> Checked {
    let Some(vpc) = seed.vpcs.iter().find(|known| known.name == vpc) else {
        return refuse("vpc", format_args!("there is no VPC '{vpc}'"));
    };
    must(!vpc.subnets.is_empty(), "vpc", || {
        format!("'{}' has no subnets", vpc.name)
    })?;
    each("subnets", subnets, |name| {
        let is_known = vpc.subnets.iter().any(|subnet| subnet.name == *name);
        must(is_known, "", || {
            format!("there is no subnet '{name}' in VPC '{}'", vpc.name)
        })
    })?;
    each("security_groups", groups, |name| known_group(vpc, name))
}

fn endpoint(seed: &SeedDocument, part: &EndpointPart) -> Checked {
    place(seed, &part.vpc, &part.subnets, &part.security_groups)?;
    policy(part.policy.as_ref())
}

fn api(seed: &SeedDocument, part: &ApiPart) -> Checked {
    must(!part.stage.is_empty(), "stage", || "is empty".to_owned())?;
    each(
        "endpoints",
        part.endpoints.as_deref().unwrap_or_default(),
        |name| {
            let is_known = seed.endpoints.iter().any(|endpoint| endpoint.name == *name);
            must(is_known, "", || format!("there is no endpoint '{name}'"))
        },
    )?;
    policy(part.policy.as_ref())?;
    each("routes", &part.routes, route)
}

fn host(seed: &SeedDocument, part: &HostPart) -> Checked {
    match &part.vpc {
        Some(vpc) => place(seed, vpc, &part.subnets, &part.security_groups)?,
        None => {
            let is_public = part.subnets.is_empty() && part.security_groups.is_empty();
            must(is_public, "vpc", || {
                "is needed with subnets and security_groups".to_owned()
            })?;
        }
    }
    let name = &part.domain_name;
    let is_name = name.parse::<http::uri::Authority>().is_ok() && !name.contains(':');
    must(is_name, "domain_name", || format!("'{name}' is not a host name"))?;
    must(part.port != 0, "port", || "0 is not a port".to_owned())?;
    each("routes", &part.routes, route)?;
    upstream(part.upstream.as_deref())
}

fn role(part: &RolePart) -> Checked {
    let name = part.name();
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    let is_name = (1..=64).contains(&name.len()) && name.chars().all(is_allowed);
    must(is_name, "", || format!("'{name}' is not the name of a role"))
}

fn shared(seed: &SeedDocument, part: &SharedPart) -> Checked {
    let owner = &part.owner;
    let is_other = is_account(owner) && *owner != seed.account_id;
    must(is_other, "owner", || {
        format!("'{owner}' is not another account's id")
    })?;
    let is_known = seed.hosts.iter().any(|host| host.name == part.to)
        || seed.endpoints.iter().any(|endpoint| endpoint.name == part.to);
    must(is_known, "to", || {
        format!("there is no host or endpoint '{}'", part.to)
    })?;
    each("port_ranges", &part.port_ranges, |range| {
        let (low, high) = range.split_once('-').unwrap_or((range, range));
        let bounds = low.parse::<u16>().ok().zip(high.parse::<u16>().ok());
        let is_range = bounds.is_some_and(|(low, high)| 0 < low && low <= high);
        must(is_range, "", || {
            format!("'{range}' is neither a port nor a range")
        })
    })
}

fn policy(part: Option<&Value>) -> Checked {
    let read = part.map_or(Ok(()), |part| Policy::read(part).map(drop));
    inside("policy", read)
}

fn route(part: &RoutePart) -> Checked {
    let path = &part.path;
    must(path.starts_with('/'), "path", || {
        format!("'{path}' does not begin with a slash")
    })?;
    if let Some(method) = &part.method {
        let is_method = method.parse::<http::Method>().is_ok();
        must(is_method, "method", || {
            format!("'{method}' is not an HTTP method")
        })?;
    }
    let status = part.response.status;
    must((200..=599).contains(&status), "response.status", || {
        format!("{status} is not between 200 and 599")
    })?;
    for (name, value) in &part.response.headers {
        let is_header =
            name.parse::<http::HeaderName>().is_ok() && value.parse::<http::HeaderValue>().is_ok();
        let field = format!("response.headers.{name}");
        must(is_header, &field, || {
            format!("'{value}' and this name are no header")
        })?;
    }
    upstream(part.upstream.as_deref())?;
    each("auth", &part.auth, |auth| match auth {
        AuthPart::ApiKey { header, .. } => {
            let is_name = header.parse::<http::HeaderName>().is_ok();
            must(is_name, "api_key.header", || {
                format!("'{header}' is not the name of a header")
            })
        }
        AuthPart::Basic { .. } | AuthPart::Oauth {} => Ok(()),
    })
}

/// Requests go to no other machine.
fn upstream(part: Option<&str>) -> Checked {
    match part.map(super::upstream::authority).transpose() {
        Ok(_) => Ok(()),
        Err(why) => refuse("upstream", why),
    }
}
