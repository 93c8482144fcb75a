//! awsJson 1.0 and 1.1: the operation in `X-Amz-Target`, JSON in and out.

use bytes::Bytes;
use http::Response;
use http_body_util::Full;
use serde_json::{Value, json};

use super::query::with_retry_after;
use super::response;
use super::shape::{Shape, Violation};
use crate::core::error::{Answer, ApiError};

/// The body as a JSON object; an empty body stands for an empty object.
pub(crate) fn parse(body: &[u8]) -> Answer<Value> {
    if body.is_empty() {
        return Ok(json!({}));
    }
    match serde_json::from_slice(body) {
        Ok(value @ Value::Object(_)) => Ok(value),
        _ => Err(ApiError::bad_request(
            "SerializationException",
            "Unexpected value at the start of the document",
        )),
    }
}

/// Checks an input by its shape; the error has the words of the awsJson services.
pub(crate) fn check(shape: &Shape, input: &Value) -> Answer<()> {
    let violations: Vec<Violation> = shape
        .violations(input)
        .into_iter()
        .map(Violation::in_lower_camel_case)
        .collect();
    if let Some(violation) = violations.iter().find(|violation| violation.is_type_error()) {
        return Err(ApiError::bad_request(
            "SerializationException",
            violation.sentence(),
        ));
    }
    if violations.is_empty() {
        return Ok(());
    }
    Err(ApiError::bad_request("ValidationException", summary(&violations)))
}

/// `2 validation errors detected: …; …`.
pub(crate) fn summary(violations: &[Violation]) -> String {
    let plural = if violations.len() == 1 { "error" } else { "errors" };
    let sentences: Vec<String> = violations.iter().map(Violation::sentence).collect();
    format!(
        "{} validation {plural} detected: {}",
        violations.len(),
        sentences.join("; ")
    )
}

pub(crate) fn error(error: &ApiError, version: &str) -> Response<Full<Bytes>> {
    let mut body = error.members.clone();
    body.insert("__type".to_owned(), error.code.clone().into());
    body.insert("message".to_owned(), error.message.clone().into());
    let kind = format!("application/x-amz-json-{version}");
    let answer = response(
        error.status,
        Some(&kind),
        Bytes::from(Value::Object(body).to_string()),
    );
    with_retry_after(answer, error)
}
