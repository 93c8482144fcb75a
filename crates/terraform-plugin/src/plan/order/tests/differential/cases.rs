//! Schemas that nobody thought of, configurations of them, and what a provider makes of a plan.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::{
    schema::{
        Attribute, Block, Schema, boolean, dynamic, list, list_nested, map, map_nested, number, object, set,
        set_nested, single, string,
    },
    value::{Type, Value},
};

/// The words in which both sides are told of a schema.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Described {
    attributes: Vec<DescribedAttribute>,
    pub(super) blocks: Vec<DescribedBlock>,
}

#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DescribedAttribute {
    name: &'static str,
    kind: &'static str,
    required: bool,
    optional: bool,
    computed: bool,
    write_only: bool,
    default: bool,
    keep: &'static str,
    replace: &'static str,
    inner: Vec<DescribedAttribute>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct DescribedBlock {
    pub(super) name: &'static str,
    nesting: &'static str,
    replace: &'static str,
    body: Described,
}

impl Described {
    pub(super) fn schema(&self) -> Schema {
        let schema = Schema::new(0);
        let with = self
            .attributes
            .iter()
            .fold(schema, |schema, each| schema.attr(each.name, each.attribute()));
        self.blocks
            .iter()
            .fold(with, |schema, each| schema.block(each.name, each.block()))
    }

    /// All attributes, at every depth.
    fn all(&self) -> Vec<&DescribedAttribute> {
        let own = self.attributes.iter().flat_map(DescribedAttribute::all);
        own.chain(self.blocks.iter().flat_map(|each| each.body.all()))
            .collect()
    }

    /// What it makes use of, in the words of the tally.
    pub(super) fn features(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for each in self.all() {
            found.insert(each.kind.to_owned());
            let words = [
                (each.required, "required"),
                (each.optional && !each.computed, "optional"),
                (each.computed && !each.optional, "computed"),
                (each.computed && each.optional, "optional and computed"),
                (each.write_only, "write-only"),
                (each.default, "default"),
                (each.keep == "prior", "keep_prior"),
                (each.keep == "prior_unless_null", "keep_prior_unless_null"),
                (each.replace == "always", "replace"),
                (each.replace == "if_configured", "replace_if_configured"),
            ];
            let used = words.into_iter().filter(|(used, _)| *used);
            found.extend(used.map(|(_, word)| word.to_owned()));
        }
        for block in &self.blocks {
            found.insert(format!("{} block", block.nesting));
            found.extend((block.replace == "always").then(|| "block, replace".to_owned()));
            for inner in &block.body.blocks {
                found.insert(format!("{} block in {} block", inner.nesting, block.nesting));
            }
        }
        found
    }
}

impl DescribedAttribute {
    /// It, and all within it.
    fn all(&self) -> Vec<&Self> {
        let within = self.inner.iter().flat_map(Self::all);
        [self].into_iter().chain(within).collect()
    }

    fn attribute(&self) -> Attribute {
        let inner = || self.inner.iter().map(|each| (each.name, each.attribute()));
        let (mut attribute, default) = match self.kind {
            "string" => (string(), Value::from("default")),
            "number" => (number(), 7.into()),
            "bool" => (boolean(), true.into()),
            "list" => (list(Type::String), Value::List(vec!["default".into()])),
            "set" => (set(Type::String), Value::Null),
            "map" => (map(Type::String), Value::Null),
            "object" => (
                object([("s", Type::String), ("l", Type::list(Type::String))]),
                Value::Null,
            ),
            "dynamic" => (dynamic(), Value::Null),
            "single" => (single(inner()), Value::Null),
            "list_nested" => (list_nested(inner()), Value::Null),
            "set_nested" => (set_nested(inner()), Value::Null),
            "map_nested" => (map_nested(inner()), Value::Null),
            kind => panic!("a kind {kind}"),
        };
        attribute.required = self.required;
        attribute.optional = self.optional;
        attribute.computed = self.computed;
        attribute.write_only = self.write_only;
        if self.default {
            attribute = attribute.default(default);
        }
        attribute = match self.keep {
            "prior" => attribute.keep_prior(),
            "prior_unless_null" => attribute.keep_prior_unless_null(),
            _ => attribute,
        };
        match self.replace {
            "always" => attribute.replace(),
            "if_configured" => attribute.replace_if_configured(),
            _ => attribute,
        }
    }
}

