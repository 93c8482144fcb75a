//! CreateTags, DeleteTags, DescribeTags, and the tags that come with a creation.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::describe::{Filter, page};
use super::vpcs::returned;
use super::{KINDS, Kind, State, dry_run, items, required, text, texts};
use crate::core::error::{Answer, ApiError};
use crate::core::tags::{self, Tags};
use crate::core::world::World;
use crate::wire::Reply;

/// Tags as they are shown.
pub(crate) fn json(tags: &Tags) -> Value {
    let shown = tags
        .iter()
        .map(|(key, value)| json!({ "Key": key, "Value": value }));
    shown.collect()
}

/// What a tag's key may not begin with, in AWS's words.
const RESERVED: &str = "Tag keys starting with 'aws:' are reserved for internal use";

/// The tags of the `TagSpecification`s, which must all be for the type that is being made.
pub(crate) fn specified(input: &Value, kind: &Kind) -> Answer<Tags> {
    let mut tags = Tags::new();
    for specification in items(input, "TagSpecifications") {
        let resource_type = required(specification, "ResourceType")?;
        if resource_type != kind.name {
            return Err(ApiError::new(
                "InvalidParameterValue",
                format!("'{resource_type}' is not a valid taggable resource type for this operation."),
            ));
        }
        tags.extend(read(specification)?);
    }
    check_count(&tags)?;
    Ok(tags)
}

fn read(input: &Value) -> Answer<Tags> {
    let mut tags = Tags::new();
    for tag in items(input, "Tags") {
        let key = text(tag, "Key").unwrap_or_default();
        let value = text(tag, "Value").unwrap_or_default();
        check_key(key)?;
        if value.chars().count() > 256 {
            return Err(ApiError::new(
                "InvalidParameterValue",
                "Tag value exceeds the maximum length of 256 characters",
            ));
        }
        if tags.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(ApiError::new(
                "InvalidParameterValue",
                format!("Duplicate tag key '{key}' specified."),
            ));
        }
    }
    Ok(tags)
}

fn check_key(key: &str) -> Answer<()> {
    if tags::is_reserved(key) {
        return Err(ApiError::new("InvalidParameterValue", RESERVED));
    }
    match key.chars().count() {
        1..=128 => Ok(()),
        0 => Err(ApiError::new(
            "InvalidParameterValue",
            "Tag key cannot be null or empty",
        )),
        _ => Err(ApiError::new(
            "InvalidParameterValue",
            "Tag key exceeds the maximum length of 128 characters",
        )),
    }
}

fn check_count(tags: &Tags) -> Answer<()> {
    if tags.len() > tags::MOST {
        return Err(ApiError::new(
            "TagLimitExceeded",
            "The maximum number of tags per resource is 50.",
        ));
    }
    Ok(())
}

pub(crate) fn create(world: &mut World, input: &Value) -> Answer<Reply> {
    let ids = resources(world.ec2(), input)?;
    // This operation quotes the key, those that make something do not.
    let mut keys = items(input, "Tags").iter().filter_map(|tag| text(tag, "Key"));
    if let Some(key) = keys.find(|key| tags::is_reserved(key)) {
        return Err(ApiError::new(
            "InvalidParameterValue",
            format!("Value ( {key} ) for parameter key is invalid. {RESERVED}"),
        ));
    }
    let tags = read(input)?;
    for id in &ids {
        let mut whole = world.ec2_mut().tags_mut(id).cloned().unwrap_or_default();
        whole.extend(tags.clone());
        check_count(&whole)?;
    }
    dry_run(input)?;
    for id in &ids {
        if let Some(own) = world.ec2_mut().tags_mut(id) {
            own.extend(tags.clone());
        }
    }
    Ok(returned())
}

pub(crate) fn delete(world: &mut World, input: &Value) -> Answer<Reply> {
    let ids = resources(world.ec2(), input)?;
    let tags = items(input, "Tags");
    for tag in tags {
        check_key(text(tag, "Key").unwrap_or_default())?;
    }
    dry_run(input)?;
    for id in &ids {
        let Some(own) = world.ec2_mut().tags_mut(id) else {
            continue;
        };
        if tags.is_empty() {
            own.retain(|key, _| tags::is_reserved(key));
        }
        for tag in tags {
            let key = text(tag, "Key").unwrap_or_default();
            // A given value, the empty one too, must be the tag's.
            if tag["Value"]
                .as_str()
                .is_none_or(|value| own.get(key).is_some_and(|had| had == value))
            {
                own.remove(key);
            }
        }
    }
    Ok(returned())
}

