//! Paths that are shared, moves between them, and the way back from one that fails.

use aws_sdk_vpclattice::types::{DnsResource, ResourceConfigurationDefinition, ResourceConfigurationType};
use local_aws::LocalAws;
use serde_json::json;
use terraform_plugin::testing::{Host, Instance};
use terraform_plugin::{Value, config, path};

use super::{by_hand, configure, errors, instance, local_aws, orders, ours, second_endpoint};
use crate::client::Aws;
use crate::component::naming::PATH_TAG;
use crate::provider::Private;

/// A gateway and a configuration of somebody else's, both called `foreign`; the configuration's ARN.
pub async fn foreign_configuration(local: &LocalAws, aws: &Aws) -> String {
    let gateway = aws
        .lattice
        .create_resource_gateway()
        .name("foreign")
        .vpc_identifier(&local.seed().vpc_id)
        .set_subnet_ids(Some(local.seed().subnet_ids.clone()))
        .send()
        .await
        .expect("a gateway")
        .id
        .expect("its id");
    let dns = DnsResource::builder().domain_name("api.example.com").build();
    let made = aws
        .lattice
        .create_resource_configuration()
        .name("foreign")
        .r#type(ResourceConfigurationType::Single)
        .resource_gateway_identifier(gateway)
        .port_ranges("443")
        .resource_configuration_definition(ResourceConfigurationDefinition::DnsResource(dns))
        .send()
        .await
        .expect("a configuration");
    made.arn.expect("its ARN")
}

async fn path_instance(aws: &LocalAws) -> Instance {
    let host = Host::new(Private);
    configure(&host, aws, &aws.seed().region).await;
    host.resource("private_api_path")
        .expect("the provider has the resource")
}

fn paths(aws: &LocalAws) -> usize {
    let objects = aws.objects().into_iter();
    objects
        .filter(|object| object["tags"].to_string().contains(PATH_TAG))
        .count()
}

fn text(thing: &Instance, path: &terraform_plugin::Path) -> String {
    let value = thing.get(path).and_then(Value::as_str);
    value.unwrap_or_else(|| panic!("{path} is a text")).to_owned()
}

#[tokio::test]
async fn a_path_changes_in_place_what_aws_can_change_is_replaced_for_the_rest_and_imported() {
    let aws = local_aws();
    let mut path = path_instance(&aws).await;
    let endpoint = aws.seed().vpc_endpoint_id.as_str();
    let base = config! { name = "shop", vpc_endpoint_id = endpoint };
    path.apply(base.clone()).await.expect("created");
    assert_eq!(paths(&aws), 3);
    assert!(path.plan(base.clone()).await.expect("a plan").is_no_op());

    let id = text(&path, &path!("id"));
    for form in [
        id.clone(),
        text(&path, &path!("resource_configuration_arn")),
        text(&path, &path!("resource_configuration_id")),
    ] {
        let mut again = path_instance(&aws).await;
        again
            .import(&form)
            .await
            .unwrap_or_else(|refused| panic!("{form}: {refused}"));
        let plan = again.plan(base.clone()).await.expect("a plan");
        assert!(
            plan.is_no_op(),
            "{form}: {:?} → {:?}",
            plan.prior(),
            plan.planned()
        );
        assert_eq!(again.identity(), path.identity(), "{form}");
    }

    let in_place = config! {
        name = "shop", vpc_endpoint_id = endpoint, tags = { team = "shop" },
        network = { egress_cidr_blocks = ["10.0.0.0/8"], resource_config_dns_resolution = "IN_VPC" },
    };
    let applied = path.apply(in_place.clone()).await.expect("changed");
    assert!(applied.is_update());
    assert!(path.plan(in_place).await.expect("a plan").is_no_op());
    assert_eq!(text(&path, &path!("id")), id);

    let subnet = aws.seed().subnet_ids[0].as_str();
    let moved = config! { name = "shop", vpc_endpoint_id = endpoint, network = { subnet_ids = [subnet] } };
    path.create_before_destroy();
    let plan = path.plan(moved.clone()).await.expect("a plan");
    assert!(plan.is_replace(), "{:?}", plan.action());
    path.apply_plan(plan, moved.clone()).await.expect("replaced");
    assert_ne!(text(&path, &path!("id")), id);
    assert_eq!(paths(&aws), 3, "the former went, the new one stands");
    assert!(path.plan(moved).await.expect("a plan").is_no_op());
    path.destroy().await.expect("destroyed");
    assert_eq!(paths(&aws), 0);
}

