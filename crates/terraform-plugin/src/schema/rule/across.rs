//! Rules between attributes: which go together, which exclude each other, which add up.
//!
//! What is unknown may still become a value or null, so a rule that hangs on it is put off; core validates again
//! once more is known. Where no outcome could save it, the error comes at once.

use std::{cmp::Ordering, fmt};

use super::{Subject, invalid};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    path::{Path, PathExpr},
    value::{Number, Value},
};

#[derive(Clone, Debug)]
pub(super) enum Across {
    /// At most one of them is set.
    Conflicting(Vec<PathExpr>),
    /// Where the attribute is set, so are they.
    Requires(Vec<PathExpr>),
    /// All are set, or none.
    Together(Vec<PathExpr>),
    ExactlyOne(Vec<PathExpr>),
    AtLeastOne(Vec<PathExpr>),
    /// The number compares so with the sum of theirs.
    Sum(Relation, Vec<PathExpr>),
    /// The number is the product of theirs.
    Product(Vec<PathExpr>),
    PreferWriteOnly(PathExpr),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    AtLeast,
    AtMost,
    Equal,
}

impl Relation {
    fn holds(self, order: Ordering) -> bool {
        match self {
            Self::AtLeast => order.is_ge(),
            Self::AtMost => order.is_le(),
            Self::Equal => order.is_eq(),
        }
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AtLeast => "at least",
            Self::AtMost => "at most",
            Self::Equal => "equal to",
        })
    }
}

/// How many of some attributes are set, not set, and not known.
#[derive(Default)]
struct Count {
    set: Vec<Path>,
    null: Vec<Path>,
    unknown: usize,
}

impl Count {
    fn of<'v>(members: impl IntoIterator<Item = (Path, &'v Value)>) -> Self {
        let mut count = Self::default();
        for (path, value) in members {
            if value.is_unknown() {
                count.unknown += 1;
            } else if value.is_null() {
                count.null.push(path);
            } else {
                count.set.push(path);
            }
        }
        count
    }
}

fn quoted<'a>(paths: impl IntoIterator<Item = &'a Path>) -> String {
    let texts: Vec<String> = paths.into_iter().map(|path| format!("\"{path}\"")).collect();
    match texts.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}

fn combination(detail: String) -> Diagnostics {
    Diagnostic::error("Invalid attribute combination", detail).into()
}

impl Across {
    pub(super) fn check(&self, subject: &Subject<'_>) -> Diagnostics {
        self.found(subject).unwrap_or_default()
    }

    fn found(&self, subject: &Subject<'_>) -> Option<Diagnostics> {
        match self {
            Self::Conflicting(others) => {
                let count = Count::of(members(others, subject, true));
                // An error about an attribute is one that this attribute is part of.
                let involved = subject.is_body || subject.is_set();
                (involved && count.set.len() > 1)
                    .then(|| combination(format!("Only one of {} can be set.", quoted(&count.set))))
            }
            Self::Requires(others) => {
                if !subject.is_set() {
                    return None;
                }
                let count = Count::of(members(others, subject, false));
                (!count.null.is_empty()).then(|| {
                    combination(format!(
                        "{} must be set where \"{}\" is.",
                        quoted(&count.null),
                        subject.path
                    ))
                })
            }
            Self::Together(others) => {
                let count = Count::of(members(others, subject, true));
                (!count.set.is_empty() && !count.null.is_empty()).then(|| {
                    combination(format!(
                        "{} must be set together: {} is not.",
                        quoted(count.set.iter().chain(&count.null)),
                        quoted(&count.null)
                    ))
                })
            }
            Self::ExactlyOne(others) => {
                let count = Count::of(members(others, subject, true));
                match count.set.len() {
                    0 if count.unknown == 0 => Some(combination(format!(
                        "Exactly one of {} must be set; none is.",
                        quoted(&count.null)
                    ))),
                    0 | 1 => None,
                    _ => Some(combination(format!(
                        "Exactly one of {} must be set; {} are.",
                        quoted(count.set.iter().chain(&count.null)),
                        quoted(&count.set)
                    ))),
                }
            }
            Self::AtLeastOne(others) => {
                let count = Count::of(members(others, subject, true));
                (count.set.is_empty() && count.unknown == 0)
                    .then(|| combination(format!("At least one of {} must be set.", quoted(&count.null))))
            }
            Self::Sum(relation, others) => {
                let of = |numbers: Vec<&Number>| {
                    numbers
                        .into_iter()
                        .try_fold(Number::from(0_i64), |sum, number| sum.checked_add(number))
                };
                arithmetic(subject, others, *relation, "sum", of)
            }
            Self::Product(others) => {
                let of = |numbers: Vec<&Number>| {
                    let mut numbers = numbers.into_iter();
                    let first = numbers.next()?.clone();
                    numbers.try_fold(first, |product, number| product.checked_mul(number))
                };
                arithmetic(subject, others, Relation::Equal, "product", of)
            }
            Self::PreferWriteOnly(other) => {
                if !subject.is_set() || !subject.write_only_allowed {
                    return None;
                }
                let name = other.resolve(&subject.scope.path);
                let detail = format!(
                    "\"{}\" is kept in the state. \"{name}\" takes the same value and keeps it out of state and plan; \
                     use it instead.",
                    subject.path
                );
                Some(Diagnostic::warning("A write-only argument is available", detail).into())
            }
        }
    }
}

/// What the expressions stand for, once each, and with it the attribute itself.
fn members<'v>(others: &[PathExpr], subject: &Subject<'v>, with_self: bool) -> Vec<(Path, &'v Value)> {
    let mut members = Vec::new();
    if with_self && !subject.is_body {
        members.push((subject.path.clone(), subject.value));
    }
    for (path, value) in others.iter().flat_map(|expr| expr.find_from(&subject.scope)) {
        // An attribute may well be listed in its own rule. Elements of a set share their path.
        let same = |(_, other): &(Path, &Value)| std::ptr::eq(*other, value);
        let is_self = !subject.is_body && std::ptr::eq(subject.value, value);
        if !is_self && !members.iter().any(same) {
            members.push((path, value));
        }
    }
    members
}

/// Compares a number with what comes of others. Null ones are left out; one that is unknown puts it off.
fn arithmetic(
    subject: &Subject<'_>,
    others: &[PathExpr],
    relation: Relation,
    what: &str,
    of: impl FnOnce(Vec<&Number>) -> Option<Number>,
) -> Option<Diagnostics> {
    let Value::Number(number) = subject.value.plain() else {
        return None;
    };
    let members = members(others, subject, false);
    if members.iter().any(|(_, value)| !value.is_wholly_known()) {
        return None;
    }
    let (paths, numbers): (Vec<&Path>, Vec<&Number>) = members
        .iter()
        .filter_map(|(path, value)| match value.plain() {
            Value::Number(number) => Some((path, number)),
            _ => None,
        })
        .unzip();
    let names = quoted(paths);
    let wanted = of(numbers)?;
    (!relation.holds(number.cmp(&wanted))).then(|| {
        invalid(format!(
            "The value must be {relation} the {what} of {names}, which is {wanted}."
        ))
        .into()
    })
}
