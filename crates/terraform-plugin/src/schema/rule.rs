//! Rules that an attribute's values keep to.

mod across;
mod limits;
mod pattern;

use std::{
    fmt,
    ops::{Bound, RangeBounds},
    sync::Arc,
};

use self::{
    across::{Across, Relation},
    limits::{ends, within},
    pattern::Pattern,
};
use crate::{
    diagnostic::{Diagnostic, Diagnostics, Outcome},
    path::{Path, PathExpr, Scope, Step},
    value::{Number, Value},
};

type Check = dyn Fn(&Value) -> Outcome + Send + Sync;

/// One rule for an attribute, a block or a whole schema: the same ones that [`Attribute`](super::Attribute) has
/// methods for, to be combined.
///
/// Values that are null or unknown keep to every rule about values. Rules across attributes are put off while
/// their outcome hangs on what is unknown.
///
/// ```
/// use terraform_plugin::schema::{Rule, Schema, list, string};
/// use terraform_plugin::Type;
///
/// let schema = Schema::new(0)
///     .attr(
///         "cidrs",
///         list(Type::String).optional().each([Rule::any([
///             Rule::matches("^[0-9.]+/[0-9]+$", "an IPv4 block"),
///             Rule::matches("^[0-9a-f:]+/[0-9]+$", "an IPv6 block"),
///         ])]),
///     )
///     .attr("prefix_list", string().optional())
///     .rule(Rule::exactly_one_of(["cidrs", "prefix_list"]));
/// ```
#[derive(Clone)]
pub struct Rule(Kind);

#[derive(Clone)]
enum Kind {
    Matches(Arc<Pattern>),
    Length(Bound<usize>, Bound<usize>),
    Bytes(Bound<usize>, Bound<usize>),
    Between(Bound<Number>, Bound<Number>),
    Fits(NumberFormat),
    Choice {
        values: Vec<Value>,
        allowed: bool,
        any_case: bool,
    },
    Unique,
    NoNulls,
    Required,
    Each(Vec<Rule>),
    Keys(Vec<Rule>),
    All(Vec<Rule>),
    Any {
        rules: Vec<Rule>,
        all_warnings: bool,
    },
    Across(Across),
    Custom(Arc<Check>),
    /// What the author wrote makes no rule.
    Broken(String),
}

/// What a number has to fit into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NumberFormat {
    Int32,
    Int64,
    Float32,
    Float64,
}

/// What a rule looks at: a value, and where it stands.
pub(crate) struct Subject<'v> {
    pub(crate) value: &'v Value,
    pub(crate) path: Path,
    /// The object that holds the value, where relative paths begin; or the value itself, where a rule is about
    /// a whole object.
    pub(crate) scope: Scope<'v>,
    /// Whether the rule is about a whole object rather than one attribute of it.
    pub(crate) is_body: bool,
    pub(crate) write_only_allowed: bool,
}

impl Subject<'_> {
    fn is_set(&self) -> bool {
        !self.value.is_null() && !self.value.is_unknown()
    }
}

fn invalid(detail: String) -> Diagnostic {
    Diagnostic::error("Invalid attribute value", detail)
}

fn all<E: Into<PathExpr>>(paths: impl IntoIterator<Item = E>) -> Vec<PathExpr> {
    paths.into_iter().map(Into::into).collect()
}

impl Rule {
    /// The string, or each string of a collection, matches `pattern` (of the regex crate; anchor it). `words`
    /// says what it must look like: "must be …". The pattern is compiled when it is first needed.
    pub fn matches(pattern: &str, words: &str) -> Self {
        Self(Kind::Matches(Pattern::new(pattern, words)))
    }

    /// How many characters the string, or how many elements the collection has.
    pub fn length(range: impl RangeBounds<usize>) -> Self {
        let (from, to) = ends(range);
        Self(Kind::Length(from, to))
    }

    /// How many bytes the string has in UTF-8.
    pub fn bytes(range: impl RangeBounds<usize>) -> Self {
        let (from, to) = ends(range);
        Self(Kind::Bytes(from, to))
    }

    /// The number is within the range. Limits are integers, floats or [`Number`]s.
    pub fn between<N: Clone + TryInto<Number>>(range: impl RangeBounds<N>) -> Self {
        let number = |bound: Bound<N>| match bound {
            Bound::Included(number) => number.try_into().map(Bound::Included),
            Bound::Excluded(number) => number.try_into().map(Bound::Excluded),
            Bound::Unbounded => Ok(Bound::Unbounded),
        };
        let (from, to) = ends(range);
        match (number(from), number(to)) {
            (Ok(from), Ok(to)) => Self(Kind::Between(from, to)),
            _ => Self(Kind::Broken("a limit of its range is no number".to_owned())),
        }
    }

    pub(super) fn fits(format: NumberFormat) -> Self {
        Self(Kind::Fits(format))
    }

