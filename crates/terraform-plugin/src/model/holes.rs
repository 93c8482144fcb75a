//! Whether a model can hold what a configuration leaves out, and what is not known while a plan is made.

use serde::de::DeserializeOwned;

use super::{de::ValueDeserializer, sample};
use crate::{
    path::{Path, Step},
    schema::{Attribute, BlockNesting, Child, Kind, Level, Nesting},
    value::{Type, Value, codec::CodecError},
};

/// What a model must be able to hold, beside values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holes {
    /// Null, where the configuration may leave something out. What is read, opened or invoked is known by then.
    Null,
    /// What is unknown, too: plans are made of it.
    NullAndUnknown,
}

/// Where a model cannot hold what the schema lets be missing or unknown.
///
/// A start cannot wait until each place was tried by itself. So all places of a depth are tried at once, and one by one only
/// where a model does not take that, to name the place.
pub(crate) fn check_holes<M: DeserializeOwned>(
    level: Level<'_>,
    ty: &Type,
    holes: Holes,
) -> Option<CodecError> {
    let whole = sample::taken_by::<M>(ty);
    let refused = |value: &Value| {
        let refusal = M::deserialize(ValueDeserializer(value)).err();
        refusal.filter(super::de::Error::is_mismatch)
    };
    if many_at_once(level, &whole, holes).all(|value| M::deserialize(ValueDeserializer(&value)).is_ok()) {
        return None;
    }
    let mut found = None;
    each_hole(
        level,
        &whole,
        &Path::root(),
        holes,
        &mut |path, with_hole, what| {
            if found.is_some() {
                return;
            }
            if let Some(err) = refused(&with_hole) {
                let words = if err.is_buffered() {
                    "serde does not pass on through `flatten`, `untagged` and tagged enums: nest the fields, or repeat them"
                } else if what == PARTLY {
                    "the model cannot hold: make what is within it an Attr, too, as in Attr<Vec<Attr<String>>>"
                } else {
                    "the model cannot hold: make it an Attr"
                };
                let mut err = CodecError::new(format!("may be {what}, which {words}"));
                err.path = path;
                found = Some(err);
            }
        },
    );
    found
}

/// A known collection of which an element is not known yet.
const PARTLY: &str = "partly unknown";

/// What may be missing or unknown in one place.
fn holes_of(child: Child<'_>, holes: Holes) -> Vec<(Value, &'static str)> {
    let (may_be_null, may_be_unknown) = match child {
        Child::Attribute(attribute) => (!attribute.required, true),
        // There is no unknown single block, no null list of blocks, and a group is always there.
        Child::Block(block) => {
            let single = block.level().0 == Nesting::Single;
            let may_be_null = block.nesting == BlockNesting::Single && block.min == 0;
            (may_be_null, !single)
        }
    };
    let mut found = Vec::new();
    if may_be_null {
        found.push((Value::Null, "null"));
    }
    if may_be_unknown && holes == Holes::NullAndUnknown {
        found.push((Value::UNKNOWN, "unknown"));
        if let Child::Attribute(attribute) = child {
            let elements = unknown_elements(attribute).into_iter();
            found.extend(elements.map(|value| (value, PARTLY)));
        }
    }
    found
}

/// The object with one hole in each place of a depth, for each depth and each kind of hole.
fn many_at_once<'a>(level: Level<'a>, whole: &'a Value, holes: Holes) -> impl Iterator<Item = Value> + 'a {
    (0..depth(level)).flat_map(move |depth| {
        (0..).map_while(move |which| {
            with_holes(level, whole, depth, &|child| {
                holes_of(child, holes)
                    .into_iter()
                    .nth(which)
                    .map(|(value, _)| value)
            })
        })
    })
}

fn depth(level: Level<'_>) -> usize {
    let below = level.children().filter_map(|(_, child)| child.level());
    1 + below.map(|(_, inner)| depth(inner)).max().unwrap_or(0)
}

