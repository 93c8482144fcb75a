//! What can end a run.

use crate::component::Failure;
use crate::record::{Id, Slot, Step};
use crate::timeline::Timeline;

/// What was being done to an object when its component failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Searching for what is ours.
    Find,
    /// Reading one object.
    Observe,
    /// Making it.
    Create,
    /// Changing it.
    Update,
    /// Removing it.
    Delete,
}

impl Action {
    fn infinitive(self) -> &'static str {
        match self {
            Self::Find => "search for",
            Self::Observe => "read",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "remove",
        }
    }
}

/// What ended a run. Whatever it was, what stands is recorded, and the next run goes on from there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error<E: Failure> {
    /// A call failed.
    #[error("could not {} {what}: {source}", action.infinitive())]
    Component {
        /// The slot; for searches and removals the kind's.
        slot: Slot,
        /// The object in words: `resource gateway rgw-1`.
        what: String,
        /// What was being done.
        action: Action,
        /// The component's error.
        source: E,
    },
    /// An object came to a state from which it does not recover by itself. It is recorded.
    #[error("{what} failed: {reason}")]
    Failed {
        /// The slot.
        slot: Slot,
        /// Its id.
        id: Id,
        /// The object in words.
        what: String,
        /// The service's reason.
        reason: String,
    },
    /// An object was there and vanished while it was waited for.
    #[error("{what} has vanished while it was waited for")]
    Vanished {
        /// The slot.
        slot: Slot,
        /// Its id.
        id: Id,
        /// The object in words.
        what: String,
    },
    /// The time for the run is over.
    #[error("timed out while waiting for {what}: {last}\n{timeline}")]
    Timeout {
        /// The slot.
        slot: Slot,
        /// The object in words.
        what: String,
        /// The last state seen, or what still holds on.
        last: String,
        /// What was done and how long it took.
        timeline: Timeline,
    },
    /// The run was asked to stop. Nothing was begun after that.
    #[error("interrupted before it was finished")]
    Interrupted,
    /// What would have to be done is more than what was planned. Nothing was changed.
    #[error("changed since the plan; plan again. Not in the plan: {}", list(extra))]
    ChangedSincePlan {
        /// The steps that the plan does not allow.
        extra: Vec<Step>,
    },
    /// An object that is recorded must not be touched.
    #[error("{what} is left alone: {reason}")]
    Refused {
        /// The slot; for removals the kind's.
        slot: Slot,
        /// Its id.
        id: Id,
        /// The object in words.
        what: String,
        /// Why.
        reason: String,
    },
}

fn list(steps: &[Step]) -> String {
    steps.iter().map(Step::to_string).collect::<Vec<_>>().join(", ")
}
