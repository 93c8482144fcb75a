//! What is wrong with a definition: the check before a test, and ValidateStateMachineDefinition.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Map, Value, json};

use crate::core::json_path;

/// Whether a resource is the HTTP task, in any partition.
pub(super) fn is_http_invoke(resource: &str) -> bool {
    let rest = resource.strip_prefix("arn:aws").unwrap_or_default();
    rest.split_once(':')
        .is_some_and(|(_, rest)| rest == "states:::http:invoke")
}

/// What a state machine says for all of its states.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Machine<'m> {
    language: Option<&'m str>,
    is_express: bool,
}

/// One finding; `location` is a JSON pointer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Problem {
    pub(super) is_error: bool,
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) location: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} at {}", self.code, self.message, self.location)
    }
}

impl Problem {
    fn schema(location: &str, message: impl Into<String>) -> Self {
        Self {
            is_error: true,
            code: "SCHEMA_VALIDATION_FAILED",
            message: message.into(),
            location: if location.is_empty() { "/" } else { location }.to_owned(),
        }
    }

    /// Fields that are not there: one finding for all of them.
    fn missing(location: &str, fields: &[&str]) -> Option<Self> {
        let message = format!("These fields are required: [{}]", fields.join(", "));
        (!fields.is_empty()).then(|| Self::schema(location, message))
    }

    fn json(&self) -> Value {
        let mut finding = json!({ "severity": if self.is_error { "ERROR" } else { "WARNING" }, "code": self.code,
            "message": self.message });
        if !self.location.is_empty() {
            finding["location"] = self.location.clone().into();
        }
        finding
    }
}

/// The answer of ValidateStateMachineDefinition.
pub(super) fn answer(text: &str, is_express: bool, with_warnings: bool, most: usize) -> Value {
    let top = Machine {
        language: None,
        is_express,
    };
    let no_object = || Problem {
        location: String::new(),
        ..Problem::schema("", "Definition must be a valid JSON object")
    };
    let mut problems = match serde_json::from_str::<Value>(text) {
        Ok(definition) if definition.is_object() => machine(&definition, "", top),
        Ok(_) => vec![no_object()],
        Err(_) if text.trim().is_empty() => vec![no_object()],
        Err(error) => vec![Problem {
            is_error: true,
            code: "INVALID_JSON_DESCRIPTION",
            message: error.to_string(),
            location: format!(
                "[Source: (String); line: {}, column: {}]",
                error.line(),
                error.column()
            ),
        }],
    };
    let failed = problems.iter().any(|problem| problem.is_error);
    problems.retain(|problem| problem.is_error || with_warnings);
    let truncated = problems.len() > most;
    let listed: Vec<Value> = problems.iter().take(most).map(Problem::json).collect();
    json!({ "result": if failed { "FAIL" } else { "OK" }, "diagnostics": listed, "truncated": truncated })
}

