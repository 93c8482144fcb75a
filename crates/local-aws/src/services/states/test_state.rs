//! TestState: one state by itself, with a mock or with its real call, and how it came to its output.

use serde_json::{Map, Value, json};

use super::arns;
use super::definition::{Definition, Kind, Notes, Outcome, UNNAMED, is_too_large};
use super::mock::Mock;
use super::template::Scope;
use super::work::{self, Begun, LONGEST_CALL, Work};
use super::{Failure, calls, context, document, handlers, http_task, map, validate, validation, variables};
use crate::core::error::{Answer, ApiError};
use crate::shared::Shared;

/// How much a test shows.
#[derive(Clone, Copy)]
struct Inspection {
    debug: bool,
    trace: bool,
    reveals_secrets: bool,
}

fn invalid(message: impl std::fmt::Display) -> ApiError {
    ApiError::new(
        "InvalidDefinition",
        format!("Invalid State Machine Definition: '{message}'"),
    )
}

/// Reads one state, or the named state of a whole state machine, which then tells its own language.
fn read(text: &str, state_name: Option<&str>) -> Answer<Value> {
    let whole: Value = serde_json::from_str(text)
        .map_err(|error| invalid(format_args!("INVALID_JSON_DESCRIPTION: {error}")))?;
    let language = whole.get("QueryLanguage").cloned();
    let mut state = match (whole.get("States"), state_name) {
        (Some(_), Some(name)) => {
            let found = find(&whole, name).cloned();
            found.ok_or_else(|| validation("State not found in definition"))?
        }
        (Some(_), None) => {
            return Err(invalid(
                "a state machine needs stateName, to tell which state is meant",
            ));
        }
        (None, _) => whole,
    };
    if let (Some(language), Value::Object(members)) = (language, &mut state) {
        members.entry("QueryLanguage").or_insert(language);
    }
    let at = format!("/States/{}", state_name.unwrap_or(UNNAMED));
    let problems = validate::state(&state, &at, validate::Machine::default());
    let errors: Vec<String> = problems
        .iter()
        .filter(|problem| problem.is_error)
        .map(ToString::to_string)
        .collect();
    if errors.is_empty() {
        Ok(state)
    } else {
        Err(invalid(errors.join(", ")))
    }
}

/// A state by its name, also inside Map and Parallel states.
fn find<'v>(machine: &'v Value, name: &str) -> Option<&'v Value> {
    let states = machine.get("States")?;
    states.get(name).or_else(|| {
        states.as_object()?.values().find_map(|state| {
            let branches = state["Branches"].as_array().into_iter().flatten();
            let inner = ["ItemProcessor", "Iterator"]
                .iter()
                .filter_map(|field| state.get(*field));
            branches.chain(inner).find_map(|machine| find(machine, name))
        })
    })
}

/// The role is needed for tasks that do their work.
fn check_role(shared: &Shared, role: Option<&str>, definition: &Definition<'_>, mocked: bool) -> Answer<()> {
    match role {
        None if mocked || !definition.kind.is_task() => Ok(()),
        None => Err(validation("RoleArn must be specified when testing a Task state")),
        // Nothing is done in its name by a state that is no task, nor by a mock.
        Some(role) if mocked || !definition.kind.is_task() => arns::role_arn(&shared.world(), role),
        Some(role) => arns::role(&shared.world(), role),
    }
}

fn inspection(input: &Value) -> Answer<Inspection> {
    let level = input["inspectionLevel"].as_str().unwrap_or("INFO");
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
    Ok(inspection)
}

/// The state that is tested.
#[derive(Clone, Copy)]
struct Tested<'t> {
    definition: &'t Definition<'t>,
    name: &'t str,
}

/// What a state that succeeded leads to.
struct Done {
    output: Value,
    next: Option<String>,
}

/// What stands in for the work of a state.
struct Stand {
    mock: Option<Mock>,
    /// How many iterations of a Map failed in the mock.
    failures: u64,
    /// What a Map's ItemReader has read.
    data: Option<String>,
}

