//! Blocks with dynamic attributes: what core holds as a tuple or an object is a list or a map here.
//!
//! Core makes a list or map type of a block type only where all its blocks are sure to have the same type
//! (configschema's decoder_spec.go). With a dynamic attribute inside, the type of all the blocks together becomes
//! dynamic, and each value brings a tuple or object type. Nothing else in a schema puts `any` below a list or a
//! map, so the type alone says where that is.

use std::borrow::Cow;

use super::{
    Type, Value,
    codec::{CodecError, Result},
    conform,
};
use crate::path::Step;

/// The type that core reads and writes for a place of type `ty`.
pub(crate) fn as_sent(ty: &Type) -> Cow<'_, Type> {
    if !ty.has_dynamic() {
        return Cow::Borrowed(ty);
    }
    Cow::Owned(match ty {
        Type::List(_) | Type::Map(_) => Type::Dynamic,
        Type::Object(attributes) => Type::object(
            attributes
                .iter()
                .map(|(name, ty)| (name, as_sent(ty).into_owned())),
        ),
        ty => ty.clone(),
    })
}

/// A value that core sent, as one of type `ty`. Where `lenient`, objects may lack attributes and have others.
pub(crate) fn from_sent(value: Value, ty: &Type, lenient: bool) -> Result<Value> {
    from_sent_as(value, ty, None, lenient)
}

/// The same, where the dynamic value around it was `sent` with a type for this place. A null, what is unknown and an empty
/// collection have no other.
fn from_sent_as(value: Value, ty: &Type, sent: Option<&Type>, lenient: bool) -> Result<Value> {
    if !ty.has_dynamic() {
        // Below a dynamic type, the stored type itself may be that of an older schema.
        return if lenient {
            conform::coerce(trimmed(value, ty), ty)
        } else {
            Ok(value)
        };
    }
    match (value, ty) {
        // What was of a type of its own in core has that type around it here.
        (value @ Value::Dynamic(..), Type::Dynamic) => Ok(value),
        (value, Type::Dynamic) => Ok(match sent.filter(|sent| **sent != Type::Dynamic) {
            Some(sent) => Value::Dynamic(Box::new(sent.clone()), Box::new(value)),
            None if value.is_null() || value.is_unknown() => value,
            None => Value::Dynamic(Box::new(Type::of(&value)), Box::new(value)),
        }),
        (value @ (Value::Null | Value::Unknown(_)), _) => Ok(value),
        (Value::Dynamic(sent, value), Type::List(_) | Type::Map(_)) => {
            from_sent_as(*value, ty, Some(&*sent), lenient)
        }
        (Value::Tuple(inner) | Value::List(inner), Type::List(ty)) => (0..)
            .zip(inner)
            .map(|(i, value)| {
                let sent = sent.and_then(|sent| element_type(sent, i));
                let index = i64::try_from(i).unwrap_or(i64::MAX);
                from_sent_as(value, ty, sent, lenient).map_err(|err| err.below(Step::Index(index)))
            })
            .collect::<Result<_>>()
            .map(Value::List),
        (Value::Object(inner) | Value::Map(inner), Type::Map(ty)) => inner
            .into_iter()
            .map(|(key, value)| {
                let sent = sent.and_then(|sent| attribute_type(sent, &key));
                match from_sent_as(value, ty, sent, lenient) {
                    Ok(value) => Ok((key, value)),
                    Err(err) => Err(err.below(Step::Key(key))),
                }
            })
            .collect::<Result<_>>()
            .map(Value::Map),
        (Value::Object(mut inner), Type::Object(attributes)) => {
            let object = attributes
                .iter()
                .map(|(name, ty)| {
                    let value = match inner.remove(name) {
                        Some(value) => value,
                        None if lenient => Value::Null,
                        None => return Err(CodecError::new("is missing").below(name)),
                    };
                    let sent = sent.and_then(|sent| attribute_type(sent, name));
                    let value = from_sent_as(value, ty, sent, lenient).map_err(|err| err.below(name))?;
                    Ok((name.clone(), value))
                })
                .collect::<Result<_>>()?;
            match inner.keys().next() {
                Some(extra) if !lenient => Err(CodecError::new("is not in the schema").below(extra)),
                _ => Ok(Value::Object(object)),
            }
        }
        (value, ty) => Err(CodecError::new(format!("is {} instead of {ty}", value.kind()))),
    }
}

fn element_type(of: &Type, index: usize) -> Option<&Type> {
    match of {
        Type::Tuple(types) => types.get(index),
        Type::List(ty) => Some(ty),
        _ => None,
    }
}

fn attribute_type<'t>(of: &'t Type, name: &str) -> Option<&'t Type> {
    match of {
        Type::Object(types) => types.get(name),
        Type::Map(ty) => Some(ty),
        _ => None,
    }
}

/// The value without attributes that the type does not have, and with null for those that it lacks.
fn trimmed(value: Value, ty: &Type) -> Value {
    match (value, ty) {
        (Value::Object(mut inner), Type::Object(attributes)) => {
            Value::object(attributes.iter().map(|(name, ty)| {
                let value = inner.remove(name).unwrap_or(Value::Null);
                (name, trimmed(value, ty))
            }))
        }
        (Value::Object(inner) | Value::Map(inner), Type::Map(ty)) => Value::Map(
            inner
                .into_iter()
                .map(|(key, value)| (key, trimmed(value, ty)))
                .collect(),
        ),
        (Value::List(inner), Type::List(ty)) => {
            Value::List(inner.into_iter().map(|value| trimmed(value, ty)).collect())
        }
        (Value::Tuple(inner), Type::List(ty)) => {
            Value::Tuple(inner.into_iter().map(|value| trimmed(value, ty)).collect())
        }
        (Value::Set(inner), Type::Set(ty)) => Value::set(inner.into_iter().map(|value| trimmed(value, ty))),
        (value, _) => value,
    }
}

