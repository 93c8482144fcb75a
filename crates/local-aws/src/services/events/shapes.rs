//! The constraints of EventBridge's inputs (model version 2015-10-07).

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::wire::shape::{Member, Shape, list, one_of, optional, required, text};

pub(super) fn of(operation: &str) -> Option<&'static Shape> {
    static SHAPES: LazyLock<HashMap<&'static str, Shape>> = LazyLock::new(all);
    SHAPES.get(operation)
}

fn name() -> Shape {
    text(1, 64).pattern(r"[\.\-_A-Za-z0-9]+").shape()
}

const AUTH_HEADER: &str = r"^[ \t]*[^\x00-\x1F:\x7F]+([ \t]+[^\x00-\x1F:\x7F]+)*[ \t]*$";

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
    let header_key = text(0, 512).pattern("^[!#$%&'*+-.^_`|~0-9a-zA-Z]+$").shape();
    let header_value = text(0, 512)
        .pattern(r"^[ \t]*[\x20-\x7E]+([ \t]+[\x20-\x7E]+)*[ \t]*$")
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
    let arn = r"^(?:^arn:[a-z0-9\-]+:vpc-lattice:[a-zA-Z0-9\-]+:\d{12}:resourceconfiguration/rcfg-[0-9a-z]{17}$|^$)";
    let arn = text(0, 2048).pattern(arn).shape();
    let resource = Shape::Object(vec![required("ResourceConfigurationArn", arn)]);
    Shape::Object(vec![required("ResourceParameters", resource)])
}

/// AuthParameters; what is required for a create is optional for an update.
fn auth_parameters(member: fn(&'static str, Shape) -> Member) -> Shape {
    let client = Shape::Object(vec![
        member("ClientID", auth_header()),
        member("ClientSecret", auth_secret()),
    ]);
    let oauth = Shape::Object(vec![
        member("ClientParameters", client),
        member("AuthorizationEndpoint", text(1, 2048).pattern(ENDPOINT).shape()),
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
            text(0, 2048).pattern(r"^[a-zA-Z0-9_\-/:]*$").shape(),
        ),
    ])
}

const ENDPOINT: &str = r"^((%[0-9A-Fa-f]{2}|[-()_.!~*';/?:@\x26=+$,A-Za-z0-9])+)([).!';/?:,])?$";

