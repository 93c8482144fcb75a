//! How calls are authorized, and what EventBridge adds to them.

use std::collections::BTreeMap;

use terraform_plugin::schema::{Attribute, Rule, boolean, map_nested, single, string};
use terraform_plugin::{Diagnostic, Diagnostics, Outcome, Path, Step, Value};

use super::HTTPS_URL;
use super::network::configuration_arn;
use crate::component::reserved;

/// CreateConnection, the shape AuthHeaderParameters: no control characters and no colon.
const AUTH_VALUE: &str = r"^[ \t]*[^\x00-\x1F:\x7F]+([ \t]+[^\x00-\x1F:\x7F]+)*[ \t]*$";
const AUTH_WORDS: &str = "1 to 512 characters without control characters and colons";

fn value(words: &str) -> Attribute {
    string()
        .length(1..=512)
        .matches(AUTH_VALUE, AUTH_WORDS)
        .describe(words)
}

/// What a write-only attribute says of itself.
fn write_only(words: &str, name: &str) -> String {
    format!(
        "{words}, never in plan or state. Needs Terraform or OpenTofu 1.11, and `{name}_version`. Changes in place, sent again \
         when the version changes."
    )
}

/// The write-only twin of a secret.
fn twin(attribute: Attribute, version: &str) -> Attribute {
    attribute.optional().sensitive().write_only().rule(
        Rule::requires([version])
            .because("A change of the version is what sends the secret again: begin with \"1\"."),
    )
}

/// The version of a write-only secret, which has no meaning beside the plain ones. Where the secret itself stands beside
/// them, that is what is told.
fn version(of: &str, plain: &[&str]) -> Attribute {
    let alone = plain.iter().map(|plain| {
        Rule::when(*plain, [], [Rule::is_absent()]).because(&format!("A version belongs to {of} alone."))
    });
    let says_something =
        Rule::length(1..).because("An empty text tells no version from another: begin with \"1\".");
    string()
        .optional()
        .rule(says_something)
        .rule(Rule::unless([of], alone))
        .describe(&format!(
        "Version of `{of}`, any text, such as `1` or a secret's version id. Changes in place: any change of it sends the \
         secret again. Required with `{of}`."
    ))
}

/// Exactly one of a secret and its write-only twin. That none is may come of what they refer to.
fn one_secret(name: &str) -> Rule {
    let twin = format!("{name}_wo");
    let both = [name, twin.as_str()];
    let none_is = Rule::exactly_one_of(both).because(&format!(
        "A variable or a data source that it names may have no value. {twin} stays out of the state."
    ));
    let both_are = Rule::conflicting(both).because(&format!("{twin} stays out of the state."));
    Rule::all([Rule::unless(both, [none_is]), both_are])
}

pub fn authorization() -> Attribute {
    single([
        ("api_key", api_key()),
        ("basic", basic()),
        ("oauth_client_credentials", oauth()),
        (
            "none",
            single([]).optional().describe(
                "`none = {}`: no credentials, for an API that relies on its resource policy. EventBridge demands an \
                 authorization, so that calls carry the header `x-private-api-invocation: none`. Conflicts with the other \
                 kinds. Changes in place.",
            ),
        ),
    ])
    .required()
    .each([Rule::exactly_one_of(["api_key", "basic", "oauth_client_credentials", "none"])])
    .describe(
        "How calls are authorized: exactly one of `api_key`, `basic`, `oauth_client_credentials` and `none`. Changes in \
         place, from any to any.",
    )
}

fn api_key() -> Attribute {
    single([
        (
            "name",
            value("Name of the header, such as `x-api-key`. Changes in place.").required().rule(
                Rule::none_of_any_case([reserved::PARAMETER]).because(
                    "It is the provider's own header, by which it knows a connection without an authorization. Choose \
                     another header, or set authorization = { none = {} }.",
                ),
            ),
        ),
        (
            "value",
            value("The key. Stands in the state; `value_wo` does not. Exactly one of the two. Changes in place.")
                .optional()
                .sensitive(),
        ),
        (
            "value_wo",
            twin(value(&write_only("The key", "value_wo")), "value_wo_version"),
        ),
        ("value_wo_version", version("value_wo", &["value"])),
    ])
    .optional()
    .each([one_secret("value")])
    .describe("A key in a header. Exactly one of `value` and `value_wo`. Changes in place.")
}

