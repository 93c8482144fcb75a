//! Executions that something else begins or interrupts: rules, time-outs of calls, restarts.

use std::fs;
use std::time::Duration;

use local_aws::{LocalAws, Options, Speed};
use serde_json::{Value, json};

use crate::client::{Client, Path, instant};
use crate::executions::{Run, call, stepwise};
use crate::state::Scratch;

const LONG: Duration = Duration::from_secs(30);

/// The whole way to the private API, where time stands.
fn path(aws: &LocalAws) -> Path {
    aws.change_settings(&json!({ "active_at_once": true })).unwrap();
    let path = Path::make(&Client::new(aws));
    aws.advance_until_settled();
    path
}

/// A rule for events of the source `shop`, with a state machine as its target.
fn rule(client: &Client<'_>, machine_arn: &str, more: Value) {
    let pattern = json!({ "source": ["shop"] }).to_string();
    client.events("PutRule", json!({ "Name": "orders", "EventPattern": pattern }));
    let mut target = json!({ "Id": "machine", "Arn": machine_arn, "RoleArn": client.aws.seed().role_arn });
    target
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    let put = client.events("PutTargets", json!({ "Rule": "orders", "Targets": [target] }));
    assert_eq!(put.status, 200, "{put:?}");
}

fn send(client: &Client<'_>, detail: Value) {
    let entry = json!({ "Source": "shop", "DetailType": "order", "Detail": detail.to_string() });
    let put = client.events("PutEvents", json!({ "Entries": [entry] }));
    assert_eq!(put.json()["FailedEntryCount"], 0, "{put:?}");
}

fn one_state() -> Value {
    json!({ "StartAt": "p", "States": { "p": { "Type": "Pass", "End": true } } })
}

#[test]
fn a_rule_starts_a_machine_with_what_its_target_says() {
    let aws = instant();
    let run = Run::of(&aws, &one_state(), json!({}));
    rule(&run.client, &run.machine_arn, json!({ "InputPath": "$.detail" }));
    send(&run.client, json!({ "id": 7 }));
    let attempt = aws.wait_for_delivery(0, LONG).unwrap();
    assert_eq!((attempt.outcome.as_str(), attempt.status), ("delivered", None));
    let listed = run
        .client
        .states("ListExecutions", json!({ "stateMachineArn": run.machine_arn }));
    let execution = listed.json()["executions"][0].clone();
    let name = execution["name"].as_str().unwrap();
    assert!(name.starts_with(&attempt.event_id), "{name}");
    let described = run.described(execution["executionArn"].as_str().unwrap());
    assert_eq!(
        (&described["input"], &described["status"]),
        (&json!("{\"id\":7}"), &json!("SUCCEEDED"))
    );
}

#[test]
fn what_becomes_of_an_execution_comes_over_the_bus() {
    let aws = instant();
    let failing = json!({ "StartAt": "f", "States": { "f": { "Type": "Fail", "Error": "Mine" } } });
    let run = Run::of(&aws, &failing, json!({}));
    let pattern = json!({ "source": ["aws.states"], "detail": { "status": ["RUNNING", "FAILED"] } });
    run.client.events(
        "PutRule",
        json!({ "Name": "watch", "EventPattern": pattern.to_string() }),
    );
    let queue = "arn:aws:sqs:us-east-1:123456789012:seen";
    let target = json!({ "Id": "1", "Arn": "arn:aws:sqs:us-east-1:123456789012:q", "DeadLetterConfig": { "Arn": queue } });
    run.client
        .events("PutTargets", json!({ "Rule": "watch", "Targets": [target] }));
    let arn = run.start(&json!({ "a": 1 }));
    aws.wait_for_delivery(1, LONG).unwrap();
    let told: Vec<Value> = aws
        .dead_letters()
        .into_iter()
        .map(|letter| letter.event)
        .collect();
    let [begun, ended] = &told[..] else {
        panic!("{told:?}")
    };
    assert_eq!(begun["detail-type"], "Step Functions Execution Status Change");
    assert_eq!(
        (&begun["resources"], &begun["detail"]["output"]),
        (&json!([arn]), &Value::Null)
    );
    for (member, value) in [
        ("status", json!("FAILED")),
        ("input", json!("{\"a\":1}")),
        ("error", json!("Mine")),
        ("cause", Value::Null),
        ("redriveStatus", json!("REDRIVABLE")),
    ] {
        assert_eq!(ended["detail"][member], value, "{member}");
    }
}

