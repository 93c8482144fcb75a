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
use crate::wire::{Protocol, Reply};

use apis::RestApi;

macro_rules! operations {
    ($($name:literal $method:literal $path:literal $does:path;)+) => {
        &[$(Operation::json($name, |world, input, _| $does(world, input)).at($method, $path),)+]
    };
}

/// Every operation there is. Members of the path that the body has too are named otherwise here.
const OPERATIONS: &[Operation] = operations! {
    "CreateDeployment" "POST" "/restapis/{restApiId}/deployments" deployments::create;
    "CreateResource" "POST" "/restapis/{restApiId}/resources/{parentId}" resources::create;
    "CreateRestApi" "POST" "/restapis" apis::create;
    "CreateStage" "POST" "/restapis/{restApiId}/stages" deployments::create_stage;
    "DeleteDeployment" "DELETE" "/restapis/{restApiId}/deployments/{deploymentId}" deployments::delete;
    "DeleteIntegration" "DELETE" "/restapis/{restApiId}/resources/{resourceId}/methods/{method}/integration"
        methods::delete_integration;
    "DeleteIntegrationResponse" "DELETE"
        "/restapis/{restApiId}/resources/{resourceId}/methods/{method}/integration/responses/{statusCode}"
        methods::delete_integration_response;
    "DeleteMethod" "DELETE" "/restapis/{restApiId}/resources/{resourceId}/methods/{method}" methods::delete;
    "DeleteMethodResponse" "DELETE"
        "/restapis/{restApiId}/resources/{resourceId}/methods/{method}/responses/{statusCode}"
        methods::delete_response;
    "DeleteResource" "DELETE" "/restapis/{restApiId}/resources/{resourceId}" resources::delete;
    "DeleteRestApi" "DELETE" "/restapis/{restApiId}" apis::delete;
    "DeleteStage" "DELETE" "/restapis/{restApiId}/stages/{stageName}" deployments::delete_stage;
    "GetDeployment" "GET" "/restapis/{restApiId}/deployments/{deploymentId}" deployments::get;
    "GetIntegration" "GET" "/restapis/{restApiId}/resources/{resourceId}/methods/{method}/integration"
        methods::get_integration;
    "GetIntegrationResponse" "GET"
        "/restapis/{restApiId}/resources/{resourceId}/methods/{method}/integration/responses/{statusCode}"
        methods::get_integration_response;
    "GetMethod" "GET" "/restapis/{restApiId}/resources/{resourceId}/methods/{method}" methods::get;
    "GetMethodResponse" "GET"
        "/restapis/{restApiId}/resources/{resourceId}/methods/{method}/responses/{statusCode}"
        methods::get_response;
    "GetResource" "GET" "/restapis/{restApiId}/resources/{resourceId}" resources::get;
    "GetResources" "GET" "/restapis/{restApiId}/resources" resources::list;
    "GetRestApi" "GET" "/restapis/{restApiId}" apis::get;
    "GetRestApis" "GET" "/restapis" apis::list;
    "GetStage" "GET" "/restapis/{restApiId}/stages/{stageName}" deployments::get_stage;
    "GetTags" "GET" "/tags/{resourceArn}" tags::list;
    "PutIntegration" "PUT" "/restapis/{restApiId}/resources/{resourceId}/methods/{method}/integration"
        methods::put_integration;
    "PutIntegrationResponse" "PUT"
        "/restapis/{restApiId}/resources/{resourceId}/methods/{method}/integration/responses/{statusCode}"
        methods::put_integration_response;
    "PutMethod" "PUT" "/restapis/{restApiId}/resources/{resourceId}/methods/{method}" methods::put;
    "PutMethodResponse" "PUT"
        "/restapis/{restApiId}/resources/{resourceId}/methods/{method}/responses/{statusCode}"
        methods::put_response;
    "TagResource" "PUT" "/tags/{resourceArn}" tags::tag;
    "UntagResource" "DELETE" "/tags/{resourceArn}" tags::untag;
    "UpdateDeployment" "PATCH" "/restapis/{restApiId}/deployments/{deploymentId}" deployments::update;
    "UpdateIntegration" "PATCH" "/restapis/{restApiId}/resources/{resourceId}/methods/{method}/integration"
        methods::update_integration;
    "UpdateIntegrationResponse" "PATCH"
        "/restapis/{restApiId}/resources/{resourceId}/methods/{method}/integration/responses/{statusCode}"
        methods::update_integration_response;
    "UpdateMethod" "PATCH" "/restapis/{restApiId}/resources/{resourceId}/methods/{method}" methods::update;
    "UpdateMethodResponse" "PATCH"
        "/restapis/{restApiId}/resources/{resourceId}/methods/{method}/responses/{statusCode}"
        methods::update_response;
    "UpdateResource" "PATCH" "/restapis/{restApiId}/resources/{resourceId}" resources::update;
    "UpdateRestApi" "PATCH" "/restapis/{restApiId}" apis::update;
    "UpdateStage" "PATCH" "/restapis/{restApiId}/stages/{stageName}" deployments::update_stage;
};

static SURFACE: Surface = Surface::new("apigateway", words::REST, || service::names(OPERATIONS));

pub(crate) static SERVICE: Service = Service {
    surface: &SURFACE,
    registration: &Registration {
        surface: Some(&SURFACE),
        kept: &[Kept::of::<State>("apigateway")],
        objects,
        resume: publication::publish_all,
        ..Registration::NOTHING
    },
    protocol: Protocol::RestJson,
    resources: &["name", "restApiId", "pathPart", "stageName", "resourceArn"],
    check: |_, _| Ok(()),
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

fn bad_request(message: impl Into<String>) -> ApiError {
    ApiError::bad_request("BadRequestException", message)
}

fn not_found(message: impl Into<String>) -> ApiError {
    ApiError::new(404, "NotFoundException", message)
}

fn conflict(message: impl Into<String>) -> ApiError {
    ApiError::new(409, "ConflictException", message)
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
    let mut body = json!({ "item": page });
    if let Some(next) = next {
        body["position"] = next.into();
    }
    Ok(Reply::json(body))
}

fn created(body: Value) -> Answer<Reply> {
    Ok(Reply::Json { status: 201, body })
}

fn gone(status: u16) -> Answer<Reply> {
    Ok(Reply::Empty { status })
}
