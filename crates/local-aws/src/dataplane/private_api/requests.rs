//! The record of what reached the seeded servers, and how it is shown without its credentials.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::{HeaderMap, Method, Request, StatusCode, Uri};
use serde::Serialize;
use serde_json::Value;

use crate::wire::{pairs, percent_encode};

/// The most requests that are remembered; older ones are forgotten.
const MOST_REQUESTS: usize = 10_000;

/// As much of a body as is kept, in bytes.
const MOST_BODY_BYTES: usize = 64 << 10;

/// What is shown in the place of a credential.
const MASK: &str = "***";

/// One request that reached the private API.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ApiRequest {
    /// Counted from 1 since the start or the last reset.
    pub number: usize,
    /// The HTTP method.
    pub method: String,
    /// The `Host` header.
    pub host: String,
    /// The path, stage included, with the query.
    pub path: String,
    /// The parameters of the query, decoded.
    pub query: BTreeMap<String, Vec<String>>,
    /// The `User-Agent` header.
    pub user_agent: String,
    /// The names of the other headers, lower case, sorted.
    pub headers: Vec<String>,
    /// Their values, in the order in which they came.
    pub header_values: BTreeMap<String, Vec<String>>,
    /// The first 64 KiB of the body, as text.
    pub body: String,
    /// The status that it was answered with.
    pub status: u16,
}

impl ApiRequest {
    fn new(method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8], status: StatusCode) -> Self {
        let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let first = |name: &str| headers.get(name).map(text).unwrap_or_default();
        let mut header_values = BTreeMap::<String, Vec<String>>::new();
        for (name, value) in headers {
            if !matches!(name.as_str(), "host" | "user-agent") {
                let values = header_values.entry(name.as_str().to_owned()).or_default();
                values.push(text(value));
            }
        }
        let mut query = BTreeMap::<String, Vec<String>>::new();
        for (name, value) in pairs(uri.query().unwrap_or_default(), true) {
            query.entry(name).or_default().push(value);
        }
        Self {
            number: 0,
            method: method.to_string(),
            host: first("host"),
            path: uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
            query,
            user_agent: first("user-agent"),
            headers: header_values.keys().cloned().collect(),
            header_values,
            body: String::from_utf8_lossy(&body[..body.len().min(MOST_BODY_BYTES)]).into_owned(),
            status: status.as_u16(),
        }
    }

    /// The same request with [`MASK`] in the place of every value whose name says that it is a credential.
    pub(crate) fn masked(mut self) -> Self {
        let hide = |values: &mut BTreeMap<String, Vec<String>>| {
            for (_, values) in values.iter_mut().filter(|(name, _)| is_credential(name)) {
                values.fill(MASK.to_owned());
            }
        };
        hide(&mut self.header_values);
        hide(&mut self.query);
        if let Some((path, _)) = self.path.split_once('?') {
            let shown = self.query.iter().flat_map(|(name, values)| {
                values
                    .iter()
                    .map(move |value| format!("{}={}", percent_encode(name), percent_encode(value)))
            });
            let shown: Vec<String> = shown.collect();
            self.path = format!("{path}?{}", shown.join("&"));
        }
        self.body = masked_body(&self.body);
        self
    }
}

/// Whether a header, parameter or member is one that carries a credential, by its name.
fn is_credential(name: &str) -> bool {
    const PARTS: [&str; 9] = [
        "authorization",
        "api-key",
        "api_key",
        "apikey",
        "token",
        "secret",
        "password",
        "cookie",
        "credential",
    ];
    let name = name.to_lowercase();
    PARTS.iter().any(|part| name.contains(part)) || name.ends_with("-key")
}

/// A body of JSON or of a form without its credentials; one that was cut is neither any more, and is not shown.
fn masked_body(body: &str) -> String {
    if let Ok(mut json) = serde_json::from_str::<Value>(body) {
        mask(&mut json);
        return json.to_string();
    }
    if body.len() >= MOST_BODY_BYTES {
        return MASK.to_owned();
    }
    if !pairs(body, true).iter().any(|(name, _)| is_credential(name)) {
        return body.to_owned();
    }
    let shown = pairs(body, true).into_iter().map(|(name, value)| {
        let value = if is_credential(&name) {
            MASK.to_owned()
        } else {
            percent_encode(&value)
        };
        format!("{}={value}", percent_encode(&name))
    });
    let shown: Vec<String> = shown.collect();
    shown.join("&")
}

fn mask(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                if is_credential(name) {
                    *value = MASK.into();
                } else {
                    mask(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(mask),
        _ => {}
    }
}

/// Every request, in order.
#[derive(Debug, Default)]
pub(crate) struct Requests(Mutex<Log>);

#[derive(Debug, Default)]
struct Log {
    requests: Vec<ApiRequest>,
    last: usize,
}

impl Requests {
    fn lock(&self) -> MutexGuard<'_, Log> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn all(&self) -> Vec<ApiRequest> {
        self.lock().requests.clone()
    }

    pub(crate) fn clear(&self) {
        *self.lock() = Log::default();
    }

    pub(crate) fn add<B>(&self, request: &Request<B>, body: &[u8], status: StatusCode) {
        let mut log = self.lock();
        if log.requests.len() >= MOST_REQUESTS {
            log.requests.drain(..MOST_REQUESTS / 10);
        }
        log.last += 1;
        let added = ApiRequest::new(request.method(), request.uri(), request.headers(), body, status);
        let number = log.last;
        log.requests.push(ApiRequest { number, ..added });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_masked_wherever_their_names_are() {
        let request = Request::post("/prod/orders?id=7&access_token=t")
            .header("x-api-key", "k")
            .header("x-tenant", "shop")
            .body(())
            .unwrap();
        let log = Requests::default();
        log.add(&request, br#"{"id":7,"client":{"secret":"s"}}"#, StatusCode::OK);
        log.add(&request, b"grant_type=x&client_secret=s", StatusCode::OK);
        let all = log.all();
        assert_eq!((all[0].number, all[1].number), (1, 2));
        assert_eq!(all[0].header_values["x-api-key"], ["k"]);
        let masked: Vec<ApiRequest> = all.into_iter().map(ApiRequest::masked).collect();
        assert_eq!(masked[0].path, "/prod/orders?access_token=%2A%2A%2A&id=7");
        assert_eq!(masked[0].header_values["x-api-key"], [MASK]);
        assert_eq!(masked[0].header_values["x-tenant"], ["shop"]);
        assert_eq!(masked[0].body, r#"{"id":7,"client":{"secret":"***"}}"#);
        assert_eq!(masked[1].body, "grant_type=x&client_secret=***");
    }
}
