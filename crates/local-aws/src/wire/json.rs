//! awsJson 1.0 and 1.1: the operation in `X-Amz-Target`, JSON in and out.

use bytes::Bytes;
use http::Response;
use http_body_util::Full;
use serde_json::{Value, json};

use super::query::with_retry_after;
use super::response;
use crate::core::error::{Answer, ApiError};

/// The body as a JSON object; an empty body stands for an empty object.
pub(crate) fn parse(body: &[u8]) -> Answer<Value> {
    if body.is_empty() {
        return Ok(json!({}));
    }
    match serde_json::from_slice(body) {
        Ok(value @ Value::Object(_)) => Ok(value),
        _ => Err(ApiError::new(
            "SerializationException",
            "Unexpected value at the start of the document",
        )),
    }
}

pub(crate) fn error(error: &ApiError, version: &str) -> Response<Full<Bytes>> {
    let mut body = error.members.clone();
    body.insert("__type".to_owned(), error.code.clone().into());
    body.insert("message".to_owned(), error.message.clone().into());
    let kind = format!("application/x-amz-json-{version}");
    let answer = response(
        error.status(),
        Some(&kind),
        Bytes::from(Value::Object(body).to_string()),
    );
    with_retry_after(answer, error)
}
