//! Deployed stages on the seed's servers, where calls reach them.

use serde_json::Value;

use super::apis::RestApi;
use super::deployments::Deployment;
use crate::core::policy::Policy;
use crate::core::world::World;
use crate::seed::servers::{Api, Stage};
use crate::seed::{ResponsePart, RoutePart, upstream};

/// Serves an API as it is deployed now, or no longer.
pub(super) fn publish(world: &World, id: &str) {
    let servers = &world.origin.servers;
    match world
        .apis()
        .get(id)
        .filter(|api| api.is_private() && !api.stages.is_empty())
    {
        Some(api) => servers.deploy(served(id, api)),
        None => servers.withdraw(id),
    }
}

/// Serves all APIs of a state.
pub(super) fn publish_all(world: &mut World) {
    for id in world.apis().keys() {
        publish(world, id);
    }
}

fn served(id: &str, api: &RestApi) -> Api {
    let ids = api.document["endpointConfiguration"]["vpcEndpointIds"].as_array();
    let stages = api.stages.iter().filter_map(|(name, stage)| {
        let deployment = api.deployments.get(stage["deploymentId"].as_str()?)?;
        Some(served_stage(name, deployment))
    });
    Api {
        id: id.to_owned(),
        // Without an association an endpoint's own names and the header reach it all the same.
        endpoint_ids: Some(
            ids.into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
        ),
        stages: stages.collect(),
    }
}

fn served_stage(name: &str, deployment: &Deployment) -> Stage {
    let policy = deployment
        .policy
        .as_deref()
        .and_then(|policy| serde_json::from_str(policy).ok());
    let mut routes: Vec<RoutePart> = deployment.resources.values().flat_map(routes).collect();
    // What is written out counts more than a variable, a single segment more than all of them.
    routes.sort_by_key(|route| {
        (
            route.path.contains("+}"),
            route.path.contains('{'),
            route.method.is_none(),
        )
    });
    Stage {
        name: name.to_owned(),
        policy: policy.and_then(|policy: Value| Policy::read(&policy).ok()),
        routes,
    }
}

/// The routes of a resource, one for each of its methods.
fn routes(resource: &Value) -> Vec<RoutePart> {
    let path = resource["path"].as_str().unwrap_or("/");
    let path = path.trim_end_matches('/').to_owned();
    let methods = resource["resourceMethods"].as_object().into_iter().flatten();
    let routes = methods.map(|(name, method)| {
        let (response, upstream) = answer(method);
        RoutePart {
            path: path.clone(),
            method: (name != "ANY").then(|| name.clone()),
            auth: Vec::new(),
            response,
            upstream,
            token: None,
        }
    });
    routes.collect()
}

fn refusal(status: u16, message: &str) -> (ResponsePart, Option<String>) {
    let response = ResponsePart {
        status,
        body: serde_json::json!({ "message": message }),
        ..ResponsePart::default()
    };
    (response, None)
}

/// How a method answers: by itself, or by a server on this machine.
fn answer(method: &Value) -> (ResponsePart, Option<String>) {
    if method["apiKeyRequired"] == true {
        // No key can be made here, so no call has a good one.
        return refusal(403, "Forbidden");
    }
    if method["authorizationType"] != "NONE" {
        return refusal(403, "Missing Authentication Token");
    }
    let integration = &method["methodIntegration"];
    match integration["type"].as_str() {
        Some("MOCK") => (mock(integration), None),
        Some("HTTP_PROXY") => match local(integration) {
            Some(upstream) => (ResponsePart::default(), Some(upstream)),
            None => refusal(500, "Internal server error"),
        },
        // Nothing of AWS can be called from here.
        _ => refusal(500, "Internal server error"),
    }
}

/// The server on this machine that an integration leads to; the path of a call stays as it is below the stage.
fn local(integration: &Value) -> Option<String> {
    let uri = integration["uri"].as_str()?;
    let (scheme, rest) = uri.split_once("://")?;
    let authority = rest.split('/').next()?;
    let server = format!("{scheme}://{authority}");
    upstream::authority(&server).is_ok().then_some(server)
}

/// The status that a request template of a MOCK names picks the response; templates are sent as they are.
fn mock(integration: &Value) -> ResponsePart {
    let responses = integration["integrationResponses"].as_object();
    let template = integration["requestTemplates"]["application/json"]
        .as_str()
        .unwrap_or_default();
    let asked: Value = serde_json::from_str(template).unwrap_or_default();
    let asked = asked["statusCode"].as_u64().map(|status| status.to_string());
    let found = responses.and_then(|responses| {
        let named = asked.as_ref().and_then(|status| responses.get(status));
        let default = || {
            let mut all = responses.values();
            all.find(|response| response["selectionPattern"].as_str().is_none_or(str::is_empty))
        };
        named.or_else(default)
    });
    let Some(response) = found else {
        return refusal(500, "Internal server error").0;
    };
    let status = response["statusCode"]
        .as_str()
        .and_then(|status| status.parse().ok());
    let body = response["responseTemplates"]["application/json"]
        .as_str()
        .unwrap_or_default();
    let headers = response["responseParameters"].as_object().into_iter().flatten();
    let headers = headers.filter_map(|(name, value)| {
        let name = name.strip_prefix("method.response.header.")?;
        // Static values stand in single quotes; others are mapped from a request, which a MOCK has none of.
        let value = value.as_str()?.strip_prefix('\'')?.strip_suffix('\'')?;
        Some((name.to_owned(), value.to_owned()))
    });
    ResponsePart {
        status: status.unwrap_or(200),
        headers: headers.collect(),
        body: serde_json::from_str(body).unwrap_or_else(|_| body.into()),
        ..ResponsePart::default()
    }
}
