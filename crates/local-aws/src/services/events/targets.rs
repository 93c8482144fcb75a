//! Targets of rules: PutTargets, ListTargetsByRule, RemoveTargets, ListRuleNamesByTarget.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::input::{self, Input};
use super::{limit_exceeded, page, rules, text, validation};
use crate::core::error::Answer;
use crate::core::json_path;
use crate::core::world::World;
use crate::wire::Reply;

/// What a rule sends its events to.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(crate) struct Target {
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) role_arn: Option<String>,
    pub(crate) input: Input,
    pub(crate) http: HttpParameters,
    pub(crate) retry: RetryPolicy,
    /// The queue that takes events that could not be delivered.
    pub(crate) dead_letter_arn: Option<String>,
    /// The target as it was put, which is how it is listed.
    sent: Value,
}

/// HttpParameters, for API destinations. A value that is a JSON path stands for the event's value there.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
pub(crate) struct HttpParameters {
    /// For the `*` of the invocation endpoint, in their order.
    pub(crate) path_values: Vec<String>,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) query: BTreeMap<String, String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
pub(crate) struct RetryPolicy {
    pub(crate) most_attempts: u32,
    /// Seconds.
    pub(crate) most_age: u32,
}

impl Default for RetryPolicy {
    /// EventBridge tries for 24 hours and up to 185 times.
    fn default() -> Self {
        Self {
            most_attempts: 185,
            most_age: 86_400,
        }
    }
}

impl HttpParameters {
    fn of(target: &Value) -> Self {
        let parameters = &target["HttpParameters"];
        let texts = |member: &str| -> BTreeMap<String, String> {
            let given = parameters[member].as_object().into_iter().flatten();
            given
                .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
                .collect()
        };
        let values = parameters["PathParameterValues"].as_array().into_iter().flatten();
        Self {
            path_values: values
                .filter_map(|value| value.as_str().map(str::to_owned))
                .collect(),
            headers: texts("HeaderParameters"),
            query: texts("QueryStringParameters"),
        }
    }

    /// These parameters with the event's values in the place of JSON paths.
    pub(crate) fn resolved(&self, event: &Value) -> Self {
        let resolve = |text: &String| {
            if !text.starts_with("$.") {
                return text.clone();
            }
            match json_path::select(event, text) {
                Some(Value::String(found)) => found,
                Some(found) => found.to_string(),
                None => String::new(),
            }
        };
        let all = |map: &BTreeMap<String, String>| {
            map.iter()
                .map(|(key, value)| (key.clone(), resolve(value)))
                .collect()
        };
        Self {
            path_values: self.path_values.iter().map(resolve).collect(),
            headers: all(&self.headers),
            query: all(&self.query),
        }
    }
}

/// The members of a target; others are ignored, as AWS ignores them.
const MEMBERS: [&str; 17] = [
    "AppSyncParameters",
    "Arn",
    "BatchParameters",
    "DeadLetterConfig",
    "EcsParameters",
    "HttpParameters",
    "Id",
    "Input",
    "InputPath",
    "InputTransformer",
    "KinesisParameters",
    "RedshiftDataParameters",
    "RetryPolicy",
    "RoleArn",
    "RunCommandParameters",
    "SageMakerPipelineParameters",
    "SqsParameters",
];

