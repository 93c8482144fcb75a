//! Events on their buses: PutEvents, TestEventPattern, and which targets an event is for.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::input::{Origin, Payload};
use super::rules::{Rule, parse};
use super::targets::Target;
use super::{State, buses, text, validation};
use crate::core::error::Answer;
use crate::core::ids;
use crate::core::timestamp::iso8601_seconds;
use crate::core::world::World;
use crate::wire::Reply;

/// An event on its way to one target of one rule that it matched.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Delivery {
    pub(crate) rule_name: String,
    pub(crate) rule_arn: String,
    pub(crate) target: Target,
    pub(crate) event: Value,
    /// The text that the target gets.
    pub(crate) payload: String,
    /// Whether the text is no JSON, and goes to nobody.
    #[serde(default)]
    pub(crate) is_broken: bool,
}

impl Delivery {
    /// What a target of a rule gets of an event, if it gets anything.
    fn of(rule: &Rule, target: &Target, event: &Value, ingested: SystemTime) -> Option<Self> {
        let origin = Origin {
            rule_name: &rule.name,
            rule_arn: &rule.arn,
            ingested,
        };
        let (payload, is_broken) = match target.input.payload(event, origin) {
            Payload::Sent(text) => (text, false),
            Payload::Broken(text) => (text, true),
            Payload::Nothing => return None,
        };
        Some(Self {
            rule_name: rule.name.clone(),
            rule_arn: rule.arn.clone(),
            target: target.clone(),
            payload,
            is_broken,
            event: event.clone(),
        })
    }
}

impl State {
    /// What an event is for: every target of every enabled rule of its bus that it matches.
    pub(crate) fn matched_targets(&self, bus: &str, event: &Value, ingested: SystemTime) -> Vec<Delivery> {
        let rules = self.buses.get(bus).into_iter().flat_map(|bus| bus.rules.values());
        let matching = rules.filter(|rule| rule.matches(event));
        matching
            .flat_map(|rule| {
                let targets = rule.targets.values();
                targets.filter_map(|target| Delivery::of(rule, target, event, ingested))
            })
            .collect()
    }

    /// Takes the deliveries that events since the last call have led to.
    pub(crate) fn take_deliveries(&mut self) -> Vec<Delivery> {
        std::mem::take(&mut self.deliveries)
    }
}

/// The most that the entries of one PutEvents may weigh, in bytes.
const MOST_BYTES: usize = 256 * 1024;

pub(super) fn put(world: &mut World, input: &Value) -> Answer<Reply> {
    let entries = input["Entries"].as_array().map(Vec::as_slice).unwrap_or_default();
    if entries.iter().map(weight).sum::<usize>() > MOST_BYTES {
        return Err(validation(
            "Total size of the entries in the request is over the limit.",
        ));
    }
    let results: Vec<Value> = entries
        .iter()
        .map(|entry| match accept(world, entry) {
            Ok(id) => json!({ "EventId": id }),
            Err((code, message)) => json!({ "ErrorCode": code, "ErrorMessage": message }),
        })
        .collect();
    let failed = results
        .iter()
        .filter(|result| result.get("ErrorCode").is_some())
        .count();
    Ok(Reply::json(
        json!({ "FailedEntryCount": failed, "Entries": results }),
    ))
}

/// The size of an entry, counted as the page "Calculating PutEvents event entry size" does.
fn weight(entry: &Value) -> usize {
    let length = |member: &str| text(entry, member).map_or(0, str::len);
    let resources = entry["Resources"].as_array().into_iter().flatten();
    let resources: usize = resources
        .filter_map(|resource| resource.as_str().map(str::len))
        .sum();
    let time = if entry.get("Time").is_some_and(|time| !time.is_null()) {
        14
    } else {
        0
    };
    time + length("Source") + length("DetailType") + length("Detail") + resources
}

type Refused = (&'static str, String);

/// Takes one entry in; gives the event's id.
fn accept(world: &mut World, entry: &Value) -> Result<String, Refused> {
    let required = |member: &str| {
        text(entry, member)
            .filter(|text| !text.is_empty())
            .ok_or_else(|| {
                let message =
                    format!("Parameter {member} is not valid. Reason: {member} is a required argument.");
                ("InvalidArgument", message)
            })
    };
    let source = required("Source")?;
    let detail_type = required("DetailType")?;
    let detail = match serde_json::from_str(required("Detail")?) {
        Ok(detail @ Value::Object(_)) => detail,
        _ => return Err(("MalformedDetail", "Detail is malformed.".to_owned())),
    };
    if source.starts_with("aws.") {
        return Err((
            "NotAuthorizedForSourceException",
            "Not authorized for the source.".to_owned(),
        ));
    }
    let time = match entry.get("Time").and_then(Value::as_f64) {
        None => world.now(),
        Some(seconds) => Duration::try_from_secs_f64(seconds)
            .ok()
            .and_then(|since| UNIX_EPOCH.checked_add(since))
            .ok_or_else(|| ("InvalidArgument", "Parameter Time is not valid.".to_owned()))?,
    };
    let resources = entry.get("Resources").filter(|value| value.is_array());
    let resources = resources.cloned().unwrap_or_else(|| json!([]));
    let event = Event {
        source,
        detail_type,
        time,
        resources,
        detail,
    };
    // What is sent to a bus that is not there gets an id like any other event, and goes nowhere.
    Ok(match buses::meant(world, entry).map(str::to_owned) {
        Ok(bus) => publish(world, &bus, event),
        Err(_) => ids::uuid(),
    })
}

/// What its sender says of an event.
pub(super) struct Event<'e> {
    pub(super) source: &'e str,
    pub(super) detail_type: &'e str,
    pub(super) time: SystemTime,
    pub(super) resources: Value,
    pub(super) detail: Value,
}

/// Puts an event on a bus; gives its id.
pub(super) fn publish(world: &mut World, bus: &str, event: Event<'_>) -> String {
    let id = ids::uuid();
    let event = json!({
        "version": "0", "id": id, "detail-type": event.detail_type, "source": event.source,
        "account": world.origin.account_id, "time": iso8601_seconds(event.time), "region": world.origin.region,
        "resources": event.resources, "detail": event.detail,
    });
    let deliveries = world.events().matched_targets(bus, &event, world.now());
    world.events_mut().deliveries.extend(deliveries);
    id
}

const NOT_AN_EVENT: &str = "Parameter Event is not valid.";

pub(super) fn test_pattern(input: &Value) -> Answer<Reply> {
    let pattern = parse(text(input, "EventPattern").unwrap_or_default())?;
    let written = text(input, "Event").unwrap_or_default();
    let event = match serde_json::from_str::<Value>(written) {
        Ok(event @ Value::Object(_)) => event,
        _ => return Err(validation(NOT_AN_EVENT)),
    };
    // `resources` and `version` may be missing.
    const NEEDED: [&str; 6] = ["id", "account", "source", "time", "region", "detail-type"];
    if NEEDED.iter().any(|member| event.get(*member).is_none()) {
        return Err(validation(NOT_AN_EVENT));
    }
    Ok(Reply::json(json!({ "Result": pattern.matches_text(written) })))
}
