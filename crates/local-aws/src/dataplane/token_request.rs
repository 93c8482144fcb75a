//! The request for a token with client credentials, and the judgement of new credentials.
//!
//! EventBridge sends the credentials as `client_id` and `client_secret` among the parameters of the body, and no
//! `Authorization` header: recorded.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Uri};
use http_body_util::Full;
use serde_json::Value;

use crate::core::world::World;
use crate::dataplane::network::{self, Call, Path, Way};
use crate::dataplane::parameters::{authority, listed};
use crate::seed::servers::Asked;
use crate::wire::percent_encode;

/// How long a token is used whose life the token endpoint does not tell.
pub(super) const UNTOLD_LIFE: Duration = Duration::from_secs(3600);

/// The request for a token.
pub(super) struct Asking {
    method: Method,
    uri: Uri,
    /// Path and query.
    target: String,
    headers: HeaderMap,
    body: String,
}

impl Asking {
    /// The request that a connection's OAuthParameters make; an error names the part that is wrong.
    pub(super) fn new(oauth: &Value) -> Result<Self, String> {
        let text = |pointer: &str| oauth.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let endpoint = text("/AuthorizationEndpoint");
        let uri: Uri = endpoint
            .parse()
            .map_err(|_| format!("'{endpoint}' is not a URL"))?;
        // It may be told in small letters, which are no method of HTTP.
        let method = text("/HttpMethod")
            .to_uppercase()
            .parse()
            .map_err(|_| "the HttpMethod is none".to_owned())?;
        let http = &oauth["OAuthHttpParameters"];
        let form = |list: &str| -> Vec<String> {
            listed(http, list)
                .map(|part| format!("{}={}", percent_encode(&part.name), percent_encode(&part.value)))
                .collect()
        };
        let mut query: Vec<String> = uri.query().map(str::to_owned).into_iter().collect();
        query.extend(form("QueryStringParameters"));
        let mut body = form("BodyParameters");
        let own = [
            ("grant_type", "client_credentials"),
            ("client_id", text("/ClientParameters/ClientID")),
            ("client_secret", text("/ClientParameters/ClientSecret")),
        ];
        for (name, value) in own {
            if !body.iter().any(|pair| pair.split('=').next() == Some(name)) {
                body.push(format!("{name}={}", percent_encode(value)));
            }
        }
        let mut headers = HeaderMap::new();
        let own = [
            ("host", authority(&uri)),
            ("content-type", "application/x-www-form-urlencoded"),
            ("user-agent", "Amazon/EventBridge/ApiDestinations"),
        ];
        let given: Vec<_> = listed(http, "HeaderParameters").collect();
        let given = given.iter().map(|part| (part.name.as_str(), part.value.as_str()));
        for (name, value) in own.into_iter().chain(given) {
            let name: http::HeaderName = name.parse().map_err(|_| format!("'{name}' is no header"))?;
            let value = value
                .parse()
                .map_err(|_| format!("the value of {name} is none of a header"))?;
            headers.insert(name, value);
        }
        // A GET has no body; what it says goes with the query.
        let body = if method == Method::GET {
            query.append(&mut body);
            String::new()
        } else {
            body.join("&")
        };
        let target = if query.is_empty() {
            uri.path().to_owned()
        } else {
            format!("{}?{}", uri.path(), query.join("&"))
        };
        Ok(Self {
            method,
            uri,
            target,
            headers,
            body,
        })
    }

    pub(super) fn host(&self) -> &str {
        self.uri.host().unwrap_or_default()
    }

    pub(super) fn way(&self, world: &World, path: Option<&Path>) -> Way {
        let call = Call {
            method: &self.method,
            host: self.host(),
            port: self.uri.port_u16().unwrap_or(443),
            path: self.uri.path(),
            api_header: self
                .headers
                .get("x-apigw-api-id")
                .and_then(|value| value.to_str().ok()),
        };
        network::way(world, path, &call)
    }

