//! One state of a definition, and how data flow through it: what it works on, and what becomes of its result.

use serde_json::{Map, Value, json};

use super::template::Scope;
use super::{Failure, MOST_BYTES, validate};
use crate::core::json_path;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Pass,
    Succeed,
    Fail,
    Choice,
    Wait,
    Http,
    /// A task of another service: only with a mock.
    Other,
    Map,
    Parallel,
}

impl Kind {
    pub(super) fn of(state: &Value) -> Self {
        let member = |name: &str| state[name].as_str().unwrap_or_default();
        match (member("Type"), member("Resource")) {
            ("Pass", _) => Self::Pass,
            ("Succeed", _) => Self::Succeed,
            ("Fail", _) => Self::Fail,
            ("Choice", _) => Self::Choice,
            ("Wait", _) => Self::Wait,
            ("Map", _) => Self::Map,
            ("Parallel", _) => Self::Parallel,
            ("Task", resource) if validate::is_http_invoke(resource) => Self::Http,
            _ => Self::Other,
        }
    }

    /// Whether something can stand in for its work.
    pub(super) fn takes_mock(self) -> bool {
        matches!(self, Self::Http | Self::Other | Self::Map | Self::Parallel)
    }

    /// What the types of its events begin with.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Pass => "Pass",
            Self::Succeed => "Succeed",
            Self::Fail => "Fail",
            Self::Choice => "Choice",
            Self::Wait => "Wait",
            Self::Http | Self::Other => "Task",
            Self::Map => "Map",
            Self::Parallel => "Parallel",
        }
    }

    pub(super) fn is_task(self) -> bool {
        matches!(self, Self::Http | Self::Other)
    }
}

/// The name of a state that is tested without its machine.
pub(super) const UNNAMED: &str = "StateName";

/// A state, and the language that its machine speaks unless it says otherwise.
#[derive(Clone, Copy, Debug)]
pub(super) struct Definition<'d> {
    pub(super) kind: Kind,
    pub(super) jsonata: bool,
    pub(super) state: &'d Value,
}

/// What becomes of a state that did its work.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) output: Value,
    /// The variables that the state assigns, where it assigns any.
    pub(super) assigned: Option<Map<String, Value>>,
}

/// What a test shows of the way from input to output; an execution notes nothing.
#[derive(Debug, Default)]
pub(super) struct Notes(Option<Map<String, Value>>);

impl Notes {
    pub(super) fn taken() -> Self {
        Self(Some(Map::new()))
    }

    /// Notes a value by its JSON text.
    pub(super) fn note(&mut self, name: &str, value: &Value) {
        if let Some(notes) = &mut self.0 {
            notes.insert(name.to_owned(), value.to_string().into());
        }
    }

    /// Notes a list by the JSON texts of its items. Recorded: a comma and a blank stand between them.
    pub(super) fn note_list(&mut self, name: &str, items: &[Value]) {
        let items: Vec<String> = items.iter().map(Value::to_string).collect();
        self.put(name, format!("[{}]", items.join(", ")));
    }

    /// Notes a value as it is.
    pub(super) fn put(&mut self, name: &str, value: impl Into<Value>) {
        if let Some(notes) = &mut self.0 {
            notes.insert(name.to_owned(), value.into());
        }
    }

    pub(super) fn into_value(self) -> Value {
        Value::Object(self.0.unwrap_or_default())
    }
}

impl<'d> Definition<'d> {
    /// A state of a machine that speaks a language.
    pub(super) fn new(state: &'d Value, machine_language: Option<&str>) -> Self {
        let language = state["QueryLanguage"].as_str().or(machine_language);
        Self {
            kind: Kind::of(state),
            jsonata: language == Some("JSONata"),
            state,
        }
    }

    /// Whether a task goes on after its call was answered.
    pub(super) fn waits_for_more(&self) -> bool {
        let resource = self.state["Resource"].as_str().unwrap_or_default();
        self.kind == Kind::Other
            && [".sync", ".sync:2", ".waitForTaskToken"]
                .iter()
                .any(|end| resource.ends_with(end))
    }

