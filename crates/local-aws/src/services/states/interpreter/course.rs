//! The course of a state: entered, begun, done, left.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::Run;
use super::strand::{Doing, Strand};
use crate::services::states::Failure;
use crate::services::states::context::{self, Place};
use crate::services::states::definition::{Definition, Kind, Notes, Outcome, is_too_large};
use crate::services::states::history;
use crate::services::states::validate::token;
use crate::services::states::variables;
use crate::services::states::waiting::Moment;
use crate::services::states::work::{self, Begun, Work};

impl Run<'_> {
    /// The JSON pointer of a strand's state.
    pub(super) fn place(strand: &Strand) -> String {
        format!("{}/States/{}", strand.machine, token(&strand.state))
    }

    /// The definition of a strand's state.
    pub(super) fn definition_in<'d>(machine: &'d Value, strand: &Strand) -> Definition<'d> {
        const NOTHING: &Value = &Value::Null;
        let state = machine.pointer(&Self::place(strand)).unwrap_or(NOTHING);
        Definition::new(state, machine["QueryLanguage"].as_str())
    }

    /// The Context object that a strand's state sees.
    pub(super) fn context(&self, strand: &Strand, kind: Kind) -> Value {
        let can_retry = kind.takes_mock();
        context::of_state(Place {
            execution: &self.execution,
            input: serde_json::from_str(&self.execution.input).unwrap_or_default(),
            role_arn: &self.role_arn,
            state: &strand.state,
            entered: strand.entered_at,
            retries: can_retry.then(|| strand.retries.iter().sum()),
            map: strand.item.as_ref(),
            token: strand.token.as_deref(),
        })
    }

    /// Lets a strand do what it is about to do.
    pub(super) fn turn(&mut self, strand: Strand) {
        match strand.doing {
            Doing::Entering => self.enter(strand),
            Doing::Retrying => self.attempt(strand),
            // It waits for something that has not come.
            _ => {
                self.execution.strands.insert(strand.id, strand);
            }
        }
    }

    fn enter(&mut self, mut strand: Strand) {
        let machine = Arc::clone(&self.definition);
        let definition = Self::definition_in(&machine, &strand);
        strand.before = strand.previous;
        strand.entered_at = self.world.now();
        strand.retries.clear();
        // The first state is told the input as it was sent.
        let is_first = strand.up.is_none() && strand.entered == 0;
        let input = if is_first {
            self.execution.input.clone()
        } else {
            strand.input.to_string()
        };
        let kind = format!("{}StateEntered", definition.kind.word());
        let details = history::entered(&strand.state, &input);
        self.follow(&mut strand, kind, details);
        strand.entered = strand.previous;
        self.attempt(strand);
    }

    /// Lets the state of a strand do its work.
    pub(super) fn attempt(&mut self, mut strand: Strand) {
        let machine = Arc::clone(&self.definition);
        let definition = Self::definition_in(&machine, &strand);
        strand.token = definition.waits_for_more().then(crate::core::ids::uuid);
        let context = self.context(&strand, definition.kind);
        let scope = strand.scope(definition.jsonata, &context);
        let begun = work::begin(&definition, &scope, &mut Notes::default());
        match begun {
            Err(failure) => self.fail(strand, failure),
            Ok(Begun { input, work }) => match work {
                Work::Done { result, next, rule } => self.done(strand, &definition, result, next, rule),
                Work::Wait(moment) => self.wait(strand, moment),
                Work::Task(arguments) => self.schedule(strand, &definition, &input, arguments),
                Work::Branches(input) => self.branch(strand, &definition, &input),
                Work::Iterations(iterations) => self.iterate(strand, input, iterations),
            },
        }
    }

    /// Lets a strand go on whose moment has come.
    pub(super) fn woken(&mut self, id: u64) {
        let Some(mut strand) = self.execution.strands.remove(&id) else {
            return;
        };
        match strand.doing {
            Doing::Waiting => self.waited(strand),
            Doing::Pausing => {
                strand.doing = Doing::Retrying;
                self.runs(strand);
            }
            Doing::Calling(_) => self.called(strand, Err(Failure::timeout())),
            Doing::Entering | Doing::Retrying | Doing::FannedOut(_) => {
                self.execution.strands.insert(id, strand);
            }
        }
    }

    fn wait(&mut self, strand: Strand, moment: Moment) {
        match moment.after(self.world.now()) {
            Err(failure) => self.fail(strand, failure),
            Ok(pause) => self.pause(strand, pause, Doing::Waiting),
        }
    }

    /// Lets time pass for a strand: as much as AWS would let pass, at the speed of this world. What the time-out of the
    /// execution leaves of it ends the execution.
    pub(super) fn pause(&mut self, mut strand: Strand, pause: Duration, doing: Doing) {
        let at_aws = self.world.elapsed() + strand.lag;
        let left = self
            .execution
            .deadline
            .map(|deadline| deadline.saturating_sub(at_aws));
        if let Some(left) = left.filter(|left| *left <= pause) {
            let left = self.world.scaled(left);
            if left.is_zero() {
                return self.time_out();
            }
            self.times_out_in(left);
        }
        let scaled = self.world.scaled(pause);
        strand.lag += pause.saturating_sub(scaled);
        strand.doing = doing;
        if !scaled.is_zero() {
            return self.waits(strand, Some(scaled));
        }
        match strand.doing {
            Doing::Waiting => self.waited(strand),
            _ => {
                strand.doing = Doing::Retrying;
                self.runs(strand);
            }
        }
    }

    /// Ends a Wait state: its result is what it was given.
    fn waited(&mut self, strand: Strand) {
        let machine = Arc::clone(&self.definition);
        let definition = Self::definition_in(&machine, &strand);
        let context = self.context(&strand, definition.kind);
        match definition.effective_input(&strand.scope(definition.jsonata, &context)) {
            Ok(input) => self.done(strand, &definition, input, definition.next(), None),
            Err(failure) => self.fail(strand, failure),
        }
    }

    /// Ends a state that has its result.
    pub(super) fn done(
        &mut self,
        strand: Strand,
        definition: &Definition<'_>,
        result: Value,
        next: Option<&str>,
        rule: Option<&Value>,
    ) {
        let context = self.context(&strand, definition.kind);
        let scope = strand.scope(definition.jsonata, &context);
        let finished = definition.finish(&scope, result, rule, &mut Notes::default());
        match finished.and_then(|outcome| self.admitted(&strand, outcome)) {
            Ok(outcome) if is_too_large(&outcome.output) => {
                let failure = Failure::too_large(&strand.state);
                self.fail(strand, failure);
            }
            Ok(outcome) => self.leave(strand, definition.kind, outcome, next),
            Err(failure) => self.fail(strand, failure),
        }
    }

    /// What a state comes to, if there is room for the variables that it assigns.
    pub(super) fn admitted(&self, strand: &Strand, outcome: Outcome) -> Result<Outcome, Failure> {
        let Some(assigned) = outcome.assigned.as_ref().filter(|assigned| !assigned.is_empty()) else {
            return Ok(outcome);
        };
        variables::check(&strand.state, assigned)?;
        let own = self.own_sizes(strand);
        let kept = own.filter(|(name, _)| !assigned.contains_key(*name));
        // What a distributed Map starts are executions of their own.
        let others = self.execution.strands.values();
        let others = others.filter(|other| !other.is_apart && !strand.is_apart);
        let others = others.flat_map(|other| self.own_sizes(other));
        let before: usize = others.chain(kept).map(|(_, size)| size).sum();
        let assigned: usize = assigned.values().map(variables::size).sum();
        variables::check_all(&strand.state, before + assigned)?;
        Ok(outcome)
    }

    /// The sizes of a strand's variables without those that it sees from outside.
    fn own_sizes<'r>(&'r self, strand: &'r Strand) -> impl Iterator<Item = (&'r String, &'r usize)> {
        let all = strand.sizes.iter();
        all.filter(|(name, _)| !self.is_seen(strand, name))
    }

    /// Whether a variable of a strand is one of the strand around it.
    fn is_seen(&self, strand: &Strand, name: &str) -> bool {
        let outer = strand
            .up
            .and_then(|(outer, _)| self.execution.strands.get(&outer));
        outer.is_some_and(|outer| outer.variables.get(name).is_some())
    }

    /// Leaves a state for the next one, or ends the strand.
    pub(super) fn leave(&mut self, mut strand: Strand, kind: Kind, outcome: Outcome, next: Option<&str>) {
        let Outcome { output, assigned } = outcome;
        let details = history::exited(&strand.state, &output, assigned.as_ref());
        self.follow(&mut strand, format!("{}StateExited", kind.word()), details);
        strand.assign(assigned);
        match next {
            Some(next) => {
                strand.state = next.to_owned();
                strand.input = output;
                strand.doing = Doing::Entering;
                self.runs(strand);
            }
            None if strand.up.is_some() => self.inner_done(strand, output),
            None => self.succeeds_with(&output, strand.previous),
        }
    }
}
