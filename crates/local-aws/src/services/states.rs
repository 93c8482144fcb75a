//! Step Functions: TestState, with HTTP tasks that really call, and ValidateStateMachineDefinition.

mod choice;
mod context;
mod course;
mod definition;
mod http_task;
mod map;
mod mock;
mod template;
mod validate;

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use crate::core::error::{Answer, ApiError};
use crate::core::registration::Registration;
use crate::core::surface::Surface;
use crate::core::words;
use crate::service::{self, Operation, Service};
use crate::shared::Shared;
use crate::wire::shape::{Shape, one_of, optional, required, text};
use crate::wire::{Protocol, Reply, json};

use course::Test;
use definition::{Definition, Kind, beside};
use mock::Mock;
use template::Scope;

/// Every operation there is.
const OPERATIONS: &[Operation] = &[
    Operation::waiting("TestState", |shared, input| Box::pin(test_state(shared, input))),
    Operation::json("ValidateStateMachineDefinition", |_, input, _| {
        Ok(Reply::json(validated(input)))
    }),
];

static SURFACE: Surface = Surface {
    further: &[
        ("TestState", Some("roleArn"), &["iam:PassRole"]),
        ("TestState", Some("revealSecrets"), &["states:RevealSecrets"]),
    ],
    of_roles: http_task::ACTIONS,
    ..Surface::new("states", words::JSON, || service::names(OPERATIONS))
};

pub(crate) static SERVICE: Service = Service {
    surface: &SURFACE,
    registration: &Registration {
        surface: Some(&SURFACE),
        ..Registration::NOTHING
    },
    protocol: Protocol::Json("AWSStepFunctions", "1.0"),
    resources: &["stateName", "roleArn"],
    check: |operation, input| match operation {
        "TestState" => json::check(test_shape(), input),
        _ => json::check(validate_shape(), input),
    },
    operations: OPERATIONS,
};

/// The most that input, result or output may weigh, in bytes.
const MOST_BYTES: usize = 262_144;

/// A state's error and its cause.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Failure {
    pub(crate) error: String,
    pub(crate) cause: String,
}

impl Failure {
    fn runtime(cause: impl Into<String>) -> Self {
        Self {
            error: "States.Runtime".to_owned(),
            cause: cause.into(),
        }
    }

    fn socket(cause: impl Into<String>) -> Self {
        Self {
            error: "States.Http.Socket".to_owned(),
            cause: cause.into(),
        }
    }

    fn output(&self) -> Value {
        json!({ "Error": self.error, "Cause": self.cause })
    }
}

fn test_shape() -> &'static Shape {
    static SHAPE: LazyLock<Shape> = LazyLock::new(|| {
        let data = || text(0, MOST_BYTES).secret().shape();
        let count = || Shape::Integer {
            min: 0,
            max: i64::MAX,
        };
        let error = Shape::Object(vec![
            optional("error", text(0, 256).secret().shape()),
            optional("cause", text(0, 32_768).secret().shape()),
        ]);
        Shape::Object(vec![
            required("definition", text(1, 1_048_576).secret().shape()),
            optional("roleArn", text(1, 256).shape()),
            optional("input", data()),
            optional("inspectionLevel", one_of(&["INFO", "DEBUG", "TRACE"])),
            optional("revealSecrets", Shape::Flag),
            optional("variables", data()),
            optional("stateName", text(1, 80).secret().shape()),
            optional(
                "mock",
                Shape::Object(vec![
                    optional("result", data()),
                    optional("errorOutput", error),
                    optional("fieldValidationMode", one_of(&["STRICT", "PRESENT", "NONE"])),
                ]),
            ),
            optional("context", data()),
            optional(
                "stateConfiguration",
                Shape::Object(vec![
                    optional("retrierRetryCount", count()),
                    optional("errorCausedByState", text(1, 80).secret().shape()),
                    optional("mapIterationFailureCount", count()),
                    optional("mapItemReaderData", data()),
                ]),
            ),
        ])
    });
    &SHAPE
}

fn validate_shape() -> &'static Shape {
    static SHAPE: LazyLock<Shape> = LazyLock::new(|| {
        Shape::Object(vec![
            required("definition", text(1, 1_048_576).secret().shape()),
            optional("type", one_of(&["STANDARD", "EXPRESS"])),
            optional("severity", one_of(&["ERROR", "WARNING"])),
            optional("maxResults", Shape::Integer { min: 0, max: 100 }),
        ])
    });
    &SHAPE
}