#[test]
fn an_event_that_starts_nothing_is_a_dead_letter_that_says_why() {
    let queue = "arn:aws:sqs:us-east-1:123456789012:lost";
    let aws = instant();
    let run = Run::of(&aws, &one_state(), json!({}));
    let more = json!({ "DeadLetterConfig": { "Arn": queue } });
    let code = |number: usize| {
        aws.wait_for_delivery(number, LONG).unwrap();
        aws.dead_letters()[number].attributes["ERROR_CODE"].clone()
    };
    rule(&run.client, &run.machine_arn, more.clone());
    let denied = aws
        .add_fault(&json!({ "deny": "states:StartExecution" }))
        .unwrap();
    send(&run.client, json!({}));
    assert_eq!(code(0), "NO_PERMISSIONS");
    aws.remove_fault(denied[0]);
    let nobody = aws.seed().role_arn.replace("state-machine", "nobody");
    let with_role = |role: &str| json!({ "DeadLetterConfig": { "Arn": queue }, "RoleArn": role });
    rule(&run.client, &run.machine_arn, with_role(&nobody));
    send(&run.client, json!({}));
    assert_eq!(code(1), "NO_PERMISSIONS");
    rule(&run.client, &format!("{}-gone", run.machine_arn), more);
    send(&run.client, json!({}));
    assert_eq!(code(2), "NO_RESOURCE");
    let target = json!({ "Id": "machine", "Arn": run.machine_arn });
    let refused = run
        .client
        .events("PutTargets", json!({ "Rule": "orders", "Targets": [target] }));
    assert!(refused.body.contains("RoleArn is required"), "{refused:?}");
}

#[test]
fn a_call_that_takes_longer_than_its_state_lets_it_is_given_up() {
    let aws = stepwise();
    let path = path(&aws);
    let slow = json!({ "service": "execute-api", "operation": "Invoke", "count": 1, "effect": { "delay_ms": 60000 } });
    aws.add_fault(&slow).unwrap();
    let task = call(
        &aws,
        &path.connection_arn,
        json!({ "TimeoutSeconds": 5, "Catch": [{ "ErrorEquals": ["States.Timeout"], "Next": "late" }] }),
    );
    let definition =
        json!({ "StartAt": "call", "States": { "call": task, "late": { "Type": "Pass", "End": true } } });
    let run = Run::of(&aws, &definition, json!({}));
    let arn = run.start(&json!({}));
    aws.advance(Duration::from_secs(4));
    assert_eq!(run.described(&arn)["status"], "RUNNING");
    aws.advance(Duration::from_secs(1));
    let ended = run.described(&arn);
    assert_eq!(
        ended["output"], r#"{"Error":"States.Timeout","Cause":""}"#,
        "{ended}"
    );
    assert_eq!(run.events(&arn)[4], "5<4 TaskTimedOut");
    assert_eq!(
        run.history(&arn)[2]["taskScheduledEventDetails"]["timeoutInSeconds"],
        5
    );
}

/// What a process that is killed leaves behind: the file as it is at this moment.
fn killed(aws: &LocalAws, file: &Scratch) -> (LocalAws, Scratch) {
    // What this answers stands in the file, and everything before it.
    let group = Client::new(aws).ec2("DeleteSecurityGroup", &[("GroupId", "sg-0123456789abcdef0")]);
    assert_eq!(group.code(), "InvalidGroup.NotFound");
    let left = Scratch::new();
    fs::copy(&file.0, &left.0).unwrap();
    let options = Options {
        speed: Speed::Factor(1.0),
        step: true,
        ..left.options()
    };
    (LocalAws::start(options).unwrap(), left)
}

