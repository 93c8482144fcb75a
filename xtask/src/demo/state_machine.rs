//! The part of the story that the path is for: an event starts a state machine, and its HTTP task calls the private API.

use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{show, stop_if, word};
use crate::local_aws::LocalAws;

/// The name of rule, target and state machine.
const NAME: &str = "orders";

/// How long the execution may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// The machine asks the API for orders, is tried again while the path is new, and puts out what it was answered.
fn definition(aws: &LocalAws, connection: &str) -> Value {
    json!({
        "StartAt": "Ask",
        "States": {
            "Ask": {
                "Type": "Task",
                "Resource": "arn:aws:states:::http:invoke",
                "Parameters": {
                    "ApiEndpoint": aws.text("api_url"),
                    "Method": "GET",
                    "InvocationConfig": { "ConnectionArn": connection },
                },
                "Retry": [{ "ErrorEquals": ["States.Http.Socket"], "IntervalSeconds": 5, "MaxAttempts": 5 }],
                "Next": "Answered",
            },
            "Answered": {
                "Type": "Choice",
                "Choices": [{ "Variable": "$.StatusCode", "NumericEquals": 200, "Next": "Orders" }],
                "Default": "Strange",
            },
            "Orders": { "Type": "Pass", "InputPath": "$.ResponseBody", "End": true },
            "Strange": { "Type": "Fail", "Error": "Strange", "Cause": "The API answered another status." },
        },
    })
}

/// Makes rule and machine, sends an event, and shows what the execution put out and how it came to that.
pub fn run(aws: &LocalAws, connection: &str, interrupted: &AtomicBool) -> Result<(), String> {
    let role = aws.text("role_arn");
    let machine = aws.states(
        "CreateStateMachine",
        &json!({ "name": NAME, "roleArn": role, "definition": definition(aws, connection).to_string() }),
    )?;
    let machine = word(&machine, "stateMachineArn").to_owned();
    aws.events(
        "PutRule",
        &json!({ "Name": NAME, "EventPattern": json!({ "source": ["shop"] }).to_string() }),
    )?;
    aws.events(
        "PutTargets",
        &json!({ "Rule": NAME, "Targets": [{ "Id": NAME, "Arn": machine, "RoleArn": role }] }),
    )?;
    let event =
        json!({ "Source": "shop", "DetailType": "order", "Detail": json!({ "order": 1001 }).to_string() });
    aws.events("PutEvents", &json!({ "Entries": [event] }))?;
    show("an event of the source \"shop\" is on the bus; the rule hands it to the state machine");

    let execution = ended(aws, &machine, interrupted)?;
    let arn = json!({ "executionArn": word(&execution, "executionArn") });
    let described = aws.states("DescribeExecution", &arn)?;
    if word(&described, "status") != "SUCCEEDED" {
        return Err(format!("the execution should have SUCCEEDED: {described}"));
    }
    let history = aws.states("GetExecutionHistory", &arn)?;
    for event in history["events"].as_array().into_iter().flatten() {
        let details = ["stateEnteredEventDetails", "stateExitedEventDetails"];
        let state = details.iter().find_map(|details| event[details]["name"].as_str());
        show(&format!(
            "{:>3}  {:<22} {}",
            event["id"].to_string(),
            word(event, "type"),
            state.unwrap_or_default()
        ));
    }
    show(&format!("its output: {}", word(&described, "output")));
    Ok(())
}

/// Takes rule and machine away again.
pub fn remove(aws: &LocalAws) -> Result<(), String> {
    aws.events("RemoveTargets", &json!({ "Rule": NAME, "Ids": [NAME] }))?;
    aws.events("DeleteRule", &json!({ "Name": NAME }))?;
    let machines = aws.states("ListStateMachines", &json!({}))?;
    for machine in machines["stateMachines"].as_array().into_iter().flatten() {
        let arn = json!({ "stateMachineArn": word(machine, "stateMachineArn") });
        aws.states("DeleteStateMachine", &arn)?;
    }
    Ok(())
}

/// The execution that the event has started, when it has ended.
fn ended(aws: &LocalAws, machine: &str, interrupted: &AtomicBool) -> Result<Value, String> {
    let until = Instant::now() + PATIENCE;
    loop {
        stop_if(interrupted)?;
        let listed = aws.states("ListExecutions", &json!({ "stateMachineArn": machine }))?;
        let first = listed["executions"].get(0);
        if let Some(execution) = first.filter(|execution| execution["status"] != "RUNNING") {
            return Ok(execution.clone());
        }
        if Instant::now() >= until {
            return Err(format!(
                "no execution has ended in {} s: {listed}",
                PATIENCE.as_secs()
            ));
        }
        thread::sleep(Duration::from_millis(100));
    }
}
