//! The calls that core makes for one resource, each with the checks that core makes on its answer.

use std::sync::Arc;

use tonic::Request;

use super::{
    Profile, Stored, answer,
    object::Object,
    propose::{proposed_new, without_computed_blocks},
    succeeded,
};
use crate::{
    call::Deferral,
    diagnostic::{Diagnostic, Diagnostics, Outcome},
    path::Path,
    plan,
    rpc::{Service, convert},
    shape::Shape,
    value::{Value, conform, json},
    wire::tfplugin6::{self as wire, deferred::Reason, provider_server::Provider as _},
};

/// The calls for one resource type.
#[derive(Debug)]
pub(super) struct Calls {
    pub(super) service: Arc<Service>,
    pub(super) profile: Profile,
    pub(super) shape: Arc<Shape>,
    /// The module's `provider_meta` block.
    pub(super) meta: Option<wire::DynamicValue>,
}

/// What one ReadResource came to.
pub(super) struct Read {
    pub(super) object: Object,
    pub(super) deferred: Option<Deferral>,
    pub(super) warnings: Diagnostics,
}

/// What one PlanResourceChange came to.
pub(super) struct Step {
    pub(super) planned: Value,
    pub(super) private: Vec<u8>,
    pub(super) identity: Value,
    pub(super) requires_replace: Vec<Path>,
    pub(super) deferred: Option<Deferral>,
    pub(super) warnings: Diagnostics,
}

/// What one ApplyResourceChange came to. The answer's state is kept whether it failed or not.
pub(super) struct Applied {
    pub(super) object: Object,
    pub(super) outcome: Result<Diagnostics, Diagnostics>,
}

impl Calls {
    pub(super) fn new(service: Arc<Service>, profile: Profile, shape: Arc<Shape>) -> Self {
        Self {
            service,
            profile,
            shape,
            meta: None,
        }
    }

    fn name(&self) -> String {
        self.shape.name.to_owned()
    }

    pub(super) async fn validate(&self, config: &Value) -> Result<Diagnostics, Diagnostics> {
        let request = wire::validate_resource_config::Request {
            type_name: self.name(),
            config: self.encode(config)?,
            client_capabilities: self.profile.capabilities,
        };
        succeeded(answer(self.service.validate_resource_config(Request::new(request)).await)?.diagnostics)
    }

    /// The object as its state file keeps it.
    pub(super) fn store(&self, object: &Object) -> Result<Stored, Diagnostics> {
        let stored = |value: &Value, ty| {
            convert::to_stored(value, ty)
                .map_err(|err| self.rejected(err.path.clone(), &format!("cannot be stored: {}", err.message)))
        };
        let json = stored(&object.state, &self.shape.ty)?;
        let version = self.shape.schema.version();
        let address = self.service.plugin().address();
        let mut all = Stored::new(address, self.shape.name, version, serde_json::Value::Null)
            .with_json(json)
            .with_private(object.private.clone());
        if let (Some(of), false) = (&self.shape.identity, object.identity.is_null()) {
            let json = stored(&object.identity, &of.ty)?;
            let identity = serde_json::from_slice(&json).unwrap_or_default();
            all = all.with_identity(of.schema.version(), identity);
        }
        Ok(all)
    }

    /// An object from its state file: UpgradeResourceState always, UpgradeResourceIdentity where versions differ.
    pub(super) async fn load(&self, stored: &Stored) -> Result<(Object, Diagnostics), Diagnostics> {
        let request = wire::upgrade_resource_state::Request {
            type_name: self.name(),
            version: stored.version,
            raw_state: Some(raw(stored.json.clone())),
        };
        let response = answer(self.service.upgrade_resource_state(Request::new(request)).await)?;
        let mut warnings = succeeded(response.diagnostics)?;
        let state = self.decode(response.upgraded_state.as_ref())?;
        self.must_be_state(&state)?;
        let mut identity = Value::Null;
        let with_identity = self.shape.identity.as_ref().filter(|_| self.profile.identity);
        if let (Some(of), Some((version, stored))) = (with_identity, &stored.identity) {
            if *version == of.schema.version() {
                identity = json::decode(stored.to_string().as_bytes(), &of.ty, json::Strictness::Lenient)
                    .map_err(|err| self.rejected(Path::root(), &format!("the stored identity: {err}")))?;
            } else {
                let request = wire::upgrade_resource_identity::Request {
                    type_name: self.name(),
                    version: *version,
                    raw_identity: Some(raw(stored.to_string().into_bytes())),
                };
                let response = answer(
                    self.service
                        .upgrade_resource_identity(Request::new(request))
                        .await,
                )?;
                warnings.extend(succeeded(response.diagnostics)?);
                identity = self.identity(response.upgraded_identity.as_ref())?;
            }
        }
        let object = Object {
            state,
            private: stored.private.clone(),
            identity,
            tainted: false,
        };
        Ok((object, warnings))
    }

