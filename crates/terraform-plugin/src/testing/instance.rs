//! One resource in a host: its state, and core's walk over it.

use std::sync::Arc;

use tonic::Request;

use super::{
    Action, Planned, answer, config,
    propose::{proposed_new, without_computed_blocks},
    succeeded,
};
use crate::{
    diagnostic::{Diagnostic, Diagnostics, Outcome},
    path::Path,
    plan,
    resource::Shape,
    rpc::{Service, convert},
    value::{Value, conform},
    wire::tfplugin6::{self as wire, provider_server::Provider as _},
};

/// One resource, with its state.
pub struct Instance {
    service: Arc<Service>,
    capabilities: Option<wire::ClientCapabilities>,
    shape: Arc<Shape>,
    state: Value,
    private: Vec<u8>,
    tainted: bool,
}

/// What one call of PlanResourceChange came to.
struct Step {
    planned: Value,
    private: Vec<u8>,
    requires_replace: Vec<Path>,
    warnings: Diagnostics,
}

impl Instance {
    pub(super) fn new(
        service: Arc<Service>,
        capabilities: Option<wire::ClientCapabilities>,
        shape: Arc<Shape>,
    ) -> Self {
        Self {
            service,
            capabilities,
            shape,
            state: Value::Null,
            private: Vec::new(),
            tainted: false,
        }
    }

    /// The state; `None` where there is none.
    pub fn state(&self) -> Option<&Value> {
        (!self.state.is_null()).then_some(&self.state)
    }

    /// A value of the state.
    pub fn get(&self, path: &Path) -> Option<&Value> {
        self.state.get(path)
    }

    /// The private data of that key.
    pub fn private(&self, key: &str) -> Option<serde_json::Value> {
        convert::private(&self.private).ok()?.remove(key)
    }

    /// Whether the next apply destroys the resource and creates it anew.
    pub fn is_tainted(&self) -> bool {
        self.tainted
    }

    /// Marks the resource as tainted, as `terraform taint` does.
    pub fn taint(&mut self) {
        self.tainted = self.state().is_some();
    }

    /// Takes the mark away, as `terraform untaint` does.
    pub fn untaint(&mut self) {
        self.tainted = false;
    }

    /// Takes over another one's state, as when the same state meets another provider process.
    pub fn adopt(&mut self, other: &Instance) {
        (self.state, self.private, self.tainted) =
            (other.state.clone(), other.private.clone(), other.tainted);
    }

    /// Loses the private data, as core does when a provider is killed while it updates.
    pub fn lose_private(&mut self) {
        self.private.clear();
    }

    /// Validates a configuration.
    ///
    /// # Errors
    /// What is wrong with it.
    pub async fn validate(&self, config: Value) -> Result<Diagnostics, Diagnostics> {
        self.validate_complete(&config::complete(&self.shape.schema, config)?)
            .await
    }

    async fn validate_complete(&self, config: &Value) -> Result<Diagnostics, Diagnostics> {
        let request = wire::validate_resource_config::Request {
            type_name: self.shape.name.to_owned(),
            config: self.encode(config)?,
            client_capabilities: self.capabilities,
        };
        succeeded(answer(self.service.validate_resource_config(Request::new(request)).await)?.diagnostics)
    }

    /// Reads the state back from storage and refreshes it.
    ///
    /// # Errors
    /// What the provider says, and answers that core would reject.
    pub async fn refresh(&mut self) -> Result<Diagnostics, Diagnostics> {
        let (state, private, warnings) = self.read(&self.state, &self.private).await?;
        if state.is_null() {
            self.tainted = false;
        }
        (self.state, self.private) = (state, private);
        Ok(warnings)
    }

