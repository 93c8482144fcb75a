//! Retry and Catch: what they say.

use serde_json::Value;

use super::Problem;

pub(super) fn check(state: &Value, at: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    for field in ["Retry", "Catch"] {
        let Some(given) = state.get(field) else { continue };
        let handlers = given.as_array().map(Vec::as_slice).unwrap_or_default();
        for (index, handler) in handlers.iter().enumerate() {
            let location = format!("{at}/{field}/{index}");
            let names = handler["ErrorEquals"]
                .as_array()
                .map(Vec::as_slice)
                .unwrap_or_default();
            if names.is_empty() {
                problems.push(Problem::schema(&location, "The field 'ErrorEquals' is missing"));
            }
            let is_last = index + 1 == handlers.len();
            if names.iter().any(|name| name == "States.ALL") && (names.len() > 1 || !is_last) {
                problems.push(Problem::schema(
                    &format!("{location}/ErrorEquals"),
                    format!("States.ALL must stand alone, and in the last element of '{field}'"),
                ));
            }
            if field == "Retry" {
                problems.extend(numbers(handler, &location));
            } else if !handler["Next"].is_string() {
                problems.push(Problem::schema(&location, "The field 'Next' is missing"));
            }
        }
    }
    problems
}

/// The numbers of a retrier.
fn numbers(retrier: &Value, at: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (field, least, most) in [
        ("IntervalSeconds", 1, 99_999_999),
        ("MaxAttempts", 0, 99_999_999),
        ("MaxDelaySeconds", 1, 31_622_400),
    ] {
        let given = retrier.get(field);
        if given.is_some_and(|number| {
            !number
                .as_i64()
                .is_some_and(|number| (least..=most).contains(&number))
        }) {
            problems.push(Problem::schema(
                &format!("{at}/{field}"),
                format!("The value of '{field}' must be a whole number from {least} to {most}"),
            ));
        }
    }
    let rate = retrier.get("BackoffRate");
    if rate.is_some_and(|rate| !rate.as_f64().is_some_and(|rate| rate >= 1.0)) {
        problems.push(Problem::schema(
            &format!("{at}/BackoffRate"),
            "The value of 'BackoffRate' must be a number from 1 on",
        ));
    }
    let jitter = retrier.get("JitterStrategy");
    if jitter.is_some_and(|jitter| jitter != "FULL" && jitter != "NONE") {
        problems.push(Problem::schema(
            &format!("{at}/JitterStrategy"),
            "The field 'JitterStrategy' should have one of these values: [FULL, NONE]",
        ));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn places(state: Value) -> Vec<String> {
        check(&state, "")
            .into_iter()
            .map(|problem| problem.location)
            .collect()
    }

    #[test]
    fn handlers_say_what_they_take() {
        let right = json!({ "Type": "Task", "Retry": [{ "ErrorEquals": ["A"], "MaxAttempts": 0, "BackoffRate": 1.5 },
            { "ErrorEquals": ["States.ALL"], "JitterStrategy": "FULL" }], "Catch": [{ "ErrorEquals": ["A"], "Next": "n" }] });
        assert!(places(right).is_empty());
        let wrong = json!({ "Type": "Task", "Retry": [{ "ErrorEquals": ["States.ALL"], "IntervalSeconds": 0, "BackoffRate": 0.5 },
            { "JitterStrategy": "HALF" }], "Catch": [{ "ErrorEquals": ["A"] }] });
        let expected = [
            "/Retry/0/ErrorEquals",
            "/Retry/0/IntervalSeconds",
            "/Retry/0/BackoffRate",
            "/Retry/1",
            "/Retry/1/JitterStrategy",
            "/Catch/0",
        ];
        assert_eq!(places(wrong), expected);
    }
}
