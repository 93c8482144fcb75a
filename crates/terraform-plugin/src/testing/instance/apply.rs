//! The applying half of core's walk.

use std::{future::Future, pin::Pin};

use super::Instance;
use crate::{
    diagnostic::{Diagnostic, Diagnostics, Outcome},
    path::Path,
    plan,
    testing::{
        Action, Planned, Planning,
        calls::{Applied, Step},
        config,
        object::Object,
        planned::Deposed,
    },
    value::Value,
};

/// When the provider is killed.
type Kill<'a> = Option<Pin<Box<dyn Future<Output = ()> + Send + 'a>>>;

impl Instance {
    /// Plans and applies.
    ///
    /// # Errors
    /// As [`plan`](Self::plan) and [`apply_plan`](Self::apply_plan).
    pub async fn apply(&mut self, config: Value) -> Result<Planned, Diagnostics> {
        let planned = self.plan(config.clone()).await?;
        self.apply_plan(planned, config).await
    }

    /// Applies a plan, which may have been saved for a while. `config` is the one that was planned, with all values
    /// known that were not then; for a destroy it does not matter. What was deferred is left as it is.
    ///
    /// # Errors
    /// What the provider says, a plan that comes out otherwise the second time, and answers that core would
    /// reject. The state is then what the provider recorded; after a failed create it is tainted.
    pub async fn apply_plan(&mut self, planned: Planned, config: Value) -> Result<Planned, Diagnostics> {
        self.walk(planned, config, None).await
    }

    /// Applies a plan, and kills the provider when `when` comes: core gets no answer then, goes back to the state
    /// before, and loses private data and identity. The provider's code runs on to its end, as it does after a call
    /// that was dropped.
    ///
    /// # Errors
    /// As [`apply_plan`](Self::apply_plan), and that the provider did not respond.
    pub async fn apply_plan_killed(
        &mut self,
        planned: Planned,
        config: Value,
        when: impl Future<Output = ()> + Send,
    ) -> Result<Planned, Diagnostics> {
        self.walk(planned, config, Some(Box::pin(when))).await
    }

    /// Refreshes, plans the destruction and destroys; what a replacement left behind, too.
    ///
    /// # Errors
    /// As [`plan_destroy`](Self::plan_destroy) and [`apply_plan`](Self::apply_plan).
    pub async fn destroy(&mut self) -> Result<Diagnostics, Diagnostics> {
        self.destroy_with(Planning::default()).await
    }

    /// The same with the options of `terraform destroy`.
    ///
    /// # Errors
    /// As [`destroy`](Self::destroy).
    pub async fn destroy_with(&mut self, options: Planning) -> Result<Diagnostics, Diagnostics> {
        let planned = self.plan_destroy_with(options).await?;
        Ok(self.walk(planned, Value::Null, None).await?.warnings)
    }

    async fn walk(
        &mut self,
        planned: Planned,
        config: Value,
        mut kill: Kill<'_>,
    ) -> Result<Planned, Diagnostics> {
        let mut warnings = planned.warnings.clone();
        self.current = planned.prior.clone();
        self.deposed = planned
            .deposed
            .iter()
            .map(|deposed| deposed.object.clone())
            .collect();
        let mut applied = planned.planned.clone();
        if planned.deferred.is_none() {
            match planned.action {
                Action::NoOp => {}
                Action::Delete => {
                    warnings.extend(
                        self.change(&Value::Null, destruction(&planned), &mut kill)
                            .await?,
                    );
                    self.config = None;
                }
                Action::Create | Action::Update => {
                    applied = self.make(&planned, config, &mut kill, &mut warnings).await?;
                }
                Action::Replace => {
                    applied = self.replace(&planned, config, &mut kill, &mut warnings).await?;
                }
            }
        }
        self.destroy_deposed(&planned.deposed, &mut warnings).await?;
        Ok(Planned {
            planned: applied,
            warnings,
            ..planned
        })
    }

    async fn replace(
        &mut self,
        planned: &Planned,
        config: Value,
        kill: &mut Kill<'_>,
        warnings: &mut Diagnostics,
    ) -> Result<Value, Diagnostics> {
        // The destruction is not planned by itself: it gets the plan's private data, and no identity (core: Simplify).
        let old = Step {
            identity: Value::Null,
            ..destruction(planned)
        };
        if !self.create_before_destroy {
            warnings.extend(self.change(&Value::Null, old, kill).await?);
            return self.make(planned, config, kill, warnings).await;
        }
        let former = std::mem::replace(&mut self.current, Object::NONE);
        match self.make(planned, config, kill, warnings).await {
            Ok(applied) => {
                let deposed = Deposed {
                    object: former,
                    private: old.private,
                    identity: old.identity,
                };
                self.deposed.push(deposed.object.clone());
                self.destroy_deposed(&[deposed], warnings).await?;
                Ok(applied)
            }
            // A create that left nothing brings the former object back; one that left something deposes it.
            Err(found) => {
                if self.current.is_none() {
                    self.current = former;
                } else {
                    self.deposed.push(former);
                }
                Err(found)
            }
        }
    }

