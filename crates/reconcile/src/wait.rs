//! When a wait is over, as pure functions of what was read and when; the reading and the sleeping are the engine's.

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

/// The pace of reads: an eighth of the time waited so far, so that a wait is overshot by an eighth at most, spread a little so that
/// many waits do not beat in time. The same object always gets the same pace.
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
            Health::Settled | Health::Standing(_) | Health::Working(_) => None,
        };
        Self {
            mended,
            confirm,
            unsettled: true,
            ..Self::default()
        }
    }

    /// Judges a read made at `now`; `None` where the object was not found.
    pub(crate) fn judge(&mut self, now: Instant, health: Option<Health>) -> Verdict {
        let settled_before = std::mem::replace(&mut self.settled_once, health == Some(Health::Settled));
        self.unsettled |= health != Some(Health::Settled);
        if !matches!(health, Some(Health::Standing(_))) {
            self.standing_since = None;
        }
        match health {
            None if self.created.is_some_and(|at| now < at + APPEARANCE) => Verdict::Again(None),
            None => Verdict::Vanished,
            Some(Health::Settled) => match self.confirm {
                Some(later) if self.unsettled && !settled_before => Verdict::Confirm(later),
                _ => Verdict::Settled,
            },
            Some(Health::Standing(needed)) => {
                let stood = now - *self.standing_since.get_or_insert(now);
                if stood >= needed {
                    Verdict::Settled
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
