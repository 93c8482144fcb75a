//! What went wrong with a check, in the words of a diagnostic.

use terraform_plugin::{Diagnostic, Path, path};

use super::request::Request;
use crate::aws::AwsError;
use crate::diagnosis::{CallFailure, Diagnosis, Finding, Severity};

fn error(request: &Request, detail: String) -> Diagnostic {
    Diagnostic::error(
        format!(
            "The private API at {} does not answer as expected",
            request.url.host
        ),
        detail,
    )
}

/// The call was made, or tried, and did not bring what was expected.
pub fn failed(
    request: &Request,
    failure: &CallFailure,
    diagnosis: Result<&Diagnosis, &AwsError>,
) -> Diagnostic {
    let Request { method, url, .. } = request;
    let mut detail = format!(
        "{method} {} through {} ended with {}.\n",
        url.shown(),
        request.connection,
        failure.words()
    );
    match diagnosis {
        Ok(diagnosis) => {
            for finding in &diagnosis.findings {
                detail.push_str(&format!("\n- {}: {}\n", finding.id, finding.words()));
            }
            let hidden = diagnosis.observation.hidden.iter();
            let hidden: Vec<_> = hidden.map(|hidden| format!("\n  {hidden}")).collect();
            if !hidden.is_empty() {
                detail.push_str(&format!("\nNot looked at:{}\n", hidden.concat()));
            }
        }
        Err(error) => detail.push_str(&format!("\nThe path could not be looked at: {error}\n")),
    }
    detail.push_str(&format!(
        "\nThe path as a whole: terraform-provider-private doctor {} --url {}",
        request.connection,
        url.without_query()
    ));
    let at_fault = diagnosis
        .ok()
        .and_then(|diagnosis| at_fault(request, &diagnosis.findings));
    error(request, detail).at(at_fault.unwrap_or_default())
}

/// The argument of the check that is at fault, as the first finding tells that blames one. None is, where something of the
/// path itself is certainly wrong before that.
fn at_fault(request: &Request, findings: &[Finding]) -> Option<Path> {
    for finding in findings {
        let of_call = finding.id.starts_with("call-");
        match finding.id {
            "connection-missing" | "call-no-connection" => return Some(path!("connection_arn")),
            "call-not-found" => return Some(path!("url")),
            "configuration-port" if request.url.port != 443 => return Some(path!("url")),
            id if id.starts_with("url-") => return Some(path!("url")),
            id if id.starts_with("role-") => return Some(path!("role_arn")),
            _ if finding.severity == Severity::Error && !of_call => return None,
            _ => {}
        }
    }
    None
}

/// AWS did not take the call: a permission of the caller is missing, the role does not exist or may not be used, or AWS was
/// not reached.
pub fn call_refused(request: &Request, aws: &AwsError) -> Diagnostic {
    let words = aws.without_remedy();
    let told = if words.contains("assume the provided role") {
        let name = request.role_arn.rsplit('/').next().unwrap_or_default();
        format!(
            "{words}\nThe role does not exist, or its trust policy does not let states.amazonaws.com assume it. See: aws iam \
             get-role --role-name {name}"
        )
    } else {
        aws.to_string()
    };
    let is_about_role = [
        "assume the provided role",
        "iam:PassRole",
        request.role_arn.as_str(),
    ]
    .iter()
    .any(|part| words.contains(part));
    Diagnostic::error(
        "The call could not be made",
        format!(
            "Step Functions did not test the call of {} with the role {}: {told}",
            request.url.shown(),
            request.role_arn
        ),
    )
    .at(if is_about_role {
        path!("role_arn")
    } else {
        Path::root()
    })
}

pub fn interrupted(request: &Request) -> Diagnostic {
    error(
        request,
        "The check was interrupted before an answer came. Apply again to repeat it.".to_owned(),
    )
}

pub fn not_configured(request: &Request) -> Diagnostic {
    error(
        request,
        "The provider block has values that are not known yet, so that nothing can be called.".to_owned(),
    )
}
