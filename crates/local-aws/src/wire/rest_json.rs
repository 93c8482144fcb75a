//! restJson1: bodies in JSON, errors with their code in a header.

use bytes::Bytes;
use http::Response;
use http_body_util::Full;
use serde_json::{Map, Value, json};

use super::query::with_retry_after;
use super::{add_header, response};
use crate::core::error::{Answer, ApiError};

/// The body as the members of a JSON object; an empty body has none.
pub(crate) fn members(body: &[u8]) -> Answer<Map<String, Value>> {
    if body.is_empty() {
        return Ok(Map::new());
    }
    serde_json::from_slice(body)
        .map_err(|_| validation("cannotParse", "The request body could not be parsed", &[]))
}

/// An answer; 204 is one without a body.
pub(crate) fn answer(status: u16, body: Option<Value>) -> Response<Full<Bytes>> {
    match body.filter(|_| status != 204) {
        Some(body) => response(status, Some("application/json"), Bytes::from(body.to_string())),
        None => response(status, None, Bytes::new()),
    }
}

/// A `ValidationException` with its reason and fields.
pub(crate) fn validation(reason: &str, message: &str, fields: &[(&str, &str)]) -> ApiError {
    let error = ApiError::new("ValidationException", message).with("reason", reason);
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
        error.status(),
        Some("application/json"),
        Bytes::from(Value::Object(body).to_string()),
    );
    add_header(&mut answer, "x-amzn-errortype", &error.code);
    with_retry_after(answer, error)
}
