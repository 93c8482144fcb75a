//! API destinations, which bear no tag: whose they are until a state records them.

use local_aws::LocalAws;
use serde_json::json;
use terraform_plugin::testing::Host;
use terraform_plugin::{Value, config, path};

use super::ownership::{allow, deny, lives, next};
use super::planning::with;
use super::{TYPE, block, by_hand, errors, instance, local_aws, orders, ours};
use crate::provider::Private;

#[tokio::test]
async fn a_destination_whose_creates_answer_was_lost_is_recorded_and_locks_nothing() {
    let local = local_aws();
    let host = Host::new(Private);
    let few_tries = with(&block(&local, &local.seed().region), config! { max_retries = 1 });
    host.configure(few_tries).await.expect("configured");
    let mut thing = host.resource(TYPE).expect("it has the resource");
    thing.apply(orders(&local)).await.expect("created");
    let with_destination = with(
        &orders(&local),
        config! {
            api_destinations = { "orders" = { invocation_endpoint = "https://a.example.com", http_method = "GET" } },
        },
    );
    let lost = json!({
        "service": "events", "operation": "CreateApiDestination", "effect": { "drop": "after" },
    });
    let rule = local.add_fault(&lost).expect("a rule")[0];
    let first = thing.apply(with_destination.clone()).await;
    allow(&local, rule);
    if first.is_err() {
        thing.apply(with_destination.clone()).await.expect("goes on");
    }
    lives(&local, &mut thing, with_destination).await;
    thing.destroy().await.expect("destroyed");
    assert!(ours(&local).is_empty(), "{:?}", ours(&local));
}

fn with_destination(local: &LocalAws, description: Option<&str>) -> Value {
    with(
        &orders(local),
        config! {
            api_destinations = { "orders" = {
                invocation_endpoint = "https://a.example.com", http_method = "GET",
                description = description.map(str::to_owned),
            } },
        },
    )
}

