//! One resource in a host: its state, and core's walk over it.

mod apply;

use super::{
    Action, Planned, Planning, Stored,
    calls::{Calls, Step},
    config,
    object::Object,
    planned::Deposed,
};
use crate::{
    diagnostic::{Diagnostic, Diagnostics, Outcome},
    path::Path,
    private,
    rpc::convert,
    value::Value,
};

/// One resource, with its state.
#[derive(Debug)]
pub struct Instance {
    calls: Calls,
    current: Object,
    /// Former objects that a replacement left behind.
    deposed: Vec<Object>,
    create_before_destroy: bool,
    ignored: Vec<Path>,
    /// The configuration that was applied last: a destroy plans it once more.
    config: Option<Value>,
}

impl Instance {
    pub(super) fn new(calls: Calls) -> Self {
        Self {
            calls,
            current: Object::NONE,
            deposed: Vec::new(),
            create_before_destroy: false,
            ignored: Vec::new(),
            config: None,
        }
    }

    /// The state; `None` where there is none.
    pub fn state(&self) -> Option<&Value> {
        (!self.current.is_none()).then_some(&self.current.state)
    }

    /// A value of the state.
    pub fn get(&self, path: &Path) -> Option<&Value> {
        self.current.state.get(path)
    }

    /// The identity; `None` where there is none.
    pub fn identity(&self) -> Option<&Value> {
        (!self.current.identity.is_null()).then_some(&self.current.identity)
    }

    /// The private data of that key.
    pub fn private(&self, key: &str) -> Option<serde_json::Value> {
        private::read(&self.current.private).remove(key)
    }

    /// How many former objects are left that a replacement could not destroy, or whose replacement failed. The next
    /// apply destroys them.
    pub fn deposed(&self) -> usize {
        self.deposed.len()
    }

    /// Whether the next apply destroys the resource and creates it anew.
    pub fn is_tainted(&self) -> bool {
        self.current.tainted
    }

    /// Marks the resource as tainted, as `terraform taint` does.
    pub fn taint(&mut self) {
        self.current.tainted = self.state().is_some();
    }

    /// Takes the mark away, as `terraform untaint` does.
    pub fn untaint(&mut self) {
        self.current.tainted = false;
    }

    /// Has replacements create first and destroy then, as the life cycle argument `create_before_destroy` does, of
    /// this resource or of any that depends on it.
    pub fn create_before_destroy(&mut self) {
        self.create_before_destroy = true;
    }

    /// Ignores changes of what is at these paths from now on, as the life cycle argument `ignore_changes` does: a plan gets the
    /// configuration with what the state has there, an apply the configuration as it is written.
    pub fn ignore_changes(&mut self, paths: impl IntoIterator<Item = Path>) {
        self.ignored = paths.into_iter().collect();
    }

    /// The configuration as a plan gets it.
    fn planned_config(&self, config: &Value, prior: &Object) -> Value {
        let mut config = config.clone();
        for path in self.ignored.iter().filter(|_| !prior.is_none() && !prior.tainted) {
            if let (Some(here), Some(former)) = (config.get_mut(path), prior.state.get(path)) {
                here.clone_from(former);
            }
        }
        config
    }

    /// Sets the `provider_meta` block of the module that the resource is in.
    ///
    /// # Errors
    /// The provider has no such block, or `meta` does not fit its schema.
    pub fn set_provider_meta(&mut self, meta: Value) -> Outcome {
        let plugin = self.calls.service.plugin();
        let Some(shape) = plugin.provider().meta() else {
            let detail = "This provider has no schema for provider_meta blocks.";
            return Err(Diagnostic::error("No provider_meta", detail).into());
        };
        let meta = config::complete(&shape.schema, meta)?;
        self.calls.meta = Some(convert::dynamic_value(&meta, shape)?);
        Ok(())
    }

    /// Takes over another one's state, as when the same state meets another provider process.
    pub fn adopt(&mut self, other: &Instance) {
        self.current.clone_from(&other.current);
        self.deposed.clone_from(&other.deposed);
        self.config.clone_from(&other.config);
    }

    /// Loses private data and identity, as core does when a provider is killed while it updates.
    pub fn lose_private(&mut self) {
        self.current = self.current.after_kill();
    }

