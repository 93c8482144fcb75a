//! The data sources `private_api_invocation` and `private_api_path`: what another configuration, or a person, has made.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use terraform_plugin::schema::{Attribute, int64, map, map_nested, set, string};
use terraform_plugin::{
    Attr, Cx, DataSource, Diagnostic, Diagnostics, Outcome, Path, Schema, Type, ValidateCx, path,
};

use super::import::{Purpose, find_invocation, find_path};
use super::model::{Model, Tags};
use super::schema::{CONFIGURATION_ARN, CONFIGURATION_ARN_WORDS, NAME, NAME_WORDS};
use crate::aws::{Arn, region};
use crate::client::{Aws, Client};
use crate::component::Configuration;
use crate::component::naming::{Owner, PATH_TAG};
use crate::http_task::ConnectionArn;
use crate::sentence::sentence;

const PATH_ID: &str = r"^[.\-_A-Za-z0-9]{1,64}/[0-9a-z]+$";

/// The data source `private_api_invocation`.
pub struct InvocationLookup;

/// The data source `private_api_path`.
pub struct PathLookup;

#[derive(Serialize, Deserialize)]
pub struct InvocationView {
    name: Attr<String>,
    connection_arn: Attr<String>,
    region: Attr<String>,
    id: Attr<String>,
    connection_arn_for_policy: Attr<String>,
    connection_secret_arn: Attr<String>,
    connection_state: Attr<String>,
    connection_state_reason: Attr<String>,
    state_machine_policy_json: Attr<String>,
    description: Attr<String>,
    kms_key_identifier: Attr<String>,
    api_destinations: Attr<BTreeMap<String, DestinationView>>,
    resource_association_arn: Attr<String>,
    vpc_endpoint_id: Attr<String>,
    vpc_id: Attr<String>,
    subnet_ids: Attr<BTreeSet<String>>,
    domain_name: Attr<String>,
    security_group_id: Attr<String>,
    resource_gateway_id: Attr<String>,
    resource_gateway_arn: Attr<String>,
    resource_configuration_id: Attr<String>,
    resource_configuration_arn: Attr<String>,
    tags: Attr<Tags>,
}

#[derive(Serialize, Deserialize)]
struct DestinationView {
    arn: Attr<String>,
    invocation_endpoint: Attr<String>,
    http_method: Attr<String>,
    invocation_rate_limit_per_second: Attr<i64>,
    description: Attr<String>,
    state: Attr<String>,
    arn_for_policy: Attr<String>,
}

#[derive(Serialize, Deserialize)]
pub struct PathView {
    id: Attr<String>,
    name: Attr<String>,
    resource_configuration_arn: Attr<String>,
    region: Attr<String>,
    vpc_endpoint_id: Attr<String>,
    vpc_id: Attr<String>,
    subnet_ids: Attr<BTreeSet<String>>,
    domain_name: Attr<String>,
    security_group_id: Attr<String>,
    resource_gateway_id: Attr<String>,
    resource_gateway_arn: Attr<String>,
    resource_configuration_id: Attr<String>,
    tags: Attr<Tags>,
}

fn output(words: &str) -> Attribute {
    string().computed().describe(words)
}

fn key(words: &str) -> Attribute {
    string().optional().computed().describe(words)
}

/// What both tell of the path.
fn of_path(schema: Schema) -> Schema {
    schema
        .attr(
            "region",
            key("Region to look in. Default: that of the ARN, else the provider's.")
                .matches(region::PATTERN, "the name of a Region, such as eu-central-1"),
        )
        .attr(
            "vpc_endpoint_id",
            output("The VPC endpoint to which the path leads; null where it leads elsewhere."),
        )
        .attr(
            "vpc_id",
            output("VPC of the resource gateway; null where the resource configuration is shared."),
        )
        .attr(
            "subnet_ids",
            set(Type::String)
                .computed()
                .describe("Subnets of the resource gateway."),
        )
        .attr(
            "domain_name",
            output("DNS name to which the resource configuration leads."),
        )
        .attr(
            "security_group_id",
            output("Managed security group of the resource gateway; null where others are given."),
        )
        .attr("resource_gateway_id", output("Id of the resource gateway."))
        .attr(
            "resource_gateway_arn",
            output("ARN of the resource gateway; null where it is not managed here."),
        )
        .attr(
            "resource_configuration_id",
            output("Id of the resource configuration."),
        )
        .attr(
            "tags",
            map(Type::String)
                .computed()
                .describe("Tags of the path, without the provider's own."),
        )
}

impl DataSource for InvocationLookup {
    const NAME: &'static str = "private_api_invocation";
    type Client = Client;
    type Model = InvocationView;

