//! Everything that Step Functions has: state machines with their revisions, and executions.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::calls::Call;
use super::executions::Execution;
use super::machines::{Machine, Revision};
use crate::core::tags::Tags;
use crate::core::world::object;

/// The most executions that are remembered; of more, the oldest that have ended are forgotten.
const MOST_EXECUTIONS: usize = 10_000;

#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    /// By their names.
    pub(super) machines: BTreeMap<String, Machine>,
    /// What machines said and say, by number; executions go on with the one that they began with.
    revisions: BTreeMap<u64, Revision>,
    last_revision: u64,
    /// By their ARNs.
    executions: BTreeMap<String, Execution>,
    /// The ARNs in the order of the starts.
    order: VecDeque<String>,
    /// Calls whose time has come.
    #[serde(skip)]
    ready: BTreeSet<Call>,
}

impl State {
    pub(super) fn machine_of(&self, arn: &str) -> Option<&Machine> {
        self.machines.values().find(|machine| machine.arn == arn)
    }

    pub(super) fn machine_of_mut(&mut self, arn: &str) -> Option<&mut Machine> {
        self.machines.values_mut().find(|machine| machine.arn == arn)
    }

    pub(super) fn revision(&self, number: u64) -> Option<&Revision> {
        self.revisions.get(&number)
    }

    /// Keeps a revision; gives its number.
    pub(super) fn add_revision(&mut self, revision: Revision) -> u64 {
        self.last_revision += 1;
        self.revisions.insert(self.last_revision, revision);
        self.last_revision
    }

    pub(super) fn execution(&self, arn: &str) -> Option<&Execution> {
        self.executions.get(arn)
    }

    /// Every execution, the latest first.
    pub(crate) fn executions(&self) -> impl Iterator<Item = &Execution> {
        self.order.iter().rev().filter_map(|arn| self.executions.get(arn))
    }

    /// Takes an execution out, to let it go on.
    pub(super) fn take(&mut self, arn: &str) -> Option<Execution> {
        self.executions.remove(arn)
    }

    /// Puts an execution back, or a new one in.
    pub(super) fn put(&mut self, execution: Execution, is_new: bool) {
        if is_new {
            self.order.push_back(execution.arn.clone());
        }
        let ended = !execution.is_running();
        let machine_arn = execution.machine_arn.clone();
        self.executions.insert(execution.arn.clone(), execution);
        if ended {
            self.forget_machine(&machine_arn);
            self.forget_oldest();
        }
    }

    /// Whether a machine has executions that run.
    pub(super) fn is_busy(&self, machine_arn: &str) -> bool {
        let mut executions = self.executions.values();
        executions.any(|execution| execution.machine_arn == machine_arn && execution.is_running())
    }

    /// Removes a machine that is to be deleted, once nothing of it runs.
    pub(super) fn forget_machine(&mut self, arn: &str) {
        let deleting = self.machine_of(arn).is_some_and(|machine| machine.is_deleting);
        if deleting && !self.is_busy(arn) {
            self.machines.retain(|_, machine| machine.arn != arn);
        }
    }

    fn forget_oldest(&mut self) {
        if self.executions.len() <= MOST_EXECUTIONS {
            return;
        }
        while self.executions.len() > MOST_EXECUTIONS {
            let ended = self.order.iter().position(|arn| {
                let execution = self.executions.get(arn);
                execution.is_none_or(|execution| !execution.is_running())
            });
            let Some(arn) = ended.and_then(|at| self.order.remove(at)) else {
                return;
            };
            self.executions.remove(&arn);
        }
        let used: BTreeSet<u64> = self
            .machines
            .values()
            .map(|machine| machine.revision)
            .chain(self.executions.values().map(|execution| execution.revision))
            .collect();
        self.revisions.retain(|number, _| used.contains(number));
    }

    /// Lets a call go out.
    pub(super) fn call(&mut self, call: Call) {
        self.ready.insert(call);
    }

    /// Takes the calls whose time has come.
    pub(crate) fn take_calls(&mut self) -> BTreeSet<Call> {
        std::mem::take(&mut self.ready)
    }

    /// Makes the calls again that nobody has answered, as after a restart.
    pub(crate) fn resume(&mut self) {
        let calls = self.executions.values().flat_map(Execution::unanswered);
        self.ready = calls.collect();
    }

    /// Machines and executions, as the control API lists them.
    pub(crate) fn objects(&self) -> Vec<Value> {
        let none = Tags::new();
        let machines = self.machines.values().map(|machine| {
            let state = machine.status();
            object(
                "states",
                "state-machine",
                &machine.arn,
                &machine.name,
                state,
                &machine.tags,
            )
        });
        let executions = self.order.iter().filter_map(|arn| self.executions.get(arn));
        let executions = executions.map(|execution| {
            let state = execution.status.as_str();
            object(
                "states",
                "execution",
                &execution.arn,
                &execution.name,
                state,
                &none,
            )
        });
        machines.chain(executions).collect()
    }
}
