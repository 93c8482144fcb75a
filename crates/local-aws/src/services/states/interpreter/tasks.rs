//! Task states: scheduled, answered by a call or a mock, and their time-outs.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::Run;
use super::strand::{Doing, Strand};
use crate::seed::mocks::Mocked;
use crate::services::states::Failure;
use crate::services::states::calls::Call;
use crate::services::states::definition::{Definition, Kind, is_too_large};
use crate::services::states::history::Task;
use crate::services::states::template::Scope;
use crate::services::states::work;

impl Run<'_> {
    /// Begins a task: it is called, or a mock answers at once.
    pub(super) fn schedule(
        &mut self,
        mut strand: Strand,
        definition: &Definition<'_>,
        input: &Value,
        arguments: Value,
    ) {
        let context = self.context(&strand, definition.kind);
        let bounds = {
            let scope = Scope {
                input,
                ..strand.scope(definition.jsonata, &context)
            };
            let seconds = |field| work::seconds(definition, &scope, field);
            let credentials = definition.state.get("Credentials");
            let credentials = || {
                credentials
                    .map(|given| scope.fill(given, "Credentials"))
                    .transpose()
            };
            seconds("TimeoutSeconds")
                .and_then(|timeout| Ok((timeout, seconds("HeartbeatSeconds")?, credentials()?)))
        };
        let (timeout, heartbeat, credentials) = match bounds {
            Ok(bounds) => bounds,
            Err(failure) => return self.fail(strand, failure),
        };
        let resource = definition.state["Resource"].as_str().unwrap_or_default();
        let task = Task::of(resource);
        let region = &self.world.origin.region;
        let (kind, details) = task.scheduled(&arguments, region, timeout, heartbeat, credentials.as_ref());
        self.follow(&mut strand, kind, details);
        let (kind, details) = task.started();
        self.follow(&mut strand, kind, details);
        if let Some(answer) = self.mocked(&strand.state) {
            if definition.waits_for_more() {
                let (kind, details) = task.submitted();
                self.follow(&mut strand, kind, details);
            }
            return self.called(strand, answer);
        }
        if definition.kind != Kind::Http {
            let cause = format!(
                "{resource} is not served here: give the state '{}' a mock (serve --mocks FILE)",
                strand.state
            );
            return self.called(strand, Err(Failure::runtime(cause)));
        }
        strand.doing = Doing::Calling(arguments);
        let (id, pause) = (strand.id, timeout.map(Duration::from_secs));
        self.waits(strand, pause);
        self.calls.push(Call {
            execution: self.execution.arn.clone(),
            strand: id,
            stamp: self.execution.last_stamp,
        });
    }

    /// The answer that stands for a state, if one does.
    fn mocked(&mut self, state: &str) -> Option<Result<Value, Failure>> {
        let case = self.execution.test_case.as_deref()?;
        let machine = &self.execution.machine_name;
        let attempt = self.execution.mocked.get(state).copied().unwrap_or(0);
        let mocks = &self.world.origin.document.mocks;
        let answer = mocks.answer(machine, case, state, attempt)?;
        self.execution.mocked.insert(state.to_owned(), attempt + 1);
        Some(match answer {
            Mocked::Result(result) => Ok(result),
            Mocked::Error { error, cause } => Err(Failure::new(error, cause)),
            Mocked::Missing(words) => Err(Failure::runtime(words)),
        })
    }

    /// Takes the answer to the call of a strand.
    pub(super) fn answered(&mut self, id: u64, result: Result<Value, Failure>) {
        if let Some(strand) = self.execution.strands.remove(&id) {
            self.called(strand, result);
        }
    }

    /// Ends a task with its answer.
    pub(super) fn called(&mut self, mut strand: Strand, result: Result<Value, Failure>) {
        let machine = Arc::clone(&self.definition);
        let definition = Self::definition_in(&machine, &strand);
        let task = Task::of(definition.state["Resource"].as_str().unwrap_or_default());
        let result = match result {
            Ok(result) if is_too_large(&result) => Err(Failure::too_large(task.name())),
            result => result,
        };
        match result {
            Ok(result) => {
                let (kind, details) = task.succeeded(&result);
                self.follow(&mut strand, kind, details);
                self.done(strand, &definition, result, definition.next(), None);
            }
            Err(failure) => {
                let failure = failure.in_state(&strand.state, strand.entered);
                let (kind, details) = task.failed(&failure);
                self.follow(&mut strand, kind, details);
                self.fail(strand, failure);
            }
        }
    }
}
