//! A resource without its types: one object-safe wrapper for all that the RPC layer calls.

use std::{future::Future, pin::Pin, sync::Arc};

use serde::{Serialize, de::DeserializeOwned};

use super::{MoveSource, Plan, Record, Resource, State, moves::read_json};
use crate::{
    call::{Call, ClientSlot, Cx, ValidateCx},
    configurable::{self, model_violation},
    diagnostic::{Diagnostic, Diagnostics, Outcome},
    identity,
    model::{self, Holes},
    path::Path,
    private::Private,
    schema::Violation,
    shape::Shape,
    value::{Refinement, Value, codec::CodecError},
};

type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What a plan starts from. A null proposal is a destroy.
pub(crate) struct PlanRequest {
    pub(crate) config: Value,
    pub(crate) prior: Value,
    pub(crate) planned: Value,
    pub(crate) private: Private,
    /// Of the first plan, where the second one is made and the host has kept it.
    pub(crate) planned_private: Private,
    /// The prior identity, or the planned one in an apply; null where there is none.
    pub(crate) identity: Value,
}

/// What is to be imported: at least one of the two.
pub(crate) struct ImportRequest {
    pub(crate) id: String,
    /// Null where there is none.
    pub(crate) identity: Value,
}

/// What a resource made of a plan.
pub(crate) struct Proposal {
    pub(crate) planned: Value,
    pub(crate) requires_replace: Vec<Path>,
    pub(crate) private: Private,
    pub(crate) identity: Value,
}

/// A resource behind its types. Models become values at its edge.
pub(crate) trait Handler: Send + Sync {
    fn shape(&self) -> &Arc<Shape>;

    /// Where the model does not fit the schema.
    fn model_violation(&self) -> Option<CodecError>;

    /// Attributes whose texts the model writes otherwise, which no plan may.
    fn misspellings(&self) -> Vec<Violation>;

    /// What is wrong with the identity's schema, and where its struct does not fit it.
    fn identity_violations(&self) -> Vec<Violation>;

    /// Upgrades that lead nowhere, and structs of upgrades and moves that cannot hold what they are for.
    fn way_violations(&self) -> Vec<Violation>;

    /// Whether the author's plan runs although the provider's configuration is not known.
    fn plans_while_deferred(&self) -> bool;

    fn validate(&self, cx: &ValidateCx, config: &Value) -> Outcome;

    fn plan(&self, call: Call, request: PlanRequest) -> Boxed<'_, Result<Proposal, Diagnostics>>;

    fn read(&self, call: Call, record: Record) -> Boxed<'_, Outcome>;

    /// Creates, updates or deletes, whichever the request asks for.
    fn apply(&self, call: Call, request: PlanRequest, record: Record) -> Boxed<'_, Outcome>;

    fn import(&self, call: Call, request: ImportRequest, record: Record) -> Boxed<'_, Outcome>;

    /// State of an older version, as JSON.
    fn upgrade(&self, version: i64, stored: Vec<u8>) -> Boxed<'_, Result<Value, Diagnostics>>;

    /// An identity of an older version, as JSON.
    fn upgrade_identity(
        &self,
        version: i64,
        stored: serde_json::Value,
    ) -> Boxed<'_, Result<Value, Diagnostics>>;

    fn move_from(&self, source: &MoveSource, record: Record) -> Outcome;

    /// The configuration for a state, from the one that the schema suggests.
    fn generate(&self, state: &Value, suggested: Value) -> Result<Value, Diagnostics>;
}

/// A resource with what the wrapper needs of it.
pub(crate) struct Typed<R: Resource> {
    resource: R,
    shape: Arc<Shape>,
    client: Arc<ClientSlot<R::Client>>,
}

impl<R: Resource> Typed<R> {
    pub(crate) fn new(resource: R, client: Arc<ClientSlot<R::Client>>) -> Self {
        Self {
            resource,
            shape: Arc::new(Shape::new(R::NAME, R::schema).with_identity(R::identity)),
            client,
        }
    }

    fn cx(&self, call: Call) -> Result<Cx<R::Client>, Diagnostics> {
        Ok(Cx::new(self.client.get()?, call))
    }

