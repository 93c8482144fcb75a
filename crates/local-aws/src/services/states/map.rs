//! A Map state, as far as a test with a mock goes: its items, how many run at once, and how many may fail.

use serde_json::{Map, Value};

use super::Failure;
use super::definition::Definition;
use super::template::Scope;

/// How many of a Map's iterations may fail.
pub(super) struct Tolerance {
    count: Option<f64>,
    percentage: Option<f64>,
}

/// Looks at the fields of a Map, and notes what they come to.
pub(super) fn look(
    definition: &Definition,
    scope: &Scope<'_>,
    data: &mut Map<String, Value>,
) -> Result<Tolerance, Failure> {
    if !definition.jsonata && definition.state.get("ItemReader").is_none() {
        let path = definition.state["ItemsPath"].as_str().unwrap_or("$");
        let items = scope.at(path).filter(|items| items.is_array());
        let items = items.ok_or_else(|| {
            let shown = path.strip_prefix('$').filter(|rest| rest.starts_with('$'));
            let shown = shown.unwrap_or(path);
            Failure::runtime(format!("Reference path \"{shown}\" must point to array."))
        })?;
        data.insert("afterItemsPath".to_owned(), items.to_string().into());
    }
    let at_once = number(definition, scope, "MaxConcurrency")?;
    data.insert("maxConcurrency".to_owned(), whole(at_once.unwrap_or(0.0)));
    let count = number(definition, scope, "ToleratedFailureCount")?;
    if let Some(count) = count {
        data.insert("toleratedFailureCount".to_owned(), whole(count));
    }
    let percentage = number(definition, scope, "ToleratedFailurePercentage")?;
    if let Some(percentage) = percentage {
        data.insert("toleratedFailurePercentage".to_owned(), percentage.into());
    }
    Ok(Tolerance { count, percentage })
}

fn whole(number: f64) -> Value {
    (number as u64).into()
}

/// A number, plain, by a path, or by an expression.
fn number(definition: &Definition, scope: &Scope<'_>, field: &str) -> Result<Option<f64>, Failure> {
    let path = definition.state[format!("{field}Path")].as_str();
    let value = match (definition.state.get(field), path) {
        (Some(value), _) => Some(scope.fill(value)?),
        (None, Some(path)) => scope.at(path).cloned(),
        (None, None) => return Ok(None),
    };
    let number = value.as_ref().and_then(Value::as_f64);
    number
        .map(Some)
        .ok_or_else(|| Failure::runtime(format!("The value of {field} is not a number")))
}

impl Tolerance {
    /// The error of a Map of which so many iterations failed, if those are too many.
    pub(super) fn check(&self, failures: u64, result: &Value) -> Result<(), Failure> {
        let iterations = result.as_array().map_or(0, Vec::len).max(1) as f64;
        let failures = failures as f64;
        let too_many = self.count.is_some_and(|most| failures > most)
            || self
                .percentage
                .is_some_and(|most| failures / iterations * 100.0 > most);
        if !too_many {
            return Ok(());
        }
        Err(Failure {
            error: "States.ExceedToleratedFailureThreshold".to_owned(),
            cause: "The specified tolerated failure threshold was exceeded".to_owned(),
        })
    }
}
