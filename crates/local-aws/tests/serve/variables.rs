//! Variables that are too large for a state or an execution.

use serde_json::{Map, Value, json};

use crate::client::{Client, instant};
use crate::executions::Run;

/// An expression for a text of so many letters.
fn letters(count: usize) -> String {
    format!("{{% $pad('', {count}, 'x') %}}")
}

#[test]
fn a_state_that_assigns_too_much_fails() {
    let aws = instant();
    let client = Client::new(&aws);
    let tested = |assign: Value| {
        let state =
            json!({ "Type": "Pass", "QueryLanguage": "JSONata", "Assign": assign, "Output": 1, "End": true });
        client
            .test_state("", json!({ "definition": state.to_string() }))
            .json()
    };
    assert_eq!(tested(json!({ "x": letters(262_142) }))["status"], "SUCCEEDED");
    let failed = tested(json!({ "x": letters(262_143) }));
    assert_eq!(
        (&failed["status"], &failed["error"], &failed["cause"]),
        (
            &json!("FAILED"),
            &json!("States.DataLimitExceeded"),
            &json!(
                "Variable size limit exceeded. Variable 'x' in state 'StateName' was assigned 262145 bytes."
            )
        )
    );
    let both = tested(json!({ "x": letters(131_071), "y": letters(131_071) }));
    let cause = both["cause"].as_str().unwrap();
    assert!(cause.ends_with("to exceed its limit by 2 bytes."), "{both}");
}

#[test]
fn an_execution_that_assigns_too_much_fails_where_it_does() {
    let aws = instant();
    let mut states = Map::new();
    for number in 1..=43 {
        let assign = json!({ format!("v{number}"): letters(250_000) });
        let next = format!("Assign{}", number + 1);
        let state = json!({ "Type": "Pass", "Assign": assign, "Output": {}, "Next": next });
        states.insert(format!("Assign{number}"), state);
    }
    states.insert("Assign44".to_owned(), json!({ "Type": "Succeed" }));
    let definition = json!({ "QueryLanguage": "JSONata", "StartAt": "Assign1", "States": states });
    let run = Run::of(&aws, &definition, json!({}));
    let arn = run.start(&json!({}));
    let failed = run.ended(&arn, "FAILED");
    assert_eq!(failed["error"], "States.DataLimitExceeded");
    assert_eq!(
        failed["cause"],
        "Execution total variable size limit exceeded. State 'Assign42' assigned variables that exceed the total execution \
         limit by 14324 bytes."
    );
    let ask =
        json!({ "executionArn": arn, "reverseOrder": true, "maxResults": 2, "includeExecutionData": false });
    let history = run.client.states("GetExecutionHistory", ask).json();
    let (last, before) = (&history["events"][0], &history["events"][1]);
    assert_eq!(
        (&last["type"], &last["previousEventId"]),
        (&json!("ExecutionFailed"), &before["id"])
    );
    let details = &before["evaluationFailedEventDetails"];
    assert_eq!(
        (&details["location"], &details["state"]),
        (&json!("Assign"), &json!("Assign42"))
    );
}

#[test]
fn branches_share_the_room_of_their_execution() {
    let aws = instant();
    let branch = |from: usize| {
        let mut states = Map::new();
        for number in from..from + 21 {
            let next = format!("Assign{}", number + 1);
            let assign = json!({ format!("v{number}"): letters(250_000) });
            let state = json!({ "Type": "Pass", "Assign": assign, "Output": {}, "Next": next });
            states.insert(format!("Assign{number}"), state);
        }
        let wait = json!({ "Type": "Wait", "Seconds": 60, "End": true });
        states.insert(format!("Assign{}", from + 21), wait);
        json!({ "StartAt": format!("Assign{from}"), "States": states })
    };
    let both = json!({ "Type": "Parallel", "Branches": [branch(100), branch(200)], "End": true });
    let definition = json!({ "QueryLanguage": "JSONata", "StartAt": "Both", "States": { "Both": both } });
    let run = Run::of(&aws, &definition, json!({}));
    let arn = run.start(&json!({}));
    let failed = run.ended(&arn, "FAILED");
    assert!(
        failed["cause"]
            .as_str()
            .unwrap()
            .starts_with("Execution total variable size"),
        "{failed}"
    );
}
