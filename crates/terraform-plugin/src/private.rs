//! Private data of a resource: JSON by key, kept by core beside the state and never shown.
//!
//! They are data at rest, and may have been written by another framework than this one: a provider that was ported
//! finds there what its former self left. SDKv2 leaves the JSON text `null` or a map of its own keys, others leave bytes
//! of any form. To refuse them would lock users out of their state, for nothing: what is no object of JSON values by key
//! is nothing that this provider left, and reads as none.

use std::collections::BTreeMap;

/// The key of the private data that stands from an import until the first read. Keys that begin with a dot are the
/// framework's.
pub(crate) const BEFORE_FIRST_READ: &str = ".before_first_read";

/// Private data by key.
pub(crate) type Private = BTreeMap<String, serde_json::Value>;

/// Reads private data, as far as they are some of this framework's.
pub(crate) fn read(bytes: &[u8]) -> Private {
    if bytes.is_empty() {
        return Private::new();
    }
    serde_json::from_slice(bytes).unwrap_or_else(|_| {
        // What they are stays unsaid, as does the error, whose text may quote them.
        tracing::trace!(
            private_data_bytes = bytes.len(),
            "private data of another framework are left aside"
        );
        Private::new()
    })
}

/// Writes private data; an empty object is nothing.
pub(crate) fn write(private: &Private) -> Vec<u8> {
    if private.is_empty() {
        return Vec::new();
    }
    // JSON values with string keys can always be written.
    serde_json::to_vec(private).unwrap_or_default()
}

/// Sets one key; null removes it.
pub(crate) fn set(private: &mut Private, key: &str, value: serde_json::Value) {
    if value.is_null() {
        private.remove(key);
    } else {
        private.insert(key.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn private_data_come_back_as_they_went() {
        let mut private = Private::new();
        set(&mut private, "steps", json!(["create"]));
        assert_eq!(read(&write(&private)), private);
        set(&mut private, "steps", serde_json::Value::Null);
        assert!(write(&private).is_empty());
    }

    #[test]
    fn what_others_left_reads_as_their_keys_or_as_none() {
        let timeouts =
            br#"{"e2bfb730-ecaa-11e6-8f88-34363bc7c4c0":{"create":1800000000000},"schema_version":"1"}"#;
        let keys = |bytes: &[u8]| read(bytes).into_keys().collect::<Vec<_>>();
        assert_eq!(
            keys(timeouts),
            ["e2bfb730-ecaa-11e6-8f88-34363bc7c4c0", "schema_version"]
        );
        assert_eq!(keys(br#"{"key":"eyJhIjoxfQ=="}"#), ["key"]);
        for other in [
            &b"null"[..],
            b"[1]",
            b"\"text\"",
            b"17",
            b"{",
            b"\x80\x04gob",
            b"\xff\xfe",
        ] {
            assert_eq!(read(other), Private::new(), "{other:?}");
        }
    }
}
