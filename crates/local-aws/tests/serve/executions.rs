//! Executions: what they come to, what their histories tell, what they wait for, and what they survive.

use std::time::Duration;

use local_aws::{LocalAws, Options};
use serde_json::{Value, json};

use crate::client::{Client, Path, instant};
use crate::state_machines::machine;

const LONG: Duration = Duration::from_secs(30);

/// A machine that runs on a local AWS.
pub struct Run<'a> {
    pub client: Client<'a>,
    pub machine_arn: String,
}

impl<'a> Run<'a> {
    pub fn of(aws: &'a LocalAws, definition: &Value, more: Value) -> Self {
        let client = Client::new(aws);
        let mut input = machine(aws, "orders", more);
        input["definition"] = definition.to_string().into();
        let made = client.states("CreateStateMachine", input);
        assert_eq!(made.status, 200, "{made:?}");
        Self {
            client,
            machine_arn: made.json()["stateMachineArn"].as_str().unwrap().to_owned(),
        }
    }

    pub fn start(&self, input: &Value) -> String {
        let body = json!({ "stateMachineArn": self.machine_arn, "input": input.to_string() });
        let started = self.client.states("StartExecution", body);
        assert_eq!(started.status, 200, "{started:?}");
        started.json()["executionArn"].as_str().unwrap().to_owned()
    }

    pub fn described(&self, arn: &str) -> Value {
        let answer = self
            .client
            .states("DescribeExecution", json!({ "executionArn": arn }));
        answer.json()
    }

    /// The execution once it has come to a status.
    pub fn ended(&self, arn: &str, status: &str) -> Value {
        let reached = self.client.aws.wait_for_state("execution", arn, status, LONG);
        assert!(reached.is_some(), "{}", self.described(arn));
        self.described(arn)
    }

    /// The output of an execution that succeeds.
    fn output(&self, input: &Value) -> Value {
        let arn = self.start(input);
        let ended = self.ended(&arn, "SUCCEEDED");
        serde_json::from_str(ended["output"].as_str().unwrap()).unwrap()
    }

    /// The events, each as its number, the one before, and its type.
    pub fn events(&self, arn: &str) -> Vec<String> {
        let told = |event: &Value| {
            format!(
                "{}<{} {}",
                event["id"],
                event["previousEventId"],
                event["type"].as_str().unwrap()
            )
        };
        self.history(arn).iter().map(told).collect()
    }

    pub fn history(&self, arn: &str) -> Vec<Value> {
        let answer = self.client.states(
            "GetExecutionHistory",
            json!({ "executionArn": arn, "maxResults": 1000 }),
        );
        answer.json()["events"].as_array().unwrap().clone()
    }
}

pub fn stepwise() -> LocalAws {
    LocalAws::start(Options {
        step: true,
        ..Options::default()
    })
    .unwrap()
}

/// An HTTP task that calls the seeded API over a connection.
pub fn call(aws: &LocalAws, connection_arn: &str, more: Value) -> Value {
    let mut task = json!({
        "Type": "Task", "Resource": "arn:aws:states:::http:invoke", "End": true,
        "Parameters": { "ApiEndpoint": aws.seed().api_url, "Method": "GET",
            "InvocationConfig": { "ConnectionArn": connection_arn } },
    });
    task.as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    task
}

#[test]
fn data_flow_from_state_to_state() {
    let aws = instant();
    let definition = json!({ "StartAt": "first", "States": {
        "first": { "Type": "Pass", "Parameters": { "id.$": "$.order.id", "text.$": "States.Format('order {}', $.order.id)" },
            "Assign": { "tenant": "t" }, "ResultPath": "$.seen", "Next": "which" },
        "which": { "Type": "Choice", "Choices": [{ "Variable": "$.seen.id", "NumericGreaterThan": 5, "Next": "large" }],
            "Default": "small" },
        "large": { "Type": "Pass", "Parameters": { "large.$": "$.seen.text", "tenant.$": "$tenant",
            "machine.$": "$$.StateMachine.Name" }, "Next": "end" },
        "small": { "Type": "Pass", "Result": "small", "End": true },
        "end": { "Type": "Succeed" },
    } });
    let run = Run::of(&aws, &definition, json!({}));
    assert_eq!(
        run.output(&json!({ "order": { "id": 7 } })),
        json!({ "large": "order 7", "tenant": "t", "machine": "orders" })
    );
    assert_eq!(run.output(&json!({ "order": { "id": 1 } })), json!("small"));
}

