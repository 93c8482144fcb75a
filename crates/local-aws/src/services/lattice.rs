//! VPC Lattice: resource gateways, resource configurations, associations, tags.

pub(crate) mod associations;
pub(crate) mod configurations;
pub(crate) mod endpoint_associations;
pub(crate) mod gateways;
mod tags;

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::core::error::{Answer, ApiError};
use crate::core::life_cycle::{self, Status as _};
use crate::core::page;
use crate::core::registration::Registration;
use crate::core::states::Kept;
use crate::core::surface::Surface;
use crate::core::words;
use crate::core::world::{World, object};
use crate::service::{self, Operation, Service};
use crate::wire::Reply;
use crate::wire::model::{Amendment, Model, in_fields};
use crate::wire::rest_json::validation;

use associations::Association;
use configurations::Configuration;
use endpoint_associations::EndpointAssociation;
use gateways::Gateway;

/// Members that name what a call is about.
const RESOURCES: &[&str] = &[
    "name",
    "resourceGatewayIdentifier",
    "resourceConfigurationIdentifier",
    "serviceNetworkResourceAssociationIdentifier",
    "resourceEndpointAssociationIdentifier",
    "resourceArn",
];

/// Every operation there is.
const OPERATIONS: &[Operation] = &[
    Operation::at_once("CreateResourceConfiguration", |world, input, _| {
        configurations::create(world, input)
    }),
    Operation::at_once("CreateResourceGateway", |world, input, _| {
        gateways::create(world, input)
    }),
    Operation::at_once("DeleteResourceConfiguration", |world, input, _| {
        configurations::delete(world, input)
    }),
    Operation::at_once("DeleteResourceEndpointAssociation", |world, input, _| {
        endpoint_associations::delete(world, input)
    }),
    Operation::at_once("DeleteResourceGateway", |world, input, _| {
        gateways::delete(world, input)
    }),
    Operation::at_once("DeleteServiceNetworkResourceAssociation", |world, input, _| {
        associations::delete(world, input)
    }),
    Operation::at_once("GetResourceConfiguration", |world, input, _| {
        configurations::get(world, input)
    }),
    Operation::at_once("GetResourceGateway", |world, input, _| {
        gateways::get(world, input)
    }),
    Operation::at_once("GetServiceNetworkResourceAssociation", |world, input, _| {
        associations::get(world, input)
    }),
    Operation::at_once("ListResourceConfigurations", |world, input, _| {
        configurations::list(world, input)
    }),
    Operation::at_once("ListResourceEndpointAssociations", |world, input, _| {
        endpoint_associations::list(world, input)
    }),
    Operation::at_once("ListResourceGateways", |world, input, _| {
        gateways::list(world, input)
    }),
    Operation::at_once("ListServiceNetworkResourceAssociations", |world, input, _| {
        associations::list(world, input)
    }),
    Operation::at_once("ListTagsForResource", |world, input, _| tags::list(world, input)),
    Operation::at_once("TagResource", |world, input, _| tags::tag(world, input)),
    Operation::at_once("UntagResource", |world, input, _| tags::untag(world, input)),
    Operation::at_once("UpdateResourceConfiguration", |world, input, _| {
        configurations::update(world, input)
    }),
    Operation::at_once("UpdateResourceGateway", |world, input, _| {
        gateways::update(world, input)
    }),
];

/// What CreateConnection and UpdateConnection call with the caller's credentials, and no one calls by its name
/// here: fault rules may name it.
pub(crate) const FORWARDED: &str = "CreateServiceNetworkResourceAssociation";

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

pub(crate) static SURFACE: Surface = Surface {
    forwarded: &[FORWARDED],
    further: &[
        (
            "CreateResourceGateway",
            None,
            &[
                "ec2:DescribeVpcs",
                "ec2:DescribeSubnets",
                "ec2:DescribeSecurityGroups",
            ],
        ),
        (
            "CreateResourceGateway",
            Some("tags"),
            &["vpc-lattice:TagResource"],
        ),
        (
            "CreateResourceConfiguration",
            Some("tags"),
            &["vpc-lattice:TagResource"],
        ),
    ],
    ..Surface::new("vpc-lattice", words::REST, || service::names(OPERATIONS))
};

