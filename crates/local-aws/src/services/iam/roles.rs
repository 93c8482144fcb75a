//! Roles, and who may assume them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    done, encoded, given_keys, given_tags, listed, managed, no_such_entity, path, required, tags_json, text,
    with_tags,
};
use crate::core::error::{Answer, ApiError};
use crate::core::ids;
use crate::core::tags::Tags;
use crate::core::timestamp::iso8601_seconds;
use crate::core::world::World;
use crate::seed::RolePart;
use crate::wire::Reply;

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Role {
    pub(crate) id: String,
    created: SystemTime,
    /// What a caller must send as ExternalId to a role of the seed.
    #[serde(default)]
    external_id: Option<String>,
    /// The token that a role of the seed is given for, and nothing else.
    #[serde(default)]
    pub(crate) web_identity_token: Option<String>,
    #[serde(default = "root")]
    path: String,
    /// The trust policy of a role that a call has made.
    #[serde(default)]
    trust: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default = "an_hour")]
    max_session_seconds: i64,
    #[serde(default)]
    permissions_boundary: Option<String>,
    /// Policies of its own, by their names.
    #[serde(default)]
    pub(super) inline: BTreeMap<String, String>,
    /// The ARNs of the managed policies that it has.
    #[serde(default)]
    pub(super) attached: BTreeSet<String>,
    #[serde(default)]
    tags: Tags,
}

fn root() -> String {
    "/".to_owned()
}

fn an_hour() -> i64 {
    3600
}

impl Role {
    fn new(created: SystemTime) -> Self {
        Self {
            id: format!("AROA{}", ids::letters(17).to_uppercase()),
            created,
            external_id: None,
            web_identity_token: None,
            path: root(),
            trust: None,
            description: None,
            max_session_seconds: an_hour(),
            permissions_boundary: None,
            inline: BTreeMap::new(),
            attached: BTreeSet::new(),
            tags: Tags::new(),
        }
    }

    /// How long a session of it may last.
    pub(crate) fn longest_session(&self) -> Duration {
        Duration::from_secs(self.max_session_seconds.unsigned_abs())
    }

    /// Whether a caller of the account may assume it. A role of the seed trusts all of them.
    pub(crate) fn trusts(&self, caller: &str, external_id: Option<&str>) -> bool {
        let Some(trust) = &self.trust else {
            let wanted = self.external_id.as_deref();
            return self.web_identity_token.is_none()
                && wanted.is_none_or(|wanted| external_id == Some(wanted));
        };
        allowing(trust).any(|statement| lets_in(&statement, caller, external_id))
    }

    /// Whether a service may take it on. A role of the seed trusts Step Functions and EventBridge, unless it is given for a
    /// token.
    fn lets_in_service(&self, service: &str) -> bool {
        let Some(trust) = &self.trust else {
            return self.web_identity_token.is_none();
        };
        let named = |statement: &Value| {
            let services = each(&statement["Principal"]["Service"]).into_iter();
            services.filter_map(Value::as_str).any(|named| named == service)
        };
        allowing(trust).any(|statement| assumes(&statement) && named(&statement))
    }
}

/// Whether there is a role of this ARN that a service, such as `states.amazonaws.com`, may take on.
pub(crate) fn trusts_service(world: &World, arn: &str, service: &str) -> bool {
    let path = arn.strip_prefix(&world.origin.global_arn("iam", "role/"));
    let name = path.and_then(|path| path.rsplit('/').next());
    let role = name.and_then(|name| world.roles().get(name));
    role.is_some_and(|role| role.lets_in_service(service))
}

/// The items of a list, or the one that stands for a list.
fn each(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        Value::Null => Vec::new(),
        one => vec![one],
    }
}

/// The statements of a trust policy that allow something.
fn allowing(trust: &str) -> impl Iterator<Item = Value> {
    let document: Value = serde_json::from_str(trust).unwrap_or_default();
    let statements: Vec<Value> = each(&document["Statement"]).into_iter().cloned().collect();
    statements
        .into_iter()
        .filter(|statement| statement["Effect"] == "Allow")
}

/// Whether a statement is about AssumeRole.
fn assumes(statement: &Value) -> bool {
    let mut actions = each(&statement["Action"]).into_iter().filter_map(Value::as_str);
    actions.any(|action| matches!(action, "*" | "sts:*" | "sts:AssumeRole"))
}

