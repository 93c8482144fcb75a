//! VPC Lattice: resource gateways, resource configurations, associations, tags.

pub(crate) mod associations;
pub(crate) mod configurations;
pub(crate) mod endpoint_associations;
pub(crate) mod gateways;
mod shapes;
mod tags;

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::core::error::{Answer, ApiError};
use crate::core::registration::Registration;
use crate::core::states::Kept;
use crate::core::world::{Due, Going, World, object};
use crate::wire::rest_json::{self, Route, validation};
use crate::wire::{Reply, Service};

use associations::Association;
use configurations::Configuration;
use endpoint_associations::EndpointAssociation;
use gateways::Gateway;

/// Members that name what a call is about.
pub(crate) const RESOURCES: &[&str] = &[
    "name",
    "resourceGatewayIdentifier",
    "resourceConfigurationIdentifier",
    "serviceNetworkResourceAssociationIdentifier",
    "resourceEndpointAssociationIdentifier",
    "resourceArn",
];

type Handler = fn(&mut World, &Value) -> Answer<Reply>;

const GATEWAY_ID: Option<&str> = Some("resourceGatewayIdentifier");
const CONFIGURATION_ID: Option<&str> = Some("resourceConfigurationIdentifier");
const ASSOCIATION_ID: Option<&str> = Some("serviceNetworkResourceAssociationIdentifier");
const ENDPOINT_ASSOCIATION_ID: Option<&str> = Some("resourceEndpointAssociationIdentifier");
const ARN: Option<&str> = Some("resourceArn");

const GATEWAYS: &str = "resourcegateways";
const CONFIGURATIONS: &str = "resourceconfigurations";
const ASSOCIATIONS: &str = "servicenetworkresourceassociations";
const ENDPOINT_ASSOCIATIONS: &str = "resourceendpointassociations";

/// An operation: its method, first segment of the path, member in the second, name, and what it does.
type Row = (
    &'static str,
    &'static str,
    Option<&'static str>,
    &'static str,
    Handler,
);

/// Every operation there is.
const OPERATIONS: &[Row] = &[
    (
        "POST",
        CONFIGURATIONS,
        None,
        "CreateResourceConfiguration",
        configurations::create,
    ),
    ("POST", GATEWAYS, None, "CreateResourceGateway", gateways::create),
    (
        "DELETE",
        CONFIGURATIONS,
        CONFIGURATION_ID,
        "DeleteResourceConfiguration",
        configurations::delete,
    ),
    (
        "DELETE",
        ENDPOINT_ASSOCIATIONS,
        ENDPOINT_ASSOCIATION_ID,
        "DeleteResourceEndpointAssociation",
        endpoint_associations::delete,
    ),
    (
        "DELETE",
        GATEWAYS,
        GATEWAY_ID,
        "DeleteResourceGateway",
        gateways::delete,
    ),
    (
        "DELETE",
        ASSOCIATIONS,
        ASSOCIATION_ID,
        "DeleteServiceNetworkResourceAssociation",
        |world, input| associations::delete(world, input),
    ),
    (
        "GET",
        CONFIGURATIONS,
        CONFIGURATION_ID,
        "GetResourceConfiguration",
        configurations::get,
    ),
    ("GET", GATEWAYS, GATEWAY_ID, "GetResourceGateway", gateways::get),
    (
        "GET",
        ASSOCIATIONS,
        ASSOCIATION_ID,
        "GetServiceNetworkResourceAssociation",
        |world, input| associations::get(world, input),
    ),
    (
        "GET",
        CONFIGURATIONS,
        None,
        "ListResourceConfigurations",
        configurations::list,
    ),
    (
        "GET",
        ENDPOINT_ASSOCIATIONS,
        None,
        "ListResourceEndpointAssociations",
        |world, input| endpoint_associations::list(world, input),
    ),
    ("GET", GATEWAYS, None, "ListResourceGateways", gateways::list),
    (
        "GET",
        ASSOCIATIONS,
        None,
        "ListServiceNetworkResourceAssociations",
        |world, input| associations::list(world, input),
    ),
    ("GET", "tags", ARN, "ListTagsForResource", tags::list),
    ("POST", "tags", ARN, "TagResource", tags::tag),
    ("DELETE", "tags", ARN, "UntagResource", tags::untag),
    (
        "PATCH",
        CONFIGURATIONS,
        CONFIGURATION_ID,
        "UpdateResourceConfiguration",
        configurations::update,
    ),
    (
        "PATCH",
        GATEWAYS,
        GATEWAY_ID,
        "UpdateResourceGateway",
        gateways::update,
    ),
];

pub(crate) static ROUTES: LazyLock<Vec<Route>> = LazyLock::new(|| {
    let route = |&(method, segment, label, operation, _): &Row| Route {
        method,
        segment,
        label,
        operation,
    };
    OPERATIONS.iter().map(route).collect()
});

/// What CreateConnection and UpdateConnection call with the caller's credentials, and no one calls by its name
/// here: fault rules may name it.
pub(crate) const FORWARDED: &str = "CreateServiceNetworkResourceAssociation";

