//! What a target gets of an event: all of it, a part, a constant, or a template filled in.

mod template;

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::core::json_path;
use crate::core::timestamp::{iso8601, parse_iso8601};
pub(super) use template::place;
use template::{Piece, pieces};

/// Input, InputPath or InputTransformer of a target.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(crate) enum Input {
    Event,
    Constant(String),
    Path(String),
    Transformer {
        /// JSON paths by the names of their variables.
        paths: BTreeMap<String, String>,
        template: String,
    },
}

/// Variables that every template has, beside those of its map.
const PREDEFINED: [&str; 5] = [
    "aws.events.event",
    "aws.events.event.ingestion-time",
    WHOLE_EVENT,
    "aws.events.rule-arn",
    "aws.events.rule-name",
];

/// The variable that only a template of JSON has.
const WHOLE_EVENT: &str = "aws.events.event.json";

/// Where an event comes from, as templates name it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin<'r> {
    /// The rule that it matched.
    pub(crate) rule_name: &'r str,
    pub(crate) rule_arn: &'r str,
    /// When its bus took it in.
    pub(crate) ingested: SystemTime,
}

/// What comes of an event for a target.
#[derive(Debug, PartialEq)]
pub(crate) enum Payload {
    /// A text that is sent.
    Sent(String),
    /// A filled template that came to be no JSON, and is not sent.
    Broken(String),
    /// Nothing: a constant that is empty, or a template that comes to be.
    Nothing,
}

impl Input {
    pub(crate) fn payload(&self, event: &Value, origin: Origin<'_>) -> Payload {
        match self {
            Self::Event => Payload::Sent(event.to_string()),
            Self::Constant(text) if text.is_empty() => Payload::Nothing,
            Self::Constant(text) => Payload::Sent(text.clone()),
            Self::Path(path) if path.is_empty() => Payload::Sent("{}".to_owned()),
            Self::Path(path) => {
                let found = json_path::select(event, path).unwrap_or(Value::Null);
                Payload::Sent(found.to_string())
            }
            Self::Transformer { paths, template } => {
                let value = |name: &str| match paths.get(name) {
                    Some(path) => Named::Known(json_path::select(event, path)),
                    None if PREDEFINED.contains(&name) => Named::Known(predefined(name, event, origin)),
                    None => Named::Unknown,
                };
                fill(template, value)
            }
        }
    }

    /// What is wrong with the input of the target with this id, in EventBridge's words.
    pub(super) fn problem(&self, id: &str) -> Option<String> {
        match self {
            Self::Event | Self::Constant(_) => None,
            Self::Path(path) if path.is_empty() || is_path(path) => None,
            Self::Transformer { paths, template } if paths.values().all(|path| is_path(path)) => {
                template::problem(template, paths, id)
            }
            Self::Path(_) | Self::Transformer { .. } => {
                Some(format!("InputPath for target {id} is invalid."))
            }
        }
    }
}

/// Whether a text is a path of EventBridge, which are fewer than those of JSONPath: names after dots, items by their
/// numbers, and every item. Recorded of both InputPath and InputPathsMap (stackd, inputs).
fn is_path(path: &str) -> bool {
    let Some(mut rest) = path.strip_prefix('$') else {
        return false;
    };
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('.') {
            let end = after.find(['.', '[']).unwrap_or(after.len());
            let name = &after[..end];
            if name.is_empty() || name.contains(['*', '?', '@', '(', ')', ']', '\'', '"']) {
                return false;
            }
            rest = &after[end..];
        } else {
            let item = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
            let Some((item, after)) = item else {
                return false;
            };
            let is_number = !item.is_empty() && item.bytes().all(|byte| byte.is_ascii_digit());
            if item != "*" && !is_number {
                return false;
            }
            rest = after;
        }
    }
    true
}

fn predefined(name: &str, event: &Value, origin: Origin<'_>) -> Option<Value> {
    Some(match name {
        "aws.events.rule-name" => origin.rule_name.into(),
        "aws.events.rule-arn" => origin.rule_arn.into(),
        "aws.events.event.ingestion-time" => iso8601(origin.ingested).into(),
        WHOLE_EVENT => event.clone(),
        "aws.events.event" => without_detail(event),
        _ => return None,
    })
}

