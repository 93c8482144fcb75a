//! Whose an object is: several holders of one name, what a killed or failed run leaves, and states of older versions.

use local_aws::LocalAws;
use serde_json::json;
use terraform_plugin::testing::{Host, Instance, Stored};
use terraform_plugin::{Provider as _, Value, config, path};

use super::planning::with;
use super::{TYPE, by_hand, configure, errors, instance, local_aws, orders, ours, second_endpoint};
use crate::component::naming::{CREATING_TAG, INVOCATION_TAG};
use crate::provider::Private;

const PATH: &str = "private_api_path";

pub(super) fn deny(local: &LocalAws, service: &str, operation: &str) -> u64 {
    let rule = json!({
        "service": service, "operation": operation, "effect": { "access_denied": true },
    });
    local.add_fault(&rule).expect("a rule")[0]
}

pub(super) fn allow(local: &LocalAws, rule: u64) {
    assert!(local.remove_fault(rule), "the rule was there");
}

/// An instance in a process of its own, as another apply starts one.
async fn process(local: &LocalAws, resource: &str) -> Instance {
    let host = Host::new(Private);
    configure(&host, local, &local.seed().region).await;
    host.resource(resource).expect("it has the resource")
}

/// The same resource in the next process.
pub(super) async fn next(local: &LocalAws, thing: &Instance) -> Instance {
    let mut next = process(local, TYPE).await;
    next.adopt(thing);
    next
}

pub(super) async fn lives(local: &LocalAws, thing: &mut Instance, config: Value) {
    thing.refresh().await.expect("read");
    let state = thing.get(&path!("connection_state")).and_then(Value::as_str);
    assert_eq!(state, Some("ACTIVE"), "{:?}", local.objects());
    let plan = thing.plan(config).await.expect("a plan");
    assert!(plan.is_no_op(), "{:?} → {:?}", plan.prior(), plan.planned());
}

/// Every mutation of a create, by service and operation.
const CREATES: [(&str, &str); 5] = [
    ("ec2", "CreateSecurityGroup"),
    ("ec2", "AuthorizeSecurityGroupEgress"),
    ("vpc-lattice", "CreateResourceGateway"),
    ("vpc-lattice", "CreateResourceConfiguration"),
    ("events", "CreateConnection"),
];

#[tokio::test]
async fn after_a_create_that_failed_anywhere_the_next_apply_ends_with_one_of_each() {
    for (service, operation) in CREATES {
        for before_destroy in [false, true] {
            let local = local_aws();
            let mut thing = instance(&local).await;
            if before_destroy {
                thing.create_before_destroy();
            }
            let rule = deny(&local, service, operation);
            errors(thing.apply(orders(&local)).await.map(|_| Default::default()));
            let stored = thing.state().cloned();
            thing.refresh().await.expect("read");
            assert_eq!(
                thing.state(),
                stored.as_ref(),
                "{operation}: a refresh tells the same"
            );
            allow(&local, rule);

            let mut thing = next(&local, &thing).await;
            if before_destroy {
                thing.create_before_destroy();
            }
            let case = format!("{operation}, create_before_destroy: {before_destroy}");
            thing
                .apply(orders(&local))
                .await
                .unwrap_or_else(|refused| panic!("{case}: {refused}"));
            assert_eq!(thing.deposed(), 0, "{case}");
            lives(&local, &mut thing, orders(&local)).await;
            assert_eq!(ours(&local).len(), 4, "{case}: {:?}", ours(&local));
            thing.destroy().await.expect("destroyed");
            assert!(ours(&local).is_empty(), "{case}: {:?}", ours(&local));
        }
    }
}

