//! The network is simulated, the call is real.

use serde_json::{Value, json};

use crate::client::{Client, Path, instant};

fn outcome(client: &Client<'_>, path: &Path) -> (Value, Value) {
    let body = client.test_state(&path.connection_arn, json!({})).json();
    (body["status"].clone(), body["error"].clone())
}

#[test]
fn a_call_over_a_right_path_reaches_the_api_with_the_key() {
    let aws = instant();
    let client = Client::new(&aws);
    let path = Path::make(&client);
    let body = client.test_state(&path.connection_arn, json!({})).json();
    assert_eq!(body["status"], "SUCCEEDED", "{body}");
    let output: Value = serde_json::from_str(body["output"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&output["StatusCode"], &output["ResponseBody"]["orders"][0]["id"]),
        (&json!(200), &json!("1001"))
    );
    let requests = aws.api_requests();
    assert_eq!((requests.len(), requests[0].status), (1, 200));
    assert!(requests[0].headers.iter().any(|name| name == "x-api-key"));
    assert_eq!(
        requests[0].user_agent,
        "Amazon|StepFunctions|HttpInvoke|us-east-1"
    );
}

#[test]
fn a_wrong_key_is_refused_and_takes_the_authorization_away() {
    let aws = instant();
    let client = Client::new(&aws);
    let path = Path::make(&client);
    let update = json!({ "Name": "orders", "AuthorizationType": "API_KEY",
        "AuthParameters": { "ApiKeyAuthParameters": { "ApiKeyValue": "wrong" } } });
    assert_eq!(client.events("UpdateConnection", update).status, 200);
    assert_eq!(
        outcome(&client, &path),
        (json!("FAILED"), json!("States.Http.StatusCode.401"))
    );
    let described = client
        .events("DescribeConnection", json!({ "Name": "orders" }))
        .json();
    assert_eq!(described["ConnectionState"], "DEAUTHORIZED");
    let next = outcome(&client, &path);
    assert_eq!(
        next,
        (
            json!("FAILED"),
            json!("Events.ConnectionResource.InvalidConnectionState")
        )
    );
}

#[test]
fn without_egress_or_ingress_nothing_answers() {
    let aws = instant();
    let client = Client::new(&aws);
    let path = Path::make(&client);
    let everything = [
        ("GroupId", path.group_id.as_str()),
        ("IpPermissions.1.IpProtocol", "-1"),
        ("IpPermissions.1.IpRanges.1.CidrIp", "0.0.0.0/0"),
    ];
    assert_eq!(client.ec2("RevokeSecurityGroupEgress", &everything).status, 200);
    assert_eq!(
        outcome(&client, &path),
        (json!("FAILED"), json!("States.Http.Socket"))
    );
    assert_eq!(
        client.ec2("AuthorizeSecurityGroupEgress", &everything).status,
        200
    );
    assert_eq!(outcome(&client, &path).0, "SUCCEEDED");

    let groups = client.ec2(
        "DescribeSecurityGroups",
        &[
            ("Filter.1.Name", "group-name"),
            ("Filter.1.Value.1", "execute-api"),
        ],
    );
    let ingress = [
        ("GroupId", &*groups.xml("groupId")),
        ("IpPermissions.1.IpProtocol", "tcp"),
        ("IpPermissions.1.FromPort", "443"),
        ("IpPermissions.1.ToPort", "443"),
        ("IpPermissions.1.IpRanges.1.CidrIp", "10.0.0.0/16"),
    ];
    assert_eq!(client.ec2("RevokeSecurityGroupIngress", &ingress).status, 200);
    assert_eq!(
        outcome(&client, &path),
        (json!("FAILED"), json!("States.Http.Socket"))
    );
}

#[test]
fn a_deleted_endpoint_answers_no_more() {
    let aws = instant();
    let client = Client::new(&aws);
    let path = Path::make(&client);
    let endpoint = aws.seed().vpc_endpoint_id.clone();
    assert_eq!(
        client
            .ec2("DeleteVpcEndpoints", &[("VpcEndpointId.1", &endpoint)])
            .status,
        200
    );
    assert_eq!(outcome(&client, &path).1, "States.Http.Socket");
}

#[test]
fn a_trace_shows_secrets_only_when_asked_to() {
    let aws = instant();
    let client = Client::new(&aws);
    let path = Path::make(&client);
    let key = &aws.seed().api_key;
    let traced = client.test_state(&path.connection_arn, json!({ "inspectionLevel": "TRACE" }));
    assert_eq!(traced.json()["inspectionData"]["response"]["statusCode"], "200");
    assert!(!traced.body.contains(key));
    let revealed = client.test_state(
        &path.connection_arn,
        json!({ "inspectionLevel": "TRACE", "revealSecrets": true }),
    );
    assert!(revealed.body.contains(key));
}