/// Like [`AUTH_VALUE`], without showing what was given: a pasted `user:password` has a secret in it.
fn a_user(given: &Value) -> Outcome {
    let is_control = |letter: char| letter.is_control() && letter != '\t';
    let given = given.as_str().unwrap_or_default();
    let wrong = if given.contains(':') {
        "It has a colon. Give the user's name alone, and the password in password_wo."
    } else if given.trim().is_empty() || given.contains(is_control) {
        "It must be a user's name, 1 to 512 characters without control characters."
    } else {
        return Ok(());
    };
    Err(Diagnostic::error("Invalid user", wrong).into())
}

fn basic() -> Attribute {
    let password = "The password. Stands in the state; `password_wo` does not. Exactly one of the two. Changes in place.";
    single([
        (
            "username",
            string()
                .required()
                .length(1..=512)
                .rule(Rule::custom(a_user))
                .describe("The user. Changes in place."),
        ),
        ("password", value(password).optional().sensitive()),
        (
            "password_wo",
            twin(
                value(&write_only("The password", "password_wo")),
                "password_wo_version",
            ),
        ),
        ("password_wo_version", version("password_wo", &["password"])),
    ])
    .optional()
    .each([one_secret("password")])
    .describe("HTTP basic authorization. Exactly one of `password` and `password_wo`. Changes in place.")
}

fn oauth() -> Attribute {
    let secret = "The client's secret. Stands in the state; `client_secret_wo` does not. Exactly one of the two. Changes in place.";
    single([
        (
            "authorization_endpoint",
            string()
                .required()
                .length(1..=2048)
                .matches(HTTPS_URL, "an https URL, such as https://auth.example.com/oauth/token")
                .describe("URL from which EventBridge fetches tokens. Changes in place."),
        ),
        (
            "http_method",
            string()
                .optional()
                .one_of(["GET", "POST", "PUT"])
                .describe("Method by which a token is asked for: `GET`, `POST` or `PUT`. Default `POST`. Changes in place."),
        ),
        ("client_id", value("The client's id. Changes in place.").required()),
        ("client_secret", value(secret).optional().sensitive()),
        (
            "client_secret_wo",
            twin(value(&write_only("The client's secret", "client_secret_wo")), "client_secret_wo_version"),
        ),
        ("client_secret_wo_version", version("client_secret_wo", &["client_secret"])),
        (
            "oauth_http_parameters",
            http_parameters(
                "Headers, query string and body parameters of the request for a token, such as `grant_type` and `scope`. \
                 Default: none. Changes in place.",
            ),
        ),
        (
            "private_authorization_endpoint",
            single([
                (
                    "same_path",
                    boolean().optional()
                        .rule(
                            Rule::when("resource_configuration_arn", [], [Rule::none_of([true])]).because(
                                "The token endpoint is reached by one path: the invocation's own or that configuration. Keep one of \
                                 the two.",
                            ),
                        )
                        .describe("`true`: it is reached by the invocation's own path. Exactly one of this and `resource_configuration_arn`. Changes in \
                         place."),
                ),
                (
                    "resource_configuration_arn",
                    configuration_arn()
                        .rule(
                            Rule::when("same_path", [Rule::one_of([false])], [Rule::is_required()]).because(
                                "Set it, or same_path = true; or remove private_authorization_endpoint where the token endpoint is \
                                 public.",
                            ),
                        )
                        .describe(
                        "The resource configuration by which it is reached, such as a `private_api_path`'s. Exactly one of this and \
                         `same_path`. Changes in place.",
                    ),
                ),
            ])
            .optional()
            .each([Rule::at_least_one_of(["same_path", "resource_configuration_arn"])
                .because("Remove it where the token endpoint is public.")])
            .describe(
                "How the token endpoint is reached where it is private: exactly one of `same_path` and \
                 `resource_configuration_arn`. Default: it is public. Changes in place.",
            ),
        ),
    ])
    .optional()
    .each([one_secret("client_secret")])
    .describe("OAuth client credentials. Exactly one of `client_secret` and `client_secret_wo`. Changes in place.")
}

