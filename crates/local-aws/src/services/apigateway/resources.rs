//! The resources of an API: the parts of its paths.

use serde_json::{Value, json};

use super::apis::{RestApi, find, find_mut};
use super::{bad_request, conflict, document, gone, listed, not_found, required};
use crate::core::error::Answer;
use crate::core::ids;
use crate::core::world::World;
use crate::wire::Reply;

fn unknown() -> crate::core::error::ApiError {
    not_found("Invalid Resource identifier specified")
}

/// The resource of an API that a request names.
pub(super) fn of<'a>(api: &'a RestApi, input: &Value, member: &str) -> Answer<&'a Value> {
    api.resources.get(required(input, member)?).ok_or_else(unknown)
}

pub(super) fn of_mut<'w>(world: &'w mut World, input: &Value) -> Answer<&'w mut Value> {
    let id = required(input, "resourceId")?;
    find_mut(world, input)?.resources.get_mut(id).ok_or_else(unknown)
}

/// `orders`, `{id}`, `{proxy+}`.
fn check_part(part: &str) -> Answer<()> {
    let inner = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
    let inner = inner.map_or(part, |inner| inner.strip_suffix('+').unwrap_or(inner));
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-:".contains(c);
    if !inner.is_empty() && inner.chars().all(allowed) {
        return Ok(());
    }
    Err(bad_request(
        "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end.",
    ))
}

/// Whether another resource stands at the same place.
fn is_taken(api: &RestApi, id: &str, parent: &str, part: &str) -> bool {
    let mut others = api.resources.values().filter(|other| other["id"] != id);
    others.any(|other| other["parentId"] == parent && other["pathPart"] == part)
}

fn taken(part: &str) -> crate::core::error::ApiError {
    conflict(format!(
        "Another resource with the same parent already has this name: {part}"
    ))
}

fn below(parent: &Value, part: &str) -> String {
    let path = parent["path"].as_str().unwrap_or_default().trim_end_matches('/');
    format!("{path}/{part}")
}

pub(super) fn create(world: &mut World, input: &Value) -> Answer<Reply> {
    let (_, api) = find(world, input)?;
    let parent = of(api, input, "parentId")?;
    let (parent_id, part) = (required(input, "parentId")?, required(input, "pathPart")?);
    check_part(part)?;
    if is_taken(api, "", parent_id, part) {
        return Err(taken(part));
    }
    let id = ids::letters(6);
    let resource = json!({ "id": id, "parentId": parent_id, "pathPart": part, "path": below(parent, part) });
    find_mut(world, input)?.resources.insert(id, resource.clone());
    Ok(Reply::json(resource))
}

/// A resource as it is shown: its methods by their names alone, unless more is asked for.
fn shown(resource: &Value, input: &Value) -> Value {
    let mut embedded = input["embed"].as_array().into_iter().flatten();
    let embeds = embedded.any(|one| one == "methods");
    let mut shown = resource.clone();
    if let Some(methods) = shown["resourceMethods"].as_object_mut().filter(|_| !embeds) {
        methods.values_mut().for_each(|method| *method = json!({}));
    }
    if let Some(members) = shown.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    shown
}

pub(super) fn get(world: &mut World, input: &Value) -> Answer<Reply> {
    let (_, api) = find(world, input)?;
    Ok(Reply::json(shown(of(api, input, "resourceId")?, input)))
}

pub(super) fn list(world: &mut World, input: &Value) -> Answer<Reply> {
    let (_, api) = find(world, input)?;
    listed(
        input,
        api.resources
            .iter()
            .map(|(id, resource)| (id, shown(resource, input))),
    )
}

pub(super) fn update(world: &mut World, input: &Value) -> Answer<Reply> {
    let (_, api) = find(world, input)?;
    let mut changed = of(api, input, "resourceId")?.clone();
    if changed["parentId"].is_null() {
        return Err(bad_request("Root resource cannot be updated"));
    }
    document::patch(&mut changed, input, &["parentId", "pathPart"])?;
    let (id, part) = (required(input, "resourceId")?, required(&changed, "pathPart")?);
    let parent_id = required(&changed, "parentId")?;
    check_part(part)?;
    let parent = api.resources.get(parent_id).ok_or_else(unknown)?;
    if is_taken(api, id, parent_id, part) {
        return Err(taken(part));
    }
    changed["path"] = below(parent, part).into();
    *of_mut(world, input)? = changed.clone();
    repath(find_mut(world, input)?, id);
    Ok(Reply::json(shown(&changed, input)))
}

/// Tells the resources below one of its new path.
fn repath(api: &mut RestApi, id: &str) {
    let parent = api.resources[id].clone();
    let children: Vec<String> = api
        .resources
        .values()
        .filter(|child| child["parentId"] == id)
        .filter_map(|child| child["id"].as_str().map(str::to_owned))
        .collect();
    for child_id in children {
        if let Some(child) = api.resources.get_mut(&child_id) {
            child["path"] = below(&parent, child["pathPart"].as_str().unwrap_or_default()).into();
        }
        repath(api, &child_id);
    }
}

pub(super) fn delete(world: &mut World, input: &Value) -> Answer<Reply> {
    let (_, api) = find(world, input)?;
    if of(api, input, "resourceId")?["parentId"].is_null() {
        return Err(bad_request("Root resource cannot be deleted"));
    }
    let mut ahead = vec![required(input, "resourceId")?.to_owned()];
    let api = find_mut(world, input)?;
    // What stands below it goes, too.
    while let Some(id) = ahead.pop() {
        api.resources.remove(&id);
        let below = api.resources.values().filter(|child| child["parentId"] == *id);
        ahead.extend(below.filter_map(|child| child["id"].as_str().map(str::to_owned)));
    }
    gone()
}
