//! Security groups.

use ipnet::Ipv6Net;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::describe::Described;
use super::rules::{self, Rule, Target};
use super::{GROUP, Kind, State, VPC, dry_run, required, tags, text, texts};
use crate::core::error::{Answer, ApiError};
use crate::core::ids;
use crate::core::tags::Tags;
use crate::core::world::World;
use crate::wire::Reply;

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct SecurityGroup {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) vpc_id: String,
    pub(crate) tags: Tags,
}

fn allowed(character: char) -> bool {
    character.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(character)
}

pub(crate) fn create(world: &mut World, input: &Value) -> Answer<Reply> {
    let name = required(input, "GroupName")?;
    let description = required(input, "Description")?;
    for (parameter, value) in [("groupName", name), ("groupDescription", description)] {
        if value.chars().count() > 255 || !value.chars().all(allowed) {
            return Err(ApiError::new(
                "InvalidParameterValue",
                format!(
                    "Value ({value}) for parameter {parameter} is invalid. Character sets beyond ASCII are not supported, and \
                     the length must not exceed 255"
                ),
            ));
        }
    }
    if name.starts_with("sg-") {
        return Err(ApiError::new(
            "InvalidParameterValue",
            format!("Invalid value '{name}' for groupName. Group names cannot begin with 'sg-'"),
        ));
    }
    let Some(vpc_id) = text(input, "VpcId") else {
        return Err(ApiError::new("VPCIdNotSpecified", "No default VPC for this user"));
    };
    VPC.find(&world.ec2().vpcs, vpc_id)?;
    if name.eq_ignore_ascii_case("default") {
        return Err(ApiError::new(
            "InvalidParameterValue",
            "Cannot use reserved security group name: default",
        ));
    }
    let mut groups = world.ec2().groups.values();
    if groups.any(|group| group.vpc_id == vpc_id && group.name.eq_ignore_ascii_case(name)) {
        return Err(ApiError::new(
            "InvalidGroup.Duplicate",
            format!("The security group '{name}' already exists for VPC '{vpc_id}'"),
        ));
    }
    let in_vpc = world.ec2().groups.values().filter(|group| group.vpc_id == vpc_id);
    if in_vpc.count() >= world.settings.groups_per_vpc {
        return Err(ApiError::new(
            "SecurityGroupLimitExceeded",
            "The maximum number of security groups for the VPC has been reached.",
        ));
    }
    let tags = tags::specified(input, &GROUP)?;
    dry_run(input)?;
    let id = make(world, vpc_id, name, description, tags.clone());
    world.made(&id);
    let arn = world.arn("ec2", format_args!("security-group/{id}"));
    let tags = tags::json(&tags);
    Ok(Reply::json(
        json!({ "GroupId": id, "SecurityGroupArn": arn, "Tags": tags }),
    ))
}

/// Makes a group as EC2 does: with one rule that lets everything out.
pub(crate) fn make(world: &mut World, vpc_id: &str, name: &str, description: &str, tags: Tags) -> String {
    let id = ids::resource_id("sg");
    let group = SecurityGroup {
        id: id.clone(),
        name: name.to_owned(),
        description: description.to_owned(),
        vpc_id: vpc_id.to_owned(),
        tags,
    };
    world.ec2_mut().groups.insert(id.clone(), group);
    rules::add(world, Rule::everything(&id, true));
    let has_ipv6 = world
        .ec2()
        .vpcs
        .get(vpc_id)
        .is_some_and(|vpc| !vpc.ipv6_cidrs.is_empty());
    if has_ipv6 && world.settings.groups_let_ipv6_out {
        let anywhere = Target::Ipv6(Ipv6Net::default());
        rules::add(world, Rule::new(&id, true, "-1", (-1, -1), anywhere));
    }
    id
}

/// Makes the default group of a VPC, which lets its members in and everything out.
pub(crate) fn make_default(world: &mut World, vpc_id: &str) {
    let id = make(
        world,
        vpc_id,
        "default",
        "default VPC security group",
        Tags::new(),
    );
    let own = Target::Group(id.clone());
    rules::add(world, Rule::new(&id, false, "-1", (-1, -1), own));
}

/// Takes a group away, rules and all.
pub(crate) fn remove(world: &mut World, id: &str) {
    world.ec2_mut().groups.remove(id);
    world.ec2_mut().rules.retain(|_, rule| rule.group_id != id);
}

/// Groups by their ids and names, as what uses them shows them.
pub(super) fn named(world: &World, ids: &[String]) -> Value {
    let named = ids.iter().map(|id| {
        let name = world.ec2().groups.get(id).map(|group| &group.name);
        json!({ "GroupId": id, "GroupName": name })
    });
    named.collect()
}

/// Names work in a default VPC only, and there is none.
fn no_default_vpc(name: &str) -> ApiError {
    ApiError::new(
        "InvalidGroup.NotFound",
        format!("The security group '{name}' does not exist in default VPC"),
    )
}

