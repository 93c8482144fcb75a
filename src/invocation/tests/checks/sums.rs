//! Each alone fits, all together do not: one process sees the whole plan.

use local_aws::LocalAws;
use terraform_plugin::testing::{Instance, Planned};
use terraform_plugin::{Value, config};

use super::{by_hand, clients, host, local_aws, mutations};
use crate::invocation::tests::TYPE;

fn named(local: &LocalAws, n: usize, network: Value) -> Value {
    let (name, endpoint) = (format!("orders-{n}"), local.seed().vpc_endpoint_id.as_str());
    config! {
        name = name.as_str(), vpc_endpoint_id = endpoint, authorization = { none = {} }, network = network,
    }
}

/// Whether a plan warns with these words.
fn warns(plan: &Planned, words: &str) -> bool {
    plan.warnings().to_string().contains(words)
}

async fn planned(thing: &Instance, config: Value) -> Planned {
    thing.plan(config).await.expect("a plan")
}

#[tokio::test]
async fn the_plans_of_one_process_add_up_to_the_quota_of_private_connections() {
    let local = local_aws();
    let host = host(&local).await;
    let thing = host.resource(TYPE).expect("it has the resource");
    let none = || config! { ipv4_addresses_per_eni = 1 };
    for n in 1..=25 {
        let plan = planned(&thing, named(&local, n, none())).await;
        let words = format!("this plan adds {n}.");
        assert_eq!(warns(&plan, &words), n > 20, "{n}: {}", plan.warnings());
        assert!(
            !warns(&plan, "stops before it changes anything"),
            "{}",
            plan.warnings()
        );
    }
    // The plan of the same resource once more counts once.
    let plan = planned(&thing, named(&local, 1, none())).await;
    assert!(warns(&plan, "this plan adds 25."), "{}", plan.warnings());
}

#[tokio::test]
async fn the_gateways_of_one_plan_add_up_to_the_addresses_of_a_subnet() {
    let local = local_aws();
    let aws = clients(&local).await;
    let subnet = by_hand::subnet(&local, &aws, &local.seed().vpc_id, "10.0.9.0/24").await;
    let host = host(&local).await;
    let thing = host.resource(TYPE).expect("it has the resource");
    let in_it = || config! { subnet_ids = [subnet.as_str()] };
    // A /24 has 251 addresses for us.
    for n in 1..=30 {
        let plan = planned(&thing, named(&local, n, in_it())).await;
        assert_eq!(
            warns(&plan, "Too few free addresses"),
            n > 15,
            "{n}: {}",
            plan.warnings()
        );
    }
}

#[tokio::test]
async fn of_two_gateways_for_which_a_subnet_has_addresses_for_one_the_other_changes_nothing() {
    let local = local_aws();
    let aws = clients(&local).await;
    let subnet = by_hand::subnet(&local, &aws, &local.seed().vpc_id, "10.0.9.0/27").await;
    let host = host(&local).await;
    let resource = || host.resource(TYPE).expect("it has the resource");
    let (mut first, mut second) = (resource(), resource());
    let in_it = || config! { subnet_ids = [subnet.as_str()] };
    let calls = local.calls().len();
    let (one, other) = tokio::join!(
        first.apply(named(&local, 1, in_it())),
        second.apply(named(&local, 2, in_it()))
    );
    assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
    let refused = one.err().or(other.err()).expect("one is refused").to_string();
    assert!(refused.contains("Nothing was changed"), "{refused}");
    let groups = mutations(&local, calls);
    assert_eq!(
        groups
            .iter()
            .filter(|call| *call == "CreateSecurityGroup")
            .count(),
        1
    );
    // What one no longer needs, the other can have.
    first.destroy().await.expect("destroyed");
    second.destroy().await.expect("destroyed");
    second.apply(named(&local, 2, in_it())).await.expect("created");
}
