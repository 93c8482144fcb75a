//! Which changes replace a resource.
//!
//! An attribute within others is compared where the object that holds it stands on both sides, before and after. One
//! that comes, goes or is not known yet is a change of what holds it: whether that replaces the resource is for that to
//! say, with a `.replace()` of its own.

use super::generate::absent;
use crate::{
    path::{Path, Step},
    schema::{Body, Change, Child, Level, NOTHING, Nesting, at_index, at_key, elements, within},
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
    Search::default().of(body, prior, planned, config)
}

/// The same by terraform-plugin-framework's rule, which compares what is within a new object with null.
#[cfg(test)]
pub(crate) fn requires_replace_in_new_too(
    body: &Body,
    prior: &Value,
    planned: &Value,
    config: &Value,
) -> Vec<Path> {
    let search = Search {
        in_new_too: true,
        ..Search::default()
    };
    search.of(body, prior, planned, config)
}

#[derive(Default)]
struct Search {
    found: Vec<Path>,
    /// Whether what is within an object that comes is compared, too.
    in_new_too: bool,
}

impl Search {
    fn of(mut self, body: &Body, prior: &Value, planned: &Value, config: &Value) -> Vec<Path> {
        let values = Three {
            prior,
            planned,
            config,
        };
        self.level(body.level(), values, &Path::root(), false);
        self.found.dedup();
        self.found
    }

