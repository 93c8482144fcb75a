//! `default_tags` and `ignore_tags` of the provider block, over the life of a resource.

use serde_json::{Value as Json, json};
use terraform_plugin::testing::Host;
use terraform_plugin::{Value, config, path};

use super::{TYPE, by_hand, local_aws};
use crate::provider::Private;

/// A provider with these tags, configured anew as each run of a CLI does.
async fn host(aws: &local_aws::LocalAws, tags: Value, ignored: Value) -> Host {
    let host = Host::new(Private);
    let url = aws.endpoint();
    let block = config! {
        region = "us-east-1", access_key = "local", secret_key = "local", default_tags = { tags = tags },
        ignore_tags = ignored,
        endpoints = { ec2 = url, vpclattice = url, eventbridge = url, sts = url },
    };
    host.configure(block).await.expect("the provider is configured");
    host
}

/// The tags of the gateway, but the provider's own.
fn tags(aws: &local_aws::LocalAws) -> Json {
    let objects = aws.objects();
    let gateway = objects.iter().find(|object| object["type"] == "resource-gateway");
    let tags = gateway.expect("a gateway")["tags"].as_object().expect("tags");
    let user = tags
        .iter()
        .filter(|(key, _)| !key.starts_with("terraform-provider-private:"));
    Json::Object(user.map(|(key, value)| (key.clone(), value.clone())).collect())
}

fn orders(aws: &local_aws::LocalAws, tags: Value) -> Value {
    let endpoint = aws.seed().vpc_endpoint_id.as_str();
    config! { name = "orders", vpc_endpoint_id = endpoint, authorization = { none = {} }, tags = tags }
}

#[tokio::test]
async fn more_tags_than_an_object_takes_are_refused_by_the_plan_with_the_default_ones_counted() {
    let aws = local_aws();
    let many = |prefix: &str, count: usize| {
        Value::map((0..count).map(|number| (format!("{prefix}{number}"), Value::from("x"))))
    };
    let host = host(&aws, many("default", 10), Value::Null).await;
    let mut thing = host.resource(TYPE).expect("it has the resource");
    let refused = thing
        .plan(orders(&aws, many("own", 40)))
        .await
        .expect_err("50 tags");
    let refused = refused.to_string();
    assert!(
        refused.contains("are 50 together, and may be 48") && refused.contains("Remove 2"),
        "{refused}"
    );
    thing.apply(orders(&aws, many("own", 38))).await.expect("48 tags");
    let others = orders(&aws, many("other", 38));
    thing.apply(others).await.expect("48 tags, most of them others");
}

#[tokio::test]
async fn everything_bears_the_default_tags_and_follows_when_they_change() {
    let aws = local_aws();
    let first = host(&aws, config! { env = "prod", team = "all" }, config! {}).await;
    let mut thing = first.resource(TYPE).expect("the resource");
    let given = || orders(&aws, config! { team = "orders" });
    thing.apply(given()).await.expect("created");
    assert_eq!(tags(&aws), json!({ "env": "prod", "team": "orders" }));
    assert!(thing.plan(given()).await.expect("a plan").is_no_op());

    for (defaults, wanted) in [
        (
            config! { env = "dev", team = "all" },
            json!({ "env": "dev", "team": "orders" }),
        ),
        (config! { cost = "1" }, json!({ "cost": "1", "team": "orders" })),
        (config! {}, json!({ "team": "orders" })),
    ] {
        let next = host(&aws, defaults, config! {}).await;
        let mut later = next.resource(TYPE).expect("the resource");
        later.adopt(&thing);
        thing = later;
        thing.refresh().await.expect("a refresh");
        assert!(thing.plan(given()).await.expect("a plan").is_update());
        thing.apply(given()).await.expect("changed in place");
        assert_eq!(tags(&aws), wanted);
        assert!(thing.plan(given()).await.expect("a plan").is_no_op());
    }
}

#[tokio::test]
async fn what_others_tag_stays_where_it_is_ignored() {
    let aws = local_aws();
    let ignored = config! { keys = ["cost"], key_prefixes = ["sec:"] };
    let host = host(&aws, config! { env = "prod" }, ignored).await;
    let mut thing = host.resource(TYPE).expect("the resource");
    thing.apply(orders(&aws, config! {})).await.expect("created");
    let gateway = thing
        .get(&path!("resource_gateway_arn"))
        .and_then(|arn| arn.as_str().map(str::to_owned));
    let client = by_hand(&aws).await;
    let tag = client
        .lattice
        .tag_resource()
        .resource_arn(gateway.expect("an ARN"));
    tag.tags("cost", "7")
        .tags("sec:scan", "1")
        .send()
        .await
        .expect("tagged");

    thing.refresh().await.expect("a refresh");
    let plan = thing.plan(orders(&aws, config! {})).await.expect("a plan");
    assert!(plan.is_no_op());
    thing
        .apply(orders(&aws, config! { team = "x" }))
        .await
        .expect("changed in place");
    assert_eq!(
        tags(&aws),
        json!({ "env": "prod", "team": "x", "cost": "7", "sec:scan": "1" })
    );
}

#[tokio::test]
async fn a_tag_that_one_object_has_lost_is_missed_at_every_look_and_put_back() {
    let aws = local_aws();
    let host = host(&aws, config! {}, config! {}).await;
    let mut thing = host.resource(TYPE).expect("the resource");
    let given = || orders(&aws, config! { team = "orders" });
    thing.apply(given()).await.expect("created");
    let arn = thing.get(&path!("resource_gateway_arn")).and_then(Value::as_str);
    let request = by_hand(&aws).await.lattice.untag_resource();
    let request = request.resource_arn(arn.expect("its ARN")).tag_keys("team");
    request.send().await.expect("untagged");
    for _ in 0..3 {
        thing.refresh().await.expect("a refresh");
        assert!(thing.plan(given()).await.expect("a plan").is_update());
    }
    thing.apply(given()).await.expect("put back");
    assert_eq!(tags(&aws), json!({ "team": "orders" }));
    thing.refresh().await.expect("a refresh");
    assert!(thing.plan(given()).await.expect("a plan").is_no_op());
}

#[tokio::test]
async fn an_update_that_changes_the_tags_of_some_objects_alone_tells_the_former_ones_and_goes_on() {
    let aws = local_aws();
    let host = host(&aws, config! {}, config! {}).await;
    let mut thing = host.resource(TYPE).expect("the resource");
    let former = || orders(&aws, config! { env = "prod", gone = "1" });
    let wanted = || orders(&aws, config! { env = "dev", new = "x" });
    thing.apply(former()).await.expect("created");
    let rule = json!({
        "service": "vpc-lattice", "operation": "TagResource", "effect": { "access_denied": true }, "after": 1,
    });
    let rule = aws.add_fault(&rule).expect("a rule")[0];
    thing.apply(wanted()).await.map(drop).expect_err("denied");
    aws.remove_fault(rule);
    let recorded = thing.get(&path!("tags")).cloned();
    thing.refresh().await.expect("a refresh");
    assert_eq!(
        thing.get(&path!("tags")).cloned(),
        recorded,
        "a refresh tells the same"
    );
    assert!(thing.plan(wanted()).await.expect("a plan").is_update());
    thing.apply(wanted()).await.expect("finished");
    assert_eq!(tags(&aws), json!({ "env": "dev", "new": "x" }));
    thing.refresh().await.expect("a refresh");
    assert!(thing.plan(wanted()).await.expect("a plan").is_no_op());
}
