//! One authorization, each secret once, HTTP parameters that EventBridge takes, and nothing that the provider reads back
//! as nothing.

use std::sync::LazyLock;

use regex::Regex;
use terraform_plugin::{Attr, Diagnostic, Diagnostics, Path, Step, path};

use super::empty::DROPPED;
use crate::component::reserved;
use crate::invocation::model::{Authorization, HttpParameter, HttpParameters, Model, OAuth, Parameters};

/// CreateConnection, `HeaderParameters`, `Key` and `Value`.
static HEADER_NAME: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[!#$%&'*+.^_`|~0-9a-zA-Z-]{1,512}$"));
static HEADER_VALUE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^[ \t]*[\x20-\x7E]+([ \t]+[\x20-\x7E]+)*[ \t]*$"));
/// CreateConnection, `QueryStringParameters`.
static QUERY: LazyLock<Regex> = LazyLock::new(|| pattern(r"^[^\x00-\x1F\x7F]{1,512}$"));

/// CreateConnection takes so many of each kind.
const MOST_PARAMETERS: usize = 100;

fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).unwrap_or_else(|error| unreachable!("a constant pattern: {error}"))
}

pub fn validate(config: &Model, wrong: &mut Diagnostics) {
    let reserved = reserved::connection_description(config.name());
    if config.description.known() == Some(&reserved) {
        let detail = format!(
            "description is {reserved:?}, which the provider itself writes where there is no description. Choose other words, \
             or remove it."
        );
        wrong.push(Diagnostic::error("Reserved description", detail).at(path!("description")));
    }
    if let Attr::Known(given) = &config.authorization {
        authorization(given, wrong);
    }
    http_parameters(
        &config.invocation_http_parameters,
        &path!("invocation_http_parameters"),
        wrong,
    );
}

fn authorization(given: &Authorization, wrong: &mut Diagnostics) {
    const WAYS: &str = "api_key, basic, oauth_client_credentials and none";
    let at = path!("authorization");
    let oauth_given = &given.oauth_client_credentials;
    let unknown = given.api_key.is_unknown()
        || given.basic.is_unknown()
        || oauth_given.is_unknown()
        || given.none.is_unknown();
    let ways = [
        given.api_key.is_known(),
        given.basic.is_known(),
        oauth_given.is_known(),
        given.none.is_known(),
    ];
    match ways.into_iter().filter(|given| *given).count() {
        0 if !unknown => {
            let detail = format!("authorization is empty. Set exactly one of {WAYS} = {{}}. {DROPPED}");
            wrong.push(Diagnostic::error("No authorization", detail).at(at.clone()));
        }
        0 | 1 => {}
        _ => {
            let detail = format!("authorization sets more than one kind. Keep exactly one of {WAYS}.");
            wrong.push(Diagnostic::error("More than one authorization", detail).at(at.clone()));
        }
    }
    if let Attr::Known(key) = &given.api_key {
        let values = [&key.value, &key.value_wo, &key.value_wo_version];
        secret(&at.then("api_key"), "value", values, wrong);
        if key.name.known().is_some_and(|name| reserved::is_parameter(name)) {
            let detail = format!(
                "authorization.api_key.name is {}, the provider's own header, by which it knows a connection without an \
                 authorization. Choose another header, or set authorization = {{ none = {{}} }}.",
                reserved::PARAMETER
            );
            wrong.push(Diagnostic::error("Reserved name", detail).at(at.then("api_key").then("name")));
        }
    }
    if let Attr::Known(basic) = &given.basic {
        let values = [&basic.password, &basic.password_wo, &basic.password_wo_version];
        secret(&at.then("basic"), "password", values, wrong);
    }
    if let Attr::Known(oauth) = oauth_given {
        client_credentials(oauth, &at.then("oauth_client_credentials"), wrong);
    }
}

fn client_credentials(given: &OAuth, at: &Path, wrong: &mut Diagnostics) {
    let values = [
        &given.client_secret,
        &given.client_secret_wo,
        &given.client_secret_wo_version,
    ];
    secret(at, "client_secret", values, wrong);
    http_parameters(
        &given.oauth_http_parameters,
        &at.then("oauth_http_parameters"),
        wrong,
    );
    let Attr::Known(private) = &given.private_authorization_endpoint else {
        return;
    };
    let arn = &private.resource_configuration_arn;
    let detail = match (&private.same_path, arn) {
        (Attr::Known(true), Attr::Known(_)) => "has both same_path and resource_configuration_arn. Keep one.",
        (Attr::Known(false) | Attr::Null, Attr::Null) => {
            "says no way. Set same_path = true or resource_configuration_arn, or remove it where the token endpoint is public."
        }
        _ => return,
    };
    let at = at.then("private_authorization_endpoint");
    let detail = if arn.is_known() {
        format!("{at} {detail}")
    } else {
        format!("{at} {detail} {DROPPED}")
    };
    wrong.push(Diagnostic::error("Invalid private token endpoint", detail).at(at));
}

