//! What UpdateConnection wants beside another path: nothing, a description, or the type of authorization.

use serde_json::{Value, json};

use super::to;
use crate::lab::{Lab, Made, refused};
use crate::trouble::{Outcome, Refusal};

/// What is asked here.
pub(super) const IDS: [&str; 3] = [
    "accepts_connectivity_alone",
    "accepts_connectivity_with_description",
    "ignores_connectivity_without_type",
];

/// What came of a change of the path.
enum Change {
    Refused(Refusal),
    /// Accepted, and the path stays.
    Ignored,
    Taken,
}

pub(super) fn ask(lab: &mut Lab, connection: &Made, configurations: [&Made; 2]) -> Outcome<()> {
    let alone = change(lab, connection, configurations, &json!({}))?;
    let described = change(
        lab,
        connection,
        configurations,
        &json!({ "Description": "moved" }),
    )?;
    let ignores = [&alone, &described]
        .iter()
        .any(|change| matches!(change, Change::Ignored));
    lab.answer("ignores_connectivity_without_type", ignores, &[])?;
    tell(lab, "accepts_connectivity_alone", alone)?;
    tell(lab, "accepts_connectivity_with_description", described)
}

fn tell(lab: &mut Lab, id: &str, change: Change) -> Outcome<()> {
    match change {
        Change::Refused(refusal) if refusal.code == "ValidationException" => {
            lab.answer(id, false, &[refusal.to_string()])
        }
        Change::Refused(refusal) => lab.unforeseen(id, &refusal),
        Change::Ignored => lab.unsettled(id, "it is accepted, and the path stays as it was"),
        Change::Taken => lab.answer(id, true, &[]),
    }
}

/// Asks for the configuration that the connection does not go through.
fn change(lab: &mut Lab, connection: &Made, configurations: [&Made; 2], beside: &Value) -> Outcome<Change> {
    let before = configuration(&lab.read(connection.kind, &connection.id)?);
    let [here, there] = configurations;
    let other = if before.as_deref() == Some(here.text("arn")) {
        there
    } else {
        here
    };
    let mut input = to(other);
    for (member, value) in beside.as_object().into_iter().flatten() {
        input[member] = value.clone();
    }
    if let Err(refusal) = refused(lab.update(connection, &input))? {
        return Ok(Change::Refused(refusal));
    }
    let described = lab.read_settled(connection.kind, &connection.id)?;
    let moved = configuration(&described) != before;
    Ok(if moved { Change::Taken } else { Change::Ignored })
}

/// The ARN of the configuration that a connection goes through.
fn configuration(described: &Value) -> Option<String> {
    let arn =
        described.pointer("/InvocationConnectivityParameters/ResourceParameters/ResourceConfigurationArn");
    arn.and_then(Value::as_str).map(str::to_owned)
}
