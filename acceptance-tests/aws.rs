//! The local AWS of one scenario: what stands in it, what was called, what changes it by hand.

use std::collections::BTreeMap;
use std::future::Future;
use std::ops::Deref;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_sdk_ec2::types::Filter;
use aws_sdk_sfn::types::TestExecutionStatus;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use cli_harness::PATIENCE;
use local_aws::{Call, LocalAws, Options, SeedDocument, Speed};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

/// The tag that makes an object an invocation's. Written out here: the tests must not share the provider's mistakes.
pub const INVOCATION_TAG: &str = "terraform-provider-private:invocation";

/// The tag that makes an object a path's.
pub const PATH_TAG: &str = "terraform-provider-private:path";

/// The tag of a create that has not ended.
pub const CREATING_TAG: &str = "terraform-provider-private:creating";

/// What changes something, by service, as the scenarios count it.
const MUTATIONS: [&str; 7] = [
    "Create",
    "Update",
    "Delete",
    "Authorize",
    "Revoke",
    "Tag",
    "Untag",
];

/// One local AWS, and clients that look at it and change it as a person would.
pub struct Aws {
    local: LocalAws,
    runtime: Runtime,
    pub ec2: aws_sdk_ec2::Client,
    pub lattice: aws_sdk_vpclattice::Client,
    pub events: aws_sdk_eventbridge::Client,
    sfn: aws_sdk_sfn::Client,
}

impl Deref for Aws {
    type Target = LocalAws;

    fn deref(&self) -> &LocalAws {
        &self.local
    }
}

impl Aws {
    /// Starts one in which a create takes about a second: a connection, the slowest, 0.6 s.
    pub fn start() -> Self {
        Self::start_with(SeedDocument::default())
    }

