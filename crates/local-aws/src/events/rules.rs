//! Rules of the default event bus: PutRule, DescribeRule, ListRules, EnableRule, DisableRule, DeleteRule.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::pattern::EventPattern;
use super::targets::{Target, listing};
use super::{limit_exceeded, page, text, validation};
use crate::error::{Answer, ApiError};
use crate::protocol::Reply;
use crate::world::{Tags, World};

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
        put("EventBusName", Some("default"));
        put("EventPattern", self.pattern.as_ref().map(EventPattern::source));
        put("ScheduleExpression", self.schedule.as_deref());
        put("Description", self.description.as_deref());
        put("RoleArn", self.role_arn.as_deref());
        body
    }
}

/// There is the default event bus only, by its name or ARN.
pub(super) fn check_bus(world: &World, input: &Value) -> Answer<()> {
    match text(input, "EventBusName") {
        None | Some("default") => Ok(()),
        Some(bus) if bus == world.arn("events", "event-bus/default") => Ok(()),
        Some(bus) => {
            let name = bus.split_once(":event-bus/").map_or(bus, |(_, name)| name);
            Err(no_bus(name))
        }
    }
}

pub(super) fn no_bus(name: &str) -> ApiError {
    ApiError::bad_request(
        "ResourceNotFoundException",
        format!("Event bus {name} does not exist."),
    )
}

pub(super) fn not_found(name: &str) -> ApiError {
    ApiError::bad_request(
        "ResourceNotFoundException",
        format!("Rule {name} does not exist on EventBus default."),
    )
}

/// The rule that a member of the input names.
pub(super) fn find<'w>(world: &'w World, input: &Value, member: &str) -> Answer<&'w Rule> {
    check_bus(world, input)?;
    let name = text(input, member).unwrap_or_default();
    world.events.rules.get(name).ok_or_else(|| not_found(name))
}

pub(super) fn find_mut<'w>(world: &'w mut World, input: &Value, member: &str) -> Answer<&'w mut Rule> {
    check_bus(world, input)?;
    let name = text(input, member).unwrap_or_default();
    world.events.rules.get_mut(name).ok_or_else(|| not_found(name))
}

pub(super) fn put(world: &mut World, input: &Value) -> Answer<Reply> {
    check_bus(world, input)?;
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
    if schedule.is_some_and(|schedule| !is_schedule(schedule)) {
        return Err(validation("Parameter ScheduleExpression is not valid."));
    }
    let existing = world.events.rules.remove(name);
    if existing.is_none() && world.events.rules.len() >= world.settings.rules_per_bus {
        return Err(limit_exceeded());
    }
    let is_new = existing.is_none();
    // Tags of an existing rule stay as they are, and so do its targets; all else is replaced.
    let (tags, targets) = match existing {
        Some(rule) => (rule.tags, rule.targets),
        None => (super::tags::of(input), BTreeMap::new()),
    };
    let owned = |member: &str| text(input, member).map(str::to_owned);
    let rule = Rule {
        name: name.to_owned(),
        arn: world.arn("events", format_args!("rule/{name}")),
        state: RuleState::of(text(input, "State")),
        pattern,
        schedule: schedule.map(str::to_owned),
        description: owned("Description"),
        role_arn: owned("RoleArn"),
        tags,
        targets,
    };
    let arn = rule.arn.clone();
    world.events.rules.insert(name.to_owned(), rule);
    if is_new {
        world.made(&arn);
    }
    let body = json!({ "RuleArn": arn });
    Ok(Reply::json(body))
}

pub(super) fn parse(pattern: &str) -> Answer<EventPattern> {
    EventPattern::try_from(pattern.to_owned())
        .map_err(|error| ApiError::bad_request("InvalidEventPatternException", error.to_string()))
}

/// `rate(5 minutes)`, or `cron(…)` with six fields.
fn is_schedule(text: &str) -> bool {
    let inside = |name: &str| text.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
    if let Some(rate) = inside("rate") {
        let Some((count, unit)) = rate.split_once(' ') else {
            return false;
        };
        let Ok(count @ 1..) = count.parse::<u32>() else {
            return false;
        };
        let singular = matches!(unit, "minute" | "hour" | "day");
        return if count == 1 {
            singular
        } else {
            matches!(unit, "minutes" | "hours" | "days")
        };
    }
    inside("cron").is_some_and(|fields| fields.split_ascii_whitespace().count() == 6)
}

pub(super) fn describe(world: &mut World, input: &Value) -> Answer<Reply> {
    let arn = find(world, input, "Name")?.arn.clone();
    if world.fresh.misses(&arn) {
        return Err(not_found(text(input, "Name").unwrap_or_default()));
    }
    let mut body = find(world, input, "Name")?.json();
    body.insert("CreatedBy".to_owned(), world.origin.account_id.clone().into());
    Ok(Reply::json(Value::Object(body)))
}

pub(super) fn list(world: &mut World, input: &Value) -> Answer<Reply> {
    check_bus(world, input)?;
    let prefix = text(input, "NamePrefix").unwrap_or_default();
    let unlisted = world.fresh.unlisted(&world.arn("events", "rule/"));
    let named = world
        .events
        .rules
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
    let rule = find(world, input, "Name")?;
    if !rule.targets.is_empty() {
        return Err(validation("Rule can't be deleted since it has targets."));
    }
    let name = rule.name.clone();
    world.events.rules.remove(&name);
    Ok(Reply::json(json!({})))
}

#[cfg(test)]
mod tests {
    use super::is_schedule;

    #[test]
    fn schedules_are_rates_or_cron_expressions() {
        for good in ["rate(1 minute)", "rate(5 minutes)", "cron(0 12 * * ? *)"] {
            assert!(is_schedule(good), "{good}");
        }
        for wrong in [
            "",
            "rate(0 minutes)",
            "rate(1 minutes)",
            "rate(5 minute)",
            "cron(0 12 * *)",
            "at(now)",
        ] {
            assert!(!is_schedule(wrong), "{wrong}");
        }
    }
}
