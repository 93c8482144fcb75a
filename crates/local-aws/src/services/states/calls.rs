//! The calls of HTTP tasks: each is made beside everything else, and its answer lets the execution go on.

use serde_json::Value;

use super::definition::Notes;
use super::work::LONGEST_CALL;
use super::{Failure, http_task, interpreter};
use crate::shared::Shared;

/// A call that a strand of an execution waits for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Call {
    pub(super) execution: String,
    pub(super) strand: u64,
    /// What the strand waits for; another stamp is of another call.
    pub(super) stamp: u64,
}

/// The error of a call that takes too long.
pub(super) fn unanswered() -> Failure {
    Failure::socket("Connection Timed Out")
}

/// Makes a call, unless the execution went another way in the meantime.
pub(crate) async fn make(shared: &Shared, call: Call) {
    let arguments = {
        let world = shared.world();
        let execution = world.state_machines().execution(&call.execution);
        execution.and_then(|execution| interpreter::arguments(execution, &call))
    };
    let Some(arguments) = arguments else { return };
    let result = send(shared, &arguments).await;
    interpreter::answer(&mut shared.world(), &call, result);
    shared.announce();
}

async fn send(shared: &Shared, arguments: &Value) -> Result<Value, Failure> {
    let mut notes = Notes::default();
    let call = http_task::call(shared, arguments, http_task::Sight::default(), &mut notes);
    let answered = tokio::time::timeout(LONGEST_CALL, call).await;
    answered.unwrap_or_else(|_| Err(unanswered()))
}
