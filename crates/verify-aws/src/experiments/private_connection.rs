//! The life of a private connection: its states and their times, its association, and what may be done to either.

mod moves;

use std::time::Duration;

use serde_json::{Value, json};

use super::{Experiment, nothing};
use crate::aws::encoded;
use crate::lab::{Course, FRESH, LONGEST, Lab, Made, private, refused, words};
use crate::object::{GONE, Kind};
use crate::trouble::{Outcome, Trouble};

pub static EXPERIMENT: Experiment = Experiment {
    id: "private-connection",
    asks: "Through which states does a private connection come and go, in what time; what does its association bear; who \
           else may use its configuration; and what does a change of its path want?",
    settles: &[
        "knows_private_connections",
        "connection_passes_authorized",
        "connection_stays_authorized",
        "connection-authorization",
        "connection",
        "association",
        "association_tag",
        "associated_configuration_is_conflict",
        "shares_configurations",
        "wants_shareable_configurations",
        "accepts_connectivity_alone",
        "accepts_connectivity_with_description",
        "ignores_connectivity_without_type",
        "association-removal",
    ],
    makes: "a security group, a resource gateway with one address, three resource configurations, up to three private \
            connections, and by them EventBridge's associations and secrets",
    costs: "nothing by the hour, as far as AWS's pages say",
    minutes: 30,
    cleans_up: "deletes connections, waits for their associations to go, deletes configurations, gateway and group",
    lacks: nothing,
    run,
};

/// Why most cannot be asked in some Regions.
pub(super) const NO_PRIVATE_CONNECTIONS: &str = "the Region makes no private connections";

/// How long a connection has to be AUTHORIZED to count as one that stays so: ACTIVE was seen to come minutes later.
const STAYS: Duration = Duration::from_secs(15 * 60);

fn run(lab: &mut Lab) -> Outcome<()> {
    let gateway = lab.ready_gateway()?;
    let here = lab.ready_configuration(&gateway, true)?;
    let there = lab.ready_configuration(&gateway, true)?;
    let connection = lab.connection(&to(&here))?;
    let Some(association) = association_of(lab, &connection)? else {
        let described = lab.read(connection.kind, &connection.id)?;
        let member = &described["InvocationConnectivityParameters"];
        if !member.is_null() {
            return lab.leave_open(&format!("the description names no association: {member}"));
        }
        let words = ["InvocationConnectivityParameters are missing from the description".to_owned()];
        lab.answer("knows_private_connections", false, &words)?;
        return lab.leave_open(NO_PRIVATE_CONNECTIONS);
    };
    lab.answer("knows_private_connections", true, &[])?;
    course(lab, &connection, &association)?;
    lab.question(&["association_tag"], |lab| tag(lab, &connection, &association))?;
    lab.question(&["associated_configuration_is_conflict"], |lab| {
        deletion_of_associated(lab, &here)
    })?;
    lab.question(&["shares_configurations"], |lab| sharing(lab, &here))?;
    lab.question(&["wants_shareable_configurations"], |lab| {
        shareable(lab, &gateway)
    })?;
    lab.question(&moves::IDS, |lab| moves::ask(lab, &connection, [&here, &there]))?;
    removal(lab, &connection)
}

/// The parameters of a connection through a configuration.
pub(super) fn to(configuration: &Made) -> Value {
    json!({ "InvocationConnectivityParameters": private(configuration.text("arn")) })
}

/// The ARN of the association that a description names.
pub(super) fn association(described: &Value) -> Option<String> {
    let arn =
        described.pointer("/InvocationConnectivityParameters/ResourceParameters/ResourceAssociationArn");
    arn.and_then(Value::as_str).map(str::to_owned)
}

/// The ARN of a connection's association, which may come a little later than the connection; `None` where none comes.
pub(super) fn association_of(lab: &mut Lab, connection: &Made) -> Outcome<Option<String>> {
    let mut found = None;
    lab.observe(FRESH, |lab, _, _| {
        found = association(&lab.read(connection.kind, &connection.id)?);
        Ok(found.is_some())
    })?;
    Ok(found)
}

/// The state of an association, `None` once there is none.
fn association_state(lab: &Lab, arn: &str) -> Outcome<Option<String>> {
    let id = arn.rsplit('/').next().unwrap_or_default();
    let path = format!("/servicenetworkresourceassociations/{id}");
    match lab
        .aws
        .lattice("GetServiceNetworkResourceAssociation", "GET", &path, None)
    {
        Ok(answer) => Ok(answer["status"].as_str().map(str::to_owned)),
        Err(Trouble::Refused(refusal)) if refusal.is_not_found() => Ok(None),
        Err(trouble) => Err(trouble),
    }
}

