//! Event patterns: which events a rule is for.
//!
//! A pattern is an object like the event; its leaves are lists of matchers, of which one has to match. What is asked of
//! fields, and which fields an event has, is told by dotted paths: a dot in a name is a step inwards ("Considerations
//! when creating event patterns"). What is recorded of EventBridge agrees with AWS's event-ruler.

mod complexity;
mod fields;
mod folded;
mod located;
mod matcher;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use fields::{Field, Places};
use located::{Content, Part, Wrong, read};
use matcher::Matcher;

/// A pattern that was checked, with its text as it was given.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct EventPattern {
    source: String,
    /// Of which an event has to fulfil one.
    alternatives: Vec<Requirements>,
}

/// Of what each field has to be one, by their dotted paths.
type Requirements = BTreeMap<String, Vec<Matcher>>;

/// Why a text is no pattern: the reason in EventBridge's error.
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("Event pattern is not valid. Reason: {0}")]
pub(crate) struct InvalidPattern(String);

impl TryFrom<String> for EventPattern {
    type Error = InvalidPattern;

    fn try_from(source: String) -> Result<Self, InvalidPattern> {
        match read(&source).and_then(|whole| alternatives(&whole)) {
            Ok(alternatives) => Ok(Self { source, alternatives }),
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
        self.fits(&fields::of(event))
    }

    /// The same of an event's text, in which each of the values of one name counts, as recorded.
    pub(crate) fn matches_text(&self, event: &str) -> bool {
        read(event).is_ok_and(|event| self.fits(&fields::of(&event)))
    }

    fn fits(&self, fields: &[Field<'_>]) -> bool {
        let mut alternatives = self.alternatives.iter();
        alternatives.any(|requirements| fulfils(fields, requirements))
    }
}

/// Whether an event's fields are as they have to be. What is asked of items of one list, one item has to fulfil; so it is
/// kept in mind which items were chosen so far, as long as another field of their list is still to come.
fn fulfils(fields: &[Field<'_>], requirements: &Requirements) -> bool {
    let mut chosen: Vec<Places> = vec![Places::default()];
    let mut rest = requirements.iter();
    while let Some((path, matchers)) = rest.next() {
        let named: Vec<&Field<'_>> = fields.iter().filter(|field| field.path == *path).collect();
        let later = fields
            .iter()
            .filter(|field| rest.clone().any(|(path, _)| *path == field.path));
        let still: BTreeSet<usize> = later.flat_map(|field| field.places.keys().copied()).collect();
        let mut next = Vec::new();
        for places in chosen {
            let mut beside = named.iter().filter(|field| field.is_beside(&places)).peekable();
            let is_absent = beside.peek().is_none();
            if is_absent && matchers.contains(&Matcher::Exists(false)) {
                next.push(places.clone());
            }
            let fitting = beside.filter(|field| matchers.iter().any(|matcher| matcher.admits(field.value)));
            next.extend(fitting.map(|field| {
                let both = places.iter().chain(&field.places);
                both.filter(|(list, _)| still.contains(*list))
                    .map(|(list, item)| (*list, *item))
                    .collect()
            }));
        }
        next.sort();
        next.dedup();
        chosen = next;
    }
    !chosen.is_empty()
}

/// The most alternatives that `$or` may make, one inside and beside the other.
const MOST_ALTERNATIVES: usize = 1000;

fn alternatives(whole: &Part) -> Result<Vec<Requirements>, Wrong> {
    let Content::Object(members) = &whole.content else {
        return whole.refuse("Filter is not an object");
    };
    let mut alternatives = vec![Requirements::new()];
    Path::default().read(whole, members, &mut alternatives)?;
    if complexity::is_too_complex(&alternatives) {
        return Wrong::nowhere(
            "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after \
             a wildcard character",
        );
    }
    Ok(alternatives)
}

/// Names that are none of fields within `$or`.
const RESERVED: &[&str] = &[
    "exactly",
    "equals-ignore-case",
    "prefix",
    "suffix",
    "anything-but",
    "exists",
    "wildcard",
    "numeric",
    "cidr",
    "=",
    "<",
    "<=",
    ">",
    ">=",
    "regex",
    "not-wildcard",
    "not-equals-ignore-case",
    "date-after",
    "date-on-or-after",
    "date-before",
    "date-on-or-before",
    "in-date-range",
    "ip-address-in-range",
    "ip-address-not-in-range",
];

/// The way to an object of a pattern.
#[derive(Clone, Copy, Default)]
struct Path<'p> {
    names: Option<&'p str>,
    within_or: bool,
}

impl Path<'_> {
    fn read(
        self,
        whole: &Part,
        members: &[(String, Part)],
        alternatives: &mut Vec<Requirements>,
    ) -> Result<(), Wrong> {
        if members.is_empty() {
            return whole.refuse_read("Empty objects are not allowed");
        }
        for (name, value) in members {
            if name == "$or" {
                self.read_or(value, alternatives)?;
                continue;
            }
            if self.within_or && RESERVED.contains(&name.as_str()) {
                return value.refuse(format!(
                    "{name} is Ruler reserved fieldName which cannot be used inside $or."
                ));
            }
            let path = match self.names {
                None => name.clone(),
                Some(names) => format!("{names}.{name}"),
            };
            match &value.content {
                Content::Object(members) => {
                    let inside = Path {
                        names: Some(&path),
                        ..self
                    };
                    inside.read(value, members, alternatives)?;
                }
                Content::List(items) if items.is_empty() => {
                    return value.refuse_read("Empty arrays are not allowed");
                }
                Content::List(items) => {
                    let matchers: Vec<Matcher> =
                        items.iter().map(Matcher::parse).collect::<Result<_, _>>()?;
                    for requirements in &mut *alternatives {
                        requirements.insert(path.clone(), matchers.clone());
                    }
                }
                Content::Leaf(_) => {
                    // Recorded: the last name is told, not the way to it.
                    return value.refuse(format!("\"{name}\" must be an object or an array"));
                }
            }
        }
        Ok(())
    }

    /// Makes each alternative one for each item of `$or`, which is no step on the way to a field itself.
    fn read_or(self, whole: &Part, alternatives: &mut Vec<Requirements>) -> Result<(), Wrong> {
        let Content::List(items) = &whole.content else {
            return whole.refuse("It must be an Array followed with $or.");
        };
        let before = std::mem::take(alternatives);
        for item in items {
            let Content::Object(members) = &item.content else {
                return item.refuse("Only JSON object is allowed in array of $or relationship.");
            };
            let mut more = before.clone();
            let path = Path {
                within_or: true,
                ..self
            };
            path.read(item, members, &mut more)?;
            alternatives.append(&mut more);
            if alternatives.len() > MOST_ALTERNATIVES {
                return Wrong::nowhere("Or operator is producing over 1000 rule combinations");
            }
        }
        if items.len() < 2 {
            return whole.refuse_read("There must have at least 2 Objects in $or relationship.");
        }
        Ok(())
    }
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
    fn what_is_asked_of_items_of_a_list_one_item_has_to_fulfil() {
        let event = json!({ "detail": {
            "lines": [{ "sku": "tea", "count": 1, "tags": ["a", "b"] }, { "sku": "cup", "tags": ["c"] }],
            "pairs": [[{ "x": 1 }, { "y": 2 }], [{ "x": 3 }]], "to": ["at", "ch"], "none": [],
        } });
        for (leaf, expected) in [
            (json!({ "lines": { "sku": ["cup"], "tags": ["c"] } }), true),
            (json!({ "lines": { "sku": ["tea"], "tags": ["c"] } }), false),
            (json!({ "lines": { "sku": ["tea"] }, "lines.tags": ["c"] }), false),
            (
                json!({ "lines": { "sku": ["cup"], "count": [{ "exists": false }] } }),
                false,
            ),
            (
                json!({ "lines": { "count": [1], "price": [{ "exists": false }] } }),
                true,
            ),
            (
                json!({ "lines": { "zone": [{ "exists": false }], "sku": ["cup"] } }),
                true,
            ),
            (json!({ "pairs": { "x": [1], "y": [2] } }), false),
            (json!({ "pairs": { "x": [3] } }), true),
            (json!({ "lines": { "sku": ["cup"] }, "to": ["ch"] }), true),
            (json!({ "none": { "deeper": [{ "exists": false }] } }), true),
            (json!({ "to": [{ "anything-but": "at" }] }), true),
        ] {
            let found = pattern(&json!({ "detail": leaf })).unwrap().matches(&event);
            assert_eq!(found, expected, "{leaf}");
        }
    }

    #[test]
    fn a_name_that_stands_twice_has_the_last_matchers_and_both_values() {
        let pattern = EventPattern::try_from(r#"{ "v": [0], "v": [1] }"#.to_owned()).unwrap();
        assert!(pattern.matches_text(r#"{ "v": 1, "v": 0 }"#));
        assert!(!pattern.matches_text(r#"{ "v": 0, "v": 0 }"#));
    }

    #[test]
    fn an_event_of_many_lists_does_not_keep_the_server_busy() {
        let list: Vec<Value> = (0..2000).map(|number| json!({ "n": number })).collect();
        let names = ["a", "b", "c", "d", "e"];
        let lists = names
            .iter()
            .map(|name| ((*name).to_owned(), json!(list)))
            .collect();
        let asked = names
            .iter()
            .map(|name| ((*name).to_owned(), json!({ "n": [{ "exists": true }] })));
        let mut asked: serde_json::Map<String, Value> = asked.collect();
        asked.insert("z".to_owned(), json!(["none"]));
        let event = Value::Object(lists);
        assert!(!pattern(&Value::Object(asked)).unwrap().matches(&event));
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
            (json!({ "detail": { "a": 1 } }), "Reason: \"a\" must be"),
            (
                json!({ "a": [{ "prefix": { "equals-ignore-case": ["a"] } }] }),
                "equals-ignore-case match pattern must be a string",
            ),
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
            (json!({ "a": [{ "wildcard": "*-*-*-*-*-*" }] }), "too complex"),
            (
                json!({ "a": [{ "wildcard": r"a\b" }] }),
                "Invalid escape character at pos 2",
            ),
            (json!({ "a": [{}] }), "Match expression name not found"),
            (
                json!({ "a": [{ "numeric": [">", 1], "exists": true }] }),
                "Too many elements",
            ),
            (json!({ "$or": "b" }), "must be an Array followed with $or"),
            (json!({ "$or": ["b", "c"] }), "Only JSON object"),
            (
                json!({ "$or": [{ "numeric": ["b"] }, { "a": ["b"] }] }),
                "reserved fieldName",
            ),
            (json!({ "a": [{ "cidr": "10.0.0" }] }), "CIDR"),
            (
                json!({ "a": [{ "cidr": "10.0.0.1/32" }] }),
                "IPv4 mask bits must be < 32",
            ),
            (
                json!({ "a": [{ "cidr": "::1/200" }] }),
                "IPv6 mask bits must be < 128",
            ),
            (
                json!({ "a": [{ "cidr": "10.0.0.1/-1" }] }),
                "must not be negative",
            ),
            (json!({ "a": [{ "anything-but": [] }] }), "either all values"),
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
