//! GetTags, TagResource, UntagResource: of REST APIs and stages.

use serde_json::{Value, json};

use super::{bad_request, document, gone, not_found, required};
use crate::core::error::Answer;
use crate::core::tags::{self, Refused, Tags};
use crate::core::world::World;
use crate::wire::Reply;

/// Checks the tags that a creation brings.
pub(super) fn check(given: &Tags) -> Answer<()> {
    with(&Tags::new(), given.clone()).map(drop)
}

fn with(own: &Tags, added: Tags) -> Answer<Tags> {
    tags::with(own, added).map_err(|refused| {
        bad_request(match refused {
            Refused::Reserved => "aws: prefixed tag key names are not allowed for external use.",
            Refused::TooMany => "Tags can not have more than 50 entries.",
        })
    })
}

/// The object of `arn:aws:apigateway:<region>::/restapis/<id>` or of a stage below it.
fn tagged<'w>(world: &'w mut World, input: &Value) -> Answer<&'w mut Value> {
    let arn = required(input, "resourceArn")?;
    let path = arn.rsplit_once("::/").map(|(_, path)| path.to_owned());
    let path = path.filter(|_| arn.contains(":apigateway:"));
    let path = path.ok_or_else(|| bad_request("Invalid ARN specified in the request"))?;
    let missing = || not_found("Invalid resource specified in the ARN");
    let mut parts = path.split('/').skip(1);
    let api = parts
        .next()
        .and_then(|id| world.apis_mut().get_mut(id))
        .ok_or_else(missing)?;
    match (parts.next(), parts.next()) {
        (None, _) => Ok(&mut api.document),
        (Some("stages"), Some(name)) => api.stages.get_mut(name).ok_or_else(missing),
        _ => Err(missing()),
    }
}

fn put(object: &mut Value, tags: &Tags) {
    match object.as_object_mut() {
        Some(members) if tags.is_empty() => {
            members.remove("tags");
        }
        _ => object["tags"] = json!(tags),
    }
}

pub(super) fn tag(world: &mut World, input: &Value) -> Answer<Reply> {
    let object = tagged(world, input)?;
    let whole = with(&document::tags(object), document::tags(input))?;
    put(object, &whole);
    gone()
}

pub(super) fn untag(world: &mut World, input: &Value) -> Answer<Reply> {
    let object = tagged(world, input)?;
    let mut left = document::tags(object);
    let keys = input["tagKeys"].as_array().into_iter().flatten();
    for key in keys.filter_map(Value::as_str) {
        left.remove(key);
    }
    put(object, &left);
    gone()
}

pub(super) fn list(world: &mut World, input: &Value) -> Answer<Reply> {
    let object = tagged(world, input)?;
    Ok(Reply::json(json!({ "tags": document::tags(object) })))
}
