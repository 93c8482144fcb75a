//! A function's arguments as a tuple, or as a struct with a field for each parameter.

use serde::{
    Deserializer,
    de::{DeserializeOwned, Visitor},
    forward_to_deserialize_any,
};

use super::de::{Error, NULL_ELEMENT, ValueDeserializer};
use crate::value::{
    Value,
    codec::{CodecError, Result},
};

/// The arguments as a model. `names` are the parameters', the variadic one's last, if there is one.
pub(crate) fn decode<'a, A: DeserializeOwned>(
    names: impl Iterator<Item = &'a str>,
    variadic: bool,
    arguments: Vec<Value>,
) -> Result<A> {
    read(names, variadic, arguments).map_err(Error::into_codec)
}

/// Whether a model can hold these arguments at all, as [`super::check`] does it.
pub(crate) fn check<'a, A: DeserializeOwned>(
    names: impl Iterator<Item = &'a str>,
    variadic: bool,
    arguments: Vec<Value>,
) -> Option<CodecError> {
    let err = read::<A>(names, variadic, arguments).err()?;
    // Only a parameter that may be null has one in a sample.
    let (mismatch, err) = (err.is_mismatch(), err.into_codec());
    (mismatch || err.message == NULL_ELEMENT).then_some(err)
}

fn read<'a, A: DeserializeOwned>(
    names: impl Iterator<Item = &'a str>,
    variadic: bool,
    mut arguments: Vec<Value>,
) -> std::result::Result<A, Error> {
    let names: Vec<&str> = names.collect();
    if variadic {
        let rest = arguments.split_off(arguments.len().min(names.len() - 1));
        arguments.push(Value::List(rest));
    }
    A::deserialize(Arguments {
        named: &Value::object(names.into_iter().zip(arguments.iter().cloned())),
        in_order: &Value::Tuple(arguments),
    })
}

/// The same arguments in both forms; the model says which one it wants.
struct Arguments<'de> {
    named: &'de Value,
    in_order: &'de Value,
}

impl<'de> Deserializer<'de> for Arguments<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> std::result::Result<V::Value, Error> {
        ValueDeserializer(self.in_order).deserialize_any(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> std::result::Result<V::Value, Error> {
        ValueDeserializer(self.named).deserialize_struct(name, fields, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> std::result::Result<V::Value, Error> {
        ValueDeserializer(self.named).deserialize_map(visitor)
    }

    /// `()` is the tuple of no arguments.
    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> std::result::Result<V::Value, Error> {
        match self.in_order {
            Value::Tuple(arguments) if arguments.is_empty() => visitor.visit_unit(),
            arguments => ValueDeserializer(arguments).deserialize_any(visitor),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit_struct seq
        tuple tuple_struct newtype_struct enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Attr;

    #[test]
    fn variadic_arguments_that_may_be_null_need_room_for_it() {
        let names = || ["all"].into_iter();
        let null = || vec![Value::Null];
        assert!(check::<(Vec<String>,)>(names(), true, null()).is_some());
        assert_eq!(check::<(Vec<Attr<String>>,)>(names(), true, null()), None);
    }
}
