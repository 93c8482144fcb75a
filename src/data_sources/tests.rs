//! The data sources against a local AWS.

use terraform_plugin::{Value, config, path};

use crate::testing::{by_hand, host, local_aws};

fn text(value: &Value, name: &str) -> String {
    let member = value.attribute(name).and_then(Value::as_str);
    member
        .unwrap_or_else(|| panic!("{name} is a text: {value:?}"))
        .to_owned()
}

#[tokio::test]
async fn an_endpoint_is_resolved_and_judged() {
    let local = local_aws();
    let host = host(&local).await;
    let endpoint = host.data_source("private_api_endpoint").expect("the data source");
    let id = local.seed().vpc_endpoint_id.as_str();
    let read = || endpoint.read(config! { vpc_endpoint_id = id });
    let seen = read().await.expect("it is read");
    assert_eq!(text(&seen, "vpc_id"), local.seed().vpc_id);
    assert!(text(&seen, "regional_dns_name").starts_with(id));
    let cidrs = Value::set(["10.0.0.0/16".into(), "100.64.0.0/16".into()]);
    assert_eq!(seen.attribute("vpc_cidr_blocks"), Some(&cidrs));
    assert_eq!(seen.attribute("findings"), Some(&Value::List(Vec::new())));

    let denies = r#"{"Statement":[{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}]}"#;
    let aws = by_hand(&local).await;
    let call = aws
        .ec2
        .modify_vpc_endpoint()
        .vpc_endpoint_id(id)
        .policy_document(denies);
    call.send().await.expect("a policy");
    let seen = read().await.expect("it is read");
    let finding = seen.get(&path!("findings", 0)).expect("a finding");
    assert_eq!(
        (text(finding, "id"), text(finding, "severity")),
        ("endpoint-policy".into(), "error".into())
    );

    let missing = config! { vpc_endpoint_id = "vpce-00000000000000000" };
    let refused = endpoint.read(missing).await.expect_err("there is none");
    assert!(
        refused.iter().any(|one| one.detail.contains("no VPC endpoint")),
        "{refused:?}"
    );
}

#[tokio::test]
async fn an_invocation_is_found_by_name_and_by_arn_with_all_of_its_outputs() {
    let local = local_aws();
    let host = host(&local).await;
    let mut orders = host.resource("private_api_invocation").expect("the resource");
    let id = local.seed().vpc_endpoint_id.as_str();
    let block = config! {
        name = "orders", vpc_endpoint_id = id, authorization = { none = {} }, tags = { team = "shop" },
        api_destinations = { created = { invocation_endpoint = "https://a.example.com/", http_method = "POST" } },
    };
    orders.apply(block).await.expect("it is made");
    let state = orders.state().expect("a state").clone();
    let arn = text(&state, "connection_arn");
    let lookup = host
        .data_source("private_api_invocation")
        .expect("the data source");
    for config in [
        config! { name = "orders" },
        config! { connection_arn = arn.as_str() },
    ] {
        let found = lookup.read(config).await.expect("it is found");
        let Value::Object(members) = &found else {
            panic!("an object: {found:?}");
        };
        for (name, value) in members {
            if name == "api_destinations" {
                let created = found
                    .get(&path!("api_destinations", "created"))
                    .expect("a destination");
                assert_eq!(text(created, "http_method"), "POST");
            } else {
                assert_eq!(Some(value), state.attribute(name), "{name}");
            }
        }
    }
    for (config, words) in [
        (
            config! { name = "other" },
            "There is no EventBridge connection other",
        ),
        (
            config! { connection_arn = format!("{arn}0") },
            "There is no EventBridge connection arn:",
        ),
        (
            config! { connection_arn = "arn:aws:events:us-east-1:999999999999:connection/orders" },
            "The ARN is of account 999999999999",
        ),
        (
            config! { connection_arn = "arn:aws-cn:events:us-east-1:123456789012:connection/orders" },
            "There is no EventBridge connection arn:aws-cn:",
        ),
        (
            config! { connection_arn = arn.as_str(), region = "eu-west-1" },
            "region is eu-west-1, and the ARN is one of us-east-1",
        ),
    ] {
        let refused = lookup.read(config).await.expect_err(words);
        assert!(
            refused.iter().any(|one| one.detail.contains(words)),
            "{words}: {refused:?}"
        );
    }
    for config in [
        config! {},
        config! { name = "orders", connection_arn = arn.as_str() },
        config! { connection_arn = "orders" },
    ] {
        lookup
            .validate(config.clone())
            .await
            .expect_err(&format!("{config:?}"));
    }
}

#[tokio::test]
async fn a_path_is_found_by_id_name_and_configuration() {
    let local = local_aws();
    let host = host(&local).await;
    let id = local.seed().vpc_endpoint_id.as_str();
    let block = || config! { name = "shared", vpc_endpoint_id = id };
    let mut shared = host.resource("private_api_path").expect("the resource");
    shared.apply(block()).await.expect("it is made");
    let state = shared.state().expect("a state").clone();
    let lookup = host.data_source("private_api_path").expect("the data source");
    for config in [
        config! { name = "shared" },
        config! { id = text(&state, "id") },
        config! { resource_configuration_arn = text(&state, "resource_configuration_arn") },
    ] {
        let found = lookup.read(config).await.expect("it is found");
        for name in [
            "id",
            "name",
            "resource_gateway_arn",
            "domain_name",
            "vpc_endpoint_id",
        ] {
            assert_eq!(text(&found, name), text(&state, name), "{name}");
        }
    }
    let missing = lookup
        .read(config! { name = "other" })
        .await
        .expect_err("there is none");
    assert!(
        missing
            .iter()
            .any(|one| one.detail.contains("of account 123456789012 has this name")
                && one.path == path!("name")),
        "{missing:?}"
    );
    let mut twin = host.resource("private_api_path").expect("the resource");
    twin.apply(block()).await.expect("a second one of that name");
    let several = lookup
        .read(config! { name = "shared" })
        .await
        .expect_err("there are two");
    assert!(
        several.iter().any(|one| one.detail.contains(&text(&state, "id"))),
        "{several:?}"
    );
}
