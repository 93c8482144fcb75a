//! REST APIs, and their resource policies.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::deployments::Deployment;
use super::{bad_request, document, gone, listed, not_found, publication, required, tags};
use crate::core::error::Answer;
use crate::core::ids;
use crate::core::policy::Policy;
use crate::core::timestamp::epoch_seconds;
use crate::core::world::World;
use crate::wire::Reply;

#[derive(Debug, Deserialize, Serialize)]
pub(super) struct RestApi {
    /// What is shown of it, its id left out, the policy as it was given.
    pub(super) document: Value,
    pub(super) root_id: String,
    /// By their ids; methods are members of `resourceMethods`.
    pub(super) resources: BTreeMap<String, Value>,
    pub(super) deployments: BTreeMap<String, Deployment>,
    pub(super) stages: BTreeMap<String, Value>,
}

impl RestApi {
    /// The members of an answer.
    pub(super) fn shown(&self, id: &str) -> Value {
        let mut shown = self.document.clone();
        shown["id"] = id.into();
        shown["rootResourceId"] = self.root_id.clone().into();
        if let Some(policy) = self.document["policy"].as_str() {
            // As AWS answers: a JSON text without its quotes.
            let quoted = Value::from(policy).to_string();
            shown["policy"] = quoted[1..quoted.len() - 1].into();
        }
        shown
    }

    /// Whether it is private, and so out of the internet's reach.
    pub(super) fn is_private(&self) -> bool {
        self.document["endpointConfiguration"]["types"][0] == "PRIVATE"
    }
}

const MEMBERS: &[&str] = &[
    "name",
    "description",
    "version",
    "binaryMediaTypes",
    "minimumCompressionSize",
    "apiKeySource",
    "endpointConfiguration",
    "policy",
    "tags",
    "disableExecuteApiEndpoint",
];

/// The API that a request names.
pub(super) fn find<'w, 'i>(world: &'w World, input: &'i Value) -> Answer<(&'i str, &'w RestApi)> {
    let id = required(input, "restApiId")?;
    let api = world.apis().get(id).ok_or_else(|| unknown(world, id))?;
    Ok((id, api))
}

pub(super) fn find_mut<'w>(world: &'w mut World, input: &Value) -> Answer<&'w mut RestApi> {
    let id = find(world, input)?.0.to_owned();
    let missing = unknown(world, &id);
    world.apis_mut().get_mut(&id).ok_or(missing)
}

fn unknown(world: &World, id: &str) -> crate::core::error::ApiError {
    let account = &world.origin.account_id;
    not_found(format!("Invalid API identifier specified {account}:{id}"))
}

pub(super) fn create(world: &mut World, input: &Value) -> Answer<Reply> {
    required(input, "name")?;
    let mut document = document::taken(input, MEMBERS);
    let id = ids::letters(10);
    let configuration = &mut document["endpointConfiguration"];
    if configuration["types"][0].is_null() {
        configuration["types"] = json!(["EDGE"]);
    }
    if configuration["ipAddressType"].is_null() {
        let only = if configuration["types"][0] == "PRIVATE" {
            "dualstack"
        } else {
            "ipv4"
        };
        configuration["ipAddressType"] = only.into();
    }
    for (member, value) in [
        ("apiKeySource", json!("HEADER")),
        ("disableExecuteApiEndpoint", json!(false)),
    ] {
        if document[member].is_null() {
            document[member] = value;
        }
    }
    check(world, &mut document, &id)?;
    tags::check(&document::tags(&document))?;
    document["createdDate"] = json!(epoch_seconds(world.now()));
    let root_id = ids::letters(10);
    let root = json!({ "id": root_id, "path": "/" });
    let api = RestApi {
        document,
        resources: BTreeMap::from([(root_id.clone(), root)]),
        root_id,
        deployments: BTreeMap::new(),
        stages: BTreeMap::new(),
    };
    let shown = api.shown(&id);
    world.apis_mut().insert(id.clone(), api);
    world.made(&id);
    Ok(Reply::json(shown))
}

