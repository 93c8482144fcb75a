//! An HTTP task: the connection's credentials, the way through the network, the call, and what is shown of
//! it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::{Method, Request, Uri};
use http_body_util::Full;
use serde_json::{Map, Value, json};

use super::Inspection;
use crate::events::{Connection, ConnectionState, lifecycle};
use crate::network::{self, Way};
use crate::shared::Shared;

/// A state's error and its cause.
#[derive(Debug, PartialEq)]
pub(super) struct Failure {
    pub(super) error: String,
    pub(super) cause: String,
}

impl Failure {
    pub(super) fn socket(cause: impl Into<String>) -> Self {
        Self {
            error: "States.Http.Socket".to_owned(),
            cause: cause.into(),
        }
    }

    fn runtime(cause: impl Into<String>) -> Self {
        Self {
            error: "States.Runtime".to_owned(),
            cause: cause.into(),
        }
    }

    fn connection(kind: &str, cause: impl Into<String>) -> Self {
        Self {
            error: format!("Events.ConnectionResource.{kind}"),
            cause: cause.into(),
        }
    }
}

/// A name and value of a request, and whether it has to be withheld from who may not see secrets.
struct Part {
    name: String,
    value: String,
    secret: bool,
}

/// The request as it goes out.
struct Outgoing {
    connection: String,
    method: Method,
    uri: Uri,
    query: Vec<Part>,
    headers: Vec<Part>,
    body: Option<Value>,
    body_has_secrets: bool,
}

