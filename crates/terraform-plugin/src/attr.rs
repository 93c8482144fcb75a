//! One attribute of a model: known, null or not known yet.

use std::{fmt, marker::PhantomData};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    path::Path,
};

/// Name under which an [`Attr`] asks the value deserializer for its three cases.
pub(crate) const ATTR_TOKEN: &str = "$terraform_plugin::Attr";
/// Name under which an unknown [`Attr`] passes through the value serializer.
pub(crate) const UNKNOWN_TOKEN: &str = "$terraform_plugin::Unknown";

/// An attribute as Terraform sees it: it has a value, has none, or will have one once something was applied.
///
/// A plain `T` in a model says that the value is always there and known; `Option<T>` that it is never
/// unknown. Both are right only for what the provider itself records. Whatever can come from configuration is
/// an `Attr<T>`, an element of a list, set or map included: `Attr<Vec<Attr<String>>>`.
///
/// Models are derived structs whose fields have the attributes' names (`#[serde(rename)]` helps), and within
/// them structs, vectors, sets, maps and tuples. A field of any type of value is an `Attr<Value>`, a number of
/// any size an `Attr<Number>`, an enum of unit variants a string, and `()` the model of what has no attributes.
/// An `f64` or `f32` is the float nearest to a number. What fields cannot hold of a value (the further digits of a
/// number, the type of a null in a dynamic place, refinements) comes back where they are recorded as they were given.
/// A field of a type of one's own that writes a text otherwise than it reads it (`IpAddr`, `0:0::1`) needs an attribute
/// that says when two texts mean the same ([`same_if`](crate::schema::Attribute::same_if)).
/// `#[serde(flatten)]`, `#[serde(untagged)]` and enums with content do not work: serde reads those through a
/// buffer of its own, which knows nothing of unknown values.
///
/// Elsewhere than in this crate's own encoding (serde_json, say), unknown is written like null.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attr<T> {
    /// A value.
    Known(T),
    /// No value.
    #[default]
    Null,
    /// A value that is not known until something was applied.
    Unknown,
}

impl<T> Attr<T> {
    /// The value, if it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Null | Self::Unknown => None,
        }
    }

    /// The value, if it is known.
    pub fn into_known(self) -> Option<T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Null | Self::Unknown => None,
        }
    }

    /// The value, in a verb that cannot do without: there, everything in a configuration is known, and what the schema
    /// requires is there.
    ///
    /// # Errors
    /// It is null or unknown, which then is the provider's mistake. `path` says where.
    pub fn required(&self, path: Path) -> Result<&T, Diagnostics> {
        let what = match self {
            Self::Known(value) => return Ok(value),
            Self::Null => "null",
            Self::Unknown => "not known yet",
        };
        let detail = format!("The provider needs a value of {path}, which is {what}.");
        Err(Diagnostic::error("Missing value", detail).at(path).into())
    }

    /// Whether there is a value and it is known.
    pub fn is_known(&self) -> bool {
        matches!(self, Self::Known(_))
    }

    /// Whether there is no value.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether the value is not known yet.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// The same three cases, borrowed.
    pub fn as_ref(&self) -> Attr<&T> {
        match self {
            Self::Known(value) => Attr::Known(value),
            Self::Null => Attr::Null,
            Self::Unknown => Attr::Unknown,
        }
    }

    /// Applies `f` to a known value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Attr<U> {
        match self {
            Self::Known(value) => Attr::Known(f(value)),
            Self::Null => Attr::Null,
            Self::Unknown => Attr::Unknown,
        }
    }

    /// Applies `f` to a known value; `f` decides which case comes out.
    pub fn and_then<U>(self, f: impl FnOnce(T) -> Attr<U>) -> Attr<U> {
        match self {
            Self::Known(value) => f(value),
            Self::Null => Attr::Null,
            Self::Unknown => Attr::Unknown,
        }
    }

    /// `other` where this is null.
    #[must_use]
    pub fn or(self, other: Attr<T>) -> Self {
        if self.is_null() { other } else { self }
    }

    /// The value; `default` where it is null or unknown.
    pub fn unwrap_or(self, default: T) -> T {
        self.into_known().unwrap_or(default)
    }

    /// The value; `T`'s default where it is null or unknown.
    pub fn unwrap_or_default(self) -> T
    where
        T: Default,
    {
        self.into_known().unwrap_or_default()
    }
}

impl<T> Attr<T>
where
    T: std::ops::Deref,
{
    /// The three cases of what the value dereferences to: `Attr<String>` as `Attr<&str>`.
    pub fn as_deref(&self) -> Attr<&T::Target> {
        self.as_ref().map(|value| &**value)
    }
}

impl<T> From<T> for Attr<T> {
    fn from(value: T) -> Self {
        Self::Known(value)
    }
}

impl<T> From<Option<T>> for Attr<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::Known)
    }
}

impl From<&str> for Attr<String> {
    fn from(value: &str) -> Self {
        Self::Known(value.to_owned())
    }
}

impl<T: Serialize> Serialize for Attr<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Known(value) => value.serialize(serializer),
            Self::Null => serializer.serialize_none(),
            Self::Unknown => serializer.serialize_unit_struct(UNKNOWN_TOKEN),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Attr<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Cases<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> de::Visitor<'de> for Cases<T> {
            type Value = Attr<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value, null or unknown")
            }

            fn visit_none<E>(self) -> Result<Self::Value, E> {
                Ok(Attr::Null)
            }

            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Attr::Unknown)
            }

            // Other formats know nothing of the token and hand over what is there, null included.
            fn visit_newtype_struct<D: Deserializer<'de>>(
                self,
                deserializer: D,
            ) -> Result<Attr<T>, D::Error> {
                Option::<T>::deserialize(deserializer).map(Attr::from)
            }
        }

        deserializer.deserialize_newtype_struct(ATTR_TOKEN, Cases(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path;

    #[test]
    fn a_value_that_is_needed_is_named_where_it_is_not_there() {
        assert_eq!(Attr::Known(1).required(path!("size")), Ok(&1));
        for (absent, words) in [
            (Attr::<i64>::Null, "is null"),
            (Attr::Unknown, "is not known yet"),
        ] {
            let found = absent
                .required(path!("disk", "size"))
                .expect_err("refused")
                .to_string();
            assert!(found.contains("disk.size") && found.contains(words), "{found}");
        }
    }

    #[test]
    fn or_replaces_null_but_not_unknown() {
        assert_eq!(Attr::Null.or(Attr::Known(1)), Attr::Known(1));
        assert_eq!(Attr::Unknown.or(Attr::Known(1)), Attr::Unknown);
        assert_eq!(Attr::Known(2).or(Attr::Known(1)), Attr::Known(2));
    }

    #[test]
    fn other_formats_see_a_value_or_null() {
        let values: Vec<Attr<u8>> = serde_json::from_str("[1, null]").expect("JSON");
        assert_eq!(values, [Attr::Known(1), Attr::Null]);
        let text = serde_json::to_string(&[Attr::Known(1), Attr::Null, Attr::Unknown]).expect("JSON");
        assert_eq!(text, "[1,null,null]");
    }
}
