//! What core proposes as a new state (core: objchange's ProposedNew).

use std::convert::Infallible;

use crate::{
    schema::{Attribute, Block, BlockNesting, Body, Child, Kind, Level, Nesting, Rewritten},
    value::Value,
};

const NOTHING: &Value = &Value::Null;

/// The configuration, completed by what the prior state has computed.
pub(crate) fn proposed_new(body: &Body, prior: &Value, config: &Value) -> Value {
    let Value::Object(_) = config else {
        return config.clone();
    };
    let Value::Object(mut new) = attributes(&body.attributes, prior, config) else {
        return config.clone();
    };
    for (name, block) in &body.blocks {
        let value = nested_block(block, of(prior, name), of(config, name));
        new.insert(name.clone(), value);
    }
    Value::Object(new)
}

/// The configuration with null for computed blocks that it does not have (core: objchange's
/// PrepareComputedBlocks): there, the provider may put its own.
pub(crate) fn without_computed_blocks(body: &Body, config: Value) -> Value {
    let rewritten = body
        .level()
        .rewrite(config, &[], &mut |_, child, value, _| -> Result<_, Infallible> {
            let none = match &value {
                Value::List(inner) => inner.is_empty(),
                Value::Set(inner) => inner.is_empty(),
                Value::Map(inner) => inner.is_empty(),
                _ => false,
            };
            Ok(match child {
                Child::Block(block) if block.computed && none => Rewritten::Done(Value::Null),
                _ => Rewritten::Into(value),
            })
        });
    let Ok(config) = rewritten;
    config
}

fn nested_block(block: &Block, prior: &Value, config: &Value) -> Value {
    if block.computed && config.is_null() {
        return prior.clone();
    }
    let one = |prior: &Value, config: &Value| proposed_new(&block.body, prior, config);
    match block.nesting {
        BlockNesting::Single | BlockNesting::Group => one(prior, config),
        BlockNesting::List | BlockNesting::Set | BlockNesting::Map => {
            elements(block.body.level(), prior, config, &one)
        }
    }
}

fn attributes(attributes_of: &[(String, Attribute)], prior: &Value, config: &Value) -> Value {
    let new = attributes_of.iter().map(|(name, attribute)| {
        let (prior, config) = (of(prior, name), of(config, name));
        let value = match &attribute.kind {
            _ if attribute.computed && config.is_null() => {
                // What a user once configured is not kept when it is taken away.
                if attribute.optional && holds_configured(attribute, prior) {
                    Value::Null
                } else {
                    prior.clone()
                }
            }
            Kind::Nested(nesting, inner) => nested(*nesting, inner, prior, config),
            Kind::Plain(_) => config.clone(),
        };
        (name, value)
    });
    Value::object(new)
}

fn nested(nesting: Nesting, inner: &[(String, Attribute)], prior: &Value, config: &Value) -> Value {
    let one = |prior: &Value, config: &Value| match config {
        Value::Object(_) => attributes(inner, prior, config),
        config => config.clone(),
    };
    match nesting {
        Nesting::Single => one(prior, config),
        Nesting::List | Nesting::Set | Nesting::Map => {
            let level = Level {
                attributes: inner,
                blocks: &[],
            };
            elements(level, prior, config, &one)
        }
    }
}

