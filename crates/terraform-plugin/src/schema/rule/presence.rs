//! Rules on whether something is there at all.

use super::{
    Rule, Subject,
    check::{combination, invalid},
};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    expr::PathExpr,
    value::Value,
};

/// What the CLI does to an argument of a nested attribute that the schema does not have: the object is converted to
/// the attribute's type, which drops what is not in it.
pub(super) const DROPPED: &str =
    "Check the spelling too: a misspelt argument inside { } is dropped by the CLI without a word.";

/// Whether nothing in the object is set.
pub(super) fn is_empty_object(value: &Value) -> bool {
    matches!(value.plain(), Value::Object(inner) if inner.values().all(Value::is_null))
}

pub(super) fn not_empty(value: &Value, subject: &Subject<'_>) -> Diagnostics {
    let nothing = match value {
        Value::List(inner) | Value::Tuple(inner) => inner.is_empty(),
        Value::Set(inner) => inner.is_empty(),
        Value::Map(inner) => inner.is_empty(),
        value if is_empty_object(value) => {
            let hint = if subject.of_attribute { DROPPED } else { "" };
            let detail = format!("Nothing in it is set. Set what it is for, or remove it. {hint}");
            return Diagnostic::error("Empty object", detail.trim_end()).into();
        }
        _ => false,
    };
    if nothing {
        invalid("It is empty. Give it an element, or remove it.".to_owned()).into()
    } else {
        Diagnostics::new()
    }
}

pub(super) fn required(subject: &Subject<'_>) -> Diagnostics {
    let none = match subject.value.plain() {
        Value::Null => true,
        Value::List(inner) => inner.is_empty(),
        Value::Set(inner) => inner.is_empty(),
        Value::Map(inner) => inner.is_empty(),
        _ => false,
    };
    if !none {
        Diagnostics::new()
    } else if subject.of_attribute {
        let detail = format!("{:?} must be set.", subject.path.to_string());
        Diagnostic::error("Missing required argument", detail).into()
    } else {
        Diagnostic::error("Missing block", "At least one is required.").into()
    }
}

/// What the subject breaks of `then`, if what stands at `other` is set and keeps to `keeps_to`.
pub(super) fn when(other: &PathExpr, keeps_to: &[Rule], then: &[Rule], subject: &Subject<'_>) -> Diagnostics {
    let holds = |(path, value): &(_, &Value)| {
        let other = Subject {
            value,
            path: Clone::clone(path),
            ..subject.clone()
        };
        other.is_set() && !keeps_to.iter().any(|rule| rule.check(&other).has_errors())
    };
    let found = other.find_from(&subject.scope);
    let open = found.iter().any(|(_, value)| !value.is_wholly_known());
    let Some((path, _)) = found.iter().find(|found| holds(found)).filter(|_| !open) else {
        return Diagnostics::new();
    };
    let broken = then.iter().flat_map(|rule| rule.check(subject));
    broken
        .map(|diagnostic| {
            let detail = format!("{} This follows from {:?}.", diagnostic.detail, path.to_string());
            Diagnostic {
                summary: combination(String::new()).summary,
                detail,
                ..diagnostic
            }
        })
        .collect()
}
