//! Values of a state's fields: plain ones, in JSONPath the members that end in `.$`, in JSONata the texts in `{% %}`.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{Failure, intrinsics, jsonata, paths};
use crate::core::json_path;

/// What paths and expressions can name.
#[derive(Clone, Debug)]
pub(super) struct Scope<'s> {
    pub(super) jsonata: bool,
    pub(super) input: &'s Value,
    pub(super) context: &'s Value,
    pub(super) variables: &'s Value,
    pub(super) result: Option<&'s Value>,
    pub(super) error: Option<&'s Value>,
}

/// What a path begins with, and the rest of it as a path of its own.
pub(super) enum Root {
    Input,
    Context,
    Variables,
}

/// Tells `$.a` of the input, `$$.a` of the context and `$name.a` of a variable apart.
pub(super) fn rooted(path: &str) -> (Root, Cow<'_, str>) {
    if let Some(rest) = path.strip_prefix("$$") {
        return (Root::Context, format!("${rest}").into());
    }
    let variable = path.strip_prefix('$');
    match variable.filter(|rest| rest.starts_with(|c: char| c.is_alphabetic() || c == '_')) {
        Some(variable) => (Root::Variables, format!("$.{variable}").into()),
        None => (Root::Input, path.into()),
    }
}

impl<'s> Scope<'s> {
    fn root(&self, root: &Root) -> &'s Value {
        match root {
            Root::Input => self.input,
            Root::Context => self.context,
            Root::Variables => self.variables,
        }
    }

    /// The value that a reference path names.
    pub(super) fn at(&self, path: &str) -> Option<&'s Value> {
        let (root, path) = rooted(path);
        json_path::get(self.root(&root), &path)
    }

    /// What a path finds, whether it names one place or many.
    pub(super) fn select(&self, path: &str) -> Option<Value> {
        let (root, path) = rooted(path);
        paths::select(self.root(&root), &path).map(Cow::into_owned)
    }

    /// What a path of a field like InputPath finds.
    pub(super) fn found(&self, path: &str) -> Result<Value, Failure> {
        self.select(path).ok_or_else(|| {
            let (root, plain) = rooted(path);
            Failure::runtime(paths::not_found(self.root(&root), &plain))
        })
    }

    /// What a path of a field like ErrorPath, or of a template's member, finds.
    pub(super) fn reference(&self, path: &str, field: &str) -> Result<Value, Failure> {
        if intrinsics::is_call(path) {
            return intrinsics::call(path, self);
        }
        self.select(path).ok_or_else(|| {
            let (root, _) = rooted(path);
            Failure::runtime(format!(
                "The JSONPath '{path}' specified for the field '{field}' could not be found in the input '{}'",
                self.root(&root)
            ))
        })
    }

    /// Fills the template of a field.
    pub(super) fn fill(&self, template: &Value, field: &str) -> Result<Value, Failure> {
        match template {
            Value::Object(members) => {
                let mut filled = Map::new();
                for (name, value) in members {
                    match (name.strip_suffix(".$"), value) {
                        (Some(plain), Value::String(path)) if !self.jsonata => {
                            filled.insert(plain.to_owned(), self.reference(path, name)?);
                        }
                        _ => {
                            filled.insert(name.clone(), self.fill(value, &format!("{field}/{name}"))?);
                        }
                    }
                }
                Ok(Value::Object(filled))
            }
            Value::Array(items) => {
                let items = items.iter().enumerate();
                items
                    .map(|(index, item)| self.fill(item, &format!("{field}[{index}]")))
                    .collect()
            }
            Value::String(text) if self.jsonata => match expression(text) {
                Some(expression) => jsonata::evaluate(expression, self, field),
                None => Ok(template.clone()),
            },
            plain => Ok(plain.clone()),
        }
    }

    /// All that `$states` has.
    pub(super) fn states(&self) -> Value {
        let mut states = Map::new();
        let all = [
            ("input", Some(self.input)),
            ("context", Some(self.context)),
            ("result", self.result),
            ("errorOutput", self.error),
        ];
        for (name, value) in all {
            if let Some(value) = value {
                states.insert(name.to_owned(), value.clone());
            }
        }
        Value::Object(states)
    }
}

/// The expression in `{% %}`.
pub(super) fn expression(text: &str) -> Option<&str> {
    text.strip_prefix("{%")?.strip_suffix("%}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn filled(jsonata: bool, template: Value) -> Result<Value, String> {
        let (input, context, variables) = (
            json!({ "id": 7, "list": [1] }),
            json!({ "Execution": { "Name": "e" } }),
            json!({ "tenant": { "name": "t" } }),
        );
        let scope = Scope {
            jsonata,
            input: &input,
            context: &context,
            variables: &variables,
            result: None,
            error: None,
        };
        scope.fill(&template, "Output").map_err(|failure| failure.cause)
    }

    #[test]
    fn paths_name_input_context_and_variables() {
        let template = json!({ "a.$": "$.id", "b": [{ "c.$": "$$.Execution.Name" }], "d.$": "$tenant.name", "e": "$.id",
            "f.$": "States.Format('{}', $.id)", "g.$": "$.list[*]" });
        let expected = json!({ "a": 7, "b": [{ "c": "e" }], "d": "t", "e": "$.id", "f": "7", "g": [1] });
        assert_eq!(filled(false, template), Ok(expected));
        assert_eq!(
            filled(false, json!({ "x": { "a.$": "$.none" } })),
            Err(
                "The JSONPath '$.none' specified for the field 'a.$' could not be found in the input \
                 '{\"id\":7,\"list\":[1]}'"
                    .to_owned()
            )
        );
    }

    #[test]
    fn expressions_stand_anywhere_in_a_template() {
        let template = json!({ "a": "{% $states.input.list[0] %}", "b": ["{% $tenant.name %}"], "c": "{% 1 + 2 %}", "d": "plain" });
        assert_eq!(
            filled(true, template),
            Ok(json!({ "a": 1, "b": ["t"], "c": 3, "d": "plain" }))
        );
        let cause = filled(true, json!({ "a": { "b": "{% $nobody %}" } })).unwrap_err();
        assert!(cause.contains("'Output/a/b'"), "{cause}");
    }
}
