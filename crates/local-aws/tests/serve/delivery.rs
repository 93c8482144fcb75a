//! Events that rules send through API destinations: delivered, retried, given up, and what stops them.

use std::time::Duration;

use local_aws::{DeliveryAttempt, LocalAws, Options};
use serde_json::{Value, json};

use crate::client::{Client, Path, instant, raw};

const LONG: Duration = Duration::from_secs(30);

const QUEUE: &str = "arn:aws:sqs:us-east-1:123456789012:lost";

/// A rule for events of the source `shop`, with a target that calls the API; gives the connection's path.
fn rule(client: &Client<'_>, endpoint: &str, method: &str, target: Value) -> Path {
    let path = Path::make(client);
    route(client, &path, endpoint, method, target);
    path
}

fn route(client: &Client<'_>, path: &Path, endpoint: &str, method: &str, target: Value) {
    let destination = client.events(
        "CreateApiDestination",
        json!({ "Name": "orders", "ConnectionArn": path.connection_arn, "InvocationEndpoint": endpoint,
            "HttpMethod": method, "InvocationRateLimitPerSecond": 100 }),
    );
    assert_eq!(destination.status, 200, "{destination:?}");
    let pattern = json!({ "source": ["shop"] }).to_string();
    assert_eq!(
        client
            .events("PutRule", json!({ "Name": "orders", "EventPattern": pattern }))
            .status,
        200
    );
    let mut whole = json!({ "Id": "api", "Arn": destination.json()["ApiDestinationArn"], "RoleArn": client.aws.seed().role_arn });
    whole
        .as_object_mut()
        .unwrap()
        .extend(target.as_object().unwrap().clone());
    let put = client.events("PutTargets", json!({ "Rule": "orders", "Targets": [whole] }));
    assert_eq!(
        (put.status, &put.json()["FailedEntryCount"]),
        (200, &json!(0)),
        "{put:?}"
    );
}

fn send(client: &Client<'_>, detail: Value) {
    let entry = json!({ "Source": "shop", "DetailType": "order", "Detail": detail.to_string() });
    let put = client.events("PutEvents", json!({ "Entries": [entry] }));
    assert_eq!(put.json()["FailedEntryCount"], 0, "{put:?}");
}

fn attempt(aws: &LocalAws, index: usize) -> DeliveryAttempt {
    aws.wait_for_delivery(index, LONG).unwrap()
}

fn url(aws: &LocalAws, path: &str) -> String {
    aws.seed().api_url.replace("/orders", path)
}

#[test]
fn a_matched_event_calls_the_api_with_everything_that_its_target_says() {
    let aws = instant();
    let client = Client::new(&aws);
    let target = json!({
        "HttpParameters": { "PathParameterValues": ["$.detail.id"], "HeaderParameters": { "X-Shop": "main" },
            "QueryStringParameters": { "kind": "$.detail-type" } },
        "InputTransformer": { "InputPathsMap": { "id": "$.detail.id" }, "InputTemplate": "{\"order\": <id>}" },
    });
    rule(&client, &url(&aws, "/orders/*"), "POST", target);
    send(&client, json!({ "id": "a/7" }));
    let made = attempt(&aws, 0);
    assert_eq!(
        (made.status, made.outcome.as_str(), made.attempt),
        (Some(200), "delivered", 1)
    );
    let request = aws.api_requests().pop().unwrap();
    assert_eq!(
        (request.method.as_str(), request.path.as_str()),
        ("POST", "/prod/orders/a%2F7?kind=order")
    );
    assert_eq!(request.user_agent, "Amazon/EventBridge/ApiDestinations");
    assert!(
        ["x-shop", "x-api-key"]
            .iter()
            .all(|name| request.headers.iter().any(|known| known == name))
    );
}

#[test]
fn an_event_of_another_source_goes_nowhere() {
    let aws = instant();
    let client = Client::new(&aws);
    rule(&client, &url(&aws, "/orders"), "POST", json!({}));
    let entry = json!({ "Source": "other", "DetailType": "order", "Detail": "{}" });
    client.events("PutEvents", json!({ "Entries": [entry] }));
    send(&client, json!({}));
    attempt(&aws, 0);
    let listed = raw(&aws, "GET", "/_local/deliveries", &[], "").unwrap().json();
    assert_eq!(
        (listed["attempts"].as_array().unwrap().len(), &listed["pending"]),
        (1, &json!(0))
    );
}

