//! From a serde struct to a value, whose exact type the schema then decides.

use std::collections::BTreeMap;

use serde::ser::{self, Serialize};

use crate::{
    attr::UNKNOWN_TOKEN,
    path::Step,
    value::{
        DYNAMIC_TOKEN, NUMBER_TOKEN, Number, OBJECT_TOKEN, REFINED_TOKEN, SET_TOKEN, Type, Value,
        codec::CodecError,
    },
};

type Result<T> = std::result::Result<T, CodecError>;

impl ser::Error for CodecError {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self::new(message.to_string())
    }
}

pub(super) struct ValueSerializer;

fn unsupported<T>(what: &str) -> Result<T> {
    Err(CodecError::new(format!("{what} cannot be part of a model")))
}

impl ser::Serializer for ValueSerializer {
    type Ok = Value;
    type Error = CodecError;
    type SerializeSeq = Sequence;
    type SerializeTuple = Sequence;
    type SerializeTupleStruct = Sequence;
    type SerializeTupleVariant = ser::Impossible<Value, CodecError>;
    type SerializeMap = Entries;
    type SerializeStruct = Fields;
    type SerializeStructVariant = ser::Impossible<Value, CodecError>;

    fn serialize_bool(self, value: bool) -> Result<Value> {
        Ok(Value::Bool(value))
    }

    fn serialize_i8(self, value: i8) -> Result<Value> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<Value> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<Value> {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<Value> {
        Ok(Value::Number(value.into()))
    }

    fn serialize_u8(self, value: u8) -> Result<Value> {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<Value> {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<Value> {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<Value> {
        Ok(Value::Number(value.into()))
    }

    fn serialize_f32(self, value: f32) -> Result<Value> {
        Number::written_as_f32(value)
            .map(Value::Number)
            .map_err(ser::Error::custom)
    }

    fn serialize_f64(self, value: f64) -> Result<Value> {
        Number::written_as_f64(value)
            .map(Value::Number)
            .map_err(ser::Error::custom)
    }

    fn serialize_char(self, value: char) -> Result<Value> {
        Ok(Value::string(value))
    }

    fn serialize_str(self, value: &str) -> Result<Value> {
        Ok(Value::string(value))
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<Value> {
        unsupported("bytes")
    }

    fn serialize_none(self) -> Result<Value> {
        Ok(Value::Null)
    }

    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Result<Value> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value> {
        Ok(Value::Null)
    }

    fn serialize_unit_struct(self, name: &'static str) -> Result<Value> {
        if name == UNKNOWN_TOKEN {
            Ok(Value::UNKNOWN)
        } else {
            Ok(Value::Object(BTreeMap::new()))
        }
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Value> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: ?Sized + Serialize>(self, name: &'static str, value: &T) -> Result<Value> {
        match (name, value.serialize(self)?) {
            (NUMBER_TOKEN, Value::String(text)) => {
                text.parse().map(Value::Number).map_err(ser::Error::custom)
            }
            (SET_TOKEN, Value::List(inner)) => Ok(Value::set(inner)),
            (OBJECT_TOKEN, Value::Map(inner)) => Ok(Value::Object(inner)),
            (REFINED_TOKEN, Value::String(json)) => {
                let refinement = serde_json::from_str(&json).map_err(ser::Error::custom)?;
                Ok(Value::Unknown(Some(refinement)))
            }
            (DYNAMIC_TOKEN, Value::Object(mut typed)) => {
                let ty = match typed.get("type").and_then(Value::as_str) {
                    Some(json) => Type::from_json(json.as_bytes())?,
                    None => return unsupported("a value without its type"),
                };
                let value = typed.remove("value").unwrap_or(Value::Null);
                Ok(Value::Dynamic(Box::new(ty), Box::new(value)))
            }
            (_, value) => Ok(value),
        }
    }

    fn serialize_newtype_variant<T: ?Sized + Serialize>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<Value> {
        unsupported("an enum variant with a value")
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Sequence> {
        Ok(Sequence {
            elements: Vec::with_capacity(length.unwrap_or(0)),
            tuple: false,
        })
    }

    fn serialize_tuple(self, length: usize) -> Result<Sequence> {
        Ok(Sequence {
            elements: Vec::with_capacity(length),
            tuple: true,
        })
    }

    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<Sequence> {
        self.serialize_tuple(length)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant> {
        unsupported("an enum variant with values")
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Entries> {
        Ok(Entries {
            key: String::new(),
            entries: BTreeMap::new(),
        })
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Fields> {
        Ok(Fields(BTreeMap::new()))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant> {
        unsupported("an enum variant with fields")
    }
}

pub(super) struct Sequence {
    elements: Vec<Value>,
    tuple: bool,
}

impl Sequence {
    fn push<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<()> {
        let index = i64::try_from(self.elements.len()).unwrap_or(i64::MAX);
        self.elements
            .push(value.serialize(ValueSerializer).map_err(|err| err.below(index))?);
        Ok(())
    }

    fn finish(self) -> Value {
        if self.tuple {
            Value::Tuple(self.elements)
        } else {
            Value::List(self.elements)
        }
    }
}

impl ser::SerializeSeq for Sequence {
    type Ok = Value;
    type Error = CodecError;

    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<()> {
        self.push(value)
    }

    fn end(self) -> Result<Value> {
        Ok(self.finish())
    }
}

impl ser::SerializeTuple for Sequence {
    type Ok = Value;
    type Error = CodecError;

    fn serialize_element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<()> {
        self.push(value)
    }

    fn end(self) -> Result<Value> {
        Ok(self.finish())
    }
}

impl ser::SerializeTupleStruct for Sequence {
    type Ok = Value;
    type Error = CodecError;

    fn serialize_field<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<()> {
        self.push(value)
    }

    fn end(self) -> Result<Value> {
        Ok(self.finish())
    }
}

pub(super) struct Entries {
    key: String,
    entries: BTreeMap<String, Value>,
}

impl ser::SerializeMap for Entries {
    type Ok = Value;
    type Error = CodecError;

    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> Result<()> {
        match key.serialize(ValueSerializer)? {
            Value::String(key) => self.key = key,
            _ => return unsupported("a map whose keys are no strings"),
        }
        Ok(())
    }

    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<()> {
        let key = std::mem::take(&mut self.key);
        let value = value
            .serialize(ValueSerializer)
            .map_err(|err| err.below(Step::key(&key)))?;
        if self.entries.insert(key.clone(), value).is_some() {
            return Err(CodecError::new("the same key twice, once normalised").below(Step::Key(key)));
        }
        Ok(())
    }

    fn end(self) -> Result<Value> {
        Ok(Value::Map(self.entries))
    }
}

pub(super) struct Fields(BTreeMap<String, Value>);

impl ser::SerializeStruct for Fields {
    type Ok = Value;
    type Error = CodecError;

    fn serialize_field<T: ?Sized + Serialize>(&mut self, name: &'static str, value: &T) -> Result<()> {
        let value = value.serialize(ValueSerializer).map_err(|err| err.below(name))?;
        self.0.insert(name.to_owned(), value);
        Ok(())
    }

    fn end(self) -> Result<Value> {
        Ok(Value::Object(self.0))
    }
}