pub fn http_parameters(words: &str) -> Attribute {
    single([
        (
            "header",
            parameters("Headers, by name.", &HEADERS).rule(Rule::custom(one_entry_a_header)),
        ),
        (
            "query_string",
            parameters("Parameters of the query string, by name.", &QUERY),
        ),
        (
            "body",
            parameters(
                "Parameters of the body, by name: members of a JSON body, or fields of a form.",
                &BODY,
            ),
        ),
    ])
    .optional()
    .describe(words)
}

/// The case of a header's name has no meaning: two names that differ in nothing else are one header.
fn one_entry_a_header(given: &Value) -> Outcome {
    let Value::Map(given) = given else {
        return Ok(());
    };
    let mut wrong = Diagnostics::new();
    let mut met: BTreeMap<String, &str> = BTreeMap::new();
    for name in given.keys() {
        if let Some(other) = met.insert(name.to_ascii_lowercase(), name) {
            let detail = format!(
                "{other} and {name} are the same header, because the case of its name has no meaning. Keep one of them."
            );
            wrong
                .push(Diagnostic::error("Header given twice", detail).at(Path::root().then(Step::key(name))));
        }
    }
    wrong.into_outcome()
}

/// What EventBridge takes as the name and as the value of a parameter: a pattern each, and in words.
struct Takes {
    name: (&'static str, &'static str),
    value: (&'static str, &'static str),
    /// So many characters a value has at least.
    least: usize,
}

/// CreateConnection, `HeaderParameters`.
const HEADERS: Takes = Takes {
    name: (
        r"^[!#$%&'*+.^_`|~0-9a-zA-Z-]{1,512}$",
        "a header's name, letters, digits and hyphens",
    ),
    value: (
        r"^[ \t]*[\x20-\x7E]+([ \t]+[\x20-\x7E]+)*[ \t]*$",
        "printable ASCII characters",
    ),
    least: 1,
};

/// CreateConnection, `QueryStringParameters`.
const QUERY: Takes = Takes {
    name: (
        r"^[^\x00-\x1F\x7F]{1,512}$",
        "1 to 512 characters without control characters",
    ),
    value: (
        r"^[^\x00-\x1F\x7F]{1,512}$",
        "1 to 512 characters without control characters",
    ),
    least: 1,
};

const BODY: Takes = Takes {
    name: (r"(?s)^.+$", "one character or more"),
    value: (r"(?s)^.*$", "any text"),
    least: 0,
};

/// CreateConnection takes so many of each kind.
const MOST_PARAMETERS: usize = 100;

fn parameters(words: &str, takes: &Takes) -> Attribute {
    const VALUES: [&str; 3] = ["value", "secret_value", "secret_value_wo"];
    let text = |words: &str| {
        let (pattern, must_be) = takes.value;
        string()
            .length(takes.least..=512)
            .matches(pattern, must_be)
            .describe(words)
    };
    let (pattern, must_be) = takes.name;
    map_nested([
        (
            "value",
            text("The value, not secret: AWS shows it. Exactly one of this, `secret_value` and `secret_value_wo`. Changes in place.").optional(),
        ),
        (
            "secret_value",
            text("The value, secret. Stands in the state; `secret_value_wo` does not. Exactly one of the two and `value`. Changes in place.")
                .optional()
                .sensitive(),
        ),
        (
            "secret_value_wo",
            twin(text(&write_only("The value, secret", "secret_value_wo")), "secret_value_wo_version"),
        ),
        ("secret_value_wo_version", version("secret_value_wo", &["value", "secret_value"])),
    ])
    .optional()
    .no_nulls()
    .length(..=MOST_PARAMETERS)
    .keys([
        Rule::matches(pattern, must_be),
        Rule::none_of_any_case([reserved::PARAMETER])
            .because("It is the provider's own parameter, which says that a list is empty. Choose another name."),
    ])
    .each([Rule::exactly_one_of(VALUES)])
    .describe(&format!(
        "{words} Each has exactly one of `value`, `secret_value` and `secret_value_wo`. Default: none. Changes in place."
    ))
}
