//! Managed policies and their versions. Those of AWS can be attached, and are not shown.

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    done, encoded, given_keys, given_tags, invalid, listed, no_such_entity, path, required, tags_json, text,
    with_tags,
};
use crate::core::error::{Answer, ApiError};
use crate::core::ids;
use crate::core::tags::Tags;
use crate::core::timestamp::iso8601_seconds;
use crate::core::world::World;
use crate::wire::Reply;

#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Policy {
    id: String,
    name: String,
    path: String,
    description: Option<String>,
    created: SystemTime,
    updated: SystemTime,
    /// By their numbers.
    versions: BTreeMap<u32, Version>,
    default: u32,
    last: u32,
    tags: Tags,
}

#[derive(Debug, Deserialize, Serialize)]
struct Version {
    document: String,
    created: SystemTime,
}

/// The managed policies by their ARNs.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(super) struct Policies(BTreeMap<String, Policy>);

/// The most versions of a policy.
const MOST_VERSIONS: usize = 5;

impl World {
    fn policies(&self) -> &BTreeMap<String, Policy> {
        &self.state::<Policies>().0
    }

    fn policies_mut(&mut self) -> &mut BTreeMap<String, Policy> {
        &mut self.state_mut::<Policies>().0
    }
}

fn not_found(arn: &str) -> ApiError {
    no_such_entity(format!("Policy {arn} was not found."))
}

fn arn<'i>(input: &'i Value, member: &str) -> Answer<&'i str> {
    let arn = required(input, member);
    if arn.starts_with("arn:") && arn.contains(":policy/") {
        return Ok(arn);
    }
    Err(invalid(format!("ARN {arn} is not valid.")))
}

fn find<'w, 'i>(world: &'w World, input: &'i Value) -> Answer<(&'i str, &'w Policy)> {
    let arn = arn(input, "PolicyArn")?;
    let policy = world.policies().get(arn).ok_or_else(|| not_found(arn))?;
    Ok((arn, policy))
}

fn find_mut<'w>(world: &'w mut World, input: &Value) -> Answer<&'w mut Policy> {
    let arn = arn(input, "PolicyArn")?;
    world.policies_mut().get_mut(arn).ok_or_else(|| not_found(arn))
}

/// The ARN of a policy that a role can have: one of the account, or one of AWS.
pub(super) fn attachable(world: &World, input: &Value, member: &str) -> Answer<String> {
    let arn = arn(input, member)?;
    if arn.contains(":iam::aws:policy/") || world.policies().contains_key(arn) {
        return Ok(arn.to_owned());
    }
    Err(no_such_entity(format!(
        "Policy {arn} does not exist or is not attachable."
    )))
}

/// How many roles have a policy.
fn attachments(world: &World, arn: &str) -> usize {
    world
        .roles()
        .values()
        .filter(|role| role.attached.contains(arn))
        .count()
}

/// What every answer tells of a policy.
fn told(world: &World, arn: &str, policy: &Policy) -> Value {
    json!({
        "PolicyName": policy.name,
        "PolicyId": policy.id,
        "Arn": arn,
        "Path": policy.path,
        "DefaultVersionId": format!("v{}", policy.default),
        "AttachmentCount": attachments(world, arn),
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": true,
        "CreateDate": iso8601_seconds(policy.created),
        "UpdateDate": iso8601_seconds(policy.updated),
    })
}

fn answer(policy: &Value) -> Reply {
    Reply::json(json!({ "Policy": policy }))
}

pub(super) fn create(world: &mut World, input: &Value) -> Answer<Reply> {
    let (name, path) = (required(input, "PolicyName"), path(input));
    let document = super::document(input, "PolicyDocument")?;
    let tags = with_tags(&Tags::new(), given_tags(input))?;
    let arn = world.origin.global_arn("iam", format_args!("policy{path}{name}"));
    if world.policies().values().any(|policy| policy.name == name) {
        let message = format!("A policy called {name} already exists. Duplicate names are not allowed.");
        return Err(ApiError::new("EntityAlreadyExists", message));
    }
    let now = world.now();
    let first = Version {
        document,
        created: now,
    };
    let policy = Policy {
        id: format!("ANPA{}", ids::letters(17).to_uppercase()),
        name: name.to_owned(),
        path,
        description: text(input, "Description").map(str::to_owned),
        created: now,
        updated: now,
        versions: BTreeMap::from([(1, first)]),
        default: 1,
        last: 1,
        tags,
    };
    // Recorded: the description is told by GetPolicy alone.
    let mut made = told(world, &arn, &policy);
    if !policy.tags.is_empty() {
        made["Tags"] = tags_json(&policy.tags);
    }
    world.policies_mut().insert(arn, policy);
    Ok(answer(&made))
}