/// Elements of lists are matched by index, of maps by key, of sets by what the configuration sets.
fn elements(inner: Level<'_>, prior: &Value, config: &Value, one: &dyn Fn(&Value, &Value) -> Value) -> Value {
    match (prior, config) {
        (prior, Value::List(configs)) => {
            let priors: &[Value] = if let Value::List(priors) = prior {
                priors
            } else {
                &[]
            };
            let priors = priors.iter().chain(std::iter::repeat(NOTHING));
            Value::List(
                configs
                    .iter()
                    .zip(priors)
                    .map(|(config, prior)| one(prior, config))
                    .collect(),
            )
        }
        (prior, Value::Map(configs)) => {
            let prior = |key: &String| match prior {
                Value::Map(priors) => priors.get(key).unwrap_or(NOTHING),
                _ => NOTHING,
            };
            Value::map(configs.iter().map(|(key, config)| (key, one(prior(key), config))))
        }
        (prior, Value::Set(configs)) => {
            let mut left: Vec<&Value> = if let Value::Set(priors) = prior {
                priors.iter().collect()
            } else {
                vec![]
            };
            Value::set(configs.iter().map(|config| {
                let found = left.iter().position(|prior| inner.may_be_same(config, prior));
                one(found.map_or(NOTHING, |found| left.swap_remove(found)), config)
            }))
        }
        (_, config) => config.clone(),
    }
}

/// Whether a nested value holds what only a configuration can have set.
fn holds_configured(attribute: &Attribute, value: &Value) -> bool {
    let Kind::Nested(_, inner) = &attribute.kind else {
        return false;
    };
    let in_object = |object: &Value| {
        inner.iter().any(|(name, attribute)| {
            let value = of(object, name);
            (!attribute.computed && !value.is_null()) || holds_configured(attribute, value)
        })
    };
    match value {
        Value::Object(_) => in_object(value),
        Value::List(inner) => inner.iter().any(in_object),
        Value::Set(inner) => inner.iter().any(in_object),
        Value::Map(inner) => inner.values().any(in_object),
        _ => false,
    }
}

fn of<'a>(value: &'a Value, name: &str) -> &'a Value {
    value.attribute(name).unwrap_or(NOTHING)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Schema, list_nested, map_nested, set_nested, single, string};

    fn schema() -> Schema {
        let inner = || [("x", string().optional()), ("id", string().computed())];
        Schema::new(0)
            .attr("plain", string().optional())
            .attr("id", string().computed())
            .attr("maybe", string().optional().computed())
            .attr("one", single(inner()).optional())
            .attr("many", list_nested(inner()).optional())
            .attr("keyed", map_nested(inner()).optional())
            .attr("bag", set_nested(inner()).optional())
            .attr("held", single(inner()).optional().computed())
    }

    fn element(x: &str, id: impl Into<Value>) -> Value {
        Value::object([("x", x.into()), ("id", id.into())])
    }

    fn state(plain: &str, id: impl Into<Value> + Clone, keyed: &[&str]) -> Value {
        let id = id.into();
        Value::object([
            ("plain", plain.into()),
            ("id", id.clone()),
            ("maybe", id.clone()),
            ("one", element("o", id.clone())),
            ("many", Value::List(vec![element("m", id.clone())])),
            (
                "keyed",
                Value::map(keyed.iter().map(|key| (*key, element("k", id.clone())))),
            ),
            ("bag", Value::set([element("b", id)])),
            ("held", Value::Null),
        ])
    }

    #[test]
    fn what_was_computed_is_kept_beside_what_is_configured() {
        let prior = state("old", "computed", &["a", "b"]);
        let config = state("new", Value::Null, &["a"]);
        assert_eq!(
            proposed_new(&schema().body, &prior, &config),
            state("new", "computed", &["a"])
        );
    }

    #[test]
    fn without_a_prior_state_computed_attributes_are_null() {
        let config = state("new", Value::Null, &["a"]);
        assert_eq!(proposed_new(&schema().body, &Value::Null, &config), config);
    }

    #[test]
    fn a_configured_object_that_was_taken_away_is_proposed_as_null() {
        let Value::Object(mut prior) = state("p", "c", &[]) else {
            panic!("an object")
        };
        prior.insert("held".to_owned(), element("configured", "c"));
        let config = state("p", Value::Null, &[]);
        let proposed = proposed_new(&schema().body, &Value::Object(prior), &config);
        assert_eq!(proposed.attribute("held"), Some(&Value::Null));
    }
}
