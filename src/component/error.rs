//! What can go wrong with a component: a call of AWS, or an object of our name that is not ours to touch.

use reconcile::Failure;

use crate::aws::{AwsError, ErrorKind};

/// The error of every component.
#[derive(Debug, thiserror::Error)]
pub enum ComponentError {
    /// A call failed.
    #[error(transparent)]
    Aws(#[from] AwsError),
    /// A create met a living connection of its name that this provider made.
    #[error(
        "The connection {arn} exists already: an invocation named {name} is in use, recorded in another state or in \
         another resource of this one. Nothing was changed. If it is this one, import it:\n\n    terraform import \
         <address of this resource> {name}\n\nElse give this invocation another name."
    )]
    Alive {
        /// The name of the invocation and of its connection.
        name: String,
        /// The connection's ARN.
        arn: String,
    },
    /// A create met a connection of its name that somebody else made.
    #[error(
        "The connection {arn} exists already and was not made by this provider: what it points at does not carry the tag \
         {tag} = {name}. Nothing was changed. Give this invocation another name, or remove that connection if nobody \
         uses it.",
        tag = super::naming::INVOCATION_TAG
    )]
    Foreign {
        /// The name of the invocation and of the connection.
        name: String,
        /// The connection's ARN.
        arn: String,
    },
}

impl ComponentError {
    fn kind(&self) -> Option<ErrorKind> {
        match self {
            Self::Aws(error) => Some(error.kind),
            Self::Alive { .. } | Self::Foreign { .. } => None,
        }
    }
}

impl Failure for ComponentError {
    fn is_not_found(&self) -> bool {
        self.kind() == Some(ErrorKind::NotFound)
    }

    fn is_in_use(&self) -> bool {
        self.kind() == Some(ErrorKind::InUse)
    }

    fn is_already_exists(&self) -> bool {
        self.kind() == Some(ErrorKind::AlreadyExists)
    }

    fn is_denied(&self) -> bool {
        self.kind() == Some(ErrorKind::AccessDenied)
    }

    fn may_have_happened(&self) -> bool {
        matches!(self.kind(), Some(ErrorKind::Unreachable | ErrorKind::Other))
    }
}
