//! An HTTP task: its request, the call over its connection, and what is shown of both.

use http::{Method, StatusCode, Uri};
use serde_json::{Map, Value, json};

use super::Failure;
use super::definition::Notes;
use crate::core::life_cycle::Status as _;
use crate::dataplane::exchange::{self, Response, Unanswered};
use crate::dataplane::invocation::Outgoing;
use crate::dataplane::parameters::{Part, authority};
use crate::services::events::{Connection, ConnectionState};
use crate::shared::Shared;
use crate::wire::percent_encode;

impl From<Unanswered> for Failure {
    fn from(unanswered: Unanswered) -> Self {
        match unanswered {
            Unanswered::Connection { kind, cause } => {
                Self::new(format!("Events.ConnectionResource.{kind}"), cause)
            }
            Unanswered::Socket(cause) => Self::socket(cause),
            // Recorded: nothing stands before these causes, though the error is one of the state.
            Unanswered::Invalid(cause) => Self::new("States.Runtime", cause),
        }
    }
}

/// What of a call is noted.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sight {
    pub(super) trace: bool,
    pub(super) reveals_secrets: bool,
}

/// Makes the call, and gives what an HTTP task puts out.
pub(super) async fn call(
    shared: &Shared,
    arguments: &Value,
    sight: Sight,
    notes: &mut Notes,
) -> Result<Value, Failure> {
    let mut outgoing = prepare(shared, arguments)?;
    outgoing.authorize(shared).await?;
    if sight.trace {
        notes.put("request", traced(&outgoing, sight.reveals_secrets));
    }
    let response = outgoing.exchange(shared).await?;
    let text = readable(&response)?;
    if sight.trace {
        notes.put("response", response_trace(&response, &text));
    }
    let status = response.status;
    let phrase = status.canonical_reason().unwrap_or_default();
    if !status.is_success() {
        return Err(Failure::new(
            format!("States.Http.StatusCode.{}", status.as_u16()),
            if text.is_empty() { phrase.to_owned() } else { text },
        ));
    }
    let mut listed = Map::new();
    let servers = &shared.world().origin.servers;
    for (name, value) in response.headers {
        let name = servers.spelling(&name);
        if let Value::Array(values) = listed.entry(name).or_insert_with(|| json!([])) {
            values.push(value.into());
        }
    }
    let mut output = json!({ "Headers": listed });
    if status != StatusCode::NO_CONTENT {
        output["ResponseBody"] = serde_json::from_str(&text).unwrap_or_else(|_| Value::from(text));
    }
    output["StatusCode"] = status.as_u16().into();
    output["StatusText"] = phrase.into();
    Ok(output)
}

fn prepare(shared: &Shared, arguments: &Value) -> Result<Outgoing, Failure> {
    let text = |pointer: &str| arguments.pointer(pointer).and_then(Value::as_str);
    let endpoint = text("/ApiEndpoint").unwrap_or_default();
    let uri: Uri = endpoint
        .parse()
        .map_err(|_| Failure::runtime(format!("'{endpoint}' is not a URL")))?;
    if uri.scheme_str() != Some("https") || uri.host().is_none() {
        return Err(Failure::runtime(format!(
            "The ApiEndpoint '{endpoint}' is not an https URL"
        )));
    }
    const METHODS: [&str; 7] = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"];
    let method = text("/Method").unwrap_or_default();
    let known: Option<Method> = METHODS.contains(&method).then(|| method.parse().ok()).flatten();
    let method =
        known.ok_or_else(|| Failure::runtime(format!("'{method}' is not a method of HTTP tasks")))?;
    let arn = text("/InvocationConfig/ConnectionArn")
        .or_else(|| text("/Authentication/ConnectionArn"))
        .unwrap_or_default();
    permitted(shared, arguments, arn)?;
    usable(exchange::connection(shared.world().events(), arn)?)?;

    let mut headers = own_headers(arguments)?;
    let region = &shared.seed.region;
    headers.push(Part::plain(
        "user-agent",
        format!("Amazon|StepFunctions|HttpInvoke|{region}"),
    ));
    headers.push(Part::plain("range", "bytes=0-262144"));
    let as_form = text("/Transform/RequestBodyEncoding") == Some("URL_ENCODED");
    if as_form && !headers.iter().any(|header| header.name == "content-type") {
        headers.push(Part::plain("content-type", "application/x-www-form-urlencoded"));
    }
    let arrays = text("/Transform/RequestEncodingOptions/ArrayFormat").unwrap_or("INDICES");
    Ok(Outgoing {
        connection_arn: arn.to_owned(),
        method,
        query: parts(arguments.get("QueryParameters")),
        headers,
        body: arguments.get("RequestBody").cloned(),
        body_has_secrets: false,
        keeps_own_headers: true,
        content_type: "application/json; charset=UTF-8",
        encode: match (as_form, arrays) {
            (false, _) => raw,
            (true, "REPEAT") => |body| form(body, &|name, _| name.to_owned()),
            (true, "BRACKETS") => |body| form(body, &|name, _| format!("{name}[]")),
            (true, "COMMAS") => commas,
            (true, _) => |body| form(body, &|name, index| format!("{name}[{index}]")),
        },
        uri,
    })
}

