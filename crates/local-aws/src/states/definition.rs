//! A state's definition: what it may contain, and how its input and output flow.

use serde_json::{Map, Value, json};

use super::http_task::Failure;
use super::paths;
use crate::error::{Answer, ApiError};

pub(super) enum Kind {
    Pass {
        result: Option<Value>,
    },
    Succeed,
    Fail {
        error: String,
        cause: String,
    },
    /// Parameters, or Arguments in JSONata.
    Http {
        arguments: Value,
    },
}

pub(super) struct Definition {
    pub(super) kind: Kind,
    pub(super) next: Option<String>,
    pub(super) is_jsonata: bool,
    state: Value,
}

fn invalid(message: impl std::fmt::Display) -> ApiError {
    ApiError::bad_request(
        "InvalidDefinition",
        format!("Invalid State Machine Definition: '{message}'"),
    )
}

fn runtime(cause: impl Into<String>) -> Failure {
    Failure {
        error: "States.Runtime".to_owned(),
        cause: cause.into(),
    }
}

impl Definition {
    /// Reads one state, or the named state of a whole state machine.
    pub(super) fn parse(text: &str, state_name: Option<&str>) -> Answer<Self> {
        let whole: Value = serde_json::from_str(text)
            .map_err(|error| invalid(format_args!("INVALID_JSON_DESCRIPTION: {error}")))?;
        let language = whole.get("QueryLanguage").cloned();
        let mut state = match (whole.get("States"), state_name) {
            (Some(states), Some(name)) => states
                .get(name)
                .cloned()
                .ok_or_else(|| invalid(format_args!("MISSING_STATE: there is no state {name}")))?,
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
        let member = |name: &str| state.get(name).and_then(Value::as_str).map(str::to_owned);
        let is_jsonata = match member("QueryLanguage").as_deref() {
            None | Some("JSONPath") => false,
            Some("JSONata") => true,
            Some(other) => {
                return Err(invalid(format_args!(
                    "SCHEMA_VALIDATION_FAILED: {other} is no QueryLanguage"
                )));
            }
        };
        let kind = match member("Type").as_deref() {
            None => return Err(invalid("SCHEMA_VALIDATION_FAILED: The field 'Type' is missing")),
            Some("Pass") => Kind::Pass {
                result: state.get("Result").cloned(),
            },
            Some("Succeed") => Kind::Succeed,
            Some("Fail") => Kind::Fail {
                error: member("Error").unwrap_or_default(),
                cause: member("Cause").unwrap_or_default(),
            },
            Some("Task") => match member("Resource").as_deref() {
                Some("arn:aws:states:::http:invoke") => Kind::Http {
                    arguments: arguments(&state, is_jsonata)?,
                },
                Some(other) => {
                    return Err(invalid(format_args!(
                        "the resource {other} is not served here; only http:invoke is"
                    )));
                }
                None => {
                    return Err(invalid(
                        "SCHEMA_VALIDATION_FAILED: The field 'Resource' is missing",
                    ));
                }
            },
            Some(other) => {
                return Err(invalid(format_args!(
                    "states of type {other} are not served here"
                )));
            }
        };
        let next = member("Next");
        let ends = state.get("End").and_then(Value::as_bool).unwrap_or(false);
        if matches!(kind, Kind::Pass { .. } | Kind::Http { .. }) && next.is_some() == ends {
            return Err(invalid(
                "SCHEMA_VALIDATION_FAILED: exactly one of 'Next' and 'End' must be given",
            ));
        }
        for path in ["InputPath", "OutputPath", "ResultPath"] {
            if state
                .get(path)
                .and_then(Value::as_str)
                .is_some_and(|path| !paths::is_path(path))
            {
                return Err(invalid(format_args!(
                    "INVALID_PATH: the value of {path} is not a reference path that is served here"
                )));
            }
        }
        Ok(Self {
            kind,
            next,
            is_jsonata,
            state,
        })
    }

    fn path(&self, name: &str, value: &Value) -> Result<Option<Value>, Failure> {
        match self.state.get(name) {
            Some(Value::Null) => Ok(None),
            Some(Value::String(path)) => {
                let found = paths::get(value, path);
                found
                    .cloned()
                    .map(Some)
                    .ok_or_else(|| runtime(format!("Invalid path '{path}' in {name}")))
            }
            _ => Ok(Some(value.clone())),
        }
    }

    pub(super) fn effective_input(&self, input: &Value) -> Result<Value, Failure> {
        Ok(self.path("InputPath", input)?.unwrap_or_else(|| json!({})))
    }

    /// Fills a payload template: members that end in `.$` from the input, in JSONata the texts in `{% %}`.
    pub(super) fn evaluate(&self, template: &Value, input: &Value) -> Result<Value, Failure> {
        match template {
            Value::Object(members) => {
                let mut filled = Map::new();
                for (name, value) in members {
                    match (name.strip_suffix(".$"), value) {
                        (Some(name), Value::String(path)) if !self.is_jsonata => {
                            let value = paths::get(input, path).ok_or_else(|| {
                                runtime(format!("The path '{path}' could not be found in the input"))
                            })?;
                            filled.insert(name.to_owned(), value.clone());
                        }
                        _ => {
                            filled.insert(name.clone(), self.evaluate(value, input)?);
                        }
                    }
                }
                Ok(Value::Object(filled))
            }
            Value::Array(items) => items
                .iter()
                .map(|item| self.evaluate(item, input))
                .collect::<Result<_, _>>()
                .map(Value::Array),
            Value::String(text) if self.is_jsonata => {
                let Some(expression) = text.strip_prefix("{%").and_then(|text| text.strip_suffix("%}"))
                else {
                    return Ok(template.clone());
                };
                let plain = expression
                    .trim()
                    .strip_prefix("$states.input")
                    .map(|rest| format!("${rest}"));
                let value = plain.as_deref().and_then(|path| paths::get(input, path));
                value.cloned().ok_or_else(|| Failure {
                    error: "States.QueryEvaluationError".to_owned(),
                    cause: format!(
                        "The expression '{}' could not be evaluated here",
                        expression.trim()
                    ),
                })
            }
            plain => Ok(plain.clone()),
        }
    }

    /// What becomes of a result: ResultSelector, ResultPath, OutputPath.
    pub(super) fn output(
        &self,
        input: &Value,
        result: Value,
        data: &mut Map<String, Value>,
    ) -> Result<Value, Failure> {
        if self.is_jsonata {
            return Ok(result);
        }
        let result = match self.state.get("ResultSelector") {
            Some(selector) => self.evaluate(selector, &result)?,
            None => result,
        };
        data.insert("afterResultSelector".to_owned(), result.to_string().into());
        let whole = match self.state.get("ResultPath") {
            None => result,
            Some(Value::Null) => input.clone(),
            Some(path) => {
                let path = path.as_str().unwrap_or("$");
                let mut whole = input.clone();
                if !paths::put(&mut whole, path, result) {
                    return Err(Failure {
                        error: "States.ResultPathMatchFailure".to_owned(),
                        cause: format!("Unable to apply ResultPath {path} to the input"),
                    });
                }
                whole
            }
        };
        data.insert("afterResultPath".to_owned(), whole.to_string().into());
        Ok(self.path("OutputPath", &whole)?.unwrap_or_else(|| json!({})))
    }

    /// The status after a failure, and the state that a catcher goes to.
    pub(super) fn after_failure(
        &self,
        error: &str,
        request: &Value,
        data: &mut Map<String, Value>,
    ) -> (&'static str, Option<String>) {
        let matches = |handler: &Value| {
            let names = handler.get("ErrorEquals").and_then(Value::as_array);
            names
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .any(|name| match name {
                    "States.ALL" => error != "States.Runtime",
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
        let tried = request
            .pointer("/stateConfiguration/retrierRetryCount")
            .and_then(Value::as_u64)
            .unwrap_or(0);
        if let Some((index, retrier)) =
            first("Retry").filter(|(_, r)| (tried as f64) < number(r, "MaxAttempts", 3.0))
        {
            let exponent = i32::try_from(tried).unwrap_or(i32::MAX);
            let wait =
                number(retrier, "IntervalSeconds", 1.0) * number(retrier, "BackoffRate", 2.0).powi(exponent);
            data.insert(
                "errorDetails".to_owned(),
                json!({ "retryIndex": index, "retryBackoffIntervalSeconds": wait.min(31_622_400.0) as u64 }),
            );
            return ("RETRIABLE", None);
        }
        if let Some((index, catcher)) = first("Catch") {
            data.insert("errorDetails".to_owned(), json!({ "catchIndex": index }));
            return (
                "CAUGHT_ERROR",
                catcher.get("Next").and_then(Value::as_str).map(str::to_owned),
            );
        }
        ("FAILED", None)
    }
}

/// The arguments of an HTTP task, which must have what every call needs, plain or by a path.
fn arguments(state: &Value, is_jsonata: bool) -> Answer<Value> {
    let field = if is_jsonata { "Arguments" } else { "Parameters" };
    let arguments = state.get(field).filter(|arguments| arguments.is_object());
    let arguments = arguments.ok_or_else(|| {
        invalid(format_args!(
            "SCHEMA_VALIDATION_FAILED: The field '{field}' is missing"
        ))
    })?;
    let has = |arguments: &Value, name: &str| {
        arguments.get(name).is_some() || arguments.get(format!("{name}.$")).is_some()
    };
    for name in ["ApiEndpoint", "Method"] {
        if !has(arguments, name) {
            return Err(invalid(format_args!(
                "SCHEMA_VALIDATION_FAILED: The field '{name}' is required but was missing at /{field}"
            )));
        }
    }
    let connection = ["InvocationConfig", "Authentication"]
        .iter()
        .filter_map(|name| arguments.get(*name));
    if !connection.into_iter().any(|block| has(block, "ConnectionArn")) {
        return Err(invalid(format_args!(
            "SCHEMA_VALIDATION_FAILED: The field 'InvocationConfig.ConnectionArn' is required but was missing at /{field}"
        )));
    }
    Ok(arguments.clone())
}