/// UpdateResourceGateway changes DNS resolution, too, by the models of later versions.
const AMENDMENTS: &[Amendment] = &[
    Amendment::Member(
        "UpdateResourceGatewayRequest",
        DNS_RESOLUTION,
        "ResourceConfigDnsResolution",
    ),
    Amendment::Member(
        "UpdateResourceGatewayResponse",
        DNS_RESOLUTION,
        "ResourceConfigDnsResolution",
    ),
];
const DNS_RESOLUTION: &str = "resourceConfigDnsResolution";

static MODEL: LazyLock<Model<'static>> =
    LazyLock::new(|| Model::read(include_str!("lattice/model.json")).amended(AMENDMENTS));

pub(crate) static SERVICE: Service = Service {
    surface: &SURFACE,
    registration: &REGISTRATION,
    model: &MODEL,
    resources: RESOURCES,
    refuses: in_fields,
    operations: OPERATIONS,
};

/// The states of every type of object.
const STATES: &[&str] = &[
    "ACTIVE",
    "PARTIAL",
    "CREATE_IN_PROGRESS",
    "UPDATE_IN_PROGRESS",
    "DELETE_IN_PROGRESS",
    "CREATE_FAILED",
    "UPDATE_FAILED",
    "DELETE_FAILED",
];

static REGISTRATION: Registration = Registration {
    surface: Some(&SURFACE),
    kept: &[Kept::of::<State>("lattice")],
    changes: &[
        &gateways::LIFE,
        &gateways::INTERFACES,
        &configurations::LIFE,
        &associations::LIFE,
    ],
    types: &[
        ("resource-gateway", STATES),
        ("resource-configuration", STATES),
        ("service-network-resource-association", STATES),
    ],
    objects: |world| world.lattice().objects(),
    hear: endpoint_associations::follow,
    is_ready: |world, arn| {
        let mut configurations = world.lattice().configurations.values();
        configurations.any(|one| one.arn == arn && one.status == Status::Active)
    },
    ..Registration::NOTHING
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

impl life_cycle::Status for Status {
    fn as_str(self) -> &'static str {
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
}

impl Status {
    fn being_made_or_changed(self) -> bool {
        matches!(self, Self::CreateInProgress | Self::UpdateInProgress)
    }
}

pub(crate) fn not_found(resource_type: &str, id: &str) -> ApiError {
    ApiError::new(
        "ResourceNotFoundException",
        format!("{resource_type} {id} not found"),
    )
    .with("resourceId", id)
    .with("resourceType", resource_type)
}

pub(crate) fn conflict(resource_type: &str, id: &str, message: impl Into<String>) -> ApiError {
    ApiError::new("ConflictException", message)
        .with("resourceId", id)
        .with("resourceType", resource_type)
}

fn quota_exceeded(resource_type: &str, quota: &str, message: impl Into<String>) -> ApiError {
    ApiError::new("ServiceQuotaExceededException", message)
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

/// One page of a listing.
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
    let (page, next) = page::cut(all, text(input, "nextToken"), limit).map_err(|_| {
        validation(
            "fieldValidationFailed",
            "The token is not valid",
            &[("nextToken", "not given out by a listing")],
        )
    })?;
    let items = page.into_iter().map(summary).collect();
    let mut body = Map::from_iter([("items".to_owned(), Value::Array(items))]);
    if let Some(next) = next {
        body.insert("nextToken".to_owned(), next.into());
    }
    Ok(Reply::json(Value::Object(body)))
}

impl State {
    pub(crate) fn objects(&self) -> Vec<Value> {
        let mut out: Vec<Value> = Vec::new();
        let of = |kind, id: &str, name: &str, status: Status, tags| {
            object("vpc-lattice", kind, id, name, status.as_str(), tags)
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
