//! What the answer to a test says: that the API has answered as expected, that the path may not be known everywhere yet, or
//! that it does not work.

use aws_sdk_sfn::operation::test_state::TestStateOutput;
use aws_sdk_sfn::types::TestExecutionStatus;
use serde_json::Value;

use super::request::Request;
use crate::diagnosis::CallFailure;

/// What came of one call.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// With this status.
    Passed(u16),
    /// It may pass in a while, though nothing is changed.
    NotYet(CallFailure),
    Failed(CallFailure),
}

/// What AWS answers while a new path or role is not known everywhere (AWS Step Functions Developer Guide, "Call HTTPS APIs").
/// An API that has answered, whatever it was, shows that the path works; a 401 is never tried again, because EventBridge
/// gives a connection up for it.
const NOT_YET: [&str; 8] = [
    "States.Http.Socket",
    "States.Http.AccessDenied",
    "Events.ConnectionResource.AccessDenied",
    "Events.ConnectionResource.InvalidConnectionState",
    "Events.ConnectionResource.InvalidPrivateConnectionState",
    "Events.ConnectionResource.AuthInProgress",
    "Events.ConnectionResource.ConcurrentModification",
    "Events.ConnectionResource.InternalError",
];

pub fn judge(request: &Request, answer: &TestStateOutput) -> Verdict {
    if answer.status == Some(TestExecutionStatus::Succeeded) {
        let output: Option<Value> = answer
            .output()
            .and_then(|output| serde_json::from_str(output).ok());
        let status = output.as_ref().and_then(|output| output["StatusCode"].as_u64());
        let Some(status) = status.and_then(|status| u16::try_from(status).ok()) else {
            return Verdict::Failed(CallFailure {
                error: "an answer without a status".to_owned(),
                cause: answer.output().unwrap_or_default().to_owned(),
            });
        };
        return if request.expects(status) {
            Verdict::Passed(status)
        } else {
            Verdict::Failed(CallFailure {
                error: format!("States.Http.StatusCode.{status}"),
                cause: String::new(),
            })
        };
    }
    let failure = CallFailure {
        error: answer.error().unwrap_or("no error").to_owned(),
        cause: answer.cause().unwrap_or_default().to_owned(),
    };
    match failure.status() {
        Some(status) if request.expects(status) => Verdict::Passed(status),
        None if NOT_YET.contains(&failure.error.as_str()) => Verdict::NotYet(failure),
        _ => Verdict::Failed(failure),
    }
}
