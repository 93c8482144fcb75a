//! Rules between attributes: which go together, which exclude each other, which add up.
//!
//! What is unknown may still become a value or null, so a rule that hangs on it is put off; core validates again
//! once more is known. Where no outcome could save it, the error comes at once.

use std::{cmp::Ordering, fmt};

use super::{
    Subject,
    check::{combination, invalid},
    presence::{DROPPED, is_empty_object},
};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    expr::PathExpr,
    path::Path,
    quoted,
    value::{Number, Value},
};

#[derive(Clone, Debug)]
pub(super) enum Across {
    /// At most one of them is set.
    Conflicting(Vec<PathExpr>),
    /// Where the attribute is set, so are they.
    Requires(Vec<PathExpr>),
    /// Where the attribute is set, so is one of them.
    RequiresOne(Vec<PathExpr>),
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

fn listed<'a>(paths: impl IntoIterator<Item = &'a Path>) -> String {
    let texts: Vec<String> = paths.into_iter().map(quoted::path).collect();
    match texts.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}

/// Where several are set and fewer may be: at the last of them, if the rule is about the object that holds them.
fn at_last(found: Diagnostic, set: &[Path], subject: &Subject<'_>) -> Diagnostic {
    let base = subject.path.steps();
    let within = set.last().and_then(|path| path.steps().strip_prefix(base));
    match within {
        Some(steps) if subject.is_body => found.at(steps.iter().cloned().collect()),
        _ => found,
    }
}

/// A hint, where none is set in an object that may hold misspelt ones.
fn hint(subject: &Subject<'_>) -> String {
    let may_be_misspelt = subject.scope.of_attribute && is_empty_object(subject.scope.value);
    if may_be_misspelt {
        format!(" {DROPPED}")
    } else {
        String::new()
    }
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
                (involved && count.set.len() > 1).then(|| {
                    let set = listed(&count.set);
                    let found = combination(format!("Only one of {set} can be set. Keep one of them."));
                    at_last(found, &count.set, subject).into()
                })
            }
            Self::Requires(others) => {
                if !subject.is_set() {
                    return None;
                }
                let count = Count::of(members(others, subject, false));
                (!count.null.is_empty()).then(|| {
                    combination(format!(
                        "{} must be set where {1} is. Set it, or remove {1}.",
                        listed(&count.null),
                        quoted::path(&subject.path)
                    ))
                    .into()
                })
            }
            Self::RequiresOne(others) => {
                if !subject.is_set() {
                    return None;
                }
                let count = Count::of(members(others, subject, false));
                (count.set.is_empty() && count.unknown == 0).then(|| {
                    combination(format!(
                        "One of {} must be set where {1} is. Set one, or remove {1}.",
                        listed(&count.null),
                        quoted::path(&subject.path)
                    ))
                    .into()
                })
            }
            Self::Together(others) => {
                let count = Count::of(members(others, subject, true));
                (!count.set.is_empty() && !count.null.is_empty()).then(|| {
                    let found = combination(format!(
                        "{} must be set together: {} is not. Set all of them, or none.",
                        listed(count.set.iter().chain(&count.null)),
                        listed(&count.null)
                    ));
                    at_last(found, &count.set, subject).into()
                })
            }
            Self::ExactlyOne(others) => {
                let count = Count::of(members(others, subject, true));
                let all = listed(count.set.iter().chain(&count.null));
                match count.set.len() {
                    0 if count.unknown == 0 => {
                        let hint = hint(subject);
                        let detail =
                            format!("Exactly one of {all} must be set; none is. Set one of them.{hint}");
                        Some(combination(detail).into())
                    }
                    0 | 1 => None,
                    _ => {
                        let set = listed(&count.set);
                        let detail =
                            format!("Exactly one of {all} must be set; {set} are. Keep one of them.");
                        Some(at_last(combination(detail), &count.set, subject).into())
                    }
                }
            }
            Self::AtLeastOne(others) => {
                let count = Count::of(members(others, subject, true));
                (count.set.is_empty() && count.unknown == 0).then(|| {
                    let (all, hint) = (listed(&count.null), hint(subject));
                    combination(format!("At least one of {all} must be set; none is.{hint}")).into()
                })
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
                let name = quoted::path(&other.resolve(&subject.scope.path));
                let detail = format!(
                    "{} is kept in the state. {name} takes the same value and keeps it out of state and plan; \
                     use it instead.",
                    quoted::path(&subject.path)
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
        // An attribute may well be listed in its own rule. Elements of a set share their path, and what would be
        // within a null object shares its value.
        let same = |(at, other): &(Path, &Value)| *at == path && std::ptr::eq(*other, value);
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
    let names = listed(paths);
    let wanted = of(numbers)?;
    (!relation.holds(number.cmp(&wanted))).then(|| {
        invalid(format!(
            "The value must be {relation} the {what} of {names}, which is {wanted}{}.",
            subject.given(subject.value)
        ))
        .into()
    })
}
