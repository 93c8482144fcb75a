//! Tags of state machines: TagResource, UntagResource, ListTagsForResource.

use serde_json::{Value, json};

use super::machines::Machine;
use super::{arns, validation};
use crate::core::error::{Answer, ApiError};
use crate::core::tags::Tags;
use crate::core::world::World;
use crate::wire::Reply;

/// The most tags that a machine has.
const MOST: usize = 50;

fn too_many() -> ApiError {
    ApiError::new("TooManyTags", format!("A state machine has at most {MOST} tags"))
}

/// The tags of an input.
pub(super) fn sent(input: &Value) -> Answer<Tags> {
    let mut tags = Tags::new();
    for tag in input["tags"].as_array().into_iter().flatten() {
        let key = tag["key"]
            .as_str()
            .ok_or_else(|| validation("tags: a tag has no key"))?;
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(validation(format!(
                "tags: '{key}' begins with aws:, which is AWS's own"
            )));
        }
        tags.insert(
            key.to_owned(),
            tag["value"].as_str().unwrap_or_default().to_owned(),
        );
    }
    if tags.len() > MOST {
        Err(too_many())
    } else {
        Ok(tags)
    }
}

/// The machine that an input names.
fn find<'w>(world: &'w mut World, input: &Value) -> Answer<&'w mut Machine> {
    let arn = input["resourceArn"].as_str().unwrap_or_default();
    arns::machine(arn)?;
    let found = world.state_machines_mut().machine_of_mut(arn);
    found.ok_or_else(|| {
        ApiError::new("ResourceNotFound", format!("Resource not found: '{arn}'")).with("resourceName", arn)
    })
}

pub(super) fn tag(world: &mut World, input: &Value) -> Answer<Reply> {
    let machine = find(world, input)?;
    let mut tags = machine.tags.clone();
    tags.extend(sent(input)?);
    if tags.len() > MOST {
        return Err(too_many());
    }
    machine.tags = tags;
    Ok(Reply::json(json!({})))
}

pub(super) fn untag(world: &mut World, input: &Value) -> Answer<Reply> {
    let machine = find(world, input)?;
    let keys = input["tagKeys"].as_array().into_iter().flatten();
    for key in keys.filter_map(Value::as_str) {
        machine.tags.remove(key);
    }
    Ok(Reply::json(json!({})))
}

pub(super) fn list(world: &mut World, input: &Value) -> Answer<Reply> {
    let tags = &find(world, input)?.tags;
    let listed: Vec<Value> = tags
        .iter()
        .map(|(key, value)| json!({ "key": key, "value": value }))
        .collect();
    Ok(Reply::json(json!({ "tags": listed })))
}