/// A service does not see everywhere at once what was just made: by this process, too, for another resource.
#[tokio::test]
async fn a_connection_waits_until_eventbridge_sees_the_path_that_was_just_made() {
    let aws = local_aws();
    let host = Host::new(Private);
    configure(&host, &aws, &aws.seed().region).await;
    let resource = |kind| host.resource(kind).expect("the provider has the resource");
    let (mut path, mut thing) = (resource("private_api_path"), resource(super::TYPE));
    let endpoint = aws.seed().vpc_endpoint_id.as_str();
    path.apply(config! { name = "shop", vpc_endpoint_id = endpoint })
        .await
        .expect("a path");
    let configuration = text(&path, &path!("resource_configuration_arn"));
    let missed = json!({
        "service": "events", "operation": "CreateConnection", "count": 2,
        "effect": { "error": { "code": "ResourceNotFoundException", "message": "It does not exist.", "status": 400 } },
    });
    aws.add_fault(&missed).expect("a rule");
    let config = config! {
        name = "orders", shared_resource_configuration_arn = configuration.as_str(), authorization = { none = {} },
    };
    thing.apply(config).await.expect("it is tried again");
}

/// What AWS cannot change in place replaces a path: where the new one cannot be made, the old one stays.
#[tokio::test]
async fn a_path_whose_replacement_would_be_refused_is_not_destroyed_for_it() {
    let aws = local_aws();
    let mut path = path_instance(&aws).await;
    let endpoint = aws.seed().vpc_endpoint_id.as_str();
    let of = |endpoint: &str, subnet: &str| config! { name = "shop", vpc_endpoint_id = endpoint, network = { subnet_ids = [subnet] } };
    let subnet = aws.seed().subnet_ids[0].as_str();
    path.apply(of(endpoint, subnet)).await.expect("a path");
    for (config, wrong, fixed) in [
        (
            of(endpoint, "subnet-0123456789abcdef0"),
            "subnet-0123456789abcdef0",
            "network.subnet_ids",
        ),
        (
            of("vpce-0123456789abcdef0", subnet),
            "No such VPC endpoint",
            "vpc_endpoint_id",
        ),
    ] {
        let calls = aws.calls().len();
        let refused = path.plan(config).await.map(|_| Default::default());
        let words = errors(refused).to_string();
        assert!(words.contains(wrong), "{words}");
        assert!(
            words.contains(&format!("AWS cannot change {fixed} in place")),
            "{words}"
        );
        assert_eq!(super::checks::mutations(&aws, calls), [""; 0]);
    }
    assert!(path.plan(of(endpoint, subnet)).await.expect("a plan").is_no_op());
    let other = aws.seed().subnet_ids[1].as_str();
    assert!(path.plan(of(endpoint, other)).await.expect("a plan").is_replace());
    path.destroy().await.expect("destroyed");
}

