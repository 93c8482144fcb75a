//! Why an experiment could not go on.

use std::fmt;

/// What a call or a wait can end with instead of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Trouble {
    /// AWS answered with an error.
    Refused(Refusal),
    /// No answer came, so that nobody knows whether the call was made.
    Unreachable {
        /// The IAM action of the call.
        action: String,
        /// What went wrong on the way.
        error: String,
    },
    /// AWS did something that leaves nothing to look at, told in a sentence.
    Unexpected(String),
    /// Somebody pressed Ctrl-C.
    Interrupted,
    /// Something of this machine: a file, a program.
    Local(String),
}

/// An error of AWS.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// The IAM action of the call: `events:CreateConnection`.
    pub action: String,
    pub status: u16,
    pub code: String,
    pub message: String,
}

pub type Outcome<T> = Result<T, Trouble>;

impl Refusal {
    /// Whether the caller may not do it.
    pub fn is_denial(&self) -> bool {
        self.code.starts_with("AccessDenied") || self.code == "UnauthorizedOperation"
    }

    /// Whether something that the call names is not there.
    pub fn is_not_found(&self) -> bool {
        self.code.contains("NotFound")
    }

    /// The IAM action that is missing: the one that AWS names, else the call's own.
    pub fn denied_action(&self) -> &str {
        let named = self.message.split_once("perform: ").map(|(_, rest)| rest);
        let named = named.and_then(|rest| rest.split([' ', ',']).next());
        named
            .filter(|action| action.contains(':'))
            .unwrap_or(&self.action)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {} {}: {}",
            self.action, self.status, self.code, self.message
        )
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) if refusal.is_denial() => write!(f, "denied: {}", refusal.denied_action()),
            Self::Refused(refusal) => write!(f, "{refusal}"),
            Self::Unreachable { action, error } => write!(f, "{action} got no answer: {error}"),
            Self::Unexpected(what) | Self::Local(what) => f.write_str(what),
            Self::Interrupted => f.write_str("interrupted"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_is_told_by_the_action_that_aws_names_or_by_the_call() {
        let denial = |message: &str| {
            Trouble::Refused(Refusal {
                action: "events:CreateConnection".to_owned(),
                status: 400,
                code: "AccessDeniedException".to_owned(),
                message: message.to_owned(),
            })
            .to_string()
        };
        let named = "User: x is not authorized to perform: secretsmanager:CreateSecret on resource: y";
        assert_eq!(denial(named), "denied: secretsmanager:CreateSecret");
        assert_eq!(
            denial("Failed to create the secret"),
            "denied: events:CreateConnection"
        );
    }
}
