//! Checks against a local AWS: when they call, what they send, and what they refuse.

use local_aws::LocalAws;
use terraform_plugin::testing::Host;
use terraform_plugin::{Value, config, path};

use crate::testing::{host, local_aws};

const TYPE: &str = "private_api_invocation_check";

/// A local AWS with an invocation that works, and its connection's ARN.
async fn orders() -> (LocalAws, Host, String) {
    let local = local_aws();
    let host = host(&local).await;
    let mut orders = host.resource("private_api_invocation").expect("the resource");
    let (endpoint, key) = (
        local.seed().vpc_endpoint_id.as_str(),
        local.seed().api_key.as_str(),
    );
    let block = config! {
        name = "orders", vpc_endpoint_id = endpoint,
        authorization = { api_key = { name = "x-api-key", value_wo = key, value_wo_version = "1" } },
    };
    orders.apply(block).await.expect("it is made");
    let arn = orders
        .get(&path!("connection_arn"))
        .and_then(Value::as_str)
        .expect("its ARN")
        .to_owned();
    (local, host, arn)
}

fn tests_of(local: &LocalAws) -> usize {
    local
        .calls()
        .iter()
        .filter(|call| call.operation == "TestState")
        .count()
}

#[tokio::test]
async fn a_check_calls_when_it_is_made_and_when_something_changes_and_at_no_other_time() {
    let (local, host, arn) = orders().await;
    let (url, role) = (local.seed().api_url.as_str(), local.seed().role_arn.as_str());
    let block = |version: &str| {
        config! {
            connection_arn = arn.as_str(), url = url, role_arn = role, triggers = { key = version },
        }
    };
    let mut check = host.resource(TYPE).expect("the resource");
    check.apply(block("1")).await.expect("it passes");
    assert_eq!(check.get(&path!("status_code")), Some(&200.into()));
    assert_eq!(
        check.get(&path!("id")).and_then(Value::as_str),
        Some(arn.as_str())
    );
    check.refresh().await.expect("it is refreshed");
    assert!(check.plan(block("1")).await.expect("a plan").is_no_op());
    assert_eq!(tests_of(&local), 1);
    check.apply(block("2")).await.expect("it passes again");
    assert_eq!(tests_of(&local), 2);
    check.destroy().await.expect("it is forgotten");
    assert_eq!(tests_of(&local), 2);
}

#[tokio::test]
async fn method_body_headers_and_query_are_sent_as_they_are() {
    let (local, host, arn) = orders().await;
    let (url, role) = (local.seed().api_url.as_str(), local.seed().role_arn.as_str());
    let mut check = host.resource(TYPE).expect("the resource");
    let block = config! {
        connection_arn = arn, url = url, role_arn = role, http_method = "POST",
        request_body = "{\"id\":7,\"path\":\"$.x\"}", headers = { "x-from" = "$.check" }, query_parameters = { dry = "true" },
    };
    check.apply(block).await.expect("it passes");
    let received = local.api_requests().pop().expect("a request");
    assert_eq!(
        (received.method.as_str(), &received.query["dry"]),
        ("POST", &vec!["true".to_owned()])
    );
    let body: serde_json::Value = serde_json::from_str(&received.body).expect("JSON");
    assert_eq!(body, serde_json::json!({ "id": 7, "path": "$.x" }));
    assert!(
        received.headers.iter().any(|name| name == "x-from"),
        "{received:?}"
    );
}

#[tokio::test]
async fn the_statuses_that_prove_it_can_be_others_than_success() {
    let (local, host, arn) = orders().await;
    let role = local.seed().role_arn.as_str();
    let elsewhere = local.seed().api_url.replace("/orders", "/nothing-here");
    let status = |url: &str, expected: &[&str]| {
        let codes = Value::set(expected.iter().map(|code| Value::from(*code)));
        config! {
            connection_arn = arn.as_str(), url = url, role_arn = role, expected_status_codes = codes,
        }
    };
    let check = || host.resource(TYPE).expect("the resource");
    let mut passes = check();
    passes
        .apply(status(&elsewhere, &["403", "404"]))
        .await
        .expect("that it is not there is expected");
    let status_of =
        |value: Option<&Value>| value.is_some_and(|value| [403.into(), 404.into()].contains(value));
    assert!(status_of(passes.get(&path!("status_code"))));
    let refused = check()
        .apply(status(&local.seed().api_url, &["204"]))
        .await
        .expect_err("200 is not 204");
    assert!(
        refused.iter().any(|one| one.detail.contains("call-status")),
        "{refused:?}"
    );
}

#[tokio::test]
async fn the_action_tells_how_it_goes_and_fails_as_the_resource_does() {
    let (local, host, arn) = orders().await;
    let (url, role) = (local.seed().api_url.as_str(), local.seed().role_arn.as_str());
    let action = host.action(TYPE).expect("the action");
    let block = config! { connection_arn = arn.as_str(), url = url, role_arn = role, timeout = "1s" };
    let invoked = action.invoke(block.clone()).await.expect("it passes");
    let told = format!("{invoked:?}");
    assert!(
        told.contains("attempt 1") && told.contains("answered with 200"),
        "{told}"
    );
    local
        .add_fault(&serde_json::json!({ "deny": "states:InvokeHTTPEndpoint" }))
        .expect("a rule");
    let failed = action.invoke(block).await.expect("it ends");
    let failed = format!("{failed:?}");
    assert!(failed.contains("role-may-not-call"), "{failed}");
}