    /// Loads the object and refreshes it.
    pub(super) async fn read(&self, object: &Object) -> Result<Read, Diagnostics> {
        if object.is_none() {
            return Ok(Read {
                object: Object::NONE,
                deferred: None,
                warnings: Diagnostics::new(),
            });
        }
        let (loaded, mut warnings) = self.load(&self.store(object)?).await?;
        let request = wire::read_resource::Request {
            type_name: self.name(),
            current_state: self.encode(&loaded.state)?,
            private: loaded.private.clone(),
            provider_meta: self.meta.clone(),
            client_capabilities: self.profile.capabilities,
            current_identity: self.identity_data(&loaded.identity)?,
        };
        let response = answer(self.service.read_resource(Request::new(request)).await)?;
        warnings.extend(succeeded(response.diagnostics)?);
        let deferred = self.deferred(response.deferred)?;
        let state = self.decode(response.new_state.as_ref())?;
        self.must_be_state(&state)?;
        let object = if state.is_null() {
            Object::NONE
        } else {
            Object {
                state,
                private: response.private,
                identity: self.known_identity(response.new_identity.as_ref())?,
                tainted: object.tainted,
            }
        };
        Ok(Read {
            object,
            deferred,
            warnings,
        })
    }

    /// Plans what the configuration asks for. `first` is what the first plan left, where this is the second.
    pub(super) async fn plan(
        &self,
        prior: &Object,
        config: &Value,
        first: Option<&[u8]>,
    ) -> Result<Step, Diagnostics> {
        let body = &self.shape.schema.body;
        let prepared = self
            .profile
            .computed_blocks()
            .then(|| without_computed_blocks(body, config.clone()));
        let config = prepared.as_ref().unwrap_or(config);
        let request = wire::plan_resource_change::Request {
            type_name: self.name(),
            prior_state: self.encode(&prior.state)?,
            proposed_new_state: self.encode(&proposed_new(body, &prior.state, config))?,
            config: self.encode(config)?,
            prior_private: prior.private.clone(),
            provider_meta: self.meta.clone(),
            client_capabilities: self.profile.capabilities,
            prior_identity: self.identity_data(&prior.identity)?,
            planned_private: first
                .filter(|_| self.profile.planned_private())
                .unwrap_or_default()
                .to_vec(),
        };
        let response = answer(self.service.plan_resource_change(Request::new(request)).await)?;
        let warnings = succeeded(response.diagnostics)?;
        let planned = self.decode(response.planned_state.as_ref())?;
        let mut broken: Diagnostics = plan::assert_plan_valid(body, &prior.state, config, &planned)
            .into_iter()
            .map(|broken| self.rejected(broken.path, &broken.rule))
            .collect();
        if self.profile.write_only() {
            let values = plan::write_only_values(body, &planned).into_iter();
            broken.extend(values.map(|path| self.rejected(path, "a write-only value must not be planned")));
        }
        let mut requires_replace = Vec::new();
        for path in response.requires_replace.iter().map(convert::path) {
            let (before, after) = (prior.state.get(&path), planned.get(&path));
            if before.is_none() && after.is_none() {
                broken.push(self.rejected(path, "requires replacement and is in neither state nor plan"));
            } else if before != after && !prior.is_none() {
                requires_replace.push(path);
            }
        }
        broken.into_outcome()?;
        let makes = prior.is_none() || !requires_replace.is_empty();
        let identity = response.planned_identity.as_ref();
        Ok(Step {
            planned,
            private: response.planned_private,
            identity: if makes {
                self.identity(identity)?
            } else {
                self.known_identity(identity)?
            },
            requires_replace,
            deferred: self.deferred(response.deferred)?,
            warnings,
        })
    }

