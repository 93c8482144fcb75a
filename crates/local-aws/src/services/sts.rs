//! STS: who the caller is, and sessions of roles.

use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::time::Duration;

use serde_json::{Value, json};

use crate::core::credentials::Key;
use crate::core::error::{Answer, ApiError};
use crate::core::ids;
use crate::core::policy::Policy;
use crate::core::registration::Registration;
use crate::core::surface::Surface;
use crate::core::timestamp::iso8601_seconds;
use crate::core::words;
use crate::core::world::World;
use crate::service::{self, Caller, Operation, Service};
use crate::services::iam::Role;
use crate::wire::Reply;
use crate::wire::model::{Amendment, Model, of_query};

/// Every operation there is.
const OPERATIONS: &[Operation] = &[
    Operation::at_once("AssumeRole", |world, input, caller| {
        assume_role(world, input, caller)
    }),
    Operation::at_once("AssumeRoleWithWebIdentity", |world, input, _| {
        assume_role_with_web_identity(world, input)
    }),
    Operation::at_once("GetCallerIdentity", |world, _, caller| {
        identity(world, &caller.access_key)
    }),
];

pub(crate) static SURFACE: Surface = Surface::new("sts", words::QUERY, || service::names(OPERATIONS));

/// Errors that are common to the services of this protocol, and what is recorded of tags; no operation lists them.
const AMENDMENTS: &[Amendment] = &[
    Amendment::Error("AccessDenied", 403, &[]),
    Amendment::Error("InvalidClientTokenId", 403, &["GetCallerIdentity"]),
    Amendment::Error("InvalidParameterValue", 400, &["AssumeRole"]),
    // Recorded of numbers that are none, or larger than 32 bits have room for (stackd, query_inputs).
    Amendment::Error("MalformedInput", 400, &[]),
    Amendment::Error("ValidationError", 400, &[]),
];

static MODEL: LazyLock<Model<'static>> =
    LazyLock::new(|| Model::read(include_str!("sts/model.json")).amended(AMENDMENTS));

pub(crate) static SERVICE: Service = Service {
    surface: &SURFACE,
    registration: &Registration {
        surface: Some(&SURFACE),
        ..Registration::NOTHING
    },
    model: &MODEL,
    resources: &["RoleArn", "RoleSessionName"],
    refuses: of_query,
    operations: OPERATIONS,
};

fn identity(world: &World, access_key: &str) -> Answer<Reply> {
    let key = world.credentials.get(access_key).ok_or_else(|| {
        ApiError::new(
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        )
    })?;
    let account = &world.origin.account_id;
    Ok(Reply::json(
        json!({ "Arn": key.arn, "UserId": key.user_id, "Account": account }),
    ))
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("ValidationError", message)
}

/// The longest session of a caller whose keys are those of a session, in seconds.
const LONGEST_OF_A_CHAIN: u64 = 3600;

fn assume_role(world: &mut World, input: &Value, caller: &Caller) -> Answer<Reply> {
    let wanted = Wanted::read(world, input)?;
    let denied = || {
        let (resource, caller) = (wanted.arn, &caller.arn);
        let message =
            format!("User: {caller} is not authorized to perform: sts:AssumeRole on resource: {resource}");
        ApiError::new("AccessDenied", message)
    };
    let role = wanted.role(world).ok_or_else(denied)?;
    let is_trusted = role.trusts(&caller.arn, input["ExternalId"].as_str());
    if !is_trusted {
        return Err(denied());
    }
    let key = world.credentials.get(&caller.access_key);
    if key.is_some_and(|key| key.session.is_some()) && wanted.lasting.as_secs() > LONGEST_OF_A_CHAIN {
        return Err(invalid(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
        ));
    }
    wanted.check_duration(role)?;
    let inherited = key.map(|key| key.transitive_tags.clone()).unwrap_or_default();
    let transitive = transitive_tags(input, &inherited)?;
    Ok(Reply::json(wanted.session(world, transitive)))
}

fn assume_role_with_web_identity(world: &mut World, input: &Value) -> Answer<Reply> {
    let wanted = Wanted::read(world, input)?;
    let token = input["WebIdentityToken"].as_str().unwrap_or_default();
    let denied = || {
        let message = "Not authorized to perform sts:AssumeRoleWithWebIdentity";
        ApiError::new("AccessDenied", message.to_owned())
    };
    let role = wanted.role(world).ok_or_else(denied)?;
    let trusted = role.web_identity_token.as_deref().ok_or_else(denied)?;
    if token != trusted {
        return Err(ApiError::new(
            "InvalidIdentityToken",
            "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
        ));
    }
    wanted.check_duration(role)?;
    let mut body = wanted.session(world, BTreeSet::new());
    body["SubjectFromWebIdentityToken"] = "local:subject".into();
    body["Audience"] = "sts.amazonaws.com".into();
    body["Provider"] = "https://token.example.com".into();
    Ok(Reply::json(body))
}

