//! One condition on a value: `"placed"`, `{"prefix": "pl"}`, `{"numeric": [">", 0]}`.
//!
//! Names and meaning are those of the EventBridge user guide, "Comparison operators for use in event patterns"; what
//! is refused, and in which words, is as recorded.

use std::net::IpAddr;

use ipnet::IpNet;
use serde_json::Value;

use super::InvalidPattern;
use crate::core::wildcard::{self, Token};

#[derive(Clone, Debug)]
pub(super) enum Matcher {
    /// A text, `true`, `false` or `null`.
    Exact(Value),
    Number(f64),
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
pub(super) enum Comparison {
    Less,
    AtMost,
    Equal,
    AtLeast,
    More,
}

impl Matcher {
    pub(super) fn parse(value: &Value) -> Result<Self, InvalidPattern> {
        match value {
            Value::Number(number) => Ok(Self::Number(number.as_f64().unwrap_or(f64::NAN))),
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
                    Some(inner) => (text(operator, inner)?.to_lowercase(), true),
                    None => (text(operator, operand)?, false),
                };
                if operator == "prefix" {
                    Self::Prefix { text, ignore_case }
                } else {
                    Self::Suffix { text, ignore_case }
                }
            }
            "equals-ignore-case" => Self::EqualsIgnoringCase(text(operator, operand)?.to_lowercase()),
            "wildcard" => Self::Wildcard(wildcard(&text(operator, operand)?)?),
            "exists" => match operand {
                Value::Bool(wanted) => Self::Exists(*wanted),
                _ => return InvalidPattern::because("exists match pattern must be either true or false."),
            },
            // What is no text gets the words of another operator.
            "cidr" => Self::Cidr(cidr(&text("prefix", operand)?)?),
            "numeric" => Self::Numeric(comparisons(operand)?),
            "anything-but" => Self::AnythingBut(exceptions(operand)?),
            _ => return InvalidPattern::because(format!("Unrecognized match type {operator}")),
        })
    }

    pub(super) fn matches(&self, value: Option<&Value>) -> bool {
        match (self, value) {
            (Self::Exists(wanted), value) => *wanted == value.is_some_and(is_leaf),
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
            // 300 and 300.0 are one number.
            (Self::Number(wanted), Value::Number(number)) => number.as_f64() == Some(*wanted),
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

/// Whether a value counts as being there: an object has leaves of its own, and an empty list has none.
fn is_leaf(value: &Value) -> bool {
    match value {
        Value::Object(_) => false,
        Value::Array(items) => items.iter().any(is_leaf),
        _ => true,
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
        Value::String(text) => Ok(text.clone()),
        _ => InvalidPattern::because(format!("{operator} match pattern must be a string")),
    }
}

/// So many `*` before the same character are too many. The limit is inferred: with five of them a pattern is refused,
/// and the guide's examples have at most three.
const MOST_ALIKE: usize = 5;

fn wildcard(text: &str) -> Result<Vec<Token>, InvalidPattern> {
    let tokens = wildcard::tokens(text, false);
    if let Some(at) = tokens
        .windows(2)
        .position(|pair| pair == [Token::Any, Token::Any])
    {
        return InvalidPattern::because(format!("Consecutive wildcard characters at pos {at}"));
    }
    let after_any = |token: &Token| {
        let pairs = tokens.windows(2);
        pairs
            .filter(|pair| pair[0] == Token::Any && pair[1] == *token)
            .count()
    };
    if tokens.iter().any(|token| after_any(token) >= MOST_ALIKE) {
        return InvalidPattern::because(
            "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after \
             a wildcard character",
        );
    }
    Ok(tokens)
}

fn cidr(text: &str) -> Result<IpNet, InvalidPattern> {
    let parts: Vec<&str> = text.split('/').collect();
    let [address, mask] = parts.as_slice() else {
        return InvalidPattern::because("Malformed CIDR, one '/' required");
    };
    let Ok(mask) = mask.parse::<u8>() else {
        return InvalidPattern::because("Malformed CIDR, mask bits must be an integer");
    };
    let Ok(address) = address.parse::<IpAddr>() else {
        return InvalidPattern::because(format!("Nonstandard IP address: {address}"));
    };
    match IpNet::new(address, mask) {
        Ok(net) => Ok(net.trunc()),
        Err(_) => InvalidPattern::because("Malformed CIDR, mask bits must be in the range of the address"),
    }
}

/// `[">", 0, "<=", 5]`: one comparison, or a lower and an upper bound.
fn comparisons(operand: &Value) -> Result<Vec<(Comparison, f64)>, InvalidPattern> {
    let Some(items) = operand.as_array() else {
        return InvalidPattern::because("Value of numeric must be an array.");
    };
    let mut comparisons: Vec<(Comparison, f64)> = Vec::new();
    for pair in items.chunks(2) {
        let (how, name) = match pair[0].as_str() {
            Some(name @ "<") => (Comparison::Less, name),
            Some(name @ "<=") => (Comparison::AtMost, name),
            Some(name @ "=") => (Comparison::Equal, name),
            Some(name @ ">=") => (Comparison::AtLeast, name),
            Some(name @ ">") => (Comparison::More, name),
            Some(other) => {
                return InvalidPattern::because(format!("Unrecognized numeric range operator: {other}"));
            }
            None => return InvalidPattern::because("Invalid member in numeric match: value"),
        };
        match comparisons.as_slice() {
            [] => {}
            [(Comparison::More | Comparison::AtLeast, _)] => {
                if !matches!(how, Comparison::Less | Comparison::AtMost) {
                    return InvalidPattern::because(format!("Bad numeric range operator: {name}"));
                }
            }
            _ => return InvalidPattern::because("Too many elements in numeric expression"),
        }
        match pair.get(1).and_then(Value::as_f64) {
            Some(limit) if limit.abs() <= 5e9 => comparisons.push((how, limit)),
            Some(_) => return InvalidPattern::because("Value must be between -5.0E9 and 5.0E9, inclusive"),
            None => return InvalidPattern::because(format!("Value of {name} must be numeric")),
        }
    }
    match comparisons.as_slice() {
        [] => InvalidPattern::because("Invalid member in numeric match: ]"),
        [(_, low), (_, high)] if low >= high => InvalidPattern::because("Bottom must be less than top"),
        _ => Ok(comparisons),
    }
}

const NO_EXCEPTION: &str = "Value of anything-but must be an array or single string/number value.";

/// What `anything-but` excludes: values, or one of `prefix`, `suffix`, `equals-ignore-case`, `wildcard`.
fn exceptions(operand: &Value) -> Result<Vec<Matcher>, InvalidPattern> {
    match operand {
        Value::Object(members) => match members.iter().next() {
            Some((operator, operand)) if members.len() == 1 => nested_exceptions(operator, operand),
            _ => InvalidPattern::because("Only one key allowed in match expression"),
        },
        Value::Array(values) if values.is_empty() => InvalidPattern::because("Empty arrays are not allowed"),
        Value::Array(values) => {
            if !values.iter().all(|value| value.is_string() || value.is_number()) {
                return InvalidPattern::because(
                    "Inside anything but list, start|null|boolean is not supported.",
                );
            }
            let texts = values.iter().filter(|value| value.is_string()).count();
            if texts != 0 && texts != values.len() {
                return InvalidPattern::because(
                    "Inside anything but list, either all values are number or string, mixed type is not supported",
                );
            }
            values.iter().map(Matcher::parse).collect()
        }
        Value::String(_) | Value::Number(_) => Ok(vec![Matcher::parse(operand)?]),
        _ => InvalidPattern::because(NO_EXCEPTION),
    }
}

fn nested_exceptions(operator: &str, operand: &Value) -> Result<Vec<Matcher>, InvalidPattern> {
    let operands = match operand {
        Value::Array(operands) if operands.is_empty() => {
            return InvalidPattern::because("Empty arrays are not allowed");
        }
        Value::Array(operands) => operands.as_slice(),
        Value::Object(_) => return InvalidPattern::because(NO_EXCEPTION),
        one => std::slice::from_ref(one),
    };
    for operand in operands {
        match (operator, operand.as_str()) {
            ("prefix" | "suffix", None) => {
                return InvalidPattern::because("prefix/suffix match pattern must be a string");
            }
            ("prefix" | "suffix", Some("")) => {
                return InvalidPattern::because("Null prefix/suffix not allowed");
            }
            ("equals-ignore-case", None) => {
                return InvalidPattern::because(
                    "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.",
                );
            }
            ("prefix" | "suffix" | "equals-ignore-case" | "wildcard", _) => {}
            _ => return InvalidPattern::because(format!("Unsupported anything-but pattern: {operator}")),
        }
    }
    operands
        .iter()
        .map(|operand| Matcher::operator(operator, operand))
        .collect()
}
