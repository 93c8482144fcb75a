//! IAM: roles with their policies, and managed policies. They are kept and shown; what they allow is not asked for but
//! who may assume a role.

mod managed;
mod policies;
mod roles;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::core::error::{Answer, ApiError};
use crate::core::page;
use crate::core::registration::Registration;
use crate::core::states::Kept;
use crate::core::surface::Surface;
use crate::core::tags::{self, Refused, Tags};
use crate::core::words;
use crate::core::world::World;
use crate::service::{self, Operation, Service};
use crate::wire::Reply;
use crate::wire::model::{Amendment, Model, of_query};

pub(crate) use roles::{Role, make, trusts_service};

/// Every operation there is.
const OPERATIONS: &[Operation] = &[
    Operation::at_once("AttachRolePolicy", |world, input, _| {
        policies::attach(world, input)
    }),
    Operation::at_once("CreatePolicy", |world, input, _| managed::create(world, input)),
    Operation::at_once("CreatePolicyVersion", |world, input, _| {
        managed::create_version(world, input)
    }),
    Operation::at_once("CreateRole", |world, input, _| roles::create(world, input)),
    Operation::at_once("DeletePolicy", |world, input, _| managed::delete(world, input)),
    Operation::at_once("DeletePolicyVersion", |world, input, _| {
        managed::delete_version(world, input)
    }),
    Operation::at_once("DeleteRole", |world, input, _| roles::delete(world, input)),
    Operation::at_once("DeleteRolePermissionsBoundary", |world, input, _| {
        roles::delete_boundary(world, input)
    }),
    Operation::at_once("DeleteRolePolicy", |world, input, _| {
        policies::delete(world, input)
    }),
    Operation::at_once("DetachRolePolicy", |world, input, _| {
        policies::detach(world, input)
    }),
    Operation::at_once("GetPolicy", |world, input, _| managed::get(world, input)),
    Operation::at_once("GetPolicyVersion", |world, input, _| {
        managed::get_version(world, input)
    }),
    Operation::at_once("GetRole", |world, input, _| roles::get(world, input)),
    Operation::at_once("GetRolePolicy", |world, input, _| policies::get(world, input)),
    Operation::at_once("ListAttachedRolePolicies", |world, input, _| {
        policies::list_attached(world, input)
    }),
    Operation::at_once("ListInstanceProfilesForRole", |world, input, _| {
        roles::list_instance_profiles(world, input)
    }),
    Operation::at_once("ListPolicyVersions", |world, input, _| {
        managed::list_versions(world, input)
    }),
    Operation::at_once("ListRolePolicies", |world, input, _| policies::list(world, input)),
    Operation::at_once("ListRoleTags", |world, input, _| roles::list_tags(world, input)),
    Operation::at_once("PutRolePermissionsBoundary", |world, input, _| {
        roles::put_boundary(world, input)
    }),
    Operation::at_once("PutRolePolicy", |world, input, _| policies::put(world, input)),
    Operation::at_once("TagPolicy", |world, input, _| managed::tag(world, input)),
    Operation::at_once("TagRole", |world, input, _| roles::tag(world, input)),
    Operation::at_once("UntagPolicy", |world, input, _| managed::untag(world, input)),
    Operation::at_once("UntagRole", |world, input, _| roles::untag(world, input)),
    Operation::at_once("UpdateAssumeRolePolicy", |world, input, _| {
        roles::update_trust(world, input)
    }),
    Operation::at_once("UpdateRole", |world, input, _| roles::update(world, input)),
];

/// IAM is one for all Regions, and signed for in us-east-1.
static SURFACE: Surface = Surface {
    is_global: true,
    ..Surface::new("iam", words::QUERY, || service::names(OPERATIONS))
};

/// An error that is common to the services of this protocol, which no operation lists.
const AMENDMENTS: &[Amendment] = &[
    // What cannot be read; STS, which speaks the same protocol, was recorded to call it so.
    Amendment::Error("MalformedInput", 400, &[]),
    Amendment::Error("ValidationError", 400, &[]),
];

