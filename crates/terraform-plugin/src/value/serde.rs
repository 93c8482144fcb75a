//! Values in models: whatever kind of value, unchanged, through serde.
//!
//! Within this crate a value passes with its kind: sets stay sets, unknown values keep their refinements, values
//! in dynamic places their types. Other formats see what they can hold: a sequence, a map, null.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, EnumAccess, SeqAccess, VariantAccess, Visitor},
    ser::SerializeStruct,
};

use super::{
    Number, Refinement, Type, Value,
    json::{self, Strictness},
};

/// Name under which a [`Value`] asks the value deserializer for what it is.
pub(crate) const VALUE_TOKEN: &str = "$terraform_plugin::Value";
/// Names under which the value serializer is told what a sequence, a map or a text is.
pub(crate) const SET_TOKEN: &str = "$terraform_plugin::Set";
pub(crate) const OBJECT_TOKEN: &str = "$terraform_plugin::Object";
pub(crate) const DYNAMIC_TOKEN: &str = "$terraform_plugin::Dynamic";
pub(crate) const REFINED_TOKEN: &str = "$terraform_plugin::Refined";

/// The variants of a value, as they pass through serde.
pub(crate) const VARIANTS: &[&str] = &[
    "null", "unknown", "bool", "number", "string", "list", "set", "map", "object", "tuple", "dynamic",
];

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_none(),
            Self::Unknown(None) => serializer.serialize_unit_struct(crate::attr::UNKNOWN_TOKEN),
            Self::Unknown(Some(refinement)) => serializer.serialize_newtype_struct(
                REFINED_TOKEN,
                &serde_json::to_string(refinement).map_err(serde::ser::Error::custom)?,
            ),
            Self::Bool(value) => serializer.serialize_bool(*value),
            // Other formats hold whole numbers of 64 bits as such, and others as text.
            Self::Number(number) => match number.to_i64() {
                Some(whole) => serializer.serialize_i64(whole),
                None => number.serialize(serializer),
            },
            Self::String(text) => serializer.serialize_str(text),
            Self::List(inner) => inner.serialize(serializer),
            Self::Tuple(inner) => {
                let mut tuple = serializer.serialize_tuple(inner.len())?;
                for value in inner {
                    serde::ser::SerializeTuple::serialize_element(&mut tuple, value)?;
                }
                serde::ser::SerializeTuple::end(tuple)
            }
            Self::Set(inner) => {
                serializer.serialize_newtype_struct(SET_TOKEN, &inner.iter().collect::<Vec<_>>())
            }
            Self::Map(inner) => inner.serialize(serializer),
            Self::Object(inner) => serializer.serialize_newtype_struct(OBJECT_TOKEN, inner),
            Self::Dynamic(ty, value) => {
                serializer.serialize_newtype_struct(DYNAMIC_TOKEN, &Typed { ty, value })
            }
        }
    }
}

/// A value with its type, as state files have it.
struct Typed<'v> {
    ty: &'v Type,
    value: &'v Value,
}

impl Serialize for Typed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut typed = serializer.serialize_struct("Typed", 2)?;
        typed.serialize_field("value", self.value)?;
        typed.serialize_field("type", &String::from_utf8_lossy(&self.ty.to_json()))?;
        typed.end()
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(VALUE_TOKEN, Any)
    }
}

struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of any kind")
    }

    /// The value deserializer of this crate knows what it holds.
    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<Value, A::Error> {
        let (kind, content) = access.variant::<String>()?;
        match kind.as_str() {
            "null" => content.unit_variant().map(|()| Value::Null),
            "unknown" => {
                let json: String = content.newtype_variant()?;
                let refinement: Option<Box<Refinement>> =
                    serde_json::from_str(&json).map_err(de::Error::custom)?;
                Ok(Value::Unknown(refinement))
            }
            "bool" => content.newtype_variant().map(Value::Bool),
            "number" => content.newtype_variant().map(Value::Number),
            "string" => content.newtype_variant().map(Value::String),
            "list" => content.newtype_variant().map(Value::List),
            "tuple" => content.newtype_variant().map(Value::Tuple),
            "set" => content.newtype_variant::<Vec<Value>>().map(Value::set),
            "map" => content.newtype_variant().map(Value::Map),
            "object" => content.newtype_variant().map(Value::Object),
            "dynamic" => {
                struct Pair;

                impl<'de> Visitor<'de> for Pair {
                    type Value = Value;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("a type and a value")
                    }

                    fn visit_seq<A: SeqAccess<'de>>(self, mut pair: A) -> Result<Value, A::Error> {
                        let short = || de::Error::invalid_length(1, &"a type and a value");
                        let json: String = pair.next_element()?.ok_or_else(short)?;
                        let ty = Type::from_json(json.as_bytes()).map_err(de::Error::custom)?;
                        let value = pair.next_element()?.ok_or_else(short)?;
                        Ok(Value::Dynamic(Box::new(ty), Box::new(value)))
                    }
                }

                content.tuple_variant(2, Pair)
            }
            other => Err(de::Error::unknown_variant(other, VARIANTS)),
        }
    }

    /// Other formats hand over whatever they hold: whole numbers of 64 bits, and floats.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        from_json(serde_json::Value::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

fn from_json(json: serde_json::Value) -> Result<Value, String> {
    use serde_json::Value as Json;
    Ok(match json {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(value),
        Json::Number(number) => {
            let number: Result<Number, _> = number.to_string().parse();
            Value::Number(number.map_err(|err| err.to_string())?)
        }
        Json::String(text) => Value::string(text),
        Json::Array(inner) => Value::List(inner.into_iter().map(from_json).collect::<Result<_, _>>()?),
        Json::Object(mut inner) => match (inner.len(), inner.get("type"), inner.get("value")) {
            // What a value with its type was written as.
            (2, Some(Json::String(ty)), Some(_)) => {
                let ty = Type::from_json(ty.as_bytes()).map_err(|err| err.to_string())?;
                let json = inner.remove("value").unwrap_or_default().to_string();
                let value = json::decode(json.as_bytes(), &ty, Strictness::Exact);
                Value::Dynamic(Box::new(ty), Box::new(value.map_err(|err| err.to_string())?))
            }
            _ => {
                let inner = inner.into_iter().map(|(key, value)| Ok((key, from_json(value)?)));
                Value::map(inner.collect::<Result<BTreeMap<_, _>, String>>()?)
            }
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_formats_hold_what_they_can() {
        let value = Value::object([
            ("n", Value::from(3)),
            ("s", Value::set(["b".into(), "a".into()])),
            (
                "d",
                Value::Dynamic(
                    Box::new(Type::list(Type::Number)),
                    Box::new(Value::List(vec![1.into()])),
                ),
            ),
            ("u", Value::UNKNOWN),
        ]);
        let json = serde_json::to_value(&value).expect("JSON");
        let back: Value = serde_json::from_value(json).expect("a value");
        assert_eq!(back.get(&crate::path!("n")), value.get(&crate::path!("n")));
        assert_eq!(back.get(&crate::path!("d")), value.get(&crate::path!("d")));
        assert_eq!(back.get(&crate::path!("u")), Some(&Value::Null));
        assert_eq!(
            back.get(&crate::path!("s")),
            Some(&Value::List(vec!["a".into(), "b".into()]))
        );
    }
}
