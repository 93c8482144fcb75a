//! What an attribute is where the configuration does not say.

use std::{fmt, sync::Arc};

use crate::value::{Type, Value, codec::CodecError, conform};

/// A default: a value, or how to make one.
#[derive(Clone)]
pub(crate) enum Default {
    /// Of the attribute's type, or why it cannot be.
    Value(Result<Value, CodecError>),
    Make(Arc<dyn Fn() -> Value + Send + Sync>),
}

impl Default {
    pub(super) fn value(value: Value, ty: &Type) -> Self {
        Self::Value(conform::complete(value, ty))
    }

    pub(super) fn make(make: impl Fn() -> Value + Send + Sync + 'static) -> Self {
        Self::Make(Arc::new(make))
    }

    /// The value, of type `ty`.
    pub(crate) fn get(&self, ty: &Type) -> Result<Value, CodecError> {
        match self {
            Self::Value(value) => value.clone(),
            Self::Make(make) => conform::complete(make(), ty),
        }
    }
}

impl fmt::Debug for Default {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(value) => f.debug_tuple("Value").field(value).finish(),
            Self::Make(_) => f.write_str("Make(…)"),
        }
    }
}
