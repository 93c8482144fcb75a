//! Changes that the framework itself makes to a planned state before and after the author sees it.

use std::collections::BTreeMap;

use crate::{
    schema::{Attribute, Block, BlockNesting, Body, Kind, Nesting},
    value::Value,
};

/// The same state without its write-only values, which only the configuration may hold.
pub(crate) fn null_write_only(body: &Body, value: Value) -> Value {
    rewrite_body(body, value, &Value::Null, &|attribute, value, _| {
        if attribute.write_only {
            Rewritten::Done(Value::Null)
        } else {
            Rewritten::Into(value)
        }
    })
}

/// The same state with every computed attribute unknown that the configuration leaves null
/// (terraform-plugin-framework does so before its plan modifiers run).
pub(crate) fn mark_computed_unknown(body: &Body, planned: Value, config: &Value) -> Value {
    rewrite_body(body, planned, config, &|attribute, value, config| {
        let open = config.is_null();
        if attribute.computed && open {
            Rewritten::Done(Value::UNKNOWN)
        } else if open || config.is_unknown() {
            Rewritten::Done(value)
        } else {
            Rewritten::Into(value)
        }
    })
}

/// Gives unknown values back the refinements that they came with: a model cannot carry them, and core
/// compares them.
pub(crate) fn keep_refinements(planned: Value, proposed: &Value) -> Value {
    if planned.is_unknown() && proposed.is_unknown() {
        return proposed.clone();
    }
    match (planned, proposed) {
        (Value::Object(inner), Value::Object(proposed)) => Value::Object(keep_by_key(inner, proposed)),
        (Value::Map(inner), Value::Map(proposed)) => Value::Map(keep_by_key(inner, proposed)),
        (Value::List(inner), Value::List(proposed)) => Value::List(keep_by_index(inner, proposed)),
        (Value::Tuple(inner), Value::Tuple(proposed)) => Value::Tuple(keep_by_index(inner, proposed)),
        (Value::Set(inner), Value::Set(proposed)) => {
            let plain = |value: &Value| keep_refinements_away(value.clone());
            let mut left: Vec<&Value> = proposed.iter().collect();
            Value::set(inner.into_iter().map(|value| {
                match left.iter().position(|proposed| plain(proposed) == value) {
                    Some(found) => left.swap_remove(found).clone(),
                    None => value,
                }
            }))
        }
        (planned, _) => planned,
    }
}

fn keep_by_key(
    inner: BTreeMap<String, Value>,
    proposed: &BTreeMap<String, Value>,
) -> BTreeMap<String, Value> {
    let keep = |(key, value): (String, Value)| {
        let value = match proposed.get(&key) {
            Some(proposed) => keep_refinements(value, proposed),
            None => value,
        };
        (key, value)
    };
    inner.into_iter().map(keep).collect()
}

fn keep_by_index(inner: Vec<Value>, proposed: &[Value]) -> Vec<Value> {
    let mut proposed = proposed.iter();
    let keep = |value| match proposed.next() {
        Some(proposed) => keep_refinements(value, proposed),
        None => value,
    };
    inner.into_iter().map(keep).collect()
}

/// The value as a model carries it: unknown without refinements.
fn keep_refinements_away(value: Value) -> Value {
    let each = |inner: BTreeMap<String, Value>| {
        inner
            .into_iter()
            .map(|(key, value)| (key, keep_refinements_away(value)))
            .collect()
    };
    match value {
        Value::Unknown(_) => Value::UNKNOWN,
        Value::Object(inner) => Value::Object(each(inner)),
        Value::Map(inner) => Value::Map(each(inner)),
        Value::List(inner) => Value::List(inner.into_iter().map(keep_refinements_away).collect()),
        Value::Tuple(inner) => Value::Tuple(inner.into_iter().map(keep_refinements_away).collect()),
        Value::Set(inner) => Value::set(inner.into_iter().map(keep_refinements_away)),
        value => value,
    }
}

enum Rewritten {
    /// This is the value.
    Done(Value),
    /// The attributes within it come next.
    Into(Value),
}

type Rewrite<'f> = dyn Fn(&Attribute, Value, &Value) -> Rewritten + 'f;

const NOTHING: &Value = &Value::Null;

/// Rewrites every attribute of `value`, with what stands at the same place in `beside`.
fn rewrite_body(body: &Body, value: Value, beside: &Value, rewrite: &Rewrite<'_>) -> Value {
    let Value::Object(mut object) = rewrite_attributes(&body.attributes, value, beside, rewrite) else {
        return Value::Null;
    };
    for (name, block) in &body.blocks {
        if let Some(value) = object.remove(name) {
            let beside = beside.attribute(name).unwrap_or(NOTHING);
            object.insert(name.clone(), rewrite_block(block, value, beside, rewrite));
        }
    }
    Value::Object(object)
}

fn rewrite_block(block: &Block, value: Value, beside: &Value, rewrite: &Rewrite<'_>) -> Value {
    let one = |value: Value, beside: &Value| match value {
        value @ Value::Object(_) => rewrite_body(&block.body, value, beside, rewrite),
        value => value,
    };
    match block.nesting {
        BlockNesting::Single | BlockNesting::Group => one(value, beside),
        BlockNesting::List | BlockNesting::Set | BlockNesting::Map => {
            elements(value, beside, &block.body.attributes, &one)
        }
    }
}

