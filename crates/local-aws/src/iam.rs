//! IAM: GetRole, for the roles that the seed has.

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::error::{Answer, ApiError};
use crate::ids;
use crate::protocol::Reply;
use crate::protocol::query::Params;
use crate::protocol::xml::Xml;
use crate::seed::RolePart;
use crate::timestamp::iso8601;
use crate::world::World;

/// What an operation does.
type Handler = fn(&World, &Params) -> Answer<Reply>;

/// Every operation there is.
const OPERATIONS: &[(&str, Handler)] = &[("GetRole", get_role)];

/// Parameters that name what a call is about.
pub(crate) const RESOURCES: &[&str] = &["RoleName"];

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Role {
    id: String,
    created: SystemTime,
    /// What a caller must send as ExternalId.
    #[serde(default)]
    pub(crate) external_id: Option<String>,
    /// The token that the role is given for, and nothing else.
    #[serde(default)]
    pub(crate) web_identity_token: Option<String>,
}

impl Role {
    /// Whether it trusts Step Functions and EventBridge.
    fn trusts_services(&self) -> bool {
        self.web_identity_token.is_none()
    }
}

/// Whether there is a role of this ARN that Step Functions and EventBridge may take on.
pub(crate) fn trusts_services(world: &World, arn: &str) -> bool {
    let path = arn.strip_prefix(&world.origin.global_arn("iam", "role/"));
    let name = path.and_then(|path| path.rsplit('/').next());
    let role = name.and_then(|name| world.roles.get(name));
    role.is_some_and(Role::trusts_services)
}

/// The roles by their names.
pub(crate) type Roles = BTreeMap<String, Role>;

/// Makes a role that Step Functions and EventBridge may take on, and the account's callers, as far as it trusts them.
pub(crate) fn make(world: &mut World, part: &RolePart) {
    let (external_id, web_identity_token) = match part {
        RolePart::Name(_) => (None, None),
        RolePart::Trust(trust) => (trust.external_id.clone(), trust.web_identity_token.clone()),
    };
    let id = format!("AROA{}", ids::letters(17).to_uppercase());
    let role = Role {
        id,
        created: world.now(),
        external_id,
        web_identity_token,
    };
    world.roles.insert(part.name().to_owned(), role);
}

pub(crate) fn operations() -> Vec<&'static str> {
    OPERATIONS.iter().map(|(name, _)| *name).collect()
}

pub(crate) fn dispatch(world: &World, operation: &str, params: &Params) -> Answer<Reply> {
    match OPERATIONS.iter().find(|(name, _)| *name == operation) {
        Some((_, handler)) => handler(world, params),
        None if operation.is_empty() => Err(ApiError::bad_request(
            "MissingAction",
            "The request is missing an action.",
        )),
        None => Err(ApiError::bad_request(
            "InvalidAction",
            format!("Could not find operation {operation} for version 2010-05-08"),
        )),
    }
}

fn get_role(world: &World, params: &Params) -> Answer<Reply> {
    let name = params.get("RoleName").unwrap_or_default();
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    if !(1..=64).contains(&name.len()) || !name.chars().all(allowed) {
        return Err(ApiError::bad_request(
            "ValidationError",
            format!(
                "1 validation error detected: Value '{name}' at 'roleName' failed to satisfy constraint: \
                 Member must satisfy regular expression pattern: [\\w+=,.@-]+, with 1 to 64 characters"
            ),
        ));
    }
    let role = world.roles.get(name).ok_or_else(|| {
        ApiError::new(
            404,
            "NoSuchEntity",
            format!("The role with name {name} cannot be found."),
        )
    })?;
    let trust = json!({ "Version": "2012-10-17", "Statement": [{
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": { "Service": ["states.amazonaws.com", "events.amazonaws.com"] },
    }] });
    // Policies are percent-encoded in IAM's answers (RFC 3986).
    let trust: String = trust
        .to_string()
        .bytes()
        .map(|byte| format!("%{byte:02X}"))
        .collect();
    let mut xml = Xml::default();
    xml.node("Role", |xml| {
        xml.leaf("Path", "/");
        xml.leaf("RoleName", name);
        xml.leaf("RoleId", &role.id);
        xml.leaf("Arn", world.origin.global_arn("iam", format_args!("role/{name}")));
        xml.leaf("CreateDate", iso8601(role.created));
        xml.leaf("AssumeRolePolicyDocument", trust);
        xml.leaf("MaxSessionDuration", 3600);
    });
    Ok(Reply::Xml(xml))
}
