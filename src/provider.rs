//! The provider block: which AWS, in hashicorp/aws' words, so that one block's values can be given to both
//! providers.

use serde::{Deserialize, Serialize};
use terraform_plugin::schema::{Block, int32, string};
use terraform_plugin::{
    Attr, Catalog, ConfigureCx, Diagnostic, Diagnostics, Outcome, Provider, Schema, ValidateCx, path,
};

use crate::aws::{Endpoints, Settings, Unusable};
use crate::client::{Client, Regions};
use crate::invocation::{Invocation, Path};

/// The provider.
pub struct Private;

/// The provider block.
#[derive(Serialize, Deserialize)]
pub struct Config {
    region: Attr<String>,
    access_key: Attr<String>,
    secret_key: Attr<String>,
    token: Attr<String>,
    profile: Attr<String>,
    max_retries: Attr<u32>,
    retry_mode: Attr<String>,
    endpoints: Attr<EndpointsConfig>,
}

#[derive(Serialize, Deserialize)]
struct EndpointsConfig {
    ec2: Attr<String>,
    vpclattice: Attr<String>,
    eventbridge: Attr<String>,
    sfn: Attr<String>,
    sts: Attr<String>,
}

const URL: &str = r"^https?://[^/?#\s]+/?$";

impl Config {
    fn texts(&self) -> [&Attr<String>; 6] {
        [
            &self.region,
            &self.access_key,
            &self.secret_key,
            &self.token,
            &self.profile,
            &self.retry_mode,
        ]
    }

    fn is_unknown(&self) -> bool {
        let endpoints = self.endpoints.known();
        self.texts().into_iter().any(Attr::is_unknown)
            || self.max_retries.is_unknown()
            || self.endpoints.is_unknown()
            || endpoints.is_some_and(|all| all.each().into_iter().any(Attr::is_unknown))
    }

    fn settings(self) -> Settings {
        let endpoints = self.endpoints.into_known();
        Settings {
            region: set(self.region),
            access_key: set(self.access_key),
            secret_key: set(self.secret_key),
            token: set(self.token),
            profile: set(self.profile),
            max_retries: self.max_retries.into_known(),
            retry_mode: set(self.retry_mode).and_then(|mode| mode.parse().ok()),
            endpoints: endpoints.map_or_else(Endpoints::default, |all| Endpoints {
                ec2: set(all.ec2),
                vpclattice: set(all.vpclattice),
                eventbridge: set(all.eventbridge),
                sts: set(all.sts),
            }),
        }
    }
}

impl EndpointsConfig {
    fn each(&self) -> [&Attr<String>; 5] {
        [
            &self.ec2,
            &self.vpclattice,
            &self.eventbridge,
            &self.sfn,
            &self.sts,
        ]
    }
}

/// An empty string means the same as null, as it does for hashicorp/aws: variables often default to it.
fn set(value: Attr<String>) -> Option<String> {
    value.into_known().filter(|value| !value.is_empty())
}

impl Provider for Private {
    const NAME: &'static str = "private";
    const ADDRESS: &'static str = "registry.terraform.io/private-api/private";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const LOG_TARGETS: &'static [&'static str] = &["reconcile"];
    type Config = Config;
    type Client = Client;

    fn schema() -> Schema {
        let url = |service: &str| {
            string().optional().matches(URL, "an http or https URL without a path").describe(&format!(
                "URL of {service}, instead of the one in the Region. Default: `AWS_ENDPOINT_URL` and its like, else AWS."
            ))
        };
        Schema::new(0)
            .describe(
                "Calls private APIs from AWS Step Functions and EventBridge. What is not set here is found as every AWS \
                 tool finds it: environment variables, shared configuration and credentials files, SSO, container and \
                 instance roles.",
            )
            .attr(
                "region",
                string().optional().describe(
                    "Region of every resource that does not name its own, such as `eu-central-1`. Default: `AWS_REGION`, or the profile's.",
                ),
            )
            .attr("access_key", string().optional().describe("Access key id; needs `secret_key`. Default: found as every AWS tool does."))
            .attr("secret_key", string().optional().sensitive().describe("Secret access key; needs `access_key`. Default: found as every AWS tool does."))
            .attr(
                "token",
                string().optional().sensitive().describe("Session token of temporary credentials; needs `access_key`. Default: none."),
            )
            .attr(
                "profile",
                string().optional().describe("Profile of the shared configuration and credentials files. Default: `AWS_PROFILE`, else `default`."),
            )
            .attr(
                "max_retries",
                int32().optional().between(1..=1_000).describe(
                    "How often a call is made at most where AWS throttles it or cannot serve it. Default: `AWS_MAX_ATTEMPTS`, or \
                     the profile's `max_attempts`, else 25.",
                ),
            )
            .attr(
                "retry_mode",
                string().optional().one_of(["standard", "adaptive"]).describe(
                    "How calls are made again: `standard`, or `adaptive`, which also slows down where AWS throttles. Default: \
                     `AWS_RETRY_MODE`, or the profile's, else `standard`.",
                ),
            )
            .block(
                "endpoints",
                Block::single()
                    .describe("Where the services are, if not at AWS: for local-aws, other emulators, and VPC endpoints.")
                    .attr("ec2", url("EC2"))
                    .attr("vpclattice", url("VPC Lattice"))
                    .attr("eventbridge", url("EventBridge"))
                    .attr(
                        "sfn",
                        url("Step Functions, which this version does not call; so that one block serves other providers too"),
                    )
                    .attr("sts", url("STS")),
            )
    }

    fn validate(&self, _: &ValidateCx, config: &Config) -> Outcome {
        let mut wrong = Diagnostics::new();
        let mut needs = |given: &Attr<String>, other: &Attr<String>, name: &str, other_name: &str| {
            if given.known().is_some_and(|value| !value.is_empty()) && other.is_null() {
                let detail = format!("{name} is of no use without {other_name}. Set both, or neither.");
                wrong.push(Diagnostic::error(format!("{other_name} is missing"), detail).at(path!(name)));
            }
        };
        needs(&config.access_key, &config.secret_key, "access_key", "secret_key");
        needs(&config.secret_key, &config.access_key, "secret_key", "access_key");
        needs(&config.token, &config.access_key, "token", "access_key");
        wrong.into_outcome()
    }

    async fn configure(&self, _: &ConfigureCx, config: Config) -> Result<Client, Diagnostics> {
        if config.is_unknown() {
            return Ok(Client::NotYetKnown);
        }
        match Regions::new(config.settings()).await {
            Ok(regions) => Ok(Client::Ready(Box::new(regions))),
            Err(error @ Unusable::NoRegion) => Err(Diagnostic::error(
                "No Region",
                format!(
                    "{error}: neither in the provider block, nor in AWS_REGION or AWS_DEFAULT_REGION, nor in the profile. \
                     Set region in the provider block."
                ),
            )
            .at(path!("region"))
            .into()),
            Err(Unusable::Trust(words)) => Err(Diagnostic::error(
                "No certificate authorities",
                format!("{words}. Correct AWS_CA_BUNDLE or unset it; without it the system's authorities are used."),
            )
            .into()),
        }
    }

    fn catalog(catalog: &mut Catalog<Client>) {
        catalog.resource(Invocation);
        catalog.resource(Path);
    }
}
