//! Retry and Catch: which of them takes an error, and how long a retrier waits.

use serde_json::Value;

use super::intrinsics::random_below;

/// The first retrier or catcher of a state (`Retry`, `Catch`) that takes an error, with its place in the list.
pub(super) fn first<'s>(state: &'s Value, field: &str, error: &str) -> Option<(usize, &'s Value)> {
    let handlers = state.get(field)?.as_array()?;
    let mut places = handlers.iter().enumerate();
    places.find(|(_, handler)| takes(handler, error))
}

fn takes(handler: &Value, error: &str) -> bool {
    // Recorded: a runtime error always ends the execution, even where it is named.
    if error == "States.Runtime" {
        return false;
    }
    let names = handler["ErrorEquals"].as_array().into_iter().flatten();
    names.filter_map(Value::as_str).any(|name| match name {
        "States.ALL" => true,
        "States.TaskFailed" => error != "States.Timeout",
        name => name == error,
    })
}

fn number(handler: &Value, name: &str, default: f64) -> f64 {
    handler.get(name).and_then(Value::as_f64).unwrap_or(default)
}

/// Whether a retrier that has tried so often tries again.
pub(super) fn tries_again(retrier: &Value, tried: u64) -> bool {
    (tried as f64) < number(retrier, "MaxAttempts", 3.0)
}

/// The seconds before the next try.
pub(super) fn pause(retrier: &Value, tried: u64) -> f64 {
    const LONGEST: f64 = 31_622_400.0;
    let exponent = i32::try_from(tried).unwrap_or(i32::MAX);
    let growth = number(retrier, "BackoffRate", 2.0).powi(exponent);
    let pause = number(retrier, "IntervalSeconds", 1.0) * growth;
    pause.min(number(retrier, "MaxDelaySeconds", LONGEST))
}

/// The same with its jitter: FULL waits any part of it.
pub(super) fn jittered(retrier: &Value, seconds: f64) -> f64 {
    if retrier["JitterStrategy"] == "FULL" {
        seconds * random_below(None)
    } else {
        seconds
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn errors_are_taken_by_name_and_by_wildcards() {
        for (name, error, taken) in [
            ("States.ALL", "Anything", true),
            ("States.ALL", "States.Timeout", true),
            ("States.ALL", "States.DataLimitExceeded", true),
            ("States.ALL", "States.Runtime", false),
            ("States.Runtime", "States.Runtime", false),
            ("States.TaskFailed", "States.Http.StatusCode.503", true),
            ("States.TaskFailed", "States.Timeout", false),
            ("Mine", "Mine", true),
            ("Mine", "Other", false),
        ] {
            let state = json!({ "Catch": [{ "ErrorEquals": ["Nobody"] }, { "ErrorEquals": [name] }] });
            assert_eq!(
                first(&state, "Catch", error).map(|(index, _)| index),
                taken.then_some(1),
                "{name} {error}"
            );
        }
    }

    #[test]
    fn pauses_grow_up_to_their_limit() {
        let retrier =
            json!({ "IntervalSeconds": 2, "BackoffRate": 3, "MaxDelaySeconds": 10, "MaxAttempts": 4 });
        let pauses: Vec<f64> = (0..4).map(|tried| pause(&retrier, tried)).collect();
        assert_eq!(pauses, [2.0, 6.0, 10.0, 10.0]);
        assert!(tries_again(&retrier, 3) && !tries_again(&retrier, 4));
        assert_eq!(pause(&json!({}), 2), 4.0);
        assert!(!tries_again(&json!({ "MaxAttempts": 0 }), 0));
        assert!(jittered(&json!({ "JitterStrategy": "FULL" }), 5.0) < 5.0);
        assert_eq!(jittered(&json!({}), 5.0), 5.0);
    }
}
