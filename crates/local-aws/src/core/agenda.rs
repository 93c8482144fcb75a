//! What falls due: changes that happen by themselves, by the names that their services gave them.

use serde::{Deserialize, Serialize};

/// What a change is about.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(untagged)]
pub(crate) enum Subject {
    Number(u64),
    /// An object, by the name or id that its service keeps it under.
    Object(String),
    /// One turn of an object: what was due in an earlier one is void.
    Turn {
        name: String,
        number: u64,
    },
}

impl Subject {
    /// The object's name or id; a number has none.
    pub(crate) fn object(&self) -> &str {
        match self {
            Self::Number(_) => "",
            Self::Object(name) | Self::Turn { name, .. } => name,
        }
    }

    pub(crate) fn number(&self) -> u64 {
        match self {
            Self::Number(number) | Self::Turn { number, .. } => *number,
            Self::Object(_) => 0,
        }
    }
}

impl From<&str> for Subject {
    fn from(name: &str) -> Self {
        Self::Object(name.to_owned())
    }
}

/// A change that is due.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Due {
    pub(crate) name: &'static str,
    pub(crate) subject: Subject,
}

impl Due {
    pub(crate) fn new(name: &'static str, subject: impl Into<Subject>) -> Self {
        Self {
            name,
            subject: subject.into(),
        }
    }
}
