//! Configurations written in a test.

use std::collections::BTreeMap;

use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    schema::{Block, BlockNesting, Body, Schema},
    value::{Type, Value, conform},
};

/// A configuration, as one would write it in HCL. What is left out is null.
///
/// Values are anything that a [`Value`] is made from, `null`, `unknown`, lists in brackets, and objects, maps
/// and blocks in braces. Keys that are no identifiers stand in quotes.
///
/// ```
/// use terraform_plugin::config;
/// let port = 443_i64;
/// config! { name = "a", port = port, network = { subnet_ids = ["x", unknown] }, tags = { "a b" = null } };
/// ```
#[macro_export]
macro_rules! config {
    (@key $key:ident) => { stringify!($key) };
    (@key $key:literal) => { $key };

    // Each step moves one entry, as an expression, to what is done.
    (@object [$($done:tt)*]) => { $crate::Value::object::<&str>([$($done)*]) };
    (@object [$($done:tt)*] $key:tt = { $($inner:tt)* } $(, $($rest:tt)*)?) => {
        $crate::config!(@object [$($done)* ($crate::config!(@key $key), $crate::config! { $($inner)* }),] $($($rest)*)?)
    };
    (@object [$($done:tt)*] $key:tt = [ $($inner:tt)* ] $(, $($rest:tt)*)?) => {
        $crate::config!(@object [$($done)* ($crate::config!(@key $key), $crate::config!(@list [] $($inner)*)),] $($($rest)*)?)
    };
    (@object [$($done:tt)*] $key:tt = null $(, $($rest:tt)*)?) => {
        $crate::config!(@object [$($done)* ($crate::config!(@key $key), $crate::Value::Null),] $($($rest)*)?)
    };
    (@object [$($done:tt)*] $key:tt = unknown $(, $($rest:tt)*)?) => {
        $crate::config!(@object [$($done)* ($crate::config!(@key $key), $crate::Value::UNKNOWN),] $($($rest)*)?)
    };
    (@object [$($done:tt)*] $key:tt = $value:expr $(, $($rest:tt)*)?) => {
        $crate::config!(@object [$($done)* ($crate::config!(@key $key), $crate::Value::from($value)),] $($($rest)*)?)
    };

    (@list [$($done:tt)*]) => { $crate::Value::List(vec![$($done)*]) };
    (@list [$($done:tt)*] { $($inner:tt)* } $(, $($rest:tt)*)?) => {
        $crate::config!(@list [$($done)* $crate::config! { $($inner)* },] $($($rest)*)?)
    };
    (@list [$($done:tt)*] [ $($inner:tt)* ] $(, $($rest:tt)*)?) => {
        $crate::config!(@list [$($done)* $crate::config!(@list [] $($inner)*),] $($($rest)*)?)
    };
    (@list [$($done:tt)*] null $(, $($rest:tt)*)?) => {
        $crate::config!(@list [$($done)* $crate::Value::Null,] $($($rest)*)?)
    };
    (@list [$($done:tt)*] unknown $(, $($rest:tt)*)?) => {
        $crate::config!(@list [$($done)* $crate::Value::UNKNOWN,] $($($rest)*)?)
    };
    (@list [$($done:tt)*] $value:expr $(, $($rest:tt)*)?) => {
        $crate::config!(@list [$($done)* $crate::Value::from($value),] $($($rest)*)?)
    };

    ($($body:tt)*) => { $crate::config!(@object [] $($body)*) };
}

/// A configuration of exactly the schema's type: what was left out is null, or empty for blocks.
pub(super) fn complete(schema: &Schema, config: Value) -> Result<Value, Diagnostics> {
    let config = fill_body(&schema.body, config);
    conform::coerce(config, &schema.implied_type()).map_err(|err| {
        let detail = format!("The configuration does not fit the schema: {err}.");
        Diagnostic::error("Unsuitable configuration", detail)
            .at(err.path)
            .into()
    })
}

/// A value of exactly that type: attributes that were left out are null.
pub(super) fn complete_type(ty: &Type, value: Value) -> Result<Value, Diagnostics> {
    conform::coerce(conform::fill(ty, value), ty).map_err(|err| {
        let detail = format!("The identity does not fit its schema: {err}.");
        Diagnostic::error("Unsuitable identity", detail).into()
    })
}

fn fill_body(body: &Body, value: Value) -> Value {
    let Value::Object(mut inner) = value else {
        return value;
    };
    for (name, attribute) in &body.attributes {
        let value = inner.remove(name).unwrap_or(Value::Null);
        inner.insert(name.clone(), conform::fill(&attribute.implied_type(), value));
    }
    for (name, block) in &body.blocks {
        let value = inner.remove(name).unwrap_or(Value::Null);
        inner.insert(name.clone(), fill_block(block, value));
    }
    Value::Object(inner)
}

fn fill_block(block: &Block, value: Value) -> Value {
    match (block.nesting, value) {
        (BlockNesting::Group, Value::Null) => fill_body(&block.body, Value::Object(BTreeMap::new())),
        (BlockNesting::Single | BlockNesting::Group, value) => fill_body(&block.body, value),
        (BlockNesting::List, Value::Null) => Value::List(Vec::new()),
        (BlockNesting::Set, Value::Null) => Value::set([]),
        (BlockNesting::Map, Value::Null) => Value::Map(BTreeMap::new()),
        (BlockNesting::List | BlockNesting::Set, Value::List(inner)) => Value::List(
            inner
                .into_iter()
                .map(|value| fill_body(&block.body, value))
                .collect(),
        ),
        (BlockNesting::Map, Value::Object(inner)) => Value::Map(
            inner
                .into_iter()
                .map(|(key, value)| (key, fill_body(&block.body, value)))
                .collect(),
        ),
        (_, value) => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Type,
        schema::{map_nested, set, string},
    };

    #[test]
    fn a_configuration_is_completed_by_its_schema() {
        let schema = Schema::new(0)
            .attr("name", string().required())
            .attr("ids", set(Type::String).optional())
            .attr(
                "keyed",
                map_nested([("x", string().optional()), ("y", string().optional())]).optional(),
            )
            .block("rule", Block::list().attr("z", string().optional()))
            .block("timeouts", Block::single().attr("create", string().optional()));
        let config = config! { name = "a", ids = ["b", "a"], keyed = { "k 1" = { x = unknown } } };
        let expected = Value::object([
            ("name", "a".into()),
            ("ids", Value::set(["a".into(), "b".into()])),
            (
                "keyed",
                Value::map([("k 1", Value::object([("x", Value::UNKNOWN), ("y", Value::Null)]))]),
            ),
            ("rule", Value::List(Vec::new())),
            ("timeouts", Value::Null),
        ]);
        assert_eq!(complete(&schema, config), Ok(expected));
    }

    #[test]
    fn an_argument_that_does_not_exist_is_named() {
        let found = complete(&Schema::new(0), config! { nonsense = 1_i64 }).expect_err("refused");
        assert!(found.to_string().contains("nonsense"), "{found}");
    }
}
