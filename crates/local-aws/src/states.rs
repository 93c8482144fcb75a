//! Step Functions: TestState, with HTTP tasks that really call, and ValidateStateMachineDefinition.

mod choice;
mod definition;
mod http_task;
mod paths;
mod template;
mod validate;

use std::sync::LazyLock;
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::error::{Answer, ApiError};
use crate::protocol::shape::{Shape, one_of, optional, required, text};
use crate::protocol::{Reply, json};
use crate::shared::Shared;

use definition::{Definition, Kind, beside};
use template::Scope;

pub(crate) const OPERATIONS: &[&str] = &["TestState", "ValidateStateMachineDefinition"];

/// Members that name what a call is about.
pub(crate) const RESOURCES: &[&str] = &["stateName", "roleArn"];

/// What an HTTP task may take.
const LONGEST_CALL: Duration = Duration::from_secs(60);

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

pub(crate) async fn dispatch(shared: &Shared, operation: &str, input: &Value) -> Answer<Reply> {
    match operation {
        "TestState" => {
            json::check(test_shape(), input)?;
            test_state(shared, input).await.map(Reply::json)
        }
        "ValidateStateMachineDefinition" => {
            json::check(validate_shape(), input)?;
            let definition = input["definition"].as_str().unwrap_or_default();
            let most = input["maxResults"]
                .as_u64()
                .filter(|most| *most > 0)
                .unwrap_or(100);
            let warns = input["severity"] == "WARNING";
            let most = usize::try_from(most).unwrap_or(usize::MAX);
            Ok(Reply::json(validate::answer(definition, warns, most)))
        }
        _ => Err(ApiError::bad_request("UnknownOperationException", "")),
    }
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

/// What a state gives in the place of doing its work.
enum Mock {
    Result(Value),
    Error(Failure),
}

impl Mock {
    fn read(input: &Value, definition: &Definition) -> Answer<Option<Self>> {
        let Some(mock) = input.get("mock").filter(|mock| !mock.is_null()) else {
            return Ok(None);
        };
        if !matches!(definition.kind, Kind::Http | Kind::Other) {
            return Err(validation(
                "A mock can be given for Task, Map and Parallel states only",
            ));
        }
        let given = |member: &str| mock.get(member).filter(|value| !value.is_null());
        match (given("result"), given("errorOutput")) {
            (Some(result), None) => {
                let result = serde_json::from_str(result.as_str().unwrap_or_default())
                    .map_err(|error| validation(format!("mock.result is not JSON: {error}")))?;
                let wants_list = matches!(definition.state["Type"].as_str(), Some("Map" | "Parallel"));
                let validates = given("fieldValidationMode").is_none_or(|mode| mode != "NONE");
                let fits = match &result {
                    Value::Array(_) => wants_list,
                    Value::Object(_) => !wants_list,
                    _ => false,
                };
                if validates && !fits {
                    let kind = if wants_list { "an array" } else { "an object" };
                    return Err(validation(format!(
                        "mock.result is not {kind}, as the state's result is"
                    )));
                }
                Ok(Some(Self::Result(result)))
            }
            (None, Some(_)) if given("fieldValidationMode").is_some() => {
                Err(validation("mock.fieldValidationMode goes with mock.result only"))
            }
            (None, Some(error)) => {
                let text = |member: &str| error[member].as_str().unwrap_or_default().to_owned();
                Ok(Some(Self::Error(Failure {
                    error: text("error"),
                    cause: text("cause"),
                })))
            }
            _ => Err(validation("Give either mock.result or mock.errorOutput")),
        }
    }
}

/// A text member that has to be JSON.
fn document(input: &Value, member: &str, code: &str) -> Answer<Value> {
    let text = input[member].as_str().unwrap_or("{}");
    serde_json::from_str(text)
        .map_err(|error| ApiError::bad_request(code, format!("Invalid {member}: {error}")))
}

async fn test_state(shared: &Shared, input: &Value) -> Answer<Value> {
    let text = |member: &str| input.get(member).and_then(Value::as_str);
    let mocked = input.get("mock").is_some_and(|mock| !mock.is_null());
    match text("roleArn") {
        None if mocked => {}
        None => return Err(validation("A roleArn is required unless mock is given")),
        Some(role) => {
            let account = &shared.seed.account_id;
            if !role.starts_with(&format!("arn:aws:iam::{account}:role/")) {
                return Err(ApiError::bad_request(
                    "InvalidArn",
                    format!("Invalid Role Arn: '{role}'"),
                ));
            }
        }
    }
    let level = text("inspectionLevel").unwrap_or("INFO");
    let inspection = Inspection {
        debug: level != "INFO",
        trace: level == "TRACE",
        reveals_secrets: input["revealSecrets"].as_bool().unwrap_or(false),
    };
    if inspection.reveals_secrets && (mocked || !inspection.trace) {
        return Err(validation(
            "revealSecrets goes with the inspectionLevel TRACE only, and not with a mock",
        ));
    }
    let definition = Definition::parse(text("definition").unwrap_or_default(), text("stateName"))?;
    let mock = Mock::read(input, &definition)?;
    if definition.kind == Kind::Other && mock.is_none() {
        return Err(definition::invalid(
            "of tasks only http:invoke is served here; test others, Map and Parallel with a mock",
        ));
    }
    let state_input = document(input, "input", "InvalidExecutionInput")?;
    let context = document(input, "context", "ValidationException")?;
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
    let outcome = test.run(&scope, mock).await;
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
            put("cause", failure.cause.clone().into());
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
    Ok(Value::Object(answer))
}

fn too_large() -> Failure {
    Failure {
        error: "States.DataLimitExceeded".to_owned(),
        cause: "The state returned a result with a size exceeding the maximum number of bytes service limit."
            .to_owned(),
    }
}

/// One test of a state.
struct Test<'t> {
    shared: &'t Shared,
    definition: &'t Definition,
    inspection: Inspection,
    /// What the answer shows of the way from input to output.
    data: Map<String, Value>,
}