    fn choice<V: Into<Value>>(values: impl IntoIterator<Item = V>, allowed: bool, any_case: bool) -> Self {
        Self(Kind::Choice {
            values: values.into_iter().map(Into::into).collect(),
            allowed,
            any_case,
        })
    }

    /// The string, number or bool, or each one of a collection, is one of these.
    pub fn one_of<V: Into<Value>>(values: impl IntoIterator<Item = V>) -> Self {
        Self::choice(values, true, false)
    }

    /// The string, number or bool, or each one of a collection, is none of these.
    pub fn none_of<V: Into<Value>>(values: impl IntoIterator<Item = V>) -> Self {
        Self::choice(values, false, false)
    }

    /// [`one_of`](Self::one_of), where upper and lower case are the same.
    pub fn one_of_any_case<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        Self::choice(values, true, true)
    }

    /// [`none_of`](Self::none_of), where upper and lower case are the same.
    pub fn none_of_any_case<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        Self::choice(values, false, true)
    }

    /// No element of the list is there twice.
    pub fn unique() -> Self {
        Self(Kind::Unique)
    }

    /// No element of the collection is null.
    pub fn no_nulls() -> Self {
        Self(Kind::NoNulls)
    }

    /// There is at least one block, or element: for blocks, which have no `required`.
    pub fn is_required() -> Self {
        Self(Kind::Required)
    }

    /// Each element of the collection, or the one nested object, keeps to the rules. Where elements are
    /// objects, relative paths begin within the element: `each([Rule::exactly_one_of(["a", "b"])])`.
    pub fn each(rules: impl IntoIterator<Item = Rule>) -> Self {
        Self(Kind::Each(rules.into_iter().collect()))
    }

    /// Each key of the map keeps to the rules, as a string does.
    pub fn keys(rules: impl IntoIterator<Item = Rule>) -> Self {
        Self(Kind::Keys(rules.into_iter().collect()))
    }

    /// All of the rules hold: one of several ways in [`any`](Self::any).
    pub fn all(rules: impl IntoIterator<Item = Rule>) -> Self {
        Self(Kind::All(rules.into_iter().collect()))
    }

    /// One of the rules holds at least. Warnings are those of the first that holds; if none does, all their
    /// errors are told.
    pub fn any(rules: impl IntoIterator<Item = Rule>) -> Self {
        Self(Kind::Any {
            rules: rules.into_iter().collect(),
            all_warnings: false,
        })
    }

    /// [`any`](Self::any), with the warnings of all the rules.
    pub fn any_with_warnings(rules: impl IntoIterator<Item = Rule>) -> Self {
        Self(Kind::Any {
            rules: rules.into_iter().collect(),
            all_warnings: true,
        })
    }

    /// The attribute and these are not set together; for a schema: at most one of these is set.
    pub fn conflicting<E: Into<PathExpr>>(paths: impl IntoIterator<Item = E>) -> Self {
        Self(Kind::Across(Across::Conflicting(all(paths))))
    }

    /// Where the attribute is set, all of these are.
    pub fn requires<E: Into<PathExpr>>(paths: impl IntoIterator<Item = E>) -> Self {
        Self(Kind::Across(Across::Requires(all(paths))))
    }

    /// All of these are set, or none; for an attribute: with it.
    pub fn required_together<E: Into<PathExpr>>(paths: impl IntoIterator<Item = E>) -> Self {
        Self(Kind::Across(Across::Together(all(paths))))
    }

    /// Exactly one of these is set; for an attribute: of it and these.
    pub fn exactly_one_of<E: Into<PathExpr>>(paths: impl IntoIterator<Item = E>) -> Self {
        Self(Kind::Across(Across::ExactlyOne(all(paths))))
    }

    /// At least one of these is set; for an attribute: of it and these.
    pub fn at_least_one_of<E: Into<PathExpr>>(paths: impl IntoIterator<Item = E>) -> Self {
        Self(Kind::Across(Across::AtLeastOne(all(paths))))
    }

    /// The number is at least the sum of these. Null ones count as nothing.
    pub fn at_least_sum_of<E: Into<PathExpr>>(paths: impl IntoIterator<Item = E>) -> Self {
        Self(Kind::Across(Across::Sum(Relation::AtLeast, all(paths))))
    }

    /// The number is at most the sum of these. Null ones count as nothing.
    pub fn at_most_sum_of<E: Into<PathExpr>>(paths: impl IntoIterator<Item = E>) -> Self {
        Self(Kind::Across(Across::Sum(Relation::AtMost, all(paths))))
    }

    /// The number is the sum of these. Null ones count as nothing.
    pub fn equal_to_sum_of<E: Into<PathExpr>>(paths: impl IntoIterator<Item = E>) -> Self {
        Self(Kind::Across(Across::Sum(Relation::Equal, all(paths))))
    }

    /// The number is the product of these. Null ones are left out; if all are null, everything goes.
    pub fn equal_to_product_of<E: Into<PathExpr>>(paths: impl IntoIterator<Item = E>) -> Self {
        Self(Kind::Across(Across::Product(all(paths))))
    }

    /// Warns where the attribute is set and the host would know the write-only one that takes the same value.
    pub fn prefer_write_only(path: impl Into<PathExpr>) -> Self {
        Self(Kind::Across(Across::PreferWriteOnly(path.into())))
    }

    /// A rule of one's own. It sees only values that are known and not null, though their elements may be
    /// either; the paths of its diagnostics begin at the value. A warning alone is a warning.
    pub fn custom(check: impl Fn(&Value) -> Outcome + Send + Sync + 'static) -> Self {
        Self(Kind::Custom(Arc::new(check)))
    }

    /// What is wrong with the rule itself; patterns are compiled for it.
    pub(crate) fn broken(&self) -> Vec<String> {
        match &self.0 {
            Kind::Matches(pattern) => pattern.regex().err().into_iter().collect(),
            Kind::Broken(why) => vec![why.clone()],
            Kind::Each(rules) | Kind::Keys(rules) | Kind::All(rules) | Kind::Any { rules, .. } => {
                rules.iter().flat_map(Self::broken).collect()
            }
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
            Kind::Required if value.is_null() => {
                return Diagnostic::error("Missing block", "At least one is required.").into();
            }
            _ if !subject.is_set() => return Diagnostics::new(),
            _ => {}
        }
        match &self.0 {
            Kind::Matches(pattern) => each_scalar(value, &|value| pattern.check(value.as_str()?)),
            Kind::Choice {
                values,
                allowed,
                any_case,
            } => each_scalar(value, &|value| choose(value, values, *allowed, *any_case)),
            Kind::Length(from, to) => {
                let (length, unit) = match value {
                    Value::String(text) => (text.chars().count(), "characters"),
                    Value::List(inner) | Value::Tuple(inner) => (inner.len(), "elements"),
                    // Unknown elements may turn out equal, so the number of elements is not known either.
                    Value::Set(inner) if value.is_wholly_known() => (inner.len(), "elements"),
                    Value::Map(inner) => (inner.len(), "elements"),
                    _ => return Diagnostics::new(),
                };
                counted(length, unit, &(*from, *to))
            }
            Kind::Bytes(from, to) => match value {
                Value::String(text) => counted(text.len(), "bytes", &(*from, *to)),
                _ => Diagnostics::new(),
            },
            Kind::Between(from, to) => match value {
                Value::Number(number) => within(number, &(from.clone(), to.clone()))
                    .map(|words| invalid(format!("The value must be {words}.")))
                    .into_iter()
                    .collect(),
                _ => Diagnostics::new(),
            },
            Kind::Fits(format) => match value {
                Value::Number(number) if !format.holds(number) => {
                    invalid(format!("The value must be {}.", format.words())).into()
                }
                _ => Diagnostics::new(),
            },
            Kind::Unique => twice(value),
            Kind::NoNulls => elements(value)
                .into_iter()
                .filter(|(_, element)| element.is_null())
                .map(|(step, _)| invalid("Elements must not be null.".to_owned()).at(path_of(step)))
                .collect(),
            Kind::Required => match value {
                Value::List(inner) if inner.is_empty() => none_there(),
                Value::Set(inner) if inner.is_empty() => none_there(),
                Value::Map(inner) if inner.is_empty() => none_there(),
                _ => Diagnostics::new(),
            },
            Kind::Each(rules) => each(rules, value, subject),
            Kind::Keys(rules) => keys(rules, value, subject),
            Kind::Custom(check) => check(value).err().unwrap_or_default(),
            Kind::Broken(why) => Diagnostic::error(
                "Bug in the provider",
                format!("The rule of this attribute cannot be applied: {why}."),
            )
            .into(),
            Kind::Across(_) | Kind::All(_) | Kind::Any { .. } => Diagnostics::new(),
        }
    }
}