#[test]
fn the_history_tells_every_step() {
    let aws = instant();
    let definition = json!({ "StartAt": "p", "States": { "p": { "Type": "Pass", "Assign": { "v": 1 }, "Next": "s" },
        "s": { "Type": "Succeed" } } });
    let run = Run::of(&aws, &definition, json!({}));
    let arn = run.start(&json!({ "a": 1 }));
    assert_eq!(
        run.events(&arn),
        [
            "1<0 ExecutionStarted",
            "2<0 PassStateEntered",
            "3<2 PassStateExited",
            "4<3 SucceedStateEntered",
            "5<4 SucceedStateExited",
            "6<5 ExecutionSucceeded",
        ]
    );
    let history = run.history(&arn);
    assert_eq!(
        history[0]["executionStartedEventDetails"],
        json!({ "input": "{\"a\":1}", "inputDetails": { "truncated": false }, "roleArn": aws.seed().role_arn })
    );
    assert_eq!(
        history[2]["stateExitedEventDetails"],
        json!({ "name": "p", "output": "{\"a\":1}", "outputDetails": { "truncated": false },
            "assignedVariables": { "v": "1" }, "assignedVariablesDetails": { "truncated": false } })
    );
    let body =
        json!({ "executionArn": arn, "reverseOrder": true, "maxResults": 2, "includeExecutionData": false });
    let last = run.client.states("GetExecutionHistory", body).json();
    assert_eq!(last["events"][0]["type"], "ExecutionSucceeded");
    assert!(last["events"][0]["executionSucceededEventDetails"]["output"].is_null());
    assert!(last["nextToken"].is_string());
}

#[test]
fn an_http_task_really_calls_and_is_tried_again_through_errors() {
    let aws = instant();
    let client = Client::new(&aws);
    let path = Path::make(&client);
    let task = call(
        &aws,
        &path.connection_arn,
        json!({ "Retry": [{ "ErrorEquals": ["States.Http.StatusCode.503"], "IntervalSeconds": 2 }],
            "ResultSelector": { "status.$": "$.StatusCode" } }),
    );
    let run = Run::of(
        &aws,
        &json!({ "StartAt": "call", "States": { "call": task } }),
        json!({}),
    );
    aws.add_fault(&json!({ "service": "execute-api", "operation": "Invoke", "count": 2, "effect": { "error": { "status": 503 } } }))
        .unwrap();
    let arn = run.start(&json!({}));
    let ended = run.ended(&arn, "SUCCEEDED");
    assert_eq!(ended["output"], "{\"status\":200}");
    let kinds: Vec<String> = run
        .history(&arn)
        .iter()
        .map(|event| event["type"].as_str().unwrap().to_owned())
        .collect();
    let tries = ["TaskScheduled", "TaskStarted", "TaskFailed"];
    assert_eq!(kinds[2..5], tries);
    assert_eq!(kinds[5..8], tries);
    assert_eq!(
        kinds[8..],
        [
            "TaskScheduled",
            "TaskStarted",
            "TaskSucceeded",
            "TaskStateExited",
            "ExecutionSucceeded"
        ]
    );
    let scheduled = &run.history(&arn)[2]["taskScheduledEventDetails"];
    assert_eq!(
        (
            &scheduled["resourceType"],
            &scheduled["resource"],
            &scheduled["region"]
        ),
        (&json!("http"), &json!("invoke"), &json!("us-east-1"))
    );
}

#[test]
fn an_error_is_caught_or_ends_the_execution() {
    let aws = instant();
    let client = Client::new(&aws);
    let path = Path::make(&client);
    let other = format!("{}/nothing", aws.seed().api_url);
    let task = json!({ "Type": "Task", "Resource": "arn:aws:states:::http:invoke", "End": true,
        "Parameters": { "ApiEndpoint.$": "$.url", "Method": "GET", "InvocationConfig": { "ConnectionArn": path.connection_arn } },
        "Catch": [{ "ErrorEquals": ["States.TaskFailed"], "ResultPath": "$.error", "Next": "caught" }] });
    let definition = json!({ "StartAt": "call", "States": { "call": task,
        "caught": { "Type": "Pass", "Parameters": { "caught.$": "$.error.Error" }, "End": true } } });
    let run = Run::of(&aws, &definition, json!({}));
    let caught = run.output(&json!({ "url": format!("{other}/at/all") }));
    let error = caught["caught"].as_str().unwrap();
    assert!(error.starts_with("States.Http.StatusCode."), "{caught}");
    let arn = run.start(&json!({ "url": "http://plain" }));
    let failed = run.ended(&arn, "FAILED");
    assert_eq!(failed["error"], "States.Runtime");
    let cause = failed["cause"].as_str().unwrap();
    assert!(
        cause
            .starts_with("An error occurred while executing the state 'call' (entered at the event id #2). "),
        "{cause}"
    );
    assert_eq!(failed["redriveStatus"], "REDRIVABLE");
}

