//! Holds an input against its model. Members that the model does not name are ignored, as AWS ignores them.

use serde_json::Value;

use super::violation::{Each, Rule, Violation};
use super::{Kind, Model, Reference, Shape};
use crate::wire::Protocol;

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
                let whole = || self.as_a_whole([&shape.member], value);
                check_count(shape, items.len(), path, whole, found);
                let mut within = Vec::new();
                for (at, item) in (1..).zip(items) {
                    let path = format!("{path}.{at}.member");
                    self.check_inner(shape.member.as_ref(), item, &path, &mut within);
                }
                self.told(shape.member.as_ref(), Each::Member, path, whole, within, found);
            }
            (Kind::Map, Value::Object(entries)) => {
                let whole = || self.as_a_whole([&shape.key, &shape.value], value);
                check_count(shape, entries.len(), path, whole, found);
                let (mut keys, mut values) = (Vec::new(), Vec::new());
                for (name, entry) in entries {
                    let key = Value::from(name.as_str());
                    self.check_inner(shape.key.as_ref(), &key, &format!("{path}.key"), &mut keys);
                    let path = format!("{path}.{name}.member");
                    self.check_inner(shape.value.as_ref(), entry, &path, &mut values);
                }
                self.told(shape.key.as_ref(), Each::Key, path, whole, keys, found);
                self.told(shape.value.as_ref(), Each::Value, path, whole, values, found);
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

    /// Tells what is wrong within a list or map. The services of awsJson and awsQuery tell texts in it as a whole, with
    /// all that is asked of each.
    fn told(
        &self,
        of: Option<&Reference<'_>>,
        each: Each,
        path: &str,
        whole: impl Fn() -> Option<String>,
        within: Vec<Violation>,
        found: &mut Vec<Violation>,
    ) {
        let shape = of.and_then(|reference| self.shape(reference));
        let text = shape.filter(|shape| shape.kind == Kind::String && self.tells_wholes());
        match text {
            Some(shape) if !within.is_empty() && !within.iter().any(Violation::is_type_error) => {
                found.push(Violation::of(path, Rule::Each(each, asked(shape)), whole()));
            }
            _ => found.extend(within),
        }
    }

    fn tells_wholes(&self) -> bool {
        matches!(self.protocol(), Protocol::Json(..) | Protocol::AwsQuery(_))
    }

    /// A list or map of texts, written as Java writes it, where none of it is a secret.
    fn as_a_whole<'r>(
        &self,
        of: impl IntoIterator<Item = &'r Option<Reference<'r>>>,
        value: &Value,
    ) -> Option<String> {
        let are_told = of.into_iter().all(|reference| {
            let shape = reference.as_ref().and_then(|reference| self.shape(reference));
            shape.is_some_and(|shape| shape.kind == Kind::String && !shape.sensitive)
        });
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let listed = |items: Vec<String>| items.join(", ");
        match value {
            _ if !are_told || !self.tells_wholes() => None,
            Value::Array(items) => Some(format!("[{}]", listed(items.iter().map(text).collect()))),
            Value::Object(entries) => {
                let entries = entries
                    .iter()
                    .map(|(name, value)| format!("{name}={}", text(value)));
                Some(format!("{{{}}}", listed(entries.collect())))
            }
            _ => None,
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

fn check_count(
    shape: &Shape<'_>,
    count: usize,
    path: &str,
    whole: impl Fn() -> Option<String>,
    found: &mut Vec<Violation>,
) {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let broken = limits(shape, count, Rule::Shortest, Rule::Longest);
    found.extend(broken.map(|rule| Violation::of(path, rule, whole())));
}

/// All that is asked of a text.
fn asked(shape: &Shape<'_>) -> Vec<Rule> {
    let pattern = shape.pattern.as_ref();
    let values = Some(shape.values.join(", ")).filter(|values| !values.is_empty());
    let asked = [
        shape.max.map(Rule::Longest),
        shape.min.map(Rule::Shortest),
        pattern.map(|pattern| Rule::Pattern(pattern.source().to_owned())),
        values.map(Rule::OneOf),
    ];
    asked.into_iter().flatten().collect()
}

/// A text's pattern, then its length in characters, then the values that there are.
fn check_text(shape: &Shape<'_>, text: &str, path: &str, found: &mut Vec<Violation>) {
    let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    let pattern = shape.pattern.as_ref().filter(|pattern| !pattern.admits(text));
    let is_same = |value: &str| value == text || shape.any_case && value.eq_ignore_ascii_case(text);
    let is_other = !shape.values.is_empty() && !shape.values.iter().any(|value| is_same(value));
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
            r#"{ "protocol": "rest-json", "operations": { "Put": { "http": "POST /", "input": "Put" } }, "shapes": {
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
    fn aws_json_tells_texts_in_a_list_or_map_as_a_whole() {
        let model = Model::read(
            r#"{ "protocol": "json", "operations": { "Put": { "http": "POST /", "input": "Put" } }, "shapes": {
                "Put": { "type": "structure", "members": { "ids": "Ids", "paths": "Paths", "items": "Items" } },
                "Ids": { "type": "list", "max": 2, "member": "Id" },
                "Id": { "type": "string", "min": 2, "max": 9, "pattern": "[a-z]+" },
                "Paths": { "type": "map", "key": "Id", "value": "Path" },
                "Path": { "type": "string", "max": 3 },
                "Items": { "type": "list", "member": "Item" },
                "Item": { "type": "structure", "members": { "id": "Id" } } } }"#,
        );
        let sentences = |input: Value| -> Vec<String> {
            let violations = model.violations("Put", &input);
            violations.iter().map(Violation::sentence).collect()
        };
        assert_eq!(
            sentences(
                json!({ "ids": ["ab", "A", "B"], "paths": { "A": "one", "ab": "long" }, "items": [{ "id": "ABC" }] })
            ),
            [
                "Value '[ab, A, B]' at 'ids' failed to satisfy constraint: Member must have length less than or equal to 2",
                "Value '[ab, A, B]' at 'ids' failed to satisfy constraint: Member must satisfy constraint: [Member must have \
                 length less than or equal to 9, Member must have length greater than or equal to 2, Member must satisfy \
                 regular expression pattern: [a-z]+]",
                "Value '{A=one, ab=long}' at 'paths' failed to satisfy constraint: Map keys must satisfy constraint: [Member \
                 must have length less than or equal to 9, Member must have length greater than or equal to 2, Member must \
                 satisfy regular expression pattern: [a-z]+]",
                "Value '{A=one, ab=long}' at 'paths' failed to satisfy constraint: Map value must satisfy constraint: [Member \
                 must have length less than or equal to 3]",
                "Value 'ABC' at 'items.1.member.id' failed to satisfy constraint: Member must satisfy regular expression \
                 pattern: [a-z]+",
            ]
        );
        assert_eq!(
            sentences(json!({ "ids": [1] })),
            ["The value at 'ids.1.member' is not a string"]
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
