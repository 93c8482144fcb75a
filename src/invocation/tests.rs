//! The resource as core walks it, in process, against a local AWS without delays.

mod borrowing;
mod checks;
mod denied;
mod drift;
mod going_back;
mod handover;
mod ignoring;
mod importing;
mod listing;
mod moving;
mod moving_in;
mod own_words;
mod ownership;
mod paths;
mod planning;
mod reach;
mod reasons;
mod replaced;
mod sequences;
mod tagging;
mod taken;
mod unrecorded;

use local_aws::LocalAws;
use terraform_plugin::testing::{Host, Instance};
use terraform_plugin::{Attr, Diagnostics, Value, config, path};

use crate::component::naming::INVOCATION_TAG;
use crate::provider::Private;
use crate::testing::{by_hand, local_aws};

const TYPE: &str = "private_api_invocation";

/// An instance of the resource at a configured provider.
async fn instance(aws: &LocalAws) -> Instance {
    instance_in(aws, &aws.seed().region).await
}

/// The same at a provider of that Region.
async fn instance_in(aws: &LocalAws, region: &str) -> Instance {
    instance_at(Host::new(Private), aws, region).await
}

/// The same at a host of one's own.
async fn instance_at(host: Host, aws: &LocalAws, region: &str) -> Instance {
    configure(&host, aws, region).await;
    host.resource(TYPE).expect("the provider has the resource")
}

/// Configures a host's provider for a local AWS.
async fn configure(host: &Host, aws: &LocalAws, region: &str) {
    let configured = host.configure(block(aws, region)).await;
    configured.expect("the provider is configured");
}

/// The provider block.
fn block(aws: &LocalAws, region: &str) -> Value {
    let url = aws.endpoint();
    // Who calls is asked in the Region that is served, wherever the provider is.
    let served = aws.seed().region.as_str();
    config! {
        region = region,
        sts_region = served,
        access_key = "local",
        secret_key = "local",
        endpoints = { ec2 = url, vpclattice = url, eventbridge = url, sfn = url, sts = url },
    }
}

/// Another endpoint for the same API, with the groups of the first.
async fn second_endpoint(aws: &LocalAws) -> String {
    let client = by_hand(aws).await;
    let first = client
        .ec2
        .describe_vpc_endpoints()
        .vpc_endpoint_ids(&aws.seed().vpc_endpoint_id)
        .send()
        .await
        .expect("the first is described");
    let groups = first.vpc_endpoints()[0].groups().iter();
    let made = client
        .ec2
        .create_vpc_endpoint()
        .vpc_id(&aws.seed().vpc_id)
        .service_name(format!("com.amazonaws.{}.execute-api", aws.seed().region))
        .vpc_endpoint_type(aws_sdk_ec2::types::VpcEndpointType::Interface)
        .set_subnet_ids(Some(aws.seed().subnet_ids.clone()))
        .set_security_group_ids(Some(groups.filter_map(|group| group.group_id.clone()).collect()))
        .private_dns_enabled(false)
        .send()
        .await
        .expect("a second endpoint");
    let id = made.vpc_endpoint.and_then(|endpoint| endpoint.vpc_endpoint_id);
    id.expect("its id")
}

fn orders(aws: &LocalAws) -> Value {
    let endpoint = aws.seed().vpc_endpoint_id.as_str();
    let key = aws.seed().api_key.as_str();
    config! {
        name = "orders",
        vpc_endpoint_id = endpoint,
        authorization = { api_key = { name = "x-api-key", value_wo = key, value_wo_version = "1" } },
    }
}

/// What is there that this provider made.
fn ours(aws: &LocalAws) -> Vec<serde_json::Value> {
    let tagged = |object: &serde_json::Value| object["tags"].to_string().contains(INVOCATION_TAG);
    let objects = aws.objects().into_iter();
    objects
        .filter(|object| tagged(object) || object["type"] == "connection")
        .collect()
}

fn errors(refused: Result<Diagnostics, Diagnostics>) -> Diagnostics {
    refused.expect_err("it is refused")
}

#[test]
fn schema_and_models_fit_each_other_and_core() {
    assert_eq!(Host::new(Private).problems(), [""; 0]);
}