fn none_there() -> Diagnostics {
    Diagnostic::error("Missing block", "At least one is required.").into()
}

impl NumberFormat {
    fn holds(self, number: &Number) -> bool {
        // A float is out of range where it becomes infinite, or zero although the number is not.
        let float_fits = |float: f64| float.is_finite() && (float != 0.0 || *number == Number::from(0_i64));
        match self {
            Self::Int32 => number.to_i64().is_some_and(|whole| i32::try_from(whole).is_ok()),
            Self::Int64 => number.to_i64().is_some(),
            Self::Float32 => float_fits(f64::from(number.to_f64() as f32)),
            Self::Float64 => float_fits(number.to_f64()),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Int32 => "a whole number from -2147483648 to 2147483647",
            Self::Int64 => "a whole number from -9223372036854775808 to 9223372036854775807",
            Self::Float32 => "within the range of a 32-bit floating-point number",
            Self::Float64 => "within the range of a 64-bit floating-point number",
        }
    }
}

fn counted(length: usize, unit: &str, range: &(Bound<usize>, Bound<usize>)) -> Diagnostics {
    within(&length, range)
        .map(|words| invalid(format!("The number of {unit} must be {words}; it is {length}.")))
        .into_iter()
        .collect()
}

fn choose(value: &Value, values: &[Value], allowed: bool, any_case: bool) -> Option<Diagnostic> {
    let same = |other: &Value| match (value.as_str(), other.as_str()) {
        (Some(text), Some(other)) if any_case => text.to_lowercase() == other.to_lowercase(),
        _ => value == other,
    };
    if values.iter().any(same) == allowed {
        return None;
    }
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(value) => value.to_string(),
        other => other.kind().to_owned(),
    };
    let listed = values.iter().map(text).collect::<Vec<_>>().join(", ");
    Some(invalid(match (allowed, values.len()) {
        (true, 1) => format!("The value must be {listed}."),
        (true, _) => format!("The value must be one of: {listed}."),
        (false, _) => format!("The value must be none of: {listed}."),
    }))
}

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

