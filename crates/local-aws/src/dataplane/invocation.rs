//! A call over a connection: what the connection adds to a request, and what refused credentials lead to.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::{Method, Request, StatusCode, Uri};
use http_body_util::Full;
use serde_json::{Value, json};

use crate::dataplane::exchange::{Response, Unanswered, connection, over};
use crate::dataplane::network::{self, Call, Way};
use crate::dataplane::oauth;
use crate::dataplane::parameters::{Part, authority, listed, set};
use crate::services::events::{ConnectionState, lifecycle};
use crate::shared::Shared;
use crate::wire::percent_encode;

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
    /// A header that the connection has too goes out twice, the connection's first, as recorded of HTTP tasks; else the
    /// connection's counts.
    pub(crate) keeps_own_headers: bool,
    /// The type of a body that is told no other.
    pub(crate) content_type: &'static str,
    /// How the body becomes bytes.
    pub(crate) encode: fn(&Value) -> String,
}

impl Outgoing {
    pub(crate) fn host(&self) -> &str {
        self.uri.host().unwrap_or_default()
    }

    /// Lays the connection's invocation parameters over the request's own ("Call HTTPS APIs": the connection's
    /// come first).
    pub(crate) fn add_parameters(&mut self, http: &Value) -> Result<(), Unanswered> {
        let mut ahead = Vec::new();
        for part in listed(http, "HeaderParameters") {
            let name = part.name.to_lowercase();
            if self.keeps_own_headers {
                ahead.push(Part { name, ..part });
            } else {
                set(&mut self.headers, &name, part.value, part.secret);
            }
        }
        self.headers.splice(..0, ahead);
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
                    let text = "Cannot merge connection body authorization parameters with request body.";
                    return Err(Unanswered::Invalid(text.to_owned()));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn parameters(&self, shared: &Shared) -> Result<Value, Unanswered> {
        let world = shared.world();
        Ok(connection(world.events(), &self.connection_arn)?
            .parameters
            .clone())
    }

    /// Puts the connection's parameters and credentials on the request; a token is fetched if there is none.
    pub(crate) async fn authorize(&mut self, shared: &Shared) -> Result<(), Unanswered> {
        let parameters = self.parameters(shared)?;
        self.add_parameters(&parameters["InvocationHttpParameters"])?;
        self.add_credentials(shared, &parameters).await
    }

    /// Puts the connection's credentials on the request, in the place of those that are there.
    async fn add_credentials(&mut self, shared: &Shared, parameters: &Value) -> Result<(), Unanswered> {
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
            // The other parameters are on the request already.
            let parameters = self.parameters(shared)?;
            self.add_credentials(shared, &parameters).await?;
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
            .map(|part| format!("{}={}", percent_encode(&part.name), percent_encode(&part.value)));
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

/// Whether a status says that the credentials are no good ("De-authorizing connections": 401 and 407).
pub(crate) fn is_refusal(status: StatusCode) -> bool {
    matches!(status.as_u16(), 401 | 407)
}
