//! The functions as core calls them; the states that they make are judged by a local AWS.

use serde_json::{Value as Json, json};
use terraform_plugin::testing::Host;
use terraform_plugin::{Value, config};

use crate::provider::Private;
use crate::testing::{by_hand, host, local_aws};

const ARN: &str = "arn:aws-cn:events:cn-north-1:123456789012:connection/orders/0a1b2c3d";
const FOR_POLICY: &str = "arn:aws-cn:events:cn-north-1:123456789012:connection/orders";
const URL: &str = "https://a1b2c3d4e5.execute-api.cn-north-1.amazonaws.com.cn/prod/orders";

async fn call(function: &str, arguments: impl IntoIterator<Item = Value>) -> Result<Value, String> {
    let called = Host::new(Private).call(function, arguments).await;
    called.map_err(|error| error.to_string())
}

async fn task(options: Option<Value>) -> Json {
    let arguments = [ARN.into(), "POST".into(), URL.into()];
    let state = call("http_task", arguments.into_iter().chain(options)).await;
    serde_json::to_value(state.expect("a state").plain()).expect("it is JSON")
}

async fn policy(function: &str, arguments: Vec<Value>) -> Json {
    let text = call(function, arguments).await.expect("a policy");
    serde_json::from_str(text.as_str().expect("a text")).expect("it is JSON")
}

#[tokio::test]
async fn a_task_is_complete_and_in_the_partition_of_its_connection() {
    let state = task(None).await;
    assert_eq!(state["Resource"], "arn:aws-cn:states:::http:invoke");
    assert_eq!(
        state["Parameters"],
        json!({ "ApiEndpoint": URL, "Method": "POST", "InvocationConfig": { "ConnectionArn": ARN } })
    );
    assert_eq!(state["End"], true);
    let first = &state["Retry"][0];
    assert!(
        first["ErrorEquals"].to_string().contains("States.Http.Socket"),
        "{first}"
    );
    let seconds: u64 = (0..first["MaxAttempts"].as_u64().expect("a number"))
        .map(|attempt| (15 << attempt).min(120))
        .sum();
    assert!(seconds > 5 * 60, "{seconds}");
}

#[tokio::test]
async fn what_is_read_from_the_input_is_named_so_in_jsonpath_and_left_to_jsonata() {
    let options = config! {
        request_body = "$.order",
        headers = { "x-id" = "$.id", "x-fixed" = "5 $", "x-none" = Value::Null },
        query_parameters = { at = "States.Format('{}', $.at)", none = Value::Null },
        next = "Then",
        timeout_seconds = 30,
        request_body_encoding = "URL_ENCODED",
    };
    let state = task(Some(options)).await;
    assert_eq!(
        state["Parameters"],
        json!({
            "ApiEndpoint": URL, "Method": "POST", "InvocationConfig": { "ConnectionArn": ARN },
            "RequestBody.$": "$.order",
            "Headers": { "x-id.$": "$.id", "x-fixed": "5 $" },
            "QueryParameters": { "at.$": "States.Format('{}', $.at)" },
            "Transform": { "RequestBodyEncoding": "URL_ENCODED", "RequestEncodingOptions": { "ArrayFormat": "INDICES" } },
        })
    );
    assert_eq!(
        (&state["Next"], &state["TimeoutSeconds"]),
        (&json!("Then"), &json!(30))
    );
    assert!(state.get("End").is_none());

    let state = task(Some(
        config! { query_language = "JSONata", request_body = "{% $states.input %}" },
    ))
    .await;
    assert_eq!(state["Arguments"]["RequestBody"], "{% $states.input %}");
    assert!(state.get("Parameters").is_none());
}

#[tokio::test]
async fn a_request_that_must_not_come_twice_is_not_sent_again_once_it_may_have_arrived() {
    let state = task(Some(config! { idempotent = false })).await;
    let retried = state["Retry"].to_string();
    for error in ["Socket", "502", "504"] {
        assert!(!retried.contains(error), "{error}: {retried}");
    }
    assert!(
        retried.contains("InvalidPrivateConnectionState") && retried.contains("429"),
        "{retried}"
    );
}

