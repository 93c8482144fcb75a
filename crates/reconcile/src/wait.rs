//! When a wait is over, as pure functions of what was read and when; the reading and the sleeping are the
//! engine's.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use tokio::time::Instant;

use crate::component::Health;
use crate::record::{Id, Slot};

/// The shortest time between two reads of one object.
const SHORTEST: Duration = Duration::from_millis(200);
/// The longest time between two reads of one object.
const LONGEST: Duration = Duration::from_secs(5);
/// How long "not found" is taken for eventual consistency after we made the object ourselves.
const APPEARANCE: Duration = Duration::from_secs(120);
/// How long the failure that a change was meant to mend is taken for a stale read.
const STALE: Duration = Duration::from_secs(5);

/// The pace of reads: an eighth of the time waited so far, so that a wait is overshot by an eighth at most,
/// spread a little so that many waits do not beat in time. The same object always gets the same pace.
#[derive(Debug)]
pub(crate) struct Pace(u64);

impl Pace {
    pub(crate) fn new(slot: &Slot, id: &Id) -> Self {
        let mut hasher = DefaultHasher::new();
        (slot, id).hash(&mut hasher);
        Self(hasher.finish() | 1)
    }

    /// How long to wait before the next read, after having waited for `elapsed`.
    pub(crate) fn next(&mut self, elapsed: Duration) -> Duration {
        // xorshift64: enough to spread reads, and reproducible.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let spread = f64::from(u8::try_from(self.0 >> 56).unwrap_or_default()) / 255.0;
        (elapsed / 8)
            .mul_f64(0.875 + spread / 4.0)
            .clamp(SHORTEST, LONGEST)
    }
}

/// What a read means for a wait.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The wait is over.
    Settled,
    /// The wait is over in a state that is not the end, and has stood for long enough.
    Accepted(String),
    /// Read again at the wait's pace, or after so long if that is sooner.
    Again(Option<Duration>),
    /// Read again after exactly so long.
    Confirm(Duration),
    /// The wait is over, without success.
    Failed(String),
    /// The object is not there, and not because it is new.
    Vanished,
}

/// The condition "is settled", fed with one read after the other.
#[derive(Debug, Default)]
pub(crate) struct Settling {
    /// When we made the object, if we did.
    created: Option<Instant>,
    /// When we changed it, if we did.
    changed: Option<Instant>,
    /// When we changed it, and the failure it was in before.
    mended: Option<(Instant, String)>,
    /// Once it was on its way, a second settled read is needed, so much after the first.
    confirm: Option<Duration>,
    /// Whether it was on its way, so far as we know.
    unsettled: bool,
    settled_once: bool,
    standing_since: Option<Instant>,
}

impl Settling {
    /// Of an object that this run has not touched.
    pub(crate) fn untouched(confirm: Option<Duration>) -> Self {
        Self {
            confirm,
            ..Self::default()
        }
    }

    /// Of an object that was made at `at`.
    pub(crate) fn created(at: Instant, confirm: Option<Duration>) -> Self {
        Self {
            created: Some(at),
            confirm,
            unsettled: true,
            ..Self::default()
        }
    }

    /// Of an object that was changed at `at`, whose health was `former`.
    pub(crate) fn changed(at: Instant, former: Health, confirm: Option<Duration>) -> Self {
        let mended = match former {
            Health::Failed(reason) => Some((at, reason)),
            Health::Settled | Health::Standing { .. } | Health::Working(_) => None,
        };
        Self {
            changed: Some(at),
            mended,
            confirm,
            unsettled: true,
            ..Self::default()
        }
    }

    /// Whether this run has neither made nor changed the object.
    pub(crate) fn is_untouched(&self) -> bool {
        self.created.is_none() && self.changed.is_none()
    }

