//! STS, and the access keys that requests may be signed with.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::error::{Answer, ApiError};
use crate::ids;
use crate::protocol::Reply;
use crate::protocol::query::Params;
use crate::protocol::xml::Xml;
use crate::seed::Origin;
use crate::timestamp::iso8601;
use crate::world::World;

pub(crate) const OPERATIONS: &[&str] = &["AssumeRole", "GetCallerIdentity"];

/// Parameters that name what a call is about.
pub(crate) const RESOURCES: &[&str] = &["RoleArn", "RoleSessionName"];

/// Who stands behind an access key.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Key {
    pub(crate) secret: String,
    /// The session token that goes with a temporary key, and its end.
    pub(crate) session: Option<(String, SystemTime)>,
    pub(crate) arn: String,
    user_id: String,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Credentials(BTreeMap<String, Key>);

impl Credentials {
    /// The one key that is always there: `local` with the secret `local`.
    pub(crate) fn new(origin: &Origin) -> Self {
        let key = Key {
            secret: "local".to_owned(),
            session: None,
            arn: origin.global_arn("iam", "user/local"),
            user_id: "AIDALOCALLOCALLOCALL".to_owned(),
        };
        Self(BTreeMap::from([("local".to_owned(), key)]))
    }

    pub(crate) fn get(&self, access_key: &str) -> Option<&Key> {
        self.0.get(access_key)
    }
}

pub(crate) fn dispatch(
    world: &mut World,
    operation: &str,
    params: &Params,
    access_key: &str,
) -> Answer<Reply> {
    match operation {
        "GetCallerIdentity" => identity(world, access_key),
        "AssumeRole" => assume_role(world, params),
        "" => Err(ApiError::bad_request(
            "MissingAction",
            "The request is missing an action.",
        )),
        _ => Err(ApiError::bad_request(
            "InvalidAction",
            format!("Could not find operation {operation} for version 2011-06-15"),
        )),
    }
}

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

fn assume_role(world: &mut World, params: &Params) -> Answer<Reply> {
    let given = |name: &str| {
        let value = params.get(name).filter(|value| !value.is_empty());
        value.ok_or_else(|| {
            let member = format!("{}{}", name[..1].to_lowercase(), &name[1..]);
            invalid(format!(
                "1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be null"
            ))
        })
    };
    let role_arn = given("RoleArn")?;
    let session = given("RoleSessionName")?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    if !(2..=64).contains(&session.len()) || !session.chars().all(allowed) {
        return Err(invalid(format!(
            "1 validation error detected: Value '{session}' at 'roleSessionName' failed to satisfy constraint: \
             Member must satisfy regular expression pattern: [\\w+=,.@-]*, with 2 to 64 characters"
        )));
    }
    let own = world.origin.global_arn("iam", "role/");
    let Some(role) = role_arn.strip_prefix(&own).filter(|role| !role.is_empty()) else {
        return Err(
            if role_arn.starts_with("arn:aws") && role_arn.contains(":iam::") {
                ApiError::new(
                    403,
                    "AccessDenied",
                    format!("Not authorized to perform sts:AssumeRole on resource: {role_arn}"),
                )
            } else {
                invalid(format!("{role_arn} is invalid"))
            },
        );
    };
    let seconds = params.integer("DurationSeconds")?.unwrap_or(3600);
    let lasting = u64::try_from(seconds)
        .ok()
        .filter(|seconds| (900..=43_200).contains(seconds))
        .ok_or_else(|| {
            invalid(format!(
                "The requested DurationSeconds {seconds} is not between 900 and 43200"
            ))
        })?;
    let expires = world.now() + Duration::from_secs(lasting);
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
    world.credentials.0.insert(access_key, key);
    Ok(Reply::Xml(xml))
}
