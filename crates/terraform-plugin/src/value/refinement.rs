//! What is known about a value that is unknown.

use std::ops::RangeBounds;

use serde::{Deserialize, Serialize};

use super::{Number, Type, Value};

/// A limit of a number's range.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Bound {
    /// The limit.
    pub number: Number,
    /// Whether the limit itself is within the range.
    pub inclusive: bool,
}

/// What is known about an unknown value. All that is `None` is open. Made from `Refinement::default()` by its methods.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Refinement {
    /// Whether it will be null.
    pub null: Option<bool>,
    /// What a string will begin with.
    pub prefix: Option<String>,
    /// The lower end of a number's range.
    pub lower: Option<Bound>,
    /// The upper end of a number's range.
    pub upper: Option<Bound>,
    /// The least number of elements of a collection.
    pub min_len: Option<i64>,
    /// The greatest number of elements of a collection.
    pub max_len: Option<i64>,
}

impl Refinement {
    /// It will not be null.
    #[must_use]
    pub fn not_null(mut self) -> Self {
        self.null = Some(false);
        self
    }

    /// It will be a string that begins so.
    #[must_use]
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = Some(super::normalised(prefix.into()));
        self.not_null()
    }

    /// It will be a number of that range.
    ///
    /// ```
    /// use terraform_plugin::{Refinement, Value};
    /// let port = Refinement::default().between(1..65536);
    /// assert!(port.admits(&443.into()) && !port.admits(&65536.into()) && !port.admits(&Value::Null));
    /// ```
    #[must_use]
    pub fn between<N: Clone + Into<Number>>(mut self, range: impl RangeBounds<N>) -> Self {
        let bound = |end: std::ops::Bound<&N>| match end {
            std::ops::Bound::Included(number) => Some(Bound {
                number: number.clone().into(),
                inclusive: true,
            }),
            std::ops::Bound::Excluded(number) => Some(Bound {
                number: number.clone().into(),
                inclusive: false,
            }),
            std::ops::Bound::Unbounded => None,
        };
        self.lower = bound(range.start_bound());
        self.upper = bound(range.end_bound());
        self.not_null()
    }

    /// It will be a collection of so many elements.
    #[must_use]
    pub fn length(mut self, range: impl RangeBounds<i64>) -> Self {
        self.min_len = match range.start_bound() {
            std::ops::Bound::Included(length) => Some(*length),
            std::ops::Bound::Excluded(length) => length.checked_add(1),
            std::ops::Bound::Unbounded => None,
        };
        self.max_len = match range.end_bound() {
            std::ops::Bound::Included(length) => Some(*length),
            std::ops::Bound::Excluded(length) => length.checked_sub(1),
            std::ops::Bound::Unbounded => None,
        };
        self.not_null()
    }

    /// Whether a value of type `ty` can keep to it at all: only strings have prefixes, numbers ranges, and
    /// collections lengths.
    pub(crate) fn fits(&self, ty: &Type) -> bool {
        let collection = matches!(ty, Type::List(_) | Type::Set(_) | Type::Map(_));
        (self.prefix.is_none() || ty == &Type::String)
            && (self.lower.is_none() && self.upper.is_none() || ty == &Type::Number)
            && (self.min_len.is_none() && self.max_len.is_none() || collection)
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether its bounds leave nothing between them.
    pub(crate) fn is_contradictory(&self) -> bool {
        let numbers = match (&self.lower, &self.upper) {
            (Some(lower), Some(upper)) => {
                lower.number > upper.number
                    || (lower.number == upper.number && !(lower.inclusive && upper.inclusive))
            }
            _ => false,
        };
        let lengths = matches!((self.min_len, self.max_len), (Some(least), Some(most)) if least > most);
        numbers || lengths
    }

    /// Whether `value` keeps to it. An unknown value does: nothing speaks against it yet.
    pub fn admits(&self, value: &Value) -> bool {
        let length = |len: usize| {
            let len = i64::try_from(len).unwrap_or(i64::MAX);
            self.min_len.is_none_or(|min| len >= min) && self.max_len.is_none_or(|max| len <= max)
        };
        match value.plain() {
            Value::Unknown(_) => true,
            Value::Null => self.null != Some(false),
            _ if self.null == Some(true) => false,
            Value::String(text) => self
                .prefix
                .as_ref()
                .is_none_or(|prefix| text.starts_with(prefix.as_str())),
            Value::Number(number) => {
                let above = |b: &Bound| {
                    if b.inclusive {
                        *number >= b.number
                    } else {
                        *number > b.number
                    }
                };
                let below = |b: &Bound| {
                    if b.inclusive {
                        *number <= b.number
                    } else {
                        *number < b.number
                    }
                };
                self.lower.as_ref().is_none_or(above) && self.upper.as_ref().is_none_or(below)
            }
            Value::List(inner) => length(inner.len()),
            Value::Set(inner) => length(inner.len()),
            Value::Map(inner) => length(inner.len()),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refinement_admits_what_keeps_to_it() {
        let not_null = Refinement {
            null: Some(false),
            ..Refinement::default()
        };
        let prefix = Refinement {
            prefix: Some("arn:".to_owned()),
            ..Refinement::default()
        };
        let above_two = Refinement {
            lower: Some(Bound {
                number: 2.into(),
                inclusive: false,
            }),
            ..Refinement::default()
        };
        let one_element = Refinement {
            min_len: Some(1),
            max_len: Some(1),
            ..Refinement::default()
        };
        for (refinement, value, admitted) in [
            (&not_null, Value::Null, false),
            (&not_null, "x".into(), true),
            (&not_null, Value::UNKNOWN, true),
            (&prefix, "arn:aws".into(), true),
            (&prefix, "urn:aws".into(), false),
            (&above_two, 3.into(), true),
            (&above_two, 2.into(), false),
            (&one_element, Value::List(vec![Value::Null]), true),
            (&one_element, Value::List(Vec::new()), false),
        ] {
            assert_eq!(refinement.admits(&value), admitted, "{refinement:?} {value:?}");
        }
    }
}