pub(super) fn get(world: &World, input: &Value) -> Answer<Reply> {
    let (arn, policy) = find(world, input)?;
    let mut found = told(world, arn, policy);
    found["Description"] = policy.description.clone().into();
    found["Tags"] = tags_json(&policy.tags);
    Ok(answer(&found))
}

pub(super) fn delete(world: &mut World, input: &Value) -> Answer<Reply> {
    let (arn, policy) = find(world, input)?;
    let conflict = |message: &str| Err(ApiError::new("DeleteConflict", message));
    if attachments(world, arn) > 0 {
        return conflict("Cannot delete a policy attached to entities.");
    }
    if policy.versions.len() > 1 {
        return conflict(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's versions.",
        );
    }
    world.policies_mut().remove(arn);
    done()
}

/// The number in a version's id.
fn version<'w>(policy: &'w Policy, input: &Value) -> Answer<(u32, &'w Version)> {
    let id = required(input, "VersionId");
    let number = id.strip_prefix('v').and_then(|number| number.parse().ok());
    let found = number.and_then(|number: u32| Some((number, policy.versions.get(&number)?)));
    found.ok_or_else(|| {
        let name = &policy.name;
        no_such_entity(format!(
            "Policy {name} version {id} does not exist or is not attachable."
        ))
    })
}

/// A version as it is shown, without its document.
fn version_shown(policy: &Policy, number: u32, version: &Version) -> Value {
    json!({ "VersionId": format!("v{number}"), "IsDefaultVersion": number == policy.default,
        "CreateDate": iso8601_seconds(version.created) })
}

pub(super) fn get_version(world: &World, input: &Value) -> Answer<Reply> {
    let (_, policy) = find(world, input)?;
    let (number, version) = version(policy, input)?;
    let mut shown = version_shown(policy, number, version);
    shown["Document"] = encoded(&version.document).into();
    Ok(Reply::json(json!({ "PolicyVersion": shown })))
}

pub(super) fn list_versions(world: &World, input: &Value) -> Answer<Reply> {
    let (_, policy) = find(world, input)?;
    let versions = policy
        .versions
        .iter()
        .map(|version| (format!("{:08}", version.0), version));
    listed(input, "Versions", versions, |(number, version)| {
        version_shown(policy, *number, version)
    })
}

pub(super) fn create_version(world: &mut World, input: &Value) -> Answer<Reply> {
    let document = super::document(input, "PolicyDocument")?;
    let is_default = input["SetAsDefault"] == true;
    let now = world.now();
    let policy = find_mut(world, input)?;
    if policy.versions.len() >= MOST_VERSIONS {
        let message = "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.";
        return Err(ApiError::new("LimitExceeded", message));
    }
    policy.last += 1;
    let number = policy.last;
    policy.updated = now;
    if is_default {
        policy.default = number;
    }
    let version = Version {
        document,
        created: now,
    };
    let shown = version_shown(policy, number, &version);
    policy.versions.insert(number, version);
    Ok(Reply::json(json!({ "PolicyVersion": shown })))
}

pub(super) fn delete_version(world: &mut World, input: &Value) -> Answer<Reply> {
    let policy = find_mut(world, input)?;
    let (number, _) = version(policy, input)?;
    if number == policy.default {
        let message = "Cannot delete the default version of a policy.";
        return Err(ApiError::new("DeleteConflict", message));
    }
    policy.versions.remove(&number);
    done()
}

pub(super) fn tag(world: &mut World, input: &Value) -> Answer<Reply> {
    let policy = find_mut(world, input)?;
    policy.tags = with_tags(&policy.tags, given_tags(input))?;
    done()
}

pub(super) fn untag(world: &mut World, input: &Value) -> Answer<Reply> {
    let policy = find_mut(world, input)?;
    for key in given_keys(input) {
        policy.tags.remove(key);
    }
    done()
}
