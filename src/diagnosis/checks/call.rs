//! What a call answered that was made (AWS Step Functions Developer Guide, "Call HTTPS APIs", errors).

use crate::diagnosis::call::CallFailure;
use crate::diagnosis::finding::{Finding, Severity};
use crate::diagnosis::observation::{Observation, Question};
use crate::diagnosis::remedy::Remedy;

const PAGE: &str = "Call HTTPS APIs in Step Functions workflows";

pub fn check(seen: &Observation, question: &Question) -> Vec<Finding> {
    let failure = question.failure.as_ref();
    failure
        .and_then(|failure| of_failure(seen, failure))
        .into_iter()
        .collect()
}

fn of_failure(seen: &Observation, failure: &CallFailure) -> Option<Finding> {
    let words = |text: &str| vec![Remedy::Words(text.to_owned())];
    let told = || {
        if failure.cause.is_empty() {
            format!("The call ended with {}.", failure.error)
        } else {
            format!(
                "The call ended with {}: {}.",
                failure.error,
                failure.cause.trim_end_matches('.')
            )
        }
    };
    let finding = |id, why, remedies, page| {
        Some(Finding {
            id,
            severity: Severity::Error,
            seen: told(),
            why,
            remedies,
            page,
        })
    };
    let policy = || {
        vec![Remedy::Hcl {
            place: "Give the role the policy of this connection".to_owned(),
            text: format!(
                "policy = provider::private::state_machine_policy(\"arn:{}:events:{}:{}:connection/{}\")",
                seen.partition, seen.region, seen.account, seen.name
            ),
        }]
    };
    match failure.status() {
        Some(401 | 407) => {
            return finding(
                "call-unauthorized",
                "The API refuses the credentials, and EventBridge gives the connection up for it (DEAUTHORIZED): no further call \
                 is made until it has others.",
                words("Correct the secret, raise its …_wo_version, and apply."),
                "De-authorizing connections in Amazon EventBridge",
            );
        }
        Some(403) => {
            return finding(
                "call-forbidden",
                "The policy of the endpoint or of the API refuses the call, a usage plan wants a key, or there is no such API or \
                 stage.",
                words(
                    "Let both policies allow execute-api:Invoke (the API's by aws:SourceVpce or aws:SourceVpc), and deploy the API \
                     again: a new policy holds from the next deployment on.",
                ),
                "Use VPC endpoint policies for private APIs in API Gateway",
            );
        }
        Some(404) => {
            return finding(
                "call-not-found",
                "The API answers, and has nothing at this path.",
                words("Check stage and path of the URL, and the method."),
                "Invoke a private API",
            );
        }
        Some(429 | 500..=599) => {
            return finding(
                "call-api-error",
                "The path works; the API is busy or fails.",
                words("Look at the logs of the API. Let the state machine retry such answers."),
                PAGE,
            );
        }
        Some(_) => {
            return finding(
                "call-status",
                "The path works; the API answers another status than expected.",
                words("Check URL, method and body; or add the status to expected_status_codes."),
                PAGE,
            );
        }
        None => {}
    }
    match failure.error.as_str() {
        "States.Http.Socket" => finding(
            "call-no-answer",
            "Nothing answered within 60 seconds, or the connection was cut: a closed security group, a name that leads nowhere, \
             or an API that hangs. In the first minutes after an apply, the path may not be known everywhere.",
            words(
                "Mend what else is found here. If that is nothing, look whether the API answers others, and in how many seconds.",
            ),
            PAGE,
        ),
        "States.Http.AccessDenied" => finding(
            "role-may-not-call",
            "The role lacks states:InvokeHTTPEndpoint for this URL and method, or a condition of it does not hold.",
            policy(),
            PAGE,
        ),
        "Events.ConnectionResource.AccessDenied" => finding(
            "role-may-not-use-connection",
            "The role may not use this connection, or not read its secret.",
            policy(),
            PAGE,
        ),
        "Events.ConnectionResource.ResourceNotFound" => finding(
            "call-no-connection",
            "The connection of this ARN is gone, or in another Region.",
            words("Refer to connection_arn of the invocation instead of copying it."),
            PAGE,
        ),
        "States.Runtime" => finding(
            "call-not-text",
            "Step Functions cannot make such a request, or cannot read such an answer: it takes text, and some headers are its own.",
            words(
                "Let the API answer with text, such as JSON, and leave out headers such as Host and Authorization.",
            ),
            PAGE,
        ),
        "States.Timeout" => finding(
            "call-too-long",
            "The test took longer than its time.",
            words("Look why the API takes so long: an HTTP task gives up after 60 seconds."),
            PAGE,
        ),
        // The state of the connection is a finding of its own.
        error if error.starts_with("Events.ConnectionResource.") && seen.connection.here().is_some() => {
            finding(
                "call-connection-state",
                "The connection could not be used at that moment.",
                words("Wait until it is ACTIVE, and mend what else is found here."),
                PAGE,
            )
        }
        _ => finding(
            "call-failed",
            "The call did not come to an answer.",
            words("See what AWS says of it."),
            PAGE,
        ),
    }
}
