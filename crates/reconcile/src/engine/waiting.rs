//! Reading one object again and again until a condition holds, the time is over, or the run is cancelled.

use std::time::Duration;

use tokio::time::Instant;

use super::{Engine, LISTED, describe};
use crate::component::{Component, Failure};
use crate::error::Error;
use crate::record::{Id, Slot};
use crate::wait::Pace;

/// How long a change may miss what this run has made.
const VISIBLE: Duration = Duration::from_secs(60);
/// How often the log tells of a wait that goes on.
const TOLD_EVERY: Duration = Duration::from_secs(30);

/// What one read means for a wait.
pub(super) enum Judged<T> {
    /// It is over.
    Over(T),
    /// Read again.
    Again {
        /// The state in words, for errors and pending work.
        state: String,
        /// When.
        when: When,
    },
}

/// When the next read is made.
#[derive(Clone, Copy)]
pub(super) enum When {
    /// At the pace of the wait.
    Paced,
    /// At the pace of the wait, after so long at the latest.
    Within(Duration),
    /// After exactly so long.
    After(Duration),
}

impl<T> Judged<T> {
    pub(super) fn again(state: impl Into<String>) -> Self {
        Self::Again {
            state: state.into(),
            when: When::Paced,
        }
    }
}

/// A wait for one object.
pub(super) struct Wait<'a, C> {
    pub(super) c: &'a C,
    pub(super) slot: &'a Slot,
    pub(super) id: &'a Id,
    /// Whether the object is pending work while it is waited for.
    pub(super) pending: bool,
}

impl<E: Failure> Engine<E> {
    /// Reads until `judge` has seen enough, beginning with `first` where something was just read. A read that fails for a
    /// reason that passes counts as not made.
    pub(super) async fn wait<C, T>(
        &self,
        wait: &Wait<'_, C>,
        first: Option<Option<C::Observed>>,
        mut judge: impl FnMut(Option<C::Observed>) -> Result<Judged<T>, Error<E>> + Send,
    ) -> Result<T, Error<E>>
    where
        C: Component<Error = E>,
        T: Send,
    {
        let Wait { c, slot, id, .. } = *wait;
        let what = describe(C::KIND, slot, id);
        let began = Instant::now();
        let mut told = began;
        let mut pace = Pace::new(slot, id);
        let mut answer = first;
        loop {
            let read = match answer.take() {
                Some(answer) => Ok(answer),
                None => self.observe(c, slot, id).await,
            };
            let (state, when) = match read {
                Ok(seen) => match judge(seen)? {
                    Judged::Over(value) => return Ok(value),
                    Judged::Again { state, when } => (state, when),
                },
                Err(Error::Component { source, .. }) if source.is_transient() => {
                    (format!("could not be read: {source}"), When::Paced)
                }
                Err(error) => return Err(error),
            };
            if told.elapsed() >= TOLD_EVERY {
                told = Instant::now();
                let seconds = began.elapsed().as_secs();
                tracing::info!(seconds, "still waiting for {what}: {state}");
            }
            let paced = pace.next(began.elapsed());
            let length = match when {
                When::Paced => paced,
                When::Within(length) => paced.min(length),
                When::After(length) => length,
            };
            if wait.pending {
                let words = format!("wait for {what}: {state}");
                self.lock().awaited.insert(slot.clone(), words);
            }
            self.pause(slot, &what, &state, length)
                .await
                .inspect_err(|_| self.record())?;
        }
    }

    /// Reads an object. Where a search has just listed it, "not found" is taken for eventual consistency at
    /// first: who believed it would make a second one.
    pub(super) async fn observe_listed<C>(
        &self,
        c: &C,
        slot: &Slot,
        id: &Id,
    ) -> Result<Option<C::Observed>, Error<E>>
    where
        C: Component<Error = E>,
    {
        let answer = self.observe(c, slot, id).await?;
        if answer.is_some() || !self.is_listed(C::KIND, id) {
            return Ok(answer);
        }
        let began = Instant::now();
        let wait = Wait {
            c,
            slot,
            id,
            pending: false,
        };
        let judge = |seen: Option<C::Observed>| {
            if seen.is_some() || began.elapsed() >= LISTED {
                return Ok(Judged::Over(seen));
            }
            Ok(Judged::again("listed, but not found"))
        };
        self.wait(&wait, Some(None), judge).await
    }

    /// Makes a change again while the service does not find what this run has only just made: it may not see that
    /// everywhere yet.
    ///
    /// # Errors
    /// When the run is over in between; the call's own answer is inside.
    pub(super) async fn until_visible<T, F>(
        &self,
        slot: &Slot,
        what: &str,
        mut call: impl FnMut() -> F + Send,
    ) -> Result<Result<T, E>, Error<E>>
    where
        F: Future<Output = Result<T, E>> + Send,
    {
        let began = Instant::now();
        let mut pace = Pace::new(slot, &Id::new(what));
        loop {
            let answer = call().await;
            let missing = matches!(&answer, Err(source) if source.is_not_found());
            let young = self.lock().made_at.is_some_and(|at| at.elapsed() < VISIBLE);
            let last = match answer {
                Err(source) if missing && young => source.to_string(),
                answer => return Ok(answer),
            };
            self.pause(slot, what, &last, pace.next(began.elapsed())).await?;
        }
    }
}
