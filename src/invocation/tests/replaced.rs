//! What somebody has put in the place of what was made has secrets of its own, which nothing shows: whatever takes it back sends
//! those of the configuration.

use aws_sdk_eventbridge::types as events;
use terraform_plugin::testing::Instance;
use terraform_plugin::{Value, config};

use super::TYPE;
use super::going_back::{World, instance, text};
use crate::client::Aws;
use crate::testing::by_hand;

fn orders(world: &World, authorization: Value) -> Value {
    let endpoint = world.local.seed().vpc_endpoint_id.as_str();
    config! { name = "orders", vpc_endpoint_id = endpoint, authorization = authorization }
}

/// Applies the configuration again; a call carries then what it says, and nothing of what `foreign` says.
async fn is_taken_back(world: &World, thing: &mut Instance, config: Value, [ours, foreign]: [&str; 2]) {
    thing.refresh().await.expect("read");
    thing.apply(config.clone()).await.expect("taken back");
    thing.refresh().await.expect("read");
    let plan = thing.plan(config).await.expect("a plan");
    assert!(plan.is_no_op(), "{:?} → {:?}", plan.prior(), plan.planned());
    let arn = text(thing, "connection_arn");
    let carried = world.calls.carried(&arn).await.expect("the API answers");
    assert!(carried.contains(ours) && !carried.contains(foreign), "{carried}");
}

async fn sets_key(aws: &Aws) {
    let key = events::UpdateConnectionApiKeyAuthRequestParameters::builder()
        .api_key_name("x-other")
        .api_key_value("theirs");
    let parameters =
        events::UpdateConnectionAuthRequestParameters::builder().api_key_auth_parameters(key.build());
    let call = aws.events.update_connection().name("orders");
    let call = call.authorization_type(events::ConnectionAuthorizationType::ApiKey);
    call.auth_parameters(parameters.build())
        .send()
        .await
        .expect("changed");
}

async fn sets_user(aws: &Aws) {
    let user = events::UpdateConnectionBasicAuthRequestParameters::builder()
        .username("bob")
        .password("theirs");
    let parameters =
        events::UpdateConnectionAuthRequestParameters::builder().basic_auth_parameters(user.build());
    let call = aws.events.update_connection().name("orders");
    let call = call.authorization_type(events::ConnectionAuthorizationType::Basic);
    call.auth_parameters(parameters.build())
        .send()
        .await
        .expect("changed");
}

#[tokio::test]
async fn another_name_or_user_had_another_secret() {
    let plain = config! { api_key = { name = "x-api-key", value = "key-ours" } };
    let write_only =
        config! { api_key = { name = "x-api-key", value_wo = "key-ours", value_wo_version = "1" } };
    for authorization in [plain, write_only] {
        let world = World::new().await;
        let mut thing = instance(&world.local, TYPE).await;
        let config = orders(&world, authorization);
        thing.apply(config.clone()).await.expect("created");
        sets_key(&*by_hand(&world.local).await).await;
        is_taken_back(&world, &mut thing, config, ["key-ours", "theirs"]).await;
    }
    let plain = config! { basic = { username = "ann", password = "ours" } };
    let write_only =
        config! { basic = { username = "ann", password_wo = "ours", password_wo_version = "1" } };
    for authorization in [plain, write_only] {
        let world = World::new().await;
        let mut thing = instance(&world.local, TYPE).await;
        let config = orders(&world, authorization);
        thing.apply(config.clone()).await.expect("created");
        sets_user(&*by_hand(&world.local).await).await;
        // "ann:ours", and "ann:theirs"
        is_taken_back(&world, &mut thing, config, ["YW5uOm91cnM=", "YW5uOnRoZWlycw=="]).await;
    }
}

#[tokio::test]
async fn a_connection_that_is_taken_over_gets_every_secret() {
    let header = || config! { tenant = { secret_value_wo = "tenant-ours", secret_value_wo_version = "1" } };
    let key = config! { api_key = { name = "x-api-key", value_wo = "key-ours", value_wo_version = "1" } };
    let world = World::new().await;
    let mut thing = instance(&world.local, TYPE).await;
    let config = config! {
        name = "orders",
        vpc_endpoint_id = (world.local.seed().vpc_endpoint_id.as_str()),
        authorization = key,
        invocation_http_parameters = { header = (header()) },
    };
    thing.apply(config.clone()).await.expect("created");
    let aws = by_hand(&world.local).await;
    let gone = aws.events.delete_connection().name("orders").send().await;
    gone.expect("deleted by hand");
    let tenant = events::ConnectionHeaderParameter::builder()
        .key("tenant")
        .value("theirs")
        .is_value_secret(true);
    let http = events::ConnectionHttpParameters::builder()
        .header_parameters(tenant.build())
        .build();
    let key = events::CreateConnectionApiKeyAuthRequestParameters::builder()
        .api_key_name("x-api-key")
        .api_key_value("theirs");
    let parameters = events::CreateConnectionAuthRequestParameters::builder()
        .api_key_auth_parameters(key.build().expect("complete"))
        .invocation_http_parameters(http);
    let way = events::ConnectivityResourceParameters::builder()
        .resource_parameters(
            events::ConnectivityResourceConfigurationArn::builder()
                .resource_configuration_arn(text(&thing, "resource_configuration_arn"))
                .build()
                .expect("complete"),
        )
        .build();
    let made = aws
        .events
        .create_connection()
        .name("orders")
        .authorization_type(events::ConnectionAuthorizationType::ApiKey)
        .auth_parameters(parameters.build())
        .invocation_connectivity_parameters(way)
        .send()
        .await;
    made.expect("made by hand");
    is_taken_back(&world, &mut thing, config.clone(), ["key-ours", "theirs"]).await;
    is_taken_back(&world, &mut thing, config, ["tenant-ours", "theirs"]).await;
}
