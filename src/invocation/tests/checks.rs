//! Every finding of the checks, in a create and in an update of a healthy invocation: the plan warns, the apply refuses,
//! nothing is changed.

pub mod by_hand;
mod sums;

use local_aws::LocalAws;
use serde_json::json;
use terraform_plugin::testing::{Host, Instance, Planning};
use terraform_plugin::{Value, config, path};

use super::drift::endpoint_group;
use super::planning::with;
use super::{by_hand as clients, configure, errors, instance, local_aws, ours};
use crate::client::Aws;
use crate::provider::Private;

/// What begins a call that changes nothing.
const READS: [&str; 3] = ["Get", "Describe", "List"];

/// The calls that changed something, since so many were made.
pub fn mutations(local: &LocalAws, since: usize) -> Vec<String> {
    let calls = local.calls().into_iter().skip(since).map(|call| call.operation);
    calls
        .filter(|call| !READS.iter().any(|read| call.starts_with(read)))
        .collect()
}

pub fn healthy(local: &LocalAws) -> Value {
    let endpoint = local.seed().vpc_endpoint_id.as_str();
    config! { name = "orders", vpc_endpoint_id = endpoint, authorization = { none = {} } }
}

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    NoEndpoint,
    EndpointOfAnotherService,
    EndpointIsPending,
    EndpointForbids,
    EndpointIsClosed,
    ForeignIngressGroup,
    NoSubnet,
    SubnetOfAnotherVpc,
    SmallSubnet,
    NoZoneInCommon,
    NoIpv6,
    EgressElsewhere,
    EgressToAnotherGroup,
    EgressToNoGroup,
    EgressToAnotherVpc,
    NoGroup,
    GroupOfAnotherVpc,
    GroupLetsOutElsewhere,
    NoGateway,
    GatewayIsNotActive,
    GatewayLetsOutElsewhere,
    NoConfiguration,
    ConfigurationIsNotActive,
}

const ALL: [Wrong; 23] = [
    Wrong::NoEndpoint,
    Wrong::EndpointOfAnotherService,
    Wrong::EndpointIsPending,
    Wrong::EndpointForbids,
    Wrong::EndpointIsClosed,
    Wrong::ForeignIngressGroup,
    Wrong::NoSubnet,
    Wrong::SubnetOfAnotherVpc,
    Wrong::SmallSubnet,
    Wrong::NoZoneInCommon,
    Wrong::NoIpv6,
    Wrong::EgressElsewhere,
    Wrong::EgressToAnotherGroup,
    Wrong::EgressToNoGroup,
    Wrong::EgressToAnotherVpc,
    Wrong::NoGroup,
    Wrong::GroupOfAnotherVpc,
    Wrong::GroupLetsOutElsewhere,
    Wrong::NoGateway,
    Wrong::GatewayIsNotActive,
    Wrong::GatewayLetsOutElsewhere,
    Wrong::NoConfiguration,
    Wrong::ConfigurationIsNotActive,
];