    /// Whether nothing is known of the token endpoint, which then is taken to give a token.
    pub(super) fn is_unknown(&self, world: &World, path: Option<&Path>) -> bool {
        world.settings.unknown_token_endpoints_answer
            && path.is_none()
            && network::is_unknown(world, self.host())
    }

    /// # Errors
    /// The path that is none.
    pub(super) fn request(self) -> Result<Request<Full<Bytes>>, String> {
        let mut request = Request::new(Full::new(Bytes::from(self.body)));
        *request.method_mut() = self.method;
        *request.uri_mut() = self
            .target
            .parse()
            .map_err(|_| format!("'{}' is no path", self.target))?;
        *request.headers_mut() = self.headers;
        Ok(request)
    }
}

/// The token in an answer, with its life.
pub(super) fn read(body: &[u8]) -> Option<(String, Duration)> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let life = answer["expires_in"]
        .as_u64()
        .map_or(UNTOLD_LIFE, Duration::from_secs);
    Some((answer["access_token"].as_str()?.to_owned(), life))
}

/// As AWS says it.
pub(super) const UNREACHABLE: &str = "Could not connect to the specified endpoint.";

pub(super) fn refused(status: u16) -> String {
    format!("The authorization endpoint refused the client credentials with the status code {status}.")
}

/// What becomes of a connection's new credentials.
#[derive(Debug, PartialEq)]
pub(crate) enum Verdict {
    Authorized,
    /// The token endpoint does not want them, for this reason.
    Refused(String),
    /// The token endpoint does not answer.
    Unreachable(String),
}

/// Tries a connection's credentials at its token endpoint while the world stands still, which is why the server
/// is asked without a socket.
pub(crate) fn judge(world: &World, oauth: &Value, path: Option<&Path>) -> Verdict {
    let asking = match Asking::new(oauth) {
        Ok(asking) => asking,
        Err(reason) => return Verdict::Unreachable(reason),
    };
    if asking.is_unknown(world, path) {
        return Verdict::Authorized;
    }
    match asking.way(world, path) {
        Way::Closed(_) => Verdict::Unreachable(UNREACHABLE.to_owned()),
        Way::Forbidden(_) => Verdict::Refused(refused(403)),
        Way::Open => {
            let answered = world.origin.servers.answer(&Asked {
                method: &asking.method,
                target: &asking.target,
                headers: &asking.headers,
                body: asking.body.as_bytes(),
                now: world.elapsed(),
            });
            match answered.status {
                // It can only be asked over a socket, which a call does.
                _ if answered.upstream.is_some() => Verdict::Authorized,
                200..=299 if read(answered.body.as_bytes()).is_some() => Verdict::Authorized,
                status => Verdict::Refused(refused(status)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn asking(method: &str) -> Asking {
        Asking::new(&json!({
            "AuthorizationEndpoint": "https://login.example.com/token?tenant=1", "HttpMethod": method,
            "ClientParameters": { "ClientID": "c", "ClientSecret": "s" },
            "OAuthHttpParameters": {
                "HeaderParameters": [{ "Key": "X-Tenant", "Value": "7" }],
                "QueryStringParameters": [{ "Key": "a b", "Value": "c&d" }],
                "BodyParameters": [{ "Key": "scope", "Value": "read" }],
            },
        }))
        .unwrap()
    }

    #[test]
    fn a_post_carries_its_parameters_where_they_belong() {
        let asking = asking("POST");
        assert_eq!(asking.target, "/token?tenant=1&a%20b=c%26d");
        assert_eq!(
            asking.body,
            "scope=read&grant_type=client_credentials&client_id=c&client_secret=s"
        );
        assert_eq!(asking.headers.get("authorization"), None);
        assert_eq!(asking.headers["x-tenant"], "7");
        assert_eq!(asking.headers["host"], "login.example.com");
    }

    #[test]
    fn a_get_has_no_body() {
        let asking = asking("GET");
        assert_eq!(
            asking.target,
            "/token?tenant=1&a%20b=c%26d&scope=read&grant_type=client_credentials&client_id=c&client_secret=s"
        );
        assert_eq!(asking.body, "");
    }
}
