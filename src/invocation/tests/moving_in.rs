//! Imports and moves: what was not made by this state comes into it.

use serde_json::json;
use terraform_plugin::testing::Stored;
use terraform_plugin::{Value, config, path};

use super::{by_hand, instance, local_aws};

/// Everything that an import can tell again, without a secret.
fn told(aws: &local_aws::LocalAws) -> Value {
    let (endpoint, subnet) = (
        aws.seed().vpc_endpoint_id.as_str(),
        aws.seed().subnet_ids[0].as_str(),
    );
    config! {
        name = "orders",
        vpc_endpoint_id = endpoint,
        network = { subnet_ids = [subnet], ipv4_addresses_per_eni = 8, egress_cidr_blocks = ["10.0.0.0/8"] },
        authorization = { none = {} },
        description = "described",
        tags = { team = "orders" },
        invocation_http_parameters = { header = { "x-a" = { value = "1" } } },
        api_destinations = { a = { invocation_endpoint = "https://a.example.com/", http_method = "GET",
                                   invocation_rate_limit_per_second = 5 } },
    }
}

#[tokio::test]
async fn an_import_id_that_can_be_none_is_refused_with_the_reason_before_aws_is_asked() {
    let aws = local_aws();
    for (id, why) in [
        ("orders@", "\"\" after the @ is not the name of a Region"),
        ("orders@eu", "\"eu\" after the @"),
        ("a b", "\"a b\" is no name of an invocation"),
        (
            "arn:aws:sqs:us-east-1:123456789012:orders",
            "is no name of an invocation",
        ),
        (
            "arn:aws:events:us-east-1:210987654321:connection/orders/0f9c2b7e",
            "account 210987654321, the credentials are of account 123456789012",
        ),
    ] {
        let refused = instance(&aws).await.import(id).await.expect_err(id).to_string();
        assert!(refused.contains(why), "{refused}");
        assert!(refused.contains("The import id is the name"), "{refused}");
    }
}

#[tokio::test]
async fn an_import_in_each_of_its_forms_is_followed_by_an_empty_plan() {
    let aws = local_aws();
    let mut first = instance(&aws).await;
    first.apply(told(&aws)).await.expect("created");
    let arn = first
        .get(&path!("connection_arn"))
        .and_then(Value::as_str)
        .expect("an ARN")
        .to_owned();
    let region = aws.seed().region.as_str();
    for id in ["orders".to_owned(), format!("orders@{region}"), arn] {
        let mut again = instance(&aws).await;
        again
            .import(&id)
            .await
            .unwrap_or_else(|refused| panic!("{id}: {refused}"));
        let plan = again.plan(told(&aws)).await.expect("a plan");
        assert!(plan.is_no_op(), "{id}: {:?} → {:?}", plan.prior(), plan.planned());
        assert_eq!(again.identity(), first.identity(), "{id}");
    }
    let account = aws.seed().account_id.as_str();
    for identity in [
        config! { name = "orders", region = region, account_id = account },
        config! { name = "orders", region = null, account_id = null },
    ] {
        let mut again = instance(&aws).await;
        again.import_identity(identity).await.expect("imported");
        assert!(again.plan(told(&aws)).await.expect("a plan").is_no_op());
        assert_eq!(again.identity(), first.identity());
    }
    let mut other = instance(&aws).await;
    let identity = config! { name = "orders", region = region, account_id = "999999999999" };
    let refused = other
        .import_identity(identity)
        .await
        .expect_err("another account's");
    assert!(refused.to_string().contains("999999999999"), "{refused}");
}

#[tokio::test]
async fn the_configuration_that_an_import_generates_lacks_only_the_secrets() {
    let aws = local_aws();
    let mut first = instance(&aws).await;
    first.apply(told(&aws)).await.expect("created");
    let mut again = instance(&aws).await;
    again.import("orders").await.expect("imported");
    let generated = again.generate_config().await.expect("a configuration");
    again.validate(generated.clone()).await.expect("it is valid");
    assert!(again.plan(generated).await.expect("a plan").is_no_op());
}