    /// Plans again with all values known, and creates or updates.
    async fn make(
        &mut self,
        planned: &Planned,
        config: Value,
        kill: &mut Kill<'_>,
        warnings: &mut Diagnostics,
    ) -> Result<Value, Diagnostics> {
        let config = config::complete(&self.calls.shape.schema, config)?;
        warnings.extend(self.calls.validate(&config).await?);
        let prior = match planned.action {
            Action::Update => planned.prior.clone(),
            _ => Object::NONE,
        };
        let seen = self.planned_config(&config, &prior);
        let again = self.calls.plan(&prior, &seen, Some(&planned.private)).await?;
        if again.deferred.is_some() {
            let detail = "It was deferred at apply, and not in the plan.";
            return Err(Diagnostic::error("Invalid deferral", detail).into());
        }
        warnings.extend(again.warnings.clone());
        self.consistent(planned, &again.planned, &again.requires_replace)?;
        self.config = Some(config.clone());
        let applied = again.planned.clone();
        // An update that has come to nothing is not applied.
        if again.planned != prior.state {
            warnings.extend(self.change(&config, again, kill).await?);
        }
        Ok(applied)
    }

    /// The second plan has to do what the first one said.
    fn consistent(&self, first: &Planned, again: &Value, requires_replace: &[Path]) -> Outcome {
        let became_unknown = again.unknown_paths().into_iter().filter(|path| {
            let within_unknown = (0..=path.steps().len())
                .map(|length| path.steps()[..length].iter().cloned().collect::<Path>())
                .any(|outer| first.planned.get(&outer).is_some_and(Value::is_unknown));
            let in_set = matches!(first.planned.get(path), Some(Value::Set(_)));
            !within_unknown && !in_set
        });
        let became_unknown =
            became_unknown.map(|path| self.inconsistent(path, "was known in the plan, and is not now"));
        let changed = plan::assert_compatible(&first.planned, again)
            .into_iter()
            .map(|broken| self.inconsistent(broken.path, broken.rule));
        let replaced = requires_replace
            .iter()
            .filter(|_| first.action == Action::Update)
            .map(|path| self.inconsistent(path.clone(), "requires replacement, which was not planned"));
        became_unknown
            .chain(changed)
            .chain(replaced)
            .collect::<Diagnostics>()
            .into_outcome()
    }

    /// One ApplyResourceChange on the current object. Keeps what it answers.
    async fn change(
        &mut self,
        config: &Value,
        step: Step,
        kill: &mut Kill<'_>,
    ) -> Result<Diagnostics, Diagnostics> {
        let Some(applied) = self.answered(&self.current, config, &step, kill).await else {
            self.current = self.current.after_kill();
            let detail = "The provider was killed while it applied.";
            return Err(Diagnostic::error("Plugin did not respond", detail).into());
        };
        let Applied { object, outcome } = applied?;
        self.current = object;
        outcome
    }

    /// The answer, unless the provider is killed before it comes.
    async fn answered(
        &self,
        prior: &Object,
        config: &Value,
        step: &Step,
        kill: &mut Kill<'_>,
    ) -> Option<Result<Applied, Diagnostics>> {
        let call = self.calls.apply(prior, config, step);
        match kill {
            None => Some(call.await),
            Some(when) => tokio::select! {
                biased;
                () = when => None,
                applied = call => Some(applied),
            },
        }
    }

    async fn destroy_deposed(&mut self, all: &[Deposed], warnings: &mut Diagnostics) -> Outcome {
        let mut found = Diagnostics::new();
        for deposed in all {
            let step = Step {
                planned: Value::Null,
                private: deposed.private.clone(),
                identity: deposed.identity.clone(),
                requires_replace: Vec::new(),
                deferred: None,
                warnings: Diagnostics::new(),
            };
            let applied = self.calls.apply(&deposed.object, &Value::Null, &step).await?;
            let place = self
                .deposed
                .iter()
                .position(|object| object.state == deposed.object.state);
            if let Some(place) = place {
                self.deposed.remove(place);
            }
            if !applied.object.is_none() {
                self.deposed.push(applied.object);
            }
            match applied.outcome {
                Ok(more) => warnings.extend(more),
                Err(errors) => found.extend(errors),
            }
        }
        found.into_outcome()
    }

    fn inconsistent(&self, path: Path, rule: impl std::fmt::Display) -> Diagnostic {
        let detail = format!("{}, {path}: {rule}", self.calls.shape.name);
        Diagnostic::error("Provider produced inconsistent final plan", detail).at(path)
    }
}

fn destruction(planned: &Planned) -> Step {
    Step {
        planned: Value::Null,
        private: planned.private.clone(),
        identity: planned.identity.clone(),
        requires_replace: Vec::new(),
        deferred: planned.deferred,
        warnings: Diagnostics::new(),
    }
}
