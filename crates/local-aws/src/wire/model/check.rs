//! Holds an input against its model. Members that the model does not name are ignored, as AWS ignores them.

use serde_json::Value;

use super::violation::{Rule, Violation};
use super::{Kind, Model, Reference, Shape};

impl Model<'_> {
    /// What of an operation's input is not as it has to be, in the order of the model.
    pub(crate) fn violations(&self, operation: &str, input: &Value) -> Vec<Violation> {
        let mut found = Vec::new();
        if let Some(shape) = self.input(operation) {
            self.check(shape, input, "", &mut found);
        }
        found
    }

    fn check(&self, shape: &Shape<'_>, value: &Value, path: &str, found: &mut Vec<Violation>) {
        match (shape.kind, value) {
            (Kind::String, Value::String(text)) => check_text(shape, text, path, found),
            (Kind::Blob, Value::String(_))
            | (Kind::Boolean, Value::Bool(_))
            | (Kind::Double | Kind::Float | Kind::Timestamp, Value::Number(_)) => {}
            (Kind::Integer | Kind::Long, Value::Number(number)) => match number.as_i64() {
                Some(number) => {
                    let broken = limits(shape, number, Rule::Least, Rule::Most);
                    let value = (!shape.sensitive).then(|| number.to_string());
                    found.extend(broken.map(|rule| Violation::of(path, rule, value)));
                }
                None => found.push(wrong_type(shape, value, path)),
            },
            (Kind::List, Value::Array(items)) => {
                check_count(shape, items.len(), path, found);
                for (at, item) in (1..).zip(items) {
                    self.check_inner(shape.member.as_ref(), item, &format!("{path}.{at}.member"), found);
                }
            }
            (Kind::Map, Value::Object(entries)) => {
                check_count(shape, entries.len(), path, found);
                for (name, entry) in entries {
                    let key = Value::from(name.as_str());
                    self.check_inner(shape.key.as_ref(), &key, &format!("{path}.key"), found);
                    self.check_inner(
                        shape.value.as_ref(),
                        entry,
                        &format!("{path}.{name}.member"),
                        found,
                    );
                }
            }
            (Kind::Structure, Value::Object(given)) => {
                let is_given = |name: &str| given.get(name).filter(|value| !value.is_null());
                let members = &shape.members.0;
                let set = members
                    .iter()
                    .filter(|(name, _)| is_given(name).is_some())
                    .count();
                if shape.union && set != 1 {
                    found.push(Violation::of(path, Rule::OneOfUnion, None));
                }
                for (name, member) in members {
                    let value = is_given(name);
                    if value.is_none() && !shape.required.contains(name) {
                        continue;
                    }
                    // EC2 says what it is called in a form.
                    let called = match self.is_ec2() {
                        true => self.called(name, member),
                        false => (*name).into(),
                    };
                    let path = if path.is_empty() {
                        called.into_owned()
                    } else {
                        format!("{path}.{called}")
                    };
                    match value {
                        Some(value) => self.check_inner(Some(member), value, &path, found),
                        None => found.push(Violation::of(&path, Rule::NotNull, None)),
                    }
                }
            }
            _ => found.push(wrong_type(shape, value, path)),
        }
    }

    fn check_inner(
        &self,
        reference: Option<&Reference<'_>>,
        value: &Value,
        path: &str,
        found: &mut Vec<Violation>,
    ) {
        if let Some(shape) = reference.and_then(|reference| self.shape(reference)) {
            self.check(shape, value, path, found);
        }
    }
}

fn wrong_type(shape: &Shape<'_>, value: &Value, path: &str) -> Violation {
    let expected = match shape.kind {
        Kind::Blob | Kind::String => "string",
        Kind::Boolean => "boolean",
        Kind::Double | Kind::Float | Kind::Timestamp => "number",
        Kind::Integer | Kind::Long => "integer",
        Kind::List => "list",
        Kind::Map | Kind::Structure => "structure",
    };
    let text = value.as_str().filter(|_| !shape.sensitive);
    Violation::of(path, Rule::Type(expected), text.map(str::to_owned))
}

