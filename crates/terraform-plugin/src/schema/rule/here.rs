//! What a rule of an author's own looks at.

use std::fmt;

use super::Subject;
use crate::{expr::PathExpr, path::Path, value::Value};

/// A value, its place, and what stands around it: for [`Rule::custom_here`](super::Rule::custom_here).
#[derive(Clone, Copy)]
pub struct Here<'a> {
    subject: &'a Subject<'a>,
}

impl<'a> Here<'a> {
    pub(super) fn of(subject: &'a Subject<'a>) -> Self {
        Self { subject }
    }

    /// The value, which is known and not null.
    pub fn value(&self) -> &'a Value {
        self.subject.value
    }

    /// Where it stands, from the body; within a set, the set's path.
    pub fn path(&self) -> &'a Path {
        &self.subject.path
    }

    /// What was given, as the end of a sentence about it; nothing of a secret.
    pub(super) fn given(&self) -> String {
        self.subject.given(self.subject.value)
    }

    /// What stands elsewhere, if the configuration gets that far: `here.at("port")` is the attribute beside this one.
    /// Of an expression that stands for several values, the first. Null and unknown values are values too.
    pub fn at(&self, path: impl Into<PathExpr>) -> Option<&'a Value> {
        self.all(path).into_iter().next()
    }

    /// All that the expression stands for.
    pub fn all(&self, path: impl Into<PathExpr>) -> Vec<&'a Value> {
        let found = path.into().find_from(&self.subject.scope).into_iter();
        found.map(|(_, value)| value).collect()
    }
}

impl fmt::Debug for Here<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The value may be a secret.
        f.debug_struct("Here")
            .field("path", &self.subject.path)
            .finish_non_exhaustive()
    }
}
