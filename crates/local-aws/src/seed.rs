//! What a fresh world contains, as a seed document says it, and what a client has to know of it.

mod check;
mod document;
pub(crate) mod mocks;
mod parts;
mod read;
pub(crate) mod servers;
pub(crate) mod text;
pub(crate) mod upstream;

use std::fmt::Display;
use std::sync::Arc;

use serde::Serialize;

pub use document::SeedDocument;
pub(crate) use document::network;
pub(crate) use parts::{
    ApiPart, AuthPart, GroupPart, HostPart, ResponsePart, RolePart, RoutePart, RulePart, TokenPart, VpcPart,
};

use crate::core::partition::Partition;
use crate::seed::servers::Servers;

/// What a client has to know to begin: the line that `local-aws serve` prints.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Seed {
    /// The URL that serves every AWS service and the control API.
    pub endpoint: String,
    /// The one region that requests may be signed for.
    pub region: String,
    /// The account that everything belongs to.
    pub account_id: String,
    /// The VPC, with the CIDR blocks 10.0.0.0/16 and 100.64.0.0/16.
    pub vpc_id: String,
    /// One subnet in each of two zones.
    pub subnet_ids: Vec<String>,
    /// The execute-api interface endpoint.
    pub vpc_endpoint_id: String,
    /// What an HTTP task has to call: `https://<api>.execute-api.<region>.amazonaws.com/<stage>/orders`.
    pub api_url: String,
    /// The value that the private API wants in `x-api-key`, or as password of the user `orders`.
    pub api_key: String,
    /// A role to hand to TestState or to assume.
    pub role_arn: String,
    /// A public token endpoint for client credentials, if there is one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub token_url: String,
    /// The client that it knows; in the default seed its secret is the API key.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub client_id: String,
}

/// Region, account and the document with every id, which a reset keeps.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub(crate) region: String,
    pub(crate) account_id: String,
    pub(crate) document: Arc<SeedDocument>,
    pub(crate) servers: Arc<Servers>,
}

impl Origin {
    pub(crate) fn partition(&self) -> Partition {
        Partition::of(&self.region)
    }

    /// The ARN of something that no Region has: a role, a user.
    pub(crate) fn global_arn(&self, service: &str, resource: impl Display) -> String {
        let partition = self.partition().name;
        format!("arn:{partition}:{service}::{}:{resource}", self.account_id)
    }

    pub(crate) fn new(region: &str, document: SeedDocument) -> Self {
        let document = document.completed();
        Self {
            region: region.to_owned(),
            account_id: document.account_id.clone(),
            servers: Arc::new(Servers::new(region, &document)),
            document: Arc::new(document),
        }
    }

    pub(crate) fn seed(&self, endpoint: String) -> Seed {
        let document = &self.document;
        let vpc = document.vpcs.first();
        let api = document.apis.first();
        let url = |api: &ApiPart, route: &RoutePart| {
            format!(
                "https://{}.execute-api.{}.{}/{}{}",
                api.id,
                self.region,
                self.partition().dns_suffix,
                api.stage,
                route.path
            )
        };
        let routes = || document.apis.iter().flat_map(|api| &api.routes);
        let key = routes()
            .flat_map(|route| &route.auth)
            .find_map(|auth| match auth {
                AuthPart::ApiKey { value, .. } => Some(value.clone()),
                _ => None,
            });
        let public = document.hosts.iter().filter(|host| host.vpc.is_none());
        let token = public
            .flat_map(|host| host.routes.iter().map(move |route| (host, route)))
            .find_map(|(host, route)| {
                let url = format!("https://{}:{}{}", host.domain_name, host.port, route.path);
                Some((url.replace(":443/", "/"), route.token.as_ref()?.client_id.clone()))
            });
        let (token_url, client_id) = token.unzip();
        Seed {
            endpoint,
            region: self.region.clone(),
            account_id: self.account_id.clone(),
            vpc_id: vpc.map(|vpc| vpc.id.clone()).unwrap_or_default(),
            subnet_ids: vpc
                .map(|vpc| vpc.subnets.iter().map(|subnet| subnet.id.clone()).collect())
                .unwrap_or_default(),
            vpc_endpoint_id: document
                .endpoints
                .first()
                .map(|endpoint| endpoint.id.clone())
                .unwrap_or_default(),
            api_url: api
                .and_then(|api| Some(url(api, api.routes.first()?)))
                .unwrap_or_default(),
            api_key: key.unwrap_or_default(),
            role_arn: document
                .roles
                .first()
                .map(|role| self.global_arn("iam", format_args!("role/{}", role.name())))
                .unwrap_or_default(),
            token_url: token_url.unwrap_or_default(),
            client_id: client_id.unwrap_or_default(),
        }
    }
}
