//! Deployments, which are what an API was at a moment, and the stages that serve them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::apis::{RestApi, find, find_mut};
use super::{bad_request, conflict, document, gone, not_found, publication, required, tags, text};
use crate::core::error::{Answer, ApiError};
use crate::core::ids;
use crate::core::timestamp::epoch_seconds;
use crate::core::world::World;
use crate::wire::Reply;

#[derive(Debug, Deserialize, Serialize)]
pub(super) struct Deployment {
    document: Value,
    /// The resources and the policy of that moment.
    pub(super) resources: BTreeMap<String, Value>,
    pub(super) policy: Option<String>,
}

fn unknown_deployment() -> ApiError {
    not_found("Invalid Deployment identifier specified")
}

fn unknown_stage() -> ApiError {
    not_found("Invalid Stage identifier specified")
}

/// Every method needs an integration, and a private API a policy.
fn check(api: &RestApi) -> Answer<()> {
    let methods = api
        .resources
        .values()
        .filter_map(|resource| resource["resourceMethods"].as_object());
    let mut methods = methods.flat_map(|methods| methods.values()).peekable();
    if methods.peek().is_none() {
        return Err(bad_request("The REST API doesn't contain any methods"));
    }
    if methods.any(|method| method["methodIntegration"].is_null()) {
        return Err(bad_request("No integration defined for method"));
    }
    if api.is_private() && api.document["policy"].is_null() {
        return Err(bad_request(
            "Private REST API doesn't have a resource policy attached to it",
        ));
    }
    Ok(())
}

pub(super) fn create(world: &mut World, input: &Value) -> Answer<Reply> {
    let (id, api) = find(world, input)?;
    check(api)?;
    let deployment_id = ids::letters(6);
    let now = epoch_seconds(world.now());
    let mut shown = document::taken(input, &["description"]);
    shown["id"] = deployment_id.clone().into();
    shown["createdDate"] = json!(now);
    let deployment = Deployment {
        document: shown.clone(),
        resources: api.resources.clone(),
        policy: api.document["policy"].as_str().map(str::to_owned),
    };
    let stage_name = text(input, "stageName");
    if let Some(name) = stage_name {
        check_name(name)?;
    }
    let stage = stage_name.map(|name| match api.stages.get(name) {
        Some(stage) => {
            let mut stage = stage.clone();
            stage["deploymentId"] = deployment_id.clone().into();
            stage["lastUpdatedDate"] = json!(now);
            stage
        }
        None => {
            let mut stage = document::taken(input, &["variables", "tracingEnabled"]);
            if let Some(description) = text(input, "stageDescription") {
                stage["description"] = description.into();
            }
            new_stage(stage, name, &deployment_id, now)
        }
    });
    let api = find_mut(world, input)?;
    api.deployments.insert(deployment_id, deployment);
    if let (Some(name), Some(stage)) = (stage_name, stage) {
        api.stages.insert(name.to_owned(), stage);
    }
    publication::publish(world, id);
    Ok(Reply::json(shown))
}

fn of<'w>(world: &'w World, input: &Value) -> Answer<&'w Deployment> {
    let (_, api) = find(world, input)?;
    let deployment = api.deployments.get(required(input, "deploymentId")?);
    deployment.ok_or_else(unknown_deployment)
}

pub(super) fn get(world: &mut World, input: &Value) -> Answer<Reply> {
    Ok(Reply::json(of(world, input)?.document.clone()))
}

pub(super) fn update(world: &mut World, input: &Value) -> Answer<Reply> {
    let mut changed = of(world, input)?.document.clone();
    document::patch(&mut changed, input, &["description"])?;
    let id = required(input, "deploymentId")?;
    if let Some(deployment) = find_mut(world, input)?.deployments.get_mut(id) {
        deployment.document.clone_from(&changed);
    }
    Ok(Reply::json(changed))
}

pub(super) fn delete(world: &mut World, input: &Value) -> Answer<Reply> {
    of(world, input)?;
    let id = required(input, "deploymentId")?;
    let api = find_mut(world, input)?;
    if api.stages.values().any(|stage| stage["deploymentId"] == id) {
        return Err(bad_request(
            "Active stages pointing to this deployment must be moved or deleted",
        ));
    }
    api.deployments.remove(id);
    gone()
}

fn check_name(name: &str) -> Answer<()> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if name.len() <= 128 && name.chars().all(allowed) {
        return Ok(());
    }
    Err(bad_request("Stage name only allows a-zA-Z0-9_-"))
}

fn new_stage(mut stage: Value, name: &str, deployment_id: &str, now: f64) -> Value {
    for (member, value) in [
        ("cacheClusterEnabled", json!(false)),
        ("tracingEnabled", json!(false)),
        ("methodSettings", json!({})),
    ] {
        if stage[member].is_null() {
            stage[member] = value;
        }
    }
    stage["stageName"] = name.into();
    stage["deploymentId"] = deployment_id.into();
    stage["cacheClusterStatus"] = "NOT_AVAILABLE".into();
    stage["createdDate"] = json!(now);
    stage["lastUpdatedDate"] = json!(now);
    stage
}

pub(super) fn create_stage(world: &mut World, input: &Value) -> Answer<Reply> {
    const MEMBERS: &[&str] = &[
        "description",
        "variables",
        "tracingEnabled",
        "documentationVersion",
        "tags",
    ];
    let (id, api) = find(world, input)?;
    let name = required(input, "stageName")?;
    check_name(name)?;
    let deployment_id = required(input, "deploymentId")?;
    if !api.deployments.contains_key(deployment_id) {
        return Err(unknown_deployment());
    }
    if api.stages.contains_key(name) {
        return Err(conflict("Stage already exists"));
    }
    let members = document::taken(input, MEMBERS);
    tags::check(&document::tags(&members))?;
    let stage = new_stage(members, name, deployment_id, epoch_seconds(world.now()));
    find_mut(world, input)?
        .stages
        .insert(name.to_owned(), stage.clone());
    publication::publish(world, id);
    Ok(Reply::json(stage))
}

fn stage<'w>(world: &'w World, input: &Value) -> Answer<&'w Value> {
    let (_, api) = find(world, input)?;
    api.stages
        .get(required(input, "stageName")?)
        .ok_or_else(unknown_stage)
}

pub(super) fn get_stage(world: &mut World, input: &Value) -> Answer<Reply> {
    Ok(Reply::json(stage(world, input)?.clone()))
}

pub(super) fn update_stage(world: &mut World, input: &Value) -> Answer<Reply> {
    const CHANGEABLE: &[&str] = &[
        "deploymentId",
        "description",
        "variables",
        "tracingEnabled",
        "documentationVersion",
    ];
    let (id, api) = find(world, input)?;
    let mut changed = stage(world, input)?.clone();
    document::patch(&mut changed, input, CHANGEABLE)?;
    if !api
        .deployments
        .contains_key(changed["deploymentId"].as_str().unwrap_or_default())
    {
        return Err(unknown_deployment());
    }
    changed["lastUpdatedDate"] = json!(epoch_seconds(world.now()));
    let name = required(input, "stageName")?;
    find_mut(world, input)?
        .stages
        .insert(name.to_owned(), changed.clone());
    publication::publish(world, id);
    Ok(Reply::json(changed))
}

pub(super) fn delete_stage(world: &mut World, input: &Value) -> Answer<Reply> {
    stage(world, input)?;
    let (id, _) = find(world, input)?;
    let name = required(input, "stageName")?;
    find_mut(world, input)?.stages.remove(name);
    publication::publish(world, id);
    gone()
}
