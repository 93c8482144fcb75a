//! What the resources of this process are about to take of that of which there is only so much: the addresses of
//! subnets, and private connections. Each alone may fit where all together do not.
//!
//! A provider does not learn the addresses of resources, so that they go by kind and name.

use std::collections::{BTreeMap, HashMap};
use std::mem;
use std::sync::{Mutex, MutexGuard};

use crate::lock::lock;

/// What one resource is about to take, or several together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Need {
    /// Private connections.
    pub connections: usize,
    /// IPv4 addresses, by subnet.
    pub addresses: BTreeMap<String, u32>,
}

impl Need {
    fn add(&mut self, other: &Self) {
        self.connections += other.connections;
        for (subnet, count) in &other.addresses {
            *self.addresses.entry(subnet.clone()).or_default() += count;
        }
    }
}

/// What is planned, and what is being made.
#[derive(Debug, Default)]
pub struct Reservations(Mutex<HashMap<String, Entry>>);

#[derive(Debug)]
struct Entry {
    need: Need,
    /// An apply has begun.
    applies: bool,
}

/// What an apply is about to take, until this is dropped: what it did not take by then it never will.
#[derive(Debug)]
#[must_use = "what is reserved is free again when this is dropped"]
pub struct Reservation<'a> {
    reservations: &'a Reservations,
    who: String,
}

impl Reservations {
    /// Notes what a plan of `who` needs, in the place of what an earlier one did, and answers what all others need. What
    /// a plan removes is no gain: it is still there.
    pub fn plan(&self, who: &str, need: Need) -> Need {
        let mut entries = self.entries();
        entries.insert(who.to_owned(), Entry { need, applies: false });
        others(&entries, who, |_| true)
    }

    /// Reserves what an apply of `who` needs.
    pub fn apply(&self, who: &str, need: Need) -> Reservation<'_> {
        let mut entries = self.entries();
        entries.insert(who.to_owned(), Entry { need, applies: true });
        Reservation {
            reservations: self,
            who: who.to_owned(),
        }
    }

    /// The gateway of `who` takes its addresses now, which are answered by subnet: they are reserved no longer.
    pub fn addresses_taken(&self, who: &str) -> BTreeMap<String, u32> {
        let mut entries = self.entries();
        let entry = entries.get_mut(who);
        entry.map_or_else(BTreeMap::new, |entry| mem::take(&mut entry.need.addresses))
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        lock(&self.0)
    }
}

fn others(entries: &HashMap<String, Entry>, who: &str, counts: impl Fn(&Entry) -> bool) -> Need {
    let mut sum = Need::default();
    let others = entries
        .iter()
        .filter(|(other, entry)| *other != who && counts(entry));
    others.for_each(|(_, entry)| sum.add(&entry.need));
    sum
}

impl Reservation<'_> {
    /// What other applies are about to take.
    pub fn others(&self) -> Need {
        others(&self.reservations.entries(), &self.who, |entry| entry.applies)
    }
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        self.reservations.entries().remove(&self.who);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn need(count: u32) -> Need {
        Need {
            connections: 1,
            addresses: BTreeMap::from([("subnet-a".to_owned(), count)]),
        }
    }

    #[test]
    fn a_plan_sees_what_the_other_plans_need_and_a_second_plan_of_one_resource_does_not_count_twice() {
        let reservations = Reservations::default();
        assert_eq!(reservations.plan("a", need(16)), Need::default());
        assert_eq!(reservations.plan("b", need(8)), need(16));
        assert_eq!(reservations.plan("a", need(16)), need(8));
        assert_eq!(reservations.plan("a", Need::default()), need(8));
        assert_eq!(reservations.plan("b", need(8)), Need::default());
    }

    #[test]
    fn an_apply_sees_only_what_other_applies_have_not_taken_yet() {
        let reservations = Reservations::default();
        reservations.plan("a", need(16));
        reservations.plan("b", need(16));
        let a = reservations.apply("a", need(16));
        assert_eq!(a.others(), Need::default(), "b may never be applied");
        let b = reservations.apply("b", need(16));
        assert_eq!(b.others(), need(16));
        assert_eq!(reservations.addresses_taken("a"), need(16).addresses);
        assert!(b.others().addresses.is_empty() && b.others().connections == 1);
        drop(a);
        assert_eq!(reservations.plan("c", need(1)), need(16), "only b is left");
    }
}
