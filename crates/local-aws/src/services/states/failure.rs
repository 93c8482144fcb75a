//! The error of a state: its name and cause, and where it arose.

use serde_json::{Value, json};

/// Where an error arose, which tells how AWS words it.
#[derive(Clone, Debug, PartialEq)]
enum Origin {
    /// The work of the state: a call, a branch, a Fail state.
    Work,
    /// The state itself. The cause then begins with the name of the state.
    State,
    /// A JSONata expression, in this field.
    Expression(Option<String>),
    /// The size of what is assigned. Its cause names the state itself.
    Assigned,
}

/// A state's error and its cause; an empty text stands for none.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Failure {
    pub(crate) error: String,
    pub(crate) cause: String,
    origin: Origin,
}

impl Failure {
    /// An error of what the state works on.
    pub(super) fn new(error: impl Into<String>, cause: impl Into<String>) -> Self {
        Self {
            error: error.into(),
            cause: cause.into(),
            origin: Origin::Work,
        }
    }

    /// An error of the state itself.
    pub(super) fn of_state(error: impl Into<String>, cause: impl Into<String>) -> Self {
        Self {
            origin: Origin::State,
            ..Self::new(error, cause)
        }
    }

    pub(super) fn runtime(cause: impl Into<String>) -> Self {
        Self::of_state("States.Runtime", cause)
    }

    /// An error of the expression in a field.
    pub(super) fn evaluation(cause: impl Into<String>, field: Option<&str>) -> Self {
        Self {
            origin: Origin::Expression(field.map(str::to_owned)),
            ..Self::new("States.QueryEvaluationError", cause)
        }
    }

    /// An error of the size of what a state assigns.
    pub(super) fn of_variables(cause: impl Into<String>) -> Self {
        Self {
            origin: Origin::Assigned,
            ..Self::new("States.DataLimitExceeded", cause)
        }
    }

    pub(super) fn socket(cause: impl Into<String>) -> Self {
        Self::new("States.Http.Socket", cause)
    }

    pub(super) fn timeout() -> Self {
        Self::new("States.Timeout", "")
    }

    /// A result that weighs too much, of a state or task of this name.
    pub(super) fn too_large(name: &str) -> Self {
        let cause = format!(
            "The state/task '{name}' returned a result with a size exceeding the maximum number of bytes \
             service limit."
        );
        Self::new("States.DataLimitExceeded", cause)
    }

    /// The same error as an execution tells it: with the state that it arose in.
    pub(super) fn in_state(self, name: &str, entered: u64) -> Self {
        if matches!(self.origin, Origin::Work | Origin::Assigned) {
            return self;
        }
        let cause = format!(
            "An error occurred while executing the state '{name}' (entered at the event id #{entered}). {}",
            self.cause
        );
        Self {
            cause,
            origin: Origin::Work,
            ..self
        }
    }

    /// Whether an expression failed, or what came of it was too large to be assigned.
    pub(super) fn is_evaluation(&self) -> bool {
        matches!(self.origin, Origin::Expression(_) | Origin::Assigned)
    }

    /// The field of the expression that failed.
    pub(super) fn field(&self) -> Option<&str> {
        match &self.origin {
            Origin::Expression(field) => field.as_deref(),
            Origin::Assigned => Some("Assign"),
            Origin::Work | Origin::State => None,
        }
    }

    /// What a catcher gets.
    pub(super) fn output(&self) -> Value {
        json!({ "Error": self.error, "Cause": self.cause })
    }
}