    async fn read(
        &self,
        state: &Value,
        private: &[u8],
    ) -> Result<(Value, Vec<u8>, Diagnostics), Diagnostics> {
        if state.is_null() {
            return Ok((Value::Null, Vec::new(), Diagnostics::new()));
        }
        let stored = convert::to_stored(state, &self.shape.ty)
            .map_err(|err| self.rejected(err.path.clone(), &format!("cannot be stored: {}", err.message)))?;
        let request = wire::upgrade_resource_state::Request {
            type_name: self.shape.name.to_owned(),
            version: self.shape.schema.version(),
            raw_state: Some(wire::RawState {
                json: stored.to_string().into_bytes(),
                ..wire::RawState::default()
            }),
        };
        let response = answer(self.service.upgrade_resource_state(Request::new(request)).await)?;
        let mut warnings = succeeded(response.diagnostics)?;
        let request = wire::read_resource::Request {
            type_name: self.shape.name.to_owned(),
            current_state: response.upgraded_state,
            private: private.to_vec(),
            client_capabilities: self.capabilities,
            ..wire::read_resource::Request::default()
        };
        let response = answer(self.service.read_resource(Request::new(request)).await)?;
        warnings.extend(succeeded(response.diagnostics)?);
        let state = self.decode(response.new_state.as_ref())?;
        self.must_be_state(&state)?;
        Ok((state, response.private, warnings))
    }

    /// Validates, refreshes and plans. The state stays as it is; values of the configuration may be unknown.
    ///
    /// # Errors
    /// What the provider says, and answers that core would reject.
    pub async fn plan(&self, config: Value) -> Result<Planned, Diagnostics> {
        let config = config::complete(&self.shape.schema, config)?;
        let mut warnings = self.validate_complete(&config).await?;
        let (prior, private, more) = self.read(&self.state, &self.private).await?;
        warnings.extend(more);
        let mut planned = self.plan_from(config, prior, private).await?;
        warnings.extend(std::mem::take(&mut planned.warnings));
        planned.warnings = warnings;
        Ok(planned)
    }

    async fn plan_from(&self, config: Value, prior: Value, private: Vec<u8>) -> Result<Planned, Diagnostics> {
        // A tainted resource is planned as if there were none, without its private data.
        let replace = self.tainted && !prior.is_null();
        let (from, from_private) = if replace {
            (Value::Null, Vec::new())
        } else {
            (prior.clone(), private.clone())
        };
        let mut step = self.step(&from, &from_private, &config).await?;
        let replace_because = std::mem::take(&mut step.requires_replace);
        let action = if replace || (!from.is_null() && !replace_because.is_empty()) {
            Action::Replace
        } else if prior.is_null() {
            Action::Create
        } else if step.planned == prior {
            Action::NoOp
        } else {
            Action::Update
        };
        if action == Action::Replace && !replace {
            let second = self.step(&Value::Null, &step.private, &config).await?;
            let mut warnings = step.warnings;
            warnings.extend(second.warnings);
            step = Step { warnings, ..second };
        }
        Ok(Planned {
            action,
            prior,
            prior_private: private,
            planned: step.planned,
            private: step.private,
            replace_because,
            warnings: step.warnings,
        })
    }

    /// One PlanResourceChange, with core's checks.
    async fn step(&self, prior: &Value, private: &[u8], config: &Value) -> Result<Step, Diagnostics> {
        let body = &self.shape.schema.body;
        let knows_computed_blocks = self.capabilities.is_some_and(|c| c.computed_blocks_allowed);
        let prepared = knows_computed_blocks.then(|| without_computed_blocks(body, config.clone()));
        let config = prepared.as_ref().unwrap_or(config);
        let request = wire::plan_resource_change::Request {
            type_name: self.shape.name.to_owned(),
            prior_state: self.encode(prior)?,
            proposed_new_state: self.encode(&proposed_new(body, prior, config))?,
            config: self.encode(config)?,
            prior_private: private.to_vec(),
            client_capabilities: self.capabilities,
            ..wire::plan_resource_change::Request::default()
        };
        let response = answer(self.service.plan_resource_change(Request::new(request)).await)?;
        let warnings = succeeded(response.diagnostics)?;
        let planned = self.decode(response.planned_state.as_ref())?;
        let mut broken: Diagnostics = plan::assert_plan_valid(body, prior, config, &planned)
            .into_iter()
            .map(|broken| self.rejected(broken.path, &broken.rule))
            .collect();
        let mut requires_replace = Vec::new();
        for path in response.requires_replace.iter().map(convert::path) {
            let (before, after) = (prior.get(&path), planned.get(&path));
            if before.is_none() && after.is_none() {
                broken.push(self.rejected(path, "requires replacement and is in neither state nor plan"));
            } else if before != after {
                requires_replace.push(path);
            }
        }
        broken.into_outcome()?;
        Ok(Step {
            planned,
            private: response.planned_private,
            requires_replace,
            warnings,
        })
    }

