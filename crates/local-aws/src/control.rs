//! The control API under `/_local/`: looks at everything, injects faults, changes settings, resets. It is not
//! signed.

mod guard;
mod page;

use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Response};
use http_body_util::Full;
use serde_json::{Value, json};

use crate::core::ids;
use crate::core::world::World;
use crate::shared::{GONE, Shared};
use crate::wire::{add_header, pairs, response};

/// What follows `/_local` in a path of the control API, without the slash; none of any other path.
pub(crate) fn path(whole: &str) -> Option<&str> {
    let rest = whole.strip_prefix("/_local")?;
    if rest.is_empty() {
        Some(rest)
    } else {
        rest.strip_prefix('/')
    }
}

pub(crate) async fn answer(shared: &Shared, parts: &Parts, path: &str, body: &[u8]) -> Response<Full<Bytes>> {
    let query = parts.uri.query().unwrap_or_default();
    let answered = match guard::refusal(parts) {
        Some(refusal) => Err(refusal),
        None if path.is_empty() && parts.method == Method::GET => match parameters(query, ["execution"]) {
            Ok([execution]) => return html(page::render(shared, execution.as_deref())),
            Err(wrong) => Err(wrong),
        },
        None => route(shared, &parts.method, path, query, body).await,
    };
    match answered {
        Ok(body) => response(200, Some("application/json"), Bytes::from(body.to_string())),
        Err((status, message)) => refused(status, &message),
    }
}

/// The answer to a request whose body is larger than any that is taken.
pub(crate) fn too_large() -> Response<Full<Bytes>> {
    refused(413, "the body is too large")
}

fn refused(status: u16, message: &str) -> Response<Full<Bytes>> {
    let body = json!({ "error": message }).to_string();
    response(status, Some("application/json"), Bytes::from(body))
}

/// A page that may load nothing, and that no other page may frame.
fn html(page: String) -> Response<Full<Bytes>> {
    const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
    let mut answer = response(200, Some("text/html; charset=utf-8"), Bytes::from(page));
    add_header(&mut answer, "content-security-policy", POLICY);
    add_header(&mut answer, "cache-control", "no-store");
    answer
}

type Failed = (u16, String);

async fn route(
    shared: &Shared,
    method: &Method,
    path: &str,
    query: &str,
    body: &[u8],
) -> Result<Value, Failed> {
    let wrong = |message: String| (400, message);
    match (method.as_str(), path) {
        ("GET", "seed") => to_value(&shared.seed),
        ("GET", "operations") => Ok(operations(shared)),
        ("GET", "objects") => Ok(Value::Array(shared.world().objects())),
        ("GET", "calls") => to_value(&shared.calls.all()),
        ("GET", "requests") => requests(shared, query),
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
        ("GET", "deliveries") => deliveries(shared, query),
        ("GET", "wait") => wait(shared, query).await,
        ("POST", "advance") => advance(shared, &parse(body)?),
        (
            _,
            "" | "seed" | "operations" | "objects" | "calls" | "requests" | "settings" | "faults" | "reset"
            | "wait" | "advance" | "deliveries",
        ) => Err((405, format!("{method} does not go with {path}"))),
        _ => Err((
            404,
            format!(
                "there is no {path}; there are seed, operations, objects, calls, requests, settings, faults, deliveries, wait, advance, reset"
            ),
        )),
    }
}

/// The parameters of a query, of these names only.
fn parameters<const N: usize>(query: &str, names: [&str; N]) -> Result<[Option<String>; N], Failed> {
    let mut values = [const { None }; N];
    for (name, value) in pairs(query, true) {
        let Some(at) = names.iter().position(|known| *known == name) else {
            return Err((400, format!("{name}: there are {}", names.join(", "))));
        };
        values[at] = Some(value);
    }
    Ok(values)
}

/// A number of things that were seen already.
fn seen(since: Option<String>) -> Result<usize, Failed> {
    since.map_or(Ok(0), |since| {
        since
            .parse()
            .map_err(|_| (400, format!("since: '{since}' is not a number")))
    })
}

/// What reached the seeded servers: `path` (a part of host and path), `method`, `since` (a request's number), and
/// `credentials=shown`.
fn requests(shared: &Shared, query: &str) -> Result<Value, Failed> {
    let [path, method, since, credentials] = parameters(query, ["path", "method", "since", "credentials"])?;
    let since = seen(since)?;
    let shows = match credentials.as_deref() {
        None => false,
        Some("shown") => true,
        Some(other) => return Err((400, format!("credentials: '{other}' is not shown"))),
    };
    let all = shared.private_api.requests().into_iter();
    let wanted = all.filter(|request| {
        let place = format!("{}{}", request.host, request.path);
        request.number > since
            && path.as_ref().is_none_or(|part| place.contains(part.as_str()))
            && method
                .as_ref()
                .is_none_or(|method| method.eq_ignore_ascii_case(&request.method))
    });
    let listed: Vec<_> = wanted
        .map(|request| if shows { request } else { request.masked() })
        .collect();
    to_value(&listed)
}