/// A public connection, and one that somebody else has made through a configuration of their own.
#[tokio::test]
async fn an_import_refuses_a_public_connection_and_references_somebody_elses_path() {
    use aws_sdk_eventbridge::types as events;
    let aws = local_aws();
    let client = by_hand(&aws).await;
    let key = events::CreateConnectionApiKeyAuthRequestParameters::builder()
        .api_key_name("x-api-key")
        .api_key_value("k")
        .build()
        .expect("both members");
    let auth = events::CreateConnectionAuthRequestParameters::builder()
        .api_key_auth_parameters(key)
        .build();
    let create = |name: &str| {
        client
            .events
            .create_connection()
            .name(name)
            .authorization_type(events::ConnectionAuthorizationType::ApiKey)
            .auth_parameters(auth.clone())
    };
    create("public").send().await.expect("a public connection");
    let mut thing = instance(&aws).await;
    let refused = thing.import("public").await.expect_err("it is public");
    assert!(refused.to_string().contains("is public"), "{refused}");

    let arn = super::paths::foreign_configuration(&aws, &client).await;
    let way = events::ConnectivityResourceParameters::builder()
        .resource_parameters(
            events::ConnectivityResourceConfigurationArn::builder()
                .resource_configuration_arn(&arn)
                .build()
                .expect("an ARN"),
        )
        .build();
    let made = create("theirs")
        .invocation_connectivity_parameters(way)
        .send()
        .await
        .expect("theirs");
    thing.import("theirs").await.expect("imported");
    let given = thing
        .get(&path!("shared_resource_configuration_arn"))
        .and_then(Value::as_str);
    assert_eq!(given, Some(arn.as_str()));
    assert!(matches!(
        thing.get(&path!("resource_gateway_id")),
        Some(Value::Null)
    ));

    // The same by a `moved` block: the state of hashicorp/aws, secrets and all.
    let state = json!({
        "name": "theirs", "arn": made.connection_arn, "authorization_type": "API_KEY", "description": "",
        "auth_parameters": [{
            "api_key": [{ "key": "x-api-key", "value": "k" }], "basic": [], "oauth": [],
            "invocation_http_parameters": [],
        }],
        "invocation_connectivity_parameters": [{ "resource_parameters": [{
            "resource_configuration_arn": arn, "resource_association_arn": "arn:x",
        }] }],
        "kms_key_identifier": "", "secret_arn": "arn:secret", "id": "theirs",
    });
    let peer = |state| {
        Stored::new(
            "registry.terraform.io/hashicorp/aws",
            "aws_cloudwatch_event_connection",
            0,
            state,
        )
    };
    let mut moved = instance(&aws).await;
    moved.move_from(&peer(state.clone())).await.expect("moved");
    let shared = arn.as_str();
    let config = config! {
        name = "theirs", shared_resource_configuration_arn = shared,
        authorization = { api_key = { name = "x-api-key", value = "k" } },
    };
    let plan = moved.plan(config.clone()).await.expect("a plan");
    assert!(plan.is_no_op(), "{:?} → {:?}", plan.prior(), plan.planned());
    assert_eq!(
        moved.get(&path!("connection_arn")).and_then(Value::as_str),
        made.connection_arn.as_deref()
    );
    // And off their path, in place: theirs stays.
    let endpoint = aws.seed().vpc_endpoint_id.as_str();
    let own = config! {
        name = "theirs", vpc_endpoint_id = endpoint, authorization = { api_key = { name = "x-api-key", value = "k" } },
    };
    moved.apply(own.clone()).await.expect("moved off");
    assert!(moved.plan(own).await.expect("a plan").is_no_op());
    assert_eq!(
        moved.get(&path!("connection_arn")).and_then(Value::as_str),
        made.connection_arn.as_deref()
    );
    moved.destroy().await.expect("destroyed");
    let theirs = aws
        .objects()
        .into_iter()
        .filter(|object| object["name"] == "foreign");
    assert_eq!(theirs.count(), 2);

    let mut public = state;
    public["invocation_connectivity_parameters"] = json!([]);
    let refused = instance(&aws)
        .await
        .move_from(&peer(public))
        .await
        .expect_err("it is public");
    assert!(refused.to_string().contains("public"), "{refused}");
}

/// An import writes nothing: until an apply takes the mark off, `leftovers` takes what was imported for left over.
#[tokio::test]
async fn an_import_of_what_bears_the_mark_of_a_create_says_so() {
    let aws = local_aws();
    let mut first = instance(&aws).await;
    first.apply(told(&aws)).await.expect("created");
    let silent = instance(&aws).await.import("orders").await.expect("imported");
    assert!(silent.is_empty(), "{silent}");
    let arn = first
        .get(&path!("resource_configuration_arn"))
        .and_then(Value::as_str);
    let client = by_hand(&aws).await;
    let request = client.lattice.tag_resource().resource_arn(arn.expect("its ARN"));
    let mark = request.tags("terraform-provider-private:creating", "2026-11-30T06:08:00Z");
    mark.send().await.expect("marked by hand");
    let told = instance(&aws)
        .await
        .import("orders")
        .await
        .expect("imported")
        .to_string();
    assert!(
        told.contains("leftovers --remove") && told.contains("Apply once"),
        "{told}"
    );
}
