//! The error that an operation answers with, before its protocol gives it a shape.

use serde_json::{Map, Value};

/// A service's error: code, message, HTTP status, and the modelled members beside the message.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ApiError {
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) status: u16,
    pub(crate) members: Map<String, Value>,
    /// Seconds for the `Retry-After` header.
    pub(crate) retry_after: Option<u64>,
}

pub(crate) type Answer<T> = Result<T, ApiError>;

impl ApiError {
    pub(crate) fn new(status: u16, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            status,
            members: Map::new(),
            retry_after: None,
        }
    }

    /// An error of the caller's making, HTTP 400: what EC2 and the awsJson services answer with by default.
    pub(crate) fn bad_request(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(400, code, message)
    }

    pub(crate) fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.members.insert(member.to_owned(), value.into());
        self
    }
}