    /// Starts one that begins with another seed.
    pub fn start_with(document: SeedDocument) -> Self {
        let options = Options {
            speed: Speed::Factor(100.0),
            document,
            ..Options::default()
        };
        let local = LocalAws::start(options).expect("a local AWS starts");
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime starts");
        let config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(local.seed().region.clone()))
            .endpoint_url(local.endpoint())
            .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(
                Credentials::new("local", "local", None, None, "acceptance"),
            ))
            .build();
        let sfn = aws_sdk_sfn::config::Builder::from(&config)
            .interceptor(WithoutHostPrefix)
            .build();
        Self {
            ec2: aws_sdk_ec2::Client::new(&config),
            lattice: aws_sdk_vpclattice::Client::new(&config),
            events: aws_sdk_eventbridge::Client::new(&config),
            sfn: aws_sdk_sfn::Client::from_conf(sfn),
            local,
            runtime,
        }
    }

    /// Waits for a call of one of the clients.
    pub fn wait<T>(&self, call: impl Future<Output = T>) -> T {
        self.runtime.block_on(call)
    }

    /// The objects of one type: `resource-gateway`, `security-group`, …
    pub fn of_type(&self, kind: &str) -> Vec<Value> {
        self.objects()
            .into_iter()
            .filter(|object| object["type"] == kind)
            .collect()
    }

    /// Ids of one type that bear the invocation's tag, sorted by age as local-aws lists them.
    pub fn ids_of(&self, kind: &str, invocation: &str) -> Vec<String> {
        self.ids_of_holder(kind, INVOCATION_TAG, invocation)
    }

    /// Ids of one type that bear a path's tag.
    pub fn ids_of_path(&self, kind: &str, path: &str) -> Vec<String> {
        self.ids_of_holder(kind, PATH_TAG, path)
    }

    fn ids_of_holder(&self, kind: &str, tag: &str, name: &str) -> Vec<String> {
        let ours = self.of_type(kind).into_iter().filter(|object| {
            let holder = object["tags"][tag].as_str();
            holder.is_some_and(|holder| holder.split('/').next() == Some(name))
        });
        ours.filter_map(|object| object["id"].as_str().map(str::to_owned))
            .collect()
    }

    /// How many objects there are of each type, without those of the seed. Connections' associations count, too; network
    /// interfaces do not, since they linger after their gateway is gone, nor do executions, which are history.
    pub fn made(&self) -> BTreeMap<String, usize> {
        const SEED: [&str; 5] = ["vpc", "subnet", "vpc-endpoint", "network-interface", "execution"];
        let mut made = BTreeMap::new();
        for object in self.objects() {
            let (kind, name) = (object["type"].as_str().unwrap_or_default(), &object["name"]);
            let of_seed = SEED.contains(&kind)
                || (kind == "security-group" && (name == "default" || name == "execute-api"))
                || kind == "security-group-rule";
            if !of_seed {
                *made.entry(kind.to_owned()).or_default() += 1;
            }
        }
        made
    }

    /// Fails unless there is exactly one of each object of one invocation.
    #[track_caller]
    pub fn has_one_of_each(&self) {
        self.has_one_of_each_and(&[]);
    }

    /// The same with one of each of these types.
    #[track_caller]
    pub fn has_one_of_each_and(&self, more: &[&str]) {
        let one = [
            "connection",
            "resource-configuration",
            "resource-gateway",
            "security-group",
            "service-network-resource-association",
        ];
        let one: BTreeMap<_, _> = one
            .iter()
            .chain(more)
            .map(|kind| ((*kind).to_owned(), 1))
            .collect();
        assert_eq!(self.made(), one, "{:#?}", self.objects());
    }

    /// Fails unless there is nothing but the seed.
    #[track_caller]
    pub fn has_nothing(&self) {
        assert!(self.made().is_empty(), "{:#?}", self.made());
    }

    /// The calls so far that changed something, or tried to.
    pub fn mutations(&self) -> Vec<Call> {
        let mutates = |call: &Call| MUTATIONS.iter().any(|verb| call.operation.starts_with(verb));
        self.calls().into_iter().filter(mutates).collect()
    }

    /// Their names, in order.
    pub fn mutation_names(&self) -> Vec<String> {
        self.mutations().into_iter().map(|call| call.operation).collect()
    }

    /// How many calls of an operation there were.
    pub fn count(&self, operation: &str) -> usize {
        self.calls()
            .iter()
            .filter(|call| call.operation == operation)
            .count()
    }

    /// Sets what AWS does where that is not certain, or a quota.
    #[track_caller]
    pub fn switch(&self, setting: &str, value: impl Into<Value>) {
        let changed = self.local.change_settings(&json!({ setting: value.into() }));
        changed.unwrap_or_else(|wrong| panic!("{setting}: {wrong}"));
    }

    /// Adds a fault rule.
    #[track_caller]
    pub fn fault(&self, rule: Value) -> u64 {
        let ids = self
            .local
            .add_fault(&rule)
            .unwrap_or_else(|wrong| panic!("{rule}: {wrong}"));
        ids[0]
    }

    /// Keeps the objects of one type in a passing state, until the rule is removed.
    pub fn stick(&self, service: &str, kind: &str, state: &str) -> u64 {
        self.fault(json!({ "service": service, "type": kind, "stuck": state }))
    }

    /// Waits until an operation was called more than `seen` times.
    #[track_caller]
    pub fn wait_for(&self, service: &str, operation: &str, seen: usize) -> Call {
        self.local
            .wait_for_call(service, operation, seen, PATIENCE)
            .unwrap_or_else(|| {
                panic!(
                    "{service}:{operation} was called {} times only",
                    self.count(operation)
                )
            })
    }

    /// Calls the private API as an HTTP task does, through a connection; gives the output, or the error and its cause.
    pub fn call_api(&self, connection_arn: &str) -> Result<Value, (String, String)> {
        let definition = json!({
            "Type": "Task",
            "Resource": "arn:aws:states:::http:invoke",
            "Parameters": {
                "ApiEndpoint": self.seed().api_url,
                "Method": "GET",
                "InvocationConfig": { "ConnectionArn": connection_arn },
            },
            "End": true,
        });
        let call = self
            .sfn
            .test_state()
            .definition(definition.to_string())
            .role_arn(&self.seed().role_arn)
            .send();
        let answer = self.wait(call).expect("TestState answers");
        let text = |text: Option<String>| text.unwrap_or_default();
        match answer.status {
            Some(TestExecutionStatus::Succeeded) => {
                Ok(serde_json::from_str(&text(answer.output)).expect("an HTTP task puts out JSON"))
            }
            _ => Err((text(answer.error), text(answer.cause))),
        }
    }

    /// Makes another execute-api endpoint beside the seed's, and gives its id.
    pub fn add_endpoint(&self) -> String {
        let seed = self.seed();
        let call = self
            .ec2
            .create_vpc_endpoint()
            .vpc_endpoint_type(aws_sdk_ec2::types::VpcEndpointType::Interface)
            .vpc_id(&seed.vpc_id)
            .service_name(format!("com.amazonaws.{}.execute-api", seed.region))
            .set_subnet_ids(Some(seed.subnet_ids.clone()))
            .set_security_group_ids(Some(vec![self.seed_group()]))
            .private_dns_enabled(false)
            .send();
        let endpoint = self
            .wait(call)
            .expect("an endpoint is made")
            .vpc_endpoint
            .expect("it is described");
        let id = endpoint.vpc_endpoint_id.expect("it has an id");
        self.becomes("vpc-endpoint", &id, "available");
        id
    }

    /// The group of the seed's endpoint.
    pub fn seed_group(&self) -> String {
        let groups = self.of_type("security-group");
        let group = groups
            .iter()
            .find(|object| object["name"] == "execute-api")
            .expect("the seed has it");
        group["id"].as_str().expect("it has an id").to_owned()
    }

    /// Waits until an object of a type, with `part` in its name or id, is in a state.
    #[track_caller]
    pub fn becomes(&self, kind: &str, part: &str, state: &str) {
        let found = self.wait_for_state(kind, part, state, PATIENCE);
        assert!(
            found.is_some(),
            "no {kind} {part} is ever {state}: {:#?}",
            self.objects()
        );
    }

    /// Waits until there is no object of a type with `part` in its name or id.
    #[track_caller]
    pub fn goes(&self, kind: &str, part: &str) {
        let gone = self.wait_until_gone(kind, part, PATIENCE);
        assert!(gone, "a {kind} {part} stays: {:#?}", self.objects());
    }

    /// The network interfaces that hold a group.
    #[track_caller]
    pub fn interfaces_of(&self, group: &str) -> Vec<String> {
        let with_group = Filter::builder().name("group-id").values(group).build();
        let call = self.ec2.describe_network_interfaces().filters(with_group).send();
        let interfaces = self.wait(call).expect("interfaces can be listed");
        interfaces
            .network_interfaces
            .unwrap_or_default()
            .into_iter()
            .filter_map(|interface| interface.network_interface_id)
            .collect()
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
