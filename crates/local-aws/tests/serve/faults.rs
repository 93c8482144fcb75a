//! Fault rules, by the library and by the control API.

use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::client::{Client, Path, connection, gateway_input, group, instant, raw};

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

#[test]
fn a_reply_can_break_off_or_be_garbage_after_the_work_is_done() {
    let aws = instant();
    let client = Client::new(&aws);
    aws.add_fault(&json!([
        { "service": "vpc-lattice", "operation": "CreateResourceGateway", "count": 1, "effect": { "truncate": 10 } },
        { "service": "ec2", "operation": "DescribeVpcs", "count": 1,
          "effect": { "reply": { "status": 200, "content_type": "text/html", "body": "<html>Bad Gateway" } } },
    ]))
    .unwrap();
    let group_id = group(&client, "orders");
    let input = gateway_input(&client, "orders", &[&group_id]);
    let broken = client.lattice("POST", "/resourcegateways", input);
    assert_eq!((broken.status, broken.body.len()), (201, 10));
    let promised = broken
        .head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    assert!(promised.unwrap().parse::<usize>().unwrap() > 10);
    let gateways = aws
        .objects()
        .into_iter()
        .filter(|object| object["type"] == "resource-gateway");
    assert_eq!(gateways.count(), 1);
    assert_eq!(client.ec2("DescribeVpcs", &[]).body, "<html>Bad Gateway");
    assert!(client.ec2("DescribeVpcs", &[]).body.contains("<vpcSet>"));
}

#[test]
fn a_held_call_goes_on_when_its_rule_is_removed() {
    const LONG: Duration = Duration::from_secs(60);
    for (when, done) in [("before", 0), ("after", 1)] {
        let aws = instant();
        let client = Client::new(&aws);
        let input = gateway_input(&client, "orders", &[&group(&client, "orders")]);
        let rule = json!({ "service": "vpc-lattice", "operation": "CreateResourceGateway", "count": 1,
            "effect": { "hold": when } });
        let id = aws.add_fault(&rule).unwrap()[0];
        let gateways = || {
            let objects = aws.objects().into_iter();
            objects
                .filter(|object| object["type"] == "resource-gateway")
                .count()
        };
        thread::scope(|scope| {
            let call = scope.spawn(|| client.lattice("POST", "/resourcegateways", input));
            assert!(aws.wait_for_held(id, LONG));
            assert_eq!((gateways(), call.is_finished()), (done, false), "{when}");
            assert!(aws.remove_fault(id));
            assert_eq!(call.join().unwrap().status, 201);
        });
        assert_eq!(gateways(), 1, "{when}");
    }
}

#[test]
fn connections_are_refused_as_often_as_was_asked_for() {
    let aws = instant();
    let client = Client::new(&aws);
    let ids = aws
        .add_fault(&json!({ "accept": "refuse", "after": 1, "count": 2 }))
        .unwrap();
    let describe = || {
        client
            .send("ec2", "POST", "/", &[], "Action=DescribeVpcs&Version=2016-11-15")
            .is_ok()
    };
    assert_eq!(
        [describe(), describe(), describe(), describe()],
        [true, false, false, true]
    );
    assert_eq!(aws.fault_fired(ids[0]), 2);
}

#[test]
fn a_denied_action_is_refused_wherever_it_is_asked_for() {
    let aws = instant();
    let client = Client::new(&aws);
    let path = Path::make(&client);
    aws.add_fault(&json!([{ "deny": "ec2:CreateTags" }, { "deny": "iam:PassRole", "count": 1 }]))
        .unwrap();
    let vpc = aws.seed().vpc_id.clone();
    let parameters = [
        ("GroupName", "g"),
        ("GroupDescription", "d"),
        ("VpcId", vpc.as_str()),
    ];
    assert_eq!(client.ec2("CreateSecurityGroup", &parameters).status, 200);
    let mut tagged = parameters.to_vec();
    tagged[0].1 = "h";
    tagged.extend([
        ("TagSpecification.1.ResourceType", "security-group"),
        ("TagSpecification.1.Tag.1.Key", "k"),
        ("TagSpecification.1.Tag.1.Value", "v"),
    ]);
    let refused = client.ec2("CreateSecurityGroup", &tagged);
    assert_eq!(refused.code(), "UnauthorizedOperation");
    assert!(refused.body.contains("ec2:CreateTags"), "{refused:?}");
    assert_eq!(
        client.test_state(&path.connection_arn, json!({})).code(),
        "AccessDeniedException"
    );

    for (action, error, said) in [
        (
            "states:InvokeHTTPEndpoint",
            "States.Http.AccessDenied",
            "perform states:InvokeHTTPEndpoint on API Endpoint https://",
        ),
        (
            "events:RetrieveConnectionCredentials",
            "Events.ConnectionResource.AccessDenied",
            "events:RetrieveConnectionCredentials",
        ),
        (
            "secretsmanager:GetSecretValue",
            "Events.ConnectionResource.AccessDenied",
            "DescribeSecret and/or GetSecretValue",
        ),
    ] {
        aws.add_fault(&json!({ "deny": action, "count": 1 })).unwrap();
        let body = client.test_state(&path.connection_arn, json!({})).json();
        assert_eq!(body["error"], error, "{action}");
        assert!(body["cause"].as_str().unwrap().contains(said), "{body}");
    }
}

