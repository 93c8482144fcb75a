//! Managed policies and their versions. Those of AWS can be attached, and are not shown.

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::{
    done, encoded, given_tags, invalid, name, no_such_entity, page, path, with_tags, write_end, write_tags,
};
use crate::core::error::{Answer, ApiError};
use crate::core::ids;
use crate::core::tags::Tags;
use crate::core::timestamp::iso8601;
use crate::core::world::World;
use crate::wire::Reply;
use crate::wire::query::Params;
use crate::wire::xml::Xml;

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

fn arn<'p>(params: &'p Params, parameter: &str) -> Answer<&'p str> {
    let arn = params.get(parameter).unwrap_or_default();
    if arn.starts_with("arn:") && arn.contains(":policy/") && arn.len() <= 2048 {
        return Ok(arn);
    }
    Err(invalid(format!("ARN {arn} is not valid.")))
}

fn find<'w, 'p>(world: &'w World, params: &'p Params) -> Answer<(&'p str, &'w Policy)> {
    let arn = arn(params, "PolicyArn")?;
    let policy = world.policies().get(arn).ok_or_else(|| not_found(arn))?;
    Ok((arn, policy))
}

fn find_mut<'w>(world: &'w mut World, params: &Params) -> Answer<&'w mut Policy> {
    let arn = arn(params, "PolicyArn")?;
    world.policies_mut().get_mut(arn).ok_or_else(|| not_found(arn))
}

