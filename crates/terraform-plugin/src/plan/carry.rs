//! What a model cannot carry: refinements of what is unknown, the type of a null in a dynamic place, digits beyond those
//! of a float, and that what is known to be one object is not known at all. Where a model is written as it was read, all of
//! that comes back from the value that it was read from.

use std::{borrow::Cow, collections::BTreeMap};

use crate::value::{Elements, Number, Type, Value, conform::structural};

/// What a verb made of what it was given: with what its model could not carry of `before`, and, where that was not known,
/// of `prior`.
pub(crate) fn carry_from(value: Value, before: &Value, prior: &Value) -> Value {
    let value = carry(value, before);
    if prior.is_null() || before.is_wholly_known() {
        return value;
    }
    carry(value, &filled(before, prior))
}

/// What was known before, and the prior value of all that was not. Elements of sets have no prior value.
fn filled(before: &Value, prior: &Value) -> Value {
    let by_key = |before: &BTreeMap<String, Value>, prior: &BTreeMap<String, Value>| {
        let filled = before.iter().map(|(key, value)| {
            let value = prior
                .get(key)
                .map_or_else(|| value.clone(), |prior| filled(value, prior));
            (key.clone(), value)
        });
        filled.collect()
    };
    let by_index = |before: &[Value], prior: &[Value]| {
        let prior = prior.iter().map(Some).chain(std::iter::repeat(None));
        let filled = before
            .iter()
            .zip(prior)
            .map(|(value, prior)| prior.map_or_else(|| value.clone(), |prior| filled(value, prior)));
        filled.collect()
    };
    match (before, prior) {
        (Value::Unknown(_), prior) => prior.clone(),
        (Value::Object(before), Value::Object(prior)) => Value::Object(by_key(before, prior)),
        (Value::Map(before), Value::Map(prior)) => Value::Map(by_key(before, prior)),
        (Value::List(before), Value::List(prior)) => Value::List(by_index(before, prior)),
        (Value::Tuple(before), Value::Tuple(prior)) => Value::Tuple(by_index(before, prior)),
        (before, _) => before.clone(),
    }
}

/// The value, which was written from a model, with what the model could not carry of the value `before`.
pub(crate) fn carry(value: Value, before: &Value) -> Value {
    if is_written_of(&value, before) {
        return before.clone();
    }
    match (value, before) {
        (Value::Object(inner), Value::Object(before)) => Value::Object(carry_by_key(inner, before)),
        (Value::Map(inner), Value::Map(before)) => {
            let inner = inner.into_iter().map(|(key, value)| {
                let value = whole_again(value, before.get(&key));
                (key, value)
            });
            Value::Map(carry_by_key(inner.collect(), before))
        }
        (Value::List(inner), Value::List(before)) => {
            let inner = inner.into_iter().enumerate();
            let inner = inner.map(|(i, value)| whole_again(value, before.get(i)));
            Value::List(carry_by_index(inner.collect(), before))
        }
        (Value::Tuple(inner), Value::Tuple(before)) => Value::Tuple(carry_by_index(inner, before)),
        (Value::Set(inner), Value::Set(before)) => carry_in_set(inner, before),
        (value, _) => value,
    }
}

/// Whether a model that was read from the value `before`, and left as it is, is written as `value`. An element that is not
/// known as a whole is another matter ([`whole_again`]).
fn is_written_of(value: &Value, before: &Value) -> bool {
    let all = |inner: &[Value], before: &[Value]| {
        inner.len() == before.len() && inner.iter().zip(before).all(|(a, b)| is_written_of(a, b))
    };
    match (value, before) {
        (Value::Unknown(None), before) => before.is_unknown(),
        (Value::Null, before) => before.is_null(),
        (Value::Number(number), Value::Number(before)) => number == before || number.stands_for(before),
        (Value::Dynamic(ty, value), Value::Dynamic(before_ty, before)) => {
            (ty == before_ty && is_written_of(value, before))
                // A model of a kind of its own has no more of a type than its value shows.
                || (**ty == Type::of(value) && is_written_of(value, &structural((**before).clone())))
        }
        (Value::List(inner), Value::List(before)) | (Value::Tuple(inner), Value::Tuple(before)) => {
            all(inner, before)
        }
        (Value::Object(inner), Value::Object(before)) | (Value::Map(inner), Value::Map(before)) => {
            inner.keys().eq(before.keys())
                && inner
                    .values()
                    .zip(before.values())
                    .all(|(a, b)| is_written_of(a, b))
        }
        (value, before) => value == before,
    }
}