    /// The resource as a state file keeps it; `None` where there is none.
    ///
    /// # Errors
    /// The state cannot be stored.
    pub fn stored(&self) -> Result<Option<Stored>, Diagnostics> {
        self.state().map(|_| self.calls.store(&self.current)).transpose()
    }

    /// Takes the resource from a state file that another version of the provider may have written.
    ///
    /// # Errors
    /// What the provider says, and answers that core would reject.
    pub async fn restore(&mut self, stored: &Stored) -> Result<Diagnostics, Diagnostics> {
        let (object, warnings) = self.calls.load(stored).await?;
        self.current = object;
        Ok(warnings)
    }

    /// Takes the resource over from another type or provider, as a `moved` block does.
    ///
    /// # Errors
    /// What the provider says, and answers that core would reject.
    pub async fn move_from(&mut self, stored: &Stored) -> Result<Diagnostics, Diagnostics> {
        let (object, warnings) = self.calls.move_from(stored).await?;
        self.current = object;
        Ok(warnings)
    }

    /// The configuration that is written for the resource as it is (`terraform plan -generate-config-out`).
    ///
    /// # Errors
    /// What the provider says, and answers that core would reject.
    pub async fn generate_config(&self) -> Result<Value, Diagnostics> {
        self.calls.generate(&self.current).await
    }

    /// Validates a configuration.
    ///
    /// # Errors
    /// What is wrong with it.
    pub async fn validate(&self, config: Value) -> Result<Diagnostics, Diagnostics> {
        let config = config::complete(&self.calls.shape.schema, config)?;
        self.calls.validate(&config).await
    }

    /// Reads the state back from storage and refreshes it.
    ///
    /// # Errors
    /// What the provider says, and answers that core would reject.
    pub async fn refresh(&mut self) -> Result<Diagnostics, Diagnostics> {
        let read = self.calls.read(&self.current).await?;
        self.current = read.object;
        Ok(read.warnings)
    }

    /// Validates, refreshes and plans. The state stays as it is; values of the configuration may be unknown.
    ///
    /// # Errors
    /// What the provider says, and answers that core would reject.
    pub async fn plan(&self, config: Value) -> Result<Planned, Diagnostics> {
        self.plan_with(config, Planning::default()).await
    }

    /// The same with the options of `terraform plan`.
    ///
    /// # Errors
    /// As [`plan`](Self::plan).
    pub async fn plan_with(&self, config: Value, options: Planning) -> Result<Planned, Diagnostics> {
        let config = config::complete(&self.calls.shape.schema, config)?;
        let mut warnings = self.calls.validate(&config).await?;
        let (prior, refresh_deferred) = self.prior(&self.current, &options, &mut warnings).await?;
        let mut planned = self.plan_from(&config, prior, options.replace).await?;
        planned.deferred = refresh_deferred.or(planned.deferred);
        planned.deposed = self.plan_deposed(&options, &mut warnings).await?;
        warnings.extend(std::mem::take(&mut planned.warnings));
        planned.warnings = warnings;
        Ok(planned)
    }

    /// Refreshes and plans to destroy, with the configuration that was applied last still there: core plans it once
    /// more before it plans the destruction.
    ///
    /// # Errors
    /// What the provider says, also to the configuration; and answers that core would reject.
    pub async fn plan_destroy(&self) -> Result<Planned, Diagnostics> {
        self.plan_destroy_with(Planning::default()).await
    }

    /// The same with the options of `terraform destroy`. Without a refresh nothing but the destruction is planned.
    ///
    /// # Errors
    /// As [`plan_destroy`](Self::plan_destroy).
    pub async fn plan_destroy_with(&self, options: Planning) -> Result<Planned, Diagnostics> {
        let mut warnings = Diagnostics::new();
        let (prior, _) = self.prior(&self.current, &options, &mut warnings).await?;
        if let (Some(config), true) = (&self.config, options.refresh) {
            warnings.extend(self.calls.validate(config).await?);
            let planned = self.plan_from(config, prior.clone(), options.replace).await?;
            warnings.extend(planned.warnings);
        }
        let deposed = self.plan_deposed(&options, &mut warnings).await?;
        if prior.is_none() {
            return Ok(Planned {
                warnings,
                deposed,
                ..Planned::nothing()
            });
        }
        let step = self.calls.plan_destroy(&prior).await?;
        warnings.extend(step.warnings);
        Ok(Planned {
            action: Action::Delete,
            prior,
            planned: Value::Null,
            private: step.private,
            identity: step.identity,
            replace_because: Vec::new(),
            deferred: step.deferred,
            deposed,
            warnings,
        })
    }