#[tokio::test]
async fn invocations_share_a_paths_gateway_or_its_configuration_and_move_between_them_and_their_own() {
    let aws = local_aws();
    let mut path = path_instance(&aws).await;
    let endpoint = aws.seed().vpc_endpoint_id.as_str();
    path.apply(config! { name = "shop", vpc_endpoint_id = endpoint })
        .await
        .expect("a path");
    let gateway = text(&path, &path!("resource_gateway_id"));
    let configuration = text(&path, &path!("resource_configuration_arn"));
    let (gateway, configuration) = (gateway.as_str(), configuration.as_str());

    let none = || config! { none = {} };
    let ways = [
        config! { name = "orders", vpc_endpoint_id = endpoint, authorization = none() },
        config! { name = "orders", vpc_endpoint_id = endpoint, authorization = none(), network = { resource_gateway_id = gateway } },
        config! { name = "orders", shared_resource_configuration_arn = configuration, authorization = none() },
    ];
    let mut thing = instance(&aws).await;
    thing.apply(ways[0].clone()).await.expect("created");
    let arn = text(&thing, &path!("connection_arn"));
    for (step, to) in [1, 2, 0, 2, 1, 0].into_iter().enumerate() {
        let applied = thing
            .apply(ways[to].clone())
            .await
            .unwrap_or_else(|refused| panic!("{step}: {refused}"));
        assert!(applied.is_update(), "{step}");
        thing.refresh().await.expect("read");
        let plan = thing.plan(ways[to].clone()).await.expect("a plan");
        assert!(
            plan.is_no_op(),
            "{step}: {:?} → {:?}",
            plan.prior(),
            plan.planned()
        );
        assert_eq!(text(&thing, &path!("connection_arn")), arn, "{step}");
        // Connection; with a configuration of its own; with a gateway and a group of its own.
        assert_eq!(ours(&aws).len(), [4, 2, 1][to], "{step}");
        assert_eq!(paths(&aws), 3, "{step}");
    }
    let own = text(&thing, &path!("resource_gateway_id"));
    let own = own.as_str();
    let itself = config! {
        name = "orders", vpc_endpoint_id = endpoint, authorization = none(), network = { resource_gateway_id = own },
    };
    let refused = thing.apply(itself).await.expect_err("it is its own");
    assert!(refused.to_string().contains("made itself"), "{refused}");

    let mut second = instance(&aws).await;
    second
        .apply(config! { name = "second", shared_resource_configuration_arn = configuration, authorization = none() })
        .await
        .expect("a second invocation through the same configuration");
    second.destroy().await.expect("destroyed");
    thing.destroy().await.expect("destroyed");
    path.destroy().await.expect("destroyed");
    assert_eq!((ours(&aws).len(), paths(&aws)), (0, 0));
}

#[tokio::test]
async fn the_connection_is_pointed_back_when_the_new_path_fails_and_nothing_of_that_is_left() {
    let aws = local_aws();
    let mut thing = instance(&aws).await;
    thing.apply(orders(&aws)).await.expect("created");
    let former = text(&thing, &path!("resource_configuration_arn"));
    let (second, key) = (second_endpoint(&aws).await, aws.seed().api_key.clone());
    let (second, key) = (second.as_str(), key.as_str());
    let fails = json!({
        "service": "events", "type": "connection", "becomes": "FAILED_CONNECTIVITY", "reason": "Could not connect", "count": 1,
    });
    aws.add_fault(&fails).expect("a rule");
    let moved = config! {
        name = "orders", vpc_endpoint_id = second,
        authorization = { api_key = { name = "x-api-key", value_wo = key, value_wo_version = "1" } },
    };
    let refused = thing.apply(moved.clone()).await.expect_err("the new path fails");
    let words = refused.to_string();
    assert!(
        words.contains("Could not connect") && words.contains("pointed back"),
        "{words}"
    );
    thing.refresh().await.expect("read");
    assert_eq!(text(&thing, &path!("resource_configuration_arn")), former);
    assert_eq!(text(&thing, &path!("connection_state")), "ACTIVE");
    let plan = thing.plan(orders(&aws)).await.expect("a plan");
    assert!(plan.is_no_op(), "{:?} → {:?}", plan.prior(), plan.planned());
    assert_eq!(ours(&aws).len(), 4);
    thing.apply(moved.clone()).await.expect("the second try works");
    assert!(thing.plan(moved).await.expect("a plan").is_no_op());
}