pub(crate) fn operations() -> Vec<&'static str> {
    OPERATIONS.iter().map(|(.., name, _)| *name).collect()
}

#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct State {
    pub(crate) gateways: BTreeMap<String, Gateway>,
    pub(crate) configurations: BTreeMap<String, Configuration>,
    pub(crate) associations: BTreeMap<String, Association>,
    pub(crate) endpoint_associations: BTreeMap<String, EndpointAssociation>,
    /// Operation and `clientToken`, with the other parameters and the id of what was made.
    #[serde(with = "crate::core::store::by_pairs")]
    tokens: BTreeMap<(String, String), (Value, String)>,
}

/// What the world has to know of it.
pub(crate) const REGISTRATION: Registration = Registration {
    kept: Some(Kept::of::<State>("lattice")),
};

impl World {
    pub(crate) fn lattice(&self) -> &State {
        self.state()
    }

    pub(crate) fn lattice_mut(&mut self) -> &mut State {
        self.state_mut()
    }
}

/// The states of every VPC Lattice object.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
pub(crate) enum Status {
    Active,
    Partial,
    CreateInProgress,
    UpdateInProgress,
    DeleteInProgress,
    CreateFailed,
    UpdateFailed,
    DeleteFailed,
}

impl Status {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Partial => "PARTIAL",
            Self::CreateInProgress => "CREATE_IN_PROGRESS",
            Self::UpdateInProgress => "UPDATE_IN_PROGRESS",
            Self::DeleteInProgress => "DELETE_IN_PROGRESS",
            Self::CreateFailed => "CREATE_FAILED",
            Self::UpdateFailed => "UPDATE_FAILED",
            Self::DeleteFailed => "DELETE_FAILED",
        }
    }

    /// The failed end of what is in progress.
    pub(crate) fn failed(self) -> Self {
        match self {
            Self::UpdateInProgress => Self::UpdateFailed,
            Self::DeleteInProgress => Self::DeleteFailed,
            _ => Self::CreateFailed,
        }
    }

    fn being_made_or_changed(self) -> bool {
        matches!(self, Self::CreateInProgress | Self::UpdateInProgress)
    }
}

pub(crate) fn dispatch(world: &mut World, operation: &str, input: &Value) -> Answer<Reply> {
    if let Some(shape) = shapes::of(operation) {
        rest_json::check(shape, input)?;
    }
    let found = OPERATIONS.iter().find(|(.., name, _)| *name == operation);
    let (.., handler) = found.ok_or_else(unknown_operation)?;
    handler(world, input)
}

pub(crate) fn unknown_operation() -> ApiError {
    ApiError::new(404, "UnknownOperationException", "")
}

pub(crate) fn not_found(resource_type: &str, id: &str) -> ApiError {
    ApiError::new(
        404,
        "ResourceNotFoundException",
        format!("{resource_type} {id} not found"),
    )
    .with("resourceId", id)
    .with("resourceType", resource_type)
}

pub(crate) fn conflict(resource_type: &str, id: &str, message: impl Into<String>) -> ApiError {
    ApiError::new(409, "ConflictException", message)
        .with("resourceId", id)
        .with("resourceType", resource_type)
}

fn quota_exceeded(resource_type: &str, quota: &str, message: impl Into<String>) -> ApiError {
    ApiError::new(402, "ServiceQuotaExceededException", message)
        .with("resourceType", resource_type)
        .with("serviceCode", "vpc-lattice")
        .with("quotaCode", quota)
}

fn refused(message: impl AsRef<str>) -> ApiError {
    validation("other", message.as_ref(), &[])
}

/// A text member of an input.
pub(crate) fn text<'v>(input: &'v Value, member: &str) -> Option<&'v str> {
    input.get(member).and_then(Value::as_str)
}

fn texts(input: &Value, member: &str) -> Option<Vec<String>> {
    let list = input.get(member)?.as_array()?;
    Some(list.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

/// The id in an identifier, which is an id or an ARN. An ARN of another account or region is nothing that
/// exists here, so it stays as it is.
fn id_of<'i>(world: &World, identifier: &'i str) -> &'i str {
    match identifier.rsplit_once('/') {
        Some((arn, id)) if arn.starts_with(&world.arn("vpc-lattice", "")) => id,
        // What another account shares has its owner's ARN.
        Some((_, id))
            if world
                .lattice()
                .configurations
                .get(id)
                .is_some_and(|shared| shared.arn == identifier) =>
        {
            id
        }
        _ => identifier,
    }
}

/// What an earlier call with the same `clientToken` made, if it still is there.
fn repeated(world: &World, operation: &str, input: &Value) -> Answer<Option<String>> {
    let Some(token) = text(input, "clientToken") else {
        return Ok(None);
    };
    let Some((parameters, id)) = world
        .lattice()
        .tokens
        .get(&(operation.to_owned(), token.to_owned()))
    else {
        return Ok(None);
    };
    if !world.lattice().gateways.contains_key(id) && !world.lattice().configurations.contains_key(id) {
        return Ok(None);
    }
    if *parameters == without_token(input) {
        return Ok(Some(id.clone()));
    }
    let message = "The client token was used before, with other parameters";
    if world.settings.token_mismatch_is_conflict {
        return Err(conflict("CLIENT_TOKEN", token, message));
    }
    Err(refused(message))
}

