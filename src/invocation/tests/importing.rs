//! What an import takes for this resource's: what is recorded, observed or told, never what could not be read; and what it
//! leaves to others.

use std::collections::BTreeSet;

use aws_sdk_eventbridge::types::ApiDestinationHttpMethod;
use local_aws::LocalAws;
use serde_json::json;
use terraform_plugin::testing::{Host, Instance, Planning};
use terraform_plugin::{Value, config, path};

use super::checks::mutations;
use super::ownership::{allow, deny};
use super::planning::with;
use super::{TYPE, by_hand, configure, errors, local_aws, ours};
use crate::provider::Private;

const PATH: &str = "private_api_path";

/// A host of its own, which has looked up nothing yet.
async fn host(local: &LocalAws) -> Host {
    let host = Host::new(Private);
    configure(&host, local, &local.seed().region).await;
    host
}

async fn process(local: &LocalAws, resource: &str) -> Instance {
    host(local).await.resource(resource).expect("it has the resource")
}

/// With everything that an import looks at: a rule at the endpoint's group and, of an invocation, a destination.
fn whole(local: &LocalAws, resource: &str) -> Value {
    let endpoint = local.seed().vpc_endpoint_id.as_str();
    let group = super::drift::endpoint_group(local);
    let path = config! {
        name = "orders", vpc_endpoint_id = endpoint,
        network = { endpoint_ingress_security_group_id = group.as_str() },
    };
    let call = config! {
        authorization = { none = {} },
        api_destinations = { a = { invocation_endpoint = "https://a.example.com/", http_method = "GET" } },
    };
    if resource == TYPE { with(&path, call) } else { path }
}

/// The kinds of calls since then, but for who calls, which the provider asks before anything else.
fn kinds(local: &LocalAws, since: usize) -> BTreeSet<(String, String)> {
    let calls = local.calls().into_iter().skip(since);
    let calls = calls.filter(|call| call.service != "sts");
    calls.map(|call| (call.service, call.operation)).collect()
}

/// Makes one of each by hand on the connection of `thing`.
async fn foreign(local: &LocalAws, thing: &Instance, names: &[&str]) {
    let aws = by_hand(local).await;
    let arn = thing.get(&path!("connection_arn")).and_then(Value::as_str);
    for name in names {
        let made = aws.events.create_api_destination().name(*name);
        let made = made.connection_arn(arn.expect("an ARN"));
        let made = made.invocation_endpoint("https://b.example.com/");
        let made = made.http_method(ApiDestinationHttpMethod::Get);
        made.send().await.expect("made");
    }
}

async fn destinations(local: &LocalAws) -> Vec<String> {
    let aws = by_hand(local).await;
    let listed = aws.events.list_api_destinations().send().await.expect("listed");
    let names = listed.api_destinations.unwrap_or_default().into_iter();
    names.filter_map(|one| one.name).collect()
}

#[tokio::test]
async fn an_import_without_one_of_its_reads_is_refused_with_the_actions_name_or_complete() {
    for resource in [TYPE, PATH] {
        let local = local_aws();
        let mut made = process(&local, resource).await;
        made.apply(whole(&local, resource)).await.expect("created");
        let id = made.get(&path!("id")).and_then(Value::as_str).expect("an id");
        let since = local.calls().len();
        let mut complete = process(&local, resource).await;
        complete.import(id).await.expect("imported");
        let reads = kinds(&local, since);
        for needed in ["GetResourceConfiguration", "DescribeSecurityGroupRules"] {
            assert!(reads.iter().any(|(_, read)| read == needed), "{reads:?}");
        }
        let mut refused = 0;
        for (service, operation) in reads {
            let what = format!("{operation} of {resource}");
            let rule = deny(&local, &service, &operation);
            let mut thing = process(&local, resource).await;
            match thing.import(id).await {
                Ok(_) => assert_eq!(thing.state(), complete.state(), "{what}"),
                Err(told) => {
                    refused += 1;
                    let action = format!("{service}:{operation}");
                    assert!(told.to_string().contains(&action), "{what}: {told}");
                    assert!(thing.state().is_none(), "{what}");
                }
            }
            allow(&local, rule);
        }
        assert!(refused > 5, "{refused}");
        complete.destroy().await.expect("destroyed");
        assert_eq!(ours(&local).len(), 0, "{:?}", ours(&local));
    }
}

