//! One condition on a value: `"placed"`, `{"prefix": "pl"}`, `{"numeric": [">", 0]}`.
//!
//! Names and meaning are those of the EventBridge user guide, "Comparison operators for use in event patterns"; what
//! is refused, and in which words, is as recorded.

use std::net::IpAddr;

use ipnet::IpNet;
use serde_json::{Number, Value};

use super::folded::Folded;
use super::located::{Content, Part, Wrong};
use crate::core::wildcard::{self, Token};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Matcher {
    /// A text, `true`, `false`, `null`, or a number that cannot be compared.
    Exact(Value),
    Number(f64),
    Prefix(String),
    PrefixIgnoringCase(Folded),
    Suffix(String),
    SuffixIgnoringCase(Folded),
    EqualsIgnoringCase(Folded),
    Wildcard(Vec<Token>),
    AnythingBut(Vec<Matcher>),
    Numeric(Vec<(Comparison, f64)>),
    Cidr(IpNet),
    Exists(bool),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Comparison {
    Less,
    AtMost,
    Equal,
    AtLeast,
    More,
}

impl Matcher {
    pub(super) fn parse(part: &Part) -> Result<Self, Wrong> {
        match &part.content {
            Content::Leaf(Value::Number(number)) => Ok(match comparable(number) {
                Some(number) => Self::Number(number),
                None => Self::Exact(number.clone().into()),
            }),
            Content::Leaf(leaf) => Ok(Self::Exact(leaf.clone())),
            Content::List(_) => part.refuse("Match value must be String, number, true, false, or null"),
            Content::Object(members) => match members.as_slice() {
                [] => part.refuse_read("Match expression name not found"),
                [(operator, operand), more @ ..] => {
                    let matcher = Self::operator(operator, operand)?;
                    match (more, operator.as_str()) {
                        ([], _) => Ok(matcher),
                        ([(_, second), ..], "numeric" | "anything-but") => {
                            second.refuse("Too many elements in numeric expression")
                        }
                        ([(_, second), ..], _) => second.refuse("Only one key allowed in match expression"),
                    }
                }
            },
        }
    }

    fn operator(operator: &str, operand: &Part) -> Result<Self, Wrong> {
        Ok(match operator {
            "prefix" | "suffix" => {
                let inner = match &operand.content {
                    Content::Object(members) => members.iter().find(|(name, _)| name == "equals-ignore-case"),
                    Content::List(_) | Content::Leaf(_) => None,
                };
                let folded = match inner {
                    Some((name, inner)) => Some(Folded::new(&text(name, inner)?)),
                    None => None,
                };
                match (operator, folded) {
                    ("prefix", Some(folded)) => Self::PrefixIgnoringCase(folded),
                    ("prefix", None) => Self::Prefix(text(operator, operand)?),
                    (_, Some(folded)) => Self::SuffixIgnoringCase(folded),
                    (_, None) => Self::Suffix(text(operator, operand)?),
                }
            }
            "exactly" => Self::Exact(text("exact", operand)?.into()),
            "equals-ignore-case" => Self::EqualsIgnoringCase(Folded::new(&text(operator, operand)?)),
            "wildcard" => {
                text(operator, operand)?;
                Self::Wildcard(wildcard(operand)?)
            }
            "exists" => match &operand.content {
                Content::Leaf(Value::Bool(wanted)) => Self::Exists(*wanted),
                _ => return operand.refuse("exists match pattern must be either true or false."),
            },
            // What is no text gets the words of another operator.
            "cidr" => Self::Cidr(cidr(&text("prefix", operand)?)?),
            "numeric" => match comparisons(operand)?.as_slice() {
                [(Comparison::Equal, number)] => Self::Number(*number),
                comparisons => Self::Numeric(comparisons.to_vec()),
            },
            "anything-but" => Self::AnythingBut(exceptions(operand)?),
            _ => return operand.refuse(format!("Unrecognized match type {operator}")),
        })
    }

    /// The wildcard patterns that it looks for.
    pub(super) fn wildcards(&self) -> impl Iterator<Item = &[Token]> {
        let inner = match self {
            Self::AnythingBut(exceptions) => exceptions.as_slice(),
            other => std::slice::from_ref(other),
        };
        inner.iter().filter_map(|matcher| match matcher {
            Self::Wildcard(tokens) => Some(tokens.as_slice()),
            _ => None,
        })
    }

    /// Whether a leaf of the event is as it has to be.
    pub(super) fn admits(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Exists(wanted), _) => *wanted,
            (Self::Exact(wanted), value) => wanted == value,
            // 300 and 300.0 are one number.
            (Self::Number(wanted), Value::Number(number)) => comparable(number) == Some(*wanted),
            (Self::Numeric(comparisons), Value::Number(number)) => comparable(number)
                .is_some_and(|number| comparisons.iter().all(|(how, limit)| how.holds(number, *limit))),
            (Self::AnythingBut(exceptions), value) => {
                !exceptions.iter().any(|exception| exception.admits(value))
            }
            (Self::Prefix(text), Value::String(value)) => value.starts_with(text.as_str()),
            (Self::PrefixIgnoringCase(folded), Value::String(value)) => folded.begins(value),
            (Self::Suffix(text), Value::String(value)) => value.ends_with(text.as_str()),
            (Self::SuffixIgnoringCase(folded), Value::String(value)) => folded.ends(value),
            (Self::EqualsIgnoringCase(folded), Value::String(value)) => folded.is(value),
            (Self::Wildcard(tokens), Value::String(value)) => wildcard::matches(tokens, value),
            (Self::Cidr(net), Value::String(value)) => value
                .parse::<IpAddr>()
                .is_ok_and(|address| net.contains(&address)),
            _ => false,
        }
    }
}

