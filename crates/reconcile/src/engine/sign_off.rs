//! The end of a run: what it made is about to be recorded, so its marks go.

use std::time::Duration;

use tokio::time::Instant;

use super::{Engine, describe, failed};
use crate::component::{Component, Failure};
use crate::error::{Action, Error};
use crate::record::{Id, Kind, Slot};
use crate::wait::Pace;

/// How long a mark may show after it was taken off: a service may tell the former for some seconds.
const LINGERS: Duration = Duration::from_secs(8);

impl<E: Failure> Engine<E> {
    /// Takes the marks off everything of a kind that is recorded and ours. Call it for every kind when the walk has
    /// ended, well or not, and right before the record is handed to whoever keeps it; and only if it can be handed
    /// over: an object that loses its mark and is not recorded is never found again.
    ///
    /// A mark that still shows is waited for, for seconds at most; a cancellation does not matter.
    ///
    /// # Errors
    /// The component's. The marks stay then, and the next run takes them off.
    pub async fn sign_off<C>(&self, c: &C) -> Result<(), Error<E>>
    where
        C: Component<Error = E>,
    {
        let mut objects = Vec::new();
        for (id, seen) in self.ours::<C>() {
            // What was last changed has not been read since.
            let seen = match seen {
                Some(seen) => Some(seen),
                None => self.observe(c, &Slot::of(C::KIND), &id).await?,
            };
            objects.extend(seen.filter(|seen| c.marked(seen)).map(|seen| (id, seen)));
        }
        if objects.is_empty() {
            return Ok(());
        }
        let first = objects.first().map(|(id, _)| id.clone());
        let signed = c.sign_off(objects).await.map_err(|source| {
            let slot = Slot::of(C::KIND);
            failed(C::KIND, &slot, first.as_ref(), Action::Update, source)
        })?;
        for (id, seen) in signed {
            if c.marked(&seen) {
                self.until_unmarked(c, &id).await?;
            } else {
                self.lock().observed(C::KIND, &id, &seen, Instant::now());
            }
        }
        Ok(())
    }

    /// Reads an object until its mark does not show any more, so that what is recorded is what was read.
    async fn until_unmarked<C>(&self, c: &C, id: &Id) -> Result<(), Error<E>>
    where
        C: Component<Error = E>,
    {
        let slot = Slot::of(C::KIND);
        let began = Instant::now();
        let mut pace = Pace::new(&slot, id);
        loop {
            let seen = self.observe(c, &slot, id).await?;
            if !seen.is_some_and(|seen| c.marked(&seen)) || began.elapsed() >= LINGERS {
                return Ok(());
            }
            tokio::time::sleep(pace.next(began.elapsed())).await;
        }
    }

    /// Marks everything of a kind again that is recorded and ours. Call it where a fresh run has signed off, and the record
    /// cannot be handed over after all: nothing but the mark tells then that it is left behind.
    ///
    /// # Errors
    /// The component's. What stays unmarked counts as recorded by some state.
    pub async fn mark_again<C>(&self, c: &C) -> Result<(), Error<E>>
    where
        C: Component<Error = E>,
    {
        let ours = self.ours::<C>().into_iter();
        let objects: Vec<(Id, C::Observed)> = ours.filter_map(|(id, seen)| Some((id, seen?))).collect();
        let Some((first, _)) = objects.first() else {
            return Ok(());
        };
        let first = first.clone();
        c.mark_again(objects)
            .await
            .map_err(|source| failed(C::KIND, &Slot::of(C::KIND), Some(&first), Action::Update, source))
    }

    /// What is recorded of a kind and not borrowed, with what was last seen of it.
    fn ours<C>(&self) -> Vec<(Id, Option<C::Observed>)>
    where
        C: Component<Error = E>,
    {
        let state = self.lock();
        let ours = state.recorded.ids_of(C::KIND);
        let ours = ours.filter(|id| !state.recorded.is_borrowed(id));
        ours.map(|id| (id.clone(), state.seen.get(C::KIND, id))).collect()
    }

    /// Forgets everything recorded of a kind that another run has taken over since, so that this one's record tells of
    /// nothing that is another's. Answers with what it has forgotten. Call it when a fresh run has failed, before
    /// [`sign_off`](Self::sign_off): of two runs that make the same thing side by side, one fails.
    ///
    /// # Errors
    /// The component's. What could not be looked at stays recorded.
    pub async fn give_over<C>(&self, c: &C) -> Result<Vec<Id>, Error<E>>
    where
        C: Component<Error = E>,
    {
        let recorded: Vec<Id> = {
            let state = self.lock();
            let ours = state.recorded.ids_of(C::KIND);
            ours.filter(|id| !state.recorded.is_borrowed(id))
                .cloned()
                .collect()
        };
        let mut given = Vec::new();
        for id in recorded {
            let seen = self.observe(c, &Slot::of(C::KIND), &id).await?;
            if seen.is_some_and(|seen| c.taken_over(&seen)) {
                self.lock().learn(|recorded| recorded.forget(C::KIND.key, &id));
                given.push(id);
            }
        }
        Ok(given)
    }

    /// Forgets everything recorded of a kind that bears no tags, where what tells whose it is was given over.
    pub fn give_over_all(&self, kind: Kind) {
        let mut state = self.lock();
        let ids: Vec<Id> = state.recorded.ids_of(kind).cloned().collect();
        ids.iter()
            .for_each(|id| state.learn(|recorded| recorded.forget(kind.key, id)));
    }

    /// Looks again whether an object is still ours: before something is done that cannot be shared, and before a fresh run is
    /// told as done. Of two runs that make the same thing side by side, one may have taken over what the other has just made.
    ///
    /// # Errors
    /// [`Error::Refused`] where its tag names another holder, or is gone; the component's.
    pub async fn reassure<C>(&self, c: &C, slot: &Slot) -> Result<(), Error<E>>
    where
        C: Component<Error = E>,
    {
        if self.rehearsing() {
            return Ok(());
        }
        let Some(id) = self.current(slot) else {
            return Ok(());
        };
        match self.observe(c, slot, &id).await? {
            Some(seen) => self.guard(c, slot, &id, &seen),
            None => Err(Error::Vanished {
                slot: slot.clone(),
                what: describe(C::KIND, slot, &id),
                id,
            }),
        }
    }
}
