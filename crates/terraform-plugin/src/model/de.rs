//! From a value to a serde struct.

mod whole;

use std::{collections::btree_map, fmt, slice};

use serde::{
    Deserializer,
    de::{
        self, DeserializeSeed, IntoDeserializer, Visitor,
        value::{MapDeserializer, StrDeserializer},
    },
    forward_to_deserialize_any,
};

use crate::{
    attr::ATTR_TOKEN,
    path::{Path, Step},
    value::{NUMBER_TOKEN, Number, VALUE_TOKEN, Value, codec::CodecError},
};

/// Why a value is not the model, and whether that lies in the shape of the model or in what the value says.
#[derive(Debug)]
pub(super) struct Error {
    inner: CodecError,
    mismatch: bool,
    buffered: bool,
}

impl Error {
    fn mismatch(message: impl Into<String>) -> Self {
        Self {
            inner: CodecError::new(message),
            mismatch: true,
            buffered: false,
        }
    }

    fn below(self, step: impl Into<Step>) -> Self {
        Self {
            inner: self.inner.below(step),
            ..self
        }
    }

    pub(super) fn is_mismatch(&self) -> bool {
        self.mismatch
    }

    /// Where in the value.
    pub(super) fn path(&self) -> &Path {
        &self.inner.path
    }

    /// Whether serde reads the field through its own buffer (`flatten`, `untagged`, tagged enums), which passes on
    /// nothing of what is null or unknown.
    pub(super) fn is_buffered(&self) -> bool {
        self.buffered
    }

    pub(super) fn into_codec(self) -> CodecError {
        CodecError {
            of_value: !self.mismatch,
            ..self.inner
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl std::error::Error for Error {}

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self {
            inner: CodecError::new(message.to_string()),
            mismatch: false,
            buffered: false,
        }
    }

    // serde's own text would quote the value, which may be secret.
    fn invalid_type(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        let found = match found {
            de::Unexpected::Bool(_) => "a bool",
            de::Unexpected::Unsigned(_) | de::Unexpected::Signed(_) | de::Unexpected::Float(_) => "a number",
            de::Unexpected::Str(_) => "a string",
            de::Unexpected::Seq => "a list, set or tuple",
            de::Unexpected::Map => "a map or object",
            _ => "another kind of value",
        };
        Self::mismatch(format!("the schema has {found} where the model has {expected}"))
    }

    fn invalid_value(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::custom(format_args!("must be {expected}"))
    }

    fn invalid_length(length: usize, expected: &dyn de::Expected) -> Self {
        Self::mismatch(format!("{length} elements where the model has {expected}"))
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::custom(format_args!("must be one of: {}", expected.join(", ")))
    }

    fn unknown_field(field: &str, _: &'static [&'static str]) -> Self {
        Self::mismatch(format!("the model has no field for the attribute `{field}`"))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::mismatch(format!(
            "the schema has no attribute for the model's field `{field}`"
        ))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::mismatch(format!("the attribute `{field}` twice"))
    }
}

type Result<T> = std::result::Result<T, Error>;

/// Whole numbers are told their range in the words of [`schema::int32`](crate::schema::int32) and its like.
macro_rules! integers {
    ($($method:ident: $int:ty),* $(,)?) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            let Value::Number(number) = self.0.plain() else {
                return self.deserialize_any(visitor);
            };
            if !number.is_integer() {
                return Err(de::Error::custom("must be a whole number"));
            }
            let whole = number.to_i64().map(i128::from).or_else(|| number.to_u64().map(i128::from));
            if whole.is_none_or(|whole| <$int>::try_from(whole).is_err()) {
                let rule = format!("must be a whole number from {} to {}", <$int>::MIN, <$int>::MAX);
                return Err(de::Error::custom(rule));
            }
            visit_number(number, visitor)
        }
    )*};
}

#[derive(Clone, Copy)]
pub(super) struct ValueDeserializer<'de>(pub(super) &'de Value);