    fn schema() -> Schema {
        let schema = Schema::new(0)
            .describe(
                "An invocation that exists, made by another configuration or by hand: its connection and the path that it takes. \
                 Exactly one of `name` and `connection_arn` says which.",
            )
            .attr(
                "name",
                key("Name of the invocation, which is that of its connection.")
                    .matches(NAME, NAME_WORDS)
                    .exactly_one_of(["connection_arn"]),
            )
            .attr("connection_arn", key("ARN of its connection."));
        of_path(schema)
            .attr("id", output("The name."))
            .attr("connection_arn_for_policy", output("ARN of the connection without its random part, for policies."))
            .attr("connection_secret_arn", output("ARN of the secret that EventBridge keeps for the connection."))
            .attr("connection_state", output("State of the connection; `ACTIVE` when calls go through."))
            .attr("connection_state_reason", output("Why the connection is in its state, where AWS says so."))
            .attr(
                "state_machine_policy_json",
                output("IAM policy that a state machine's role needs to call through the connection."),
            )
            .attr("description", output("Description of the connection."))
            .attr("kms_key_identifier", output("KMS key that encrypts the connection's secret."))
            .attr("resource_association_arn", output("ARN of the association that EventBridge made for the connection."))
            .attr("resource_configuration_arn", output("ARN of the resource configuration."))
            .attr(
                "api_destinations",
                map_nested([
                    ("arn", output("ARN of the API destination.")),
                    ("arn_for_policy", output("ARN of the API destination with `*` for its random part, for policies.")),
                    ("invocation_endpoint", output("URL that is called.")),
                    ("http_method", output("Method of the call.")),
                    (
                        "invocation_rate_limit_per_second",
                        int64().computed().describe("Calls a second at most; null for the default, 300."),
                    ),
                    ("description", output("Its description.")),
                    ("state", output("`ACTIVE`, or `INACTIVE` while the connection has lost its authorization.")),
                ])
                .computed()
                .describe("API destinations that call through the connection, by name; empty where its path is not managed here."),
            )
    }

    fn validate(&self, _: &ValidateCx, config: &InvocationView) -> Outcome {
        if let Some(arn) = config.connection_arn.known() {
            ConnectionArn::parse(arn).map_err(|why| {
                Diagnostic::error("Not the ARN of a connection", sentence(why)).at(path!("connection_arn"))
            })?;
        }
        Ok(())
    }

    async fn read(&self, cx: &Cx<Client>, config: InvocationView) -> Result<InvocationView, Diagnostics> {
        let arn = config
            .connection_arn
            .known()
            .and_then(|arn| ConnectionArn::parse(arn).ok());
        let of_arn = arn.as_ref().map(|arn| arn.region.clone());
        if let (Some(given), Some(named)) = (config.region.known(), &of_arn)
            && given != named
        {
            let detail = format!("region is {given}, and the ARN is one of {named}. Leave region out.");
            return Err(Diagnostic::error("Two Regions", detail)
                .at(path!("region"))
                .into());
        }
        let aws = aws(cx, &config.region.or(of_arn.into()))?;
        let name = arn
            .as_ref()
            .map_or_else(|| config.name.known().cloned(), |arn| Some(arn.name.clone()));
        let name = name.unwrap_or_default();
        let found = find_invocation(&aws, &name, arn.as_ref(), Purpose::Outputs).await;
        let key = if arn.is_some() {
            path!("connection_arn")
        } else {
            path!("name")
        };
        let found = found.map_err(|why| not_found(&format!("invocation {name}"), &why, key))?;
        Ok(InvocationView::of(found.model))
    }
}

impl DataSource for PathLookup {
    const NAME: &'static str = "private_api_path";
    type Client = Client;
    type Model = PathView;

    fn schema() -> Schema {
        let schema = Schema::new(0)
            .describe(
                "A path that exists, made by another configuration: for invocations that share it. Exactly one of `id`, `name` and \
                 `resource_configuration_arn` says which.",
            )
            .attr(
                "id",
                key("Id of the path, its name and what its create chose: `orders/0f9c2b7e`.")
                    .matches(PATH_ID, "the id of a path, such as orders/0f9c2b7e")
                    .exactly_one_of(["name", "resource_configuration_arn"]),
            )
            .attr("name", key("Name of the path, where one path alone has it.").matches(NAME, NAME_WORDS))
            .attr(
                "resource_configuration_arn",
                key("ARN of its resource configuration.").matches(CONFIGURATION_ARN, CONFIGURATION_ARN_WORDS),
            );
        of_path(schema)
    }