/// Checks the tags of a session, whose keys have no case; gives those that go on to further sessions, with those that the
/// caller's own session hands on.
fn transitive_tags(input: &Value, inherited: &BTreeSet<String>) -> Answer<BTreeSet<String>> {
    let wrong = |message: &str| Err(ApiError::new("InvalidParameterValue", message));
    let tags = input["Tags"].as_array().into_iter().flatten();
    let mut keys = BTreeSet::new();
    for key in tags.filter_map(|tag| tag["Key"].as_str()) {
        if !keys.insert(key.to_lowercase()) {
            return wrong("Duplicate tag keys found. Please note that Tag keys are case insensitive.");
        }
    }
    let transitive = input["TransitiveTagKeys"].as_array().into_iter().flatten();
    let transitive = transitive.filter_map(|key| key.as_str().map(str::to_lowercase));
    let transitive: BTreeSet<String> = transitive.collect();
    if !transitive.is_subset(&keys) {
        return wrong("The specified transitive tag key must be included in the requested tags.");
    }
    // Recorded of any tag with such a key, transitive itself or not.
    if !keys.is_disjoint(inherited) {
        return wrong(
            "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the \
             calling session.",
        );
    }
    Ok(&transitive | inherited)
}

/// What the session may do at most, if the caller says so.
fn session_policy(input: &Value) -> Answer<Option<Value>> {
    let Some(text) = input["Policy"].as_str().filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let malformed = |error: String| ApiError::new("MalformedPolicyDocument", error);
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
    fn read(world: &World, input: &'p Value) -> Answer<Self> {
        let text = |member: &str| input[member].as_str().unwrap_or_default();
        let (arn, session) = (text("RoleArn"), text("RoleSessionName"));
        if !(arn.starts_with("arn:aws") && arn.contains(":iam::")) {
            return Err(invalid(format!("{arn} is invalid")));
        }
        let own = world.origin.global_arn("iam", "role/");
        let seconds = input["DurationSeconds"].as_u64().unwrap_or(3600);
        Ok(Self {
            arn,
            path: arn.strip_prefix(&own).map(str::to_owned),
            session,
            lasting: Duration::from_secs(seconds),
            policy: session_policy(input)?,
        })
    }

    /// The role, by the last part of its path.
    fn role<'w>(&self, world: &'w World) -> Option<&'w Role> {
        let name = self.path.as_deref()?.rsplit('/').next()?;
        world.roles().get(name)
    }

    /// A session lasts as long as its role lets sessions last.
    fn check_duration(&self, role: &Role) -> Answer<()> {
        if self.lasting <= role.longest_session() {
            return Ok(());
        }
        Err(invalid(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ))
    }

    /// Makes the session's keys.
    fn session(&self, world: &mut World, transitive_tags: BTreeSet<String>) -> Value {
        let expires = world.now() + self.lasting;
        let role = self.path.as_deref().and_then(|path| path.rsplit('/').next());
        let (role, session) = (role.unwrap_or_default(), self.session);
        let access_key = format!("ASIA{}", ids::letters(16).to_uppercase());
        let role_id = self.role(world).map(|role| role.id.clone()).unwrap_or_default();
        let token = format!("{}{}", ids::uuid(), ids::uuid()).replace('-', "");
        let key = Key {
            secret: format!("{}{}", ids::letters(20), ids::letters(20)),
            session: Some((token.clone(), expires)),
            arn: world
                .origin
                .global_arn("sts", format_args!("assumed-role/{role}/{session}")),
            user_id: format!("{role_id}:{session}"),
            session_policy: self.policy.clone(),
            transitive_tags,
        };
        let mut body = json!({
            "Credentials": {
                "AccessKeyId": access_key,
                "SecretAccessKey": key.secret,
                "SessionToken": token,
                "Expiration": iso8601_seconds(expires),
            },
            "AssumedRoleUser": { "AssumedRoleId": key.user_id, "Arn": key.arn },
        });
        if let Some(policy) = &self.policy {
            // In percent of the 2,048 characters that a policy may have.
            body["PackedPolicySize"] = (policy.to_string().len() * 100).div_ceil(2048).into();
        }
        world.credentials.add(access_key, key);
        body
    }
}
