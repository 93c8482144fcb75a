//! What a call answered that was made (AWS Step Functions Developer Guide, "Call HTTPS APIs", errors).

use crate::diagnosis::call::CallFailure;
use crate::diagnosis::finding::{Finding, Severity};
use crate::diagnosis::observation::{Observation, Question};
use crate::diagnosis::remedy::Remedy;

const TASKS: &str = "Call HTTPS APIs in Step Functions workflows";

pub fn check(seen: &Observation, question: &Question) -> Vec<Finding> {
    let finding = question.failure.as_ref().map(|failure| {
        let meaning = match failure.status() {
            // What API Gateway says of a stage, a path or a method that an API does not have.
            Some(403) if failure.is_missing_route() => of_status(404),
            Some(status) => of_status(status),
            None => of_error(&failure.error),
        };
        meaning.finding(seen, failure)
    });
    finding.into_iter().collect()
}

/// What an answer means.
struct Meaning {
    id: &'static str,
    why: &'static str,
    mend: Mend,
    page: &'static str,
}

/// What mends it.
enum Mend {
    Words(&'static str),
    /// The policy of the role that calls.
    Policy,
}

impl Meaning {
    fn finding(self, seen: &Observation, failure: &CallFailure) -> Finding {
        let remedy = match self.mend {
            Mend::Words(words) => Remedy::Words(words.to_owned()),
            Mend::Policy => Remedy::Hcl {
                place: "Give the role the policy of this connection".to_owned(),
                text: format!(
                    "policy = provider::private::state_machine_policy(\"arn:{}:events:{}:{}:connection/{}\")",
                    seen.partition, seen.region, seen.account, seen.name
                ),
            },
        };
        Finding {
            id: self.id,
            severity: Severity::Error,
            seen: format!("The call ended with {}.", failure.words()),
            why: self.why,
            remedies: vec![remedy],
            page: self.page,
        }
    }
}

/// Of an API that has answered.
fn of_status(status: u16) -> Meaning {
    match status {
        401 | 407 => Meaning {
            id: "call-unauthorized",
            why: "The API refuses the credentials, and EventBridge gives the connection up for it (DEAUTHORIZED): no further \
                  call is made until it has others.",
            mend: Mend::Words("Correct the secret, raise its …_wo_version, and apply."),
            page: "De-authorizing connections in Amazon EventBridge",
        },
        403 => Meaning {
            id: "call-forbidden",
            why: "The policy of the endpoint or of the API refuses the call, a usage plan wants a key, or there is no such API or \
                  stage.",
            mend: Mend::Words(
                "Let both policies allow execute-api:Invoke (the API's by aws:SourceVpce or aws:SourceVpc), and deploy the API \
                 again: a new policy holds from the next deployment on.",
            ),
            page: "Use VPC endpoint policies for private APIs in API Gateway",
        },
        404 => Meaning {
            id: "call-not-found",
            why: "The API answers, and has nothing at this path.",
            mend: Mend::Words("Check stage and path of the URL, and the method."),
            page: "Invoke a private API",
        },
        429 | 500..=599 => Meaning {
            id: "call-api-error",
            why: "The path works; the API is busy or fails.",
            mend: Mend::Words("Look at the logs of the API. Let the state machine retry such answers."),
            page: TASKS,
        },
        _ => Meaning {
            id: "call-status",
            why: "The path works; the API answers another status than expected.",
            mend: Mend::Words("Check URL, method and body; or add the status to expected_status_codes."),
            page: TASKS,
        },
    }
}

/// Of a call that has brought no answer.
fn of_error(error: &str) -> Meaning {
    let (id, why, mend) = match error {
        "States.Http.Socket" => (
            "call-no-answer",
            "Nothing answered within 60 seconds, or the connection was cut: a closed security group, a name that leads nowhere, \
             or an API that hangs. In the first minutes after an apply, the path may not be known everywhere.",
            Mend::Words(
                "Mend what else is found here. If that is nothing, look whether the API answers others, and in how many \
                 seconds.",
            ),
        ),
        "States.Http.AccessDenied" => (
            "role-may-not-call",
            "The role lacks states:InvokeHTTPEndpoint for this URL and method, or a condition of it does not hold.",
            Mend::Policy,
        ),
        "Events.ConnectionResource.AccessDenied" => (
            "role-may-not-use-connection",
            "The role may not use this connection, or not read its secret.",
            Mend::Policy,
        ),
        "Events.ConnectionResource.ResourceNotFound" => (
            "call-no-connection",
            "The connection of this ARN is gone, or in another Region.",
            Mend::Words("Refer to connection_arn of the invocation instead of copying it."),
        ),
        "States.Runtime" => (
            "call-not-text",
            "Step Functions cannot make such a request, or cannot read such an answer: it takes text, and some headers are its \
             own.",
            Mend::Words(
                "Let the API answer with text, such as JSON, and leave out headers such as Host and Authorization.",
            ),
        ),
        "States.Timeout" => (
            "call-too-long",
            "The test took longer than its time.",
            Mend::Words("Look why the API takes so long: an HTTP task gives up after 60 seconds."),
        ),
        // The state of the connection is a finding of its own.
        error if error.starts_with("Events.ConnectionResource.") => (
            "call-connection-state",
            "The connection could not be used at that moment.",
            Mend::Words(
                "Mend what is found here of the connection and its state. While it is on its way, wait until it is ACTIVE.",
            ),
        ),
        _ => (
            "call-failed",
            "The call did not come to an answer.",
            Mend::Words("See what AWS says of it."),
        ),
    };
    Meaning {
        id,
        why,
        mend,
        page: TASKS,
    }
}
