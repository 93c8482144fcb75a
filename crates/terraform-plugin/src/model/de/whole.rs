//! A value for a field that takes whatever kind of value there is.

use serde::de::{
    self, DeserializeSeed, IntoDeserializer, Visitor,
    value::{StrDeserializer, StringDeserializer},
};

use super::{Error, Result, ValueDeserializer};
use crate::value::Value;

/// A value that tells its kind before its content.
pub(super) struct Kind<'de>(pub(super) &'de Value);

impl<'de> de::EnumAccess<'de> for Kind<'de> {
    type Error = Error;
    type Variant = Content<'de>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Content<'de>)> {
        let kind = match self.0 {
            Value::Null => "null",
            Value::Unknown(_) => "unknown",
            Value::Bool(_) => "bool",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::List(_) => "list",
            Value::Set(_) => "set",
            Value::Map(_) => "map",
            Value::Object(_) => "object",
            Value::Tuple(_) => "tuple",
            Value::Dynamic(..) => "dynamic",
        };
        let text: StrDeserializer<'_, Error> = kind.into_deserializer();
        Ok((seed.deserialize(text)?, Content(self.0)))
    }
}

pub(super) struct Content<'de>(&'de Value);

impl<'de> de::VariantAccess<'de> for Content<'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<()> {
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value> {
        match self.0 {
            Value::Unknown(refinement) => {
                let json = serde_json::to_string(refinement).map_err(de::Error::custom)?;
                let text: StringDeserializer<Error> = json.into_deserializer();
                seed.deserialize(text)
            }
            value => seed.deserialize(ValueDeserializer(value)),
        }
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value> {
        match self.0 {
            Value::Dynamic(ty, value) => visitor.visit_seq(Typed {
                ty: Some(String::from_utf8_lossy(&ty.to_json()).into_owned()),
                value: Some(value),
            }),
            value => Err(Error::mismatch(format!(
                "{} has no type of its own",
                value.kind()
            ))),
        }
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value> {
        Err(Error::mismatch("a value has no variant with fields"))
    }
}

/// First the type, then the value.
struct Typed<'de> {
    ty: Option<String>,
    value: Option<&'de Value>,
}

impl<'de> de::SeqAccess<'de> for Typed<'de> {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>> {
        if let Some(ty) = self.ty.take() {
            let text: StringDeserializer<Error> = ty.into_deserializer();
            return seed.deserialize(text).map(Some);
        }
        match self.value.take() {
            Some(value) => seed.deserialize(ValueDeserializer(value)).map(Some),
            None => Ok(None),
        }
    }
}
