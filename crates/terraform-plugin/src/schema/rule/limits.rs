//! Ranges, and what they are called in messages.

use std::{
    fmt,
    ops::{Bound, RangeBounds},
};

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

/// A range as its two ends.
pub(super) fn ends<T: Clone>(range: impl RangeBounds<T>) -> (Bound<T>, Bound<T>) {
    (range.start_bound().cloned(), range.end_bound().cloned())
}
