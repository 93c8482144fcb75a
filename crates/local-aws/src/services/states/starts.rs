//! How executions begin: StartExecution, StartSyncExecution, and events that rules send to a state machine.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::executions::{Execution, Status};
use super::machines::{self, Machine, of_wrong_type};
use super::{interpreter, validation};
use crate::core::error::{Answer, ApiError};
use crate::core::ids;
use crate::core::timestamp::epoch_seconds;
use crate::core::world::World;
use crate::seed::mocks::USUAL_CASE;
use crate::shared::Shared;
use crate::wire::Reply;

/// What an execution begins with.
struct Start<'i> {
    name: Option<&'i str>,
    input: &'i str,
    trace_header: Option<&'i str>,
    test_case: Option<String>,
    is_sync: bool,
}

fn invalid_input(reason: impl std::fmt::Display) -> ApiError {
    ApiError::new(
        "InvalidExecutionInput",
        format!("Invalid State Machine Execution Input: '{reason}'"),
    )
}

/// The input of a request without the test case that its ARN may name after a `#`, as Step Functions Local has it.
fn without_test_case(input: &Value) -> (Value, Option<String>) {
    let arn = input["stateMachineArn"].as_str().unwrap_or_default();
    match arn.split_once('#') {
        Some((arn, case)) => {
            let mut plain = input.clone();
            plain["stateMachineArn"] = arn.into();
            (plain, Some(case.to_owned()))
        }
        None => (input.clone(), None),
    }
}

/// The machine of an input, if it can be started.
fn startable<'w>(world: &'w World, input: &Value) -> Answer<&'w Machine> {
    let machine = machines::find(world, input)?;
    if machine.is_deleting {
        return Err(ApiError::new(
            "StateMachineDeleting",
            format!("State Machine Deleting: '{}'", machine.arn),
        ));
    }
    Ok(machine)
}

impl<'i> Start<'i> {
    fn of(world: &World, machine: &Machine, input: &'i Value, test_case: Option<String>) -> Answer<Self> {
        if let Some(case) = &test_case
            && !world.origin.document.mocks.has_case(&machine.name, case)
        {
            return Err(validation(format!(
                "stateMachineArn: the mocks have no test case '{case}' of the state machine {}",
                machine.name
            )));
        }
        let text = |member: &str| input[member].as_str();
        let start = Self {
            name: text("name"),
            input: text("input").unwrap_or("{}"),
            trace_header: text("traceHeader"),
            test_case,
            is_sync: false,
        };
        if let Some(name) = start.name {
            machines::check_name(name)?;
        }
        start.check_input()?;
        Ok(start)
    }

    fn check_input(&self) -> Answer<()> {
        if self.input.is_empty() {
            return Err(invalid_input("Invalid execution input."));
        }
        match serde_json::from_str::<serde::de::IgnoredAny>(self.input) {
            Ok(_) => Ok(()),
            Err(error) => Err(invalid_input(error)),
        }
    }
}

/// Begins an execution of a machine, and lets it run as far as it comes at once; gives its ARN.
fn begin(world: &mut World, machine_arn: &str, start: &Start<'_>) -> Answer<String> {
    let machine = world.state_machines().machine_of(machine_arn);
    let machine = machine.ok_or_else(|| machines::does_not_exist(machine_arn))?;
    let name = start.name.map_or_else(ids::uuid, str::to_owned);
    let (kind, suffix) = if machine.is_express {
        ("express", format!(":{}", ids::uuid()))
    } else {
        ("execution", String::new())
    };
    let arn = world.arn("states", format_args!("{kind}:{}:{name}{suffix}", machine.name));
    if let Some(there) = world.state_machines().execution(&arn) {
        // "StartExecution is idempotent for STANDARD workflows": while it runs, and with the same input.
        return if there.is_running() && there.input == start.input {
            Ok(arn)
        } else {
            Err(ApiError::new(
                "ExecutionAlreadyExists",
                format!("Execution Already Exists: '{arn}'"),
            ))
        };
    }
    let test_case = start.test_case.clone();
    let execution = Execution {
        arn: arn.clone(),
        name,
        machine_arn: machine.arn.clone(),
        machine_name: machine.name.clone(),
        is_express: machine.is_express,
        is_sync: start.is_sync,
        revision: machine.revision,
        input: start.input.to_owned(),
        trace_header: start.trace_header.map(str::to_owned),
        test_case: test_case.or_else(|| {
            let usual = USUAL_CASE;
            let mocks = &world.origin.document.mocks;
            mocks.has_case(&machine.name, usual).then(|| usual.to_owned())
        }),
        started: world.now(),
        stopped: None,
        status: Status::Running,
        output: None,
        failure: None,
        events: Vec::new(),
        untold: 0,
        strands: BTreeMap::new(),
        last_strand: 0,
        last_stamp: 0,
        deadline: None,
        mocked: BTreeMap::new(),
    };
    interpreter::begin(world, execution);
    Ok(arn)
}