#[tokio::test]
async fn a_data_source_without_one_of_its_reads_is_refused_with_the_actions_name_or_complete() {
    for resource in [TYPE, PATH] {
        let local = local_aws();
        let mut made = process(&local, resource).await;
        made.apply(whole(&local, resource)).await.expect("created");
        let read = async || {
            let lookup = host(&local).await.data_source(resource).expect("the data source");
            lookup.read(config! { name = "orders" }).await
        };
        let since = local.calls().len();
        let complete = read().await.expect("found");
        let reads = kinds(&local, since);
        assert!(
            !reads.iter().any(|(_, read)| read == "DescribeSecurityGroupRules"),
            "it tells nothing of rules: {reads:?}"
        );
        for (service, operation) in reads {
            let what = format!("{operation} of {resource}");
            let rule = deny(&local, &service, &operation);
            match read().await {
                Ok(found) => assert_eq!(found, complete, "{what}"),
                Err(told) => {
                    let action = format!("{service}:{operation}");
                    assert!(told.to_string().contains(&action), "{what}: {told}");
                }
            }
            allow(&local, rule);
        }
    }
}

/// EventBridge says that the configuration is there; VPC Lattice may not see it everywhere yet.
#[tokio::test]
async fn an_import_does_not_take_what_it_does_not_find_for_somebody_elses() {
    for operation in ["GetResourceConfiguration", "GetResourceGateway"] {
        let local = local_aws();
        let mut made = process(&local, TYPE).await;
        made.apply(whole(&local, TYPE)).await.expect("created");
        let missing = json!({
            "service": "vpc-lattice", "operation": operation,
            "effect": { "error": { "code": "ResourceNotFoundException", "message": "Not found.", "status": 404 } },
        });
        let rule = local.add_fault(&missing).expect("a rule")[0];
        let told = process(&local, TYPE).await.import("orders").await;
        let told = told.expect_err("it is not found").to_string();
        assert!(told.contains("AWS does not find the resource"), "{told}");
        allow(&local, rule);
        let mut again = process(&local, TYPE).await;
        again.import("orders").await.expect("imported");
        assert!(again.plan(whole(&local, TYPE)).await.expect("a plan").is_no_op());
    }
}

/// Forgotten, imported and destroyed: what somebody made on the connection by hand stays, and is told each time.
#[tokio::test]
async fn what_an_import_finds_on_the_connection_is_not_deleted_before_an_apply_has_confirmed_it() {
    let local = local_aws();
    let config = whole(&local, TYPE);
    let mut made = process(&local, TYPE).await;
    made.apply(config.clone()).await.expect("created");
    foreign(&local, &made, &["foreign"]).await;

    let mut thing = process(&local, TYPE).await;
    let told = thing.import("orders").await.expect("imported").to_string();
    assert!(told.contains("who made foreign:"), "{told}");
    let calls = local.calls().len();
    let refused = errors(thing.destroy().await.map(|_| Default::default())).to_string();
    assert!(
        refused.contains("API destinations foreign, which an import has recorded"),
        "{refused}"
    );
    assert_eq!(mutations(&local, calls), [""; 0]);

    // A killed apply loses what is kept beside the state, but not this.
    thing.lose_private();
    let plan = thing.plan(config.clone()).await.expect("a plan");
    assert!(plan.is_update());
    let told = plan.warnings().to_string();
    assert!(
        told.contains("are left alone") && told.contains("foreign ("),
        "{told}"
    );
    thing.apply_plan(plan, config.clone()).await.expect("applied");
    assert_eq!(destinations(&local).await, ["a", "foreign"]);
    assert!(thing.plan(config).await.expect("a plan").is_no_op());
    let refused = errors(thing.destroy().await.map(|_| Default::default())).to_string();
    assert!(
        refused.contains("API destinations foreign, which it does not manage"),
        "{refused}"
    );
    let aws = by_hand(&local).await;
    let deleted = aws.events.delete_api_destination().name("foreign");
    deleted.send().await.expect("deleted");
    thing.destroy().await.expect("destroyed");
    assert!(ours(&local).is_empty(), "{:?}", ours(&local));
}