/// The object with a hole in each place of that depth that `hole` has one for; `None` where it has none for any.
fn with_holes(
    level: Level<'_>,
    object: &Value,
    depth: usize,
    hole: &dyn Fn(Child<'_>) -> Option<Value>,
) -> Option<Value> {
    let Value::Object(attributes) = object else {
        return None;
    };
    let mut holed = attributes.clone();
    let mut any = false;
    for (name, child) in level.children() {
        let value = if depth == 0 {
            hole(child)
        } else {
            child
                .level()
                .zip(attributes.get(name))
                .and_then(|((nesting, inner), value)| {
                    let below = Below::of(nesting, value)?;
                    Some((below.wrap)(with_holes(inner, below.element, depth - 1, hole)?))
                })
        };
        if let Some(value) = value {
            holed.insert(name.to_owned(), value);
            any = true;
        }
    }
    any.then_some(Value::Object(holed))
}

/// The object in a sample of nested attributes or blocks, which has one of everything.
struct Below<'a> {
    element: &'a Value,
    step: Option<Step>,
    /// Puts an object into the element's place.
    wrap: fn(Value) -> Value,
}

impl<'a> Below<'a> {
    fn of(nesting: Nesting, value: &'a Value) -> Option<Self> {
        let (element, step, wrap): (_, _, fn(Value) -> Value) = match (nesting, value) {
            (Nesting::List, Value::List(elements)) => (elements.first()?, Some(Step::Index(0)), |value| {
                Value::List(vec![value])
            }),
            (Nesting::Map, Value::Map(elements)) => {
                (elements.values().next()?, Some(Step::key("key")), |value| {
                    Value::map([("key", value)])
                })
            }
            (Nesting::Set, Value::Set(elements)) => {
                (elements.iter().next()?, None, |value| Value::set([value]))
            }
            (_, value) => (value, None, |value| value),
        };
        Some(Self { element, step, wrap })
    }
}

type Visit<'f> = dyn FnMut(Path, Value, &'static str) + 'f;

/// Calls `visit` with the object once for each place that may be null or unknown, with that place so.
fn each_hole(level: Level<'_>, object: &Value, at: &Path, holes: Holes, visit: &mut Visit<'_>) {
    let Value::Object(attributes) = object else { return };
    for (name, child) in level.children() {
        let here = at.then(name);
        let put = |value: Value| {
            let mut attributes = attributes.clone();
            attributes.insert(name.to_owned(), value);
            Value::Object(attributes)
        };
        for (value, what) in holes_of(child, holes) {
            visit(here.clone(), put(value), what);
        }
        if let (Some((nesting, inner)), Some(value)) = (child.level(), attributes.get(name))
            && let Some(below) = Below::of(nesting, value)
        {
            let here = below.step.map_or_else(|| here.clone(), |step| here.then(step));
            each_hole(inner, below.element, &here, holes, &mut |path, value, what| {
                visit(path, put((below.wrap)(value)), what);
            });
        }
    }
}

/// Values of a configurable attribute in which one element is unknown.
fn unknown_elements(attribute: &Attribute) -> Vec<Value> {
    match &attribute.kind {
        Kind::Plain(ty) if attribute.required || attribute.optional => partly_unknown(ty),
        _ => Vec::new(),
    }
}

