//! Time as the experiments see it: the real one, or the one that a judge moves.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// A clock that can be waited by, and that somebody may interrupt.
pub trait Clock {
    /// The time since the clock's beginning.
    fn now(&self) -> Duration;

    /// Lets time pass; returns early when interrupted.
    fn sleep(&self, time: Duration);

    /// Whether somebody asked to stop since this was last asked.
    fn interrupted(&self) -> bool;
}

/// The clock on the wall, which Ctrl-C interrupts.
pub struct Wall {
    began: Instant,
    interrupted: Arc<AtomicBool>,
}

impl Wall {
    /// Begins, and listens to SIGINT and SIGTERM.
    ///
    /// # Errors
    /// The system does not let signals be caught.
    pub fn start() -> Result<Self, String> {
        let interrupted = Arc::new(AtomicBool::new(false));
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
            signal_hook::flag::register(signal, Arc::clone(&interrupted))
                .map_err(|error| error.to_string())?;
        }
        Ok(Self {
            began: Instant::now(),
            interrupted,
        })
    }
}

impl Clock for Wall {
    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    fn sleep(&self, time: Duration) {
        const SLICE: Duration = Duration::from_millis(100);
        let end = Instant::now() + time;
        while !self.interrupted.load(Ordering::Relaxed) {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            thread::sleep(left.min(SLICE));
        }
    }

    fn interrupted(&self) -> bool {
        self.interrupted.swap(false, Ordering::Relaxed)
    }
}
