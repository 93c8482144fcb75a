//! Event patterns: which events a rule is for.
//!
//! A pattern is an object like the event; its leaves are lists of matchers, of which one has to match. A dot in a
//! name, of the pattern or of the event, stands for a step inwards ("Considerations when creating event patterns").

mod located;
mod matcher;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use located::{Content, Part, Wrong, read};
use matcher::Matcher;

/// A pattern that was checked, with its text as it was given.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct EventPattern {
    source: String,
    root: Node,
}

/// Why a text is no pattern: the reason in EventBridge's error.
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("Event pattern is not valid. Reason: {0}")]
pub(crate) struct InvalidPattern(String);

/// The fields of one object, all of which have to match; of `$or` one alternative has to.
#[derive(Clone, Debug, Default)]
struct Node {
    fields: Vec<(String, Field)>,
    alternatives: Vec<Node>,
}

#[derive(Clone, Debug)]
enum Field {
    Nested(Node),
    AnyOf(Vec<Matcher>),
}

impl TryFrom<String> for EventPattern {
    type Error = InvalidPattern;

    fn try_from(source: String) -> Result<Self, InvalidPattern> {
        match read(&source).and_then(|whole| Node::root(&whole)) {
            Ok(root) => Ok(Self { source, root }),
            Err(wrong) => Err(InvalidPattern(wrong.message(&source))),
        }
    }
}

impl From<EventPattern> for String {
    fn from(pattern: EventPattern) -> Self {
        pattern.source
    }
}

impl EventPattern {
    /// The text as it was given.
    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    pub(crate) fn matches(&self, event: &Value) -> bool {
        self.root.matches(Some(&undotted(event)))
    }
}

/// A value whose names with dots have become nested objects.
fn undotted(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(undotted).collect(),
        Value::Object(members) => {
            let mut nested = Map::new();
            for (name, value) in members {
                put(&mut nested, name, undotted(value));
            }
            Value::Object(nested)
        }
        other => other.clone(),
    }
}

/// Puts a value at a dotted name, beside what is there already.
fn put(into: &mut Map<String, Value>, name: &str, value: Value) {
    let (first, inner) = match name.split_once('.') {
        Some((first, rest)) => {
            let mut inner = Map::new();
            put(&mut inner, rest, value);
            (first, Value::Object(inner))
        }
        None => (name, value),
    };
    match (into.get_mut(first), inner) {
        (Some(Value::Object(there)), Value::Object(more)) => {
            for (name, value) in more {
                put(there, &name, value);
            }
        }
        (_, inner) => {
            into.insert(first.to_owned(), inner);
        }
    }
}

impl Node {
    fn root(whole: &Part) -> Result<Self, Wrong> {
        match &whole.content {
            Content::Object(members) => Self::parse(whole, members, &[]),
            Content::List(_) | Content::Leaf(_) => whole.refuse("Filter is not an object"),
        }
    }

    fn parse(whole: &Part, members: &[(String, Part)], path: &[&str]) -> Result<Self, Wrong> {
        if members.is_empty() {
            return whole.refuse_read("Empty objects are not allowed");
        }
        let mut node = Self::default();
        for (name, value) in members {
            let path = [path, &[name.as_str()]].concat();
            match &value.content {
                Content::List(items) if name == "$or" => {
                    node.alternatives = alternatives(value, items, &path)?;
                }
                Content::Object(members) => {
                    node.add(name, Field::Nested(Self::parse(value, members, &path)?));
                }
                Content::List(items) if items.is_empty() => {
                    return value.refuse_read("Empty arrays are not allowed");
                }
                Content::List(items) => {
                    let matchers = items.iter().map(Matcher::parse).collect::<Result<_, _>>()?;
                    node.add(name, Field::AnyOf(matchers));
                }
                Content::Leaf(_) => {
                    let path = path.join(".");
                    return value.refuse(format!("\"{path}\" must be an object or an array"));
                }
            }
        }
        Ok(node)
    }

    /// Adds what a dotted name asks for.
    fn add(&mut self, name: &str, field: Field) {
        match name.split_once('.') {
            Some((first, rest)) => {
                let mut inner = Self::default();
                inner.add(rest, field);
                self.fields.push((first.to_owned(), Field::Nested(inner)));
            }
            None => self.fields.push((name.to_owned(), field)),
        }
    }

    fn matches(&self, event: Option<&Value>) -> bool {
        if let Some(Value::Array(items)) = event {
            return items.iter().any(|item| self.matches(Some(item)));
        }
        let member = |name: &str| event.and_then(|event| event.get(name));
        self.fields.iter().all(|(name, field)| match field {
            Field::Nested(node) => node.matches(member(name)),
            Field::AnyOf(matchers) => matchers.iter().any(|matcher| matcher.matches(member(name))),
        }) && (self.alternatives.is_empty() || self.alternatives.iter().any(|node| node.matches(event)))
    }
}