/// A value of type `ty` as core wants it.
pub(crate) fn to_sent<'v>(value: &'v Value, ty: &Type) -> Cow<'v, Value> {
    if !ty.has_dynamic() {
        return Cow::Borrowed(value);
    }
    match (value, ty) {
        (Value::List(_), Type::List(_)) | (Value::Map(_), Type::Map(_)) => {
            let (ty, value) = exact(value, ty);
            Cow::Owned(Value::Dynamic(Box::new(ty), Box::new(value)))
        }
        (Value::Object(inner), Type::Object(attributes)) => {
            let sent = inner.iter().map(|(name, value)| {
                let sent = match attributes.get(name) {
                    Some(ty) => to_sent(value, ty).into_owned(),
                    None => value.clone(),
                };
                (name, sent)
            });
            Cow::Owned(Value::object(sent))
        }
        (value, _) => Cow::Borrowed(value),
    }
}

/// The type that a value has once each dynamic place in it has its own, and the value of that type.
fn exact(value: &Value, ty: &Type) -> (Type, Value) {
    match (value, ty) {
        (Value::Dynamic(ty, value), Type::Dynamic) => ((**ty).clone(), (**value).clone()),
        (value, ty) if !ty.has_dynamic() => (ty.clone(), value.clone()),
        (Value::List(inner), Type::List(ty)) => {
            let (types, values) = inner.iter().map(|value| exact(value, ty)).unzip();
            (Type::Tuple(types), Value::Tuple(values))
        }
        (Value::Map(inner), Type::Map(ty)) => {
            let (mut types, mut values) = (Vec::new(), Vec::new());
            for (key, value) in inner {
                let (ty, value) = exact(value, ty);
                types.push((key, ty));
                values.push((key, value));
            }
            (Type::object(types), Value::object(values))
        }
        (Value::Object(inner), Type::Object(attributes)) => {
            let (mut types, mut values) = (Vec::new(), Vec::new());
            for (name, value) in inner {
                let (ty, value) = match attributes.get(name) {
                    Some(ty) => exact(value, ty),
                    None => (Type::of(value), value.clone()),
                };
                types.push((name, ty));
                values.push((name, value));
            }
            (Type::object(types), Value::object(values))
        }
        (value, ty) => (ty.clone(), value.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::msgpack;

    fn ty() -> Type {
        let block = || Type::object([("any", Type::Dynamic), ("x", Type::String)]);
        Type::object([
            ("list", Type::list(block())),
            ("map", Type::map(block())),
            ("plain", Type::list(Type::String)),
        ])
    }

    fn dynamic(ty: Type, value: Value) -> Value {
        Value::Dynamic(Box::new(ty), Box::new(value))
    }

    fn value() -> Value {
        let block = |any: Value| Value::object([("any", any), ("x", Value::Null)]);
        Value::object([
            (
                "list",
                Value::List(vec![
                    block(dynamic(Type::Number, 1.into())),
                    block(dynamic(Type::String, "a".into())),
                    block(Value::Null),
                    block(dynamic(Type::String, Value::Null)),
                    block(dynamic(Type::Bool, Value::UNKNOWN)),
                    block(dynamic(
                        Type::map(Type::list(Type::Number)),
                        Value::map([("k", Value::List(vec![])), ("l", Value::Null)]),
                    )),
                ]),
            ),
            (
                "map",
                Value::map([("k", block(dynamic(Type::Bool, Value::UNKNOWN)))]),
            ),
            ("plain", Value::List(vec!["p".into()])),
        ])
    }

    #[test]
    fn blocks_with_dynamic_attributes_travel_as_tuples_and_objects() {
        let sent_type = as_sent(&ty()).into_owned();
        let sent = to_sent(&value(), &ty()).into_owned();
        assert_eq!(conform::check(&sent, &sent_type), Ok(()));
        let Some(Value::Dynamic(tuple, _)) = sent.attribute("list") else {
            panic!("a dynamic value")
        };
        let block = |any: Type| Type::object([("any", any), ("x", Type::String)]);
        assert_eq!(
            **tuple,
            Type::tuple([
                block(Type::Number),
                block(Type::String),
                block(Type::Dynamic),
                block(Type::String),
                block(Type::Bool),
                block(Type::map(Type::list(Type::Number))),
            ])
        );
        let bytes = msgpack::encode(&sent, &sent_type).expect("encoded");
        let read = msgpack::decode(&bytes, &sent_type).expect("decoded");
        let back = from_sent(read, &ty(), false).expect("a value of the type");
        assert_eq!(back, value());
    }

    #[test]
    fn stored_blocks_may_have_other_attributes_than_today() {
        let stored = |attributes: &[(&str, Type)]| {
            let nulls = attributes.iter().map(|(name, _)| (*name, Value::Null));
            let object = Value::object(nulls);
            let ty = Type::object(attributes.iter().cloned());
            dynamic(Type::tuple([ty]), Value::Tuple(vec![object]))
        };
        let old = Value::object([
            ("list", stored(&[("any", Type::String), ("gone", Type::Bool)])),
            ("map", Value::Null),
            ("plain", Value::Null),
        ]);
        assert!(from_sent(old.clone(), &ty(), false).is_err());
        let read = from_sent(old, &ty(), true).expect("a value of the type");
        assert_eq!(read.get(&crate::path!("list", 0, "x")), Some(&Value::Null));
    }
}
