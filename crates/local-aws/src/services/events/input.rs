//! What a target gets of an event: all of it, a part, a constant, or a template filled in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::core::json_path;

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
    "aws.events.event.json",
    "aws.events.rule-arn",
    "aws.events.rule-name",
];

/// The rule that an event matched, as templates name it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin<'r> {
    pub(crate) rule_name: &'r str,
    pub(crate) rule_arn: &'r str,
}

impl Input {
    /// The text that is sent to the target; `None` where a template comes to be no JSON or a constant is empty, of which the
    /// target then hears nothing.
    pub(crate) fn payload(&self, event: &Value, origin: Origin<'_>) -> Option<String> {
        Some(match self {
            Self::Event => event.to_string(),
            Self::Constant(text) if text.is_empty() => return None,
            Self::Constant(text) => text.clone(),
            Self::Path(path) => json_path::select(event, path).unwrap_or(Value::Null).to_string(),
            Self::Transformer { paths, template } => {
                let value = |name: &str| match paths.get(name) {
                    Some(path) => json_path::select(event, path),
                    None => predefined(name, event, origin),
                };
                return fill(template, value);
            }
        })
    }

    /// What is wrong with a template: a variable that neither the map nor EventBridge has.
    pub(super) fn unknown_variable(&self) -> Option<&str> {
        let Self::Transformer { paths, template } = self else {
            return None;
        };
        pieces(template).find_map(|piece| match piece {
            Piece::Variable { name, .. } if !paths.contains_key(name) && !PREDEFINED.contains(&name) => {
                Some(name)
            }
            _ => None,
        })
    }

    /// A path that is none.
    pub(super) fn wrong_path(&self) -> Option<&str> {
        let is_wrong = |path: &&str| !json_path::is_path(path);
        match self {
            Self::Path(path) => Some(path.as_str()).filter(is_wrong),
            Self::Transformer { paths, .. } => paths.values().map(String::as_str).find(is_wrong),
            Self::Event | Self::Constant(_) => None,
        }
    }
}

fn predefined(name: &str, event: &Value, origin: Origin<'_>) -> Option<Value> {
    Some(match name {
        "aws.events.rule-name" => origin.rule_name.into(),
        "aws.events.rule-arn" => origin.rule_arn.into(),
        // Events are taken in when they are put, which is what they are stamped with unless told otherwise.
        "aws.events.event.ingestion-time" => event.get("time")?.clone(),
        "aws.events.event.json" => event.clone(),
        "aws.events.event" => {
            let mut event = event.clone();
            let members = event.as_object_mut()?;
            members.remove("detail");
            if let Some(kind) = members.remove("detail-type") {
                members.insert("detailType".to_owned(), kind);
            }
            event
        }
        _ => return None,
    })
}

/// A part of a template.
enum Piece<'t> {
    Text(&'t str),
    Variable { name: &'t str, quoted: bool },
}

/// Cuts a template at its variables, and tells which of them stand inside a JSON string.
fn pieces(template: &str) -> impl Iterator<Item = Piece<'_>> {
    let is_name = |name: &str| {
        !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c))
    };
    let mut rest = template;
    let mut quoted = false;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let variable = rest.match_indices('<').find_map(|(start, _)| {
            let end = start + rest[start..].find('>')?;
            Some((start, end)).filter(|_| is_name(&rest[start + 1..end]))
        });
        let (start, end) = match variable {
            Some((0, end)) => {
                let name = &rest[1..end];
                rest = &rest[end + 1..];
                return Some(Piece::Variable { name, quoted });
            }
            Some((start, _)) => (start, start),
            None => (rest.len(), rest.len()),
        };
        let text = &rest[..start];
        rest = &rest[end..];
        let mut escaped = false;
        for c in text.chars() {
            quoted ^= c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
        }
        Some(Piece::Text(text))
    })
}

