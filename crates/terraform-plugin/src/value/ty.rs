//! Types, and the JSON in which schemas and dynamic values carry them.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
    ser::SerializeTuple,
};

use super::{
    MAX_DEPTH, Value,
    codec::{CodecError, Result},
    normalised,
};

/// A type of Terraform's type system.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Type {
    /// `bool`
    Bool,
    /// `number`, of arbitrary precision
    Number,
    /// `string`
    String,
    /// `any`: each value brings its own type
    Dynamic,
    /// `list(T)`
    List(Box<Type>),
    /// `set(T)`
    Set(Box<Type>),
    /// `map(T)`
    Map(Box<Type>),
    /// `object({…})`
    Object(BTreeMap<String, Type>),
    /// `tuple([…])`
    Tuple(Vec<Type>),
}

impl Type {
    /// `list(T)`
    pub fn list(element: Type) -> Self {
        Self::List(Box::new(element))
    }

    /// `set(T)`
    pub fn set(element: Type) -> Self {
        Self::Set(Box::new(element))
    }

    /// `map(T)`
    pub fn map(element: Type) -> Self {
        Self::Map(Box::new(element))
    }

    /// `object({…})`
    pub fn object<K: Into<String>>(attributes: impl IntoIterator<Item = (K, Type)>) -> Self {
        Self::Object(
            attributes
                .into_iter()
                .map(|(name, ty)| (name.into(), ty))
                .collect(),
        )
    }

    /// `tuple([…])`
    pub fn tuple(elements: impl IntoIterator<Item = Type>) -> Self {
        Self::Tuple(elements.into_iter().collect())
    }

    /// Whether `any` occurs somewhere in it.
    pub(crate) fn has_dynamic(&self) -> bool {
        match self {
            Self::Dynamic => true,
            Self::Bool | Self::Number | Self::String => false,
            Self::List(element) | Self::Set(element) | Self::Map(element) => element.has_dynamic(),
            Self::Object(attributes) => attributes.values().any(Self::has_dynamic),
            Self::Tuple(elements) => elements.iter().any(Self::has_dynamic),
        }
    }

    /// The type that a value has by itself. Elements of a collection share the first one's type; an empty
    /// collection's elements are of any type.
    pub(crate) fn of(value: &Value) -> Type {
        let element = |first: Option<&Value>| Box::new(first.map_or(Type::Dynamic, Type::of));
        match value {
            Value::Null | Value::Unknown(_) => Self::Dynamic,
            Value::Bool(_) => Self::Bool,
            Value::Number(_) => Self::Number,
            Value::String(_) => Self::String,
            Value::List(inner) => Self::List(element(inner.first())),
            Value::Set(inner) => Self::Set(element(inner.iter().next())),
            Value::Map(inner) => Self::Map(element(inner.values().next())),
            Value::Object(inner) => {
                Self::Object(inner.iter().map(|(k, v)| (k.clone(), Self::of(v))).collect())
            }
            Value::Tuple(inner) => Self::Tuple(inner.iter().map(Self::of).collect()),
            Value::Dynamic(ty, _) => (**ty).clone(),
        }
    }

    /// The type as JSON: `"string"`, `["list","number"]`, `["object",{"a":"bool"}]`.
    pub(crate) fn to_json(&self) -> Vec<u8> {
        // The only failures of serde_json here are keys that are no strings, which types do not have.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads a type from JSON.
    pub(crate) fn from_json(json: &[u8]) -> Result<Self> {
        let invalid = |err: serde_json::Error| CodecError::new(format!("invalid type: {err}"));
        let mut reader = serde_json::Deserializer::from_slice(json);
        let ty = TypeSeed { depth: 0 }.deserialize(&mut reader).map_err(invalid)?;
        reader.end().map_err(invalid)?;
        Ok(ty)
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => f.write_str("bool"),
            Self::Number => f.write_str("number"),
            Self::String => f.write_str("string"),
            Self::Dynamic => f.write_str("any"),
            Self::List(element) => write!(f, "list({element})"),
            Self::Set(element) => write!(f, "set({element})"),
            Self::Map(element) => write!(f, "map({element})"),
            Self::Object(_) => f.write_str("object"),
            Self::Tuple(_) => f.write_str("tuple"),
        }
    }
}

impl Serialize for Type {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        fn pair<S: Serializer>(
            serializer: S,
            kind: &str,
            argument: &impl Serialize,
        ) -> std::result::Result<S::Ok, S::Error> {
            let mut pair = serializer.serialize_tuple(2)?;
            pair.serialize_element(kind)?;
            pair.serialize_element(argument)?;
            pair.end()
        }
        match self {
            Self::Bool => serializer.serialize_str("bool"),
            Self::Number => serializer.serialize_str("number"),
            Self::String => serializer.serialize_str("string"),
            Self::Dynamic => serializer.serialize_str("dynamic"),
            Self::List(element) => pair(serializer, "list", element),
            Self::Set(element) => pair(serializer, "set", element),
            Self::Map(element) => pair(serializer, "map", element),
            Self::Object(attributes) => pair(serializer, "object", attributes),
            Self::Tuple(elements) => pair(serializer, "tuple", elements),
        }
    }
}