/// Escapes a name for a JSON pointer (RFC 6901).
fn token(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn machine(definition: &Value, at: &str, outer: Machine<'_>) -> Vec<Problem> {
    let absent = |field: &&str| definition.get(*field).is_none();
    let missing: Vec<&str> = ["States", "StartAt"]
        .into_iter()
        .filter(|field| absent(field))
        .collect();
    if let Some(problem) = Problem::missing(at, &missing) {
        return vec![problem];
    }
    let mut problems = Vec::new();
    let own = Machine {
        language: definition["QueryLanguage"].as_str().or(outer.language),
        ..outer
    };
    let empty = Map::new();
    let states = definition["States"].as_object().unwrap_or(&empty);
    if states.is_empty() {
        problems.push(Problem::schema(&format!("{at}/States"), "Value cannot be empty"));
    }
    let mut reached = BTreeSet::new();
    let mut go = |name: &str, location: String, problems: &mut Vec<Problem>| {
        reached.insert(name.to_owned());
        if !states.contains_key(name) {
            problems.push(Problem {
                is_error: true,
                code: "MISSING_TRANSITION_TARGET",
                message: format!("Missing 'Next' target: {name}"),
                location,
            });
        }
    };
    let start = definition["StartAt"].as_str().unwrap_or_default();
    go(start, format!("{at}/StartAt"), &mut problems);
    for (name, state) in states {
        let location = format!("{at}/States/{}", token(name));
        if name.chars().count() > 80 {
            problems.push(Problem::schema(
                &location,
                "A state's name has at most 80 characters",
            ));
        }
        problems.extend(self::state(state, &location, own));
        for (target, field) in targets(state) {
            go(target, format!("{location}{field}"), &mut problems);
        }
        let branches = state["Branches"].as_array().into_iter().flatten();
        for (index, branch) in branches.enumerate() {
            problems.extend(machine(branch, &format!("{location}/Branches/{index}"), own));
        }
        for field in ["ItemProcessor", "Iterator"] {
            if let Some(inner) = state.get(field) {
                problems.extend(machine(inner, &format!("{location}/{field}"), own));
            }
        }
    }
    for name in states.keys().filter(|name| !reached.contains(*name)) {
        problems.push(Problem {
            is_error: true,
            code: "MISSING_TRANSITION_TARGET",
            message: format!("State \"{name}\" is not reachable."),
            location: format!("{at}/States/{}", token(name)),
        });
    }
    problems
}

/// Where a state goes, with the field that says so.
fn targets(state: &Value) -> Vec<(&str, String)> {
    let mut targets = Vec::new();
    for field in ["Next", "Default"] {
        targets.extend(state[field].as_str().map(|name| (name, format!("/{field}"))));
    }
    for field in ["Choices", "Catch"] {
        let list = state[field].as_array().into_iter().flatten().enumerate();
        targets.extend(
            list.filter_map(|(index, item)| Some((item["Next"].as_str()?, format!("/{field}/{index}/Next")))),
        );
    }
    targets
}

/// What is wrong with one state by itself.
pub(super) fn state(state: &Value, at: &str, machine: Machine<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    if !state.is_object() {
        return vec![Problem::schema(at, "A state is a JSON object")];
    }
    let own = state["QueryLanguage"].as_str();
    if machine.language == Some("JSONata") && own == Some("JSONPath") {
        problems.push(Problem::schema(
            at,
            "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine",
        ));
    }
    let language = own.or(machine.language).unwrap_or("JSONPath");
    if !matches!(language, "JSONPath" | "JSONata") {
        problems.push(Problem::schema(
            &format!("{at}/QueryLanguage"),
            format!("{language} is no QueryLanguage"),
        ));
    }
    let jsonata = language == "JSONata";
    let missing = |field: &str| Problem::missing(at, &[field]);
    let empty = |field: &str| Problem::schema(&format!("{at}/{field}"), "Value cannot be empty");
    let is_empty = |field: &str| state[field].as_array().is_some_and(Vec::is_empty);
    let kind = state["Type"].as_str();
    match kind {
        None => problems.extend(missing("Type")),
        Some("Pass" | "Succeed" | "Fail") => {}
        Some("Choice") if is_empty("Choices") => problems.push(empty("Choices")),
        Some("Choice") if state.get("Choices").is_none() => problems.extend(missing("Choices")),
        Some("Choice") => {}
        Some("Wait") => {
            let ways = ["Seconds", "Timestamp", "SecondsPath", "TimestampPath"];
            if ways.iter().filter(|way| state.get(**way).is_some()).count() != 1 {
                problems.push(Problem::schema(
                    at,
                    "Exactly one of Seconds, Timestamp, SecondsPath and TimestampPath must be given",
                ));
            }
        }
        Some("Task") => match state["Resource"].as_str() {
            None => problems.extend(missing("Resource")),
            Some(resource) if is_http_invoke(resource) => problems.extend(http(state, at, jsonata)),
            Some(resource) if resource.ends_with(".waitForTaskToken") && machine.is_express => {
                problems.push(Problem::schema(
                    &format!("{at}/Resource"),
                    "Express state machine does not support '.waitForTaskToken' service integration ",
                ));
            }
            Some(resource) if !resource.starts_with("arn:") => problems.push(Problem::schema(
                &format!("{at}/Resource"),
                "The value of 'Resource' is not an ARN",
            )),
            Some(_) => {}
        },
        Some("Parallel") if is_empty("Branches") => problems.push(empty("Branches")),
        Some("Parallel") if state.get("Branches").is_none() => problems.extend(missing("Branches")),
        Some("Parallel") => {}
        Some("Map") if state.get("ItemProcessor").or(state.get("Iterator")).is_none() => {
            problems.extend(missing("ItemProcessor"));
        }
        Some("Map") => {}
        Some(_) => problems.push(Problem::schema(
            &format!("{at}/Type"),
            "The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map]",
        )),
    }
    let goes_on = matches!(kind, Some("Pass" | "Task" | "Wait" | "Parallel" | "Map"));
    let ends = state["End"].as_bool().unwrap_or(false);
    if goes_on && state.get("Next").is_some() == ends {
        problems.push(Problem::schema(
            at,
            "Exactly one of 'Next' and 'End' must be given",
        ));
    }
    for field in [
        "InputPath",
        "OutputPath",
        "ResultPath",
        "Parameters",
        "ResultSelector",
    ] {
        match &state[field] {
            Value::Null => {}
            _ if jsonata => problems.push(Problem::schema(
                &format!("{at}/{field}"),
                format!("'{field}' is not a field of JSONata states"),
            )),
            Value::String(path) if !is_path(path) => problems.push(Problem {
                is_error: true,
                code: "INVALID_PATH",
                message: format!("The value of '{field}' is not a reference path that is served here"),
                location: format!("{at}/{field}"),
            }),
            _ => {}
        }
    }
    if !jsonata {
        for field in ["Arguments", "Output"] {
            if state.get(field).is_some() {
                problems.push(Problem::schema(
                    &format!("{at}/{field}"),
                    format!("'{field}' is a field of JSONata states only"),
                ));
            }
        }
    }
    for field in ["Retry", "Catch"] {
        for (index, handler) in state[field].as_array().into_iter().flatten().enumerate() {
            let location = format!("{at}/{field}/{index}");
            if handler["ErrorEquals"].as_array().is_none_or(Vec::is_empty) {
                problems.push(Problem::schema(&location, "The field 'ErrorEquals' is missing"));
            }
            if field == "Catch" && !handler["Next"].is_string() {
                problems.push(Problem::schema(&location, "The field 'Next' is missing"));
            }
        }
    }
    if kind == Some("Task")
        && state.get("TimeoutSeconds").is_none()
        && state.get("TimeoutSecondsPath").is_none()
    {
        problems.extend(no_timeout(state, at));
    }
    problems
}

/// A task that waits for a token waits a year, if it is not told otherwise.
fn no_timeout(state: &Value, at: &str) -> Option<Problem> {
    let resource = state["Resource"].as_str()?;
    resource.ends_with(".waitForTaskToken").then(|| Problem {
        is_error: false,
        code: "NO_TIMEOUT",
        message: "A task that waits for a token should have TimeoutSeconds".to_owned(),
        location: at.to_owned(),
    })
}

/// `$`, `$$` and variables before a plain path.
fn is_path(path: &str) -> bool {
    let plain = path.strip_prefix("$$").map(|rest| format!("${rest}"));
    let plain = plain.unwrap_or_else(|| path.to_owned());
    let variable = plain
        .strip_prefix('$')
        .filter(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()));
    match variable {
        Some(variable) => json_path::is_reference(&format!("$.{variable}")),
        None => json_path::is_reference(&plain),
    }
}

