//! Rules on whether something is there at all.

use super::{
    Rule, Subject,
    check::{combination, invalid},
};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    expr::PathExpr,
    quoted,
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
        let detail = format!("{} must be set.", quoted::path(&subject.path));
        Diagnostic::error("Missing required argument", detail).into()
    } else {
        Diagnostic::error("Missing block", "At least one is required.").into()
    }
}

/// What is so of a value that keeps to the rules, as far as it can be said in words. These are the author's: the value itself
/// may be a secret.
fn condition(keeps_to: &[Rule]) -> String {
    let words: Option<Vec<String>> = keeps_to.iter().map(Rule::words).collect();
    match words {
        Some(words) if words.is_empty() => ", which is set".to_owned(),
        Some(words) => format!(", which is {}", words.join(" and ")),
        None => String::new(),
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
    let reason = format!("This follows from {}{}.", quoted::path(path), condition(keeps_to));
    let broken = then.iter().flat_map(|rule| rule.check(subject));
    broken
        .map(|diagnostic| {
            let detail = format!("{} {reason}", diagnostic.detail);
            Diagnostic {
                summary: combination(String::new()).summary,
                detail,
                ..diagnostic
            }
        })
        .collect()
}

/// What the subject breaks of `then`, if none of the others is set, nor may be yet.
pub(super) fn unless(others: &[PathExpr], then: &[Rule], subject: &Subject<'_>) -> Diagnostics {
    let found = others.iter().flat_map(|other| other.find_from(&subject.scope));
    if found.into_iter().any(|(_, value)| !value.is_null()) {
        return Diagnostics::new();
    }
    then.iter().flat_map(|rule| rule.check(subject)).collect()
}
