//! IAM: GetRole, for the roles that the seed has.

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::core::error::{Answer, ApiError};
use crate::core::ids;
use crate::core::registration::Registration;
use crate::core::states::Kept;
use crate::core::surface::Surface;
use crate::core::timestamp::iso8601;
use crate::core::words;
use crate::core::world::World;
use crate::seed::RolePart;
use crate::service::{self, Operation, Service};
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::wire::{Protocol, Reply};

/// Every operation there is.
const OPERATIONS: &[Operation] = &[Operation::form("GetRole", |world, params, _| {
    get_role(world, params)
})];

/// IAM is one for all Regions, and signed for in us-east-1.
static SURFACE: Surface = Surface {
    region: Some("us-east-1"),
    ..Surface::new("iam", words::QUERY, || service::names(OPERATIONS))
};

pub(crate) static SERVICE: Service = Service {
    surface: &SURFACE,
    registration: &REGISTRATION,
    protocol: Protocol::AwsQuery("https://iam.amazonaws.com/doc/2010-05-08/"),
    resources: &["RoleName"],
    check: |_, _| Ok(()),
    operations: OPERATIONS,
};

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

/// The roles by their names.
pub(crate) type Roles = BTreeMap<String, Role>;

static REGISTRATION: Registration = Registration {
    surface: Some(&SURFACE),
    kept: Some(Kept::of::<Roles>("roles")),
    ..Registration::NOTHING
};

impl World {
    pub(crate) fn roles(&self) -> &Roles {
        self.state()
    }

    pub(crate) fn roles_mut(&mut self) -> &mut Roles {
        self.state_mut()
    }
}

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
    world.roles_mut().insert(part.name().to_owned(), role);
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
    let role = world.roles().get(name).ok_or_else(|| {
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
