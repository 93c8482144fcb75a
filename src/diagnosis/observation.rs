//! What was seen of a path.

use crate::aws::AwsError;
use crate::component::{LatticeStatus, SeenConfiguration, SeenConnection, SeenGateway};
use crate::endpoint::{Endpoint, Problem, id_in_name};
use crate::http_task::TaskUrl;

use super::call::CallFailure;

/// What is asked about.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// The name of the connection.
    pub connection: String,
    /// The ARN that it must have, where one is given: a connection that was made anew has another.
    pub arn: Option<String>,
    /// The URL that calls name.
    pub url: Option<TaskUrl>,
    /// How a call ended.
    pub failure: Option<CallFailure>,
}

/// An object that may be there.
#[derive(Debug, Clone)]
pub enum Observed<T> {
    Here(T),
    /// AWS says that there is none.
    Gone,
    /// Nobody knows: it may not be read, or nothing says which it is.
    Unknown,
}

impl<T> Observed<T> {
    pub fn here(&self) -> Option<&T> {
        match self {
            Self::Here(seen) => Some(seen),
            Self::Gone | Self::Unknown => None,
        }
    }

    pub fn is_gone(&self) -> bool {
        matches!(self, Self::Gone)
    }
}

impl<T> From<Option<T>> for Observed<T> {
    fn from(found: Option<T>) -> Self {
        found.map_or(Self::Gone, Self::Here)
    }
}

/// The association of a connection's resource configuration with EventBridge's service network.
#[derive(Debug, Clone)]
pub struct SeenAssociation {
    pub arn: String,
    pub status: LatticeStatus,
    pub failure: Option<String>,
}

/// A VPC endpoint, and what keeps it from being used.
#[derive(Debug)]
pub struct SeenEndpoint {
    pub id: String,
    pub endpoint: Observed<Endpoint>,
    /// Its type, its state, or its names.
    pub problem: Option<Problem>,
    /// Its policy, its groups, and those of the gateway, zones and kinds of addresses.
    pub network: Vec<Problem>,
}

/// The path of one connection, in the order in which a call takes it.
#[derive(Debug)]
pub struct Observation {
    pub partition: String,
    pub region: String,
    /// The account of whoever looks.
    pub account: String,
    pub name: String,
    pub connection: Observed<SeenConnection>,
    /// The ARN of another connection that has the name now.
    pub successor: Option<String>,
    pub association: Observed<SeenAssociation>,
    pub configuration: Observed<SeenConfiguration>,
    pub gateway: Observed<SeenGateway>,
    /// `None` where the path leads to no VPC endpoint, or nothing is known of it.
    pub endpoint: Option<SeenEndpoint>,
    /// What could not be seen, and why.
    pub hidden: Vec<Hidden>,
}

/// Something that could not be seen.
#[derive(Debug)]
pub enum Hidden {
    /// A permission is missing.
    Denied(AwsError),
    /// It belongs to another account: what it is, and that account.
    OtherAccount { what: String, account: String },
    /// This program does not read it: a sentence.
    NotRead(&'static str),
}

impl std::fmt::Display for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Denied(error) => error.fmt(f),
            Self::OtherAccount { what, account } => write!(
                f,
                "{what} belongs to account {account}. What stands behind it shows to that account's credentials."
            ),
            Self::NotRead(words) => f.write_str(words),
        }
    }
}

impl Observation {
    /// The VPC endpoint to which the configuration leads.
    pub fn endpoint_id(&self) -> Option<&str> {
        self.configuration.here()?.domain_name().and_then(id_in_name)
    }

    /// The port that calls take: API Gateway's behind its own endpoint, else that of the URL, else the configuration's.
    pub fn port(&self, question: &Question) -> u16 {
        if self.endpoint_id().is_some() {
            return 443;
        }
        let of_configuration = || {
            let configuration = self.configuration.here()?;
            configuration.ports().first().map(|ports| ports.ends().0)
        };
        let of_url = question.url.as_ref().map(|url| url.port);
        of_url.or_else(of_configuration).unwrap_or(443)
    }
}