/// Why a state has no output.
enum Ended {
    Failed(Failure),
    /// The test itself is none.
    Refused(ApiError),
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

pub(super) async fn test_state(shared: &Shared, input: &Value) -> Answer<Value> {
    let text = |member: &str| input.get(member).and_then(Value::as_str);
    let state = read(text("definition").unwrap_or_default(), text("stateName"))?;
    let definition = &Definition::new(&state, None);
    let (mock, failures) = Mock::read(input, definition)?;
    check_role(shared, text("roleArn"), definition, mock.is_some())?;
    let inspection = inspection(input)?;
    if definition.kind == Kind::Other && mock.is_none() {
        return Err(invalid(
            "of tasks only http:invoke is served here; test others with a mock",
        ));
    }
    let state_input = document(input, "input", "InvalidExecutionInput")?;
    let context = context::of_test(shared, input, definition, &state_input)?;
    let variables = document(input, "variables", "ValidationException")?;
    let scope = Scope {
        jsonata: definition.jsonata,
        input: &state_input,
        context: &context,
        variables: &variables,
        result: None,
        error: None,
    };
    let mut notes = Notes::taken();
    notes.note("input", &state_input);
    if variables
        .as_object()
        .is_some_and(|variables| !variables.is_empty())
    {
        notes.note("variables", &variables);
    }
    let data = input.pointer("/stateConfiguration/mapItemReaderData");
    let stand = Stand {
        mock,
        failures,
        data: data.and_then(Value::as_str).map(str::to_owned),
    };
    let name = text("stateName").unwrap_or(UNNAMED);
    let tested = Tested { definition, name };
    let outcome = match run(shared, tested, &scope, stand, inspection, &mut notes).await {
        Ok(done) => Ok(done),
        Err(Ended::Failed(failure)) => Err(failure),
        Err(Ended::Refused(error)) => return Err(error),
    };
    let mut answer = Map::new();
    let written = Written {
        input: text("input").unwrap_or_default(),
        result: input.pointer("/mock/result").and_then(Value::as_str),
    };
    match outcome {
        Ok(done) if !is_too_large(&done.output) => {
            put_success(&mut answer, &done.output, done.next.as_deref(), "SUCCEEDED");
        }
        outcome => {
            let failure = outcome.err().unwrap_or_else(|| Failure::too_large(name));
            let tried = input.pointer("/stateConfiguration/retrierRetryCount");
            let tried = tried.and_then(Value::as_u64).unwrap_or(0);
            put_failure(&mut answer, tested, &scope, &failure, tried, &mut notes);
        }
    }
    if inspection.debug {
        answer.insert("inspectionData".to_owned(), notes.into_value());
    }
    let mut answer = Value::Object(answer);
    written.put_back(&mut answer);
    Ok(answer)
}

/// The texts of lists that a test is given. Recorded: where nothing was done to one, it is shown as it was written,
/// blanks included; of objects this is not so.
struct Written<'t> {
    input: &'t str,
    /// The result of a mock.
    result: Option<&'t str>,
}

impl Written<'_> {
    fn put_back(&self, answer: &mut Value) {
        let result = self.result.unwrap_or(self.input);
        for (place, text) in [
            ("/inspectionData/input", self.input),
            ("/inspectionData/afterInputPath", self.input),
            ("/inspectionData/afterResultSelector", result),
            ("/inspectionData/afterResultPath", result),
            ("/output", result),
        ] {
            let Some(list) = serde_json::from_str::<Value>(text).ok().filter(Value::is_array) else {
                continue;
            };
            let (shown, without_blanks) = (answer.pointer_mut(place), list.to_string());
            if let Some(shown) = shown.filter(|shown| shown.as_str() == Some(&without_blanks)) {
                *shown = text.trim().into();
            }
        }
    }
}

fn put_success(answer: &mut Map<String, Value>, output: &Value, next: Option<&str>, status: &str) {
    answer.insert("output".to_owned(), output.to_string().into());
    if let Some(next) = next {
        answer.insert("nextState".to_owned(), next.into());
    }
    answer.insert("status".to_owned(), status.into());
}

fn put_error(answer: &mut Map<String, Value>, failure: &Failure) {
    answer.insert("error".to_owned(), failure.error.clone().into());
    if !failure.cause.is_empty() {
        answer.insert("cause".to_owned(), failure.cause.clone().into());
    }
}

/// An error, and what the state's own handlers make of it.
fn put_failure(
    answer: &mut Map<String, Value>,
    Tested { definition, name }: Tested<'_>,
    scope: &Scope<'_>,
    failure: &Failure,
    tried: u64,
    notes: &mut Notes,
) {
    put_error(answer, failure);
    let (status, catcher) = after_failure(definition.state, &failure.error, tried, notes);
    let Some(catcher) = catcher else {
        answer.insert("status".to_owned(), status.into());
        return;
    };
    let caught = definition.caught(catcher, scope, failure);
    match caught.and_then(|outcome| admitted(name, outcome)) {
        Ok(outcome) => {
            if !definition.jsonata {
                notes.note("afterResultPath", &outcome.output);
            }
            put_success(answer, &outcome.output, catcher["Next"].as_str(), status);
        }
        // A catcher that fails is AWS's own runtime error; the status says so.
        Err(failure) => {
            put_error(answer, &failure);
            answer.insert("status".to_owned(), "FAILED".into());
        }
    }
}