fn rewrite_attributes(
    attributes: &[(String, Attribute)],
    value: Value,
    beside: &Value,
    rewrite: &Rewrite<'_>,
) -> Value {
    let Value::Object(mut object) = value else {
        return value;
    };
    for (name, attribute) in attributes {
        let Some(value) = object.remove(name) else {
            continue;
        };
        let beside = beside.attribute(name).unwrap_or(NOTHING);
        let value = match rewrite(attribute, value, beside) {
            Rewritten::Done(value) => value,
            Rewritten::Into(value) => match &attribute.kind {
                Kind::Plain(_) => value,
                Kind::Nested(nesting, inner) => {
                    let one =
                        |value: Value, beside: &Value| rewrite_attributes(inner, value, beside, rewrite);
                    match nesting {
                        Nesting::Single => one(value, beside),
                        Nesting::List | Nesting::Set | Nesting::Map => elements(value, beside, inner, &one),
                    }
                }
            },
        };
        object.insert(name.clone(), value);
    }
    Value::Object(object)
}

/// Applies `one` to each element of a collection and to its counterpart: of the same index or key, or, in a
/// set, the one that agrees with it in all that the configuration sets.
fn elements(
    value: Value,
    beside: &Value,
    attributes: &[(String, Attribute)],
    one: &dyn Fn(Value, &Value) -> Value,
) -> Value {
    match (value, beside) {
        (Value::List(inner), beside) => {
            let beside: &[Value] = if let Value::List(beside) = beside {
                beside
            } else {
                &[]
            };
            let counterparts = beside.iter().chain(std::iter::repeat(NOTHING));
            Value::List(
                inner
                    .into_iter()
                    .zip(counterparts)
                    .map(|(value, beside)| one(value, beside))
                    .collect(),
            )
        }
        (Value::Map(inner), beside) => {
            let counterpart = |key: &str| match beside {
                Value::Map(beside) => beside.get(key).unwrap_or(NOTHING),
                _ => NOTHING,
            };
            let rewritten = inner.into_iter().map(|(key, value)| {
                let value = one(value, counterpart(&key));
                (key, value)
            });
            Value::Map(rewritten.collect())
        }
        (Value::Set(inner), beside) => {
            let mut left: Vec<&Value> = if let Value::Set(beside) = beside {
                beside.iter().collect()
            } else {
                vec![]
            };
            Value::set(inner.into_iter().map(|value| {
                let found = left.iter().position(|config| agrees(attributes, &value, config));
                let beside = found.map_or(NOTHING, |found| left.swap_remove(found));
                one(value, beside)
            }))
        }
        (value, _) => value,
    }
}

fn agrees(attributes: &[(String, Attribute)], value: &Value, config: &Value) -> bool {
    attributes.iter().all(|(name, attribute)| {
        let config = config.attribute(name).unwrap_or(NOTHING);
        attribute.write_only
            || (attribute.computed && config.is_null())
            || value.attribute(name).unwrap_or(NOTHING) == config
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Refinement,
        schema::{Schema, list_nested, map_nested, set_nested, single, string},
    };

    fn element(x: &str, id: impl Into<Value>) -> Value {
        Value::object([("x", x.into()), ("id", id.into())])
    }

    fn schema() -> Schema {
        let inner = || [("x", string().optional()), ("id", string().computed())];
        Schema::new(0)
            .attr("name", string().required())
            .attr("id", string().computed())
            .attr("maybe", string().optional().computed())
            .attr("secret_wo", string().optional().write_only())
            .attr("one", single(inner()).optional())
            .attr("many", list_nested(inner()).optional())
            .attr("keyed", map_nested(inner()).optional())
            .attr("bag", set_nested(inner()).optional())
    }

    fn state(id: impl Into<Value> + Clone, maybe: impl Into<Value>) -> Value {
        let id = id.into();
        Value::object([
            ("name", "n".into()),
            ("id", id.clone()),
            ("maybe", maybe.into()),
            ("secret_wo", Value::Null),
            ("one", element("o", id.clone())),
            ("many", Value::List(vec![element("m", id.clone())])),
            ("keyed", Value::map([("k", element("k", id.clone()))])),
            ("bag", Value::set([element("b", id)])),
        ])
    }

    #[test]
    fn computed_attributes_that_the_configuration_leaves_open_become_unknown_everywhere() {
        let marked = mark_computed_unknown(
            &schema().body,
            state("old", "old"),
            &state(Value::Null, Value::Null),
        );
        assert_eq!(marked, state(Value::UNKNOWN, Value::UNKNOWN));
    }

    #[test]
    fn what_the_configuration_sets_stays() {
        let config = state(Value::Null, "mine");
        let marked = mark_computed_unknown(&schema().body, state("old", "mine"), &config);
        assert_eq!(marked.attribute("maybe"), Some(&"mine".into()));
    }

    #[test]
    fn write_only_values_are_taken_out_at_every_depth() {
        let inner = [("value_wo", string().optional().write_only())];
        let schema = Schema::new(0).attr(
            "keyed",
            map_nested([("deep", single(inner).optional())]).optional(),
        );
        let state = |value: Value| {
            let deep = Value::object([("value_wo", value)]);
            Value::object([("keyed", Value::map([("k", Value::object([("deep", deep)]))]))])
        };
        assert_eq!(
            null_write_only(&schema.body, state("secret".into())),
            state(Value::Null)
        );
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
        let kept = keep_refinements(planned, &proposed);
        assert_eq!(kept.attribute("a"), proposed.attribute("a"));
        assert_eq!(kept.attribute("b"), Some(&"known".into()));
        assert_eq!(kept.attribute("s"), proposed.attribute("s"));
    }
}