/// Whether a statement lets a caller assume the role: by the account, the root, or the very caller.
fn lets_in(statement: &Value, caller: &str, external_id: Option<&str>) -> bool {
    let account = caller.split(':').nth(4).unwrap_or_default();
    let is_caller = |principal: &str| {
        let is_root = principal.contains(":iam::") && principal.ends_with(&format!("::{account}:root"));
        principal == "*" || principal == account || principal == caller || is_root
    };
    let principal = &statement["Principal"];
    let principals = each(principal.get("AWS").unwrap_or(principal)).into_iter();
    let wanted = &statement["Condition"]["StringEquals"]["sts:ExternalId"];
    let wanted: Vec<&str> = each(wanted).into_iter().filter_map(Value::as_str).collect();
    assumes(statement)
        && principals.filter_map(Value::as_str).any(is_caller)
        && (wanted.is_empty() || external_id.is_some_and(|given| wanted.contains(&given)))
}

/// Makes a role that Step Functions and EventBridge may take on, and the account's callers, as far as it trusts them.
pub(crate) fn make(world: &mut World, part: &RolePart) {
    let mut role = Role::new(world.now());
    if let RolePart::Trust(trust) = part {
        role.external_id.clone_from(&trust.external_id);
        role.web_identity_token.clone_from(&trust.web_identity_token);
    }
    world.roles_mut().insert(part.name().to_owned(), role);
}

/// The trust policy of the roles of the seed.
fn trust_of_seed() -> String {
    json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": { "Service": ["states.amazonaws.com", "events.amazonaws.com"] },
    }] })
    .to_string()
}

fn not_found(name: &str) -> ApiError {
    no_such_entity(format!("The role with name {name} cannot be found."))
}

/// The role that a request names, with its name.
pub(super) fn find<'w, 'i>(world: &'w World, input: &'i Value) -> Answer<(&'i str, &'w Role)> {
    let name = required(input, "RoleName");
    let role = world.roles().get(name).ok_or_else(|| not_found(name))?;
    Ok((name, role))
}

pub(super) fn find_mut<'w>(world: &'w mut World, input: &Value) -> Answer<&'w mut Role> {
    let name = required(input, "RoleName");
    world.roles_mut().get_mut(name).ok_or_else(|| not_found(name))
}

/// A role as it is shown.
fn shown(world: &World, name: &str, role: &Role) -> Value {
    let trust = role.trust.clone().unwrap_or_else(trust_of_seed);
    let arn = world
        .origin
        .global_arn("iam", format_args!("role{}{name}", role.path));
    let mut shown = json!({
        "Path": role.path,
        "RoleName": name,
        "RoleId": role.id,
        "Arn": arn,
        "CreateDate": iso8601_seconds(role.created),
        "AssumeRolePolicyDocument": encoded(&trust),
        "Description": role.description,
        "MaxSessionDuration": role.max_session_seconds,
    });
    if let Some(boundary) = &role.permissions_boundary {
        shown["PermissionsBoundary"] = json!({ "PermissionsBoundaryType": "PermissionsBoundaryPolicy",
            "PermissionsBoundaryArn": boundary });
    }
    if !role.tags.is_empty() {
        shown["Tags"] = tags_json(&role.tags);
    }
    shown
}

fn max_session(input: &Value) -> i64 {
    input["MaxSessionDuration"].as_i64().unwrap_or_else(an_hour)
}

pub(super) fn create(world: &mut World, input: &Value) -> Answer<Reply> {
    let name = required(input, "RoleName");
    let owned = |member: &str| text(input, member).map(str::to_owned);
    let role = Role {
        trust: Some(super::document(input, "AssumeRolePolicyDocument")?),
        path: path(input),
        description: owned("Description"),
        max_session_seconds: max_session(input),
        permissions_boundary: owned("PermissionsBoundary"),
        tags: with_tags(&Tags::new(), given_tags(input))?,
        ..Role::new(world.now())
    };
    if world.roles().contains_key(name) {
        let message = format!("Role with name {name} already exists.");
        return Err(ApiError::new("EntityAlreadyExists", message));
    }
    let mut shown = shown(world, name, &role);
    // Recorded: what was not sent is told by GetRole only.
    if input["MaxSessionDuration"].is_null() {
        shown["MaxSessionDuration"] = Value::Null;
    }
    world.roles_mut().insert(name.to_owned(), role);
    Ok(Reply::json(json!({ "Role": shown })))
}

