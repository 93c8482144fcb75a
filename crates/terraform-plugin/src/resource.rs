//! A managed resource: the trait that authors write, and what its verbs are given.

mod erased;
mod moves;
mod planned;
mod record;
mod state;
mod upgrade;

use std::future::Future;

use serde::{Serialize, de::DeserializeOwned};

pub(crate) use self::{
    erased::{Handler, ImportRequest, PlanRequest, Proposal, Typed},
    record::{Draft, Record},
};
pub use self::{
    moves::{MoveSource, Moves},
    planned::Plan,
    state::State,
    upgrade::Upgrades,
};
use crate::{
    call::{Cx, ValidateCx},
    diagnostic::{Diagnostic, Diagnostics, Outcome},
    identity::IdentitySchema,
    schema::Schema,
};

/// A managed resource.
///
/// The verbs record into a [`State`] as they go. Its last record is what Terraform is told, whether the verb
/// succeeds, fails, is interrupted or panics; so record after each step that left something behind.
///
/// Methods are written as `async fn`, and share few threads with all else that the provider does. What blocks its thread
/// for longer than a file takes to be read (a blocking client, `std::thread::sleep`, the making of a key) belongs into
/// `tokio::task::spawn_blocking`: meanwhile, other calls wait, and nobody hears of an interrupt.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use terraform_plugin::{Attr, Cx, Outcome, Plan, Resource, Schema, State, path, schema::{int64, string}};
///
/// struct Machine;
///
/// #[derive(Clone, Serialize, Deserialize)]
/// struct MachineModel {
///     name: Attr<String>,
///     cores: Attr<u32>,
///     id: Attr<String>,
/// }
///
/// impl Resource for Machine {
///     const NAME: &'static str = "lab_machine";
///     type Client = ();
///     type Model = MachineModel;
///     type Identity = ();
///
///     fn schema() -> Schema {
///         Schema::new(0)
///             .attr("name", string().required().replace())
///             .attr("cores", int64().optional().computed().default(2_i64).between(1..=64))
///             .attr("id", string().computed().keep_prior())
///     }
///
///     async fn create(&self, _: &Cx<()>, plan: &Plan<MachineModel>, state: &State<MachineModel>) -> Outcome {
///         let name = plan.planned().name.required(path!("name"))?;
///         // … make it; record as soon as there is something, and once more when it is ready.
///         state.set(&MachineModel { id: Attr::Known(format!("m-{name}")), ..plan.planned().clone() })
///     }
///
///     async fn read(&self, _: &Cx<()>, state: &State<MachineModel>) -> Outcome {
///         // … look it up; `state.remove()` where it is gone, `state.set(…)` where it differs.
///         let _ = state;
///         Ok(())
///     }
///
///     async fn update(&self, _: &Cx<()>, plan: &Plan<MachineModel>, state: &State<MachineModel>) -> Outcome {
///         state.set(plan.planned())
///     }
///
///     async fn delete(&self, _: &Cx<()>, _: &Plan<MachineModel>, _: &State<MachineModel>) -> Outcome {
///         Ok(())
///     }
/// }
/// ```
pub trait Resource: Send + Sync + 'static {
    /// The full type name, `private_api_invocation`.
    const NAME: &'static str;
    /// What [`Provider::configure`](crate::Provider::configure) made.
    type Client: Send + Sync + 'static;
    /// Configuration, plan and state of one resource, as a serde struct. What may be null or unknown is an
    /// [`Attr`](crate::Attr). [`Value`](crate::Value) is a model of any schema, also of one made at run time.
    ///
    /// State that an earlier release wrote must still be read, be it only to destroy it. So where an enum loses a variant
    /// or an integer bits, raise the schema's version and [upgrade](Self::upgrades), or leave room in the model and let
    /// rules (`one_of`, `between`) refuse what is configured.
    type Model: Serialize + DeserializeOwned + Send + Sync + 'static;
    /// The identity of one object ([`identity`](Self::identity)), as a serde struct; `()` for none. What an import may
    /// leave out is an [`Attr`](crate::Attr) or an `Option`.
    type Identity: Serialize + DeserializeOwned + Send + Sync + 'static;

    /// Whether [`plan`](Self::plan) runs although the provider deferred everything
    /// ([`ConfigureCx::defer`](crate::ConfigureCx::defer)). By default the framework answers by itself.
    const PLANS_WHILE_DEFERRED: bool = false;

    /// The schema.
    fn schema() -> Schema;

    /// What names an object for good. A resource that has an identity records it in create, read and update
    /// ([`State::set_identity`]), and can be imported by it. By default there is none, and
    /// [`Identity`](Self::Identity) is `()`; that struct and schema fit each other is checked when the provider starts.
    fn identity() -> Option<IdentitySchema> {
        None
    }

    /// Checks what the schema cannot express. Works offline and unconfigured; values may be unknown.
    ///
    /// # Errors
    /// What is wrong, each with the path of the attribute.
    fn validate(&self, cx: &ValidateCx, config: &Self::Model) -> Outcome {
        let _ = (cx, config);
        Ok(())
    }

    /// Completes the plan. Called on create, update and destroy, and when nothing differs; the planned model
    /// then has every computed attribute unknown that the configuration leaves open, if anything differs at
    /// all, and is otherwise the prior state.
    ///
    /// What is planned as known is what apply must answer; an error here also blocks a destroy.
    fn plan(
        &self,
        cx: &Cx<Self::Client>,
        plan: &mut Plan<Self::Model>,
    ) -> impl Future<Output = Outcome> + Send {
        let _ = (cx, plan);
        async { Ok(()) }
    }

    /// Records what there is now; [`State::remove`] where nothing is left. Without a record, all is as it
    /// was.
    fn read(&self, cx: &Cx<Self::Client>, state: &State<Self::Model>)
    -> impl Future<Output = Outcome> + Send;

    /// Makes what is planned. Must record a state.
    fn create(
        &self,
        cx: &Cx<Self::Client>,
        plan: &Plan<Self::Model>,
        state: &State<Self::Model>,
    ) -> impl Future<Output = Outcome> + Send;

    /// Changes what there is into what is planned. Must record a state.
    fn update(
        &self,
        cx: &Cx<Self::Client>,
        plan: &Plan<Self::Model>,
        state: &State<Self::Model>,
    ) -> impl Future<Output = Outcome> + Send;

    /// Removes what there is. After success the state is gone by itself.
    fn delete(
        &self,
        cx: &Cx<Self::Client>,
        plan: &Plan<Self::Model>,
        state: &State<Self::Model>,
    ) -> impl Future<Output = Outcome> + Send;

    /// Records what the import id stands for; [`read`](Self::read) follows. By default import is not
    /// supported.
    fn import(
        &self,
        cx: &Cx<Self::Client>,
        id: &str,
        state: &State<Self::Model>,
    ) -> impl Future<Output = Outcome> + Send {
        let _ = (cx, id, state);
        async {
            Err(Diagnostic::error(
                "Import is not supported",
                format!("{} cannot be imported. Create a new one.", Self::NAME),
            )
            .into())
        }
    }

    /// Records what an identity stands for; [`read`](Self::read) follows. Its optional attributes may be null: record
    /// the complete identity here or in read. By default import by identity is not supported; where read finds
    /// everything by the identity's attributes, [`State::pass_through_identity`] is all that is needed.
    fn import_identity(
        &self,
        cx: &Cx<Self::Client>,
        identity: &Self::Identity,
        state: &State<Self::Model>,
    ) -> impl Future<Output = Outcome> + Send {
        let _ = (cx, identity, state);
        async {
            Err(Diagnostic::error(
                "Import by identity is not supported",
                format!(
                    "{} cannot be imported by its identity. Import it by its id.",
                    Self::NAME
                ),
            )
            .into())
        }
    }

    /// The ways from state of older schema versions to today's. State of today's version needs none: what the schema
    /// does not know any more is left out, and what is new is null.
    fn upgrades() -> Upgrades<Self::Model> {
        Upgrades::new()
    }

    /// Turns state written under an older schema version, from which [`upgrades`](Self::upgrades) knows no way, into
    /// today's model.
    fn upgrade(
        &self,
        version: i64,
        state: serde_json::Value,
    ) -> impl Future<Output = Result<Self::Model, Diagnostics>> + Send {
        let _ = state;
        async move {
            let known: Vec<String> = Self::upgrades()
                .versions()
                .map(|version| version.to_string())
                .collect();
            let known = if known.is_empty() {
                String::new()
            } else {
                format!(" It upgrades from: {}.", known.join(", "))
            };
            Err(Diagnostic::error(
                "State of an older version",
                format!(
                    "The state of this {} was written under schema version {version}, from which this version of the \
                     provider does not upgrade.{known} Upgrade through an earlier version of the provider.",
                    Self::NAME
                ),
            )
            .into())
        }
    }

    /// Turns an identity written under an older version of the identity schema, as JSON, into one of today's.
    /// Identities of today's version never come here.
    fn upgrade_identity(
        &self,
        version: i64,
        identity: serde_json::Value,
    ) -> impl Future<Output = Result<Self::Identity, Diagnostics>> + Send {
        let _ = identity;
        async move {
            Err(Diagnostic::error(
                "Identity of an older version",
                format!(
                    "The identity of this {} was written under version {version} of its schema, from which this \
                     version of the provider does not upgrade. Upgrade through an earlier version of the provider.",
                    Self::NAME
                ),
            )
            .into())
        }
    }

    /// From which other types and providers a resource can be moved here (`moved` blocks). A resource of the same
    /// type, from the same provider under another address, needs none of this: its state is upgraded.
    fn moves() -> Moves<Self::Model> {
        Moves::new()
    }

    /// The configuration that is written for an imported object (`terraform plan -generate-config-out`, Terraform 1.14
    /// and later). `config` is what the schema suggests: the state without what only the provider sets, and without
    /// write-only and deprecated arguments. Change it where arguments exclude each other.
    ///
    /// # Errors
    /// Why there is none.
    fn generate_config(&self, state: &Self::Model, config: Self::Model) -> Result<Self::Model, Diagnostics> {
        let _ = state;
        Ok(config)
    }
}