/// What every HTTP task needs, plain or by a path.
fn http(state: &Value, at: &str, jsonata: bool) -> Vec<Problem> {
    let field = if jsonata { "Arguments" } else { "Parameters" };
    let Some(arguments) = state.get(field) else {
        return vec![Problem::schema(at, format!("The field '{field}' is missing"))];
    };
    // An expression for the whole is known at run time only.
    if !arguments.is_object() {
        return Vec::new();
    }
    let location = format!("{at}/{field}");
    let has = |value: &Value, name: &str| value.get(name).or(value.get(format!("{name}.$"))).is_some();
    let missing = |name: &str| {
        Problem::schema(
            &location,
            format!("The field '{name}' is required but was missing"),
        )
    };
    let mut problems: Vec<Problem> = ["ApiEndpoint", "Method"]
        .into_iter()
        .filter(|name| !has(arguments, name))
        .map(missing)
        .collect();
    let blocks = ["InvocationConfig", "Authentication"];
    let mut blocks = blocks.iter().filter_map(|name| arguments.get(*name));
    if !blocks.any(|block| has(block, "ConnectionArn")) {
        problems.push(missing("InvocationConfig.ConnectionArn"));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(definition: &Value) -> Vec<(String, String)> {
        let answer = answer(&definition.to_string(), false, true, 100);
        let listed = answer["diagnostics"].as_array().unwrap().iter();
        listed
            .map(|one| {
                (
                    one["code"].as_str().unwrap().to_owned(),
                    one["location"].as_str().unwrap().to_owned(),
                )
            })
            .collect()
    }

    #[test]
    fn a_right_machine_has_no_findings() {
        let definition = json!({ "StartAt": "call", "States": {
            "call": { "Type": "Task", "Resource": "arn:aws:states:::http:invoke", "Next": "all", "Parameters": {
                "ApiEndpoint.$": "$.url", "Method": "GET", "InvocationConfig": { "ConnectionArn": "arn:x" } },
                "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "all" }] },
            "all": { "Type": "Parallel", "End": true, "Branches": [
                { "StartAt": "one", "States": { "one": { "Type": "Succeed" } } }] },
        } });
        assert_eq!(codes(&definition), []);
        assert_eq!(answer(&definition.to_string(), false, false, 100)["result"], "OK");
    }

    #[test]
    fn every_finding_names_its_place() {
        let definition = json!({ "StartAt": "a/b", "States": {
            "a/b": { "Type": "Task", "Resource": "arn:aws:states:::http:invoke", "Next": "nowhere", "Parameters": { "Method": "GET",
                "ApiEndpoint": "x" } },
            "lost": { "Type": "Wait", "End": true },
            "odd": { "Type": "Pas", "InputPath": "x" },
        } });
        let expected = [
            ("SCHEMA_VALIDATION_FAILED", "/States/a~1b/Parameters"),
            ("MISSING_TRANSITION_TARGET", "/States/a~1b/Next"),
            ("SCHEMA_VALIDATION_FAILED", "/States/lost"),
            ("SCHEMA_VALIDATION_FAILED", "/States/odd/Type"),
            ("INVALID_PATH", "/States/odd/InputPath"),
            ("MISSING_TRANSITION_TARGET", "/States/lost"),
            ("MISSING_TRANSITION_TARGET", "/States/odd"),
        ]
        .map(|(code, at)| (code.to_owned(), at.to_owned()));
        assert_eq!(codes(&definition), expected);
    }

    #[test]
    fn warnings_come_when_they_are_asked_for_and_long_lists_are_cut() {
        let task = json!({ "Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "End": true });
        let text = json!({ "StartAt": "t", "States": { "t": task } }).to_string();
        assert_eq!(answer(&text, false, false, 100)["diagnostics"], json!([]));
        let warned = answer(&text, false, true, 100);
        assert_eq!(
            (&warned["result"], &warned["diagnostics"][0]["severity"]),
            (&json!("OK"), &json!("WARNING"))
        );
        let broken = answer("{", false, true, 100);
        assert_eq!(broken["diagnostics"][0]["code"], "INVALID_JSON_DESCRIPTION");
        let two = json!({ "StartAt": "a", "States": { "b": { "Type": "Pass" } } }).to_string();
        let cut = answer(&two, false, true, 1);
        assert_eq!(
            (cut["diagnostics"].as_array().unwrap().len(), &cut["truncated"]),
            (1, &json!(true))
        );
    }
}
