//! The interpreter of the Amazon States Language. An execution is data: where each of its strands stands, and what it
//! waits for. It is taken out of the world, goes on until every strand waits for something, and is put back; so it
//! survives a restart wherever it stands.
//!
//! ```text
//! StartExecution ─→ entered ─→ attempt ─→ result ─→ left ─→ next state … ─→ end
//!                                │  ↑        ↑                ↑
//!                                │  │ Retry  │ answer, time   │ Catch
//!                                ↓  │        │                │
//!                     Wait, call, branches ──┴─→ failure ─────┴─→ the execution, or the state around it, fails
//! ```

mod course;
mod failing;
mod fan_out;
mod strand;
mod tasks;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::calls::Call;
use super::executions::{Execution, Status};
use super::history::{self, Details, Event, MOST_EVENTS};
use super::{Failure, announcements};
use crate::core::agenda::{Due, Subject};
use crate::core::world::World;

pub(super) use strand::Strand;

/// What a moment that an execution waits for is called on the agenda.
pub(super) const MOMENT: &str = "Execution";

/// What an EXPRESS execution may take ("Quotas").
const LONGEST_EXPRESS: Duration = Duration::from_secs(300);

/// A moment that a strand waits for, or at which an execution times out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Wake {
    pub(crate) execution: String,
    /// The stamp of what a strand waits for, of which an execution has no two; none for the execution's own time-out.
    stamp: Option<u64>,
}

impl From<Wake> for Subject {
    fn from(wake: Wake) -> Self {
        match wake.stamp {
            Some(number) => Self::Turn {
                name: wake.execution,
                number,
            },
            None => Self::Object(wake.execution),
        }
    }
}

/// An execution that goes on.
struct Run<'w> {
    world: &'w World,
    execution: Execution,
    definition: Arc<Value>,
    role_arn: String,
    /// Strands that have something to do, in turn.
    runnable: VecDeque<u64>,
    timers: Vec<(Duration, Wake)>,
    calls: Vec<Call>,
}

/// Begins an execution.
pub(super) fn begin(world: &mut World, execution: Execution) {
    go_on(world, execution, true, |run| run.start());
}

/// Lets an execution go on whose moment has come, if it still waits for it.
pub(super) fn wake(world: &mut World, subject: &Subject) {
    let arn = subject.object();
    let Some(execution) = world.state_machines().execution(arn) else {
        return;
    };
    let waiting = match subject {
        Subject::Turn { number, .. } => {
            let mut strands = execution.strands.iter();
            let found = strands.find(|(_, strand)| strand.stamp == *number);
            match found {
                Some((id, _)) => Some(*id),
                None => return,
            }
        }
        Subject::Object(_) | Subject::Number(_) => None,
    };
    if !execution.is_running() {
        return;
    }
    if let Some(execution) = world.state_machines_mut().take(arn) {
        go_on(world, execution, false, |run| match waiting {
            Some(strand) => run.woken(strand),
            None => run.time_out(),
        });
    }
}

/// The arguments of a call, if it is still waited for.
pub(super) fn arguments(execution: &Execution, call: &Call) -> Option<Value> {
    let strand = execution.strands.get(&call.strand);
    let strand = strand.filter(|strand| strand.stamp == call.stamp)?;
    strand.arguments().cloned()
}

/// Takes the answer to a call.
pub(super) fn answer(world: &mut World, call: &Call, result: Result<Value, Failure>) {
    let execution = world.state_machines().execution(&call.execution);
    if execution.is_none_or(|execution| arguments(execution, call).is_none()) {
        return;
    }
    if let Some(execution) = world.state_machines_mut().take(&call.execution) {
        go_on(world, execution, false, |run| run.answered(call.strand, result));
    }
}

/// Ends an execution that runs, as somebody asks for it.
pub(super) fn abort(world: &mut World, arn: &str, failure: &Failure) {
    let executions = world.state_machines();
    if !executions.execution(arn).is_some_and(Execution::is_running) {
        return;
    }
    if let Some(execution) = world.state_machines_mut().take(arn) {
        go_on(world, execution, false, |run| {
            let details = history::ended("executionAbortedEventDetails", failure);
            run.event(0, "ExecutionAborted", details);
            run.execution.fails(failure);
            run.ends(Status::Aborted);
        });
    }
}

