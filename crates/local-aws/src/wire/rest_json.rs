//! restJson1: the operation in method and path, members in path, query and body.

use bytes::Bytes;
use http::Response;
use http_body_util::Full;
use serde_json::{Map, Value, json};

use super::query::with_retry_after;
use super::shape::Shape;
use super::{add_header, pairs, percent_decode, response};
use crate::core::error::{Answer, ApiError};

/// One operation's place: method, first segment, and the member that a second segment carries.
pub(crate) struct Route {
    pub(crate) method: &'static str,
    pub(crate) segment: &'static str,
    pub(crate) label: Option<&'static str>,
    pub(crate) operation: &'static str,
}

/// Finds the route of a request, with the decoded label.
pub(crate) fn find<'r>(routes: &'r [Route], method: &str, path: &str) -> Option<(&'r Route, Option<String>)> {
    let mut segments = path.trim_start_matches('/').splitn(2, '/');
    let first = segments.next().unwrap_or_default();
    let label = segments
        .next()
        .filter(|rest| !rest.is_empty())
        .map(|rest| percent_decode(rest, false));
    let route = routes.iter().find(|route| {
        route.method == method && route.segment == first && route.label.is_some() == label.is_some()
    })?;
    Some((route, label))
}

/// Puts path, query and body together into one input. Query members are texts, except that numbers and flags
/// get the type they are declared with; `repeated` is the member that the query may give several times.
pub(crate) fn input(
    route: &Route,
    label: Option<String>,
    query: &str,
    body: &[u8],
    repeated: &str,
) -> Answer<Value> {
    let mut input = match body {
        [] => Map::new(),
        bytes => match serde_json::from_slice(bytes) {
            Ok(Value::Object(members)) => members,
            _ => {
                return Err(validation(
                    "cannotParse",
                    "The request body could not be parsed",
                    &[],
                ));
            }
        },
    };
    if let (Some(member), Some(label)) = (route.label, label) {
        input.insert(member.to_owned(), label.into());
    }
    for (name, value) in pairs(query, false) {
        if name == repeated {
            if let Value::Array(list) = input.entry(name).or_insert_with(|| json!([])) {
                list.push(value.into());
            }
            continue;
        }
        let value = match value.as_str() {
            "true" => json!(true),
            "false" => json!(false),
            text if name == "maxResults" => text
                .parse::<i64>()
                .map_or_else(|_| json!(text), |number| json!(number)),
            text => json!(text),
        };
        input.insert(name, value);
    }
    Ok(Value::Object(input))
}

/// Checks an input by its shape; the error lists the fields.
pub(crate) fn check(shape: &Shape, input: &Value) -> Answer<()> {
    let violations = shape.violations(input);
    if violations.is_empty() {
        return Ok(());
    }
    let reason = if violations.iter().any(|v| v.is_type_error()) {
        "cannotParse"
    } else {
        "fieldValidationFailed"
    };
    let fields: Vec<(String, String)> = violations
        .iter()
        .map(|v| (v.path.clone(), v.sentence()))
        .collect();
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    Err(validation(reason, &super::json::summary(&violations), &fields))
}

/// A `ValidationException` with its reason and fields.
pub(crate) fn validation(reason: &str, message: &str, fields: &[(&str, &str)]) -> ApiError {
    let error = ApiError::new(400, "ValidationException", message).with("reason", reason);
    if fields.is_empty() {
        return error;
    }
    let fields: Vec<Value> = fields
        .iter()
        .map(|(name, message)| json!({ "name": name, "message": message }))
        .collect();
    error.with("fieldList", fields)
}

pub(crate) fn error(error: &ApiError) -> Response<Full<Bytes>> {
    let mut body = error.members.clone();
    body.insert("message".to_owned(), error.message.clone().into());
    let mut answer = response(
        error.status,
        Some("application/json"),
        Bytes::from(Value::Object(body).to_string()),
    );
    add_header(&mut answer, "x-amzn-errortype", &error.code);
    with_retry_after(answer, error)
}
