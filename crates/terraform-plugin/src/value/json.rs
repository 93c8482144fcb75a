//! Values as JSON, the encoding of stored state.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use super::{
    MAX_DEPTH, Type, Value,
    codec::{CodecError, Result, check_depth},
    normalised,
};
use crate::path::Step;

/// What to do with object attributes that the type does not have, or that are not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// Both are errors.
    Exact,
    /// The first are dropped, the second are null: state that an older provider of the same schema version
    /// wrote.
    Lenient,
}

/// Reads a value of type `ty`. The text of an error never quotes the value.
pub(crate) fn decode(json: &[u8], ty: &Type, strictness: Strictness) -> Result<Value> {
    let seed = Seed {
        ty,
        strictness,
        depth: 0,
    };
    let mut reader = serde_json::Deserializer::from_slice(json);
    let value = seed.deserialize(&mut reader).map_err(unquoted)?;
    reader.end().map_err(unquoted)?;
    Ok(value)
}

fn unquoted(err: serde_json::Error) -> CodecError {
    let (line, column) = (err.line(), err.column());
    if err.is_eof() {
        return CodecError::new("the JSON ends in the middle of a value");
    }
    if !err.is_data() {
        return CodecError::new(format!("no JSON at line {line} column {column}"));
    }
    let text = err.to_string();
    // serde's own messages quote what they found; this module's say kinds and names, and no values.
    let quotes = ["invalid ", "unknown ", "missing ", "duplicate "]
        .iter()
        .any(|word| text.starts_with(word));
    CodecError::new(if quotes {
        format!("a value of another type than the schema's at line {line} column {column}")
    } else {
        text
    })
}

/// Writes a value of type `ty`. Unknown values cannot be written.
pub(crate) fn encode(value: &Value, ty: &Type) -> Result<serde_json::Value> {
    write(value, ty, 0)
}

#[derive(Clone, Copy)]
struct Seed<'t> {
    ty: &'t Type,
    strictness: Strictness,
    depth: usize,
}

impl<'t> Seed<'t> {
    fn inner(self, ty: &'t Type) -> Self {
        Self {
            ty,
            depth: self.depth + 1,
            ..self
        }
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<Value, D::Error> {
        if self.depth > MAX_DEPTH {
            return Err(de::Error::custom(format_args!(
                "nested more than {MAX_DEPTH} levels deep"
            )));
        }
        match self.ty {
            // serde_json keeps the digits of a number only for its own type.
            Type::Number => match Option::<Digits>::deserialize(deserializer)? {
                Some(digits) => digits.0.parse().map(Value::Number).map_err(de::Error::custom),
                None => Ok(Value::Null),
            },
            Type::Dynamic => match Option::<Wrapped>::deserialize(deserializer)? {
                Some(Wrapped { ty, value }) => {
                    let ty = Type::from_json(ty.get().as_bytes()).map_err(de::Error::custom)?;
                    let seed = self.inner(&ty);
                    let mut reader = serde_json::Deserializer::from_str(value.get());
                    let value = seed.deserialize(&mut reader).map_err(de::Error::custom)?;
                    Ok(Value::Dynamic(Box::new(ty), Box::new(value)))
                }
                None => Ok(Value::Null),
            },
            _ => deserializer.deserialize_any(self),
        }
    }
}

/// The digits of a number, which may also be written as a string.
struct Digits(String);

impl<'de> Deserialize<'de> for Digits {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        if raw.get().starts_with('"') {
            serde_json::from_str(raw.get())
                .map(Self)
                .map_err(de::Error::custom)
        } else {
            Ok(Self(raw.get().to_owned()))
        }
    }
}

