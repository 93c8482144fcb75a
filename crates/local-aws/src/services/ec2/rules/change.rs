//! Authorize, revoke and modify.

use super::requested::{check_description, find_group, ipv4, ipv6, prefix_list, requested, traffic};
use super::{Rule, Target, add};
use crate::core::error::{Answer, ApiError};
use crate::core::world::World;
use crate::services::ec2::describe::Described as _;
use crate::services::ec2::{RULE, dry_run, tags, vpcs};
use crate::wire::Reply;
use crate::wire::query::Params;
use crate::wire::xml::Xml;

pub(crate) fn authorize(world: &mut World, params: &Params, egress: bool) -> Answer<Reply> {
    let group_id = params.required("GroupId")?;
    find_group(world, group_id)?;
    let tags = tags::specified(params, &RULE)?;
    let mut rules = requested(world, params, group_id, egress)?;
    if rules.is_empty() {
        return Err(no_permissions());
    }
    for (index, rule) in rules.iter().enumerate() {
        let known = world.ec2().rules.values().chain(&rules[..index]);
        if known.into_iter().any(|other| other.same_traffic(rule)) {
            return Err(duplicate(rule));
        }
    }
    let there = world
        .ec2()
        .rules
        .values()
        .filter(|rule| rule.group_id == group_id && rule.egress == egress)
        .count();
    if there + rules.len() > world.settings.rules_per_group {
        return Err(ApiError::bad_request(
            "RulesPerSecurityGroupLimitExceeded",
            "The maximum number of rules per security group has been reached.",
        ));
    }
    dry_run(params)?;
    let mut xml = Xml::default();
    xml.leaf("return", true);
    for rule in &mut rules {
        rule.tags = tags.clone();
    }
    xml.list("securityGroupRuleSet", &rules, |xml, rule| rule.write(xml, world));
    for rule in rules {
        let id = rule.id.clone();
        add(world, rule);
        world.made(&id);
    }
    Ok(Reply::Xml(xml))
}

pub(crate) fn revoke(world: &mut World, params: &Params, egress: bool) -> Answer<Reply> {
    let group_id = params.required("GroupId")?;
    find_group(world, group_id)?;
    let mut going = Vec::new();
    for id in params.list("SecurityGroupRuleId") {
        let rule = RULE.find(&world.ec2().rules, id)?;
        if rule.group_id != group_id || rule.egress != egress {
            return Err(RULE.not_found(id));
        }
        going.push(rule.id.clone());
    }
    for wanted in requested(world, params, group_id, egress)? {
        let found = world
            .ec2()
            .rules
            .values()
            .find(|rule| rule.same_traffic(&wanted))
            .ok_or_else(|| {
                ApiError::bad_request(
                    "InvalidPermission.NotFound",
                    "The specified rule does not exist in this security group.",
                )
            })?;
        going.push(found.id.clone());
    }
    if going.is_empty() {
        return Err(no_permissions());
    }
    dry_run(params)?;
    let revoked: Vec<Rule> = going
        .iter()
        .filter_map(|id| world.ec2_mut().rules.remove(id))
        .collect();
    let mut xml = Xml::default();
    xml.leaf("return", true);
    xml.list("revokedSecurityGroupRuleSet", &revoked, |xml, rule| {
        rule.write_traffic(xml);
        if let Target::Group(id) = &rule.target {
            xml.leaf("referencedGroupId", id);
        }
    });
    Ok(Reply::Xml(xml))
}

fn no_permissions() -> ApiError {
    ApiError::bad_request(
        "MissingParameter",
        "The request must contain the parameter IpPermissions or SecurityGroupRuleId",
    )
}

/// ModifySecurityGroupRules: each named rule becomes what the request says, and keeps its id and direction.
pub(crate) fn modify(world: &mut World, params: &Params) -> Answer<Reply> {
    let group_id = params.required("GroupId")?;
    find_group(world, group_id)?;
    let mut changed: Vec<Rule> = Vec::new();
    let updates = params.structures("SecurityGroupRule");
    if updates.is_empty() {
        params.required("SecurityGroupRule")?;
    }
    for update in updates {
        let id = update.required("SecurityGroupRuleId")?;
        let old = RULE.find(&world.ec2().rules, id)?;
        if old.group_id != group_id {
            return Err(RULE.not_found(id));
        }
        let wanted = update.below("SecurityGroupRule.");
        if wanted.get("IpProtocol").is_none_or(str::is_empty) {
            return Err(ApiError::bad_request(
                "InvalidParameterValue",
                "Invalid value 'null' for protocol. VPC security group rules must specify protocols explicitly.",
            ));
        }
        let (protocol, ports) = traffic(&wanted)?;
        let given = |name: &str| wanted.get(name).filter(|value| !value.is_empty());
        let target = match ["CidrIpv4", "CidrIpv6", "PrefixListId", "ReferencedGroupId"].map(given) {
            [Some(cidr), None, None, None] => ipv4(cidr)?,
            [None, Some(cidr), None, None] => ipv6(cidr)?,
            [None, None, Some(id), None] => prefix_list(id)?,
            [None, None, None, Some(id)] => {
                find_group(world, id)?;
                Target::Group(id.to_owned())
            }
            [None, None, None, None] => {
                return Err(ApiError::bad_request(
                    "MissingParameter",
                    "The request must contain the parameter CidrIpv4, CidrIpv6, PrefixListId or ReferencedGroupId",
                ));
            }
            _ => {
                return Err(ApiError::bad_request(
                    "InvalidParameterCombination",
                    "Exactly one of CidrIpv4, CidrIpv6, PrefixListId and ReferencedGroupId must be given for each rule",
                ));
            }
        };
        let description = given("Description").map(str::to_owned);
        check_description(description.as_deref())?;
        changed.push(Rule {
            id: old.id.clone(),
            tags: old.tags.clone(),
            description,
            ..Rule::new(group_id, old.egress, &protocol, ports, target)
        });
    }
    for (index, rule) in changed.iter().enumerate() {
        let others = world
            .ec2()
            .rules
            .values()
            .filter(|other| changed.iter().all(|new| new.id != other.id));
        if others
            .chain(&changed[..index])
            .any(|other| other.same_traffic(rule))
        {
            return Err(duplicate(rule));
        }
    }
    dry_run(params)?;
    for rule in changed {
        add(world, rule);
    }
    Ok(vpcs::returned())
}

fn duplicate(rule: &Rule) -> ApiError {
    ApiError::bad_request(
        "InvalidPermission.Duplicate",
        format!("the specified rule \"{}\" already exists", rule.words()),
    )
}