    fn state(&self, record: Record) -> Result<State<R::Model>, Diagnostics> {
        let prior = decode(&record.lock().value, "state")?;
        Ok(State::new(prior, record, Arc::clone(&self.shape)))
    }

    fn plan_of(&self, request: PlanRequest) -> Result<Plan<R::Model>, Diagnostics> {
        let plan = Plan {
            config: match request.config.is_null() {
                true => None,
                false => Some(configurable::decode(&request.config, &self.shape)?),
            },
            prior: decode(&request.prior, "state")?,
            planned: decode(&request.planned, "planned state")?,
            replaced_model: false,
            requires_replace: Vec::new(),
            refinements: Vec::new(),
            private: request.private,
            planned_private: request.planned_private,
            identity: request.identity,
            shape: Arc::clone(&self.shape),
        };
        if plan.config.is_none() && plan.prior.is_none() {
            return Err(Diagnostic::error(
                "Nothing to plan",
                "Neither a configuration nor a state was sent.",
            )
            .into());
        }
        Ok(plan)
    }
}

/// A model, or none where the value is null.
fn decode<M: DeserializeOwned>(value: &Value, what: &str) -> Result<Option<M>, Diagnostics> {
    if value.is_null() {
        return Ok(None);
    }
    model::decode(value).map(Some).map_err(|err| {
        let way_out = match what {
            "state" if err.of_value => {
                " Another version of the provider has written it: use that one, or take the resource out of the state \
                 (`state rm`) and import it."
            }
            _ => "",
        };
        let detail = format!("The {what} does not fit the provider's model: {err}.{way_out}");
        Diagnostic::error("Unsuitable value", detail).at(err.path).into()
    })
}

fn encode<M: Serialize>(model: &M, shape: &Shape) -> Result<Value, Diagnostics> {
    model::encode(model, &shape.ty).map_err(|err| {
        let detail = format!("The planned state does not fit the schema: {err}.");
        Diagnostic::error(format!("Bug in the provider: plan of {}", shape.name), detail)
            .at(err.path)
            .into()
    })
}

/// The planned state with what the author promised about unknown values.
fn refined(
    mut planned: Value,
    refinements: &[(Path, Refinement)],
    shape: &Shape,
) -> Result<Value, Diagnostics> {
    for (path, refinement) in refinements {
        let bug = |rule: &str| -> Diagnostics {
            let detail = format!("{path} {rule}.");
            Diagnostic::error(format!("Bug in the provider: plan of {}", shape.name), detail)
                .at(path.clone())
                .into()
        };
        let here = planned
            .get_mut(path)
            .ok_or_else(|| bug("is refined and is not in the plan"))?;
        if here.is_unknown() {
            *here = Value::Unknown((!refinement.is_empty()).then(|| Box::new(refinement.clone())));
        } else if !refinement.admits(here) {
            return Err(bug("is planned as what its own refinement does not admit"));
        }
    }
    Ok(planned)
}

impl<R: Resource> Handler for Typed<R> {
    fn shape(&self) -> &Arc<Shape> {
        &self.shape
    }

    fn model_violation(&self) -> Option<CodecError> {
        model_violation::<R::Model>(&self.shape, Holes::NullAndUnknown)
    }

    fn misspellings(&self) -> Vec<Violation> {
        let found = model::misspelled::<R::Model>(self.shape.schema.body.level(), &self.shape.ty);
        let said = found.into_iter().map(|(path, text, written)| {
            let written = written.as_str().unwrap_or_default();
            let rule = format!(
                "the model writes {text:?} as {written:?}, which no plan may: declare that both mean the same \
                 (`same_if`), refuse all spellings but one by a rule, or keep the text in the model"
            );
            Violation {
                path,
                ..Violation::of(R::NAME, rule)
            }
        });
        said.collect()
    }

    fn identity_violations(&self) -> Vec<Violation> {
        let schema = self.shape.identity.as_ref().map(|identity| &identity.schema);
        let mut found = schema.map_or_else(Vec::new, |schema| schema.violations(R::NAME));
        found.extend(identity::misfit::<R::Identity>(R::NAME, schema));
        found
    }

