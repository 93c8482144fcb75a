//! The values that an attribute may have, or may not.

use super::{Subject, check::invalid};
use crate::{diagnostic::Diagnostic, value::Value};

#[derive(Clone)]
pub(super) struct Choice {
    pub(super) values: Vec<Value>,
    pub(super) allowed: bool,
    pub(super) any_case: bool,
}

impl Choice {
    fn has(&self, value: &Value) -> bool {
        self.values
            .iter()
            .any(|other| match (value.as_str(), other.as_str()) {
                (Some(text), Some(other)) if self.any_case => text.to_lowercase() == other.to_lowercase(),
                _ => value == other,
            })
    }

    pub(super) fn check(&self, value: &Value, subject: &Subject<'_>) -> Option<Diagnostic> {
        if self.has(value) == self.allowed {
            return None;
        }
        let listed = self.values.iter().map(bare).collect::<Vec<_>>().join(", ");
        let given = subject.given(value);
        let detail = match (self.allowed, self.values.as_slice()) {
            (true, [_]) => format!("The value must be {listed}{given}."),
            (true, _) => format!("The value must be one of: {listed}{given}."),
            (false, [one]) if one == value => format!("The value must not be {}.", in_words(one)),
            (false, [one]) => format!("The value must not be {}{given}.", in_words(one)),
            (false, _) => format!("The value must be none of: {listed}{given}."),
        };
        Some(invalid(detail))
    }

    /// What a value is that keeps to it, after "which is".
    pub(super) fn words(&self) -> String {
        let values: Vec<String> = self.values.iter().map(in_words).collect();
        match (self.allowed, values.as_slice()) {
            (true, [one]) => one.clone(),
            (true, all) => format!("one of {}", all.join(", ")),
            (false, [one]) => format!("not {one}"),
            (false, all) => format!("none of {}", all.join(", ")),
        }
    }
}

fn bare(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(value) => value.to_string(),
        other => other.kind().to_owned(),
    }
}

/// A value within a sentence.
fn in_words(value: &Value) -> String {
    match value {
        Value::String(text) => format!("{text:?}"),
        other => bare(other),
    }
}

impl std::fmt::Debug for Choice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = if self.allowed { "one_of" } else { "none_of" };
        let case = if self.any_case { "_any_case" } else { "" };
        write!(f, "{name}{case}({:?})", self.values)
    }
}