fn api_destination(member: fn(&'static str, Shape) -> Member) -> Shape {
    // In the order in which the service tells them.
    let methods = &["HEAD", "POST", "PATCH", "DELETE", "PUT", "GET", "OPTIONS"];
    Shape::Object(vec![
        required("Name", name()),
        optional("Description", text(0, 512).shape()),
        member("ConnectionArn", connection_arn()),
        member("InvocationEndpoint", text(1, 2048).pattern(ENDPOINT).shape()),
        member("HttpMethod", one_of(methods)),
        optional(
            "InvocationRateLimitPerSecond",
            Shape::Integer {
                min: 1,
                max: i64::MAX,
            },
        ),
    ])
}

fn connection_arn() -> Shape {
    let arn = r"^arn:aws([a-z]|\-)*:events:([a-z]|\d|\-)*:([0-9]{12})?:connection\/[\.\-_A-Za-z0-9]+\/[\-A-Za-z0-9]+$";
    text(1, 1600).pattern(arn).shape()
}

fn bus_or_arn() -> Shape {
    let bus = r"(arn:aws[\w-]*:events:[a-z]+-[a-z]+-[\w-]+:[0-9]{12}:event-bus\/)?[/\.\-_A-Za-z0-9]+";
    text(1, 1600).pattern(bus).shape()
}

fn bus() -> Member {
    optional("EventBusName", bus_or_arn())
}

fn bus_name() -> Shape {
    text(1, 256).pattern(r"[/\.\-_A-Za-z0-9]+").shape()
}

fn tag_list() -> Shape {
    let tag = Shape::Object(vec![
        required("Key", text(1, 128).shape()),
        required("Value", text(0, 256).shape()),
    ]);
    list(0, usize::MAX, tag)
}

fn rule() -> Shape {
    Shape::Object(vec![
        required("Name", name()),
        optional("ScheduleExpression", text(0, 256).shape()),
        optional("EventPattern", text(0, 4096).shape()),
        optional(
            "State",
            one_of(&[
                "ENABLED",
                "DISABLED",
                "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
            ]),
        ),
        optional("Description", text(0, 512).shape()),
        optional("RoleArn", text(1, 1600).shape()),
        optional("Tags", tag_list()),
        bus(),
    ])
}

/// A target, as far as API destinations and the members of every target go.
fn target() -> Shape {
    let path = || text(0, 256);
    let texts = |key: &str, value: &str| Shape::Map {
        max: usize::MAX,
        key: text(0, 512).pattern(key),
        value: text(0, 512).pattern(value),
    };
    let transformer = Shape::Object(vec![
        optional(
            "InputPathsMap",
            Shape::Map {
                max: 100,
                key: text(1, 256).pattern(r"[A-Za-z0-9\_\-]+"),
                value: path(),
            },
        ),
        required("InputTemplate", text(1, 8192).shape()),
    ]);
    let http = Shape::Object(vec![
        optional(
            "PathParameterValues",
            list(0, usize::MAX, text(0, usize::MAX).pattern(r"\s*\S.*").shape()),
        ),
        optional(
            "HeaderParameters",
            texts(
                "^[!#$%&'*+-.^_`|~0-9a-zA-Z]+$",
                r"^[ \t]*[\x20-\x7E]+([ \t]+[\x20-\x7E]+)*[ \t]*$",
            ),
        ),
        optional(
            "QueryStringParameters",
            texts(r"[^\x00-\x1F\x7F]+", r"[^\x00-\x09\x0B\x0C\x0E-\x1F\x7F]+"),
        ),
    ]);
    let retry = Shape::Object(vec![
        optional("MaximumRetryAttempts", Shape::Integer { min: 0, max: 185 }),
        optional(
            "MaximumEventAgeInSeconds",
            Shape::Integer { min: 60, max: 86_400 },
        ),
    ]);
    let dead_letter = Shape::Object(vec![optional("Arn", text(1, 1600).shape())]);
    Shape::Object(vec![
        required("Id", name()),
        required("Arn", text(1, 1600).shape()),
        optional("RoleArn", text(1, 1600).shape()),
        optional("Input", text(0, 8192).shape()),
        optional("InputPath", path().shape()),
        optional("InputTransformer", transformer),
        optional("HttpParameters", http),
        optional("DeadLetterConfig", dead_letter),
        optional("RetryPolicy", retry),
    ])
}

fn event() -> Shape {
    let any = || text(0, usize::MAX).shape();
    Shape::Object(vec![
        optional("Time", Shape::Number),
        optional("Source", any()),
        optional("Resources", list(0, usize::MAX, text(0, 2048).shape())),
        optional("DetailType", any()),
        optional("Detail", any()),
        bus(),
        optional("TraceHeader", text(1, 500).shape()),
    ])
}

fn paged(mut members: Vec<Member>) -> Shape {
    members.push(optional("NextToken", text(1, 2048).shape()));
    members.push(optional("Limit", Shape::Integer { min: 1, max: 100 }));
    Shape::Object(members)
}

fn all() -> HashMap<&'static str, Shape> {
    let named = || Shape::Object(vec![required("Name", name())]);
    let resource = || required("ResourceARN", text(1, 1600).shape());
    let rule_named = || Shape::Object(vec![required("Name", name()), bus()]);
    HashMap::from([
        ("CreateApiDestination", api_destination(required)),
        ("UpdateApiDestination", api_destination(optional)),
        ("DescribeApiDestination", named()),
        ("DeleteApiDestination", named()),
        (
            "ListApiDestinations",
            paged(vec![
                optional("NamePrefix", name()),
                optional("ConnectionArn", connection_arn()),
            ]),
        ),
        (
            "CreateEventBus",
            Shape::Object(vec![
                required("Name", bus_name()),
                optional("EventSourceName", text(1, 256).shape()),
                optional("Description", text(0, 512).shape()),
                optional(
                    "KmsKeyIdentifier",
                    text(0, 2048).pattern(r"^[a-zA-Z0-9_\-/:]*$").shape(),
                ),
                optional("Tags", tag_list()),
            ]),
        ),
        (
            "DescribeEventBus",
            Shape::Object(vec![optional("Name", bus_or_arn())]),
        ),
        (
            "DeleteEventBus",
            Shape::Object(vec![required("Name", bus_name())]),
        ),
        ("ListEventBuses", paged(vec![optional("NamePrefix", bus_name())])),
        ("PutRule", rule()),
        ("DescribeRule", rule_named()),
        ("EnableRule", rule_named()),
        ("DisableRule", rule_named()),
        (
            "DeleteRule",
            Shape::Object(vec![
                required("Name", name()),
                bus(),
                optional("Force", Shape::Flag),
            ]),
        ),
        ("ListRules", paged(vec![optional("NamePrefix", name()), bus()])),
        (
            "PutTargets",
            Shape::Object(vec![
                required("Rule", name()),
                bus(),
                required("Targets", list(1, 100, target())),
            ]),
        ),
        (
            "RemoveTargets",
            Shape::Object(vec![
                required("Rule", name()),
                bus(),
                required("Ids", list(1, 100, name())),
                optional("Force", Shape::Flag),
            ]),
        ),
        ("ListTargetsByRule", paged(vec![required("Rule", name()), bus()])),
        (
            "ListRuleNamesByTarget",
            paged(vec![required("TargetArn", text(1, 1600).shape()), bus()]),
        ),
        (
            "PutEvents",
            Shape::Object(vec![
                required("Entries", list(1, 10, event())),
                optional(
                    "EndpointId",
                    text(1, 50).pattern(r"[A-Za-z0-9\-]+[\.][A-Za-z0-9\-]+").shape(),
                ),
            ]),
        ),
        (
            "TestEventPattern",
            Shape::Object(vec![
                required("EventPattern", text(0, 4096).shape()),
                required("Event", text(0, usize::MAX).shape()),
            ]),
        ),
        ("CreateConnection", connection(required)),
        ("UpdateConnection", connection(optional)),
        ("DescribeConnection", named()),
        ("DeleteConnection", named()),
        ("DeauthorizeConnection", named()),
        (
            "ListConnections",
            paged(vec![
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
            ]),
        ),
        (
            "TagResource",
            Shape::Object(vec![resource(), required("Tags", tag_list())]),
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