impl<'de> Deserializer<'de> for ValueDeserializer<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0 {
            Value::Null => Err(cannot_hold("null", &visitor)),
            Value::Unknown(_) => Err(cannot_hold("unknown", &visitor)),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(number) => visit_number(number, visitor),
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::List(inner) | Value::Tuple(inner) => visit_elements(inner, visitor),
            Value::Set(inner) => visit_elements_of(inner.iter(), visitor),
            Value::Map(inner) | Value::Object(inner) => {
                let is_map = matches!(self.0, Value::Map(_));
                visitor.visit_map(Entries {
                    inner: inner.iter(),
                    next: None,
                    is_map,
                })
            }
            Value::Dynamic(_, value) => Self(value).deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0.plain() {
            Value::Null => visitor.visit_none(),
            Value::Unknown(_) => Err(Error::mismatch("is unknown, which an Option cannot hold")),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value> {
        match (name, self.0.plain()) {
            (ATTR_TOKEN, Value::Null) => visitor.visit_none(),
            (ATTR_TOKEN, Value::Unknown(_)) => visitor.visit_unit(),
            (NUMBER_TOKEN, Value::Number(number)) => visitor.visit_string(number.to_string()),
            (NUMBER_TOKEN, _) => self.deserialize_any(visitor),
            (VALUE_TOKEN, _) => visitor.visit_enum(whole::Kind(self.0)),
            _ => visitor.visit_newtype_struct(self),
        }
    }

    // A struct's fields and the attributes have to be the same; serde alone ignores attributes without a
    // field.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        if let Value::Object(attributes) = self.0.plain() {
            if let Some(extra) = attributes.keys().find(|name| !fields.contains(&name.as_str())) {
                return Err(de::Error::unknown_field(extra, fields));
            }
            // An `Option` field without an attribute would silently be none.
            if let Some(missing) = fields.iter().find(|field| !attributes.contains_key(**field)) {
                return Err(de::Error::missing_field(missing));
            }
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        match self.0.plain() {
            Value::String(text) => {
                let text: StrDeserializer<'_, Error> = text.as_str().into_deserializer();
                text.deserialize_enum(name, variants, visitor)
            }
            Value::Null | Value::Unknown(_) => self.deserialize_any(visitor),
            other => Err(Error::mismatch(format!(
                "the schema has {} where the model has an enum",
                other.kind()
            ))),
        }
    }

    // `()` and unit structs are models of what has no attributes.
    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.0.plain() {
            Value::Object(attributes) => match attributes.keys().next() {
                Some(extra) => Err(de::Error::unknown_field(extra, &[])),
                None => visitor.visit_unit(),
            },
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_unit()
    }

    integers! {
        deserialize_i8: i8, deserialize_i16: i16, deserialize_i32: i32, deserialize_i64: i64,
        deserialize_u8: u8, deserialize_u16: u16, deserialize_u32: u32, deserialize_u64: u64,
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.float(visitor, 32, |number| number.to_f32().into())
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.float(visitor, 64, Number::to_f64)
    }

    forward_to_deserialize_any! {
        bool i128 u128 char str string bytes byte_buf seq tuple tuple_struct map identifier
    }
}

impl<'de> ValueDeserializer<'de> {
    /// The nearest float. Digits that it does not keep come back where the model is written again (`plan::carry`).
    fn float<V: Visitor<'de>>(
        self,
        visitor: V,
        bits: u8,
        nearest: impl Fn(&Number) -> f64,
    ) -> Result<V::Value> {
        let Value::Number(number) = self.0.plain() else {
            return self.deserialize_any(visitor);
        };
        let float = nearest(number);
        if float.is_infinite() && number.is_finite() {
            let rule = format!("must be within the range of a {bits}-bit floating-point number");
            return Err(de::Error::custom(rule));
        }
        visitor.visit_f64(float)
    }
}

/// How serde's own buffer calls what it takes.
const BUFFERED: &str = "any value";

fn cannot_hold(what: &str, field: &dyn de::Expected) -> Error {
    Error {
        buffered: field.to_string() == BUFFERED,
        ..Error::mismatch(format!("is {what}, which the provider's model cannot hold"))
    }
}

