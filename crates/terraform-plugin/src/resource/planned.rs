//! A plan, as a resource's verbs see it.

use std::sync::Arc;

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    diagnostic::{Diagnostics, Outcome},
    identity,
    path::Path,
    private::{self, Private},
    shape::Shape,
    value::{Refinement, Value},
};

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
    /// Of the first plan, while the second one is made.
    pub(super) planned_private: Private,
    /// Null where there is none.
    pub(super) identity: Value,
    pub(super) shape: Arc<Shape>,
}

impl<M> Plan<M> {
    /// The configuration, with its write-only values. Where the resource is destroyed there is none, and this
    /// is the prior state.
    ///
    /// In an apply it is as it is written: what the user has told core to ignore (`ignore_changes`) is as in the state in
    /// [`planned`](Self::planned) alone. So apply what is planned, and take from here only what no plan has, the write-only
    /// values; and those only where the plan has what tells that they have changed, such as their version.
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
    /// returned: a changed value that the configuration sets, a state for what is destroyed. Values of write-only
    /// attributes are left out by themselves.
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
        private::set(&mut self.private, key, value);
    }

    /// What the first plan left under that key, while the second one is made at the start of an apply. Only hosts
    /// that say so send it ([`Cx::planned_private_stored`](crate::Cx::planned_private_stored)); for all others, both
    /// plans have to come out the same from the same inputs.
    pub fn planned_private(&self, key: &str) -> Option<serde_json::Value> {
        self.planned_private.get(key).cloned()
    }

    /// The planned identity, which at first is the prior one; none for what is created.
    ///
    /// # Errors
    /// The struct does not fit the identity schema. What is created may have unknown attributes in its identity,
    /// which only an [`Attr`](crate::Attr) can hold.
    pub fn identity<I: DeserializeOwned>(&self) -> Result<Option<I>, Diagnostics> {
        if identity::is_missing(&self.identity) {
            return Ok(None);
        }
        identity::decode(self.shape.name, &self.identity).map(Some)
    }

    /// Plans the identity. It may have unknown attributes only where the resource is created or replaced, and may
    /// differ from the prior one only there or where its schema is
    /// [`mutable`](crate::IdentitySchema::mutable). Nobody has to: what is created need not have one before it is.
    ///
    /// # Errors
    /// The identity does not fit its schema, or there is none.
    pub fn set_identity(&mut self, identity: &impl Serialize) -> Outcome {
        self.identity = self.shape.encode_identity(identity)?;
        Ok(())
    }
}
