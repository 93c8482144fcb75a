//! The provider block: which AWS, in hashicorp/aws' words, so that one block's values can be given to both
//! providers.

mod config;
mod refusal;
mod schema;

use terraform_plugin::{
    Catalog, ConfigureCx, Diagnostic, Diagnostics, Outcome, Provider, Schema, ValidateCx,
};

use crate::check::{Check, CheckAction};
use crate::client::{Client, Regions};
use crate::data_sources::EndpointLookup;
use crate::functions;
use crate::invocation::{Invocation, InvocationLookup, Invocations, Path, PathLookup, Paths};
use config::{Config, is_set};

/// The provider.
pub struct Private;

impl Provider for Private {
    const NAME: &'static str = "private";
    const ADDRESS: &'static str = "registry.terraform.io/private-api/private";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const LOG_TARGETS: &'static [&'static str] = &["reconcile"];
    const COMMANDS: &'static [(&'static str, &'static str)] = &[
        ("doctor", "tells why calls through a connection do not arrive"),
        (
            "leftovers",
            "lists what killed creates have left behind, and removes it",
        ),
    ];
    type Config = Config;
    type Client = Client;

    fn schema() -> Schema {
        schema::schema()
    }

    fn validate(&self, _: &ValidateCx, config: &Config) -> Outcome {
        refusal::of_block(config).into_outcome()
    }

    async fn configure(&self, cx: &ConfigureCx, config: Config) -> Result<Client, Diagnostics> {
        if config.is_unknown() {
            return Ok(Client::NotYetKnown);
        }
        let (names_profile, asks) = (is_set(&config.profile), config.asks_who_calls());
        let tags = config.tags();
        if let Some(unusable) = refusal::of_inherited_tags(&tags) {
            return Err(unusable.into());
        }
        let settings = config.settings(products(cx.terraform_version()));
        let regions = Regions::new(settings).await;
        let regions = regions.map_err(|error| refusal::of_settings(&error, names_profile))?;
        let regions = regions.tagging(tags);
        if asks {
            // Once here, instead of once in each resource.
            let aws = regions.get(None);
            let caller = cx.cancelled().run_until_cancelled(aws.caller()).await;
            let caller = caller.ok_or_else(|| Diagnostic::error("Interrupted", "Nothing was changed."))?;
            let caller = caller.map_err(|error| refusal::of_caller(&error))?;
            if let Some(refused) = refusal::of_account(&config, caller, &regions.signer()) {
                return Err(refused.into());
            }
            tracing::info!(%caller, "the credentials are {}", regions.signer());
        }
        Ok(Client::Ready(Box::new(regions)))
    }

    fn catalog(catalog: &mut Catalog<Client>) {
        catalog.resource(Invocation);
        catalog.resource(Path);
        catalog.resource(Check);
        catalog.list_resource(Invocations);
        catalog.list_resource(Paths);
        catalog.data_source(InvocationLookup);
        catalog.data_source(PathLookup);
        catalog.data_source(EndpointLookup);
        catalog.action(CheckAction);
        functions::offer(catalog);
    }
}

/// What AWS is told of who calls, in the form that hashicorp/aws has given to it.
fn products(terraform_version: &str) -> Vec<String> {
    let version = if terraform_version.is_empty() {
        "unknown"
    } else {
        terraform_version
    };
    let mut products = vec![
        format!("Terraform/{version}"),
        format!("terraform-provider-private/{}", Private::VERSION),
    ];
    let more = std::env::var("TF_APPEND_USER_AGENT").unwrap_or_default();
    // A header holds one line of visible characters.
    let more: String = more
        .chars()
        .filter(|letter| (' '..='~').contains(letter))
        .collect();
    products.extend(Some(more.trim().to_owned()).filter(|more| !more.is_empty()));
    products
}

#[cfg(test)]
mod tests;