#[test]
fn a_busy_api_is_tried_again_until_it_answers() {
    let aws = instant();
    let client = Client::new(&aws);
    rule(&client, &url(&aws, "/orders"), "POST", json!({}));
    aws.add_fault(&json!([
        { "service": "execute-api", "operation": "Invoke", "count": 1, "effect": { "error": { "status": 503 } } },
        { "service": "execute-api", "operation": "Invoke", "count": 1, "effect": { "throttle": true } },
    ]))
    .unwrap();
    send(&client, json!({}));
    let outcomes: Vec<_> = (0..3)
        .map(|index| attempt(&aws, index))
        .map(|made| (made.status, made.outcome))
        .collect();
    let expected = [(503, "retried"), (429, "retried"), (200, "delivered")];
    assert_eq!(
        outcomes,
        expected.map(|(status, outcome)| (Some(status), outcome.to_owned()))
    );
}

#[test]
fn pauses_double_and_retry_after_is_honoured() {
    let aws = LocalAws::start(Options {
        step: true,
        ..Options::default()
    })
    .unwrap();
    let client = Client::new(&aws);
    let group_id = crate::client::group(&client, "orders");
    let gateway = client.lattice(
        "POST",
        "/resourcegateways",
        crate::client::gateway_input(&client, "orders", &[&group_id]),
    );
    aws.advance_until_settled();
    let endpoint = client.ec2("DescribeVpcEndpoints", &[]).xml("dnsName");
    let configuration = client.lattice(
        "POST",
        "/resourceconfigurations",
        json!({ "name": "orders", "type": "SINGLE", "resourceGatewayIdentifier": gateway.json()["id"], "portRanges": ["443"],
            "resourceConfigurationDefinition": { "dnsResource": { "domainName": endpoint } } }),
    );
    aws.advance_until_settled();
    let configuration = configuration.json();
    let connection = crate::client::connection(&client, "orders", configuration["arn"].as_str().unwrap());
    let connection = client.events("CreateConnection", connection).json();
    aws.advance_until_settled();
    let path = Path {
        group_id,
        configuration_id: String::new(),
        configuration_arn: String::new(),
        connection_arn: connection["ConnectionArn"].as_str().unwrap().to_owned(),
    };
    route(&client, &path, &url(&aws, "/orders"), "POST", json!({}));
    aws.add_fault(&json!([
        { "service": "execute-api", "operation": "Invoke", "count": 2, "effect": { "error": { "status": 500 } } },
        { "service": "execute-api", "operation": "Invoke", "count": 1, "effect": { "throttle": true, "retry_after": 90 } },
    ]))
    .unwrap();
    send(&client, json!({}));
    let mut at = vec![attempt(&aws, 0).at];
    for index in 1..4 {
        aws.advance_until_settled();
        at.push(attempt(&aws, index).at);
    }
    let pauses: Vec<f64> = at.windows(2).map(|pair| (pair[1] - pair[0]).round()).collect();
    assert_eq!(pauses, [1.0, 2.0, 90.0]);
}

#[test]
fn a_delivery_that_fails_too_often_ends_in_the_queue() {
    let aws = instant();
    let client = Client::new(&aws);
    let target = json!({ "RetryPolicy": { "MaximumRetryAttempts": 1, "MaximumEventAgeInSeconds": 60 }, "DeadLetterConfig": { "Arn": QUEUE } });
    let path = rule(&client, &url(&aws, "/orders"), "POST", target);
    let everything = [
        ("GroupId", path.group_id.as_str()),
        ("IpPermissions.1.IpProtocol", "-1"),
        ("IpPermissions.1.IpRanges.1.CidrIp", "0.0.0.0/0"),
    ];
    assert_eq!(client.ec2("RevokeSecurityGroupEgress", &everything).status, 200);
    send(&client, json!({ "id": 7 }));
    let (first, second) = (attempt(&aws, 0), attempt(&aws, 1));
    assert!(first.error.unwrap().contains("let nothing out"));
    assert_eq!(
        (first.outcome.as_str(), second.outcome.as_str()),
        ("retried", "dead-lettered")
    );
    let letters = aws.dead_letters();
    assert_eq!(
        (
            letters.len(),
            letters[0].queue.as_str(),
            &letters[0].event["detail"]["id"]
        ),
        (1, QUEUE, &json!(7))
    );
    assert_eq!(
        letters[0].attributes["EXHAUSTED_RETRY_CONDITION"],
        "MaximumRetryAttempts"
    );
}

