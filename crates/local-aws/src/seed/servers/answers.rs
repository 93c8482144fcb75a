//! What the seeded servers answer: by their routes, to who may call them; a route that gives tokens out, by the grant of
//! client credentials.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderMap, Method};
use serde_json::{Value, json};

use super::Servers;
use crate::seed::{AuthPart, ResponsePart, RoutePart, TokenPart};
use crate::wire::{pairs, percent_decode};

/// A request, as a server sees it.
#[derive(Debug)]
pub(crate) struct Asked<'r> {
    pub(crate) method: &'r Method,
    /// Path and query.
    pub(crate) target: &'r str,
    pub(crate) headers: &'r HeaderMap,
    pub(crate) body: &'r [u8],
    /// The moment, counted from the world's beginning.
    pub(crate) now: Duration,
}

/// An answer; `delay` is what the server takes for it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    pub(crate) delay: Duration,
    /// Who answers in this server's place.
    pub(crate) upstream: Option<Upstream>,
}

/// A server of the user's own, and what it is asked for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Upstream {
    pub(crate) authority: String,
    /// Path and query.
    pub(crate) target: String,
}

impl Answered {
    /// `below` is the path that the server knows, without a stage.
    fn by(upstream: &str, below: &str, asked: &Asked<'_>) -> Self {
        let query = asked.target.split_once('?').map(|(_, query)| query);
        let path = if below.is_empty() { "/" } else { below };
        Self {
            upstream: Some(Upstream {
                // The document's check has seen to it that there is one.
                authority: crate::seed::upstream::authority(upstream).unwrap_or_default(),
                target: query.map_or_else(|| path.to_owned(), |query| format!("{path}?{query}")),
            }),
            ..Self::json(200, &json!({}))
        }
    }

    fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: body.to_string(),
            delay: Duration::ZERO,
            upstream: None,
        }
    }
}

impl Servers {
    /// What the server that a request is for answers.
    pub(crate) fn answer(&self, asked: &Asked<'_>) -> Answered {
        let authority = header(asked.headers, "host").unwrap_or_default();
        let name = authority.rsplit_once(':').map_or(authority, |(name, _)| name);
        let (path, _) = asked.target.split_once('?').unwrap_or((asked.target, ""));
        if let Some(host) = self.host(name) {
            let upstream = host.upstream.as_ref();
            return self
                .route(&host.routes, path, asked)
                .or_else(|| upstream.map(|upstream| Answered::by(upstream, path, asked)))
                .unwrap_or_else(|| Answered::json(404, &json!({ "message": "Not Found" })));
        }
        let Some((api, _)) = self.named(name, header(asked.headers, "x-apigw-api-id")) else {
            return forbidden("Forbidden");
        };
        let (stage, below) = path.trim_start_matches('/').split_at(stage_length(path));
        let stage = api.stages.iter().find(|one| one.name == stage);
        // What API Gateway answers for a stage or resource that it does not have.
        stage
            .and_then(|stage| self.route(&stage.routes, below, asked))
            .unwrap_or_else(|| forbidden("Missing Authentication Token"))
    }

    fn route(&self, routes: &[RoutePart], path: &str, asked: &Asked<'_>) -> Option<Answered> {
        let fits = |route: &&RoutePart| {
            let of_method = |method: &String| method.eq_ignore_ascii_case(asked.method.as_str());
            path_fits(&route.path, path) && route.method.as_ref().is_none_or(of_method)
        };
        let route = routes.iter().find(fits)?;
        if let Some(token) = &route.token {
            return Some(self.token(token, asked));
        }
        let admitted = route.auth.is_empty() || route.auth.iter().any(|auth| self.admits(auth, asked));
        if !admitted {
            return Some(Answered::json(401, &json!({ "message": "Unauthorized" })));
        }
        Some(match &route.upstream {
            Some(upstream) => Answered::by(upstream, path, asked),
            None => respond(&route.response, path, asked),
        })
    }

    fn admits(&self, auth: &AuthPart, asked: &Asked<'_>) -> bool {
        let authorization = header(asked.headers, "authorization");
        match auth {
            AuthPart::ApiKey { header: name, value } => header(asked.headers, name) == Some(value),
            AuthPart::Basic { username, password } => {
                let expected = BASE64_STANDARD.encode(format!("{username}:{password}"));
                authorization.and_then(|given| given.strip_prefix("Basic ")) == Some(&expected)
            }
            AuthPart::Oauth {} => authorization
                .and_then(|given| given.strip_prefix("Bearer "))
                .is_some_and(|token| self.is_good(token, asked.now)),
        }
    }

    /// The client-credentials grant (RFC 6749, 4.4): credentials in the `Authorization` header, the body or the
    /// query.
    fn token(&self, part: &TokenPart, asked: &Asked<'_>) -> Answered {
        let given = parameters(asked);
        let given = |name: &str| {
            given
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.clone())
        };
        let basic = header(asked.headers, "authorization")
            .and_then(|text| BASE64_STANDARD.decode(text.strip_prefix("Basic ")?).ok())
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .and_then(|pair| {
                pair.split_once(':')
                    .map(|(id, secret)| (id.to_owned(), secret.to_owned()))
            });
        let client = basic.or_else(|| given("client_id").zip(given("client_secret")));
        if client.as_ref().map(|(id, secret)| (id, secret)) != Some((&part.client_id, &part.client_secret)) {
            return Answered::json(401, &json!({ "error": "invalid_client" }));
        }
        if given("grant_type").is_some_and(|grant| grant != "client_credentials") {
            return Answered::json(400, &json!({ "error": "unsupported_grant_type" }));
        }
        for (name, value) in &part.requires {
            if given(name).as_ref() != Some(value) {
                let description = format!("{name} is missing or wrong");
                return Answered::json(
                    400,
                    &json!({ "error": "invalid_request", "error_description": description }),
                );
            }
        }
        let token = self.issue(asked.now, Duration::from_secs(part.expires_in));
        Answered::json(
            200,
            &json!({ "access_token": token, "token_type": "Bearer", "expires_in": part.expires_in }),
        )
    }
}

