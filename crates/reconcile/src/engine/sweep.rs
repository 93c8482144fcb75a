//! Removing what is retired, and waiting until it is gone.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::Instant;

use super::waiting::{Judged, Wait};
use super::{Engine, NOT_BEGUN, describe, failed};
use crate::component::{Component, Failure, Health};
use crate::error::{Action, Error};
use crate::record::{Id, Kind, Slot, Step};
use crate::wait::Pace;
use crate::warning::Warning;

/// How long an object whose deletion was accepted may look as if nothing had happened, until it is deleted again: the
/// answer may not have been the service's.
const UNMOVED: Duration = Duration::from_secs(15);

/// Whether a removal was begun.
enum Removal<O> {
    /// It was; this was the last thing seen.
    Begun(O),
    /// The object was not there any more.
    Gone,
    /// Others use it, and it stays retired.
    Held,
    /// It is not ours, and stays.
    Borrowed,
}

impl<E: Failure> Engine<E> {
    /// Removes the retired objects of a kind, and those in slots for which nothing is wanted, side by side, and waits
    /// until each is gone. Call it for every kind after the last ensure, from the top down.
    ///
    /// Something that is in use is tried again until the time is over. But as long as something is wanted, an
    /// object that others use ([`Failure::is_held_by_others`]) stays retired, with a warning, and so does
    /// what is in use while it stands. A borrowed object is only forgotten, which is no step.
    ///
    /// # Errors
    /// The first one, after every removal has ended.
    pub async fn sweep<C>(&self, c: &C) -> Result<(), Error<E>>
    where
        C: Component<Error = E>,
    {
        self.retire(c);
        let retired: Vec<Id> = self.lock().record().retired_of(C::KIND).cloned().collect();
        if self.rehearsing() {
            for id in &retired {
                self.rehearse_removal(c, id).await?;
            }
            return Ok(());
        }
        join_all(retired.iter().map(|id| self.remove(c, id, true)))
            .await
            .into_iter()
            .collect()
    }

    /// Retires what fills slots of a kind for which nothing is wanted, without removing it yet: for a walk that ends before
    /// its sweeps, so that the record does not show what is only waiting to be removed as what is in use.
    pub fn retire<C>(&self, _: &C)
    where
        C: Component<Error = E>,
    {
        if self.rehearsing() {
            return;
        }
        let unwanted: Vec<Slot> = {
            let unwanted = &mut self.lock().unwanted;
            unwanted
                .extract_if(.., |slot| slot.kind() == C::KIND.key)
                .collect()
        };
        unwanted.iter().for_each(|slot| self.vacate::<C>(slot));
    }

    async fn rehearse_removal<C>(&self, c: &C, id: &Id) -> Result<(), Error<E>>
    where
        C: Component<Error = E>,
    {
        let slot = Slot::of(C::KIND);
        if self.is_still_borrowed(c, &slot, id).await? {
            self.lock()
                .learn(|recorded| recorded.forget_retired(C::KIND.key, id));
            return Ok(());
        }
        // A snapshot was taken of what stood: there is no need to read it again to know that it is to be
        // removed.
        let offline = self.lock().offline;
        let seen = if offline {
            self.lock().seen.get(C::KIND, id)
        } else {
            let seen = self.look(c, &slot, id).await?;
            if seen.is_none() {
                self.lock().gone(C::KIND, id);
                return Ok(());
            }
            seen
        };
        if let Some(seen) = seen.filter(|_| !offline) {
            self.guard(c, &slot, id, &seen)?;
        }
        let mut state = self.lock();
        let replaced = state.intents.iter().any(
            |intent| matches!(&intent.step, Step::Replace(slot, old) if slot.kind() == C::KIND.key && old == id),
        );
        if !replaced {
            state.intend(Step::Delete(slot, id.clone()), format!("remove {id}"));
        }
        state.record().forget_retired(C::KIND.key, id);
        Ok(())
    }

    /// Removes one retired object. Where it `may_stay`, an object that others use is left with a warning.
    pub(super) async fn remove<C>(&self, c: &C, id: &Id, may_stay: bool) -> Result<(), Error<E>>
    where
        C: Component<Error = E>,
    {
        let slot = Slot::of(C::KIND);
        let what = describe(C::KIND, &slot, id);
        let at = Instant::now();
        let mut last = match self.begin_removal(c, &slot, id, may_stay).await? {
            Removal::Held => return Ok(()),
            Removal::Borrowed => {
                self.release(c, &what, id).await;
                self.forget_borrowed(C::KIND, id);
                return Ok(());
            }
            Removal::Gone => None,
            Removal::Begun(seen) => Some(seen),
        };
        if let Some(seen) = &last {
            last = Some(self.until_gone(c, &slot, id, seen.clone()).await?);
        }
        let waiting = Instant::now();
        let mut pace = Pace::new(&slot, id);
        if let Some(last) = &last {
            // Where it cannot be seen what is left there is nothing to wait for: what holds on to something else is
            // told when that is to be removed.
            while let Ok(Some(rest)) = c.lingering(last).await {
                self.pause(&slot, &what, &rest, pace.next(waiting.elapsed()))
                    .await?;
            }
        }
        {
            let mut state = self.lock();
            state.forget_observation(C::KIND, id);
            state.record().forget_retired(C::KIND.key, id);
        }
        let deed = if last.is_some() {
            format!("removed {what}")
        } else {
            format!("found {what} gone")
        };
        self.finish(Step::Delete(slot, id.clone()), at, deed);
        Ok(())
    }