#[test]
fn an_execution_of_a_killed_process_goes_on_where_it_stood() {
    let file = Scratch::new();
    let aws = LocalAws::start(Options {
        speed: Speed::Factor(1.0),
        step: true,
        ..file.options()
    })
    .unwrap();
    let path = path(&aws);
    let branch = |name: &str, state: Value| json!({ "StartAt": name, "States": { name: state } });
    let definition = json!({ "StartAt": "both", "States": { "both": { "Type": "Parallel", "End": true, "Branches": [
        branch("wait", json!({ "Type": "Wait", "Seconds": 60, "End": true })),
        branch("call", call(&aws, &path.connection_arn, json!({ "ResultSelector": { "status.$": "$.StatusCode" } }))),
    ] } } });
    let slow = json!({ "service": "execute-api", "operation": "Invoke", "count": 1, "effect": { "delay_ms": 60000 } });
    aws.add_fault(&slow).unwrap();
    let run = Run::of(&aws, &definition, json!({}));
    let arn = run.start(&json!({ "a": 1 }));
    while aws.fault_fired(1) == 0 {
        std::thread::yield_now();
    }
    let (again, _left) = killed(&aws, &file);
    drop(aws);
    let run = Run {
        client: Client::new(&again),
        machine_arn: String::new(),
    };
    // The call that nobody had answered is made again; the wait is not over.
    let answered = || {
        run.events(&arn)
            .iter()
            .any(|event| event.ends_with("TaskSucceeded"))
    };
    while !answered() {
        std::thread::yield_now();
    }
    assert_eq!(run.described(&arn)["status"], "RUNNING");
    again.advance(Duration::from_secs(60));
    assert_eq!(
        run.ended(&arn, "SUCCEEDED")["output"],
        r#"[{"a":1},{"status":200}]"#
    );
    let scheduled = run
        .events(&arn)
        .iter()
        .filter(|event| event.ends_with("TaskScheduled"))
        .count();
    assert_eq!(scheduled, 1);
}

#[test]
fn a_retrier_waits_longer_each_time_on_the_clock_that_is_moved() {
    let mut options = Options {
        step: true,
        ..Options::default()
    };
    let mocks = "
StateMachines: { orders: { TestCases: { Default: { send: third } } } }
MockedResponses:
  third:
    '0-1': { Throw: { Error: Lambda.TooManyRequestsException, Cause: slow down } }
    '2': { Return: { sent: true } }
";
    options.document.mock(mocks).unwrap();
    let aws = LocalAws::start(options).unwrap();
    let definition = json!({ "StartAt": "send", "States": { "send": { "Type": "Task", "End": true,
        "Resource": "arn:aws:lambda:us-east-1:123456789012:function:send",
        "Retry": [{ "ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 2, "BackoffRate": 3 }] } } });
    let run = Run::of(&aws, &definition, json!({}));
    let arn = run.start(&json!({}));
    let tries = || {
        let events = run.events(&arn);
        let scheduled = events
            .iter()
            .filter(|event| event.ends_with("LambdaFunctionScheduled"));
        scheduled.count()
    };
    assert_eq!(tries(), 1);
    aws.advance(Duration::from_millis(1999));
    assert_eq!(tries(), 1);
    aws.advance(Duration::from_millis(1));
    assert_eq!(tries(), 2);
    aws.advance(Duration::from_millis(5999));
    assert_eq!(tries(), 2);
    aws.advance(Duration::from_millis(1));
    assert_eq!(run.described(&arn)["output"], r#"{"sent":true}"#);
}

#[test]
fn an_express_execution_has_five_minutes() {
    let aws = stepwise();
    let definition =
        json!({ "StartAt": "w", "States": { "w": { "Type": "Wait", "Seconds": 3600, "End": true } } });
    let run = Run::of(&aws, &definition, json!({ "type": "EXPRESS" }));
    let started = run
        .client
        .states("StartExecution", json!({ "stateMachineArn": run.machine_arn }));
    let arn = started.json()["executionArn"].as_str().unwrap().to_owned();
    aws.advance(Duration::from_secs(299));
    assert!(
        aws.wait_for_state("execution", &arn, "RUNNING", Duration::ZERO)
            .is_some()
    );
    aws.advance(Duration::from_secs(1));
    assert!(
        aws.wait_for_state("execution", &arn, "TIMED_OUT", Duration::ZERO)
            .is_some()
    );
}