#[tokio::test]
async fn step_functions_finds_nothing_wrong_with_a_task_and_calls_the_api_with_it() {
    let local = local_aws();
    let host = host(&local).await;
    let aws = by_hand(&local).await;
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
        .get(&terraform_plugin::path!("connection_arn"))
        .cloned()
        .expect("its ARN");

    for (language, body) in [("JSONPath", "$.order"), ("JSONata", "{% $states.input.order %}")] {
        let options =
            config! { query_language = language, request_body = body, headers = { "x-from" = "test" } };
        let arguments = [
            arn.clone(),
            "POST".into(),
            local.seed().api_url.as_str().into(),
            options,
        ];
        let state = host.call("http_task", arguments).await.expect("a state");
        let state: Json = serde_json::to_value(state.plain()).expect("it is JSON");
        let machine = json!({ "StartAt": "Call", "States": { "Call": state } }).to_string();
        let checked = aws
            .states
            .validate_state_machine_definition()
            .definition(machine)
            .send()
            .await;
        let checked = checked.expect("it is checked");
        assert!(checked.diagnostics().is_empty(), "{:?}", checked.diagnostics());

        let tested = aws
            .states
            .test_state()
            .definition(state.to_string())
            .role_arn(&local.seed().role_arn)
            .input(r#"{"order":{"id":7}}"#)
            .send()
            .await
            .expect("it is tested");
        assert_eq!(tested.error(), None, "{language}: {:?}", tested.cause());
        let received = local.api_requests().pop().expect("the API was called");
        assert!(format!("{received:?}").contains("x-from"), "{received:?}");
    }
}

#[tokio::test]
async fn a_state_machines_policy_is_narrowed_to_hosts_methods_and_key() {
    let whole = policy("state_machine_policy", vec![FOR_POLICY.into()]).await;
    assert_eq!(whole["Statement"][0]["Condition"], Json::Null);
    assert_eq!(whole, policy("state_machine_policy", vec![ARN.into()]).await);

    let key = "arn:aws-cn:kms:cn-north-1:123456789012:key/k";
    let options = config! {
        hosts = ["a1.execute-api.cn-north-1.amazonaws.com.cn", "api.example.com:8443"],
        urls = ["https://other.example.com/prod/*"],
        methods = ["GET", "POST"],
        kms_key_arn = key,
    };
    let narrowed = policy("state_machine_policy", vec![FOR_POLICY.into(), options]).await;
    assert_eq!(
        narrowed["Statement"][0]["Condition"],
        json!({
            "StringLike": { "states:HTTPEndpoint": [
                "https://a1.execute-api.cn-north-1.amazonaws.com.cn/*", "https://api.example.com:8443/*",
                "https://other.example.com/prod/*",
            ] },
            "StringEquals": { "states:HTTPMethod": ["GET", "POST"] },
        })
    );
    assert_eq!(
        narrowed["Statement"][1]["Resource"],
        json!([FOR_POLICY, format!("{FOR_POLICY}/*")])
    );
    assert_eq!(
        narrowed["Statement"][2]["Resource"],
        "arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:events!connection/orders/*"
    );
    let of_key = &narrowed["Statement"][3];
    assert_eq!(
        (&of_key["Action"], &of_key["Resource"]),
        (&json!("kms:Decrypt"), &json!(key))
    );
    assert_eq!(
        of_key["Condition"]["StringLike"]["kms:ViaService"],
        "secretsmanager.cn-north-1.*"
    );
}

#[tokio::test]
async fn a_senders_policy_names_the_destinations_before_they_are_made() {
    let names = Value::set(["created".into(), "cancelled".into()]);
    let made = policy("api_destination_policy", vec![FOR_POLICY.into(), names]).await;
    assert_eq!(
        made["Statement"],
        json!([{
            "Effect": "Allow", "Action": "events:InvokeApiDestination",
            "Resource": [
                "arn:aws-cn:events:cn-north-1:123456789012:api-destination/cancelled/*",
                "arn:aws-cn:events:cn-north-1:123456789012:api-destination/created/*",
            ],
        }])
    );
}

#[tokio::test]
async fn the_regional_name_is_found_and_an_arn_is_taken_apart() {
    let regional = "vpce-0123-a1b2.execute-api.eu-central-1.vpce.amazonaws.com";
    let entry = |name: &str| Value::object([("dns_name", name.into())]);
    let entries = Value::List(vec![
        entry("vpce-0123-a1b2-eu-central-1a.execute-api.eu-central-1.vpce.amazonaws.com"),
        entry("execute-api.eu-central-1.amazonaws.com"),
        entry(regional),
    ]);
    assert_eq!(call("regional_dns_name", [entries]).await, Ok(regional.into()));

    let parts = call("parse_connection_arn", [ARN.into()])
        .await
        .expect("its parts");
    for (name, expected) in [
        ("partition", "aws-cn"),
        ("region", "cn-north-1"),
        ("account_id", "123456789012"),
        ("name", "orders"),
        ("id", "0a1b2c3d"),
        ("arn_for_policy", FOR_POLICY),
    ] {
        assert_eq!(
            parts.attribute(name).and_then(Value::as_str),
            Some(expected),
            "{name}"
        );
    }
    let parts = call("parse_connection_arn", [FOR_POLICY.into()])
        .await
        .expect("its parts");
    assert_eq!(parts.attribute("id"), Some(&Value::Null));
}

#[tokio::test]
async fn bad_arguments_are_refused_with_what_helps() {
    let task = |options: Value| vec![ARN.into(), "GET".into(), URL.into(), options];
    let narrowed = |options: Value| vec![ARN.into(), options];
    let entries = Value::List(vec![Value::object([("dns_name", "a.example.com".into())])]);
    let table: Vec<(&str, Vec<Value>, &str)> = vec![
        (
            "http_task",
            vec!["orders".into(), "GET".into(), URL.into()],
            "connection_arn",
        ),
        (
            "http_task",
            vec![FOR_POLICY.into(), "GET".into(), URL.into()],
            "not connection_arn_for_policy",
        ),
        ("http_task", vec![ARN.into(), "TRACE".into(), URL.into()], "GET"),
        (
            "http_task",
            vec![ARN.into(), "GET".into(), "http://a.example.com/".into()],
            "https://",
        ),
        ("http_task", task(config! { body = "x" }), "\"body\""),
        ("http_task", task("x".into()), "an object"),
        (
            "http_task",
            task(config! { headers = { Host = "x" } }),
            "\"Host\"",
        ),
        (
            "http_task",
            task(config! { request_body = "{% $x %}" }),
            "query_language",
        ),
        (
            "http_task",
            task(config! { query_language = "jq" }),
            "must be JSONPath or JSONata; it is \"jq\"",
        ),
        (
            "http_task",
            task(config! { request_body = "$.order[" }),
            "request_body: \"$.order[\" is no JSONPath: a [ is not closed",
        ),
        (
            "http_task",
            task(config! { request_body = { lines = [{ "id.$" = "$.order." }] } }),
            "request_body: \"$.order.\" is no JSONPath",
        ),
        (
            "http_task",
            task(config! { request_body = { "id.$" = "order" } }),
            "\"id.$\" is read from the input",
        ),
        (
            "http_task",
            task(config! { headers = { "x-id" = "States.Format('{}, $.id)" } }),
            "headers: \"States.Format('{}, $.id)\" is no intrinsic function",
        ),
        (
            "http_task",
            task(config! { query_parameters = { at = "$[]" } }),
            "query_parameters: ",
        ),
        (
            "http_task",
            task(config! { query_language = "JSONata", request_body = { id = "{% $sum(x %}" } }),
            "request_body: \"{% $sum(x %}\" is no JSONata expression: a ( is not closed",
        ),
        (
            "http_task",
            vec![ARN.into(), "GET".into(), "$.url[".into()],
            "a [ is not closed",
        ),
        (
            "http_task",
            vec![ARN.into(), "GET".into(), "{% $states.input.url %}".into()],
            "set query_language = \"JSONata\"",
        ),
        ("http_task", task(config! { timeout_seconds = 0 }), "from 1"),
        ("http_task", task(config! { idempotent = "x" }), "true or false"),
        (
            "http_task",
            task(config! { array_format = "REPEAT" }),
            "request_body_encoding",
        ),
        (
            "state_machine_policy",
            narrowed(config! { hosts = ["https://a.example.com/"] }),
            "urls",
        ),
        (
            "state_machine_policy",
            narrowed(config! { urls = ["a.example.com"] }),
            "https://",
        ),
        (
            "state_machine_policy",
            narrowed(config! { hosts = [] }),
            "hosts is empty",
        ),
        (
            "state_machine_policy",
            narrowed(config! { hosts = ["a.example.com"], methods = [] }),
            "methods is empty",
        ),
        (
            "http_task",
            task(config! { headers = { "bad header" = "x" } }),
            "not the name of a header",
        ),
        (
            "state_machine_policy",
            narrowed(config! { methods = ["get"] }),
            "GET",
        ),
        (
            "state_machine_policy",
            narrowed(config! { kms_key_arn = "alias/k" }),
            "alias",
        ),
        (
            "api_destination_policy",
            vec![ARN.into(), Value::set([])],
            "one API destination",
        ),
        (
            "api_destination_policy",
            vec![ARN.into(), Value::set([ARN.into()])],
            "not the name",
        ),
        ("regional_dns_name", vec![entries], "a.example.com"),
        ("regional_dns_name", vec![Value::List(Vec::new())], "available"),
        (
            "parse_connection_arn",
            vec!["arn:aws:lambda:r:123456789012:function:f".into()],
            "not that of a connection",
        ),
    ];
    for (function, arguments, words) in table {
        let refused = call(function, arguments).await.expect_err(words);
        assert!(refused.contains(words), "{function}: {words}: {refused}");
    }
}
