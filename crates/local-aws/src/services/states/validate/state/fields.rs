//! The fields that a state may have, and those that hold paths, templates and expressions.

use serde_json::Value;

use super::Problem;
use crate::core::json_path;
use crate::services::states::template::{expression, rooted};
use crate::services::states::{intrinsics, jsonata, paths};

/// Fields of JSONPath states that name a value.
const PATHS: [&str; 13] = [
    "InputPath",
    "OutputPath",
    "ItemsPath",
    "SecondsPath",
    "TimestampPath",
    "TimeoutSecondsPath",
    "HeartbeatSecondsPath",
    "MaxConcurrencyPath",
    "ToleratedFailureCountPath",
    "ToleratedFailurePercentagePath",
    "ErrorPath",
    "CausePath",
    "ResultPath",
];

/// Fields of JSONPath states that are templates.
const TEMPLATES: [&str; 4] = ["Parameters", "ResultSelector", "ItemSelector", "Assign"];

const OF_ALL: &str = "Comment QueryLanguage Type";

/// The fields of each type beside those of all, in both languages (Amazon States Language).
const OF_TYPES: [(&str, &str); 8] = [
    (
        "Pass",
        "Assign End InputPath Next Output OutputPath Parameters Result ResultPath",
    ),
    ("Succeed", "InputPath Output OutputPath"),
    ("Fail", "Cause CausePath Error ErrorPath"),
    ("Choice", "Assign Choices Default InputPath Output OutputPath"),
    (
        "Wait",
        "Assign End InputPath Next Output OutputPath Seconds SecondsPath Timestamp TimestampPath",
    ),
    (
        "Task",
        "Arguments Assign Catch Credentials End HeartbeatSeconds HeartbeatSecondsPath InputPath Next Output OutputPath \
         Parameters Resource ResultPath ResultSelector Retry TimeoutSeconds TimeoutSecondsPath",
    ),
    (
        "Parallel",
        "Arguments Assign Branches Catch End InputPath Next Output OutputPath Parameters ResultPath ResultSelector Retry",
    ),
    (
        "Map",
        "Assign Catch End InputPath ItemBatcher ItemProcessor ItemReader ItemSelector Items ItemsPath Iterator Label \
         MaxConcurrency MaxConcurrencyPath Next Output OutputPath Parameters ResultPath ResultSelector ResultWriter Retry \
         ToleratedFailureCount ToleratedFailureCountPath ToleratedFailurePercentage ToleratedFailurePercentagePath",
    ),
];

/// Fields of JSONata states, which have a finding of their own in others.
const OF_JSONATA: [&str; 3] = ["Arguments", "Items", "Output"];

/// Fields that a state of this type does not have; AWS tells them at the state.
pub(super) fn unknown(state: &Value, at: &str, jsonata: bool) -> Vec<Problem> {
    let kind = state["Type"].as_str().unwrap_or_default();
    let Some((_, own)) = OF_TYPES.iter().find(|(name, _)| *name == kind) else {
        return Vec::new();
    };
    let is_known = |field: &str| {
        let mut known = own.split_whitespace().chain(OF_ALL.split_whitespace());
        known.any(|known| known == field) || (!jsonata && OF_JSONATA.contains(&field))
    };
    let given = state.as_object().into_iter().flat_map(|fields| fields.keys());
    given
        .filter(|field| !is_known(field))
        .map(|field| Problem::schema(at, format!("Field '{field}' is not supported")))
        .collect()
}

