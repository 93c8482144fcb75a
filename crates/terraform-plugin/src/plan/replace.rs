//! Which changes replace a resource.

use std::collections::BTreeSet;

use crate::{
    path::{Path, Step},
    schema::{Body, Change, Child, Level, NOTHING, Nesting, elements, of},
    value::Value,
};

/// One object in the three values that are compared.
#[derive(Clone, Copy)]
struct Three<'v> {
    prior: &'v Value,
    planned: &'v Value,
    config: &'v Value,
}

impl<'v> Three<'v> {
    fn each(self, get: impl Fn(&'v Value) -> &'v Value) -> Self {
        Self {
            prior: get(self.prior),
            planned: get(self.planned),
            config: get(self.config),
        }
    }
}

/// The attributes and blocks whose change replaces the resource. Within a set, the set.
pub(crate) fn requires_replace(body: &Body, prior: &Value, planned: &Value, config: &Value) -> Vec<Path> {
    let mut search = Search { found: Vec::new() };
    let values = Three {
        prior,
        planned,
        config,
    };
    search.level(body.level(), values, &Path::root(), false);
    search.found.dedup();
    search.found
}

struct Search {
    found: Vec<Path>,
}

impl Search {
    fn level(&mut self, level: Level<'_>, values: Three<'_>, at: &Path, in_set: bool) {
        for (name, child) in level.children() {
            let values = values.each(|value| of(value, name));
            if values.prior == values.planned {
                continue;
            }
            let here = if in_set { at.clone() } else { at.then(name) };
            let change = Change {
                path: &here,
                config: values.config,
                prior: values.prior,
                planned: values.planned,
            };
            let replaces = match child {
                Child::Attribute(attribute) => attribute.replace.iter().any(|when| when.holds(&change)),
                Child::Block(block) => block.replace,
            };
            if replaces {
                self.found.push(here);
            } else if let Some((nesting, level)) = child.level() {
                self.inside(nesting, level, values, &here, in_set);
            }
        }
    }

    fn inside(&mut self, nesting: Nesting, level: Level<'_>, values: Three<'_>, at: &Path, in_set: bool) {
        match nesting {
            Nesting::Single => self.level(level, values, at, in_set),
            Nesting::Set => {
                for values in changed_elements(level, values) {
                    self.level(level, values, at, true);
                }
            }
            Nesting::List | Nesting::Map => {
                for (step, values) in pairs(values) {
                    let here = if in_set { at.clone() } else { at.then(step) };
                    self.level(level, values, &here, in_set);
                }
            }
        }
    }
}

/// The elements of two sets that are not the same, paired as they come: they have nothing to be known by.
fn changed_elements<'v>(level: Level<'_>, values: Three<'v>) -> Vec<Three<'v>> {
    let mut prior = elements(values.prior);
    let mut config = elements(values.config);
    let planned = elements(values.planned);
    let changed: Vec<&Value> = planned
        .into_iter()
        .filter(|planned| match prior.iter().position(|prior| prior == planned) {
            Some(found) => {
                prior.remove(found);
                false
            }
            None => true,
        })
        .collect();
    let length = changed.len().max(prior.len());
    (0..length)
        .map(|i| {
            let planned = changed.get(i).copied().unwrap_or(NOTHING);
            Three {
                prior: prior.get(i).copied().unwrap_or(NOTHING),
                planned,
                config: level.take_alike(planned, &mut config),
            }
        })
        .collect()
}

/// The elements of lists or maps, matched by index or key.
fn pairs(values: Three<'_>) -> Vec<(Step, Three<'_>)> {
    fn list(value: &Value) -> &[Value] {
        if let Value::List(inner) = value {
            inner
        } else {
            &[]
        }
    }
    let both = [values.prior, values.planned];
    if both.iter().any(|value| matches!(value, Value::Map(_))) {
        let keys = both.into_iter().filter_map(|value| match value {
            Value::Map(inner) => Some(inner.keys()),
            _ => None,
        });
        let keys: BTreeSet<&String> = keys.flatten().collect();
        let element = |key: &String| {
            values.each(|value| match value {
                Value::Map(inner) => inner.get(key).unwrap_or(NOTHING),
                _ => NOTHING,
            })
        };
        return keys
            .into_iter()
            .map(|key| (Step::key(key), element(key)))
            .collect();
    }
    let length = list(values.prior).len().max(list(values.planned).len());
    (0..)
        .zip(0..length)
        .map(|(index, i)| {
            let element = values.each(|value| list(value).get(i).unwrap_or(NOTHING));
            (Step::Index(index), element)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Block, Schema, map_nested, number, set_nested, string};

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
            let found = requires_replace(&schema.body, &state("a", "a", "a", "a"), &planned, &planned);
            found.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(paths(state("a", "a", "b", "a")), [""; 0]);
        assert_eq!(paths(state("b", "b", "a", "a")), ["name", "keyed[\"k\"].fixed"]);
        assert_eq!(paths(state("a", "a", "a", "b")), ["bag"]);
        let Value::Object(mut free) = state("a", "a", "a", "a") else {
            panic!("an object")
        };
        free.insert("bag".to_owned(), Value::set([element("a", "y")]));
        assert_eq!(paths(Value::Object(free)), [""; 0]);
        let unknown = keep(state("a", "a", "a", "a"), "name", Value::UNKNOWN);
        assert_eq!(paths(unknown), ["name"]);
    }

    #[test]
    fn conditions_decide_about_a_change() {
        let schema = Schema::new(0)
            .attr(
                "size",
                number()
                    .required()
                    .replace_if(|change| change.planned() < change.prior()),
            )
            .attr("zone", string().optional().computed().replace_if_configured())
            .block("disk", Block::list().replace().attr("x", string().optional()));
        let state = |size: i64, zone: Value, disks: usize| {
            let disk = Value::object([("x", Value::Null)]);
            Value::object([
                ("size", size.into()),
                ("zone", zone),
                ("disk", Value::List(vec![disk; disks])),
            ])
        };
        let prior = state(2, "a".into(), 1);
        for (planned, config, paths) in [
            (state(3, "a".into(), 1), state(3, Value::Null, 1), vec![]),
            (state(1, "a".into(), 1), state(1, Value::Null, 1), vec!["size"]),
            (state(2, Value::UNKNOWN, 1), state(2, Value::Null, 1), vec![]),
            (state(2, "b".into(), 1), state(2, "b".into(), 1), vec!["zone"]),
            (state(2, "a".into(), 2), state(2, Value::Null, 2), vec!["disk"]),
        ] {
            let found = requires_replace(&schema.body, &prior, &planned, &config);
            let found: Vec<String> = found.iter().map(ToString::to_string).collect();
            assert_eq!(found, paths, "{planned:?}");
        }
    }

    fn keep(value: Value, name: &str, with: Value) -> Value {
        let Value::Object(mut object) = value else {
            panic!("an object")
        };
        object.insert(name.to_owned(), with);
        Value::Object(object)
    }
}
