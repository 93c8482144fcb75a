//! How a call over a connection ended, in the words of Step Functions.

/// The error of a call, as a state machine sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallFailure {
    /// `States.Http.Socket`, `States.Http.StatusCode.403`, `Events.ConnectionResource.AccessDenied`, …
    pub error: String,
    /// What AWS says about it, or what the API answered; may be empty.
    pub cause: String,
}

impl CallFailure {
    /// The status that the API answered, where it did.
    pub fn status(&self) -> Option<u16> {
        self.error.strip_prefix("States.Http.StatusCode.")?.parse().ok()
    }
}
