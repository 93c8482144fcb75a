//! A user's value as it is quoted in a message.

use std::fmt::Display;

use crate::value::Value;

/// How much of a text a message shows: as much as a name or an ARN, not a document.
const SHOWN: usize = 200;

/// What was given, as the end of a sentence about it; nothing where it cannot be said in a few words.
pub(crate) fn given(value: &Value) -> String {
    let text = match value.plain() {
        Value::String(text) => quoted(text),
        Value::Number(number) => number.to_string(),
        Value::Bool(value) => value.to_string(),
        _ => return String::new(),
    };
    if text.chars().nth(SHOWN).is_none() {
        return format!("; it is {text}");
    }
    let text: String = text.chars().take(SHOWN).collect();
    format!("; it begins with {text}")
}

/// A path as a message names it: in quotes, or in backticks where a key in it has quotes of its own.
pub(crate) fn path(path: &impl Display) -> String {
    let text = path.to_string();
    if text.contains('"') {
        format!("`{text}`")
    } else {
        format!("\"{text}\"")
    }
}

/// The text in quotes. User name and password of a URL are left out: a message is shown whatever the value was marked as.
fn quoted(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else {
        return format!("{text:?}");
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..end].rsplit_once('@') {
        Some((_, host)) => format!("{:?}", format!("{scheme}://…@{host}{}", &rest[end..])),
        None => format!("{text:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{path, path::Step};

    #[test]
    fn a_document_is_quoted_by_its_beginning() {
        let text = given(&"x".repeat(5_000_000).into());
        assert!(
            text.len() < 250 && text.starts_with("; it begins with \"xxx"),
            "{text}"
        );
        assert_eq!(given(&"x".into()), "; it is \"x\"");
        assert_eq!(given(&Value::Null), "");
    }

    #[test]
    fn a_key_in_a_path_keeps_its_quotes() {
        assert_eq!(
            path(&path!("network", "subnet_ids", 0)),
            "\"network.subnet_ids[0]\""
        );
        assert_eq!(
            path(&path!("header").then(Step::key("x")).then("value")),
            "`header[\"x\"].value`"
        );
    }

    #[test]
    fn the_password_of_a_url_is_not_quoted() {
        for (text, shown) in [
            ("https://joe:hunter2@a.example/x", r#""https://…@a.example/x""#),
            ("https://joe:hun@ter2@a.example", r#""https://…@a.example""#),
            ("https://a.example/x@y", r#""https://a.example/x@y""#),
            ("joe@example.com", r#""joe@example.com""#),
        ] {
            assert_eq!(quoted(text), shown);
        }
    }
}
