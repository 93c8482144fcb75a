//! `private_api_path`: a path without a connection, for many invocations behind one gateway, for owners that share by
//! RAM, and for token endpoints.

pub(super) mod model;

use terraform_plugin::{Cx, IdentitySchema, Outcome, Plan, Resource, Schema, State, ValidateCx};

use super::model::{Composite, ResourceModel as _};
use super::timeouts::{Verb, in_time, looking};
use super::{apply, empty, identity, import, plan, read, schema};
use crate::client::Client;
use model::PathModel;

/// The resource `private_api_path`.
pub struct Path;

impl Resource for Path {
    const NAME: &'static str = "private_api_path";
    type Client = Client;
    type Model = PathModel;
    type Identity = identity::PathIdentity;

    fn schema() -> Schema {
        schema::path()
    }

    fn identity() -> Option<IdentitySchema> {
        Some(identity::schema(Composite::Path))
    }

    fn validate(&self, cx: &ValidateCx, config: &PathModel) -> Outcome {
        empty::warn(cx, &config.to_model());
        Ok(())
    }

    async fn plan(&self, cx: &Cx<Client>, plan: &mut Plan<PathModel>) -> Outcome {
        looking::<PathModel>(cx, None, plan::plan(cx, plan)).await
    }

    async fn read(&self, cx: &Cx<Client>, state: &State<PathModel>) -> Outcome {
        looking(cx, state.prior(), read::read(cx, state)).await
    }

    async fn create(&self, cx: &Cx<Client>, plan: &Plan<PathModel>, state: &State<PathModel>) -> Outcome {
        in_time(Some(plan.planned()), Verb::Create, apply::create(cx, plan, state)).await
    }

    async fn update(&self, cx: &Cx<Client>, plan: &Plan<PathModel>, state: &State<PathModel>) -> Outcome {
        in_time(Some(plan.planned()), Verb::Update, apply::update(cx, plan, state)).await
    }

    async fn delete(&self, cx: &Cx<Client>, _: &Plan<PathModel>, state: &State<PathModel>) -> Outcome {
        in_time(state.prior(), Verb::Delete, apply::delete(cx, state)).await
    }

    async fn import(&self, cx: &Cx<Client>, id: &str, state: &State<PathModel>) -> Outcome {
        import::path(cx, id, state).await
    }

    async fn import_identity(
        &self,
        cx: &Cx<Client>,
        identity: &identity::PathIdentity,
        state: &State<PathModel>,
    ) -> Outcome {
        import::path_by_identity(cx, identity, state).await
    }
}