    /// Waits until an object is gone whose deletion was accepted, and answers with what was last seen of it. One that does
    /// not move is deleted again.
    async fn until_gone<C>(
        &self,
        c: &C,
        slot: &Slot,
        id: &Id,
        seen: C::Observed,
    ) -> Result<C::Observed, Error<E>>
    where
        C: Component<Error = E>,
    {
        /// What stands of it.
        enum Left {
            Nothing,
            Unmoved,
        }
        let wait = Wait {
            c,
            slot,
            id,
            pending: false,
        };
        let mut last = seen;
        loop {
            let asked = Instant::now();
            let judge = |seen: Option<C::Observed>| {
                let Some(seen) = seen else {
                    return Ok(Judged::Over(Left::Nothing));
                };
                if let Some(reason) = c.stuck(&seen) {
                    self.record();
                    return Err(Error::Failed {
                        slot: slot.clone(),
                        id: id.clone(),
                        what: describe(C::KIND, slot, id),
                        reason,
                    });
                }
                let health = c.health(&seen);
                last = seen;
                match health {
                    Health::Working(state) | Health::Failed(state) => Ok(Judged::again(state)),
                    Health::Settled | Health::Standing { .. } if asked.elapsed() >= UNMOVED => {
                        Ok(Judged::Over(Left::Unmoved))
                    }
                    Health::Settled | Health::Standing { .. } => Ok(Judged::again("still there")),
                }
            };
            match self.wait(&wait, None, judge).await? {
                Left::Nothing => return Ok(last),
                Left::Unmoved => self.guard(c, slot, id, &last)?,
            }
            match c.delete(id, &last).await {
                Ok(()) => {}
                Err(source) if source.is_not_found() || source.is_in_use() => {}
                Err(source) => {
                    self.record();
                    return Err(failed(C::KIND, slot, Some(id), Action::Delete, source));
                }
            }
        }
    }

    async fn begin_removal<C>(
        &self,
        c: &C,
        slot: &Slot,
        id: &Id,
        may_stay: bool,
    ) -> Result<Removal<C::Observed>, Error<E>>
    where
        C: Component<Error = E>,
    {
        let what = describe(C::KIND, slot, id);
        let waiting = Instant::now();
        let mut pace = Pace::new(slot, id);
        let mut last = NOT_BEGUN.to_owned();
        if self.is_still_borrowed(c, slot, id).await? {
            return Ok(Removal::Borrowed);
        }
        let mut answer = self.look(c, slot, id).await?;
        loop {
            let Some(seen) = answer else {
                return Ok(Removal::Gone);
            };
            self.guard(c, slot, id, &seen)?;
            self.go_on(slot, &what, &last)?;
            let outcome = c.delete(id, &seen).await;
            self.lock().forget_observation(C::KIND, id);
            match outcome {
                Ok(()) => return Ok(Removal::Begun(seen)),
                Err(source) if source.is_not_found() => return Ok(Removal::Gone),
                Err(source) if may_stay && self.leave(&what, &source) => return Ok(Removal::Held),
                Err(source) if source.is_in_use() || source.is_held_by_others() || source.is_transient() => {
                    last = source.to_string();
                    self.pause(slot, &what, &last, pace.next(waiting.elapsed()))
                        .await?;
                }
                Err(source) => {
                    self.record();
                    return Err(failed(C::KIND, slot, Some(id), Action::Delete, source));
                }
            }
            answer = self.observe(c, slot, id).await?;
        }
    }

    /// Whether an object is borrowed, and was not handed over to us since that was recorded.
    async fn is_still_borrowed<C>(&self, c: &C, slot: &Slot, id: &Id) -> Result<bool, Error<E>>
    where
        C: Component<Error = E>,
    {
        if !self.is_borrowed(id) {
            return Ok(false);
        }
        if !self.lock().offline {
            self.look(c, slot, id).await?;
        }
        Ok(self.is_borrowed(id))
    }

    /// Undoes what was done to an object when it was borrowed. Where that fails it is told, and nothing is lost: the object
    /// was never ours.
    pub(super) async fn release<C>(&self, c: &C, what: &str, id: &Id)
    where
        C: Component<Error = E>,
    {
        if let Err(source) = c.release(id).await {
            tracing::warn!(%source, "could not give back {what}");
        }
    }

    fn forget_borrowed(&self, kind: Kind, id: &Id) {
        {
            let mut state = self.lock();
            state.record().forget_retired(kind.key, id);
            state.drop_removal(kind, id);
        }
        self.record();
    }

    /// Whether an object that could not be removed stays, with a warning, rather than being tried until the
    /// time is over: when others use it, or what has itself stayed, and this is not the removal of
    /// everything.
    fn leave(&self, what: &str, source: &E) -> bool {
        let mut state = self.lock();
        let stays = source.is_held_by_others() || (source.is_in_use() && state.held);
        if !stays || state.removes_all {
            return false;
        }
        state.held = true;
        state.warn(Warning::NotRemoved {
            what: what.to_owned(),
            reason: source.to_string(),
        });
        true
    }
}