#[tokio::test]
async fn a_path_that_failed_is_replaced_by_one_with_an_id_of_its_own() {
    for before_destroy in [false, true] {
        let local = local_aws();
        let config = config! { name = "shared", vpc_endpoint_id = local.seed().vpc_endpoint_id.as_str() };
        let mut thing = process(&local, PATH).await;
        if before_destroy {
            thing.create_before_destroy();
        }
        let rule = deny(&local, "vpc-lattice", "CreateResourceConfiguration");
        errors(thing.apply(config.clone()).await.map(|_| Default::default()));
        let failed = thing.get(&path!("id")).cloned();
        allow(&local, rule);
        thing.apply(config.clone()).await.expect("replaced");
        assert_ne!(thing.get(&path!("id")).cloned(), failed);
        thing.refresh().await.expect("read");
        assert!(thing.plan(config).await.expect("a plan").is_no_op());
        let left = local.objects();
        let gateways = left.iter().filter(|object| object["type"] == "resource-gateway");
        assert_eq!(gateways.count(), 1, "{left:?}");
    }
}

#[tokio::test]
async fn of_two_states_of_one_name_the_failed_one_takes_nothing_from_the_living_one() {
    let local = local_aws();
    let mut failed = process(&local, TYPE).await;
    let rule = deny(&local, "events", "CreateConnection");
    errors(failed.apply(orders(&local)).await.map(|_| Default::default()));
    allow(&local, rule);
    let mut living = process(&local, TYPE).await;
    living.apply(orders(&local)).await.expect("created");
    lives(&local, &mut living, orders(&local)).await;

    // To go on with the failed one would make a second connection of the name.
    let mut untainted = next(&local, &failed).await;
    untainted.untaint();
    let calls = local.calls().len();
    let refused = errors(untainted.apply(orders(&local)).await.map(|_| Default::default()));
    assert!(
        refused
            .to_string()
            .contains("another private_api_invocation named orders"),
        "{refused}"
    );
    assert_eq!(super::checks::mutations(&local, calls), [""; 0]);

    failed.destroy().await.expect("destroyed");
    lives(&local, &mut living, orders(&local)).await;
    assert_eq!(ours(&local).len(), 4, "{:?}", ours(&local));
}

#[tokio::test]
async fn everything_that_can_be_tagged_bears_the_mark_until_its_state_is_recorded_and_no_longer() {
    let local = local_aws();
    let mut thing = instance(&local).await;
    thing.apply(orders(&local)).await.expect("created");
    let marked = |local: &LocalAws| {
        let objects = local.objects().into_iter();
        objects
            .filter(|object| object["tags"].to_string().contains(CREATING_TAG))
            .count()
    };
    assert_eq!(marked(&local), 0);
    let moved = with(
        &orders(&local),
        config! { vpc_endpoint_id = second_endpoint(&local).await.as_str() },
    );
    thing.apply(moved.clone()).await.expect("moved");
    assert_eq!(marked(&local), 0);

    // A mark that could not be taken off shows, and goes with the next apply.
    let local = local_aws();
    let mut thing = instance(&local).await;
    let rules = ["UntagResource"].map(|operation| deny(&local, "vpc-lattice", operation));
    thing
        .apply(orders(&local))
        .await
        .expect("created, with a warning");
    assert_eq!(marked(&local), 2, "gateway and configuration");
    rules.into_iter().for_each(|rule| allow(&local, rule));
    thing.refresh().await.expect("read");
    let pending = format!("{:?}", thing.get(&path!("pending")));
    assert!(pending.contains("mark of a run that has not ended"), "{pending}");
    thing.apply(orders(&local)).await.expect("mended");
    assert_eq!(marked(&local), 0);
    lives(&local, &mut thing, orders(&local)).await;
}

