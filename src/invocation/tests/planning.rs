//! What a plan promises: for each input, exactly which outputs a change of it leaves unknown.

use std::collections::BTreeSet;

use terraform_plugin::testing::{Host, Planning};
use terraform_plugin::{Path, Step, Value, config, path};

use super::{errors, instance, instance_at, instance_in, local_aws, orders, second_endpoint};
use crate::provider::Private;

const OUTPUTS: [&str; 20] = [
    "id",
    "region",
    "connection_arn",
    "connection_arn_for_policy",
    "connection_secret_arn",
    "connection_state",
    "connection_state_reason",
    "vpc_id",
    "subnet_ids",
    "domain_name",
    "security_group_id",
    "endpoint_ingress_rule_id",
    "resource_gateway_id",
    "resource_gateway_arn",
    "resource_configuration_id",
    "resource_configuration_arn",
    "resource_association_arn",
    "state_machine_policy_json",
    "pending",
    "retired",
];

/// What AWS says of a connection that a step changes. It may come to be taken for ready without being ACTIVE, which is told
/// as work left.
const CONNECTION: [&str; 5] = [
    "pending",
    "connection_secret_arn",
    "connection_state",
    "connection_state_reason",
    "resource_association_arn",
];
const CONFIGURATION: [&str; 2] = ["resource_configuration_id", "resource_configuration_arn"];
const GATEWAY: [&str; 2] = ["resource_gateway_id", "resource_gateway_arn"];
/// Where a step retires something, what is left is not promised.
const LEFT: [&str; 2] = ["pending", "retired"];

/// `orders` with other arguments.
pub fn with(base: &Value, changes: Value) -> Value {
    let (Value::Object(mut base), Value::Object(changes)) = (base.clone(), changes) else {
        panic!("configurations are objects");
    };
    base.extend(changes);
    base.retain(|_, value| *value != Value::Null);
    Value::Object(base)
}

#[tokio::test]
async fn a_change_of_each_input_leaves_exactly_those_outputs_unknown_that_its_steps_change() {
    let aws = local_aws();
    let mut thing = instance(&aws).await;
    let base = orders(&aws);
    thing.apply(base.clone()).await.expect("created");
    let second = second_endpoint(&aws).await;
    let second = second.as_str();
    let (subnet, key) = (aws.seed().subnet_ids[0].as_str(), aws.seed().api_key.as_str());
    let group = aws.objects();
    let group = group
        .iter()
        .find(|object| object["name"] == "execute-api" && object["type"] == "security-group");
    let group = group
        .and_then(|group| group["id"].as_str())
        .expect("the endpoint's group");
    let foreign = "arn:aws:vpc-lattice:us-east-1:123456789012:resourceconfiguration/rcfg-0123456789abcdef0";
    let moved = [&CONFIGURATION[..], &CONNECTION, &LEFT].concat();
    let rebuilt = [&GATEWAY[..], &CONFIGURATION, &CONNECTION, &LEFT].concat();
    let none: Vec<&str> = Vec::new();
    let connection = CONNECTION.to_vec();
    let table: Vec<(&str, Value, Vec<&str>)> = vec![
        ("description", config! { description = "x" }, none.clone()),
        (
            "kms_key_identifier",
            config! { kms_key_identifier = "alias/x" },
            connection.clone(),
        ),
        (
            "authorization",
            config! { authorization = { basic = { username = "u", password = "p" } } },
            connection.clone(),
        ),
        (
            "secret's version",
            config! { authorization = { api_key = { name = "x-api-key", value_wo = key, value_wo_version = "2" } } },
            connection.clone(),
        ),
        (
            "invocation_http_parameters",
            config! { invocation_http_parameters = { header = { "x-a" = { value = "1" } } } },
            connection.clone(),
        ),
        (
            "unknown description",
            config! { description = unknown },
            none.clone(),
        ),
        (
            "unknown value among the HTTP parameters",
            config! { invocation_http_parameters = { header = { "x-a" = { value = unknown } } } },
            connection,
        ),
        ("tags", config! { tags = { team = "x" } }, none.clone()),
        ("unknown tag", config! { tags = { team = unknown } }, none.clone()),
        ("wait_for_ready", config! { wait_for_ready = false }, none.clone()),
        ("force_destroy", config! { force_destroy = true }, none.clone()),
        ("timeouts", config! { timeouts = { update = "1h" } }, none.clone()),
        (
            "name_prefix",
            config! { network = { name_prefix = "shop" } },
            none.clone(),
        ),
        (
            "egress_cidr_blocks",
            config! { network = { egress_cidr_blocks = ["10.0.0.0/8"] } },
            none.clone(),
        ),
        (
            "endpoint_ingress_security_group_id",
            config! { network = { endpoint_ingress_security_group_id = group } },
            vec!["endpoint_ingress_rule_id"],
        ),
        (
            "security_group_ids",
            config! { network = { security_group_ids = [group] } },
            LEFT.to_vec(),
        ),
        (
            "vpc_endpoint_id",
            config! { vpc_endpoint_id = second },
            moved.clone(),
        ),
        (
            "subnet_ids",
            config! { network = { subnet_ids = [subnet] } },
            rebuilt.clone(),
        ),
        (
            "ipv4_addresses_per_eni",
            config! { network = { ipv4_addresses_per_eni = 8 } },
            rebuilt.clone(),
        ),
        (
            "resource_config_dns_resolution, in place or beside",
            config! { network = { resource_config_dns_resolution = "IN_VPC" } },
            rebuilt,
        ),
        (
            "shared_resource_configuration_arn",
            config! { vpc_endpoint_id = null, shared_resource_configuration_arn = foreign },
            [&CONNECTION[..], &LEFT].concat(),
        ),
        (
            "unknown endpoint",
            config! { vpc_endpoint_id = unknown },
            [
                &["vpc_id", "domain_name", "subnet_ids", "security_group_id"][..],
                &GATEWAY,
                &moved,
            ]
            .concat(),
        ),
        (
            "api_destinations",
            config! { api_destinations = { a = { invocation_endpoint = "https://a.example.com/", http_method = "GET" } } },
            none.clone(),
        ),
        (
            "unknown api_destinations",
            config! { api_destinations = unknown },
            none,
        ),
    ];
    for (what, change, wanted) in table {
        let plan = thing.plan(with(&base, change)).await;
        let plan = plan.unwrap_or_else(|refused| panic!("{what}: {refused}"));
        assert!(plan.is_update(), "{what}: {:?}", plan.action());
        let unknown: BTreeSet<&str> = OUTPUTS
            .into_iter()
            .filter(|output| plan.is_unknown(&Path::root().then(*output)))
            .collect();
        assert_eq!(unknown, wanted.into_iter().collect::<BTreeSet<_>>(), "{what}");
    }
}

