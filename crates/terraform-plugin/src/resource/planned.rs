//! A plan, as a resource's verbs see it.

use super::{Private, record::set_private};
use crate::{path::Path, value::Refinement};

/// What is to become of a resource: what it was, what the configuration asks for, and what is planned.
///
/// While the plan is made ([`Resource::plan`](crate::Resource::plan)) it can be completed; while it is
/// applied it says what was planned.
#[derive(Debug)]
pub struct Plan<M> {
    pub(super) config: Option<M>,
    pub(super) prior: Option<M>,
    /// `None` is a destroy.
    pub(super) planned: Option<M>,
    pub(super) replaced_model: bool,
    pub(super) requires_replace: Vec<Path>,
    pub(super) refinements: Vec<(Path, Refinement)>,
    pub(super) private: Private,
}

impl<M> Plan<M> {
    /// The configuration, with its write-only values. Where the resource is destroyed there is none, and this
    /// is the prior state.
    pub fn config(&self) -> &M {
        self.first([&self.config, &self.prior, &self.planned])
    }

    /// The state before, unless the resource is created.
    pub fn prior(&self) -> Option<&M> {
        self.prior.as_ref()
    }

    /// The planned state; where the resource is destroyed, the prior one.
    pub fn planned(&self) -> &M {
        self.first([&self.planned, &self.prior, &self.config])
    }

    /// The first that is there. A plan always has a configuration and a planned state, or a prior one: what
    /// has none of them is answered before a plan is made.
    fn first<'a>(&'a self, models: [&'a Option<M>; 3]) -> &'a M {
        models.into_iter().flatten().next().expect("a plan of something")
    }

    /// Replaces the planned state. What a resource cannot plan as such is reported once [`Resource::plan`]
    /// returned: a changed value that the configuration sets, a write-only value, a state for what is
    /// destroyed.
    ///
    /// [`Resource::plan`]: crate::Resource::plan
    pub fn set(&mut self, model: M) {
        self.replaced_model = true;
        self.planned = Some(model);
    }

    /// Has the resource replaced, if the planned value at `path` differs from the prior one.
    pub fn require_replace(&mut self, path: Path) {
        self.requires_replace.push(path);
    }

    /// Promises what is known about a value that is planned as unknown: other resources can plan with that, and apply
    /// is held to it. Where the value turns out to be planned as known, nothing is promised.
    ///
    /// ```no_run
    /// # use terraform_plugin::{Plan, Refinement, path};
    /// # fn example(plan: &mut Plan<()>) {
    /// plan.refine(path!("arn"), Refinement::default().prefix("arn:aws:vpc-lattice:"));
    /// # }
    /// ```
    pub fn refine(&mut self, path: Path, refinement: Refinement) {
        self.refinements.push((path, refinement));
    }

    /// Whether the resource is to be created (also as the second half of a replacement).
    pub fn is_create(&self) -> bool {
        self.prior.is_none()
    }

    /// Whether the resource is to be changed in place, or left as it is.
    pub fn is_update(&self) -> bool {
        self.prior.is_some() && !self.is_destroy()
    }

    /// Whether the resource is to be destroyed (also as the first half of a replacement).
    pub fn is_destroy(&self) -> bool {
        self.config.is_none()
    }

    /// Private data of that key. While planning: the prior ones and what was set since; in apply: what the
    /// plan left.
    pub fn private(&self, key: &str) -> Option<serde_json::Value> {
        self.private.get(key).cloned()
    }

    /// Leaves private data for the apply and, unless apply changes them, for the state. Null removes the key.
    pub fn set_private(&mut self, key: &str, value: serde_json::Value) {
        set_private(&mut self.private, key, value);
    }
}