/// The resources that a call names, all of which must exist.
fn resources(ec2: &State, input: &Value) -> Answer<Vec<String>> {
    let ids = texts(input, "Resources");
    ids.into_iter()
        .map(|id| {
            let kind = KINDS
                .into_iter()
                .find(|kind| id.starts_with(kind.prefix))
                .ok_or_else(|| ApiError::new("InvalidID", format!("The ID '{id}' is not valid")))?;
            kind.check(id)?;
            ec2.tags(id)
                .map(|_| id.to_owned())
                .ok_or_else(|| kind.not_found(id))
        })
        .collect()
}

pub(crate) fn describe(world: &World, input: &Value) -> Answer<Reply> {
    const FILTERS: &[&str] = &["key", "resource-id", "resource-type", "value"];
    let filters = Filter::all(input, FILTERS)?;
    let mut rows = BTreeMap::new();
    for (kind, id, tags) in world.ec2().tagged() {
        for (key, value) in tags {
            let own = Tags::from([(key.clone(), value.clone())]);
            let values = |name: &str| {
                vec![match name {
                    "key" => key.clone(),
                    "value" => value.clone(),
                    "resource-id" => id.to_owned(),
                    _ => kind.to_owned(),
                }]
            };
            if filters.iter().all(|filter| filter.admits(&own, values)) {
                rows.insert(format!("{id} {key}"), (kind, id, key, value));
            }
        }
    }
    let (page, next) = page(input, rows.iter(), false)?;
    dry_run(input)?;
    let page = page.into_iter().map(|(kind, id, key, value)| {
        json!({ "ResourceId": id, "ResourceType": kind, "Key": key, "Value": value })
    });
    Ok(Reply::json(
        json!({ "Tags": page.collect::<Value>(), "NextToken": next }),
    ))
}

impl State {
    fn tagged(&self) -> impl Iterator<Item = (&'static str, &str, &Tags)> {
        let vpcs = self.vpcs.values().map(|o| ("vpc", o.id.as_str(), &o.tags));
        let subnets = self.subnets.values().map(|o| ("subnet", o.id.as_str(), &o.tags));
        let groups = self
            .groups
            .values()
            .map(|o| ("security-group", o.id.as_str(), &o.tags));
        let rules = self
            .rules
            .values()
            .map(|o| ("security-group-rule", o.id.as_str(), &o.tags));
        let endpoints = self
            .endpoints
            .values()
            .map(|o| ("vpc-endpoint", o.id.as_str(), &o.tags));
        let interfaces = self
            .interfaces
            .values()
            .map(|o| ("network-interface", o.id.as_str(), &o.tags));
        let tables = self
            .route_tables
            .values()
            .map(|o| ("route-table", o.id.as_str(), &o.tags));
        let acls = self
            .network_acls
            .values()
            .map(|o| ("network-acl", o.id.as_str(), &o.tags));
        vpcs.chain(subnets)
            .chain(groups)
            .chain(rules)
            .chain(endpoints)
            .chain(interfaces)
            .chain(tables)
            .chain(acls)
    }

    fn tags(&self, id: &str) -> Option<&Tags> {
        self.tagged()
            .find(|(_, other, _)| *other == id)
            .map(|(.., tags)| tags)
    }

    fn tags_mut(&mut self, id: &str) -> Option<&mut Tags> {
        None.or_else(|| self.vpcs.get_mut(id).map(|o| &mut o.tags))
            .or_else(|| self.subnets.get_mut(id).map(|o| &mut o.tags))
            .or_else(|| self.groups.get_mut(id).map(|o| &mut o.tags))
            .or_else(|| self.rules.get_mut(id).map(|o| &mut o.tags))
            .or_else(|| self.endpoints.get_mut(id).map(|o| &mut o.tags))
            .or_else(|| self.interfaces.get_mut(id).map(|o| &mut o.tags))
            .or_else(|| self.route_tables.get_mut(id).map(|o| &mut o.tags))
            .or_else(|| self.network_acls.get_mut(id).map(|o| &mut o.tags))
    }
}
