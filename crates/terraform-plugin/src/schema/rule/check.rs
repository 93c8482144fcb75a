//! What a rule looks at, and what it says of that.

use super::{
    Kind, Rule,
    elements::{self, each_scalar},
    here::Here,
    limits::within,
    presence,
};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    expr::Scope,
    path::Path,
    quoted,
    value::Value,
};

/// What a rule looks at: a value, and where it stands.
#[derive(Clone)]
pub(crate) struct Subject<'v> {
    pub(crate) value: &'v Value,
    pub(crate) path: Path,
    /// The object that holds the value, where relative paths begin; or the value itself, where a rule is about
    /// a whole object.
    pub(crate) scope: Scope<'v>,
    /// Whether the rule is about a whole object rather than one attribute of it.
    pub(crate) is_body: bool,
    /// Whether it is an attribute or within one, and no block.
    pub(crate) of_attribute: bool,
    /// Whether messages must not show the value.
    pub(crate) secret: bool,
    pub(crate) write_only_allowed: bool,
}

impl Subject<'_> {
    pub(super) fn is_set(&self) -> bool {
        !self.value.is_null() && !self.value.is_unknown()
    }

    /// What was given, as the end of a sentence about it.
    pub(super) fn given(&self, value: &Value) -> String {
        if self.secret {
            String::new()
        } else {
            quoted::given(value)
        }
    }
}

pub(super) fn invalid(detail: String) -> Diagnostic {
    Diagnostic::error("Invalid attribute value", detail)
}

pub(super) fn combination(detail: String) -> Diagnostic {
    Diagnostic::error("Invalid attribute combination", detail)
}

impl Rule {
    /// What is wrong with the rule itself; patterns are compiled for it.
    pub(crate) fn broken(&self) -> Vec<String> {
        match &self.0 {
            Kind::Matches { pattern, .. } => pattern.regex().err().into_iter().collect(),
            Kind::Broken(why) => vec![why.clone()],
            Kind::Each(rules) | Kind::Keys(rules) | Kind::All(rules) | Kind::Any { rules, .. } => {
                rules.iter().flat_map(Self::broken).collect()
            }
            Kind::When { keeps_to, then, .. } => keeps_to.iter().chain(then).flat_map(Self::broken).collect(),
            Kind::Unless { then, .. } => then.iter().flat_map(Self::broken).collect(),
            Kind::Because { rule, .. } => rule.broken(),
            _ => Vec::new(),
        }
    }

    /// What the subject breaks of this rule, with paths that begin at its value.
    pub(crate) fn check(&self, subject: &Subject<'_>) -> Diagnostics {
        let value = subject.value.plain();
        match &self.0 {
            Kind::Across(across) => return across.check(subject),
            Kind::All(rules) => return rules.iter().flat_map(|rule| rule.check(subject)).collect(),
            Kind::Any { rules, all_warnings } => return any(rules, *all_warnings, subject),
            Kind::When {
                other,
                keeps_to,
                then,
            } => return presence::when(other, keeps_to, then, subject),
            Kind::Unless { others, then } => return presence::unless(others, then, subject),
            Kind::Because { rule, words } => return explained(rule.check(subject), words),
            Kind::Required => return presence::required(subject),
            _ if !subject.is_set() => return Diagnostics::new(),
            _ => {}
        }
        match &self.0 {
            Kind::Matches { pattern, wanted } => {
                each_scalar(value, &|value| pattern.check(value, *wanted, subject))
            }
            Kind::Choice(choice) => each_scalar(value, &|value| choice.check(value, subject)),
            Kind::Length(from, to) => elements::length(value, &(*from, *to), subject),
            Kind::Bytes(from, to) => match value {
                Value::String(text) => elements::counted(text.len(), "bytes", &(*from, *to), subject),
                _ => Diagnostics::new(),
            },
            Kind::Between(from, to) => match value {
                Value::Number(number) => within(number, &(from.clone(), to.clone()))
                    .map(|words| invalid(format!("The value must be {words}{}.", subject.given(value))))
                    .into_iter()
                    .collect(),
                _ => Diagnostics::new(),
            },
            Kind::Fits(format, within) => match value {
                Value::Number(number) if !format.holds(number) => invalid(format!(
                    "The value must be {}{}.",
                    format.words(number, within.as_ref()),
                    subject.given(value)
                ))
                .into(),
                _ => Diagnostics::new(),
            },
            Kind::Unique => elements::twice(value),
            Kind::NoNulls => elements::nulls(value),
            Kind::NotEmpty => presence::not_empty(value, subject),
            Kind::Absent => combination(format!(
                "{} must not be set. Remove it.",
                quoted::path(&subject.path)
            ))
            .into(),
            Kind::Each(rules) => elements::each(rules, value, subject),
            Kind::Keys(rules) => elements::keys(rules, value, subject),
            Kind::Custom { check, .. } => check(&Here::of(subject)).err().unwrap_or_default(),
            Kind::Broken(why) => Diagnostic::error(
                "Bug in the provider",
                format!("The rule of this attribute cannot be applied: {why}."),
            )
            .into(),
            Kind::Across(_)
            | Kind::All(_)
            | Kind::Any { .. }
            | Kind::When { .. }
            | Kind::Unless { .. }
            | Kind::Because { .. }
            | Kind::Required => Diagnostics::new(),
        }
    }
}

fn any(rules: &[Rule], all_warnings: bool, subject: &Subject<'_>) -> Diagnostics {
    let found: Vec<Diagnostics> = rules.iter().map(|rule| rule.check(subject)).collect();
    match found.iter().find(|found| !found.has_errors()) {
        Some(_) if all_warnings => found
            .into_iter()
            .flatten()
            .filter(|diagnostic| !diagnostic.is_error())
            .collect(),
        Some(first) => first.clone(),
        None => found.into_iter().flatten().collect(),
    }
}

/// The messages, each with these words at its end.
fn explained(found: Diagnostics, words: &str) -> Diagnostics {
    found
        .into_iter()
        .map(|mut diagnostic| {
            diagnostic.detail = format!("{} {words}", diagnostic.detail);
            diagnostic
        })
        .collect()
}
