//! One request over the network that was found for it, and what comes back.

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::Full;
use serde_json::{Value, json};

use crate::core::faults::{Cut, Verdict};
use crate::dataplane::network::Way;
use crate::services::events::{self, Connection};
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
            let status = StatusCode::from_u16(error.status()).ok()?;
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
pub(crate) fn connection<'s>(events: &'s events::State, arn: &str) -> Result<&'s Connection, Unanswered> {
    let found = events.connection(arn);
    found
        .ok_or_else(|| Unanswered::connection("ResourceNotFound", format!("Connection {arn} does not exist")))
}
