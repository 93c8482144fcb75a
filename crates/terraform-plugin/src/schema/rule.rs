//! Rules that an attribute's values keep to.

use std::{
    fmt,
    ops::{Bound, RangeBounds},
    sync::{Arc, OnceLock},
};

use regex::Regex;

use crate::{
    diagnostic::{Diagnostic, Diagnostics, Outcome},
    path::{Path, Step},
    value::Value,
};

type Check = dyn Fn(&Value) -> Outcome + Send + Sync;

/// One rule. Values that are null or unknown keep to every rule.
#[derive(Clone)]
pub(crate) enum Rule {
    Matches(Arc<Pattern>),
    KeysMatch(Arc<Pattern>),
    Length(Bound<usize>, Bound<usize>),
    Between(Bound<i64>, Bound<i64>),
    OneOf(Vec<String>),
    Custom(Arc<Check>),
}

/// A pattern that is compiled when it is first needed: compiling them all would slow every start.
pub(crate) struct Pattern {
    text: String,
    words: String,
    regex: OnceLock<Result<Regex, regex::Error>>,
}

impl Pattern {
    fn new(text: &str, words: &str) -> Arc<Self> {
        Arc::new(Self {
            text: text.to_owned(),
            words: words.to_owned(),
            regex: OnceLock::new(),
        })
    }

    /// The compiled pattern, or what is wrong with it.
    pub(crate) fn regex(&self) -> Result<&Regex, String> {
        self.regex
            .get_or_init(|| Regex::new(&self.text))
            .as_ref()
            .map_err(ToString::to_string)
    }

    fn check(&self, text: &str) -> Option<Diagnostic> {
        match self.regex() {
            Ok(regex) if regex.is_match(text) => None,
            Ok(_) => Some(invalid(format!(
                "The value must be {} (pattern {}).",
                self.words, self.text
            ))),
            Err(err) => Some(Diagnostic::error(
                "Bug in the provider",
                format!("The pattern of this attribute cannot be compiled: {err}"),
            )),
        }
    }
}

fn invalid(detail: String) -> Diagnostic {
    Diagnostic::error("Invalid attribute value", detail)
}

impl Rule {
    pub(crate) fn matches(pattern: &str, words: &str) -> Self {
        Self::Matches(Pattern::new(pattern, words))
    }

    pub(crate) fn keys_match(pattern: &str, words: &str) -> Self {
        Self::KeysMatch(Pattern::new(pattern, words))
    }

    pub(crate) fn length(range: impl RangeBounds<usize>) -> Self {
        Self::Length(range.start_bound().cloned(), range.end_bound().cloned())
    }

    pub(crate) fn between(range: impl RangeBounds<i64>) -> Self {
        Self::Between(range.start_bound().cloned(), range.end_bound().cloned())
    }

    pub(crate) fn custom(check: impl Fn(&Value) -> Outcome + Send + Sync + 'static) -> Self {
        Self::Custom(Arc::new(check))
    }

    /// The pattern of this rule, if it has one.
    pub(crate) fn pattern(&self) -> Option<&Pattern> {
        match self {
            Self::Matches(pattern) | Self::KeysMatch(pattern) => Some(pattern),
            _ => None,
        }
    }

    /// What `value` breaks of this rule, with paths that begin at the value.
    pub(crate) fn check(&self, value: &Value) -> Diagnostics {
        match self {
            Self::Matches(pattern) => each_string(value, &|text| pattern.check(text)),
            Self::OneOf(values) => each_string(value, &|text| {
                (!values.iter().any(|v| v == text))
                    .then(|| invalid(format!("The value must be one of: {}.", values.join(", "))))
            }),
            Self::KeysMatch(pattern) => match value.plain() {
                Value::Map(elements) => elements
                    .keys()
                    .filter_map(|key| {
                        let mut diagnostic = pattern.check(key)?;
                        diagnostic.detail = diagnostic.detail.replacen("The value", "The key", 1);
                        Some(diagnostic.at(Path::root().then(Step::key(key))))
                    })
                    .collect(),
                _ => Diagnostics::new(),
            },
            Self::Length(from, to) => {
                let (length, unit) = match value.plain() {
                    Value::String(text) => (text.chars().count(), "characters"),
                    Value::List(inner) | Value::Tuple(inner) => (inner.len(), "elements"),
                    // Unknown elements may turn out equal, so the number of elements is not known either.
                    Value::Set(inner) if value.is_wholly_known() => (inner.len(), "elements"),
                    Value::Map(inner) => (inner.len(), "elements"),
                    _ => return Diagnostics::new(),
                };
                within(&length, (from, to))
                    .map(|words| invalid(format!("The number of {unit} must be {words}; it is {length}.")))
                    .into_iter()
                    .collect()
            }
            Self::Between(from, to) => {
                let Value::Number(number) = value.plain() else {
                    return Diagnostics::new();
                };
                let bounds = (from.map(Into::into), to.map(Into::into));
                within(number, (&bounds.0, &bounds.1))
                    .map(|words| invalid(format!("The value must be {words}.")))
                    .into_iter()
                    .collect()
            }
            Self::Custom(check) => check(value).err().unwrap_or_default(),
        }
    }
}

