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
        let text = |value: &Value| match value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(value) => value.to_string(),
            other => other.kind().to_owned(),
        };
        let listed = self.values.iter().map(text).collect::<Vec<_>>().join(", ");
        let wanted = match (self.allowed, self.values.len()) {
            (true, 1) => listed,
            (true, _) => format!("one of: {listed}"),
            (false, _) => format!("none of: {listed}"),
        };
        Some(invalid(format!(
            "The value must be {wanted}{}.",
            subject.given(value)
        )))
    }
}

impl std::fmt::Debug for Choice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = if self.allowed { "one_of" } else { "none_of" };
        let case = if self.any_case { "_any_case" } else { "" };
        write!(f, "{name}{case}({:?})", self.values)
    }
}
