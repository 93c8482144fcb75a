//! Authorize, revoke and modify.

use serde_json::{Value, json};

use super::requested::{
    check_description, find_group, ipv4, ipv6, other_group, prefix_list, requested, traffic,
};
use super::{Rule, add};
use crate::core::error::{Answer, ApiError};
use crate::core::world::World;
use crate::services::ec2::describe::Described as _;
use crate::services::ec2::{RULE, dry_run, items, required, tags, text, texts, vpcs};
use crate::wire::Reply;

pub(crate) fn authorize(world: &mut World, input: &Value, egress: bool) -> Answer<Reply> {
    let group_id = required(input, "GroupId")?;
    find_group(world, group_id)?;
    let tags = tags::specified(input, &RULE)?;
    let mut rules = requested(world, input, group_id, egress)?;
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
        return Err(ApiError::new(
            "RulesPerSecurityGroupLimitExceeded",
            "The maximum number of rules per security group has been reached.",
        ));
    }
    dry_run(input)?;
    for rule in &mut rules {
        rule.tags = tags.clone();
    }
    let shown: Value = rules.iter().map(|rule| rule.json(world)).collect();
    for rule in rules {
        let id = rule.id.clone();
        add(world, rule);
        world.made(&id);
    }
    Ok(Reply::json(
        json!({ "Return": true, "SecurityGroupRules": shown }),
    ))
}

pub(crate) fn revoke(world: &mut World, input: &Value, egress: bool) -> Answer<Reply> {
    let group_id = required(input, "GroupId")?;
    find_group(world, group_id)?;
    let mut going = Vec::new();
    for id in texts(input, "SecurityGroupRuleIds") {
        let rule = RULE.find(&world.ec2().rules, id)?;
        if rule.group_id != group_id || rule.egress != egress {
            return Err(RULE.not_found(id));
        }
        going.push(rule.id.clone());
    }
    for wanted in requested(world, input, group_id, egress)? {
        let found = world
            .ec2()
            .rules
            .values()
            .find(|rule| rule.same_traffic(&wanted))
            .ok_or_else(|| {
                ApiError::new(
                    "InvalidPermission.NotFound",
                    "The specified rule does not exist in this security group.",
                )
            })?;
        going.push(found.id.clone());
    }
    if going.is_empty() {
        return Err(no_permissions());
    }
    dry_run(input)?;
    let revoked: Vec<Rule> = going
        .iter()
        .filter_map(|id| world.ec2_mut().rules.remove(id))
        .collect();
    let revoked = revoked.iter().map(|rule| {
        let mut shown = rule.traffic();
        shown["ReferencedGroupId"] = rule.target.group().into();
        shown
    });
    let revoked: Value = revoked.collect();
    Ok(Reply::json(
        json!({ "Return": true, "RevokedSecurityGroupRules": revoked }),
    ))
}

fn no_permissions() -> ApiError {
    ApiError::new(
        "MissingParameter",
        "The request must contain the parameter IpPermissions or SecurityGroupRuleId",
    )
}

/// ModifySecurityGroupRules: each named rule becomes what the request says, and keeps its id and direction.
pub(crate) fn modify(world: &mut World, input: &Value) -> Answer<Reply> {
    let group_id = required(input, "GroupId")?;
    find_group(world, group_id)?;
    let mut changed: Vec<Rule> = Vec::new();
    for update in items(input, "SecurityGroupRules") {
        let id = required(update, "SecurityGroupRuleId")?;
        let old = RULE.find(&world.ec2().rules, id)?;
        if old.group_id != group_id {
            return Err(RULE.not_found(id));
        }
        let wanted = &update["SecurityGroupRule"];
        if text(wanted, "IpProtocol").is_none() {
            return Err(ApiError::new(
                "InvalidParameterValue",
                "Invalid value 'null' for protocol. VPC security group rules must specify protocols explicitly.",
            ));
        }
        let (protocol, ports) = traffic(wanted)?;
        let given = |name: &str| text(wanted, name);
        let target = match ["CidrIpv4", "CidrIpv6", "PrefixListId", "ReferencedGroupId"].map(given) {
            [Some(cidr), None, None, None] => ipv4(cidr)?,
            [None, Some(cidr), None, None] => ipv6(cidr)?,
            [None, None, Some(id), None] => prefix_list(id)?,
            [None, None, None, Some(id)] => other_group(world, group_id, id)?,
            [None, None, None, None] => {
                return Err(ApiError::new(
                    "MissingParameter",
                    "The request must contain exactly one of: cidrIp, cidrIpv6, prefixListId, or referencedGroupId",
                ));
            }
            _ => {
                return Err(ApiError::new(
                    "InvalidParameterCombination",
                    "Only one of cidrIp, cidrIpv6, prefixListId, or referencedGroupId can be specified",
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
    dry_run(input)?;
    for rule in changed {
        add(world, rule);
    }
    Ok(vpcs::returned())
}

fn duplicate(rule: &Rule) -> ApiError {
    ApiError::new(
        "InvalidPermission.Duplicate",
        format!("the specified rule \"{}\" already exists", rule.words()),
    )
}
