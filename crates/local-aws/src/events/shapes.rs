//! The constraints of EventBridge's inputs (model version 2015-10-07).

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::protocol::shape::{Member, Shape, list, one_of, optional, required, text};

pub(super) fn of(operation: &str) -> Option<&'static Shape> {
    static SHAPES: LazyLock<HashMap<&'static str, Shape>> = LazyLock::new(all);
    SHAPES.get(operation)
}

fn name() -> Shape {
    text(1, 64).pattern(r"[\.\-_A-Za-z0-9]+").shape()
}

const AUTH_HEADER: &str = r"[ \t]*[^\x00-\x1F:\x7F]+([ \t]+[^\x00-\x1F:\x7F]+)*[ \t]*";

fn auth_header() -> Shape {
    text(1, 512).pattern(AUTH_HEADER).shape()
}

fn auth_secret() -> Shape {
    text(1, 512).pattern(AUTH_HEADER).secret().shape()
}

fn http_parameters() -> Shape {
    let parameters = |key: Shape, value: Shape| {
        let parameter = vec![
            optional("Key", key),
            optional("Value", value),
            optional("IsValueSecret", Shape::Flag),
        ];
        list(0, 100, Shape::Object(parameter))
    };
    let header_key = text(0, 512).pattern("[!#$%&'*+-.^_`|~0-9a-zA-Z]+").shape();
    let header_value = text(0, 512)
        .pattern(r"[ \t]*[\x20-\x7E]+([ \t]+[\x20-\x7E]+)*[ \t]*")
        .secret()
        .shape();
    let query_key = text(0, 512).pattern(r"[^\x00-\x1F\x7F]+").shape();
    let query_value = text(0, 512)
        .pattern(r"[^\x00-\x09\x0B\x0C\x0E-\x1F\x7F]+")
        .secret()
        .shape();
    let any = || text(0, usize::MAX);
    Shape::Object(vec![
        optional("HeaderParameters", parameters(header_key, header_value)),
        optional("QueryStringParameters", parameters(query_key, query_value)),
        optional(
            "BodyParameters",
            parameters(any().shape(), any().secret().shape()),
        ),
    ])
}

fn connectivity() -> Shape {
    let arn = r"(arn:[a-z0-9\-]+:vpc-lattice:[a-zA-Z0-9\-]+:\d{12}:resourceconfiguration/rcfg-[0-9a-z]{17})?";
    let arn = text(0, 2048).pattern(arn).shape();
    let resource = Shape::Object(vec![required("ResourceConfigurationArn", arn)]);
    Shape::Object(vec![required("ResourceParameters", resource)])
}

/// AuthParameters; what is required for a create is optional for an update.
fn auth_parameters(member: fn(&'static str, Shape) -> Member) -> Shape {
    let endpoint = r"((%[0-9A-Fa-f]{2}|[-()_.!~*';/?:@\x26=+$,A-Za-z0-9])+)([).!';/?:,])?";
    let client = Shape::Object(vec![
        member("ClientID", auth_header()),
        member("ClientSecret", auth_secret()),
    ]);
    let oauth = Shape::Object(vec![
        member("ClientParameters", client),
        member("AuthorizationEndpoint", text(1, 2048).pattern(endpoint).shape()),
        member("HttpMethod", one_of(&["GET", "POST", "PUT"])),
        optional("OAuthHttpParameters", http_parameters()),
    ]);
    Shape::Object(vec![
        optional(
            "BasicAuthParameters",
            Shape::Object(vec![
                member("Username", auth_header()),
                member("Password", auth_secret()),
            ]),
        ),
        optional("OAuthParameters", oauth),
        optional(
            "ApiKeyAuthParameters",
            Shape::Object(vec![
                member("ApiKeyName", auth_header()),
                member("ApiKeyValue", auth_secret()),
            ]),
        ),
        optional("InvocationHttpParameters", http_parameters()),
        optional("ConnectivityParameters", connectivity()),
    ])
}

fn connection(member: fn(&'static str, Shape) -> Member) -> Shape {
    Shape::Object(vec![
        required("Name", name()),
        optional("Description", text(0, 512).shape()),
        member(
            "AuthorizationType",
            one_of(&["BASIC", "OAUTH_CLIENT_CREDENTIALS", "API_KEY"]),
        ),
        member("AuthParameters", auth_parameters(member)),
        optional("InvocationConnectivityParameters", connectivity()),
        optional(
            "KmsKeyIdentifier",
            text(0, 2048).pattern(r"[a-zA-Z0-9_\-/:]*").shape(),
        ),
    ])
}

fn all() -> HashMap<&'static str, Shape> {
    let named = || Shape::Object(vec![required("Name", name())]);
    let resource = || required("ResourceARN", text(1, 1600).shape());
    let tag = Shape::Object(vec![
        required("Key", text(1, 128).shape()),
        required("Value", text(0, 256).shape()),
    ]);
    HashMap::from([
        ("CreateConnection", connection(required)),
        ("UpdateConnection", connection(optional)),
        ("DescribeConnection", named()),
        ("DeleteConnection", named()),
        ("DeauthorizeConnection", named()),
        (
            "ListConnections",
            Shape::Object(vec![
                optional("NamePrefix", name()),
                optional(
                    "ConnectionState",
                    one_of(&[
                        "CREATING",
                        "UPDATING",
                        "DELETING",
                        "AUTHORIZED",
                        "DEAUTHORIZED",
                        "AUTHORIZING",
                        "DEAUTHORIZING",
                        "ACTIVE",
                        "FAILED_CONNECTIVITY",
                    ]),
                ),
                optional("NextToken", text(1, 2048).shape()),
                optional("Limit", Shape::Integer { min: 1, max: 100 }),
            ]),
        ),
        (
            "TagResource",
            Shape::Object(vec![resource(), required("Tags", list(0, usize::MAX, tag))]),
        ),
        (
            "UntagResource",
            Shape::Object(vec![
                resource(),
                required("TagKeys", list(0, usize::MAX, text(1, 128).shape())),
            ]),
        ),
        ("ListTagsForResource", Shape::Object(vec![resource()])),
    ])
}
