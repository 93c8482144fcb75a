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