/// An event without its detail, in the names and the order that are recorded, its time in milliseconds.
fn without_detail(event: &Value) -> Value {
    const MEMBERS: [(&str, &str); 8] = [
        ("id", "id"),
        ("account", "account"),
        ("detailType", "detail-type"),
        ("time", "time"),
        ("source", "source"),
        ("region", "region"),
        ("resources", "resources"),
        ("version", "version"),
    ];
    let milliseconds = |time: &Value| {
        let time = parse_iso8601(time.as_str()?)?;
        let since = time.duration_since(SystemTime::UNIX_EPOCH).ok()?;
        u64::try_from(since.as_millis()).ok()
    };
    let told = MEMBERS.iter().filter_map(|(name, member)| {
        let value = event.get(member)?;
        let value = match *name {
            "time" => milliseconds(value).map_or_else(|| value.clone(), Value::from),
            _ => value.clone(),
        };
        Some(((*name).to_owned(), value))
    });
    Value::Object(told.collect())
}

/// What a variable stands for.
enum Named {
    /// A value; none where the event does not have it.
    Known(Option<Value>),
    /// Nobody's variable, which stays as it is written.
    Unknown,
}

/// Fills a template in.
fn fill(template: &str, named: impl Fn(&str) -> Named) -> Payload {
    let is_json = template::is_json(template);
    let mut filled = String::with_capacity(template.len());
    for piece in pieces(template) {
        match piece {
            Piece::Text(text) => filled.push_str(text),
            Piece::Variable { name, quoted } => match named(name) {
                Named::Unknown => filled.push_str(&format!("<{name}>")),
                Named::Known(value) if is_json => filled.push_str(&as_json(value, quoted)),
                Named::Known(value) => filled.push_str(&as_text(value)),
            },
        }
    }
    // A text may have several lines, each in quotes.
    let mut values = serde_json::Deserializer::from_str(&filled).into_iter::<IgnoredAny>();
    match (filled.trim().is_empty(), is_json) {
        (true, _) => Payload::Nothing,
        (_, false) if values.all(|value| value.is_ok()) => Payload::Sent(filled),
        (_, true) if serde_json::from_str::<IgnoredAny>(&filled).is_ok() => Payload::Sent(filled),
        _ => Payload::Broken(filled),
    }
}

/// A value in a template of JSON. Outside of quotes it is JSON, and a missing one an empty text. Inside, a text is put
/// as it is, a missing value as nothing, and anything else as JSON with its quotes, which break those around it.
fn as_json(value: Option<Value>, quoted: bool) -> String {
    match value {
        None if quoted => String::new(),
        None => "\"\"".to_owned(),
        Some(Value::String(text)) if quoted => {
            let escaped = Value::String(text).to_string();
            escaped[1..escaped.len() - 1].to_owned()
        }
        Some(value) => value.to_string(),
    }
}