/// The headers of a task, in lower case. Recorded: of one that is given twice, in two spellings, the first one counts.
fn own_headers(arguments: &Value) -> Result<Vec<Part>, Failure> {
    let mut headers: Vec<Part> = Vec::new();
    for part in parts(arguments.get("Headers")) {
        let name = part.name.to_lowercase();
        if !headers.iter().any(|header| header.name == name) {
            headers.push(Part { name, ..part });
        }
    }
    let names = headers.iter().map(|header| header.name.as_str());
    let forbidden: Vec<&str> = names.filter(|name| is_forbidden(name)).collect();
    if forbidden.is_empty() {
        return Ok(headers);
    }
    Err(Failure::runtime(format!(
        "The Parameters '{arguments}' could not be used to start the Task: [The 'Headers' field contains unsupported \
         values: [{}]]",
        forbidden.join(", ")
    )))
}

/// What the role of a state machine needs for an HTTP task.
pub(super) const ACTIONS: &[&str] = &[
    "states:InvokeHTTPEndpoint",
    "events:RetrieveConnectionCredentials",
    "secretsmanager:DescribeSecret",
    "secretsmanager:GetSecretValue",
];

/// What a missing permission leads to. The words are recorded, but for `events:RetrieveConnectionCredentials`.
fn denial(action: &str, endpoint: &str) -> Failure {
    let (error, cause) = match action {
        "states:InvokeHTTPEndpoint" => (
            "States.Http.AccessDenied",
            format!(
                "AWS Step Functions is not authorized to perform {action} on API Endpoint {endpoint}. Ensure that the \
                 StateMachine role contains the {action} permission for the given API Endpoint"
            ),
        ),
        "events:RetrieveConnectionCredentials" => (
            "Events.ConnectionResource.AccessDenied",
            format!("The role is not authorized to perform: {action}"),
        ),
        _ => (
            "Events.ConnectionResource.AccessDenied",
            "No permissions to call DescribeSecret and/or GetSecretValue on the secret associated with the connection \
             resource."
                .to_owned(),
        ),
    };
    Failure::new(error, cause)
}

/// Whether the role may do what a call takes, as far as fault rules deny it.
fn permitted(shared: &Shared, arguments: &Value, arn: &str) -> Result<(), Failure> {
    let endpoint = arguments["ApiEndpoint"].as_str().unwrap_or_default();
    let resources = [arn.to_owned(), endpoint.to_owned()];
    let mut world = shared.world();
    for action in ACTIONS {
        if world.faults.denied(&[(*action).to_owned()], &resources).is_some() {
            return Err(denial(action, endpoint));
        }
    }
    Ok(())
}

/// A text as it is, anything else as JSON.
fn raw(body: &Value) -> String {
    plain(body)
}

/// A body as a form, with a name for each item of a list, and one for each member of an object.
fn form(body: &Value, item: &dyn Fn(&str, usize) -> String) -> String {
    let mut pairs = Vec::new();
    for (name, value) in body.as_object().into_iter().flatten() {
        put(&mut pairs, name, value, item);
    }
    pairs.join("&")
}

fn put(pairs: &mut Vec<String>, name: &str, value: &Value, item: &dyn Fn(&str, usize) -> String) {
    match value {
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                put(pairs, &item(name, index), value, item);
            }
        }
        Value::Object(members) => {
            for (member, value) in members {
                put(pairs, &format!("{name}[{member}]"), value, item);
            }
        }
        value => pairs.push(format!(
            "{}={}",
            percent_encode(name),
            percent_encode(&plain(value))
        )),
    }
}

/// A body as a form, with each list in one value.
fn commas(body: &Value) -> String {
    let mut joined = body.clone();
    for value in joined.as_object_mut().into_iter().flat_map(Map::values_mut) {
        if let Value::Array(items) = value {
            *value = items.iter().map(plain).collect::<Vec<_>>().join(",").into();
        }
    }
    form(&joined, &|name, _| name.to_owned())
}

