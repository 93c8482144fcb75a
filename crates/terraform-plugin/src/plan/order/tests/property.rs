//! Over schemas that nobody thought of: what the framework plans by itself is a plan that core takes, and once it
//! is applied there is nothing left to do.

use std::collections::BTreeMap;

use proptest::{collection::vec, prelude::*, sample::Index};

use super::*;
use crate::{
    plan::assert_compatible,
    schema::{Child, Level, Nesting, dynamic},
    testing::propose::proposed_new,
    value::{Type, msgpack, tuples},
};

/// Who sets an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    Required,
    Optional,
    Computed,
    Either,
    Defaulted,
    WriteOnly,
}

fn whose(attribute: Attribute, who: Who) -> Attribute {
    match who {
        Who::Required => attribute.required(),
        Who::Optional => attribute.optional(),
        Who::Computed => attribute.computed(),
        Who::Either => attribute.optional().computed().keep_prior(),
        Who::Defaulted => attribute.optional().computed().default("default"),
        Who::WriteOnly => attribute.optional().write_only(),
    }
}

/// Elements of a set are told apart by what is configured, so nothing in them may be set by either side.
fn plain(in_set: bool) -> BoxedStrategy<Attribute> {
    let who = if in_set {
        prop_oneof![Just(Who::Required), Just(Who::Optional), Just(Who::Computed)].boxed()
    } else {
        prop_oneof![
            Just(Who::Required),
            Just(Who::Optional),
            Just(Who::Computed),
            Just(Who::Either),
            Just(Who::Defaulted),
            Just(Who::WriteOnly)
        ]
        .boxed()
    };
    who.prop_map(|who| whose(string(), who)).boxed()
}

fn named(attributes: Vec<Attribute>) -> Vec<(&'static str, Attribute)> {
    ["a", "b", "c", "d"].into_iter().zip(attributes).collect()
}

fn attribute(depth: u32, in_set: bool) -> BoxedStrategy<Attribute> {
    if depth == 0 {
        return plain(in_set);
    }
    let inner = move |set: bool| vec(attribute(depth - 1, in_set || set), 1..4).prop_map(named);
    let computed = vec(Just(string().computed()), 1..3).prop_map(named);
    prop_oneof![
        3 => plain(in_set),
        1 => inner(false).prop_map(|inner| single(inner).optional()),
        1 => inner(false).prop_map(|inner| list_nested(inner).optional()),
        1 => inner(false).prop_map(|inner| map_nested(inner).optional()),
        1 => inner(true).prop_map(|inner| set_nested(inner).optional()),
        1 => computed.prop_map(|inner| single(inner).computed()),
    ]
    .boxed()
}

fn block() -> impl Strategy<Value = Block> {
    let kind = prop_oneof![
        Just((Block::single(), false)),
        Just((Block::group(), false)),
        Just((Block::list(), false)),
        Just((Block::map(), false)),
        Just((Block::set(), true))
    ];
    kind.prop_flat_map(|(block, in_set)| {
        vec(attribute(1, in_set), 1..4).prop_map(move |attributes| {
            let block = named(attributes)
                .into_iter()
                .fold(block.clone(), |block, (name, attribute)| {
                    block.attr(name, attribute)
                });
            if in_set {
                block
            } else {
                block
                    .attr("any", dynamic().optional())
                    .attr("made", dynamic().computed())
            }
        })
    })
}

fn schema() -> impl Strategy<Value = Schema> {
    (vec(attribute(2, false), 1..5), vec(block(), 0..3)).prop_map(|(attributes, blocks)| {
        let schema = named(attributes)
            .into_iter()
            .fold(Schema::new(0), |schema, (name, attribute)| {
                schema.attr(name, attribute)
            });
        ["x", "y"]
            .into_iter()
            .zip(blocks)
            .fold(schema, |schema, (name, block)| schema.block(name, block))
    })
}

/// Choices, one after the other, over and over.
struct Choices<'c> {
    from: &'c [Index],
    next: usize,
}

impl Choices<'_> {
    fn of(&mut self, count: usize) -> usize {
        let choice = self.from[self.next % self.from.len()].index(count);
        self.next += 1;
        choice
    }
}

/// A configuration of the level.
fn configured(level: Level<'_>, choices: &mut Choices<'_>, unknowns: bool) -> Value {
    Value::object(level.children().map(|(name, child)| {
        let value = match child {
            Child::Attribute(attribute) if attribute.computed && !attribute.optional => Value::Null,
            Child::Attribute(attribute) => match choices.of(8) {
                0 | 1 if !attribute.required => Value::Null,
                2 if unknowns => Value::UNKNOWN,
                _ => match attribute.level() {
                    Some((nesting, level)) => several(nesting, level, choices, unknowns),
                    None if attribute.implied_type() == Type::Dynamic => anything(choices),
                    None => text(choices),
                },
            },
            Child::Block(block) => {
                let (nesting, level) = block.level();
                let absent = choices.of(3) == 0 && block.nesting == crate::schema::BlockNesting::Single;
                if absent {
                    Value::Null
                } else {
                    several(nesting, level, choices, unknowns)
                }
            }
        };
        (name, value)
    }))
}