    /// Plans and applies.
    ///
    /// # Errors
    /// As [`plan`](Self::plan) and [`apply_plan`](Self::apply_plan).
    pub async fn apply(&mut self, config: Value) -> Result<Planned, Diagnostics> {
        let planned = self.plan(config.clone()).await?;
        self.apply_plan(planned, config).await
    }

    /// Applies a plan. `config` is the one that was planned, with all values known that were not then.
    ///
    /// # Errors
    /// What the provider says, a plan that comes out otherwise the second time, and answers that core would
    /// reject. The state is then what the provider recorded; after a failed create it is tainted.
    pub async fn apply_plan(&mut self, planned: Planned, config: Value) -> Result<Planned, Diagnostics> {
        let config = config::complete(&self.shape.schema, config)?;
        (self.state, self.private) = (planned.prior.clone(), planned.prior_private.clone());
        let mut warnings = planned.warnings.clone();
        let (prior, prior_private) = match planned.action {
            Action::NoOp => return Ok(planned),
            Action::Delete => {
                warnings.extend(
                    self.change(Value::Null, Value::Null, planned.private.clone())
                        .await?,
                );
                return Ok(Planned { warnings, ..planned });
            }
            Action::Replace => {
                warnings.extend(
                    self.change(Value::Null, Value::Null, planned.private.clone())
                        .await?,
                );
                (Value::Null, Vec::new())
            }
            Action::Create | Action::Update => (planned.prior.clone(), planned.prior_private.clone()),
        };
        self.tainted = false;

        warnings.extend(self.validate_complete(&config).await?);
        let again = self.step(&prior, &prior_private, &config).await?;
        warnings.extend(again.warnings);
        self.consistent(&planned, &again.planned, &again.requires_replace)?;
        // An update that has come to nothing is not applied.
        if again.planned != prior {
            warnings.extend(self.change(config, again.planned.clone(), again.private).await?);
        }
        Ok(Planned {
            planned: again.planned,
            warnings,
            ..planned
        })
    }