/// This local AWS takes requests for one Region only, which is not the provider's own here.
#[tokio::test]
async fn a_resource_can_be_in_another_region_than_the_providers_and_a_change_of_it_replaces() {
    let aws = local_aws();
    let region = aws.seed().region.as_str();
    let mut thing = instance_in(&aws, "eu-west-1").await;
    let there = with(&orders(&aws), config! { region = region });
    thing
        .apply(there.clone())
        .await
        .expect("created in its own Region");
    assert_eq!(thing.get(&path!("region")).and_then(Value::as_str), Some(region));
    assert!(thing.plan(there).await.expect("a plan").is_no_op());
    let refused = errors(thing.plan(orders(&aws)).await.map(|_| Default::default()));
    assert!(
        refused
            .to_string()
            .contains("ec2:DescribeVpcEndpoints failed: AuthFailure"),
        "{refused}"
    );
    thing.destroy().await.expect("destroyed");

    let mut own = instance(&aws).await;
    own.apply(orders(&aws)).await.expect("created");
    assert_eq!(own.get(&path!("region")).and_then(Value::as_str), Some(region));
    let named = with(&orders(&aws), config! { region = region });
    assert!(own.plan(named).await.expect("a plan").is_no_op());
}

#[tokio::test]
async fn a_replacement_on_request_a_plan_without_refresh_and_a_saved_plan_end_as_they_were_shown() {
    let aws = local_aws();
    let mut thing = instance(&aws).await;
    let base = orders(&aws);
    thing.apply(base.clone()).await.expect("created");
    let described = with(&base, config! { description = "described" });
    let saved = thing
        .plan_with(described.clone(), Planning::default().without_refresh())
        .await
        .expect("a plan");
    assert!(saved.is_update());
    thing.apply_plan(saved, described.clone()).await.expect("applied");
    let replacing = Planning::default().replacing();
    let plan = thing
        .plan_with(described.clone(), replacing)
        .await
        .expect("a plan");
    assert!(plan.is_replace());
    let former = thing.get(&path!("connection_arn")).cloned();
    thing.apply_plan(plan, described.clone()).await.expect("replaced");
    assert_ne!(thing.get(&path!("connection_arn")).cloned(), former);
    assert!(thing.plan(described).await.expect("a plan").is_no_op());
}

#[tokio::test]
async fn what_changed_since_a_saved_plan_stops_its_apply_before_anything_is_changed() {
    let aws = local_aws();
    let mut thing = instance(&aws).await;
    let base = orders(&aws);
    thing.apply(base.clone()).await.expect("created");
    let described = with(&base, config! { description = "described" });
    let saved = thing.plan(described.clone()).await.expect("a plan");
    let id = thing
        .get(&path!("security_group_id"))
        .and_then(Value::as_str)
        .map(str::to_owned);
    let everywhere = aws_sdk_ec2::types::IpPermission::builder()
        .ip_protocol("tcp")
        .from_port(25)
        .to_port(25)
        .ip_ranges(
            aws_sdk_ec2::types::IpRange::builder()
                .cidr_ip("0.0.0.0/0")
                .build(),
        )
        .build();
    super::by_hand(&aws)
        .await
        .ec2
        .authorize_security_group_egress()
        .group_id(id.expect("a group"))
        .ip_permissions(everywhere)
        .send()
        .await
        .expect("opened by hand");
    let refused = errors(
        thing
            .apply_plan(saved, described)
            .await
            .map(|_| Default::default()),
    );
    assert!(
        refused.to_string().contains("changed since the plan"),
        "{refused}"
    );
}

/// Hosts that know write-only values look for them in unknown elements, too; older ones want the element as it is
/// configured.
#[tokio::test]
async fn an_unknown_parameter_is_planned_as_each_host_wants_it() {
    let aws = local_aws();
    let config = config! {
        name = "orders",
        vpc_endpoint_id = aws.seed().vpc_endpoint_id.as_str(),
        authorization = { none = {} },
        invocation_http_parameters = { header = Value::map([("x-shop", Value::UNKNOWN)]) },
    };
    for (host, whole) in [
        (Host::new(Private), false),
        (Host::new(Private).without_write_only(), true),
    ] {
        let thing = instance_at(host, &aws, &aws.seed().region).await;
        let plan = thing.plan(config.clone()).await.expect("a plan");
        let at = path!("invocation_http_parameters", "header").then(Step::key("x-shop"));
        let planned = plan.planned().get(&at).expect("the parameter");
        assert_eq!(planned.is_unknown(), whole, "{planned:?}");
        let secret = plan.planned().get(&at.then("secret_value_wo"));
        assert_eq!(secret, (!whole).then_some(&Value::Null));
    }
}
