//! TestState without a call: mocks, every type of state, handlers of errors; and the check of definitions.

use serde_json::{Value, json};

use crate::client::{Client, instant};

fn test(client: &Client<'_>, definition: Value, more: Value) -> Value {
    let mut input = json!({ "definition": definition.to_string() });
    input
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    client.test_state("", input).json()
}

fn task(more: Value) -> Value {
    let mut task = json!({ "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Next": "then" });
    task.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    task
}

#[test]
fn a_mock_stands_for_the_work_of_a_task() {
    let aws = instant();
    let client = Client::new(&aws);
    let definition = task(json!({ "ResultSelector": { "id.$": "$.MessageId" }, "ResultPath": "$.sent" }));
    let body = test(
        &client,
        definition.clone(),
        json!({ "mock": { "result": "{\"MessageId\":\"m\"}" }, "input": "{\"a\":1}", "inspectionLevel": "DEBUG" }),
    );
    assert_eq!(
        (&body["status"], &body["nextState"]),
        (&json!("SUCCEEDED"), &json!("then"))
    );
    assert_eq!(body["output"], r#"{"a":1,"sent":{"id":"m"}}"#);
    assert_eq!(body["inspectionData"]["afterResultSelector"], r#"{"id":"m"}"#);
    for (mock, part) in [
        (json!({}), "either"),
        (json!({ "result": "[]" }), "object"),
        (json!({ "result": "{" }), "JSON"),
        (
            json!({ "errorOutput": { "error": "E" }, "fieldValidationMode": "NONE" }),
            "fieldValidationMode",
        ),
    ] {
        let refused = test(&client, definition.clone(), json!({ "mock": mock }));
        assert!(
            refused["message"].as_str().unwrap().contains(part),
            "{mock}: {refused}"
        );
    }
    let lenient = json!({ "mock": { "result": "[]", "fieldValidationMode": "NONE" } });
    assert_eq!(test(&client, task(json!({})), lenient)["status"], "SUCCEEDED");
    let passed = test(
        &client,
        json!({ "Type": "Pass", "End": true }),
        json!({ "mock": { "result": "{}" } }),
    );
    assert!(
        passed["message"]
            .as_str()
            .unwrap()
            .contains("Task, Map and Parallel"),
        "{passed}"
    );
}

#[test]
fn a_mocked_error_is_retried_caught_or_final() {
    let aws = instant();
    let client = Client::new(&aws);
    let definition = task(json!({
        "Retry": [{ "ErrorEquals": ["Busy"], "IntervalSeconds": 2, "MaxAttempts": 2, "BackoffRate": 3 }],
        "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "mend", "ResultPath": "$.error" }],
    }));
    let fail = |error: &str, tried: u64| {
        let more = json!({ "mock": { "errorOutput": { "error": error, "cause": "c" } }, "inspectionLevel": "DEBUG",
            "input": "{\"a\":1}", "stateConfiguration": { "retrierRetryCount": tried } });
        test(&client, definition.clone(), more)
    };
    let retried = fail("Busy", 1);
    assert_eq!(retried["status"], "RETRIABLE");
    assert_eq!(
        retried["inspectionData"]["errorDetails"],
        json!({ "retryIndex": 0, "retryBackoffIntervalSeconds": 6 })
    );
    let caught = fail("Busy", 2);
    assert_eq!(
        (&caught["status"], &caught["nextState"]),
        (&json!("CAUGHT_ERROR"), &json!("mend"))
    );
    assert_eq!(
        caught["output"],
        r#"{"a":1,"error":{"Cause":"c","Error":"Busy"}}"#
    );
    assert_eq!(fail("States.Runtime", 0)["status"], "FAILED");
}

#[test]
fn states_that_only_decide_or_wait_need_no_mock() {
    let aws = instant();
    let client = Client::new(&aws);
    let choice = json!({ "Type": "Choice", "Default": "no",
        "Choices": [{ "Variable": "$.n", "NumericGreaterThan": 2, "Next": "yes" }] });
    let input = |text: &str| json!({ "input": text });
    assert_eq!(
        test(&client, choice.clone(), input(r#"{"n":3}"#))["nextState"],
        "yes"
    );
    assert_eq!(test(&client, choice, input(r#"{"n":1}"#))["nextState"], "no");
    let wait = json!({ "Type": "Wait", "SecondsPath": "$.s", "Next": "then" });
    assert_eq!(
        test(&client, wait.clone(), input(r#"{"s":5}"#))["nextState"],
        "then"
    );
    assert_eq!(
        test(&client, wait, input(r#"{"s":"5"}"#))["error"],
        "States.Runtime"
    );
    let fail = json!({ "Type": "Fail", "ErrorPath": "$.e", "Cause": "c" });
    let failed = test(&client, fail, input(r#"{"e":"Mine"}"#));
    assert_eq!(
        (&failed["status"], &failed["error"], &failed["cause"]),
        (&json!("FAILED"), &json!("Mine"), &json!("c"))
    );
    let jsonata = json!({ "Type": "Pass", "End": true, "QueryLanguage": "JSONata",
        "Output": { "id": "{% $states.input.id %}", "run": "{% $states.context.Execution.Name %}" },
        "Assign": { "seen": "{% $states.input.id %}" } });
    let more = json!({ "input": r#"{"id":7}"#, "context": r#"{"Execution":{"Name":"e"}}"#, "inspectionLevel": "DEBUG" });
    let passed = test(&client, jsonata, more);
    assert_eq!(passed["output"], r#"{"id":7,"run":"e"}"#);
    assert_eq!(passed["inspectionData"]["variables"], r#"{"seen":7}"#);
}

#[test]
fn a_named_state_is_found_inside_others() {
    let aws = instant();
    let client = Client::new(&aws);
    let inner = json!({ "StartAt": "in", "States": { "in": { "Type": "Pass", "Result": 1, "End": true } } });
    let machine = json!({ "StartAt": "each", "States": { "each": { "Type": "Map", "ItemProcessor": inner, "End": true } } });
    assert_eq!(
        test(&client, machine.clone(), json!({ "stateName": "in" }))["output"],
        "1"
    );
    let missing = test(&client, machine, json!({ "stateName": "out" }));
    assert!(
        missing["message"].as_str().unwrap().contains("MISSING_STATE"),
        "{missing}"
    );
}

#[test]
fn definitions_are_checked_as_a_whole() {
    let aws = instant();
    let client = Client::new(&aws);
    let validate = |definition: &str| {
        let body = json!({ "definition": definition }).to_string();
        let headers = [("x-amz-target", "AWSStepFunctions.ValidateStateMachineDefinition")];
        client
            .send("states", "POST", "/", &headers, &body)
            .unwrap()
            .json()
    };
    let right = validate(r#"{"StartAt":"a","States":{"a":{"Type":"Succeed"}}}"#);
    assert_eq!(
        right,
        json!({ "result": "OK", "diagnostics": [], "truncated": false })
    );
    let wrong = validate(r#"{"StartAt":"b","States":{"a":{"Type":"Succeed"}}}"#);
    assert_eq!(wrong["result"], "FAIL");
    assert_eq!(wrong["diagnostics"][0]["location"], "/StartAt");
}
