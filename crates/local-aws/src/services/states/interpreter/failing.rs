//! What becomes of a state that fails: it is tried again, caught, or takes what is around it with it.

use std::sync::Arc;
use std::time::Duration;

use super::Run;
use super::strand::{Doing, Strand};
use crate::services::states::definition::Kind;
use crate::services::states::{Failure, handlers, history};

impl Run<'_> {
    pub(super) fn fail(&mut self, mut strand: Strand, failure: Failure) {
        let machine = Arc::clone(&self.definition);
        let definition = Self::definition_in(&machine, &strand);
        let is_evaluation = failure.is_evaluation();
        let field = failure.field().map(str::to_owned);
        let failure = failure.in_state(&strand.state, strand.entered);
        if is_evaluation {
            // Recorded: the event follows the one before the state, while nothing has happened in it; of a Wait state it
            // follows its entry.
            if strand.previous == strand.entered && definition.kind != Kind::Wait {
                strand.previous = strand.before;
            }
            let details = history::evaluation_failed(&strand.state, &failure, field.as_deref());
            self.follow(&mut strand, "EvaluationFailed", details);
        }
        if let Some((index, retrier)) = handlers::first(definition.state, "Retry", &failure.error) {
            if strand.retries.len() <= index {
                strand.retries.resize(index + 1, 0);
            }
            let tried = strand.retries[index];
            if handlers::tries_again(retrier, tried) {
                strand.retries[index] += 1;
                let seconds = handlers::jittered(retrier, handlers::pause(retrier, tried));
                let pause = Duration::try_from_secs_f64(seconds).unwrap_or_default();
                return self.pause(strand, pause, Doing::Pausing);
            }
        }
        let has_fanned_out = matches!(strand.doing, Doing::FannedOut(_));
        if matches!(definition.kind, Kind::Map | Kind::Parallel) && (is_evaluation || has_fanned_out) {
            self.follow(
                &mut strand,
                format!("{}StateFailed", definition.kind.word()),
                None,
            );
        }
        let Some((_, catcher)) = handlers::first(definition.state, "Catch", &failure.error) else {
            return self.give_up(strand, definition.kind, failure);
        };
        let context = self.context(&strand, definition.kind);
        let scope = strand.scope(definition.jsonata, &context);
        let caught = definition.caught(catcher, &scope, &failure);
        match caught.and_then(|outcome| self.admitted(&strand, outcome)) {
            Ok(outcome) => self.leave(strand, definition.kind, outcome, catcher["Next"].as_str()),
            Err(failure) => {
                let failure = failure.in_state(&strand.state, strand.entered);
                self.give_up(strand, definition.kind, failure);
            }
        }
    }

    /// Lets an error end the strand.
    fn give_up(&mut self, strand: Strand, kind: Kind, failure: Failure) {
        if strand.up.is_none() {
            return self.fails_with(&failure, strand.previous);
        }
        if kind.is_task() {
            self.beside(&strand, "TaskStateAborted", None);
        }
        self.inner_failed(strand, failure);
    }
}