pub(super) fn check(state: &Value, at: &str, jsonata: bool) -> Vec<Problem> {
    let mut problems = Vec::new();
    if jsonata {
        let paths = PATHS.iter().chain(["Parameters", "ResultSelector"].iter());
        for field in paths.filter(|field| state.get(**field).is_some()) {
            problems.push(Problem::schema(
                at,
                format!(
                    "The QueryLanguage is set to 'JSONata', but field '{field}' is only supported for the 'JSONPath' \
                     QueryLanguage"
                ),
            ));
        }
        let has_result = matches!(state["Type"].as_str(), Some("Task" | "Parallel" | "Map"));
        const HOLDERS: [&str; 17] = [
            "Arguments",
            "Output",
            "Assign",
            "Items",
            "ItemSelector",
            "Seconds",
            "Timestamp",
            "TimeoutSeconds",
            "HeartbeatSeconds",
            "MaxConcurrency",
            "ToleratedFailureCount",
            "ToleratedFailurePercentage",
            "Error",
            "Cause",
            "Choices",
            "Catch",
            "Credentials",
        ];
        for field in HOLDERS {
            let location = format!("{at}/{field}");
            expressions(&state[field], &location, &mut |text, at| {
                problems.extend(expression_problem(text, at, has_result));
            });
        }
        return problems;
    }
    for field in OF_JSONATA {
        if state.get(field).is_some() {
            problems.push(Problem::schema(
                &format!("{at}/{field}"),
                format!("'{field}' is a field of JSONata states only"),
            ));
        }
    }
    for field in PATHS {
        match &state[field] {
            Value::String(path) if !is_right(field, path) => problems.push(Problem {
                is_error: true,
                code: "INVALID_PATH",
                message: format!("The value of '{field}' is not a path: {path}"),
                location: format!("{at}/{field}"),
            }),
            Value::Null | Value::String(_) => {}
            _ => problems.push(Problem::schema(
                &format!("{at}/{field}"),
                format!("The value of '{field}' must be a path"),
            )),
        }
    }
    for field in TEMPLATES {
        template(&state[field], &format!("{at}/{field}"), &mut problems);
    }
    problems
}

/// Whether a field may have a path.
fn is_right(field: &str, path: &str) -> bool {
    match field {
        "ResultPath" => json_path::is_reference(path),
        "ErrorPath" | "CausePath" if intrinsics::is_call(path) => intrinsics::problem(path).is_none(),
        _ => paths::is_path(&rooted(path).1),
    }
}

/// Looks at the members of a template that end in `.$`.
fn template(value: &Value, at: &str, problems: &mut Vec<Problem>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let location = format!("{at}/{name}");
                if !name.ends_with(".$") {
                    problems.extend(no_dollar(name, value, at));
                    template(value, &location, problems);
                    continue;
                }
                let wrong = match value.as_str() {
                    None => Some("it is not a string".to_owned()),
                    Some(text) if intrinsics::is_call(text) => intrinsics::problem(text),
                    Some(text) if paths::is_path(&rooted(text).1) => None,
                    Some(_) => Some("it is neither a path nor an intrinsic function".to_owned()),
                };
                problems.extend(wrong.map(|wrong| {
                    Problem::schema(
                        &location,
                        format!(
                            "The value for the field '{name}' must be a valid JSONPath expression: {wrong}"
                        ),
                    )
                }));
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                template(item, &format!("{at}/{index}"), problems);
            }
        }
        _ => {}
    }
}

/// A path in a member whose name does not end in `.$` stays a text; AWS warns of it at the object.
fn no_dollar(name: &str, value: &Value, at: &str) -> Option<Problem> {
    let text = value.as_str()?;
    let is_like_path = text.starts_with("$.") || text.starts_with("$$.");
    (is_like_path && paths::is_path(&rooted(text).1)).then(|| Problem {
        is_error: false,
        code: "NO_DOLLAR",
        message: format!(
            "The value of '{name}' looks like a JSONPath. Instead of '{name}', use '{name}.$' to evaluate it as a JSONPath \
             at runtime."
        ),
        location: at.to_owned(),
    })
}

/// What is wrong with an expression of a state.
fn expression_problem(expression: &str, at: &str, has_result: bool) -> Option<Problem> {
    if let Some(wrong) = jsonata::problem(expression) {
        return Some(Problem::schema(
            at,
            format!("The value is not a valid JSONata expression: {wrong}"),
        ));
    }
    // Only a call, branches and items give a result ("Transforming data with JSONata").
    (!has_result && jsonata::asks_for_result(expression)).then(|| Problem {
        is_error: true,
        code: "UNSUPPORTED_JSONATA_EXPRESSION",
        message: "Field '$states.result' does not exist.".to_owned(),
        location: at.to_owned(),
    })
}

/// Visits the expressions of a value, each with its place.
fn expressions(value: &Value, at: &str, visit: &mut dyn FnMut(&str, &str)) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                expressions(value, &format!("{at}/{name}"), visit);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                expressions(item, &format!("{at}/{index}"), visit);
            }
        }
        Value::String(text) => {
            if let Some(expression) = expression(text) {
                visit(expression, at);
            }
        }
        _ => {}
    }
}