#[test]
fn a_wait_waits_on_the_clock_that_is_moved() {
    let aws = stepwise();
    let definition = json!({ "StartAt": "w", "States": {
        "w": { "Type": "Wait", "Seconds": 3600, "Next": "until" },
        "until": { "Type": "Wait", "TimestampPath": "$.at", "End": true } } });
    let run = Run::of(&aws, &definition, json!({}));
    let arn = run.start(&json!({ "at": "2000-01-01T00:00:00Z" }));
    assert_eq!(run.described(&arn)["status"], "RUNNING");
    aws.advance(Duration::from_secs(3599));
    assert_eq!(run.described(&arn)["status"], "RUNNING");
    aws.advance(Duration::from_secs(1));
    let ended = run.described(&arn);
    assert_eq!(ended["status"], "SUCCEEDED", "{ended}");
    let took = ended["stopDate"].as_f64().unwrap() - ended["startDate"].as_f64().unwrap();
    assert!((took - 3600.0).abs() < 0.01, "{took}");
}

#[test]
fn an_execution_times_out_even_where_time_is_faster() {
    for aws in [stepwise(), instant()] {
        let definition = json!({ "StartAt": "w", "TimeoutSeconds": 10, "States": {
            "w": { "Type": "Wait", "Seconds": 8, "Next": "w2" }, "w2": { "Type": "Wait", "Seconds": 8, "End": true } } });
        let run = Run::of(&aws, &definition, json!({}));
        let arn = run.start(&json!({}));
        aws.advance(Duration::from_secs(10));
        let ended = run.described(&arn);
        assert_eq!(
            (&ended["status"], &ended["error"]),
            (&json!("TIMED_OUT"), &Value::Null)
        );
        assert_eq!(run.events(&arn).last().unwrap(), "5<0 ExecutionTimedOut");
    }
}

#[test]
fn branches_run_and_come_together_or_fail_together() {
    let aws = instant();
    let branch = |name: &str, state: Value| json!({ "StartAt": name, "States": { name: state } });
    let definition = json!({ "StartAt": "both", "States": { "both": { "Type": "Parallel", "End": true, "Branches": [
        branch("a", json!({ "Type": "Pass", "Result": 1, "End": true })),
        branch("b", json!({ "Type": "Pass", "End": true })),
    ] } } });
    let run = Run::of(&aws, &definition, json!({}));
    let arn = run.start(&json!("x"));
    assert_eq!(run.ended(&arn, "SUCCEEDED")["output"], "[1,\"x\"]");
    assert_eq!(
        run.events(&arn)[2..],
        [
            "3<2 ParallelStateStarted",
            "4<3 PassStateEntered",
            "5<4 PassStateExited",
            "6<3 PassStateEntered",
            "7<6 PassStateExited",
            "8<7 ParallelStateSucceeded",
            "9<7 ParallelStateExited",
            "10<9 ExecutionSucceeded",
        ]
    );
    let aws = stepwise();
    let definition = json!({ "StartAt": "both", "States": { "both": { "Type": "Parallel", "End": true, "Branches": [
        branch("w", json!({ "Type": "Wait", "Seconds": 9, "End": true })),
        branch("f", json!({ "Type": "Fail", "Error": "Mine", "Cause": "because" })),
    ] } } });
    let run = Run::of(&aws, &definition, json!({}));
    let arn = run.start(&json!({}));
    let failed = run.described(&arn);
    assert_eq!(
        (&failed["error"], &failed["cause"]),
        (&json!("Mine"), &json!("because"))
    );
    let kinds = run.events(&arn).join(" ");
    assert!(
        kinds.contains("WaitStateAborted") && kinds.contains("ParallelStateFailed"),
        "{kinds}"
    );
}

