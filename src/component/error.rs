//! What can go wrong with a component: a call of AWS, or an object of our name that is not ours to touch.

use reconcile::Failure;

use crate::aws::{AwsError, ErrorKind, region_option};
use crate::cli;

/// The error of every component.
#[derive(Debug, thiserror::Error)]
pub enum ComponentError {
    /// A call failed.
    #[error(transparent)]
    Aws(#[from] AwsError),
    /// A create met a living connection of its name that this provider made.
    #[error(
        "The connection {arn} exists already: an invocation named {name} has it. Nothing was changed. One of these helps:\n\n\
         - This apply replaces it (-replace, replace_triggered_by, or a resource that is marked as tainted) with \
         create_before_destroy: two connections of one name cannot stand side by side. Take create_before_destroy away for \
         this apply, or, after an apply that failed, go on with what stands: {cli} untaint <address of this resource>\n\
         - The address of this resource was changed in the configuration: say so there in a moved block, with the former \
         address as from and this one as to.\n\
         - It is this invocation, and no state records it: {cli} import <address of this resource> {name}\n\
         - It belongs to another resource, of this state or of another one: give this invocation another name.",
        cli = cli::command()
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
         {tag} = {name}. Nothing was changed. If it is to be taken over, with what it points at left to whoever manages \
         it, import it:\n\n    {cli} import <address of this resource> {name}\n\nElse give this invocation another \
         name, or remove that connection if nobody uses it.",
        tag = super::marks::INVOCATION_TAG,
        cli = cli::command()
    )]
    Foreign {
        /// The name of the invocation and of the connection.
        name: String,
        /// The connection's ARN.
        arn: String,
    },
    /// A resource has lost its connection, and another invocation has one of its name.
    #[error(
        "The connection {arn} exists already: another private_api_invocation named {name} has it, and none is recorded here. \
         One of these helps:\n\n\
         - The other one is to stay: give this invocation another name, or destroy it.\n\
         - This one is to stay: destroy the other one, then apply again."
    )]
    AliveElsewhere {
        /// The name of both.
        name: String,
        /// The connection's ARN.
        arn: String,
    },
    /// A resource has lost its connection, and somebody else made one of its name.
    #[error(
        "The connection {arn} exists already and was not made by this provider: what it points at does not carry the tag \
         {tag} = {name}. The one of this resource is gone. One of these helps:\n\n\
         - Nobody uses that connection: remove it, then apply again.\n\
         - It is to be taken over, with what it points at left to whoever manages it (EventBridge must show a resource \
         configuration of it): {cli} state rm <address of this resource>, then {cli} import <address of this resource> \
         {name}. What this resource records besides stays, and is to be removed by hand.\n\
         - Both are to stay: give this invocation another name.",
        tag = super::marks::INVOCATION_TAG,
        cli = cli::command()
    )]
    ForeignElsewhere {
        /// The name of the invocation and of the connection.
        name: String,
        /// The connection's ARN.
        arn: String,
    },
    /// An API destination of a wanted name is somebody else's.
    #[error(
        "The API destination {arn} exists already and calls through another connection. Nothing of it was changed. If \
         another private_api_invocation of this configuration has just given it up, apply again: once it is gone, it is made anew, \
         with another ARN. It stays for as long as a rule targets it (aws events list-rule-names-by-target{} --target-arn \
         {arn}). If that invocation refers to this one, so that this one comes first, take {name} out of both for one apply, \
         then add it here. If what this create replaces has it (create_before_destroy), it goes only after this: take \
         {name} out of api_destinations for one apply, or take create_before_destroy out. Else choose another key than {name} \
         in api_destinations, or remove that destination if nobody uses it.",
        region_option(arn)
    )]
    ForeignDestination {
        /// Its name.
        name: String,
        /// Its ARN.
        arn: String,
    },
    /// An API destination is to be removed, and rules target it.
    #[error("rules still target it: {}. Remove its targets; the next apply removes it then", rules.join(", "))]
    Targeted {
        /// The rules' names.
        rules: Vec<String>,
    },
    /// An API destination was to pass to another resource, which could not take it.
    #[error(
        "another resource of this configuration was to take {name} over, and could not: its error says why. The next apply \
         hands it over, or removes it where nobody wants it"
    )]
    NotHandedOver {
        /// Its name.
        name: String,
    },
    /// A gateway or a configuration is to be removed, and others use it.
    #[error("{what} is used by {by}. The next apply after they are gone removes it")]
    UsedByOthers {
        /// What it is.
        what: String,
        /// Who uses it.
        by: String,
    },
    /// A connection has another ARN after a change than before.
    #[error(
        "the connection {name} was {was} and is now {is}: somebody has made it anew. Plan again; the next plan takes it for \
         gone"
    )]
    AnotherArn {
        /// The connection's name.
        name: String,
        /// Its former ARN.
        was: String,
        /// Its ARN now.
        is: String,
    },
    /// EventBridge accepts every change of the way, and none has an effect.
    #[error(
        "EventBridge has accepted every change of the connection {name} and still shows {} for its path. Nothing that it shows \
         is removed. Plan again in some minutes; if it is the same then, give the invocation another name, which makes a new \
         connection",
        configuration_arn.as_deref().unwrap_or("nothing")
    )]
    Elsewhere {
        /// The connection's name.
        name: String,
        /// The resource configuration that it goes through.
        configuration_arn: Option<String>,
    },
    /// A request needs what this run does not know.
    #[error(
        "EventBridge has to be sent {what}, and this run does not know it: a write-only value is known to the apply of a \
         configuration that gives it, and to nothing else. Nothing of the connection was changed. Set it in the configuration, \
         a write-only one with a new version, take it out of ignore_changes if it is there, and apply"
    )]
    NotKnown {
        /// What it is, in words.
        what: String,
    },
    /// EventBridge does not take an empty resource configuration for the token endpoint.
    #[error(
        "the private path of the token endpoint cannot be left: {source}. Set private_authorization_endpoint as it was, or give \
         the invocation another name, which makes a new connection"
    )]
    TokenPathRefused {
        /// AWS's answer.
        source: AwsError,
    },
    /// EventBridge keeps the private path of a token endpoint.
    #[error(
        "EventBridge took an empty resource configuration for the token endpoint of connection {name} and kept the one that it \
         had. Set private_authorization_endpoint as it was, or give the invocation another name, which makes a new \
         connection"
    )]
    TokenPathStays {
        /// The connection's name.
        name: String,
    },
}

impl ComponentError {
    /// Why a connection without a private path does not serve, in words.
    pub const NO_PRIVATE_PATH: &str = "EventBridge shows no private path of the connection, so that its calls and its \
         credentials would take a public one. Either EventBridge has no private connections in this Region, or somebody took \
         the path away";

    /// Whether a create met what is not its own, before it changed anything.
    pub fn refuses_create(&self) -> bool {
        matches!(self, Self::Alive { .. } | Self::Foreign { .. })
    }

    fn kind(&self) -> Option<ErrorKind> {
        match self {
            Self::Aws(error) => Some(error.kind),
            _ => None,
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

    fn is_held_by_others(&self) -> bool {
        matches!(
            self,
            Self::Targeted { .. } | Self::UsedByOthers { .. } | Self::NotHandedOver { .. }
        )
    }

    fn is_denied(&self) -> bool {
        self.kind() == Some(ErrorKind::AccessDenied)
    }

    fn may_have_happened(&self) -> bool {
        matches!(self, Self::Aws(error) if error.may_have_happened())
    }

    fn is_transient(&self) -> bool {
        matches!(self, Self::Aws(error) if error.is_transient())
    }
}
