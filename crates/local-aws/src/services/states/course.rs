//! The course of a test: what a state works on, what it does or what its mock gives, and what comes out.

use std::time::Duration;

use serde_json::{Map, Value};

use super::definition::{Definition, Kind};
use super::mock::Mock;
use super::template::Scope;
use super::{Failure, Inspection, MOST_BYTES, choice, http_task, map, too_large};
use crate::shared::Shared;

/// What an HTTP task may take.
const LONGEST_CALL: Duration = Duration::from_secs(60);

/// One test of a state.
pub(super) struct Test<'t> {
    pub(super) shared: &'t Shared,
    pub(super) definition: &'t Definition,
    pub(super) inspection: Inspection,
    /// What the answer shows of the way from input to output.
    pub(super) data: Map<String, Value>,
}

/// What a state that succeeded leads to.
pub(super) struct Done {
    pub(super) output: Value,
    pub(super) next: Option<String>,
}

impl Test<'_> {
    fn note(&mut self, name: &str, value: &Value) {
        self.data.insert(name.to_owned(), value.to_string().into());
    }

    /// Lets the state do its work, or the mock in its place.
    /// `failures` is how many iterations of a Map failed in the mock.
    pub(super) async fn run(
        &mut self,
        raw: &Scope<'_>,
        mock: Option<Mock>,
        failures: u64,
    ) -> Result<Done, Failure> {
        let definition = self.definition;
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
            self.note("afterInputPath", &input);
        }
        let mut next = definition.next().map(str::to_owned);
        let result = match definition.kind {
            Kind::Pass => match constant {
                Some(result) => {
                    self.note("result", result);
                    result.clone()
                }
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
            Kind::Map | Kind::Parallel => {
                let tolerance = match definition.kind {
                    Kind::Map => Some(map::look(definition, scope, &mut self.data)?),
                    _ => None,
                };
                match mock {
                    Some(Mock::Result(result)) => {
                        tolerance.map_or(Ok(()), |tolerance| tolerance.check(failures, &result))?;
                        result
                    }
                    Some(Mock::Error(failure)) => return Err(failure),
                    // A test without a mock was refused.
                    None => Value::Null,
                }
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
        let output = definition.output(raw, result.clone(), &mut self.data)?;
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
                value
                    .as_str()
                    .and_then(crate::core::timestamp::parse_iso8601)
                    .is_some()
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
