//! What the schema cannot express. Works offline; unknown values are left to the next validation, when they
//! are known.

use terraform_plugin::{Attr, Diagnostic, Diagnostics, Outcome, Path, path};

use super::model::{Authorization, Model};
use crate::component::naming::RESERVED_TAG_PREFIX;

/// EC2 and VPC Lattice take 50 tags; two are the provider's own.
const MOST_TAGS: usize = 48;

pub fn validate(config: &Model) -> Outcome {
    let mut wrong = Diagnostics::new();
    subnets(config, &mut wrong);
    if let Attr::Known(given) = &config.authorization {
        authorization(given, &mut wrong);
    }
    tags(config, &mut wrong);
    wrong.into_outcome()
}

fn subnets(config: &Model, wrong: &mut Diagnostics) {
    let Some(subnets) = config
        .network
        .known()
        .and_then(|network| network.subnet_ids.known())
    else {
        return;
    };
    let at = path!("network", "subnet_ids");
    if subnets.is_empty() {
        let detail =
            "network.subnet_ids is empty. Name at least one subnet, or leave it out to use the endpoint's.";
        wrong.push(Diagnostic::error("No subnet", detail).at(at.clone()));
    }
    for subnet in subnets {
        let is_id = |id: &str| {
            id.strip_prefix("subnet-")
                .is_some_and(|rest| [8, 17].contains(&rest.len()))
        };
        let detail = match subnet {
            Attr::Unknown => continue,
            Attr::Known(id) if is_id(id) => continue,
            Attr::Known(id) => format!("{id:?} is not the id of a subnet, such as subnet-0123456789abcdef0."),
            Attr::Null => "network.subnet_ids has a null element. Remove it.".to_owned(),
        };
        wrong.push(Diagnostic::error("Invalid subnet", detail).at(at.clone()));
    }
}

fn authorization(given: &Authorization, wrong: &mut Diagnostics) {
    let at = path!("authorization");
    let unknown = given.api_key.is_unknown() || given.basic.is_unknown() || given.none.is_unknown();
    let ways = [
        given.api_key.is_known(),
        given.basic.is_known(),
        given.none.is_known(),
    ];
    match ways.into_iter().filter(|given| *given).count() {
        0 if !unknown => {
            let detail = "authorization is empty. Set exactly one of api_key, basic and none = {}.";
            wrong.push(Diagnostic::error("No authorization", detail).at(at.clone()));
        }
        0 | 1 => {}
        _ => {
            let detail =
                "authorization has more than one way in. Keep exactly one of api_key, basic and none.";
            wrong.push(Diagnostic::error("More than one authorization", detail).at(at.clone()));
        }
    }
    if let Attr::Known(key) = &given.api_key {
        secret(
            &path!("authorization", "api_key"),
            "value",
            [&key.value, &key.value_wo, &key.value_wo_version],
            wrong,
        );
    }
    if let Attr::Known(basic) = &given.basic {
        let values = [&basic.password, &basic.password_wo, &basic.password_wo_version];
        secret(&path!("authorization", "basic"), "password", values, wrong);
    }
}

/// A secret `X` or its write-only twin `X_wo` with `X_wo_version`: exactly one of the first two, and the
/// version with the second.
fn secret(at: &Path, name: &str, [plain, write_only, version]: [&Attr<String>; 3], wrong: &mut Diagnostics) {
    let mut error = |summary: &str, detail: String, attribute: String| {
        wrong.push(Diagnostic::error(summary, detail).at(at.then(attribute.as_str())));
    };
    match (plain, write_only) {
        (Attr::Null, Attr::Null) => error(
            "No secret",
            format!(
                "{at} has neither {name} nor {name}_wo. Set {name}_wo with {name}_wo_version, or {name}."
            ),
            format!("{name}_wo"),
        ),
        (Attr::Known(_), Attr::Known(_)) => error(
            "Two secrets",
            format!("{at} has both {name} and {name}_wo. Keep one; {name}_wo stays out of the state."),
            name.to_owned(),
        ),
        _ => {}
    }
    match (write_only, version) {
        (Attr::Known(_), Attr::Null) => error(
            "No version",
            format!(
                "{name}_wo needs {name}_wo_version: its change is what sends the secret again. Set it to \"1\"."
            ),
            format!("{name}_wo_version"),
        ),
        (Attr::Null, Attr::Known(_)) if !plain.is_unknown() => error(
            "Version without a secret",
            format!(
                "{name}_wo_version is of no use without {name}_wo. Set {name}_wo, or remove the version."
            ),
            format!("{name}_wo_version"),
        ),
        _ => {}
    }
}

fn tags(config: &Model, wrong: &mut Diagnostics) {
    let Some(tags) = config.tags.known() else { return };
    if tags.len() > MOST_TAGS {
        let detail = format!(
            "tags has {} entries. AWS takes 50, of which the provider needs two.",
            tags.len()
        );
        wrong.push(Diagnostic::error("Too many tags", detail).at(path!("tags")));
    }
    for (key, value) in tags {
        let detail = if key.starts_with(RESERVED_TAG_PREFIX) || key.to_ascii_lowercase().starts_with("aws:") {
            format!("The tag key {key} begins with a prefix that is reserved. Choose another key.")
        } else if key.is_empty() || key.chars().count() > 128 {
            "A tag key has 1 to 128 characters.".to_owned()
        } else if value.is_null() {
            format!("The tag {key} is null. Give it a value (\"\" is one), or remove it.")
        } else if value.known().is_some_and(|value| value.chars().count() > 256) {
            format!("The value of tag {key} is longer than 256 characters.")
        } else {
            continue;
        };
        let at = path!("tags").then(terraform_plugin::Step::key(key.as_str()));
        wrong.push(Diagnostic::error("Invalid tag", detail).at(at));
    }
}