    /// Plans the destruction.
    pub(super) async fn plan_destroy(&self, prior: &Object) -> Result<Step, Diagnostics> {
        let request = wire::plan_resource_change::Request {
            type_name: self.name(),
            prior_state: self.encode(&prior.state)?,
            proposed_new_state: Some(convert::null()),
            config: Some(convert::null()),
            prior_private: prior.private.clone(),
            provider_meta: self.meta.clone(),
            client_capabilities: self.profile.capabilities,
            prior_identity: self.identity_data(&prior.identity)?,
            planned_private: Vec::new(),
        };
        let response = answer(self.service.plan_resource_change(Request::new(request)).await)?;
        let warnings = succeeded(response.diagnostics)?;
        if !self.decode(response.planned_state.as_ref())?.is_null() {
            return Err(self
                .rejected(Path::root(), "a destroyed resource is planned to exist")
                .into());
        }
        Ok(Step {
            planned: Value::Null,
            private: response.planned_private,
            identity: self.known_identity(response.planned_identity.as_ref())?,
            requires_replace: Vec::new(),
            deferred: self.deferred(response.deferred)?,
            warnings,
        })
    }

    /// Creates, updates or destroys, as planned.
    pub(super) async fn apply(
        &self,
        prior: &Object,
        config: &Value,
        step: &Step,
    ) -> Result<Applied, Diagnostics> {
        let request = wire::apply_resource_change::Request {
            type_name: self.name(),
            prior_state: self.encode(&prior.state)?,
            planned_state: self.encode(&step.planned)?,
            config: self.encode(config)?,
            planned_private: step.private.clone(),
            provider_meta: self.meta.clone(),
            planned_identity: self.identity_data(&step.identity)?,
        };
        let response = answer(self.service.apply_resource_change(Request::new(request)).await)?;
        let outcome = succeeded(response.diagnostics);
        let state = self.decode(response.new_state.as_ref())?;
        self.must_be_state(&state)?;
        let identity = self.known_identity(response.new_identity.as_ref())?;
        let failed = outcome.is_err();
        let object = match (state.is_null(), failed) {
            // Core keeps what it had when an error comes with nothing.
            (true, true) => prior.clone(),
            (true, false) => Object::NONE,
            (false, _) => Object {
                state,
                private: response.private,
                identity,
                tainted: failed && (prior.is_none() || prior.tainted),
            },
        };
        let outcome = outcome.and_then(|warnings| {
            let broken = plan::assert_compatible(&step.planned, &object.state).into_iter();
            broken
                .map(|broken| self.rejected(broken.path, &broken.rule))
                .collect::<Diagnostics>()
                .into_outcome()
                .map(|()| warnings)
        });
        Ok(Applied { object, outcome })
    }

    /// Imports by one of the two, without refreshing.
    pub(super) async fn import(&self, id: &str, identity: &Value) -> Result<Read, Diagnostics> {
        let request = wire::import_resource_state::Request {
            type_name: self.name(),
            id: id.to_owned(),
            client_capabilities: self.profile.capabilities,
            identity: self.identity_data(identity)?,
        };
        let response = answer(self.service.import_resource_state(Request::new(request)).await)?;
        let warnings = succeeded(response.diagnostics)?;
        let deferred = self.deferred(response.deferred)?;
        if deferred.is_some() {
            return Ok(Read {
                object: Object::NONE,
                deferred,
                warnings,
            });
        }
        let [imported] = response.imported_resources.as_slice() else {
            return Err(self
                .rejected(Path::root(), "import answers with exactly one resource")
                .into());
        };
        let state = self.decode(imported.state.as_ref())?;
        self.must_be_state(&state)?;
        let imported_identity = self.known_identity(imported.identity.as_ref())?;
        if id.is_empty() && imported_identity.is_null() {
            return Err(self
                .rejected(Path::root(), "an import by identity answers with an identity")
                .into());
        }
        let object = Object {
            state,
            private: imported.private.clone(),
            identity: imported_identity,
            tainted: false,
        };
        Ok(Read {
            object,
            deferred,
            warnings,
        })
    }

