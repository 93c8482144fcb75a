//! Whether a value is of a type, and how an author's loosely typed value becomes one.

use super::{
    Type, Value,
    codec::{CodecError, Result, check_depth},
};
use crate::path::Step;

/// Turns what a model serialises to into a value of exactly `ty`: lists become sets or tuples, maps become
/// objects, and values in dynamic places bring their types.
pub(crate) fn coerce(value: Value, ty: &Type) -> Result<Value> {
    coerce_at(value, ty, 0)
}

/// [`coerce`] of a value that an author wrote down: what objects leave out is null.
pub(crate) fn complete(value: Value, ty: &Type) -> Result<Value> {
    coerce(fill(ty, value), ty)
}

/// The value with null for all that an object type has and it leaves out; objects become maps where the type
/// says so.
pub(crate) fn fill(ty: &Type, value: Value) -> Value {
    match (ty, value) {
        (Type::Object(attributes), Value::Object(mut inner)) => {
            for (name, ty) in attributes {
                let value = inner.remove(name).unwrap_or(Value::Null);
                inner.insert(name.clone(), fill(ty, value));
            }
            Value::Object(inner)
        }
        (Type::Map(ty), Value::Object(inner) | Value::Map(inner)) => Value::Map(
            inner
                .into_iter()
                .map(|(key, value)| (key, fill(ty, value)))
                .collect(),
        ),
        (Type::List(ty) | Type::Set(ty), Value::List(inner) | Value::Tuple(inner)) => {
            Value::List(inner.into_iter().map(|value| fill(ty, value)).collect())
        }
        (Type::Set(ty), Value::Set(inner)) => Value::set(inner.into_iter().map(|value| fill(ty, value))),
        (Type::Tuple(types), Value::List(inner) | Value::Tuple(inner)) => {
            let types = types.iter().chain(std::iter::repeat(&Type::Dynamic));
            Value::Tuple(
                inner
                    .into_iter()
                    .zip(types)
                    .map(|(value, ty)| fill(ty, value))
                    .collect(),
            )
        }
        (_, value) => value,
    }
}

fn coerce_at(value: Value, ty: &Type, depth: usize) -> Result<Value> {
    check_depth(depth)?;
    let element = |value: Value, ty: &Type| coerce_at(value, ty, depth + 1);
    let elements = |inner: Vec<Value>, ty: &Type| -> Result<Vec<Value>> {
        (0..)
            .zip(inner)
            .map(|(i, value)| element(value, ty).map_err(|err| err.below(Step::Index(i))))
            .collect()
    };
    Ok(match (value, ty) {
        (Value::Null, _) => Value::Null,
        // Of what is unknown and of unknown type, nothing else can be known.
        (Value::Unknown(_), Type::Dynamic) => Value::UNKNOWN,
        (Value::Unknown(Some(refinement)), ty) if !refinement.fits(ty) => {
            return Err(CodecError::new(format!(
                "has a refinement that does not fit {ty}"
            )));
        }
        (Value::Unknown(refinement), _) => Value::Unknown(refinement),
        (value @ Value::Dynamic(..), Type::Dynamic) => value,
        // An author's value may come with its type where the schema says it already.
        (Value::Dynamic(_, value), ty) => element(*value, ty)?,
        (value, Type::Dynamic) => {
            let value = structural(value);
            Value::Dynamic(Box::new(Type::of(&value)), Box::new(value))
        }
        (value @ Value::Bool(_), Type::Bool)
        | (value @ Value::Number(_), Type::Number)
        | (value @ Value::String(_), Type::String) => value,
        (Value::List(inner) | Value::Tuple(inner), Type::List(ty)) => Value::List(elements(inner, ty)?),
        (Value::List(inner) | Value::Tuple(inner), Type::Set(ty)) => Value::set(elements(inner, ty)?),
        (Value::Set(inner), Type::Set(ty)) => Value::set(elements(inner.into_iter().collect(), ty)?),
        (Value::List(inner) | Value::Tuple(inner), Type::Tuple(types)) => {
            if inner.len() != types.len() {
                return Err(CodecError::new(format!(
                    "has {} elements instead of {}",
                    inner.len(),
                    types.len()
                )));
            }
            let typed = (0..).zip(inner).zip(types);
            Value::Tuple(
                typed
                    .map(|((i, value), ty)| element(value, ty).map_err(|err| err.below(Step::Index(i))))
                    .collect::<Result<_>>()?,
            )
        }
        (Value::Map(inner), Type::Map(ty)) => Value::Map(
            inner
                .into_iter()
                .map(|(key, value)| match element(value, ty) {
                    Ok(value) => Ok((key, value)),
                    Err(err) => Err(err.below(Step::Key(key))),
                })
                .collect::<Result<_>>()?,
        ),
        (Value::Object(mut inner) | Value::Map(mut inner), Type::Object(attributes)) => {
            let object = attributes
                .iter()
                .map(|(name, ty)| {
                    let value = inner.remove(name);
                    let value = value.ok_or_else(|| CodecError::new("is missing").below(name))?;
                    Ok((name.clone(), element(value, ty).map_err(|err| err.below(name))?))
                })
                .collect::<Result<_>>()?;
            if let Some(extra) = inner.keys().next() {
                return Err(CodecError::new("is not in the schema").below(extra));
            }
            Value::Object(object)
        }
        (value, ty) => return Err(CodecError::new(format!("is {} instead of {ty}", value.kind()))),
    })
}

