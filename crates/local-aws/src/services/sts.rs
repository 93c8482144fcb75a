//! STS: who the caller is, and sessions of roles.

use std::time::Duration;

use serde_json::Value;

use crate::core::credentials::Key;
use crate::core::error::{Answer, ApiError};
use crate::core::ids;
use crate::core::policy::Policy;
use crate::core::registration::Registration;
use crate::core::surface::Surface;
use crate::core::timestamp::iso8601;
use crate::core::words;
use crate::core::world::World;
use crate::service::{self, Operation, Service};
use crate::services::iam::Role;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::wire::{Protocol, Reply};

/// Every operation there is.
const OPERATIONS: &[Operation] = &[
    Operation::form("AssumeRole", |world, params, caller| {
        assume_role(world, params, &caller.arn)
    }),
    Operation::form("AssumeRoleWithWebIdentity", |world, params, _| {
        assume_role_with_web_identity(world, params)
    })
    .unsigned(),
    Operation::form("GetCallerIdentity", |world, _, caller| {
        identity(world, &caller.access_key)
    }),
];

pub(crate) static SURFACE: Surface = Surface::new("sts", words::QUERY, || service::names(OPERATIONS));

pub(crate) static SERVICE: Service = Service {
    surface: &SURFACE,
    registration: &Registration {
        surface: Some(&SURFACE),
        ..Registration::NOTHING
    },
    protocol: Protocol::AwsQuery("https://sts.amazonaws.com/doc/2011-06-15/"),
    resources: &["RoleArn", "RoleSessionName"],
    check: |_, _| Ok(()),
    operations: OPERATIONS,
};

fn identity(world: &World, access_key: &str) -> Answer<Reply> {
    let key = world.credentials.get(access_key).ok_or_else(|| {
        ApiError::new(
            403,
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        )
    })?;
    let mut xml = Xml::default();
    xml.leaf("Arn", &key.arn);
    xml.leaf("UserId", &key.user_id);
    xml.leaf("Account", &world.origin.account_id);
    Ok(Reply::Xml(xml))
}

fn invalid(message: String) -> ApiError {
    ApiError::bad_request("ValidationError", message)
}

fn assume_role(world: &mut World, params: &Params, caller: &str) -> Answer<Reply> {
    let wanted = Wanted::read(world, params)?;
    let denied = || {
        let resource = wanted.arn;
        let message =
            format!("User: {caller} is not authorized to perform: sts:AssumeRole on resource: {resource}");
        ApiError::new(403, "AccessDenied", message)
    };
    let role = wanted.role(world).ok_or_else(denied)?;
    let is_trusted = role.trusts(caller, params.get("ExternalId"));
    if !is_trusted {
        return Err(denied());
    }
    Ok(Reply::Xml(wanted.session(world)))
}

fn assume_role_with_web_identity(world: &mut World, params: &Params) -> Answer<Reply> {
    let wanted = Wanted::read(world, params)?;
    let token = given(params, "WebIdentityToken")?;
    let denied = || {
        let message = "Not authorized to perform sts:AssumeRoleWithWebIdentity";
        ApiError::new(403, "AccessDenied", message.to_owned())
    };
    let role = wanted.role(world).ok_or_else(denied)?;
    let trusted = role.web_identity_token.as_deref().ok_or_else(denied)?;
    if token != trusted {
        return Err(ApiError::bad_request(
            "InvalidIdentityToken",
            "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
        ));
    }
    let mut xml = wanted.session(world);
    xml.leaf("SubjectFromWebIdentityToken", "local:subject");
    xml.leaf("Audience", "sts.amazonaws.com");
    xml.leaf("Provider", "https://token.example.com");
    Ok(Reply::Xml(xml))
}

fn given<'p>(params: &'p Params, name: &str) -> Answer<&'p str> {
    let value = params.get(name).filter(|value| !value.is_empty());
    value.ok_or_else(|| {
        let member = format!("{}{}", name[..1].to_lowercase(), &name[1..]);
        invalid(format!(
            "1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be null"
        ))
    })
}

