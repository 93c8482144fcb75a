//! `lifecycle { ignore_changes }`: core takes it out of the configuration that a plan gets, and leaves it in the one of the
//! apply. What was planned is applied.

use terraform_plugin::{Path, Step, Value, config, path};

use super::checks::healthy;
use super::planning::with;
use super::{TYPE, errors, instance, local_aws, second_endpoint};

/// A configuration in which every input that can be ignored says `said`, and so do the tags, which are not ignored.
fn saying(said: &str, endpoint: &str, subnet: &str) -> Value {
    let url = format!("https://{said}.example.com/");
    let key = config! { name = "x-api-key", value_wo = said, value_wo_version = said };
    let header = config! {
        "x-shop" = { value = said }, "x-key" = { secret_value_wo = said, secret_value_wo_version = said },
    };
    let destination = config! { invocation_endpoint = url.as_str(), http_method = "GET" };
    let inputs = config! {
        name = "orders", vpc_endpoint_id = endpoint, description = said, tags = { not_ignored = said },
        authorization = { api_key = key }, invocation_http_parameters = { header = header },
    };
    let update = if said == "one" { "31m" } else { "32m" };
    with(
        &inputs,
        config! {
            api_destinations = { a = destination }, network = { subnet_ids = [subnet] }, timeouts = { update = update },
        },
    )
}

#[tokio::test]
async fn what_is_ignored_is_neither_applied_nor_in_the_way_of_what_is_not() {
    let ignored: [Path; 8] = [
        path!("authorization"),
        path!("authorization", "api_key", "value_wo_version"),
        path!("invocation_http_parameters"),
        path!("description"),
        path!("api_destinations"),
        path!("network"),
        path!("vpc_endpoint_id"),
        path!("timeouts"),
    ];
    for ignored in ignored {
        let local = local_aws();
        let second = second_endpoint(&local).await;
        let (subnet, other) = (&*local.seed().subnet_ids[0], &*local.seed().subnet_ids[1]);
        let before = saying("one", &local.seed().vpc_endpoint_id, subnet);
        let mut thing = instance(&local).await;
        thing.apply(before.clone()).await.expect("created");
        let was = thing.get(&ignored).cloned();

        thing.ignore_changes([ignored.clone()]);
        let after = saying("two", &second, other);
        let applied = thing.apply(after.clone()).await;
        let applied = applied.unwrap_or_else(|refused| panic!("{ignored}: {refused}"));
        assert!(applied.is_update(), "{ignored}: {:?}", applied.action());
        assert_eq!(thing.get(&ignored).cloned(), was, "{ignored}");
        let tag = path!("tags").then(Step::key("not_ignored"));
        assert_eq!(thing.get(&tag).and_then(Value::as_str), Some("two"), "{ignored}");
        thing.refresh().await.expect("read");
        let plan = thing.plan(after).await.expect("a plan");
        assert!(
            plan.is_no_op(),
            "{ignored}: {:?} → {:?}",
            plan.prior(),
            plan.planned()
        );

        // With nothing else to do nothing is done.
        thing.ignore_changes([]);
        thing
            .apply(saying("two", &second, other))
            .await
            .expect("followed");
        thing.ignore_changes([ignored.clone()]);
        let calls = local.calls().len();
        let back = with(
            &saying("two", &second, other),
            config! { tags = { not_ignored = "three" } },
        );
        thing.apply(back).await.expect("tagged");
        let changed = local.calls().into_iter().skip(calls);
        let changed: Vec<_> = changed
            .filter(|call| call.operation == "UpdateConnection")
            .collect();
        assert_eq!(changed.len(), 0, "{ignored}");
        thing.destroy().await.expect("destroyed");
    }
    assert_eq!(TYPE, "private_api_invocation");
}

/// A rotation that is ignored is not sent beside another change of the connection.
#[tokio::test]
async fn an_ignored_secret_is_not_sent_with_another_change() {
    let local = local_aws();
    let with_key = |key: &str, description: &str| {
        let authorization =
            config! { api_key = { name = "x-api-key", value_wo = key, value_wo_version = key } };
        with(
            &healthy(&local),
            config! { authorization = authorization, description = description },
        )
    };
    let mut thing = instance(&local).await;
    thing.apply(with_key("first", "one")).await.expect("created");
    thing.ignore_changes([path!("authorization")]);
    thing.apply(with_key("second", "two")).await.expect("described");
    let connection = local
        .objects()
        .into_iter()
        .find(|object| object["type"] == "connection");
    let connection = connection.expect("it stands").to_string();
    assert!(!connection.contains("second"), "{connection}");
    let version = path!("authorization", "api_key", "value_wo_version");
    assert_eq!(thing.get(&version).and_then(Value::as_str), Some("first"));
    assert!(
        thing
            .plan(with_key("second", "two"))
            .await
            .expect("a plan")
            .is_no_op()
    );
}

/// A secret that EventBridge has to be sent with what is not ignored, and whose rotation is ignored, is not known.
#[tokio::test]
async fn an_ignored_secret_that_would_have_to_be_sent_is_told() {
    let local = local_aws();
    let (endpoint, subnet) = (&*local.seed().vpc_endpoint_id, &*local.seed().subnet_ids[0]);
    let mut thing = instance(&local).await;
    thing
        .apply(saying("one", endpoint, subnet))
        .await
        .expect("created");
    let header = path!("invocation_http_parameters", "header");
    let version = header.then(Step::key("x-key")).then("secret_value_wo_version");
    thing.ignore_changes([version]);
    let refused = thing.apply(saying("two", endpoint, subnet)).await;
    let words = errors(refused.map(|_| Default::default())).to_string();
    assert!(words.contains("EventBridge has to be sent x-key"), "{words}");
    thing.ignore_changes([]);
    thing
        .apply(saying("two", endpoint, subnet))
        .await
        .expect("applied");
}