    /// The second plan has to do what the first one said.
    fn consistent(&self, first: &Planned, again: &Value, requires_replace: &[Path]) -> Outcome {
        let became_unknown = again.unknown_paths().into_iter().filter(|path| {
            let within_unknown = (0..=path.steps().len())
                .map(|length| path.steps()[..length].iter().cloned().collect::<Path>())
                .any(|outer| {
                    first
                        .planned
                        .get(&outer)
                        .is_some_and(|value| !value.is_wholly_known() && value.is_unknown())
                });
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

    /// One ApplyResourceChange, with core's checks. Saves what it answers.
    async fn change(
        &mut self,
        config: Value,
        planned: Value,
        private: Vec<u8>,
    ) -> Result<Diagnostics, Diagnostics> {
        let create = self.state.is_null();
        let request = wire::apply_resource_change::Request {
            type_name: self.shape.name.to_owned(),
            prior_state: self.encode(&self.state)?,
            planned_state: self.encode(&planned)?,
            config: self.encode(&config)?,
            planned_private: private,
            ..wire::apply_resource_change::Request::default()
        };
        let response = answer(self.service.apply_resource_change(Request::new(request)).await)?;
        let outcome = succeeded(response.diagnostics);
        let state = self.decode(response.new_state.as_ref())?;
        self.must_be_state(&state)?;
        if outcome.is_err() {
            // Core keeps what it had when an error comes with nothing.
            if !state.is_null() {
                (self.state, self.private) = (state, response.private);
                self.tainted = self.tainted || create;
            }
            return outcome;
        }
        (self.state, self.private) = (state, response.private);
        let broken = plan::assert_compatible(&planned, &self.state).into_iter();
        broken
            .map(|broken| self.rejected(broken.path, &broken.rule))
            .collect::<Diagnostics>()
            .into_outcome()?;
        outcome
    }

    /// Refreshes, plans the destruction and destroys.
    ///
    /// # Errors
    /// What the provider says, and answers that core would reject. The state is then what the provider
    /// recorded.
    pub async fn destroy(&mut self) -> Result<Diagnostics, Diagnostics> {
        let mut warnings = self.refresh().await?;
        if self.state.is_null() {
            return Ok(warnings);
        }
        let request = wire::plan_resource_change::Request {
            type_name: self.shape.name.to_owned(),
            prior_state: self.encode(&self.state)?,
            proposed_new_state: Some(convert::null()),
            config: Some(convert::null()),
            prior_private: self.private.clone(),
            client_capabilities: self.capabilities,
            ..wire::plan_resource_change::Request::default()
        };
        let response = answer(self.service.plan_resource_change(Request::new(request)).await)?;
        warnings.extend(succeeded(response.diagnostics)?);
        if !self.decode(response.planned_state.as_ref())?.is_null() {
            return Err(self
                .rejected(Path::root(), "a destroyed resource is planned to exist")
                .into());
        }
        warnings.extend(
            self.change(Value::Null, Value::Null, response.planned_private)
                .await?,
        );
        self.tainted = false;
        Ok(warnings)
    }

    /// Imports by id, then refreshes.
    ///
    /// # Errors
    /// What the provider says, and answers that core would reject.
    pub async fn import(&mut self, id: &str) -> Result<Diagnostics, Diagnostics> {
        let request = wire::import_resource_state::Request {
            type_name: self.shape.name.to_owned(),
            id: id.to_owned(),
            client_capabilities: self.capabilities,
            identity: None,
        };
        let response = answer(self.service.import_resource_state(Request::new(request)).await)?;
        let mut warnings = succeeded(response.diagnostics)?;
        let [imported] = response.imported_resources.as_slice() else {
            return Err(self
                .rejected(Path::root(), "import answers with exactly one resource")
                .into());
        };
        let state = self.decode(imported.state.as_ref())?;
        self.must_be_state(&state)?;
        let (state, private, more) = self.read(&state, &imported.private).await?;
        warnings.extend(more);
        if state.is_null() {
            return Err(Diagnostic::error("Cannot import non-existent remote object", id).into());
        }
        (self.state, self.private, self.tainted) = (state, private, false);
        Ok(warnings)
    }

    fn must_be_state(&self, state: &Value) -> Outcome {
        let unknown = state
            .unknown_paths()
            .into_iter()
            .map(|path| self.rejected(path, "is unknown in a state"));
        let secret = plan::write_only_values(&self.shape.schema.body, state)
            .into_iter()
            .map(|path| self.rejected(path, "a write-only value is in the state"));
        unknown.chain(secret).collect::<Diagnostics>().into_outcome()
    }

    fn rejected(&self, path: Path, rule: &str) -> Diagnostic {
        Diagnostic::error(
            "Provider produced invalid object",
            format!("{}, {path}: {rule}", self.shape.name),
        )
        .at(path)
    }

    fn inconsistent(&self, path: Path, rule: impl std::fmt::Display) -> Diagnostic {
        let detail = format!("{}, {path}: {rule}", self.shape.name);
        Diagnostic::error("Provider produced inconsistent final plan", detail).at(path)
    }

    fn encode(&self, value: &Value) -> Result<Option<wire::DynamicValue>, Diagnostics> {
        convert::dynamic_value(value, &self.shape).map(Some)
    }

    fn decode(&self, value: Option<&wire::DynamicValue>) -> Result<Value, Diagnostics> {
        let value = convert::value(value, &self.shape.ty, "answer")?;
        conform::check(&value, &self.shape.ty)
            .map_err(|err| self.rejected(err.path.clone(), &err.message))?;
        Ok(value)
    }
}
