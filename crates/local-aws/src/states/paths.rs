//! The reference paths of the Amazon States Language that HTTP tasks use: `$`, `$.orders[0].id`.

use serde_json::Value;

/// The steps of a path, or `None` for what is not a plain path.
fn steps(path: &str) -> Option<Vec<Step<'_>>> {
    let mut rest = path.strip_prefix('$')?;
    let mut steps = Vec::new();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("['") {
            let (name, after) = after.split_once("']")?;
            steps.push(Step::Member(name));
            rest = after;
        } else if let Some(after) = rest.strip_prefix('[') {
            let (index, after) = after.split_once(']')?;
            steps.push(Step::Item(index.parse().ok()?));
            rest = after;
        } else {
            let after = rest.strip_prefix('.')?;
            let end = after.find(['.', '[']).unwrap_or(after.len());
            if end == 0 || after[..end].contains(['*', '?', '@', '(']) {
                return None;
            }
            steps.push(Step::Member(&after[..end]));
            rest = &after[end..];
        }
    }
    Some(steps)
}

enum Step<'p> {
    Member(&'p str),
    Item(usize),
}

pub(super) fn is_path(path: &str) -> bool {
    steps(path).is_some()
}

/// The value at a path.
pub(super) fn get<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    steps(path)?
        .into_iter()
        .try_fold(value, |value, step| match step {
            Step::Member(name) => value.get(name),
            Step::Item(index) => value.get(index),
        })
}

/// Puts a value at a path of members, making what is missing on the way; `false` if something else is in the
/// way.
pub(super) fn put(into: &mut Value, path: &str, value: Value) -> bool {
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
        let value = json!({ "orders": [{ "id": 7 }], "a b": 1 });
        assert_eq!(get(&value, "$"), Some(&value));
        assert_eq!(get(&value, "$.orders[0].id"), Some(&json!(7)));
        assert_eq!(get(&value, "$['a b']"), Some(&json!(1)));
        assert_eq!(get(&value, "$.orders[1].id"), None);
        assert!(!is_path("orders") && !is_path("$..id") && !is_path("$.a[*]") && is_path("$.a.b"));
    }

    #[test]
    fn a_result_is_put_beside_the_input() {
        let mut value = json!({ "a": 1 });
        assert!(put(&mut value, "$.b.c", json!(2)));
        assert_eq!(value, json!({ "a": 1, "b": { "c": 2 } }));
        assert!(!put(&mut value, "$.a.x", json!(2)));
    }
}