#[tokio::test]
async fn what_a_state_records_is_not_taken_over_although_its_marks_cannot_be_taken_off() {
    let untagging = [("vpc-lattice", "UntagResource"), ("ec2", "DeleteTags")];
    let tagging = [("vpc-lattice", "TagResource"), ("ec2", "CreateTags")];
    // The marks say so themselves, or the one object whose mark could be taken off does.
    for denied in [untagging.to_vec(), vec![untagging[0], tagging[0]]] {
        let local = local_aws();
        let mut living = process(&local, TYPE).await;
        let rules: Vec<_> = denied
            .iter()
            .map(|(service, operation)| deny(&local, service, operation))
            .collect();
        living.apply(orders(&local)).await.expect("created");
        let mut other = process(&local, TYPE).await;
        let calls = local.calls().len();
        let refused = errors(other.apply(orders(&local)).await.map(|_| Default::default()));
        assert!(refused.to_string().contains("exists already"), "{refused}");
        assert_eq!(super::checks::mutations(&local, calls), [""; 0]);
        rules.into_iter().for_each(|rule| allow(&local, rule));
        living.apply(orders(&local)).await.expect("mended");
        lives(&local, &mut living, orders(&local)).await;
        living.destroy().await.expect("destroyed");
        assert!(ours(&local).is_empty(), "{:?}", ours(&local));
    }
}

#[tokio::test]
async fn a_connection_whose_configuration_another_one_holds_is_left_alone_and_the_plan_says_so() {
    let local = local_aws();
    let mut thing = instance(&local).await;
    thing.apply(orders(&local)).await.expect("created");
    let arn = thing
        .get(&path!("resource_configuration_arn"))
        .and_then(Value::as_str);
    let aws = by_hand(&local).await;
    let tag = aws.lattice.tag_resource().resource_arn(arn.expect("an ARN"));
    let tag = tag.tags(INVOCATION_TAG, "orders/0badcafe");
    tag.send().await.expect("tagged");

    thing.refresh().await.expect("read");
    let described = with(&orders(&local), config! { description = "mine" });
    let plan = thing.plan(described.clone()).await.expect("a plan");
    let told = plan.warnings().to_string();
    assert!(
        told.contains("Another resource holds") && told.contains("orders/0badcafe"),
        "{told}"
    );
    let calls = local.calls().len();
    let refused = errors(thing.apply(described).await.map(|_| Default::default()));
    assert!(refused.to_string().contains("orders/0badcafe"), "{refused}");
    assert!(!refused.to_string().contains("Apply again"), "{refused}");
    assert_eq!(super::checks::mutations(&local, calls), [""; 0]);
}

#[tokio::test]
async fn a_state_without_an_identity_stands_while_the_provider_block_is_not_known() {
    let local = local_aws();
    for resource in [TYPE, PATH] {
        let mut thing = process(&local, resource).await;
        let config = match resource {
            TYPE => orders(&local),
            _ => config! { name = "shared", vpc_endpoint_id = local.seed().vpc_endpoint_id.as_str() },
        };
        thing.apply(config).await.expect("created");
        let stored = thing.stored().expect("stored").expect("a state");
        let host = Host::new(Private);
        host.configure(config! { region = unknown })
            .await
            .expect("configured");
        let mut later = host.resource(resource).expect("it has the resource");
        // As Terraform before 1.12 keeps it.
        let without = Stored::new(Private::ADDRESS, resource, 0, stored.state().clone());
        later.restore(&without).await.expect("restored");
        later.refresh().await.expect("read");
        assert_eq!(later.state(), thing.state());
        assert_eq!(later.identity(), thing.identity());
    }
}

