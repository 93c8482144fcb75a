//! Client credentials of OAuth connections: the request for a token, the tokens that are kept until they expire,
//! and the judgement of new credentials.
//!
//! EventBridge sends the credentials as `client_id` and `client_secret` among the parameters of the body, and no
//! `Authorization` header: recorded.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Uri};
use http_body_util::Full;
use serde_json::Value;

use crate::core::world::World;
use crate::dataplane::invocation::{Unanswered, authority, connection, encode, listed, over};
use crate::dataplane::network::{self, Call, Way};
use crate::dataplane::private_api::servers::Asked;
use crate::services::events::{Connection, lifecycle};
use crate::shared::Shared;

/// The tokens of connections, by the connection's ARN.
#[derive(Debug, Default)]
pub(crate) struct Tokens(Mutex<BTreeMap<String, Token>>);

#[derive(Clone, Debug)]
struct Token {
    text: String,
    /// The moment of its end.
    until: Duration,
    /// What it was fetched with; a token of other parameters is of no use.
    parameters: Value,
}

/// How long a token is used whose life the token endpoint does not tell.
const UNTOLD_LIFE: Duration = Duration::from_secs(3600);

impl Tokens {
    fn get(&self, arn: &str, parameters: &Value, now: Duration) -> Option<String> {
        let tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let token = tokens.get(arn)?;
        (token.until > now && token.parameters == *parameters).then(|| token.text.clone())
    }

    fn keep(&self, arn: &str, token: Token) {
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.insert(arn.to_owned(), token);
    }

    fn forget(&self, arn: &str) -> bool {
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.remove(arn).is_some()
    }

    pub(crate) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// The request for a token.
struct Asking {
    method: Method,
    uri: Uri,
    /// Path and query.
    target: String,
    headers: HeaderMap,
    body: String,
}

impl Asking {
    /// The request that a connection's OAuthParameters make; an error names the part that is wrong.
    fn new(oauth: &Value) -> Result<Self, String> {
        let text = |pointer: &str| oauth.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let endpoint = text("/AuthorizationEndpoint");
        let uri: Uri = endpoint
            .parse()
            .map_err(|_| format!("'{endpoint}' is not a URL"))?;
        let method = text("/HttpMethod")
            .parse()
            .map_err(|_| "the HttpMethod is none".to_owned())?;
        let http = &oauth["OAuthHttpParameters"];
        let form = |list: &str| -> Vec<String> {
            listed(http, list)
                .map(|part| format!("{}={}", encode(&part.name), encode(&part.value)))
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
                body.push(format!("{name}={}", encode(value)));
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

    fn host(&self) -> &str {
        self.uri.host().unwrap_or_default()
    }

    fn way(&self, world: &World, connection: &Connection) -> Way {
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
        network::way(world, connection.authorization_path.as_ref(), &call)
    }

    /// Whether nothing is known of the token endpoint, which then is taken to give a token.
    fn is_unknown(&self, world: &World, connection: &Connection) -> bool {
        world.settings.unknown_token_endpoints_answer
            && connection.authorization_path.is_none()
            && network::is_unknown(world, self.host())
    }

    fn request(self) -> Result<Request<Full<Bytes>>, Unanswered> {
        let mut request = Request::new(Full::new(Bytes::from(self.body)));
        *request.method_mut() = self.method;
        *request.uri_mut() = self
            .target
            .parse()
            .map_err(|_| Unanswered::Invalid(format!("'{}' is no path", self.target)))?;
        *request.headers_mut() = self.headers;
        Ok(request)
    }
}

/// The token in an answer, with its life.
fn read(body: &[u8]) -> Option<(String, Duration)> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let life = answer["expires_in"]
        .as_u64()
        .map_or(UNTOLD_LIFE, Duration::from_secs);
    Some((answer["access_token"].as_str()?.to_owned(), life))
}

/// The token of a connection: the one that is kept, or a new one. A connection that gets none loses its
/// authorization.
pub(crate) async fn token(shared: &Shared, arn: &str) -> Result<String, Unanswered> {
    let (asking, way, parameters, now) = {
        let world = shared.world();
        let connection = connection(world.events(), arn)?;
        let parameters = connection.parameters["OAuthParameters"].clone();
        let now = world.elapsed();
        if let Some(token) = shared.tokens.get(arn, &parameters, now) {
            return Ok(token);
        }
        let asking = Asking::new(&parameters).map_err(Unanswered::Invalid)?;
        if asking.is_unknown(&world, connection) {
            let text = world.origin.servers.issue(now, UNTOLD_LIFE);
            let until = now + UNTOLD_LIFE;
            shared.tokens.keep(
                arn,
                Token {
                    text: text.clone(),
                    until,
                    parameters,
                },
            );
            return Ok(text);
        }
        let way = asking.way(&world, connection);
        (asking, way, parameters, now)
    };
    let host = asking.host().to_owned();
    let answered = over(shared, way, &host, asking.request()?).await;
    let reason = match answered {
        Ok(response) if response.status.is_success() => match read(&response.body) {
            Some((text, life)) => {
                let until = now + life;
                shared.tokens.keep(
                    arn,
                    Token {
                        text: text.clone(),
                        until,
                        parameters,
                    },
                );
                return Ok(text);
            }
            None => "The authorization endpoint's answer has no access_token.".to_owned(),
        },
        Ok(response) => refused(response.status.as_u16()),
        Err(Unanswered::Socket(_)) => UNREACHABLE.to_owned(),
        Err(other) => return Err(other),
    };
    lifecycle::credentials_refused(&mut shared.world(), arn, reason.clone());
    shared.announce();
    Err(Unanswered::connection("InvalidConnectionState", reason))
}

/// Throws a connection's token away, so that the next call fetches another; tells whether there was one.
pub(crate) fn forget(shared: &Shared, arn: &str) -> bool {
    shared.tokens.forget(arn)
}

/// As AWS says it.
const UNREACHABLE: &str = "Could not connect to the specified endpoint.";

fn refused(status: u16) -> String {
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
/// is asked without a socket. Credentials that are no OAuth ones are not tried.
pub(crate) fn judge(world: &World, connection: &Connection) -> Verdict {
    if connection.authorization_type != "OAUTH_CLIENT_CREDENTIALS" {
        return Verdict::Authorized;
    }
    let asking = match Asking::new(&connection.parameters["OAuthParameters"]) {
        Ok(asking) => asking,
        Err(reason) => return Verdict::Unreachable(reason),
    };
    if asking.is_unknown(world, connection) {
        return Verdict::Authorized;
    }
    match asking.way(world, connection) {
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
