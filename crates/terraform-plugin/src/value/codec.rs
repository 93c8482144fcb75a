//! What goes wrong between a value and its encodings, and where.

use std::fmt;

use crate::path::{Path, Step};

/// A value that cannot be read or written: where, and why. It never holds the value itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CodecError {
    pub(crate) path: Path,
    pub(crate) message: String,
    /// Whether it is the value itself that a model refuses, and not its type.
    pub(crate) of_value: bool,
}

impl CodecError {
    /// Where in the value.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Why.
    pub fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            path: Path::root(),
            message: message.into(),
            of_value: false,
        }
    }

    /// The same error, seen from one level further out.
    pub(crate) fn below(mut self, step: impl Into<Step>) -> Self {
        self.path.prepend(step.into());
        self
    }
}

impl fmt::Display for CodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_root() {
            f.write_str(&self.message)
        } else {
            write!(f, "{}: {}", self.path, self.message)
        }
    }
}

impl std::error::Error for CodecError {}

pub(crate) type Result<T> = std::result::Result<T, CodecError>;

/// Guards against values and types that nest without end.
pub(crate) fn check_depth(depth: usize) -> Result<()> {
    if depth > super::MAX_DEPTH {
        return Err(CodecError::new(format!(
            "nested more than {} levels deep",
            super::MAX_DEPTH
        )));
    }
    Ok(())
}
