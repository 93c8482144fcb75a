//! What a rule's effect makes of one call.

use std::time::Duration;

use super::rule::{Cut, Effect, Endless, Garbled};
use crate::core::error::ApiError;
use crate::core::surface::Surface;

/// What the rules make of one call.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) delay: Option<Duration>,
    pub(crate) refuse: Option<ApiError>,
    pub(crate) cut: Option<Cut>,
    /// The reply breaks off after so many bytes.
    pub(crate) truncate: Option<usize>,
    pub(crate) reply: Option<Garbled>,
    pub(crate) endless: Option<Endless>,
    /// The rule that holds the call until it is removed, and when.
    pub(crate) hold: Option<(u64, Cut)>,
}

impl Effect {
    pub(super) fn verdict(&self, service: &Surface, caller: &str, action: &str) -> Verdict {
        let refuse = if let Some(error) = &self.error {
            let refused = ApiError::new(&error.code, &error.message).with_status(error.status);
            Some(ApiError {
                retry_after: self.retry_after,
                members: error.members.clone(),
                ..refused
            })
        } else if self.throttle == Some(true) {
            Some(service.words.throttled(self.retry_after))
        } else if self.access_denied == Some(true) {
            Some(service.words.access_denied(caller, action))
        } else {
            None
        };
        Verdict {
            delay: self.delay(),
            refuse,
            cut: self.drop,
            truncate: self.truncate,
            reply: self.reply.clone(),
            endless: self.endless,
            hold: None,
        }
    }

    /// What the rule makes of a request to a seeded server, which has no error codes.
    pub(super) fn verdict_of_server(&self) -> Verdict {
        let throttled = || {
            self.throttle
                .filter(|throttles| *throttles)
                .map(|_| (429, "Too Many Requests"))
        };
        let error = self
            .error
            .as_ref()
            .map(|error| (error.status, error.message.as_str()));
        Verdict {
            delay: self.delay(),
            refuse: error.or_else(throttled).map(|(status, message)| ApiError {
                retry_after: self.retry_after,
                ..ApiError::new("", message).with_status(status)
            }),
            cut: self.drop,
            truncate: None,
            reply: self.reply.clone(),
            endless: None,
            hold: None,
        }
    }
}
