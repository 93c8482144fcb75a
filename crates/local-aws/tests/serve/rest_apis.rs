//! REST APIs that calls make: deployed, they are called over a private path as those of the seed are.

use std::fs;

use local_aws::{LocalAws, Options, Speed};
use serde_json::{Value, json};

use crate::client::{Answer, Client, Path, instant};

const POLICY: &str = r#"{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/prod/GET/orders"}]}"#;

fn ask(client: &Client<'_>, method: &str, path: &str, body: Value) -> Answer {
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let headers = [("content-type", "application/json")];
    client.send("apigateway", method, path, &headers, &body).unwrap()
}

fn make(client: &Client<'_>, method: &str, path: &str, body: Value) -> Value {
    let made = ask(client, method, path, body);
    assert_eq!(made.status, 201, "{method} {path}: {made:?}");
    made.json()
}

/// A private API with a MOCK at GET and at POST of `/orders`, not deployed yet.
fn api(client: &Client<'_>, policy: &str) -> String {
    let endpoints = [&client.aws.seed().vpc_endpoint_id];
    let api = make(
        client,
        "POST",
        "/restapis",
        json!({ "name": "made", "policy": policy,
            "endpointConfiguration": { "types": ["PRIVATE"], "vpcEndpointIds": endpoints } }),
    );
    let (id, root) = (
        api["id"].as_str().unwrap(),
        api["rootResourceId"].as_str().unwrap(),
    );
    let orders = make(
        client,
        "POST",
        &format!("/restapis/{id}/resources/{root}"),
        json!({ "pathPart": "orders" }),
    );
    let resource = format!("/restapis/{id}/resources/{}", orders["id"].as_str().unwrap());
    for method in ["GET", "POST"] {
        let method = format!("{resource}/methods/{method}");
        make(client, "PUT", &method, json!({ "authorizationType": "NONE" }));
        let template = json!({ "application/json": "{\"statusCode\": 202}" });
        let integration = json!({ "type": "MOCK", "requestTemplates": template });
        make(client, "PUT", &format!("{method}/integration"), integration);
        make(
            client,
            "PUT",
            &format!("{method}/integration/responses/202"),
            json!({ "responseTemplates": { "application/json": "{\"made\": true}" },
                "responseParameters": { "method.response.header.x-made": "'yes'" } }),
        );
    }
    id.to_owned()
}

fn deploy(client: &Client<'_>, id: &str) {
    let deployments = format!("/restapis/{id}/deployments");
    make(client, "POST", &deployments, json!({ "stageName": "prod" }));
}

fn call(client: &Client<'_>, path: &Path, id: &str, method: &str, target: &str) -> Value {
    let url = format!("https://{id}.execute-api.us-east-1.amazonaws.com{target}");
    let definition = json!({ "Type": "Task", "Resource": "arn:aws:states:::http:invoke", "End": true,
        "Parameters": { "ApiEndpoint": url, "Method": method,
            "InvocationConfig": { "ConnectionArn": path.connection_arn } } });
    let more = json!({ "definition": definition.to_string() });
    client.test_state(&path.connection_arn, more).json()
}

#[test]
fn an_api_is_called_once_it_is_deployed_and_as_its_policy_allows() {
    let aws = instant();
    let client = Client::new(&aws);
    let path = Path::make(&client);
    let id = api(&client, POLICY);
    let not_deployed = call(&client, &path, &id, "GET", "/prod/orders");
    assert_eq!(not_deployed["status"], "FAILED", "{not_deployed}");
    deploy(&client, &id);
    let answered = call(&client, &path, &id, "GET", "/prod/orders");
    let output: Value = serde_json::from_str(answered["output"].as_str().unwrap()).unwrap();
    assert_eq!(output["StatusCode"], 202, "{answered}");
    assert_eq!(output["ResponseBody"], json!({ "made": true }));
    assert_eq!(output["Headers"]["X-Made"], json!(["yes"]));
    for (method, target, cause) in [
        (
            "POST",
            "/prod/orders",
            "is not authorized to perform: execute-api:Invoke",
        ),
        (
            "GET",
            "/prod/bills",
            "is not authorized to perform: execute-api:Invoke",
        ),
    ] {
        let refused = call(&client, &path, &id, method, target);
        assert_eq!(refused["error"], "States.Http.StatusCode.403", "{refused}");
        assert!(refused["cause"].as_str().unwrap().contains(cause), "{refused}");
    }
}

#[test]
fn a_changed_policy_counts_from_the_next_deployment_on() {
    let aws = instant();
    let client = Client::new(&aws);
    let path = Path::make(&client);
    let id = api(&client, &POLICY.replace("Allow", "Deny"));
    deploy(&client, &id);
    let status = || call(&client, &path, &id, "GET", "/prod/orders")["status"].clone();
    assert_eq!(status(), "FAILED");
    let patch = json!({ "patchOperations": [{ "op": "replace", "path": "/policy", "value": POLICY }] });
    assert_eq!(
        ask(&client, "PATCH", &format!("/restapis/{id}"), patch).status,
        200
    );
    assert_eq!(status(), "FAILED");
    deploy(&client, &id);
    assert_eq!(status(), "SUCCEEDED");
    assert_eq!(
        ask(&client, "DELETE", &format!("/restapis/{id}"), Value::Null).status,
        202
    );
    assert_eq!(status(), "FAILED");
}

#[test]
fn a_private_api_without_a_policy_cannot_be_deployed() {
    let aws = instant();
    let client = Client::new(&aws);
    let id = api(&client, "");
    let deployments = format!("/restapis/{id}/deployments");
    let refused = ask(&client, "POST", &deployments, json!({ "stageName": "prod" }));
    assert_eq!(refused.code(), "BadRequestException");
    assert!(refused.body.contains("resource policy"), "{refused:?}");
}

#[test]
fn an_api_is_served_again_after_a_restart_and_gone_after_a_reset() {
    let file = std::env::temp_dir().join(format!("local-aws-api-{}.json", std::process::id()));
    let start = || {
        LocalAws::start(Options {
            speed: Speed::Instant,
            state: Some(file.clone()),
            ..Options::default()
        })
        .unwrap()
    };
    let aws = start();
    let client = Client::new(&aws);
    let (path, id) = (Path::make(&client), api(&client, POLICY));
    deploy(&client, &id);
    drop(aws);
    let aws = start();
    let client = Client::new(&aws);
    assert_eq!(
        call(&client, &path, &id, "GET", "/prod/orders")["status"],
        "SUCCEEDED"
    );
    aws.reset().unwrap();
    assert_eq!(
        ask(&client, "GET", &format!("/restapis/{id}"), Value::Null).status,
        404
    );
    let path = Path::make(&client);
    assert_eq!(
        call(&client, &path, &id, "GET", "/prod/orders")["status"],
        "FAILED"
    );
    drop(aws);
    fs::remove_file(&file).unwrap();
}
