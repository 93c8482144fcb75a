//! Terraform's values, without a trace of how they travel.

pub(crate) mod codec;
pub(crate) mod conform;
pub(crate) mod json;
pub(crate) mod msgpack;

mod number;
mod place;
mod refinement;
#[cfg(test)]
mod roundtrip;
mod serde;
pub(crate) mod tuples;
mod ty;

use std::collections::BTreeMap;

use unicode_normalization::{UnicodeNormalization, is_nfc};

pub(crate) use self::{
    number::NUMBER_TOKEN,
    serde::{DYNAMIC_TOKEN, OBJECT_TOKEN, REFINED_TOKEN, SET_TOKEN, VALUE_TOKEN},
};
pub use self::{
    number::{Number, NumberError},
    refinement::{Bound, Refinement},
    ty::Type,
};
use crate::path::{Path, Step};

/// How deep values and types may nest. Far more than any schema does, and little enough for any stack.
pub(crate) const MAX_DEPTH: usize = 100;

/// A value of Terraform's type system. The [`Type`] that it belongs to stands beside it, in the schema.
///
/// In a model, a dynamic attribute is an `Attr<Value>`: a known one is a [`Value::Dynamic`] with its own type. An
/// `Attr<Value>` of any attribute may also be planned as `Attr::Known(Value::Unknown(…))`, with a [`Refinement`].
/// Elsewhere than in this crate's own encoding, sets are sequences and unknown values null.
///
/// The order is go-cty's within a set of primitive elements: by value, then what is unknown, then null.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// A boolean.
    Bool(bool),
    /// A number of any size.
    Number(Number),
    /// A string in Unicode's normal form C; make it with [`Value::string`].
    String(String),
    /// Elements of one type, in order.
    List(Vec<Value>),
    /// Elements of one type, each once, without order.
    Set(Elements),
    /// Elements of one type by key.
    Map(BTreeMap<String, Value>),
    /// Attributes, each of its own type. All of the type's attributes are there.
    Object(BTreeMap<String, Value>),
    /// Elements, each of its own type.
    Tuple(Vec<Value>),
    /// A value together with its type, in a place whose schema says "any type".
    Dynamic(Box<Type>, Box<Value>),
    /// A value that is not known yet, of any type, with what is known about it all the same.
    Unknown(Option<Box<Refinement>>),
    /// No value, of any type.
    Null,
}

impl Value {
    /// An unknown value about which nothing is known.
    pub const UNKNOWN: Self = Self::Unknown(None);

    /// A string, normalised as core does with every string (NFC).
    pub fn string(text: impl Into<String>) -> Self {
        Self::String(normalised(text.into()))
    }

    /// An object of these attributes.
    pub fn object<K: Into<String>>(attributes: impl IntoIterator<Item = (K, Value)>) -> Self {
        Self::Object(
            attributes
                .into_iter()
                .map(|(name, value)| (name.into(), value))
                .collect(),
        )
    }

    /// A map of these elements.
    pub fn map<K: Into<String>>(elements: impl IntoIterator<Item = (K, Value)>) -> Self {
        Self::Map(
            elements
                .into_iter()
                .map(|(key, value)| (normalised(key.into()), value))
                .collect(),
        )
    }

    /// A set of these elements; equal ones collapse.
    pub fn set(elements: impl IntoIterator<Item = Value>) -> Self {
        Self::Set(elements.into_iter().collect())
    }

    /// Whether there is no value. A typed null in a dynamic place counts.
    pub fn is_null(&self) -> bool {
        matches!(self.plain(), Self::Null)
    }

    /// Whether the value itself is unknown; what is inside a known collection does not matter.
    pub fn is_unknown(&self) -> bool {
        matches!(self.plain(), Self::Unknown(_))
    }