pub(super) fn start(world: &mut World, input: &Value) -> Answer<Reply> {
    let (input, test_case) = without_test_case(input);
    let machine = startable(world, &input)?;
    let start = Start::of(world, machine, &input, test_case)?;
    let machine_arn = machine.arn.clone();
    let arn = begin(world, &machine_arn, &start)?;
    let started = world
        .state_machines()
        .execution(&arn)
        .map_or_else(|| world.now(), |there| there.started);
    Ok(Reply::json(
        json!({ "executionArn": arn, "startDate": epoch_seconds(started) }),
    ))
}

/// StartSyncExecution: begins an execution of an EXPRESS machine, and answers when it has ended.
pub(super) async fn start_sync(shared: &Shared, input: &Value) -> Answer<Reply> {
    let (input, test_case) = without_test_case(input);
    let arn = {
        let mut world = shared.world();
        let machine = startable(&world, &input)?;
        if !machine.is_express {
            return Err(of_wrong_type());
        }
        let start = Start {
            is_sync: true,
            ..Start::of(&world, machine, &input, test_case)?
        };
        let machine_arn = machine.arn.clone();
        begin(&mut world, &machine_arn, &start)?
    };
    shared.announce();
    let with_data = input["includedData"] != "METADATA_ONLY";
    let ended = shared.until(|world| {
        let execution = world.state_machines().execution(&arn);
        // A reset takes executions away.
        let Some(execution) = execution else {
            return Some(None);
        };
        (!execution.is_running()).then(|| Some(sync_answer(execution, with_data)))
    });
    let answer = ended.await.flatten();
    answer
        .map(Reply::json)
        .ok_or_else(|| ApiError::new("InternalServerError", "The execution was taken away by a reset"))
}

/// What StartSyncExecution answers of an execution that has ended.
fn sync_answer(execution: &Execution, with_data: bool) -> Value {
    let mut body = execution.describe(with_data);
    body.insert("outputDetails".to_owned(), json!({ "included": with_data }));
    let took = execution
        .stopped
        .and_then(|stopped| stopped.duration_since(execution.started).ok());
    // Every 100 milliseconds that were begun are billed.
    let hundreds = took.unwrap_or_default().as_millis() / 100 + 1;
    let billed = u64::try_from(hundreds * 100).unwrap_or(u64::MAX);
    body.insert(
        "billingDetails".to_owned(),
        json!({ "billedDurationInMilliseconds": billed, "billedMemoryUsedInMB": 64 }),
    );
    Value::Object(body)
}

/// Begins the execution that a rule asks for with an event.
pub(crate) fn by_rule(world: &mut World, machine_arn: &str, event_id: &str, input: &str) -> Answer<String> {
    let asked = json!({ "stateMachineArn": machine_arn });
    startable(world, &asked)?;
    let name = format!("{event_id}_{}", ids::uuid());
    let start = Start {
        name: Some(&name),
        input,
        trace_header: None,
        test_case: None,
        is_sync: false,
    };
    start.check_input()?;
    begin(world, machine_arn, &start)
}