/// How long the first segment of a path is.
fn stage_length(path: &str) -> usize {
    let path = path.trim_start_matches('/');
    path.find('/').unwrap_or(path.len())
}

fn forbidden(message: &str) -> Answered {
    Answered::json(403, &json!({ "message": message }))
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// The parameters of query and body, which is a form or JSON.
fn parameters(asked: &Asked<'_>) -> Vec<(String, String)> {
    let query = asked.target.split_once('?').map_or("", |(_, query)| query);
    let mut given = pairs(query, true);
    match serde_json::from_slice(asked.body) {
        Ok(Value::Object(members)) => given.extend(members.into_iter().map(|(key, value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            (key, text)
        })),
        _ => given.extend(pairs(&String::from_utf8_lossy(asked.body), true)),
    }
    given
}

/// `/orders/{id}` is one segment, `/files/{path+}` one or more.
fn path_fits(pattern: &str, path: &str) -> bool {
    let mut given = path.trim_end_matches('/').split('/');
    for wanted in pattern.trim_end_matches('/').split('/') {
        let Some(segment) = given.next() else { return false };
        if wanted.starts_with('{') && wanted.ends_with("+}") {
            return !segment.is_empty();
        }
        let any = wanted.starts_with('{') && wanted.ends_with('}') && !segment.is_empty();
        if !any && percent_decode(segment, false) != wanted {
            return false;
        }
    }
    given.next().is_none()
}

fn respond(part: &ResponsePart, path: &str, asked: &Asked<'_>) -> Answered {
    let mut body = part.body.clone();
    if let Some(members) = body.as_object_mut().filter(|_| part.echo) {
        let received: Value = serde_json::from_slice(asked.body).unwrap_or(Value::Null);
        members.insert("method".to_owned(), asked.method.as_str().into());
        members.insert("path".to_owned(), path.into());
        members.insert("received".to_owned(), received);
    }
    let (kind, text) = match body {
        Value::String(text) => ("text/plain", text),
        json => ("application/json", json.to_string()),
    };
    let mut headers: Vec<(String, String)> = part
        .headers
        .iter()
        .map(|(name, value)| (name.to_lowercase(), value.clone()))
        .collect();
    if !headers.iter().any(|(name, _)| name == "content-type") {
        headers.push(("content-type".to_owned(), kind.to_owned()));
    }
    Answered {
        status: part.status,
        headers,
        body: text,
        delay: Duration::from_millis(part.delay_ms),
        upstream: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::SeedDocument;

    fn servers(routes: &str) -> Servers {
        let text = format!("hosts: [{{ name: h, domain_name: h.example.com, routes: {routes} }}]");
        Servers::new("us-east-1", &SeedDocument::parse(&text).unwrap())
    }

    fn ask(
        servers: &Servers,
        method: &str,
        target: &str,
        headers: &[(&'static str, &str)],
        now: u64,
    ) -> Answered {
        let mut all = HeaderMap::new();
        all.insert("host", "h.example.com".parse().unwrap());
        for (name, value) in headers {
            all.insert(*name, value.parse().unwrap());
        }
        servers.answer(&Asked {
            method: &method.parse().unwrap(),
            target,
            headers: &all,
            body: b"",
            now: Duration::from_secs(now),
        })
    }

    #[test]
    fn paths_have_segments_that_stand_for_any() {
        for (pattern, path, fits) in [
            ("/orders", "/orders", true),
            ("/orders", "/orders/", true),
            ("/orders", "/orders/1", false),
            ("/orders/{id}", "/orders/1", true),
            ("/orders/{id}", "/orders", false),
            ("/{all+}", "/a/b/c", true),
            ("/a b", "/a%20b", true),
        ] {
            assert_eq!(path_fits(pattern, path), fits, "{pattern} {path}");
        }
    }

    #[test]
    fn a_token_opens_what_it_is_for_until_it_expires() {
        let servers = servers(
            "[{ path: /token, token: { client_id: c, client_secret: s, expires_in: 60, requires: { scope: x } } },
              { path: /in, auth: [oauth: {}] }]",
        );
        let ask =
            |target: &str, header: &str, now| ask(&servers, "GET", target, &[("authorization", header)], now);
        assert_eq!(ask("/token?client_id=c&client_secret=wrong", "", 0).status, 401);
        assert_eq!(ask("/token", "Basic Yzpz", 0).status, 400);
        let given = ask("/token?scope=x", "Basic Yzpz", 0);
        let body: Value = serde_json::from_str(&given.body).unwrap();
        let bearer = format!("Bearer {}", body["access_token"].as_str().unwrap());
        assert_eq!(ask("/in", &bearer, 59).status, 200);
        assert_eq!(ask("/in", &bearer, 60).status, 401);
    }

    #[test]
    fn routes_are_told_apart_by_method_too() {
        let servers = servers(
            "[{ path: /a, method: post, response: { status: 201, body: made, headers: { X-Id: \"7\" } } }, { path: /a }]",
        );
        let made = ask(&servers, "POST", "/a", &[], 0);
        assert_eq!((made.status, made.body.as_str()), (201, "made"));
        assert!(made.headers.contains(&("x-id".to_owned(), "7".to_owned())));
        assert_eq!(ask(&servers, "GET", "/a", &[], 0).status, 200);
        assert_eq!(ask(&servers, "GET", "/b", &[], 0).status, 404);
    }
}
