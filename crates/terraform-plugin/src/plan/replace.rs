//! Which changes replace a resource.

use std::collections::BTreeSet;

use crate::{
    path::{Path, Step},
    schema::{Attribute, BlockNesting, Body, Kind, Nesting},
    value::Value,
};

const NOTHING: &Value = &Value::Null;

/// The attributes marked with `.replace()` whose planned value differs from the prior one. Within a set, the
/// set.
pub(crate) fn requires_replace(body: &Body, prior: &Value, planned: &Value) -> Vec<Path> {
    let mut found = Vec::new();
    in_body(body, prior, planned, &Path::root(), &mut found);
    found
}

fn in_body(body: &Body, prior: &Value, planned: &Value, at: &Path, found: &mut Vec<Path>) {
    in_attributes(&body.attributes, prior, planned, at, found);
    for (name, block) in &body.blocks {
        let (prior, planned) = (of(prior, name), of(planned, name));
        let here = at.then(name);
        match block.nesting {
            BlockNesting::Single | BlockNesting::Group => in_body(&block.body, prior, planned, &here, found),
            BlockNesting::Set => {
                if prior != planned && body_replaces(&block.body) {
                    found.push(here);
                }
            }
            BlockNesting::List | BlockNesting::Map => {
                for (step, prior, planned) in pairs(prior, planned) {
                    in_body(&block.body, prior, planned, &here.then(step), found);
                }
            }
        }
    }
}

fn in_attributes(
    attributes: &[(String, Attribute)],
    prior: &Value,
    planned: &Value,
    at: &Path,
    found: &mut Vec<Path>,
) {
    for (name, attribute) in attributes {
        let (prior, planned) = (of(prior, name), of(planned, name));
        if prior == planned {
            continue;
        }
        let here = at.then(name);
        if attribute.replace {
            found.push(here);
            continue;
        }
        let Kind::Nested(nesting, inner) = &attribute.kind else {
            continue;
        };
        match nesting {
            Nesting::Single => in_attributes(inner, prior, planned, &here, found),
            Nesting::Set => {
                if replaces(inner) {
                    found.push(here);
                }
            }
            Nesting::List | Nesting::Map => {
                for (step, prior, planned) in pairs(prior, planned) {
                    in_attributes(inner, prior, planned, &here.then(step), found);
                }
            }
        }
    }
}

fn of<'a>(value: &'a Value, name: &str) -> &'a Value {
    value.attribute(name).unwrap_or(NOTHING)
}

/// The elements of two lists or maps, matched by index or key.
fn pairs<'a>(prior: &'a Value, planned: &'a Value) -> Vec<(Step, &'a Value, &'a Value)> {
    fn list(value: &Value) -> &[Value] {
        if let Value::List(inner) = value {
            inner
        } else {
            &[]
        }
    }
    if let (Value::Map(_), _) | (_, Value::Map(_)) = (prior, planned) {
        let element = |value: &'a Value, key: &str| match value {
            Value::Map(inner) => inner.get(key).unwrap_or(NOTHING),
            _ => NOTHING,
        };
        let keys = [prior, planned].into_iter().filter_map(|value| match value {
            Value::Map(inner) => Some(inner.keys()),
            _ => None,
        });
        let keys: BTreeSet<&String> = keys.flatten().collect();
        return keys
            .into_iter()
            .map(|key| (Step::key(key), element(prior, key), element(planned, key)))
            .collect();
    }
    let (prior, planned) = (list(prior), list(planned));
    let length = prior.len().max(planned.len());
    (0..)
        .zip(0..length)
        .map(|(index, i)| {
            (
                Step::Index(index),
                prior.get(i).unwrap_or(NOTHING),
                planned.get(i).unwrap_or(NOTHING),
            )
        })
        .collect()
}

fn replaces(attributes: &[(String, Attribute)]) -> bool {
    attributes.iter().any(|(_, attribute)| {
        attribute.replace || matches!(&attribute.kind, Kind::Nested(_, inner) if replaces(inner))
    })
}

fn body_replaces(body: &Body) -> bool {
    replaces(&body.attributes) || body.blocks.iter().any(|(_, block)| body_replaces(&block.body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Schema, map_nested, set_nested, string};

    #[test]
    fn only_marked_attributes_that_differ_replace() {
        let inner = || {
            [
                ("fixed", string().optional().replace()),
                ("free", string().optional()),
            ]
        };
        let schema = Schema::new(0)
            .attr("name", string().required().replace())
            .attr("free", string().optional())
            .attr("keyed", map_nested(inner()).optional())
            .attr("bag", set_nested(inner()).optional());
        let element =
            |fixed: &str, free: &str| Value::object([("fixed", fixed.into()), ("free", free.into())]);
        let state = |name: &str, fixed: &str, free: &str, bag: &str| {
            Value::object([
                ("name", name.into()),
                ("free", free.into()),
                ("keyed", Value::map([("k", element(fixed, free))])),
                ("bag", Value::set([element(bag, "x")])),
            ])
        };
        let paths = |planned: Value| {
            let found = requires_replace(&schema.body, &state("a", "a", "a", "a"), &planned);
            found.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(paths(state("a", "a", "b", "a")), [""; 0]);
        assert_eq!(paths(state("b", "b", "a", "a")), ["name", "keyed[\"k\"].fixed"]);
        assert_eq!(paths(state("a", "a", "a", "b")), ["bag"]);
        let unknown = keep(state("a", "a", "a", "a"), "name", Value::UNKNOWN);
        assert_eq!(paths(unknown), ["name"]);
    }

    fn keep(value: Value, name: &str, with: Value) -> Value {
        let Value::Object(mut object) = value else {
            panic!("an object")
        };
        object.insert(name.to_owned(), with);
        Value::Object(object)
    }
}
