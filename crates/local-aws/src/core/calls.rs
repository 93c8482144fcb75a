//! The record of the calls that were answered, with a way to wait for the next one.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use serde::Serialize;

use crate::core::timestamp::iso8601;

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

impl Call {
    /// The line of the request log: `2026-11-22T08:09:10.123Z ec2 CreateSecurityGroup orders 200 1.2ms`.
    pub(crate) fn line(&self, at: SystemTime, took: Duration) -> String {
        let operation = if self.operation.is_empty() {
            "?"
        } else {
            &self.operation
        };
        let mut line = format!("{} {} {operation}", iso8601(at), self.service);
        if let Some(resource) = &self.resource {
            line.push_str(&format!(" {resource}"));
        }
        line.push_str(&format!(" {} {:.1}ms", self.status, took.as_secs_f64() * 1000.0));
        if let Some(error) = &self.error {
            line.push_str(&format!(" {error}"));
        }
        // Names come from outside; a line stays one line.
        line.chars()
            .map(|c| if c.is_control() { '\u{fffd}' } else { c })
            .collect()
    }
}

/// The most calls that are remembered; older ones are forgotten, so that no client can fill the memory.
const MOST_CALLS: usize = 100_000;

#[derive(Default)]
pub(crate) struct CallLog {
    calls: Mutex<VecDeque<Call>>,
    added: Condvar,
}

impl CallLog {
    pub(crate) fn add(&self, call: Call) {
        let mut calls = self.lock();
        if calls.len() >= MOST_CALLS {
            calls.pop_front();
        }
        calls.push_back(call);
        drop(calls);
        self.added.notify_all();
    }

    pub(crate) fn all(&self) -> Vec<Call> {
        self.lock().iter().cloned().collect()
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
        let nth = |calls: &VecDeque<Call>| {
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

    /// Waits until more than `seen` calls of any operation stand in the record.
    pub(crate) fn wait_for_more(&self, seen: usize, timeout: Duration) -> bool {
        let (calls, _) = self
            .added
            .wait_timeout_while(self.lock(), timeout, |calls| calls.len() <= seen)
            .unwrap_or_else(PoisonError::into_inner);
        calls.len() > seen
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Call>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