/// Whether a connection can be used in its state.
fn usable(connection: &Connection) -> Result<(), Unanswered> {
    let state = connection.state;
    let kind = match state {
        ConnectionState::Active | ConnectionState::Authorized => return Ok(()),
        ConnectionState::Authorizing => "AuthInProgress",
        ConnectionState::FailedConnectivity => "InvalidPrivateConnectionState",
        _ => "InvalidConnectionState",
    };
    let cause = format!(
        "The connection {} is in state {}",
        connection.name,
        state.as_str()
    );
    Err(Unanswered::connection(kind, cause))
}

/// What a task may not set itself: the list in "Call HTTPS APIs in Step Functions workflows", and `Authorization`, which is
/// not in it and was recorded to be refused (localstack, 2024-11).
fn is_forbidden(header: &str) -> bool {
    const NAMES: [&str; 32] = [
        "a-im",
        "accept-charset",
        "accept-datetime",
        "accept-encoding",
        "authorization",
        "cache-control",
        "connection",
        "content-encoding",
        "content-md5",
        "date",
        "expect",
        "forwarded",
        "from",
        "host",
        "http2-settings",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-range",
        "if-unmodified-since",
        "max-forwards",
        "origin",
        "pragma",
        "proxy-authorization",
        "referer",
        "server",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "via",
        "warning",
    ];
    NAMES.contains(&header)
        || ["x-amz-", "x-amzn-", "x-forwarded-"]
            .iter()
            .any(|prefix| header.starts_with(prefix))
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn parts(object: Option<&Value>) -> Vec<Part> {
    let members = object.and_then(Value::as_object).into_iter().flatten();
    members
        .map(|(name, value)| Part::plain(name, plain(value)))
        .collect()
}

/// The text of a response; binary content types are a runtime error of HTTP tasks.
fn readable(response: &Response) -> Result<String, Failure> {
    let kind = response.header("content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    const BINARY: [&str; 4] = ["image/", "audio/", "video/", "application/octet-stream"];
    if BINARY.iter().any(|binary| kind.starts_with(binary))
        || kind == "application/pdf"
        || kind == "application/zip"
    {
        return Err(Failure::new(
            "States.Runtime",
            format!(
                "Unsupported response content-type '{kind}'. Please see documentation for list of unsupported \
                 content-types."
            ),
        ));
    }
    Ok(String::from_utf8_lossy(&response.body).into_owned())
}

/// The request as TRACE shows it: secrets only to who may see them.
fn traced(outgoing: &Outgoing, reveals: bool) -> Value {
    let headers: Vec<String> = outgoing
        .headers
        .iter()
        .filter(|header| reveals || !header.secret)
        .filter(|header| header.name != "user-agent" && header.name != "range")
        .map(|header| format!("{}: {}", header.name, header.value))
        .collect();
    let mut trace = json!({
        "protocol": "https",
        "method": outgoing.method.as_str(),
        "url": format!("https://{}{}", authority(&outgoing.uri), outgoing.target(reveals)),
        "headers": format!("[{}]", headers.join(", ")),
    });
    let body = outgoing.body.as_ref();
    if let Some(body) = body.filter(|_| reveals || !outgoing.body_has_secrets) {
        trace["body"] = (outgoing.encode)(body).into();
    }
    trace
}

fn response_trace(response: &Response, text: &str) -> Value {
    let lines: Vec<String> = response
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    json!({
        "protocol": "https",
        "statusCode": response.status.as_u16().to_string(),
        "statusMessage": response.status.canonical_reason().unwrap_or_default(),
        "headers": format!("[{}]", lines.join(", ")),
        "body": text,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_go_into_forms_as_they_are_told_to() {
        let nested = json!({ "a": { "b": { "c": 1 } } });
        assert_eq!(form(&nested, &|name, _| name.to_owned()), "a%5Bb%5D%5Bc%5D=1");
        let body = json!({ "a": [1, "x y"], "b": true });
        assert_eq!(
            form(&body, &|name, index| format!("{name}[{index}]")),
            "a%5B0%5D=1&a%5B1%5D=x%20y&b=true"
        );
        assert_eq!(form(&body, &|name, _| name.to_owned()), "a=1&a=x%20y&b=true");
        assert_eq!(commas(&body), "a=1%2Cx%20y&b=true");
    }

    #[test]
    fn a_task_cannot_set_what_is_the_connections_or_the_protocols() {
        for header in [
            "authorization",
            "host",
            "if-match",
            "pragma",
            "x-amz-date",
            "x-forwarded-for",
        ] {
            assert!(is_forbidden(header), "{header}");
        }
        for header in ["accept", "content-type", "cookie", "range", "x-apigw-api-id"] {
            assert!(!is_forbidden(header), "{header}");
        }
    }
}
