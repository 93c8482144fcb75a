//! `private_api_invocation_check`: proves by a real call that a private API answers through a connection; as a resource, for
//! every CLI, and as an action (Terraform 1.14 and later).
//!
//! ```text
//!  request ─▶ run: TestState, again while the path is new ─▶ verdict ─▶ passed
//!                                                               └─▶ diagnosis ─▶ error with what mends it
//! ```

mod action;
mod report;
mod request;
mod run;
mod schema;
#[cfg(test)]
mod tests;
mod verdict;

use std::time::{Duration, SystemTime};

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde::{Deserialize, Serialize};
use terraform_plugin::{Attr, Cx, GoDuration, Outcome, Plan, Resource, Schema, State, ValidateCx};
use tokio::time::Instant;

pub use action::CheckAction;
use request::{Inputs, Request};

use crate::client::Client;

/// The resource.
pub struct Check;

/// How long a check goes on trying.
const PATIENCE: Duration = Duration::from_secs(5 * 60);

/// Configuration, plan and state. What is to be called is [`Inputs`].
#[derive(Clone, Serialize, Deserialize)]
pub struct Model {
    connection_arn: Attr<String>,
    url: Attr<String>,
    http_method: Attr<String>,
    role_arn: Attr<String>,
    request_body: Attr<String>,
    headers: Attr<request::Texts>,
    query_parameters: Attr<request::Texts>,
    expected_status_codes: Attr<Vec<Attr<String>>>,
    triggers: Attr<request::Texts>,
    timeouts: Attr<Timeouts>,
    id: Attr<String>,
    status_code: Attr<i64>,
    checked_at: Attr<String>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Timeouts {
    create: Attr<GoDuration>,
    update: Attr<GoDuration>,
}

impl Model {
    fn inputs(&self) -> Inputs {
        Inputs {
            connection_arn: self.connection_arn.clone(),
            url: self.url.clone(),
            http_method: self.http_method.clone(),
            role_arn: self.role_arn.clone(),
            request_body: self.request_body.clone(),
            headers: self.headers.clone(),
            query_parameters: self.query_parameters.clone(),
            expected_status_codes: self.expected_status_codes.clone(),
        }
    }

    /// Checks, and gives the model with what came of it.
    async fn checked(
        &self,
        cx: &Cx<Client>,
        patience: Option<&GoDuration>,
    ) -> Result<Self, terraform_plugin::Diagnostics> {
        let request = Request::of(&self.inputs())?;
        let deadline = Instant::now() + patience.map_or(PATIENCE, GoDuration::get);
        let status = run::run(cx, &request, deadline, |_| ()).await?;
        let now = DateTime::from(SystemTime::now());
        Ok(Self {
            id: Attr::Known(request.connection.to_string()),
            status_code: Attr::Known(i64::from(status)),
            checked_at: now.fmt(Format::DateTime).ok().into(),
            ..self.clone()
        })
    }
}

impl Resource for Check {
    const NAME: &'static str = "private_api_invocation_check";
    type Client = Client;
    type Model = Model;
    type Identity = ();

    fn schema() -> Schema {
        schema::resource()
    }

    fn validate(&self, _: &ValidateCx, config: &Model) -> Outcome {
        request::validate(&config.inputs())
    }

    async fn create(&self, cx: &Cx<Client>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        let timeouts = plan.planned().timeouts.known();
        let patience = timeouts.and_then(|timeouts| timeouts.create.known());
        state.set(&plan.planned().checked(cx, patience).await?)
    }

    /// A check says how it was when it was made; a refresh makes no call.
    async fn read(&self, _: &Cx<Client>, _: &State<Model>) -> Outcome {
        Ok(())
    }

    async fn update(&self, cx: &Cx<Client>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        let timeouts = plan.planned().timeouts.known();
        let patience = timeouts.and_then(|timeouts| timeouts.update.known());
        state.set(&plan.planned().checked(cx, patience).await?)
    }

    async fn delete(&self, _: &Cx<Client>, _: &Plan<Model>, _: &State<Model>) -> Outcome {
        Ok(())
    }
}