static MODEL: LazyLock<Model<'static>> =
    LazyLock::new(|| Model::read(include_str!("iam/model.json")).amended(AMENDMENTS));

pub(crate) static SERVICE: Service = Service {
    surface: &SURFACE,
    registration: &REGISTRATION,
    model: &MODEL,
    resources: &["RoleName", "PolicyName", "PolicyArn"],
    refuses: of_query,
    operations: OPERATIONS,
};

static REGISTRATION: Registration = Registration {
    surface: Some(&SURFACE),
    kept: &[
        Kept::of::<Roles>("roles"),
        Kept::of::<managed::Policies>("policies"),
    ],
    ..Registration::NOTHING
};

/// The roles by their names.
type Roles = BTreeMap<String, Role>;

impl World {
    pub(crate) fn roles(&self) -> &Roles {
        self.state()
    }

    fn roles_mut(&mut self) -> &mut Roles {
        self.state_mut()
    }
}

fn invalid(message: String) -> ApiError {
    ApiError::new("ValidationError", message)
}

fn no_such_entity(message: String) -> ApiError {
    ApiError::new("NoSuchEntity", message)
}

/// A text member; none where it is empty.
fn text<'i>(input: &'i Value, member: &str) -> Option<&'i str> {
    input[member].as_str().filter(|text| !text.is_empty())
}

/// A text member that the model requires.
fn required<'i>(input: &'i Value, member: &str) -> &'i str {
    input[member].as_str().unwrap_or_default()
}

fn path(input: &Value) -> String {
    text(input, "Path").unwrap_or("/").to_owned()
}

/// A policy document, which has to be a JSON object with statements.
fn document(input: &Value, member: &str) -> Answer<String> {
    let text = required(input, member);
    let parsed: Option<Value> = serde_json::from_str(text).ok();
    if parsed.is_some_and(|document| document.get("Statement").is_some()) {
        return Ok(text.to_owned());
    }
    Err(ApiError::new(
        "MalformedPolicyDocument",
        "Syntax errors in policy: it is no JSON object with statements.",
    ))
}

/// As documents are written in answers: percent-encoded (RFC 3986).
fn encoded(document: &str) -> String {
    crate::wire::percent_encode(document)
}

fn given_tags(input: &Value) -> Tags {
    let given = input["Tags"].as_array().into_iter().flatten();
    given
        .map(|tag| (required(tag, "Key").to_owned(), required(tag, "Value").to_owned()))
        .collect()
}

/// The keys of the tags that are to go.
fn given_keys(input: &Value) -> impl Iterator<Item = &str> {
    let keys = input["TagKeys"].as_array().into_iter().flatten();
    keys.filter_map(Value::as_str)
}

fn with_tags(own: &Tags, added: Tags) -> Answer<Tags> {
    tags::with(own, added).map_err(|refused| match refused {
        Refused::Reserved => ApiError::new(
            "InvalidInput",
            "Tag keys that begin with aws: are reserved for system use.",
        ),
        Refused::TooMany => ApiError::new("LimitExceeded", "A resource has at most 50 tags."),
    })
}

fn tags_json<'t>(tags: impl IntoIterator<Item = (&'t String, &'t String)>) -> Value {
    let tags = tags.into_iter();
    tags.map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect()
}

/// One page of a listing, as it is asked for, with its end.
fn listed<K: AsRef<str>, T>(
    input: &Value,
    member: &str,
    items: impl Iterator<Item = (K, T)>,
    shown: impl Fn(T) -> Value,
) -> Answer<Reply> {
    let limit = input["MaxItems"].as_u64().unwrap_or(100);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let (page, next) =
        page::cut(items, text(input, "Marker"), limit).map_err(|_| invalid("Invalid Marker.".to_owned()))?;
    let page: Vec<Value> = page.into_iter().map(shown).collect();
    Ok(Reply::json(
        json!({ member: page, "IsTruncated": next.is_some(), "Marker": next }),
    ))
}

fn done() -> Answer<Reply> {
    Ok(Reply::json(json!({})))
}
