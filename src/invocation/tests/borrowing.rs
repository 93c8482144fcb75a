//! The rule at the endpoint's security group, where several resources want the same one: AWS holds it once, it stays as long
//! as one of them is there, and no longer.

use local_aws::LocalAws;
use serde_json::json;
use terraform_plugin::testing::{Host, Instance};
use terraform_plugin::{Value, config, path};

use super::drift::endpoint_group;
use super::planning::with;
use super::{TYPE, configure, errors, instance, local_aws};
use crate::provider::Private;

const PATH: &str = "private_api_path";

/// An invocation whose gateway's group somebody else has: the endpoint's own.
fn calling(aws: &LocalAws, name: &str) -> Value {
    with(&leading(aws, name), config! { authorization = { none = {} } })
}

/// A path of that kind.
fn leading(aws: &LocalAws, name: &str) -> Value {
    let group = endpoint_group(aws);
    let (endpoint, group) = (aws.seed().vpc_endpoint_id.as_str(), group.as_str());
    config! {
        name = name, vpc_endpoint_id = endpoint,
        network = { security_group_ids = [group], endpoint_ingress_security_group_id = group },
    }
}

async fn path_instance(aws: &LocalAws) -> Instance {
    let host = Host::new(Private);
    configure(&host, aws, &aws.seed().region).await;
    host.resource(PATH).expect("the provider has the resource")
}

/// The rules that the provider has made, each with the holder that its tag names.
fn rules(aws: &LocalAws) -> Vec<(String, String)> {
    let objects = aws.objects().into_iter();
    let holder = |object: &serde_json::Value| {
        let holders = ["invocation", "path"].map(|kind| {
            let key = format!("terraform-provider-private:{kind}");
            object["tags"][key].as_str().map(str::to_owned)
        });
        holders.into_iter().flatten().next()
    };
    let rules = objects.filter(|object| object["type"] == "security-group-rule");
    rules
        .filter_map(|rule| Some((rule["id"].as_str()?.to_owned(), holder(&rule)?)))
        .collect()
}

fn id_of(thing: &Instance) -> String {
    let id = thing.get(&path!("endpoint_ingress_rule_id"));
    id.and_then(Value::as_str).expect("it has a rule").to_owned()
}

async fn plans_nothing(thing: &mut Instance, config: Value) {
    thing.refresh().await.expect("read");
    let plan = thing.plan(config).await.expect("a plan");
    assert!(plan.is_no_op(), "{:?} → {:?}", plan.prior(), plan.planned());
}

#[tokio::test]
async fn a_rule_goes_to_its_borrower_when_the_one_that_made_it_goes_and_goes_with_the_last() {
    let aws = local_aws();
    for first_goes in [true, false] {
        let (mut maker, mut borrower) = (instance(&aws).await, path_instance(&aws).await);
        maker.apply(calling(&aws, "maker")).await.expect("created");
        let made = borrower.apply(leading(&aws, "borrower")).await.expect("created");
        let told = made.warnings().to_string();
        assert!(!told.contains("rule"), "{told}");
        assert_eq!(id_of(&borrower), id_of(&maker));
        let rule = id_of(&maker);
        if first_goes {
            maker.destroy().await.expect("destroyed");
            let [(id, holder)] = &rules(&aws)[..] else {
                panic!("one rule: {:?}", rules(&aws))
            };
            assert!(*id == rule && holder.starts_with("borrower/"), "{id}: {holder}");
            plans_nothing(&mut borrower, leading(&aws, "borrower")).await;
            assert_eq!(borrower.get(&path!("borrowed")), Some(&Value::List(vec![])));
            borrower.destroy().await.expect("destroyed");
        } else {
            borrower.destroy().await.expect("destroyed");
            plans_nothing(&mut maker, calling(&aws, "maker")).await;
            let tags = aws
                .objects()
                .into_iter()
                .find(|object| object["id"] == rule.as_str());
            let tags = tags.expect("the rule stands")["tags"].to_string();
            assert!(!tags.contains("used-by"), "{tags}");
            maker.destroy().await.expect("destroyed");
        }
        assert_eq!(rules(&aws), []);
    }
}

/// The tags of the user that a rule bears.
fn tags_of(aws: &LocalAws, rule: &str) -> serde_json::Value {
    let rule = aws.objects().into_iter().find(|object| object["id"] == rule);
    let mut tags = rule.expect("the rule stands")["tags"].clone();
    let tags_of_users = tags.as_object_mut().expect("tags");
    tags_of_users.retain(|key, _| !key.starts_with("terraform-provider-private:"));
    tags
}

