//! The life of a resource configuration: names, tokens, changes, and what its gateway does while there is one.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Experiment, nothing};
use crate::lab::{Lab, Made, refused, words};
use crate::object::Kind;
use crate::trouble::{Outcome, Refusal, Trouble};

pub static EXPERIMENT: Experiment = Experiment {
    id: "configuration",
    asks: "What do names, tokens and updates of resource configurations do, how long do they take, and how is the \
           deletion of their gateway refused?",
    settles: &[
        "configuration",
        "shareable_by_default",
        "lowercases_domain_names",
        "token_mismatch_is_conflict",
        "unique_lattice_names",
        "configuration-update",
        "refuses_overlapping_changes",
        "ignores_definition_updates",
        "used_gateway_is_conflict",
        "frees_deleted_names",
        "configuration-deletion",
        "deleted_configurations_hold_gateway",
    ],
    makes: "a security group, a resource gateway with one address, and two resource configurations",
    costs: "nothing by the hour, as far as AWS's pages say",
    minutes: 5,
    cleans_up: "deletes configurations, gateway and group, in this order",
    lacks: nothing,
    run,
};

fn run(lab: &mut Lab) -> Outcome<()> {
    let gateway = lab.ready_gateway()?;
    let name = lab.name("configuration");
    let token = format!("verify-aws-{}", lab.journal.run());
    let mixed = lab.subject.dns_name.replacen("vpce-", "VPCE-", 1);
    let configuration = creation(lab, &name, &gateway, &token, &mixed)?;
    lab.question(&["token_mismatch_is_conflict"], |lab| {
        repeated_token(lab, &name, &gateway, &token)
    })?;
    let unique = second_of_a_name(lab, &name, &gateway)?;
    lab.question(&["configuration-update"], |lab| change(lab, &configuration))?;
    lab.question(&["refuses_overlapping_changes"], |lab| {
        overlapping_changes(lab, &configuration)
    })?;
    lab.question(&["ignores_definition_updates"], |lab| {
        change_of_definition(lab, &configuration, &mixed)
    })?;
    gateway_in_use(lab, &gateway)?;
    deletion(lab, &configuration, &gateway, unique)
}

fn creation(lab: &mut Lab, name: &str, gateway: &Made, token: &str, domain: &str) -> Outcome<Made> {
    let definition = json!({ "dnsResource": { "domainName": domain, "ipAddressType": "IPV4" } });
    let more = json!({ "clientToken": token, "resourceConfigurationDefinition": definition });
    let configuration = lab.configuration(name, gateway, &more)?;
    let at_once = configuration.text("status") == "ACTIVE";
    let course = lab.reaches(configuration.kind, &configuration.id, "ACTIVE")?;
    if at_once {
        lab.unsettled("configuration", "it is ACTIVE at once")?;
    } else {
        lab.takes("configuration", course.since(), &course)?;
    }
    let described = lab.read(configuration.kind, &configuration.id)?;
    match described["allowAssociationToShareableServiceNetwork"].as_bool() {
        Some(shareable) => lab.answer("shareable_by_default", shareable, &[])?,
        None => lab.unsettled("shareable_by_default", "the description has no such member")?,
    }
    let kept = domain_name(&described);
    let words = [format!("sent {:?}, read {:?}", shape(domain), shape(kept))];
    lab.answer(
        "lowercases_domain_names",
        kept != domain && kept == domain.to_lowercase(),
        &words,
    )?;
    Ok(configuration)
}

fn domain_name(described: &Value) -> &str {
    let name = described.pointer("/resourceConfigurationDefinition/dnsResource/domainName");
    name.and_then(Value::as_str).unwrap_or_default()
}

/// The beginning of a DNS name, which is as much as tells its case.
fn shape(name: &str) -> &str {
    name.split('-').next().unwrap_or_default()
}

fn repeated_token(lab: &mut Lab, name: &str, gateway: &Made, token: &str) -> Outcome<()> {
    const ID: &str = "token_mismatch_is_conflict";
    let more = json!({ "clientToken": token, "portRanges": ["8443"] });
    match lab.configuration(name, gateway, &more) {
        Ok(_) => lab.unsettled(
            ID,
            "an answer that nobody foresaw: the call with other parameters was accepted",
        ),
        Err(trouble) => conflict_or_validation(lab, ID, trouble),
    }
}

fn conflict_or_validation(lab: &mut Lab, id: &str, trouble: Trouble) -> Outcome<()> {
    match refusal(trouble)? {
        refusal if refusal.code == "ConflictException" => lab.answer(id, true, &words(&refusal)),
        refusal if refusal.code == "ValidationException" => lab.answer(id, false, &words(&refusal)),
        refusal => lab.unforeseen(id, &refusal),
    }
}

fn refusal(trouble: Trouble) -> Outcome<Refusal> {
    refused(Err(trouble))?.err().ok_or(Trouble::Interrupted)
}

/// Whether there can be two of a name.
fn second_of_a_name(lab: &mut Lab, name: &str, gateway: &Made) -> Outcome<bool> {
    const ID: &str = "unique_lattice_names";
    match lab.configuration(name, gateway, &json!({})) {
        Ok(second) => {
            lab.answer(ID, false, &[])?;
            lab.reaches(second.kind, &second.id, "ACTIVE")?;
            lab.remove(&second)?;
            Ok(false)
        }
        Err(trouble) => {
            let refusal = refusal(trouble)?;
            match refusal.code.as_str() {
                "ConflictException" => lab.answer(ID, true, &words(&refusal))?,
                _ => lab.unforeseen(ID, &refusal)?,
            }
            Ok(true)
        }
    }
}

