//! What there is, listed for `terraform query`: with identities that import, and objects that plan nothing.

use terraform_plugin::testing::Host;
use terraform_plugin::{Value, config};

use super::{TYPE, configure, local_aws};
use crate::provider::Private;

#[tokio::test]
async fn invocations_are_listed_by_name_endpoint_and_tags_and_can_be_imported() {
    let local = local_aws();
    let host = Host::new(Private);
    configure(&host, &local, &local.seed().region).await;
    let endpoint = local.seed().vpc_endpoint_id.as_str();
    let block = |name: &str, team: &str| {
        config! {
            name = name, vpc_endpoint_id = endpoint, authorization = { none = {} }, tags = { team = team },
        }
    };
    for (name, team) in [("orders", "shop"), ("orders-old", "shop"), ("stock", "ware")] {
        let mut made = host.resource(TYPE).expect("the resource");
        made.apply(block(name, team)).await.expect("it is made");
    }
    // A public connection is none.
    let aws = super::by_hand(&local).await;
    let key = aws_sdk_eventbridge::types::CreateConnectionApiKeyAuthRequestParameters::builder()
        .api_key_name("k")
        .api_key_value("v")
        .build()
        .expect("a key");
    let parameters = aws_sdk_eventbridge::types::CreateConnectionAuthRequestParameters::builder();
    aws.events
        .create_connection()
        .name("orders-public")
        .authorization_type(aws_sdk_eventbridge::types::ConnectionAuthorizationType::ApiKey)
        .auth_parameters(parameters.api_key_auth_parameters(key).build())
        .send()
        .await
        .expect("a public connection");

    let list = host.list_resource(TYPE).expect("it can be listed");
    for (filter, expected) in [
        (config! {}, vec!["orders", "orders-old", "stock"]),
        (config! { name_prefix = "orders" }, vec!["orders", "orders-old"]),
        (config! { tags = { team = "ware" } }, vec!["stock"]),
        (
            config! { vpc_endpoint_id = endpoint, name_prefix = "st" },
            vec!["stock"],
        ),
        (config! { vpc_endpoint_id = "vpce-00000000000000000" }, vec![]),
    ] {
        let found = list
            .list(filter.clone(), 10, false)
            .await
            .expect("they are listed");
        let mut names: Vec<_> = found.iter().map(|one| one.display_name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, expected, "{filter:?}");
    }
    assert_eq!(
        list.list(config! {}, 2, false).await.expect("two of them").len(),
        2
    );

    let found = list
        .list(config! { name_prefix = "stock" }, 10, true)
        .await
        .expect("it is listed");
    let object = found[0].resource.as_ref().expect("the whole object");
    assert_eq!(object.attribute("name").and_then(Value::as_str), Some("stock"));
    let mut imported = host.resource(TYPE).expect("the resource");
    imported
        .import_identity(found[0].identity.clone())
        .await
        .expect("it is imported");
    let planned = imported.plan(block("stock", "ware")).await.expect("a plan");
    assert!(planned.is_no_op());
}

#[tokio::test]
async fn paths_are_listed_and_invocations_are_not_among_them() {
    let local = local_aws();
    let host = Host::new(Private);
    configure(&host, &local, &local.seed().region).await;
    let endpoint = local.seed().vpc_endpoint_id.as_str();
    let mut orders = host.resource(TYPE).expect("the resource");
    let block = config! { name = "orders", vpc_endpoint_id = endpoint, authorization = { none = {} } };
    orders.apply(block).await.expect("it is made");
    let mut shared = host.resource("private_api_path").expect("the resource");
    let block = || config! { name = "shared", vpc_endpoint_id = endpoint };
    shared.apply(block()).await.expect("it is made");

    let list = host.list_resource("private_api_path").expect("it can be listed");
    let found = list.list(config! {}, 10, true).await.expect("they are listed");
    let [one] = found.as_slice() else {
        panic!("one path: {found:?}");
    };
    assert!(one.display_name.starts_with("shared/"), "{}", one.display_name);
    let mut imported = host.resource("private_api_path").expect("the resource");
    imported
        .import_identity(one.identity.clone())
        .await
        .expect("it is imported");
    assert!(imported.plan(block()).await.expect("a plan").is_no_op());
}