/// Checks the endpoints and the policy, whose short resources get the API's ARN.
fn check(world: &World, document: &mut Value, id: &str) -> Answer<()> {
    let configuration = &document["endpointConfiguration"];
    let kind = configuration["types"][0].as_str().unwrap_or_default();
    if !matches!(kind, "PRIVATE" | "REGIONAL" | "EDGE") || configuration["types"][1].is_string() {
        return Err(bad_request(format!(
            "Invalid endpoint type '{kind}' specified; there are PRIVATE, REGIONAL, EDGE"
        )));
    }
    let endpoints = configuration["vpcEndpointIds"].as_array().into_iter().flatten();
    for endpoint in endpoints.filter_map(Value::as_str) {
        if kind != "PRIVATE" {
            return Err(bad_request(
                "VPCEndpoint ids can only be associated with private APIs",
            ));
        }
        if !world.has_object("vpc-endpoint", endpoint) {
            return Err(bad_request(format!("Invalid VpcEndpointId(s) : {endpoint}")));
        }
    }
    let Some(policy) = document["policy"].as_str().filter(|policy| !policy.is_empty()) else {
        if let Some(members) = document.as_object_mut() {
            members.remove("policy");
        }
        return Ok(());
    };
    let invalid = || {
        bad_request(
            "Invalid policy document. Please check the policy syntax and ensure that Principals are valid.",
        )
    };
    let arn = world.arn("execute-api", format_args!("{id}/"));
    let whole = policy.replace("\"execute-api:/", &format!("\"{arn}"));
    let parsed: Value = serde_json::from_str(&whole).map_err(|_| invalid())?;
    Policy::read(&parsed).map_err(|_| invalid())?;
    document["policy"] = whole.into();
    Ok(())
}

pub(super) fn get(world: &mut World, input: &Value) -> Answer<Reply> {
    let (id, _) = find(world, input)?;
    if world.fresh.misses(id) {
        return Err(unknown(world, id));
    }
    let (id, api) = find(world, input)?;
    Ok(Reply::json(api.shown(id)))
}

pub(super) fn list(world: &mut World, input: &Value) -> Answer<Reply> {
    listed(input, world.apis().iter().map(|(id, api)| (id, api.shown(id))))
}

pub(super) fn update(world: &mut World, input: &Value) -> Answer<Reply> {
    const CHANGEABLE: &[&str] = &[
        "name",
        "description",
        "version",
        "binaryMediaTypes",
        "minimumCompressionSize",
        "apiKeySource",
        "endpointConfiguration",
        "policy",
        "disableExecuteApiEndpoint",
    ];
    let (id, api) = find(world, input)?;
    let mut changed = api.document.clone();
    // A list begins with the first item that is added.
    if changed["binaryMediaTypes"].is_null() {
        changed["binaryMediaTypes"] = json!([]);
    }
    if changed["endpointConfiguration"]["vpcEndpointIds"].is_null() {
        changed["endpointConfiguration"]["vpcEndpointIds"] = json!([]);
    }
    document::patch(&mut changed, input, CHANGEABLE)?;
    let is_empty = |value: &Value| value.as_array().is_some_and(Vec::is_empty);
    if let Some(members) = changed.as_object_mut() {
        members.retain(|_, value| !is_empty(value));
    }
    if let Some(members) = changed["endpointConfiguration"].as_object_mut() {
        members.retain(|_, value| !is_empty(value));
    }
    check(world, &mut changed, id)?;
    find_mut(world, input)?.document = changed;
    publication::publish(world, id);
    let (id, api) = find(world, input)?;
    Ok(Reply::json(api.shown(id)))
}

pub(super) fn delete(world: &mut World, input: &Value) -> Answer<Reply> {
    let (id, _) = find(world, input)?;
    world.apis_mut().remove(id);
    publication::publish(world, id);
    gone()
}
