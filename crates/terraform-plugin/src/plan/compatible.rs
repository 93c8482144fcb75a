//! Whether what was applied is what was planned (core: objchange's AssertObjectCompatible).

use super::Broken;
use crate::{
    path::{Path, Step},
    value::{Elements, Type, Value},
};

/// Where `actual` is not what `planned` promised. Unknown values promise no more than their refinements.
pub(crate) fn assert_compatible(planned: &Value, actual: &Value) -> Vec<Broken> {
    let mut broken = Vec::new();
    compare(planned, actual, &Path::root(), &mut broken);
    broken
}

fn compare(planned: &Value, actual: &Value, at: &Path, broken: &mut Vec<Broken>) {
    let mut add = |rule: &str| broken.push(Broken::new(at, rule));
    if let Some((planned, actual)) = types(planned, actual)
        && !conforms(actual, planned)
    {
        return add(&format!("is of type {actual}, where {planned} was planned"));
    }
    match (planned.plain(), actual.plain()) {
        (Value::Unknown(refinement), actual) => {
            if refinement
                .as_ref()
                .is_some_and(|refinement| !refinement.admits(actual))
            {
                add("is not what the plan knew about the unknown value");
            }
        }
        (Value::Null, Value::Null) => {}
        (Value::Null, _) => add("was planned as null and has a value"),
        (_, Value::Null) => add("was planned with a value and is null"),
        // Unknown after apply is another rule's.
        (_, Value::Unknown(_)) => {}
        (Value::Object(planned), Value::Object(actual)) => {
            for (name, planned) in planned {
                if let Some(actual) = actual.get(name) {
                    compare(planned, actual, &at.then(name), broken);
                }
            }
        }
        (Value::Map(planned), Value::Map(actual)) => {
            for (key, planned) in planned {
                let here = at.then(Step::key(key));
                match actual.get(key) {
                    Some(actual) => compare(planned, actual, &here, broken),
                    None => broken.push(Broken::new(&here, "was planned and is not there")),
                }
            }
            for key in actual.keys().filter(|key| !planned.contains_key(*key)) {
                broken.push(Broken::new(
                    &at.then(Step::key(key)),
                    "is there and was not planned",
                ));
            }
        }
        (Value::List(planned), Value::List(actual)) | (Value::Tuple(planned), Value::Tuple(actual)) => {
            if planned.len() != actual.len() {
                return add("has another number of elements than planned");
            }
            for ((i, planned), actual) in (0..).zip(planned).zip(actual) {
                compare(planned, actual, &at.then(Step::Index(i)), broken);
            }
        }
        (Value::Set(planned), Value::Set(actual)) => {
            if let Some(rule) = compare_sets(planned, actual) {
                add(rule);
            }
        }
        (planned, actual) if planned == actual => {}
        _ => add("differs from the planned value"),
    }
}

/// The types of two values in a dynamic place, where the plan has one; core compares them before anything else.
fn types<'v>(planned: &'v Value, actual: &'v Value) -> Option<(&'v Type, &'v Type)> {
    match (planned, actual) {
        (Value::Dynamic(planned, _), Value::Dynamic(actual, _)) => Some((planned, actual)),
        (Value::Dynamic(planned, _), Value::Null) => Some((planned, &Type::Dynamic)),
        _ => None,
    }
}

/// Whether a value of the type `actual` may stand where one of the type `planned` was promised (go-cty's TestConformance).
fn conforms(actual: &Type, planned: &Type) -> bool {
    match (actual, planned) {
        (_, Type::Dynamic) => true,
        (Type::List(actual), Type::List(planned))
        | (Type::Set(actual), Type::Set(planned))
        | (Type::Map(actual), Type::Map(planned)) => conforms(actual, planned),
        (Type::Tuple(actual), Type::Tuple(planned)) => {
            actual.len() == planned.len() && actual.iter().zip(planned).all(|(a, p)| conforms(a, p))
        }
        (Type::Object(actual), Type::Object(planned)) => {
            actual.keys().eq(planned.keys())
                && actual.values().zip(planned.values()).all(|(a, p)| conforms(a, p))
        }
        (actual, planned) => actual == planned,
    }
}

