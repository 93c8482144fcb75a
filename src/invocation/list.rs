//! The list resources `private_api_invocation` and `private_api_path`: what there is in an account and Region, whoever made
//! it (`terraform query`, Terraform 1.14 and later).

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use terraform_plugin::schema::{map, string};
use terraform_plugin::{Attr, Cx, Diagnostic, ListResource, Listed, Outcome, Results, Schema, Type};

use super::identity::{InvocationIdentity, PathIdentity};
use super::import::{Purpose, find_path, of_connection};
use super::model::{Model, ResourceModel as _};
use super::path::model::PathModel;
use super::present::Place;
use super::{Invocation, Path};
use crate::aws::{AwsError, region};
use crate::client::{Aws, Client};
use crate::component::naming::{Owner, PATH_TAG};
use crate::component::{ComponentError, Configuration, Connection};
use crate::sentence::sentence;

/// Lists invocations: private connections, with what they go through.
pub struct Invocations;

/// Lists paths.
pub struct Paths;

/// What is looked for; what is left out does not matter.
#[derive(Serialize, Deserialize)]
pub struct Filter {
    name_prefix: Attr<String>,
    vpc_endpoint_id: Attr<String>,
    tags: Attr<BTreeMap<String, String>>,
    region: Attr<String>,
}

impl Filter {
    fn schema(what: &str) -> Schema {
        Schema::new(0)
            .describe(&format!(
                "Lists {what} of an account and Region, whoever made them."
            ))
            .attr(
                "name_prefix",
                string()
                    .optional()
                    .describe("What their names begin with. Default: all."),
            )
            .attr(
                "vpc_endpoint_id",
                string()
                    .optional()
                    .describe("The VPC endpoint to which they lead. Default: any."),
            )
            .attr(
                "tags",
                map(Type::String)
                    .optional()
                    .describe("Tags that they bear, all of these. Default: any."),
            )
            .attr(
                "region",
                string()
                    .optional()
                    .matches(region::PATTERN, "the name of a Region, such as eu-central-1")
                    .describe("Region to look in. Default: the provider's."),
            )
    }

    fn names(&self, name: &str) -> bool {
        self.name_prefix
            .known()
            .is_none_or(|prefix| name.starts_with(prefix))
    }

    /// Whether what was found is what is looked for.
    fn admits(&self, found: &Model) -> bool {
        let endpoint = self.vpc_endpoint_id.known();
        let tags = self.tags.known().into_iter().flatten();
        let bears = |key: &str| found.tags.known().and_then(|all| all.get(key)?.known());
        found.name.known().is_some_and(|name| self.names(name))
            && endpoint.is_none_or(|id| found.vpc_endpoint_id.known() == Some(id))
            && tags.into_iter().all(|(key, value)| bears(key) == Some(value))
    }
}

impl ListResource for Invocations {
    type Resource = Invocation;
    type Client = Client;
    type Config = Filter;

    fn schema() -> Schema {
        Filter::schema("invocations")
    }

    async fn list(&self, cx: &Cx<Client>, filter: Filter, results: &Results<Model>) -> Outcome {
        let aws = aws(cx, &filter)?;
        let listed = aws.listings.connections.all().await.map_err(failed)?;
        for connection in listed.iter().filter(|one| filter.names(&one.name)) {
            let seen = Connection::new(&aws, &connection.name).describe().await;
            let seen = match seen {
                Ok(seen) => seen.filter(|seen| seen.configuration_arn.is_some()),
                Err(error) => {
                    skip(cx, &connection.name, &sentence(error));
                    continue;
                }
            };
            // A public connection, or one that has gone meanwhile.
            let Some(seen) = seen else { continue };
            let place = Place::of_arn(&seen.arn);
            let found = match of_connection(&aws, seen, Purpose::State).await {
                Ok(found) => found.model,
                Err(why) => {
                    skip(cx, &connection.name, &why);
                    continue;
                }
            };
            if !filter.admits(&found) {
                continue;
            }
            let identity = InvocationIdentity {
                name: found.name.clone(),
                region: place.as_ref().map(|place| place.region.clone()).into(),
                account_id: place.map(|place| place.account).into(),
            };
            let listed = Listed::new(connection.name.clone(), &identity).resource(found);
            if results.push(listed).await.is_break() {
                break;
            }
        }
        Ok(())
    }
}

impl ListResource for Paths {
    type Resource = Path;
    type Client = Client;
    type Config = Filter;

    fn schema() -> Schema {
        Filter::schema("paths")
    }

    async fn list(&self, cx: &Cx<Client>, filter: Filter, results: &Results<PathModel>) -> Outcome {
        let aws = aws(cx, &filter)?;
        let caller = aws.caller().await.map_err(failed)?;
        let listed = aws.listings.configurations.all().await.map_err(failed)?;
        for configuration in listed.iter() {
            let found = match path(&aws, &configuration.arn).await {
                Ok(found) => found,
                Err(why) => {
                    skip(cx, &configuration.name, &why);
                    continue;
                }
            };
            let Some(found) = found.filter(|found| filter.admits(found)) else {
                continue;
            };
            let identity = PathIdentity {
                id: found.id.clone(),
                region: Attr::Known(aws.region().to_owned()),
                account_id: Attr::Known(caller.account.clone()),
            };
            let name = found.id.known().cloned().unwrap_or_default();
            let listed = Listed::new(name, &identity).resource(PathModel::from_model(found));
            if results.push(listed).await.is_break() {
                break;
            }
        }
        Ok(())
    }
}

/// The path that a resource configuration is of; `None` where it is of none: an invocation's, or somebody else's.
async fn path(aws: &Aws, arn: &str) -> Result<Option<Model>, String> {
    let is_of_path = |error: ComponentError| sentence(error);
    let nobody = Owner::path("", "", None);
    let seen = Configuration::new(aws, &nobody)
        .describe(arn)
        .await
        .map_err(is_of_path)?;
    match seen {
        Some(seen) if seen.tags.holder(PATH_TAG).is_some() => {
            let found = find_path(aws, arn, Purpose::State).await?;
            Ok(Some(found.model))
        }
        _ => Ok(None),
    }
}

fn aws(cx: &Cx<Client>, filter: &Filter) -> Result<Arc<Aws>, Diagnostic> {
    cx.client().check_region(&filter.region)?;
    cx.client().aws(&filter.region).ok_or_else(|| {
        Diagnostic::error(
            "Nothing can be listed yet",
            "The provider block has values that are not known before something else was applied.",
        )
    })
}

fn failed(error: AwsError) -> Diagnostic {
    Diagnostic::error("Could not list what there is", sentence(error))
}

/// One object that cannot be read hides no others.
fn skip(cx: &Cx<Client>, name: &str, why: &str) {
    cx.warn(Diagnostic::warning(
        format!("{name} is left out of the list"),
        why.to_owned(),
    ));
}