pub(super) fn get(world: &World, input: &Value) -> Answer<Reply> {
    let (name, role) = find(world, input)?;
    let mut shown = shown(world, name, role);
    shown["RoleLastUsed"] = json!({});
    Ok(Reply::json(json!({ "Role": shown })))
}

pub(super) fn update(world: &mut World, input: &Value) -> Answer<Reply> {
    let role = find_mut(world, input)?;
    role.max_session_seconds = max_session(input);
    if let Some(description) = input["Description"].as_str() {
        role.description = (!description.is_empty()).then(|| description.to_owned());
    }
    done()
}

pub(super) fn update_trust(world: &mut World, input: &Value) -> Answer<Reply> {
    let role = find_mut(world, input)?;
    role.trust = Some(super::document(input, "PolicyDocument")?);
    done()
}

pub(super) fn put_boundary(world: &mut World, input: &Value) -> Answer<Reply> {
    find(world, input)?;
    let arn = managed::attachable(world, input, "PermissionsBoundary")?;
    find_mut(world, input)?.permissions_boundary = Some(arn);
    done()
}

pub(super) fn delete_boundary(world: &mut World, input: &Value) -> Answer<Reply> {
    find_mut(world, input)?.permissions_boundary = None;
    done()
}

pub(super) fn delete(world: &mut World, input: &Value) -> Answer<Reply> {
    let (name, role) = find(world, input)?;
    let first = match (role.attached.is_empty(), role.inline.is_empty()) {
        (false, _) => "must detach all policies first.",
        (true, false) => "must delete policies first.",
        (true, true) => {
            world.roles_mut().remove(name);
            return done();
        }
    };
    let message = format!("Cannot delete entity, {first}");
    Err(ApiError::new("DeleteConflict", message))
}

/// There are no instances here, so no role has a profile for them.
pub(super) fn list_instance_profiles(world: &World, input: &Value) -> Answer<Reply> {
    find(world, input)?;
    listed(
        input,
        "InstanceProfiles",
        std::iter::empty::<(&str, Value)>(),
        |none| none,
    )
}

pub(super) fn tag(world: &mut World, input: &Value) -> Answer<Reply> {
    let role = find_mut(world, input)?;
    role.tags = with_tags(&role.tags, given_tags(input))?;
    done()
}

pub(super) fn untag(world: &mut World, input: &Value) -> Answer<Reply> {
    let role = find_mut(world, input)?;
    for key in given_keys(input) {
        role.tags.remove(key);
    }
    done()
}

pub(super) fn list_tags(world: &World, input: &Value) -> Answer<Reply> {
    let (_, role) = find(world, input)?;
    let tags = role.tags.iter().map(|tag| (tag.0, tag));
    listed(
        input,
        "Tags",
        tags,
        |(key, value)| json!({ "Key": key, "Value": value }),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_assumed_by_whom_its_trust_policy_names() {
        const CALLER: &str = "arn:aws:iam::123456789012:user/local";
        let role = |principal: Value, condition: Value| Role {
            trust: Some(
                json!({ "Statement": { "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal,
                    "Condition": condition } })
                .to_string(),
            ),
            ..Role::new(SystemTime::UNIX_EPOCH)
        };
        for (principal, trusts) in [
            (json!({ "AWS": "arn:aws:iam::123456789012:root" }), true),
            (json!({ "AWS": ["123456789012"] }), true),
            (json!("*"), true),
            (json!({ "AWS": CALLER }), true),
            (json!({ "AWS": "arn:aws:iam::210987654321:root" }), false),
            (json!({ "Service": "states.amazonaws.com" }), false),
        ] {
            assert_eq!(
                role(principal.clone(), json!({})).trusts(CALLER, None),
                trusts,
                "{principal}"
            );
        }
        let with_id = role(
            json!("*"),
            json!({ "StringEquals": { "sts:ExternalId": "ours" } }),
        );
        assert!(with_id.trusts(CALLER, Some("ours")) && !with_id.trusts(CALLER, None));
    }
}