/// A number that is compared with others: one that a double has as it is written.
fn comparable(number: &Number) -> Option<f64> {
    let double = number.as_f64()?;
    let is_exact = number
        .as_i128()
        .is_none_or(|whole| double.to_string() == whole.to_string());
    is_exact.then_some(double)
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

fn text(operator: &str, operand: &Part) -> Result<String, Wrong> {
    match operand.text() {
        Some(text) => Ok(text.to_owned()),
        None => operand.refuse(format!("{operator} match pattern must be a string")),
    }
}

/// The wildcards of a text. AWS counts places in bytes, from the quote before it.
fn wildcard(operand: &Part) -> Result<Vec<Token>, Wrong> {
    let text = operand.text().unwrap_or_default();
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let next = letters.peek().map(|(_, next)| *next);
        match (letter, next) {
            ('*', Some('*')) => {
                return operand.refuse_read(format!("Consecutive wildcard characters at pos {}", at + 1));
            }
            ('\\', Some('*' | '\\')) => {
                letters.next();
            }
            ('\\', _) => return operand.refuse_read(format!("Invalid escape character at pos {}", at + 1)),
            _ => {}
        }
    }
    Ok(wildcard::tokens(text, false))
}

fn cidr(text: &str) -> Result<IpNet, Wrong> {
    let parts: Vec<&str> = text.split('/').collect();
    let [address, mask] = parts.as_slice() else {
        return Wrong::nowhere("Malformed CIDR, one '/' required");
    };
    let Ok(mask) = mask.parse::<i32>() else {
        return Wrong::nowhere("Malformed CIDR, mask bits must be an integer");
    };
    let Ok(mask) = u8::try_from(mask.min(128)) else {
        return Wrong::nowhere("Malformed CIDR, mask bits must not be negative");
    };
    let Ok(address) = address.parse::<IpAddr>() else {
        return Wrong::nowhere(format!("Nonstandard IP address: {address}"));
    };
    // A block of one address is none.
    match (address, IpNet::new(address, mask)) {
        (_, Ok(net)) if mask < net.max_prefix_len() => Ok(net.trunc()),
        (IpAddr::V4(_), _) => Wrong::nowhere("IPv4 mask bits must be < 32"),
        (IpAddr::V6(_), _) => Wrong::nowhere("IPv6 mask bits must be < 128"),
    }
}

