//! `private_api_invocation`: the composite, thin over the engine and the components; and `private_api_path`, the part
//! of it without a connection.
//!
//! Two pure functions hold it together: [`desired`] says what configuration and endpoint ask for, [`present`]
//! fills every computed attribute; plan, apply, read and import share both.

mod apply;
mod checks;
mod desired;
mod empty;
mod graph;
mod handover;
mod identity;
mod import;
mod list;
mod located;
mod lookup;
mod model;
mod moves;
mod path;
mod plan;
mod present;
mod read;
mod removal;
mod report;
mod schema;
mod slots;
mod standing;
mod steps;
mod tags;
#[cfg(test)]
mod tests;
mod timeouts;
mod unconfirmed;

use terraform_plugin::{Cx, IdentitySchema, Moves, Outcome, Plan, Resource, Schema, State, ValidateCx};

use crate::client::Client;
pub use list::{Invocations, Paths};
pub use lookup::{InvocationLookup, PathLookup};
use model::{Composite, Model};
pub use path::Path;
pub use removal::remove;
use timeouts::{Verb, in_time, looking};

/// The resource `private_api_invocation`.
pub struct Invocation;

impl Resource for Invocation {
    const NAME: &'static str = "private_api_invocation";
    type Client = Client;
    type Model = Model;
    type Identity = identity::InvocationIdentity;

    fn schema() -> Schema {
        schema::invocation()
    }

    fn identity() -> Option<IdentitySchema> {
        Some(identity::schema(Composite::Invocation))
    }

    fn validate(&self, cx: &ValidateCx, config: &Model) -> Outcome {
        empty::warn(cx, config);
        Ok(())
    }

    async fn plan(&self, cx: &Cx<Client>, plan: &mut Plan<Model>) -> Outcome {
        looking::<Model>(cx, None, plan::plan(cx, plan)).await
    }

    async fn read(&self, cx: &Cx<Client>, state: &State<Model>) -> Outcome {
        looking(cx, state.prior(), read::read(cx, state)).await
    }

    async fn create(&self, cx: &Cx<Client>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        in_time(Some(plan.planned()), Verb::Create, apply::create(cx, plan, state)).await
    }

    async fn update(&self, cx: &Cx<Client>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        in_time(Some(plan.planned()), Verb::Update, apply::update(cx, plan, state)).await
    }

    async fn delete(&self, cx: &Cx<Client>, _: &Plan<Model>, state: &State<Model>) -> Outcome {
        in_time(state.prior(), Verb::Delete, apply::delete(cx, state)).await
    }

    async fn import(&self, cx: &Cx<Client>, id: &str, state: &State<Model>) -> Outcome {
        import::invocation(cx, id, state).await
    }

    async fn import_identity(
        &self,
        cx: &Cx<Client>,
        identity: &identity::InvocationIdentity,
        state: &State<Model>,
    ) -> Outcome {
        import::invocation_by_identity(cx, identity, state).await
    }

    fn moves() -> Moves<Model> {
        moves::moves()
    }
}