#[tokio::test]
async fn what_cannot_be_called_is_refused_offline_with_its_attribute() {
    let host = Host::new(crate::provider::Private);
    let check = host.resource(TYPE).expect("the resource");
    let arn = "arn:aws:events:us-east-1:123456789012:connection/orders/0a1b";
    let role = "arn:aws:iam::123456789012:role/r";
    let url = "https://api.example.com/prod";
    let table = [
        (
            config! { connection_arn = "orders", url = url, role_arn = role },
            "connection_arn",
            "connection/<name>/<id>",
        ),
        (
            config! { connection_arn = "arn:aws:events:us-east-1:123456789012:connection/orders", url = url, role_arn = role },
            "connection_arn",
            "not connection_arn_for_policy",
        ),
        (
            config! { connection_arn = arn, url = "http://a.example.com", role_arn = role },
            "url",
            "https://",
        ),
        (
            config! { connection_arn = arn, url = url, role_arn = "r" },
            "role_arn",
            "the ARN of an IAM role",
        ),
        (
            config! { connection_arn = arn, url = url, role_arn = role, http_method = "TRACE" },
            "http_method",
            "GET",
        ),
        (
            config! { connection_arn = arn, url = url, role_arn = role, headers = { Host = "x" } },
            "headers",
            "\"Host\"",
        ),
        (
            config! { connection_arn = arn, url = url, role_arn = role, headers = { "x-a" = null } },
            "headers",
            "null",
        ),
        (
            config! { connection_arn = arn, url = url, role_arn = role, request_body = "{% $x %}" },
            "request_body",
            "JSONata",
        ),
        (
            config! { connection_arn = arn, url = url, role_arn = role, expected_status_codes = Value::set(["ok".into()]) },
            "expected_status_codes",
            "\"2xx\"",
        ),
    ];
    for (block, attribute, words) in table {
        let refused = check.validate(block).await.expect_err(words);
        let found = refused
            .iter()
            .any(|one| one.path.to_string().starts_with(attribute) && one.detail.contains(words));
        assert!(found, "{attribute}: {words}: {refused:?}");
    }
}

/// How a check with these arguments fails: where its one error is, and what it says.
async fn failure(host: &Host, block: terraform_plugin::Value) -> (String, String) {
    let refused = host.resource(TYPE).expect("the resource").apply(block).await;
    let refused = refused.expect_err("it fails");
    let [one] = &refused.iter().collect::<Vec<_>>()[..] else {
        panic!("{refused:?}");
    };
    (one.path.to_string(), one.detail.clone())
}

#[tokio::test]
async fn a_failure_stands_at_the_argument_that_is_at_fault_and_else_at_the_resource() {
    let (local, host, arn) = orders().await;
    let (url, role) = (local.seed().api_url.clone(), local.seed().role_arn.clone());
    let within = |arn: &str, url: &str, role: &str| {
        config! { connection_arn = arn, url = url, role_arn = role, timeouts = { create = "1s" } }
    };
    let no_stage = url.split("/prod").next().unwrap_or_default();
    let foreign = url.replace(url.split('/').nth(2).unwrap_or_default(), "orders.example.com");
    let nothing_there = url.replace("/orders", "/nothing-here");
    let unknown_role = role.replace("role/", "role/no-such-");
    let old_connection = format!("{}/{}", arn.rsplit_once('/').expect("an id").0, "0".repeat(36));
    for (block, at, words) in [
        (within(&arn, no_stage, &role), "url", "url-stage"),
        (within(&arn, &foreign, &role), "url", "url-foreign"),
        (within(&arn, &nothing_there, &role), "url", "call-not-found"),
        (
            within(&arn, &url, &unknown_role),
            "role_arn",
            "states.amazonaws.com assume it. See: aws iam get-role --role-name no-such-",
        ),
        (
            within(&old_connection, &url, &role),
            "connection_arn",
            "connection-missing",
        ),
    ] {
        let (found, detail) = failure(&host, block).await;
        assert_eq!(found, at, "{detail}");
        assert!(detail.contains(words), "{words}: {detail}");
    }
    for (denied, at, words) in [
        ("states:InvokeHTTPEndpoint", "role_arn", "role-may-not-call"),
        ("iam:PassRole", "role_arn", "iam:PassRole"),
        ("states:TestState", "", "states:TestState"),
    ] {
        let rule = serde_json::json!({ "deny": denied });
        let rule = local.add_fault(&rule).expect("a rule")[0];
        let (found, detail) = failure(&host, within(&arn, &url, &role)).await;
        assert_eq!(found, at, "{detail}");
        assert!(detail.contains(words), "{words}: {detail}");
        local.remove_fault(rule);
    }
    // What is wrong with the path is no argument's fault.
    let rules = local.objects();
    let group = rules
        .iter()
        .find(|object| object["type"] == "security-group" && object["name"] == "execute-api")
        .expect("the seed's group")["id"]
        .clone();
    let aws = crate::testing::by_hand(&local).await;
    let group = group.as_str().expect("an id");
    let described = aws.ec2.describe_security_groups().group_ids(group).send().await;
    let described = described
        .expect("it is described")
        .security_groups
        .expect("one")
        .remove(0);
    let revoked = aws.ec2.revoke_security_group_ingress().group_id(group);
    let revoked = revoked.set_ip_permissions(described.ip_permissions).send().await;
    revoked.expect("the rules go");
    let (found, detail) = failure(&host, within(&arn, &url, &role)).await;
    assert_eq!(found, "", "{detail}");
    assert!(detail.contains("endpoint-ingress"), "{detail}");
}