fn alternatives(whole: &Part, items: &[Part], path: &[&str]) -> Result<Vec<Node>, Wrong> {
    // The `$or` itself is no step on the way to a field.
    let path = &path[..path.len() - 1];
    if items.len() < 2 {
        return whole.refuse_read("There must have at least 2 Objects in $or relationship.");
    }
    let parse = |item: &Part| match &item.content {
        Content::Object(members) => Node::parse(item, members, path),
        Content::List(_) | Content::Leaf(_) => {
            item.refuse("Only JSON object is allowed in array of $or relationship.")
        }
    };
    items.iter().map(parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn pattern(value: &Value) -> Result<EventPattern, InvalidPattern> {
        EventPattern::try_from(value.to_string())
    }

    fn event() -> Value {
        json!({
            "source": "orders", "resources": ["arn:a", "arn:b"], "detail": {
                "state": "placed", "total": 42.5, "count": 300, "paid": true, "note": null, "empty": "",
                "from": "10.0.0.7", "file": "orders/eu/7.json", "none": [],
                "buyer": { "country": "at" }, "ship.to": "at", "ship": { "by": "rail" }, "lines": [{ "sku": "x" }, { "sku": "y" }],
            },
        })
    }

    #[test]
    fn each_operator_matches_what_the_guide_says() {
        for (leaf, expected) in [
            (json!({ "state": ["placed", "paid"] }), true),
            (json!({ "state": ["Placed"] }), false),
            (json!({ "state": [{ "equals-ignore-case": "Placed" }] }), true),
            (json!({ "state": [{ "prefix": "pla" }] }), true),
            (
                json!({ "state": [{ "prefix": { "equals-ignore-case": "PLA" } }] }),
                true,
            ),
            (json!({ "state": [{ "suffix": "ced" }] }), true),
            (json!({ "state": [{ "suffix": "CED" }] }), false),
            (json!({ "file": [{ "wildcard": "orders/*/*.json" }] }), true),
            (json!({ "file": [{ "wildcard": "*.xml" }] }), false),
            (json!({ "state": [{ "anything-but": "placed" }] }), false),
            (
                json!({ "state": [{ "anything-but": ["paid", "shipped"] }] }),
                true,
            ),
            (
                json!({ "state": [{ "anything-but": { "prefix": "pla" } }] }),
                false,
            ),
            (json!({ "absent": [{ "anything-but": "placed" }] }), false),
            (json!({ "count": [300] }), true),
            (json!({ "count": [300.0] }), true),
            (json!({ "state": [{ "prefix": "" }] }), true),
            (json!({ "state": [{ "wildcard": "" }] }), false),
            (json!({ "none": [{ "exists": true }] }), false),
            (json!({ "none": [{ "exists": false }] }), true),
            (json!({ "buyer.country": ["at"] }), true),
            (json!({ "ship": { "to": ["at"] } }), true),
            (json!({ "ship.by": ["rail"] }), true),
            (json!({ "total": [{ "numeric": [">", 42, "<=", 42.5] }] }), true),
            (json!({ "total": [{ "numeric": ["=", 42] }] }), false),
            (json!({ "paid": [true] }), true),
            (json!({ "note": [null] }), true),
            (json!({ "empty": [""] }), true),
            (json!({ "from": [{ "cidr": "10.0.0.0/24" }] }), true),
            (json!({ "from": [{ "cidr": "10.0.1.0/24" }] }), false),
            (json!({ "note": [{ "exists": true }] }), true),
            (json!({ "absent": [{ "exists": false }] }), true),
            (json!({ "absent": { "deeper": [{ "exists": false }] } }), true),
            (json!({ "lines": { "sku": ["y"] } }), true),
            (json!({ "lines": { "sku": ["z"] } }), false),
            (
                json!({ "$or": [{ "state": ["paid"] }, { "count": [300] }] }),
                true,
            ),
            (
                json!({ "state": ["placed"], "$or": [{ "state": ["paid"] }, { "count": [3] }] }),
                false,
            ),
        ] {
            let found = pattern(&json!({ "detail": leaf })).unwrap().matches(&event());
            assert_eq!(found, expected, "{leaf}");
        }
        assert!(
            pattern(&json!({ "resources": ["arn:b"] }))
                .unwrap()
                .matches(&event())
        );
        assert!(
            !pattern(&json!({ "source": ["orders"], "region": ["x"] }))
                .unwrap()
                .matches(&event())
        );
    }

    #[test]
    fn what_is_no_pattern_is_refused_with_the_reason() {
        for (wrong, reason) in [
            (json!([]), "not an object"),
            (json!({}), "Empty objects"),
            (
                json!({ "source": "orders" }),
                "\"source\" must be an object or an array",
            ),
            (json!({ "detail": { "a": 1 } }), "\"detail.a\" must be"),
            (json!({ "source": [] }), "Empty arrays"),
            (json!({ "source": [["a"]] }), "Match value"),
            (
                json!({ "source": [{ "regex": "a" }] }),
                "Unrecognized match type regex",
            ),
            (
                json!({ "source": [{ "prefix": "a", "suffix": "b" }] }),
                "Only one key",
            ),
            (json!({ "source": [{ "prefix": 1 }] }), "prefix match pattern"),
            (json!({ "a": [{ "numeric": [">", "1"] }] }), "must be numeric"),
            (json!({ "a": [{ "numeric": [">", 5, "<", 1] }] }), "Bottom"),
            (json!({ "a": [{ "numeric": ["~", 5] }] }), "range operator"),
            (
                json!({ "a": [{ "numeric": [">", 1, ">=", 5] }] }),
                "Bad numeric range operator: >=",
            ),
            (json!({ "a": [{ "numeric": 5 }] }), "must be an array"),
            (json!({ "a": [{ "cidr": "10.0.0.0/x" }] }), "mask bits"),
            (
                json!({ "a": [{ "cidr": "10.x/8" }] }),
                "Nonstandard IP address: 10.x",
            ),
            (
                json!({ "a": [{ "anything-but": { "prefix": "" } }] }),
                "Null prefix/suffix",
            ),
            (
                json!({ "a": [{ "anything-but": { "suffix": 1 } }] }),
                "prefix/suffix match",
            ),
            (json!({ "a": [{ "anything-but": null }] }), "single string/number"),
            (json!({ "a": [{ "anything-but": ["x", null] }] }), "start|null"),
            (json!({ "a": [{ "wildcard": "*-*-*-*-*-b" }] }), "too complex"),
            (json!({ "a": [{ "cidr": "10.0.0" }] }), "CIDR"),
            (json!({ "a": [{ "anything-but": [] }] }), "Empty arrays"),
            (json!({ "a": [{ "anything-but": ["a", 1] }] }), "mixed type"),
            (json!({ "a": [{ "wildcard": "a**" }] }), "Consecutive"),
            (json!({ "$or": [{ "a": ["b"] }] }), "at least 2"),
        ] {
            let error = pattern(&wrong).unwrap_err().to_string();
            assert!(error.contains(reason), "{wrong}: {error}");
        }
        assert!(EventPattern::try_from("{".to_owned()).is_err());
    }

    #[test]
    fn the_place_of_what_is_wrong_is_behind_the_token_that_tells_it() {
        for (wrong, line, column) in [
            ("{\"count\": 7}", 1, 12),
            ("{\"state\": \"new\"}", 1, 12),
            ("{\"state\": []}", 1, 13),
            ("{\"state\": [{\"regex\": true}]}", 1, 26),
            ("{\"state\": [{\"regex\": \"x\"}]}", 1, 23),
            ("{\"state\": [{\"regex\": [1]}]}", 1, 23),
            ("{\"state\":\n [{\"prefix\": 1}]}", 2, 15),
            ("{\"state\": [{\"wildcard\": \"a**\"}]}", 1, 30),
            ("{\"n\": [{\"numeric\": [\">\", 0, \">\", 0]}]}", 1, 32),
            ("{\"n\": [{\"numeric\": [\">\", 0, \"<\"]}]}", 1, 33),
            ("{\"s\": [{\"anything-but\": {\"prefix\": \"\"}}]}", 1, 38),
            ("{\"s\": [{\"anything-but\": {\"prefix\": {\"x\": 1}}}]}", 1, 37),
            ("[1]", 1, 2),
            ("{\"s\": open}", 1, 11),
            ("{'s': 1}", 1, 2),
        ] {
            let error = EventPattern::try_from(wrong.to_owned()).unwrap_err().to_string();
            let place = format!("\n at [Source: (String)\"{wrong}\"; line: {line}, column: {column}]");
            assert!(
                error.ends_with(&place) && error.matches(" at [").count() == 1,
                "{wrong}: {error}"
            );
        }
        let listed = "{\"s\": [{\"anything-but\": [\"x\", null]}]}";
        let error = EventPattern::try_from(listed.to_owned()).unwrap_err().to_string();
        assert_eq!(error.matches("; line: 1, column: 35]").count(), 2, "{error}");
        let bare = "{\"ip\": [{\"cidr\": \"10.0.0\"}]}";
        let error = EventPattern::try_from(bare.to_owned()).unwrap_err().to_string();
        assert!(!error.contains(" at ["), "{error}");
        let long = format!("{{\"s\": [\"{}\"], \"t\": 1}}", "x".repeat(600));
        let error = EventPattern::try_from(long).unwrap_err().to_string();
        assert!(
            error.contains("x\"[truncated 119 chars]; line: 1, column: 619]"),
            "{error}"
        );
    }
}
