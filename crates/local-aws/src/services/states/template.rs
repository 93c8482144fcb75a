//! Values of a state's fields: plain ones, reference paths in JSONPath, and in JSONata the expressions that only
//! name a value. What would have to be computed is refused by name, never guessed.

use serde_json::{Map, Value};

use super::Failure;
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

impl<'s> Scope<'s> {
    /// The value that a reference path names: `$.a` of the input, `$$.a` of the context, `$name.a` of a variable.
    pub(super) fn at(&self, path: &str) -> Option<&'s Value> {
        if let Some(rest) = path.strip_prefix("$$") {
            return json_path::get(self.context, &format!("${rest}"));
        }
        match path
            .strip_prefix('$')
            .filter(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()))
        {
            Some(variable) => json_path::get(self.variables, &format!("$.{variable}")),
            None => json_path::get(self.input, path),
        }
    }

    /// Fills a template: in JSONPath the members that end in `.$`, in JSONata the texts in `{% %}`.
    pub(super) fn fill(&self, template: &Value) -> Result<Value, Failure> {
        match template {
            Value::Object(members) => {
                let mut filled = Map::new();
                for (name, value) in members {
                    match (name.strip_suffix(".$"), value) {
                        (Some(name), Value::String(path)) if !self.jsonata => {
                            filled.insert(name.to_owned(), self.reference(path)?);
                        }
                        _ => {
                            filled.insert(name.clone(), self.fill(value)?);
                        }
                    }
                }
                Ok(Value::Object(filled))
            }
            Value::Array(items) => items.iter().map(|item| self.fill(item)).collect(),
            Value::String(text) if self.jsonata => match expression(text) {
                Some(expression) => self.evaluate(expression),
                None => Ok(template.clone()),
            },
            plain => Ok(plain.clone()),
        }
    }

    fn reference(&self, path: &str) -> Result<Value, Failure> {
        if path.starts_with("States.") {
            return Err(Failure::runtime(format!(
                "The intrinsic function '{path}' is not evaluated here"
            )));
        }
        self.at(path)
            .cloned()
            .ok_or_else(|| Failure::runtime(format!("The JSONPath '{path}' could not be found in the input")))
    }

    /// All that `$states` has.
    fn states(&self) -> Value {
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

    /// Evaluates an expression that names a value, or is one.
    pub(super) fn evaluate(&self, expression: &str) -> Result<Value, Failure> {
        let whole = expression.trim();
        let of = |root: Option<&'s Value>, rest: &str| json_path::get(root?, &format!("${rest}")).cloned();
        let found = if whole == "$states" {
            Some(self.states())
        } else if let Some(rest) = whole.strip_prefix("$states.input") {
            of(Some(self.input), rest)
        } else if let Some(rest) = whole.strip_prefix("$states.context") {
            of(Some(self.context), rest)
        } else if let Some(rest) = whole.strip_prefix("$states.result") {
            of(self.result, rest)
        } else if let Some(rest) = whole.strip_prefix("$states.errorOutput") {
            of(self.error, rest)
        } else if let Some(variable) = whole.strip_prefix('$') {
            json_path::get(self.variables, &format!("$.{variable}")).cloned()
        } else {
            let quoted = whole.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
            match quoted.filter(|text| !text.contains(['\'', '\\'])) {
                Some(text) => Some(text.into()),
                None => serde_json::from_str(whole).ok(),
            }
        };
        found.ok_or_else(|| Failure {
            error: "States.QueryEvaluationError".to_owned(),
            cause: format!(
                "The JSONata expression '{whole}' could not be evaluated: here an expression names a value that is there, or is one"
            ),
        })
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
        scope.fill(&template).map_err(|failure| failure.error)
    }

    #[test]
    fn paths_name_input_context_and_variables() {
        let template = json!({ "a.$": "$.id", "b": [{ "c.$": "$$.Execution.Name" }], "d.$": "$tenant.name", "e": "$.id" });
        let expected = json!({ "a": 7, "b": [{ "c": "e" }], "d": "t", "e": "$.id" });
        assert_eq!(filled(false, template), Ok(expected));
        assert_eq!(
            filled(false, json!({ "a.$": "$.none" })),
            Err("States.Runtime".to_owned())
        );
    }

    #[test]
    fn expressions_name_values_or_are_ones() {
        let template = json!({ "a": "{% $states.input.list[0] %}", "b": "{% $tenant.name %}", "c": "{% 'x' %}", "d": "{% 3 %}" });
        assert_eq!(
            filled(true, template),
            Ok(json!({ "a": 1, "b": "t", "c": "x", "d": 3 }))
        );
        assert_eq!(
            filled(true, json!("{% $sum($states.input.list) %}")),
            Err("States.QueryEvaluationError".to_owned())
        );
    }
}