impl<'de> Deserialize<'de> for Type {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        TypeSeed { depth: 0 }.deserialize(deserializer)
    }
}

#[derive(Clone, Copy)]
struct TypeSeed {
    depth: usize,
}

impl TypeSeed {
    fn deeper(self) -> Self {
        Self {
            depth: self.depth + 1,
        }
    }
}

impl<'de> DeserializeSeed<'de> for TypeSeed {
    type Value = Type;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<Type, D::Error> {
        if self.depth > MAX_DEPTH {
            return Err(de::Error::custom(format_args!(
                "nested more than {MAX_DEPTH} levels deep"
            )));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for TypeSeed {
    type Value = Type;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a type")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> std::result::Result<Type, E> {
        match name {
            "bool" => Ok(Type::Bool),
            "number" => Ok(Type::Number),
            "string" => Ok(Type::String),
            "dynamic" => Ok(Type::Dynamic),
            _ => Err(E::custom("unknown primitive type")),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> std::result::Result<Type, A::Error> {
        fn argument<'de, A, S>(seq: &mut A, seed: S) -> std::result::Result<S::Value, A::Error>
        where
            A: SeqAccess<'de>,
            S: DeserializeSeed<'de>,
        {
            seq.next_element_seed(seed)?
                .ok_or_else(|| de::Error::custom("type without its argument"))
        }

        let kind: String = argument(&mut seq, std::marker::PhantomData)?;
        let ty = match kind.as_str() {
            "list" => Type::list(argument(&mut seq, self.deeper())?),
            "set" => Type::set(argument(&mut seq, self.deeper())?),
            "map" => Type::map(argument(&mut seq, self.deeper())?),
            "object" => {
                let attributes = argument(&mut seq, AttributesSeed(self.deeper()))?;
                // A third element names optional attributes; it concerns only what a user writes.
                seq.next_element::<IgnoredAny>()?;
                Type::Object(attributes)
            }
            "tuple" => Type::Tuple(argument(&mut seq, ElementsSeed(self.deeper()))?),
            _ => return Err(de::Error::custom("unknown type constructor")),
        };
        if seq.next_element::<IgnoredAny>()?.is_some() {
            return Err(de::Error::custom("type with too many arguments"));
        }
        Ok(ty)
    }
}

struct AttributesSeed(TypeSeed);

impl<'de> DeserializeSeed<'de> for AttributesSeed {
    type Value = BTreeMap<String, Type>;

    fn deserialize<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> std::result::Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for AttributesSeed {
    type Value = BTreeMap<String, Type>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("attributes with their types")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Self::Value, A::Error> {
        let mut attributes = BTreeMap::new();
        while let Some(name) = map.next_key::<String>()? {
            let ty = map.next_value_seed(self.0)?;
            if attributes.insert(normalised(name), ty).is_some() {
                return Err(de::Error::custom("the same attribute twice"));
            }
        }
        Ok(attributes)
    }
}

struct ElementsSeed(TypeSeed);

impl<'de> DeserializeSeed<'de> for ElementsSeed {
    type Value = Vec<Type>;

    fn deserialize<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> std::result::Result<Self::Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for ElementsSeed {
    type Value = Vec<Type>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of types")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> std::result::Result<Self::Value, A::Error> {
        let mut types = Vec::new();
        while let Some(ty) = seq.next_element_seed(self.0)? {
            types.push(ty);
        }
        Ok(types)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_come_back_from_their_json() {
        let ty = Type::object([
            ("a", Type::list(Type::Number)),
            ("b", Type::tuple([Type::Bool, Type::map(Type::Dynamic)])),
            ("c", Type::set(Type::String)),
        ]);
        let json = ty.to_json();
        assert_eq!(
            String::from_utf8_lossy(&json),
            r#"["object",{"a":["list","number"],"b":["tuple",["bool",["map","dynamic"]]],"c":["set","string"]}]"#
        );
        assert_eq!(Type::from_json(&json), Ok(ty));
    }

    #[test]
    fn optional_attribute_names_are_ignored() {
        let ty = Type::from_json(br#"["object",{"a":"string"},["a"]]"#).expect("type");
        assert_eq!(ty, Type::object([("a", Type::String)]));
    }

    #[test]
    fn hostile_type_json_is_an_error() {
        let deep = "[\"list\",".repeat(100_000);
        for json in [
            "",
            "3",
            "null",
            "[]",
            "\"int\"",
            "[\"list\"]",
            "[\"list\",\"string\",\"string\"]",
            "[\"object\",{\"a\":\"string\",\"a\":\"bool\"}]",
            "[\"tuple\",\"string\"]",
            "\"string\" \"string\"",
            deep.as_str(),
        ] {
            let shown = &json[..json.len().min(40)];
            assert!(Type::from_json(json.as_bytes()).is_err(), "{shown}");
        }
    }
}