/// Lets something happen to an execution, and then everything that follows from it.
fn go_on(world: &mut World, execution: Execution, is_new: bool, what: impl FnOnce(&mut Run<'_>)) {
    if is_new {
        announcements::announce(world, &execution);
    }
    let Some(revision) = world.state_machines().revision(execution.revision) else {
        return world.state_machines_mut().put(execution, is_new);
    };
    let mut run = Run {
        definition: revision.definition(),
        role_arn: revision.role_arn.clone(),
        world,
        execution,
        runnable: VecDeque::new(),
        timers: Vec::new(),
        calls: Vec::new(),
    };
    what(&mut run);
    run.until_all_wait();
    let Run {
        execution,
        timers,
        calls,
        ..
    } = run;
    let runs = execution.is_running();
    if !runs {
        announcements::announce(world, &execution);
    }
    world.state_machines_mut().put(execution, is_new);
    if runs {
        for (pause, wake) in timers {
            world.schedule(pause, Due::new(MOMENT, wake));
        }
        for call in calls {
            world.state_machines_mut().call(call);
        }
    }
}

impl Run<'_> {
    fn start(&mut self) {
        let input = self.execution.input.clone();
        let details = history::started(&input, &self.role_arn);
        self.event(0, "ExecutionStarted", details);
        let own = self.definition["TimeoutSeconds"]
            .as_u64()
            .map(Duration::from_secs);
        let express = self.execution.is_express.then_some(LONGEST_EXPRESS);
        if let Some(limit) = own.into_iter().chain(express).min() {
            self.execution.deadline = Some(self.world.elapsed() + limit);
            self.times_out_in(limit);
        }
        let input = serde_json::from_str(&input).unwrap_or_default();
        let start = self.definition["StartAt"].as_str().unwrap_or_default().to_owned();
        let strand = Strand::root(start, input);
        self.runs(strand);
    }

    fn until_all_wait(&mut self) {
        while self.execution.is_running() {
            let Some(id) = self.runnable.pop_front() else {
                return;
            };
            if self.execution.events.len() + self.execution.untold >= MOST_EVENTS - 1 {
                let cause =
                    format!("The execution reached the maximum number of history events ({MOST_EVENTS}).");
                // Recorded: the failure is the last event that there is room for, and follows the one before it.
                self.execution.events.truncate(MOST_EVENTS - 1);
                let last = self.execution.events.len() as u64;
                return self.fails_with(&Failure::new("States.Runtime", cause), last);
            }
            if let Some(strand) = self.execution.strands.remove(&id) {
                self.turn(strand);
            }
        }
    }

    /// Adds an event that follows another one; gives its id.
    fn event(&mut self, previous: u64, kind: impl Into<String>, details: Details) -> u64 {
        let id = self.execution.events.len() as u64 + 1;
        let event = Event::new(id, previous, self.world.now(), kind.into(), details);
        self.execution.events.push(event);
        id
    }

    /// Adds an event of a strand that follows its last one, and is its last one then.
    fn follow(&mut self, strand: &mut Strand, kind: impl Into<String>, details: Details) {
        strand.previous = self.beside(strand, kind, details);
    }

    /// Adds an event of a strand beside its course; gives its id.
    fn beside(&mut self, strand: &Strand, kind: impl Into<String>, details: Details) -> u64 {
        if strand.is_apart {
            self.execution.untold += 1;
            return strand.previous;
        }
        self.event(strand.previous, kind, details)
    }

    /// Puts a strand among those that run.
    fn runs(&mut self, mut strand: Strand) -> u64 {
        if strand.id == 0 {
            self.execution.last_strand += 1;
            strand.id = self.execution.last_strand;
        }
        let id = strand.id;
        self.execution.strands.insert(id, strand);
        self.runnable.push_back(id);
        id
    }

    /// Puts a strand among those that wait, with a stamp for what it waits for.
    fn waits(&mut self, mut strand: Strand, pause: Option<Duration>) {
        self.execution.last_stamp += 1;
        strand.stamp = self.execution.last_stamp;
        if let Some(pause) = pause {
            let wake = Wake {
                execution: self.execution.arn.clone(),
                stamp: Some(strand.stamp),
            };
            self.timers.push((pause, wake));
        }
        self.execution.strands.insert(strand.id, strand);
    }

    fn times_out_in(&mut self, pause: Duration) {
        let wake = Wake {
            execution: self.execution.arn.clone(),
            stamp: None,
        };
        self.timers.push((pause, wake));
    }

    fn time_out(&mut self) {
        let failure = Failure::timeout();
        let details = history::ended("executionTimedOutEventDetails", &failure);
        self.event(0, "ExecutionTimedOut", details);
        self.execution.fails(&failure);
        self.ends(Status::TimedOut);
    }

    /// Ends the execution with an error.
    fn fails_with(&mut self, failure: &Failure, previous: u64) {
        let details = history::ended("executionFailedEventDetails", failure);
        self.event(previous, "ExecutionFailed", details);
        self.execution.fails(failure);
        self.ends(Status::Failed);
    }

    fn succeeds_with(&mut self, output: &Value, previous: u64) {
        let output = output.to_string();
        self.event(previous, "ExecutionSucceeded", history::succeeded(&output));
        self.execution.output = Some(output);
        self.ends(Status::Succeeded);
    }

    fn ends(&mut self, status: Status) {
        self.execution.status = status;
        self.execution.stopped = Some(self.world.now());
        self.execution.strands.clear();
        self.runnable.clear();
    }
}