/// The limit that a number, or a number of things, breaks.
fn limits(shape: &Shape<'_>, number: i64, least: fn(i64) -> Rule, most: fn(i64) -> Rule) -> Option<Rule> {
    let too_small = shape.min.filter(|min| number < *min).map(least);
    too_small.or_else(|| shape.max.filter(|max| number > *max).map(most))
}

fn check_count(shape: &Shape<'_>, count: usize, path: &str, found: &mut Vec<Violation>) {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let broken = limits(shape, count, Rule::Shortest, Rule::Longest);
    found.extend(broken.map(|rule| Violation::of(path, rule, None)));
}

/// A text's pattern, then its length in characters, then the values that there are.
fn check_text(shape: &Shape<'_>, text: &str, path: &str, found: &mut Vec<Violation>) {
    let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    let pattern = shape.pattern.as_ref().filter(|pattern| !pattern.admits(text));
    let is_other = !shape.values.is_empty() && !shape.values.iter().any(|value| value == text);
    let broken = [
        pattern.map(|pattern| Rule::Pattern(pattern.source().to_owned())),
        limits(shape, length, Rule::Shortest, Rule::Longest),
        is_other.then(|| Rule::OneOf(shape.values.join(", "))),
    ];
    let value = || (!shape.sensitive).then(|| text.to_owned());
    found.extend(
        broken
            .into_iter()
            .flatten()
            .map(|rule| Violation::of(path, rule, value())),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn model() -> Model<'static> {
        Model::read(
            r#"{ "operations": { "Put": { "http": "POST /", "input": "Put" } }, "shapes": {
                "Put": { "type": "structure", "required": ["name", "kind"], "members": {
                    "name": "Name", "kind": "Kind", "ids": "Ids", "size": "Size", "key": "Key", "either": "Either" } },
                "Name": { "type": "string", "min": 3, "max": 5, "pattern": "(?!rgw-)[a-z-]+" },
                "Kind": { "type": "string", "enum": ["A", "B"] },
                "Ids": { "type": "list", "min": 1, "max": 2, "member": "Id" },
                "Id": { "type": "string", "min": 2 },
                "Size": { "type": "integer", "min": 1, "max": 62 },
                "Key": { "type": "string", "max": 3, "sensitive": true },
                "Either": { "type": "structure", "union": true, "members": { "a": "Size", "b": "Size" } } } }"#,
        )
    }

    fn sentences(input: Value) -> Vec<String> {
        let violations = model().violations("Put", &input);
        violations.iter().map(Violation::sentence).collect()
    }

    #[test]
    fn every_broken_constraint_is_told_with_its_path() {
        let right = json!({ "name": "abc", "kind": "A", "unknown": 1, "ids": null });
        assert!(sentences(right).is_empty());
        assert_eq!(
            sentences(json!({ "name": "X", "ids": ["a"], "size": 63 })),
            [
                "Value 'X' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: (?!rgw-)[a-z-]+",
                "Value 'X' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 3",
                "Value at 'kind' failed to satisfy constraint: Member must not be null",
                "Value 'a' at 'ids.1.member' failed to satisfy constraint: Member must have length greater than or equal to 2",
                "Value '63' at 'size' failed to satisfy constraint: Member must have value less than or equal to 62",
            ]
        );
        assert_eq!(sentences(json!({ "name": "rgw-a", "kind": "A" })).len(), 1);
        assert_eq!(
            sentences(json!({ "name": 1, "kind": "A" })),
            ["The value at 'name' is not a string"]
        );
    }

    #[test]
    fn a_secret_is_not_repeated() {
        let sentences = sentences(json!({ "name": "abc", "kind": "A", "key": "hunter2" }));
        assert!(
            sentences.len() == 1 && !sentences[0].contains("hunter2"),
            "{sentences:?}"
        );
    }

    #[test]
    fn a_union_has_exactly_one_member() {
        let with = |either: Value| sentences(json!({ "name": "abc", "kind": "A", "either": either })).len();
        assert_eq!(with(json!({ "a": 1, "b": null })), 0);
        assert_eq!(with(json!({})), 1);
        assert_eq!(with(json!({ "a": 1, "b": 2 })), 1);
    }
}
