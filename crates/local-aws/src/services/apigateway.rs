//! API Gateway: REST APIs with their resources, methods, deployments and stages. A deployed stage of a private API is
//! served: a call reaches it over a private path, as far as its resource policy allows, and is answered by its
//! integration, MOCK or HTTP_PROXY to a server on this machine.

mod apis;
mod deployments;
mod document;
mod methods;
mod publication;
mod resources;
mod tags;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::core::error::{Answer, ApiError};
use crate::core::page;
use crate::core::registration::Registration;
use crate::core::states::Kept;
use crate::core::surface::Surface;
use crate::core::words;
use crate::core::world::{World, object};
use crate::service::{self, Operation, Service};
use crate::wire::Reply;
use crate::wire::model::{Model, Violation};

use apis::RestApi;

macro_rules! operations {
    ($($name:literal $does:path;)+) => {
        &[$(Operation::at_once($name, |world, input, _| $does(world, input)),)+]
    };
}

/// Every operation there is.
const OPERATIONS: &[Operation] = operations! {
    "CreateDeployment" deployments::create;
    "CreateResource" resources::create;
    "CreateRestApi" apis::create;
    "CreateStage" deployments::create_stage;
    "DeleteDeployment" deployments::delete;
    "DeleteIntegration" methods::delete_integration;
    "DeleteIntegrationResponse" methods::delete_integration_response;
    "DeleteMethod" methods::delete;
    "DeleteMethodResponse" methods::delete_response;
    "DeleteResource" resources::delete;
    "DeleteRestApi" apis::delete;
    "DeleteStage" deployments::delete_stage;
    "GetDeployment" deployments::get;
    "GetIntegration" methods::get_integration;
    "GetIntegrationResponse" methods::get_integration_response;
    "GetMethod" methods::get;
    "GetMethodResponse" methods::get_response;
    "GetResource" resources::get;
    "GetResources" resources::list;
    "GetRestApi" apis::get;
    "GetRestApis" apis::list;
    "GetStage" deployments::get_stage;
    "GetTags" tags::list;
    "PutIntegration" methods::put_integration;
    "PutIntegrationResponse" methods::put_integration_response;
    "PutMethod" methods::put;
    "PutMethodResponse" methods::put_response;
    "TagResource" tags::tag;
    "UntagResource" tags::untag;
    "UpdateDeployment" deployments::update;
    "UpdateIntegration" methods::update_integration;
    "UpdateIntegrationResponse" methods::update_integration_response;
    "UpdateMethod" methods::update;
    "UpdateMethodResponse" methods::update_response;
    "UpdateResource" resources::update;
    "UpdateRestApi" apis::update;
    "UpdateStage" deployments::update_stage;
};

static SURFACE: Surface = Surface::new("apigateway", words::REST, || service::names(OPERATIONS));

static MODEL: LazyLock<Model<'static>> = LazyLock::new(|| Model::read(include_str!("apigateway/model.json")));

pub(crate) static SERVICE: Service = Service {
    surface: &SURFACE,
    registration: &Registration {
        surface: Some(&SURFACE),
        kept: &[Kept::of::<State>("apigateway")],
        types: &[("rest-api", &["AVAILABLE"])],
        objects,
        resume: publication::publish_all,
        ..Registration::NOTHING
    },
    model: &MODEL,
    resources: &["name", "restApiId", "pathPart", "stageName", "resourceArn"],
    refuses,
    operations: OPERATIONS,
};

/// The APIs that calls have made, by their ids. Those of the seed are no objects of this service.
#[derive(Debug, Default, Deserialize, Serialize)]
struct State(BTreeMap<String, RestApi>);

impl World {
    fn apis(&self) -> &BTreeMap<String, RestApi> {
        &self.state::<State>().0
    }

    fn apis_mut(&mut self) -> &mut BTreeMap<String, RestApi> {
        &mut self.state_mut::<State>().0
    }
}

fn objects(world: &World) -> Vec<Value> {
    let apis = world.apis().iter();
    let objects = apis.map(|(id, api)| {
        let name = api.document["name"].as_str().unwrap_or_default();
        object(
            "apigateway",
            "rest-api",
            id,
            name,
            "AVAILABLE",
            &document::tags(&api.document),
        )
    });
    objects.collect()
}

fn refuses(violations: Vec<Violation>) -> ApiError {
    let wrong: Vec<String> = violations
        .iter()
        .map(|violation| match violation.missing() {
            Some(member) => format!("{member} is missing"),
            None => violation.sentence(),
        })
        .collect();
    bad_request(format!("Invalid request input: {}", wrong.join("; ")))
}

fn bad_request(message: impl Into<String>) -> ApiError {
    ApiError::new("BadRequestException", message)
}

fn not_found(message: impl Into<String>) -> ApiError {
    ApiError::new("NotFoundException", message)
}

fn conflict(message: impl Into<String>) -> ApiError {
    ApiError::new("ConflictException", message)
}

fn text<'v>(input: &'v Value, member: &str) -> Option<&'v str> {
    input
        .get(member)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
}

/// A text that has to be there.
fn required<'v>(input: &'v Value, member: &str) -> Answer<&'v str> {
    text(input, member).ok_or_else(|| bad_request(format!("Invalid request input: {member} is missing")))
}

/// One page of a listing, in the order of the keys.
fn listed<'k>(input: &Value, items: impl Iterator<Item = (&'k String, Value)>) -> Answer<Reply> {
    let limit = input.get("limit").and_then(Value::as_u64).unwrap_or(25);
    let limit = usize::try_from(limit)
        .ok()
        .filter(|limit| (1..=500).contains(limit));
    let limit = limit.ok_or_else(|| bad_request("Invalid limit: it is not between 1 and 500"))?;
    let (page, next) = page::cut(items, text(input, "position"), limit)
        .map_err(|_| bad_request("Invalid position parameter specified"))?;
    let mut body = json!({ "items": page });
    if let Some(next) = next {
        body["position"] = next.into();
    }
    Ok(Reply::json(body))
}

fn gone() -> Answer<Reply> {
    Ok(Reply::json(Value::Null))
}
