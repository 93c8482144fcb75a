//! JSON as a value of a type.
//!
//! State may have been written under another type of the same attribute: a number that became a string needs no new
//! schema version in other frameworks, whose readers turn one primitive type into another (terraform-plugin-go,
//! tftypes). Such state is rare, so it is read a second time, and only once the first way failed.

use std::{cell::RefCell, collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::{
    path::Step,
    value::{
        MAX_DEPTH, Type, Value,
        codec::{CodecError, Result},
        normalised,
    },
};

/// What to do with what does not fit the type exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// All of it is an error.
    Exact,
    /// State that another version of the provider wrote: object attributes that the type does not have are dropped,
    /// those that are not there are null, and strings, numbers and bools become each other where one text says both.
    Lenient,
}

/// Reads a value of type `ty`. The text of an error never quotes the value.
pub(crate) fn decode(json: &[u8], ty: &Type, strictness: Strictness) -> Result<Value> {
    match read(json, ty, strictness, false) {
        Err(_) if strictness == Strictness::Lenient => read(json, ty, strictness, true),
        read => read,
    }
}

fn read(json: &[u8], ty: &Type, strictness: Strictness, converts: bool) -> Result<Value> {
    let way_back = RefCell::new(Vec::new());
    let seed = Seed {
        ty,
        strictness,
        converts,
        depth: 0,
        way_back: &way_back,
    };
    let mut reader = serde_json::Deserializer::from_slice(json);
    let value = seed
        .deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value));
    value.map_err(|err| {
        let steps = way_back.take().into_iter();
        steps.fold(unquoted(err), CodecError::below)
    })
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

#[derive(Clone, Copy)]
struct Seed<'t> {
    ty: &'t Type,
    strictness: Strictness,
    /// Whether strings, numbers and bools become each other.
    converts: bool,
    depth: usize,
    /// The steps from where it failed to the value, innermost first.
    way_back: &'t RefCell<Vec<Step>>,
}

impl<'t> Seed<'t> {
    fn inner(self, ty: &'t Type) -> Self {
        Self {
            ty,
            depth: self.depth + 1,
            ..self
        }
    }

    /// What failed or not, one step further in.
    fn at<T, E>(
        self,
        step: impl FnOnce() -> Step,
        read: std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        read.inspect_err(|_| self.way_back.borrow_mut().push(step()))
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
            // Its text is what keeps the digits of a number.
            Type::Number => {
                number(<&RawValue>::deserialize(deserializer)?, self.converts).map_err(de::Error::custom)
            }
            Type::String | Type::Bool if self.converts => {
                converted(<&RawValue>::deserialize(deserializer)?, self.ty).map_err(de::Error::custom)
            }
            Type::Dynamic => match Option::<Wrapped<'_>>::deserialize(deserializer)? {
                Some(Wrapped { ty, value }) => {
                    let ty = Type::from_json(ty.get().as_bytes()).map_err(de::Error::custom)?;
                    let way_back = RefCell::new(Vec::new());
                    let seed = Seed {
                        way_back: &way_back,
                        ..self.inner(&ty)
                    };
                    let mut reader = serde_json::Deserializer::from_str(value.get());
                    let value = seed.deserialize(&mut reader).map_err(de::Error::custom);
                    self.way_back.borrow_mut().append(&mut way_back.borrow_mut());
                    Ok(Value::Dynamic(Box::new(ty), Box::new(value?)))
                }
                None => Ok(Value::Null),
            },
            _ => deserializer.deserialize_any(self),
        }
    }
}

/// What a JSON text is, by its first byte.
fn kind(raw: &str) -> &'static str {
    match raw.as_bytes().first() {
        Some(b'"') => "a string",
        Some(b'{') => "an object",
        Some(b'[') => "an array",
        Some(b't' | b'f') => "a bool",
        Some(b'n') => "null",
        _ => "a number",
    }
}

fn text(raw: &str) -> std::result::Result<String, String> {
    serde_json::from_str(raw).map_err(|_| "a string that is none".to_owned())
}

/// A number, which may also be written as a string.
fn number(raw: &RawValue, converts: bool) -> std::result::Result<Value, String> {
    let raw = raw.get();
    let number = match kind(raw) {
        "null" => return Ok(Value::Null),
        "a number" => raw.parse(),
        "a string" => text(raw)?.parse(),
        kind => return Err(format!("{kind} instead of number")),
    };
    match number {
        Ok(number) => Ok(Value::Number(number)),
        Err(_) if converts && kind(raw) == "a string" => {
            Err("a string that is no number, instead of number".to_owned())
        }
        Err(err) => Err(err.to_string()),
    }
}

/// A string or a bool from whichever primitive type stands there, as tftypes reads them.
fn converted(raw: &RawValue, ty: &Type) -> std::result::Result<Value, String> {
    let raw = raw.get();
    let is_text = ty == &Type::String;
    Ok(match (kind(raw), raw) {
        ("null", _) => Value::Null,
        ("a string", raw) if is_text => Value::string(text(raw)?),
        ("a number" | "a bool", raw) if is_text => Value::string(raw),
        ("a bool", raw) => Value::Bool(raw == "true"),
        ("a string", "\"true\"" | "\"1\"") | ("a number", "1") => Value::Bool(true),
        ("a string", "\"false\"" | "\"0\"") | ("a number", "0") => Value::Bool(false),
        (kind, _) => return Err(format!("{kind} instead of {ty}")),
    })
}

/// A value with its type, in whichever order they come. Both are read by themselves: serde_json counts how deep it
/// is in a text, and a type that can be read alone must be one here, too.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wrapped<'r> {
    #[serde(rename = "type", borrow)]
    ty: &'r RawValue,
    #[serde(borrow)]
    value: &'r RawValue,
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
            Type::List(ty) | Type::Set(ty) => loop {
                let step = || Step::Index(i64::try_from(elements.len()).unwrap_or(i64::MAX));
                match self.at(step, seq.next_element_seed(self.inner(ty)))? {
                    Some(value) => elements.push(value),
                    None => break,
                }
            },
            Type::Tuple(types) => {
                for (index, ty) in (0..).zip(types) {
                    let value = self.at(|| Step::Index(index), seq.next_element_seed(self.inner(ty)))?;
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
                    let value = self.at(|| Step::key(&key), map.next_value_seed(self.inner(ty)))?;
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
                            let value = self.at(|| Step::from(&name), map.next_value_seed(self.inner(ty)))?;
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
