//! Eventual consistency after a change, on request: for a while a description still tells what there was before.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Descriptions of before a change, by the object's id or ARN, and until when they are shown.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct Stale(BTreeMap<String, (Duration, Value)>);

impl Stale {
    pub(crate) fn keep(&mut self, id: &str, until: Duration, described: Value) {
        self.0.insert(id.to_owned(), (until, described));
    }

    /// What a description shows in the place of the truth.
    pub(crate) fn shown(&self, id: &str, now: Duration) -> Option<&Value> {
        let (until, described) = self.0.get(id)?;
        (now < *until).then_some(described)
    }
}
