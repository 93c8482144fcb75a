//! Step Functions: TestState, with HTTP tasks that really call the private API.

mod definition;
mod http_task;
mod paths;

use std::sync::LazyLock;
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::error::{Answer, ApiError};
use crate::protocol::shape::{Shape, one_of, optional, required, text};
use crate::protocol::{Reply, json};
use crate::shared::Shared;

use definition::{Definition, Kind};
use http_task::Failure;

pub(crate) const OPERATIONS: &[&str] = &["TestState"];

/// Members that name what a call is about.
pub(crate) const RESOURCES: &[&str] = &["stateName", "roleArn"];

/// What an HTTP task may take.
const LONGEST_CALL: Duration = Duration::from_secs(60);

fn shape() -> &'static Shape {
    static SHAPE: LazyLock<Shape> = LazyLock::new(|| {
        Shape::Object(vec![
            required("definition", text(1, 1_048_576).secret().shape()),
            optional("roleArn", text(1, 256).shape()),
            optional("input", text(0, 262_144).secret().shape()),
            optional("inspectionLevel", one_of(&["INFO", "DEBUG", "TRACE"])),
            optional("revealSecrets", Shape::Flag),
            optional("variables", text(0, 262_144).secret().shape()),
            optional("stateName", text(1, 80).shape()),
        ])
    });
    &SHAPE
}

pub(crate) async fn dispatch(shared: &Shared, operation: &str, input: &Value) -> Answer<Reply> {
    if operation != "TestState" {
        return Err(ApiError::bad_request("UnknownOperationException", ""));
    }
    json::check(shape(), input)?;
    test_state(shared, input).await.map(Reply::json)
}

fn validation(message: impl Into<String>) -> ApiError {
    ApiError::bad_request("ValidationException", message)
}

/// How much a test shows.
#[derive(Clone, Copy)]
struct Inspection {
    debug: bool,
    trace: bool,
    reveals_secrets: bool,
}

async fn test_state(shared: &Shared, input: &Value) -> Answer<Value> {
    if input.get("mock").is_some_and(|mock| !mock.is_null()) {
        return Err(validation("mock is not served here: HTTP tasks really call"));
    }
    let text = |member: &str| input.get(member).and_then(Value::as_str);
    let role = text("roleArn").ok_or_else(|| validation("A roleArn is required unless mock is given"))?;
    let account = &shared.seed.account_id;
    if !role.starts_with(&format!("arn:aws:iam::{account}:role/")) {
        return Err(ApiError::bad_request(
            "InvalidArn",
            format!("Invalid Role Arn: '{role}'"),
        ));
    }
    let definition = Definition::parse(text("definition").unwrap_or_default(), text("stateName"))?;
    let state_input: Value = serde_json::from_str(text("input").unwrap_or("{}"))
        .map_err(|error| ApiError::bad_request("InvalidExecutionInput", format!("Invalid input: {error}")))?;
    let level = text("inspectionLevel").unwrap_or("INFO");
    let inspection = Inspection {
        debug: level != "INFO",
        trace: level == "TRACE",
        reveals_secrets: input
            .get("revealSecrets")
            .and_then(Value::as_bool)
            .unwrap_or(false),
    };
    if inspection.reveals_secrets && !inspection.trace {
        return Err(validation(
            "revealSecrets goes with the inspectionLevel TRACE only",
        ));
    }

    let mut data = Map::from_iter([("input".to_owned(), Value::from(state_input.to_string()))]);
    let outcome = run(shared, &definition, &state_input, inspection, &mut data).await;
    let mut answer = Map::new();
    let mut put = |name: &str, value: Value| {
        answer.insert(name.to_owned(), value);
    };
    match outcome {
        Ok(output) => {
            put("output", output.to_string().into());
            if let Some(next) = &definition.next {
                put("nextState", next.clone().into());
            }
            put("status", "SUCCEEDED".into());
        }
        Err(failure) => {
            put("error", failure.error.clone().into());
            put("cause", failure.cause.clone().into());
            let (status, next) = definition.after_failure(&failure.error, input, &mut data);
            if let Some(next) = next {
                put(
                    "output",
                    json!({ "Error": failure.error, "Cause": failure.cause })
                        .to_string()
                        .into(),
                );
                put("nextState", next.into());
            }
            put("status", status.into());
        }
    }
    if inspection.debug {
        put("inspectionData", Value::Object(data));
    }
    Ok(Value::Object(answer))
}

/// Lets a state do its work, and notes what it made of its input on the way.
async fn run(
    shared: &Shared,
    definition: &Definition,
    input: &Value,
    inspection: Inspection,
    data: &mut Map<String, Value>,
) -> Result<Value, Failure> {
    let mut note = |name: &str, value: &Value| {
        data.insert(name.to_owned(), value.to_string().into());
    };
    let input = definition.effective_input(input)?;
    if !definition.is_jsonata {
        note("afterInputPath", &input);
    }
    let result = match &definition.kind {
        Kind::Pass { result } => result.clone().unwrap_or_else(|| input.clone()),
        Kind::Succeed => input.clone(),
        Kind::Fail { error, cause } => {
            return Err(Failure {
                error: error.clone(),
                cause: cause.clone(),
            });
        }
        Kind::Http { arguments } => {
            let arguments = definition.evaluate(arguments, &input)?;
            note(
                if definition.is_jsonata {
                    "afterArguments"
                } else {
                    "afterParameters"
                },
                &arguments,
            );
            let call = tokio::time::timeout(
                LONGEST_CALL,
                http_task::call(shared, &arguments, inspection, data),
            );
            let result = call
                .await
                .unwrap_or_else(|_| Err(Failure::socket("Connection Timed Out")))?;
            data.insert("result".to_owned(), result.to_string().into());
            result
        }
    };
    definition.output(&input, result, data)
}
