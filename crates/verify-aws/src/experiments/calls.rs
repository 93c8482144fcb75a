//! Whether calls go over a connection that is AUTHORIZED and not yet ACTIVE, and whether an empty ARN leaves the path.

use std::time::Duration;

use serde_json::{Value, json};

use super::private_connection::{NO_PRIVATE_CONNECTIONS, association, association_of, to};
use super::{Experiment, nothing};
use crate::lab::{LONGEST, Lab, Made, credentials, private, refused};
use crate::object::Kind;
use crate::trouble::Outcome;

pub static EXPERIMENT: Experiment = Experiment {
    id: "calls",
    asks: "Does a call go over a connection that is AUTHORIZED and not yet ACTIVE, and does an empty ARN leave the private \
           path?",
    settles: &["authorized_lets_calls_through", "empty_arn_leaves_private"],
    makes: "a security group, a resource gateway with one address, a resource configuration, a private connection, and calls \
            of --url by TestState",
    costs: "nothing by the hour; calls of the API, some hundred at most",
    minutes: 10,
    cleans_up: "deletes connection, configuration, gateway and group, in this order",
    lacks: nothing,
    run,
};

/// How long an AUTHORIZED connection is tried that never becomes ACTIVE.
const LONG_ENOUGH: Duration = Duration::from_secs(5 * 60);

fn run(lab: &mut Lab) -> Outcome<()> {
    let gateway = lab.ready_gateway()?;
    let configuration = lab.ready_configuration(&gateway, true)?;
    let connection = lab.connection(&to(&configuration))?;
    if association_of(lab, &connection)?.is_none() {
        return lab.leave_open(NO_PRIVATE_CONNECTIONS);
    }
    lab.question(&["authorized_lets_calls_through"], |lab| calls(lab, &connection))?;
    lab.read_settled(connection.kind, &connection.id)?;
    leave(lab, &connection)
}

fn calls(lab: &mut Lab, connection: &Made) -> Outcome<()> {
    const ID: &str = "authorized_lets_calls_through";
    let (Some(url), Some(role)) = (lab.given.url.clone(), lab.given.state_machine_role_arn.clone()) else {
        return lab.unsettled(ID, "--url and --state-machine-role-arn were not given");
    };
    let (mut through, mut causes) = (false, Vec::new());
    let course = lab.observe(LONGEST, |lab, course, passed| {
        let described = Kind::Connection.describe(&lab.aws, &connection.id)?;
        course.note(passed, &Kind::Connection.state(described.as_ref()));
        if course.state() == "AUTHORIZED" {
            through = match call(lab, connection, &url, &role)? {
                Ok(()) => true,
                Err(cause) => {
                    causes = vec![cause];
                    false
                }
            };
        }
        let waits = course.state() == "AUTHORIZED" && course.stands() < LONG_ENOUGH;
        Ok(through || course.is_settled() && !waits)
    })?;
    let mut words = vec![course.to_string()];
    words.append(&mut causes);
    if through {
        return lab.answer(ID, true, &words);
    }
    if course.at("AUTHORIZED").is_none() {
        return lab.unsettled(
            ID,
            &format!("it never was AUTHORIZED before it was ACTIVE: {course}"),
        );
    }
    // Without this one nobody knows whether the path is right at all.
    match call(lab, connection, &url, &role)? {
        Ok(()) => lab.answer(ID, false, &words),
        Err(cause) => {
            let state = course.state().to_owned();
            lab.unsettled(
                ID,
                &format!("no call goes through once the connection is {state} either: {cause}"),
            )
        }
    }
}

/// Makes a call; whatever the API answers, the call went through.
fn call(lab: &Lab, connection: &Made, url: &str, role: &str) -> Outcome<Result<(), String>> {
    let state = json!({
        "Type": "Task",
        "Resource": "arn:aws:states:::http:invoke",
        "Parameters": {
            "ApiEndpoint": url,
            "Method": "GET",
            "InvocationConfig": { "ConnectionArn": connection.text("ConnectionArn") },
        },
        "End": true,
    });
    let input = json!({ "definition": state.to_string(), "roleArn": role, "input": "{}" });
    let answer = lab.aws.states("TestState", &input)?;
    let text = |member: &str| answer[member].as_str().unwrap_or_default();
    let answered = text("status") == "SUCCEEDED" || text("error").starts_with("States.Http.StatusCode");
    Ok(if answered {
        Ok(())
    } else {
        Err(format!("{}: {}", text("error"), text("cause")))
    })
}

fn leave(lab: &mut Lab, connection: &Made) -> Outcome<()> {
    const ID: &str = "empty_arn_leaves_private";
    let change = json!({
        "AuthorizationType": "API_KEY",
        "AuthParameters": credentials(&lab.secret),
        "InvocationConnectivityParameters": private(""),
    });
    if let Err(refusal) = refused(lab.update(connection, &change))? {
        return lab.unforeseen(ID, &refusal);
    }
    let described = lab.read_settled(connection.kind, &connection.id)?;
    let left = described
        .get("InvocationConnectivityParameters")
        .unwrap_or(&Value::Null);
    let words = [format!("InvocationConnectivityParameters afterwards: {left}")];
    lab.answer(ID, association(&described).is_none(), &words)
}