#[tokio::test]
async fn a_rule_that_a_killed_update_has_left_goes_also_where_none_is_wanted_any_more() {
    for destroyed in [true, false] {
        let local = local_aws();
        let aws = by_hand(&local).await;
        let mut thing = process(&local, TYPE).await;
        thing.apply(orders(&local)).await.expect("created");
        let text = |output: &str| {
            thing
                .get(&path!(output))
                .and_then(Value::as_str)
                .expect(output)
                .to_owned()
        };
        let (token, group) = (text("instance"), text("security_group_id"));
        let tag = |key: &str, value: String| aws_sdk_ec2::types::Tag::builder().key(key).value(value).build();
        let tags = aws_sdk_ec2::types::TagSpecification::builder()
            .resource_type(aws_sdk_ec2::types::ResourceType::SecurityGroupRule)
            .tags(tag(INVOCATION_TAG, format!("orders/{token}")))
            .tags(tag(CREATING_TAG, "2026-11-30T20:01:10Z".to_owned()))
            .build();
        let source = aws_sdk_ec2::types::UserIdGroupPair::builder()
            .group_id(&group)
            .build();
        let rule = aws_sdk_ec2::types::IpPermission::builder()
            .ip_protocol("tcp")
            .from_port(443)
            .to_port(443)
            .user_id_group_pairs(source)
            .build();
        let request = aws.ec2.authorize_security_group_ingress();
        let request = request
            .group_id(super::drift::endpoint_group(&local))
            .ip_permissions(rule);
        let left = request
            .tag_specifications(tags)
            .send()
            .await
            .expect("left behind");
        let left = left.security_group_rules()[0]
            .security_group_rule_id()
            .expect("an id")
            .to_owned();

        let mut later = next(&local, &thing).await;
        if destroyed {
            later.destroy().await.expect("destroyed");
            assert!(ours(&local).is_empty(), "{:?}", ours(&local));
        } else {
            let described = with(&orders(&local), config! { description = "d" });
            later.apply(described.clone()).await.expect("changed");
            lives(&local, &mut later, described).await;
        }
        assert!(!local.objects().iter().any(|object| object["id"] == left.as_str()));
    }
}

#[tokio::test]
async fn only_what_bears_the_mark_is_taken_over() {
    let local = local_aws();
    let aws = by_hand(&local).await;
    let group = |value: &'static str, marked: bool| {
        let tag = |key: &str, value: &str| aws_sdk_ec2::types::Tag::builder().key(key).value(value).build();
        let tags = aws_sdk_ec2::types::TagSpecification::builder()
            .resource_type(aws_sdk_ec2::types::ResourceType::SecurityGroup)
            .set_tags(Some(
                [tag(INVOCATION_TAG, value)]
                    .into_iter()
                    .chain(marked.then(|| tag(CREATING_TAG, "true")))
                    .collect(),
            ))
            .build();
        aws.ec2
            .create_security_group()
            .group_name(value)
            .description("planted")
            .vpc_id(&local.seed().vpc_id)
            .tag_specifications(tags)
            .send()
    };
    let id = |made: aws_sdk_ec2::operation::create_security_group::CreateSecurityGroupOutput| made.group_id;
    let left = id(group("orders/aaaaaaaa", true).await.expect("planted")).expect("an id");
    let recorded = id(group("orders/bbbbbbbb", false).await.expect("planted")).expect("an id");
    let other = id(group("orders-eu/cccccccc", true).await.expect("planted")).expect("an id");

    let mut thing = instance(&local).await;
    thing.apply(orders(&local)).await.expect("created");
    let taken = thing.get(&path!("security_group_id")).and_then(Value::as_str);
    assert_eq!(taken, Some(left.as_str()));
    thing.destroy().await.expect("destroyed");
    let there: Vec<_> = local.objects();
    let is_there = |id: &str| there.iter().any(|object| object["id"] == id);
    assert!(!is_there(&left) && is_there(&recorded) && is_there(&other));
}

#[tokio::test]
async fn a_rule_of_ours_that_lost_its_tag_is_guarded_and_one_of_somebody_else_is_recorded_as_borrowed() {
    let local = local_aws();
    let aws = by_hand(&local).await;
    let group = super::drift::endpoint_group(&local);
    let config = with(
        &orders(&local),
        config! { network = { endpoint_ingress_security_group_id = group.as_str() } },
    );
    let mut thing = instance(&local).await;
    thing.apply(config.clone()).await.expect("created");
    assert_eq!(thing.get(&path!("borrowed")), Some(&Value::List(vec![])));
    let rule = thing
        .get(&path!("endpoint_ingress_rule_id"))
        .and_then(Value::as_str);
    let rule = rule.expect("a rule").to_owned();
    let key = aws_sdk_ec2::types::Tag::builder().key(INVOCATION_TAG).build();
    let untag = aws.ec2.delete_tags().resources(&rule).tags(key);
    untag.send().await.expect("untagged by hand");
    thing.refresh().await.expect("read");
    let plan = thing.plan(config).await.expect("a plan");
    let told = plan.warnings().to_string();
    assert!(
        plan.is_no_op()
            && told.contains("put the tag back (aws ec2 create-tags --region us-east-1 --resources"),
        "{told}"
    );
    let refused = errors(thing.destroy().await);
    assert!(
        refused.to_string().contains(&rule) && refused.to_string().contains("Value=orders/"),
        "{refused}"
    );
    assert!(local.objects().iter().any(|object| object["id"] == rule.as_str()));
}

