//! Whether a connection's key is looked for, and whether an empty one clears it.

use serde_json::json;

use super::{Experiment, nothing};
use crate::lab::{Course, LONGEST, Lab, refused, words};
use crate::trouble::Outcome;

pub static EXPERIMENT: Experiment = Experiment {
    id: "kms-key",
    asks: "Is a connection with a key that does not exist refused, and does an empty KmsKeyIdentifier clear the key?",
    settles: &["checks_kms_keys", "empty_key_clears"],
    makes: "one or two public connections with an API key",
    costs: "nothing; the key is yours already",
    minutes: 2,
    cleans_up: "deletes the connections",
    lacks: nothing,
    run,
};

/// The id of no key: keys get theirs by chance.
const NO_KEY: &str = "00000000-0000-4000-8000-000000000000";

fn run(lab: &mut Lab) -> Outcome<()> {
    lab.question(&["checks_kms_keys"], no_key)?;
    empty_key(lab)
}

fn no_key(lab: &mut Lab) -> Outcome<()> {
    match refused(
        lab.connection(&json!({ "KmsKeyIdentifier": NO_KEY }))
            .map(|made| made.answer),
    )? {
        Ok(_) => lab.answer("checks_kms_keys", false, &[]),
        Err(refusal) => lab.answer("checks_kms_keys", true, &words(&refusal)),
    }
}

fn empty_key(lab: &mut Lab) -> Outcome<()> {
    const ID: &str = "empty_key_clears";
    let Some(key) = lab.given.kms_key_id.clone() else {
        return lab.unsettled(
            ID,
            "--kms-key-id was not given, and a key of its own could not be removed at once",
        );
    };
    let connection = lab.connection(&json!({ "KmsKeyIdentifier": key }))?;
    lab.course(connection.kind, &connection.id, LONGEST, Course::is_settled)?;
    if let Err(refusal) = refused(lab.update(&connection, &json!({ "KmsKeyIdentifier": "" })))? {
        return lab.unforeseen(ID, &refusal);
    }
    let described = lab.read_settled(connection.kind, &connection.id)?;
    let left = described["KmsKeyIdentifier"].as_str().unwrap_or_default();
    lab.answer(ID, left.is_empty(), &[])
}