#[tokio::test]
async fn an_equal_rule_of_somebody_else_serves_and_is_left_alone() {
    let aws = local_aws();
    let client = by_hand(&aws).await;
    let endpoint_group = super::drift::endpoint_group(&aws);
    let (endpoint, group) = (aws.seed().vpc_endpoint_id.as_str(), endpoint_group.as_str());
    let made = client
        .ec2
        .create_security_group()
        .group_name("mine")
        .description("mine");
    let mine = made
        .vpc_id(&aws.seed().vpc_id)
        .send()
        .await
        .expect("a group")
        .group_id
        .expect("its id");
    let mine = mine.as_str();
    let pair = aws_sdk_ec2::types::UserIdGroupPair::builder()
        .group_id(mine)
        .build();
    let rule = aws_sdk_ec2::types::IpPermission::builder()
        .ip_protocol("tcp")
        .from_port(443)
        .to_port(443)
        .user_id_group_pairs(pair)
        .build();
    let request = client.ec2.authorize_security_group_ingress().group_id(group);
    let answer = request.ip_permissions(rule).send().await.expect("a rule");
    let theirs = answer.security_group_rules()[0]
        .security_group_rule_id
        .clone()
        .expect("its id");
    let config = config! {
        name = "orders", vpc_endpoint_id = endpoint, authorization = { none = {} },
        network = { security_group_ids = [mine], endpoint_ingress_security_group_id = group },
    };
    let mut thing = instance(&aws).await;
    thing.apply(config.clone()).await.expect("created");
    assert_eq!(text(&thing, &path!("endpoint_ingress_rule_id")), theirs);
    thing.refresh().await.expect("read");
    assert!(thing.plan(config.clone()).await.expect("a plan").is_no_op());
    // Given back, and borrowed again.
    let without = config! {
        name = "orders", vpc_endpoint_id = endpoint, authorization = { none = {} },
        network = { security_group_ids = [mine] },
    };
    thing.apply(without).await.expect("given back");
    assert_eq!(thing.get(&path!("endpoint_ingress_rule_id")), Some(&Value::Null));
    assert_eq!(thing.get(&path!("borrowed")), Some(&Value::List(vec![])));
    thing.apply(config).await.expect("borrowed");
    assert_eq!(text(&thing, &path!("endpoint_ingress_rule_id")), theirs);
    thing.destroy().await.expect("destroyed");
    let request = client
        .ec2
        .describe_security_group_rules()
        .security_group_rule_ids(&theirs);
    assert!(request.send().await.is_ok(), "the rule of somebody else stands");
}

#[tokio::test]
async fn without_waiting_an_apply_ends_while_the_connection_is_on_its_way() {
    let aws = local_aws();
    let stuck = json!({ "service": "events", "type": "connection", "stuck": "AUTHORIZING" });
    let stuck_too = json!({ "service": "events", "type": "connection", "stuck": "AUTHORIZED" });
    let rules = [stuck, stuck_too].map(|rule| aws.add_fault(&rule).expect("a rule")[0]);
    let endpoint = aws.seed().vpc_endpoint_id.as_str();
    let config = config! {
        name = "orders", vpc_endpoint_id = endpoint, wait_for_ready = false,
        authorization = { api_key = { name = "x-api-key", value = "k" } },
    };
    let mut thing = instance(&aws).await;
    thing.apply(config.clone()).await.expect("created");
    assert_ne!(text(&thing, &path!("connection_state")), "ACTIVE");
    assert!(thing.plan(config.clone()).await.expect("a plan").is_no_op());
    for rule in rules {
        aws.remove_fault(rule);
    }
    thing.refresh().await.expect("read");
    assert!(thing.plan(config).await.expect("a plan").is_no_op());
}