/// Unknown elements may turn out equal, so a set may shrink; each element still has to be one that was
/// planned.
fn compare_sets(planned: &Elements, actual: &Elements) -> Option<&'static str> {
    let fits = |planned: &Value, actual: &Value| assert_compatible(planned, actual).is_empty();
    if actual.len() > planned.len() {
        Some("has more elements than planned")
    } else if !actual
        .iter()
        .all(|actual| planned.iter().any(|planned| fits(planned, actual)))
    {
        Some("has an element that was not planned")
    } else if !planned
        .iter()
        .all(|planned| actual.iter().any(|actual| fits(planned, actual)))
    {
        Some("lacks an element that was planned")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Refinement, path};

    #[test]
    fn results_keep_to_what_was_planned() {
        let arn = || {
            let prefix = Some("arn:".to_owned());
            Value::Unknown(Some(Box::new(Refinement {
                prefix,
                ..Refinement::default()
            })))
        };
        let list = |inner: Vec<Value>| Value::List(inner);
        let set = |inner: Vec<Value>| Value::set(inner);
        let map = |key: &str, value: Value| Value::map([(key, value)]);
        for (planned, actual, fits) in [
            (Value::UNKNOWN, "x".into(), true),
            (Value::UNKNOWN, Value::Null, true),
            (arn(), "arn:x".into(), true),
            (arn(), "x".into(), false),
            ("a".into(), "a".into(), true),
            ("a".into(), "b".into(), false),
            ("a".into(), Value::Null, false),
            (Value::Null, "a".into(), false),
            // That everything is known after apply is a rule of its own.
            ("a".into(), Value::UNKNOWN, true),
            (
                list(vec!["a".into(), Value::UNKNOWN]),
                list(vec!["a".into(), "b".into()]),
                true,
            ),
            (list(vec!["a".into()]), list(vec![]), false),
            (map("a", Value::UNKNOWN), map("a", 1.into()), true),
            (map("a", 1.into()), map("b", 1.into()), false),
            (set(vec!["a".into(), Value::UNKNOWN]), set(vec!["a".into()]), true),
            (set(vec!["a".into(), "b".into()]), set(vec!["a".into()]), false),
            (set(vec!["a".into()]), set(vec!["b".into()]), false),
            (
                set(vec![Value::UNKNOWN]),
                set(vec!["a".into(), "b".into()]),
                false,
            ),
        ] {
            assert_eq!(
                assert_compatible(&planned, &actual).is_empty(),
                fits,
                "{planned:?} {actual:?}"
            );
        }
    }

    #[test]
    fn a_dynamic_place_keeps_the_planned_type() {
        let of = |ty: Type, value: Value| Value::Dynamic(Box::new(ty), Box::new(value));
        let object = |ty: Type| of(Type::object([("a", ty)]), Value::object([("a", Value::Null)]));
        for (planned, actual, fits) in [
            (of(Type::String, Value::Null), of(Type::String, Value::Null), true),
            (of(Type::String, Value::Null), Value::Null, false),
            (
                of(Type::String, Value::UNKNOWN),
                of(Type::Number, 1.into()),
                false,
            ),
            (
                of(Type::String, Value::UNKNOWN),
                of(Type::String, "a".into()),
                true,
            ),
            (Value::UNKNOWN, of(Type::Number, 1.into()), true),
            (object(Type::String), object(Type::Bool), false),
            (object(Type::String), object(Type::Dynamic), false),
            (object(Type::Dynamic), object(Type::Bool), true),
            (
                of(Type::list(Type::String), Value::List(vec![])),
                of(Type::tuple([]), Value::Tuple(vec![])),
                false,
            ),
        ] {
            let broken = assert_compatible(&planned, &actual);
            assert_eq!(broken.is_empty(), fits, "{planned:?} {actual:?}");
        }
    }

    #[test]
    fn what_comes_or_goes_is_told_as_such() {
        for (planned, actual, rule) in [
            (Value::Null, "a".into(), "was planned as null and has a value"),
            ("a".into(), Value::Null, "was planned with a value and is null"),
            ("a".into(), "b".into(), "differs from the planned value"),
        ] {
            let broken = assert_compatible(&planned, &actual);
            assert_eq!(broken, [Broken::new(&Path::root(), rule)]);
        }
    }

    #[test]
    fn the_place_of_a_difference_is_named() {
        let state = |x: &str| Value::object([("a", Value::List(vec![Value::object([("x", x.into())])]))]);
        let broken = assert_compatible(&state("1"), &state("2"));
        assert_eq!(
            broken,
            [Broken::new(&path!("a", 0, "x"), "differs from the planned value")]
        );
    }
}
