//! Calls that go wrong at the far end, or before they begin: what the failure of a check says.

use local_aws::{LocalAws, Options, SeedDocument, Speed};
use serde_json::json;

use super::bench::Bench;

/// The check fails with this finding and these words; once the fault is gone it passes.
async fn fails_while(fault: serde_json::Value, id: &str, parts: &[&str]) {
    let bench = Bench::new().await;
    bench.local.add_fault(&fault).expect("a rule");
    let refused = bench.check().await.expect_err("the check fails");
    assert!(refused.contains(&format!("- {id}: ")), "{id}: {refused}");
    for part in parts {
        assert!(refused.contains(part), "{part}: {refused}");
    }
    bench.local.clear_faults();
    bench.is_well().await;
}

fn api(effect: &serde_json::Value) -> serde_json::Value {
    json!({ "service": "execute-api", "operation": "Invoke", "resource": "/prod/orders", "effect": effect })
}

#[tokio::test]
async fn the_role_may_not_call() {
    let denied = json!({ "deny": "states:InvokeHTTPEndpoint" });
    let parts = [
        "states:InvokeHTTPEndpoint",
        "provider::private::state_machine_policy(\"arn:aws:events:",
    ];
    fails_while(denied, "role-may-not-call", &parts).await;
}

#[tokio::test]
async fn the_role_may_not_use_the_connection() {
    let denied = json!({ "deny": "events:RetrieveConnectionCredentials" });
    fails_while(
        denied,
        "role-may-not-use-connection",
        &["events:RetrieveConnectionCredentials"],
    )
    .await;
}

#[tokio::test]
async fn the_api_fails() {
    let fails = api(&json!({ "error": { "status": 503, "message": "out of order" } }));
    fails_while(
        fails,
        "call-api-error",
        &["StatusCode.503", "may quote a secret", "The path works"],
    )
    .await;
}

#[tokio::test]
async fn the_api_has_no_such_stage_path_or_method() {
    let nothing = api(&json!({ "error": { "status": 403, "message": "Missing Authentication Token" } }));
    fails_while(
        nothing,
        "call-not-found",
        &["stage and path", "Missing Authentication Token"],
    )
    .await;
}

#[tokio::test]
async fn the_api_has_nothing_there() {
    let nothing = api(&json!({ "error": { "status": 404, "message": "nothing here" } }));
    fails_while(nothing, "call-not-found", &["stage and path"]).await;
}

#[tokio::test]
async fn the_api_closes_the_connection() {
    fails_while(
        api(&json!({ "drop": "before" })),
        "call-no-answer",
        &["States.Http.Socket"],
    )
    .await;
}

#[tokio::test]
async fn the_api_sends_what_is_no_text() {
    let binary = json!({ "reply": { "status": 200, "content_type": "image/png", "body": "\u{89}PNG" } });
    fails_while(
        api(&binary),
        "call-not-text",
        &["States.Runtime", "text, such as JSON"],
    )
    .await;
}

#[tokio::test]
async fn the_key_is_wrong_and_is_tried_once() {
    let mut bench = Bench::empty(crate::testing::local_aws()).await;
    bench.key.0 = "wrong".to_owned();
    bench.apply().await;
    let refused = bench.check().await.expect_err("the check fails");
    assert!(
        refused.contains("call-unauthorized") && refused.contains("value_wo_version")
            || refused.contains("_wo_version"),
        "{refused}"
    );
    let calls = bench.local.calls().into_iter();
    assert_eq!(calls.filter(|call| call.operation == "TestState").count(), 1);

    bench.key = (bench.local.seed().api_key.clone(), "2");
    bench.is_found_and_mended("connection-deauthorized").await;
}

#[tokio::test]
async fn the_apis_policy_refuses() {
    let text = r#"
        vpcs: [{ name: local, cidr_blocks: [10.0.0.0/16], subnets: [{ name: a, zone: a, cidr_block: 10.0.0.0/24 }],
          security_groups: [{ name: execute-api, ingress: [{ protocol: tcp, ports: "443", cidr_blocks: [10.0.0.0/16] }] }] }]
        endpoints: [{ name: execute-api, vpc: local, security_groups: [execute-api] }]
        apis:
          - name: orders
            stage: prod
            policy: { Statement: [{ Effect: Allow, Principal: "*", Action: "execute-api:Invoke", Resource: "*",
              Condition: { StringEquals: { "aws:SourceVpce": vpce-00000000000000000 } } }] }
            routes: [{ path: /orders }]
        roles: [state-machine]
    "#;
    let options = Options {
        speed: Speed::Instant,
        document: SeedDocument::parse(text).expect("a seed"),
        ..Options::default()
    };
    let mut bench = Bench::empty(LocalAws::start(options).expect("a local AWS")).await;
    bench.key.0 = "any".to_owned();
    bench.apply().await;
    let refused = bench.check().await.expect_err("the check fails");
    for part in [
        "call-forbidden",
        "aws:SourceVpce",
        "deploy the API",
        "not authorized",
    ] {
        assert!(refused.contains(part), "{part}: {refused}");
    }
}

#[tokio::test]
async fn whoever_applies_may_not_test_or_pass_the_role() {
    for action in ["states:TestState", "iam:PassRole"] {
        let bench = Bench::new().await;
        bench.local.add_fault(&json!({ "deny": action })).expect("a rule");
        let refused = bench.check().await.expect_err("the check fails");
        assert!(
            refused.contains(&format!("Allow the IAM action {action}")),
            "{action}: {refused}"
        );
    }
}

#[tokio::test]
async fn what_is_new_is_given_time_as_long_as_there_is_some() {
    let bench = Bench::new().await;
    let denied_once = json!({ "deny": "states:InvokeHTTPEndpoint", "count": 1 });
    bench.local.add_fault(&denied_once).expect("a rule");
    bench
        .check_within("1s")
        .await
        .expect_err("there is no time for a second call");
    bench.local.add_fault(&denied_once).expect("a rule");
    bench
        .check_within("1m")
        .await
        .expect("the second call is answered");
}

#[tokio::test]
async fn a_role_that_is_too_new_to_be_assumed_is_given_time() {
    let too_new = json!({ "service": "states", "operation": "TestState", "count": 1, "effect": { "error": {
        "code": "AccessDeniedException", "status": 400,
        "message": "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the provided role.",
    } } });
    let bench = Bench::new().await;
    bench.local.add_fault(&too_new).expect("a rule");
    let refused = bench
        .check_within("1s")
        .await
        .expect_err("there is no time for a second call");
    assert!(refused.contains("assume the provided role"), "{refused}");
    bench.local.add_fault(&too_new).expect("a rule");
    bench
        .check_within("1m")
        .await
        .expect("the second call is answered");
}
