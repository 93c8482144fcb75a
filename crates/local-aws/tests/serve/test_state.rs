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
        (json!({}), "One of the following"),
        (
            json!({ "result": "{}", "errorOutput": { "error": "E" } }),
            "only one of",
        ),
        (
            json!({ "errorOutput": { "cause": "c" } }),
            "An error was not specified",
        ),
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
            .contains("'Pass' is not supported"),
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
        r#"{"a":1,"error":{"Error":"Busy","Cause":"c"}}"#
    );
    assert_eq!(fail("States.Runtime", 0)["status"], "FAILED");
}

#[test]
fn a_list_that_nothing_was_done_to_is_shown_as_it_was_written() {
    let aws = instant();
    let client = Client::new(&aws);
    let shown = |definition: Value, more: Value| {
        let body = test(&client, definition, more);
        let notes = &body["inspectionData"];
        [
            &notes["input"],
            &notes["afterResultSelector"],
            &notes["afterResultPath"],
            &body["output"],
        ]
        .map(|text| text.as_str().unwrap().to_owned())
    };
    let map = json!({ "Type": "Map", "End": true,
        "ItemProcessor": { "StartAt": "a", "States": { "a": { "Type": "Succeed" } } } });
    let mocked = json!({ "input": "[1, 2]", "mock": { "result": "[3,  4]" }, "inspectionLevel": "DEBUG" });
    assert_eq!(shown(map, mocked), ["[1, 2]", "[3,  4]", "[3,  4]", "[3,  4]"]);
    let pass = json!({ "Type": "Pass", "End": true });
    let object = json!({ "input": "{ \"a\": 1 }", "inspectionLevel": "DEBUG" });
    assert_eq!(shown(pass, object), [r#"{"a":1}"#; 4]);
}

#[test]
fn a_result_that_goes_nowhere_and_a_wrong_argument_are_told_as_recorded() {
    let aws = instant();
    let client = Client::new(&aws);
    let told = |definition: Value, input: &str| {
        let body = test(&client, definition, json!({ "input": input }));
        (body["error"].clone(), body["cause"].clone())
    };
    let beside = json!({ "Type": "Pass", "Result": 99, "ResultPath": "$.child", "End": true });
    assert_eq!(
        told(beside, "4"),
        (
            json!("States.ReferencePathConflict"),
            json!("Unable to apply ReferencePath $.child to input 4")
        )
    );
    let length =
        json!({ "Type": "Pass", "Parameters": { "v.$": "States.ArrayLength($.value)" }, "End": true });
    assert_eq!(
        told(length, r#"{"value":4}"#),
        (
            json!("States.Runtime"),
            json!(
                "There was an error while evaluating the intrinsic function: States.ArrayLength($.value). Invalid arguments \
                 in States.ArrayLength"
            )
        )
    );
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
        test(&client, wait.clone(), input(r#"{"s":"5"}"#))["nextState"],
        "then"
    );
    assert_eq!(
        test(&client, wait, input(r#"{"s":"soon"}"#))["error"],
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
        missing["message"].as_str().unwrap().contains("State not found"),
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

#[test]
fn a_result_is_put_beside_the_raw_input() {
    let aws = instant();
    let client = Client::new(&aws);
    let input = json!({ "input": r#"{"order":{"id":7},"kept":true}"# });
    let pass = |more: Value| {
        let mut state = json!({ "Type": "Pass", "End": true, "InputPath": "$.order" });
        state
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        test(&client, state, input.clone())["output"].clone()
    };
    for (more, output) in [
        (json!({}), r#"{"id":7}"#),
        (
            json!({ "ResultPath": "$.seen" }),
            r#"{"order":{"id":7},"kept":true,"seen":{"id":7}}"#,
        ),
        (
            json!({ "Result": 1, "ResultPath": "$.one" }),
            r#"{"order":{"id":7},"kept":true,"one":1}"#,
        ),
        (json!({ "ResultPath": null }), r#"{"order":{"id":7},"kept":true}"#),
        (
            json!({ "ResultPath": "$.seen", "OutputPath": "$.seen" }),
            r#"{"id":7}"#,
        ),
    ] {
        assert_eq!(pass(more.clone()), output, "{more}");
    }
}

#[test]
fn a_test_without_a_context_has_one_all_the_same() {
    let aws = instant();
    let client = Client::new(&aws);
    let state = json!({ "Type": "Pass", "End": true, "Parameters": { "all.$": "$$" } });
    let output = test(&client, state, json!({ "input": r#"{"a":1}"# }))["output"].clone();
    let context: Value = serde_json::from_str(output.as_str().unwrap()).unwrap();
    let context = &context["all"];
    assert_eq!(context["Execution"]["Input"], json!({ "a": 1 }));
    assert_eq!(context["Execution"]["RoleArn"], aws.seed().role_arn);
    assert_eq!(
        (&context["State"]["Name"], &context["State"]["RetryCount"]),
        (&json!("StateName"), &json!(0))
    );
    let machine = context["StateMachine"]["Name"].as_str().unwrap();
    let id = context["Execution"]["Id"].as_str().unwrap();
    assert!(
        id.starts_with(&format!(
            "arn:aws:states:us-east-1:123456789012:express:{machine}:"
        )),
        "{id}"
    );
}

#[test]
fn a_context_that_there_cannot_be_is_refused() {
    let aws = instant();
    let client = Client::new(&aws);
    for (context, words) in [
        (
            json!({ "Execution": { "Id": 7 } }),
            "Execution.Id must be a string",
        ),
        (
            json!({ "Execution": { "Nam": "e" } }),
            "Field 'Nam' is not allowed",
        ),
        (json!({ "Exekution": {} }), "Field 'Exekution' is not allowed"),
        (
            json!({ "Map": {} }),
            "'Map' field is not supported when mocking a Context object",
        ),
        (
            json!({ "Task": { "Token": "t" } }),
            "contains 'Task' when state is not",
        ),
    ] {
        let more = json!({ "context": context.to_string() });
        let refused = test(&client, json!({ "Type": "Pass", "End": true }), more);
        assert!(
            refused["message"].as_str().unwrap().contains(words),
            "{context}: {refused}"
        );
    }
}

#[test]
fn a_role_is_needed_for_tasks_only_and_a_warning_fails_nothing() {
    let aws = instant();
    let client = Client::new(&aws);
    let ask = |definition: Value, more: Value| {
        let mut input = json!({ "definition": definition.to_string() });
        input
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let headers = [("x-amz-target", "AWSStepFunctions.TestState")];
        let body = input.to_string();
        client
            .send("states", "POST", "/", &headers, &body)
            .unwrap()
            .json()
    };
    let pass = json!({ "Type": "Pass", "End": true });
    assert_eq!(ask(pass, json!({}))["status"], "SUCCEEDED");
    let waiting = task(json!({ "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken" }));
    let refused = ask(waiting.clone(), json!({}));
    assert_eq!(
        refused["message"],
        "RoleArn must be specified when testing a Task state"
    );
    // It has no time-out, which is a warning.
    assert_eq!(
        ask(waiting, json!({ "mock": { "result": "{}" } }))["status"],
        "SUCCEEDED"
    );
}

#[test]
fn a_map_is_tested_with_a_mock_and_fails_when_too_many_of_its_iterations_do() {
    let aws = instant();
    let client = Client::new(&aws);
    let inner = json!({ "StartAt": "in", "States": { "in": { "Type": "Pass", "End": true } } });
    let map = |more: Value| {
        let mut map = json!({ "Type": "Map", "ItemProcessor": inner, "End": true, "ItemsPath": "$.items",
            "ToleratedFailureCount": 1 });
        map.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        map
    };
    let run = |state: Value, failures: u64| {
        let more = json!({ "mock": { "result": "[1,2,3]" }, "input": r#"{"items":[7,8,9]}"#,
            "inspectionLevel": "DEBUG", "stateConfiguration": { "mapIterationFailureCount": failures } });
        test(&client, state, more)
    };
    let good = run(map(json!({})), 1);
    assert_eq!(good["output"], "[1,2,3]", "{good}");
    assert_eq!(good["inspectionData"]["afterItemsPath"], "[7, 8, 9]");
    assert_eq!(good["inspectionData"]["toleratedFailureCount"], 1);
    let failed = run(map(json!({})), 2);
    assert_eq!(failed["error"], "States.ExceedToleratedFailureThreshold");
    let mocked = json!({ "mock": { "errorOutput": { "error": "E", "cause": "c" } }, "input": r#"{"items":[7]}"#,
        "inspectionLevel": "DEBUG" });
    let mocked = test(&client, map(json!({})), mocked);
    assert_eq!(mocked["inspectionData"]["toleratedFailureCount"], 1, "{mocked}");
    let astray = run(map(json!({ "ItemsPath": "$" })), 0);
    assert_eq!(astray["cause"], "Reference path \"$\" must point to array.");
    let more_than_all = run(map(json!({})), 4);
    assert!(
        more_than_all["message"]
            .as_str()
            .unwrap()
            .contains("less than or equal"),
        "{more_than_all}"
    );
    let unmocked = test(&client, map(json!({})), json!({}));
    assert!(
        unmocked["message"]
            .as_str()
            .unwrap()
            .contains("does not support Map or Parallel"),
        "{unmocked}"
    );
}

#[test]
fn findings_of_a_definition_are_told_as_recorded() {
    let aws = instant();
    let client = Client::new(&aws);
    let validate = |definition: Value, kind: &str| {
        let body = json!({ "definition": definition.to_string(), "type": kind }).to_string();
        let headers = [("x-amz-target", "AWSStepFunctions.ValidateStateMachineDefinition")];
        let answer = client.send("states", "POST", "/", &headers, &body).unwrap();
        answer.json()["diagnostics"][0].clone()
    };
    let nothing = validate(json!({}), "STANDARD");
    assert_eq!(
        (&nothing["location"], &nothing["message"]),
        (
            &json!("/"),
            &json!("These fields are required: [States, StartAt]")
        )
    );
    let waiting = json!({ "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": true });
    let machine = json!({ "StartAt": "t", "States": { "t": waiting } });
    assert_eq!(validate(machine.clone(), "STANDARD"), Value::Null);
    assert_eq!(validate(machine, "EXPRESS")["location"], "/States/t/Resource");
    let back = json!({ "QueryLanguage": "JSONata", "StartAt": "p", "States": {
        "p": { "Type": "Pass", "QueryLanguage": "JSONPath", "End": true } } });
    assert_eq!(validate(back, "STANDARD")["location"], "/States/p");
}
