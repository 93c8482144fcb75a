//! A call over a connection: what the connection adds to a request, the way through the network, and the exchange.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::{Method, Request, StatusCode, Uri};
use http_body_util::Full;
use serde_json::{Value, json};

use crate::core::faults::{Cut, Verdict};
use crate::dataplane::network::{self, Call, Way};
use crate::dataplane::oauth;
use crate::services::events::{Connection, ConnectionState, lifecycle};
use crate::shared::Shared;

/// Why a call brought no answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Unanswered {
    /// The connection is not what it has to be: a kind, in the words of Step Functions' error names, and the
    /// cause.
    Connection { kind: &'static str, cause: String },
    /// Nothing answered.
    Socket(String),
    /// The request is none that can be sent.
    Invalid(String),
}

impl Unanswered {
    pub(crate) fn connection(kind: &'static str, cause: impl Into<String>) -> Self {
        Self::Connection {
            kind,
            cause: cause.into(),
        }
    }
}

/// A name and value of a request, and whether it has to be withheld from who may not see secrets.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) secret: bool,
}

impl Part {
    pub(crate) fn plain(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
            secret: false,
        }
    }
}

/// A request on its way out; header names are in lower case.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    pub(crate) connection_arn: String,
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) query: Vec<Part>,
    pub(crate) headers: Vec<Part>,
    pub(crate) body: Option<Value>,
    pub(crate) body_has_secrets: bool,
    /// A header that the connection has too goes out twice, as recorded of HTTP tasks; else the connection's counts.
    pub(crate) keeps_own_headers: bool,
    /// The type of a body that is told no other.
    pub(crate) content_type: &'static str,
    /// How the body becomes bytes.
    pub(crate) encode: fn(&Value) -> String,
}

/// What a server answered.
#[derive(Clone, Debug)]
pub(crate) struct Response {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The answer that a fault rule puts in the place of the server's.
    fn faulty(verdict: &Verdict) -> Option<Self> {
        if let Some(error) = &verdict.refuse {
            let status = StatusCode::from_u16(error.status).ok()?;
            let mut response = Self::json(status, &json!({ "message": error.message }));
            if let Some(seconds) = error.retry_after {
                response
                    .headers
                    .push(("retry-after".to_owned(), seconds.to_string()));
            }
            return Some(response);
        }
        let garbled = verdict.reply.as_ref()?;
        Some(Self {
            status: StatusCode::from_u16(garbled.status).ok()?,
            headers: vec![("content-type".to_owned(), garbled.content_type.clone())],
            body: Bytes::from(garbled.body.clone()),
        })
    }

    fn json(status: StatusCode, body: &Value) -> Self {
        Self {
            status,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: Bytes::from(body.to_string()),
        }
    }
}

fn set(parts: &mut Vec<Part>, name: &str, value: String, secret: bool) {
    parts.retain(|part| part.name != name);
    parts.push(Part {
        name: name.to_owned(),
        value,
        secret,
    });
}

/// The parameters of one list of HTTP parameters: name, value, and whether the value is secret.
pub(crate) fn listed<'p>(http: &'p Value, list: &str) -> impl Iterator<Item = Part> + 'p {
    let parameters = http[list].as_array().into_iter().flatten();
    parameters.map(|parameter| Part {
        name: parameter["Key"].as_str().unwrap_or_default().to_owned(),
        value: parameter["Value"].as_str().unwrap_or_default().to_owned(),
        secret: parameter["IsValueSecret"].as_bool().unwrap_or(false),
    })
}

impl Outgoing {
    pub(crate) fn host(&self) -> &str {
        self.uri.host().unwrap_or_default()
    }

