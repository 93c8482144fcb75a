//! What went wrong, told once and to the user: what failed, AWS's answer, what stands now, the next step.

mod remedy;

use reconcile::{Error, Warning};
use terraform_plugin::{Cx, Diagnostic, Step, path};

use super::model::{Composite, Model};
use super::timeouts::{self, Verb};
use crate::aws::{AwsError, ErrorKind};
use crate::cli;
use crate::client::Client;
use crate::component::{CONNECTION, ComponentError};

/// What was being done, as summaries tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    Read,
    Plan,
    Create,
    Update,
    Delete,
    Import,
}

impl Operation {
    fn infinitive(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Plan => "plan",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Import => "import",
        }
    }
}

impl Operation {
    /// The verb whose time it has.
    fn verb(self) -> Option<Verb> {
        match self {
            Self::Read => Some(Verb::Read),
            Self::Create => Some(Verb::Create),
            Self::Update => Some(Verb::Update),
            Self::Delete => Some(Verb::Delete),
            Self::Plan | Self::Import => None,
        }
    }
}

/// The key of private data under which a read or an apply leaves what it saw, for the next plan.
pub const OBSERVED: &str = "observed";

/// Tells of one resource.
pub struct Report<'a> {
    what: &'static str,
    name: &'a str,
    inputs: &'a Model,
    /// The resource configuration of somebody else that the connection is led through.
    shared_configuration: Option<&'a str>,
}

impl<'a> Report<'a> {
    pub fn new(composite: Composite, model: &'a Model) -> Self {
        Self {
            what: composite.words(),
            name: model.name(),
            inputs: model,
            shared_configuration: model
                .shared_resource_configuration_arn
                .known()
                .map(String::as_str),
        }
    }

    /// The resource, as summaries name it.
    pub fn subject(&self) -> String {
        format!("{} {}", self.what, self.name)
    }

    /// Passes the engine's warnings on.
    pub fn warn(&self, cx: &Cx<Client>, warnings: Vec<Warning>) {
        let subject = self.subject();
        for warning in warnings {
            let title = match &warning {
                Warning::LeftAlone { .. } => format!("Something of {subject} is left alone"),
                Warning::NotRemoved { .. } => format!("Something of {subject} could not be removed yet"),
                Warning::DifferenceStays { .. } => format!("A change of {subject} does not show"),
                Warning::TakenForReady { .. } => format!("The connection of {subject} may not be ready"),
                Warning::NotSearched { .. } => format!("Could not search for what is left of {subject}"),
                _ => capitalized(&subject),
            };
            cx.warn(Diagnostic::warning(title, warning.to_string()));
        }
    }

    /// An engine's error. `standing` says what is recorded, in words; empty where nothing is.
    pub fn engine_error(
        &self,
        operation: Operation,
        error: &Error<ComponentError>,
        standing: &[String],
    ) -> Diagnostic {
        let subject = self.subject();
        let refused = match error {
            Error::Component { source, .. } if source.refuses_create() => Some(source),
            _ => None,
        };
        let summary = match error {
            _ if refused.is_some() => format!("{} exists already", capitalized(&subject)),
            Error::ChangedSincePlan { .. } => format!("{} changed since the plan", capitalized(&subject)),
            Error::Interrupted => format!("Interrupted: {subject}"),
            Error::Timeout { .. } => format!("Timed out: {subject}"),
            _ => format!("Could not {} {subject}", operation.infinitive()),
        };
        let mut detail = match refused {
            Some(source) => source.to_string(),
            None => self.why(error),
        };
        if let (Error::Timeout { .. }, Some(verb)) = (error, operation.verb()) {
            detail.push_str(&format!("\n\n{}", timeouts::remedy(self.inputs, verb)));
        }
        if !standing.is_empty() {
            detail.push_str("\n\nWhat stands is recorded:\n");
            for line in standing {
                detail.push_str(&format!("  {line}\n"));
            }
        }
        let next = match (operation, error) {
            _ if refused.is_some() => None,
            (_, Error::ChangedSincePlan { .. }) => {
                Some("Nothing was changed. Plan again, with a refresh, and apply that plan.".to_owned())
            }
            (Operation::Create, _) if standing.is_empty() => {
                Some("Nothing is left behind. Apply again.".to_owned())
            }
            (Operation::Create, _) => Some(format!(
                "The next apply replaces this resource. To go on from here instead, run `{} untaint` with its address first.",
                cli::command()
            )),
            // What is somebody else's by now stays so, however often the command is run.
            (Operation::Update | Operation::Delete, Error::Refused { .. }) => None,
            (Operation::Update, _) => Some("Apply again: it goes on from here.".to_owned()),
            (Operation::Delete, _) => Some("Run the same command again: it goes on from here.".to_owned()),
            _ => None,
        };
        if let Some(next) = next {
            detail.push_str(&format!("\n{next}"));
        }
        at(error, Diagnostic::error(summary, detail))
    }

