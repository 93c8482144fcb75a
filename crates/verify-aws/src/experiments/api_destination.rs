//! Whether API destinations take an `http://` endpoint.

use serde_json::json;

use super::{Experiment, nothing};
use crate::lab::{Course, LONGEST, Lab, refused, words};
use crate::object::Kind;
use crate::trouble::Outcome;

pub static EXPERIMENT: Experiment = Experiment {
    id: "api-destination",
    asks: "Does an API destination take an http:// endpoint?",
    settles: &["accepts_http_destinations"],
    makes: "a public connection with an API key, and perhaps an API destination that nothing is sent to",
    costs: "nothing",
    minutes: 1,
    cleans_up: "deletes both",
    lacks: nothing,
    run,
};

fn run(lab: &mut Lab) -> Outcome<()> {
    const ID: &str = "accepts_http_destinations";
    let connection = lab.connection(&json!({}))?;
    lab.course(connection.kind, &connection.id, LONGEST, Course::is_settled)?;
    let name = lab.name("destination");
    let input = json!({
        "Name": name,
        "ConnectionArn": connection.text("ConnectionArn"),
        "InvocationEndpoint": "http://example.com/",
        "HttpMethod": "GET",
    });
    let made = lab.soon(|lab| {
        lab.make(Kind::ApiDestination, &name, |lab| {
            lab.aws.events("CreateApiDestination", &input)
        })
    });
    match refused(made.map(|(made, _)| made.answer))? {
        Ok(_) => lab.answer(ID, true, &[]),
        Err(refusal) if refusal.code == "ValidationException" => lab.answer(ID, false, &words(&refusal)),
        Err(refusal) => lab.unforeseen(ID, &refusal),
    }
}
