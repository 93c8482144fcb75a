//! Choice rules: the comparisons of JSONPath states, and conditions of JSONata ones.

use std::cmp::Ordering;

use serde_json::Value;

use super::Failure;
use super::template::{Scope, expression};
use crate::core::timestamp::parse_iso8601;
use crate::core::wildcard;

/// The state that the first matching rule goes to, and the rule; or the default.
pub(super) fn next<'d>(
    state: &'d Value,
    scope: &Scope<'_>,
) -> Result<(Option<&'d str>, Option<&'d Value>), Failure> {
    for (index, rule) in state["Choices"].as_array().into_iter().flatten().enumerate() {
        if holds(rule, scope, index)? {
            return Ok((rule["Next"].as_str(), Some(rule)));
        }
    }
    match state["Default"].as_str() {
        Some(default) => Ok((Some(default), None)),
        None => Err(Failure::of_state(
            "States.NoChoiceMatched",
            "No choice rule matched, and there is no Default",
        )),
    }
}

fn holds(rule: &Value, scope: &Scope<'_>, index: usize) -> Result<bool, Failure> {
    if scope.jsonata {
        return condition(rule, scope, index);
    }
    let all = |name: &str| rule[name].as_array().into_iter().flatten();
    if rule.get("And").is_some() {
        return all("And").try_fold(true, |so_far, rule| Ok(so_far && holds(rule, scope, index)?));
    }
    if rule.get("Or").is_some() {
        return all("Or").try_fold(false, |so_far, rule| Ok(so_far || holds(rule, scope, index)?));
    }
    if let Some(rule) = rule.get("Not") {
        return Ok(!holds(rule, scope, index)?);
    }
    let path = rule["Variable"].as_str().unwrap_or_default();
    let variable = scope.at(path);
    let members = rule.as_object().into_iter().flatten();
    let comparison = members
        .map(|(name, value)| (name.as_str(), value))
        .find(|(name, _)| !matches!(*name, "Variable" | "Next" | "Comment" | "Assign" | "Output"));
    let Some((operator, expected)) = comparison else {
        return Err(Failure::runtime("A choice rule has no comparison"));
    };
    if operator == "IsPresent" {
        return Ok(variable.is_some() == expected.as_bool().unwrap_or(true));
    }
    let variable = variable.ok_or_else(|| {
        Failure::runtime(format!(
            "Invalid path '{path}': The choice state's condition path references an invalid value."
        ))
    })?;
    let by_path = operator
        .strip_suffix("Path")
        .filter(|_| operator != "IsPresentPath");
    let (operator, expected) = match by_path {
        Some(operator) => {
            let path = expected.as_str().unwrap_or_default();
            let found = scope.at(path);
            (
                operator,
                found.ok_or_else(|| Failure::runtime(format!("Invalid path '{path}'")))?,
            )
        }
        None => (operator, expected),
    };
    compare(operator, variable, expected)
        .ok_or_else(|| Failure::runtime(format!("'{operator}' is no comparison of choice rules")))
}

/// Whether the condition of a JSONata rule holds.
fn condition(rule: &Value, scope: &Scope<'_>, index: usize) -> Result<bool, Failure> {
    let field = format!("Choices[{index}]/Condition");
    let given = &rule["Condition"];
    match scope.fill(given, &field)? {
        Value::Bool(holds) => Ok(holds),
        other => {
            let shown = given.as_str().and_then(expression).map_or("", str::trim);
            let cause = format!(
                "The JSONata expression '{shown}' specified for the field '{field}' returned an unexpected \
                 result type. Expected 'boolean', but was '{}' for value: {other}",
                type_of(&other)
            );
            Err(Failure::evaluation(cause, Some(&field)))
        }
    }
}

