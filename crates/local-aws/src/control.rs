//! The control API under `/_local/`: looks at everything, injects faults, changes settings, resets. It is not
//! signed.

use bytes::Bytes;
use http::{Method, Response};
use http_body_util::Full;
use serde_json::{Value, json};

use crate::protocol::{pairs, response};
use crate::server::Shared;

pub(crate) fn answer(
    shared: &Shared,
    method: &Method,
    path: &str,
    query: &str,
    body: &[u8],
) -> Response<Full<Bytes>> {
    let (status, body) = match route(shared, method, path, query, body) {
        Ok(body) => (200, body),
        Err((status, message)) => (status, json!({ "error": message })),
    };
    response(status, Some("application/json"), Bytes::from(body.to_string()))
}

type Failed = (u16, String);

fn route(shared: &Shared, method: &Method, path: &str, query: &str, body: &[u8]) -> Result<Value, Failed> {
    let wrong = |message: String| (400, message);
    match (method.as_str(), path) {
        ("GET", "seed") => to_value(&shared.seed),
        ("GET", "objects") => Ok(Value::Array(shared.world().objects())),
        ("GET", "calls") => to_value(&shared.calls.all()),
        ("GET", "requests") => to_value(&shared.private_api.requests()),
        ("GET", "settings") => to_value(&shared.world().settings),
        ("POST", "settings") => change_settings(shared, &parse(body)?).map_err(wrong),
        ("GET", "faults") => Ok(shared.world().faults.list()),
        ("POST", "faults") => Ok(json!({ "ids": add_fault(shared, &parse(body)?).map_err(wrong)? })),
        ("DELETE", "faults") => {
            let id = match pairs(query, true).into_iter().find(|(name, _)| name == "id") {
                None => None,
                Some((_, id)) => Some(
                    id.parse()
                        .map_err(|_| wrong(format!("id: '{id}' is not a number")))?,
                ),
            };
            let removed = remove_faults(shared, id);
            if id.is_some() && !removed {
                Err((404, "id: there is no such rule".to_owned()))
            } else {
                Ok(json!({}))
            }
        }
        ("POST", "reset") => shared
            .reset()
            .map(|()| json!({}))
            .map_err(|error| (500, error.to_string())),
        (_, "seed" | "objects" | "calls" | "requests" | "settings" | "faults" | "reset") => {
            Err((405, format!("{method} does not go with {path}")))
        }
        _ => Err((
            404,
            format!("there is no {path}; there are seed, objects, calls, requests, settings, faults, reset"),
        )),
    }
}

pub(crate) fn add_fault(shared: &Shared, rules: &Value) -> Result<Vec<u64>, String> {
    shared.world().faults.add(rules)
}

/// Removes one rule or all; what rules held back goes on.
pub(crate) fn remove_faults(shared: &Shared, id: Option<u64>) -> bool {
    let mut world = shared.world();
    let removed = world.faults.remove(id);
    world.release();
    removed
}

pub(crate) fn change_settings(shared: &Shared, change: &Value) -> Result<Value, String> {
    let mut world = shared.world();
    world.settings = world.settings.changed(change)?;
    serde_json::to_value(&world.settings).map_err(|error| error.to_string())
}

fn parse(body: &[u8]) -> Result<Value, Failed> {
    serde_json::from_slice(body).map_err(|error| (400, format!("the body is not JSON: {error}")))
}

fn to_value(value: &impl serde::Serialize) -> Result<Value, Failed> {
    serde_json::to_value(value).map_err(|error| (500, error.to_string()))
}
