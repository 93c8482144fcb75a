//! The error that an operation answers with, before its protocol gives it a shape.

use serde_json::{Map, Value};

/// A service's error: code, message, HTTP status, and the modelled members beside the message.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ApiError {
    pub(crate) code: String,
    pub(crate) message: String,
    /// None until the service's model has said it: what an operation answers is known by its code.
    pub(crate) status: Option<u16>,
    pub(crate) members: Map<String, Value>,
    /// Seconds for the `Retry-After` header.
    pub(crate) retry_after: Option<u64>,
}

pub(crate) type Answer<T> = Result<T, ApiError>;

impl ApiError {
    /// An error whose status the service's model knows; without a model, HTTP 400.
    pub(crate) fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            status: None,
            members: Map::new(),
            retry_after: None,
        }
    }

    /// The same error with a status that the code does not tell, or that is known already.
    pub(crate) fn with_status(self, status: u16) -> Self {
        Self {
            status: Some(status),
            ..self
        }
    }

    pub(crate) fn status(&self) -> u16 {
        self.status.unwrap_or(400)
    }

    pub(crate) fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.members.insert(member.to_owned(), value.into());
        self
    }
}
