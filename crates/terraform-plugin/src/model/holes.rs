//! Whether a model can hold what a configuration leaves out, and what is not known while a plan is made.

use serde::de::DeserializeOwned;

use super::{de::ValueDeserializer, sample};
use crate::{
    path::{Path, Step},
    schema::{Attribute, Child, Kind, Level, Nesting},
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
pub(crate) fn check_holes<M: DeserializeOwned>(
    level: Level<'_>,
    ty: &Type,
    holes: Holes,
) -> Option<CodecError> {
    let mut found = None;
    let whole = sample::of(ty);
    each_hole(
        level,
        &whole,
        &Path::root(),
        holes,
        &mut |path, with_hole, what| {
            if found.is_some() {
                return;
            }
            if let Err(err) = M::deserialize(ValueDeserializer(&with_hole))
                && err.is_mismatch()
            {
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
        let (may_be_null, may_be_unknown) = match child {
            Child::Attribute(attribute) => (!attribute.required, true),
            // There is no unknown single block, and no null list of blocks.
            Child::Block(block) => {
                let single = block.level().0 == Nesting::Single;
                (single && block.min == 0, !single)
            }
        };
        if may_be_null {
            visit(here.clone(), put(Value::Null), "null");
        }
        if may_be_unknown && holes == Holes::NullAndUnknown {
            visit(here.clone(), put(Value::UNKNOWN), "unknown");
            if let Child::Attribute(attribute) = child {
                for element in unknown_elements(attribute) {
                    visit(here.clone(), put(element), PARTLY);
                }
            }
        }
        if let (Some((nesting, inner)), Some(value)) = (child.level(), attributes.get(name)) {
            let (element, step, wrap): (_, _, fn(Value) -> Value) = match (nesting, value) {
                (Nesting::List, Value::List(elements)) => (elements.first(), Some(Step::Index(0)), |value| {
                    Value::List(vec![value])
                }),
                (Nesting::Map, Value::Map(elements)) => {
                    (elements.values().next(), Some(Step::key("key")), |value| {
                        Value::map([("key", value)])
                    })
                }
                (Nesting::Set, Value::Set(elements)) => {
                    (elements.iter().next(), None, |value| Value::set([value]))
                }
                (_, value) => (Some(value), None, |value| value),
            };
            let Some(element) = element else { continue };
            let here = step.map_or_else(|| here.clone(), |step| here.then(step));
            each_hole(inner, element, &here, holes, &mut |path, value, what| {
                visit(path, put(wrap(value)), what);
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

    fn violation<M: DeserializeOwned>(holes: Holes) -> Option<String> {
        let schema = Schema::new(0)
            .attr("id", string().computed())
            .attr("names", list(Type::String).required())
            .attr("tags", map_nested([("value", string().required())]).optional())
            .block("rule", Block::list().attr("value", string().optional()));
        check_holes::<M>(schema.body.level(), &schema.implied_type(), holes).map(|err| err.to_string())
    }

    #[test]
    fn a_model_of_attrs_can_hold_whatever_a_plan_has() {
        type Good =
            Model<Attr<String>, Attr<Vec<Attr<String>>>, Tags<Attr<String>>, Attr<Vec<Tag<Attr<String>>>>>;
        assert_eq!(violation::<Good>(Holes::NullAndUnknown), None);
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