    /// An engine's error after which something was done about it.
    pub fn engine_error_then(
        &self,
        operation: Operation,
        error: &Error<ComponentError>,
        aftermath: &str,
    ) -> Diagnostic {
        let why = self.why(error);
        at(error, self.failed(operation, &format!("{why}\n\n{aftermath}")))
    }

    /// The state speaks of another account than the credentials.
    pub fn another_account(&self, operation: Operation, recorded: &str, own: &str) -> Diagnostic {
        self.failed(
            operation,
            &format!(
                "The state is of account {recorded}, the credentials are of account {own}. Nothing was changed. Use credentials \
                 of account {recorded}: check the profile, the role and the environment that the provider takes them from."
            ),
        )
    }

    /// A call outside of the engine that failed.
    pub fn aws_error(&self, operation: Operation, error: &AwsError) -> Diagnostic {
        self.failed(operation, &capitalized(&error.to_string()))
    }

    /// A look at a component outside of the engine that failed.
    pub fn component_error(&self, operation: Operation, error: &ComponentError) -> Diagnostic {
        self.failed(operation, &capitalized(&error.to_string()))
    }

    /// The provider block is not known yet, so that nothing can be done.
    pub fn not_yet_known(&self, operation: Operation) -> Diagnostic {
        self.failed(
            operation,
            "The provider block holds values that are only known after something else was applied. Apply that first \
             (`-target`), or give the provider values that are known.",
        )
    }

    /// The error, with the remedy that only this resource knows.
    fn why(&self, error: &Error<ComponentError>) -> String {
        let mut why = capitalized(&error.to_string());
        if let Error::Failed { slot, reason, .. } = error
            && slot.kind() == CONNECTION.key
            && let Some(remedy) = remedy::of_connection(self.inputs, reason)
        {
            why.push_str(&format!("\n\n{remedy}"));
        }
        let refused = matches!(
            error,
            Error::Component { slot, source: ComponentError::Aws(source), .. }
                if slot.kind() == CONNECTION.key && source.kind == ErrorKind::Invalid
        );
        if let Some(arn) = self.shared_configuration.filter(|_| refused) {
            why.push_str(&format!(
                "\n\nIf AWS refuses the resource configuration {arn} because another connection uses it, have this invocation \
                 make one of its own on the same gateway: give the endpoint and network.resource_gateway_id instead of \
                 shared_resource_configuration_arn."
            ));
        }
        why
    }

    /// A connection of the name is another's; `why` says whose.
    pub fn name_taken(&self, why: &str) -> Diagnostic {
        Diagnostic::error(format!("The name of {} is taken", self.subject()), why).at(path!("name"))
    }

    /// Another plan of this process makes the name.
    pub fn planned_twice(&self) -> Diagnostic {
        let detail = format!(
            "Another resource of this configuration is planned to make an invocation named {}, too. The apply makes one of them \
             and refuses the other. Give each invocation a name of its own.",
            self.name
        );
        Diagnostic::warning(
            format!("{} is defined twice", capitalized(&self.subject())),
            detail,
        )
        .at(path!("name"))
    }

    /// Another resource of this configuration has the name.
    pub fn named_twice(&self) -> Diagnostic {
        let detail = format!(
            "Another resource of this configuration makes, or has just made, an invocation named {}. Nothing was changed. Give \
             each invocation a name of its own.",
            self.name
        );
        Diagnostic::error(
            format!("{} is defined twice", capitalized(&self.subject())),
            detail,
        )
        .at(path!("name"))
    }

    fn failed(&self, operation: Operation, why: &str) -> Diagnostic {
        Diagnostic::error(
            format!("Could not {} {}", operation.infinitive(), self.subject()),
            why,
        )
    }
}

/// An error at the attribute that it is about, where it is about one.
fn at(error: &Error<ComponentError>, diagnostic: Diagnostic) -> Diagnostic {
    match error {
        Error::Component {
            source: ComponentError::ForeignDestination { name, .. },
            ..
        } => diagnostic.at(path!("api_destinations").then(Step::key(name.as_str()))),
        Error::Component { source, .. } if source.refuses_create() => diagnostic.at(path!("name")),
        _ => diagnostic,
    }
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
