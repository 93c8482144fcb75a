//! The history of an execution: its events, and GetExecutionHistory.

use std::borrow::Cow;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Failure, executions, listing};
use crate::core::error::Answer;
use crate::core::timestamp::epoch_seconds;
use crate::core::world::World;
use crate::wire::Reply;

/// The most events that an execution has ("Quotas": 25,000).
pub(super) const MOST_EVENTS: usize = 25_000;

/// The details of an event: the name of their member, and what it holds.
pub(super) type Details = Option<(Cow<'static, str>, Value)>;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Event {
    pub(crate) id: u64,
    pub(crate) previous: u64,
    pub(crate) at: SystemTime,
    pub(crate) kind: String,
    details: Details,
}

/// What a history without data does not tell.
const DATA: [&str; 6] = [
    "assignedVariables",
    "assignedVariablesDetails",
    "input",
    "inputDetails",
    "output",
    "outputDetails",
];

impl Event {
    pub(super) fn new(id: u64, previous: u64, at: SystemTime, kind: String, details: Details) -> Self {
        Self {
            id,
            previous,
            at,
            kind,
            details,
        }
    }

    /// What the event tells beside its type.
    pub(crate) fn details(&self) -> Option<&Value> {
        self.details.as_ref().map(|(_, details)| details)
    }

    fn json(&self, with_data: bool) -> Value {
        let mut event = json!({
            "timestamp": epoch_seconds(self.at),
            "type": self.kind,
            "id": self.id,
            "previousEventId": self.previous,
        });
        if let Some((member, details)) = &self.details {
            let mut details = details.clone();
            if !with_data && let Value::Object(members) = &mut details {
                members.retain(|name, _| !DATA.contains(&name.as_str()));
            }
            event[member.as_ref()] = details;
        }
        event
    }
}

fn details(member: impl Into<Cow<'static, str>>, details: Value) -> Details {
    Some((member.into(), details))
}

/// Says that a text is whole: nothing here cuts data short.
fn whole() -> Value {
    json!({ "truncated": false })
}

/// An error and its cause, as far as there are any.
fn error(failure: &Failure) -> Map<String, Value> {
    let both = [("error", &failure.error), ("cause", &failure.cause)];
    let given = both.into_iter().filter(|(_, text)| !text.is_empty());
    given
        .map(|(name, text)| (name.to_owned(), text.clone().into()))
        .collect()
}

pub(super) fn started(input: &str, role_arn: &str) -> Details {
    details(
        "executionStartedEventDetails",
        json!({ "input": input, "inputDetails": whole(), "roleArn": role_arn }),
    )
}

pub(super) fn succeeded(output: &str) -> Details {
    details(
        "executionSucceededEventDetails",
        json!({ "output": output, "outputDetails": whole() }),
    )
}

/// Of `ExecutionFailed`, `ExecutionTimedOut` and `ExecutionAborted`.
pub(super) fn ended(member: &'static str, failure: &Failure) -> Details {
    details(member, Value::Object(error(failure)))
}

pub(super) fn entered(name: &str, input: &str) -> Details {
    details(
        "stateEnteredEventDetails",
        json!({ "name": name, "input": input, "inputDetails": whole() }),
    )
}

pub(super) fn exited(name: &str, output: &Value, assigned: Option<&Map<String, Value>>) -> Details {
    let mut exited = json!({ "name": name, "output": output.to_string(), "outputDetails": whole() });
    if let Some(assigned) = assigned.filter(|assigned| !assigned.is_empty()) {
        let texts = assigned
            .iter()
            .map(|(name, value)| (name.clone(), value.to_string().into()));
        exited["assignedVariables"] = Value::Object(texts.collect());
        exited["assignedVariablesDetails"] = whole();
    }
    details("stateExitedEventDetails", exited)
}

pub(super) fn evaluation_failed(state: &str, failure: &Failure, field: Option<&str>) -> Details {
    let mut failed = error(failure);
    failed.insert("state".to_owned(), state.into());
    if let Some(field) = field {
        failed.insert("location".to_owned(), field.into());
    }
    details("evaluationFailedEventDetails", Value::Object(failed))
}

pub(super) fn map_started(length: usize) -> Details {
    details("mapStateStartedEventDetails", json!({ "length": length }))
}

pub(super) fn map_run_started(arn: &str) -> Details {
    details("mapRunStartedEventDetails", json!({ "mapRunArn": arn }))
}

pub(super) fn map_run_failed(failure: &Failure) -> Details {
    details("mapRunFailedEventDetails", Value::Object(error(failure)))
}

/// Of `MapIterationStarted`, `…Succeeded`, `…Failed` and `…Aborted`.
pub(super) fn iteration(what: &str, name: &str, index: usize) -> Details {
    details(
        format!("mapIteration{what}EventDetails"),
        json!({ "name": name, "index": index }),
    )
}

/// How the events of a task are called and what they all tell: those of a Lambda function by its ARN have a form of
/// their own.
#[derive(Debug, PartialEq)]
pub(super) enum Task<'r> {
    Lambda(&'r str),
    Service { service: &'r str, action: &'r str },
}

impl<'r> Task<'r> {
    pub(super) fn of(resource: &'r str) -> Self {
        let rest = resource.split_once(":states:::").map(|(_, rest)| rest);
        match rest.and_then(|rest| rest.rsplit_once(':')) {
            // `.sync:2` has a colon of its own.
            Some((start, "2")) => match start.rsplit_once(':') {
                Some((service, _)) => Self::Service {
                    service,
                    action: &rest.unwrap_or_default()[service.len() + 1..],
                },
                None => Self::Lambda(resource),
            },
            Some((service, action)) => Self::Service { service, action },
            None => Self::Lambda(resource),
        }
    }