fn text(choices: &mut Choices<'_>) -> Value {
    ["u", "v", "w"][choices.of(3)].into()
}

fn anything(choices: &mut Choices<'_>) -> Value {
    let (ty, value) = match choices.of(3) {
        0 => (Type::Number, Value::from(1)),
        1 => (
            Type::tuple([Type::String, Type::Dynamic]),
            Value::Tuple(vec![text(choices), Value::Null]),
        ),
        _ => (Type::String, text(choices)),
    };
    Value::Dynamic(Box::new(ty), Box::new(value))
}

fn several(nesting: Nesting, level: Level<'_>, choices: &mut Choices<'_>, unknowns: bool) -> Value {
    if nesting == Nesting::Single {
        return configured(level, choices, unknowns);
    }
    let count = choices.of(3);
    let elements: Vec<Value> = (0..count).map(|_| configured(level, choices, unknowns)).collect();
    match nesting {
        Nesting::Single | Nesting::List => Value::List(elements),
        Nesting::Set => Value::set(elements),
        Nesting::Map => Value::map(["k", "l", "m"].into_iter().zip(elements)),
    }
}

/// What a provider makes of a plan: something known wherever it is unknown.
fn applied(planned: &Value, ty: &Type) -> Value {
    match (planned, ty) {
        (Value::Unknown(_), ty) => made(ty),
        (Value::Object(inner), Type::Object(types)) => Value::object(
            inner
                .iter()
                .map(|(name, value)| (name, applied(value, &types[name]))),
        ),
        (Value::List(inner), Type::List(ty)) => {
            Value::List(inner.iter().map(|value| applied(value, ty)).collect())
        }
        (Value::Set(inner), Type::Set(ty)) => Value::set(inner.iter().map(|value| applied(value, ty))),
        (Value::Map(inner), Type::Map(ty)) => {
            Value::map(inner.iter().map(|(key, value)| (key, applied(value, ty))))
        }
        (value, _) => value.clone(),
    }
}

fn made(ty: &Type) -> Value {
    match ty {
        Type::Object(types) => Value::object(types.iter().map(|(name, ty)| (name, made(ty)))),
        Type::List(_) => Value::List(Vec::new()),
        Type::Set(_) => Value::set([]),
        Type::Map(_) => Value::Map(BTreeMap::new()),
        Type::Dynamic => Value::Dynamic(Box::new(Type::Bool), Box::new(true.into())),
        _ => "made".into(),
    }
}

fn planned(schema: &Schema, prior: &Value, config: &Value) -> Value {
    let drafted = make(schema, prior, config, proposed_new(&schema.body, prior, config)).planned;
    settle(&schema.body, prior, &drafted, drafted.clone(), true)
}

/// The value after it went to core and came back.
fn travelled(value: &Value, ty: &Type) -> Value {
    let sent = tuples::as_sent(ty);
    let bytes = msgpack::encode(&tuples::to_sent(value, ty), &sent).expect("encoded");
    let read = msgpack::decode(&bytes, &sent).expect("decoded");
    tuples::from_sent(read, ty, false).expect("a value of the type")
}

proptest! {
    #[test]
    fn what_is_planned_by_default_is_valid_and_settles(
        schema in schema(),
        first in vec(any::<Index>(), 32),
        second in vec(any::<Index>(), 32),
    ) {
        prop_assert_eq!(crate::schema::check("thing", &schema), []);
        let ty = schema.implied_type();
        let body = &schema.body;
        let mut prior = Value::Null;
        for from in [&first, &second] {
            let mut choices = Choices { from, next: 0 };
            let open = configured(body.level(), &mut choices, true);
            let plan = planned(&schema, &prior, &open);
            prop_assert_eq!(assert_plan_valid(body, &prior, &open, &plan), [], "{:?}", plan);

            let mut choices = Choices { from, next: 0 };
            let config = configured(body.level(), &mut choices, false);
            let plan = planned(&schema, &prior, &config);
            prop_assert_eq!(assert_plan_valid(body, &prior, &config, &plan), [], "{:?}", plan);

            let state = applied(&plan, &ty);
            prop_assert_eq!(assert_compatible(&plan, &state), []);
            prop_assert_eq!(planned(&schema, &state, &config), state.clone());
            for value in [&open, &plan, &state] {
                prop_assert_eq!(&travelled(value, &ty), value);
            }
            prior = state;
        }
    }
}