/// Makes the call, and gives what an HTTP task puts out.
pub(super) async fn call(
    shared: &Shared,
    arguments: &Value,
    inspection: Inspection,
    data: &mut Map<String, Value>,
) -> Result<Value, Failure> {
    let outgoing = prepare(shared, arguments)?;
    if inspection.trace {
        data.insert("request".to_owned(), outgoing.trace(inspection.reveals_secrets));
    }
    let host = outgoing.uri.host().unwrap_or_default().to_owned();
    let way = {
        let world = shared.world();
        let connection = world.events.connections.get(&outgoing.connection);
        let connection =
            connection.ok_or_else(|| Failure::connection("ResourceNotFound", "The connection is gone"))?;
        let api_header = outgoing
            .headers
            .iter()
            .find(|header| header.name == "x-apigw-api-id");
        let port = outgoing.uri.port_u16().unwrap_or(443);
        network::way(
            &world,
            connection,
            &host,
            port,
            api_header.map(|header| header.value.as_str()),
        )
    };
    let (status, headers, body) = match way {
        Way::Closed(reason) => return Err(Failure::socket(format!("Connection Timed Out ({reason})"))),
        Way::PublicFront => {
            let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
            (
                http::StatusCode::FORBIDDEN,
                headers,
                Bytes::from_static(br#"{"message":"Forbidden"}"#),
            )
        }
        Way::Api => {
            let request = outgoing.request(&shared.seed.region)?;
            let (parts, body) = shared
                .private_api
                .call(&host, request)
                .await
                .map_err(|error| Failure::socket(error.to_string()))?;
            let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
            let headers = parts
                .headers
                .iter()
                .map(|(name, value)| (name.as_str().to_owned(), text(value)));
            (parts.status, headers.collect(), body)
        }
    };

    let text = String::from_utf8_lossy(&body).into_owned();
    let reason = status.canonical_reason().unwrap_or_default();
    if inspection.trace {
        let lines: Vec<String> = headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        let response = json!({
            "protocol": "https",
            "statusCode": status.as_u16().to_string(),
            "statusMessage": reason,
            "headers": format!("[{}]", lines.join(", ")),
            "body": text,
        });
        data.insert("response".to_owned(), response);
    }
    if matches!(status.as_u16(), 401 | 407) {
        lifecycle::credentials_refused(&mut shared.world(), &outgoing.connection, status.as_u16());
    }
    if !status.is_success() {
        return Err(Failure {
            error: format!("States.Http.StatusCode.{}", status.as_u16()),
            cause: text,
        });
    }
    let mut listed = Map::new();
    for (name, value) in headers {
        if let Value::Array(values) = listed.entry(name).or_insert_with(|| json!([])) {
            values.push(value.into());
        }
    }
    let body = serde_json::from_str(&text).unwrap_or_else(|_| Value::from(text));
    Ok(
        json!({ "Headers": listed, "ResponseBody": body, "StatusCode": status.as_u16(), "StatusText": reason }),
    )
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
    let known = METHODS.contains(&method).then(|| method.parse().ok()).flatten();
    let method: Method =
        known.ok_or_else(|| Failure::runtime(format!("'{method}' is not a method of HTTP tasks")))?;
    let arn = text("/InvocationConfig/ConnectionArn")
        .or_else(|| text("/Authentication/ConnectionArn"))
        .unwrap_or_default();

    let world = shared.world();
    let connection = world
        .events
        .connections
        .values()
        .find(|connection| connection.arn == arn);
    let connection = connection
        .ok_or_else(|| Failure::connection("ResourceNotFound", format!("Connection {arn} does not exist")))?;
    usable(connection)?;
    let mut outgoing = Outgoing {
        connection: connection.name.clone(),
        method,
        query: parts(arguments.get("QueryParameters")),
        headers: parts(arguments.get("Headers")),
        body: arguments.get("RequestBody").cloned(),
        body_has_secrets: false,
        uri,
    };
    for header in &mut outgoing.headers {
        header.name = header.name.to_lowercase();
    }
    if let Some(header) = outgoing.headers.iter().find(|header| is_forbidden(&header.name)) {
        return Err(Failure::runtime(format!(
            "The header {} cannot be set by an HTTP task",
            header.name
        )));
    }
    outgoing.add_connection(&connection.parameters)?;
    Ok(outgoing)
}

/// Whether a connection can be used in its state.
fn usable(connection: &Connection) -> Result<(), Failure> {
    let state = connection.state;
    let cause = format!(
        "The connection {} is in state {}",
        connection.name,
        state.as_str()
    );
    match state {
        ConnectionState::Active | ConnectionState::Authorized => Ok(()),
        ConnectionState::Authorizing => Err(Failure::connection("AuthInProgress", cause)),
        ConnectionState::FailedConnectivity => {
            Err(Failure::connection("InvalidPrivateConnectionState", cause))
        }
        _ => Err(Failure::connection("InvalidConnectionState", cause)),
    }
}

/// What a task may not set itself ("Call HTTPS APIs in Step Functions workflows").
fn is_forbidden(header: &str) -> bool {
    const NAMES: [&str; 12] = [
        "authorization",
        "connection",
        "content-md5",
        "date",
        "expect",
        "host",
        "max-forwards",
        "proxy-authenticate",
        "server",
        "te",
        "transfer-encoding",
        "trailer",
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
        .map(|(name, value)| Part {
            name: name.clone(),
            value: plain(value),
            secret: false,
        })
        .collect()
}

fn set(parts: &mut Vec<Part>, name: &str, value: String, secret: bool) {
    parts.retain(|part| part.name != name);
    parts.push(Part {
        name: name.to_owned(),
        value,
        secret,
    });
}

impl Outgoing {
    /// Lays the connection's parameters and credentials over the task's own.
    fn add_connection(&mut self, parameters: &Value) -> Result<(), Failure> {
        let text = |pointer: &str| parameters.pointer(pointer).and_then(Value::as_str);
        let http = &parameters["InvocationHttpParameters"];
        for (list, kind) in [
            ("HeaderParameters", 'h'),
            ("QueryStringParameters", 'q'),
            ("BodyParameters", 'b'),
        ] {
            for parameter in http[list].as_array().into_iter().flatten() {
                let name = parameter["Key"].as_str().unwrap_or_default();
                let value = parameter["Value"].as_str().unwrap_or_default().to_owned();
                let secret = parameter["IsValueSecret"].as_bool().unwrap_or(false);
                match kind {
                    'h' => set(&mut self.headers, &name.to_lowercase(), value, secret),
                    'q' => set(&mut self.query, name, value, secret),
                    _ => {
                        let body = self.body.get_or_insert_with(|| json!({}));
                        if let Some(members) = body.as_object_mut() {
                            members.insert(name.to_owned(), value.into());
                            self.body_has_secrets |= secret;
                        }
                    }
                }
            }
        }
        if let (Some(name), Some(key)) = (
            text("/ApiKeyAuthParameters/ApiKeyName"),
            text("/ApiKeyAuthParameters/ApiKeyValue"),
        ) {
            set(&mut self.headers, &name.to_lowercase(), key.to_owned(), true);
        } else if let (Some(user), Some(password)) = (
            text("/BasicAuthParameters/Username"),
            text("/BasicAuthParameters/Password"),
        ) {
            let credentials = BASE64_STANDARD.encode(format!("{user}:{password}"));
            set(
                &mut self.headers,
                "authorization",
                format!("Basic {credentials}"),
                true,
            );
        } else {
            return Err(Failure::connection(
                "InternalError",
                "Calls with OAuth connections are not served here",
            ));
        }
        Ok(())
    }

    fn path(&self, query: &[&Part]) -> String {
        let mut path = self.uri.path().to_owned();
        let given = self.uri.query().map(str::to_owned);
        let pairs = query
            .iter()
            .map(|part| format!("{}={}", encode(&part.name), encode(&part.value)));
        let query: Vec<String> = given.into_iter().chain(pairs).collect();
        if !query.is_empty() {
            path.push('?');
            path.push_str(&query.join("&"));
        }
        path
    }

    fn request(&self, region: &str) -> Result<Request<Full<Bytes>>, Failure> {
        let authority = self
            .uri
            .authority()
            .map(http::uri::Authority::as_str)
            .unwrap_or_default();
        let mut request = Request::builder()
            .method(self.method.clone())
            .uri(self.path(&self.query.iter().collect::<Vec<_>>()))
            .header("host", authority)
            .header("user-agent", format!("Amazon|StepFunctions|HttpInvoke|{region}"))
            .header("range", "bytes=0-262144");
        if self.body.is_some() && !self.headers.iter().any(|header| header.name == "content-type") {
            request = request.header("content-type", "application/json");
        }
        for header in &self.headers {
            request = request.header(&header.name, &header.value);
        }
        let body = self
            .body
            .as_ref()
            .map(|body| Bytes::from(body.to_string()))
            .unwrap_or_default();
        request
            .body(Full::new(body))
            .map_err(|error| Failure::runtime(error.to_string()))
    }

    /// The request as TRACE shows it: secrets only to who may see them.
    fn trace(&self, reveals: bool) -> Value {
        let visible = |part: &&Part| reveals || !part.secret;
        let host = self
            .uri
            .authority()
            .map(http::uri::Authority::as_str)
            .unwrap_or_default();
        let query: Vec<&Part> = self.query.iter().filter(visible).collect();
        let headers: Vec<String> = self
            .headers
            .iter()
            .filter(visible)
            .map(|header| format!("{}: {}", header.name, header.value))
            .collect();
        let mut trace = json!({
            "protocol": "https",
            "method": self.method.as_str(),
            "url": format!("https://{host}{}", self.path(&query)),
            "headers": format!("[{}]", headers.join(", ")),
        });
        if let Some(body) = self.body.as_ref().filter(|_| reveals || !self.body_has_secrets) {
            trace["body"] = body.to_string().into();
        }
        trace
    }
}

fn encode(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| {
            if plain(byte) {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect()
}