    fn level(&mut self, level: Level<'_>, values: Three<'_>, at: &Path, in_set: bool) {
        let stands = |value: &Value| matches!(value, Value::Object(_));
        if !stands(values.planned) || !(self.in_new_too || stands(values.prior)) {
            return;
        }
        for (name, child) in level.children() {
            let values = values.each(|value| within(value, name));
            // An object that was not there had no blocks either: empty is no change then.
            let none = |block| values.prior.is_null() && *values.planned == absent(block);
            if values.prior == values.planned || matches!(child, Child::Block(block) if none(block)) {
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
                self.found.push(here.clone());
            }
            if let Some((nesting, level)) = child.level() {
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

/// The elements that a set is to have and had not, beside those that it had and is to lose, paired as they come: they
/// have nothing to be known by.
fn changed_elements<'v>(level: Level<'_>, values: Three<'v>) -> Vec<Three<'v>> {
    let mut prior = elements(values.prior);
    let planned = elements(values.planned);
    let config = level.counterparts(&planned, values.config, &[]);
    let mut changed: Vec<_> = planned.into_iter().zip(config).collect();
    changed.retain(
        |(planned, _)| match prior.iter().position(|prior| prior == planned) {
            Some(found) => {
                prior.remove(found);
                false
            }
            None => true,
        },
    );
    let prior = prior.into_iter().chain(std::iter::repeat(NOTHING));
    let pair = |((planned, config), prior)| Three {
        prior,
        planned,
        config,
    };
    changed.into_iter().zip(prior).map(pair).collect()
}

/// The elements of a planned list or map, beside those of the same index or key.
fn pairs(values: Three<'_>) -> Vec<(Step, Three<'_>)> {
    match values.planned {
        Value::Map(planned) => {
            let pair = |key: &String| (Step::key(key), values.each(|map| at_key(map, key)));
            planned.keys().map(pair).collect()
        }
        Value::List(planned) => {
            let pair = |(step, i)| (Step::Index(step), values.each(|list| at_index(list, i)));
            (0..).zip(0..planned.len()).map(pair).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{
        Attribute, Block, Schema, list_nested, map_nested, number, set_nested, single, string,
    };

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

    /// A schema of all that can hold `fixed`, which replaces; `own` says that they replace by themselves, too.
    fn holders(own: bool) -> Schema {
        let inner = || {
            [
                ("fixed", string().optional().replace()),
                ("free", string().optional().computed()),
            ]
        };
        let attribute = |attribute: Attribute| match own {
            true => attribute.optional().computed().replace(),
            false => attribute.optional().computed(),
        };
        let block = |block: Block| {
            let [fixed, free] = inner();
            let block = block.attr(fixed.0, fixed.1).attr(free.0, free.1);
            if own { block.replace() } else { block }
        };
        Schema::new(0)
            .attr("one", attribute(single(inner())))
            .attr("list", attribute(list_nested(inner())))
            .attr("map", attribute(map_nested(inner())))
            .attr("set", attribute(set_nested(inner())))
            .block("one_block", block(Block::single()))
            .block("block", block(Block::list()))
    }

    #[test]
    fn an_object_that_was_not_there_had_no_blocks_either() {
        let schema = Schema::new(0).block("outer", Block::single().block("inner", Block::list().replace()));
        let outer =
            |inner: Vec<Value>| Value::object([("outer", Value::object([("inner", Value::List(inner))]))]);
        let prior = Value::object([("outer", Value::Null)]);
        for (inner, expected) in [
            (vec![], vec![]),
            (vec![Value::object::<&str>([])], vec!["outer.inner"]),
        ] {
            let planned = outer(inner);
            assert_eq!(requires_replace(&schema.body, &prior, &planned, &planned), []);
            let found = requires_replace_in_new_too(&schema.body, &prior, &planned, &planned);
            let found: Vec<String> = found.iter().map(ToString::to_string).collect();
            assert_eq!(found, expected);
        }
    }

    fn held(fixed: impl Into<Value>, free: impl Into<Value>) -> Value {
        Value::object([("fixed", fixed.into()), ("free", free.into())])
    }

    #[test]
    fn an_attribute_within_others_replaces_where_it_stands_on_both_sides_and_differs() {
        let list = |inner: Vec<Value>| Value::List(inner);
        let (a, b) = (|| held("a", "x"), || held("b", "x"));
        let open = || held("a", Value::UNKNOWN);
        let stays = [
            // It changes.
            ("one", a(), b(), Some("one.fixed")),
            ("one_block", a(), b(), Some("one_block.fixed")),
            ("list", list(vec![a()]), list(vec![b()]), Some("list[0].fixed")),
            ("block", list(vec![a()]), list(vec![b()]), Some("block[0].fixed")),
            (
                "map",
                Value::map([("k", a())]),
                Value::map([("k", b())]),
                Some("map[\"k\"].fixed"),
            ),
            ("set", Value::set([a()]), Value::set([b()]), Some("set")),
            // It is null or unknown where it was a value, in an object that stays.
            ("one", a(), held(Value::Null, "x"), Some("one.fixed")),
            ("one", a(), held(Value::UNKNOWN, "x"), Some("one.fixed")),
            // Something beside it changes.
            ("one", a(), open(), None),
            ("list", list(vec![a()]), list(vec![open()]), None),
            ("set", Value::set([a()]), Value::set([open()]), None),
            // The holder turns unknown, as computed ones do with any change beside.
            ("one", a(), Value::UNKNOWN, None),
            ("list", list(vec![a()]), Value::UNKNOWN, None),
            ("list", list(vec![a()]), list(vec![Value::UNKNOWN]), None),
            ("map", Value::map([("k", a())]), Value::UNKNOWN, None),
            (
                "map",
                Value::map([("k", a())]),
                Value::map([("k", Value::UNKNOWN)]),
                None,
            ),
            ("set", Value::set([a()]), Value::UNKNOWN, None),
            ("set", Value::set([a()]), Value::set([Value::UNKNOWN]), None),
            // The holder goes.
            ("one", a(), Value::Null, None),
            ("one_block", a(), Value::Null, None),
            ("list", list(vec![a(), b()]), list(vec![a()]), None),
            ("block", list(vec![a(), b()]), list(vec![a()]), None),
            ("map", Value::map([("k", a())]), Value::map::<&str>([]), None),
            ("set", Value::set([a(), b()]), Value::set([a()]), None),
        ];
        // The holder comes. By terraform-plugin-framework's rule it was null.
        let comes = [
            ("one", Value::Null, a(), Some("one.fixed")),
            ("one", Value::Null, held(Value::Null, "x"), None),
            ("one_block", Value::Null, a(), Some("one_block.fixed")),
            (
                "list",
                list(vec![a()]),
                list(vec![a(), b()]),
                Some("list[1].fixed"),
            ),
            ("block", list(vec![]), list(vec![b()]), Some("block[0].fixed")),
            (
                "map",
                Value::map([("k", a())]),
                Value::map([("k", a()), ("l", b())]),
                Some("map[\"l\"].fixed"),
            ),
            ("set", Value::set([a()]), Value::set([a(), b()]), Some("set")),
            (
                "set",
                Value::set([a()]),
                Value::set([a(), held(Value::Null, "y")]),
                None,
            ),
        ];
        let rows = stays.into_iter().map(|row| (row, true));
        for ((name, prior, planned, within), stands) in rows.chain(comes.into_iter().map(|row| (row, false)))
        {
            let (prior, planned) = (Value::object([(name, prior)]), Value::object([(name, planned)]));
            for own in [None, Some(name)] {
                let body = &holders(own.is_some()).body;
                let paths =
                    |found: Vec<Path>| -> Vec<String> { found.iter().map(ToString::to_string).collect() };
                let found = paths(requires_replace(body, &prior, &planned, &planned));
                let in_new_too = paths(requires_replace_in_new_too(body, &prior, &planned, &planned));
                // Within a set, it is the set.
                let within = within.filter(|within| own != Some(*within));
                let expected: Vec<&str> = own.into_iter().chain(within).collect();
                assert_eq!(in_new_too, expected, "{prior:?} {planned:?}");
                let expected: Vec<&str> = own.into_iter().chain(within.filter(|_| stands)).collect();
                assert_eq!(found, expected, "{prior:?} {planned:?}");
            }
        }
    }

    #[test]
    fn within_an_element_it_counts_whether_that_element_configures_it() {
        let inner = || [("x", string().optional().computed().replace_if_configured())];
        let schema = Schema::new(0)
            .attr("list", list_nested(inner()).optional())
            .attr("map", map_nested(inner()).optional());
        let state = |x: &str, y: Value| {
            let one = |x: Value| Value::object([("x", x)]);
            let list = Value::List(vec![one(x.into()), one(y.clone())]);
            Value::object([
                ("list", list),
                ("map", Value::map([("k", one(x.into())), ("l", one(y))])),
            ])
        };
        // Both elements change; the configuration leaves the second one's value open.
        let (prior, planned) = (state("a", "a".into()), state("b", "b".into()));
        let found = requires_replace(&schema.body, &prior, &planned, &state("b", Value::Null));
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(found, ["list[0].x", "map[\"k\"].x"]);
    }

    #[test]
    fn every_element_is_looked_at() {
        let last = |fixed: &str| {
            let list = Value::List(vec![held("a", "x"), held("b", "x"), held(fixed, "x")]);
            let map = Value::map([("a", held("a", "x")), ("z", held(fixed, "x"))]);
            let set = Value::set([held("a", "x"), held("b", "x"), held(fixed, "x")]);
            Value::object([("list", list), ("map", map), ("set", set)])
        };
        let found = requires_replace(&holders(false).body, &last("c"), &last("d"), &last("d"));
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(found, ["list[2].fixed", "map[\"z\"].fixed", "set"]);
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
