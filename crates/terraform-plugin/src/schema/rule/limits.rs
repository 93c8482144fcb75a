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
    if range.contains(value) {
        return None;
    }
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
    Some(format!("{from}{and}{to}"))
}

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

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Int32 => "a whole number from -2147483648 to 2147483647",
            Self::Int64 => "a whole number from -9223372036854775808 to 9223372036854775807",
            Self::Float32 => "within the range of a 32-bit floating-point number",
            Self::Float64 => "within the range of a 64-bit floating-point number",
        }
    }
}

/// A range as its two ends.
pub(super) fn ends<T: Clone>(range: impl RangeBounds<T>) -> (Bound<T>, Bound<T>) {
    (range.start_bound().cloned(), range.end_bound().cloned())
}
