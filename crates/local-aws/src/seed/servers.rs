//! What the seeded servers answer: private APIs and other hosts, their routes, who may call them, and the tokens
//! that they give out. No sockets here.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderMap, Method};
use serde_json::{Value, json};

use crate::core::ids;
use crate::core::partition::Partition;
use crate::core::policy::Policy;
use crate::seed::{ApiPart, AuthPart, HostPart, ResponsePart, RoutePart, SeedDocument, TokenPart};
use crate::wire::{pairs, percent_decode};

/// Every server there is, and the tokens that are good.
#[derive(Debug)]
pub(crate) struct Servers {
    region: String,
    apis: Vec<Arc<Api>>,
    /// APIs that calls have made and deployed, by their ids.
    deployed: Mutex<BTreeMap<String, Arc<Api>>>,
    pub(crate) hosts: Vec<Host>,
    /// Access tokens, with the moment of their end.
    tokens: Mutex<BTreeMap<String, Duration>>,
}

/// A private REST API.
#[derive(Debug)]
pub(crate) struct Api {
    pub(crate) id: String,
    /// VPC endpoints that it is associated with; `None` stands for all.
    pub(crate) endpoint_ids: Option<Vec<String>>,
    pub(crate) stages: Vec<Stage>,
}

/// What a stage of an API serves.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) name: String,
    /// The resource policy, as it was deployed.
    pub(crate) policy: Option<Policy>,
    pub(crate) routes: Vec<RoutePart>,
}

impl Api {
    /// The policy that decides over calls of a stage; a stage that there is not has the first one's.
    pub(crate) fn policy(&self, stage: &str) -> Option<&Policy> {
        let meant = self.stages.iter().find(|one| one.name == stage);
        meant.or(self.stages.first())?.policy.as_ref()
    }
}

/// A server that is no private API.
#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) domain_name: String,
    pub(crate) port: u16,
    /// The VPC that it is in; without one it is public.
    pub(crate) vpc_id: Option<String>,
    routes: Vec<RoutePart>,
    /// The server that answers what no route does.
    upstream: Option<String>,
}

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
                authority: super::upstream::authority(upstream).unwrap_or_default(),
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
    pub(crate) fn new(region: &str, document: &SeedDocument) -> Self {
        let endpoint_id = |name: &String| {
            let endpoint = document.endpoints.iter().find(|endpoint| endpoint.name == *name);
            endpoint.map(|endpoint| endpoint.id.clone())
        };
        let api = |part: &ApiPart| Api {
            id: part.id.clone(),
            endpoint_ids: part
                .endpoints
                .as_ref()
                .map(|names| names.iter().filter_map(endpoint_id).collect()),
            stages: vec![Stage {
                name: part.stage.clone(),
                // The document's check read it already.
                policy: part.policy.as_ref().and_then(|policy| Policy::read(policy).ok()),
                routes: part.routes.clone(),
            }],
        };
        let host = |part: &HostPart| Host {
            domain_name: part.domain_name.clone(),
            port: part.port,
            vpc_id: part.vpc.as_ref().and_then(|name| {
                let vpc = document.vpcs.iter().find(|vpc| vpc.name == *name);
                vpc.map(|vpc| vpc.id.clone())
            }),
            routes: part.routes.clone(),
            upstream: part.upstream.clone(),
        };
        Self {
            region: region.to_owned(),
            apis: document.apis.iter().map(api).map(Arc::new).collect(),
            deployed: Mutex::default(),
            hosts: document.hosts.iter().map(host).collect(),
            tokens: Mutex::default(),
        }
    }

    /// Every name that the servers' certificate has to have.
    pub(crate) fn names(&self) -> Vec<String> {
        let (region, suffix) = (&self.region, Partition::of(&self.region).dns_suffix);
        let mut names = vec![
            format!("*.execute-api.{region}.{suffix}"),
            format!("*.execute-api.{region}.vpce.{suffix}"),
        ];
        names.extend(self.hosts.iter().map(|host| host.domain_name.clone()));
        names
    }

    fn api(&self, id: &str) -> Option<Arc<Api>> {
        let seeded = self.apis.iter().find(|api| api.id == id);
        seeded.cloned().or_else(|| self.deployed().get(id).cloned())
    }

    fn deployed(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Api>>> {
        self.deployed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Serves an API that was made, in the place of what it was.
    pub(crate) fn deploy(&self, api: Api) {
        self.deployed().insert(api.id.clone(), Arc::new(api));
    }

    /// Serves an API that was made no longer.
    pub(crate) fn withdraw(&self, id: &str) {
        self.deployed().remove(id);
    }

    pub(crate) fn host(&self, name: &str) -> Option<&Host> {
        self.hosts
            .iter()
            .find(|host| host.domain_name.eq_ignore_ascii_case(name))
    }

    /// The API that a host name means: its own name, the one with a VPC endpoint's id, or, beside any other name
    /// of an endpoint, the `x-apigw-api-id` header. With the endpoint's id, if the name has one.
    pub(crate) fn named<'n>(
        &self,
        host: &'n str,
        api_header: Option<&str>,
    ) -> Option<(Arc<Api>, Option<&'n str>)> {
        let suffix = Partition::of(&self.region).dns_suffix;
        let domain = format!(".execute-api.{}.{suffix}", self.region);
        match host.strip_suffix(&domain) {
            Some(label) => match label.split_once('-') {
                Some((api, endpoint)) => Some((self.api(api)?, Some(endpoint))),
                None => Some((self.api(label)?, None)),
            },
            None => Some((self.api(api_header?)?, None)),
        }
    }

    /// A header's name as the servers write it: as a route does, else each word with a capital. HTTP itself has lost
    /// that by the time an answer is here.
    pub(crate) fn spelling(&self, name: &str) -> String {
        let stages = self.apis.iter().flat_map(|api| &api.stages);
        let apis = stages.flat_map(|stage| &stage.routes);
        let routes = apis.chain(self.hosts.iter().flat_map(|host| &host.routes));
        let mut own = routes.flat_map(|route| route.response.headers.keys());
        if let Some(own) = own.find(|own| own.eq_ignore_ascii_case(name)) {
            return own.clone();
        }
        let capital = |word: &str| {
            let mut letters = word.chars();
            letters
                .next()
                .map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
                .unwrap_or_default()
        };
        let words: Vec<String> = name.split('-').map(capital).collect();
        words.join("-")
    }

    /// Forgets every token, and every API that was made.
    pub(crate) fn clear(&self) {
        self.deployed().clear();
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Gives a token out.
    pub(crate) fn issue(&self, now: Duration, life: Duration) -> String {
        let token = format!("{}{}", ids::letters(24), ids::letters(24));
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.retain(|_, end| *end > now);
        tokens.insert(token.clone(), now + life);
        token
    }

    fn is_good(&self, token: &str, now: Duration) -> bool {
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.get(token).is_some_and(|end| *end > now)
    }

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