/// What the session may do at most, if the caller says so.
fn session_policy(params: &Params) -> Answer<Option<Value>> {
    let Some(text) = params.get("Policy").filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let malformed = |error: String| ApiError::bad_request("MalformedPolicyDocument", error);
    let document: Value = serde_json::from_str(text).map_err(|error| malformed(error.to_string()))?;
    Policy::of_session(&document).map_err(malformed)?;
    Ok(Some(document))
}

/// The session that a caller asks for.
struct Wanted<'p> {
    arn: &'p str,
    /// What follows `role/` in the ARN; `None` for a role of another account.
    path: Option<String>,
    session: &'p str,
    lasting: Duration,
    policy: Option<Value>,
}

impl<'p> Wanted<'p> {
    fn read(world: &World, params: &'p Params) -> Answer<Self> {
        let arn = given(params, "RoleArn")?;
        let session = given(params, "RoleSessionName")?;
        let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
        if !(2..=64).contains(&session.len()) || !session.chars().all(allowed) {
            return Err(invalid(format!(
                "1 validation error detected: Value '{session}' at 'roleSessionName' failed to satisfy constraint: \
                 Member must satisfy regular expression pattern: [\\w+=,.@-]*, with 2 to 64 characters"
            )));
        }
        if !(arn.starts_with("arn:aws") && arn.contains(":iam::")) {
            return Err(invalid(format!("{arn} is invalid")));
        }
        let own = world.origin.global_arn("iam", "role/");
        let seconds = params.integer("DurationSeconds")?.unwrap_or(3600);
        let lasting = u64::try_from(seconds)
            .ok()
            .filter(|seconds| (900..=43_200).contains(seconds))
            .ok_or_else(|| {
                invalid(format!(
                    "The requested DurationSeconds {seconds} is not between 900 and 43200"
                ))
            })?;
        Ok(Self {
            arn,
            path: arn.strip_prefix(&own).map(str::to_owned),
            session,
            lasting: Duration::from_secs(lasting),
            policy: session_policy(params)?,
        })
    }

    /// The role, by the last part of its path.
    fn role<'w>(&self, world: &'w World) -> Option<&'w Role> {
        let name = self.path.as_deref()?.rsplit('/').next()?;
        world.roles().get(name)
    }

    /// Makes the session's keys.
    fn session(&self, world: &mut World) -> Xml {
        let expires = world.now() + self.lasting;
        let role = self.path.as_deref().and_then(|path| path.rsplit('/').next());
        let (role, session) = (role.unwrap_or_default(), self.session);
        let access_key = format!("ASIA{}", ids::letters(16).to_uppercase());
        let role_id = format!("AROA{}", ids::letters(17).to_uppercase());
        let token = format!("{}{}", ids::uuid(), ids::uuid()).replace('-', "");
        let key = Key {
            secret: format!("{}{}", ids::letters(20), ids::letters(20)),
            session: Some((token.clone(), expires)),
            arn: world
                .origin
                .global_arn("sts", format_args!("assumed-role/{role}/{session}")),
            user_id: format!("{role_id}:{session}"),
            session_policy: self.policy.clone(),
        };
        let mut xml = Xml::default();
        xml.node("Credentials", |xml| {
            xml.leaf("AccessKeyId", &access_key);
            xml.leaf("SecretAccessKey", &key.secret);
            xml.leaf("SessionToken", &token);
            xml.leaf("Expiration", iso8601(expires));
        });
        xml.node("AssumedRoleUser", |xml| {
            xml.leaf("AssumedRoleId", &key.user_id);
            xml.leaf("Arn", &key.arn);
        });
        xml.leaf("PackedPolicySize", 0);
        world.credentials.add(access_key, key);
        xml
    }
}
