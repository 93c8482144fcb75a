//! A plan, as the user would see it.

use super::object::Object;
use crate::{call::Deferral, diagnostic::Diagnostics, path::Path, value::Value};

/// The options of a plan. By default it refreshes first, and replaces only what has to be.
///
/// ```
/// use terraform_plugin::testing::Planning;
/// let options = Planning::default().without_refresh().replacing();
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Planning {
    pub(super) refresh: bool,
    pub(super) replace: bool,
}

impl Default for Planning {
    fn default() -> Self {
        Self {
            refresh: true,
            replace: false,
        }
    }
}

impl Planning {
    /// Plans from the state as it is stored (`-refresh=false`).
    #[must_use]
    pub fn without_refresh(mut self) -> Self {
        self.refresh = false;
        self
    }

    /// Replaces the resource, whatever the provider says (`-replace`).
    #[must_use]
    pub fn replacing(mut self) -> Self {
        self.replace = true;
        self
    }
}

/// A former object that is to be destroyed.
#[derive(Clone, Debug)]
pub(super) struct Deposed {
    pub(super) object: Object,
    pub(super) private: Vec<u8>,
    pub(super) identity: Value,
}

/// What a plan does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
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
    pub(super) prior: Object,
    pub(super) planned: Value,
    pub(super) private: Vec<u8>,
    pub(super) identity: Value,
    pub(super) replace_because: Vec<Path>,
    pub(super) deferred: Option<Deferral>,
    pub(super) deposed: Vec<Deposed>,
    pub(super) warnings: Diagnostics,
}

impl Planned {
    /// A plan for what is not there and is not to be.
    pub(super) fn nothing() -> Self {
        Self {
            action: Action::NoOp,
            prior: Object::NONE,
            planned: Value::Null,
            private: Vec::new(),
            identity: Value::Null,
            replace_because: Vec::new(),
            deferred: None,
            deposed: Vec::new(),
            warnings: Diagnostics::new(),
        }
    }

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
        &self.prior.state
    }

    /// The planned identity; `None` where there is none.
    pub fn identity(&self) -> Option<&Value> {
        (!self.identity.is_null()).then_some(&self.identity)
    }

    /// Why the provider put the plan off, if it did. Applying it changes nothing then.
    pub fn deferred(&self) -> Option<Deferral> {
        self.deferred
    }

    /// How many former objects it destroys that an earlier replacement left behind.
    pub fn deposed(&self) -> usize {
        self.deposed.len()
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