impl DescribedBlock {
    fn block(&self) -> Block {
        let block = match self.nesting {
            "single" => Block::single(),
            "list" => Block::list(),
            _ => Block::set(),
        };
        let block = if self.replace == "always" {
            block.replace()
        } else {
            block
        };
        let with = self
            .body
            .attributes
            .iter()
            .fold(block, |block, each| block.attr(each.name, each.attribute()));
        self.body
            .blocks
            .iter()
            .fold(with, |block, each| block.block(each.name, each.block()))
    }
}

/// Numbers that look random and are the same for the same seed (xorshift64*).
pub(super) struct Numbers(u64);

impl Numbers {
    pub(super) fn of_case(seed: u64, case: u64) -> Self {
        let mut numbers = Self((seed * 1_000_003 + case) * 2 + 1);
        // The first numbers after a small one are small, too.
        for _ in 0..16 {
            numbers.below(2);
        }
        numbers
    }

    fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize;
        high % count
    }

    pub(super) fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    pub(super) fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}

const NAMES: [&str; 4] = ["a", "b", "c", "d"];

/// Where an attribute stands, as far as that forbids something.
#[derive(Clone, Copy, Default)]
struct Inside {
    set: bool,
    /// A set, or another collection: no values of any type there, by terraform-plugin-framework's rules.
    collection: bool,
    computed: bool,
}

fn attributes(numbers: &mut Numbers, depth: usize, inside: Inside) -> Vec<DescribedAttribute> {
    let count = 1 + numbers.below(NAMES.len());
    NAMES[..count]
        .iter()
        .map(|name| attribute(numbers, name, depth, inside))
        .collect()
}

fn attribute(numbers: &mut Numbers, name: &'static str, depth: usize, inside: Inside) -> DescribedAttribute {
    let plain = [
        "string", "string", "number", "bool", "list", "set", "map", "object", "dynamic",
    ];
    let plain = &plain[..plain.len() - usize::from(inside.collection)];
    let nested = ["single", "list_nested", "set_nested", "map_nested"];
    let kind = if depth > 0 && numbers.one_in(2) {
        numbers.of(&nested)
    } else {
        numbers.of(plain)
    };
    let is_nested = nested.contains(&kind);
    let mut made = DescribedAttribute {
        name,
        kind,
        replace: match numbers.below(6) {
            0 => "always",
            1 => "if_configured",
            _ => "no",
        },
        ..DescribedAttribute::default()
    };
    match numbers.below(if inside.computed { 1 } else { 6 }) {
        0 => made.computed = true,
        1 => made.required = true,
        2 | 3 => made.optional = true,
        4 => (made.optional, made.computed) = (true, true),
        _ if matches!(kind, "string" | "number" | "bool") && !inside.set => {
            (made.optional, made.write_only, made.replace) = (true, true, "no");
        }
        _ => made.optional = true,
    }
    if made.optional && made.computed && !inside.set {
        made.default = matches!(kind, "string" | "number" | "bool" | "list") && numbers.one_in(2);
    }
    if made.computed && !made.default {
        made.keep = numbers.of(&["no", "no", "no", "prior", "prior", "prior_unless_null"]);
    }
    if is_nested {
        let inner = Inside {
            set: inside.set || kind == "set_nested",
            collection: inside.collection || kind != "single",
            computed: inside.computed || (made.computed && !made.optional),
        };
        made.inner = attributes(numbers, depth - 1, inner);
    }
    made
}

pub(super) fn described(numbers: &mut Numbers) -> Described {
    Described {
        blocks: blocks(numbers, 1, Inside::default()),
        attributes: attributes(numbers, 2, Inside::default()),
    }
}

/// Blocks, with blocks within down to that depth.
fn blocks(numbers: &mut Numbers, depth: usize, inside: Inside) -> Vec<DescribedBlock> {
    let names = ["x", "y"][..numbers.below(3)].iter();
    let one = |&name: &&'static str| {
        let nesting = numbers.of(&["single", "list", "set"]);
        let inside = Inside {
            set: inside.set || nesting == "set",
            collection: inside.collection || nesting != "single",
            computed: false,
        };
        DescribedBlock {
            name,
            nesting,
            replace: numbers.of(&["no", "no", "always"]),
            body: Described {
                attributes: attributes(numbers, 1, inside),
                blocks: if depth > 0 {
                    blocks(numbers, depth - 1, inside)
                } else {
                    Vec::new()
                },
            },
        }
    };
    names.map(one).collect()
}

