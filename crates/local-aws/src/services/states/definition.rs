//! A state's definition: what it may contain, and how its input and output flow.

use serde_json::{Map, Value, json};

use super::template::Scope;
use super::{Failure, validate};
use crate::core::error::{Answer, ApiError};
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
    /// Whether something can stand in for its work.
    pub(super) fn takes_mock(self) -> bool {
        matches!(self, Self::Http | Self::Other | Self::Map | Self::Parallel)
    }
}

/// The name of a state that is tested without its machine.
pub(super) const UNNAMED: &str = "StateName";

#[derive(Debug)]
pub(super) struct Definition {
    pub(super) kind: Kind,
    pub(super) jsonata: bool,
    pub(super) state: Value,
}

pub(super) fn invalid(message: impl std::fmt::Display) -> ApiError {
    ApiError::bad_request(
        "InvalidDefinition",
        format!("Invalid State Machine Definition: '{message}'"),
    )
}

/// A definition that is right, but not for a test.
pub(super) fn invalid_for_tests(message: &str) -> ApiError {
    ApiError::bad_request("InvalidDefinition", message)
}

impl Definition {
    /// Reads one state, or the named state of a whole state machine.
    pub(super) fn parse(text: &str, state_name: Option<&str>) -> Answer<Self> {
        let whole: Value = serde_json::from_str(text)
            .map_err(|error| invalid(format_args!("INVALID_JSON_DESCRIPTION: {error}")))?;
        let language = whole.get("QueryLanguage").cloned();
        let mut state = match (whole.get("States"), state_name) {
            (Some(_), Some(name)) => {
                let found = find(&whole, name).cloned();
                found.ok_or_else(|| super::validation("State not found in definition"))?
            }
            (Some(_), None) => {
                return Err(invalid(
                    "a state machine needs stateName, to tell which state is meant",
                ));
            }
            (None, _) => whole,
        };
        if let (Some(language), Value::Object(members)) = (language, &mut state) {
            members.entry("QueryLanguage").or_insert(language);
        }
        let at = format!("/States/{}", state_name.unwrap_or(UNNAMED));
        let problems = validate::state(&state, &at, validate::Machine::default());
        let errors: Vec<String> = problems
            .iter()
            .filter(|problem| problem.is_error)
            .map(ToString::to_string)
            .collect();
        if !errors.is_empty() {
            return Err(invalid(errors.join(", ")));
        }
        let member = |name: &str| state[name].as_str().unwrap_or_default();
        let kind = match (member("Type"), member("Resource")) {
            ("Pass", _) => Kind::Pass,
            ("Succeed", _) => Kind::Succeed,
            ("Fail", _) => Kind::Fail,
            ("Choice", _) => Kind::Choice,
            ("Wait", _) => Kind::Wait,
            ("Map", _) => Kind::Map,
            ("Parallel", _) => Kind::Parallel,
            ("Task", resource) if validate::is_http_invoke(resource) => Kind::Http,
            _ => Kind::Other,
        };
        Ok(Self {
            kind,
            jsonata: member("QueryLanguage") == "JSONata",
            state,
        })
    }

    /// Whether a task goes on after its call was answered.
    pub(super) fn waits_for_more(&self) -> bool {
        let resource = self.state["Resource"].as_str().unwrap_or_default();
        self.kind == Kind::Other
            && [".sync", ".sync:2", ".waitForTaskToken"]
                .iter()
                .any(|end| resource.ends_with(end))
    }

    pub(super) fn next(&self) -> Option<&str> {
        self.state["Next"].as_str()
    }

    fn path(&self, name: &str, scope: &Scope<'_>) -> Result<Value, Failure> {
        match self.state.get(name) {
            Some(Value::Null) => Ok(json!({})),
            Some(Value::String(path)) => scope
                .at(path)
                .cloned()
                .ok_or_else(|| Failure::runtime(format!("Invalid path '{path}' in {name}"))),
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
            Some(template) => scope.fill(template),
            None => Ok(scope.input.clone()),
        }
    }

