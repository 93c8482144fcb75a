//! Rules about the elements of collections, and how many there are.

use std::ops::Bound;

use super::{Rule, Subject, check::invalid, limits::within};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    path::{Path, Step},
    value::Value,
};

fn path_of(step: Option<Step>) -> Path {
    step.into_iter().collect()
}

/// The elements of a collection, with the step to each; none leads to an element of a set.
fn elements(value: &Value) -> Vec<(Option<Step>, &Value)> {
    match value {
        Value::List(inner) | Value::Tuple(inner) => (0..)
            .zip(inner)
            .map(|(i, value)| (Some(Step::Index(i)), value))
            .collect(),
        Value::Set(inner) => inner.iter().map(|value| (None, value)).collect(),
        Value::Map(inner) => inner
            .iter()
            .map(|(key, value)| (Some(Step::key(key)), value))
            .collect(),
        _ => Vec::new(),
    }
}

/// Messages about a value, as ones about what it is within a collection.
fn about(what: &str, mut diagnostic: Diagnostic) -> Diagnostic {
    diagnostic.detail = diagnostic.detail.replacen("The value", what, 1);
    diagnostic
}

/// Applies `check` to a single value, or to every one of a collection.
pub(super) fn each_scalar(value: &Value, check: &dyn Fn(&Value) -> Option<Diagnostic>) -> Diagnostics {
    let is_set = |value: &Value| !value.is_null() && !value.is_unknown();
    match value {
        Value::List(_) | Value::Tuple(_) | Value::Set(_) | Value::Map(_) => elements(value)
            .into_iter()
            .filter(|(_, value)| is_set(value))
            .filter_map(|(step, value)| Some(about("The element", check(value)?).at(path_of(step))))
            .collect(),
        value => check(value).into_iter().collect(),
    }
}

pub(super) fn counted(
    count: usize,
    unit: &str,
    range: &(Bound<usize>, Bound<usize>),
    subject: &Subject<'_>,
) -> Diagnostics {
    let it_is = if subject.secret {
        String::new()
    } else {
        format!("; it is {count}")
    };
    within(&count, range)
        .map(|words| invalid(format!("The number of {unit} must be {words}{it_is}.")))
        .into_iter()
        .collect()
}

pub(super) fn length(
    value: &Value,
    range: &(Bound<usize>, Bound<usize>),
    subject: &Subject<'_>,
) -> Diagnostics {
    if let Value::String(text) = value
        && text.is_empty()
        && let Some(words) = within(&0, range)
    {
        // That there is nothing may be said of a secret too.
        return invalid(format!(
            "The value is empty; the number of characters must be {words}."
        ))
        .into();
    }
    let (length, unit) = match value {
        Value::String(text) => (text.chars().count(), "characters"),
        Value::List(inner) | Value::Tuple(inner) => (inner.len(), "elements"),
        // Unknown elements may turn out equal, so the number of elements is not known either.
        Value::Set(inner) if value.is_wholly_known() => (inner.len(), "elements"),
        Value::Map(inner) => (inner.len(), "elements"),
        _ => return Diagnostics::new(),
    };
    counted(length, unit, range, subject)
}

pub(super) fn twice(value: &Value) -> Diagnostics {
    let elements = elements(value);
    let mut found = Diagnostics::new();
    for (i, (step, element)) in elements.iter().enumerate() {
        // What is not known yet equals nothing so far.
        let before = &elements[..i];
        if element.is_wholly_known() && before.iter().any(|(_, other)| other == element) {
            found.push(invalid("The element is there twice.".to_owned()).at(path_of(step.clone())));
        }
    }
    found
}

/// A null element, with the step to it.
pub(crate) fn null_element(step: Option<&Step>) -> Diagnostic {
    let (which, remedy) = match step {
        Some(Step::Key(key)) => (
            format!("The element {key:?}"),
            "Leave the key out where there is nothing to set",
        ),
        Some(Step::Index(index)) => (format!("The element {index}"), "Leave it out"),
        _ => ("An element".to_owned(), "Leave it out"),
    };
    Diagnostic::error(
        "Null element",
        format!("{which} is null, and must not be. {remedy}."),
    )
}

pub(super) fn nulls(value: &Value) -> Diagnostics {
    elements(value)
        .into_iter()
        .filter(|(_, element)| element.is_null())
        .map(|(step, _)| null_element(step.as_ref()).at(path_of(step)))
        .collect()
}

pub(super) fn each(rules: &[Rule], value: &Value, subject: &Subject<'_>) -> Diagnostics {
    let inner = match value {
        Value::Object(_) => vec![(None, value)],
        value => elements(value),
    };
    // Whether an element may be null is a rule of its own, and what is not known yet keeps to every rule.
    let inner = inner
        .into_iter()
        .filter(|(_, element)| !element.is_null() && !element.is_unknown());
    let mut found = Diagnostics::new();
    let mut whole = subject.scope.inner(None, value);
    whole.path = subject.path.clone();
    whole.of_attribute = subject.of_attribute;
    for (step, element) in inner {
        let at = path_of(step);
        let is_body = matches!(element.plain(), Value::Object(_));
        let scope = match value {
            Value::Object(_) => whole.clone(),
            _ if is_body => whole.inner(at.steps().first().cloned(), element),
            _ => subject.scope.clone(),
        };
        let inner = Subject {
            value: element,
            path: subject.path.join(&at),
            scope,
            is_body,
            ..subject.clone()
        };
        for rule in rules {
            found.extend(rule.check(&inner).below(&at));
        }
    }
    found
}

pub(super) fn keys(rules: &[Rule], value: &Value, subject: &Subject<'_>) -> Diagnostics {
    let mut found = Diagnostics::new();
    let Value::Map(elements) = value else {
        return found;
    };
    for key in elements.keys() {
        let text = Value::String(key.clone());
        let at = path_of(Some(Step::key(key)));
        let inner = Subject {
            value: &text,
            path: subject.path.join(&at),
            scope: subject.scope.clone(),
            is_body: false,
            // Keys stand in the path of every message.
            secret: false,
            ..*subject
        };
        for rule in rules {
            let broken = rule.check(&inner).into_iter();
            found.extend(broken.map(|diagnostic| about("The key", diagnostic).at(at.clone())));
        }
    }
    found
}
