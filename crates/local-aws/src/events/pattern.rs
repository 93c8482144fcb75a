//! Event patterns: which events a rule is for.
//!
//! A pattern is an object like the event; its leaves are lists of matchers, of which one has to match.
//! Names and meaning are those of the EventBridge user guide, "Comparison operators for use in event patterns".

use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

use crate::wildcard::{self, Token};

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

impl InvalidPattern {
    fn because<T>(reason: impl Into<String>) -> Result<T, Self> {
        Err(Self(reason.into()))
    }
}

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

#[derive(Clone, Debug)]
enum Matcher {
    /// A text, `true`, `false` or `null`.
    Exact(Value),
    /// A number, compared as it is written: 300 and 3.0e2 differ.
    Number(String),
    Prefix {
        text: String,
        ignore_case: bool,
    },
    Suffix {
        text: String,
        ignore_case: bool,
    },
    EqualsIgnoringCase(String),
    Wildcard(Vec<Token>),
    AnythingBut(Vec<Matcher>),
    Numeric(Vec<(Comparison, f64)>),
    Cidr(IpNet),
    Exists(bool),
}

#[derive(Clone, Copy, Debug)]
enum Comparison {
    Less,
    AtMost,
    Equal,
    AtLeast,
    More,
}

impl TryFrom<String> for EventPattern {
    type Error = InvalidPattern;

    fn try_from(source: String) -> Result<Self, InvalidPattern> {
        let root = match serde_json::from_str(&source) {
            Ok(Value::Object(members)) => Node::parse(&members, &[])?,
            Ok(_) => return InvalidPattern::because("Filter is not an object"),
            Err(error) => return InvalidPattern::because(error.to_string()),
        };
        Ok(Self { source, root })
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
        self.root.matches(Some(event))
    }
}

type Members = serde_json::Map<String, Value>;

