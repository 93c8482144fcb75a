//! What is not served: said so, in the protocol that the caller speaks.

use bytes::Bytes;
use http::Response;
use http::request::Parts;
use http_body_util::Full;

use crate::core::error::ApiError;
use crate::wire::query::{self, Params};
use crate::wire::{json, rest_json};

/// What is said of an operation that is not served.
pub(super) fn message(service: &str, operation: &str) -> String {
    format!("local-aws does not serve {service}:{operation}; GET /_local/operations lists what it serves")
}

/// A request for a service that is not here: what it asks for, and the answer in the protocol that it looks like.
pub(super) fn service(parts: &Parts, body: &[u8], name: &str) -> (String, Response<Full<Bytes>>) {
    let header = |name: &str| parts.headers.get(name)?.to_str().ok();
    let error = |code: &str, operation: &str| ApiError::new(code, message(name, operation));
    if let Some((_, operation)) = header("x-amz-target").and_then(|target| target.rsplit_once('.')) {
        let answer = json::error(&error("UnknownOperationException", operation), "1.1");
        return (operation.to_owned(), answer);
    }
    let params = Params::parse(&String::from_utf8_lossy(body));
    if let Some(action) = params.get("Action") {
        let answer = query::aws_error("", &error("InvalidAction", action));
        return (action.to_owned(), answer);
    }
    let operation = format!("{} {}", parts.method, parts.uri.path());
    let error = error("UnknownOperationException", &operation);
    // S3 alone speaks XML in paths.
    if name == "s3" {
        return (operation, query::aws_error("", &error));
    }
    (operation, rest_json::error(&error))
}
