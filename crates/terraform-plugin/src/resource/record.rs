//! The record that a verb keeps, and that its RPC answers from.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::value::{
    Value,
    codec::{CodecError, Result},
};

/// The key of the private data that stands from an import until the first read. Keys that begin with a dot are the
/// framework's.
pub(crate) const BEFORE_FIRST_READ: &str = ".before_first_read";

/// Private data of a resource: JSON by key, kept by core beside the state and never shown.
pub(crate) type Private = BTreeMap<String, serde_json::Value>;

/// Reads private data; nothing is an empty object.
pub(crate) fn read_private(bytes: &[u8]) -> Result<Private> {
    if bytes.is_empty() {
        return Ok(Private::new());
    }
    // The text of serde_json's error may quote what is private, so it stays out.
    serde_json::from_slice(bytes).map_err(|_| CodecError::new("the private data are no JSON object"))
}

/// Writes private data; an empty object is nothing.
pub(crate) fn write_private(private: &Private) -> Vec<u8> {
    if private.is_empty() {
        return Vec::new();
    }
    // JSON values with string keys can always be written.
    serde_json::to_vec(private).unwrap_or_default()
}

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

/// Sets one key; null removes it.
pub(crate) fn set_private(private: &mut Private, key: &str, value: serde_json::Value) {
    if value.is_null() {
        private.remove(key);
    } else {
        private.insert(key.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_data_come_back_as_they_went() {
        let mut private = Private::new();
        set_private(&mut private, "steps", serde_json::json!(["create"]));
        assert_eq!(read_private(&write_private(&private)), Ok(private.clone()));
        set_private(&mut private, "steps", serde_json::Value::Null);
        assert!(write_private(&private).is_empty());
        assert!(read_private(b"[1]").is_err());
    }
}