/// The name of a value's type, as AWS says it.
pub(super) fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// What a comparison says; `None` if there is none of the name. Values of another type never match.
fn compare(operator: &str, variable: &Value, expected: &Value) -> Option<bool> {
    let wanted = expected.as_bool().unwrap_or(true);
    let time = |value: &Value| value.as_str().and_then(parse_iso8601);
    match operator {
        "IsNull" => return Some(variable.is_null() == wanted),
        "IsNumeric" => return Some(variable.is_number() == wanted),
        "IsString" => return Some(variable.is_string() == wanted),
        "IsBoolean" => return Some(variable.is_boolean() == wanted),
        "IsTimestamp" => return Some(time(variable).is_some() == wanted),
        "BooleanEquals" => return Some(variable.is_boolean() && variable == expected),
        "StringMatches" => {
            let tokens = wildcard::tokens(expected.as_str().unwrap_or_default(), false);
            return Some(
                variable
                    .as_str()
                    .is_some_and(|text| wildcard::matches(&tokens, text)),
            );
        }
        _ => {}
    }
    let kinds = ["String", "Numeric", "Timestamp"];
    let (kind, order) = kinds
        .iter()
        .find_map(|kind| Some((*kind, operator.strip_prefix(kind)?)))?;
    let ordering = match kind {
        "String" => variable.as_str().zip(expected.as_str()).map(|(a, b)| a.cmp(b)),
        "Numeric" => {
            let numbers = variable.as_f64().zip(expected.as_f64());
            numbers.and_then(|(a, b)| a.partial_cmp(&b))
        }
        _ => time(variable).zip(time(expected)).map(|(a, b)| a.cmp(&b)),
    };
    let holds: fn(Ordering) -> bool = match order {
        "Equals" => Ordering::is_eq,
        "LessThan" => Ordering::is_lt,
        "LessThanEquals" => Ordering::is_le,
        "GreaterThan" => Ordering::is_gt,
        "GreaterThanEquals" => Ordering::is_ge,
        _ => return None,
    };
    Some(ordering.is_some_and(holds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn holds_for(rule: Value) -> Result<bool, String> {
        let input = json!({ "s": "abc", "n": 3, "b": true, "z": null, "t": "2026-11-22T08:09:10Z", "m": 4 });
        let scope = Scope {
            jsonata: false,
            input: &input,
            context: &Value::Null,
            variables: &Value::Null,
            result: None,
            error: None,
        };
        holds(&rule, &scope, 0).map_err(|failure| failure.error)
    }

    #[test]
    fn comparisons_are_of_their_type() {
        for (rule, expected) in [
            (json!({ "Variable": "$.s", "StringEquals": "abc" }), true),
            (json!({ "Variable": "$.s", "StringLessThan": "abd" }), true),
            (json!({ "Variable": "$.s", "StringMatches": "a*" }), true),
            (json!({ "Variable": "$.n", "StringEquals": "3" }), false),
            (json!({ "Variable": "$.n", "NumericGreaterThanEquals": 3 }), true),
            (json!({ "Variable": "$.n", "NumericLessThanPath": "$.m" }), true),
            (json!({ "Variable": "$.b", "BooleanEquals": true }), true),
            (json!({ "Variable": "$.z", "IsNull": true }), true),
            (json!({ "Variable": "$.none", "IsPresent": false }), true),
            (json!({ "Variable": "$.t", "IsTimestamp": true }), true),
            (
                json!({ "Variable": "$.t", "TimestampLessThan": "2026-11-22T09:09:10+00:30" }),
                true,
            ),
            (json!({ "Not": { "Variable": "$.n", "NumericEquals": 3 } }), false),
            (
                json!({ "And": [{ "Variable": "$.n", "IsNumeric": true }, { "Variable": "$.s", "IsNumeric": true }] }),
                false,
            ),
            (
                json!({ "Or": [{ "Variable": "$.n", "IsNumeric": true }, { "Variable": "$.s", "IsNumeric": true }] }),
                true,
            ),
        ] {
            assert_eq!(holds_for(rule.clone()), Ok(expected), "{rule}");
        }
    }

    #[test]
    fn a_missing_variable_and_an_unknown_comparison_fail() {
        for rule in [
            json!({ "Variable": "$.none", "StringEquals": "a" }),
            json!({ "Variable": "$.s", "StringIs": "a" }),
            json!({ "Variable": "$.s" }),
        ] {
            assert_eq!(
                holds_for(rule.clone()),
                Err("States.Runtime".to_owned()),
                "{rule}"
            );
        }
    }
}
