//! The messages and services on the wire, generated from the definitions in `proto/` and checked in.
//!
//! `cargo xtask proto` writes the files below; a test tells when they are out of date. They are left as the
//! generator writes them, and as they hold the whole protocol, some of it is not used by this crate.

use std::fmt;

use tfplugin6::{DynamicValue, RawState};

#[rustfmt::skip]
#[allow(dead_code, clippy::all, reason = "generated code: the whole protocol, in the generator's style")]
pub(crate) mod plugin;
#[rustfmt::skip]
#[allow(dead_code, clippy::all, reason = "generated code: the whole protocol, in the generator's style")]
pub(crate) mod tfplugin6;

/// Sizes only: values hold secrets, and a request that is printed for debugging must not show them.
impl fmt::Debug for DynamicValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "DynamicValue {{ msgpack: {} bytes, json: {} bytes }}",
            self.msgpack.len(),
            self.json.len()
        )
    }
}

/// Sizes only, as for [`DynamicValue`].
impl fmt::Debug for RawState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "RawState {{ json: {} bytes, flatmap: {} entries }}",
            self.json.len(),
            self.flatmap.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_not_printed_for_debugging() {
        let value = DynamicValue {
            msgpack: b"secret".to_vec(),
            json: b"{}".to_vec(),
        };
        assert_eq!(
            format!("{value:?}"),
            "DynamicValue { msgpack: 6 bytes, json: 2 bytes }"
        );
        let state = RawState {
            json: b"secret".to_vec(),
            ..RawState::default()
        };
        assert_eq!(
            format!("{state:?}"),
            "RawState { json: 6 bytes, flatmap: 0 entries }"
        );
    }
}