#[test]
fn a_map_runs_its_states_for_every_item_as_many_at_once_as_it_may() {
    let aws = instant();
    let definition = json!({ "StartAt": "each", "States": { "each": { "Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 1,
        "ItemSelector": { "n.$": "$$.Map.Item.Value", "at.$": "$$.Map.Item.Index", "all.$": "$.items" },
        "ItemProcessor": { "StartAt": "p", "States": { "p": { "Type": "Pass", "Parameters": { "n.$": "$.n", "i.$": "$.at" },
            "End": true } } }, "End": true } } });
    let run = Run::of(&aws, &definition, json!({}));
    let arn = run.start(&json!({ "items": ["a", "b"] }));
    assert_eq!(
        run.ended(&arn, "SUCCEEDED")["output"],
        "[{\"n\":\"a\",\"i\":0},{\"n\":\"b\",\"i\":1}]"
    );
    // As recorded.
    assert_eq!(
        run.events(&arn)[1..],
        [
            "2<0 MapStateEntered",
            "3<2 MapStateStarted",
            "4<3 MapIterationStarted",
            "5<4 PassStateEntered",
            "6<5 PassStateExited",
            "7<6 MapIterationSucceeded",
            "8<6 MapIterationStarted",
            "9<8 PassStateEntered",
            "10<9 PassStateExited",
            "11<10 MapIterationSucceeded",
            "12<11 MapStateSucceeded",
            "13<11 MapStateExited",
            "14<13 ExecutionSucceeded",
        ]
    );
}