fn carry_in_set(inner: Elements, before: &Elements) -> Value {
    let mut left: Vec<&Value> = before.iter().collect();
    let mut kept = Vec::new();
    let take = |value: &Value, left: &mut Vec<&Value>| {
        let found = left.iter().position(|before| is_written_of(value, before));
        found.map(|found| left.swap_remove(found).clone())
    };
    // What was there just so is that, before anything is taken for an element that is not known as a whole.
    let mut others: Vec<Value> = inner.into_iter().collect();
    others.retain(|value| {
        let taken = take(value, &mut left);
        let is_left = taken.is_none();
        kept.extend(taken);
        is_left
    });
    for value in others {
        let unknown = left.iter().find(|before| before.is_unknown()).copied();
        let value = whole_again(value, unknown);
        kept.push(take(&value, &mut left).unwrap_or(value));
    }
    // Elements that are not known yet may turn out different although nothing tells them apart, which a model's own set
    // cannot hold: there, they became one.
    let plain = |value: &Value| without_refinements(value.clone());
    let alike =
        |other: &&Value| !other.is_wholly_known() && kept.iter().any(|kept| plain(kept) == plain(other));
    let collapsed: Vec<Value> = left.into_iter().filter(alike).cloned().collect();
    Value::set(kept.into_iter().chain(collapsed))
}

/// An element that is not known yet, where that is what it was and a model could hold nothing but an object of which
/// nothing is known.
fn whole_again(element: Value, before: Option<&Value>) -> Value {
    let nothing_known = |inner: &BTreeMap<String, Value>| {
        inner.values().all(|value| value.is_unknown() || value.is_null())
            && inner.values().any(Value::is_unknown)
    };
    match &element {
        Value::Object(inner) if before.is_some_and(Value::is_unknown) && nothing_known(inner) => {
            Value::UNKNOWN
        }
        _ => element,
    }
}

fn carry_by_key(inner: BTreeMap<String, Value>, before: &BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    let carried = |(key, value): (String, Value)| {
        let value = match before.get(&key) {
            Some(before) => carry(value, before),
            None => value,
        };
        (key, value)
    };
    inner.into_iter().map(carried).collect()
}

fn carry_by_index(inner: Vec<Value>, before: &[Value]) -> Vec<Value> {
    let mut before = before.iter();
    let carried = |value| match before.next() {
        Some(before) => carry(value, before),
        None => value,
    };
    inner.into_iter().map(carried).collect()
}

/// The numbers in these values that have more digits than a float keeps.
pub(crate) fn long_numbers(values: &[Value]) -> Vec<Number> {
    let mut found = Vec::new();
    values
        .iter()
        .for_each(|value| add_long_numbers(value, &mut found));
    found
}

fn add_long_numbers(value: &Value, found: &mut Vec<Number>) {
    match value {
        Value::Number(number)
            if number.to_i64().is_none() && Number::from_f64(number.to_f64()).as_ref() != Ok(number) =>
        {
            found.push(number.clone());
        }
        Value::List(inner) | Value::Tuple(inner) => {
            inner.iter().for_each(|value| add_long_numbers(value, found))
        }
        Value::Set(inner) => inner.iter().for_each(|value| add_long_numbers(value, found)),
        Value::Map(inner) | Value::Object(inner) => {
            inner.values().for_each(|value| add_long_numbers(value, found));
        }
        Value::Dynamic(_, value) => add_long_numbers(value, found),
        _ => {}
    }
}

/// What a function made, with the digits of its arguments ([`long_numbers`]): no place tells where a float came from.
pub(crate) fn carry_numbers(value: Value, numbers: &[Number]) -> Value {
    if numbers.is_empty() {
        return value;
    }
    let each = |inner: Vec<Value>| {
        inner
            .into_iter()
            .map(|value| carry_numbers(value, numbers))
            .collect()
    };
    let by_key = |inner: BTreeMap<String, Value>| {
        let carried = inner.into_iter();
        carried
            .map(|(key, value)| (key, carry_numbers(value, numbers)))
            .collect()
    };
    match value {
        Value::Number(number) => {
            let long = numbers.iter().find(|long| number.stands_for(long));
            Value::Number(long.cloned().unwrap_or(number))
        }
        Value::List(inner) => Value::List(each(inner)),
        Value::Tuple(inner) => Value::Tuple(each(inner)),
        Value::Set(inner) => Value::set(inner.into_iter().map(|value| carry_numbers(value, numbers))),
        Value::Map(inner) => Value::Map(by_key(inner)),
        Value::Object(inner) => Value::Object(by_key(inner)),
        Value::Dynamic(ty, value) => Value::Dynamic(ty, Box::new(carry_numbers(*value, numbers))),
        value => value,
    }
}

/// The value without refinements, for comparison.
pub(super) fn unrefined(value: &Value) -> Cow<'_, Value> {
    if value.is_wholly_known() {
        Cow::Borrowed(value)
    } else {
        Cow::Owned(without_refinements(value.clone()))
    }
}

