//! What went wrong with a check, in the words of a diagnostic.

use terraform_plugin::{Diagnostic, path};

use super::request::Request;
use crate::aws::AwsError;
use crate::diagnosis::{CallFailure, Diagnosis};

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
    error(request, detail)
}

/// AWS did not take the call: a permission of the caller is missing, or the role does not exist.
pub fn call_refused(request: &Request, aws: &AwsError) -> Diagnostic {
    Diagnostic::error(
        "The call could not be made",
        format!(
            "Step Functions did not test the call of {} with the role {}: {aws}",
            request.url.shown(),
            request.role_arn
        ),
    )
    .at(path!("role_arn"))
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
