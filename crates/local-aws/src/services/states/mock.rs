//! What a state gives in the place of doing its work; what a mock must be is as recorded.

use serde_json::Value;

use super::definition::{Definition, Kind};
use super::{Failure, validation};
use crate::core::error::{Answer, ApiError};

pub(super) enum Mock {
    Result(Value),
    Error(Failure),
}

impl Mock {
    /// The mock of an input, and how many of a Map's iterations failed in it.
    pub(super) fn read(input: &Value, definition: &Definition<'_>) -> Answer<(Option<Self>, u64)> {
        let failures = input
            .pointer("/stateConfiguration/mapIterationFailureCount")
            .and_then(Value::as_u64);
        let Some(mock) = input.get("mock").filter(|mock| !mock.is_null()) else {
            if failures.is_some() {
                return Err(validation(
                    "TestState does not support MapIterationFailureCount when a mock is not specified.",
                ));
            }
            if matches!(definition.kind, Kind::Map | Kind::Parallel) {
                // The definition is right, but not for a test.
                return Err(ApiError::new(
                    "InvalidDefinition",
                    "TestState API does not support Map or Parallel states. Supported state types include: \
                     [Task, Wait, Pass, Succeed, Fail, Choice]",
                ));
            }
            return Ok((None, 0));
        };
        if !definition.kind.takes_mock() {
            return Err(validation(format!(
                "State type '{}' is not supported when a mock is specified",
                definition.state["Type"].as_str().unwrap_or_default()
            )));
        }
        if input["revealSecrets"] == true {
            return Err(validation(
                "TestState does not support RevealSecrets when a mock is specified.",
            ));
        }
        if definition.kind != Kind::Map && failures.is_some() {
            return Err(validation(
                "MapIterationFailureCount is only supported when testing a Map state.",
            ));
        }
        let has_data = input
            .pointer("/stateConfiguration/mapItemReaderData")
            .is_some_and(Value::is_string);
        if definition.kind == Kind::Map && definition.state.get("ItemReader").is_some() && !has_data {
            return Err(validation(
                "ItemReader data must be specified when testing a Map state with ItemReader specified.",
            ));
        }
        let given = |member: &str| mock.get(member).filter(|value| !value.is_null());
        let mode = given("fieldValidationMode");
        let mock = match (given("result"), given("errorOutput")) {
            (Some(result), None) => {
                let result = serde_json::from_str(result.as_str().unwrap_or_default())
                    .map_err(|_| validation("Mocked result must be valid JSON"))?;
                if mode.is_none_or(|mode| mode != "NONE") {
                    check_shape(&result, definition)?;
                }
                Self::Result(result)
            }
            (None, Some(_)) if mode.is_some() => {
                return Err(validation("mock.fieldValidationMode goes with mock.result only"));
            }
            (None, Some(error)) => {
                let text = |member: &str| error[member].as_str();
                let name = text("error");
                let name =
                    name.ok_or_else(|| validation("An error was not specified in the mocked error output."))?;
                Self::Error(Failure::new(name, text("cause").unwrap_or_default()))
            }
            (None, None) => {
                return Err(validation(
                    "One of the following fields is required for a test mock: [result, errorOutput].",
                ));
            }
            (Some(_), Some(_)) => {
                return Err(validation(
                    "A test mock should have only one of the following fields: [result, errorOutput].",
                ));
            }
        };
        let failures = failures.unwrap_or(0);
        let iterations = match &mock {
            Self::Result(Value::Array(items)) => u64::try_from(items.len()).unwrap_or(u64::MAX),
            _ => u64::MAX,
        };
        if failures > iterations {
            return Err(validation(
                "Map iteration failure count must be less than or equal to the number of Map iterations",
            ));
        }
        Ok((Some(mock), failures))
    }
}

/// A list comes of Parallel and of Map, unless a Map writes its results elsewhere; of a task comes an object.
fn check_shape(result: &Value, definition: &Definition<'_>) -> Answer<()> {
    let wants_list = match definition.kind {
        Kind::Parallel => true,
        Kind::Map => definition.state.get("ResultWriter").is_none(),
        _ => false,
    };
    match result {
        Value::Array(items) if definition.kind == Kind::Parallel => {
            let branches = definition.state["Branches"].as_array().map_or(0, Vec::len);
            if items.len() == branches {
                return Ok(());
            }
            Err(validation(
                "Mocked result must contain the same number of items as number of Parallel branches.",
            ))
        }
        Value::Array(_) if wants_list => Ok(()),
        Value::Object(_) if !wants_list => Ok(()),
        _ if wants_list => Err(validation("Mocked result must be an array.")),
        // Recorded of a Map that writes its results elsewhere, in words of its own.
        _ if definition.kind == Kind::Map => Err(validation("Mocked result must be a JSON object.")),
        _ => Err(validation("Mocked result must be a valid JSON object.")),
    }
}