/// The status after a failure, and the catcher that takes it.
fn after_failure<'s>(
    state: &'s Value,
    error: &str,
    tried: u64,
    notes: &mut Notes,
) -> (&'static str, Option<&'s Value>) {
    let retrier = handlers::first(state, "Retry", error);
    if let Some((index, retrier)) = retrier.filter(|(_, retrier)| handlers::tries_again(retrier, tried)) {
        let pause = handlers::pause(retrier, tried) as u64;
        notes.put(
            "errorDetails",
            json!({ "retryIndex": index, "retryBackoffIntervalSeconds": pause }),
        );
        return ("RETRIABLE", None);
    }
    match (handlers::first(state, "Catch", error), retrier) {
        (Some((index, catcher)), _) => {
            notes.put("errorDetails", json!({ "catchIndex": index }));
            ("CAUGHT_ERROR", Some(catcher))
        }
        // One that has tried often enough is still told.
        (None, Some((index, _))) => {
            notes.put("errorDetails", json!({ "retryIndex": index }));
            ("FAILED", None)
        }
        (None, None) => ("FAILED", None),
    }
}

/// What a state comes to, if the variables that it assigns are not too large.
fn admitted(name: &str, outcome: Outcome) -> Result<Outcome, Failure> {
    if let Some(assigned) = &outcome.assigned {
        variables::check(name, assigned)?;
    }
    Ok(outcome)
}

/// Lets the state do its work, or the mock in its place.
async fn run(
    shared: &Shared,
    Tested { definition, name }: Tested<'_>,
    raw: &Scope<'_>,
    stand: Stand,
    inspection: Inspection,
    notes: &mut Notes,
) -> Result<Done, Ended> {
    let Stand { mock, failures, data } = stand;
    let Begun { input, work } = work::begin(definition, raw, notes)?;
    let mut next = definition.next();
    let mut rule = None;
    let tolerance = match &work {
        Work::Iterations(_) => {
            let scope = Scope {
                input: &input,
                ..raw.clone()
            };
            map::tolerance(definition, &scope, notes)?
        }
        _ => map::Tolerance::default(),
    };
    let result = match (work, mock) {
        (
            Work::Done {
                result,
                next: target,
                rule: held,
            },
            _,
        ) => {
            (next, rule) = (target, held);
            result
        }
        // What it would wait for was checked; a test does not wait.
        (Work::Wait(moment), _) => {
            moment.after(shared.world().now())?;
            input
        }
        (Work::Iterations(iterations), Some(mock)) => {
            let scope = Scope {
                input: &input,
                ..raw.clone()
            };
            let there = map::tested(definition, &scope, iterations, data.as_deref(), notes)?;
            let result = match mock {
                Mock::Error(failure) => return Err(failure.into()),
                Mock::Result(result) => result,
            };
            let count = result.as_array().map(Vec::len);
            let failed = usize::try_from(failures).unwrap_or(usize::MAX);
            if tolerance.is_given() && tolerance.is_exceeded(failed, count.unwrap_or(0)) {
                return Err(map::Tolerance::exceeded().into());
            }
            // Recorded: what is exceeded is told before a list of another length is.
            if there.zip(count).is_some_and(|(there, count)| there != count) {
                return Err(Ended::Refused(validation(
                    "Input array does not equal the mocked result array's size",
                )));
            }
            result
        }
        (_, Some(Mock::Error(failure))) => return Err(failure.into()),
        (Work::Branches(_), Some(Mock::Result(result))) => result,
        (Work::Task(_), Some(Mock::Result(result))) => {
            notes.note("result", &result);
            result
        }
        (Work::Task(arguments), None) => {
            let seconds = work::seconds(definition, raw, "TimeoutSeconds")?;
            let own = seconds.map(std::time::Duration::from_secs);
            let limit = own.unwrap_or(LONGEST_CALL).min(LONGEST_CALL);
            let sight = http_task::Sight {
                trace: inspection.trace,
                reveals_secrets: inspection.reveals_secrets,
            };
            let call = http_task::call(shared, &arguments, sight, notes);
            let answered = tokio::time::timeout(limit, call).await;
            let timed_out = || match own {
                Some(own) if own < LONGEST_CALL => Failure::timeout(),
                _ => calls::unanswered(),
            };
            let result = answered.unwrap_or_else(|_| Err(timed_out()))?;
            if is_too_large(&result) {
                return Err(Failure::too_large("http").into());
            }
            notes.note("result", &result);
            result
        }
        // A test of these without a mock was refused.
        (Work::Iterations(_) | Work::Branches(_), None) => Value::Null,
    };
    let outcome = admitted(name, definition.finish(raw, result, rule, notes)?)?;
    Ok(Done {
        output: outcome.output,
        next: next.map(str::to_owned),
    })
}
