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
mod paths;
mod references;
mod starts;
mod state;
mod tags;
mod template;
mod test_state;
mod validate;
mod variables;
mod waiting;
mod work;

use std::sync::LazyLock;

use serde_json::Value;

use crate::core::change::Plain;
use crate::core::error::{Answer, ApiError};
use crate::core::registration::Registration;
use crate::core::states::Kept;
use crate::core::surface::Surface;
use crate::core::words;
use crate::core::world::World;
use crate::service::{self, Operation, Service};
use crate::wire::Reply;
use crate::wire::model::{Amendment, Model, in_one_sentence};

pub(crate) use calls::make as make_call;
pub(crate) use executions::Execution;
pub(crate) use failure::Failure;
pub(crate) use starts::by_rule as start_by_rule;
pub(crate) use state::State;

/// Every operation there is.
const OPERATIONS: &[Operation] = &[
    Operation::at_once("CreateStateMachine", |world, input, _| {
        machines::create(world, input)
    }),
    Operation::at_once("DeleteStateMachine", |world, input, _| {
        machines::delete(world, input)
    }),
    Operation::at_once("DescribeExecution", |world, input, _| {
        executions::describe(world, input)
    }),
    Operation::at_once("DescribeStateMachine", |world, input, _| {
        machines::describe(world, input)
    }),
    Operation::at_once("DescribeStateMachineForExecution", |world, input, _| {
        machines::describe_for_execution(world, input)
    }),
    Operation::at_once("GetExecutionHistory", |world, input, _| {
        history::get(world, input)
    }),
    Operation::at_once("ListExecutions", |world, input, _| executions::list(world, input)),
    Operation::at_once("ListStateMachineVersions", |world, input, _| {
        machines::list_versions(world, input)
    }),
    Operation::at_once("ListStateMachines", |world, input, _| {
        machines::list(world, input)
    }),
    Operation::at_once("ListTagsForResource", |world, input, _| tags::list(world, input)),
    Operation::at_once("StartExecution", |world, input, _| starts::start(world, input)),
    Operation::waiting("StartSyncExecution", |shared, input| {
        Box::pin(starts::start_sync(shared, input))
    }),
    Operation::at_once("StopExecution", |world, input, _| executions::stop(world, input)),
    Operation::at_once("TagResource", |world, input, _| tags::tag(world, input)),
    Operation::waiting("TestState", |shared, input| {
        Box::pin(async { test_state::test_state(shared, input).await.map(Reply::json) })
    }),
    Operation::at_once("UntagResource", |world, input, _| tags::untag(world, input)),
    Operation::at_once("UpdateStateMachine", |world, input, _| {
        machines::update(world, input)
    }),
    Operation::at_once("ValidateStateMachineDefinition", |world, input, _| {
        validate::definition(world, input)
    }),
];

/// What the role of a rule needs for a state machine.
pub(crate) const START: &str = "states:StartExecution";

static SURFACE: Surface = Surface {
    further: &[
        ("CreateStateMachine", None, &["iam:PassRole"]),
        ("UpdateStateMachine", Some("roleArn"), &["iam:PassRole"]),
        ("TestState", Some("roleArn"), &["iam:PassRole"]),
        ("TestState", Some("revealSecrets"), &["states:RevealSecrets"]),
    ],
    of_roles: http_task::ACTIONS,
    ..Surface::new("states", words::JSON, || service::names(OPERATIONS))
};

/// What is recorded otherwise.
const AMENDMENTS: &[Amendment] = &[
    // Recorded of a role that Step Functions may not assume.
    Amendment::Error(
        "AccessDeniedException",
        400,
        &["CreateStateMachine", "TestState", "UpdateStateMachine"],
    ),
    // Nothing is recorded of executions that a reset takes away; this is a service's fault, as clients try again.
    Amendment::Error("InternalServerError", 500, &["StartSyncExecution"]),
    Amendment::Order(
        "ExecutionStatus",
        &[
            "SUCCEEDED",
            "TIMED_OUT",
            "PENDING_REDRIVE",
            "ABORTED",
            "FAILED",
            "RUNNING",
        ],
    ),
];

static MODEL: LazyLock<Model<'static>> =
    LazyLock::new(|| Model::read(include_str!("states/model.json")).amended(AMENDMENTS));

pub(crate) static SERVICE: Service = Service {
    surface: &SURFACE,
    registration: &Registration {
        surface: Some(&SURFACE),
        kept: &[Kept::of::<State>("states")],
        changes: &[&MOMENT],
        types: &[
            ("state-machine", &["ACTIVE", "DELETING"]),
            (
                "execution",
                &["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"],
            ),
        ],
        objects: |world| world.state_machines().objects(),
        resume: |world| world.state_machines_mut().resume(),
        ..Registration::NOTHING
    },
    model: &MODEL,
    resources: &[
        "stateMachineArn",
        "executionArn",
        "resourceArn",
        "name",
        "stateName",
        "roleArn",
    ],
    refuses: in_one_sentence,
    operations: OPERATIONS,
};

/// The moment has come that an execution waits for.
static MOMENT: Plain = Plain {
    service: "states",
    due: interpreter::MOMENT,
    effect: interpreter::wake,
};

/// The most that input, result or output may weigh, in bytes.
const MOST_BYTES: usize = 262_144;

impl World {
    /// State machines and executions.
    pub(crate) fn state_machines(&self) -> &State {
        self.state()
    }

    pub(crate) fn state_machines_mut(&mut self) -> &mut State {
        self.state_mut()
    }
}

fn validation(message: impl Into<String>) -> ApiError {
    ApiError::new("ValidationException", message)
}

/// A text member that has to be JSON.
fn document(input: &Value, member: &str, code: &str) -> Answer<Value> {
    let text = input[member].as_str().unwrap_or("{}");
    serde_json::from_str(text).map_err(|error| ApiError::new(code, format!("Invalid {member}: {error}")))
}
