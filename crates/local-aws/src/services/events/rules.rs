//! Rules of an event bus: PutRule, DescribeRule, ListRules, EnableRule, DisableRule, DeleteRule.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::pattern::EventPattern;
use super::targets::{Target, listing};
use super::{buses, limit_exceeded, page, schedule, text, validation};
use crate::core::error::{Answer, ApiError};
use crate::core::tags::Tags;
use crate::core::world::World;
use crate::services::iam;
use crate::wire::Reply;

#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
pub(crate) enum RuleState {
    Enabled,
    Disabled,
    /// Also for CloudTrail's management events, of which there are none here.
    EnabledWithAllCloudtrailManagementEvents,
}

impl RuleState {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "ENABLED",
            Self::Disabled => "DISABLED",
            Self::EnabledWithAllCloudtrailManagementEvents => "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
        }
    }

    fn of(text: Option<&str>) -> Self {
        match text {
            Some("DISABLED") => Self::Disabled,
            Some("ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS") => {
                Self::EnabledWithAllCloudtrailManagementEvents
            }
            _ => Self::Enabled,
        }
    }
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Rule {
    pub(crate) name: String,
    pub(crate) arn: String,
    /// The name of its bus.
    bus: String,
    pub(crate) state: RuleState,
    pub(crate) pattern: Option<EventPattern>,
    /// Kept and shown; nothing happens on schedule here.
    schedule: Option<String>,
    description: Option<String>,
    role_arn: Option<String>,
    pub(crate) tags: Tags,
    /// By their ids.
    pub(crate) targets: BTreeMap<String, Target>,
}

impl Rule {
    pub(crate) fn matches(&self, event: &Value) -> bool {
        self.state != RuleState::Disabled
            && self
                .pattern
                .as_ref()
                .is_some_and(|pattern| pattern.matches(event))
    }

    /// The members of DescribeRule and ListRules.
    fn json(&self) -> Map<String, Value> {
        let mut body = Map::new();
        let mut put = |name: &str, value: Option<&str>| {
            if let Some(value) = value {
                body.insert(name.to_owned(), value.into());
            }
        };
        put("Name", Some(&self.name));
        put("Arn", Some(&self.arn));
        put("State", Some(self.state.as_str()));
        put("EventBusName", Some(&self.bus));
        put("EventPattern", self.pattern.as_ref().map(EventPattern::source));
        put("ScheduleExpression", self.schedule.as_deref());
        put("Description", self.description.as_deref());
        put("RoleArn", self.role_arn.as_deref());
        body
    }
}

pub(super) fn not_found(name: &str, bus: &str) -> ApiError {
    ApiError::new(
        "ResourceNotFoundException",
        format!("Rule {name} does not exist on EventBus {bus}."),
    )
}

/// The rules of the bus that an input means.
pub(super) fn all<'w>(world: &'w World, input: &Value) -> Answer<&'w BTreeMap<String, Rule>> {
    let bus = buses::meant(world, input)?;
    let found = world.events().buses.get(bus);
    found.map(|bus| &bus.rules).ok_or_else(|| buses::not_found(bus))
}

fn all_mut<'w>(world: &'w mut World, input: &Value) -> Answer<&'w mut BTreeMap<String, Rule>> {
    let bus = buses::meant(world, input)?;
    let found = world.events_mut().buses.get_mut(bus);
    found
        .map(|bus| &mut bus.rules)
        .ok_or_else(|| buses::not_found(bus))
}

/// The rule that a member of the input names.
pub(super) fn find<'w>(world: &'w World, input: &Value, member: &str) -> Answer<&'w Rule> {
    let name = text(input, member).unwrap_or_default();
    let bus = buses::meant(world, input)?;
    all(world, input)?.get(name).ok_or_else(|| not_found(name, bus))
}

pub(super) fn find_mut<'w>(world: &'w mut World, input: &Value, member: &str) -> Answer<&'w mut Rule> {
    let name = text(input, member).unwrap_or_default();
    let bus = buses::meant(world, input)?;
    all_mut(world, input)?
        .get_mut(name)
        .ok_or_else(|| not_found(name, bus))
}

fn arn(world: &World, bus: &str, name: &str) -> String {
    match bus {
        buses::DEFAULT => world.arn("events", format_args!("rule/{name}")),
        bus => world.arn("events", format_args!("rule/{bus}/{name}")),
    }
}

