//! The local AWS of one cell, with foreign objects in it that look like ours.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_eventbridge::types::{
    ApiDestinationHttpMethod, ConnectionAuthorizationType, CreateConnectionApiKeyAuthRequestParameters,
    CreateConnectionAuthRequestParameters,
};
use aws_sdk_sfn::types::TestExecutionStatus;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use local_aws::{LocalAws, Options, SeedDocument, Speed};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

use crate::verb::NAME;

/// The tag of a create that has not ended. Written out here: the matrix must not share the provider's mistakes.
const CREATING_TAG: &str = "terraform-provider-private:creating";

/// How many times faster than AWS: a connection, the slowest, takes half a second.
const SPEED: f64 = 400.0;

/// What lingers by itself after its holder is gone.
const LINGERING: &str = "network-interface";

/// A local AWS and what stood in it before the provider came.
pub struct Aws {
    local: LocalAws,
    runtime: Runtime,
    config: SdkConfig,
    foreign: BTreeMap<String, Value>,
}

impl Deref for Aws {
    type Target = LocalAws;

    fn deref(&self) -> &LocalAws {
        &self.local
    }
}

impl Aws {
    /// Starts one with the seed and the foreign objects.
    pub fn start() -> Self {
        let document = SeedDocument::parse(include_str!("seed.yaml")).expect("the seed is right");
        let options = Options {
            speed: Speed::Factor(SPEED),
            document,
            ..Options::default()
        };
        let local = LocalAws::start(options).expect("a local AWS starts");
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime starts");
        let credentials = Credentials::new("local", "local", None, None, "fault matrix");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(local.seed().region.clone()))
            .endpoint_url(local.endpoint())
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .build();
        let mut aws = Self {
            local,
            runtime,
            config,
            foreign: BTreeMap::new(),
        };
        aws.add_foreign();
        // What stands now is nobody's but its owner's.
        aws.local.advance_until_settled();
        aws.foreign = aws.standing();
        aws
    }

    /// A connection, an API destination and a gateway whose names begin as ours do.
    fn add_foreign(&self) {
        let events = aws_sdk_eventbridge::Client::new(&self.config);
        let lattice = aws_sdk_vpclattice::Client::new(&self.config);
        let key = CreateConnectionApiKeyAuthRequestParameters::builder()
            .api_key_name("x-api-key")
            .api_key_value("foreign")
            .build()
            .expect("it has both");
        let foreign = format!("{NAME}-eu");
        let made = async {
            let connection = events
                .create_connection()
                .name(&foreign)
                .authorization_type(ConnectionAuthorizationType::ApiKey)
                .auth_parameters(
                    CreateConnectionAuthRequestParameters::builder()
                        .api_key_auth_parameters(key)
                        .build(),
                )
                .send()
                .await
                .expect("a foreign connection is made");
            events
                .create_api_destination()
                .name(&foreign)
                .set_connection_arn(connection.connection_arn)
                .invocation_endpoint("https://foreign.example.com/")
                .http_method(ApiDestinationHttpMethod::Get)
                .send()
                .await
                .expect("a foreign API destination is made");
            lattice
                .create_resource_gateway()
                .name(format!("{NAME}-aaaaaaaaaaaa"))
                .vpc_identifier(&self.local.seed().vpc_id)
                .set_subnet_ids(Some(self.local.seed().subnet_ids.clone()))
                .security_group_ids(self.endpoint_group())
                .send()
                .await
                .expect("a foreign gateway is made");
        };
        self.runtime.block_on(made);
    }

    /// Every object that does not go by itself, by type and id.
    fn standing(&self) -> BTreeMap<String, Value> {
        let all = self.local.objects().into_iter();
        let standing = all.filter(|object| object["type"] != LINGERING);
        let keyed = standing.map(|object| {
            let part = |name: &str| object[name].as_str().unwrap_or_default().to_owned();
            (format!("{} {}", part("type"), part("id")), object)
        });
        keyed.collect()
    }

    /// Lets everything come to its end that is on its way.
    pub fn settle(&self) {
        self.local.advance_until_settled();
    }

    /// How many objects of each type there are beside the foreign ones.
    pub fn made(&self) -> BTreeMap<String, usize> {
        let mut made = BTreeMap::new();
        for (key, object) in self.standing() {
            if !self.foreign.contains_key(&key) {
                *made
                    .entry(object["type"].as_str().unwrap_or_default().to_owned())
                    .or_default() += 1;
            }
        }
        made
    }

    /// What there is beside the foreign objects, a line each.
    pub fn listed(&self) -> String {
        let ours = self
            .standing()
            .into_iter()
            .filter(|(key, _)| !self.foreign.contains_key(key));
        let line = |(key, object): (String, Value)| {
            format!(
                "  {key} {} {} {}\n",
                object["name"], object["state"], object["tags"]
            )
        };
        ours.map(line).collect()
    }

    /// What is no longer as it was of what is not ours.
    pub fn changed_foreign(&self) -> Vec<String> {
        let now = self.standing();
        let changed = self
            .foreign
            .iter()
            .filter(|(key, was)| now.get(*key) != Some(*was));
        changed
            .map(|(key, was)| format!("{key}: {was} became {:?}", now.get(key)))
            .collect()
    }

    /// Objects that bear the mark of a create that has not ended.
    pub fn marked(&self) -> BTreeSet<String> {
        let marked = self
            .standing()
            .into_iter()
            .filter(|(_, object)| object["tags"].get(CREATING_TAG).is_some());
        marked.map(|(key, _)| key).collect()
    }

    /// The endpoint that the seed has beside the first one.
    pub fn second_endpoint(&self) -> String {
        let first = &self.local.seed().vpc_endpoint_id;
        self.id_of(|object| object["type"] == "vpc-endpoint" && object["id"] != first.as_str())
    }

    /// The group of both endpoints.
    pub fn endpoint_group(&self) -> String {
        self.id_of(|object| object["type"] == "security-group" && object["name"] == "execute-api")
    }

    fn id_of(&self, is_meant: impl Fn(&Value) -> bool) -> String {
        let found = self.local.objects().into_iter().find(is_meant);
        found.expect("the seed has it")["id"]
            .as_str()
            .expect("it has an id")
            .to_owned()
    }

    /// Calls the private API as an HTTP task does, through a connection.
    ///
    /// # Errors
    /// The error of the task and its cause.
    pub fn call_api(&self, connection_arn: &str) -> Result<(), String> {
        let definition = json!({
            "Type": "Task",
            "Resource": "arn:aws:states:::http:invoke",
            "Parameters": {
                "ApiEndpoint": self.local.seed().api_url,
                "Method": "GET",
                "InvocationConfig": { "ConnectionArn": connection_arn },
            },
            "End": true,
        });
        let config = aws_sdk_sfn::config::Builder::from(&self.config)
            .interceptor(WithoutHostPrefix)
            .build();
        let call = aws_sdk_sfn::Client::from_conf(config)
            .test_state()
            .definition(definition.to_string())
            .role_arn(&self.local.seed().role_arn)
            .send();
        let answer = self
            .runtime
            .block_on(call)
            .map_err(|error| format!("TestState: {error:?}"))?;
        match answer.status {
            Some(TestExecutionStatus::Succeeded) => Ok(()),
            _ => Err(format!("{:?}: {:?}", answer.error, answer.cause)),
        }
    }
}

/// TestState's endpoint has the prefix `sync-`, which a local address must not get. Before the request is signed, since
/// the signature covers the host.
#[derive(Debug)]
struct WithoutHostPrefix;

impl Intercept for WithoutHostPrefix {
    fn name(&self) -> &'static str {
        "WithoutHostPrefix"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        let uri = request.uri().replacen("://sync-", "://", 1);
        request.set_uri(uri)?;
        Ok(())
    }
}
