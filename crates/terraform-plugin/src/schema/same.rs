//! Semantic equality: when two values of an attribute mean the same.

mod instant;

use std::{fmt, sync::Arc};

use self::instant::instant;
use crate::value::{Number, Type, Value};

type Custom = dyn Fn(&Value, &Value) -> bool + Send + Sync;

#[derive(Clone)]
pub(crate) enum Same {
    Json,
    AnyCase,
    Time,
    Float32,
    Float64,
    Custom(Arc<Custom>),
}

impl Same {
    pub(super) fn custom(same: impl Fn(&Value, &Value) -> bool + Send + Sync + 'static) -> Self {
        Self::Custom(Arc::new(same))
    }

    /// Whether it comes with the attribute's kind, and nobody asked for it.
    pub(crate) fn is_built_in(&self) -> bool {
        matches!(self, Self::Float32 | Self::Float64)
    }

    /// Whether a value of that type has anything that it compares.
    pub(crate) fn suits(&self, ty: &Type) -> bool {
        match (self, ty) {
            (Self::Float32 | Self::Float64 | Self::Custom(_), _) => true,
            (_, Type::String | Type::Dynamic) => true,
            (_, Type::Bool | Type::Number) => false,
            (_, Type::List(inner) | Type::Set(inner) | Type::Map(inner)) => self.suits(inner),
            (_, Type::Object(attributes)) => attributes.values().any(|ty| self.suits(ty)),
            (_, Type::Tuple(types)) => types.iter().any(|ty| self.suits(ty)),
        }
    }

    /// Whether both mean the same. What is null or not wholly known means no more than it says.
    pub(crate) fn holds(&self, before: &Value, after: &Value) -> bool {
        if before == after {
            return true;
        }
        let is_set = |value: &Value| !value.is_null() && value.is_wholly_known();
        if !is_set(before) || !is_set(after) {
            return false;
        }
        match self {
            Self::Json => strings(before, after, &same_json),
            Self::AnyCase => strings(before, after, &|a, b| a.to_lowercase() == b.to_lowercase()),
            Self::Time => strings(before, after, &|a, b| {
                instant(a).is_some_and(|a| Some(a) == instant(b))
            }),
            Self::Float32 => numbers(before, after, |a, b| a.to_f32() == b.to_f32()),
            Self::Float64 => numbers(before, after, |a, b| a.to_f64() == b.to_f64()),
            Self::Custom(same) => same(before, after),
        }
    }
}

fn numbers(before: &Value, after: &Value, same: impl Fn(&Number, &Number) -> bool) -> bool {
    match (before, after) {
        (Value::Number(before), Value::Number(after)) => same(before, after),
        _ => false,
    }
}

fn same_json(before: &str, after: &str) -> bool {
    let read = |text: &str| {
        serde_json::from_str::<serde_json::Value>(text)
            .ok()
            .map(canonical)
    };
    read(before).is_some_and(|before| Some(before) == read(after))
}

/// The document with numbers written in one way; they keep their digits otherwise.
fn canonical(json: serde_json::Value) -> serde_json::Value {
    use serde_json::Value as Json;
    match json {
        Json::Number(number) => match number.to_string().parse::<Number>() {
            Ok(plain) => Json::String(format!("number {plain}")),
            Err(_) => Json::Number(number),
        },
        Json::String(text) => Json::String(format!("string {text}")),
        Json::Array(inner) => inner.into_iter().map(canonical).collect(),
        Json::Object(inner) => inner
            .into_iter()
            .map(|(key, value)| (key, canonical(value)))
            .collect(),
        json => json,
    }
}

/// Whether both are of the same shape, and `same` holds for each of their strings.
fn strings(before: &Value, after: &Value, same: &dyn Fn(&str, &str) -> bool) -> bool {
    match (before.plain(), after.plain()) {
        (Value::String(before), Value::String(after)) => same(before, after),
        (Value::List(before), Value::List(after)) | (Value::Tuple(before), Value::Tuple(after)) => {
            before.len() == after.len() && before.iter().zip(after).all(|(a, b)| strings(a, b, same))
        }
        (Value::Map(before), Value::Map(after)) | (Value::Object(before), Value::Object(after)) => {
            before.keys().eq(after.keys())
                && before
                    .values()
                    .zip(after.values())
                    .all(|(a, b)| strings(a, b, same))
        }
        (Value::Set(before), Value::Set(after)) => {
            let mut left: Vec<&Value> = after.iter().collect();
            before.len() == after.len()
                && before.iter().all(|a| {
                    let found = left.iter().position(|b| strings(a, b, same));
                    found.map(|found| left.swap_remove(found)).is_some()
                })
        }
        (before, after) => before == after,
    }
}

impl fmt::Debug for Same {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Json => "Json",
            Self::AnyCase => "AnyCase",
            Self::Time => "Time",
            Self::Float32 => "Float32",
            Self::Float64 => "Float64",
            Self::Custom(_) => "Custom(…)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_the_same_however_they_are_written() {
        for (before, after, same) in [
            (r#"{"a":1,"b":[true]}"#, "{ \"b\" : [true], \"a\" : 1.0 }", true),
            (r#"{"a":"1"}"#, r#"{"a":1}"#, false),
            (r#"{"a":[1,2]}"#, r#"{"a":[2,1]}"#, false),
            ("no JSON", "no  JSON", false),
        ] {
            assert_eq!(
                Same::Json.holds(&before.into(), &after.into()),
                same,
                "{before} {after}"
            );
        }
    }

    #[test]
    fn moments_are_the_same_in_every_time_zone() {
        let noon = "2024-01-01T12:00:00Z".into();
        assert!(Same::Time.holds(&noon, &"2024-01-01T13:00:00.0+01:00".into()));
        assert!(!Same::Time.holds(&noon, &"2024-01-01T12:00:01Z".into()));
        assert!(!Same::Time.holds(&"noon".into(), &"Noon".into()));
    }

    #[test]
    fn numbers_are_the_same_where_their_floats_are() {
        let number = |text: &str| Value::Number(text.parse().expect("a number"));
        // log(10, 2) as HCL computes it, and as core stores it.
        let (exact, stored) = (
            number("3.321928094887362625798709791340865194797515869140625"),
            number("3.3219280948873626"),
        );
        assert!(Same::Float64.holds(&exact, &stored) && Same::Float32.holds(&exact, &stored));
        assert!(!Same::Float64.holds(&exact, &number("3.3219280948873630")));
        assert!(Same::Float32.holds(&exact, &number("3.3219280948873630")));
        assert!(!Same::Float32.holds(&exact, &number("3.3219")));
    }

    #[test]
    fn collections_are_the_same_where_their_strings_are() {
        let set = |texts: [&str; 2]| Value::set(texts.map(Value::from));
        assert!(Same::AnyCase.holds(&set(["a", "B"]), &set(["b", "A"])));
        assert!(!Same::AnyCase.holds(&set(["a", "b"]), &set(["a", "c"])));
        assert!(!Same::AnyCase.holds(&"a".into(), &Value::UNKNOWN));
        assert!(!Same::custom(|_, _| true).holds(&Value::Null, &"a".into()));
    }
}