#[test]
fn a_map_that_fails_is_tried_again_and_caught_as_recorded() {
    let aws = instant();
    let definition = json!({ "StartAt": "each", "States": { "each": { "Type": "Map", "MaxConcurrency": 1,
        "ItemProcessor": { "StartAt": "f", "States": { "f": { "Type": "Fail", "Error": "Mine", "Cause": "because" } } },
        "Retry": [{ "ErrorEquals": ["Mine"], "MaxAttempts": 1, "IntervalSeconds": 1 }],
        "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "caught" }], "End": true },
        "caught": { "Type": "Pass", "End": true } } });
    let run = Run::of(&aws, &definition, json!({}));
    let arn = run.start(&json!([1]));
    assert_eq!(
        run.ended(&arn, "SUCCEEDED")["output"],
        r#"{"Error":"Mine","Cause":"because"}"#
    );
    assert_eq!(
        run.events(&arn)[2..11],
        [
            "3<2 MapStateStarted",
            "4<3 MapIterationStarted",
            "5<4 FailStateEntered",
            "6<5 MapIterationFailed",
            "7<5 MapStateStarted",
            "8<7 MapIterationStarted",
            "9<8 FailStateEntered",
            "10<9 MapIterationFailed",
            "11<9 MapStateFailed",
        ]
    );
}

#[test]
fn expressions_compute_what_a_state_does_and_puts_out() {
    let aws = instant();
    let client = Client::new(&aws);
    let path = Path::make(&client);
    let definition = json!({ "QueryLanguage": "JSONata", "StartAt": "call", "States": {
        "call": { "Type": "Task", "Resource": "arn:aws:states:::http:invoke", "Next": "which",
            "Arguments": { "ApiEndpoint": aws.seed().api_url, "Method": "{% 'GET' %}",
                "InvocationConfig": { "ConnectionArn": path.connection_arn } },
            "Assign": { "status": "{% $states.result.StatusCode %}" },
            "Output": { "count": "{% $count($states.result.ResponseBody.orders) %}" } },
        "which": { "Type": "Choice", "Choices": [{ "Condition": "{% $status = 200 and $states.input.count > 1 %}", "Next": "each",
            "Output": "{% $range(1, 3, 1) %}" }], "Default": "none" },
        "each": { "Type": "Map", "Items": "{% $states.input %}", "ItemProcessor": { "StartAt": "p", "States": {
            "p": { "Type": "Pass", "Output": "{% $states.input * $status %}", "End": true } } }, "End": true },
        "none": { "Type": "Fail", "Error": "{% 'E' & $string($status) %}" },
    } });
    let run = Run::of(&aws, &definition, json!({}));
    assert_eq!(run.output(&json!({})), json!([200, 400, 600]));
    let undefined = json!({ "QueryLanguage": "JSONata", "StartAt": "p", "States": { "p": { "Type": "Pass",
        "Output": { "x": "{% $nobody %}" }, "End": true } } });
    let aws = instant();
    let run = Run::of(&aws, &undefined, json!({}));
    let arn = run.start(&json!({}));
    assert_eq!(run.described(&arn)["error"], "States.QueryEvaluationError");
    assert_eq!(
        run.events(&arn)[2..],
        ["3<0 EvaluationFailed", "4<3 ExecutionFailed"]
    );
    assert_eq!(
        run.history(&arn)[2]["evaluationFailedEventDetails"]["location"],
        "Output/x"
    );
}

#[test]
fn a_name_stands_for_one_execution() {
    let aws = stepwise();
    let definition =
        json!({ "StartAt": "w", "States": { "w": { "Type": "Wait", "Seconds": 5, "End": true } } });
    let run = Run::of(&aws, &definition, json!({}));
    let start = |input: &str| {
        let body = json!({ "stateMachineArn": run.machine_arn, "name": "one", "input": input });
        run.client.states("StartExecution", body)
    };
    let first = start("{}").json();
    assert_eq!(start("{}").json(), first);
    assert_eq!(start("{\"other\":1}").code(), "ExecutionAlreadyExists");
    aws.advance(Duration::from_secs(5));
    assert_eq!(start("{}").code(), "ExecutionAlreadyExists", "it has ended");
    for (input, said) in [
        ("", "Invalid execution input."),
        ("not json", "Invalid State Machine Execution Input"),
    ] {
        let body = json!({ "stateMachineArn": run.machine_arn, "input": input });
        let refused = run.client.states("StartExecution", body);
        assert_eq!(refused.code(), "InvalidExecutionInput");
        assert!(refused.body.contains(said), "{refused:?}");
    }
    let list = |more: Value| {
        let mut body = json!({ "stateMachineArn": run.machine_arn });
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        run.client.states("ListExecutions", body).json()["executions"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(
        (list(json!({})), list(json!({ "statusFilter": "RUNNING" }))),
        (1, 0)
    );
}

#[test]
fn what_is_stopped_stays_stopped() {
    let aws = stepwise();
    let definition =
        json!({ "StartAt": "w", "States": { "w": { "Type": "Wait", "Seconds": 5, "End": true } } });
    let run = Run::of(&aws, &definition, json!({}));
    let arn = run.start(&json!({}));
    let body = json!({ "executionArn": arn, "error": "Mine", "cause": "enough" });
    let stopped = run.client.states("StopExecution", body.clone()).json();
    assert!(stopped["stopDate"].is_number());
    aws.advance(Duration::from_secs(60));
    let again = run.client.states("StopExecution", body).json();
    assert_eq!(again, stopped, "it has ended, and stays as it was");
    let ended = run.described(&arn);
    assert_eq!(
        (&ended["status"], &ended["error"]),
        (&json!("ABORTED"), &json!("Mine"))
    );
    assert_eq!(run.events(&arn).last().unwrap(), "3<0 ExecutionAborted");
}

#[test]
fn an_express_machine_answers_at_once_and_keeps_nothing() {
    let aws = instant();
    let client = Client::new(&aws);
    let path = Path::make(&client);
    let task = call(
        &aws,
        &path.connection_arn,
        json!({ "OutputPath": "$.StatusCode" }),
    );
    let definition = json!({ "StartAt": "call", "States": { "call": task } });
    let run = Run::of(&aws, &definition, json!({ "type": "EXPRESS" }));
    let machine = json!({ "stateMachineArn": run.machine_arn });
    let answer = run.client.states("StartSyncExecution", machine.clone()).json();
    assert_eq!(
        (&answer["status"], &answer["output"]),
        (&json!("SUCCEEDED"), &json!("200")),
        "{answer}"
    );
    assert_eq!(answer["billingDetails"]["billedMemoryUsedInMB"], 64);
    let arn = answer["executionArn"].as_str().unwrap();
    assert!(arn.contains(":express:orders:"), "{arn}");
    let mut by_prefix = Client::new(&aws);
    by_prefix.signer.host = Some("sync-states.localhost".to_owned());
    let answer = by_prefix.states("StartSyncExecution", machine.clone()).json();
    assert_eq!(
        answer["status"], "SUCCEEDED",
        "the SDKs put a prefix before the host: {answer}"
    );
    for operation in ["DescribeExecution", "GetExecutionHistory", "StopExecution"] {
        let refused = run.client.states(operation, json!({ "executionArn": arn }));
        assert_eq!(refused.code(), "InvalidArn", "{operation}");
        assert!(
            refused
                .body
                .contains("Resource type not valid in this context: express"),
            "{refused:?}"
        );
    }
    let refused = run.client.states("ListExecutions", machine);
    assert_eq!(refused.code(), "StateMachineTypeNotSupported");
    let aws = instant();
    let standard = Run::of(&aws, &definition, json!({}));
    let body = json!({ "stateMachineArn": standard.machine_arn });
    assert_eq!(
        standard.client.states("StartSyncExecution", body).code(),
        "StateMachineTypeNotSupported"
    );
}

#[test]
fn a_task_of_another_service_needs_a_mock_and_says_so() {
    let aws = instant();
    let definition = json!({ "StartAt": "send", "States": { "send": { "Type": "Task", "End": true,
        "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": { "QueueUrl": "q", "MessageBody.$": "$.text" },
        "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "caught" }] }, "caught": { "Type": "Pass", "End": true } } });
    let run = Run::of(&aws, &definition, json!({}));
    let arn = run.start(&json!({ "text": "hello" }));
    let failed = run.described(&arn);
    let cause = failed["cause"].as_str().unwrap();
    assert!(
        cause.contains("arn:aws:states:::sqs:sendMessage") && cause.contains("--mocks"),
        "{cause}"
    );

    let mut options = Options::default();
    let mocks = "
StateMachines:
  orders:
    TestCases:
      Default: { send: sent }
      Busy: { send: busy }
MockedResponses:
  sent: { '0': { Return: { MessageId: m } } }
  busy: { '0-9': { Throw: { Error: SQS.Busy, Cause: slow down } } }
";
    options.document.mock(mocks).unwrap();
    let aws = LocalAws::start(options).unwrap();
    let run = Run::of(&aws, &definition, json!({}));
    assert_eq!(
        run.output(&json!({ "text": "hello" })),
        json!({ "MessageId": "m" })
    );
    let busy = |case: &str| {
        let arn = format!("{}#{case}", run.machine_arn);
        let body = json!({ "stateMachineArn": arn, "input": "{\"text\":\"x\"}" });
        run.client.states("StartExecution", body)
    };
    let arn = busy("Busy").json()["executionArn"].as_str().unwrap().to_owned();
    assert!(
        run.described(&arn)["output"]
            .as_str()
            .unwrap()
            .contains("SQS.Busy")
    );
    let refused = busy("Other");
    assert!(refused.body.contains("test case 'Other'"), "{refused:?}");
}

#[test]
fn a_task_with_credentials_tells_the_role_that_it_takes() {
    for (language, role) in [("JSONPath", "RoleArn.$"), ("JSONata", "RoleArn")] {
        let aws = instant();
        let read = if language == "JSONata" {
            "{% $states.input.role %}"
        } else {
            "$.role"
        };
        let definition = json!({ "QueryLanguage": language, "StartAt": "send", "States": { "send": {
            "Type": "Task", "End": true, "Resource": "arn:aws:states:::sqs:sendMessage", "Credentials": { (role): read } } } });
        let run = Run::of(&aws, &definition, json!({}));
        let arn = run.start(&json!({ "role": "arn:aws:iam::123456789012:role/other" }));
        let events = run.history(&arn);
        let scheduled = events
            .iter()
            .find(|event| event["type"] == "TaskScheduled")
            .unwrap();
        assert_eq!(
            scheduled["taskScheduledEventDetails"]["taskCredentials"],
            json!({ "roleArn": "arn:aws:iam::123456789012:role/other" })
        );
    }
}

#[test]
fn an_execution_that_does_not_end_is_ended() {
    let aws = instant();
    let definition = json!({ "StartAt": "a", "States": { "a": { "Type": "Pass", "Next": "b" }, "b": { "Type": "Pass", "Next": "a" } } });
    let run = Run::of(&aws, &definition, json!({}));
    let arn = run.start(&json!({}));
    let failed = run.described(&arn);
    assert!(failed["cause"].as_str().unwrap().contains("25000"), "{failed}");
    assert_eq!(
        (&failed["redriveStatus"], &failed["redriveStatusReason"]),
        (
            &json!("NOT_REDRIVABLE"),
            &json!("Execution has exceeded the maximum history event limit")
        )
    );
    let ask = json!({ "executionArn": arn, "reverseOrder": true, "maxResults": 1 });
    let last = run.client.states("GetExecutionHistory", ask).json()["events"][0].clone();
    assert_eq!(
        (&last["id"], &last["previousEventId"]),
        (&json!(25_000), &json!(24_999))
    );
}