#[tokio::test]
async fn a_borrowed_rule_bears_the_tags_of_whoever_made_it_until_it_is_handed_over() {
    let aws = local_aws();
    let (mut maker, mut borrower) = (instance(&aws).await, path_instance(&aws).await);
    let made = with(
        &calling(&aws, "maker"),
        config! { tags = { team = "a", only = "maker" } },
    );
    let borrowing = with(
        &leading(&aws, "borrower"),
        config! { tags = { team = "b", env = "test" } },
    );
    maker.apply(made.clone()).await.expect("created");
    borrower.apply(borrowing.clone()).await.expect("created");
    let rule = id_of(&maker);
    plans_nothing(&mut maker, made.clone()).await;
    plans_nothing(&mut borrower, borrowing.clone()).await;
    assert_eq!(tags_of(&aws, &rule), json!({ "team": "a", "only": "maker" }));

    maker.destroy().await.expect("destroyed");
    plans_nothing(&mut borrower, borrowing).await;
    assert_eq!(tags_of(&aws, &rule), json!({ "team": "b", "env": "test" }));
    borrower.destroy().await.expect("destroyed");
    assert_eq!(rules(&aws), []);
}

/// One apply destroys the one and changes the other, in either order.
#[tokio::test]
async fn a_rule_can_be_handed_over_between_the_plan_and_the_apply_of_its_borrower() {
    let changes = [config! { description = "d" }, config! { tags = { team = "b" } }];
    for (change, noted) in changes
        .iter()
        .flat_map(|change| [(change, true), (change, false)])
    {
        let aws = local_aws();
        let (mut maker, mut borrower) = (instance(&aws).await, instance(&aws).await);
        let tagged = with(&calling(&aws, "maker"), config! { tags = { team = "a" } });
        maker.apply(tagged).await.expect("created");
        if !noted {
            let denied = json!({ "service": "ec2", "operation": "CreateTags", "count": 2, "effect": { "access_denied": true } });
            aws.add_fault(&denied).expect("a rule");
        }
        borrower.apply(calling(&aws, "borrower")).await.expect("created");
        let changed = with(&calling(&aws, "borrower"), change.clone());
        let plan = borrower.plan(changed.clone()).await.expect("a plan");
        maker.destroy().await.expect("destroyed");
        let applied = borrower.apply_plan(plan, changed.clone()).await;
        if noted {
            applied.expect("changed");
        } else {
            let told = errors(applied.map(|_| Default::default())).to_string();
            assert!(told.contains("Nothing was changed"), "{told}");
            borrower.refresh().await.expect("read");
            borrower.apply(changed.clone()).await.expect("mended");
        }
        plans_nothing(&mut borrower, changed).await;
        assert!(rules(&aws)[0].1.starts_with("borrower/"), "{:?}", rules(&aws));
        borrower.destroy().await.expect("destroyed");
        assert_eq!(rules(&aws), []);
    }
}

/// AWS holds 50 tags of an object at most, two of which are the provider's own.
#[tokio::test]
async fn a_rule_with_no_room_for_more_notes_can_still_be_handed_over() {
    let aws = local_aws();
    let most = Value::map((0..48).map(|n| (format!("k{n}"), Value::string("v"))));
    let most = Value::object([("tags", most)]);
    let full = |name: &str| with(&calling(&aws, name), most.clone());
    let (mut maker, mut heir, mut third) = (instance(&aws).await, instance(&aws).await, instance(&aws).await);
    maker.apply(calling(&aws, "maker")).await.expect("created");
    heir.apply(full("heir")).await.expect("created");
    third.apply(full("third")).await.expect("created");
    maker.apply(full("maker")).await.expect("tagged");
    plans_nothing(&mut maker, full("maker")).await;
    maker.destroy().await.expect("destroyed");
    plans_nothing(&mut heir, full("heir")).await;
    plans_nothing(&mut third, full("third")).await;
    heir.destroy().await.expect("destroyed");
    third.refresh().await.expect("read");
    third.apply(full("third")).await.expect("made anew");
    plans_nothing(&mut third, full("third")).await;
    third.destroy().await.expect("destroyed");
    assert_eq!(rules(&aws), []);
}

#[tokio::test]
async fn a_path_that_is_replaced_before_it_is_destroyed_keeps_its_way_in() {
    let aws = local_aws();
    let mut path = path_instance(&aws).await;
    path.apply(leading(&aws, "shop")).await.expect("created");
    path.create_before_destroy();
    let network = {
        let group = endpoint_group(&aws);
        config! {
            security_group_ids = [group.as_str()], endpoint_ingress_security_group_id = group.as_str(),
            ipv4_addresses_per_eni = 5,
        }
    };
    let moved = with(&leading(&aws, "shop"), config! { network = network });
    let applied = path.apply(moved.clone()).await.expect("replaced");
    assert!(
        applied.is_replace() && applied.warnings().is_empty(),
        "{}",
        applied.warnings()
    );
    let standing = rules(&aws);
    assert_eq!(standing.len(), 1, "{standing:?}");
    assert_eq!(
        path.get(&path!("id")).and_then(Value::as_str),
        Some(standing[0].1.as_str()),
        "it is the new one's"
    );
    plans_nothing(&mut path, moved.clone()).await;

    // However often: an object has 50 tags at most.
    path.apply(leading(&aws, "shop")).await.expect("replaced");
    path.apply(moved).await.expect("replaced");
    let rule = aws
        .objects()
        .into_iter()
        .find(|object| object["id"] == rules(&aws)[0].0.as_str());
    let tags = rule.expect("the rule stands")["tags"].to_string();
    assert_eq!(tags.matches("handed-over-by").count(), 1, "{tags}");
    path.destroy().await.expect("destroyed");
    assert_eq!(rules(&aws), []);
}

