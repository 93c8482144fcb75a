//! Answers that stand for tasks, from a file in the shape of Step Functions Local's `MockConfigFile.json`.
//!
//! ```yaml
//! StateMachines:
//!   orders:                          # the name of a state machine
//!     TestCases:
//!       Default: { Charge: paid }    # this one counts where StartExecution names none
//!       Busy: { Charge: busy }       # stateMachineArn: arn:…:stateMachine:orders#Busy
//! MockedResponses:
//!   paid: { "0": { Return: { StatusCode: 200 } } }
//!   busy:
//!     "0-1": { Throw: { Error: Lambda.TooManyRequestsException, Cause: slow down } }
//!     "2": { Return: { StatusCode: 200 } }
//! ```

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The test case that counts where none is named.
pub(crate) const USUAL_CASE: &str = "Default";

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Mocks {
    /// By their names.
    #[serde(default)]
    state_machines: BTreeMap<String, Machine>,
    /// By their names; the answers by the tries that they are for, `0` or `1-3`.
    #[serde(default)]
    mocked_responses: BTreeMap<String, BTreeMap<String, Response>>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Machine {
    /// By their names; the names of responses by those of states.
    #[serde(default)]
    test_cases: BTreeMap<String, BTreeMap<String, String>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
enum Response {
    Return(Value),
    Throw(Thrown),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Thrown {
    error: String,
    #[serde(default)]
    cause: String,
}

/// What stands for one try of a task.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Mocked {
    Result(Value),
    Error {
        error: String,
        cause: String,
    },
    /// The file has nothing for this try; in words.
    Missing(String),
}

/// The tries that a response is for: `0`, `1-3`.
fn tries(text: &str) -> Option<(u64, u64)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    (first <= last).then_some((first, last))
}

impl Mocks {
    /// What is wrong: a response that there is not, or tries that are none.
    ///
    /// # Errors
    /// A text that names the place.
    pub(crate) fn check(&self) -> Result<(), String> {
        for (machine, parts) in &self.state_machines {
            for (case, states) in &parts.test_cases {
                for (state, response) in states {
                    if !self.mocked_responses.contains_key(response) {
                        return Err(format!(
                            "StateMachines.{machine}.TestCases.{case}.{state}: there is no '{response}' among the \
                             MockedResponses"
                        ));
                    }
                }
            }
        }
        for (name, responses) in &self.mocked_responses {
            if let Some(wrong) = responses.keys().find(|text| tries(text).is_none()) {
                return Err(format!(
                    "MockedResponses.{name}.{wrong}: is neither a try, counted from 0, nor a range such as 1-3"
                ));
            }
        }
        Ok(())
    }

    pub(crate) fn has_case(&self, machine: &str, case: &str) -> bool {
        let machine = self.state_machines.get(machine);
        machine.is_some_and(|machine| machine.test_cases.contains_key(case))
    }

    /// The answer to a try of a state, counted from 0; `None` where nothing stands for the state.
    pub(crate) fn answer(&self, machine: &str, case: &str, state: &str, attempt: u64) -> Option<Mocked> {
        let name = self
            .state_machines
            .get(machine)?
            .test_cases
            .get(case)?
            .get(state)?;
        let responses = self.mocked_responses.get(name)?;
        let found = responses
            .iter()
            .find(|(text, _)| tries(text).is_some_and(|(first, last)| (first..=last).contains(&attempt)));
        Some(match found {
            Some((_, Response::Return(result))) => Mocked::Result(result.clone()),
            Some((_, Response::Throw(thrown))) => Mocked::Error {
                error: thrown.error.clone(),
                cause: thrown.cause.clone(),
            },
            None => Mocked::Missing(format!(
                "MockedResponses.{name} has nothing for try {attempt} of this state"
            )),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn mocks() -> Mocks {
        let file = json!({
            "StateMachines": { "orders": { "TestCases": { "Default": { "Charge": "charged" } } } },
            "MockedResponses": { "charged": {
                "0-1": { "Throw": { "Error": "Busy", "Cause": "slow" } },
                "2": { "Return": { "paid": true } },
            } },
        });
        serde_json::from_value(file).unwrap()
    }

    #[test]
    fn each_try_has_its_answer() {
        let mocks = mocks();
        assert_eq!(mocks.check(), Ok(()));
        let answer = |attempt| mocks.answer("orders", "Default", "Charge", attempt);
        assert_eq!(
            answer(1),
            Some(Mocked::Error {
                error: "Busy".to_owned(),
                cause: "slow".to_owned()
            })
        );
        assert_eq!(answer(2), Some(Mocked::Result(json!({ "paid": true }))));
        assert!(matches!(answer(3), Some(Mocked::Missing(words)) if words.contains("try 3")));
        assert_eq!(mocks.answer("orders", "Default", "Other", 0), None);
        assert!(!mocks.has_case("orders", "Other") && !mocks.has_case("other", "Default"));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let mut astray = mocks();
        astray.mocked_responses.clear();
        assert!(
            astray
                .check()
                .unwrap_err()
                .contains("orders.TestCases.Default.Charge")
        );
        let mut odd = mocks();
        let responses = odd.mocked_responses.get_mut("charged").unwrap();
        responses.insert("first".to_owned(), Response::Return(json!(1)));
        assert!(odd.check().unwrap_err().contains("charged.first"));
    }
}