#[tokio::test]
async fn bad_input_is_refused_offline_with_its_attribute_and_the_remedy() {
    let host = Host::new(Private);
    let thing = host.resource(TYPE).expect("the resource");
    let key = |authorization: Value| {
        config! { name = "orders", vpc_endpoint_id = "vpce-0123456789abcdef0", authorization = authorization }
    };
    let with = |name: &str, endpoint: &str| {
        config! { name = name, vpc_endpoint_id = endpoint, authorization = { none = {} } }
    };
    let long = "x".repeat(65);
    let table = [
        (with("a/b", "vpce-0123456789abcdef0"), "name", "1 to 64"),
        (with(&long, "vpce-0123456789abcdef0"), "name", "1 to 64"),
        (with("orders", "vpc-1"), "vpc_endpoint_id", "vpce-"),
        (
            key(config! {}),
            "authorization",
            "none is. Set one of them. Check the spelling too",
        ),
        (
            key(config! { none = {}, basic = { username = "u", password = "p" } }),
            "authorization",
            "Keep one of them",
        ),
        (
            key(config! { api_key = { name = "k" } }),
            "value_wo",
            "may have no value",
        ),
        (
            key(config! { api_key = { name = "k", value = "a", value_wo = "b", value_wo_version = "1" } }),
            "value",
            "Keep one",
        ),
        (
            key(config! { api_key = { name = "k", value_wo = "b" } }),
            "value_wo_version",
            "Set it",
        ),
        (
            key(config! { api_key = { name = "k", value = "b", value_wo_version = "1" } }),
            "value_wo_version",
            "Remove it",
        ),
        (
            config! {
                name = "orders", vpc_endpoint_id = "vpce-0123456789abcdef0", authorization = { none = {} },
                tags = { "terraform-provider-private:invocation" = "x" },
            },
            "tags",
            "Choose another key",
        ),
        (
            config! {
                name = "orders", vpc_endpoint_id = "vpce-0123456789abcdef0", authorization = { none = {} },
                tags = { team = null },
            },
            "tags",
            "null",
        ),
        (
            config! {
                name = "orders", vpc_endpoint_id = "vpce-0123456789abcdef0", authorization = { none = {} },
                network = { subnet_ids = [] },
            },
            "subnet_ids",
            "Give it an element, or remove it",
        ),
        (
            config! {
                name = "orders", vpc_endpoint_id = "vpce-0123456789abcdef0", authorization = { none = {} },
                timeouts = { create = "soon" },
            },
            "timeouts",
            "30m",
        ),
        (
            config! {
                name = "orders", vpc_endpoint_id = "vpce-0123456789abcdef0", authorization = { none = {} },
                invocation_http_parameters = { header = { "X-Shop" = { value = "1" }, "x-shop" = { value = "2" } } },
            },
            "header",
            "X-Shop and x-shop are the same header",
        ),
    ];
    for (config, attribute, remedy) in table {
        let refused = errors(thing.validate(config).await);
        let words = refused.to_string();
        assert!(words.contains(remedy), "{attribute}: {words}");
        // A path ends where a CLI finds its line; the words have all of it.
        let named = refused.iter().any(|one| one.to_string().contains(attribute));
        assert!(named, "{attribute}: {words}");
    }
}

#[tokio::test]
async fn a_region_that_there_is_not_is_refused_by_the_plan_with_the_one_that_is_meant() {
    let local = local_aws();
    let thing = instance(&local).await;
    let config = config! {
        name = "orders", region = "eu-centrl-1", vpc_endpoint_id = (local.seed().vpc_endpoint_id.as_str()),
        authorization = { none = {} },
    };
    let refused = thing.plan(config).await.map(|_| ()).expect_err("no such Region");
    let told = refused.to_string();
    assert!(
        told.contains("Unknown Region") && told.contains("Is eu-central-1 meant?"),
        "{told}"
    );
}

