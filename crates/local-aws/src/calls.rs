//! The record of every call that was answered, with a way to wait for the next one.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;

/// One call, in the order of the answers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Call {
    /// The signing name: `ec2`, `vpc-lattice`, `events`, `states`, `sts`.
    pub service: String,
    /// The operation as the API reference writes it; empty when the request did not name one.
    pub operation: String,
    /// HTTP status of the answer; 0 when a fault cut the connection before the work was done.
    pub status: u16,
    /// The name or id that the request was about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// The error code of a refused call.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

#[derive(Default)]
pub(crate) struct CallLog {
    calls: Mutex<Vec<Call>>,
    added: Condvar,
}

impl CallLog {
    pub(crate) fn add(&self, call: Call) {
        self.lock().push(call);
        self.added.notify_all();
    }

    pub(crate) fn all(&self) -> Vec<Call> {
        self.lock().clone()
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    /// Waits until more than `seen` calls of an operation stand in the record, and gives the first beyond
    /// them.
    pub(crate) fn wait(
        &self,
        service: &str,
        operation: &str,
        seen: usize,
        timeout: Duration,
    ) -> Option<Call> {
        let nth = |calls: &[Call]| {
            calls
                .iter()
                .filter(|call| call.service == service && call.operation == operation)
                .nth(seen)
                .cloned()
        };
        let (calls, _) = self
            .added
            .wait_timeout_while(self.lock(), timeout, |calls| nth(calls).is_none())
            .unwrap_or_else(PoisonError::into_inner);
        nth(&calls)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Call>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