fn partly_unknown(ty: &Type) -> Vec<Value> {
    let inner = |ty: &Type| [vec![Value::UNKNOWN], partly_unknown(ty)].concat().into_iter();
    match ty {
        Type::Bool | Type::Number | Type::String | Type::Dynamic => Vec::new(),
        Type::List(ty) => inner(ty).map(|value| Value::List(vec![value])).collect(),
        Type::Set(ty) => inner(ty).map(|value| Value::set([value])).collect(),
        Type::Map(ty) => inner(ty).map(|value| Value::map([("key", value)])).collect(),
        Type::Object(attributes) => attributes
            .iter()
            .flat_map(|(name, of)| {
                inner(of).map(move |value| match sample::of(ty) {
                    Value::Object(mut object) => {
                        object.insert(name.clone(), value);
                        Value::Object(object)
                    }
                    other => other,
                })
            })
            .collect(),
        Type::Tuple(types) => types
            .iter()
            .enumerate()
            .flat_map(|(i, of)| {
                inner(of).map(move |value| match sample::of(ty) {
                    Value::Tuple(mut tuple) => {
                        tuple[i] = value;
                        Value::Tuple(tuple)
                    }
                    other => other,
                })
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::{
        Attr, Schema,
        schema::{Block, list, map_nested, string},
    };

    #[derive(Deserialize)]
    struct Tag<S> {
        #[serde(rename = "value")]
        _value: S,
    }

    #[derive(Deserialize)]
    struct Model<Id, Names, Tags, Rules> {
        #[serde(rename = "id")]
        _id: Id,
        #[serde(rename = "names")]
        _names: Names,
        #[serde(rename = "tags")]
        _tags: Tags,
        #[serde(rename = "rule")]
        _rules: Rules,
    }

    type Tags<S> = Attr<std::collections::BTreeMap<String, Tag<S>>>;

    fn schema() -> Schema {
        Schema::new(0)
            .attr("id", string().computed())
            .attr("names", list(Type::String).required())
            .attr("tags", map_nested([("value", string().required())]).optional())
            .block("rule", Block::list().attr("value", string().optional()))
    }

    #[test]
    fn what_is_tried_at_once_has_every_hole() {
        let schema = schema();
        let (level, whole) = (schema.body.level(), sample::of(&schema.implied_type()));
        for holes in [Holes::Null, Holes::NullAndUnknown] {
            let at_once: Vec<Value> = many_at_once(level, &whole, holes).collect();
            let mut places = 0;
            each_hole(level, &whole, &Path::root(), holes, &mut |path, with_hole, _| {
                places += 1;
                let hole = with_hole.get(&path);
                assert!(
                    at_once.iter().any(|value| value.get(&path) == hole),
                    "{path}: {hole:?}"
                );
            });
            assert!(at_once.len() < places, "{} for {places}", at_once.len());
        }
    }

    #[test]
    fn a_model_that_refuses_the_sample_is_tried_at_once_too() {
        #[derive(Deserialize)]
        struct Timed {
            #[serde(rename = "after")]
            _after: Attr<crate::GoDuration>,
        }
        let schema = Schema::new(0).attr("after", string().optional());
        let (level, whole) = (
            schema.body.level(),
            sample::taken_by::<Timed>(&schema.implied_type()),
        );
        assert!(
            many_at_once(level, &whole, Holes::NullAndUnknown)
                .all(|value| Timed::deserialize(ValueDeserializer(&value)).is_ok())
        );
    }

    fn violation<M: DeserializeOwned>(holes: Holes) -> Option<String> {
        let schema = schema();
        check_holes::<M>(schema.body.level(), &schema.implied_type(), holes).map(|err| err.to_string())
    }

    #[test]
    fn a_model_of_attrs_can_hold_whatever_a_plan_has() {
        type Good =
            Model<Attr<String>, Attr<Vec<Attr<String>>>, Tags<Attr<String>>, Attr<Vec<Tag<Attr<String>>>>>;
        assert_eq!(violation::<Good>(Holes::NullAndUnknown), None);
    }

    #[test]
    fn a_group_block_is_always_there() {
        #[derive(Deserialize)]
        struct Grouped {
            #[serde(rename = "group")]
            _group: Tag<Attr<String>>,
        }
        let misfit = |block: Block| {
            let schema = Schema::new(0).block("group", block.attr("value", string().optional()));
            let ty = schema.implied_type();
            check_holes::<Grouped>(schema.body.level(), &ty, Holes::NullAndUnknown)
        };
        assert_eq!(misfit(Block::group()), None);
        assert!(misfit(Block::single()).is_some());
    }

    #[test]
    fn what_a_model_cannot_hold_is_named_with_its_place() {
        type Rules = Attr<Vec<Tag<Attr<String>>>>;
        let id = violation::<Model<String, Attr<Vec<Attr<String>>>, Tags<Attr<String>>, Rules>>;
        assert!(id(Holes::Null).is_some_and(|text| text.contains("id") && text.contains("may be null")));
        let names = violation::<Model<Attr<String>, Attr<Vec<String>>, Tags<Attr<String>>, Rules>>;
        assert_eq!(names(Holes::Null), None);
        assert!(names(Holes::NullAndUnknown).is_some_and(
            |text| text.contains("names: may be partly unknown") && text.contains("within it an Attr")
        ));
        let tags = violation::<Model<Attr<String>, Attr<Vec<Attr<String>>>, Tags<String>, Rules>>;
        assert!(
            tags(Holes::NullAndUnknown)
                .is_some_and(|text| text.contains("tags[\"key\"].value: may be unknown"))
        );
        let rules = violation::<
            Model<Attr<String>, Attr<Vec<Attr<String>>>, Tags<Attr<String>>, Vec<Tag<Attr<String>>>>,
        >;
        assert!(rules(Holes::NullAndUnknown).is_some_and(|text| text.contains("rule: may be unknown")));
    }
}
