//! Eventual consistency, on request: what was just made is missed by the next reads and listings.
//!
//! A read is an operation that names its object, a listing one that does not. Both are counted for each object,
//! so that a caller who asks often enough always gets to see it. Writes that name it find it after a time.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How often each object, by its id or ARN, is still missed.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct Fresh(BTreeMap<String, Left>);

#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
struct Left {
    reads: u32,
    listings: u32,
    /// When writes find it.
    seen_from: Duration,
}

impl Fresh {
    /// Notes an object that so many reads and listings miss, and writes until the moment `seen_from`.
    pub(crate) fn add(&mut self, id: &str, reads: u32, listings: u32, seen_from: Duration) {
        let left = Left {
            reads,
            listings,
            seen_from,
        };
        self.0.insert(id.to_owned(), left);
    }

    /// Whether a write misses the object at this moment.
    pub(crate) fn is_unseen(&self, id: &str, now: Duration) -> bool {
        self.0.get(id).is_some_and(|left| now < left.seen_from)
    }

    /// Whether a read misses the object; the next one is one nearer to it.
    pub(crate) fn misses(&mut self, id: &str) -> bool {
        let Some(left) = self.0.get_mut(id).filter(|left| left.reads > 0) else {
            return false;
        };
        left.reads -= 1;
        true
    }

    /// The objects with ids of this prefix that a listing misses; the next one is one nearer to them.
    pub(crate) fn unlisted(&mut self, prefix: &str) -> BTreeSet<String> {
        let missed = self
            .0
            .iter_mut()
            .filter(|(id, left)| id.starts_with(prefix) && left.listings > 0);
        missed
            .map(|(id, left)| {
                left.listings -= 1;
                id.clone()
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_missed_as_often_as_was_asked_for() {
        let mut fresh = Fresh::default();
        fresh.add("sg-1", 2, 1, Duration::from_secs(3));
        assert!(fresh.misses("sg-1") && fresh.misses("sg-1") && !fresh.misses("sg-1"));
        assert!(fresh.unlisted("rgw-").is_empty());
        assert_eq!(fresh.unlisted("sg-").len(), 1);
        assert!(fresh.unlisted("sg-").is_empty());
        assert!(fresh.is_unseen("sg-1", Duration::from_secs(2)));
        assert!(!fresh.is_unseen("sg-1", Duration::from_secs(3)) && !fresh.is_unseen("sg-2", Duration::ZERO));
    }
}
