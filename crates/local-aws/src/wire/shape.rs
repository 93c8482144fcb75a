//! Constraints of operation inputs, as the service models state them, and the check of a JSON input against
//! them. Members that a shape does not name are ignored, as AWS ignores them.

use regex::Regex;
use serde_json::Value;

/// What a value has to be.
pub(crate) enum Shape {
    Text(Text),
    Integer {
        min: i64,
        max: i64,
    },
    /// Any number: the timestamps of the awsJson protocols.
    Number,
    Flag,
    List {
        min: usize,
        max: usize,
        of: Box<Shape>,
    },
    /// Texts by texts.
    Map {
        max: usize,
        key: Text,
        value: Text,
    },
    Object(Vec<Member>),
    /// An object with exactly one of its members.
    Union(Vec<Member>),
}

/// A text's constraints; lengths count characters.
pub(crate) struct Text {
    min: usize,
    max: usize,
    pattern: Option<(Regex, String)>,
    not_prefix: &'static str,
    one_of: &'static [&'static str],
    secret: bool,
}

pub(crate) struct Member {
    name: &'static str,
    shape: Shape,
    required: bool,
}

pub(crate) fn text(min: usize, max: usize) -> Text {
    Text {
        min,
        max,
        pattern: None,
        not_prefix: "",
        one_of: &[],
        secret: false,
    }
}

pub(crate) fn one_of(values: &'static [&'static str]) -> Shape {
    Text {
        one_of: values,
        ..text(0, usize::MAX)
    }
    .shape()
}

pub(crate) fn list(min: usize, max: usize, of: Shape) -> Shape {
    Shape::List {
        min,
        max,
        of: Box::new(of),
    }
}

pub(crate) fn required(name: &'static str, shape: Shape) -> Member {
    Member {
        name,
        shape,
        required: true,
    }
}

pub(crate) fn optional(name: &'static str, shape: Shape) -> Member {
    Member {
        name,
        shape,
        required: false,
    }
}

impl Text {
    /// A pattern for the whole text. One that does not compile admits nothing, which the tests of the shapes
    /// would show.
    pub(crate) fn pattern(self, pattern: &str) -> Self {
        let regex = Regex::new(&format!("^(?s:{pattern})$"))
            .or_else(|_| Regex::new("[^\\s\\S]"))
            .ok();
        Self {
            pattern: regex.map(|regex| (regex, pattern.to_owned())),
            ..self
        }
    }

    pub(crate) fn not_prefixed(self, not_prefix: &'static str) -> Self {
        Self { not_prefix, ..self }
    }

    /// The value must not be repeated in an error.
    pub(crate) fn secret(self) -> Self {
        Self { secret: true, ..self }
    }

    pub(crate) fn shape(self) -> Shape {
        Shape::Text(self)
    }

    fn check(&self, text: &str, path: &str, out: &mut Vec<Violation>) {
        let mut violate = |rule: String| {
            let value = (!self.secret).then(|| text.to_owned());
            out.push(Violation {
                path: path.to_owned(),
                value,
                rule,
                type_error: false,
            });
        };
        let matched = self
            .pattern
            .as_ref()
            .is_none_or(|(regex, _)| regex.is_match(text));
        if !matched || (!self.not_prefix.is_empty() && text.starts_with(self.not_prefix)) {
            let pattern = self.pattern.as_ref().map_or("", |(_, source)| source);
            violate(format!(
                "Member must satisfy regular expression pattern: {pattern}"
            ));
        }
        let length = text.chars().count();
        if length < self.min {
            violate(format!(
                "Member must have length greater than or equal to {}",
                self.min
            ));
        }
        if length > self.max {
            violate(format!(
                "Member must have length less than or equal to {}",
                self.max
            ));
        }
        if !self.one_of.is_empty() && !self.one_of.contains(&text) {
            violate(format!(
                "Member must satisfy enum value set: [{}]",
                self.one_of.join(", ")
            ));
        }
    }
}

/// One broken constraint.
#[derive(Debug, PartialEq)]
pub(crate) struct Violation {
    /// `tags.key`, `subnetIds.1.member`.
    pub(crate) path: String,
    value: Option<String>,
    rule: String,
    type_error: bool,
}

impl Violation {
    pub(crate) fn is_type_error(&self) -> bool {
        self.type_error
    }

    /// The same with the names of its path in lower camel case, as the awsJson services tell them.
    pub(crate) fn in_lower_camel_case(mut self) -> Self {
        let lower = |name: &str| {
            let mut letters = name.chars();
            letters
                .next()
                .map(|first| first.to_ascii_lowercase().to_string() + letters.as_str())
                .unwrap_or_default()
        };
        let names: Vec<String> = self.path.split('.').map(lower).collect();
        self.path = names.join(".");
        self
    }

    pub(crate) fn sentence(&self) -> String {
        if self.type_error {
            return self.rule.clone();
        }
        match &self.value {
            Some(value) => format!(
                "Value '{value}' at '{}' failed to satisfy constraint: {}",
                self.path, self.rule
            ),
            None => format!(
                "Value at '{}' failed to satisfy constraint: {}",
                self.path, self.rule
            ),
        }
    }
}

impl Shape {
    pub(crate) fn violations(&self, value: &Value) -> Vec<Violation> {
        let mut out = Vec::new();
        self.check(value, "", &mut out);
        out
    }

