//! Event buses: CreateEventBus, DescribeEventBus, ListEventBuses, DeleteEventBus. The default one is always there.

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::rules::Rule;
use super::targets::listing;
use super::{limit_exceeded, page, text, validation};
use crate::core::error::{Answer, ApiError};
use crate::core::tags::Tags;
use crate::core::timestamp::epoch_seconds;
use crate::core::world::World;
use crate::wire::Reply;

/// The name of the bus that every account has.
pub(crate) const DEFAULT: &str = "default";

#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct Bus {
    name: String,
    /// Members that are kept and shown: `Description`, `KmsKeyIdentifier`, `DeadLetterConfig`, `LogConfig`.
    kept: BTreeMap<String, Value>,
    /// The default one is as old as the account.
    created: Option<SystemTime>,
    pub(super) tags: Tags,
    /// By their names.
    pub(crate) rules: BTreeMap<String, Rule>,
}

const KEPT: [&str; 4] = ["DeadLetterConfig", "Description", "KmsKeyIdentifier", "LogConfig"];

impl Bus {
    /// The one that every account has.
    pub(super) fn default_one() -> Self {
        Self {
            name: DEFAULT.to_owned(),
            ..Self::default()
        }
    }

    /// The members of the answers that describe a bus.
    fn described(&self, world: &World, kept: &[&str]) -> Value {
        let made = epoch_seconds(self.created.unwrap_or_else(|| world.began()));
        let mut body = json!({ "Name": self.name, "Arn": arn(world, &self.name), "CreationTime": made,
            "LastModifiedTime": made });
        for (member, value) in &self.kept {
            if kept.contains(&member.as_str()) {
                body[member] = value.clone();
            }
        }
        body
    }
}

pub(super) fn arn(world: &World, name: &str) -> String {
    world.arn("events", format_args!("event-bus/{name}"))
}

/// The name of the bus that `EventBusName` means: a name or an ARN, and the default one where there is neither.
pub(super) fn meant<'i>(world: &World, input: &'i Value) -> Answer<&'i str> {
    let given = text(input, "EventBusName").unwrap_or(DEFAULT);
    let name = match given.split_once(":event-bus/") {
        Some((_, name)) if given == arn(world, name) => name,
        Some((_, name)) => return Err(not_found(name)),
        None => given,
    };
    if world.events().buses.contains_key(name) {
        Ok(name)
    } else {
        Err(not_found(name))
    }
}

pub(super) fn not_found(name: &str) -> ApiError {
    ApiError::new(
        "ResourceNotFoundException",
        format!("Event bus {name} does not exist."),
    )
}

pub(super) fn create(world: &mut World, input: &Value) -> Answer<Reply> {
    let name = text(input, "Name").unwrap_or_default();
    if let Some(source) = text(input, "EventSourceName") {
        return Err(ApiError::new(
            "ResourceNotFoundException",
            format!("Event source {source} does not exist."),
        ));
    }
    if name.contains('/') {
        return Err(validation("Event bus name must not contain '/'."));
    }
    if world.events().buses.contains_key(name) {
        return Err(ApiError::new(
            "ResourceAlreadyExistsException",
            format!("Event bus {name} already exists."),
        ));
    }
    if world.events().buses.len() >= world.settings.event_buses {
        return Err(limit_exceeded());
    }
    let given = |member: &&str| Some(((*member).to_owned(), input.get(*member)?.clone()));
    let bus = Bus {
        name: name.to_owned(),
        kept: KEPT.iter().filter_map(given).collect(),
        created: Some(world.now()),
        tags: super::tags::of(input),
        rules: BTreeMap::new(),
    };
    let mut body = json!({ "EventBusArn": arn(world, name) });
    for (member, value) in &bus.kept {
        body[member] = value.clone();
    }
    world.events_mut().buses.insert(name.to_owned(), bus);
    Ok(Reply::json(body))
}

pub(super) fn describe(world: &World, input: &Value) -> Answer<Reply> {
    let name = text(input, "Name").unwrap_or(DEFAULT);
    let name = name.strip_prefix(&arn(world, "")).unwrap_or(name);
    let bus = world.events().buses.get(name).ok_or_else(|| not_found(name))?;
    Ok(Reply::json(bus.described(world, &KEPT)))
}

pub(super) fn list(world: &World, input: &Value) -> Answer<Reply> {
    let prefix = text(input, "NamePrefix").unwrap_or_default();
    let named = world.events().buses.iter();
    let named = named.filter(|(name, _)| name.starts_with(prefix));
    let (buses, next) = page(input, named, |bus| bus.described(world, &["Description"]))?;
    Ok(listing("EventBuses", buses, next))
}

/// What is not there is deleted already.
pub(super) fn delete(world: &mut World, input: &Value) -> Answer<Reply> {
    let name = text(input, "Name").unwrap_or_default();
    if name == DEFAULT {
        return Err(validation("Cannot delete event bus default."));
    }
    let bus = world.events().buses.get(name);
    if bus.is_some_and(|bus| !bus.rules.is_empty()) {
        return Err(validation("EventBus can't be deleted since it has rules."));
    }
    world.events_mut().buses.remove(name);
    Ok(Reply::json(json!({})))
}