    async fn read(&self, cx: &Cx<Client>, config: PathView) -> Result<PathView, Diagnostics> {
        let arn = config.resource_configuration_arn.known();
        let of_arn = arn.and_then(|arn| Arn::parse(arn)).map(|arn| arn.region);
        let aws = aws(cx, &config.region.or(of_arn.into()))?;
        let (id, key) = match (arn, config.id.known(), config.name.known()) {
            (Some(arn), ..) => (arn.clone(), path!("resource_configuration_arn")),
            (None, Some(id), _) => (id.clone(), path!("id")),
            (None, None, name) => {
                let id = by_name(&aws, name.map_or("", String::as_str)).await?;
                (id, path!("name"))
            }
        };
        let found = find_path(&aws, &id, Purpose::Outputs).await;
        let found = found.map_err(|why| not_found(&format!("path {id}"), &why, key))?;
        Ok(PathView::of(found.model))
    }
}

/// The id of the one path of a name.
async fn by_name(aws: &Aws, name: &str) -> Result<String, Diagnostic> {
    let subject = format!("path {name}");
    let not_found = |why: &str| not_found(&subject, why, path!("name"));
    let failed = |why: String| not_found(&sentence(why));
    let owner = Owner::path(name, "", None);
    let listed = aws.listings.configurations.all().await;
    let listed = listed.map_err(|error| failed(error.to_string()))?;
    let mut ids = BTreeSet::new();
    for configuration in listed.iter().filter(|one| owner.may_have_named(&one.name)) {
        let seen = Configuration::new(aws, &owner).describe(&configuration.arn).await;
        let seen = seen.map_err(|error| failed(error.to_string()))?;
        let holder = seen.and_then(|seen| seen.tags.holder(PATH_TAG).cloned());
        ids.extend(holder.filter(|holder| owner.shares_name(holder)));
    }
    let all: Vec<_> = ids.iter().map(String::as_str).collect();
    match all.as_slice() {
        [one] => Ok((*one).to_owned()),
        [] => {
            let own = aws.caller().await.map_err(|error| failed(error.to_string()))?;
            Err(not_found(&format!(
                "No private_api_path in {} of account {} has this name. Check the name, the Region and the credentials.",
                aws.region(),
                own.account
            )))
        }
        several => Err(not_found(&format!(
            "Several paths have this name; give the id of one of them: {}.",
            several.join(", ")
        ))),
    }
}

fn aws(cx: &Cx<Client>, region: &Attr<String>) -> Result<std::sync::Arc<Aws>, Diagnostic> {
    cx.client().check_region(region)?;
    cx.client().aws(region).ok_or_else(|| {
        Diagnostic::error(
            "Nothing can be looked up yet",
            "The provider block has values that are not known before something else was applied.",
        )
    })
}

/// `key` is the argument that says which.
fn not_found(what: &str, why: &str, key: Path) -> Diagnostic {
    Diagnostic::error(format!("Could not look up private API {what}"), why.to_owned()).at(key)
}

impl InvocationView {
    fn of(found: Model) -> Self {
        let destinations = found.api_destinations.into_known().unwrap_or_default();
        let destinations = destinations.into_iter().filter_map(|(name, destination)| {
            let destination = destination.into_known()?;
            let view = DestinationView {
                arn: destination.arn,
                arn_for_policy: destination.arn_for_policy,
                invocation_endpoint: destination.invocation_endpoint,
                http_method: destination.http_method,
                invocation_rate_limit_per_second: destination.invocation_rate_limit_per_second,
                description: destination.description,
                state: destination.state,
            };
            Some((name, view))
        });
        Self {
            api_destinations: Attr::Known(destinations.collect()),
            name: found.name,
            connection_arn: found.connection_arn,
            region: found.region,
            id: found.id,
            connection_arn_for_policy: found.connection_arn_for_policy,
            connection_secret_arn: found.connection_secret_arn,
            connection_state: found.connection_state,
            connection_state_reason: found.connection_state_reason,
            state_machine_policy_json: found.state_machine_policy_json,
            description: found.description,
            kms_key_identifier: found.kms_key_identifier,
            resource_association_arn: found.resource_association_arn,
            vpc_endpoint_id: found.vpc_endpoint_id,
            vpc_id: found.vpc_id,
            subnet_ids: found.subnet_ids,
            domain_name: found.domain_name,
            security_group_id: found.security_group_id,
            resource_gateway_id: found.resource_gateway_id,
            resource_gateway_arn: found.resource_gateway_arn,
            resource_configuration_id: found.resource_configuration_id,
            resource_configuration_arn: found.resource_configuration_arn,
            tags: found.tags,
        }
    }
}

impl PathView {
    fn of(found: Model) -> Self {
        Self {
            id: found.id,
            name: found.name,
            resource_configuration_arn: found.resource_configuration_arn,
            region: found.region,
            vpc_endpoint_id: found.vpc_endpoint_id,
            vpc_id: found.vpc_id,
            subnet_ids: found.subnet_ids,
            domain_name: found.domain_name,
            security_group_id: found.security_group_id,
            resource_gateway_id: found.resource_gateway_id,
            resource_gateway_arn: found.resource_gateway_arn,
            resource_configuration_id: found.resource_configuration_id,
            tags: found.tags,
        }
    }
}