    /// What becomes of a result: ResultSelector, ResultPath, OutputPath, or Output. `scope` has the state's raw input,
    /// beside which ResultPath puts the result, whatever InputPath left of it.
    pub(super) fn output(
        &self,
        scope: &Scope<'_>,
        result: Value,
        data: &mut Map<String, Value>,
    ) -> Result<Value, Failure> {
        let flows = !matches!(self.kind, Kind::Succeed | Kind::Choice | Kind::Wait);
        if self.jsonata {
            let with_result = Scope {
                result: Some(&result),
                ..scope.clone()
            };
            return match self.state.get("Output") {
                Some(template) => with_result.fill(template),
                None => Ok(result),
            };
        }
        let result = match self.state.get("ResultSelector").filter(|_| flows) {
            Some(selector) => {
                let on_result = Scope {
                    input: &result,
                    ..scope.clone()
                };
                on_result.fill(selector)?
            }
            None => result,
        };
        let whole = if flows {
            data.insert("afterResultSelector".to_owned(), result.to_string().into());
            let whole = beside(&self.state, scope.input, result)?;
            data.insert("afterResultPath".to_owned(), whole.to_string().into());
            whole
        } else {
            result
        };
        let on_whole = Scope {
            input: &whole,
            ..scope.clone()
        };
        self.path("OutputPath", &on_whole)
    }

    /// The variables after the state, where it assigns any.
    pub(super) fn assigned(&self, scope: &Scope<'_>) -> Result<Option<Value>, Failure> {
        let Some(template) = self.state.get("Assign") else {
            return Ok(None);
        };
        let mut variables = scope.variables.as_object().cloned().unwrap_or_default();
        if let Value::Object(assigned) = scope.fill(template)? {
            variables.extend(assigned);
        }
        Ok(Some(Value::Object(variables)))
    }

    /// The status after a failure, and the catcher that takes it.
    pub(super) fn after_failure(
        &self,
        error: &str,
        tried: u64,
        data: &mut Map<String, Value>,
    ) -> (&'static str, Option<&Value>) {
        let matches = |handler: &Value| {
            let names = handler.get("ErrorEquals").and_then(Value::as_array);
            names
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .any(|name| match name {
                    // A runtime error is taken by none but its own name ("Error names").
                    "States.ALL" => !matches!(error, "States.Runtime" | "States.DataLimitExceeded"),
                    "States.TaskFailed" => error != "States.Timeout",
                    name => name == error,
                })
        };
        let first = |field: &str| {
            let handlers = self.state.get(field).and_then(Value::as_array)?;
            handlers.iter().enumerate().find(|(_, handler)| matches(handler))
        };
        let number = |handler: &Value, name: &str, default: f64| {
            handler.get(name).and_then(Value::as_f64).unwrap_or(default)
        };
        let retries = |retrier: &Value| (tried as f64) < number(retrier, "MaxAttempts", 3.0);
        if let Some((index, retrier)) = first("Retry").filter(|(_, retrier)| retries(retrier)) {
            let exponent = i32::try_from(tried).unwrap_or(i32::MAX);
            let growth = number(retrier, "BackoffRate", 2.0).powi(exponent);
            let wait = number(retrier, "IntervalSeconds", 1.0) * growth;
            let wait = wait.min(number(retrier, "MaxDelaySeconds", 31_622_400.0));
            data.insert(
                "errorDetails".to_owned(),
                json!({ "retryIndex": index, "retryBackoffIntervalSeconds": wait as u64 }),
            );
            return ("RETRIABLE", None);
        }
        match (first("Catch"), first("Retry")) {
            (Some((index, catcher)), _) => {
                data.insert("errorDetails".to_owned(), json!({ "catchIndex": index }));
                ("CAUGHT_ERROR", Some(catcher))
            }
            // One that has tried often enough is still told.
            (None, Some((index, _))) => {
                data.insert("errorDetails".to_owned(), json!({ "retryIndex": index }));
                ("FAILED", None)
            }
            (None, None) => ("FAILED", None),
        }
    }
}

/// A state by its name, also inside Map and Parallel states.
fn find<'v>(machine: &'v Value, name: &str) -> Option<&'v Value> {
    let states = machine.get("States")?;
    states.get(name).or_else(|| {
        states.as_object()?.values().find_map(|state| {
            let branches = state["Branches"].as_array().into_iter().flatten();
            let inner = ["ItemProcessor", "Iterator"]
                .iter()
                .filter_map(|field| state.get(*field));
            branches.chain(inner).find_map(|machine| find(machine, name))
        })
    })
}

/// Puts a result beside the input, where ResultPath says.
pub(super) fn beside(handler: &Value, input: &Value, result: Value) -> Result<Value, Failure> {
    match handler.get("ResultPath") {
        None => Ok(result),
        Some(Value::Null) => Ok(input.clone()),
        Some(path) => {
            let path = path.as_str().unwrap_or("$");
            let mut whole = input.clone();
            if !json_path::put(&mut whole, path, result) {
                return Err(Failure {
                    error: "States.ResultPathMatchFailure".to_owned(),
                    cause: format!("Unable to apply ResultPath {path} to the input"),
                });
            }
            Ok(whole)
        }
    }
}
