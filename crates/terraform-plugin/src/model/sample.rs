//! A value of a type in which everything is known and no collection is empty: what models are tried with.

use serde::de::DeserializeOwned;

use super::de::ValueDeserializer;
use crate::value::{Type, Value};

/// The sample, with null where the model refuses a text or a number for reasons of its own, as a duration refuses most
/// texts: by such a refusal nothing of what comes after it would be tried.
pub(super) fn taken_by<M: DeserializeOwned>(ty: &Type) -> Value {
    taken::<M>(of(ty))
}

/// The same of that sample.
pub(super) fn taken<M: DeserializeOwned>(mut sample: Value) -> Value {
    let refusal = |sample: &Value| M::deserialize(ValueDeserializer(sample)).err();
    while let Some(err) = refusal(&sample).filter(|err| !err.is_mismatch()) {
        let mut without = sample.clone();
        match without.get_mut(err.path()) {
            Some(place @ (Value::String(_) | Value::Number(_))) => *place = Value::Null,
            _ => break,
        }
        if refusal(&without).is_some_and(|again| again.is_mismatch() && again.path() == err.path()) {
            break;
        }
        sample = without;
    }
    sample
}

pub(crate) fn of(ty: &Type) -> Value {
    of_text(ty, "")
}

/// The same, whose strings are that text.
pub(super) fn of_text(ty: &Type, text: &str) -> Value {
    let of = |ty: &Type| of_text(ty, text);
    match ty {
        Type::Bool => Value::Bool(false),
        Type::Number => Value::from(0),
        Type::String => Value::string(text),
        // A model may hold whatever it likes there.
        Type::Dynamic => Value::Null,
        Type::List(element) => Value::List(vec![of(element)]),
        Type::Set(element) => Value::set([of(element)]),
        Type::Map(element) => Value::map([("key", of(element))]),
        Type::Object(attributes) => Value::object(attributes.iter().map(|(name, ty)| (name, of(ty)))),
        Type::Tuple(elements) => Value::Tuple(elements.iter().map(of).collect()),
    }
}