/// A value in any other template: a text as it is, without escapes, a missing value as nothing, and anything else as JSON
/// without quotes.
fn as_text(value: Option<Value>) -> String {
    match value {
        None => String::new(),
        Some(Value::String(text)) => text,
        Some(other) => other.to_string().replace('"', ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ORIGIN: Origin<'_> = Origin {
        rule_name: "r",
        rule_arn: "arn:r",
        ingested: SystemTime::UNIX_EPOCH,
    };

    fn event() -> Value {
        json!({ "version": "0", "id": "7", "detail-type": "d", "source": "orders", "account": "1", "time": "2026-01-02T03:04:05Z",
            "region": "us-east-1", "resources": [], "detail": { "id": 7, "name": "a \"b\"", "none": null, "plain": "tea",
                "order": { "to": "at", "n": 2 }, "tags": ["x"] } })
    }

    /// What comes of a template whose map has every member of the detail, and one that is missing.
    fn transformed(template: &str) -> Payload {
        let names = ["id", "name", "none", "plain", "order", "tags", "gone"];
        let paths = names.map(|name| (name.to_owned(), format!("$.detail.{name}")));
        let input = Input::Transformer {
            paths: paths.into(),
            template: template.to_owned(),
        };
        assert_eq!(input.problem("t"), None, "{template}");
        input.payload(&event(), ORIGIN)
    }

    fn sent(text: &str) -> Payload {
        Payload::Sent(text.to_owned())
    }

    fn broken(text: &str) -> Payload {
        Payload::Broken(text.to_owned())
    }

    #[test]
    fn values_in_a_template_of_json_are_json_outside_and_text_inside_quotes() {
        for (template, expected) in [
            (
                "{\"id\": <id>, \"name\": <name>, \"tags\": <tags>}",
                sent(r#"{"id": 7, "name": "a \"b\"", "tags": ["x"]}"#),
            ),
            (
                "{\"id\": \"<id>\", \"name\": \"<name>\"}",
                sent(r#"{"id": "7", "name": "a \"b\""}"#),
            ),
            (
                "{\"a\": <gone>, \"b\": \"-<gone>-\"}",
                sent(r#"{"a": "", "b": "--"}"#),
            ),
            ("{\"a\": [<gone>]}", sent(r#"{"a": [""]}"#)),
            ("{\"rule\": <aws.events.rule-name>}", sent(r#"{"rule": "r"}"#)),
            (
                "{\"order\": \"<order>\"}",
                broken(r#"{"order": "{"to":"at","n":2}"}"#),
            ),
        ] {
            assert_eq!(transformed(template), expected, "{template}");
        }
    }

    #[test]
    fn values_in_any_other_template_are_text() {
        for (template, expected) in [
            ("\"order <id> to <plain>\"", sent("\"order 7 to tea\"")),
            (
                "\"tags <tags>\"\n\"of <order>\"",
                sent("\"tags [x]\"\n\"of {to:at,n:2}\""),
            ),
            ("\"1 < 2 > <id>\"", sent("\"1 < 2 > 7\"")),
            ("\"-<gone>-\"", sent("\"--\"")),
            ("[\"fixed\", <id>]", sent("[\"fixed\", 7]")),
            ("<id>", sent("7")),
            ("[<none>]", sent("[null]")),
            ("<gone>", Payload::Nothing),
            ("[1, <gone>, 2]", broken("[1, , 2]")),
            ("<plain>", broken("tea")),
            ("<order>", broken("{to:at,n:2}")),
            ("[<tags>]", broken("[[x]]")),
            ("\"of <name>\"", broken("\"of a \"b\"\"")),
        ] {
            assert_eq!(transformed(template), expected, "{template}");
        }
    }

    #[test]
    fn a_variable_of_nobody_stays_where_there_is_no_map() {
        let filled = |template: &str| {
            let input = Input::Transformer {
                paths: BTreeMap::new(),
                template: template.to_owned(),
            };
            assert_eq!(input.problem("t"), None, "{template}");
            input.payload(&event(), ORIGIN)
        };
        assert_eq!(filled("\"a <who> b\""), sent("\"a <who> b\""));
        assert_eq!(filled("{\"a\":<who>}"), broken("{\"a\":<who>}"));
    }

    #[test]
    fn the_event_can_be_put_without_its_detail() {
        let filled = transformed("{\"at\":<aws.events.event.ingestion-time>,\"event\":<aws.events.event>}");
        let expected = r#"{"at":"1970-01-01T00:00:00.000Z","event":{"id":"7","account":"1","detailType":"d","time":1767323045000,"source":"orders","region":"us-east-1","resources":[],"version":"0"}}"#;
        assert_eq!(filled, sent(expected));
    }

    #[test]
    fn a_constant_is_sent_as_it_is_and_an_empty_one_not_at_all() {
        let constant = |text: &str| Input::Constant(text.to_owned()).payload(&event(), ORIGIN);
        assert_eq!(constant("{ \"a\": 1 }"), sent("{ \"a\": 1 }"));
        assert_eq!(constant(""), Payload::Nothing);
        assert_eq!(Input::Path(String::new()).payload(&event(), ORIGIN), sent("{}"));
    }

    #[test]
    fn paths_are_those_of_eventbridge() {
        let problem = |path: &str| Input::Path(path.to_owned()).problem("t");
        for right in [
            "",
            "$",
            "$.detail.list[1].name",
            "$.detail.list[*].name",
            "$.detail.hyphen-key",
            "$.detail.slash/key",
        ] {
            assert_eq!(problem(right), None, "{right}");
        }
        for wrong in [
            "detail",
            "$..a",
            "$.a.*",
            "$['a']",
            "$[\"a\"]",
            "$.a['b.c']",
            "$.a[-1]",
            "$.a[0:2]",
            "$.a[",
        ] {
            let said = Some("InputPath for target t is invalid.".to_owned());
            assert_eq!(problem(wrong), said, "{wrong}");
        }
        let mapped = Input::Transformer {
            paths: [("a".to_owned(), String::new())].into(),
            template: "<a>".to_owned(),
        };
        assert!(mapped.problem("t").is_some());
    }
}