fn scalar(numbers: &mut Numbers, ty: &Type) -> Value {
    match ty {
        Type::Number => numbers.of(&[0_i64, 1, 7]).into(),
        Type::Bool => numbers.one_in(2).into(),
        Type::Dynamic => {
            let ty = numbers.of(&[0, 1, 2]);
            let ty = [Type::String, Type::Number, Type::list(Type::String)][ty].clone();
            let value = scalar(numbers, &ty);
            Value::Dynamic(Box::new(ty), Box::new(value))
        }
        Type::List(element) => several(numbers, ty, &mut |numbers| scalar(numbers, element)),
        Type::Object(types) => {
            let values = types.iter().map(|(name, ty)| (name, scalar(numbers, ty)));
            Value::object(values.collect::<Vec<_>>())
        }
        _ => numbers.of(&["u", "v", "default"]).into(),
    }
}

fn several(numbers: &mut Numbers, wrap: &Type, one: &mut dyn FnMut(&mut Numbers) -> Value) -> Value {
    let count = numbers.below(3);
    let elements: Vec<Value> = (0..count).map(|_| one(numbers)).collect();
    match wrap {
        Type::List(_) => Value::List(elements),
        Type::Set(_) => Value::set(elements),
        _ => Value::map(["k", "l", "m"].into_iter().zip(elements)),
    }
}

/// A configuration.
pub(super) fn configured(numbers: &mut Numbers, body: &Described, unknowns: bool) -> Value {
    let attributes: Vec<_> = body
        .attributes
        .iter()
        .map(|each| (each.name, value_of(numbers, each, unknowns)))
        .collect();
    let blocks: Vec<_> = body
        .blocks
        .iter()
        .map(|each| {
            let ty = each.block().implied_type();
            let mut one = |numbers: &mut Numbers| configured(numbers, &each.body, unknowns);
            let value = match (each.nesting, numbers.one_in(3)) {
                ("single", true) => Value::Null,
                ("single", false) => one(numbers),
                _ => several(numbers, &ty, &mut one),
            };
            (each.name, value)
        })
        .collect();
    Value::object(attributes.into_iter().chain(blocks))
}

fn value_of(numbers: &mut Numbers, described: &DescribedAttribute, unknowns: bool) -> Value {
    if described.computed && !described.optional {
        return Value::Null;
    }
    match numbers.below(8) {
        0 | 1 if !described.required => return Value::Null,
        2 if unknowns => return Value::UNKNOWN,
        _ => {}
    }
    let ty = described.attribute().implied_type();
    let element_is_unknown = |numbers: &mut Numbers| unknowns && numbers.one_in(6);
    let object = |numbers: &mut Numbers| {
        let inner = described.inner.iter();
        let values: Vec<_> = inner
            .map(|each| (each.name, value_of(numbers, each, unknowns)))
            .collect();
        Value::object(values)
    };
    match described.kind {
        "single" => object(numbers),
        "list_nested" | "set_nested" | "map_nested" => several(numbers, &ty, &mut |numbers| {
            if element_is_unknown(numbers) {
                return Value::UNKNOWN;
            }
            object(numbers)
        }),
        "list" | "set" | "map" => several(numbers, &ty, &mut |numbers| {
            if element_is_unknown(numbers) {
                return Value::UNKNOWN;
            }
            scalar(numbers, &Type::String)
        }),
        _ => scalar(numbers, &ty),
    }
}

/// What a provider makes of a plan: something known wherever it is unknown.
pub(super) fn applied(numbers: &mut Numbers, planned: &Value, ty: &Type) -> Value {
    match (planned, ty) {
        (Value::Unknown(_), Type::Object(types)) => Value::object(
            types
                .iter()
                .map(|(name, ty)| (name, applied(numbers, &Value::UNKNOWN, ty)))
                .collect::<Vec<_>>(),
        ),
        (Value::Unknown(_), Type::List(element) | Type::Set(element) | Type::Map(element)) => {
            several(numbers, ty, &mut |numbers| {
                applied(numbers, &Value::UNKNOWN, element)
            })
        }
        (Value::Unknown(_), ty) => scalar(numbers, ty),
        (Value::Object(inner), Type::Object(types)) => Value::object(
            inner
                .iter()
                .map(|(name, value)| (name, applied(numbers, value, &types[name])))
                .collect::<Vec<_>>(),
        ),
        (Value::List(inner), Type::List(ty)) => {
            Value::List(inner.iter().map(|value| applied(numbers, value, ty)).collect())
        }
        (Value::Set(inner), Type::Set(ty)) => Value::set(
            inner
                .iter()
                .map(|value| applied(numbers, value, ty))
                .collect::<Vec<_>>(),
        ),
        (Value::Map(inner), Type::Map(ty)) => Value::map(
            inner
                .iter()
                .map(|(key, value)| (key, applied(numbers, value, ty)))
                .collect::<Vec<_>>(),
        ),
        (value, _) => value.clone(),
    }
}