/// An update that made the destination was killed: the state is that of before. What says that it is ours goes with the
/// destroy; what somebody made on the connection does not, and is not orphaned either.
#[tokio::test]
async fn a_destination_that_a_killed_update_made_goes_with_the_destroy() {
    for description in [None, Some("Of the shop")] {
        let local = local_aws();
        let aws = by_hand(&local).await;
        let mut killed = instance(&local).await;
        killed.apply(orders(&local)).await.expect("created");
        let mut thing = next(&local, &killed).await;
        // What is killed before its end has not given the destination its description.
        let rule = deny(&local, "events", "UpdateApiDestination");
        let config = with_destination(&local, description);
        killed.apply(config).await.expect("made");
        allow(&local, rule);
        let arn = thing.get(&path!("connection_arn")).and_then(Value::as_str);
        let foreign = aws.events.create_api_destination().name("foreign");
        let foreign = foreign.connection_arn(arn.expect("an ARN"));
        let foreign = foreign.invocation_endpoint("https://b.example.com");
        let method = aws_sdk_eventbridge::types::ApiDestinationHttpMethod::Get;
        foreign.http_method(method).send().await.expect("made");

        let refused = errors(thing.destroy().await.map(|_| Default::default()));
        let texts = format!("{refused:?}");
        assert!(texts.contains("API destinations foreign,"), "{texts}");
        let deleted = aws.events.delete_api_destination().name("foreign");
        deleted.send().await.expect("deleted");

        // A rule that targets it is met before anything is changed, too.
        let made = aws.events.describe_api_destination().name("orders");
        let made = made.send().await.expect("described").api_destination_arn;
        let rule = aws
            .events
            .put_rule()
            .name("late")
            .event_pattern(r#"{"source":["shop"]}"#);
        rule.send().await.expect("made");
        let target = aws_sdk_eventbridge::types::Target::builder().id("a");
        let target = target.arn(made.expect("an ARN")).role_arn(&local.seed().role_arn);
        let targets = aws.events.put_targets().rule("late");
        let targets = targets.targets(target.build().expect("a target"));
        targets.send().await.expect("targeted");
        let refused = errors(thing.destroy().await.map(|_| Default::default()));
        assert!(
            format!("{refused:?}").contains("Rules still target"),
            "{refused:?}"
        );
        let removed = aws.events.remove_targets().rule("late").ids("a");
        removed.send().await.expect("removed");
        thing.destroy().await.expect("destroyed");
        assert!(ours(&local).is_empty(), "{:?}", ours(&local));
        let left = aws.events.list_api_destinations().send().await.expect("listed");
        assert_eq!(left.api_destinations(), [], "{description:?}");
    }
}

/// The user takes the destination out again: a refresh tells of what stands, and the next apply removes it.
#[tokio::test]
async fn a_destination_that_a_killed_update_made_and_nobody_wants_is_told_and_removed() {
    let local = local_aws();
    let aws = by_hand(&local).await;
    let mut killed = instance(&local).await;
    killed.apply(orders(&local)).await.expect("created");
    let mut thing = next(&local, &killed).await;
    killed.apply(with_destination(&local, None)).await.expect("made");
    thing.refresh().await.expect("read");
    let pending = format!("{:?}", thing.get(&path!("pending")));
    assert!(
        pending.contains("remove arn:") && pending.contains("api-destination/orders/"),
        "{pending}"
    );
    thing.apply(orders(&local)).await.expect("applied");
    let left = aws.events.list_api_destinations().send().await.expect("listed");
    assert_eq!(left.api_destinations(), []);
    lives(&local, &mut thing, orders(&local)).await;
}

/// Until its state is recorded, a destination says whose it is in the place of the user's description; where that could not
/// be changed, the next apply does it.
#[tokio::test]
async fn a_destination_gets_its_description_when_its_state_is_recorded() {
    let local = local_aws();
    let aws = by_hand(&local).await;
    let described = async || {
        let seen = aws.events.describe_api_destination().name("orders");
        let seen = seen.send().await.expect("described");
        seen.description.expect("one")
    };
    let mut thing = instance(&local).await;
    let config = with_destination(&local, Some("Of the shop"));
    let rule = deny(&local, "events", "UpdateApiDestination");
    let applied = thing.apply(config.clone()).await.expect("created");
    let told = applied.warnings().to_string();
    assert!(told.contains("A mark stays"), "{told}");
    assert!(described().await.contains(", not recorded yet: orders/"));
    allow(&local, rule);
    thing.refresh().await.expect("read");
    let plan = thing.plan(config.clone()).await.expect("a plan");
    assert!(!plan.is_no_op(), "the mark is still to go");
    thing.apply(config.clone()).await.expect("ended");
    assert_eq!(described().await, "Of the shop");
    lives(&local, &mut thing, config).await;

    let config = with_destination(&local, None);
    thing.apply(config.clone()).await.expect("changed");
    let told = described().await;
    assert!(
        told.starts_with("API destination of a private API invocation: orders/"),
        "{told}"
    );
    lives(&local, &mut thing, config).await;
}

/// Somebody has pointed it at another connection, and may rely on it there.
#[tokio::test]
async fn a_destination_that_calls_through_another_connection_by_now_stays_and_that_is_told() {
    for destroyed in [true, false] {
        let local = local_aws();
        let aws = by_hand(&local).await;
        let (mut thing, mut other) = (instance(&local).await, instance(&local).await);
        thing
            .apply(with_destination(&local, None))
            .await
            .expect("created");
        let without = with(&orders(&local), config! { name = "other" });
        other.apply(without).await.expect("created");
        let through = other.get(&path!("connection_arn")).and_then(Value::as_str);
        let through = through.expect("its ARN").to_owned();
        let request = aws.events.update_api_destination().name("orders");
        let request = request.connection_arn(&through);
        request.send().await.expect("pointed elsewhere by hand");
        let told = if destroyed {
            thing.destroy().await.expect("destroyed")
        } else {
            let applied = thing.apply(orders(&local)).await.expect("removed");
            applied.warnings().clone()
        };
        let told = told.to_string();
        assert!(told.contains("stays") && told.contains(&through), "{told}");
        assert!(
            told.contains("aws events delete-api-destination --region us-east-1 --name orders"),
            "{told}"
        );
        let stands = local
            .objects()
            .iter()
            .any(|object| object["type"] == "api-destination");
        assert!(stands);
    }
}