    /// Judges a read made at `now`; `None` where the object was not found.
    pub(crate) fn judge(&mut self, now: Instant, health: Option<Health>) -> Verdict {
        let settled_before = std::mem::replace(&mut self.settled_once, health == Some(Health::Settled));
        self.unsettled |= health != Some(Health::Settled);
        if !matches!(health, Some(Health::Standing { .. })) {
            self.standing_since = None;
        }
        match health {
            None if self.created.is_some_and(|at| now < at + APPEARANCE) => Verdict::Again(None),
            None => Verdict::Vanished,
            Some(Health::Settled) => match self.confirm {
                Some(later) if self.unsettled && !settled_before => Verdict::Confirm(later),
                _ => Verdict::Settled,
            },
            Some(Health::Standing { state, needed, stood }) => {
                let watched = now - *self.standing_since.get_or_insert(now);
                // Of what this run has changed, the service may still show what was before.
                let stood = if self.is_untouched() {
                    watched.max(stood)
                } else {
                    watched
                };
                if stood >= needed {
                    Verdict::Accepted(state)
                } else {
                    Verdict::Again(Some(needed - stood))
                }
            }
            Some(Health::Working(_)) => {
                self.mended = None;
                Verdict::Again(None)
            }
            Some(Health::Failed(reason)) => match &self.mended {
                Some((at, former)) if *former == reason && now < *at + STALE => Verdict::Again(None),
                _ => Verdict::Failed(reason),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::record::Kind;

    const SLOT: Slot = Slot::of(Kind {
        key: "gateway",
        name: "resource gateway",
    });

    fn working() -> Option<Health> {
        Some(Health::Working("CREATE_IN_PROGRESS".to_owned()))
    }

    fn failed(reason: &str) -> Option<Health> {
        Some(Health::Failed(reason.to_owned()))
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    proptest! {
        #[test]
        fn the_pace_is_an_eighth_of_the_wait_within_its_bounds(id in ".{1,20}", elapsed in 0_u64..4_000_000, reads in 1_usize..20) {
            let elapsed = Duration::from_millis(elapsed);
            let mut pace = Pace::new(&SLOT, &Id::new(id));
            for _ in 0..reads {
                let length = pace.next(elapsed);
                prop_assert!((SHORTEST..=LONGEST).contains(&length));
                prop_assert!(length >= (elapsed / 8).mul_f64(0.87).min(LONGEST));
                prop_assert!(length <= (elapsed / 8).mul_f64(1.13).max(SHORTEST));
            }
        }
    }

    #[test]
    fn the_pace_of_one_object_is_always_the_same_and_differs_from_that_of_others() {
        let paces = |id: &str| {
            let mut pace = Pace::new(&SLOT, &Id::from(id));
            [(); 8].map(|()| pace.next(seconds(16)))
        };
        assert_eq!(paces("rgw-1"), paces("rgw-1"));
        assert_ne!(paces("rgw-1"), paces("rgw-2"));
    }

    #[test]
    fn an_untouched_object_is_settled_by_its_first_settled_read() {
        let mut settling = Settling::untouched(Some(seconds(1)));
        assert_eq!(
            settling.judge(Instant::now(), Some(Health::Settled)),
            Verdict::Settled
        );
    }

    #[test]
    fn an_object_that_was_on_its_way_is_settled_by_two_settled_reads_in_a_row() {
        let now = Instant::now();
        let confirm = Duration::from_millis(250);
        for mut settling in [
            Settling::untouched(Some(confirm)),
            Settling::created(now, Some(confirm)),
        ] {
            assert_eq!(settling.judge(now, working()), Verdict::Again(None));
            assert_eq!(
                settling.judge(now, Some(Health::Settled)),
                Verdict::Confirm(confirm)
            );
            assert_eq!(settling.judge(now, working()), Verdict::Again(None));
            assert_eq!(
                settling.judge(now, Some(Health::Settled)),
                Verdict::Confirm(confirm)
            );
            assert_eq!(
                settling.judge(now + confirm, Some(Health::Settled)),
                Verdict::Settled
            );
        }
    }

    #[test]
    fn a_new_object_may_be_missing_for_two_minutes() {
        let now = Instant::now();
        let mut settling = Settling::created(now, None);
        assert_eq!(settling.judge(now + seconds(119), None), Verdict::Again(None));
        assert_eq!(settling.judge(now + seconds(120), None), Verdict::Vanished);
        assert_eq!(Settling::untouched(None).judge(now, None), Verdict::Vanished);
    }

    #[test]
    fn a_standing_state_of_what_was_not_touched_counts_as_long_as_the_service_says() {
        let now = Instant::now();
        let accepted = Verdict::Accepted("AUTHORIZED".to_owned());
        let mut settling = Settling::untouched(None);
        assert_eq!(settling.judge(now, standing_for(60)), accepted);

        // A run that was killed a moment ago has changed it.
        let mut settling = Settling::untouched(None);
        assert_eq!(
            settling.judge(now, standing_for(20)),
            Verdict::Again(Some(seconds(40)))
        );
        assert_eq!(settling.judge(now + seconds(40), standing_for(60)), accepted);

        // Where the service does not say, it is watched.
        let mut settling = Settling::untouched(None);
        assert_eq!(settling.judge(now, standing()), Verdict::Again(Some(seconds(60))));
        assert_eq!(settling.judge(now + seconds(60), standing()), accepted);
    }

    #[test]
    fn a_standing_state_of_what_was_changed_counts_by_our_own_clock() {
        let now = Instant::now();
        let mut settling = Settling::created(now, None);
        assert_eq!(
            settling.judge(now, standing_for(90)),
            Verdict::Again(Some(seconds(60)))
        );
    }

    fn standing() -> Option<Health> {
        standing_for(0)
    }

    fn standing_for(stood: u64) -> Option<Health> {
        Some(Health::Standing {
            state: "AUTHORIZED".to_owned(),
            needed: seconds(60),
            stood: seconds(stood),
        })
    }

    #[test]
    fn a_standing_state_counts_from_its_first_read_and_anew_after_another_state() {
        let now = Instant::now();
        let mut settling = Settling::created(now, None);
        assert_eq!(settling.judge(now, standing()), Verdict::Again(Some(seconds(60))));
        assert_eq!(
            settling.judge(now + seconds(59), standing()),
            Verdict::Again(Some(seconds(1)))
        );
        assert_eq!(settling.judge(now + seconds(60), working()), Verdict::Again(None));
        assert_eq!(
            settling.judge(now + seconds(61), standing()),
            Verdict::Again(Some(seconds(60)))
        );
        assert_eq!(
            settling.judge(now + seconds(121), standing()),
            Verdict::Accepted("AUTHORIZED".to_owned())
        );
    }

    #[test]
    fn the_failure_that_a_change_was_to_mend_may_be_read_for_a_moment_longer() {
        let now = Instant::now();
        let former = Health::Failed("DEAUTHORIZED".to_owned());
        let mut settling = Settling::changed(now, former.clone(), None);
        assert_eq!(
            settling.judge(now + seconds(1), failed("DEAUTHORIZED")),
            Verdict::Again(None)
        );
        assert_eq!(
            settling.judge(now + seconds(5), failed("DEAUTHORIZED")),
            Verdict::Failed("DEAUTHORIZED".to_owned())
        );

        let mut settling = Settling::changed(now, former.clone(), None);
        assert_eq!(
            settling.judge(now, failed("another")),
            Verdict::Failed("another".to_owned())
        );

        let mut settling = Settling::changed(now, former, None);
        assert_eq!(settling.judge(now, working()), Verdict::Again(None));
        assert_eq!(
            settling.judge(now, failed("DEAUTHORIZED")),
            Verdict::Failed("DEAUTHORIZED".to_owned())
        );
    }
}