#[tokio::test]
async fn one_mistake_is_one_error() {
    let host = Host::new(Private);
    let thing = host.resource(TYPE).expect("the resource");
    let endpoint = "vpce-0123456789abcdef0";
    let arn = "arn:aws:vpc-lattice:eu-central-1:123456789012:resourceconfiguration/rcfg-0123456789abcdef0";
    let header = |x: Value| {
        config! {
            name = "orders", vpc_endpoint_id = endpoint, authorization = { none = {} },
            invocation_http_parameters = { header = { x = x } },
        }
    };
    let token = |way: Value| {
        config! {
            name = "orders", vpc_endpoint_id = endpoint,
            authorization = {
                oauth_client_credentials = {
                    authorization_endpoint = "https://login.example.com/token", client_id = "c", client_secret = "s",
                    private_authorization_endpoint = way,
                }
            },
        }
    };
    for (config, words) in [
        (
            header(config! { value = "x", secret_value_wo = "s", secret_value_wo_version = "1" }),
            "`invocation_http_parameters.header[\"x\"].secret_value_wo` are. Keep one of them.",
        ),
        (
            header(config! { value = "x", secret_value_wo_version = "1" }),
            "`invocation_http_parameters.header[\"x\"].secret_value_wo_version` must not be set. Remove it.",
        ),
        (
            header(config! { secret_value_wo = "s", secret_value_wo_version = "" }),
            "tells no version from another",
        ),
        (
            config! {
                name = "orders", vpc_endpoint_id = endpoint, https_endpoint = { domain_name = "api.example.com" },
                authorization = { none = {} },
            },
            "Keep one of them",
        ),
        (
            config! {
                name = "orders", vpc_endpoint_id = endpoint, shared_resource_configuration_arn = arn,
                network = { ip_address_type = "IPV4" }, authorization = { none = {} },
            },
            "Keep one of them",
        ),
        (
            token(config! { same_path = true, resource_configuration_arn = arn }),
            "The value must not be true.",
        ),
        (
            token(config! { same_path = false }),
            "or remove private_authorization_endpoint where the token endpoint is public",
        ),
    ] {
        let refused = errors(thing.validate(config).await);
        assert_eq!(refused.iter().count(), 1, "{words}: {refused}");
        assert!(refused.to_string().contains(words), "{words}: {refused}");
    }
}

#[tokio::test]
async fn a_write_only_secret_is_refused_where_the_cli_does_not_know_it() {
    let aws = local_aws();
    let host = Host::new(Private).without_write_only();
    let refused = errors(
        host.resource(TYPE)
            .expect("the resource")
            .validate(orders(&aws))
            .await,
    );
    let words = refused.to_string();
    assert!(words.contains("value_wo") && words.contains("1.11"), "{words}");
}

#[tokio::test]
async fn an_unknown_endpoint_leaves_known_what_follows_from_the_name() {
    let aws = local_aws();
    let thing = instance(&aws).await;
    let config = config! { name = "orders", vpc_endpoint_id = unknown, authorization = { none = {} } };
    let plan = thing.plan(config).await.expect("a plan");
    assert!(plan.is_create());
    for known in [
        path!("id"),
        path!("connection_arn_for_policy"),
        path!("state_machine_policy_json"),
    ] {
        assert!(plan.is_known(&known), "{known}");
    }
    for unknown in [
        path!("vpc_id"),
        path!("domain_name"),
        path!("subnet_ids"),
        path!("connection_arn"),
    ] {
        assert!(plan.is_unknown(&unknown), "{unknown}");
    }
}

/// After each change the next plan is empty, and the connection is the same; that what the plan knew is what the apply
/// answered, the host itself checks.
#[tokio::test]
async fn every_change_but_that_of_the_name_happens_in_place_and_is_followed_by_an_empty_plan() {
    let aws = local_aws();
    let mut thing = instance(&aws).await;
    let created = thing.apply(orders(&aws)).await.expect("created");
    assert!(
        created.is_create() && created.is_known(&path!("vpc_id")) && created.is_unknown(&path!("pending"))
    );
    let connection = thing.get(&path!("connection_arn")).cloned().expect("an ARN");

    let second = second_endpoint(&aws).await;

    let (first, key) = (aws.seed().vpc_endpoint_id.as_str(), aws.seed().api_key.as_str());
    let subnet = aws.seed().subnet_ids[0].as_str();
    let second = second.as_str();
    let changes = [
        config! {
            name = "orders", vpc_endpoint_id = first, description = "described",
            authorization = { api_key = { name = "x-api-key", value_wo = key, value_wo_version = "1" } },
        },
        config! {
            name = "orders", vpc_endpoint_id = first,
            authorization = { api_key = { name = "x-api-key", value_wo = key, value_wo_version = "2" } },
            tags = { team = "orders" },
        },
        config! {
            name = "orders", vpc_endpoint_id = first, network = { subnet_ids = [subnet] },
            authorization = { basic = { username = "orders", password = key } },
        },
        config! {
            name = "orders", vpc_endpoint_id = second,
            authorization = { basic = { username = "orders", password = key } },
        },
        config! { name = "orders", vpc_endpoint_id = first, authorization = { none = {} } },
    ];
    for (n, change) in changes.into_iter().enumerate() {
        let plan = thing
            .apply(change.clone())
            .await
            .unwrap_or_else(|refused| panic!("{n}: {refused}"));
        assert!(plan.is_update(), "{n}: {:?}", plan.action());
        assert!(plan.is_known(&path!("connection_arn")), "{n}");
        assert_eq!(thing.get(&path!("connection_arn")), Some(&connection), "{n}");
        thing
            .refresh()
            .await
            .unwrap_or_else(|refused| panic!("{n}: {refused}"));
        let again = thing
            .plan(change)
            .await
            .unwrap_or_else(|refused| panic!("{n}: {refused}"));
        assert!(
            again.is_no_op(),
            "{n}: {:?} → {:?}",
            again.prior(),
            again.planned()
        );
    }
    thing.destroy().await.expect("destroyed");
    assert_eq!(ours(&aws), [serde_json::Value::Null; 0]);
}

