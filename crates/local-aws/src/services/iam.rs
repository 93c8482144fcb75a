//! IAM: roles with their policies, and managed policies. They are kept and shown; what they allow is not asked for but
//! who may assume a role.

mod managed;
mod policies;
mod roles;

use std::collections::BTreeMap;

use crate::core::error::{Answer, ApiError};
use crate::core::page::{self, Page};
use crate::core::registration::Registration;
use crate::core::states::Kept;
use crate::core::surface::Surface;
use crate::core::tags::{self, Refused, Tags};
use crate::core::words;
use crate::core::world::World;
use crate::service::{self, Operation, Service};
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::wire::{Protocol, Reply};

pub(crate) use roles::{Role, make, trusts_service};

/// Every operation there is.
const OPERATIONS: &[Operation] = &[
    Operation::form("AttachRolePolicy", |world, params, _| {
        policies::attach(world, params)
    }),
    Operation::form("CreatePolicy", |world, params, _| managed::create(world, params)),
    Operation::form("CreatePolicyVersion", |world, params, _| {
        managed::create_version(world, params)
    }),
    Operation::form("CreateRole", |world, params, _| roles::create(world, params)),
    Operation::form("DeletePolicy", |world, params, _| managed::delete(world, params)),
    Operation::form("DeletePolicyVersion", |world, params, _| {
        managed::delete_version(world, params)
    }),
    Operation::form("DeleteRole", |world, params, _| roles::delete(world, params)),
    Operation::form("DeleteRolePermissionsBoundary", |world, params, _| {
        roles::delete_boundary(world, params)
    }),
    Operation::form("DeleteRolePolicy", |world, params, _| {
        policies::delete(world, params)
    }),
    Operation::form("DetachRolePolicy", |world, params, _| {
        policies::detach(world, params)
    }),
    Operation::form("GetPolicy", |world, params, _| managed::get(world, params)),
    Operation::form("GetPolicyVersion", |world, params, _| {
        managed::get_version(world, params)
    }),
    Operation::form("GetRole", |world, params, _| roles::get(world, params)),
    Operation::form("GetRolePolicy", |world, params, _| policies::get(world, params)),
    Operation::form("ListAttachedRolePolicies", |world, params, _| {
        policies::list_attached(world, params)
    }),
    Operation::form("ListInstanceProfilesForRole", |world, params, _| {
        roles::list_instance_profiles(world, params)
    }),
    Operation::form("ListPolicyVersions", |world, params, _| {
        managed::list_versions(world, params)
    }),
    Operation::form("ListRolePolicies", |world, params, _| {
        policies::list(world, params)
    }),
    Operation::form("ListRoleTags", |world, params, _| roles::list_tags(world, params)),
    Operation::form("PutRolePermissionsBoundary", |world, params, _| {
        roles::put_boundary(world, params)
    }),
    Operation::form("PutRolePolicy", |world, params, _| policies::put(world, params)),
    Operation::form("TagPolicy", |world, params, _| managed::tag(world, params)),
    Operation::form("TagRole", |world, params, _| roles::tag(world, params)),
    Operation::form("UntagPolicy", |world, params, _| managed::untag(world, params)),
    Operation::form("UntagRole", |world, params, _| roles::untag(world, params)),
    Operation::form("UpdateAssumeRolePolicy", |world, params, _| {
        roles::update_trust(world, params)
    }),
    Operation::form("UpdateRole", |world, params, _| roles::update(world, params)),
];

/// IAM is one for all Regions, and signed for in us-east-1.
static SURFACE: Surface = Surface {
    region: Some("us-east-1"),
    ..Surface::new("iam", words::QUERY, || service::names(OPERATIONS))
};

pub(crate) static SERVICE: Service = Service {
    surface: &SURFACE,
    registration: &REGISTRATION,
    protocol: Protocol::AwsQuery("https://iam.amazonaws.com/doc/2010-05-08/"),
    resources: &["RoleName", "PolicyName", "PolicyArn"],
    check: |_, _| Ok(()),
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
    ApiError::bad_request("ValidationError", message)
}