    pub(super) fn next(&self) -> Option<&'d str> {
        self.state["Next"].as_str()
    }

    fn path(&self, name: &str, scope: &Scope<'_>) -> Result<Value, Failure> {
        match self.state.get(name) {
            Some(Value::Null) => Ok(json!({})),
            Some(Value::String(path)) => scope.found(path),
            _ => Ok(scope.input.clone()),
        }
    }

    /// InputPath.
    pub(super) fn effective_input(&self, scope: &Scope<'_>) -> Result<Value, Failure> {
        if self.jsonata {
            return Ok(scope.input.clone());
        }
        self.path("InputPath", scope)
    }

    /// Parameters or Arguments, filled; the input where there are none.
    pub(super) fn arguments(&self, scope: &Scope<'_>) -> Result<Value, Failure> {
        let field = if self.jsonata { "Arguments" } else { "Parameters" };
        match self.state.get(field) {
            Some(template) => scope.fill(template, field),
            None => Ok(scope.input.clone()),
        }
    }

    /// A field's value: plain or an expression, or, in JSONPath, what the field with `Path` at its end names. Gives
    /// the path too, where there is one.
    pub(super) fn field(
        &self,
        name: &str,
        scope: &Scope<'_>,
    ) -> Result<Option<(Value, Option<&'d str>)>, Failure> {
        if let Some(value) = self.state.get(name) {
            return Ok(Some((scope.fill(value, name)?, None)));
        }
        match self.state[format!("{name}Path")].as_str() {
            Some(path) => Ok(Some((scope.found(path)?, Some(path)))),
            None => Ok(None),
        }
    }

    /// Finishes a state that did its work: Assign, ResultSelector, ResultPath and OutputPath, or Assign and Output.
    /// `raw` has the state's own input, beside which ResultPath puts the result, whatever InputPath left of it; `rule`
    /// is the choice rule that held, whose Assign and Output count.
    pub(super) fn finish(
        &self,
        raw: &Scope<'_>,
        result: Value,
        rule: Option<&Value>,
        notes: &mut Notes,
    ) -> Result<Outcome, Failure> {
        let says = rule.unwrap_or(self.state);
        let assigned = self.assigned(says, raw, &result)?;
        if let Some(assigned) = &assigned {
            let mut variables = raw.variables.as_object().cloned().unwrap_or_default();
            variables.extend(assigned.clone());
            notes.note("variables", &Value::Object(variables));
        }
        let output = if self.jsonata {
            let with_result = Scope {
                result: Some(&result),
                ..raw.clone()
            };
            match says.get("Output").or_else(|| self.state.get("Output")) {
                Some(template) => with_result.fill(template, "Output")?,
                None => result,
            }
        } else {
            self.by_paths(raw, result, notes)?
        };
        Ok(Outcome { output, assigned })
    }

    /// The variables of an Assign. In JSONPath its `$` is the result.
    fn assigned(
        &self,
        says: &Value,
        raw: &Scope<'_>,
        result: &Value,
    ) -> Result<Option<Map<String, Value>>, Failure> {
        let Some(template) = says.get("Assign") else {
            return Ok(None);
        };
        let scope = Scope {
            input: if self.jsonata { raw.input } else { result },
            result: Some(result),
            ..raw.clone()
        };
        match scope.fill(template, "Assign")? {
            Value::Object(assigned) => Ok(Some(assigned)),
            _ => Ok(None),
        }
    }

    fn by_paths(&self, raw: &Scope<'_>, result: Value, notes: &mut Notes) -> Result<Value, Failure> {
        let flows = !matches!(self.kind, Kind::Succeed | Kind::Choice | Kind::Wait);
        let result = match self.state.get("ResultSelector").filter(|_| flows) {
            Some(selector) => {
                let on_result = Scope {
                    input: &result,
                    ..raw.clone()
                };
                on_result.fill(selector, "ResultSelector")?
            }
            None => result,
        };
        let whole = if flows {
            notes.note("afterResultSelector", &result);
            let whole = beside(self.state, raw.input, result)?;
            notes.note("afterResultPath", &whole);
            whole
        } else {
            result
        };
        let on_whole = Scope {
            input: &whole,
            ..raw.clone()
        };
        self.path("OutputPath", &on_whole)
    }

    /// What a catcher makes of an error.
    pub(super) fn caught(
        &self,
        catcher: &Value,
        raw: &Scope<'_>,
        failure: &Failure,
    ) -> Result<Outcome, Failure> {
        let error = failure.output();
        let with_error = Scope {
            error: Some(&error),
            ..raw.clone()
        };
        let assigned = match catcher.get("Assign") {
            Some(template) if self.jsonata => with_error.fill(template, "Catch/Assign")?,
            Some(template) => {
                let on_error = Scope {
                    input: &error,
                    ..raw.clone()
                };
                on_error.fill(template, "Assign")?
            }
            None => Value::Null,
        };
        let output = match (self.jsonata, catcher.get("Output")) {
            (true, Some(template)) => with_error.fill(template, "Catch/Output")?,
            (true, None) => error,
            (false, _) => beside(catcher, raw.input, error)?,
        };
        Ok(Outcome {
            output,
            assigned: assigned.as_object().cloned(),
        })
    }
}

/// Whether a value weighs more than a state may put out.
pub(super) fn is_too_large(value: &Value) -> bool {
    value.to_string().len() > MOST_BYTES
}

/// Puts a result beside the input, where ResultPath says.
fn beside(handler: &Value, input: &Value, result: Value) -> Result<Value, Failure> {
    match handler.get("ResultPath") {
        None => Ok(result),
        Some(Value::Null) => Ok(input.clone()),
        Some(path) => {
            let path = path.as_str().unwrap_or("$");
            let mut whole = input.clone();
            if !json_path::put(&mut whole, path, result) {
                return Err(Failure::of_state(
                    "States.ReferencePathConflict",
                    format!("Unable to apply ReferencePath {path} to input {input}"),
                ));
            }
            Ok(whole)
        }
    }
}