#[tokio::test]
async fn a_state_of_another_account_is_told_from_one_whose_objects_are_gone() {
    let (here, there) = (local_aws(), elsewhere());
    let mut thing = instance(&here).await;
    thing.apply(orders(&here)).await.expect("created");
    let mut wrong = process(&there, TYPE).await;
    wrong.adopt(&thing);
    for refused in [wrong.refresh().await, wrong.destroy().await] {
        let words = errors(refused).to_string();
        assert!(
            words.contains("The state is of account") && words.contains("210987654321"),
            "{words}"
        );
    }
    assert!(wrong.state().is_some());
}

fn elsewhere() -> LocalAws {
    let document = serde_json::from_value(json!({ "account_id": "210987654321" })).expect("a seed");
    let options = local_aws::Options {
        speed: local_aws::Speed::Instant,
        document,
        ..Default::default()
    };
    LocalAws::start(options).expect("a local AWS starts")
}

#[tokio::test]
async fn a_failed_move_tells_what_stands_and_goes_on_where_it_can() {
    for (service, operation) in [
        ("vpc-lattice", "CreateResourceConfiguration"),
        ("events", "UpdateConnection"),
    ] {
        let local = local_aws();
        let mut thing = instance(&local).await;
        thing.apply(orders(&local)).await.expect("created");
        let domain = thing.get(&path!("domain_name")).cloned();
        let second = second_endpoint(&local).await;
        let moved = with(&orders(&local), config! { vpc_endpoint_id = second.as_str() });
        let rule = deny(&local, service, operation);
        errors(thing.apply(moved.clone()).await.map(|_| Default::default()));
        assert_eq!(thing.get(&path!("domain_name")).cloned(), domain, "{operation}");
        let stored = thing.state().cloned();
        thing.refresh().await.expect("read");
        assert_eq!(
            thing.state(),
            stored.as_ref(),
            "{operation}: a refresh tells the same"
        );
        allow(&local, rule);
        thing.apply(moved.clone()).await.expect("moved");
        lives(&local, &mut thing, moved).await;
        assert_eq!(ours(&local).len(), 4, "{operation}: {:?}", ours(&local));
    }
}

#[tokio::test]
async fn a_state_that_an_older_version_wrote_goes_on_without_a_token() {
    let local = local_aws();
    let aws = by_hand(&local).await;
    let mut thing = instance(&local).await;
    thing.apply(orders(&local)).await.expect("created");
    // As that version tagged them, and as its state looks: without a token and without what is borrowed.
    for output in ["resource_gateway_arn", "resource_configuration_arn"] {
        let arn = thing.get(&path!(output)).and_then(Value::as_str).expect("an ARN");
        let tag = aws
            .lattice
            .tag_resource()
            .resource_arn(arn)
            .tags(INVOCATION_TAG, "orders");
        tag.send().await.expect("tagged");
    }
    let group = thing.get(&path!("security_group_id")).and_then(Value::as_str);
    let tag = aws_sdk_ec2::types::Tag::builder()
        .key(INVOCATION_TAG)
        .value("orders")
        .build();
    let tag = aws.ec2.create_tags().resources(group.expect("a group")).tags(tag);
    tag.send().await.expect("tagged");
    let stored = thing.stored().expect("stored").expect("a state");
    let mut older = stored.state().clone();
    for output in ["instance", "borrowed"] {
        older.as_object_mut().expect("an object").remove(output);
    }
    let older = Stored::new(Private::ADDRESS, TYPE, 0, older);
    let mut thing = process(&local, TYPE).await;
    thing.restore(&older).await.expect("read as it is");

    lives(&local, &mut thing, orders(&local)).await;
    let second = second_endpoint(&local).await;
    let moved = with(&orders(&local), config! { vpc_endpoint_id = second.as_str() });
    thing.apply(moved.clone()).await.expect("moved");
    lives(&local, &mut thing, moved).await;
    thing.destroy().await.expect("destroyed");
    assert!(ours(&local).is_empty(), "{:?}", ours(&local));
}