fn validated(input: &Value) -> Value {
    let definition = input["definition"].as_str().unwrap_or_default();
    let most = input["maxResults"]
        .as_u64()
        .filter(|most| *most > 0)
        .unwrap_or(100);
    let warns = input["severity"] == "WARNING";
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let is_express = input["type"] == "EXPRESS";
    validate::answer(definition, is_express, warns, most)
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

/// A text member that has to be JSON.
fn document(input: &Value, member: &str, code: &str) -> Answer<Value> {
    let text = input[member].as_str().unwrap_or("{}");
    serde_json::from_str(text)
        .map_err(|error| ApiError::bad_request(code, format!("Invalid {member}: {error}")))
}

/// The role is needed for tasks that do their work.
fn check_role(shared: &Shared, role: Option<&str>, definition: &Definition, mocked: bool) -> Answer<()> {
    match role {
        None if mocked || !matches!(definition.kind, Kind::Http | Kind::Other) => Ok(()),
        None => Err(validation("RoleArn must be specified when testing a Task state")),
        Some(role) if role.starts_with(&shared.world().origin.global_arn("iam", "role/")) => Ok(()),
        Some(role) => Err(ApiError::bad_request(
            "InvalidArn",
            format!("Invalid Role Arn: '{role}'"),
        )),
    }
}

async fn test_state(shared: &Shared, input: &Value) -> Answer<Reply> {
    let text = |member: &str| input.get(member).and_then(Value::as_str);
    let definition = Definition::parse(text("definition").unwrap_or_default(), text("stateName"))?;
    let (mock, failures) = Mock::read(input, &definition)?;
    check_role(shared, text("roleArn"), &definition, mock.is_some())?;
    let level = text("inspectionLevel").unwrap_or("INFO");
    let inspection = Inspection {
        debug: level != "INFO",
        trace: level == "TRACE",
        reveals_secrets: input["revealSecrets"].as_bool().unwrap_or(false),
    };
    if inspection.reveals_secrets && !inspection.trace {
        return Err(validation(
            "revealSecrets goes with the inspectionLevel TRACE only",
        ));
    }
    if definition.kind == Kind::Other && mock.is_none() {
        return Err(definition::invalid(
            "of tasks only http:invoke is served here; test others with a mock",
        ));
    }
    let state_input = document(input, "input", "InvalidExecutionInput")?;
    let context = context::of(shared, input, &definition, &state_input)?;
    let variables = document(input, "variables", "ValidationException")?;
    let scope = Scope {
        jsonata: definition.jsonata,
        input: &state_input,
        context: &context,
        variables: &variables,
        result: None,
        error: None,
    };

    let mut test = Test {
        shared,
        definition: &definition,
        inspection,
        data: Map::from_iter([("input".to_owned(), Value::from(state_input.to_string()))]),
    };
    let outcome = test.run(&scope, mock, failures).await;
    let mut answer = Map::new();
    let mut put = |name: &str, value: Value| answer.insert(name.to_owned(), value);
    let succeeded = outcome.and_then(|done| {
        let output = done.output.to_string();
        if output.len() > MOST_BYTES {
            return Err(too_large());
        }
        Ok((output, done.next))
    });
    match succeeded {
        Ok((output, next)) => {
            put("output", output.into());
            if let Some(next) = next {
                put("nextState", next.into());
            }
            put("status", "SUCCEEDED".into());
        }
        Err(failure) => {
            put("error", failure.error.clone().into());
            if !failure.cause.is_empty() {
                put("cause", failure.cause.clone().into());
            }
            let tried = input.pointer("/stateConfiguration/retrierRetryCount");
            let tried = tried.and_then(Value::as_u64).unwrap_or(0);
            let (status, catcher) = definition.after_failure(&failure.error, tried, &mut test.data);
            if let Some(catcher) = catcher {
                let error = failure.output();
                let caught = if definition.jsonata {
                    let with_error = Scope {
                        error: Some(&error),
                        ..scope.clone()
                    };
                    catcher
                        .get("Output")
                        .map_or(Ok(error.clone()), |template| with_error.fill(template))
                } else {
                    beside(catcher, &state_input, error.clone())
                };
                // A catcher that fails is AWS's own runtime error; the status says so.
                match caught {
                    Ok(output) => {
                        put("output", output.to_string().into());
                        put("nextState", catcher["Next"].clone());
                        put("status", status.into());
                    }
                    Err(failure) => {
                        put("error", failure.error.into());
                        put("cause", failure.cause.into());
                        put("status", "FAILED".into());
                    }
                }
            } else {
                put("status", status.into());
            }
        }
    }
    if inspection.debug {
        answer.insert("inspectionData".to_owned(), Value::Object(test.data));
    }
    Ok(Reply::json(Value::Object(answer)))
}

fn too_large() -> Failure {
    Failure {
        error: "States.DataLimitExceeded".to_owned(),
        cause: "The state returned a result with a size exceeding the maximum number of bytes service limit."
            .to_owned(),
    }
}
