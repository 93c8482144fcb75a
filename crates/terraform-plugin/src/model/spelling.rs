//! Texts that a model writes otherwise than it read them, as one does that keeps a duration or an address.

use serde::{Serialize, de::DeserializeOwned};

use super::{de::ValueDeserializer, encode, sample};
use crate::{
    path::Path,
    schema::{Attribute, Child, Level, of},
    value::{Type, Value},
};

/// Each is another way to write something of a kind that has several. No list has them all: what no model takes tells
/// nothing, and a type that keeps another kind of text than these is found by nobody before a user writes it.
const SPELLINGS: [&str; 10] = [
    "1h60m",
    "PT60M",
    "{ \"b\" : 1, \"a\" : 2 }",
    "2024-01-01T13:00:00.0+01:00",
    "2024-01-01T12:00:00.0Z",
    "Ab",
    " a ",
    "2001:DB8:0:0:0:0:0:1",
    "HTTP://Example.com",
    "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
];

/// The attributes that a configuration may set to a text which the model writes otherwise, where the schema does not say that
/// both mean the same: with the place, the text and what becomes of it.
pub(crate) fn misspelled<M: Serialize + DeserializeOwned>(
    level: Level<'_>,
    ty: &Type,
) -> Vec<(Path, &'static str, Value)> {
    let mut found: Vec<(Path, &'static str, Value)> = Vec::new();
    for text in SPELLINGS {
        let sample = sample::taken::<M>(sample::of_text(ty, text));
        let Ok(model) = M::deserialize(ValueDeserializer(&sample)) else {
            continue;
        };
        let Ok(written) = encode(&model, ty) else { continue };
        compare(level, [&sample, &written], &Path::root(), &mut |path, written| {
            if found.iter().all(|(known, ..)| *known != path) {
                found.push((path, text, written.clone()));
            }
        });
    }
    found
}

/// Both are samples of one type: each collection has one element.
fn compare(level: Level<'_>, samples: [&Value; 2], at: &Path, add: &mut dyn FnMut(Path, &Value)) {
    for (name, child) in level.children() {
        let [sample, written] = samples.map(|object| of(object, name));
        let here = at.then(name);
        if sample == written
            || matches!(child, Child::Attribute(attribute) if may_differ(attribute, sample, written))
        {
            continue;
        }
        match child.level() {
            Some((_, level)) => compare(level, [inside(sample), inside(written)], &here, add),
            None => add(here, inside(written)),
        }
    }
}

/// Whether that is no mistake: no configuration has the text, or it means the same.
fn may_differ(attribute: &Attribute, sample: &Value, written: &Value) -> bool {
    let configured = attribute.required || attribute.optional;
    let same = attribute.same.as_ref();
    !configured
        || attribute.write_only
        || same.is_some_and(|same| same.holds(sample, written))
        || attribute.refuses(sample)
}

/// The innermost element.
fn inside(value: &Value) -> &Value {
    let element = match value {
        Value::List(inner) => inner.first(),
        Value::Set(inner) => inner.iter().next(),
        Value::Map(inner) => inner.values().next(),
        _ => None,
    };
    element.map_or(value, inside)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, net::Ipv6Addr};

    use serde::Deserialize;

    use super::*;
    use crate::{
        Attr, GoDuration, Number,
        schema::{Block, Schema, duration, list, list_nested, number, set_nested, string},
    };

    #[derive(Serialize, Deserialize)]
    struct Model {
        plain: Attr<String>,
        patience: Attr<GoDuration>,
        address: Attr<Ipv6Addr>,
        all: Attr<Vec<Attr<Ipv6Addr>>>,
        size: Attr<Number>,
        nested: Attr<Vec<Inner>>,
        rule: Vec<Inner>,
        by_key: Attr<BTreeMap<String, Attr<String>>>,
    }

    #[derive(Serialize, Deserialize)]
    struct Inner {
        address: Attr<Ipv6Addr>,
    }

    fn schema(address: impl Fn() -> Attribute) -> Schema {
        let inner = || [("address", address())];
        Schema::new(0)
            .attr("plain", string().optional())
            .attr("patience", duration().optional())
            .attr("address", address())
            .attr("all", list(Type::String).optional())
            .attr("size", number().optional())
            .attr("nested", list_nested(inner()).optional())
            .attr("by_key", crate::schema::map(Type::String).optional())
            .block("rule", Block::set().attr("address", address()))
    }

    fn misspelled_in(schema: &Schema) -> Vec<String> {
        let found = misspelled::<Model>(schema.body.level(), &schema.implied_type());
        let said = found
            .iter()
            .map(|(path, text, written)| format!("{path}: {text} becomes {written:?}"));
        said.collect()
    }

    #[test]
    fn a_text_that_a_model_writes_otherwise_is_found_at_every_depth() {
        let becomes = r#"2001:DB8:0:0:0:0:0:1 becomes String("2001:db8::1")"#;
        assert_eq!(
            misspelled_in(&schema(|| string().optional())),
            ["address", "all", "nested.address", "rule.address"].map(|at| format!("{at}: {becomes}"))
        );
    }

    #[test]
    fn what_means_the_same_or_cannot_be_configured_may_be_written_otherwise() {
        let parsed = |value: &Value| value.as_str().and_then(|text| text.parse::<Ipv6Addr>().ok());
        let attributes: [&dyn Fn() -> Attribute; 4] = [
            &|| string().optional().same_if(move |a, b| parsed(a) == parsed(b)),
            &|| string().optional().matches("^[a-f0-9:]+$", "lower-case digits"),
            &|| string().optional().write_only(),
            &|| string().computed(),
        ];
        let all = format!("all: {}", r#"2001:DB8:0:0:0:0:0:1 becomes String("2001:db8::1")"#);
        for attribute in attributes {
            assert_eq!(misspelled_in(&schema(attribute)), [all.as_str()]);
        }
        // One of several spellings may still be another value.
        let other = misspelled_in(&schema(|| string().optional().same_any_case()));
        assert_eq!(other.len(), 4, "{other:?}");
    }

    #[test]
    fn elements_of_sets_are_compared_too() {
        #[derive(Serialize, Deserialize)]
        struct Sets {
            bag: Attr<Vec<Inner>>,
        }
        let inner = [("address", string().optional())];
        let schema = Schema::new(0).attr("bag", set_nested(inner).optional());
        let found = misspelled::<Sets>(schema.body.level(), &schema.implied_type());
        assert_eq!(found[0].0, crate::path!("bag", "address"));
    }
}