/// Attempts to deliver, dead letters and what is on its way: `rule` (a part of its name), `since` (how many attempts
/// were seen).
fn deliveries(shared: &Shared, query: &str) -> Result<Value, Failed> {
    let [rule, since] = parameters(query, ["rule", "since"])?;
    let since = seen(since)?;
    let world = shared.world();
    let deliveries = world.deliveries();
    let attempts = deliveries.attempts().iter().skip(since);
    let attempts: Vec<_> = attempts
        .filter(|attempt| {
            rule.as_ref()
                .is_none_or(|part| attempt.rule.contains(part.as_str()))
        })
        .collect();
    Ok(
        json!({ "attempts": attempts, "dead_letters": deliveries.dead_letters(), "pending": deliveries.pending() }),
    )
}

/// The served operations by the services' signing names.
fn operations(shared: &Shared) -> Value {
    let surfaces = shared.world().surfaces().into_iter();
    let served = surfaces.map(|surface| (surface.name.to_owned(), json!((surface.operations)())));
    Value::Object(served.collect())
}

/// The most that a wait may take.
const LONGEST_WAIT: Duration = Duration::from_secs(600);

pub(crate) fn add_fault(shared: &Shared, rules: &Value) -> Result<Vec<u64>, String> {
    let ids = shared.world().add_faults(rules)?;
    shared.announce();
    Ok(ids)
}

/// Removes one rule or all; what rules held back goes on.
pub(crate) fn remove_faults(shared: &Shared, id: Option<u64>) -> bool {
    let mut world = shared.world();
    let removed = world.faults.remove(id);
    world.release();
    drop(world);
    shared.announce();
    removed
}

pub(crate) fn change_settings(shared: &Shared, change: &Value) -> Result<Value, String> {
    let mut world = shared.world();
    world.settings = world.settings.changed(change)?;
    let settings = serde_json::to_value(&world.settings).map_err(|error| error.to_string());
    drop(world);
    shared.announce();
    settings
}

/// Answers once an object is in a state: `type`, `name` (a part of name or id), `state` (or `gone`), and
/// `timeout` in seconds.
async fn wait(shared: &Shared, query: &str) -> Result<Value, Failed> {
    let (mut kind, mut part, mut state) = (None, String::new(), None);
    let mut timeout = LONGEST_WAIT;
    for (name, value) in pairs(query, true) {
        match name.as_str() {
            "type" => kind = Some(value),
            "name" => part = value,
            "state" => state = Some(value),
            "timeout" => {
                let seconds: Option<f64> = value.parse().ok();
                let given = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
                timeout = given.filter(|given| *given <= LONGEST_WAIT).ok_or_else(|| {
                    (
                        400,
                        format!("timeout: '{value}' is not a number of seconds up to 600"),
                    )
                })?;
            }
            other => return Err((400, format!("{other}: there are type, name, state, timeout"))),
        }
    }
    let kind = kind.ok_or((400, "type: is missing".to_owned()))?;
    let state = state.ok_or((400, "state: is missing".to_owned()))?;
    can_come(&shared.world(), &kind, &part, &state)?;
    match shared.wait_for_state(&kind, &part, &state, timeout).await {
        Some(object) => Ok(json!({ "object": object })),
        None => Err((
            408,
            format!("no {kind} '{part}' came to {state} within {timeout:?}"),
        )),
    }
}

/// Refuses to wait for what can never come: a type or a state that there is not, or an id that nothing has.
fn can_come(world: &World, kind: &str, part: &str, state: &str) -> Result<(), Failed> {
    let types = world.types();
    let Some((_, states)) = types.iter().find(|(name, _)| *name == kind) else {
        let names: Vec<_> = types.iter().map(|(name, _)| *name).collect();
        let message = format!("type: there is no '{kind}'; there are {}", names.join(", "));
        return Err((400, message));
    };
    if state == GONE {
        return Ok(());
    }
    if !states.contains(&state) {
        let known: Vec<_> = states
            .iter()
            .copied()
            .filter(|state| !state.is_empty())
            .chain([GONE])
            .collect();
        let message = format!(
            "state: a {kind} is never '{state}'; there are {}",
            known.join(", ")
        );
        return Err((400, message));
    }
    if ids::is_resource_id(part) && !world.has_object(kind, part) {
        return Err((404, format!("name: there is no {kind} '{part}'")));
    }
    Ok(())
}

/// Skips time: `{"seconds": 5}`, or `{"until": "settled"}`; answers how many seconds were skipped.
fn advance(shared: &Shared, how: &Value) -> Result<Value, Failed> {
    let members = how.as_object().filter(|members| members.len() == 1);
    let skipped = match members.and_then(|members| members.iter().next()) {
        Some((name, seconds)) if name == "seconds" => {
            let time = seconds
                .as_f64()
                .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
            let time = time.ok_or_else(|| (400, format!("seconds: {seconds} is not a number from 0 on")))?;
            shared.advance(time);
            time
        }
        Some((name, until)) if name == "until" && until == "settled" => shared.advance_until_settled(),
        Some((name, until)) if name == "until" => {
            return Err((400, format!("until: {until} is not \"settled\"")));
        }
        _ => return Err((400, "give either \"seconds\" or \"until\"".to_owned())),
    };
    Ok(json!({ "seconds": skipped.as_secs_f64() }))
}

fn parse(body: &[u8]) -> Result<Value, Failed> {
    serde_json::from_slice(body).map_err(|error| (400, format!("the body is not JSON: {error}")))
}

fn to_value(value: &impl serde::Serialize) -> Result<Value, Failed> {
    serde_json::to_value(value).map_err(|error| (500, error.to_string()))
}
