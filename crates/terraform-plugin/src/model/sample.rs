//! A value of a type in which everything is known and no collection is empty.

use crate::value::{Type, Value};

pub(crate) fn of(ty: &Type) -> Value {
    match ty {
        Type::Bool => Value::Bool(false),
        Type::Number => Value::from(0),
        Type::String => Value::string(""),
        // A model may hold whatever it likes there.
        Type::Dynamic => Value::Null,
        Type::List(element) => Value::List(vec![of(element)]),
        Type::Set(element) => Value::set([of(element)]),
        Type::Map(element) => Value::map([("key", of(element))]),
        Type::Object(attributes) => Value::object(attributes.iter().map(|(name, ty)| (name, of(ty)))),
        Type::Tuple(elements) => Value::Tuple(elements.iter().map(of).collect()),
    }
}
