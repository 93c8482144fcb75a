//! What Step Functions puts on the default event bus when an execution of a STANDARD machine begins and when it ends.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::executions::Execution;
use crate::core::world::World;
use crate::services::events;

/// Announces the status that an execution has now.
pub(super) fn announce(world: &mut World, execution: &Execution) {
    if execution.is_express {
        return;
    }
    let detail = detail(execution);
    events::announce_of(
        world,
        "aws.states",
        "Step Functions Execution Status Change",
        &execution.arn,
        detail,
    );
}

fn milliseconds(at: SystemTime) -> Value {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    u64::try_from(since).unwrap_or(u64::MAX).into()
}

/// The members are those of DescribeExecution; what there is not is null.
fn detail(execution: &Execution) -> Value {
    let text = |name: &str| {
        execution
            .error()
            .find(|(known, _)| *known == name)
            .map(|(_, text)| text)
    };
    let (redrive_status, reason) = execution.redrive();
    let included = json!({ "included": true });
    json!({
        "executionArn": execution.arn,
        "stateMachineArn": execution.machine_arn,
        "name": execution.name,
        "status": execution.status.as_str(),
        "startDate": milliseconds(execution.started),
        "stopDate": execution.stopped.map(milliseconds),
        "input": execution.input,
        "output": execution.output,
        "stateMachineVersionArn": null,
        "stateMachineAliasArn": null,
        "redriveCount": 0,
        "redriveDate": null,
        "redriveStatus": redrive_status,
        "redriveStatusReason": reason,
        "inputDetails": included,
        "outputDetails": execution.output.as_ref().map(|_| &included),
        "error": text("error"),
        "cause": text("cause"),
    })
}