    /// Whether nothing in it is unknown.
    pub fn is_wholly_known(&self) -> bool {
        match self {
            Self::Unknown(_) => false,
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::String(_) => true,
            Self::List(elements) | Self::Tuple(elements) => elements.iter().all(Self::is_wholly_known),
            Self::Set(elements) => elements.iter().all(Self::is_wholly_known),
            Self::Map(elements) | Self::Object(elements) => elements.values().all(Self::is_wholly_known),
            Self::Dynamic(_, value) => value.is_wholly_known(),
        }
    }

    /// The value without the type that a dynamic place wraps around it.
    pub fn plain(&self) -> &Value {
        match self {
            Self::Dynamic(_, value) => value.plain(),
            value => value,
        }
    }

    /// The text of a known string.
    pub fn as_str(&self) -> Option<&str> {
        match self.plain() {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// An attribute of a known object.
    pub fn attribute(&self, name: &str) -> Option<&Value> {
        match self.plain() {
            Self::Object(attributes) => attributes.get(name),
            _ => None,
        }
    }

    /// What is at `path`, if all that leads there is known and not null.
    pub fn get(&self, path: &Path) -> Option<&Value> {
        path.steps()
            .iter()
            .try_fold(self, |here, step| match (here.plain(), step) {
                (Self::Object(inner) | Self::Map(inner), Step::Attribute(name) | Step::Key(name)) => {
                    inner.get(name)
                }
                (Self::List(inner) | Self::Tuple(inner), Step::Index(index)) => {
                    inner.get(usize::try_from(*index).ok()?)
                }
                _ => None,
            })
    }

    /// The same, to be changed.
    pub(crate) fn get_mut(&mut self, path: &Path) -> Option<&mut Value> {
        path.steps()
            .iter()
            .try_fold(self, |here, step| match (here, step) {
                (Self::Object(inner) | Self::Map(inner), Step::Attribute(name) | Step::Key(name)) => {
                    inner.get_mut(name)
                }
                (Self::List(inner) | Self::Tuple(inner), Step::Index(index)) => {
                    inner.get_mut(usize::try_from(*index).ok()?)
                }
                _ => None,
            })
    }

    /// The paths of all that is unknown, outermost only; inside of a set, the set's.
    pub fn unknown_paths(&self) -> Vec<Path> {
        fn walk(value: &Value, here: Path, found: &mut Vec<Path>) {
            match value.plain() {
                Value::Unknown(_) => found.push(here),
                Value::Set(_) if !value.is_wholly_known() => found.push(here),
                Value::List(inner) | Value::Tuple(inner) => {
                    for (i, value) in (0..).zip(inner) {
                        walk(value, here.then(Step::Index(i)), found);
                    }
                }
                Value::Object(inner) => {
                    for (name, value) in inner {
                        walk(value, here.then(name), found);
                    }
                }
                Value::Map(inner) => {
                    for (key, value) in inner {
                        walk(value, here.then(Step::key(key)), found);
                    }
                }
                _ => {}
            }
        }
        let mut found = Vec::new();
        walk(self, Path::root(), &mut found);
        found
    }

    /// The same value with null wherever it is unknown.
    pub(crate) fn unknown_as_null(self) -> Self {
        match self {
            Self::Unknown(_) => Self::Null,
            Self::List(inner) => Self::List(inner.into_iter().map(Self::unknown_as_null).collect()),
            Self::Tuple(inner) => Self::Tuple(inner.into_iter().map(Self::unknown_as_null).collect()),
            Self::Set(inner) => Self::set(inner.into_iter().map(Self::unknown_as_null)),
            Self::Map(inner) => Self::Map(inner.into_iter().map(|(k, v)| (k, v.unknown_as_null())).collect()),
            Self::Object(inner) => {
                Self::Object(inner.into_iter().map(|(k, v)| (k, v.unknown_as_null())).collect())
            }
            Self::Dynamic(ty, value) => Self::Dynamic(ty, Box::new(value.unknown_as_null())),
            value => value,
        }
    }

    /// What kind of value this is, for messages. Never the value itself, which may be secret.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Unknown(_) => "an unknown value",
            Self::Bool(_) => "a bool",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::List(_) => "a list",
            Self::Set(_) => "a set",
            Self::Map(_) => "a map",
            Self::Object(_) => "an object",
            Self::Tuple(_) => "a tuple",
            Self::Dynamic(..) => "a value with its type",
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::string(text)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::string(text)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::string(text.as_str())
    }
}

impl From<Number> for Value {
    fn from(number: Number) -> Self {
        Self::Number(number)
    }
}

macro_rules! from_whole {
    ($($int:ty),*) => {$(
        impl From<$int> for Value {
            fn from(number: $int) -> Self {
                Self::Number(number.into())
            }
        }
    )*};
}

from_whole!(i32, u64);

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number.into())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(elements: Vec<T>) -> Self {
        Self::List(elements.into_iter().map(Into::into).collect())
    }
}

