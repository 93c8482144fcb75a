//! What an import takes for this resource's: what is recorded, observed or told, never what could not be read; and what it
//! leaves to others.

use std::collections::BTreeSet;

use local_aws::LocalAws;
use serde_json::json;
use terraform_plugin::testing::{Host, Instance};
use terraform_plugin::{Value, config, path};

use super::ownership::{allow, deny};
use super::planning::with;
use super::{TYPE, configure, local_aws, ours};
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