#[tokio::test]
async fn associations_without_a_tag_are_known_by_what_the_connection_shows_of_both_its_ways() {
    let aws = local_aws();
    aws.change_settings(&json!({ "association_tag": "absent" }))
        .expect("a switch");
    let (endpoint, secret) = (aws.seed().vpc_endpoint_id.as_str(), aws.seed().api_key.as_str());
    let token = aws.seed().api_url.replace("/orders", "/token");
    let token = token.as_str();
    let config = config! {
        name = "orders", vpc_endpoint_id = endpoint,
        authorization = { oauth_client_credentials = {
            authorization_endpoint = token, http_method = "POST", client_id = "orders", client_secret = secret,
            private_authorization_endpoint = { same_path = true },
        } },
    };
    let mut thing = instance(&aws).await;
    thing.apply(config).await.expect("created");
    // A process that has seen nothing yet.
    let mut later = instance(&aws).await;
    later.import("orders").await.expect("imported");
    later.destroy().await.expect("destroyed");
    assert_eq!(ours(&aws).len(), 0);
}

/// A CLI that is killed after the answer of a create, before its state is written, leaves a path that no state records and
/// that bears no mark. Its next plan says so, with the import that takes it over; where a state records it, none does.
#[tokio::test]
async fn a_plan_of_a_new_path_tells_of_one_of_its_name_that_no_resource_records() {
    let local = local_aws();
    let config = config! { name = "orders", vpc_endpoint_id = local.seed().vpc_endpoint_id.as_str() };
    let mut lost = process(&local, PATH).await;
    lost.apply(config.clone()).await.expect("created");
    let id = lost.get(&path!("id")).and_then(Value::as_str).expect("an id");

    // A process that has read no state knows of none that records it: so is the one that plans once more to apply.
    let next = process(&local, PATH).await;
    let plan = next.plan(config.clone()).await.expect("a plan");
    assert!(plan.warnings().is_empty(), "{}", plan.warnings());
    let host = Host::new(Private);
    configure(&host, &local, &local.seed().region).await;
    let mut another = host.resource(PATH).expect("it has the resource");
    let of_another = with(&config, config! { name = "another" });
    another.apply(of_another).await.expect("created");
    another.refresh().await.expect("read");
    let next = host.resource(PATH).expect("it has the resource");
    let plan = next.plan(config.clone()).await.expect("a plan");
    let told = plan.warnings().to_string();
    assert!(told.contains("Another private API path orders stands"), "{told}");
    assert!(
        told.contains(&format!(
            "import` with the address of this resource and the id {id}"
        )),
        "{told}"
    );

    let mut imported = host.resource(PATH).expect("it has the resource");
    imported.import(id).await.expect("imported");
    let plan = imported.plan(config.clone()).await.expect("a plan");
    assert!(
        plan.is_no_op() && plan.warnings().is_empty(),
        "{}",
        plan.warnings()
    );

    // What replaces a path that the state records is planned in the process that has read it.
    let other = second_endpoint(&local).await;
    let moved = with(&config, config! { vpc_endpoint_id = other.as_str() });
    let plan = imported.plan(moved).await.expect("a plan");
    assert!(plan.is_replace());
    let told = plan.warnings().to_string();
    assert!(!told.contains("Another private API path"), "{told}");
}