fn update(lab: &Lab, configuration: &Made, input: &Value) -> Outcome<Value> {
    let path = format!("/resourceconfigurations/{}", configuration.id);
    lab.aws
        .lattice("UpdateResourceConfiguration", "PATCH", &path, Some(input))
}

fn ports(ports: &str) -> Value {
    json!({ "portRanges": [ports] })
}

fn change(lab: &mut Lab, configuration: &Made) -> Outcome<()> {
    update(lab, configuration, &ports("443-444"))?;
    let course = lab.update_course(configuration.kind, &configuration.id)?;
    lab.update_takes("configuration-update", &course)
}

fn overlapping_changes(lab: &mut Lab, configuration: &Made) -> Outcome<()> {
    const ID: &str = "refuses_overlapping_changes";
    let first = update(lab, configuration, &ports("443-445"))?;
    let second = refused(update(lab, configuration, &ports("443-446")))?;
    match second {
        Err(refusal) => lab.answer(ID, true, &words(&refusal))?,
        Ok(_) if first["status"] == "UPDATE_IN_PROGRESS" => lab.answer(ID, false, &[])?,
        Ok(_) => lab.unsettled(ID, "each change was finished at once")?,
    }
    lab.update_course(configuration.kind, &configuration.id).map(drop)
}

fn change_of_definition(lab: &mut Lab, configuration: &Made, before: &str) -> Outcome<()> {
    const ID: &str = "ignores_definition_updates";
    let other =
        json!({ "dnsResource": { "domainName": lab.subject.other_dns_name, "ipAddressType": "IPV4" } });
    let input = json!({ "resourceConfigurationDefinition": other });
    match refused(update(lab, configuration, &input))? {
        Err(refusal) => lab.answer(ID, false, &words(&refusal)),
        Ok(_) => {
            let described = lab.read_settled(configuration.kind, &configuration.id)?;
            if domain_name(&described).eq_ignore_ascii_case(before) {
                lab.answer(ID, true, &["accepted, and the name stays".to_owned()])
            } else {
                lab.unsettled(ID, "an answer that nobody foresaw: the name was changed")
            }
        }
    }
}

fn gateway_in_use(lab: &mut Lab, gateway: &Made) -> Outcome<()> {
    const ID: &str = "used_gateway_is_conflict";
    match gateway.kind.delete(&lab.aws, &gateway.id) {
        Ok(_) => {
            lab.unsettled(ID, "an answer that nobody foresaw: the gateway was deleted")?;
            Err(Trouble::Unexpected(
                "the gateway was deleted while a configuration used it".to_owned(),
            ))
        }
        Err(trouble) => conflict_or_validation(lab, ID, trouble),
    }
}

fn deletion(lab: &mut Lab, configuration: &Made, gateway: &Made, unique: bool) -> Outcome<()> {
    const ID: &str = "frees_deleted_names";
    configuration.kind.delete(&lab.aws, &configuration.id)?;
    let again = if unique {
        Some(lab.configuration(&configuration.name, gateway, &json!({})))
    } else {
        None
    };
    let course = lab.goes(configuration.kind, &configuration.id)?;
    lab.is_gone(configuration)?;
    lab.takes("configuration-deletion", course.since(), &course)?;
    match again {
        None => lab.unsettled(ID, "names are not unique, so that none is ever taken")?,
        Some(_) if course.since().is_zero() => lab.unsettled(ID, "it was gone at once")?,
        Some(Ok(_)) => lab.answer(ID, true, &[])?,
        Some(Err(trouble)) => {
            let refusal = refusal(trouble)?;
            lab.answer(ID, false, &words(&refusal))?;
        }
    }
    // What took the name over goes, too: the gateway is to have none.
    let others: Vec<_> = lab.journal.objects().to_vec();
    for entry in others
        .into_iter()
        .filter(|entry| entry.kind == Kind::ResourceConfiguration)
    {
        if let Some(id) = &entry.id {
            lab.reaches(entry.kind, id, "ACTIVE")?;
        }
        lab.remove_entry(&entry)?;
    }
    held_gateway(lab, gateway)
}

fn held_gateway(lab: &mut Lab, gateway: &Made) -> Outcome<()> {
    const ID: &str = "deleted_configurations_hold_gateway";
    let mut last = Vec::new();
    let course = lab.observe(Duration::from_secs(300), |lab, course, passed| {
        match refused(gateway.kind.delete(&lab.aws, &gateway.id))? {
            Ok(_) => {
                course.note(passed, "deleted");
                Ok(true)
            }
            Err(refusal) => {
                course.note(passed, &refusal.code);
                last = words(&refusal);
                Ok(false)
            }
        }
    })?;
    if course.at("deleted").is_none() {
        return lab.unsettled(ID, &format!("the gateway cannot be deleted: {course}"));
    }
    last.insert(0, course.to_string());
    lab.answer(ID, course.since().as_secs(), &last)
}
