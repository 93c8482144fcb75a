//! Life cycles as tables: which state an object leaves by itself for which, after what time, what comes with it, and
//! what a fault rule may put in its place.

use std::time::Duration;

use crate::core::agenda::{Due, Subject};
use crate::core::change::Change;
use crate::core::faults::{Course, Passage};
use crate::core::world::World;

/// The states of a type of object.
pub(crate) trait Status: Copy + PartialEq + Sync + 'static {
    /// In the service's own words.
    fn as_str(self) -> &'static str;
}

/// One line of a table.
pub(crate) struct Step<S: 'static> {
    /// What it is called on the agenda.
    pub(crate) due: &'static str,
    /// The states that it leads out of.
    pub(crate) from: &'static [S],
    /// The state that it leads to; `None` where the object is gone by it.
    pub(crate) to: Option<S>,
    /// The states that it may lead to instead.
    pub(crate) on_failure: &'static [S],
    pub(crate) after: fn(&World, &Subject) -> Duration,
    pub(crate) effect: fn(&mut World, &Subject, Reached<S>),
}

/// The end of a step.
pub(crate) struct Reached<S> {
    /// `None`: the object is gone.
    pub(crate) state: Option<S>,
    pub(crate) failed: bool,
    /// Why it failed.
    pub(crate) reason: Option<String>,
}

impl<S> Reached<S> {
    /// The good end.
    pub(crate) fn well(state: S) -> Self {
        Self {
            state: Some(state),
            failed: false,
            reason: None,
        }
    }
}

/// An object as a life cycle sees it.
pub(crate) struct Seen<S> {
    pub(crate) state: S,
    pub(crate) id: String,
    pub(crate) name: String,
}

/// The life of a type of object.
pub(crate) struct LifeCycle<S: 'static> {
    /// The service's signing name.
    pub(crate) service: &'static str,
    /// The type, as the control API lists it.
    pub(crate) kind: &'static str,
    pub(crate) steps: &'static [Step<S>],
    /// The object; `None` for one that is gone or went another way in the meantime.
    pub(crate) look: fn(&World, &Subject) -> Option<Seen<S>>,
}

impl<S: Status> LifeCycle<S> {
    fn step(&self, due: &str, state: S) -> Option<&'static Step<S>> {
        let mut steps = self.steps.iter();
        steps.find(|step| step.due == due && step.from.contains(&state))
    }

    /// Puts the step of this name on the agenda that leads out of the object's state.
    pub(crate) fn begin(&self, world: &mut World, due: &str, subject: impl Into<Subject>) {
        let subject = subject.into();
        let Some(seen) = (self.look)(world, &subject) else {
            return;
        };
        if let Some(step) = self.step(due, seen.state) {
            let after = (step.after)(world, &subject);
            world.schedule(after, Due::new(step.due, subject));
        }
    }
}

impl<S: Status> Change for LifeCycle<S> {
    fn service(&self) -> &'static str {
        self.service
    }

    fn kind(&self) -> Option<&'static str> {
        Some(self.kind)
    }

    fn dues(&self) -> Vec<&'static str> {
        self.steps.iter().map(|step| step.due).collect()
    }

    fn passing(&self) -> Vec<&'static str> {
        distinct(self.steps.iter().flat_map(|step| step.from))
    }

    fn failures(&self) -> Vec<&'static str> {
        distinct(self.steps.iter().flat_map(|step| step.on_failure))
    }

    fn happen(&self, world: &mut World, due: Due) -> Option<Due> {
        let seen = (self.look)(world, &due.subject)?;
        let step = self.step(due.name, seen.state)?;
        let course = world.faults.course(&Passage {
            service: self.service,
            kind: self.kind,
            id: &seen.id,
            name: &seen.name,
            from: seen.state.as_str(),
            failures: &distinct(step.on_failure.iter()),
        });
        let reached = match course {
            Course::Stuck => return Some(due),
            Course::Proceed => Reached {
                state: step.to,
                failed: false,
                reason: None,
            },
            Course::Becomes { state, reason } => {
                let mut failures = step.on_failure.iter();
                Reached {
                    state: failures.find(|failure| failure.as_str() == state).copied(),
                    failed: true,
                    reason,
                }
            }
        };
        (step.effect)(world, &due.subject, reached);
        None
    }
}

/// The words of some states, each once.
fn distinct<'s, S: Status>(states: impl Iterator<Item = &'s S>) -> Vec<&'static str> {
    let mut words = Vec::new();
    for word in states.map(|state| state.as_str()) {
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words
}