/// EventBridge calls a full quota LimitExceededException, which SDKs take for throttling and retry for minutes.
#[tokio::test]
async fn a_full_quota_is_told_at_once_and_what_stands_is_removed() {
    let aws = local_aws();
    let mut thing = instance(&aws).await;
    aws.change_settings(&serde_json::json!({ "private_connections": 0 }))
        .expect("a known setting");
    let refused = thing
        .apply(orders(&aws))
        .await
        .expect_err("no connection is to be had");
    let words = refused.to_string();
    assert!(
        words.contains("events:CreateConnection") && words.contains("limited to 20"),
        "{words}"
    );
    let tries = aws
        .calls()
        .into_iter()
        .filter(|call| call.operation == "CreateConnection")
        .count();
    assert_eq!(tries, 1);
    assert!(thing.is_tainted());
    thing.destroy().await.expect("destroyed");
    assert_eq!(ours(&aws), [serde_json::Value::Null; 0]);
}

#[tokio::test]
async fn another_name_is_a_replacement_and_says_nothing_of_the_objects_of_the_former() {
    let aws = local_aws();
    let mut thing = instance(&aws).await;
    thing.apply(orders(&aws)).await.expect("created");
    let endpoint = aws.seed().vpc_endpoint_id.as_str();
    for renamed in [
        config! { name = "renamed", vpc_endpoint_id = endpoint, authorization = { none = {} } },
        config! { name = unknown, vpc_endpoint_id = endpoint, authorization = { none = {} } },
    ] {
        let plan = thing.plan(renamed).await.expect("a plan");
        assert!(plan.is_replace() && plan.is_unknown(&path!("connection_arn")));
        assert!(plan.warnings().is_empty(), "{}", plan.warnings());
    }
}

#[tokio::test]
async fn a_create_that_meets_a_living_invocation_changes_and_records_nothing() {
    let aws = local_aws();
    let mut first = instance(&aws).await;
    first.apply(orders(&aws)).await.expect("created");
    let before = (ours(&aws), aws.calls().len());

    let mut second = instance(&aws).await;
    let refused = second.apply(orders(&aws)).await.expect_err("the name is taken");
    assert!(refused.to_string().contains("terraform import"), "{refused}");
    assert!(second.state().is_none() && !second.is_tainted());
    let since = &aws.calls()[before.1..];
    let reads = ["Get", "Describe", "List"];
    let changes = since
        .iter()
        .filter(|call| !reads.iter().any(|read| call.operation.starts_with(read)));
    assert_eq!(changes.count(), 0);
    assert_eq!(ours(&aws), before.0);
    assert!(first.plan(orders(&aws)).await.expect("a plan").is_no_op());
}

/// As after a move that was killed while EventBridge authorized the connection anew.
#[tokio::test]
async fn the_state_of_a_connection_on_its_way_is_not_promised_by_a_plan_that_changes_something() {
    let aws = local_aws();
    let mut thing = instance(&aws).await;
    thing.apply(orders(&aws)).await.expect("created");
    let stuck = serde_json::json!({ "service": "events", "type": "connection", "stuck": "AUTHORIZED" });
    let rule = aws.add_fault(&stuck).expect("a rule")[0];
    let key = aws_sdk_eventbridge::types::UpdateConnectionApiKeyAuthRequestParameters::builder()
        .api_key_value(&aws.seed().api_key)
        .build();
    by_hand(&aws)
        .await
        .events
        .update_connection()
        .name("orders")
        .authorization_type(aws_sdk_eventbridge::types::ConnectionAuthorizationType::ApiKey)
        .auth_parameters(
            aws_sdk_eventbridge::types::UpdateConnectionAuthRequestParameters::builder()
                .api_key_auth_parameters(key)
                .build(),
        )
        .send()
        .await
        .expect("an update by hand");
    thing.refresh().await.expect("read");
    assert_eq!(
        thing.get(&path!("connection_state")).and_then(Value::as_str),
        Some("AUTHORIZED")
    );
    assert!(thing.plan(orders(&aws)).await.expect("a plan").is_no_op());

    let (endpoint, key) = (aws.seed().vpc_endpoint_id.as_str(), aws.seed().api_key.as_str());
    let tagged = config! {
        name = "orders", vpc_endpoint_id = endpoint, tags = { team = "orders" },
        authorization = { api_key = { name = "x-api-key", value_wo = key, value_wo_version = "1" } },
    };
    let plan = thing.plan(tagged.clone()).await.expect("a plan");
    assert!(plan.is_unknown(&path!("connection_state")) && plan.is_known(&path!("connection_arn")));
    assert!(aws.remove_fault(rule));
    thing.apply_plan(plan, tagged).await.expect("applied");
    assert_eq!(
        thing.get(&path!("connection_state")).and_then(Value::as_str),
        Some("ACTIVE")
    );
}

