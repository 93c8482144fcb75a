//! Answers that serve for a moment: hundreds of resources of one configuration ask the same about the same network.

use std::collections::{BTreeSet, HashMap};
use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

use crate::lock::lock;

/// How long an answer serves: long enough for the resources that ask at the same time, and for an apply that follows its
/// plan at once.
const SERVES: Duration = Duration::from_secs(10);

/// Answers by the ids that were asked for.
#[derive(Debug)]
pub struct Recent<T>(Mutex<Kept<T>>);

#[derive(Debug)]
struct Kept<T> {
    answers: HashMap<BTreeSet<String>, (Instant, T)>,
    /// How often this process has changed what the answers tell of.
    changes: u64,
}

/// When a question was put, and what was changed by then.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    at: Instant,
    changes: u64,
}

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self(Mutex::new(Kept {
            answers: HashMap::new(),
            changes: 0,
        }))
    }
}

impl<T: Clone> Recent<T> {
    /// A question is put now.
    pub fn ask(&self) -> Asked {
        Asked {
            at: Instant::now(),
            changes: lock(&self.0).changes,
        }
    }

    /// Leaves the answer to a question, in the place of an earlier one; not where this process has changed something since
    /// it was put, which the answer may know of or not.
    pub fn leave(&self, asked: Asked, ids: &BTreeSet<String>, answer: T) {
        let mut kept = lock(&self.0);
        if kept.changes == asked.changes {
            kept.answers.insert(ids.clone(), (asked.at, answer));
        }
    }

    /// The answer that was asked for moments ago.
    pub fn get(&self, ids: &BTreeSet<String>) -> Option<T> {
        let kept = lock(&self.0);
        let (at, answer) = kept.answers.get(ids)?;
        (at.elapsed() < SERVES).then(|| answer.clone())
    }

    /// Changes what is kept as this process changes what it tells of.
    pub fn change(&self, change: impl Fn(&mut T)) {
        let mut kept = lock(&self.0);
        kept.changes += 1;
        kept.answers.values_mut().for_each(|(_, answer)| change(answer));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(id: &str) -> BTreeSet<String> {
        BTreeSet::from([id.to_owned()])
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_serves_for_a_moment_after_its_question() {
        let recent = Recent::default();
        let asked = recent.ask();
        tokio::time::advance(SERVES / 2).await;
        recent.leave(asked, &ids("a"), 1);
        assert_eq!((recent.get(&ids("a")), recent.get(&ids("b"))), (Some(1), None));
        recent.leave(recent.ask(), &ids("b"), 2);
        tokio::time::advance(SERVES / 2).await;
        assert_eq!((recent.get(&ids("a")), recent.get(&ids("b"))), (None, Some(2)));
    }

    #[tokio::test(start_paused = true)]
    async fn what_this_process_changes_is_changed_in_what_is_kept_and_an_answer_on_its_way_is_not_kept() {
        let recent = Recent::default();
        recent.leave(recent.ask(), &ids("a"), 10);
        let on_its_way = recent.ask();
        recent.change(|count| *count -= 1);
        recent.leave(on_its_way, &ids("b"), 10);
        assert_eq!((recent.get(&ids("a")), recent.get(&ids("b"))), (Some(9), None));
    }
}