/// A secret `X` or its write-only twin `X_wo` with `X_wo_version`: exactly one of the first two, and the
/// version with the second.
fn secret(at: &Path, name: &str, [plain, write_only, version]: [&Attr<String>; 3], wrong: &mut Diagnostics) {
    if !(plain.is_null() && write_only.is_null()) {
        return twins(at, name, [plain, write_only, version], wrong);
    }
    let detail = if version.is_null() {
        format!("{at} has neither {name} nor {name}_wo. Set {name}_wo with {name}_wo_version, or {name}.")
    } else {
        format!(
            "{at} has {name}_wo_version, and {name}_wo is null. Give it the secret: a variable or a data source that it \
             names may have no value."
        )
    };
    wrong.push(Diagnostic::error("No secret", detail).at(at.then(format!("{name}_wo").as_str())));
}

/// Of a secret and its write-only twin at most one, and the version with the twin.
fn twins(at: &Path, name: &str, [plain, write_only, version]: [&Attr<String>; 3], wrong: &mut Diagnostics) {
    let mut error = |summary: &str, detail: String, attribute: String| {
        wrong.push(Diagnostic::error(summary, detail).at(at.then(attribute.as_str())));
    };
    if plain.is_known() && write_only.is_known() {
        error(
            "Two secrets",
            format!("{at} has both {name} and {name}_wo. Keep one; {name}_wo stays out of the state."),
            name.to_owned(),
        );
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

fn http_parameters(given: &Attr<HttpParameters>, at: &Path, wrong: &mut Diagnostics) {
    let Attr::Known(given) = given else { return };
    let kinds = [
        ("header", &given.header),
        ("query_string", &given.query_string),
        ("body", &given.body),
    ];
    for (kind, parameters) in kinds {
        if let Attr::Known(parameters) = parameters {
            of_kind(kind, parameters, &at.then(kind), wrong);
        }
    }
}

fn of_kind(kind: &str, parameters: &Parameters, at: &Path, wrong: &mut Diagnostics) {
    if parameters.len() > MOST_PARAMETERS {
        let detail = format!(
            "{at} has {} entries. EventBridge takes {MOST_PARAMETERS}.",
            parameters.len()
        );
        wrong.push(Diagnostic::error("Too many parameters", detail).at(at.clone()));
    }
    for (name, parameter) in parameters {
        let at = at.then(Step::key(name.as_str()));
        let (name_fits, what) = match kind {
            "header" => (
                HEADER_NAME.is_match(name),
                "a header's name, letters, digits and hyphens",
            ),
            "query_string" => (
                QUERY.is_match(name),
                "1 to 512 characters without control characters",
            ),
            _ => (!name.is_empty(), "at least one character"),
        };
        if !name_fits {
            let detail = format!("{name:?} is not a parameter name: it must be {what}.");
            wrong.push(Diagnostic::error("Invalid parameter", detail).at(at.clone()));
        }
        if reserved::is_parameter(name) {
            let detail = format!(
                "{name} is the provider's own parameter, which says that a list is empty. Choose another name."
            );
            wrong.push(Diagnostic::error("Reserved name", detail).at(at.clone()));
        }
        match parameter {
            Attr::Known(parameter) => one_value(kind, parameter, &at, wrong),
            Attr::Null => {
                let detail = format!("{at} is null. Give it a value, or remove it.");
                wrong.push(Diagnostic::error("Invalid parameter", detail).at(at));
            }
            Attr::Unknown => {}
        }
    }
}

fn one_value(kind: &str, given: &HttpParameter, at: &Path, wrong: &mut Diagnostics) {
    let values = [&given.value, &given.secret_value, &given.secret_value_wo];
    let known = values.iter().filter(|value| value.is_known()).count();
    if known == 0 && !values.iter().any(|value| value.is_unknown()) {
        let detail = format!(
            "{at} has no value. Set exactly one of value, secret_value and secret_value_wo. {DROPPED}"
        );
        wrong.push(Diagnostic::error("No value", detail).at(at.clone()));
    }
    if given.value.is_known() && known > 1 {
        let detail = format!(
            "{at} has more than one value. Keep exactly one of value, secret_value and secret_value_wo."
        );
        wrong.push(Diagnostic::error("More than one value", detail).at(at.clone()));
    }
    let twin = [
        &given.secret_value,
        &given.secret_value_wo,
        &given.secret_value_wo_version,
    ];
    twins(at, "secret_value", twin, wrong);
    let (fits, what): (fn(&str) -> bool, _) = match kind {
        "header" => (|value| HEADER_VALUE.is_match(value), "printable ASCII characters"),
        "query_string" => (
            |value| QUERY.is_match(value),
            "1 to 512 characters without control characters",
        ),
        _ => (|_| true, ""),
    };
    for (attribute, value) in ["value", "secret_value", "secret_value_wo"]
        .into_iter()
        .zip(values)
    {
        if value.known().is_some_and(|value| !fits(value)) {
            let detail = format!("{at} has a value that EventBridge does not take: it must be {what}.");
            wrong.push(Diagnostic::error("Invalid value", detail).at(at.then(attribute)));
        }
    }
}
