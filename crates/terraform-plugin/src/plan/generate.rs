//! A configuration for what exists (core: genconfig's extraction from state, without its crutches for old SDKs).

use std::collections::BTreeMap;

use crate::{
    schema::{Attribute, Block, BlockNesting, Body, Kind, Nesting},
    value::Value,
};

/// The configuration that would have led to this state: what only the provider sets is left out, and so are
/// write-only and deprecated arguments.
pub(crate) fn config_from_state(body: &Body, state: &Value) -> Value {
    let Value::Object(inner) = state else {
        return state.clone();
    };
    let mut config = inner.clone();
    in_attributes(&body.attributes, &mut config);
    for (name, block) in &body.blocks {
        if let Some(value) = config.get_mut(name) {
            *value = nested_block(block, value);
        }
    }
    Value::Object(config)
}

fn in_attributes(attributes: &[(String, Attribute)], config: &mut BTreeMap<String, Value>) {
    for (name, attribute) in attributes {
        if let Some(value) = config.get_mut(name) {
            *value = nested(attribute, value);
        }
    }
}

fn nested(attribute: &Attribute, value: &Value) -> Value {
    let settable = attribute.required || attribute.optional;
    if !settable || attribute.write_only || attribute.deprecated.is_some() {
        return Value::Null;
    }
    let Kind::Nested(nesting, inner) = &attribute.kind else {
        return value.clone();
    };
    let one = |value: &Value| match value {
        Value::Object(object) => {
            let mut object = object.clone();
            in_attributes(inner, &mut object);
            Value::Object(object)
        }
        value => value.clone(),
    };
    match (nesting, value) {
        (Nesting::Single, value) => one(value),
        (_, value) => elements(value, &one),
    }
}

fn nested_block(block: &Block, value: &Value) -> Value {
    if block.computed || block.body.deprecated.is_some() {
        return absent(block);
    }
    let one = |value: &Value| config_from_state(&block.body, value);
    match block.nesting {
        BlockNesting::Single | BlockNesting::Group => one(value),
        BlockNesting::List | BlockNesting::Set | BlockNesting::Map => elements(value, &one),
    }
}

fn elements(value: &Value, one: &dyn Fn(&Value) -> Value) -> Value {
    match value {
        Value::List(inner) => Value::List(inner.iter().map(one).collect()),
        Value::Tuple(inner) => Value::Tuple(inner.iter().map(one).collect()),
        Value::Set(inner) => Value::set(inner.iter().map(one)),
        Value::Map(inner) => Value::map(inner.iter().map(|(key, value)| (key, one(value)))),
        Value::Object(inner) => Value::object(inner.iter().map(|(key, value)| (key, one(value)))),
        Value::Dynamic(ty, value) => Value::Dynamic(ty.clone(), Box::new(elements(value, one))),
        value => value.clone(),
    }
}

/// What a block type is worth of which there is no block.
pub(crate) fn absent(block: &Block) -> Value {
    match block.nesting {
        BlockNesting::Single => Value::Null,
        BlockNesting::Group => empty(&block.body),
        BlockNesting::List => Value::List(Vec::new()),
        BlockNesting::Set => Value::set([]),
        BlockNesting::Map => Value::map::<&str>([]),
    }
}

/// A body in which nothing is set.
pub(crate) fn empty(body: &Body) -> Value {
    let attributes = body.attributes.iter().map(|(name, _)| (name, Value::Null));
    let blocks = body.blocks.iter().map(|(name, block)| (name, absent(block)));
    Value::object(attributes.chain(blocks))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Schema, map_nested, string};

    #[test]
    fn what_a_user_would_have_written_is_what_is_left() {
        let inner = [("x", string().optional()), ("id", string().computed())];
        let old = || Block::list().deprecated("use x").attr("x", string().optional());
        let schema = Schema::new(0)
            .attr("name", string().required())
            .attr("id", string().computed())
            .attr("both", string().optional().computed())
            .attr("old", string().optional().deprecated("use both"))
            .attr("secret_wo", string().optional().write_only())
            .attr("keyed", map_nested(inner).optional())
            .attr("out", map_nested([("x", string().computed())]).computed())
            .block(
                "rule",
                Block::list()
                    .attr("x", string().optional())
                    .attr("id", string().computed()),
            )
            .block("old_rule", old())
            .block("made", Block::list().computed().attr("x", string().computed()));
        let element = |id: Value| Value::object([("x", "x".into()), ("id", id)]);
        let state = |computed: Value, out: Value, old_rule: Value| {
            Value::object([
                ("name", "n".into()),
                ("id", computed.clone()),
                ("both", "b".into()),
                ("old", computed.clone()),
                ("secret_wo", Value::Null),
                ("keyed", Value::map([("k", element(computed.clone()))])),
                ("out", out),
                ("rule", Value::List(vec![element(computed)])),
                ("old_rule", old_rule.clone()),
                ("made", old_rule),
            ])
        };
        let out = Value::map([("k", Value::object([("x", "y".into())]))]);
        let old_rule = Value::List(vec![Value::object([("x", "y".into())])]);
        assert_eq!(
            config_from_state(&schema.body, &state("i".into(), out, old_rule)),
            state(Value::Null, Value::Null, Value::List(Vec::new()))
        );
    }
}