fn visit_number<'de, V: Visitor<'de>>(number: &Number, visitor: V) -> Result<V::Value> {
    if let Some(whole) = number.to_i64() {
        visitor.visit_i64(whole)
    } else if let Some(whole) = number.to_u64() {
        visitor.visit_u64(whole)
    } else {
        visitor.visit_f64(number.to_f64())
    }
}

fn visit_elements<'de, V: Visitor<'de>>(elements: &'de [Value], visitor: V) -> Result<V::Value> {
    visit_elements_of(elements.iter(), visitor)
}

fn visit_elements_of<'de, V: Visitor<'de>>(
    elements: slice::Iter<'de, Value>,
    visitor: V,
) -> Result<V::Value> {
    let length = elements.len();
    let mut access = Sequence { elements, index: 0 };
    let value = visitor.visit_seq(&mut access)?;
    if access.elements.len() > 0 {
        return Err(Error::mismatch(format!(
            "{length} elements, more than the model has"
        )));
    }
    Ok(value)
}

struct Sequence<'de> {
    elements: slice::Iter<'de, Value>,
    index: i64,
}

impl<'de> de::SeqAccess<'de> for &mut Sequence<'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        let Some(value) = self.elements.next() else {
            return Ok(None);
        };
        let index = self.index;
        self.index += 1;
        element(value, seed).map(Some).map_err(|err| err.below(index))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.elements.len())
    }
}

struct Entries<'de> {
    inner: btree_map::Iter<'de, String, Value>,
    next: Option<(&'de str, &'de Value)>,
    is_map: bool,
}

impl<'de> de::MapAccess<'de> for Entries<'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        let Some((key, value)) = self.inner.next() else {
            return Ok(None);
        };
        self.next = Some((key, value));
        let key: StrDeserializer<'_, Error> = key.as_str().into_deserializer();
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        let Some((key, value)) = self.next.take() else {
            return Err(de::Error::custom("a value was asked for before its key"));
        };
        if self.is_map {
            return element(value, seed).map_err(|err| err.below(Step::key(key)));
        }
        seed.deserialize(ValueDeserializer(value))
            .map_err(|err| err.below(Step::from(key)))
    }
}

/// What is wrong with a null in a collection of what cannot be null. No schema says that such elements are null or not, so
/// that this is for the user to hear, and no mistake of the model.
pub(crate) const NULL_ELEMENT: &str = "must not be null";

/// An element of a collection.
fn element<'de, S: DeserializeSeed<'de>>(value: &'de Value, seed: S) -> Result<S::Value> {
    match value.plain() {
        Value::Unknown(_) => seed.deserialize(UnknownElement(value)),
        Value::Null => seed.deserialize(ValueDeserializer(value)).map_err(|err| {
            if err.is_mismatch() && err.path().is_root() && !err.is_buffered() {
                return de::Error::custom(NULL_ELEMENT);
            }
            err
        }),
        _ => seed.deserialize(ValueDeserializer(value)),
    }
}

/// An element that is not known yet. A struct can hold it, if each of its fields can: they are all unknown then. A
/// plan has it as one again (`plan::rewrite`).
#[derive(Clone, Copy)]
struct UnknownElement<'de>(&'de Value);

impl<'de> Deserializer<'de> for UnknownElement<'de> {
    type Error = Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        let fields = fields
            .iter()
            .map(|field| (*field, ValueDeserializer(&Value::UNKNOWN)));
        visitor.visit_map(MapDeserializer::new(fields))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value> {
        match name {
            ATTR_TOKEN | NUMBER_TOKEN | VALUE_TOKEN => {
                ValueDeserializer(self.0).deserialize_newtype_struct(name, visitor)
            }
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        ValueDeserializer(self.0).deserialize_option(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_unit()
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        ValueDeserializer(self.0).deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map enum identifier
    }
}

impl<'de> IntoDeserializer<'de, Error> for ValueDeserializer<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}