    /// Lays the connection's invocation parameters over the request's own ("Call HTTPS APIs": the connection's
    /// come first).
    pub(crate) fn add_parameters(&mut self, http: &Value) -> Result<(), Unanswered> {
        for part in listed(http, "HeaderParameters") {
            let name = part.name.to_lowercase();
            if self.keeps_own_headers {
                self.headers.push(Part { name, ..part });
            } else {
                set(&mut self.headers, &name, part.value, part.secret);
            }
        }
        for part in listed(http, "QueryStringParameters") {
            set(&mut self.query, &part.name, part.value, part.secret);
        }
        for part in listed(http, "BodyParameters") {
            let body = self.body.get_or_insert_with(|| json!({}));
            match body {
                Value::Object(members) => {
                    members.insert(part.name, part.value.into());
                    self.body_has_secrets |= part.secret;
                }
                _ if self.keeps_own_headers => {
                    let text = "The connection has body parameters, which only an object takes";
                    return Err(Unanswered::Invalid(text.to_owned()));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Puts the connection's parameters and credentials on the request; a token is fetched if there is none.
    pub(crate) async fn authorize(&mut self, shared: &Shared) -> Result<(), Unanswered> {
        let parameters = {
            let world = shared.world();
            connection(world.events(), &self.connection_arn)?
                .parameters
                .clone()
        };
        self.add_parameters(&parameters["InvocationHttpParameters"])?;
        let text = |pointer: &str| parameters.pointer(pointer).and_then(Value::as_str);
        let (name, value) = if let (Some(name), Some(key)) = (
            text("/ApiKeyAuthParameters/ApiKeyName"),
            text("/ApiKeyAuthParameters/ApiKeyValue"),
        ) {
            (name.to_lowercase(), key.to_owned())
        } else if let (Some(user), Some(password)) = (
            text("/BasicAuthParameters/Username"),
            text("/BasicAuthParameters/Password"),
        ) {
            let credentials = BASE64_STANDARD.encode(format!("{user}:{password}"));
            ("authorization".to_owned(), format!("Basic {credentials}"))
        } else {
            let token = oauth::token(shared, &self.connection_arn).await?;
            ("authorization".to_owned(), format!("Bearer {token}"))
        };
        set(&mut self.headers, &name, value, true);
        Ok(())
    }

    /// Sends an authorized request. Refused credentials take the connection's authorization away; with OAuth a
    /// new token is tried first.
    pub(crate) async fn exchange(&mut self, shared: &Shared) -> Result<Response, Unanswered> {
        let response = self.send(shared).await?;
        if !is_refusal(response.status) {
            return Ok(response);
        }
        if oauth::forget(shared, &self.connection_arn) {
            self.authorize(shared).await?;
            return self.send(shared).await;
        }
        let reason = format!(
            "The endpoint refused the credentials of the connection with the status code {}.",
            response.status.as_u16()
        );
        lifecycle::credentials_refused(&mut shared.world(), &self.connection_arn, reason);
        shared.announce();
        Ok(response)
    }

    async fn send(&self, shared: &Shared) -> Result<Response, Unanswered> {
        let way = {
            let world = shared.world();
            let connection = connection(world.events(), &self.connection_arn)?;
            let call = Call {
                method: &self.method,
                host: self.host(),
                port: self.uri.port_u16().unwrap_or(443),
                path: self.uri.path(),
                api_header: self
                    .headers
                    .iter()
                    .find(|header| header.name == "x-apigw-api-id")
                    .map(|header| header.value.as_str()),
            };
            let path = connection.invocation_path.as_ref();
            let is_ahead = connection.state == ConnectionState::Authorized && path.is_some();
            if is_ahead && !world.settings.authorized_lets_calls_through {
                Way::Closed("the connection is not ACTIVE yet".to_owned())
            } else {
                network::way(&world, path, &call)
            }
        };
        over(shared, way, self.host(), self.request()?).await
    }

    /// Path and query, without the secrets if they are not to be seen.
    pub(crate) fn target(&self, reveals: bool) -> String {
        let pairs = self
            .query
            .iter()
            .filter(|part| reveals || !part.secret)
            .map(|part| format!("{}={}", encode(&part.name), encode(&part.value)));
        let query: Vec<String> = self
            .uri
            .query()
            .map(str::to_owned)
            .into_iter()
            .chain(pairs)
            .collect();
        let path = self.uri.path();
        if query.is_empty() {
            path.to_owned()
        } else {
            format!("{path}?{}", query.join("&"))
        }
    }

    fn request(&self) -> Result<Request<Full<Bytes>>, Unanswered> {
        let mut request = Request::builder()
            .method(self.method.clone())
            .uri(self.target(true))
            .header("host", authority(&self.uri));
        if self.body.is_some() && !self.headers.iter().any(|header| header.name == "content-type") {
            request = request.header("content-type", self.content_type);
        }
        for header in &self.headers {
            request = request.header(&header.name, &header.value);
        }
        let body = self.body.as_ref().map(self.encode).unwrap_or_default();
        request
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| Unanswered::Invalid(error.to_string()))
    }
}

/// Sends a request where its way leads.
pub(crate) async fn over(
    shared: &Shared,
    way: Way,
    host: &str,
    request: Request<Full<Bytes>>,
) -> Result<Response, Unanswered> {
    match way {
        Way::Closed(reason) => Err(Unanswered::Socket(format!("Connection Timed Out ({reason})"))),
        Way::Forbidden(message) => Ok(Response::json(
            StatusCode::FORBIDDEN,
            &json!({ "message": message }),
        )),
        Way::Open => {
            let verdict = {
                let target = format!("{host}{}", request.uri());
                shared.world().faults.judge_invocation(target)
            };
            if let Some(delay) = verdict.delay {
                tokio::time::sleep(delay).await;
            }
            if verdict.cut == Some(Cut::Before) {
                return Err(Unanswered::Socket("Connection reset by peer".to_owned()));
            }
            if let Some(response) = Response::faulty(&verdict) {
                shared.private_api.note(&request, response.status);
                return Ok(response);
            }
            let (parts, body) = shared
                .private_api
                .call(host, request)
                .await
                .map_err(|error| Unanswered::Socket(error.to_string()))?;
            if verdict.cut == Some(Cut::After) {
                return Err(Unanswered::Socket("Connection reset by peer".to_owned()));
            }
            let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
            let headers = parts
                .headers
                .iter()
                .map(|(name, value)| (name.as_str().to_owned(), text(value)));
            Ok(Response {
                status: parts.status,
                headers: headers.collect(),
                body,
            })
        }
    }
}

/// The connection of an ARN.
pub(crate) fn connection<'s>(
    events: &'s crate::services::events::State,
    arn: &str,
) -> Result<&'s Connection, Unanswered> {
    let found = events.connection(arn);
    found
        .ok_or_else(|| Unanswered::connection("ResourceNotFound", format!("Connection {arn} does not exist")))
}

/// Whether a status says that the credentials are no good ("De-authorizing connections": 401 and 407).
pub(crate) fn is_refusal(status: StatusCode) -> bool {
    matches!(status.as_u16(), 401 | 407)
}

pub(crate) fn authority(uri: &Uri) -> &str {
    uri.authority()
        .map(http::uri::Authority::as_str)
        .unwrap_or_default()
}

/// Percent-encodes everything but the unreserved characters of RFC 3986.
pub(crate) fn encode(text: &str) -> String {
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
