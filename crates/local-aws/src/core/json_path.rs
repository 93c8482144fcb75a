//! JSON paths as EventBridge and Step Functions use them: `$`, `$.detail.id`, `$.resources[0]`, `$.detail['a b']`, and, for
//! EventBridge, `$.detail.lines[*].sku`.

use serde_json::Value;

#[derive(Debug)]
enum Step<'p> {
    Member(&'p str),
    /// Counted from the end where it is negative.
    Item(isize),
    Every,
}

/// The steps of a path; `None` for filters, slices and whatever else is none here.
fn steps(path: &str) -> Option<Vec<Step<'_>>> {
    let mut rest = path.strip_prefix('$')?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some((name, after)) = quoted(rest) {
            steps.push(Step::Member(name));
            rest = after;
        } else if let Some(after) = rest.strip_prefix('[') {
            let (index, after) = after.split_once(']')?;
            steps.push(match index {
                "*" => Step::Every,
                index => Step::Item(index.parse().ok()?),
            });
            rest = after;
        } else {
            let after = rest.strip_prefix('.')?;
            let end = after.find(['.', '[']).unwrap_or(after.len());
            steps.push(match &after[..end] {
                "*" => Step::Every,
                name if name.is_empty() || name.contains(['*', '?', '@', '(', ']']) => return None,
                name => Step::Member(name),
            });
            rest = &after[end..];
        }
    }
    Some(steps)
}

/// The name of `['name']` or `["name"]` at the beginning of a text, and what follows it.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let single = text.strip_prefix("['").and_then(|rest| rest.split_once("']"));
    single.or_else(|| text.strip_prefix("[\"").and_then(|rest| rest.split_once("\"]")))
}

/// The item at an index, which is counted from the end where it is negative.
fn item(value: &Value, index: isize) -> Option<&Value> {
    let items = value.as_array()?;
    let at = if index < 0 {
        items.len().checked_sub(index.unsigned_abs())?
    } else {
        index.unsigned_abs()
    };
    items.get(at)
}

/// Whether a text is a path that names one value, as the reference paths of the Amazon States Language do.
pub(crate) fn is_reference(path: &str) -> bool {
    steps(path).is_some_and(|steps| !steps.iter().any(|step| matches!(step, Step::Every)))
}

/// The value that a reference names.
pub(crate) fn get<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    steps(path)?
        .into_iter()
        .try_fold(value, |value, step| match step {
            Step::Member(name) => value.get(name),
            Step::Item(index) => item(value, index),
            Step::Every => None,
        })
}

/// The value at a path; with a `*` in it the list of all that are there.
pub(crate) fn select(value: &Value, path: &str) -> Option<Value> {
    if is_reference(path) {
        return get(value, path).cloned();
    }
    let mut found = vec![value];
    for step in steps(path)? {
        found = match step {
            Step::Member(name) => found.into_iter().filter_map(|value| value.get(name)).collect(),
            Step::Item(index) => found.into_iter().filter_map(|value| item(value, index)).collect(),
            Step::Every => found
                .into_iter()
                .flat_map(|value| match value {
                    Value::Array(items) => items.iter().collect(),
                    Value::Object(members) => members.values().collect(),
                    _ => Vec::new(),
                })
                .collect(),
        };
    }
    Some(found.into_iter().cloned().collect())
}

/// Puts a value at a path of members, making what is missing on the way; `false` if something else is in the
/// way.
pub(crate) fn put(into: &mut Value, path: &str, value: Value) -> bool {
    let Some(steps) = steps(path) else { return false };
    let mut at = into;
    for step in steps {
        let Step::Member(name) = step else { return false };
        let Value::Object(members) = at else { return false };
        at = members
            .entry(name)
            .or_insert_with(|| Value::Object(serde_json::Map::new()));
    }
    *at = value;
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_find_what_they_name() {
        let event = json!({ "detail": { "a b": 1, "lines": [{ "sku": "x" }, { "sku": "y" }] } });
        assert_eq!(get(&event, "$"), Some(&event));
        for (path, found) in [
            ("$.detail['a b']", Some(json!(1))),
            ("$.detail.lines[1].sku", Some(json!("y"))),
            ("$.detail[\"a b\"]", Some(json!(1))),
            ("$.detail.lines[-1].sku", Some(json!("y"))),
            ("$.detail.lines[-3].sku", None),
            ("$.detail.lines[*].sku", Some(json!(["x", "y"]))),
            ("$.detail.other", None),
            ("$.detail.lines[2].sku", None),
        ] {
            assert_eq!(select(&event, path), found, "{path}");
        }
        for wrong in ["", "detail", "$detail", "$..a", "$.a[", "$.a[x]", "$.a[?(@.b)]"] {
            assert_eq!(select(&event, wrong), None, "{wrong}");
        }
        assert!(!is_reference("$.a[*]") && is_reference("$.a[0].b"));
    }

    #[test]
    fn a_value_is_put_where_there_is_room() {
        let mut value = json!({ "a": 1 });
        assert!(put(&mut value, "$.b.c", json!(2)));
        assert_eq!(value, json!({ "a": 1, "b": { "c": 2 } }));
        assert!(!put(&mut value, "$.a.x", json!(2)));
    }
}
