//! Executions: what is kept of each, DescribeExecution, ListExecutions and StopExecution.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::calls::Call;
use super::history::{Event, MOST_EVENTS};
use super::interpreter::{self, Strand};
use super::machines::{self, of_wrong_type};
use super::{Failure, arns, listing, validation};
use crate::core::error::{Answer, ApiError};
use crate::core::timestamp::epoch_seconds;
use crate::core::world::World;
use crate::wire::Reply;

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Status {
    Running,
    Succeeded,
    Failed,
    TimedOut,
    Aborted,
}

impl Status {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::TimedOut => "TIMED_OUT",
            Self::Aborted => "ABORTED",
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Execution {
    pub(crate) arn: String,
    pub(crate) name: String,
    pub(crate) machine_arn: String,
    pub(crate) machine_name: String,
    pub(crate) is_express: bool,
    /// Whether somebody waits for its end.
    pub(super) is_sync: bool,
    /// The number of the machine's revision that it runs by.
    pub(super) revision: u64,
    /// As it was sent.
    pub(crate) input: String,
    pub(super) trace_header: Option<String>,
    /// The test case of the mocks' file that it runs with.
    pub(super) test_case: Option<String>,
    pub(crate) started: SystemTime,
    pub(crate) stopped: Option<SystemTime>,
    pub(crate) status: Status,
    pub(crate) output: Option<String>,
    pub(super) failure: Option<(String, String)>,
    pub(crate) events: Vec<Event>,
    /// How many events there were that its history does not tell.
    pub(super) untold: usize,
    /// Where it stands: one strand, and one more for each branch and iteration that runs.
    pub(super) strands: BTreeMap<u64, Strand>,
    pub(super) last_strand: u64,
    /// Counts what strands wait for, so that what comes late is known as such.
    pub(super) last_stamp: u64,
    /// The moment, counted from the beginning of the world in AWS's time, at which it times out.
    pub(super) deadline: Option<Duration>,
    /// How often each state was answered by a mock.
    pub(super) mocked: BTreeMap<String, u64>,
}

impl Execution {
    pub(crate) fn is_running(&self) -> bool {
        self.status == Status::Running
    }

    /// The error and the cause, as far as there are any.
    pub(crate) fn error(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let both = self.failure.iter();
        both.flat_map(|(error, cause)| [("error", error.as_str()), ("cause", cause.as_str())])
            .filter(|(_, text)| !text.is_empty())
    }

    /// Whether AWS would let the execution be redriven, and why not.
    pub(super) fn redrive(&self) -> (&'static str, Option<String>) {
        match self.status {
            Status::Running | Status::Succeeded => {
                let status = self.status.as_str();
                let reason = format!("Execution is {status} and cannot be redriven");
                ("NOT_REDRIVABLE", Some(reason))
            }
            Status::Failed if self.events.len() + self.untold >= MOST_EVENTS => {
                let reason = "Execution has exceeded the maximum history event limit";
                ("NOT_REDRIVABLE", Some(reason.to_owned()))
            }
            Status::Failed | Status::TimedOut | Status::Aborted => ("REDRIVABLE", None),
        }
    }

    pub(super) fn fails(&mut self, failure: &Failure) {
        self.failure = Some((failure.error.clone(), failure.cause.clone()));
    }

    /// The calls that nobody has answered.
    pub(super) fn unanswered(&self) -> impl Iterator<Item = Call> {
        let calling = self.strands.iter().filter(|(_, strand)| strand.is_calling());
        calling.map(|(id, strand)| Call {
            execution: self.arn.clone(),
            strand: *id,
            stamp: strand.stamp,
        })
    }

    /// The members that every description has.
    pub(super) fn describe(&self, with_data: bool) -> Map<String, Value> {
        let mut body = Map::new();
        let mut put = |name: &str, value: Value| body.insert(name.to_owned(), value);
        put("executionArn", self.arn.clone().into());
        put("stateMachineArn", self.machine_arn.clone().into());
        put("name", self.name.clone().into());
        put("status", self.status.as_str().into());
        put("startDate", epoch_seconds(self.started).into());
        if let Some(stopped) = self.stopped {
            put("stopDate", epoch_seconds(stopped).into());
        }
        if let Some(header) = &self.trace_header {
            put("traceHeader", header.clone().into());
        }
        // Recorded: what times out as a whole is told by its status alone.
        let tells = with_data && (self.status != Status::TimedOut || self.is_sync);
        for (name, text) in self.error().filter(|_| tells) {
            put(name, text.into());
        }
        let included = json!({ "included": with_data });
        if with_data {
            put("input", self.input.clone().into());
        }
        put("inputDetails", included.clone());
        if let Some(output) = &self.output {
            if with_data {
                put("output", output.clone().into());
            }
            put("outputDetails", included);
        }
        body
    }
}

/// The execution of an input, if it is of a STANDARD machine.
pub(super) fn find<'w>(world: &'w World, input: &Value) -> Answer<&'w Execution> {
    let arn = input["executionArn"].as_str().unwrap_or_default();
    arns::execution(arn)?;
    world.state_machines().execution(arn).ok_or_else(|| {
        ApiError::new(
            "ExecutionDoesNotExist",
            format!("Execution Does Not Exist: '{arn}'"),
        )
    })
}

pub(super) fn describe(world: &mut World, input: &Value) -> Answer<Reply> {
    let execution = find(world, input)?;
    let with_data = input["includedData"] != "METADATA_ONLY";
    let mut body = execution.describe(with_data);
    body.insert("redriveCount".to_owned(), 0.into());
    let (status, reason) = execution.redrive();
    body.insert("redriveStatus".to_owned(), status.into());
    if let Some(reason) = reason {
        body.insert("redriveStatusReason".to_owned(), reason.into());
    }
    Ok(Reply::json(Value::Object(body)))
}

pub(super) fn list(world: &mut World, input: &Value) -> Answer<Reply> {
    if input["mapRunArn"].is_string() {
        return Err(validation("mapRunArn: there are no Map Runs here"));
    }
    if !input["stateMachineArn"].is_string() {
        return Err(validation("Must provide a stateMachineArn or mapRunArn"));
    }
    let machine = machines::find(world, input)?;
    if machine.is_express {
        return Err(of_wrong_type());
    }
    let status = input["statusFilter"].as_str();
    let redriven = input["redriveFilter"] == "REDRIVEN";
    let wanted = world.state_machines().executions().filter(|execution| {
        execution.machine_arn == machine.arn
            && status.is_none_or(|status| execution.status.as_str() == status)
            && !redriven
    });
    listing::page(input, "executions", wanted, |execution| {
        let mut item = json!({
            "executionArn": execution.arn,
            "stateMachineArn": execution.machine_arn,
            "name": execution.name,
            "status": execution.status.as_str(),
            "startDate": epoch_seconds(execution.started),
            "redriveCount": 0,
        });
        if let Some(stopped) = execution.stopped {
            item["stopDate"] = epoch_seconds(stopped).into();
        }
        item
    })
}

/// StopExecution: what has ended stays as it is, and tells when it ended.
pub(super) fn stop(world: &mut World, input: &Value) -> Answer<Reply> {
    let arn = find(world, input)?.arn.clone();
    let text = |member: &str| input[member].as_str().unwrap_or_default();
    interpreter::abort(world, &arn, &Failure::new(text("error"), text("cause")));
    let stopped = find(world, input)?.stopped.unwrap_or_else(|| world.now());
    Ok(Reply::json(json!({ "stopDate": epoch_seconds(stopped) })))
}