/// Fills a template in. Outside of quotes a value is put as JSON, and a missing one as an empty text. Inside, a text
/// is put as it is, a missing value as nothing, and anything else as JSON: without its quotes where the template is a
/// text, with them where it is JSON, which they break.
fn fill(template: &str, value: impl Fn(&str) -> Option<Value>) -> Option<String> {
    let is_text = template.trim_start().starts_with('"');
    let mut filled = String::with_capacity(template.len());
    for piece in pieces(template) {
        match piece {
            Piece::Text(text) => filled.push_str(text),
            Piece::Variable { name, quoted: false } => {
                filled.push_str(&value(name).unwrap_or_else(|| "".into()).to_string());
            }
            Piece::Variable { name, quoted: true } => match value(name) {
                None => {}
                Some(Value::String(text)) => {
                    let escaped = Value::String(text).to_string();
                    filled.push_str(&escaped[1..escaped.len() - 1]);
                }
                Some(other) if is_text => filled.push_str(&other.to_string().replace('"', "")),
                Some(other) => filled.push_str(&other.to_string()),
            },
        }
    }
    // A text may have several lines, each in quotes, and is sent as it is.
    (is_text || serde_json::from_str::<serde::de::IgnoredAny>(&filled).is_ok()).then_some(filled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn transformed(paths: &[(&str, &str)], template: &str) -> Option<String> {
        let event = json!({ "source": "orders", "detail-type": "d", "time": "t", "detail": { "id": 7, "name": "a \"b\"", "tags": ["x"] } });
        let paths = paths
            .iter()
            .map(|(name, path)| ((*name).to_owned(), (*path).to_owned()));
        let input = Input::Transformer {
            paths: paths.collect(),
            template: template.to_owned(),
        };
        assert_eq!(input.unknown_variable(), None);
        input.payload(
            &event,
            Origin {
                rule_name: "r",
                rule_arn: "arn:r",
            },
        )
    }

    #[test]
    fn values_are_json_outside_and_text_inside_quotes() {
        let paths = [
            ("id", "$.detail.id"),
            ("name", "$.detail.name"),
            ("tags", "$.detail.tags"),
        ];
        for (template, expected) in [
            (
                "{\"id\": <id>, \"name\": <name>}",
                r#"{"id": 7, "name": "a \"b\""}"#,
            ),
            ("\"order <id> of <name>\"", r#""order 7 of a \"b\"""#),
            ("{\"tags\": <tags>}", r#"{"tags": ["x"]}"#),
            ("\"tags <tags>\"\n\"of <id>\"", "\"tags [x]\"\n\"of 7\""),
            ("\"1 < 2 > <id>\"", r#""1 < 2 > 7""#),
            ("{\"rule\": <aws.events.rule-name>}", r#"{"rule": "r"}"#),
        ] {
            assert_eq!(
                transformed(&paths, template).as_deref(),
                Some(expected),
                "{template}"
            );
        }
    }

    #[test]
    fn a_template_that_comes_to_be_no_json_is_sent_to_nobody() {
        let paths = [("tags", "$.detail.tags")];
        for template in ["{\"text\": \"<tags>\"}", "<tags> and more"] {
            assert_eq!(transformed(&paths, template), None, "{template}");
        }
    }

    #[test]
    fn a_missing_value_leaves_valid_json() {
        let paths = [("gone", "$.detail.gone")];
        assert_eq!(
            transformed(&paths, "{\"a\": <gone>, \"b\": \"-<gone>-\"}"),
            Some(r#"{"a": "", "b": "--"}"#.to_owned())
        );
    }

    #[test]
    fn the_event_can_be_put_without_its_detail() {
        let filled = transformed(&[], "{\"event\": <aws.events.event>}").unwrap();
        let filled: Value = serde_json::from_str(&filled).unwrap();
        assert_eq!(
            filled,
            json!({ "event": { "source": "orders", "detailType": "d", "time": "t" } })
        );
    }

    #[test]
    fn a_variable_of_nobody_is_found() {
        let input = Input::Transformer {
            paths: BTreeMap::new(),
            template: "\"<who>\"".to_owned(),
        };
        assert_eq!(input.unknown_variable(), Some("who"));
        assert_eq!(Input::Path("detail".to_owned()).wrong_path(), Some("detail"));
    }
}
