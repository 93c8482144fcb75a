//! The Context object: of a state of an execution; of a test, the one that is sent, or one of an execution that there
//! might be.

use std::time::SystemTime;

use serde_json::{Value, json};

use super::definition::{Definition, UNNAMED};
use super::{Execution, document, validation};
use crate::core::error::Answer;
use crate::core::ids;
use crate::core::timestamp::iso8601;
use crate::core::world::World;
use crate::shared::Shared;

/// What the context of a state in an execution is made of.
pub(super) struct Place<'e> {
    pub(super) execution: &'e Execution,
    pub(super) input: Value,
    pub(super) role_arn: &'e str,
    pub(super) state: &'e str,
    pub(super) entered: SystemTime,
    /// How often the state was tried again; told of those that can be.
    pub(super) retries: Option<u64>,
    /// The member `Map`, within a Map.
    pub(super) map: Option<&'e Value>,
    /// The token of a task that waits for one.
    pub(super) token: Option<&'e str>,
}

/// The context of a state in an execution.
pub(super) fn of_state(place: Place<'_>) -> Value {
    let execution = place.execution;
    let mut context = json!({
        "Execution": {
            "Id": execution.arn,
            "Input": place.input,
            "StartTime": iso8601(execution.started),
            "Name": execution.name,
            "RoleArn": place.role_arn,
        },
        "StateMachine": { "Id": execution.machine_arn, "Name": execution.machine_name },
        "State": { "Name": place.state, "EnteredTime": iso8601(place.entered) },
    });
    if !execution.is_sync {
        context["Execution"]["RedriveCount"] = 0.into();
    }
    if let Some(retries) = place.retries {
        context["State"]["RetryCount"] = retries.into();
    }
    if let Some(map) = place.map {
        context["Map"] = map.clone();
    }
    if let Some(token) = place.token {
        context["Task"] = json!({ "Token": token });
    }
    context
}

/// Where a context may have what; `Map` is filled by AWS alone.
const MEMBERS: &[(&str, &[&str])] = &[
    (
        "Execution",
        &[
            "Id",
            "Input",
            "Name",
            "RedriveCount",
            "RedriveTime",
            "RoleArn",
            "StartTime",
        ],
    ),
    ("State", &["EnteredTime", "Name", "RetryCount"]),
    ("StateMachine", &["Id", "Name"]),
    ("Task", &["Token"]),
];

pub(super) fn of_test(
    shared: &Shared,
    input: &Value,
    definition: &Definition<'_>,
    state_input: &Value,
) -> Answer<Value> {
    let context = if input.get("context").is_some_and(Value::is_string) {
        let context = document(input, "context", "ValidationException")?;
        check(&context, definition)?;
        context
    } else {
        made_up(&shared.world(), input, definition, state_input)
    };
    Ok(context)
}

fn invalid<T>(reason: &str) -> Answer<T> {
    Err(validation(format!("Invalid Context object provided: {reason}")))
}

fn check(context: &Value, definition: &Definition<'_>) -> Answer<()> {
    for (name, value) in context.as_object().into_iter().flatten() {
        let Some((_, members)) = MEMBERS.iter().find(|(known, _)| known == name) else {
            return match name.as_str() {
                "Map" => invalid("'Map' field is not supported when mocking a Context object"),
                other => invalid(&format!("Field '{other}' is not allowed")),
            };
        };
        if name == "Task" && !definition.waits_for_more() {
            return invalid(
                "Context object contains 'Task' when state is not a Task state with a '.sync' or \
                 '.waitForTaskToken' service integration pattern",
            );
        }
        for (member, value) in value.as_object().into_iter().flatten() {
            if !members.contains(&member.as_str()) {
                return invalid(&format!("Field '{member}' is not allowed"));
            }
            let is_free = matches!(member.as_str(), "Input" | "RetryCount" | "RedriveCount");
            if !is_free && !value.is_string() {
                return invalid(&format!("{name}.{member} must be a string"));
            }
        }
    }
    Ok(())
}

/// What AWS makes up: an express execution of a state machine that does not exist.
fn made_up(world: &World, input: &Value, definition: &Definition<'_>, state_input: &Value) -> Value {
    let (machine, name) = (ids::uuid(), ids::uuid());
    let now = world.now();
    let mut context = json!({
        "Execution": {
            "Id": world.arn("states", format_args!("express:{machine}:{name}")),
            "Input": state_input,
            "Name": name,
            "StartTime": iso8601(now),
        },
        "StateMachine": { "Id": world.arn("states", format_args!("stateMachine:{machine}")), "Name": machine },
        "State": {
            "Name": UNNAMED,
            "EnteredTime": iso8601(now),
        },
    });
    // Recorded of one state by itself, and not of one that is taken out of a machine and cannot be tried again.
    if input["stateName"].is_null() || definition.kind.takes_mock() {
        context["State"]["RetryCount"] = 0.into();
    }
    // Recorded: without a role it is null.
    context["Execution"]["RoleArn"] = input["roleArn"].clone();
    context
}