#[test]
fn a_server_can_be_made_to_fail_before_and_after_it_has_done_its_work() {
    let aws = instant();
    let client = Client::new(&aws);
    let path = Path::make(&client);
    let outcome = |effect: Value| {
        let rule = json!({ "service": "execute-api", "operation": "Invoke", "resource": "/prod/orders", "count": 1, "effect": effect });
        aws.add_fault(&rule).unwrap();
        let body = client.test_state(&path.connection_arn, json!({})).json();
        (
            body["error"].as_str().unwrap_or_default().to_owned(),
            aws.api_requests().len(),
        )
    };
    let error = |text: &str, seen| (text.to_owned(), seen);
    assert_eq!(
        outcome(json!({ "error": { "status": 503 } })),
        error("States.Http.StatusCode.503", 1)
    );
    assert_eq!(
        outcome(json!({ "throttle": true, "retry_after": 2 })),
        error("States.Http.StatusCode.429", 2)
    );
    assert_eq!(
        outcome(json!({ "drop": "before" })),
        error("States.Http.Socket", 2)
    );
    assert_eq!(
        outcome(json!({ "drop": "after" })),
        error("States.Http.Socket", 3)
    );
    let binary = json!({ "reply": { "content_type": "image/png", "body": "x" } });
    assert_eq!(outcome(binary), error("States.Runtime", 4));
}

#[test]
fn a_burst_of_throttles_or_failures_ends_after_its_count() {
    let aws = instant();
    let client = Client::new(&aws);
    for effect in [
        json!({ "throttle": true }),
        json!({ "error": { "code": "InternalException", "status": 500 } }),
    ] {
        let rule =
            json!({ "service": "events", "operation": "ListConnections", "count": 3, "effect": effect });
        aws.add_fault(&rule).unwrap();
        let statuses: Vec<bool> = (0..4)
            .map(|_| client.events("ListConnections", json!({})).status == 200)
            .collect();
        assert_eq!(statuses, [false, false, false, true]);
    }
}

#[test]
fn a_reply_of_somebody_on_the_way_comes_before_or_after_the_work() {
    let aws = instant();
    let client = Client::new(&aws);
    let gateways = || client.lattice("GET", "/resourcegateways", Value::Null).json()["items"].clone();
    for (when, made) in [("before", 0), ("after", 1)] {
        aws.add_fault(
            &json!({ "service": "vpc-lattice", "operation": "CreateResourceGateway", "count": 1,
            "effect": { "reply": { "when": when, "status": 502, "body": "" } } }),
        )
        .unwrap();
        let answer = client.lattice("POST", "/resourcegateways", gateway_input(&client, "orders", &[]));
        assert_eq!((answer.status, answer.body.as_str()), (502, ""));
        assert_eq!(gateways().as_array().unwrap().len(), made);
    }
}

#[test]
fn an_endless_body_gives_more_than_anybody_reads() {
    let aws = instant();
    let rule = json!({ "service": "sts", "operation": "GetCallerIdentity", "effect": { "endless": "body" } });
    aws.add_fault(&rule).unwrap();
    let client = Client::new(&aws);
    let read = client.read_some("sts", "2011-06-15", "GetCallerIdentity", 8 << 20);
    assert_eq!(read, 8 << 20);
}

#[test]
fn endless_pages_come_again_and_again() {
    let aws = instant();
    let client = Client::new(&aws);
    Path::make(&client);
    aws.add_fault(&json!([
        { "service": "vpc-lattice", "operation": "ListResourceGateways", "effect": { "endless": "pages" } },
        { "service": "events", "operation": "ListConnections", "effect": { "endless": "pages" } },
        { "service": "ec2", "operation": "DescribeVpcs", "effect": { "endless": "pages" } },
    ]))
    .unwrap();
    let mut token = Value::Null;
    for _ in 0..3 {
        let path = match &token {
            Value::String(token) => format!("/resourcegateways?nextToken={token}"),
            _ => "/resourcegateways".to_owned(),
        };
        let page = client.lattice("GET", &path, Value::Null).json();
        assert_eq!(page["items"][0]["name"], "orders");
        token = page["nextToken"].clone();
        assert!(token.is_string(), "{page}");
    }
    let page = client
        .events("ListConnections", json!({ "NextToken": token }))
        .json();
    assert!(
        page["NextToken"].is_string() && page["Connections"][0]["Name"] == "orders",
        "{page}"
    );
    let page = client.ec2("DescribeVpcs", &[("NextToken", token.as_str().unwrap())]);
    assert_eq!(page.xml("vpcId"), aws.seed().vpc_id);
    assert!(!page.xml("nextToken").is_empty());
}
