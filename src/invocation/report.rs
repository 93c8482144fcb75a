//! What went wrong, told once and to the user: what failed, AWS's answer, what stands now, the next step.

use reconcile::Error;
use terraform_plugin::{Diagnostic, Path, path};

use crate::aws::AwsError;
use crate::component::ComponentError;
use crate::endpoint::Problem;

/// What was being done, in the words of the summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    Reading,
    Planning,
    Creating,
    Updating,
    Deleting,
    Importing,
}

impl Doing {
    fn infinitive(self) -> &'static str {
        match self {
            Self::Reading => "read",
            Self::Planning => "plan",
            Self::Creating => "create",
            Self::Updating => "update",
            Self::Deleting => "delete",
            Self::Importing => "import",
        }
    }
}

/// The key of private data under which a read or an apply leaves what it saw, for the next plan.
pub const OBSERVED: &str = "observed";

/// The key of private data under which a plan leaves its steps, for the apply.
pub const STEPS: &str = "steps";

/// An engine's error. `standing` says what is recorded, in words; empty where nothing is.
pub fn engine_error(
    doing: Doing,
    name: &str,
    error: &Error<ComponentError>,
    standing: &[String],
) -> Diagnostic {
    let summary = match error {
        Error::Component {
            source: ComponentError::Alive { .. } | ComponentError::Foreign { .. },
            ..
        } => {
            format!("Private API invocation {name} exists already")
        }
        Error::ChangedSincePlan { .. } => format!("Private API invocation {name} changed since the plan"),
        Error::Interrupted => format!("Interrupted: private API invocation {name}"),
        Error::Timeout { .. } => format!("Timed out: private API invocation {name}"),
        _ => format!("Could not {} private API invocation {name}", doing.infinitive()),
    };
    let mut detail = match error {
        Error::Component {
            source: source @ (ComponentError::Alive { .. } | ComponentError::Foreign { .. }),
            ..
        } => source.to_string(),
        error => capitalized(&error.to_string()),
    };
    if !standing.is_empty() {
        detail.push_str("\n\nWhat stands is recorded:\n");
        for line in standing {
            detail.push_str(&format!("  {line}\n"));
        }
    }
    let next = match (doing, error) {
        (
            _,
            Error::Component {
                source: ComponentError::Alive { .. } | ComponentError::Foreign { .. },
                ..
            },
        ) => None,
        (_, Error::ChangedSincePlan { .. }) => Some("Nothing was changed. Plan again, and apply that plan."),
        (Doing::Creating, _) if standing.is_empty() => Some("Nothing is left behind. Apply again."),
        (Doing::Creating, _) => Some(
            "Terraform will replace this resource in the next apply. To go on from here instead, run `terraform untaint` \
             with its address first.",
        ),
        (Doing::Updating | Doing::Deleting, _) => Some("Apply again: it goes on from here."),
        _ => None,
    };
    if let Some(next) = next {
        detail.push_str(&format!("\n{next}"));
    }
    let diagnostic = Diagnostic::error(summary, detail);
    match at(error) {
        Some(path) => diagnostic.at(path),
        None => diagnostic,
    }
}

/// The attribute that an error is about, where it is about one.
fn at(error: &Error<ComponentError>) -> Option<Path> {
    match error {
        Error::Component {
            source: ComponentError::Alive { .. } | ComponentError::Foreign { .. },
            ..
        } => Some(path!("name")),
        _ => None,
    }
}

/// An endpoint that cannot be used: a warning in a plan, which would else block `destroy` too, an error in an
/// apply.
pub fn endpoint_problem(problem: &Problem, is_error: bool) -> Diagnostic {
    let summary = match problem {
        Problem::Missing(_) => "No such VPC endpoint",
        Problem::WrongType { .. } => "Not an execute-api interface endpoint",
        Problem::NotAvailable { .. } => "VPC endpoint is not available",
        Problem::NoDomainName { .. } => "VPC endpoint without a regional DNS name",
        Problem::Aws(_) => "Could not look the VPC endpoint up",
    };
    let diagnostic = if is_error {
        Diagnostic::error(summary, format!("{problem}\n\nNothing was changed."))
    } else {
        Diagnostic::warning(
            summary,
            format!("{problem}\n\nAn apply that needs the endpoint stops before it changes anything."),
        )
    };
    diagnostic.at(path!("vpc_endpoint_id"))
}

/// A call outside of the engine that failed.
pub fn aws_error(doing: Doing, name: &str, error: &AwsError) -> Diagnostic {
    Diagnostic::error(
        format!("Could not {} private API invocation {name}", doing.infinitive()),
        capitalized(&error.to_string()),
    )
}

/// The provider block is not known yet, so that nothing can be done.
pub fn not_yet_known(doing: Doing, name: &str) -> Diagnostic {
    Diagnostic::error(
        format!("Could not {} private API invocation {name}", doing.infinitive()),
        "The provider block holds values that are only known after something else was applied. Apply that first (`-target`), \
         or give the provider values that are known.",
    )
}

/// With a capital letter in front, unless that is the name of an API operation, which IAM spells as it is.
fn capitalized(words: &str) -> String {
    let names_operation = words.split(' ').next().is_some_and(|word| word.contains(':'));
    let mut letters = words.chars();
    match letters.next() {
        _ if names_operation => words.to_owned(),
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    }
}
