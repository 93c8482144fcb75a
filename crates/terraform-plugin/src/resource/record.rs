//! The record that a verb keeps, and that its RPC answers from.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::{private::Private, value::Value};

/// What a verb recorded last, shared between the verb and the RPC that answers, so that it outlives a
/// failure, an interruption and a panic of the verb.
#[derive(Clone, Debug)]
pub(crate) struct Record(Arc<Mutex<Draft>>);

#[derive(Clone, Debug)]
pub(crate) struct Draft {
    /// The last record; at first the safe answer.
    pub(crate) value: Value,
    /// Whether the verb recorded anything.
    pub(crate) recorded: bool,
    pub(crate) private: Private,
    /// Null where there is none.
    pub(crate) identity: Value,
}

impl Record {
    pub(crate) fn new(safe: Value, private: Private) -> Self {
        Self(Arc::new(Mutex::new(Draft {
            value: safe,
            recorded: false,
            private,
            identity: Value::Null,
        })))
    }

    /// The same record, with an identity that holds until another is recorded.
    pub(crate) fn with_identity(self, identity: Value) -> Self {
        self.lock().identity = identity;
        self
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Draft> {
        // Nothing is half-written when an author's code panics: values are made before the lock is taken.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set(&self, value: Value) {
        let mut draft = self.lock();
        draft.value = value;
        draft.recorded = true;
    }

    pub(crate) fn snapshot(&self) -> Draft {
        self.lock().clone()
    }
}