    /// The object that a plan starts from, and why it could not be refreshed.
    async fn prior(
        &self,
        object: &Object,
        options: &Planning,
        warnings: &mut Diagnostics,
    ) -> Result<(Object, Option<crate::Deferral>), Diagnostics> {
        if !options.refresh {
            return Ok((object.clone(), None));
        }
        let read = self.calls.read(object).await?;
        warnings.extend(read.warnings);
        Ok((read.object, read.deferred))
    }

    async fn plan_deposed(
        &self,
        options: &Planning,
        warnings: &mut Diagnostics,
    ) -> Result<Vec<Deposed>, Diagnostics> {
        let mut all = Vec::new();
        for object in &self.deposed {
            let (object, _) = self.prior(object, options, warnings).await?;
            if object.is_none() {
                continue;
            }
            let step = self.calls.plan_destroy(&object).await?;
            warnings.extend(step.warnings);
            all.push(Deposed {
                object,
                private: step.private,
                identity: step.identity,
            });
        }
        Ok(all)
    }

    async fn plan_from(&self, config: &Value, prior: Object, force: bool) -> Result<Planned, Diagnostics> {
        // A tainted resource is planned as if there were none, without its private data and identity.
        let tainted = prior.tainted && !prior.is_none();
        let from = if tainted { Object::NONE } else { prior.clone() };
        let config = &self.planned_config(config, &prior);
        let mut step = self.calls.plan(&from, config, None).await?;
        let replace_because = std::mem::take(&mut step.requires_replace);
        let force = force && !prior.is_none();
        let action = if tainted || force || !replace_because.is_empty() {
            Action::Replace
        } else if prior.is_none() {
            Action::Create
        } else if step.planned == prior.state {
            Action::NoOp
        } else {
            Action::Update
        };
        if action == Action::Replace && !tainted {
            // The new object is planned from nothing, with what the first plan left of the old one.
            let from = Object {
                private: step.private,
                identity: step.identity,
                ..Object::NONE
            };
            let second = self.calls.plan(&from, config, None).await?;
            let mut warnings = step.warnings;
            warnings.extend(second.warnings);
            step = Step {
                warnings,
                deferred: step.deferred.or(second.deferred),
                ..second
            };
        }
        Ok(Planned {
            action,
            prior,
            planned: step.planned,
            private: step.private,
            identity: step.identity,
            replace_because,
            deferred: step.deferred,
            deposed: Vec::new(),
            warnings: step.warnings,
        })
    }

    /// Imports by id, then refreshes. What was deferred leaves the state as it is.
    ///
    /// # Errors
    /// What the provider says, and answers that core would reject.
    pub async fn import(&mut self, id: &str) -> Result<Diagnostics, Diagnostics> {
        self.import_as(id, &Value::Null).await
    }

    /// Imports by identity, made with [`config!`](crate::config!), then refreshes.
    ///
    /// # Errors
    /// What the provider says, and answers that core would reject; and hosts that know no identities.
    pub async fn import_identity(&mut self, identity: Value) -> Result<Diagnostics, Diagnostics> {
        let shape = self.calls.shape.identity.as_ref();
        let Some(shape) = shape.filter(|_| self.calls.profile.identity) else {
            let detail = "The resource has no identity, or this host knows no identities.";
            return Err(Diagnostic::error("Import by identity is not possible", detail).into());
        };
        let identity = config::complete_type(&shape.ty, identity)?;
        self.import_as("", &identity).await
    }

    async fn import_as(&mut self, id: &str, identity: &Value) -> Result<Diagnostics, Diagnostics> {
        let imported = self.calls.import(id, identity).await?;
        let mut warnings = imported.warnings;
        if imported.deferred.is_some() {
            return Ok(warnings);
        }
        let read = self.calls.read(&imported.object).await?;
        warnings.extend(read.warnings);
        if read.object.is_none() {
            return Err(Diagnostic::error("Cannot import non-existent remote object", id).into());
        }
        self.current = read.object;
        self.config = None;
        Ok(warnings)
    }
}
