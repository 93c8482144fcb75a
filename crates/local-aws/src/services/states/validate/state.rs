//! What is wrong with one state by itself.

mod fields;
mod handlers;

use serde_json::Value;

use super::{Machine, Problem, is_distributed};

/// Whether a resource is the HTTP task, in any partition.
pub(in crate::services::states) fn is_http_invoke(resource: &str) -> bool {
    let rest = resource.strip_prefix("arn:aws").unwrap_or_default();
    rest.split_once(':')
        .is_some_and(|(_, rest)| rest == "states:::http:invoke")
}

pub(in crate::services::states) fn state(state: &Value, at: &str, machine: Machine<'_>) -> Vec<Problem> {
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
    let kind = state["Type"].as_str();
    match kind {
        None => problems.extend(Problem::missing(at, &["Type"])),
        Some("Pass" | "Succeed") => {}
        Some("Fail") => problems.extend(fail(state, at)),
        Some("Choice") => problems.extend(choice(state, at, jsonata)),
        Some("Wait") => problems.extend(wait(state, at, jsonata)),
        Some("Task") => problems.extend(task(state, at, machine, jsonata)),
        Some("Parallel") => problems.extend(listed(state, at, "Branches")),
        Some("Map") if state.get("ItemProcessor").or(state.get("Iterator")).is_none() => {
            problems.extend(Problem::missing(at, &["ItemProcessor"]));
        }
        Some("Map") => problems.extend(distributed(state, at)),
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
    problems.extend(fields::unknown(state, at, jsonata));
    problems.extend(fields::check(state, at, jsonata));
    problems.extend(handlers::check(state, at));
    problems
}

/// A list that must have something in it.
fn listed(state: &Value, at: &str, field: &str) -> Option<Problem> {
    match &state[field] {
        Value::Array(items) if items.is_empty() => {
            Some(Problem::schema(&format!("{at}/{field}"), "Value cannot be empty"))
        }
        Value::Array(_) => None,
        _ => Problem::missing(at, &[field]),
    }
}

/// The child executions of a distributed Map are of a type that it has to tell.
fn distributed(state: &Value, at: &str) -> Option<Problem> {
    let configuration = &state["ItemProcessor"]["ProcessorConfig"];
    let is_untold = is_distributed(state) && configuration.get("ExecutionType").is_none();
    let location = format!("{at}/ItemProcessor/ProcessorConfig");
    is_untold
        .then(|| Problem::missing(&location, &["ExecutionType"]))
        .flatten()
}

/// Fields of which only one may be given.
fn exclusive(state: &Value, at: &str, one: &str, other: &str) -> Option<Problem> {
    let both = state.get(one).is_some() && state.get(other).is_some();
    both.then(|| Problem::schema(at, format!("Only one of '{one}' and '{other}' may be given")))
}

fn fail(state: &Value, at: &str) -> Vec<Problem> {
    let pairs = [("Error", "ErrorPath"), ("Cause", "CausePath")];
    pairs
        .iter()
        .filter_map(|(one, other)| exclusive(state, at, one, other))
        .collect()
}

fn choice(state: &Value, at: &str, jsonata: bool) -> Vec<Problem> {
    let mut problems: Vec<Problem> = listed(state, at, "Choices").into_iter().collect();
    for (index, rule) in state["Choices"].as_array().into_iter().flatten().enumerate() {
        let location = format!("{at}/Choices/{index}");
        if !rule["Next"].is_string() {
            problems.push(Problem::schema(&location, "The field 'Next' is missing"));
        }
        let needed = if jsonata { "Condition" } else { "Variable" };
        let composed = ["And", "Or", "Not"].iter().any(|name| rule.get(*name).is_some());
        if rule.get(needed).is_none() && (jsonata || !composed) {
            problems.push(Problem::schema(
                &location,
                format!("The field '{needed}' is missing"),
            ));
        }
    }
    problems
}

fn wait(state: &Value, at: &str, jsonata: bool) -> Vec<Problem> {
    let ways = ["Seconds", "Timestamp", "SecondsPath", "TimestampPath"];
    if ways.iter().filter(|way| state.get(**way).is_some()).count() != 1 {
        return vec![Problem::schema(
            at,
            "Exactly one of Seconds, Timestamp, SecondsPath and TimestampPath must be given",
        )];
    }
    let is_expression = |value: &Value| jsonata && value.is_string();
    let mut problems = Vec::new();
    if let Some(seconds) = state.get("Seconds")
        && !is_expression(seconds)
        && seconds.as_u64().is_none_or(|seconds| seconds > 99_999_999)
    {
        let message = match seconds.as_i64() {
            Some(..0) => "Minimum value is 0",
            _ => "The value of 'Seconds' must be a whole number from 0 to 99999999",
        };
        problems.push(Problem::schema(&format!("{at}/Seconds"), message));
    }
    let is_time = |text: &str| crate::core::timestamp::parse_iso8601(text).is_some();
    if let Some(timestamp) = state.get("Timestamp")
        && !(jsonata && timestamp.as_str().is_some_and(|text| text.starts_with("{%")))
        && !timestamp.as_str().is_some_and(is_time)
    {
        problems.push(Problem::schema(
            &format!("{at}/Timestamp"),
            "String does not match RFC3339 timestamp",
        ));
    }
    problems
}

fn task(state: &Value, at: &str, machine: Machine<'_>, jsonata: bool) -> Vec<Problem> {
    let mut problems = Vec::new();
    let location = format!("{at}/Resource");
    let refused = |what: &str| {
        Problem::schema(
            &location,
            format!("Express state machine does not support {what}"),
        )
    };
    match state["Resource"].as_str() {
        None => problems.extend(Problem::missing(at, &["Resource"])),
        Some(resource) if is_http_invoke(resource) => problems.extend(http(state, at, jsonata)),
        // The blank at the end is AWS's own.
        Some(resource) if resource.ends_with(".waitForTaskToken") && machine.is_express => {
            problems.push(refused("'.waitForTaskToken' service integration "));
        }
        Some(resource)
            if machine.is_express && (resource.ends_with(".sync") || resource.ends_with(".sync:2")) =>
        {
            problems.push(refused("'.sync' service integration"));
        }
        Some(resource) if machine.is_express && resource.contains(":activity:") => {
            problems.push(refused("Activity ARN"));
        }
        Some(resource) if !resource.starts_with("arn:") => problems.push(Problem::schema(
            &location,
            "The value of 'Resource' is not an ARN",
        )),
        Some(_) => {}
    }
    if let Some(credentials) = state.get("Credentials").filter(|given| given.is_object())
        && !has(credentials, "RoleArn")
    {
        problems.push(required(&format!("{at}/Credentials"), "RoleArn"));
    }
    for field in ["TimeoutSeconds", "HeartbeatSeconds"] {
        problems.extend(exclusive(state, at, field, &format!("{field}Path")));
        let is_expression = jsonata && state[field].is_string();
        let number = state.get(field).filter(|_| !is_expression);
        if number.is_some_and(|number| !number.as_u64().is_some_and(|n| (1..=99_999_999).contains(&n))) {
            problems.push(Problem::schema(
                &format!("{at}/{field}"),
                format!("The value of '{field}' must be a whole number from 1 to 99999999"),
            ));
        }
    }
    let both = state["TimeoutSeconds"]
        .as_u64()
        .zip(state["HeartbeatSeconds"].as_u64());
    if both.is_some_and(|(timeout, heartbeat)| heartbeat >= timeout) {
        problems.push(Problem::schema(
            &format!("{at}/HeartbeatSeconds"),
            "The value of 'HeartbeatSeconds' must be smaller than that of 'TimeoutSeconds'",
        ));
    }
    if state.get("TimeoutSeconds").is_none() && state.get("TimeoutSecondsPath").is_none() {
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

/// Whether a field is there, plain or by a path.
fn has(value: &Value, name: &str) -> bool {
    value.get(name).or(value.get(format!("{name}.$"))).is_some()
}

fn required(at: &str, name: &str) -> Problem {
    Problem::schema(at, format!("The field '{name}' is required but was missing"))
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
    let mut problems: Vec<Problem> = ["ApiEndpoint", "Method"]
        .into_iter()
        .filter(|name| !has(arguments, name))
        .map(|name| required(&location, name))
        .collect();
    let blocks = ["InvocationConfig", "Authentication"];
    let mut blocks = blocks.iter().filter_map(|name| arguments.get(*name));
    if !blocks.any(|block| has(block, "ConnectionArn")) {
        problems.push(required(&location, "InvocationConfig.ConnectionArn"));
    }
    problems
}
