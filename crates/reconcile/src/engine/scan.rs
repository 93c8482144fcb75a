//! Finding what is ours but not recorded: what killed runs left.

use super::{Engine, NOT_BEGUN, failed};
use crate::component::{Component, Failure, Found, Inventory};
use crate::error::{Action, Error};
use crate::record::{Id, Slot};

impl<E: Failure> Engine<E> {
    /// Searches for objects of this kind that are ours. Those that are not recorded become retired, from
    /// where [`ensure`](Self::ensure) takes what fits. Call it for every kind before the first ensure, from
    /// the ground up; an engine searches each kind once.
    ///
    /// # Errors
    /// The component's: also where what it finds forbids to go on.
    pub async fn scan<C>(&self, c: &C) -> Result<(), Error<E>>
    where
        C: Component<Error = E>,
    {
        let slot = Slot::of(C::KIND);
        self.go_on(&slot, C::KIND.name, NOT_BEGUN)?;
        {
            let state = self.lock();
            if state.offline || state.found.contains_key(C::KIND.key) {
                return Ok(());
            }
        }
        let found = match c.owned(&self.inventory(self.fresh)).await {
            Ok(found) => found,
            Err(source) if source.is_denied() => {
                let warning = format!("Could not search for what an interrupted run may have left: {source}");
                self.lock().warn(warning);
                Vec::new()
            }
            Err(source) => return Err(failed(C::KIND, &slot, None, Action::Find, source)),
        };
        let mut state = self.lock();
        for stray in &found {
            state.learn(|recorded| {
                if !recorded.owns(C::KIND.key, &stray.id) {
                    recorded.retire(C::KIND, stray.id.clone());
                }
            });
        }
        state.found.insert(C::KIND.key.to_owned(), found);
        Ok(())
    }

    /// The object of that name, ours and unrecorded, that a create made although it answered with an error.
    pub(super) async fn rediscover<C>(&self, c: &C, name: &str) -> Option<Id>
    where
        C: Component<Error = E>,
    {
        // The error of the create tells more than one of this search.
        let found = c.owned(&self.inventory(false)).await.ok()?;
        let state = self.lock();
        let unrecorded = |found: &Found| !state.recorded.owns(C::KIND.key, &found.id);
        found
            .into_iter()
            .find(|found| found.name == name && unrecorded(found))
            .map(|found| found.id)
    }

    fn inventory(&self, fresh: bool) -> Inventory {
        let state = self.lock();
        Inventory {
            fresh,
            recorded: state.recorded.clone(),
            found: state.found.clone(),
        }
    }
}
