//! By when the reads of a verb end. What changes something is never left half-way, so that it knows no deadline.

use std::time::Duration;

use tokio::time::Instant;

tokio::task_local! {
    static DEADLINE: Instant;
}

/// Runs `work`, whose reads of AWS end by `deadline`: an attempt that is under way then fails as a silent endpoint does,
/// and is the last. Changes go on. What `work` spawns has no deadline.
pub fn reading_until<T>(deadline: Instant, work: impl Future<Output = T>) -> impl Future<Output = T> {
    // The future of a verb is large: boxed, it is not moved once more with everything that holds it.
    DEADLINE.scope(deadline, Box::pin(work))
}

/// The time that reads have left here; `None` without a deadline.
pub fn left() -> Option<Duration> {
    let until = |deadline: &Instant| deadline.saturating_duration_since(Instant::now());
    DEADLINE.try_with(until).ok()
}
