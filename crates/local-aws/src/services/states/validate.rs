//! What is wrong with a definition: the check before it is kept or tested, and ValidateStateMachineDefinition.

mod scopes;
mod state;

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Map, Value, json};

use crate::core::error::Answer;
use crate::core::world::World;
use crate::wire::Reply;

pub(super) use state::{is_http_invoke, state};

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

/// The code of a state that goes nowhere, or that none goes to.
const ASTRAY: &str = "MISSING_TRANSITION_TARGET";

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

/// ValidateStateMachineDefinition.
pub(super) fn definition(_: &mut World, input: &Value) -> Answer<Reply> {
    let definition = input["definition"].as_str().unwrap_or_default();
    let most = input["maxResults"].as_u64().filter(|most| *most > 0);
    let most = most.and_then(|most| usize::try_from(most).ok()).unwrap_or(100);
    let warns = input["severity"] == "WARNING";
    let is_express = input["type"] == "EXPRESS";
    Ok(Reply::json(answer(definition, is_express, warns, most)))
}

/// The errors of a definition, in words.
pub(super) fn errors(text: &str, is_express: bool) -> Vec<String> {
    let problems = problems(text, is_express).into_iter();
    let errors = problems.filter(|problem| problem.is_error);
    errors.map(|problem| problem.to_string()).collect()
}

fn problems(text: &str, is_express: bool) -> Vec<Problem> {
    let top = Machine {
        language: None,
        is_express,
    };
    let no_object = || Problem {
        location: String::new(),
        ..Problem::schema("", "Definition must be a valid JSON object")
    };
    match serde_json::from_str::<Value>(text) {
        Ok(definition) if definition.is_object() => {
            let mut problems = machine(&definition, "", top);
            problems.extend(scopes::check(&definition));
            // Recorded: where states go is looked at once all that they hold has been.
            problems.sort_by_key(|problem| problem.code == ASTRAY);
            problems
        }
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
    }
}

fn answer(text: &str, is_express: bool, with_warnings: bool, most: usize) -> Value {
    let mut problems = problems(text, is_express);
    let failed = problems.iter().any(|problem| problem.is_error);
    problems.retain(|problem| problem.is_error || with_warnings);
    let truncated = problems.len() > most;
    let listed: Vec<Value> = problems.iter().take(most).map(Problem::json).collect();
    json!({ "result": if failed { "FAIL" } else { "OK" }, "diagnostics": listed, "truncated": truncated })
}

/// Escapes a name for a JSON pointer (RFC 6901).
pub(super) fn token(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// The language of a machine, if it or one around it says it.
fn machine_language<'d>(machine: &'d Value, outer: Option<&'d str>) -> Option<&'d str> {
    machine["QueryLanguage"].as_str().or(outer)
}

/// Whether a state starts executions of their own.
fn is_distributed(state: &Value) -> bool {
    state["ItemProcessor"]["ProcessorConfig"]["Mode"] == "DISTRIBUTED"
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
        language: machine_language(definition, outer.language),
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
                code: ASTRAY,
                message: format!("Missing 'Next' target: {name}"),
                location,
            });
        }
    };
    let start = definition["StartAt"].as_str().unwrap_or_default();
    go(start, format!("{at}/StartAt"), &mut problems);
    for (name, one) in states {
        let location = format!("{at}/States/{}", token(name));
        if name.chars().count() > 80 {
            problems.push(Problem::schema(
                &location,
                "A state's name has at most 80 characters",
            ));
        }
        problems.extend(self::state(one, &location, own));
        for (target, field) in targets(one) {
            go(target, format!("{location}{field}"), &mut problems);
        }
        let branches = one["Branches"].as_array().into_iter().flatten();
        for (index, branch) in branches.enumerate() {
            problems.extend(machine(branch, &format!("{location}/Branches[{index}]"), own));
        }
        for field in ["ItemProcessor", "Iterator"] {
            if let Some(inner) = one.get(field) {
                problems.extend(machine(inner, &format!("{location}/{field}"), own));
            }
        }
    }
    for name in states.keys().filter(|name| !reached.contains(*name)) {
        problems.push(Problem {
            is_error: true,
            code: ASTRAY,
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
            ("SCHEMA_VALIDATION_FAILED", "/States/lost"),
            ("SCHEMA_VALIDATION_FAILED", "/States/odd/Type"),
            ("INVALID_PATH", "/States/odd/InputPath"),
            ("MISSING_TRANSITION_TARGET", "/States/a~1b/Next"),
            ("MISSING_TRANSITION_TARGET", "/States/lost"),
            ("MISSING_TRANSITION_TARGET", "/States/odd"),
        ]
        .map(|(code, at)| (code.to_owned(), at.to_owned()));
        assert_eq!(codes(&definition), expected);
    }

    #[test]
    fn a_field_that_a_type_does_not_have_is_told_at_its_state() {
        let pass = json!({ "Type": "Pass", "End": true, "Comment": "c", "Catch": [], "Message.$": "$.m" });
        let definition = json!({ "StartAt": "p", "States": { "p": pass } });
        let answer = answer(&definition.to_string(), false, true, 100);
        let told = |one: &Value| (one["message"].clone(), one["location"].clone());
        let told: Vec<_> = answer["diagnostics"]
            .as_array()
            .unwrap()
            .iter()
            .map(told)
            .collect();
        let expected = ["Catch", "Message.$"].map(|field| {
            (
                json!(format!("Field '{field}' is not supported")),
                json!("/States/p"),
            )
        });
        assert_eq!(told, expected);
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