impl Target {
    fn read(sent: &Value) -> Answer<Self> {
        let id = text(sent, "Id").unwrap_or_default();
        let arn = text(sent, "Arn").unwrap_or_default();
        check_arn("Arn", arn)?;
        let role_arn = text(sent, "RoleArn").map(str::to_owned);
        if let Some(role) = &role_arn {
            check_arn(role, role)?;
        }
        let acts = arn.contains(":api-destination/") || is_state_machine(arn);
        if role_arn.is_none() && acts {
            return Err(validation(format!("RoleArn is required for target {arn}.")));
        }
        let input = read_input(id, sent)?;
        let dead_letter_arn = sent
            .pointer("/DeadLetterConfig/Arn")
            .and_then(Value::as_str)
            .map(str::to_owned);
        if dead_letter_arn
            .as_ref()
            .is_some_and(|arn| !arn.starts_with("arn:aws") || !arn.contains(":sqs:"))
        {
            return Err(validation(
                "Parameter DeadLetterConfig.Arn is not valid. Reason: Only an SQS queue can be a dead-letter queue.",
            ));
        }
        let number = |pointer: &str, default: u32| {
            let given = sent.pointer(pointer).and_then(Value::as_u64);
            given
                .and_then(|number| u32::try_from(number).ok())
                .unwrap_or(default)
        };
        let default = RetryPolicy::default();
        let kept = sent.as_object().into_iter().flatten();
        let kept = kept.filter(|(name, value)| MEMBERS.contains(&name.as_str()) && !value.is_null());
        Ok(Self {
            id: id.to_owned(),
            arn: arn.to_owned(),
            role_arn,
            input,
            http: HttpParameters::of(sent),
            retry: RetryPolicy {
                most_attempts: number("/RetryPolicy/MaximumRetryAttempts", default.most_attempts),
                most_age: number("/RetryPolicy/MaximumEventAgeInSeconds", default.most_age),
            },
            dead_letter_arn,
            sent: Value::Object(kept.map(|(name, value)| (name.clone(), value.clone())).collect()),
        })
    }
}

/// Refuses what is no ARN; the message names a member or the value, as the caller knows AWS to do.
fn check_arn(named: &str, arn: &str) -> Answer<()> {
    // Of an IAM role, the Region is empty.
    let parts = arn.splitn(6, ':').filter(|part| !part.is_empty()).count();
    if arn.starts_with("arn:") && parts >= 5 {
        return Ok(());
    }
    Err(validation(format!(
        "Parameter {named} is not valid. Reason: Provided Arn is not in correct format."
    )))
}

/// Whether a target is a state machine.
pub(crate) fn is_state_machine(arn: &str) -> bool {
    arn.contains(":states:") && arn.contains(":stateMachine:")
}

fn read_input(id: &str, sent: &Value) -> Answer<Input> {
    let transformer = sent.get("InputTransformer").filter(|value| !value.is_null());
    let input = match (text(sent, "Input"), text(sent, "InputPath"), transformer) {
        (None, None, None) => Input::Event,
        (Some(constant), None, None) => {
            // An empty text is taken, and nothing was seen to be sent (stackd, input-empty).
            if !constant.is_empty()
                && let Err(error) = serde_json::from_str::<Value>(constant)
            {
                let place = input::place(constant, &error);
                return Err(validation(format!(
                    "JSON syntax error in input for target {id}: {place}"
                )));
            }
            Input::Constant(constant.to_owned())
        }
        (None, Some(path), None) => Input::Path(path.to_owned()),
        (None, None, Some(transformer)) => {
            let paths = transformer["InputPathsMap"].as_object().into_iter().flatten();
            Input::Transformer {
                paths: paths
                    .filter_map(|(name, path)| Some((name.clone(), path.as_str()?.to_owned())))
                    .collect(),
                template: text(transformer, "InputTemplate").unwrap_or_default().to_owned(),
            }
        }
        _ => {
            return Err(validation(format!(
                "Only one of Input, InputPath, or InputTransformer must be provided for target {id}."
            )));
        }
    };
    match input.problem(id) {
        Some(problem) => Err(validation(problem)),
        None => Ok(input),
    }
}

