//! Answers that one call leaves for the next: Terraform plans a resource once more right before it applies it, in
//! the same process, and the apply begins with the very questions that this plan has just asked.

use std::collections::{BTreeSet, HashMap};
use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

use crate::lock::lock;

/// How long an answer serves. Between the plan and its apply nothing happens; a process that is kept, to be debugged,
/// may be idle for hours.
const SERVES: Duration = Duration::from_secs(10);

/// Answers by the ids that were asked for. Each serves once.
#[derive(Debug)]
pub struct Recent<T>(Mutex<HashMap<BTreeSet<String>, (Instant, T)>>);

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Recent<T> {
    /// Leaves an answer, in the place of an earlier one.
    pub fn leave(&self, ids: &BTreeSet<String>, answer: T) {
        let mut left = lock(&self.0);
        left.insert(ids.clone(), (Instant::now(), answer));
    }

    /// Takes the answer that was left moments ago.
    pub fn take(&self, ids: &BTreeSet<String>) -> Option<T> {
        let mut left = lock(&self.0);
        let (at, answer) = left.remove(ids)?;
        (at.elapsed() < SERVES).then_some(answer)
    }

    /// Drops every answer: what they tell of has changed.
    pub fn forget(&self) {
        let mut left = lock(&self.0);
        left.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_answer_serves_once_and_not_for_long() {
        let ids = |id: &str| BTreeSet::from([id.to_owned()]);
        let recent = Recent::default();
        recent.leave(&ids("a"), 1);
        recent.leave(&ids("a"), 2);
        assert_eq!(recent.take(&ids("b")), None);
        assert_eq!(recent.take(&ids("a")), Some(2));
        assert_eq!(recent.take(&ids("a")), None);
        recent.leave(&ids("a"), 3);
        tokio::time::advance(SERVES).await;
        assert_eq!(recent.take(&ids("a")), None);
        recent.leave(&ids("a"), 4);
        recent.forget();
        assert_eq!(recent.take(&ids("a")), None);
    }
}
