//! A managed resource: the trait that authors write, and what its verbs are given.

mod cx;
mod erased;
mod planned;
mod record;
mod state;

use std::future::Future;

use serde::{Serialize, de::DeserializeOwned};

pub(crate) use self::state::Shape;
pub(crate) use self::{
    cx::{Call, ClientSlot, Deferred, Warnings},
    erased::{Handler, PlanRequest, Proposal, Typed},
    record::{Private, Record, read_private, set_private, write_private},
};
pub use self::{
    cx::{Cx, Deferral},
    planned::Plan,
    state::State,
};
use crate::{
    diagnostic::{Diagnostic, Diagnostics, Outcome},
    provider::ValidateCx,
    schema::Schema,
};

/// A managed resource.
///
/// The verbs record into a [`State`] as they go. Its last record is what Terraform is told, whether the verb
/// succeeds, fails, is interrupted or panics; so record after each step that left something behind.
///
/// Methods are written as `async fn`.
pub trait Resource: Send + Sync + 'static {
    /// The full type name, `private_api_invocation`.
    const NAME: &'static str;
    /// What [`Provider::configure`](crate::Provider::configure) made.
    type Client: Send + Sync + 'static;
    /// Configuration, plan and state of one resource, as a serde struct. What may be null or unknown is an
    /// [`Attr`](crate::Attr).
    type Model: Serialize + DeserializeOwned + Send + Sync + 'static;

    /// The schema.
    fn schema() -> Schema;

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

    /// Turns state written under an older schema version into today's model. State of today's version never
    /// comes here.
    fn upgrade(
        &self,
        version: i64,
        state: serde_json::Value,
    ) -> impl Future<Output = Result<Self::Model, Diagnostics>> + Send {
        let _ = state;
        async move {
            Err(Diagnostic::error(
                "State of an older version",
                format!(
                    "The state of this {} was written under schema version {version}, from which this version of the \
                     provider does not upgrade. Upgrade through an earlier version of the provider.",
                    Self::NAME
                ),
            )
            .into())
        }
    }
}
