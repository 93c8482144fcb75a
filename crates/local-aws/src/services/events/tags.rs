//! TagResource, UntagResource, ListTagsForResource: for rules and event buses, and for nothing else.

use serde_json::{Value, json};

use super::rules::not_found;
use super::{buses, text, validation};
use crate::core::error::{Answer, ApiError};
use crate::core::tags::{self, Refused, Tags};
use crate::core::world::World;
use crate::wire::Reply;

/// The `Tags` of an input.
pub(super) fn of(input: &Value) -> Tags {
    let given = input["Tags"].as_array().into_iter().flatten();
    given
        .filter_map(|tag| Some((text(tag, "Key")?.to_owned(), text(tag, "Value")?.to_owned())))
        .collect()
}

/// The tags of a resource, by its ARN.
fn tags_mut<'w>(world: &'w mut World, input: &Value) -> Answer<&'w mut Tags> {
    let arn = text(input, "ResourceARN").unwrap_or_default();
    let Some(resource) = arn.strip_prefix(&world.arn("events", "")) else {
        return Err(wrong_arn());
    };
    match resource.split_once('/') {
        Some(("event-bus", bus)) => {
            let found = world.events_mut().buses.get_mut(bus);
            found
                .map(|bus| &mut bus.tags)
                .ok_or_else(|| buses::not_found(bus))
        }
        Some(("rule", name)) => {
            let (bus, name) = name.split_once('/').unwrap_or((buses::DEFAULT, name));
            let found = world.events_mut().buses.get_mut(bus);
            let rule = found.and_then(|found| found.rules.get_mut(name));
            rule.map(|rule| &mut rule.tags)
                .ok_or_else(|| not_found(name, bus))
        }
        _ => Err(wrong_arn()),
    }
}

fn wrong_arn() -> ApiError {
    validation("Parameter ResourceARN is not valid. Reason: Provided Arn is not in correct format.")
}

pub(super) fn tag(world: &mut World, input: &Value) -> Answer<Reply> {
    let tags = tags_mut(world, input)?;
    *tags = tags::with(tags, of(input)).map_err(|refused| {
        validation(match refused {
            Refused::Reserved => "Tag keys starting with 'aws:' are reserved for system use.",
            Refused::TooMany => "The number of tags on this resource exceeds the maximum of 50.",
        })
    })?;
    Ok(Reply::json(json!({})))
}

pub(super) fn untag(world: &mut World, input: &Value) -> Answer<Reply> {
    let tags = tags_mut(world, input)?;
    for key in input["TagKeys"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
    {
        tags.remove(key);
    }
    Ok(Reply::json(json!({})))
}

pub(super) fn list(world: &mut World, input: &Value) -> Answer<Reply> {
    let tags = tags_mut(world, input)?.iter();
    let tags: Vec<Value> = tags
        .map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect();
    Ok(Reply::json(json!({ "Tags": tags })))
}
