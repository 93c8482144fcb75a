//! The templates of input transformers: their variables, and what is wrong with one before it is filled in.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde_json::Value;

use super::{PREDEFINED, WHOLE_EVENT};

/// A part of a template.
pub(super) enum Piece<'t> {
    Text(&'t str),
    Variable { name: &'t str, quoted: bool },
}

/// Cuts a template at its variables, and tells which of them stand inside a JSON string.
pub(super) fn pieces(template: &str) -> impl Iterator<Item = Piece<'_>> {
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

/// Whether a template is one of JSON. Any other is a text, whatever its beginning.
pub(super) fn is_json(template: &str) -> bool {
    template.trim_start().starts_with('{')
}

/// What is wrong with a template of the target with this id, in EventBridge's words.
pub(super) fn problem(template: &str, paths: &BTreeMap<String, String>, id: &str) -> Option<String> {
    let unknown = pieces(template).find_map(|piece| match piece {
        Piece::Variable { name, .. } if !paths.contains_key(name) && !PREDEFINED.contains(&name) => {
            Some(name)
        }
        _ => None,
    });
    // Recorded: where there is no map, what is nobody's variable is none.
    if let Some(name) = unknown.filter(|_| !paths.is_empty()) {
        return Some(format!(
            "InputTemplate for target {id} contains invalid placeholder {name}."
        ));
    }
    let has_event = pieces(template).any(|piece| {
        matches!(
            piece,
            Piece::Variable {
                name: WHOLE_EVENT,
                ..
            }
        )
    });
    if has_event && !is_json(template) {
        return Some(format!(
            "InputTemplate for target {id} contains placeholder {WHOLE_EVENT} valid only for JSON template."
        ));
    }
    if is_json(template) && has_variable_as_key(template) {
        return Some(format!(
            "InputTemplate placeholder present as a JSON object key for target {id}."
        ));
    }
    let nulls = with(template, "null");
    let first = serde_json::Deserializer::from_str(&nulls)
        .into_iter::<IgnoredAny>()
        .next();
    let error = first.and_then(Result::err)?;
    Some(format!(
        "Invalid InputTemplate for target {id} : {}.",
        place(&nulls, &error)
    ))
}

/// A template with the same text in the place of every variable.
fn with(template: &str, text: &str) -> String {
    let texts = pieces(template).map(|piece| match piece {
        Piece::Text(text) => text,
        Piece::Variable { .. } => text,
    });
    texts.collect()
}

/// Whether a variable stands in the name of a member.
fn has_variable_as_key(template: &str) -> bool {
    /// A character that is nobody's, and that JSON takes inside of quotes.
    const MARK: &str = "\u{e000}";
    let marked: String = pieces(template)
        .map(|piece| match piece {
            Piece::Text(text) => text,
            Piece::Variable { quoted: true, .. } => MARK,
            Piece::Variable { quoted: false, .. } => "null",
        })
        .collect();
    let mut open = vec![serde_json::from_str(&marked).unwrap_or(Value::Null)];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(members) => {
                if members.keys().any(|name| name.contains(MARK)) {
                    return true;
                }
                open.extend(members.into_iter().map(|(_, value)| value));
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    false
}

/// Where a text stops being JSON, as AWS tells it: at the beginning of the word there.
pub(in crate::services::events) fn place(text: &str, error: &serde_json::Error) -> String {
    let line = text
        .lines()
        .nth(error.line().saturating_sub(1))
        .unwrap_or_default();
    let before: Vec<char> = line.chars().take(error.column().saturating_sub(1)).collect();
    let word = before.iter().rev().take_while(|c| c.is_alphanumeric());
    let column = before.len() - word.count() + 1;
    format!(
        "[Source: (String)\"{text}\"; line: {}, column: {column}]",
        error.line()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_template_is_told_as_recorded() {
        let paths = BTreeMap::from([("v".to_owned(), "$.detail".to_owned())]);
        for (template, said) in [
            (
                "{\"<v>\":1}",
                "InputTemplate placeholder present as a JSON object key for target t.",
            ),
            (
                "{\"a\":<who>}",
                "InputTemplate for target t contains invalid placeholder who.",
            ),
            (
                "hello <v>",
                "Invalid InputTemplate for target t : [Source: (String)\"hello null\"; line: 1, column: 1].",
            ),
            (
                "\"all <aws.events.event.json>\"",
                "InputTemplate for target t contains placeholder aws.events.event.json valid only for JSON template.",
            ),
            (
                "[<aws.events.event.json>]",
                "InputTemplate for target t contains placeholder aws.events.event.json valid only for JSON template.",
            ),
        ] {
            assert_eq!(
                problem(template, &paths, "t").as_deref(),
                Some(said),
                "{template}"
            );
        }
        for right in [
            "null",
            "<v>",
            "\"a <v>\"\n\"b\"",
            "{\"a\":\"<v>\",\"b\":[<v>]}",
            "{\"a\":<aws.events.event.json>}",
        ] {
            assert_eq!(problem(right, &paths, "t"), None, "{right}");
        }
    }
}