/// The elements of a set. Two sets are equal when they hold the same elements, in whatever order they came.
///
/// An element that is not wholly known equals no other, since nobody can say yet: several such are all kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Elements(Vec<Value>);

impl Elements {
    /// The elements, in an order of no meaning.
    pub fn iter(&self) -> std::slice::Iter<'_, Value> {
        self.0.iter()
    }

    /// How many elements there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `value` is one of them.
    pub fn contains(&self, value: &Value) -> bool {
        self.0.binary_search(value).is_ok()
    }
}

impl FromIterator<Value> for Elements {
    fn from_iter<I: IntoIterator<Item = Value>>(elements: I) -> Self {
        let mut elements: Vec<Value> = elements.into_iter().collect();
        elements.sort();
        elements.dedup_by(|a, b| a == b && a.is_wholly_known());
        Self(elements)
    }
}

impl IntoIterator for Elements {
    type Item = Value;
    type IntoIter = std::vec::IntoIter<Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Elements {
    type Item = &'a Value;
    type IntoIter = std::slice::Iter<'a, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

/// As much of a text as that many bytes hold, in whole characters.
pub(crate) fn cut(text: &str, bytes: usize) -> &str {
    let fits = |end: &usize| text.is_char_boundary(*end);
    let end = (0..=bytes.min(text.len())).rev().find(fits).unwrap_or_default();
    &text[..end]
}

/// Normal form C, which core applies to every string it decodes.
pub(crate) fn normalised(text: String) -> String {
    if text.is_ascii() || is_nfc(&text) {
        text
    } else {
        text.nfc().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path;

    #[test]
    fn sets_know_no_order_and_no_duplicates() {
        let a = Value::set(["b".into(), "a".into(), "b".into()]);
        assert_eq!(a, Value::set(["a".into(), "b".into()]));
    }

    #[test]
    fn unknown_elements_of_a_set_do_not_collapse() {
        let Value::Set(elements) = Value::set([Value::UNKNOWN, Value::UNKNOWN]) else {
            panic!("a set")
        };
        assert_eq!(elements.len(), 2);
    }

    #[test]
    fn strings_are_normalised() {
        assert_eq!(Value::string("e\u{301}"), Value::string("\u{e9}"));
    }

    #[test]
    fn unknown_paths_stop_at_a_set() {
        let value = Value::object([
            ("a", Value::List(vec![Value::Null, Value::UNKNOWN])),
            ("s", Value::set([Value::object([("x", Value::UNKNOWN)])])),
        ]);
        assert_eq!(value.unknown_paths(), [path!("a", 1), path!("s")]);
        assert!(value.unknown_as_null().is_wholly_known());
    }

    #[test]
    fn a_path_leads_through_dynamic_wrapping() {
        let inner = Value::object([("x", 1.into())]);
        let value = Value::object([("d", Value::Dynamic(Box::new(Type::of(&inner)), Box::new(inner)))]);
        assert_eq!(value.get(&path!("d", "x")), Some(&1.into()));
    }
}