    fn way_violations(&self) -> Vec<Violation> {
        let mut found = R::upgrades().violations(R::NAME, self.shape.schema.version(), &self.shape.ty);
        found.extend(R::moves().violations(R::NAME));
        found
    }

    fn plans_while_deferred(&self) -> bool {
        R::PLANS_WHILE_DEFERRED
    }

    fn validate(&self, cx: &ValidateCx, config: &Value) -> Outcome {
        if config.is_null() {
            return Ok(());
        }
        self.resource
            .validate(cx, &configurable::decode(config, &self.shape)?)
    }

    fn plan(&self, call: Call, request: PlanRequest) -> Boxed<'_, Result<Proposal, Diagnostics>> {
        Box::pin(async move {
            let cx = self.cx(call)?;
            let proposed = request.planned.clone();
            let destroy = request.config.is_null();
            let mut plan = self.plan_of(request)?;
            self.resource.plan(&cx, &mut plan).await?;
            // What the author left alone goes back untouched, refinements included.
            let planned = match &plan.planned {
                Some(_) if destroy => {
                    let detail = "The plan of a destroyed resource has a state. It must stay null.";
                    return Err(Diagnostic::error(
                        format!("Bug in the provider: plan of {}", self.shape.name),
                        detail,
                    )
                    .into());
                }
                Some(model) if plan.replaced_model => encode(model, &self.shape)?,
                _ => proposed,
            };
            let planned = refined(planned, &plan.refinements, &self.shape)?;
            Ok(Proposal {
                planned,
                requires_replace: plan.requires_replace,
                private: plan.private,
                identity: plan.identity,
            })
        })
    }

    fn read(&self, call: Call, record: Record) -> Boxed<'_, Outcome> {
        Box::pin(async move {
            let cx = self.cx(call)?;
            let state = self.state(record)?;
            self.resource.read(&cx, &state).await
        })
    }

    fn apply(&self, call: Call, request: PlanRequest, record: Record) -> Boxed<'_, Outcome> {
        Box::pin(async move {
            let cx = self.cx(call)?;
            let state = self.state(record)?;
            let destroy = request.planned.is_null();
            let plan = self.plan_of(request)?;
            if destroy {
                self.resource.delete(&cx, &plan, &state).await
            } else if plan.is_create() {
                self.resource.create(&cx, &plan, &state).await
            } else {
                self.resource.update(&cx, &plan, &state).await
            }
        })
    }

    fn import(&self, call: Call, request: ImportRequest, record: Record) -> Boxed<'_, Outcome> {
        Box::pin(async move {
            let cx = self.cx(call)?;
            let state = self.state(record)?;
            if request.id.is_empty() {
                let identity = identity::given(R::NAME, &request.identity)?;
                self.resource.import_identity(&cx, &identity, &state).await
            } else {
                self.resource.import(&cx, &request.id, &state).await
            }
        })
    }

    fn upgrade(&self, version: i64, stored: Vec<u8>) -> Boxed<'_, Result<Value, Diagnostics>> {
        Box::pin(async move {
            let current = self.shape.schema.version();
            if let Some(upgraded) = R::upgrades().run(version, &stored, current, &self.shape.ty) {
                return upgraded;
            }
            let model = self
                .resource
                .upgrade(version, read_json(&stored, "state")?)
                .await?;
            encode(&model, &self.shape)
        })
    }

    fn upgrade_identity(
        &self,
        version: i64,
        stored: serde_json::Value,
    ) -> Boxed<'_, Result<Value, Diagnostics>> {
        Box::pin(async move {
            let upgraded = self.resource.upgrade_identity(version, stored).await?;
            self.shape.encode_identity(&upgraded)
        })
    }

    fn move_from(&self, source: &MoveSource, record: Record) -> Outcome {
        let state = self.state(record.clone())?;
        R::moves().run(R::NAME, source, &state, || record.lock().recorded)
    }

    fn generate(&self, state: &Value, suggested: Value) -> Result<Value, Diagnostics> {
        let (Some(state), Some(config)) = (decode(state, "state")?, decode(&suggested, "configuration")?)
        else {
            return Ok(suggested);
        };
        encode(&self.resource.generate_config(&state, config)?, &self.shape)
    }
}
