//! Finding what runs that were killed have left behind.

use super::{Engine, NOT_BEGUN, failed};
use crate::component::{Component, Failure, Found, Inventory};
use crate::error::{Action, Error};
use crate::record::{Id, Slot};
use crate::warning::Warning;

impl<E: Failure> Engine<E> {
    /// Searches for objects of this kind that were left behind. They become retired, from where
    /// [`ensure`](Self::ensure) takes what fits. Call it for every kind before the first ensure, from the ground up; an
    /// engine searches each kind once, in the rehearsal; a run then writes our tag onto what was found. A search that
    /// may not be made is a warning.
    ///
    /// # Errors
    /// The component's: also where what it finds forbids to go on.
    pub async fn scan<C>(&self, c: &C) -> Result<(), Error<E>>
    where
        C: Component<Error = E>,
    {
        let slot = Slot::of(C::KIND);
        self.go_on(&slot, C::KIND.name, NOT_BEGUN)?;
        if !self.rehearsing() {
            self.claim(c, &slot).await?;
        }
        {
            let state = self.lock();
            if state.offline || state.found.contains_key(C::KIND.key) {
                return Ok(());
            }
        }
        let found = match c.search(&self.inventory(self.fresh, false)).await {
            Ok(found) => found,
            Err(source) if source.is_denied() => {
                self.lock().warn(Warning::NotSearched {
                    reason: source.to_string(),
                });
                Vec::new()
            }
            Err(source) => return Err(failed(C::KIND, &slot, None, Action::Find, source)),
        };
        let mut state = self.lock();
        let mut listed = Vec::new();
        for Found {
            id,
            name,
            marked,
            seen,
        } in found
        {
            if let Some((seen, at)) = &seen {
                state.observed(C::KIND, &id, seen, *at);
            }
            if !state.recorded.owns(C::KIND.key, &id) {
                state.left_behind.insert((C::KIND.key.to_owned(), id.clone()));
                state.learn(|recorded| recorded.retire(C::KIND, id.clone()));
            }
            listed.push(Found::listed(id, name, marked));
        }
        state.found.insert(C::KIND.key.to_owned(), listed);
        Ok(())
    }

    /// Makes ours what the rehearsal has found to be left behind, before anything else is done: a run that is killed from
    /// here on finds it by our tag.
    async fn claim<C>(&self, c: &C, slot: &Slot) -> Result<(), Error<E>>
    where
        C: Component<Error = E>,
    {
        let of_kind: Vec<Id> = {
            let left_behind = &mut self.lock().left_behind;
            let of_kind = left_behind.extract_if(.., |(kind, _)| kind == C::KIND.key);
            of_kind.map(|(_, id)| id).collect()
        };
        for id in of_kind {
            let seen = self.observe(c, slot, &id).await?;
            let claimed = match seen {
                Some(seen) => c.claim(&id, &seen).await,
                None => continue,
            };
            self.lock().forget_observation(C::KIND, &id);
            claimed.map_err(|source| failed(C::KIND, slot, Some(&id), Action::Update, source))?;
        }
        Ok(())
    }

    /// The object of that name, marked and unrecorded, that a create made although it answered with an error.
    pub(super) async fn rediscover<C>(&self, c: &C, name: &str) -> Option<Id>
    where
        C: Component<Error = E>,
    {
        // The error of the create tells more than one of this search.
        let found = c.search(&self.inventory(false, true)).await.ok()?;
        let state = self.lock();
        let unrecorded = |found: &Found<_>| !state.recorded.owns(C::KIND.key, &found.id);
        found
            .into_iter()
            .find(|found| found.name == name && unrecorded(found))
            .map(|found| found.id)
    }

    fn inventory(&self, fresh: bool, anew: bool) -> Inventory {
        let state = self.lock();
        Inventory {
            fresh,
            anew,
            recorded: state.recorded.clone(),
            found: state.found.clone(),
        }
    }
}
