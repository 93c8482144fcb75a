//! Ranges, and what they are called in messages.

use std::{
    fmt,
    ops::{Bound, RangeBounds},
};

use crate::value::Number;

/// The range in words, unless `value` is within it.
pub(super) fn within<T: PartialOrd + fmt::Display>(
    value: &T,
    range: &(Bound<T>, Bound<T>),
) -> Option<String> {
    (!range.contains(value)).then(|| words(range))
}

/// The range in words.
fn words<T: fmt::Display>(range: &(Bound<T>, Bound<T>)) -> String {
    let from = match &range.0 {
        Bound::Included(from) => format!("at least {from}"),
        Bound::Excluded(from) => format!("more than {from}"),
        Bound::Unbounded => String::new(),
    };
    let to = match &range.1 {
        Bound::Included(to) => format!("at most {to}"),
        Bound::Excluded(to) => format!("less than {to}"),
        Bound::Unbounded => String::new(),
    };
    let and = if from.is_empty() || to.is_empty() {
        ""
    } else {
        " and "
    };
    format!("{from}{and}{to}")
}

/// The numbers that an attribute takes.
pub(super) type NumberRange = (Bound<Number>, Bound<Number>);

/// What a number has to fit into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::schema) enum NumberFormat {
    Int32,
    Int64,
    Float32,
    Float64,
}

impl NumberFormat {
    pub(super) fn holds(self, number: &Number) -> bool {
        // A float is out of range where it becomes infinite, or zero although the number is not.
        let float_fits = |float: f64| float.is_finite() && (float != 0.0 || *number == Number::from(0_i64));
        match self {
            Self::Int32 => number.to_i64().is_some_and(|whole| i32::try_from(whole).is_ok()),
            Self::Int64 => number.to_i64().is_some(),
            Self::Float32 => float_fits(number.to_f32().into()),
            Self::Float64 => float_fits(number.to_f64()),
        }
    }

    pub(super) fn is_whole(self) -> bool {
        matches!(self, Self::Int32 | Self::Int64)
    }

    /// What a number has to be that does not fit. Of whole ones, the range that the attribute itself has, or else the
    /// format's where the number is out of that.
    pub(super) fn words(self, given: &Number, within: Option<&NumberRange>) -> String {
        let (least, most) = match self {
            Self::Int32 => (i64::from(i32::MIN), i64::from(i32::MAX)),
            Self::Int64 => (i64::MIN, i64::MAX),
            Self::Float32 => return "within the range of a 32-bit floating-point number".to_owned(),
            Self::Float64 => return "within the range of a 64-bit floating-point number".to_owned(),
        };
        match within {
            Some((Bound::Included(least), Bound::Included(most))) => {
                format!("a whole number from {least} to {most}")
            }
            Some(range) => format!("a whole number, {}", words(range)),
            None if given.is_integer() => format!("a whole number from {least} to {most}"),
            None => "a whole number".to_owned(),
        }
    }
}

/// A range as its two ends.
pub(super) fn ends<T: Clone>(range: impl RangeBounds<T>) -> (Bound<T>, Bound<T>) {
    (range.start_bound().cloned(), range.end_bound().cloned())
}
