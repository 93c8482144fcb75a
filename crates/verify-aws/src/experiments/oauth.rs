//! How long a public OAuth connection is tried, and whether the reason of its failure quotes the secret.

use serde_json::json;

use super::{Experiment, nothing};
use crate::lab::{Course, Lab};
use crate::quotes;
use crate::trouble::Outcome;

pub static EXPERIMENT: Experiment = Experiment {
    id: "oauth",
    asks: "How long does EventBridge try client credentials that are refused, and does it quote the secret in the reason?",
    settles: &["public-connection", "quotes_secrets_in_reasons"],
    makes: "a public OAuth connection with made-up client credentials, which EventBridge sends to --token-endpoint",
    costs: "nothing",
    minutes: 2,
    cleans_up: "deletes the connection",
    lacks: nothing,
    run,
};

/// EventBridge goes on trying an endpoint that does not answer.
const LONG_ENOUGH: std::time::Duration = std::time::Duration::from_secs(5 * 60);

fn run(lab: &mut Lab) -> Outcome<()> {
    // A server of AWS's own, which refuses what is not signed, so that what is made up goes to nobody else.
    let own = format!("https://sts.{}.amazonaws.com/", lab.aws.region);
    let endpoint = lab.given.token_endpoint.clone().unwrap_or(own);
    let parameters = json!({ "OAuthParameters": {
        "ClientParameters": { "ClientID": "verify-aws", "ClientSecret": lab.secret },
        "AuthorizationEndpoint": endpoint,
        "HttpMethod": "POST",
    } });
    let more = json!({ "AuthorizationType": "OAUTH_CLIENT_CREDENTIALS", "AuthParameters": parameters });
    let connection = lab.connection(&more)?;
    let course = lab.course(connection.kind, &connection.id, LONG_ENOUGH, Course::is_settled)?;
    let described = lab.read(connection.kind, &connection.id)?;
    let reason = described["StateReason"].as_str().unwrap_or_default().to_owned();
    if course.is_settled() {
        lab.takes("public-connection", course.since(), &course)?;
    } else {
        lab.unsettled(
            "public-connection",
            &format!("the connection is not settled: {course}; {reason}"),
        )?;
    }
    if reason.is_empty() {
        let why = format!("the connection has no reason to quote anything in: {course}");
        return lab.unsettled("quotes_secrets_in_reasons", &why);
    }
    let form = quotes::form(&reason, &lab.secret);
    lab.answer(
        "quotes_secrets_in_reasons",
        form,
        &[format!("{course}; StateReason: {reason}")],
    )
}