    fn check(&self, value: &Value, path: &str, out: &mut Vec<Violation>) {
        let mut limits = |count: usize, min: usize, max: usize| {
            let rule = if count < min {
                format!("Member must have length greater than or equal to {min}")
            } else if count > max {
                format!("Member must have length less than or equal to {max}")
            } else {
                return;
            };
            out.push(Violation {
                path: path.to_owned(),
                value: None,
                rule,
                type_error: false,
            });
        };
        match (self, value) {
            (Self::Text(text), Value::String(value)) => text.check(value, path, out),
            (Self::Flag, Value::Bool(_)) | (Self::Number, Value::Number(_)) => {}
            (Self::Integer { min, max }, Value::Number(number)) => match number.as_i64() {
                Some(number) if (*min..=*max).contains(&number) => {}
                Some(_) => out.push(Violation {
                    path: path.to_owned(),
                    value: Some(number.to_string()),
                    rule: format!("Member must have value between {min} and {max}"),
                    type_error: false,
                }),
                None => out.push(wrong_type(path, "an integer")),
            },
            (Self::List { min, max, of }, Value::Array(items)) => {
                limits(items.len(), *min, *max);
                for (index, item) in items.iter().enumerate() {
                    of.check(item, &format!("{path}.{}.member", index + 1), out);
                }
            }
            (Self::Map { max, key, value }, Value::Object(entries)) => {
                limits(entries.len(), 0, *max);
                for (name, entry) in entries {
                    key.check(name, &format!("{path}.key"), out);
                    match entry {
                        Value::String(entry) => value.check(entry, &format!("{path}.{name}.member"), out),
                        _ => out.push(wrong_type(path, "a map of strings")),
                    }
                }
            }
            (Self::Object(members), Value::Object(given)) => {
                for member in members {
                    member.check(given.get(member.name), path, out);
                }
            }
            (Self::Union(members), Value::Object(given)) => {
                let set = members
                    .iter()
                    .filter(|m| given.get(m.name).is_some_and(|value| !value.is_null()))
                    .count();
                if set != 1 {
                    let rule = "exactly one member of the union must be set".to_owned();
                    out.push(Violation {
                        path: path.to_owned(),
                        value: None,
                        rule,
                        type_error: false,
                    });
                }
                for member in members {
                    member.check(given.get(member.name), path, out);
                }
            }
            (Self::Text(_), _) => out.push(wrong_type(path, "a string")),
            (Self::Integer { .. }, _) => out.push(wrong_type(path, "an integer")),
            (Self::Number, _) => out.push(wrong_type(path, "a number")),
            (Self::Flag, _) => out.push(wrong_type(path, "a boolean")),
            (Self::List { .. }, _) => out.push(wrong_type(path, "a list")),
            (Self::Map { .. } | Self::Object(_) | Self::Union(_), _) => {
                out.push(wrong_type(path, "a structure"))
            }
        }
    }
}

impl Member {
    fn check(&self, value: Option<&Value>, path: &str, out: &mut Vec<Violation>) {
        let path = if path.is_empty() {
            self.name.to_owned()
        } else {
            format!("{path}.{}", self.name)
        };
        match value {
            None | Some(Value::Null) if self.required => out.push(Violation {
                path,
                value: None,
                rule: "Member must not be null".to_owned(),
                type_error: false,
            }),
            None | Some(Value::Null) => {}
            Some(value) => self.shape.check(value, &path, out),
        }
    }
}

fn wrong_type(path: &str, expected: &str) -> Violation {
    let rule = format!("The value at '{path}' is not {expected}");
    Violation {
        path: path.to_owned(),
        value: None,
        rule,
        type_error: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn sentences(shape: &Shape, value: Value) -> Vec<String> {
        shape.violations(&value).iter().map(Violation::sentence).collect()
    }

    #[test]
    fn every_broken_constraint_is_told_with_its_path() {
        let shape = Shape::Object(vec![
            required("name", text(3, 5).pattern("[a-z-]+").not_prefixed("rgw-").shape()),
            required("kind", one_of(&["A", "B"])),
            optional("ids", list(1, 2, text(2, 9).shape())),
            optional("size", Shape::Integer { min: 1, max: 62 }),
        ]);
        assert!(
            sentences(
                &shape,
                json!({ "name": "abc", "kind": "A", "unknown": 1, "ids": null })
            )
            .is_empty()
        );
        assert_eq!(
            sentences(&shape, json!({ "name": "X", "ids": ["a"], "size": 63 })),
            [
                "Value 'X' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z-]+",
                "Value 'X' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 3",
                "Value at 'kind' failed to satisfy constraint: Member must not be null",
                "Value 'a' at 'ids.1.member' failed to satisfy constraint: Member must have length greater than or equal to 2",
                "Value '63' at 'size' failed to satisfy constraint: Member must have value between 1 and 62",
            ]
        );
        assert_eq!(
            sentences(&shape, json!({ "name": "rgw-a", "kind": "A" })).len(),
            1
        );
    }

    #[test]
    fn a_secret_is_not_repeated() {
        let shape = Shape::Object(vec![required("key", text(1, 3).secret().shape())]);
        assert!(!sentences(&shape, json!({ "key": "hunter2" }))[0].contains("hunter2"));
    }

    #[test]
    fn a_union_has_exactly_one_member() {
        let shape = Shape::Union(vec![optional("a", Shape::Flag), optional("b", Shape::Flag)]);
        assert!(sentences(&shape, json!({ "a": true, "b": null })).is_empty());
        assert_eq!(sentences(&shape, json!({})).len(), 1);
        assert_eq!(sentences(&shape, json!({ "a": true, "b": false })).len(), 1);
    }
}