/// What a configuration changes so that it is wrong, the words for that, and the attribute.
async fn wrong(wrong: Wrong, local: &LocalAws, aws: &Aws) -> (Value, &'static str, &'static str) {
    let seed = local.seed();
    let vpc = seed.vpc_id.as_str();
    let stuck = |kind: &str, state: &str| {
        let service = if kind == "vpc-endpoint" {
            "ec2"
        } else {
            "vpc-lattice"
        };
        let rule = json!({ "service": service, "type": kind, "stuck": state });
        local.add_fault(&rule).expect("a rule");
    };
    let network = |network: Value| config! { network = network };
    let at_endpoint = |id: &str| config! { vpc_endpoint_id = id };
    match wrong {
        Wrong::NoEndpoint => (
            at_endpoint("vpce-0123456789abcdef0"),
            "no VPC endpoint vpce-0123456789abcdef0",
            "vpc_endpoint_id",
        ),
        Wrong::EndpointOfAnotherService => {
            let group = endpoint_group(local);
            let id = by_hand::endpoint(local, aws, (vpc, "sqs"), &seed.subnet_ids, &group, None).await;
            (
                at_endpoint(&id),
                "Give the id of an interface endpoint",
                "vpc_endpoint_id",
            )
        }
        Wrong::EndpointIsPending => {
            stuck("vpc-endpoint", "pending");
            let group = endpoint_group(local);
            let of = (vpc, "execute-api");
            let id = by_hand::endpoint(local, aws, of, &seed.subnet_ids, &group, None).await;
            (at_endpoint(&id), "pending, not available", "vpc_endpoint_id")
        }
        Wrong::EndpointForbids => {
            let group = endpoint_group(local);
            let (of, policy) = ((vpc, "execute-api"), r#"{"Version":"2012-10-17","Statement":[]}"#);
            let id = by_hand::endpoint(local, aws, of, &seed.subnet_ids, &group, Some(policy)).await;
            (at_endpoint(&id), "denies every call", "vpc_endpoint_id")
        }
        Wrong::EndpointIsClosed => {
            let group = by_hand::group_letting_in(aws, vpc, "closed", None).await;
            let of = (vpc, "execute-api");
            let id = by_hand::endpoint(local, aws, of, &seed.subnet_ids, &group, None).await;
            (at_endpoint(&id), "let nothing in on TCP 443", "vpc_endpoint_id")
        }
        Wrong::ForeignIngressGroup => {
            let group = by_hand::group_letting_in(aws, vpc, "another", None).await;
            (
                network(config! { endpoint_ingress_security_group_id = group.as_str() }),
                "no security group of VPC endpoint",
                "endpoint_ingress_security_group_id",
            )
        }
        Wrong::NoSubnet => (
            network(config! { subnet_ids = ["subnet-0123456789abcdef0"] }),
            "no subnet subnet-0123456789abcdef0",
            "subnet_ids",
        ),
        Wrong::SubnetOfAnotherVpc => {
            let (_, subnet) = by_hand::vpc(local, aws).await;
            (
                network(config! { subnet_ids = [subnet.as_str()] }),
                "the VPC of the endpoint",
                "subnet_ids",
            )
        }
        Wrong::SmallSubnet => {
            let subnet = by_hand::subnet(local, aws, vpc, "10.0.9.0/28").await;
            (
                network(config! { subnet_ids = [subnet.as_str()] }),
                "11 free IPv4 addresses; the resource gateway takes 16",
                "subnet_ids",
            )
        }
        Wrong::NoZoneInCommon => {
            let group = endpoint_group(local);
            let (of, first) = ((vpc, "execute-api"), &seed.subnet_ids[..1]);
            let id = by_hand::endpoint(local, aws, of, first, &group, None).await;
            let second = seed.subnet_ids[1].as_str();
            let changes = config! { vpc_endpoint_id = id.as_str(), network = { subnet_ids = [second] } };
            (changes, "They need one in common", "subnet_ids")
        }
        Wrong::NoIpv6 => (
            network(config! { ip_address_type = "DUALSTACK" }),
            "no IPv6 CIDR",
            "ip_address_type",
        ),
        Wrong::EgressElsewhere => (
            network(config! { egress_cidr_blocks = ["192.168.0.0/16"] }),
            "lets nothing out on TCP 443",
            "egress_cidr_blocks",
        ),
        Wrong::EgressToAnotherGroup => {
            let group = by_hand::group_letting_in(aws, vpc, "another", None).await;
            (
                network(config! { egress_security_group_ids = [group.as_str()] }),
                "lets out to the security group sg-",
                "egress_security_group_ids",
            )
        }
        Wrong::EgressToNoGroup => (
            network(config! { egress_security_group_ids = ["sg-0123456789abcdef0"] }),
            "no security group sg-0123456789abcdef0 in this account and Region. Check network.egress_security_group_ids",
            "egress_security_group_ids",
        ),
        Wrong::EgressToAnotherVpc => {
            let (another, _) = by_hand::vpc(local, aws).await;
            let group = by_hand::group_letting_in(aws, &another, "another", None).await;
            (
                network(config! { egress_security_group_ids = [group.as_str()] }),
                "Give a security group of the endpoint in network.egress_security_group_ids",
                "egress_security_group_ids",
            )
        }
        Wrong::GroupOfAnotherVpc => {
            let (another, _) = by_hand::vpc(local, aws).await;
            let group = by_hand::group_letting_in(aws, &another, "another", None).await;
            (
                network(config! { security_group_ids = [group.as_str()] }),
                "A resource gateway takes groups of its own VPC",
                "security_group_ids",
            )
        }
        Wrong::NoGroup => (
            network(config! { security_group_ids = ["sg-0123456789abcdef0"] }),
            "no security group sg-0123456789abcdef0",
            "security_group_ids",
        ),
        Wrong::GroupLetsOutElsewhere => {
            let group = by_hand::group_letting_out(aws, vpc, "out", "192.168.0.0/16").await;
            (
                network(config! { security_group_ids = [group.as_str()] }),
                "let nothing out on TCP 443",
                "security_group_ids",
            )
        }
        Wrong::NoGateway => (
            network(config! { resource_gateway_id = "rgw-0123456789abcdef0" }),
            "no resource gateway rgw-0123456789abcdef0",
            "resource_gateway_id",
        ),
        Wrong::GatewayIsNotActive => {
            stuck("resource-gateway", "CREATE_IN_PROGRESS");
            let id = by_hand::gateway(local, aws, &endpoint_group(local)).await;
            (
                network(config! { resource_gateway_id = id.as_str() }),
                "CREATE_IN_PROGRESS, not ACTIVE",
                "resource_gateway_id",
            )
        }
        Wrong::GatewayLetsOutElsewhere => {
            let group = by_hand::group_letting_out(aws, vpc, "out", "192.168.0.0/16").await;
            let id = by_hand::gateway(local, aws, &group).await;
            (
                network(config! { resource_gateway_id = id.as_str() }),
                "let nothing out on TCP 443",
                "resource_gateway_id",
            )
        }
        Wrong::NoConfiguration => {
            let arn =
                "arn:aws:vpc-lattice:us-east-1:123456789012:resourceconfiguration/rcfg-0123456789abcdef0";
            (
                config! { vpc_endpoint_id = null, shared_resource_configuration_arn = arn },
                "no resource configuration arn",
                "shared_resource_configuration_arn",
            )
        }
        Wrong::ConfigurationIsNotActive => {
            stuck("resource-configuration", "CREATE_IN_PROGRESS");
            let arn = super::paths::foreign_configuration(local, aws).await;
            (
                config! { vpc_endpoint_id = null, shared_resource_configuration_arn = arn.as_str() },
                "CREATE_IN_PROGRESS, not ACTIVE",
                "shared_resource_configuration_arn",
            )
        }
    }
}

/// The plan of that configuration warns, its apply refuses, and nothing is changed.
pub async fn is_refused(
    what: &str,
    local: &LocalAws,
    thing: &mut Instance,
    config: Value,
    words: &str,
    at: &str,
) {
    let state = thing.state().cloned();
    let calls = local.calls().len();
    let plan = thing.plan(config.clone()).await;
    let plan = plan.unwrap_or_else(|refused| panic!("{what}: a plan is never refused for it: {refused}"));
    let warns = plan.warnings().iter().any(|warning| {
        warning.detail.contains(words)
            && warning
                .detail
                .contains("The apply stops before it changes anything")
            && warning.to_string().contains(at)
    });
    assert!(warns, "{what}: {}", plan.warnings());
    let refused = errors(thing.apply_plan(plan, config).await.map(|_| Default::default()));
    let text = refused.to_string();
    assert!(
        text.contains(words) && text.contains("Nothing was changed"),
        "{what}: {text}"
    );
    assert_eq!(mutations(local, calls), [""; 0], "{what}");
    assert_eq!(thing.state(), state.as_ref(), "{what}");
    assert!(!thing.is_tainted(), "{what}");
}

#[tokio::test]
async fn each_finding_in_a_create_is_told_by_the_plan_and_stops_the_apply_before_it_changes_anything() {
    for what in ALL {
        let local = local_aws();
        let aws = clients(&local).await;
        let (changes, words, at) = wrong(what, &local, &aws).await;
        let mut thing = instance(&local).await;
        let config = with(&healthy(&local), changes);
        is_refused(&format!("{what:?}"), &local, &mut thing, config, words, at).await;
    }
}

#[tokio::test]
async fn each_finding_in_an_update_is_told_by_the_plan_and_stops_the_apply_before_it_changes_anything() {
    for what in ALL {
        let local = local_aws();
        let aws = clients(&local).await;
        let mut thing = instance(&local).await;
        thing.apply(healthy(&local)).await.expect("a healthy invocation");
        let (changes, words, at) = wrong(what, &local, &aws).await;
        let config = with(&healthy(&local), changes);
        is_refused(&format!("{what:?}"), &local, &mut thing, config, words, at).await;
        // A plan without it, as one before a destroy, is none the worse.
        local.clear_faults();
        thing.refresh().await.expect("a refresh");
        assert!(
            thing.plan(healthy(&local)).await.expect("a plan").is_no_op(),
            "{what:?}"
        );
    }
}

/// A rule that this resource is about to remove does not let the gateway in.
#[tokio::test]
async fn the_way_in_is_not_taken_away_where_nothing_else_lets_the_gateway_in() {
    let local = local_aws();
    let aws = clients(&local).await;
    let vpc = local.seed().vpc_id.as_str();
    let closed = by_hand::group_letting_in(&aws, vpc, "closed", None).await;
    let subnets = &local.seed().subnet_ids;
    let endpoint = by_hand::endpoint(&local, &aws, (vpc, "execute-api"), subnets, &closed, None).await;
    let (endpoint, closed) = (endpoint.as_str(), closed.as_str());
    let without = with(&healthy(&local), config! { vpc_endpoint_id = endpoint });
    let let_in = with(
        &without,
        config! { network = { endpoint_ingress_security_group_id = closed } },
    );
    let mut thing = instance(&local).await;
    thing.apply(let_in.clone()).await.expect("created");
    let words = "let nothing in on TCP 443";
    is_refused(
        "taken away",
        &local,
        &mut thing,
        without,
        words,
        "vpc_endpoint_id",
    )
    .await;
    // It stays where the rule goes with the endpoint.
    thing
        .apply(healthy(&local))
        .await
        .expect("moved to an endpoint that is open");
    thing.apply(let_in).await.expect("and back");
}

/// What is wrong with what nothing of a plan touches is told, and the apply goes on.
#[tokio::test]
async fn a_change_that_leaves_the_path_alone_goes_on_whatever_has_become_of_the_path() {
    let local = local_aws();
    let aws = clients(&local).await;
    let mut thing = instance(&local).await;
    thing.apply(healthy(&local)).await.expect("created");
    let endpoint = local.seed().vpc_endpoint_id.as_str();
    let request = aws.ec2.delete_vpc_endpoints().vpc_endpoint_ids(endpoint);
    request.send().await.expect("deleted by hand");
    // Another process, which has looked up nothing yet.
    let mut later = instance(&local).await;
    later.adopt(&thing);
    later.refresh().await.expect("a refresh");
    for change in [
        config! { description = "described" },
        config! { description = "described", tags = { team = "orders" } },
    ] {
        let changed = with(&healthy(&local), change);
        let plan = later.plan(changed.clone()).await.expect("a plan");
        let words = plan.warnings().to_string();
        assert!(words.contains("No such VPC endpoint"), "{words}");
        assert!(words.contains("Nothing of this plan needs it"), "{words}");
        assert!(!words.contains("stops before it changes"), "{words}");
        later.apply_plan(plan, changed).await.expect("applied");
    }
}

/// UpdateResourceGateway changes it in place, where no addresses are taken.
#[tokio::test]
async fn another_dns_resolution_needs_no_free_addresses() {
    let local = local_aws();
    let aws = clients(&local).await;
    let vpc = local.seed().vpc_id.as_str();
    // 27 addresses, of which the gateway takes 16.
    let subnet = by_hand::subnet(&local, &aws, vpc, "10.0.9.0/27").await;
    let subnet = subnet.as_str();
    let mut thing = instance(&local).await;
    let in_it = with(&healthy(&local), config! { network = { subnet_ids = [subnet] } });
    thing.apply(in_it).await.expect("created");
    let in_vpc = config! { network = { subnet_ids = [subnet], resource_config_dns_resolution = "IN_VPC" } };
    let applied = thing
        .apply(with(&healthy(&local), in_vpc))
        .await
        .expect("changed in place");
    assert!(applied.warnings().is_empty(), "{}", applied.warnings());
}

#[tokio::test]
async fn the_group_that_this_resource_made_is_not_taken_for_one_that_is_given() {
    let local = local_aws();
    let mut thing = instance(&local).await;
    thing.apply(healthy(&local)).await.expect("created");
    let own = thing.get(&path!("security_group_id")).and_then(Value::as_str);
    let own = own.expect("its group").to_owned();
    let given = with(
        &healthy(&local),
        config! { network = { security_group_ids = [own.as_str()] } },
    );
    let words = "is the security group that this resource made itself";
    is_refused(
        "own group",
        &local,
        &mut thing,
        given,
        words,
        "security_group_ids",
    )
    .await;
}

#[tokio::test]
async fn an_import_does_not_take_the_managed_group_for_one_that_is_given() {
    let local = local_aws();
    let aws = clients(&local).await;
    let mut thing = instance(&local).await;
    thing.apply(healthy(&local)).await.expect("created");
    let text = |name| {
        thing
            .get(&name)
            .and_then(Value::as_str)
            .expect("a text")
            .to_owned()
    };
    let (gateway, own) = (
        text(path!("resource_gateway_id")),
        text(path!("security_group_id")),
    );
    let other = by_hand::group_letting_in(&aws, &local.seed().vpc_id, "other", None).await;
    let request = aws
        .lattice
        .update_resource_gateway()
        .resource_gateway_identifier(gateway);
    let request = request.security_group_ids(&own).security_group_ids(&other);
    request.send().await.expect("a second group by hand");

    let mut imported = instance(&local).await;
    imported.import("orders").await.expect("imported");
    assert_eq!(
        imported.get(&path!("security_group_id")).and_then(Value::as_str),
        Some(own.as_str())
    );
    let plan = imported.plan(healthy(&local)).await.expect("a plan");
    imported.apply_plan(plan, healthy(&local)).await.expect("applied");
    assert!(imported.plan(healthy(&local)).await.expect("a plan").is_no_op());
    imported.destroy().await.expect("destroyed");
    assert_eq!(ours(&local).len(), 0);
}

/// A rename needs another endpoint no less than a create does; what stands would be destroyed before that shows.
#[tokio::test]
async fn a_replacement_that_cannot_be_made_is_refused_by_the_plan_and_locks_nothing() {
    let local = local_aws();
    let aws = clients(&local).await;
    let mut thing = instance(&local).await;
    thing.apply(healthy(&local)).await.expect("created");
    let endpoint = local.seed().vpc_endpoint_id.as_str();
    let request = aws.ec2.delete_vpc_endpoints().vpc_endpoint_ids(endpoint);
    request.send().await.expect("deleted by hand");
    let mut later = instance(&local).await;
    later.adopt(&thing);

    let renamed = with(&healthy(&local), config! { name = "renamed" });
    let refused = errors(later.plan(renamed).await.map(|_| Default::default()));
    let words = refused.to_string();
    assert!(
        words.contains("No such VPC endpoint") && words.contains("-refresh=false"),
        "{words}"
    );
    // The same where the provider's Region has changed, in which the endpoint never was.
    let elsewhere = LocalAws::start(local_aws::Options {
        region: "eu-west-1".to_owned(),
        speed: local_aws::Speed::Instant,
        ..local_aws::Options::default()
    });
    let elsewhere = elsewhere.expect("another local AWS");
    let mut moved = instance(&elsewhere).await;
    moved.adopt(&thing);
    let refused = errors(
        moved
            .plan_with(healthy(&local), Planning::default().without_refresh())
            .await
            .map(|_| Default::default()),
    );
    let words = refused.to_string();
    assert!(
        words.contains("It stands in us-east-1") && words.contains("AWS_REGION"),
        "{words}"
    );

    // Neither the plan before a destroy, nor one of a tainted resource, is refused.
    later.refresh().await.expect("a refresh");
    assert!(later.plan(healthy(&local)).await.expect("a plan").is_no_op());
    later.taint();
    assert!(later.plan(healthy(&local)).await.expect("a plan").is_replace());
    later.destroy().await.expect("destroyed");
    assert_eq!(ours(&local).len(), 0);
}

/// A move to another VPC that ended early names the new endpoint beside the old gateway.
#[tokio::test]
async fn after_a_move_to_another_vpc_that_ended_early_the_next_apply_goes_on() {
    let local = local_aws();
    let aws = clients(&local).await;
    let (vpc, subnet) = by_hand::vpc(&local, &aws).await;
    let open = by_hand::group_letting_in(&aws, &vpc, "open", Some("10.7.0.0/16")).await;
    let of = (vpc.as_str(), "execute-api");
    let endpoint = by_hand::endpoint(&local, &aws, of, &[subnet], &open, None).await;
    let mut thing = instance(&local).await;
    thing.apply(healthy(&local)).await.expect("created");
    let denied = json!({
        "service": "vpc-lattice", "operation": "CreateResourceGateway", "count": 1, "effect": { "access_denied": true },
    });
    local.add_fault(&denied).expect("a rule");
    let moved = with(&healthy(&local), config! { vpc_endpoint_id = endpoint.as_str() });
    errors(thing.apply(moved.clone()).await.map(|_| Default::default()));
    thing.refresh().await.expect("a refresh");
    thing.apply(moved.clone()).await.expect("it goes on");
    assert_eq!(
        thing.get(&path!("vpc_id")).and_then(Value::as_str),
        Some(vpc.as_str())
    );
    assert!(thing.plan(moved).await.expect("a plan").is_no_op());
}

/// Of a configuration that another account shares AWS shows no tags, whatever it answers.
#[tokio::test]
async fn nobody_asks_for_the_tags_of_what_is_somebody_elses() {
    let local = local_aws();
    let aws = clients(&local).await;
    let arn = super::paths::foreign_configuration(&local, &aws).await;
    let calls = local.calls().len();
    let mut thing = instance(&local).await;
    let shared = config! {
        name = "orders", shared_resource_configuration_arn = arn.as_str(), authorization = { none = {} },
    };
    thing.apply(shared.clone()).await.expect("created");
    thing.refresh().await.expect("a refresh");
    assert!(thing.plan(shared).await.expect("a plan").is_no_op());
    let asked = local.calls().into_iter().skip(calls);
    assert_eq!(
        asked
            .filter(|call| call.operation == "ListTagsForResource")
            .count(),
        0
    );
}

#[tokio::test]
async fn a_gateway_that_aws_could_not_make_names_its_subnets_and_the_addresses_that_it_takes() {
    let local = local_aws();
    let fails = json!({ "service": "vpc-lattice", "type": "resource-gateway", "becomes": "CREATE_FAILED" });
    local.add_fault(&fails).expect("a rule");
    let mut thing = instance(&local).await;
    let words = errors(thing.apply(healthy(&local)).await.map(|_| Default::default())).to_string();
    let subnet = &local.seed().subnet_ids[0];
    for part in [
        subnet.as_str(),
        "10.0.0.0/24",
        "network.ipv4_addresses_per_eni",
        "too fragmented",
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
}

/// What is seen of a misspelt argument inside `{ }`.
#[tokio::test]
async fn an_object_that_sets_nothing_is_told_and_means_null() {
    let local = local_aws();
    let thing = instance(&local).await;
    let empty = with(
        &healthy(&local),
        config! { network = {}, invocation_http_parameters = {} },
    );
    let told = thing.validate(empty).await.expect("it is legal");
    for at in ["network", "invocation_http_parameters"] {
        let named = told
            .iter()
            .any(|one| one.path.to_string() == at && one.detail.contains("dropped by the CLI"));
        assert!(named, "{at}: {told}");
    }
    let told = thing.validate(healthy(&local)).await.expect("it is legal");
    assert!(told.is_empty(), "none = {{}} sets all there is to set: {told}");
}

/// One host, as the CLI has one process for all resources of a plan.
pub async fn host(local: &LocalAws) -> Host {
    let host = Host::new(Private);
    configure(&host, local, &local.seed().region).await;
    host
}

/// What the plan of another process that changes nothing calls, and what it warns of.
async fn plan_of_nothing(local: &LocalAws, thing: &Instance) -> (Vec<String>, String) {
    let mut later = instance(local).await;
    later.adopt(thing);
    let calls = local.calls().len();
    later.refresh().await.expect("a refresh");
    let plan = later.plan(healthy(local)).await.expect("a plan");
    assert!(plan.is_no_op());
    let called = local.calls().into_iter().skip(calls).map(|call| call.operation);
    let mut called: Vec<_> = called.collect();
    called.sort();
    (called, plan.warnings().to_string())
}

#[tokio::test]
async fn a_plan_of_nothing_warns_of_an_endpoint_that_was_closed_by_hand_and_asks_no_more_for_it() {
    let local = local_aws();
    let mut thing = instance(&local).await;
    thing.apply(healthy(&local)).await.expect("a healthy invocation");
    let (asked, warnings) = plan_of_nothing(&local, &thing).await;
    assert_eq!(warnings, "");
    let aws = clients(&local).await;
    let close = aws
        .ec2
        .modify_vpc_endpoint()
        .vpc_endpoint_id(&local.seed().vpc_endpoint_id);
    let close = close.policy_document(r#"{"Version":"2012-10-17","Statement":[]}"#);
    close.send().await.expect("it is closed");
    let (asked_then, warnings) = plan_of_nothing(&local, &thing).await;
    for words in [
        "denies every call",
        "Nothing of this plan needs it",
        "vpc_endpoint_id",
    ] {
        assert!(warnings.contains(words), "{words}: {warnings}");
    }
    assert_eq!(asked_then, asked);
}
