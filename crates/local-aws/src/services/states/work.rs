//! What a state does with its input: it is done at once, waits, calls, or lets other states run.

use std::time::Duration;

use serde_json::Value;

use super::definition::{Definition, Kind, Notes};
use super::map::{self, Iterations};
use super::template::Scope;
use super::waiting::Moment;
use super::{Failure, choice};

/// What there is to be done before a state has its result.
#[derive(Debug)]
pub(super) enum Work<'d> {
    /// Nothing: the result, where it goes, and the choice rule that says so.
    Done {
        result: Value,
        next: Option<&'d str>,
        rule: Option<&'d Value>,
    },
    Wait(Moment),
    /// A call with these arguments.
    Task(Value),
    /// Every branch of a Parallel state, with this input.
    Branches(Value),
    /// The states of a Map, once for each item.
    Iterations(Iterations),
}

/// What a state that was entered has to do, and the effective input that it does it with.
#[derive(Debug)]
pub(super) struct Begun<'d> {
    pub(super) input: Value,
    pub(super) work: Work<'d>,
}

/// Begins a state. `raw` has its own input.
pub(super) fn begin<'d>(
    definition: &Definition<'d>,
    raw: &Scope<'_>,
    notes: &mut Notes,
) -> Result<Begun<'d>, Failure> {
    let input = definition.effective_input(raw)?;
    let scope = &Scope {
        input: &input,
        ..raw.clone()
    };
    let constant = definition
        .state
        .get("Result")
        .filter(|_| definition.kind == Kind::Pass && !definition.jsonata);
    // AWS shows no step of these two.
    if !definition.jsonata && constant.is_none() && definition.kind != Kind::Parallel {
        notes.note("afterInputPath", &input);
    }
    let done = |result: Value| Work::Done {
        result,
        next: definition.next(),
        rule: None,
    };
    let work = match definition.kind {
        Kind::Pass => match constant {
            Some(result) => {
                notes.note("result", result);
                done(result.clone())
            }
            None if definition.jsonata => done(input.clone()),
            None => done(arguments(definition, scope, notes)?),
        },
        Kind::Succeed => done(input.clone()),
        Kind::Fail => return Err(fail(definition, scope)?),
        Kind::Choice => {
            let (next, rule) = choice::next(definition.state, scope)?;
            Work::Done {
                result: input.clone(),
                next,
                rule,
            }
        }
        Kind::Wait => Work::Wait(Moment::of(definition, scope)?),
        Kind::Map => Work::Iterations(map::look(definition, scope, notes)?),
        Kind::Parallel => Work::Branches(definition.arguments(scope)?),
        Kind::Http | Kind::Other => Work::Task(arguments(definition, scope, notes)?),
    };
    Ok(Begun { input, work })
}

fn arguments(definition: &Definition<'_>, scope: &Scope<'_>, notes: &mut Notes) -> Result<Value, Failure> {
    let arguments = definition.arguments(scope)?;
    let name = if definition.jsonata {
        "afterArguments"
    } else {
        "afterParameters"
    };
    notes.note(name, &arguments);
    Ok(arguments)
}

/// The error of a Fail state.
fn fail(definition: &Definition<'_>, scope: &Scope<'_>) -> Result<Failure, Failure> {
    let text = |name: &str| -> Result<String, Failure> {
        let path_field = format!("{name}Path");
        let value = match (definition.state.get(name), definition.state[&path_field].as_str()) {
            (_, Some(path)) => scope.reference(path, &path_field)?,
            (Some(value), None) => scope.fill(value, name)?,
            (None, None) => Value::Null,
        };
        Ok(match value {
            Value::String(text) => text,
            Value::Null => String::new(),
            other => other.to_string(),
        })
    };
    Ok(Failure::new(text("Error")?, text("Cause")?))
}

/// The seconds of a field that bounds a task: TimeoutSeconds, HeartbeatSeconds.
pub(super) fn seconds(
    definition: &Definition<'_>,
    scope: &Scope<'_>,
    field: &str,
) -> Result<Option<u64>, Failure> {
    let Some((value, path)) = definition.field(field, scope)? else {
        return Ok(None);
    };
    let seconds = value
        .as_u64()
        .filter(|seconds| (1..=99_999_999).contains(seconds));
    seconds.map(Some).ok_or_else(|| match path {
        Some(path) => Failure::runtime(format!(
            "The {field}Path parameter must be a positive integer: {path} == {value}"
        )),
        None => Failure::evaluation(
            format!("The {field} field must be a positive integer, but was: {value}"),
            Some(field),
        ),
    })
}

/// The longest that an HTTP task may take, whatever its TimeoutSeconds say.
pub(super) const LONGEST_CALL: Duration = Duration::from_secs(60);