fn no_such_entity(message: String) -> ApiError {
    ApiError::new(404, "NoSuchEntity", message)
}

/// A name of up to so many characters.
fn name<'p>(params: &'p Params, parameter: &str, most: usize) -> Answer<&'p str> {
    let name = params.get(parameter).unwrap_or_default();
    let allowed = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    if (1..=most).contains(&name.len()) && name.chars().all(allowed) {
        return Ok(name);
    }
    let member = format!("{}{}", parameter[..1].to_lowercase(), &parameter[1..]);
    Err(invalid(format!(
        "1 validation error detected: Value '{name}' at '{member}' failed to satisfy constraint: \
         Member must satisfy regular expression pattern: [\\w+=,.@-]+, with 1 to {most} characters"
    )))
}

/// A path: `/`, or what begins and ends with one.
fn path(params: &Params) -> Answer<String> {
    let path = params.get("Path").filter(|path| !path.is_empty()).unwrap_or("/");
    if path.starts_with('/') && path.ends_with('/') && path.len() <= 512 && path.is_ascii() {
        return Ok(path.to_owned());
    }
    Err(invalid(format!(
        "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters. '{path}'"
    )))
}

/// A policy document, which has to be a JSON object with statements.
fn document(params: &Params, parameter: &str) -> Answer<String> {
    let text = params.get(parameter).unwrap_or_default();
    let parsed: Option<serde_json::Value> = serde_json::from_str(text).ok();
    if parsed.is_some_and(|document| document.get("Statement").is_some()) {
        return Ok(text.to_owned());
    }
    Err(ApiError::bad_request(
        "MalformedPolicyDocument",
        "Syntax errors in policy: it is no JSON object with statements.",
    ))
}

/// As documents are written in answers: percent-encoded (RFC 3986).
fn encoded(document: &str) -> String {
    crate::wire::percent_encode(document)
}

fn given_tags(params: &Params) -> Tags {
    let given = params.structures("Tags.member");
    given
        .iter()
        .map(|tag| {
            let of = |name: &str| tag.get(name).unwrap_or_default().to_owned();
            (of("Key"), of("Value"))
        })
        .collect()
}

fn with_tags(own: &Tags, added: Tags) -> Answer<Tags> {
    tags::with(own, added).map_err(|refused| match refused {
        Refused::Reserved => ApiError::bad_request(
            "InvalidInput",
            "Tag keys that begin with aws: are reserved for system use.",
        ),
        Refused::TooMany => ApiError::new(409, "LimitExceeded", "A resource has at most 50 tags."),
    })
}

fn write_tags(xml: &mut Xml, tags: &Tags) {
    xml.members("Tags", tags, |xml, (key, value)| {
        xml.leaf("Key", key);
        xml.leaf("Value", value);
    });
}

/// One page of a listing, as it is asked for.
fn page<K: AsRef<str>, T>(params: &Params, items: impl Iterator<Item = (K, T)>) -> Answer<Page<T>> {
    let limit = params.integer("MaxItems")?.unwrap_or(100);
    let limit = usize::try_from(limit)
        .ok()
        .filter(|limit| (1..=1000).contains(limit));
    let limit = limit.ok_or_else(|| invalid("MaxItems is not between 1 and 1000".to_owned()))?;
    let marker = params.get("Marker").filter(|marker| !marker.is_empty());
    page::cut(items, marker, limit).map_err(|_| invalid("Invalid Marker.".to_owned()))
}

/// The end of a listing.
fn write_end(xml: &mut Xml, next: Option<String>) {
    xml.leaf("IsTruncated", next.is_some());
    xml.leaf_if("Marker", next);
}

fn done() -> Answer<Reply> {
    Ok(Reply::Xml(Xml::default()))
}