pub(crate) fn describe(world: &mut World, input: &Value) -> Answer<Reply> {
    if let Some(name) = texts(input, "GroupNames").first() {
        return Err(no_default_vpc(name));
    }
    super::describe::describe(world, input, |ec2| &ec2.groups)
}

pub(crate) fn delete(world: &mut World, input: &Value) -> Answer<Reply> {
    let Some(id) = text(input, "GroupId") else {
        let name = text(input, "GroupName").map_or_else(|| required(input, "GroupId"), Ok)?;
        return Err(no_default_vpc(name));
    };
    let group = GROUP.find(&world.ec2().groups, id)?;
    if group.name == "default" {
        return Err(ApiError::new(
            "CannotDelete",
            format!("the specified group: \"{id}\" name: \"default\" cannot be deleted by a user"),
        ));
    }
    let ec2 = world.ec2();
    let held = ec2
        .interfaces
        .values()
        .any(|interface| interface.groups.iter().any(|group| group == id));
    let named = ec2
        .rules
        .values()
        .any(|rule| rule.group_id != id && rule.target.group() == Some(id));
    if (held || named) && world.settings.in_use_in_other_words {
        // Another of the codes that EC2's list of error codes has for it.
        return Err(ApiError::new(
            "InvalidGroup.InUse",
            format!("There are interfaces or rules using the security group '{id}'"),
        ));
    }
    if held || named {
        return Err(ApiError::new(
            "DependencyViolation",
            format!("resource {id} has a dependent object"),
        ));
    }
    dry_run(input)?;
    remove(world, id);
    Ok(Reply::json(json!({ "Return": true, "GroupId": id })))
}

impl Described for SecurityGroup {
    const KIND: Kind = GROUP;
    const IDS: &'static str = "GroupIds";
    const SET: &'static str = "SecurityGroups";
    const FILTERS: &'static [&'static str] = &[
        "description",
        "egress.ip-permission.cidr",
        "egress.ip-permission.from-port",
        "egress.ip-permission.group-id",
        "egress.ip-permission.ipv6-cidr",
        "egress.ip-permission.prefix-list-id",
        "egress.ip-permission.protocol",
        "egress.ip-permission.to-port",
        "group-id",
        "group-name",
        "ip-permission.cidr",
        "ip-permission.from-port",
        "ip-permission.group-id",
        "ip-permission.ipv6-cidr",
        "ip-permission.prefix-list-id",
        "ip-permission.protocol",
        "ip-permission.to-port",
        "owner-id",
        "vpc-id",
    ];

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn values(&self, filter: &str, ec2: &State) -> Vec<String> {
        let rules = |egress: bool| {
            ec2.rules
                .values()
                .filter(move |r| r.group_id == self.id && r.egress == egress)
        };
        let (egress, name) = match filter.strip_prefix("egress.") {
            Some(name) => (true, name),
            None => (false, filter),
        };
        match name {
            "description" => vec![self.description.clone()],
            "group-id" => vec![self.id.clone()],
            "group-name" => vec![self.name.clone()],
            "vpc-id" => vec![self.vpc_id.clone()],
            "ip-permission.cidr" => rules(egress).filter_map(|rule| rule.target.cidr()).collect(),
            "ip-permission.ipv6-cidr" => rules(egress).filter_map(|rule| rule.target.ipv6_cidr()).collect(),
            "ip-permission.prefix-list-id" => rules(egress)
                .filter_map(|rule| rule.target.prefix_list().map(str::to_owned))
                .collect(),
            "ip-permission.from-port" => rules(egress).map(|rule| rule.from_port.to_string()).collect(),
            "ip-permission.to-port" => rules(egress).map(|rule| rule.to_port.to_string()).collect(),
            "ip-permission.protocol" => rules(egress).map(|rule| rule.protocol.clone()).collect(),
            "ip-permission.group-id" => rules(egress)
                .filter_map(|rule| rule.target.group().map(str::to_owned))
                .collect(),
            _ => vec![ec2.account_id.clone()],
        }
    }

    fn json(&self, world: &World) -> Value {
        let permissions = |egress: bool| {
            let rules = world.ec2().rules.values();
            let own = rules.filter(|rule| rule.group_id == self.id && rule.egress == egress);
            rules::permissions(own, &world.origin.account_id)
        };
        json!({
            "GroupId": self.id,
            "GroupName": self.name,
            "Description": self.description,
            "OwnerId": world.origin.account_id,
            "VpcId": self.vpc_id,
            "SecurityGroupArn": world.arn("ec2", format_args!("security-group/{}", self.id)),
            "IpPermissions": permissions(false),
            "IpPermissionsEgress": permissions(true),
            "Tags": tags::json(&self.tags),
        })
    }
}
