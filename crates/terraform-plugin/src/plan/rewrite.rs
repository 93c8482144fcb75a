//! Changes that the framework itself makes to a planned state before and after the author sees it.

use std::convert::Infallible;

use super::generate::absent;
use crate::{
    schema::{Attribute, Body, Child, Kind, Level, NOTHING, Nesting, Rewritten},
    value::{Value, codec::CodecError},
};

/// Rewrites that cannot fail.
type Always = Result<Rewritten, Infallible>;

pub(super) fn rewritten(
    level: Level<'_>,
    value: Value,
    beside: &[&Value],
    rewrite: &dyn Fn(Child<'_>, Value, &[&Value]) -> Rewritten,
) -> Value {
    let rewritten = level.rewrite(value, beside, &mut |_, child, value, beside| -> Always {
        Ok(rewrite(child, value, beside))
    });
    let Ok(value) = rewritten;
    value
}

/// The same state without its write-only values, which only the configuration may hold.
pub(crate) fn null_write_only(body: &Body, value: Value) -> Value {
    if !body.level().any(&|attribute| attribute.write_only) {
        return value;
    }
    rewritten(body.level(), value, &[], &|child, value, _| match child {
        Child::Attribute(attribute) if attribute.write_only => Rewritten::Done(Value::Null),
        _ => Rewritten::Into(value),
    })
}

/// The same state with unknown elements of nested lists and maps taken apart where they hold write-only values. Core looks
/// for those in every element and wants them null, which only a known element can say, whose other attributes are
/// unknown.
pub(crate) fn open_elements(body: &Body, value: Value) -> Value {
    rewritten(body.level(), value, &[], &|child, value, _| {
        let Child::Attribute(Attribute {
            kind: Kind::Nested(Nesting::List | Nesting::Map, inner),
            ..
        }) = child
        else {
            return Rewritten::Into(value);
        };
        if !inner.iter().any(|(_, attribute)| attribute.write_only) {
            return Rewritten::Into(value);
        }
        let open = |element: Value| match element {
            Value::Unknown(_) => Value::object(inner.iter().map(|(name, attribute)| {
                let value = if attribute.write_only {
                    Value::Null
                } else {
                    Value::UNKNOWN
                };
                (name.as_str(), value)
            })),
            element => element,
        };
        Rewritten::Into(match value {
            Value::List(elements) => Value::List(elements.into_iter().map(open).collect()),
            Value::Map(elements) => Value::Map(
                elements
                    .into_iter()
                    .map(|(key, element)| (key, open(element)))
                    .collect(),
            ),
            value => value,
        })
    })
}

/// What a verb recorded, as core stores it: without write-only values, whatever the author put there, and with blocks
/// as core holds them.
pub(crate) fn as_state(body: &Body, recorded: Value, computed_blocks: bool) -> Value {
    settle_blocks(body, null_write_only(body, recorded), computed_blocks)
}

/// The same state with blocks in the way in which core holds them: empty where a model has null. Computed blocks
/// are empty too where the host does not know them (`computed_blocks` is false).
pub(super) fn settle_blocks(body: &Body, value: Value, computed_blocks: bool) -> Value {
    rewritten(body.level(), value, &[], &|child, value, _| match child {
        Child::Block(block) if value.is_null() || (block.computed && !computed_blocks) => {
            Rewritten::Done(absent(block))
        }
        _ => Rewritten::Into(value),
    })
}

/// The same state with the defaults of all that the configuration leaves null. They come from the configuration
/// alone: what core proposes there is the prior value. Of that only remains what is computed within an object and no default
/// says, as it does of objects that are configured.
///
/// # Errors
/// A default that does not fit its attribute.
pub(super) fn with_defaults(level: Level<'_>, planned: Value, config: &Value) -> Result<Value, CodecError> {
    if !level.any(&|attribute| attribute.default.is_some()) {
        return Ok(planned);
    }
    level.rewrite(planned, &[config], &mut |place, child, value, beside| {
        let config = beside.first().copied().unwrap_or(NOTHING);
        if !config.is_null() {
            return Ok(if config.is_unknown() {
                Rewritten::Done(value)
            } else {
                Rewritten::Into(value)
            });
        }
        match child {
            Child::Attribute(attribute) => match &attribute.default {
                Some(default) => match default.get(&attribute.implied_type()) {
                    Ok(default) => {
                        let kept = |proposed: &Value| proposed.clone();
                        let value = with_open(child, default.clone(), [&default, &value], &kept);
                        Ok(Rewritten::Done(value))
                    }
                    Err(mut err) => {
                        err.path = place.path.join(&err.path);
                        Err(err)
                    }
                },
                None => Ok(Rewritten::Done(value)),
            },
            Child::Block(_) => Ok(Rewritten::Done(value)),
        }
    })
}

/// The value of what is planned by a default, where all is `open` that is computed and that the default leaves out; what
/// stands at the place in the second of the values beside is given.
fn with_open(
    child: Child<'_>,
    value: Value,
    [default, beside]: [&Value; 2],
    open: &dyn Fn(&Value) -> Value,
) -> Value {
    let opened = child.rewrite_within(value, &[NOTHING, default, beside], &mut |_,
                                                                                child,
                                                                                value,
                                                                                beside|
     -> Always {
        Ok(match (child, beside) {
            (Child::Attribute(attribute), [_, default, beside])
                if attribute.computed && attribute.default.is_none() && default.is_null() =>
            {
                Rewritten::Done(open(beside))
            }
            _ => Rewritten::Into(value),
        })
    });
    let Ok(value) = opened;
    value
}

/// The same state with the text before wherever it means the same (semantic equality).
pub(crate) fn keep_same(body: &Body, before: &Value, value: Value) -> Value {
    if !body.level().any(&|attribute| attribute.same.is_some()) {
        return value;
    }
    let kept = body
        .level()
        .rewrite_by_configured(value, before, &mut |_, child, value, beside| -> Always {
            let before = beside.last().copied().unwrap_or(NOTHING);
            Ok(match child {
                Child::Attribute(attribute)
                    if attribute
                        .same
                        .as_ref()
                        .is_some_and(|same| same.holds(before, &value)) =>
                {
                    Rewritten::Done(before.clone())
                }
                _ => Rewritten::Into(value),
            })
        });
    let Ok(value) = kept;
    value
}

/// The same state with every computed attribute unknown that the configuration leaves null and that has no
/// default (terraform-plugin-framework does so before its plan modifiers run), also within an object that a default makes and
/// that leaves it out. Computed blocks likewise, where
/// the host knows them: their configuration is null then, and empty elsewhere.
pub(crate) fn mark_computed_unknown(level: Level<'_>, planned: Value, config: &Value) -> Value {
    rewritten(level, planned, &[config], &|child, value, beside| {
        let config = beside.first().copied().unwrap_or(NOTHING);
        let open = config.is_null();
        let computed = match child {
            Child::Attribute(attribute) => attribute.computed && attribute.default.is_none(),
            Child::Block(block) => block.computed,
        };
        let default = match child {
            Child::Attribute(attribute) if open => {
                attribute.default.as_ref().map(|default| (attribute, default))
            }
            _ => None,
        };
        if computed && open {
            Rewritten::Done(Value::UNKNOWN)
        } else if let Some((attribute, default)) = default {
            // One that does not fit was told when it was planned.
            let default = default.get(&attribute.implied_type()).unwrap_or(Value::Null);
            Rewritten::Done(with_open(child, value, [&default, NOTHING], &|_| Value::UNKNOWN))
        } else if open || config.is_unknown() {
            Rewritten::Done(value)
        } else {
            Rewritten::Into(value)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Schema, list_nested, map_nested, set_nested, single, string};

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
            schema().body.level(),
            state("old", "old"),
            &state(Value::Null, Value::Null),
        );
        assert_eq!(marked, state(Value::UNKNOWN, Value::UNKNOWN));
    }

    #[test]
    fn what_the_configuration_sets_stays() {
        let config = state(Value::Null, "mine");
        let marked = mark_computed_unknown(schema().body.level(), state("old", "mine"), &config);
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
    fn unknown_elements_are_taken_apart_where_they_hold_write_only_values() {
        let inner = || {
            [
                ("x", string().optional()),
                ("x_wo", string().optional().write_only()),
            ]
        };
        let schema = Schema::new(0)
            .attr("keyed", map_nested(inner()).optional())
            .attr("listed", list_nested(inner()).optional())
            .attr("plain", map_nested([("x", string().optional())]).optional())
            .attr("one", single(inner()).optional());
        let of = |element: Value| {
            Value::object([
                ("keyed", Value::map([("k", element.clone())])),
                ("listed", Value::List(vec![element])),
                ("plain", Value::map([("k", Value::UNKNOWN)])),
                ("one", Value::UNKNOWN),
            ])
        };
        let opened = Value::object([("x", Value::UNKNOWN), ("x_wo", Value::Null)]);
        assert_eq!(
            open_elements(&schema.body, of(Value::UNKNOWN)),
            of(opened.clone())
        );
        let whole = Value::object([("keyed", Value::UNKNOWN), ("listed", Value::Null)]);
        assert_eq!(open_elements(&schema.body, whole.clone()), whole);
        // As hosts see it that know write-only values, and those that do not.
        for (planned, values) in [
            (of(opened), vec![]),
            (of(Value::UNKNOWN), vec!["keyed[\"k\"].x_wo", "listed[0].x_wo"]),
        ] {
            let config = of(Value::UNKNOWN);
            let broken = crate::plan::assert_plan_valid(&schema.body, &Value::Null, &config, &planned);
            assert_eq!(broken, []);
            let found = crate::plan::write_only_values(&schema.body, &planned);
            let found: Vec<_> = found.iter().map(ToString::to_string).collect();
            assert_eq!(found, values);
        }
    }
}