pub(super) fn put(world: &mut World, input: &Value) -> Answer<Reply> {
    let most = world.settings.targets_per_rule;
    let rule = rules::find_mut(world, input, "Rule")?;
    let given = input["Targets"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut targets = rule.targets.clone();
    for sent in given {
        let target = Target::read(sent)?;
        targets.insert(target.id.clone(), target);
    }
    if targets.len() > most {
        return Err(limit_exceeded());
    }
    rule.targets = targets;
    Ok(nothing_failed())
}

pub(super) fn remove(world: &mut World, input: &Value) -> Answer<Reply> {
    let rule = rules::find_mut(world, input, "Rule")?;
    for id in input["Ids"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
    {
        rule.targets.remove(id);
    }
    Ok(nothing_failed())
}

fn nothing_failed() -> Reply {
    Reply::json(json!({ "FailedEntryCount": 0, "FailedEntries": [] }))
}

pub(super) fn list(world: &World, input: &Value) -> Answer<Reply> {
    let rule = rules::find(world, input, "Rule")?;
    let (targets, next) = page(input, rule.targets.iter(), |target| target.sent.clone())?;
    Ok(listing("Targets", targets, next))
}

pub(super) fn rule_names(world: &World, input: &Value) -> Answer<Reply> {
    let arn = text(input, "TargetArn").unwrap_or_default();
    check_arn(arn, arn)?;
    let having = rules::all(world, input)?
        .iter()
        .filter(|(_, rule)| rule.targets.values().any(|target| target.arn == arn));
    let (names, next) = page(input, having, |rule| rule.name.clone().into())?;
    Ok(listing("RuleNames", names, next))
}

/// A page of a listing, under its member's name.
pub(super) fn listing(member: &str, items: Vec<Value>, next: Option<String>) -> Reply {
    let mut body = Map::from_iter([(member.to_owned(), Value::Array(items))]);
    if let Some(next) = next {
        body.insert("NextToken".to_owned(), next.into());
    }
    Reply::json(Value::Object(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DESTINATION: &str = "arn:aws:events:us-east-1:123456789012:api-destination/orders/1";

    fn read(more: Value) -> Result<Target, String> {
        let mut sent =
            json!({ "Id": "1", "Arn": DESTINATION, "RoleArn": "arn:aws:iam::123456789012:role/r" });
        sent.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        Target::read(&sent).map_err(|error| error.message)
    }

    #[test]
    fn what_a_target_must_not_be_is_said() {
        for (wrong, said) in [
            (json!({ "Arn": "destination" }), "correct format"),
            (json!({ "RoleArn": null }), "RoleArn is required"),
            (json!({ "Input": "{" }), "JSON syntax error"),
            (json!({ "Input": "{}", "InputPath": "$" }), "Only one of"),
            (
                json!({ "Input": "not-json" }),
                "JSON syntax error in input for target 1: [Source: (String)\"not-json\"; line: 1, column: 1]",
            ),
            (
                json!({ "InputPath": "detail" }),
                "InputPath for target 1 is invalid.",
            ),
            (
                json!({ "InputTransformer": { "InputTemplate": "<who>", "InputPathsMap": { "a": "$.a" } } }),
                "invalid placeholder who",
            ),
            (
                json!({ "DeadLetterConfig": { "Arn": "arn:aws:sns:us-east-1:123456789012:t" } }),
                "dead-letter",
            ),
        ] {
            let error = read(wrong.clone()).unwrap_err();
            assert!(error.contains(said), "{wrong}: {error}");
        }
        assert_eq!(read(json!({})).unwrap().retry, RetryPolicy::default());
    }

    #[test]
    fn parameters_take_values_from_the_event() {
        let target = read(json!({ "HttpParameters": {
            "PathParameterValues": ["$.detail.id", "eu"],
            "HeaderParameters": { "x-total": "$.detail.total" },
            "QueryStringParameters": { "gone": "$.detail.gone" },
        } }));
        let resolved = target
            .unwrap()
            .http
            .resolved(&json!({ "detail": { "id": "7", "total": 42 } }));
        assert_eq!(resolved.path_values, ["7", "eu"]);
        assert_eq!(resolved.headers["x-total"], "42");
        assert_eq!(resolved.query["gone"], "");
    }
}
