//! What a connection leaves behind on its way out: its destinations, its secret, the times that change.

use std::time::Duration;

use local_aws::{LocalAws, Options};
use serde_json::{Value, json};

use crate::client::Client;

fn stepwise() -> LocalAws {
    LocalAws::start(Options {
        step: true,
        ..Options::default()
    })
    .unwrap()
}

/// A public connection with a destination; gives the ARN of its secret.
fn connect(client: &Client<'_>) -> String {
    let made = client.events(
        "CreateConnection",
        json!({ "Name": "shop", "AuthorizationType": "API_KEY",
            "AuthParameters": { "ApiKeyAuthParameters": { "ApiKeyName": "x-key", "ApiKeyValue": "hunter2" } } }),
    );
    let destination = client.events(
        "CreateApiDestination",
        json!({ "Name": "orders", "ConnectionArn": made.json()["ConnectionArn"], "HttpMethod": "POST",
            "InvocationEndpoint": "https://shop.example.com/orders" }),
    );
    assert_eq!(destination.status, 200, "{destination:?}");
    let described = described(client, "Connection", "shop");
    described["SecretArn"].as_str().unwrap().to_owned()
}

fn described(client: &Client<'_>, kind: &str, name: &str) -> Value {
    client
        .events(&format!("Describe{kind}"), json!({ "Name": name }))
        .json()
}

fn secrets(client: &Client<'_>, operation: &str, input: Value) -> (u16, Value) {
    let target = format!("secretsmanager.{operation}");
    let headers = [("x-amz-target", target.as_str())];
    let answer = client.send("secretsmanager", "POST", "/", &headers, &input.to_string());
    let answer = answer.unwrap();
    (answer.status, answer.json())
}

/// Whole seconds between two times of an answer.
fn between(earlier: &Value, later: &Value) -> f64 {
    let seconds = |time: &Value| time.as_f64().unwrap();
    assert_eq!(
        (seconds(earlier).fract(), seconds(later).fract()),
        (0.0, 0.0),
        "{earlier} {later}"
    );
    seconds(later) - seconds(earlier)
}

#[test]
fn a_destination_is_active_until_its_connection_is_deauthorized_and_changes_with_that() {
    let aws = stepwise();
    let client = Client::new(&aws);
    connect(&client);
    let destination = || described(&client, "ApiDestination", "orders");
    aws.advance(Duration::from_secs(10));
    client.events("DeauthorizeConnection", json!({ "Name": "shop" }));
    assert_eq!(destination()["ApiDestinationState"], "ACTIVE");
    let at_first = described(&client, "Connection", "shop");
    assert_eq!(at_first["ConnectionState"], "DEAUTHORIZING");

    aws.advance(Duration::from_secs(10));
    let inactive = destination();
    assert_eq!(inactive["ApiDestinationState"], "INACTIVE");
    assert!(between(&inactive["CreationTime"], &inactive["LastModifiedTime"]) >= 10.0);
    let at_last = described(&client, "Connection", "shop");
    assert_eq!(at_last["ConnectionState"], "DEAUTHORIZED");
    assert!(between(&at_first["LastModifiedTime"], &at_last["LastModifiedTime"]) > 0.0);
}

#[test]
fn answers_tell_the_time_of_the_change_before_but_for_a_description() {
    let aws = stepwise();
    let client = Client::new(&aws);
    connect(&client);
    let modified = || described(&client, "Connection", "shop")["LastModifiedTime"].clone();
    let made = modified();
    aws.advance(Duration::from_secs(10));
    let answer = client
        .events("UpdateConnection", json!({ "Name": "shop", "Description": "d" }))
        .json();
    assert_eq!(between(&made, &answer["LastModifiedTime"]), 10.0);
    aws.advance(Duration::from_secs(10));
    let answer = client
        .events(
            "UpdateConnection",
            json!({ "Name": "shop", "AuthorizationType": "API_KEY",
                "AuthParameters": { "ApiKeyAuthParameters": { "ApiKeyValue": "hunter3" } } }),
        )
        .json();
    assert_eq!(between(&made, &answer["LastModifiedTime"]), 10.0);
    assert_eq!(between(&made, &modified()), 20.0);
    aws.advance(Duration::from_secs(10));
    let answer = client
        .events("DeleteConnection", json!({ "Name": "shop" }))
        .json();
    assert_eq!(between(&made, &answer["LastModifiedTime"]), 20.0);
    assert_eq!(between(&made, &modified()), 30.0);
}

#[test]
fn the_secret_of_a_connection_that_goes_is_marked_for_deletion_and_then_gone() {
    for operation in ["DeleteConnection", "DeauthorizeConnection"] {
        let aws = stepwise();
        let client = Client::new(&aws);
        let arn = connect(&client);
        let describe = || secrets(&client, "DescribeSecret", json!({ "SecretId": arn }));
        let listed = |input| secrets(&client, "ListSecrets", input).1["SecretList"].clone();
        assert_eq!(describe().1.get("DeletedDate"), None);
        client.events(operation, json!({ "Name": "shop" }));
        let (status, marked) = describe();
        assert_eq!(status, 200);
        assert!(marked["DeletedDate"].is_number(), "{operation}: {marked}");
        assert_eq!(listed(json!({})), json!([]));
        assert_eq!(
            listed(json!({ "IncludePlannedDeletion": true }))[0]["ARN"],
            json!(arn)
        );
        aws.advance_until_settled();
        assert_eq!(describe().0, 400, "{operation}");
    }
}