/// Applies `check` to a single value, or to every one of a collection.
fn each_scalar(value: &Value, check: &dyn Fn(&Value) -> Option<Diagnostic>) -> Diagnostics {
    let is_set = |value: &Value| !value.is_null() && !value.is_unknown();
    match value {
        Value::List(_) | Value::Tuple(_) | Value::Set(_) | Value::Map(_) => elements(value)
            .into_iter()
            .filter(|(_, value)| is_set(value))
            .filter_map(|(step, value)| Some(check(value)?.at(path_of(step))))
            .collect(),
        value => check(value).into_iter().collect(),
    }
}

fn twice(value: &Value) -> Diagnostics {
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

fn each(rules: &[Rule], value: &Value, subject: &Subject<'_>) -> Diagnostics {
    let inner = match value {
        Value::Object(_) => vec![(None, value)],
        value => elements(value),
    };
    let mut found = Diagnostics::new();
    let mut whole = subject.scope.inner(None, value);
    whole.path = subject.path.clone();
    for (step, element) in inner {
        let at = path_of(step);
        let path = subject.path.join(&at);
        let is_body = matches!(element.plain(), Value::Object(_));
        let scope = match value {
            Value::Object(_) => whole.clone(),
            _ if is_body => whole.inner(at.steps().first().cloned(), element),
            _ => subject.scope.clone(),
        };
        let inner = Subject {
            value: element,
            path,
            scope,
            is_body,
            write_only_allowed: subject.write_only_allowed,
        };
        for rule in rules {
            found.extend(rule.check(&inner).below(&at));
        }
    }
    found
}

fn keys(rules: &[Rule], value: &Value, subject: &Subject<'_>) -> Diagnostics {
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
            write_only_allowed: subject.write_only_allowed,
        };
        for rule in rules {
            found.extend(rule.check(&inner).into_iter().map(|mut diagnostic| {
                diagnostic.detail = diagnostic.detail.replacen("The value", "The key", 1);
                diagnostic.at(at.clone())
            }));
        }
    }
    found
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

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Matches(pattern) => write!(f, "matches({:?})", pattern.text),
            Kind::Length(from, to) => write!(f, "length({from:?}, {to:?})"),
            Kind::Bytes(from, to) => write!(f, "bytes({from:?}, {to:?})"),
            Kind::Between(from, to) => write!(f, "between({from:?}, {to:?})"),
            Kind::Fits(format) => write!(f, "fits({format:?})"),
            Kind::Choice {
                values,
                allowed,
                any_case,
            } => {
                let name = if *allowed { "one_of" } else { "none_of" };
                let case = if *any_case { "_any_case" } else { "" };
                write!(f, "{name}{case}({values:?})")
            }
            Kind::Unique => f.write_str("unique"),
            Kind::NoNulls => f.write_str("no_nulls"),
            Kind::Required => f.write_str("is_required"),
            Kind::Each(rules) => f.debug_tuple("each").field(rules).finish(),
            Kind::Keys(rules) => f.debug_tuple("keys").field(rules).finish(),
            Kind::All(rules) => f.debug_tuple("all").field(rules).finish(),
            Kind::Any { rules, .. } => f.debug_tuple("any").field(rules).finish(),
            Kind::Across(across) => write!(f, "{across:?}"),
            Kind::Custom(_) => f.write_str("custom(…)"),
            Kind::Broken(why) => write!(f, "broken({why:?})"),
        }
    }
}

#[cfg(test)]
mod tests;
