//! JSONPath as the Amazon States Language uses it: a path that names one place gives the value there; one with
//! wildcards, filters, slices or lists of places gives the list of all values that it finds.

use std::borrow::Cow;

use serde_json::Value;
use serde_json_path::JsonPath;

use crate::core::json_path;

/// Whether a text is a path that can be read.
pub(super) fn is_path(path: &str) -> bool {
    json_path::is_reference(path) || JsonPath::parse(&spelled_out(path)).is_ok()
}

/// What a path finds; `None` where it names one place and nothing is there, or where it is no path.
pub(super) fn select<'v>(root: &'v Value, path: &str) -> Option<Cow<'v, Value>> {
    if json_path::is_reference(path) {
        return json_path::get(root, path).map(Cow::Borrowed);
    }
    let query = JsonPath::parse(&spelled_out(path)).ok()?;
    let found = query.query(root).all().into_iter().cloned();
    Some(Cow::Owned(found.collect()))
}

/// The words for a path that names nothing, as AWS says them.
pub(super) fn not_found(root: &Value, path: &str) -> String {
    let mut at = root;
    let mut walked = "$".to_owned();
    let plain = path.trim_start_matches('$');
    let names: Vec<&str> = plain.split('.').filter(|name| !name.is_empty()).collect();
    for (index, name) in names.iter().enumerate() {
        walked.push_str(&format!("['{name}']"));
        match at.get(*name) {
            Some(next) => at = next,
            None if index + 1 < names.len() => {
                return format!("Invalid path '{path}' : Missing property in path {walked}");
            }
            None => break,
        }
    }
    format!("Invalid path '{path}' : No results for path: {walked}")
}

/// The path with every name in brackets that RFC 9535 does not take after a dot, such as `$.a-b[*]`.
fn spelled_out(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut depth = 0_usize;
    let mut rest = path;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            '.' if depth == 0 => {
                let end = after.find(['.', '[']).unwrap_or(after.len());
                let name = &after[..end];
                let is_plain = name
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii());
                if !name.is_empty() && name != "*" && !is_plain {
                    out.push_str(&format!("['{name}']"));
                    rest = &after[end..];
                    continue;
                }
            }
            _ => {}
        }
        out.push(c);
        rest = after;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn found(path: &str) -> Option<Value> {
        let root = json!({ "users": [{ "year": 1997, "on": false }, { "year": 1998, "on": true }],
            "a-b": [{ "n": 1 }, { "n": 2 }, { "n": 3 }], "one": { "k": 1, "two": { "k": 2 } } });
        select(&root, path).map(Cow::into_owned)
    }

    #[test]
    fn one_place_gives_its_value_and_many_give_a_list() {
        for (path, value) in [
            ("$.users[0].year", json!(1997)),
            ("$.a-b[-1].n", json!(3)),
            ("$['one']['k']", json!(1)),
            ("$.users[*].year", json!([1997, 1998])),
            ("$.a-b[*].n", json!([1, 2, 3])),
            ("$.a-b[1:].n", json!([2, 3])),
            ("$.a-b[0,2].n", json!([1, 3])),
            ("$.users[?(@.year == 1998)].on", json!([true])),
            ("$.users[?(@.year > 1990 && @.on == false)].year", json!([1997])),
            ("$.nothing[*]", json!([])),
        ] {
            assert_eq!(found(path), Some(value), "{path}");
        }
        let Some(Value::Array(mut all)) = found("$..k") else {
            panic!("no list")
        };
        all.sort_by_key(Value::as_u64);
        assert_eq!(all, [json!(1), json!(2)]);
        assert_eq!(found("$.users[7]"), None);
    }

    #[test]
    fn what_is_no_path_is_known() {
        for path in ["", "users", "$.", "$.a[", "$.a[?(]"] {
            assert!(!is_path(path), "{path}");
        }
        for path in ["$", "$.a-b", "$.a[?(@.b)]", "$..a", "$[0:2]"] {
            assert!(is_path(path), "{path}");
        }
    }

    #[test]
    fn a_missing_place_is_told_as_aws_tells_it() {
        let root = json!({ "a": {} });
        let missing = |path| not_found(&root, path);
        assert_eq!(missing("$.b"), "Invalid path '$.b' : No results for path: $['b']");
        assert_eq!(
            missing("$.no.such"),
            "Invalid path '$.no.such' : Missing property in path $['no']"
        );
        assert_eq!(
            missing("$.a.b"),
            "Invalid path '$.a.b' : No results for path: $['a']['b']"
        );
    }
}
