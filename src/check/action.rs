//! The action `private_api_invocation_check` (Terraform 1.14 and later): a check without a state, which tells how it goes.

use serde::{Deserialize, Serialize};
use terraform_plugin::{Action, Attr, Cx, GoDuration, Outcome, Progress, Schema, ValidateCx};
use tokio::time::Instant;

use super::request::{Inputs, Request, Texts};
use super::{PATIENCE, request, run, schema};
use crate::client::Client;

/// The action.
pub struct CheckAction;

#[derive(Serialize, Deserialize)]
pub struct Config {
    connection_arn: Attr<String>,
    url: Attr<String>,
    http_method: Attr<String>,
    role_arn: Attr<String>,
    request_body: Attr<String>,
    headers: Attr<Texts>,
    query_parameters: Attr<Texts>,
    expected_status_codes: Attr<Vec<Attr<String>>>,
    timeout: Attr<GoDuration>,
}

impl Config {
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
}

impl Action for CheckAction {
    const NAME: &'static str = "private_api_invocation_check";
    type Client = Client;
    type Config = Config;

    fn schema() -> Schema {
        schema::action()
    }

    fn validate(&self, _: &ValidateCx, config: &Config) -> Outcome {
        request::validate(&config.inputs())
    }

    async fn invoke(&self, cx: &Cx<Client>, config: Config, progress: &Progress) -> Outcome {
        let request = Request::of(&config.inputs())?;
        let deadline = Instant::now() + config.timeout.known().map_or(PATIENCE, GoDuration::get);
        run::run(cx, &request, deadline, |words| progress.say(words)).await?;
        Ok(())
    }
}