/// Lists and maps as tuples and objects: in a dynamic place elements may be of any type each.
pub(crate) fn structural(value: Value) -> Value {
    match value {
        Value::List(inner) | Value::Tuple(inner) => Value::Tuple(inner.into_iter().map(structural).collect()),
        Value::Map(inner) | Value::Object(inner) => Value::Object(
            inner
                .into_iter()
                .map(|(key, value)| (key, structural(value)))
                .collect(),
        ),
        // Its type is part of the type around it.
        Value::Dynamic(_, value) => structural(*value),
        value => value,
    }
}

/// Whether `value` is exactly of type `ty`.
pub(crate) fn check(value: &Value, ty: &Type) -> Result<()> {
    check_at(value, ty, 0)
}

fn check_at(value: &Value, ty: &Type, depth: usize) -> Result<()> {
    check_depth(depth)?;
    let element =
        |value: &Value, ty: &Type, step: Step| check_at(value, ty, depth + 1).map_err(|err| err.below(step));
    match (value, ty) {
        (Value::Null | Value::Unknown(_), _)
        | (Value::Bool(_), Type::Bool)
        | (Value::Number(_), Type::Number)
        | (Value::String(_), Type::String) => Ok(()),
        (Value::Dynamic(ty, value), Type::Dynamic) => check_at(value, ty, depth + 1),
        (Value::List(inner), Type::List(ty)) => (0..)
            .zip(inner)
            .try_for_each(|(i, value)| element(value, ty, Step::Index(i))),
        (Value::Set(inner), Type::Set(ty)) => (0..)
            .zip(inner)
            .try_for_each(|(i, value)| element(value, ty, Step::Index(i))),
        (Value::Map(inner), Type::Map(ty)) => inner
            .iter()
            .try_for_each(|(key, value)| element(value, ty, Step::key(key))),
        (Value::Tuple(inner), Type::Tuple(types)) if inner.len() == types.len() => (0..)
            .zip(inner)
            .zip(types)
            .try_for_each(|((i, value), ty)| element(value, ty, Step::Index(i))),
        (Value::Object(inner), Type::Object(attributes)) => {
            if let Some(extra) = inner.keys().find(|name| !attributes.contains_key(*name)) {
                return Err(CodecError::new("is not in the schema").below(extra));
            }
            attributes
                .iter()
                .try_for_each(|(name, ty)| match inner.get(name) {
                    Some(value) => element(value, ty, Step::from(name)),
                    None => Err(CodecError::new("is missing").below(name)),
                })
        }
        (value, ty) => Err(CodecError::new(format!("is {} instead of {ty}", value.kind()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loose_values_become_what_the_type_says() {
        let list = || Value::List(vec!["b".into(), "a".into()]);
        assert_eq!(
            coerce(list(), &Type::set(Type::String)),
            Ok(Value::set(["a".into(), "b".into()]))
        );
        let tuple = Type::tuple([Type::String, Type::String]);
        assert_eq!(
            coerce(list(), &tuple),
            Ok(Value::Tuple(vec!["b".into(), "a".into()]))
        );
        let map = Value::map([("a", Value::from(1))]);
        let object = Type::object([("a", Type::Number)]);
        assert_eq!(coerce(map, &object), Ok(Value::object([("a", Value::from(1))])));
    }

    #[test]
    fn what_an_author_leaves_out_is_null_in_every_kind_of_collection() {
        let object = || Type::object([("a", Type::String), ("b", Type::String)]);
        let half = || Value::object([("a", "a".into())]);
        let whole = || Value::object([("a", "a".into()), ("b", Value::Null)]);
        for (ty, value, completed) in [
            (Type::set(object()), Value::set([half()]), Value::set([whole()])),
            (
                Type::set(object()),
                Value::List(vec![half()]),
                Value::set([whole()]),
            ),
            (
                Type::list(object()),
                Value::Tuple(vec![half()]),
                Value::List(vec![whole()]),
            ),
            (
                Type::tuple([object()]),
                Value::Tuple(vec![half()]),
                Value::Tuple(vec![whole()]),
            ),
            (
                Type::tuple([object()]),
                Value::List(vec![half()]),
                Value::Tuple(vec![whole()]),
            ),
            (
                Type::map(object()),
                Value::map([("k", half())]),
                Value::map([("k", whole())]),
            ),
        ] {
            assert_eq!(complete(value, &ty), Ok(completed));
        }
    }

    #[test]
    fn a_dynamic_place_gets_the_values_own_type() {
        let value = coerce(Value::List(vec![1.into(), "a".into()]), &Type::Dynamic).expect("value");
        assert_eq!(check(&value, &Type::Dynamic), Ok(()));
        assert_eq!(Type::of(&value), Type::tuple([Type::Number, Type::String]));
    }

    #[test]
    fn mismatches_name_the_place_and_the_types() {
        let ty = Type::object([("a", Type::list(Type::Bool))]);
        let text = |value: Value| coerce(value, &ty).expect_err("mismatch").to_string();
        assert_eq!(
            text(Value::object([("a", Value::List(vec!["x".into()]))])),
            "a[0]: is a string instead of bool"
        );
        assert_eq!(text(Value::object::<&str>([])), "a: is missing");
        assert_eq!(
            text(Value::object([("a", Value::Null), ("b", Value::Null)])),
            "b: is not in the schema"
        );
    }
}
