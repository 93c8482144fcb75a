//! What an update of a connection needs, what it clears, how long reads are behind it, and how connections end.

use serde_json::{Value, json};

use super::{Experiment, nothing};
use crate::lab::{Course, LONGEST, Lab, Made, credentials, refused, words};
use crate::object::Kind;
use crate::trouble::{Outcome, Trouble};

pub static EXPERIMENT: Experiment = Experiment {
    id: "public-connection",
    asks: "What does an update of a connection want and clear, how long is a description behind, and how long do \
           de-authorization and deletion take?",
    settles: &[
        "stale_reads_after_update",
        "wants_whole_blocks",
        "empty_description_clears",
        "empty_lists_clear",
        "deauthorization",
        "connection-deletion",
    ],
    makes: "a public connection with an API key, and with it EventBridge's secret",
    costs: "nothing",
    minutes: 3,
    cleans_up: "deletes the connection, and EventBridge its secret",
    lacks: nothing,
    run,
};

const DESCRIPTION: &str = "Description";

fn run(lab: &mut Lab) -> Outcome<()> {
    let mut parameters = credentials(&lab.secret);
    parameters["InvocationHttpParameters"] =
        json!({ "HeaderParameters": [{ "Key": "x-open", "Value": "1", "IsValueSecret": false }] });
    let connection = lab.connection(&json!({ "AuthParameters": parameters }))?;
    let kind = connection.kind;
    lab.read(kind, &connection.id)?;
    lab.course(kind, &connection.id, LONGEST, Course::is_settled)?;

    lab.question(&["stale_reads_after_update"], |lab| staleness(lab, &connection))?;
    lab.question(&["wants_whole_blocks"], |lab| whole_blocks(lab, &connection))?;
    lab.question(&["empty_description_clears"], |lab| {
        empty_description(lab, &connection)
    })?;
    lab.question(&["empty_lists_clear"], |lab| empty_lists(lab, &connection))?;

    lab.aws
        .events("DeauthorizeConnection", &json!({ "Name": connection.name }))?;
    let course = lab.reaches_deauthorized(&connection)?;
    lab.takes("deauthorization", course.since(), &course)?;
    kind.delete(&lab.aws, &connection.id)?;
    let course = lab.goes(kind, &connection.id)?;
    lab.takes("connection-deletion", course.since(), &course)?;
    lab.is_gone(&connection)
}

impl Lab {
    /// DEAUTHORIZED is where others fail, so that it is waited for by itself.
    fn reaches_deauthorized(&mut self, connection: &Made) -> Outcome<Course> {
        let course = self.course(connection.kind, &connection.id, LONGEST, |course| {
            course.state() == "DEAUTHORIZED"
        })?;
        if course.state() == "DEAUTHORIZED" {
            return Ok(course);
        }
        Err(Trouble::Unexpected(format!(
            "the connection is not de-authorized: {course}"
        )))
    }
}

fn staleness(lab: &mut Lab, connection: &Made) -> Outcome<()> {
    lab.update(connection, &json!({ DESCRIPTION: "second" }))?;
    let course = lab.observe(LONGEST, |lab, course, passed| {
        let described = Kind::Connection
            .describe(&lab.aws, &connection.id)?
            .unwrap_or_default();
        let shown = described[DESCRIPTION].as_str().unwrap_or_default();
        course.note(passed, shown);
        Ok(shown == "second")
    })?;
    let seconds = course.since().as_secs_f64().ceil();
    lab.answer("stale_reads_after_update", whole(seconds), &[course.to_string()])
}

/// Seconds as the switch takes them.
fn whole(seconds: f64) -> Value {
    // Far below the number from which on this would not be exact.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let seconds = seconds as u64;
    seconds.into()
}

fn whole_blocks(lab: &mut Lab, connection: &Made) -> Outcome<()> {
    let part = json!({
        "AuthorizationType": "API_KEY",
        "AuthParameters": { "ApiKeyAuthParameters": { "ApiKeyName": "x-verify-aws-2" } },
    });
    match refused(lab.update(connection, &part))? {
        Ok(_) => {
            lab.read_settled(connection.kind, &connection.id)?;
            lab.answer("wants_whole_blocks", false, &[])
        }
        Err(refusal) if refusal.code == "ValidationException" => {
            lab.answer("wants_whole_blocks", true, &words(&refusal))
        }
        Err(refusal) => lab.unforeseen("wants_whole_blocks", &refusal),
    }
}

fn empty_description(lab: &mut Lab, connection: &Made) -> Outcome<()> {
    const ID: &str = "empty_description_clears";
    if let Err(refusal) = refused(lab.update(connection, &json!({ DESCRIPTION: "" })))? {
        return lab.unforeseen(ID, &refusal);
    }
    let described = lab.read_settled(connection.kind, &connection.id)?;
    let left = described[DESCRIPTION].as_str().unwrap_or_default();
    lab.answer(
        ID,
        left.is_empty(),
        &[format!("Description afterwards: {left:?}")],
    )
}

fn empty_lists(lab: &mut Lab, connection: &Made) -> Outcome<()> {
    const ID: &str = "empty_lists_clear";
    let mut parameters = credentials(&lab.secret);
    parameters["InvocationHttpParameters"] = json!({ "HeaderParameters": [] });
    let change = json!({ "AuthorizationType": "API_KEY", "AuthParameters": parameters });
    if let Err(refusal) = refused(lab.update(connection, &change))? {
        return lab.unforeseen(ID, &refusal);
    }
    let described = lab.read_settled(connection.kind, &connection.id)?;
    let http = &described["AuthParameters"]["InvocationHttpParameters"];
    let left = http["HeaderParameters"].as_array().map_or(0, Vec::len);
    lab.answer(
        ID,
        left == 0,
        &[format!("InvocationHttpParameters afterwards: {http}")],
    )
}