#[test]
fn what_a_template_makes_no_json_of_is_a_dead_letter() {
    let aws = instant();
    let client = Client::new(&aws);
    let target = json!({ "DeadLetterConfig": { "Arn": QUEUE }, "InputTransformer": {
        "InputPathsMap": { "order": "$.detail" }, "InputTemplate": "{\"order\":\"<order>\"}" } });
    rule(&client, &url(&aws, "/orders"), "POST", target);
    send(&client, json!({ "id": 7 }));
    let made = attempt(&aws, 0);
    assert_eq!((made.outcome.as_str(), made.status), ("dead-lettered", None));
    let letter = aws.dead_letters().remove(0);
    assert_eq!(letter.body, r#"{"order":"{"id":7}"}"#);
    let told: Vec<&str> = letter.attributes.keys().map(String::as_str).collect();
    assert_eq!(told, ["ERROR_CODE", "ERROR_MESSAGE", "RULE_ARN", "TARGET_ARN"]);
    assert_eq!(letter.attributes["ERROR_CODE"], "INVALID_JSON");
    assert_eq!(letter.attributes["ERROR_MESSAGE"], "Invalid input for target.");
}

#[test]
fn a_constant_goes_out_as_it_is_written() {
    let aws = instant();
    let client = Client::new(&aws);
    let target = json!({ "Input": "{ \"fixed\": true }" });
    rule(&client, &url(&aws, "/orders"), "POST", target);
    send(&client, json!({}));
    assert_eq!(attempt(&aws, 0).outcome, "delivered");
    let request = aws.api_requests().pop().unwrap();
    assert_eq!(request.body, "{ \"fixed\": true }");
}

#[test]
fn a_refused_request_is_not_tried_again() {
    let aws = instant();
    let client = Client::new(&aws);
    rule(&client, &url(&aws, "/none"), "GET", json!({}));
    send(&client, json!({}));
    let made = attempt(&aws, 0);
    assert_eq!((made.status, made.outcome.as_str()), (Some(403), "dropped"));
    assert!(aws.dead_letters().is_empty());
}

#[test]
fn refused_credentials_take_the_authorization_away() {
    let aws = instant();
    let client = Client::new(&aws);
    rule(
        &client,
        &url(&aws, "/orders"),
        "POST",
        json!({ "RetryPolicy": { "MaximumRetryAttempts": 1, "MaximumEventAgeInSeconds": 60 } }),
    );
    let wrong = json!({ "Name": "orders", "AuthorizationType": "API_KEY",
        "AuthParameters": { "ApiKeyAuthParameters": { "ApiKeyValue": "wrong" } } });
    assert_eq!(client.events("UpdateConnection", wrong).status, 200);
    send(&client, json!({}));
    let (first, second) = (attempt(&aws, 0), attempt(&aws, 1));
    assert_eq!((first.status, second.status), (Some(401), None));
    assert!(second.error.unwrap().contains("INACTIVE"));
    let described = client
        .events("DescribeConnection", json!({ "Name": "orders" }))
        .json();
    assert_eq!(described["ConnectionState"], "DEAUTHORIZED");
}

#[test]
fn a_role_that_may_not_invoke_is_told_in_the_dead_letter() {
    let aws = instant();
    let client = Client::new(&aws);
    rule(
        &client,
        &url(&aws, "/orders"),
        "POST",
        json!({ "DeadLetterConfig": { "Arn": QUEUE } }),
    );
    aws.add_fault(&json!({ "deny": "events:InvokeApiDestination" }))
        .unwrap();
    send(&client, json!({}));
    assert_eq!(attempt(&aws, 0).outcome, "dead-lettered");
    assert_eq!(aws.dead_letters()[0].attributes["ERROR_CODE"], "NO_PERMISSIONS");
}

#[test]
fn a_connection_that_loses_its_authorization_is_an_event() {
    let aws = instant();
    let client = Client::new(&aws);
    rule(&client, &url(&aws, "/health"), "GET", json!({}));
    let pattern = json!({ "source": ["aws.events"], "detail-type": ["Connection Deauthorized"] }).to_string();
    client.events("PutRule", json!({ "Name": "orders", "EventPattern": pattern }));
    let other = json!({ "Name": "other", "AuthorizationType": "BASIC",
        "AuthParameters": { "BasicAuthParameters": { "Username": "u", "Password": "p" } } });
    assert_eq!(client.events("CreateConnection", other).status, 200);
    assert_eq!(
        client
            .events("DeauthorizeConnection", json!({ "Name": "other" }))
            .status,
        200
    );
    let first = attempt(&aws, 0);
    assert_eq!(first.rule, "orders", "{first:?}");
}
