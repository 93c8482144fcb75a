//! Moves that end early: what is recorded is what a refresh tells, and both ways lead on, to the new place and back.

use std::collections::BTreeSet;

use local_aws::LocalAws;
use serde_json::{Value as Json, json};
use terraform_plugin::testing::Instance;
use terraform_plugin::{Value, config, path};

use super::checks::by_hand as around;
use super::drift::endpoint_group;
use super::ownership::lives;
use super::planning::with;
use super::{by_hand, errors, instance, local_aws, orders, ours};

fn denied(service: &str, operation: &str) -> Json {
    json!({ "service": service, "operation": operation, "effect": { "access_denied": true } })
}

fn fails(kind: &str) -> Json {
    json!({ "service": "vpc-lattice", "type": kind, "becomes": "CREATE_FAILED" })
}

/// What ends a move, and whether it lasts while the move is reverted: a way back makes nothing new.
fn faults() -> Vec<(Json, bool)> {
    vec![
        (denied("vpc-lattice", "CreateResourceGateway"), true),
        (fails("resource-gateway"), true),
        (denied("vpc-lattice", "CreateResourceConfiguration"), true),
        (fails("resource-configuration"), true),
        (denied("events", "UpdateConnection"), true),
        (denied("events", "UpdateApiDestination"), false),
        (denied("events", "DeleteApiDestination"), false),
        (denied("vpc-lattice", "DeleteResourceConfiguration"), false),
        (denied("vpc-lattice", "DeleteResourceGateway"), false),
    ]
}

/// Another endpoint in the same VPC, of whose subnets one is the first one's.
async fn endpoint_aside(local: &LocalAws) -> String {
    let (aws, seed) = (by_hand(local).await, local.seed());
    let third = around::subnet(local, &aws, &seed.vpc_id, "10.0.9.0/24").await;
    let subnets = [seed.subnet_ids[1].clone(), third];
    let of = (seed.vpc_id.as_str(), "execute-api");
    around::endpoint(local, &aws, of, &subnets, &endpoint_group(local), None).await
}

/// With two API destinations.
fn before(local: &LocalAws, network: Value) -> Value {
    let destination = config! { invocation_endpoint = "https://x.example.com/a", http_method = "POST" };
    let another = config! { invocation_endpoint = "https://x.example.com/b", http_method = "POST" };
    let changes = config! { api_destinations = { kept = destination, leaving = another } };
    with(&with(&orders(local), changes), config! { network = network })
}

/// One of them is changed, the other one goes.
fn after(before: &Value, changes: Value) -> Value {
    let destination = config! { invocation_endpoint = "https://x.example.com/c", http_method = "GET" };
    let changed = config! { api_destinations = { kept = destination } };
    with(&with(before, changed), changes)
}

/// By their words: configurations before and after a move.
async fn moves(local: &LocalAws) -> Vec<(&'static str, Value, Value)> {
    let aside = endpoint_aside(local).await;
    let subnets = &local.seed().subnet_ids;
    let in_one = |n: usize| config! { network = { subnet_ids = [subnets[n].as_str()] } };
    let nothing_said = before(local, Value::Null);
    let in_first = with(&nothing_said, in_one(0));
    vec![
        (
            "another endpoint",
            nothing_said.clone(),
            after(&nothing_said, config! { vpc_endpoint_id = aside.as_str() }),
        ),
        (
            "subnets named",
            nothing_said.clone(),
            after(&nothing_said, in_one(0)),
        ),
        ("other subnets", in_first.clone(), after(&in_first, in_one(1))),
    ]
}

fn get(thing: &Instance, output: &str) -> Value {
    thing.get(&path!(output)).cloned().unwrap_or(Value::Null)
}

#[tokio::test]
async fn a_move_inside_one_vpc_that_ends_anywhere_is_recorded_as_it_stands_and_leads_on_both_ways() {
    let mut told = BTreeSet::new();
    for n in 0..moves(&local_aws()).await.len() {
        for (fault, lasts) in faults() {
            for back in [false, true] {
                let local = local_aws();
                let (what, former, moved) = moves(&local).await.swap_remove(n);
                let case = format!("{what}, {fault}, back: {back}");
                let mut thing = instance(&local).await;
                thing.apply(former.clone()).await.expect("created");
                let outputs = ["connection_arn", "resource_gateway_id", "subnet_ids"];
                let stood = outputs.map(|output| get(&thing, output));

                let rule = local.add_fault(&fault).expect("a rule")[0];
                errors(thing.apply(moved.clone()).await.map(|_| Default::default()));
                let stored = thing.state().cloned();
                thing.refresh().await.expect("read");
                if thing.state() != stored.as_ref() {
                    told.insert(format!(
                        "{case}: a refresh tells the same: {}",
                        difference(&stored, &thing)
                    ));
                }
                if !(back && lasts) {
                    assert!(local.remove_fault(rule), "the rule was there");
                }
                let config = if back { former } else { moved };
                let plan = thing.plan(config.clone()).await.expect("a plan");
                let warned = plan.warnings().to_string();
                if warned.contains("subnets have changed") {
                    told.insert(format!("{case}: {warned}"));
                }
                if let Err(refused) = thing.apply(config.clone()).await {
                    told.insert(format!("{case}: {refused}"));
                    continue;
                }
                lives(&local, &mut thing, config).await;
                assert_eq!(get(&thing, "connection_arn"), stood[0], "{case}");
                // What was brought about, and is no longer named, stays as it is.
                let stays = !lasts && what == "subnets named";
                if back && !stays && outputs.map(|output| get(&thing, output)) != stood {
                    told.insert(format!("{case}: what stood is not what stands"));
                }
                let left = ours(&local);
                if left.len() != 4 {
                    told.insert(format!("{case}: {} are left", left.len()));
                }
            }
        }
    }
    assert!(
        told.is_empty(),
        "{}",
        told.into_iter().collect::<Vec<_>>().join("\n")
    );
}

/// The attributes in which the state is another one.
fn difference(stored: &Option<Value>, thing: &Instance) -> String {
    [
        "pending",
        "retired",
        "subnet_ids",
        "vpc_id",
        "domain_name",
        "vpc_endpoint_id",
        "network",
        "api_destinations",
    ]
    .into_iter()
    .filter_map(|output| {
        let former = stored
            .as_ref()
            .and_then(|state| state.get(&path!(output)).cloned());
        let now = thing.get(&path!(output)).cloned();
        (former != now).then(|| format!("{output}: {former:?} → {now:?}"))
    })
    .collect()
}
