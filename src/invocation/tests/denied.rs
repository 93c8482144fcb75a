//! A read that the caller may not make: the provider warns and goes on with what the state says, and refuses before it
//! changes anything where it cannot do without.

use local_aws::LocalAws;
use serde_json::json;
use terraform_plugin::testing::{Host, Instance};
use terraform_plugin::{Value, config};

use super::checks::mutations;
use super::planning::with;
use super::{TYPE, by_hand, configure, errors, local_aws};
use crate::provider::Private;

const PATH: &str = "private_api_path";

/// An instance in a process of its own, which has looked up nothing yet.
async fn process(local: &LocalAws, resource: &str) -> Instance {
    let host = Host::new(Private);
    configure(&host, local, &local.seed().region).await;
    host.resource(resource).expect("it has the resource")
}

/// What is configured.
#[derive(Debug, Clone, Copy)]
enum Way {
    Endpoint,
    Path,
    Https,
    GivenGateway,
}

async fn configured(way: Way, local: &LocalAws) -> (&'static str, Value) {
    let seed = local.seed();
    let (endpoint, subnet) = (seed.vpc_endpoint_id.as_str(), seed.subnet_ids[0].as_str());
    let at_endpoint = config! { name = "orders", vpc_endpoint_id = endpoint };
    let none = config! { authorization = { none = {} } };
    match way {
        Way::Endpoint => (TYPE, with(&at_endpoint, none)),
        Way::Path => (PATH, at_endpoint),
        Way::Https => {
            let https = config! {
                name = "orders", https_endpoint = { domain_name = "api.example.com" },
                network = { subnet_ids = [subnet] },
            };
            (TYPE, with(&https, none))
        }
        Way::GivenGateway => {
            let aws = by_hand(local).await;
            let group = super::drift::endpoint_group(local);
            let gateway = super::checks::by_hand::gateway(local, &aws, &group).await;
            let given = config! { network = { resource_gateway_id = gateway.as_str() } };
            (TYPE, with(&with(&at_endpoint, none), given))
        }
    }
}

/// A read, and whether a create can do without it.
const READS: [(Way, &str, &str, bool); 12] = [
    (Way::Endpoint, "ec2", "DescribeVpcEndpoints", false),
    (Way::Endpoint, "ec2", "DescribeVpcs", false),
    (Way::Endpoint, "ec2", "DescribeSubnets", true),
    (Way::Endpoint, "events", "ListConnections", true),
    (Way::Endpoint, "vpc-lattice", "ListResourceGateways", true),
    (Way::Endpoint, "vpc-lattice", "ListResourceConfigurations", true),
    (Way::Path, "ec2", "DescribeVpcEndpoints", false),
    (Way::Path, "ec2", "DescribeVpcs", false),
    (Way::Path, "ec2", "DescribeSubnets", true),
    (Way::Https, "ec2", "DescribeSubnets", false),
    (Way::Https, "ec2", "DescribeVpcs", false),
    (Way::GivenGateway, "vpc-lattice", "GetResourceGateway", false),
];

fn deny(local: &LocalAws, service: &str, operation: &str) -> u64 {
    let rule = json!({ "service": service, "operation": operation, "effect": { "access_denied": true } });
    local.add_fault(&rule).expect("a rule")[0]
}

#[tokio::test]
async fn without_a_read_what_stands_is_planned_read_changed_and_destroyed_as_the_state_says() {
    for (way, service, operation, _) in READS {
        let what = format!("{operation} of {way:?}");
        let local = local_aws();
        let (resource, config) = configured(way, &local).await;
        let mut made = process(&local, resource).await;
        let there = super::ours(&local).len();
        made.apply(config.clone()).await.expect("created");

        deny(&local, service, operation);
        let mut thing = process(&local, resource).await;
        thing.adopt(&made);
        let fails = |verb: &str, refused: &dyn std::fmt::Display| panic!("{what}: {verb}: {refused}");
        if let Err(refused) = thing.refresh().await {
            fails("refresh", &refused);
        }
        match thing.plan(config.clone()).await {
            Ok(plan) => assert!(
                plan.is_no_op(),
                "{what}: {:?} → {:?}",
                plan.prior(),
                plan.planned()
            ),
            Err(refused) => fails("plan", &refused),
        }
        let tagged = with(&config, config! { tags = { team = "orders" } });
        if let Err(refused) = thing.apply(tagged).await {
            fails("apply", &refused);
        }
        if let Err(refused) = thing.destroy().await {
            fails("destroy", &refused);
        }
        assert_eq!(super::ours(&local).len(), there, "{what}");
    }
}

#[tokio::test]
async fn without_a_read_a_create_goes_on_with_a_warning_or_is_refused_before_it_changes_anything() {
    for (way, service, operation, can_do_without) in READS {
        let what = format!("{operation} of {way:?}");
        let local = local_aws();
        let (resource, config) = configured(way, &local).await;
        deny(&local, service, operation);
        let mut thing = process(&local, resource).await;
        let calls = local.calls().len();
        let action = format!("{service}:{operation}");
        let plan = thing.plan(config.clone()).await;
        let plan = plan.unwrap_or_else(|refused| panic!("{what}: {refused}"));
        let planned = plan.warnings().to_string();
        let applied = thing.apply_plan(plan, config).await;
        if can_do_without {
            let applied = applied.unwrap_or_else(|refused| panic!("{what}: {refused}"));
            let warned = applied.warnings().to_string();
            assert!(warned.contains(&action), "{what}: {warned}");
            continue;
        }
        assert!(planned.contains(&action), "{what}: {planned}");
        let words = errors(applied.map(|_| Default::default())).to_string();
        assert!(
            words.contains(&action) && words.contains("Nothing was changed"),
            "{what}: {words}"
        );
        assert_eq!(mutations(&local, calls), [""; 0], "{what}");
    }
}