/// One whose description is the user's says nothing of whose it is.
#[tokio::test]
async fn what_the_configuration_names_is_planned_as_it_is_and_goes_with_the_resource_after_an_apply() {
    let local = local_aws();
    let mut made = process(&local, TYPE).await;
    made.apply(whole(&local, TYPE)).await.expect("created");
    foreign(&local, &made, &["b"]).await;
    let both = config! { api_destinations = {
        a = { invocation_endpoint = "https://a.example.com/", http_method = "GET" },
        b = { invocation_endpoint = "https://b.example.com/", http_method = "GET" },
    } };
    let config = with(&whole(&local, TYPE), both);
    let tagged = with(&config, config! { tags = { team = "orders" } });

    let mut thing = process(&local, TYPE).await;
    thing.import("orders").await.expect("imported");
    let generated = thing.generate_config().await.expect("a configuration");
    for named in [config.clone(), generated] {
        let plan = thing.plan(named).await.expect("a plan");
        assert!(
            plan.is_no_op() && plan.warnings().is_empty(),
            "{}",
            plan.warnings()
        );
    }
    let denied = deny(&local, "vpc-lattice", "TagResource");
    errors(thing.apply(tagged.clone()).await.map(|_| Default::default()));
    allow(&local, denied);
    let refused = errors(thing.destroy().await.map(|_| Default::default())).to_string();
    assert!(
        refused.contains("API destinations b, which an import"),
        "{refused}"
    );

    thing.apply(tagged.clone()).await.expect("applied");
    assert_eq!(thing.get(&path!("borrowed")), Some(&Value::List(Vec::new())));
    assert!(thing.plan(tagged).await.expect("a plan").is_no_op());
    thing.destroy().await.expect("destroyed");
    assert!(ours(&local).is_empty(), "{:?}", ours(&local));
    assert_eq!(destinations(&local).await, [""; 0]);
}

/// A read that does not find the connection, which lives, has the state lose it. Nobody else has taken it over.
#[tokio::test]
async fn a_destroy_that_meets_a_connection_that_a_read_did_not_find_says_to_refresh() {
    let local = local_aws();
    let config = whole(&local, TYPE);
    let mut thing = process(&local, TYPE).await;
    thing.apply(config).await.expect("created");
    let missing = json!({
        "service": "events", "operation": "DescribeConnection",
        "effect": { "error": { "code": "ResourceNotFoundException", "message": "Not found.", "status": 400 } },
    });
    let rule = local.add_fault(&missing).expect("a rule")[0];
    thing.refresh().await.expect("read");
    assert_eq!(thing.get(&path!("connection_arn")), Some(&Value::Null));
    allow(&local, rule);

    let calls = local.calls().len();
    let unrefreshed = Planning::default().without_refresh();
    let refused = errors(thing.destroy_with(unrefreshed).await).to_string();
    assert!(
        refused.contains("apply -refresh-only") && !refused.contains("state rm"),
        "{refused}"
    );
    assert_eq!(mutations(&local, calls), [""; 0]);
    thing.refresh().await.expect("read");
    thing.destroy().await.expect("destroyed");
    assert!(ours(&local).is_empty(), "{:?}", ours(&local));
    assert_eq!(destinations(&local).await, [""; 0]);
}
