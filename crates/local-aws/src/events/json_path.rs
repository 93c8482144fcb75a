//! The JSON paths of EventBridge: `$`, `$.detail.id`, `$.resources[0]`, `$.detail['a b']`, `$.detail.lines[*].sku`.

use serde_json::Value;

#[derive(Debug)]
enum Step<'p> {
    Member(&'p str),
    Item(usize),
    Every,
}

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
            steps.push(match index {
                "*" => Step::Every,
                index => Step::Item(index.parse().ok()?),
            });
            rest = after;
        } else {
            let after = rest.strip_prefix('.')?;
            let end = after.find(['.', '[']).unwrap_or(after.len());
            let name = &after[..end];
            if name.is_empty() || name.contains(['?', '@', '(', ']']) {
                return None;
            }
            steps.push(if name == "*" {
                Step::Every
            } else {
                Step::Member(name)
            });
            rest = &after[end..];
        }
    }
    Some(steps)
}

pub(super) fn is_path(path: &str) -> bool {
    steps(path).is_some()
}

/// The value at a path; with a `*` in it the list of all that are there.
pub(super) fn get(value: &Value, path: &str) -> Option<Value> {
    let steps = steps(path)?;
    let mut found = vec![value];
    for step in &steps {
        found = match step {
            Step::Member(name) => found.into_iter().filter_map(|value| value.get(*name)).collect(),
            Step::Item(index) => found.into_iter().filter_map(|value| value.get(*index)).collect(),
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
    if steps.iter().any(|step| matches!(step, Step::Every)) {
        return Some(found.into_iter().cloned().collect());
    }
    found.first().map(|value| (*value).clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn paths_find_what_they_name() {
        let event = json!({ "detail": { "a b": 1, "lines": [{ "sku": "x" }, { "sku": "y" }] } });
        assert_eq!(get(&event, "$"), Some(event.clone()));
        assert_eq!(get(&event, "$.detail['a b']"), Some(json!(1)));
        assert_eq!(get(&event, "$.detail.lines[1].sku"), Some(json!("y")));
        assert_eq!(get(&event, "$.detail.lines[*].sku"), Some(json!(["x", "y"])));
        assert_eq!(get(&event, "$.detail.other"), None);
        for wrong in ["", "detail", "$detail", "$..a", "$.a[", "$.a[x]"] {
            assert!(!is_path(wrong), "{wrong}");
        }
    }
}