/// Follows a new connection until nothing happens any more.
fn course(lab: &mut Lab, connection: &Made, association: &str) -> Outcome<()> {
    let mut associated = Course::default();
    let since = lab.clock.now().saturating_sub(connection.at);
    let course = lab.observe(LONGEST + STAYS, |lab, course, passed| {
        // Counted from the answer to the creation.
        let passed = passed + since;
        match association_state(lab, association) {
            Ok(state) => associated.note(passed, state.as_deref().unwrap_or(GONE)),
            // Who may not look at it still sees the connection.
            Err(trouble @ Trouble::Refused(_)) => associated.note(passed, &trouble.to_string()),
            Err(trouble) => return Err(trouble),
        }
        let described = Kind::Connection.describe(&lab.aws, &connection.id)?;
        course.note(passed, &Kind::Connection.state(described.as_ref()));
        Ok(course.is_settled() && (course.state() != "AUTHORIZED" || course.stands() >= STAYS))
    })?;
    if associated.state() == "ACTIVE" {
        lab.takes("association", associated.since(), &associated)?;
    } else {
        lab.unsettled("association", &format!("it did not become ACTIVE: {associated}"))?;
    }
    match (course.state(), course.at("AUTHORIZED")) {
        ("ACTIVE", authorized) => {
            lab.answer("connection_stays_authorized", false, &[course.to_string()])?;
            lab.takes("connection", course.since(), &course)?;
            lab.answer(
                "connection_passes_authorized",
                authorized.is_some(),
                &[course.to_string()],
            )?;
            match authorized {
                Some(at) => lab.takes("connection-authorization", at, &course),
                None => lab.unsettled(
                    "connection-authorization",
                    "it was ACTIVE without being AUTHORIZED before",
                ),
            }
        }
        ("AUTHORIZED", Some(at)) => {
            let minutes = STAYS.as_secs() / 60;
            let why = format!("it still was AUTHORIZED after {minutes} minutes: {course}");
            lab.answer("connection_stays_authorized", true, &[course.to_string()])?;
            lab.takes("connection-authorization", at, &course)?;
            lab.unsettled("connection_passes_authorized", &why)?;
            lab.unsettled("connection", &why)
        }
        _ => {
            let described = Kind::Connection
                .describe(&lab.aws, &connection.id)?
                .unwrap_or_default();
            let reason = &described["StateReason"];
            Err(Trouble::Unexpected(format!(
                "the connection did not become ACTIVE: {course}; {reason}"
            )))
        }
    }
}

fn tag(lab: &mut Lab, connection: &Made, association: &str) -> Outcome<()> {
    const KEY: &str = "ManagedByServiceAWSEventBridge";
    let answer = lab.aws.lattice(
        "ListTagsForResource",
        "GET",
        &format!("/tags/{}", encoded(association)),
        None,
    )?;
    let tags = answer["tags"].as_object().cloned().unwrap_or_default();
    let documented = format!("{}:{}", lab.journal.account(), connection.name);
    let position = if tags.get(KEY).and_then(Value::as_str) == Some(documented.as_str()) {
        "documented"
    } else if tags.is_empty() {
        "absent"
    } else {
        "other"
    };
    lab.answer(
        "association_tag",
        position,
        &[format!("tags: {}", Value::Object(tags))],
    )
}

fn deletion_of_associated(lab: &mut Lab, configuration: &Made) -> Outcome<()> {
    const ID: &str = "associated_configuration_is_conflict";
    match refused(configuration.kind.delete(&lab.aws, &configuration.id))? {
        Err(refusal) if refusal.code == "ConflictException" => lab.answer(ID, true, &words(&refusal)),
        Err(refusal) if refusal.code == "ValidationException" => lab.answer(ID, false, &words(&refusal)),
        Err(refusal) => lab.unforeseen(ID, &refusal),
        Ok(_) => {
            let what = "a configuration was deleted while a connection used it";
            lab.unsettled(ID, &format!("an answer that nobody foresaw: {what}"))?;
            Err(Trouble::Unexpected(what.to_owned()))
        }
    }
}

/// Whether a second connection may go through a configuration.
fn sharing(lab: &mut Lab, configuration: &Made) -> Outcome<()> {
    const ID: &str = "shares_configurations";
    match lab.connection(&to(configuration)) {
        Ok(second) => {
            lab.answer(ID, true, &[])?;
            lab.read(second.kind, &second.id)?;
            lab.remove(&second)
        }
        Err(trouble) => match refused(Err(trouble))? {
            Err(refusal) if refusal.code == "ValidationException" => lab.answer(ID, false, &words(&refusal)),
            Err(refusal) => lab.unforeseen(ID, &refusal),
            Ok(_) => Ok(()),
        },
    }
}

/// Whether a configuration has to allow associations with shareable service networks.
fn shareable(lab: &mut Lab, gateway: &Made) -> Outcome<()> {
    const ID: &str = "wants_shareable_configurations";
    let configuration = lab.ready_configuration(gateway, false)?;
    match lab.connection(&to(&configuration)) {
        Ok(connection) => {
            lab.answer(ID, false, &[])?;
            lab.read(connection.kind, &connection.id)?;
            lab.remove(&connection)?;
        }
        Err(trouble) => match refused(Err(trouble))? {
            Err(refusal) if refusal.code == "ValidationException" => {
                lab.answer(ID, true, &words(&refusal))?
            }
            Err(refusal) => lab.unforeseen(ID, &refusal)?,
            Ok(_) => {}
        },
    }
    lab.remove(&configuration)
}

/// How long an association outlives its connection.
fn removal(lab: &mut Lab, connection: &Made) -> Outcome<()> {
    let described = lab.read(connection.kind, &connection.id)?;
    let Some(association) = association(&described) else {
        return lab.unsettled("association-removal", "the connection has left its private path");
    };
    connection.kind.delete(&lab.aws, &connection.id)?;
    lab.goes(connection.kind, &connection.id)?;
    lab.is_gone(connection)?;
    let course = lab.observe(LONGEST, |lab, course, passed| {
        let state = association_state(lab, &association)?;
        course.note(passed, state.as_deref().unwrap_or(GONE));
        Ok(state.is_none())
    })?;
    if course.is_gone() {
        return lab.takes("association-removal", course.since(), &course);
    }
    lab.unsettled(
        "association-removal",
        &format!("the association does not go: {course}"),
    )
}
