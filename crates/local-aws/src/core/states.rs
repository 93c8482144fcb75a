//! What each service keeps in the world: one value of a type of its own, found by that type.

use std::any::{Any, TypeId};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// What a service keeps. Every type that can be saved and sent will do.
pub(crate) trait State: Any + Send {
    /// Appends the value to a JSON text.
    fn write(&self, json: &mut Vec<u8>) -> serde_json::Result<()>;
}

impl<S: Serialize + Any + Send> State for S {
    fn write(&self, json: &mut Vec<u8>) -> serde_json::Result<()> {
        serde_json::to_writer(json, self)
    }
}

/// How a state is made and read.
#[derive(Clone, Copy)]
pub(crate) struct Kept {
    /// The member of a saved world that has it.
    pub(crate) key: &'static str,
    fresh: fn() -> Box<dyn State>,
    read: fn(Value) -> Result<Box<dyn State>, String>,
}

impl Kept {
    pub(crate) const fn of<S: State + Default + DeserializeOwned>(key: &'static str) -> Self {
        Self {
            key,
            fresh: || Box::new(S::default()),
            read: |saved| match serde_path_to_error::deserialize::<_, S>(saved) {
                Ok(state) => Ok(Box::new(state)),
                Err(error) => Err(error.to_string()),
            },
        }
    }
}

struct Slot {
    kept: Kept,
    is: TypeId,
    state: Box<dyn State>,
}

impl Slot {
    fn new(kept: Kept, state: Box<dyn State>) -> Self {
        let is = (*state).type_id();
        Self { kept, is, state }
    }
}

/// The states of all services. There are few, so that looking through them is the fastest way to one.
pub(crate) struct States(Vec<Slot>);

impl States {
    pub(crate) fn fresh(kept: impl IntoIterator<Item = Kept>) -> Self {
        Self(
            kept.into_iter()
                .map(|kept| Slot::new(kept, (kept.fresh)()))
                .collect(),
        )
    }

    /// Reads saved states, by their keys. One that was not kept when the world was saved begins anew.
    ///
    /// # Errors
    /// A text that names the state and the member that is wrong.
    pub(crate) fn read(
        kept: impl IntoIterator<Item = Kept>,
        mut saved: impl FnMut(&str) -> Option<Value>,
    ) -> Result<Self, String> {
        let read = |kept: Kept| match saved(kept.key) {
            None => Ok(Slot::new(kept, (kept.fresh)())),
            Some(value) => match (kept.read)(value) {
                Ok(state) => Ok(Slot::new(kept, state)),
                Err(error) => Err(format!("{}.{error}", kept.key)),
            },
        };
        kept.into_iter().map(read).collect::<Result<_, _>>().map(Self)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, &dyn State)> {
        self.0.iter().map(|slot| (slot.kept.key, &*slot.state))
    }

    /// # Panics
    /// No service keeps a state of this type.
    pub(crate) fn get<S: State>(&self) -> &S {
        let mut slots = self.0.iter();
        let slot = slots.find(|slot| slot.is == TypeId::of::<S>());
        let state = slot.and_then(|slot| (&*slot.state as &dyn Any).downcast_ref());
        state.expect("a state that its service has registered")
    }

    /// # Panics
    /// No service keeps a state of this type.
    pub(crate) fn get_mut<S: State>(&mut self) -> &mut S {
        let mut slots = self.0.iter_mut();
        let slot = slots.find(|slot| slot.is == TypeId::of::<S>());
        let state = slot.and_then(|slot| (&mut *slot.state as &mut dyn Any).downcast_mut());
        state.expect("a state that its service has registered")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEPT: [Kept; 2] = [Kept::of::<Vec<u32>>("numbers"), Kept::of::<String>("name")];

    #[test]
    fn a_state_is_found_by_its_type_and_comes_back_from_its_text() {
        let mut states = States::fresh(KEPT);
        states.get_mut::<Vec<u32>>().push(7);
        let texts: Vec<(&str, Vec<u8>)> = states
            .iter()
            .map(|(key, state)| {
                let mut json = Vec::new();
                state.write(&mut json).unwrap();
                (key, json)
            })
            .collect();
        let saved = |wanted: &str| {
            let (_, json) = texts.iter().find(|(key, _)| *key == wanted)?;
            serde_json::from_slice(json).ok()
        };
        let again = States::read(KEPT, saved).unwrap();
        assert_eq!(*again.get::<Vec<u32>>(), [7]);
        assert_eq!(again.get::<String>(), "");
    }

    #[test]
    fn a_state_that_was_not_saved_begins_anew_and_a_wrong_one_is_named() {
        let states = States::read(KEPT, |_| None).unwrap();
        assert!(states.get::<Vec<u32>>().is_empty());
        let wrong = |key: &str| (key == "numbers").then(|| Value::from(vec![Value::from("seven")]));
        let error = States::read(KEPT, wrong).map(drop).unwrap_err();
        assert!(error.starts_with("numbers.[0]"), "{error}");
    }
}