    /// Moves what another type or provider left.
    pub(super) async fn move_from(&self, stored: &Stored) -> Result<(Object, Diagnostics), Diagnostics> {
        let identity = stored.identity.as_ref().filter(|_| self.profile.identity);
        let request = wire::move_resource_state::Request {
            source_provider_address: stored.provider.clone(),
            source_type_name: stored.type_name.clone(),
            source_schema_version: stored.version,
            source_state: Some(raw(stored.json.clone())),
            target_type_name: self.name(),
            source_private: stored.private.clone(),
            source_identity: identity.map(|(_, identity)| raw(identity.to_string().into_bytes())),
            source_identity_schema_version: identity.map_or(0, |(version, _)| *version),
        };
        let response = answer(self.service.move_resource_state(Request::new(request)).await)?;
        let warnings = succeeded(response.diagnostics)?;
        let state = self.decode(response.target_state.as_ref())?;
        if state.is_null() {
            return Err(self.rejected(Path::root(), "a move answers with a state").into());
        }
        self.must_be_state(&state)?;
        let object = Object {
            state,
            private: response.target_private,
            identity: self.known_identity(response.target_identity.as_ref())?,
            tainted: false,
        };
        Ok((object, warnings))
    }

    /// The configuration for what is there.
    pub(super) async fn generate(&self, object: &Object) -> Result<Value, Diagnostics> {
        let request = wire::generate_resource_config::Request {
            type_name: self.name(),
            state: self.encode(&object.state)?,
        };
        let response = answer(self.service.generate_resource_config(Request::new(request)).await)?;
        succeeded(response.diagnostics)?;
        self.decode(response.config.as_ref())
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

    /// A deferral, which only a host that takes them may be given.
    fn deferred(&self, deferred: Option<wire::Deferred>) -> Result<Option<Deferral>, Diagnostics> {
        let Some(deferred) = deferred else {
            return Ok(None);
        };
        if !self.profile.deferral() {
            return Err(self
                .rejected(Path::root(), "is deferred, which this host does not allow")
                .into());
        }
        match deferred.reason() {
            Reason::ResourceConfigUnknown => Ok(Some(Deferral::ConfigUnknown)),
            Reason::ProviderConfigUnknown => Ok(Some(Deferral::ProviderConfigUnknown)),
            Reason::AbsentPrereq => Ok(Some(Deferral::AbsentPrerequisite)),
            Reason::Unknown => Err(self.rejected(Path::root(), "is deferred without a reason").into()),
        }
    }

    fn known_identity(&self, message: Option<&wire::ResourceIdentityData>) -> Result<Value, Diagnostics> {
        let identity = self.identity(message)?;
        if identity.is_wholly_known() {
            Ok(identity)
        } else {
            Err(self
                .rejected(Path::root(), "the identity has unknown values")
                .into())
        }
    }

    /// An identity of an answer; null where there is none, or this host knows none.
    fn identity(&self, message: Option<&wire::ResourceIdentityData>) -> Result<Value, Diagnostics> {
        if !self.profile.identity {
            return Ok(Value::Null);
        }
        match (&self.shape.identity, message) {
            (None, Some(_)) => {
                let rule = "an identity is answered, and there is no identity schema";
                Err(self.rejected(Path::root(), rule).into())
            }
            _ => convert::identity(message, &self.shape),
        }
    }

    fn identity_data(&self, identity: &Value) -> Result<Option<wire::ResourceIdentityData>, Diagnostics> {
        if self.profile.identity {
            convert::identity_data(identity, &self.shape)
        } else {
            Ok(None)
        }
    }

    pub(super) fn rejected(&self, path: Path, rule: &str) -> Diagnostic {
        Diagnostic::error(
            "Provider produced invalid object",
            format!("{}, {path}: {rule}", self.shape.name),
        )
        .at(path)
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

fn raw(json: Vec<u8>) -> wire::RawState {
    wire::RawState {
        json,
        ..wire::RawState::default()
    }
}
