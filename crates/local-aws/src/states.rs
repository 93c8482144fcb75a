//! Step Functions: state machines and their executions, with HTTP tasks that really call; TestState, which runs one
//! state by the same rules; and ValidateStateMachineDefinition.

mod announcements;
mod arns;
mod calls;
mod choice;
mod context;
mod definition;
mod executions;
mod failure;
mod handlers;
mod history;
mod http_task;
mod interpreter;
mod intrinsics;
mod jsonata;
mod listing;
mod machines;
mod map;
mod mock;
mod mocks;
mod paths;
mod shapes;
mod starts;
mod state;
mod tags;
mod template;
mod test_state;
mod validate;
mod waiting;
mod work;

use serde_json::Value;

use crate::error::{Answer, ApiError};
use crate::protocol::shape::Shape;
use crate::protocol::{Reply, json};
use crate::shared::Shared;
use crate::world::World;

pub(crate) use calls::make as make_call;
pub(crate) use executions::Execution;
pub(crate) use failure::Failure;
pub(crate) use interpreter::{Wake, wake};
pub(crate) use mocks::Mocks;
pub(crate) use starts::by_rule as start_by_rule;
pub(crate) use state::State;

use shapes::Inputs;

/// What an operation does with the world and its input.
type Handler = fn(&mut World, &Value) -> Answer<Reply>;

/// The shape of an operation's input.
type Input = fn(&Inputs) -> &Shape;

/// Every operation that only needs the world, and the shape of its input.
const OPERATIONS: &[(&str, Handler, Input)] = &[
    ("CreateStateMachine", machines::create, |inputs| {
        &inputs.create_machine
    }),
    ("DeleteStateMachine", machines::delete, |inputs| &inputs.machine),
    ("DescribeExecution", executions::describe, |inputs| {
        &inputs.execution
    }),
    ("DescribeStateMachine", machines::describe, |inputs| {
        &inputs.machine
    }),
    (
        "DescribeStateMachineForExecution",
        machines::describe_for_execution,
        |inputs| &inputs.execution,
    ),
    ("GetExecutionHistory", history::get, |inputs| &inputs.history),
    ("ListExecutions", executions::list, |inputs| {
        &inputs.list_executions
    }),
    ("ListStateMachineVersions", machines::list_versions, |inputs| {
        &inputs.list_versions
    }),
    ("ListStateMachines", machines::list, |inputs| {
        &inputs.list_machines
    }),
    ("ListTagsForResource", tags::list, |inputs| &inputs.resource),
    ("StartExecution", starts::start, |inputs| &inputs.start),
    ("StopExecution", executions::stop, |inputs| &inputs.stop),
    ("TagResource", tags::tag, |inputs| &inputs.tag),
    ("UntagResource", tags::untag, |inputs| &inputs.untag),
    ("UpdateStateMachine", machines::update, |inputs| {
        &inputs.update_machine
    }),
    ("ValidateStateMachineDefinition", validate::definition, |inputs| {
        &inputs.validate
    }),
];

/// Operations that wait for something: a call, or the end of an execution.
const START_SYNC: &str = "StartSyncExecution";
const TEST: &str = "TestState";

/// Members that name what a call is about.
pub(crate) const RESOURCES: &[&str] = &[
    "stateMachineArn",
    "executionArn",
    "resourceArn",
    "name",
    "stateName",
    "roleArn",
];

/// The most that input, result or output may weigh, in bytes.
const MOST_BYTES: usize = 262_144;

pub(crate) fn operations() -> Vec<&'static str> {
    let mut names: Vec<&str> = OPERATIONS.iter().map(|(name, ..)| *name).collect();
    names.extend([START_SYNC, TEST]);
    names.sort_unstable();
    names
}

pub(crate) async fn dispatch(shared: &Shared, operation: &str, input: &Value) -> Answer<Reply> {
    let inputs = Inputs::all();
    match operation {
        TEST => {
            json::check(&inputs.test_state, input)?;
            test_state::test_state(shared, input).await.map(Reply::json)
        }
        START_SYNC => {
            json::check(&inputs.start_sync, input)?;
            starts::start_sync(shared, input).await
        }
        operation => {
            let found = OPERATIONS.iter().find(|(name, ..)| *name == operation);
            let (_, handler, shape) =
                found.ok_or_else(|| ApiError::bad_request("UnknownOperationException", ""))?;
            json::check(shape(inputs), input)?;
            handler(&mut shared.world(), input)
        }
    }
}

fn validation(message: impl Into<String>) -> ApiError {
    ApiError::bad_request("ValidationException", message)
}

/// A text member that has to be JSON.
fn document(input: &Value, member: &str, code: &str) -> Answer<Value> {
    let text = input[member].as_str().unwrap_or("{}");
    serde_json::from_str(text)
        .map_err(|error| ApiError::bad_request(code, format!("Invalid {member}: {error}")))
}
