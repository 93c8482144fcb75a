//! Fault rules, by the library and by the control API.

use std::thread;
use std::time::Duration;

use serde_json::json;

use crate::client::{Client, Path, connection, gateway_input, instant, raw};

#[test]
fn a_stuck_object_goes_on_when_the_rule_is_removed() {
    let aws = instant();
    let client = Client::new(&aws);
    let rule = json!({ "service": "vpc-lattice", "type": "resource-gateway", "name": "orders", "stuck": "CREATE_IN_PROGRESS" });
    let ids = aws.add_fault(&rule).unwrap();
    let made = client
        .lattice("POST", "/resourcegateways", gateway_input(&client, "orders", &[]))
        .json();
    let path = format!("/resourcegateways/{}", made["id"].as_str().unwrap());
    assert_eq!(
        client.lattice("GET", &path, json!(null)).json()["status"],
        "CREATE_IN_PROGRESS"
    );
    assert_eq!(
        client.lattice("DELETE", &path, json!(null)).code(),
        "ConflictException"
    );
    assert!(aws.fault_fired(ids[0]) > 0);
    aws.clear_faults();
    assert_eq!(
        client.lattice("GET", &path, json!(null)).json()["status"],
        "ACTIVE"
    );
}

#[test]
fn a_connection_is_authorized_before_its_path_fails() {
    let aws = instant();
    let client = Client::new(&aws);
    aws.add_fault(&json!([
        { "service": "events", "type": "connection", "becomes": "FAILED_CONNECTIVITY", "reason": "No way", "count": 1 },
    ]))
    .unwrap();
    Path::make(&client);
    let described = client
        .events("DescribeConnection", json!({ "Name": "orders" }))
        .json();
    assert_eq!(
        (&described["ConnectionState"], &described["StateReason"]),
        (&json!("FAILED_CONNECTIVITY"), &json!("No way"))
    );
    assert!(described["LastAuthorizedTime"].as_f64().unwrap() > 0.0);
}

#[test]
fn a_lost_reply_leaves_the_work_done() {
    let aws = instant();
    let client = Client::new(&aws);
    let rule = |when: &str| json!({ "service": "vpc-lattice", "operation": "CreateResourceGateway", "count": 1, "effect": { "drop": when } });
    let create = || {
        let body = gateway_input(&client, "orders", &[]).to_string();
        client.send("vpc-lattice", "POST", "/resourcegateways", &[], &body)
    };
    let gateways = || {
        aws.objects()
            .iter()
            .filter(|object| object["type"] == "resource-gateway")
            .count()
    };
    aws.add_fault(&rule("before")).unwrap();
    assert!(create().is_err());
    assert_eq!(gateways(), 0);
    aws.add_fault(&rule("after")).unwrap();
    assert!(create().is_err());
    assert_eq!(gateways(), 1);
}

#[test]
fn throttling_and_denials_come_in_the_services_words() {
    let aws = instant();
    let client = Client::new(&aws);
    aws.add_fault(&json!([
        { "service": "vpc-lattice", "operation": "ListResourceGateways", "effect": { "throttle": true, "retry_after": 2 } },
        { "service": "ec2", "operation": "DescribeVpcs", "effect": { "throttle": true } },
        { "service": "ec2", "operation": "DescribeSubnets", "effect": { "access_denied": true } },
        { "service": "events", "operation": "ListConnections", "effect": { "error": { "code": "InternalException", "status": 500 } } },
    ]))
    .unwrap();
    let throttled = client.lattice("GET", "/resourcegateways", json!(null));
    assert_eq!(
        (throttled.status, throttled.code()),
        (429, "ThrottlingException".to_owned())
    );
    assert!(throttled.head.contains("retry-after: 2"));
    assert_eq!(client.ec2("DescribeVpcs", &[]).code(), "RequestLimitExceeded");
    assert_eq!(client.ec2("DescribeSubnets", &[]).code(), "UnauthorizedOperation");
    assert_eq!(client.events("ListConnections", json!({})).status, 500);
}