/// A value with its type, in whichever order they come. Both are read by themselves: serde_json counts how deep it
/// is in a text, and a type that can be read alone must be one here, too.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wrapped {
    #[serde(rename = "type")]
    ty: Box<RawValue>,
    value: Box<RawValue>,
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.ty)
    }

    fn visit_unit<E>(self) -> std::result::Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> std::result::Result<Value, E> {
        match self.ty {
            Type::Bool => Ok(Value::Bool(value)),
            ty => Err(E::custom(format_args!("a bool instead of {ty}"))),
        }
    }

    fn visit_str<E: de::Error>(self, text: &str) -> std::result::Result<Value, E> {
        match self.ty {
            Type::String => Ok(Value::string(text)),
            ty => Err(E::custom(format_args!("a string instead of {ty}"))),
        }
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> std::result::Result<Value, E> {
        Err(E::custom(format_args!("a number instead of {}", self.ty)))
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> std::result::Result<Value, E> {
        self.visit_i64(0)
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> std::result::Result<Value, E> {
        self.visit_i64(0)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> std::result::Result<Value, A::Error> {
        let mut elements = Vec::new();
        match self.ty {
            Type::List(ty) | Type::Set(ty) => {
                while let Some(value) = seq.next_element_seed(self.inner(ty))? {
                    elements.push(value);
                }
            }
            Type::Tuple(types) => {
                for ty in types {
                    let value = seq.next_element_seed(self.inner(ty))?;
                    elements.push(value.ok_or_else(|| de::Error::custom("a tuple with too few elements"))?);
                }
                if seq.next_element::<IgnoredAny>()?.is_some() {
                    return Err(de::Error::custom("a tuple with too many elements"));
                }
                return Ok(Value::Tuple(elements));
            }
            ty => return Err(de::Error::custom(format_args!("an array instead of {ty}"))),
        }
        Ok(if matches!(self.ty, Type::Set(_)) {
            Value::set(elements)
        } else {
            Value::List(elements)
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Value, A::Error> {
        let mut inner = BTreeMap::new();
        match self.ty {
            Type::Map(ty) => {
                while let Some(key) = map.next_key::<String>()? {
                    let value = map.next_value_seed(self.inner(ty))?;
                    if inner.insert(normalised(key), value).is_some() {
                        return Err(de::Error::custom("the same key twice"));
                    }
                }
                Ok(Value::Map(inner))
            }
            Type::Object(attributes) => {
                while let Some(name) = map.next_key::<String>()? {
                    let name = normalised(name);
                    match attributes.get(&name) {
                        Some(ty) => {
                            let value = map.next_value_seed(self.inner(ty))?;
                            if inner.insert(name.clone(), value).is_some() {
                                return Err(de::Error::custom(format_args!("the attribute `{name}` twice")));
                            }
                        }
                        None if self.strictness == Strictness::Lenient => {
                            map.next_value::<IgnoredAny>()?;
                        }
                        None => return Err(de::Error::custom(format_args!("`{name}` is not in the schema"))),
                    }
                }
                for name in attributes
                    .keys()
                    .filter(|_| self.strictness == Strictness::Lenient)
                {
                    inner.entry(name.clone()).or_insert(Value::Null);
                }
                match attributes.keys().find(|name| !inner.contains_key(*name)) {
                    Some(missing) => Err(de::Error::custom(format_args!("`{missing}` is missing"))),
                    None => Ok(Value::Object(inner)),
                }
            }
            ty => Err(de::Error::custom(format_args!(
                "an object or a number instead of {ty}"
            ))),
        }
    }
}

fn write(value: &Value, ty: &Type, depth: usize) -> Result<serde_json::Value> {
    use serde_json::Value as Json;

    check_depth(depth)?;
    let elements = |inner: &mut dyn Iterator<Item = (&Value, &Type)>| -> Result<Json> {
        (0..)
            .zip(inner)
            .map(|(i, (value, ty))| write(value, ty, depth + 1).map_err(|err| err.below(Step::Index(i))))
            .collect::<Result<_>>()
            .map(Json::Array)
    };
    Ok(match (value, ty) {
        (Value::Null, _) => Json::Null,
        (Value::Unknown(_), _) => return Err(CodecError::new("is unknown, which JSON cannot say")),
        (Value::Bool(value), Type::Bool) => Json::Bool(*value),
        (Value::Number(number), Type::Number) => Json::Number(match number.to_i64() {
            Some(whole) => whole.into(),
            None => number
                .to_string()
                .parse()
                .map_err(|_| CodecError::new("is infinite"))?,
        }),
        (Value::String(text), Type::String) => Json::String(text.clone()),
        (Value::List(inner), Type::List(ty)) => {
            elements(&mut inner.iter().map(|value| (value, ty.as_ref())))?
        }
        (Value::Set(inner), Type::Set(ty)) => elements(&mut inner.iter().map(|value| (value, ty.as_ref())))?,
        (Value::Tuple(inner), Type::Tuple(types)) if inner.len() == types.len() => {
            elements(&mut inner.iter().zip(types))?
        }
        (Value::Map(inner), Type::Map(ty)) => Json::Object(
            inner
                .iter()
                .map(|(key, value)| {
                    let value = write(value, ty, depth + 1).map_err(|err| err.below(Step::key(key)))?;
                    Ok((key.clone(), value))
                })
                .collect::<Result<_>>()?,
        ),
        (Value::Object(inner), Type::Object(attributes)) => Json::Object(
            attributes
                .iter()
                .map(|(name, ty)| {
                    let value = inner
                        .get(name)
                        .ok_or_else(|| CodecError::new("is missing").below(name))?;
                    Ok((
                        name.clone(),
                        write(value, ty, depth + 1).map_err(|err| err.below(name))?,
                    ))
                })
                .collect::<Result<_>>()?,
        ),
        (Value::Dynamic(ty, value), Type::Dynamic) => {
            let json = serde_json::to_value(ty).map_err(|err| CodecError::new(err.to_string()))?;
            serde_json::json!({ "value": write(value, ty, depth + 1)?, "type": json })
        }
        (value, ty) => return Err(CodecError::new(format!("is {} instead of {ty}", value.kind()))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ty() -> Type {
        Type::object([
            ("n", Type::Number),
            ("s", Type::set(Type::String)),
            ("m", Type::map(Type::tuple([Type::Bool, Type::String]))),
            ("d", Type::Dynamic),
        ])
    }

    #[test]
    fn json_reads_as_state_is_stored() {
        let json = r#"{"n":123456789012345678901234567890.5,"s":["b","a","b"],"m":{"k":[true,null]},
                       "d":{"value":{"x":1e2},"type":["object",{"x":"number"}]}}"#;
        let value = decode(json.as_bytes(), &ty(), Strictness::Exact).expect("value");
        assert_eq!(
            value.attribute("n"),
            Some(&Value::Number(
                "123456789012345678901234567890.5".parse().expect("number")
            ))
        );
        assert_eq!(value.attribute("s"), Some(&Value::set(["a".into(), "b".into()])));
        assert_eq!(value.get(&crate::path!("d", "x")), Some(&100.into()));
        let again = encode(&value, &ty()).expect("JSON").to_string();
        assert_eq!(decode(again.as_bytes(), &ty(), Strictness::Exact), Ok(value));
    }

    #[test]
    fn state_of_the_same_version_may_have_other_attributes() {
        let json = br#"{"n":1,"gone":{"deep":[1]},"s":null,"m":null}"#;
        assert!(decode(json, &ty(), Strictness::Exact).is_err());
        let value = decode(json, &ty(), Strictness::Lenient).expect("value");
        assert_eq!(value.attribute("d"), Some(&Value::Null));
        assert_eq!(value.attribute("gone"), None);
    }

    #[test]
    fn a_number_may_be_a_string_with_escapes() {
        let read = |json: &str| decode(json.as_bytes(), &Type::Number, Strictness::Exact);
        assert_eq!(read(r#""12.50""#), read("12.5"));
        assert_eq!(read(r#""\u0031""#), read("1"));
        assert!(read(r#""1" "#).is_ok() && read(r#""1""2""#).is_err());
    }

    #[test]
    fn a_type_within_a_value_may_be_as_deep_as_alone() {
        let ty = (0..62).fold(Type::Bool, |ty, _| Type::object([("a", ty)]));
        assert_eq!(Type::from_json(&ty.to_json()).as_ref(), Ok(&ty));
        let value = Value::Dynamic(Box::new(ty), Box::new(Value::Null));
        let json = encode(&value, &Type::Dynamic).expect("JSON").to_string();
        assert_eq!(
            decode(json.as_bytes(), &Type::Dynamic, Strictness::Exact),
            Ok(value)
        );
    }

    #[test]
    fn hostile_json_is_an_error() {
        let deep = "[".repeat(100_000);
        let mut nested = String::from("null");
        for _ in 0..200 {
            nested = format!(r#"{{"value":{nested},"type":"dynamic"}}"#);
        }
        for (json, ty) in [
            ("", Type::String),
            ("\"a", Type::String),
            ("\"a\" \"b\"", Type::String),
            ("1", Type::String),
            ("\"x\"", Type::Number),
            ("1e999999999", Type::Number),
            ("true", Type::Number),
            (r#"{"a":1,"a":2}"#, Type::map(Type::Number)),
            (r#"{"a":1,"a":2}"#, Type::object([("a", Type::Number)])),
            (r#"{"value":1}"#, Type::Dynamic),
            (
                r#"{"value":{"a":1,"a":2},"type":["map","number"]}"#,
                Type::Dynamic,
            ),
            ("[1]", Type::tuple([])),
            (deep.as_str(), Type::list(Type::String)),
            (nested.as_str(), Type::Dynamic),
        ] {
            let shown = &json[..json.len().min(40)];
            assert!(
                decode(json.as_bytes(), &ty, Strictness::Exact).is_err(),
                "{shown}"
            );
        }
    }

    #[test]
    fn errors_do_not_quote_what_may_be_secret() {
        for json in [
            r#"{"n":"hunter2"}"#,
            r#"{"s":"hunter2"}"#,
            r#"{"s":["hunter2" x]}"#,
            r#"{"d":"hunter2"}"#,
        ] {
            let err = decode(json.as_bytes(), &ty(), Strictness::Lenient).expect_err("refused");
            assert!(!err.to_string().contains("hunter2"), "{err}");
        }
    }
}
