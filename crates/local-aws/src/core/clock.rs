//! The time that the world lives in: it passes with the machine's, or stands until somebody advances it.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// Counts from the beginning of the world.
#[derive(Debug)]
pub(crate) struct Clock {
    began: SystemTime,
    started: Instant,
    stands: bool,
    /// What was passed before this process began, and what was skipped since.
    skipped: Mutex<Duration>,
}

impl Clock {
    /// A clock that has come to `passed` since `began`, and goes on from there unless it `stands`.
    pub(crate) fn new(began: SystemTime, passed: Duration, stands: bool) -> Self {
        Self {
            began,
            started: Instant::now(),
            stands,
            skipped: Mutex::new(passed),
        }
    }

    /// The wall clock's time of the world's beginning.
    pub(crate) fn began(&self) -> SystemTime {
        self.began
    }

    /// What has passed since the beginning.
    pub(crate) fn now(&self) -> Duration {
        let skipped = *self.skipped.lock().unwrap_or_else(PoisonError::into_inner);
        if self.stands {
            skipped
        } else {
            skipped + self.started.elapsed()
        }
    }

    /// Skips so much time.
    pub(crate) fn skip(&self, time: Duration) {
        let mut skipped = self.skipped.lock().unwrap_or_else(PoisonError::into_inner);
        *skipped = skipped.saturating_add(time);
    }

    /// How long the machine has to wait until a moment comes; `None` if only an advance brings it.
    pub(crate) fn until(&self, moment: Duration) -> Option<Duration> {
        let left = moment.saturating_sub(self.now());
        (left.is_zero() || !self.stands).then_some(left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standing_clock_moves_only_by_hand() {
        let clock = Clock::new(SystemTime::now(), Duration::from_secs(2), true);
        assert_eq!(clock.now(), Duration::from_secs(2));
        assert_eq!(clock.until(Duration::from_secs(3)), None);
        clock.skip(Duration::from_secs(5));
        assert_eq!(clock.now(), Duration::from_secs(7));
        assert_eq!(clock.until(Duration::from_secs(3)), Some(Duration::ZERO));
    }

    #[test]
    fn a_running_clock_can_be_set_ahead() {
        let clock = Clock::new(SystemTime::now(), Duration::ZERO, false);
        clock.skip(Duration::from_secs(3600));
        assert!(clock.now() >= Duration::from_secs(3600));
        assert!(clock.until(Duration::from_secs(7200)).is_some());
    }
}