/// The ARN of a policy that a role can have: one of the account, or one of AWS.
pub(super) fn attachable(world: &World, params: &Params, parameter: &str) -> Answer<String> {
    let arn = arn(params, parameter)?;
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

fn write(xml: &mut Xml, world: &World, arn: &str, policy: &Policy) {
    xml.node("Policy", |xml| {
        xml.leaf("PolicyName", &policy.name);
        xml.leaf("PolicyId", &policy.id);
        xml.leaf("Arn", arn);
        xml.leaf("Path", &policy.path);
        xml.leaf("DefaultVersionId", format_args!("v{}", policy.default));
        xml.leaf("AttachmentCount", attachments(world, arn));
        xml.leaf("PermissionsBoundaryUsageCount", 0);
        xml.leaf("IsAttachable", true);
        xml.leaf_if("Description", policy.description.as_ref());
        xml.leaf("CreateDate", iso8601(policy.created));
        xml.leaf("UpdateDate", iso8601(policy.updated));
        if !policy.tags.is_empty() {
            write_tags(xml, &policy.tags);
        }
    });
}

pub(super) fn create(world: &mut World, params: &Params) -> Answer<Reply> {
    let name = name(params, "PolicyName", 128)?;
    let (path, document) = (path(params)?, super::document(params, "PolicyDocument")?);
    let tags = with_tags(&Tags::new(), given_tags(params))?;
    let arn = world.origin.global_arn("iam", format_args!("policy{path}{name}"));
    if world.policies().values().any(|policy| policy.name == name) {
        let message = format!("A policy called {name} already exists. Duplicate names are not allowed.");
        return Err(ApiError::new(409, "EntityAlreadyExists", message));
    }
    let now = world.now();
    let policy = Policy {
        id: format!("ANPA{}", ids::letters(17).to_uppercase()),
        name: name.to_owned(),
        path,
        description: params
            .get("Description")
            .filter(|text| !text.is_empty())
            .map(str::to_owned),
        created: now,
        updated: now,
        versions: BTreeMap::from([(
            1,
            Version {
                document,
                created: now,
            },
        )]),
        default: 1,
        last: 1,
        tags,
    };
    let mut xml = Xml::default();
    write(&mut xml, world, &arn, &policy);
    world.policies_mut().insert(arn, policy);
    Ok(Reply::Xml(xml))
}

pub(super) fn get(world: &World, params: &Params) -> Answer<Reply> {
    let (arn, policy) = find(world, params)?;
    let mut xml = Xml::default();
    write(&mut xml, world, arn, policy);
    Ok(Reply::Xml(xml))
}

pub(super) fn delete(world: &mut World, params: &Params) -> Answer<Reply> {
    let (arn, policy) = find(world, params)?;
    let conflict = |message: &str| Err(ApiError::new(409, "DeleteConflict", message));
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
fn version<'w>(policy: &'w Policy, params: &Params) -> Answer<(u32, &'w Version)> {
    let id = params.get("VersionId").unwrap_or_default();
    let number = id.strip_prefix('v').and_then(|number| number.parse().ok());
    let found = number.and_then(|number: u32| Some((number, policy.versions.get(&number)?)));
    found.ok_or_else(|| {
        let name = &policy.name;
        no_such_entity(format!(
            "Policy {name} version {id} does not exist or is not attachable."
        ))
    })
}

fn write_version(xml: &mut Xml, policy: &Policy, number: u32, version: &Version, with_document: bool) {
    if with_document {
        xml.leaf("Document", encoded(&version.document));
    }
    xml.leaf("VersionId", format_args!("v{number}"));
    xml.leaf("IsDefaultVersion", number == policy.default);
    xml.leaf("CreateDate", iso8601(version.created));
}

pub(super) fn get_version(world: &World, params: &Params) -> Answer<Reply> {
    let (_, policy) = find(world, params)?;
    let (number, version) = version(policy, params)?;
    let mut xml = Xml::default();
    xml.node("PolicyVersion", |xml| {
        write_version(xml, policy, number, version, true)
    });
    Ok(Reply::Xml(xml))
}

pub(super) fn list_versions(world: &World, params: &Params) -> Answer<Reply> {
    let (_, policy) = find(world, params)?;
    let versions = policy
        .versions
        .iter()
        .map(|version| (format!("{:08}", version.0), version));
    let (versions, next) = page(params, versions)?;
    let mut xml = Xml::default();
    xml.members("Versions", versions, |xml, (number, version)| {
        write_version(xml, policy, *number, version, false);
    });
    write_end(&mut xml, next);
    Ok(Reply::Xml(xml))
}

pub(super) fn create_version(world: &mut World, params: &Params) -> Answer<Reply> {
    let document = super::document(params, "PolicyDocument")?;
    let is_default = params.flag("SetAsDefault")?.unwrap_or(false);
    let now = world.now();
    let policy = find_mut(world, params)?;
    if policy.versions.len() >= MOST_VERSIONS {
        let message = "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.";
        return Err(ApiError::new(409, "LimitExceeded", message));
    }
    policy.last += 1;
    let number = policy.last;
    policy.updated = now;
    if is_default {
        policy.default = number;
    }
    policy.versions.insert(
        number,
        Version {
            document,
            created: now,
        },
    );
    let mut xml = Xml::default();
    xml.node("PolicyVersion", |xml| {
        write_version(xml, policy, number, &policy.versions[&number], false);
    });
    Ok(Reply::Xml(xml))
}

pub(super) fn delete_version(world: &mut World, params: &Params) -> Answer<Reply> {
    let policy = find_mut(world, params)?;
    let (number, _) = version(policy, params)?;
    if number == policy.default {
        let message = "Cannot delete the default version of a policy.";
        return Err(ApiError::new(409, "DeleteConflict", message));
    }
    policy.versions.remove(&number);
    done()
}

pub(super) fn tag(world: &mut World, params: &Params) -> Answer<Reply> {
    let policy = find_mut(world, params)?;
    policy.tags = with_tags(&policy.tags, given_tags(params))?;
    done()
}

pub(super) fn untag(world: &mut World, params: &Params) -> Answer<Reply> {
    let policy = find_mut(world, params)?;
    for key in params.list("TagKeys.member") {
        policy.tags.remove(key);
    }
    done()
}