/// Applies `check` to a string, or to every string of a collection.
fn each_string(value: &Value, check: &dyn Fn(&str) -> Option<Diagnostic>) -> Diagnostics {
    let element = |step: Option<Step>, value: &Value| {
        let diagnostic = check(value.as_str()?)?;
        Some(match step {
            Some(step) => diagnostic.at(Path::root().then(step)),
            None => diagnostic,
        })
    };
    match value.plain() {
        Value::List(inner) | Value::Tuple(inner) => (0..)
            .zip(inner)
            .filter_map(|(i, value)| element(Some(Step::Index(i)), value))
            .collect(),
        Value::Set(inner) => inner.iter().filter_map(|value| element(None, value)).collect(),
        Value::Map(inner) => inner
            .iter()
            .filter_map(|(key, value)| element(Some(Step::key(key)), value))
            .collect(),
        value => element(None, value).into_iter().collect(),
    }
}

/// The range in words, unless `value` is within it.
fn within<T: PartialOrd + fmt::Display>(value: &T, range: (&Bound<T>, &Bound<T>)) -> Option<String> {
    let bounds = (range.0.as_ref(), range.1.as_ref());
    if bounds.contains(value) {
        return None;
    }
    let from = match range.0 {
        Bound::Included(from) => format!("at least {from}"),
        Bound::Excluded(from) => format!("more than {from}"),
        Bound::Unbounded => String::new(),
    };
    let to = match range.1 {
        Bound::Included(to) => format!("at most {to}"),
        Bound::Excluded(to) => format!("less than {to}"),
        Bound::Unbounded => String::new(),
    };
    let between = if from.is_empty() || to.is_empty() {
        ""
    } else {
        " and "
    };
    Some(format!("{from}{between}{to}"))
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Matches(pattern) => write!(f, "matches({:?})", pattern.text),
            Self::KeysMatch(pattern) => write!(f, "keys_match({:?})", pattern.text),
            Self::Length(from, to) => write!(f, "length({from:?}, {to:?})"),
            Self::Between(from, to) => write!(f, "between({from:?}, {to:?})"),
            Self::OneOf(values) => write!(f, "one_of({values:?})"),
            Self::Custom(_) => f.write_str("validate(…)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(rule: &Rule, value: &Value) -> Vec<String> {
        rule.check(value)
            .into_iter()
            .map(|d| format!("{} {}", d.path, d.detail))
            .collect()
    }

    #[test]
    fn a_pattern_holds_for_a_string_and_for_each_element() {
        let rule = Rule::matches("^[a-z]+$", "lower-case letters");
        assert!(texts(&rule, &"abc".into()).is_empty());
        assert_eq!(
            texts(&rule, &Value::List(vec!["a".into(), "B".into(), Value::UNKNOWN])),
            ["[1] The value must be lower-case letters (pattern ^[a-z]+$)."]
        );
    }

    #[test]
    fn a_broken_pattern_is_reported_as_the_providers_bug() {
        assert!(texts(&Rule::matches("(", "anything"), &"x".into())[0].contains("cannot be compiled"));
    }

    #[test]
    fn lengths_count_characters_and_elements() {
        let rule = Rule::length(1..=3);
        assert!(texts(&rule, &"äöü".into()).is_empty());
        assert_eq!(
            texts(&rule, &Value::List(Vec::new())),
            [" The number of elements must be at least 1 and at most 3; it is 0."]
        );
    }

    #[test]
    fn numbers_keep_to_their_range() {
        assert!(texts(&Rule::between(1..=300), &300.into()).is_empty());
        assert_eq!(
            texts(&Rule::between(1..), &0.into()),
            [" The value must be at least 1."]
        );
    }

    #[test]
    fn keys_are_checked_where_they_stand() {
        let rule = Rule::keys_match("^[a-z]+$", "lower-case letters");
        let diagnostics = texts(&rule, &Value::map([("A", Value::Null)]));
        assert_eq!(
            diagnostics,
            ["[\"A\"] The key must be lower-case letters (pattern ^[a-z]+$)."]
        );
    }

    #[test]
    fn one_of_lists_what_is_allowed() {
        let rule = Rule::OneOf(vec!["GET".to_owned(), "POST".to_owned()]);
        assert_eq!(
            texts(&rule, &"PUT".into()),
            [" The value must be one of: GET, POST."]
        );
        assert!(texts(&rule, &Value::UNKNOWN).is_empty());
    }
}
