//! State machines as objects: made, changed, tagged, listed, removed, and what is refused.

use local_aws::LocalAws;
use serde_json::{Value, json};

use crate::client::{Client, instant};

/// A machine of one state.
pub fn machine(aws: &LocalAws, name: &str, more: Value) -> Value {
    let definition =
        json!({ "StartAt": "p", "States": { "p": { "Type": "Pass", "Result": { "a": 1 }, "End": true } } });
    let mut input =
        json!({ "name": name, "definition": definition.to_string(), "roleArn": aws.seed().role_arn });
    input
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    input
}

#[test]
fn a_machine_is_described_as_it_was_made_and_changed() {
    let aws = instant();
    let client = Client::new(&aws);
    let made = client.states("CreateStateMachine", machine(&aws, "orders", json!({})));
    assert_eq!(made.status, 200, "{made:?}");
    let arn = made.json()["stateMachineArn"].clone();
    let described = client
        .states("DescribeStateMachine", json!({ "stateMachineArn": arn }))
        .json();
    for (member, value) in [
        ("name", json!("orders")),
        ("type", json!("STANDARD")),
        ("status", json!("ACTIVE")),
        ("roleArn", json!(aws.seed().role_arn)),
        (
            "loggingConfiguration",
            json!({ "level": "OFF", "includeExecutionData": false }),
        ),
        ("tracingConfiguration", json!({ "enabled": false })),
        ("encryptionConfiguration", json!({ "type": "AWS_OWNED_KEY" })),
        ("revisionId", Value::Null),
    ] {
        assert_eq!(described[member], value, "{member}");
    }
    let nothing = client.states("UpdateStateMachine", json!({ "stateMachineArn": arn }));
    assert_eq!(nothing.code(), "MissingRequiredParameter");
    let changed = json!({ "stateMachineArn": arn, "definition": r#"{"StartAt":"s","States":{"s":{"Type":"Succeed"}}}"# });
    let updated = client.states("UpdateStateMachine", changed.clone()).json();
    let again = client.states("UpdateStateMachine", changed).json();
    assert_eq!(
        updated["revisionId"], again["revisionId"],
        "nothing has changed in between"
    );
    assert_eq!(updated["updateDate"], again["updateDate"]);
    let described = client
        .states("DescribeStateMachine", json!({ "stateMachineArn": arn }))
        .json();
    assert_eq!(described["revisionId"], updated["revisionId"]);
    let versions = client.states("ListStateMachineVersions", json!({ "stateMachineArn": arn }));
    assert_eq!(versions.json(), json!({ "stateMachineVersions": [] }));
    assert!(described["definition"].as_str().unwrap().contains("Succeed"));
}

#[test]
fn the_same_machine_can_be_made_again_and_another_one_of_its_name_cannot() {
    let aws = instant();
    let client = Client::new(&aws);
    let make = |more| client.states("CreateStateMachine", machine(&aws, "orders", more));
    let first = make(json!({})).json();
    assert_eq!(make(json!({})).json(), first);
    assert_eq!(
        make(json!({ "tags": [{ "key": "a", "value": "b" }] })).json(),
        first
    );
    assert_eq!(
        make(json!({ "type": "EXPRESS" })).code(),
        "StateMachineAlreadyExists"
    );
    let other = json!({ "definition": r#"{"StartAt":"s","States":{"s":{"Type":"Succeed"}}}"# });
    assert_eq!(make(other).code(), "StateMachineAlreadyExists");
}

#[test]
fn what_is_wrong_with_a_machine_is_said() {
    let aws = instant();
    let client = Client::new(&aws);
    let called = json!({ "StartAt": "e", "States": { "e": { "Type": "Map", "End": true, "ItemProcessor": { "StartAt": "t",
        "States": { "t": { "Type": "Task", "End": true, "Resource": "arn:aws:states:::sqs:sendMessage" } } } } } });
    for (more, code, said) in [
        (json!({ "name": "a b" }), "InvalidName", "Invalid Name: 'a b'"),
        (json!({ "name": "" }), "ValidationException", "at 'name'"),
        (
            json!({ "definition": "{}" }),
            "InvalidDefinition",
            "These fields are required: [States, StartAt] at /",
        ),
        (
            json!({ "definition": "{" }),
            "InvalidDefinition",
            "INVALID_JSON_DESCRIPTION",
        ),
        (
            json!({ "roleArn": "arn:aws:iam::1:role/x" }),
            "InvalidArn",
            "Invalid Role Arn",
        ),
        (
            json!({ "roleArn": aws.seed().role_arn.replace("state-machine", "nobody"), "definition": called.to_string() }),
            "AccessDeniedException",
            "states.amazonaws.com",
        ),
        (
            json!({ "type": "FAST" }),
            "ValidationException",
            "[STANDARD, EXPRESS]",
        ),
        (json!({ "publish": true }), "ValidationException", "publish"),
        (
            json!({ "type": "EXPRESS", "definition": json!({ "StartAt": "t", "States": { "t": { "Type": "Task", "End": true,
                "Resource": "arn:aws:states:::states:startExecution.sync" } } }).to_string() }),
            "InvalidDefinition",
            "Express state machine does not support '.sync' service integration at /States/t/Resource",
        ),
        (
            json!({ "definition": json!({ "StartAt": "t", "States": { "t": { "Type": "Task", "End": true,
                "Resource": "arn:aws:states:::sqs:sendMessage", "TimeoutSeconds": 5, "HeartbeatSeconds": 9 } } }).to_string() }),
            "InvalidDefinition",
            "HeartbeatSeconds",
        ),
        (
            json!({ "definition": json!({ "StartAt": "p", "States": { "p": { "Type": "Pass", "End": true,
                "Parameters": { "a.$": "States.Nope()" } } } }).to_string() }),
            "InvalidDefinition",
            "/States/p/Parameters/a.$",
        ),
        (
            json!({ "definition": json!({ "QueryLanguage": "JSONata", "StartAt": "p", "States": { "p": { "Type": "Pass",
                "End": true, "Output": "{% $sum( %}" } } }).to_string() }),
            "InvalidDefinition",
            "/States/p/Output",
        ),
    ] {
        let refused = client.states("CreateStateMachine", machine(&aws, "orders", more.clone()));
        let message = refused.json()["message"].as_str().unwrap_or_default().to_owned();
        assert!(
            refused.code() == code && message.contains(said),
            "{more}: {refused:?}"
        );
    }
    assert_eq!(
        client.states("ListStateMachines", json!({})).json(),
        json!({ "stateMachines": [] })
    );
}

#[test]
fn arns_of_nothing_and_of_something_else_are_told_apart() {
    let aws = instant();
    let client = Client::new(&aws);
    let there = "arn:aws:states:us-east-1:123456789012";
    for (arn, code) in [
        ("orders".to_owned(), "InvalidArn"),
        (format!("{there}:execution:orders:1"), "InvalidArn"),
        (format!("{there}:stateMachine:orders"), "StateMachineDoesNotExist"),
    ] {
        for operation in ["DescribeStateMachine", "StartExecution", "ListExecutions"] {
            let refused = client.states(operation, json!({ "stateMachineArn": arn }));
            assert_eq!(refused.code(), code, "{operation} {arn}");
        }
    }
    let gone = client.states(
        "DescribeExecution",
        json!({ "executionArn": format!("{there}:execution:orders:1") }),
    );
    assert_eq!(gone.code(), "ExecutionDoesNotExist");
    let nothing = json!({ "stateMachineArn": format!("{there}:stateMachine:orders") });
    assert_eq!(client.states("DeleteStateMachine", nothing).status, 200);
}

#[test]
fn machines_are_listed_page_by_page_and_tagged() {
    let aws = instant();
    let client = Client::new(&aws);
    for name in ["a", "b", "c"] {
        let tags = json!({ "tags": [{ "key": "name", "value": name }] });
        assert_eq!(
            client
                .states("CreateStateMachine", machine(&aws, name, tags))
                .status,
            200
        );
    }
    let first = client
        .states("ListStateMachines", json!({ "maxResults": 2 }))
        .json();
    assert_eq!(first["stateMachines"].as_array().unwrap().len(), 2);
    let rest = client
        .states("ListStateMachines", json!({ "nextToken": first["nextToken"] }))
        .json();
    let arn = rest["stateMachines"][0]["stateMachineArn"].clone();
    assert_eq!(rest["stateMachines"][0]["name"], "c");
    let odd = client.states("ListStateMachines", json!({ "nextToken": "odd" }));
    assert_eq!(odd.code(), "InvalidToken");
    let tags = || {
        client
            .states("ListTagsForResource", json!({ "resourceArn": arn }))
            .json()["tags"]
            .clone()
    };
    client.states(
        "TagResource",
        json!({ "resourceArn": arn, "tags": [{ "key": "team", "value": "x" }] }),
    );
    assert_eq!(
        tags(),
        json!([{ "key": "name", "value": "c" }, { "key": "team", "value": "x" }])
    );
    client.states(
        "UntagResource",
        json!({ "resourceArn": arn, "tagKeys": ["name", "gone"] }),
    );
    assert_eq!(tags(), json!([{ "key": "team", "value": "x" }]));
    let many: Vec<Value> = (0..50)
        .map(|number| json!({ "key": number.to_string(), "value": "" }))
        .collect();
    let refused = client.states("TagResource", json!({ "resourceArn": arn, "tags": many }));
    assert_eq!(refused.code(), "TooManyTags");
    let nobody = arn.as_str().unwrap().replace(":c", ":d");
    let refused = client.states("ListTagsForResource", json!({ "resourceArn": nobody }));
    assert_eq!(refused.code(), "ResourceNotFound");
}

#[test]
fn a_machine_that_is_deleted_goes_once_nothing_of_it_runs() {
    let aws = instant();
    let client = Client::new(&aws);
    let definition = json!({ "StartAt": "call", "States": { "call": { "Type": "Pass", "End": true } } });
    let more = json!({ "definition": definition.to_string() });
    let made = client
        .states("CreateStateMachine", machine(&aws, "orders", more))
        .json();
    let arn = json!({ "stateMachineArn": made["stateMachineArn"] });
    let started = client.states("StartExecution", arn.clone()).json();
    assert_eq!(client.states("DeleteStateMachine", arn.clone()).status, 200);
    assert_eq!(
        client.states("DescribeStateMachine", arn).code(),
        "StateMachineDoesNotExist"
    );
    let execution = json!({ "executionArn": started["executionArn"] });
    let kept = client
        .states("DescribeStateMachineForExecution", execution)
        .json();
    assert_eq!(kept["name"], "orders");
}
