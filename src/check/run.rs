//! Runs a check: calls, and calls again while the path may not be known everywhere.

use std::time::Duration;

use terraform_plugin::{Cx, Diagnostic};
use tokio::time::{Instant, sleep};

use super::report;
use super::request::Request;
use super::verdict::{Verdict, judge};
use crate::aws::{Api, AwsError, Called as _, ErrorKind};
use crate::client::{Aws, Client};
use crate::diagnosis::{CallFailure, Diagnosis, Question, Severity, diagnose};

/// The first pause between two calls, and the longest.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Calls until an answer says that the API is reached or that it is not, or the time is over; `say` is told how it goes.
/// Gives the status of the answer.
///
/// # Errors
/// The check failed: why, with what mends it.
pub async fn run(
    cx: &Cx<Client>,
    request: &Request,
    deadline: Instant,
    say: impl Fn(String) + Sync,
) -> Result<u16, Diagnostic> {
    let region = request.connection.region.clone().into();
    let Some(aws) = cx.client().aws(&region) else {
        return Err(report::not_configured(request));
    };
    let work = until_answered(&aws, request, deadline, say);
    let done = cx.cancelled().run_until_cancelled(work).await;
    done.unwrap_or_else(|| Err(report::interrupted(request)))
}

async fn until_answered(
    aws: &Aws,
    request: &Request,
    deadline: Instant,
    say: impl Fn(String) + Sync,
) -> Result<u16, Diagnostic> {
    let mut pause = PAUSE;
    let mut attempt = 1;
    loop {
        say(format!(
            "calling {} {}, attempt {attempt}",
            request.method, request.url
        ));
        let answer = call(aws, request).await;
        let is_last = Instant::now() + pause >= deadline;
        let not_yet = match answer {
            Err(error) if !is_last && is_too_new(&error) => "the role cannot be assumed yet".to_owned(),
            Err(error) => return Err(report::call_refused(request, &error)),
            Ok(answer) => match judge(request, &answer) {
                Verdict::Passed(status) => {
                    say(format!("{} answered with {status}", request.url.host));
                    return Ok(status);
                }
                Verdict::Failed(failure) => return Err(failed(aws, request, failure, None).await),
                Verdict::NotYet(failure) => {
                    // What is certainly wrong does not pass by waiting.
                    let diagnosis = look(aws, request, failure.clone()).await;
                    if is_last || diagnosis.as_ref().is_ok_and(is_hopeless) {
                        return Err(failed(aws, request, failure, Some(diagnosis)).await);
                    }
                    format!("{}: the path may not be known everywhere yet", failure.error)
                }
            },
        };
        say(not_yet);
        sleep(pause).await;
        pause = (2 * pause).min(LONGEST_PAUSE);
        attempt += 1;
    }
}

/// Whether the role, or its trust policy, is not known everywhere yet: so Step Functions says it of a new one.
fn is_too_new(error: &AwsError) -> bool {
    error.kind == ErrorKind::AccessDenied && error.without_remedy().contains("assume the provided role")
}

async fn call(
    aws: &Aws,
    request: &Request,
) -> Result<aws_sdk_sfn::operation::test_state::TestStateOutput, AwsError> {
    const API: Api = Api::new("states", "TestState");
    let call = aws.states.test_state().definition(request.definition());
    call.role_arn(&request.role_arn).send().await.of(API)
}

async fn look(aws: &Aws, request: &Request, failure: CallFailure) -> Result<Diagnosis, AwsError> {
    let question = Question {
        connection: request.connection.name.clone(),
        arn: Some(request.connection.to_string()),
        url: Some(request.url.clone()),
        failure: Some(failure),
    };
    diagnose(aws, &question).await
}

/// Whether something of the path itself is wrong for certain; what the call alone says may pass.
fn is_hopeless(diagnosis: &Diagnosis) -> bool {
    let of_path = |id: &str| !id.starts_with("call-") && !id.starts_with("role-");
    let mut findings = diagnosis.findings.iter();
    findings.any(|finding| finding.severity == Severity::Error && of_path(finding.id))
}

async fn failed(
    aws: &Aws,
    request: &Request,
    failure: CallFailure,
    looked: Option<Result<Diagnosis, AwsError>>,
) -> Diagnostic {
    let diagnosis = match looked {
        Some(looked) => looked,
        None => look(aws, request, failure.clone()).await,
    };
    report::failed(request, &failure, diagnosis.as_ref())
}