impl Node {
    fn parse(members: &Members, path: &[&str]) -> Result<Self, InvalidPattern> {
        if members.is_empty() {
            return InvalidPattern::because("Empty objects are not allowed");
        }
        let mut node = Self::default();
        for (name, value) in members {
            let path = [path, &[name.as_str()]].concat();
            match value {
                Value::Array(items) if name == "$or" => node.alternatives = alternatives(items, &path)?,
                Value::Object(members) => {
                    node.fields
                        .push((name.clone(), Field::Nested(Self::parse(members, &path)?)));
                }
                Value::Array(items) if items.is_empty() => {
                    return InvalidPattern::because("Empty arrays are not allowed");
                }
                Value::Array(items) => {
                    let matchers = items.iter().map(Matcher::parse).collect::<Result<_, _>>()?;
                    node.fields.push((name.clone(), Field::AnyOf(matchers)));
                }
                _ => {
                    let path = path.join(".");
                    return InvalidPattern::because(format!("\"{path}\" must be an object or an array"));
                }
            }
        }
        Ok(node)
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

fn alternatives(items: &[Value], path: &[&str]) -> Result<Vec<Node>, InvalidPattern> {
    // The `$or` itself is no step on the way to a field.
    let path = &path[..path.len() - 1];
    if items.len() < 2 {
        return InvalidPattern::because("There must have at least 2 Objects in $or relationship.");
    }
    let parse = |item: &Value| match item {
        Value::Object(members) => Node::parse(members, path),
        _ => InvalidPattern::because("Only JSON object is allowed in array of $or relationship."),
    };
    items.iter().map(parse).collect()
}

impl Matcher {
    fn parse(value: &Value) -> Result<Self, InvalidPattern> {
        match value {
            Value::Number(number) => Ok(Self::Number(number.to_string())),
            Value::String(_) | Value::Bool(_) | Value::Null => Ok(Self::Exact(value.clone())),
            Value::Array(_) => {
                InvalidPattern::because("Match value must be String, number, true, false, or null")
            }
            Value::Object(members) => match members.iter().next() {
                Some((operator, operand)) if members.len() == 1 => Self::operator(operator, operand),
                _ => InvalidPattern::because("Only one key allowed in match expression"),
            },
        }
    }

    fn operator(operator: &str, operand: &Value) -> Result<Self, InvalidPattern> {
        Ok(match operator {
            "prefix" | "suffix" => {
                let (text, ignore_case) = match operand.get("equals-ignore-case") {
                    Some(inner) => (text(operator, inner)?, true),
                    None => (text(operator, operand)?, false),
                };
                let text = if ignore_case { text.to_lowercase() } else { text };
                if operator == "prefix" {
                    Self::Prefix { text, ignore_case }
                } else {
                    Self::Suffix { text, ignore_case }
                }
            }
            "equals-ignore-case" => Self::EqualsIgnoringCase(text(operator, operand)?.to_lowercase()),
            "wildcard" => {
                let tokens = wildcard::tokens(&text(operator, operand)?, false);
                if tokens.windows(2).any(|pair| pair == [Token::Any, Token::Any]) {
                    return InvalidPattern::because("Consecutive wildcard characters");
                }
                Self::Wildcard(tokens)
            }
            "exists" => match operand {
                Value::Bool(wanted) => Self::Exists(*wanted),
                _ => return InvalidPattern::because("exists match pattern must be either true or false."),
            },
            "cidr" => match text(operator, operand)?.parse::<IpNet>() {
                Ok(net) => Self::Cidr(net.trunc()),
                Err(_) => return InvalidPattern::because("Malformed CIDR, one '/' required"),
            },
            "numeric" => Self::Numeric(comparisons(operand)?),
            "anything-but" => Self::AnythingBut(exceptions(operand)?),
            _ => return InvalidPattern::because(format!("Unrecognized match type {operator}")),
        })
    }

    fn matches(&self, value: Option<&Value>) -> bool {
        match (self, value) {
            // An object in the event is no leaf, so it does not count as being there.
            (Self::Exists(wanted), value) => *wanted == value.is_some_and(|value| !value.is_object()),
            (_, None) => false,
            (_, Some(Value::Array(items))) => items.iter().any(|item| self.matches(Some(item))),
            (_, Some(value)) => self.admits(value),
        }
    }

    fn admits(&self, value: &Value) -> bool {
        let cased = |text: &str, ignore_case: bool| {
            if ignore_case {
                text.to_lowercase()
            } else {
                text.to_owned()
            }
        };
        match (self, value) {
            (Self::Exact(wanted), value) => wanted == value,
            (Self::Number(wanted), Value::Number(number)) => *wanted == number.to_string(),
            (Self::Numeric(comparisons), Value::Number(number)) => number
                .as_f64()
                .is_some_and(|number| comparisons.iter().all(|(how, limit)| how.holds(number, *limit))),
            (Self::AnythingBut(exceptions), value) => {
                !value.is_object() && !exceptions.iter().any(|exception| exception.admits(value))
            }
            (Self::Prefix { text, ignore_case }, Value::String(value)) => {
                cased(value, *ignore_case).starts_with(text.as_str())
            }
            (Self::Suffix { text, ignore_case }, Value::String(value)) => {
                cased(value, *ignore_case).ends_with(text.as_str())
            }
            (Self::EqualsIgnoringCase(text), Value::String(value)) => value.to_lowercase() == *text,
            (Self::Wildcard(tokens), Value::String(value)) => wildcard::matches(tokens, value),
            (Self::Cidr(net), Value::String(value)) => value
                .parse::<IpAddr>()
                .is_ok_and(|address| net.contains(&address)),
            _ => false,
        }
    }
}

impl Comparison {
    fn holds(self, number: f64, limit: f64) -> bool {
        match self {
            Self::Less => number < limit,
            Self::AtMost => number <= limit,
            Self::Equal => number == limit,
            Self::AtLeast => number >= limit,
            Self::More => number > limit,
        }
    }
}

fn text(operator: &str, operand: &Value) -> Result<String, InvalidPattern> {
    match operand {
        Value::String(text) if !text.is_empty() || operator == "equals-ignore-case" => Ok(text.clone()),
        Value::String(_) => InvalidPattern::because(format!("Null or empty {operator} not allowed")),
        _ => InvalidPattern::because(format!("{operator} match pattern must be a string")),
    }
}

/// `[">", 0, "<=", 5]`: one comparison, or a lower and an upper bound.
fn comparisons(operand: &Value) -> Result<Vec<(Comparison, f64)>, InvalidPattern> {
    let items = operand.as_array().map(Vec::as_slice).unwrap_or_default();
    let comparisons = items
        .chunks(2)
        .map(|pair| {
            let how = match pair[0].as_str() {
                Some("<") => Comparison::Less,
                Some("<=") => Comparison::AtMost,
                Some("=") => Comparison::Equal,
                Some(">=") => Comparison::AtLeast,
                Some(">") => Comparison::More,
                _ => return InvalidPattern::because("Unrecognized numeric range operator"),
            };
            match pair.get(1).and_then(Value::as_number).and_then(Number::as_f64) {
                Some(limit) if limit.abs() <= 5e9 => Ok((how, limit)),
                Some(_) => InvalidPattern::because("Value must be between -5.0E9 and 5.0E9, inclusive"),
                None => InvalidPattern::because("Value of numeric match must be numeric"),
            }
        })
        .collect::<Result<Vec<_>, _>>()?;
    let lower = |how| matches!(how, Comparison::More | Comparison::AtLeast);
    let upper = |how| matches!(how, Comparison::Less | Comparison::AtMost);
    match comparisons.as_slice() {
        [_] => Ok(comparisons),
        [(first, low), (second, high)] if lower(*first) && upper(*second) => {
            if low < high {
                Ok(comparisons)
            } else {
                InvalidPattern::because("Bottom must be less than top")
            }
        }
        [] => InvalidPattern::because("Invalid member in numeric match: ]"),
        _ => InvalidPattern::because("Too many elements in numeric expression"),
    }
}

/// What `anything-but` excludes: values, or one of `prefix`, `suffix`, `equals-ignore-case`, `wildcard`.
fn exceptions(operand: &Value) -> Result<Vec<Matcher>, InvalidPattern> {
    match operand {
        Value::Object(members) => match members.iter().next() {
            Some((operator, operand))
                if members.len() == 1
                    && matches!(
                        operator.as_str(),
                        "prefix" | "suffix" | "equals-ignore-case" | "wildcard"
                    ) =>
            {
                let operands = match operand {
                    Value::Array(operands) => operands.as_slice(),
                    one => std::slice::from_ref(one),
                };
                if operands.is_empty() {
                    return InvalidPattern::because("Empty arrays are not allowed");
                }
                operands
                    .iter()
                    .map(|operand| Matcher::operator(operator, operand))
                    .collect()
            }
            _ => InvalidPattern::because("Unsupported anything-but pattern"),
        },
        Value::Array(values) if values.is_empty() => InvalidPattern::because("Empty arrays are not allowed"),
        Value::Array(values) => {
            let texts = values.iter().all(Value::is_string);
            let numbers = values.iter().all(Value::is_number);
            if !texts && !numbers {
                return InvalidPattern::because(
                    "Inside anything but list, either all values are number or string, mixed type is not supported",
                );
            }
            values.iter().map(Matcher::parse).collect()
        }
        Value::String(_) | Value::Number(_) => Ok(vec![Matcher::parse(operand)?]),
        _ => InvalidPattern::because(
            "Inside anything-but, only a string, a number or a list of them is supported",
        ),
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
                "from": "10.0.0.7", "file": "orders/eu/7.json", "lines": [{ "sku": "x" }, { "sku": "y" }],
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
            (json!({ "count": [300.0] }), false),
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
}