#[test]
fn a_connection_needs_the_callers_permission_to_associate() {
    let aws = instant();
    let client = Client::new(&aws);
    let path = Path::make(&client);
    let denied = json!({ "service": "vpc-lattice", "operation": "CreateServiceNetworkResourceAssociation",
        "effect": { "access_denied": true } });
    aws.add_fault(&denied).unwrap();
    let refused = client.events(
        "CreateConnection",
        connection(&client, "second", &path.configuration_arn),
    );
    assert_eq!(refused.code(), "AccessDeniedException");
    assert!(
        refused
            .body
            .contains("vpc-lattice:CreateServiceNetworkResourceAssociation")
    );
}

#[test]
fn a_test_can_wait_for_a_call() {
    let aws = instant();
    let waited = thread::scope(|scope| {
        let waiting = scope.spawn(|| aws.wait_for_call("ec2", "DescribeVpcs", 1, Duration::from_secs(60)));
        let client = Client::new(&aws);
        client.ec2("DescribeVpcs", &[]);
        client.ec2("DescribeVpcs", &[("VpcId.1", "vpc-0123456789abcdef0")]);
        waiting.join().unwrap()
    });
    assert_eq!(
        waited.map(|call| (call.status, call.error)),
        Some((400, Some("InvalidVpcID.NotFound".to_owned())))
    );
    assert_eq!(aws.wait_for_call("ec2", "DescribeVpcs", 2, Duration::ZERO), None);
}

#[test]
fn the_control_api_lists_refuses_and_resets() {
    let aws = instant();
    let client = Client::new(&aws);
    let get = |path: &str| raw(&aws, "GET", path, &[], "").unwrap().json();
    let seeded = get("/_local/objects");
    assert_eq!(get("/_local/seed")["vpc_id"], json!(aws.seed().vpc_id));
    Path::make(&client);
    assert!(get("/_local/calls").as_array().unwrap().iter().any(|call| {
        call["operation"] == "CreateConnection" && call["resource"] == "orders" && call["status"] == 200
    }));
    let wrong =
        json!([{ "service": "ec2", "operation": "DescribeVpc", "effect": { "drop": "after" } }]).to_string();
    let refused = raw(&aws, "POST", "/_local/faults", &[], &wrong).unwrap();
    assert_eq!(refused.status, 400);
    assert!(refused.body.contains("operation"), "{}", refused.body);
    let right =
        json!({ "service": "ec2", "operation": "DescribeVpcs", "effect": { "delay_ms": 1 } }).to_string();
    let id = raw(&aws, "POST", "/_local/faults", &[], &right).unwrap().json()["ids"][0].clone();
    client.ec2("DescribeVpcs", &[]);
    assert_eq!(get("/_local/faults")[0]["fired"], 1);
    assert_eq!(
        raw(&aws, "DELETE", &format!("/_local/faults?id={id}"), &[], "")
            .unwrap()
            .status,
        200
    );
    assert_eq!(
        raw(&aws, "DELETE", &format!("/_local/faults?id={id}"), &[], "")
            .unwrap()
            .status,
        404
    );
    assert_eq!(raw(&aws, "POST", "/_local/reset", &[], "").unwrap().status, 200);
    let ids = |objects: &serde_json::Value, kind: &str| {
        let own = objects
            .as_array()
            .unwrap()
            .iter()
            .filter(|object| object["type"] == kind);
        own.map(|object| object["id"].clone()).collect::<Vec<_>>()
    };
    let fresh = get("/_local/objects");
    assert_eq!(ids(&fresh, "vpc-endpoint"), ids(&seeded, "vpc-endpoint"));
    assert_eq!(
        (ids(&fresh, "connection"), get("/_local/calls")),
        (Vec::new(), json!([]))
    );
}