/// Whether an object in this state keeps its name from others.
fn holds_name(world: &World, status: Status) -> bool {
    status != Status::DeleteInProgress || !world.settings.frees_deleted_names
}

/// How long what is being made takes.
fn time_until_active(world: &World, assumed: Duration) -> Duration {
    if world.settings.active_at_once {
        Duration::ZERO
    } else {
        assumed
    }
}

fn remember(world: &mut World, operation: &str, input: &Value, id: &str) {
    if let Some(token) = text(input, "clientToken") {
        let key = (operation.to_owned(), token.to_owned());
        world
            .lattice_mut()
            .tokens
            .insert(key, (without_token(input), id.to_owned()));
    }
}

fn without_token(input: &Value) -> Value {
    let mut input = input.clone();
    if let Some(members) = input.as_object_mut() {
        members.remove("clientToken");
    }
    input
}

/// One page of a listing; the token is the last id, in hexadecimal.
fn page<'a, T: 'a>(
    input: &Value,
    all: impl Iterator<Item = (&'a String, &'a T)>,
    summary: impl Fn(&T) -> Value,
) -> Answer<Reply> {
    let limit = input
        .get("maxResults")
        .and_then(Value::as_u64)
        .and_then(|n| usize::try_from(n).ok())
        .unwrap_or(100);
    let after = match text(input, "nextToken") {
        None => None,
        Some(token) => Some(
            crate::services::ec2::describe::decode_token(token).ok_or_else(|| {
                validation(
                    "fieldValidationFailed",
                    "The token is not valid",
                    &[("nextToken", "not given out by a listing")],
                )
            })?,
        ),
    };
    let mut rest = all
        .filter(|(id, _)| after.as_ref().is_none_or(|after| *id > after))
        .peekable();
    let mut items = Vec::new();
    let mut last = None;
    while items.len() < limit {
        let Some((id, item)) = rest.next() else { break };
        last = Some(id);
        items.push(summary(item));
    }
    let mut body = Map::from_iter([("items".to_owned(), Value::Array(items))]);
    if let Some(last) = rest.peek().and(last) {
        body.insert("nextToken".to_owned(), hex::encode(last).into());
    }
    Ok(Reply::json(Value::Object(body)))
}

/// Some members of an object, in an answer that has only these.
fn pick(whole: &Value, members: &[&str]) -> Value {
    let kept = members
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), whole.get(*name)?.clone())));
    Value::Object(kept.collect())
}

impl State {
    pub(crate) fn passage(&self, due: &Due) -> Option<Going> {
        let going = |kind, id: &str, name: &str, status: Status| Going {
            service: Service::Lattice,
            kind,
            id: id.to_owned(),
            name: name.to_owned(),
            from: status.as_str(),
        };
        match due {
            Due::GatewaySettled(id) | Due::GatewayGone(id) => {
                let gateway = self.gateways.get(id)?;
                let leaves =
                    matches!(due, Due::GatewayGone(_)) == (gateway.status == Status::DeleteInProgress);
                leaves.then(|| going("resource-gateway", id, &gateway.name, gateway.status))
            }
            Due::ConfigurationSettled(id) | Due::ConfigurationGone(id) => {
                let found = self.configurations.get(id)?;
                let leaves =
                    matches!(due, Due::ConfigurationGone(_)) == (found.status == Status::DeleteInProgress);
                leaves.then(|| going("resource-configuration", id, &found.name, found.status))
            }
            Due::AssociationSettled(id) | Due::AssociationGone(id) => {
                let found = self.associations.get(id)?;
                let leaves =
                    matches!(due, Due::AssociationGone(_)) == (found.status == Status::DeleteInProgress);
                leaves.then(|| {
                    going(
                        "service-network-resource-association",
                        id,
                        &found.connection,
                        found.status,
                    )
                })
            }
            _ => None,
        }
    }

    pub(crate) fn objects(&self) -> Vec<Value> {
        let mut out: Vec<Value> = Vec::new();
        let of = |kind, id: &str, name: &str, status: Status, tags| {
            object(Service::Lattice, kind, id, name, status.as_str(), tags)
        };
        out.extend(
            self.gateways
                .values()
                .map(|g| of("resource-gateway", &g.id, &g.name, g.status, &g.tags)),
        );
        out.extend(
            self.configurations
                .values()
                .map(|c| of("resource-configuration", &c.id, &c.name, c.status, &c.tags)),
        );
        out.extend(self.associations.values().map(|a| {
            of(
                "service-network-resource-association",
                &a.id,
                &a.connection,
                a.status,
                &a.tags,
            )
        }));
        out
    }
}
