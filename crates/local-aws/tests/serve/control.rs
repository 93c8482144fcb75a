//! The control API: what it shows of what was received, and whom it lets in.

use serde_json::{Value, json};

use crate::client::{Client, Path, instant, raw};

fn get(aws: &local_aws::LocalAws, path: &str) -> Value {
    raw(aws, "GET", path, &[], "").unwrap().json()
}

/// Calls the API over a connection, with a header and a parameter of the task.
fn call(client: &Client<'_>, arn: &str, order: &str) {
    let definition = json!({ "Type": "Task", "Resource": "arn:aws:states:::http:invoke", "End": true,
        "Parameters": { "ApiEndpoint": client.aws.seed().api_url, "Method": "POST",
            "Headers": { "x-tenant": "shop" }, "QueryParameters": { "order": order },
            "RequestBody": { "id": order, "card": { "token": "t" } },
            "InvocationConfig": { "ConnectionArn": arn } } });
    let tested = client.test_state(arn, json!({ "definition": definition.to_string() }));
    assert_eq!(tested.json()["status"], "SUCCEEDED", "{tested:?}");
}

#[test]
fn requests_are_shown_without_their_credentials_unless_asked_for() {
    let aws = instant();
    let client = Client::new(&aws);
    let arn = Path::make(&client).connection_arn;
    call(&client, &arn, "7");
    let shown = get(&aws, "/_local/requests")[0].clone();
    assert_eq!(shown["query"], json!({ "order": ["7"] }));
    assert_eq!(shown["header_values"]["x-tenant"], json!(["shop"]));
    assert_eq!(shown["header_values"]["x-api-key"], json!(["***"]));
    assert_eq!(shown["body"], r#"{"id":"7","card":{"token":"***"}}"#);
    let whole = get(&aws, "/_local/requests?credentials=shown")[0].clone();
    assert_eq!(whole["header_values"]["x-api-key"], json!([aws.seed().api_key]));
    assert_eq!(whole["body"], r#"{"id":"7","card":{"token":"t"}}"#);
    assert_eq!(
        aws.api_requests()[0].header_values["x-api-key"],
        [aws.seed().api_key.clone()]
    );
}

#[test]
fn requests_are_found_by_path_method_and_number() {
    let aws = instant();
    let client = Client::new(&aws);
    let arn = Path::make(&client).connection_arn;
    for order in ["7", "8"] {
        call(&client, &arn, order);
    }
    let numbers = |query: &str| {
        let found = get(&aws, &format!("/_local/requests{query}"));
        let numbers = found
            .as_array()
            .unwrap()
            .iter()
            .map(|request| request["number"].clone());
        Value::Array(numbers.collect())
    };
    assert_eq!(numbers(""), json!([1, 2]));
    assert_eq!(numbers("?since=1"), json!([2]));
    assert_eq!(numbers("?path=order%3D7"), json!([1]));
    assert_eq!(numbers("?method=get"), json!([]));
    for wrong in ["?since=x", "?credentials=all", "?pth=x"] {
        let refused = raw(&aws, "GET", &format!("/_local/requests{wrong}"), &[], "").unwrap();
        assert_eq!(refused.status, 400, "{wrong}");
    }
}

#[test]
fn a_page_in_a_browser_is_not_let_in() {
    let aws = instant();
    let key = aws.seed().api_key.clone();
    let plain = ("content-type", "text/plain");
    for (method, path, headers, status) in [
        ("POST", "/_local/reset", vec![plain], 415),
        (
            "POST",
            "/_local/faults",
            vec![("origin", "https://example.com")],
            403,
        ),
        ("GET", "/_local/seed", vec![("host", "rebound.example.com")], 403),
        ("GET", "/_local/seed", vec![("origin", "null")], 403),
        ("GET", "/_local/seed", vec![("host", "localhost")], 200),
    ] {
        let answer = raw(&aws, method, path, &headers, "{}").unwrap();
        assert_eq!(answer.status, status, "{headers:?}");
        assert_eq!(answer.body.contains(&key), status == 200, "{answer:?}");
    }
}

#[test]
fn no_rule_closes_the_control_api() {
    let aws = instant();
    aws.add_fault(&json!({ "accept": "refuse" })).unwrap();
    let client = Client::new(&aws);
    assert!(
        client
            .send("ec2", "POST", "/", &[], "Action=DescribeVpcs")
            .is_err()
    );
    assert_eq!(
        raw(&aws, "DELETE", "/_local/faults", &[], "").unwrap().status,
        200
    );
    assert!(
        client
            .send("ec2", "POST", "/", &[], "Action=DescribeVpcs")
            .is_ok()
    );
}