/// The value as a model carries it: unknown without refinements.
fn without_refinements(value: Value) -> Value {
    let each = |inner: BTreeMap<String, Value>| {
        inner
            .into_iter()
            .map(|(key, value)| (key, without_refinements(value)))
            .collect()
    };
    match value {
        Value::Unknown(_) => Value::UNKNOWN,
        Value::Object(inner) => Value::Object(each(inner)),
        Value::Map(inner) => Value::Map(each(inner)),
        Value::List(inner) => Value::List(inner.into_iter().map(without_refinements).collect()),
        Value::Tuple(inner) => Value::Tuple(inner.into_iter().map(without_refinements).collect()),
        Value::Set(inner) => Value::set(inner.into_iter().map(without_refinements)),
        value => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Refinement;

    fn element(x: &str, id: impl Into<Value>) -> Value {
        Value::object([("x", x.into()), ("id", id.into())])
    }

    fn element_of(x: Value) -> Value {
        Value::object([("x", x), ("id", Value::UNKNOWN)])
    }

    #[test]
    fn digits_come_back_where_a_model_holds_a_float() {
        let third = || Value::Number(format!("0.{}", "3".repeat(150)).parse().expect("a number"));
        let float = |float: f64| Value::Number(Number::written_as_f64(float).expect("a number"));
        let digits = || Value::Number(Number::from_f64(1.0 / 3.0).expect("a number"));
        let wraps: [fn(Value) -> Value; 5] = [
            |value| Value::object([("x", value)]),
            |value| Value::List(vec![Value::object([("x", value), ("y", "z".into())])]),
            |value| Value::map([("k", value)]),
            |value| Value::set([Value::object([("x", value), ("y", Value::Null)]), Value::UNKNOWN]),
            |value| Value::Dynamic(Box::new(Type::Number), Box::new(value)),
        ];
        for wrap in wraps {
            // Equal numbers are equal, so their digits are compared.
            let said = |value: Value| format!("{value:?}").replace("F64", "Digits");
            let carried = |value: Value| said(carry(wrap(value), &wrap(third())));
            assert_eq!(carried(float(1.0 / 3.0)), said(wrap(third())));
            assert_eq!(carried(float(0.25)), said(wrap(float(0.25))));
            // A model of numbers means what it says.
            assert_eq!(carried(digits()), said(wrap(digits())));
        }
    }

    #[test]
    fn what_was_unknown_is_compared_with_the_prior_value() {
        let null = |ty| Value::Dynamic(Box::new(ty), Box::new(Value::Null));
        let of = |a: Value, b: Value| Value::object([("a", a), ("b", b)]);
        let carried = carry_from(
            of(Value::Null, Value::Null),
            &of(Value::UNKNOWN, Value::Null),
            &of(null(Type::String), null(Type::Bool)),
        );
        assert_eq!(carried, of(null(Type::String), Value::Null));
    }

    #[test]
    fn elements_that_a_models_set_made_one_come_back() {
        let set = |elements: &[Value]| Value::set(elements.iter().cloned());
        let open = || element("x", Value::UNKNOWN);
        let other = || element("y", Value::UNKNOWN);
        let known = || element("x", "i");
        for (planned, proposed, kept) in [
            (set(&[open()]), set(&[open(), open()]), set(&[open(), open()])),
            (
                set(&[Value::UNKNOWN]),
                set(&[Value::UNKNOWN, Value::UNKNOWN]),
                set(&[Value::UNKNOWN, Value::UNKNOWN]),
            ),
            (
                set(&[open(), other()]),
                set(&[open(), open(), other()]),
                set(&[open(), open(), other()]),
            ),
            // What the author took away or made known stays so.
            (set(&[other()]), set(&[open(), open(), other()]), set(&[other()])),
            (set(&[known()]), set(&[open(), open()]), set(&[known()])),
        ] {
            assert_eq!(carry(planned, &proposed), kept);
        }
    }

    #[test]
    fn an_element_that_a_model_holds_as_an_object_of_nothing_known_is_unknown_again() {
        let open = || element_of(Value::UNKNOWN);
        let known = || element_of("x".into());
        let wraps: [fn(Value) -> Value; 3] = [
            |value| Value::List(vec![value]),
            |value| Value::map([("k", value)]),
            |value| Value::set([value]),
        ];
        for wrap in wraps {
            let unknown = wrap(Value::UNKNOWN);
            assert_eq!(carry(wrap(open()), &unknown), unknown);
            // What the author knows of it stays, and so does what was proposed as an object.
            assert_eq!(carry(wrap(known()), &unknown), wrap(known()));
            assert_eq!(carry(wrap(open()), &wrap(open())), wrap(open()));
        }
        // That an object will be there is something to plan.
        let (planned, proposed) = (
            Value::object([("one", open())]),
            Value::object([("one", Value::UNKNOWN)]),
        );
        assert_eq!(carry(planned.clone(), &proposed), planned);
    }

    #[test]
    fn refinements_come_back_where_the_author_left_things_unknown() {
        let refined = Value::Unknown(Some(Box::new(Refinement {
            null: Some(false),
            ..Refinement::default()
        })));
        let proposed = Value::object([
            ("a", refined.clone()),
            ("b", refined.clone()),
            ("s", Value::set([element("x", refined)])),
        ]);
        let planned = Value::object([
            ("a", Value::UNKNOWN),
            ("b", "known".into()),
            ("s", Value::set([element("x", Value::UNKNOWN)])),
        ]);
        let kept = carry(planned, &proposed);
        assert_eq!(kept.attribute("a"), proposed.attribute("a"));
        assert_eq!(kept.attribute("b"), Some(&"known".into()));
        assert_eq!(kept.attribute("s"), proposed.attribute("s"));
    }
}