#[tokio::test]
async fn without_private_data_a_plan_looks_at_aws_and_comes_to_the_same() {
    let aws = local_aws();
    let mut thing = instance(&aws).await;
    thing.apply(orders(&aws)).await.expect("created");
    thing.lose_private();
    assert!(thing.plan(orders(&aws)).await.expect("a plan").is_no_op());
}

#[test]
fn a_model_without_its_write_only_values_keeps_all_else() {
    let key = super::model::ApiKey {
        value_wo: Attr::Known("secret".into()),
        value_wo_version: Attr::Known("1".into()),
        ..Default::default()
    };
    let authorization = super::model::Authorization {
        api_key: Attr::Known(key),
        ..Default::default()
    };
    let model = super::model::Model {
        authorization: Attr::Known(authorization),
        ..Default::default()
    };
    let left = model
        .without_write_only()
        .authorization
        .into_known()
        .and_then(|all| all.api_key.into_known());
    let left = left.expect("an API key");
    assert!(left.value_wo.is_null() && left.value_wo_version == Attr::Known("1".into()));
}

/// A copy that kept its name: the second must not take for its own what the first is making.
#[tokio::test]
async fn of_two_resources_of_one_name_one_is_created_and_the_other_changes_nothing() {
    let aws = local_aws();
    let host = Host::new(Private);
    configure(&host, &aws, &aws.seed().region).await;
    let (mut first, mut second) = (
        host.resource(TYPE).expect("it has the resource"),
        host.resource(TYPE).expect("it has the resource"),
    );
    let (one, other) = tokio::join!(first.apply(orders(&aws)), second.apply(orders(&aws)));
    let refused = match (one, other) {
        (Ok(_), Err(refused)) => refused,
        (Err(refused), Ok(_)) => {
            std::mem::swap(&mut first, &mut second);
            refused
        }
        both => panic!("{both:?}"),
    };
    assert!(refused.to_string().contains("is defined twice"), "{refused}");
    assert!(second.get(&path!("name")).is_none(), "nothing is recorded");
    assert_eq!(ours(&aws).len(), 4);
    assert!(first.plan(orders(&aws)).await.expect("a plan").is_no_op());
    first.destroy().await.expect("destroyed");
    assert_eq!(ours(&aws).len(), 0);
    // The name is free again.
    second.apply(orders(&aws)).await.expect("created");
}

/// A state that lost its connection, or never had one, does not touch another invocation of that name.
#[tokio::test]
async fn a_state_without_a_connection_leaves_the_living_invocation_of_its_name_alone() {
    let aws = local_aws();
    aws.add_fault(&serde_json::json!({
        "service": "vpc-lattice", "operation": "CreateResourceGateway", "count": 1, "effect": { "error": { "code": "AccessDeniedException" } },
    }))
    .expect("a fault rule");
    let mut failed = instance(&aws).await;
    errors(failed.apply(orders(&aws)).await.map(|_| Diagnostics::new()));
    let group = failed.get(&path!("security_group_id")).cloned();
    // Somebody removes what it made, and another state makes the invocation.
    let client = by_hand(&aws).await;
    let id = group.as_ref().and_then(Value::as_str).expect("its group");
    client
        .ec2
        .delete_security_group()
        .group_id(id)
        .send()
        .await
        .expect("deleted");
    let mut alive = instance(&aws).await;
    alive.apply(orders(&aws)).await.expect("created");
    let there = ours(&aws).len();

    failed.refresh().await.expect("a refresh");
    let plan = alive.plan(orders(&aws)).await.expect("a plan");
    assert!(plan.is_no_op());
    failed.destroy().await.expect("there is nothing of it");
    assert_eq!(ours(&aws).len(), there);
    alive.refresh().await.expect("a refresh");
    assert!(alive.plan(orders(&aws)).await.expect("a plan").is_no_op());
}