#[tokio::test]
async fn without_waiting_a_move_shows_the_new_path_and_leaves_the_old_one_to_the_next_apply() {
    for shared in ["configuration", "gateway"] {
        let aws = local_aws();
        let client = by_hand(&aws).await;
        let arn = foreign_configuration(&aws, &client).await;
        let theirs = aws.objects();
        let theirs = theirs
            .iter()
            .find(|object| object["type"] == "resource-gateway" && object["name"] == "foreign");
        let gateway = theirs
            .and_then(|found| found["id"].as_str())
            .expect("the gateway");
        let endpoint = aws.seed().vpc_endpoint_id.as_str();
        let before = config! {
            name = "orders", vpc_endpoint_id = endpoint, wait_for_ready = false, authorization = { none = {} },
        };
        let after = match shared {
            "configuration" => config! {
                name = "orders", shared_resource_configuration_arn = (arn.as_str()), wait_for_ready = false,
                authorization = { none = {} },
            },
            _ => config! {
                name = "orders", vpc_endpoint_id = endpoint, wait_for_ready = false, authorization = { none = {} },
                network = { resource_gateway_id = gateway },
            },
        };
        let mut thing = instance(&aws).await;
        thing.apply(before.clone()).await.expect("created");
        aws.advance_until_settled();
        thing.refresh().await.expect("read");
        let old = text(&thing, &path!("resource_gateway_id"));
        let rules = ["UPDATING", "AUTHORIZING", "AUTHORIZED"].map(|state| {
            let stuck = json!({ "service": "events", "type": "connection", "stuck": state });
            aws.add_fault(&stuck).expect("a rule")[0]
        });
        thing.apply(after.clone()).await.expect("moved");
        assert_ne!(text(&thing, &path!("connection_state")), "ACTIVE");
        if shared == "configuration" {
            assert_eq!(text(&thing, &path!("resource_configuration_arn")), arn);
        } else {
            assert_eq!(text(&thing, &path!("resource_gateway_id")), gateway);
        }
        let retired = thing.get(&path!("retired")).map(|retired| format!("{retired:?}"));
        assert!(retired.is_some_and(|retired| retired.contains(&old)), "{shared}");
        assert!(ours(&aws).iter().any(|object| object["id"] == old.as_str()));
        // What the configuration takes up again, its plan does not call left to be removed.
        let removal = format!("remove {old}");
        for (config, removes) in [(&after, true), (&before, false)] {
            let plan = thing.plan(config.clone()).await.expect("a plan");
            let words = plan.warnings().to_string();
            assert_eq!(words.contains(&removal), removes, "{shared}: {words}");
        }
        for rule in rules {
            aws.remove_fault(rule);
        }
        aws.advance_until_settled();
        thing.apply(after.clone()).await.expect("the old path removed");
        assert!(!ours(&aws).iter().any(|object| object["id"] == old.as_str()));
        assert!(thing.plan(after).await.expect("a plan").is_no_op());
    }
}

#[tokio::test]
async fn what_cannot_work_is_told_by_the_plan_and_stops_the_apply_before_it_changes_anything() {
    let aws = local_aws();
    let endpoint = aws.seed().vpc_endpoint_id.as_str();
    let foreign = "arn:aws:vpc-lattice:us-east-1:123456789012:resourceconfiguration/rcfg-0123456789abcdef0";
    let table = [
        (
            config! { name = "orders", vpc_endpoint_id = endpoint, authorization = { none = {} },
            network = { subnet_ids = ["subnet-0123456789abcdef0"] } },
            "no subnet subnet-0123456789abcdef0",
        ),
        (
            config! { name = "orders", vpc_endpoint_id = endpoint, authorization = { none = {} },
            network = { resource_gateway_id = "rgw-0123456789abcdef0" } },
            "no resource gateway rgw-0123456789abcdef0",
        ),
        (
            config! { name = "orders", shared_resource_configuration_arn = foreign, authorization = { none = {} } },
            "no resource configuration",
        ),
        (
            config! { name = "orders", vpc_endpoint_id = endpoint, authorization = { none = {} },
            network = { ip_address_type = "IPV6" } },
            "no IPv6 CIDR",
        ),
        (
            config! { name = "orders", vpc_endpoint_id = endpoint, authorization = { none = {} },
            network = { endpoint_ingress_security_group_id = "sg-0123456789abcdef0" } },
            "no security group of VPC endpoint",
        ),
    ];
    for (config, words) in table {
        let mut thing = instance(&aws).await;
        let plan = thing
            .plan(config.clone())
            .await
            .expect("a plan is never refused for it");
        let lower = plan.warnings().to_string();
        assert!(lower.contains(words), "{words}: {lower}");
        let refused = errors(thing.apply_plan(plan, config).await.map(|_| Default::default()));
        assert!(refused.to_string().contains(words), "{refused}");
        assert!(thing.state().is_none());
        assert_eq!(ours(&aws).len(), 0);
    }
}
