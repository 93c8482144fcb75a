//! How calls are authorized, and what EventBridge adds to them.

use terraform_plugin::schema::{Attribute, boolean, map_nested, single, string};

use super::network::configuration_arn;

/// CreateConnection, the shape AuthHeaderParameters: no control characters and no colon.
const AUTH_VALUE: &str = r"^[ \t]*[^\x00-\x1F:\x7F]+([ \t]+[^\x00-\x1F:\x7F]+)*[ \t]*$";
const AUTH_WORDS: &str = "1 to 512 characters without control characters and colons";
const HTTPS_URL: &str = r"^https://[-_.~A-Za-z0-9]+(:[0-9]{1,5})?(/[-()_.!~*';/?:@&=+$,%A-Za-z0-9]*)?$";

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

fn version(of: &str) -> Attribute {
    string().optional().describe(&format!(
        "Version of `{of}`, any text, such as `1` or a secret's version id. Changes in place: any change of it sends the \
         secret again. Required with `{of}`."
    ))
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
    .describe(
        "How calls are authorized: exactly one of `api_key`, `basic`, `oauth_client_credentials` and `none`. Changes in \
         place, from any to any.",
    )
}

fn api_key() -> Attribute {
    single([
        (
            "name",
            value("Name of the header, such as `x-api-key`. Changes in place.").required(),
        ),
        (
            "value",
            value("The key. Stands in the state; `value_wo` does not. Exactly one of the two. Changes in place.")
                .optional()
                .sensitive(),
        ),
        (
            "value_wo",
            value(&write_only("The key", "value_wo"))
                .optional()
                .sensitive()
                .write_only(),
        ),
        ("value_wo_version", version("value_wo")),
    ])
    .optional()
    .describe("A key in a header. Exactly one of `value` and `value_wo`. Changes in place.")
}

fn basic() -> Attribute {
    let password = "The password. Stands in the state; `password_wo` does not. Exactly one of the two. Changes in place.";
    single([
        ("username", value("The user. Changes in place.").required()),
        ("password", value(password).optional().sensitive()),
        (
            "password_wo",
            value(&write_only("The password", "password_wo"))
                .optional()
                .sensitive()
                .write_only(),
        ),
        ("password_wo_version", version("password_wo")),
    ])
    .optional()
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
            value(&write_only("The client's secret", "client_secret_wo")).optional().sensitive().write_only(),
        ),
        ("client_secret_wo_version", version("client_secret_wo")),
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
                    boolean().optional().describe("`true`: it is reached by the invocation's own path. Exactly one of this and `resource_configuration_arn`. Changes in \
                         place."),
                ),
                (
                    "resource_configuration_arn",
                    configuration_arn().describe(
                        "The resource configuration by which it is reached, such as a `private_api_path`'s. Exactly one of this and \
                         `same_path`. Changes in place.",
                    ),
                ),
            ])
            .optional()
            .describe(
                "How the token endpoint is reached where it is private: exactly one of `same_path` and \
                 `resource_configuration_arn`. Default: it is public. Changes in place.",
            ),
        ),
    ])
    .optional()
    .describe("OAuth client credentials. Exactly one of `client_secret` and `client_secret_wo`. Changes in place.")
}

pub fn http_parameters(words: &str) -> Attribute {
    single([
        ("header", parameters("Headers, by name.")),
        (
            "query_string",
            parameters("Parameters of the query string, by name."),
        ),
        (
            "body",
            parameters("Parameters of the body, by name: members of a JSON body, or fields of a form."),
        ),
    ])
    .optional()
    .describe(words)
}

fn parameters(words: &str) -> Attribute {
    let text = |words: &str| string().optional().length(0..=512).describe(words);
    map_nested([
        ("value", text("The value, not secret: AWS shows it. Exactly one of this, `secret_value` and `secret_value_wo`. Changes in place.")),
        (
            "secret_value",
            text("The value, secret. Stands in the state; `secret_value_wo` does not. Exactly one of the two and `value`. Changes in place.").sensitive(),
        ),
        ("secret_value_wo", text(&write_only("The value, secret", "secret_value_wo")).sensitive().write_only()),
        ("secret_value_wo_version", version("secret_value_wo")),
    ])
    .optional()
    .describe(&format!(
        "{words} Each has exactly one of `value`, `secret_value` and `secret_value_wo`. Default: none. Changes in place."
    ))
}