#[test]
fn wrong_definitions_are_refused() {
    let aws = instant();
    let client = Client::new(&aws);
    let role = &aws.seed().role_arn;
    let code = |definition: &str, role: &str| {
        client
            .test_state("", json!({ "definition": definition, "roleArn": role }))
            .code()
    };
    assert_eq!(code("{", role), "InvalidDefinition");
    assert_eq!(
        code(
            r#"{"Type":"Task","Resource":"arn:aws:states:::http:invoke","End":true}"#,
            role
        ),
        "InvalidDefinition"
    );
    assert_eq!(code(r#"{"Type":"Pass"}"#, role), "InvalidDefinition");
    assert_eq!(code(r#"{"Type":"Succeed"}"#, "role"), "InvalidArn");
}

/// The output or error of an HTTP task with these parameters beside its endpoint and connection.
fn task(client: &Client<'_>, arn: &str, parameters: Value) -> Value {
    let mut all = json!({ "ApiEndpoint": client.aws.seed().api_url, "Method": "POST",
        "InvocationConfig": { "ConnectionArn": arn } });
    all.as_object_mut()
        .unwrap()
        .extend(parameters.as_object().unwrap().clone());
    let definition =
        json!({ "Type": "Task", "Resource": "arn:aws:states:::http:invoke", "End": true, "Parameters": all });
    client
        .test_state(arn, json!({ "definition": definition.to_string() }))
        .json()
}

/// Gives the connection parameters of its own.
fn add_parameters(client: &Client<'_>, http: Value) {
    let change = json!({ "Name": "orders", "AuthorizationType": "API_KEY", "AuthParameters": {
        "ApiKeyAuthParameters": { "ApiKeyName": "x-api-key" }, "InvocationHttpParameters": http } });
    assert_eq!(client.events("UpdateConnection", change).status, 200);
}

#[test]
fn a_task_sends_what_is_recorded() {
    let aws = instant();
    let client = Client::new(&aws);
    let arn = Path::make(&client).connection_arn;
    let sent = |parameters: Value| {
        let tested = task(&client, &arn, parameters);
        assert_eq!(tested["status"], "SUCCEEDED", "{tested}");
        aws.api_requests().pop().unwrap()
    };
    let json = sent(json!({ "RequestBody": { "a": 1 } }));
    assert_eq!(
        json.header_values["content-type"],
        ["application/json; charset=UTF-8"]
    );
    assert_eq!(sent(json!({ "RequestBody": "as it is" })).body, "as it is");
    let form = sent(json!({ "RequestBody": { "a": { "b": [1, 2] } },
        "Transform": { "RequestBodyEncoding": "URL_ENCODED" } }));
    assert_eq!(form.body, "a%5Bb%5D%5B0%5D=1&a%5Bb%5D%5B1%5D=2");

    let headers = json!([{ "Key": "x-tenant", "Value": "connection" }]);
    add_parameters(&client, json!({ "HeaderParameters": headers }));
    let both = sent(json!({ "Headers": { "X-Tenant": "task", "x-tenant": "again" } }));
    assert_eq!(both.header_values["x-tenant"], ["connection", "task"]);

    let body = json!([{ "Key": "id", "Value": "7" }]);
    add_parameters(&client, json!({ "BodyParameters": body }));
    assert_eq!(
        sent(json!({ "RequestBody": { "id": 1, "kept": 2 } })).body,
        r#"{"id":"7","kept":2}"#
    );
    let text = task(&client, &arn, json!({ "RequestBody": "a text" }));
    assert_eq!(text["error"], "States.Runtime", "{text}");
}

#[test]
fn a_task_gives_what_is_recorded() {
    let routes = "hosts: [{ name: h, domain_name: h.example.com, routes: [
        { path: /empty, response: { status: 204, headers: { X-Request-ID: r } } },
        { path: /wrong, response: { status: 500, body: '' } }, { path: /odd, response: { status: 599, body: '' } }] }]";
    let aws = local_aws::LocalAws::start(local_aws::Options {
        document: local_aws::SeedDocument::parse(routes).unwrap(),
        speed: local_aws::Speed::Instant,
        ..local_aws::Options::default()
    })
    .unwrap();
    let client = Client::new(&aws);
    let made = client.events(
        "CreateConnection",
        json!({ "Name": "orders", "AuthorizationType": "API_KEY", "AuthParameters": {
            "ApiKeyAuthParameters": { "ApiKeyName": "x-api-key", "ApiKeyValue": "k" } } }),
    );
    let arn = made.json()["ConnectionArn"].as_str().unwrap().to_owned();
    let call = |path: &str| {
        let endpoint = format!("https://h.example.com/{path}");
        task(&client, &arn, json!({ "ApiEndpoint": endpoint, "Method": "GET" }))
    };
    let empty: Value = serde_json::from_str(call("empty")["output"].as_str().unwrap()).unwrap();
    assert_eq!(empty.get("ResponseBody"), None, "{empty}");
    assert_eq!(empty["Headers"]["X-Request-ID"], json!(["r"]));
    assert!(empty["Headers"].get("Date").is_some(), "{empty}");
    assert_eq!(call("wrong")["cause"], "Internal Server Error");
    assert_eq!(call("odd").get("cause"), None);
}