pub(super) fn put(world: &mut World, input: &Value) -> Answer<Reply> {
    let bus = buses::meant(world, input)?;
    let name = text(input, "Name").unwrap_or_default();
    let pattern = match text(input, "EventPattern").filter(|pattern| !pattern.is_empty()) {
        None => None,
        Some(pattern) => Some(parse(pattern)?),
    };
    let schedule = text(input, "ScheduleExpression").filter(|schedule| !schedule.is_empty());
    if pattern.is_none() && schedule.is_none() {
        return Err(validation(
            "Parameter(s) EventPattern or ScheduleExpression must be specified.",
        ));
    }
    if schedule.is_some_and(|schedule| !schedule::is_right(schedule)) {
        return Err(validation("Parameter ScheduleExpression is not valid."));
    }
    if schedule.is_some() && bus != buses::DEFAULT {
        return Err(validation(
            "ScheduleExpression is supported only on the default event bus.",
        ));
    }
    if let Some(role) = text(input, "RoleArn")
        && !iam::trusts_service(world, role, "events.amazonaws.com")
    {
        return Err(validation(format!(
            "Provided role '{role}' cannot be assumed by principal 'events.amazonaws.com'."
        )));
    }
    let existing = all(world, input)?.get(name).cloned();
    let is_new = existing.is_none();
    if is_new && all(world, input)?.len() >= world.settings.rules_per_bus {
        return Err(limit_exceeded());
    }
    // Tags of an existing rule stay as they are, and so do its targets; all else is replaced.
    let (tags, targets) = match existing {
        Some(rule) => (rule.tags, rule.targets),
        None => (super::tags::of(input), BTreeMap::new()),
    };
    let owned = |member: &str| text(input, member).map(str::to_owned);
    let rule = Rule {
        name: name.to_owned(),
        arn: arn(world, bus, name),
        bus: bus.to_owned(),
        state: RuleState::of(text(input, "State")),
        pattern,
        schedule: schedule.map(str::to_owned),
        description: owned("Description"),
        role_arn: owned("RoleArn"),
        tags,
        targets,
    };
    let arn = rule.arn.clone();
    all_mut(world, input)?.insert(name.to_owned(), rule);
    if is_new {
        world.made(&arn);
    }
    let body = json!({ "RuleArn": arn });
    Ok(Reply::json(body))
}

pub(super) fn parse(pattern: &str) -> Answer<EventPattern> {
    EventPattern::try_from(pattern.to_owned())
        .map_err(|error| ApiError::new("InvalidEventPatternException", error.to_string()))
}

pub(super) fn describe(world: &mut World, input: &Value) -> Answer<Reply> {
    let arn = find(world, input, "Name")?.arn.clone();
    if world.fresh.misses(&arn) {
        let name = text(input, "Name").unwrap_or_default();
        return Err(not_found(name, buses::meant(world, input)?));
    }
    let mut body = find(world, input, "Name")?.json();
    body.insert("CreatedBy".to_owned(), world.origin.account_id.clone().into());
    Ok(Reply::json(Value::Object(body)))
}

pub(super) fn list(world: &mut World, input: &Value) -> Answer<Reply> {
    let prefix = text(input, "NamePrefix").unwrap_or_default();
    let unlisted = world.fresh.unlisted(&world.arn("events", "rule/"));
    let named = all(world, input)?
        .iter()
        .filter(|(name, rule)| name.starts_with(prefix) && !unlisted.contains(&rule.arn));
    let (rules, next) = page(input, named, |rule| Value::Object(rule.json()))?;
    Ok(listing("Rules", rules, next))
}

pub(super) fn set_state(world: &mut World, input: &Value, state: RuleState) -> Answer<Reply> {
    find_mut(world, input, "Name")?.state = state;
    Ok(Reply::json(json!({})))
}

pub(super) fn delete(world: &mut World, input: &Value) -> Answer<Reply> {
    let name = text(input, "Name").unwrap_or_default();
    let rules = all_mut(world, input)?;
    if rules.get(name).is_some_and(|rule| !rule.targets.is_empty()) {
        return Err(validation("Rule can't be deleted since it has targets."));
    }
    // What is not there is deleted already.
    rules.remove(name);
    Ok(Reply::json(json!({})))
}