    /// What errors call the task.
    pub(super) fn name(&self) -> &'r str {
        match self {
            Self::Lambda(arn) => arn,
            Self::Service { service, .. } => service,
        }
    }

    fn word(&self) -> &'static str {
        match self {
            Self::Lambda(_) => "LambdaFunction",
            Self::Service { .. } => "Task",
        }
    }

    fn event(&self, what: &str, mut more: Map<String, Value>) -> (String, Details) {
        let member = match self {
            Self::Lambda(_) => format!("lambdaFunction{what}EventDetails"),
            Self::Service { service, action } => {
                more.insert("resourceType".to_owned(), (*service).into());
                more.insert("resource".to_owned(), (*action).into());
                format!("task{what}EventDetails")
            }
        };
        (
            format!("{}{what}", self.word()),
            details(member, Value::Object(more)),
        )
    }

    pub(super) fn scheduled(
        &self,
        arguments: &Value,
        region: &str,
        timeout: Option<u64>,
        heartbeat: Option<u64>,
        credentials: Option<&Value>,
    ) -> (String, Details) {
        let mut more = Map::new();
        match self {
            Self::Lambda(arn) => {
                more.insert("resource".to_owned(), (*arn).into());
                more.insert("input".to_owned(), arguments.to_string().into());
                more.insert("inputDetails".to_owned(), whole());
            }
            Self::Service { .. } => {
                more.insert("region".to_owned(), region.into());
                more.insert("parameters".to_owned(), arguments.to_string().into());
            }
        }
        for (name, seconds) in [("timeoutInSeconds", timeout), ("heartbeatInSeconds", heartbeat)] {
            if let Some(seconds) = seconds {
                more.insert(name.to_owned(), seconds.into());
            }
        }
        if let Some(credentials) = credentials {
            more.insert(
                "taskCredentials".to_owned(),
                json!({ "roleArn": credentials["RoleArn"] }),
            );
        }
        self.event("Scheduled", more)
    }

    pub(super) fn started(&self) -> (String, Details) {
        match self {
            Self::Lambda(_) => ("LambdaFunctionStarted".to_owned(), None),
            Self::Service { .. } => self.event("Started", Map::new()),
        }
    }

    /// What the service answered before it was waited for is not known of a mock.
    pub(super) fn submitted(&self) -> (String, Details) {
        self.event("Submitted", Map::new())
    }

    pub(super) fn succeeded(&self, result: &Value) -> (String, Details) {
        let mut more = Map::new();
        more.insert("output".to_owned(), result.to_string().into());
        more.insert("outputDetails".to_owned(), whole());
        self.event("Succeeded", more)
    }

    pub(super) fn failed(&self, failure: &Failure) -> (String, Details) {
        let what = if failure.error == "States.Timeout" {
            "TimedOut"
        } else {
            "Failed"
        };
        self.event(what, error(failure))
    }
}

pub(super) fn get(world: &mut World, input: &Value) -> Answer<Reply> {
    let execution = executions::find(world, input)?;
    let with_data = input["includeExecutionData"].as_bool().unwrap_or(true);
    let shown = |event: &Event| event.json(with_data);
    if input["reverseOrder"] == true {
        listing::page(input, "events", execution.events.iter().rev(), shown)
    } else {
        listing::page(input, "events", execution.events.iter(), shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_are_told_by_service_and_action() {
        for (resource, service, action) in [
            ("arn:aws:states:::http:invoke", "http", "invoke"),
            (
                "arn:aws:states:::aws-sdk:dynamodb:getItem",
                "aws-sdk:dynamodb",
                "getItem",
            ),
            (
                "arn:aws:states:::states:startExecution.sync:2",
                "states",
                "startExecution.sync:2",
            ),
            (
                "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
                "sqs",
                "sendMessage.waitForTaskToken",
            ),
        ] {
            assert_eq!(Task::of(resource), Task::Service { service, action });
        }
        let arn = "arn:aws:lambda:us-east-1:1:function:f";
        assert_eq!(Task::of(arn), Task::Lambda(arn));
        let (kind, details) = Task::of(arn).succeeded(&json!(1));
        assert_eq!(kind, "LambdaFunctionSucceeded");
        assert_eq!(details.unwrap().0, "lambdaFunctionSucceededEventDetails");
    }

    #[test]
    fn a_history_without_data_tells_nothing_about_data() {
        let details = |details| {
            let event = Event::new(1, 0, SystemTime::UNIX_EPOCH, "T".to_owned(), details);
            event.json(false)
        };
        let assigned = Map::from_iter([("v".to_owned(), json!(1))]);
        let left = details(exited("s", &json!(2), Some(&assigned)));
        assert_eq!(left["stateExitedEventDetails"], json!({ "name": "s" }));
        let ended = details(succeeded("{}"));
        assert_eq!(ended["executionSucceededEventDetails"], json!({}));
    }

    #[test]
    fn an_error_without_a_cause_tells_none() {
        let (kind, details) = Task::of("arn:aws:states:::http:invoke").failed(&Failure::timeout());
        assert_eq!(kind, "TaskTimedOut");
        let expected = json!({ "error": "States.Timeout", "resourceType": "http", "resource": "invoke" });
        assert_eq!(details.unwrap().1, expected);
    }
}
