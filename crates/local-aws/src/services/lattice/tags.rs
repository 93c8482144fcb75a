//! TagResource, UntagResource, ListTagsForResource.

use serde_json::{Value, json};

use super::{configurations, id_of, not_found, refused, text, texts};
use crate::core::error::Answer;
use crate::core::settings::SharedTagsAnswer;
use crate::core::tags::{self, Refused, Tags};
use crate::core::world::World;
use crate::wire::Reply;

/// The `tags` of an input.
fn of(input: &Value) -> Tags {
    let given = input.get("tags").and_then(Value::as_object).into_iter().flatten();
    given
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}

fn tags_mut<'w>(world: &'w mut World, input: &Value, operation: &str) -> Answer<&'w mut Tags> {
    let arn = text(input, "resourceArn").unwrap_or_default();
    let id = id_of(world, arn);
    if operation == "ListTagsForResource" {
        check_owner(world, id, arn)?;
    }
    if world.lattice().configurations.contains_key(id) {
        configurations::owned(world, id, operation)?;
    }
    let lattice = world.lattice_mut();
    None.or_else(|| lattice.gateways.get_mut(id).map(|gateway| &mut gateway.tags))
        .or_else(|| {
            lattice
                .configurations
                .get_mut(id)
                .map(|configuration| &mut configuration.tags)
        })
        .or_else(|| {
            lattice
                .associations
                .get_mut(id)
                .map(|association| &mut association.tags)
        })
        .ok_or_else(|| not_found("RESOURCE", arn))
}

/// Refuses to tell the tags of what another account owns, in one of the ways that are plausible.
fn check_owner(world: &World, id: &str, arn: &str) -> Answer<()> {
    let is_shared =
        world.lattice().configurations.contains_key(id) && !arn.starts_with(&world.arn("vpc-lattice", ""));
    match world.settings.shared_tags_answer {
        SharedTagsAnswer::NotFound if is_shared => Err(not_found("RESOURCE", arn)),
        SharedTagsAnswer::Invalid if is_shared => Err(refused("The resource is not of this account")),
        _ => Ok(()),
    }
}

/// The tags that a creation brings.
pub(super) fn checked(input: &Value) -> Answer<Tags> {
    with(&Tags::new(), of(input))
}

fn with(own: &Tags, added: Tags) -> Answer<Tags> {
    tags::with(own, added).map_err(|why| {
        refused(match why {
            Refused::Reserved => "aws: prefixed tag key names are not allowed for external use.",
            Refused::TooMany => "A resource has at most 50 tags",
        })
    })
}

pub(super) fn tag(world: &mut World, input: &Value) -> Answer<Reply> {
    let added = checked(input)?;
    let tags = tags_mut(world, input, "TagResource")?;
    *tags = with(tags, added)?;
    Ok(Reply::json(json!({})))
}

pub(super) fn untag(world: &mut World, input: &Value) -> Answer<Reply> {
    let keys = texts(input, "tagKeys").unwrap_or_default();
    tags_mut(world, input, "UntagResource")?.retain(|key, _| !keys.contains(key));
    Ok(Reply::json(json!({})))
}

pub(super) fn list(world: &mut World, input: &Value) -> Answer<Reply> {
    let tags = tags_mut(world, input, "ListTagsForResource")?;
    Ok(Reply::json(json!({ "tags": tags })))
}
