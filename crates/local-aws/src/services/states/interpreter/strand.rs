//! A strand of an execution: the state that it is in, what it works on, and what it waits for.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::fan_out::FanOut;
use crate::services::states::template::Scope;
use crate::services::states::variables;

#[derive(Debug, Serialize, Deserialize)]
pub(in crate::services::states) struct Strand {
    /// 0 until it is one of the execution's.
    pub(super) id: u64,
    /// The strand of the Parallel or Map state that it belongs to, and the number of the branch or item.
    pub(super) up: Option<(u64, usize)>,
    /// The JSON pointer of the machine that it runs through: empty, or of a branch or an item processor.
    pub(super) machine: String,
    /// The name of its state.
    pub(super) state: String,
    /// The state's own input.
    pub(super) input: Value,
    /// Those that are assigned here, and those that are seen from outside.
    pub(super) variables: Value,
    /// How large they are, in bytes; each is weighed once, when it is assigned.
    #[serde(default)]
    pub(super) sizes: BTreeMap<String, usize>,
    /// Whether its events are of an execution of its own, as those of a distributed Map's items are, and not told here.
    pub(super) is_apart: bool,
    /// The context's member `Map`, within a Map.
    pub(super) item: Option<Value>,
    /// The token of a task that waits for one.
    pub(super) token: Option<String>,
    /// Its last event, the one before its state was entered, and the one of the entry.
    pub(super) previous: u64,
    pub(super) before: u64,
    pub(super) entered: u64,
    pub(super) entered_at: SystemTime,
    /// How often each retrier has tried again, by its place in the list.
    pub(super) retries: Vec<u64>,
    pub(super) doing: Doing,
    /// What it waits for: whatever has another stamp comes too late.
    pub(in crate::services::states) stamp: u64,
    /// By how much its waits were shorter than they are at AWS.
    pub(super) lag: Duration,
}

/// What a strand does.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Doing {
    /// It is about to enter its state.
    Entering,
    /// It is about to try its state again.
    Retrying,
    /// A Wait state's time passes.
    Waiting,
    /// The time before the next try passes.
    Pausing,
    /// An HTTP task is called with these arguments.
    Calling(Value),
    /// Branches or iterations run.
    FannedOut(FanOut),
}

impl Strand {
    /// The strand that an execution begins with.
    pub(super) fn root(start: String, input: Value) -> Self {
        Self {
            id: 0,
            up: None,
            machine: String::new(),
            state: start,
            input,
            variables: Value::Object(Map::new()),
            sizes: BTreeMap::new(),
            is_apart: false,
            item: None,
            token: None,
            previous: 0,
            before: 0,
            entered: 0,
            entered_at: SystemTime::UNIX_EPOCH,
            retries: Vec::new(),
            doing: Doing::Entering,
            stamp: 0,
            lag: Duration::ZERO,
        }
    }

    /// A strand of a branch or an iteration, whose first event follows `previous`.
    pub(super) fn inner(
        &self,
        index: usize,
        machine: String,
        start: String,
        input: Value,
        previous: u64,
    ) -> Self {
        Self {
            up: Some((self.id, index)),
            machine,
            variables: self.variables.clone(),
            sizes: self.sizes.clone(),
            is_apart: self.is_apart,
            item: self.item.clone(),
            previous,
            lag: self.lag,
            ..Self::root(start, input)
        }
    }

    pub(super) fn scope<'s>(&'s self, jsonata: bool, context: &'s Value) -> Scope<'s> {
        Scope {
            jsonata,
            input: &self.input,
            context,
            variables: &self.variables,
            result: None,
            error: None,
        }
    }

    pub(super) fn assign(&mut self, assigned: Option<Map<String, Value>>) {
        if let (Value::Object(variables), Some(assigned)) = (&mut self.variables, assigned) {
            let sizes = assigned
                .iter()
                .map(|(name, value)| (name.clone(), variables::size(value)));
            self.sizes.extend(sizes);
            variables.extend(assigned);
        }
    }

    pub(in crate::services::states) fn is_calling(&self) -> bool {
        self.arguments().is_some()
    }

    /// The arguments of the call that it waits for.
    pub(super) fn arguments(&self) -> Option<&Value> {
        match &self.doing {
            Doing::Calling(arguments) => Some(arguments),
            _ => None,
        }
    }
}