/// `[">", 0, "<=", 5]`: one comparison, or a lower and an upper bound.
fn comparisons(operand: &Part) -> Result<Vec<(Comparison, f64)>, Wrong> {
    let Content::List(items) = &operand.content else {
        return operand.refuse("Value of numeric must be an array.");
    };
    let mut comparisons: Vec<(Comparison, f64)> = Vec::new();
    for pair in items.chunks(2) {
        let (how, name) = match pair[0].text() {
            Some(name @ "<") => (Comparison::Less, name),
            Some(name @ "<=") => (Comparison::AtMost, name),
            Some(name @ "=") => (Comparison::Equal, name),
            Some(name @ ">=") => (Comparison::AtLeast, name),
            Some(name @ ">") => (Comparison::More, name),
            Some(other) => {
                return pair[0].refuse_read(format!("Unrecognized numeric range operator: {other}"));
            }
            None => return pair[0].refuse("Invalid member in numeric match: value"),
        };
        match comparisons.as_slice() {
            [] => {}
            [(Comparison::More | Comparison::AtLeast, _)] => {
                if !matches!(how, Comparison::Less | Comparison::AtMost) {
                    return pair[0].refuse_read(format!("Bad numeric range operator: {name}"));
                }
            }
            _ => return pair[0].refuse("Too many elements in numeric expression"),
        }
        let Some(limit) = pair.get(1) else {
            return operand.refuse_read(format!("Value of {name} must be numeric"));
        };
        match limit.number().map(comparable) {
            Some(Some(number)) => {
                if let [(_, low)] = comparisons.as_slice()
                    && *low >= number
                {
                    return limit.refuse_read("Bottom must be less than top");
                }
                comparisons.push((how, number));
            }
            Some(None) => {
                let told = limit.number().map(Number::to_string).unwrap_or_default();
                return limit.refuse_read(format!("Cannot compare number : {told}"));
            }
            None => return limit.refuse(format!("Value of {name} must be numeric")),
        }
    }
    if comparisons.is_empty() {
        return operand.refuse_read("Invalid member in numeric match: ]");
    }
    Ok(comparisons)
}

const NO_EXCEPTION: &str = "Value of anything-but must be an array or single string/number value.";

/// What `anything-but` excludes: values, or one of `prefix`, `suffix`, `equals-ignore-case`, `wildcard`.
fn exceptions(operand: &Part) -> Result<Vec<Matcher>, Wrong> {
    match &operand.content {
        Content::Object(members) => match members.as_slice() {
            [(operator, operand)] => nested_exceptions(operator, operand),
            _ => Wrong::nowhere("Only one key allowed in match expression"),
        },
        Content::List(items) => {
            let value = |item: &Part| match (item.text(), item.number()) {
                (None, None) => item.refuse("Inside anything but list, start|null|boolean is not supported."),
                _ => Matcher::parse(item),
            };
            let values: Vec<Matcher> = items
                .iter()
                .map(value)
                .collect::<Result<_, _>>()
                .map_err(told_again)?;
            let texts = items.iter().filter(|item| item.text().is_some()).count();
            if items.is_empty() || (texts > 0 && texts < items.len()) {
                return operand.refuse_read(
                    "Inside anything but list, either all values are number or string, mixed type is not supported",
                );
            }
            Ok(values)
        }
        Content::Leaf(Value::String(_) | Value::Number(_)) => Ok(vec![Matcher::parse(operand)?]),
        Content::Leaf(_) => operand.refuse(NO_EXCEPTION),
    }
}

fn told_again(wrong: Wrong) -> Wrong {
    Wrong { again: true, ..wrong }
}

fn nested_exceptions(operator: &str, operand: &Part) -> Result<Vec<Matcher>, Wrong> {
    match &operand.content {
        Content::List(operands) if operands.is_empty() => operand.refuse_read("Empty arrays are not allowed"),
        Content::List(operands) => {
            let parsed = operands.iter().map(|operand| exception(operator, operand));
            parsed.collect::<Result<_, _>>().map_err(told_again)
        }
        Content::Object(_) => operand.refuse(NO_EXCEPTION),
        Content::Leaf(_) => Ok(vec![exception(operator, operand)?]),
    }
}

fn exception(operator: &str, operand: &Part) -> Result<Matcher, Wrong> {
    match (operator, operand.text()) {
        ("prefix" | "suffix", None) => operand.refuse("prefix/suffix match pattern must be a string"),
        ("prefix" | "suffix", Some("")) => operand.refuse_read("Null prefix/suffix not allowed"),
        ("equals-ignore-case", None) => operand.refuse(
            "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.",
        ),
        ("prefix" | "suffix" | "equals-ignore-case" | "wildcard", _) => Matcher::operator(operator, operand),
        _ => operand.refuse(format!("Unsupported anything-but pattern: {operator}")),
    }
}