/// What a state that succeeded leads to.
struct Done {
    output: Value,
    next: Option<String>,
}

impl Test<'_> {
    fn note(&mut self, name: &str, value: &Value) {
        self.data.insert(name.to_owned(), value.to_string().into());
    }

    /// Lets the state do its work, or the mock in its place.
    async fn run(&mut self, scope: &Scope<'_>, mock: Option<Mock>) -> Result<Done, Failure> {
        let definition = self.definition;
        let input = definition.effective_input(scope)?;
        let scope = &Scope {
            input: &input,
            ..scope.clone()
        };
        if !definition.jsonata {
            self.note("afterInputPath", &input);
        }
        let mut next = definition.next().map(str::to_owned);
        let result = match definition.kind {
            Kind::Pass => match definition.state.get("Result").filter(|_| !definition.jsonata) {
                Some(result) => result.clone(),
                None if definition.jsonata => input.clone(),
                None => self.arguments(scope)?,
            },
            Kind::Succeed => input.clone(),
            Kind::Fail => return Err(self.fail(scope)),
            Kind::Choice => {
                next = Some(choice::next(&definition.state, scope)?);
                input.clone()
            }
            // What it would wait for is checked; a test does not wait.
            Kind::Wait => {
                self.moment(scope)?;
                input.clone()
            }
            Kind::Http | Kind::Other => {
                let arguments = self.arguments(scope)?;
                let result = match mock {
                    Some(Mock::Result(result)) => result,
                    Some(Mock::Error(failure)) => return Err(failure),
                    None => self.call(&arguments).await?,
                };
                self.note("result", &result);
                result
            }
        };
        let with_result = Scope {
            result: Some(&result),
            ..scope.clone()
        };
        if let Some(variables) = definition.assigned(&with_result)? {
            self.note("variables", &variables);
        }
        let output = definition.output(scope, result.clone(), &mut self.data)?;
        Ok(Done { output, next })
    }

    fn arguments(&mut self, scope: &Scope<'_>) -> Result<Value, Failure> {
        let arguments = self.definition.arguments(scope)?;
        let name = if self.definition.jsonata {
            "afterArguments"
        } else {
            "afterParameters"
        };
        self.note(name, &arguments);
        Ok(arguments)
    }

    async fn call(&mut self, arguments: &Value) -> Result<Value, Failure> {
        let seconds = self.definition.state["TimeoutSeconds"].as_f64();
        let own = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let limit = own.unwrap_or(LONGEST_CALL).min(LONGEST_CALL);
        let call = http_task::call(self.shared, arguments, self.inspection, &mut self.data);
        let answered = tokio::time::timeout(limit, call).await;
        let result = answered.unwrap_or_else(|_| {
            Err(match own {
                Some(own) if own < LONGEST_CALL => Failure {
                    error: "States.Timeout".to_owned(),
                    cause: format!("The task took longer than its {} seconds", own.as_secs_f64()),
                },
                _ => Failure::socket("Connection Timed Out"),
            })
        })?;
        if result.to_string().len() > MOST_BYTES {
            return Err(too_large());
        }
        Ok(result)
    }

    /// The error of a Fail state.
    fn fail(&self, scope: &Scope<'_>) -> Failure {
        let state = &self.definition.state;
        let text = |name: &str| {
            let by_path = state[format!("{name}Path")]
                .as_str()
                .and_then(|path| scope.at(path).cloned());
            let plain = state.get(name).and_then(|value| scope.fill(value).ok());
            match by_path.or(plain) {
                Some(Value::String(text)) => text,
                Some(other) => other.to_string(),
                None => String::new(),
            }
        };
        Failure {
            error: text("Error"),
            cause: text("Cause"),
        }
    }

    /// Checks what a Wait state waits for.
    fn moment(&self, scope: &Scope<'_>) -> Result<(), Failure> {
        let state = &self.definition.state;
        for (name, is_time) in [("Seconds", false), ("Timestamp", true)] {
            let path = state[format!("{name}Path")].as_str();
            let value = match (state.get(name), path) {
                (Some(value), _) => scope.fill(value)?,
                (None, Some(path)) => scope
                    .at(path)
                    .cloned()
                    .ok_or_else(|| Failure::runtime(format!("Invalid path '{path}' in {name}Path")))?,
                (None, None) => continue,
            };
            let fits = if is_time {
                value.as_str().and_then(crate::timestamp::parse_iso8601).is_some()
            } else {
                value.as_u64().is_some_and(|seconds| seconds <= 99_999_999)
            };
            if !fits {
                return Err(Failure::runtime(format!(
                    "The value of {name}, {value}, cannot be waited for"
                )));
            }
        }
        Ok(())
    }
}
