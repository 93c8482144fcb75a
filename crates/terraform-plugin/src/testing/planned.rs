//! A plan, as the user would see it.

use crate::{diagnostic::Diagnostics, path::Path, value::Value};

/// What a plan does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Nothing.
    NoOp,
    /// Makes what is not there.
    Create,
    /// Changes what is there.
    Update,
    /// Destroys what is there and creates it anew.
    Replace,
    /// Destroys what is there.
    Delete,
}

/// A plan.
#[derive(Clone, Debug)]
pub struct Planned {
    pub(super) action: Action,
    /// The state that the plan starts from, refreshed.
    pub(super) prior: Value,
    pub(super) prior_private: Vec<u8>,
    pub(super) planned: Value,
    pub(super) private: Vec<u8>,
    pub(super) replace_because: Vec<Path>,
    pub(super) warnings: Diagnostics,
}

impl Planned {
    /// What the plan does.
    pub fn action(&self) -> Action {
        self.action
    }

    /// Whether there is nothing to do.
    pub fn is_no_op(&self) -> bool {
        self.action == Action::NoOp
    }

    /// Whether it creates.
    pub fn is_create(&self) -> bool {
        self.action == Action::Create
    }

    /// Whether it changes in place.
    pub fn is_update(&self) -> bool {
        self.action == Action::Update
    }

    /// Whether it destroys and creates anew.
    pub fn is_replace(&self) -> bool {
        self.action == Action::Replace
    }

    /// Whether it destroys.
    pub fn is_delete(&self) -> bool {
        self.action == Action::Delete
    }

    /// The state before, refreshed; null where there is none.
    pub fn prior(&self) -> &Value {
        &self.prior
    }

    /// The planned state; null where the resource is destroyed.
    pub fn planned(&self) -> &Value {
        &self.planned
    }

    /// The planned value at `path`, if all that leads there is known.
    pub fn get(&self, path: &Path) -> Option<&Value> {
        self.planned.get(path)
    }

    /// Whether the value at `path` is known in the plan (null counts as known).
    pub fn is_known(&self, path: &Path) -> bool {
        self.get(path).is_some_and(|value| !value.is_unknown())
    }

    /// Whether the value at `path` is "known after apply".
    pub fn is_unknown(&self, path: &Path) -> bool {
        self.get(path).is_some_and(Value::is_unknown)
    }

    /// The attributes that require the replacement.
    pub fn replace_because(&self) -> &[Path] {
        &self.replace_because
    }

    /// The warnings of all that led to the plan and, once it was applied, of the apply.
    pub fn warnings(&self) -> &Diagnostics {
        &self.warnings
    }
}
