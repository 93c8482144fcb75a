//! What an attribute does to its own plan.

use std::{fmt, sync::Arc};

use crate::{
    diagnostic::{Diagnostic, Diagnostics, Outcome},
    path::Path,
    private::{self, Private},
    value::{Refinement, Value},
};

/// The change of one attribute, as [`Attribute::replace_if`](super::Attribute::replace_if) sees it.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    pub(crate) path: &'a Path,
    pub(crate) config: &'a Value,
    pub(crate) prior: &'a Value,
    pub(crate) planned: &'a Value,
}

impl<'a> Change<'a> {
    /// Where the attribute is; within a set, the set's path.
    pub fn path(&self) -> &'a Path {
        self.path
    }

    /// What the configuration has.
    pub fn config(&self) -> &'a Value {
        self.config
    }

    /// What the state has.
    pub fn prior(&self) -> &'a Value {
        self.prior
    }

    /// What is planned, and differs from the state's value. May be unknown.
    pub fn planned(&self) -> &'a Value {
        self.planned
    }
}

#[derive(Clone)]
pub(crate) enum Replace {
    Always,
    IfConfigured,
    When(Arc<dyn Fn(&Change<'_>) -> bool + Send + Sync>),
}

impl Replace {
    pub(super) fn when(condition: impl Fn(&Change<'_>) -> bool + Send + Sync + 'static) -> Self {
        Self::When(Arc::new(condition))
    }

    pub(crate) fn holds(&self, change: &Change<'_>) -> bool {
        match self {
            Self::Always => true,
            Self::IfConfigured => !change.config.is_null(),
            Self::When(condition) => condition(change),
        }
    }
}

impl fmt::Debug for Replace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Always => "Always",
            Self::IfConfigured => "IfConfigured",
            Self::When(_) => "When(…)",
        })
    }
}

#[derive(Clone)]
pub(crate) enum Modifier {
    KeepPrior,
    KeepPriorUnlessNull,
    Custom(Arc<dyn Fn(&mut AttributePlan<'_>) -> Outcome + Send + Sync>),
}

impl Modifier {
    pub(super) fn custom(modify: impl Fn(&mut AttributePlan<'_>) -> Outcome + Send + Sync + 'static) -> Self {
        Self::Custom(Arc::new(modify))
    }

    pub(crate) fn apply(&self, plan: &mut AttributePlan<'_>) -> Outcome {
        match self {
            Self::Custom(modify) => modify(plan),
            Self::KeepPrior => {
                plan.keep_prior(true);
                Ok(())
            }
            Self::KeepPriorUnlessNull => {
                plan.keep_prior(false);
                Ok(())
            }
        }
    }
}

impl fmt::Debug for Modifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::KeepPrior => "KeepPrior",
            Self::KeepPriorUnlessNull => "KeepPriorUnlessNull",
            Self::Custom(_) => "Custom(…)",
        })
    }
}

/// What a plan is about as a whole, and what comes of its modifiers.
#[derive(Debug)]
pub(crate) struct Whole {
    pub(crate) config: Value,
    pub(crate) prior: Value,
    /// As it was before the first modifier.
    pub(crate) planned: Value,
    pub(crate) private: Private,
    pub(crate) requires_replace: Vec<Path>,
    pub(crate) warnings: Diagnostics,
}

/// The plan of one attribute, as [`Attribute::plan`](super::Attribute::plan) sees and changes it.
#[derive(Debug)]
pub struct AttributePlan<'a> {
    pub(crate) whole: &'a mut Whole,
    pub(crate) path: &'a Path,
    pub(crate) config: &'a Value,
    pub(crate) prior: &'a Value,
    /// Whether the object that holds the attribute was there before.
    pub(crate) has_prior: bool,
    pub(crate) planned: Value,
}

impl AttributePlan<'_> {
    fn keep_prior(&mut self, null_too: bool) {
        let open = self.planned.is_unknown() && !self.config.is_unknown();
        if open && self.has_prior && (null_too || !self.prior.is_null()) {
            self.planned = self.prior.clone();
        }
    }

    /// Where the attribute is; within a set, the set's path.
    pub fn path(&self) -> &Path {
        self.path
    }

    /// What the configuration has.
    pub fn config(&self) -> &Value {
        self.config
    }

    /// What the state has; null also where the resource is created.
    pub fn prior(&self) -> &Value {
        self.prior
    }

    /// What is planned so far: unknown where the attribute is computed, the configuration leaves it open and
    /// anything in the resource changes.
    pub fn planned(&self) -> &Value {
        &self.planned
    }

    /// Plans this value. What an attribute cannot be planned as is reported once the plan is made.
    pub fn set(&mut self, value: impl Into<Value>) {
        self.planned = value.into();
    }

    /// Promises what is known about the value, if it is planned as unknown: apply is held to it.
    pub fn refine(&mut self, refinement: Refinement) {
        if self.planned.is_unknown() {
            self.planned = Value::Unknown((!refinement.is_empty()).then(|| Box::new(refinement)));
        }
    }

    /// Whether the resource is to be created.
    pub fn is_create(&self) -> bool {
        self.whole.prior.is_null()
    }

    /// Has the resource replaced, if the planned value differs from the prior one.
    pub fn require_replace(&mut self) {
        self.whole.requires_replace.push(self.path.clone());
    }

    /// Something else in the configuration.
    pub fn config_at(&self, path: &Path) -> Option<&Value> {
        self.whole.config.get(path)
    }

    /// Something else in the state.
    pub fn prior_at(&self, path: &Path) -> Option<&Value> {
        self.whole.prior.get(path)
    }

    /// Something else in the plan, as it was before any attribute changed its own.
    pub fn planned_at(&self, path: &Path) -> Option<&Value> {
        self.whole.planned.get(path)
    }

    /// Private data of that key: the prior ones and what was set since.
    pub fn private(&self, key: &str) -> Option<&serde_json::Value> {
        self.whole.private.get(key)
    }

    /// Leaves private data for the rest of the plan and the apply. Null removes the key.
    pub fn set_private(&mut self, key: &str, value: serde_json::Value) {
        private::set(&mut self.whole.private, key, value);
    }

    /// Tells the user something without failing.
    pub fn warn(&mut self, warning: Diagnostic) {
        let warning = Diagnostic {
            severity: crate::Severity::Warning,
            ..warning
        };
        self.whole.warnings.push(warning);
    }
}