#[tokio::test]
async fn a_handover_that_ended_early_locks_nothing() {
    let aws = local_aws();
    let (mut maker, mut borrower) = (path_instance(&aws).await, instance(&aws).await);
    maker.apply(leading(&aws, "maker")).await.expect("created");
    borrower.apply(calling(&aws, "borrower")).await.expect("created");
    let denied = json!({ "service": "ec2", "operation": "DeleteTags", "count": 1, "effect": { "access_denied": true } });
    aws.add_fault(&denied).expect("a rule");
    errors(maker.destroy().await.map(|_| Default::default()));
    maker.destroy().await.expect("destroyed");
    assert_eq!(rules(&aws).len(), 1);
    plans_nothing(&mut borrower, calling(&aws, "borrower")).await;
    borrower.destroy().await.expect("destroyed");
    assert_eq!(rules(&aws), []);
}

#[tokio::test]
async fn a_note_of_one_that_is_gone_keeps_no_rule() {
    let aws = local_aws();
    let (mut maker, mut borrower) = (instance(&aws).await, instance(&aws).await);
    maker.apply(calling(&aws, "maker")).await.expect("created");
    borrower.apply(calling(&aws, "borrower")).await.expect("created");
    let denied = json!({ "service": "ec2", "operation": "DeleteTags", "count": 1, "effect": { "access_denied": true } });
    aws.add_fault(&denied).expect("a rule");
    borrower.destroy().await.expect("destroyed");
    maker.destroy().await.expect("destroyed");
    assert_eq!(rules(&aws), []);
}

/// Without the note nobody knows who uses the rule, so the borrower is told what it depends on, until the note is there.
#[tokio::test]
async fn who_cannot_note_itself_is_told_whose_rule_it_borrows_and_notes_itself_later() {
    let aws = local_aws();
    let mut owner = instance(&aws).await;
    let made = owner.apply(calling(&aws, "owner")).await.expect("created");
    let told = made.warnings().to_string();
    assert!(!told.contains("rule"), "{told}");
    let denied = json!({ "service": "ec2", "operation": "CreateTags", "count": 2, "effect": { "access_denied": true } });
    aws.add_fault(&denied).expect("a rule");
    let mut borrower = instance(&aws).await;
    let made = borrower.apply(calling(&aws, "borrower")).await.expect("created");
    let told = made.warnings().to_string();
    for words in ["was made for owner/", "ec2:CreateTags failed", "private_api_path"] {
        assert!(told.contains(words), "{words}: {told}");
    }
    borrower.refresh().await.expect("read");
    let plan = borrower.plan(calling(&aws, "borrower")).await.expect("a plan");
    let told = plan.warnings().to_string();
    assert!(
        plan.is_no_op() && told.contains("does not say that it is used here"),
        "{told}"
    );

    let described = with(&calling(&aws, "borrower"), config! { description = "d" });
    let changed = borrower.apply(described.clone()).await.expect("changed");
    let plan = borrower.plan(described.clone()).await.expect("a plan");
    let told = plan.warnings().to_string();
    assert!(
        changed.is_update() && plan.is_no_op() && !told.contains("owner/"),
        "{told}"
    );
    owner.destroy().await.expect("destroyed");
    plans_nothing(&mut borrower, described).await;
    assert_eq!(rules(&aws).len(), 1);
    assert_eq!(TYPE, "private_api_invocation");
}

#[tokio::test]
async fn who_has_handed_a_rule_over_can_borrow_it_again() {
    let aws = local_aws();
    let (mut maker, mut borrower) = (instance(&aws).await, path_instance(&aws).await);
    maker.apply(calling(&aws, "maker")).await.expect("created");
    borrower.apply(leading(&aws, "borrower")).await.expect("created");
    let group = endpoint_group(&aws);
    let without = with(
        &calling(&aws, "maker"),
        config! { network = { security_group_ids = [group.as_str()] } },
    );
    maker.apply(without).await.expect("given up");
    assert!(rules(&aws)[0].1.starts_with("borrower/"));
    maker.apply(calling(&aws, "maker")).await.expect("borrowed");
    plans_nothing(&mut maker, calling(&aws, "maker")).await;
    assert_eq!(id_of(&maker), id_of(&borrower));
    borrower.destroy().await.expect("destroyed");
    assert!(rules(&aws)[0].1.starts_with("maker/"), "{:?}", rules(&aws));
    maker.destroy().await.expect("destroyed");
    assert_eq!(rules(&aws), []);
}
