//! What AWS answers of a connection: never a secret.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_sdk_eventbridge::operation::describe_connection::DescribeConnectionOutput;
use reconcile::Id;
use serde::{Deserialize, Serialize};

use super::Secrets;
use super::auth::{self, SeenAuthorization};
use super::http::{self, SeenHttpParameters};
use crate::aws::{Api, Arn, AwsError, wanted};
use crate::component::reserved;
use crate::component::word::{ConnectionState, LatticeStatus};

/// What AWS answers of the connection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeenConnection {
    pub arn: String,
    pub name: String,
    pub description: Option<String>,
    pub state: ConnectionState,
    pub state_reason: Option<String>,
    pub secret_arn: Option<String>,
    /// The resource configuration it goes through; `None` for a public connection.
    pub configuration_arn: Option<String>,
    pub association_arn: Option<String>,
    pub authorization: SeenAuthorization,
    pub http: SeenHttpParameters,
    pub kms_key: Option<String>,
    /// When it was changed last, in seconds of the Unix epoch.
    #[serde(default)]
    pub modified: Option<f64>,
    /// When it was authorized last, likewise.
    #[serde(default)]
    pub authorized: Option<f64>,
    /// The state of an association that is not ready. Looked at while the connection is AUTHORIZED; `None` also where it
    /// cannot be seen.
    #[serde(default)]
    pub unready_association: Option<UnreadyAssociation>,
}

/// An association that EventBridge makes for a connection, on its way or failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UnreadyAssociation {
    pub arn: String,
    pub status: LatticeStatus,
    pub failure: Option<String>,
}

impl SeenConnection {
    /// Reads an answer about the connection `name`.
    pub(super) fn of(
        name: &str,
        secrets: &Secrets,
        api: Api,
        answer: DescribeConnectionOutput,
    ) -> Result<Self, AwsError> {
        let arn = wanted(api, "ConnectionArn", answer.connection_arn)?;
        let path = answer
            .invocation_connectivity_parameters
            .and_then(|parameters| parameters.resource_parameters);
        let (configuration, association) = path
            .map(|path| (path.resource_configuration_arn, path.resource_association_arn))
            .unzip();
        let some = |text: String| (!text.is_empty()).then_some(text);
        let none = reserved::connection_description(name);
        let description = answer.description.and_then(some);
        let parameters = answer.auth_parameters.as_ref();
        Ok(Self {
            name: name.to_owned(),
            description: description.filter(|words| *words != none),
            state: wanted(api, "ConnectionState", answer.connection_state)?
                .as_str()
                .to_owned()
                .into(),
            state_reason: answer
                .state_reason
                .and_then(some)
                .map(|reason| secrets.reason(name, &arn, &reason)),
            arn,
            secret_arn: answer.secret_arn.and_then(some),
            configuration_arn: configuration.and_then(some),
            association_arn: association.and_then(some),
            authorization: auth::seen(answer.authorization_type.as_ref(), parameters),
            http: http::seen(parameters.and_then(|all| all.invocation_http_parameters.as_ref())),
            kms_key: answer.kms_key_identifier.and_then(some),
            modified: answer.last_modified_time.map(|at| at.as_secs_f64()),
            authorized: answer.last_authorized_time.map(|at| at.as_secs_f64()),
            unready_association: None,
        })
    }

    /// How long nothing has happened to it at `now`, by AWS's words; zero where it does not say, or where the clocks differ
    /// by more.
    pub(super) fn untouched_for(&self, now: SystemTime) -> Duration {
        let last = self.modified.into_iter().chain(self.authorized).reduce(f64::max);
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        let passed = last.map(|last| now.as_secs_f64() - last);
        passed
            .and_then(|passed| Duration::try_from_secs_f64(passed).ok())
            .unwrap_or_default()
    }

    /// Whether AWS will bring it to another state by itself.
    pub fn is_on_its_way(&self) -> bool {
        !matches!(
            self.state,
            ConnectionState::Active | ConnectionState::Deauthorized | ConnectionState::FailedConnectivity
        )
    }

    /// Whether it is in the middle of a change, so that EventBridge takes no other.
    pub fn is_changing(&self) -> bool {
        self.is_on_its_way() && self.state != ConnectionState::Authorized
    }

    /// Whether EventBridge has given it up, for its credentials or for its path.
    pub fn has_failed(&self) -> bool {
        matches!(
            self.state,
            ConnectionState::Deauthorized
                | ConnectionState::Deauthorizing
                | ConnectionState::FailedConnectivity
        )
    }

    /// Whether EventBridge has to be given the credentials anew: it has forgotten them, or refuses them.
    pub(super) fn has_lost_credentials(&self) -> bool {
        self.has_failed()
            && (self.state != ConnectionState::FailedConnectivity
                || matches!(self.authorization, SeenAuthorization::Other(_)))
    }

    /// Whether it has that key. A key has an id, an alias, and an ARN for each.
    pub fn has_key(&self, key: &str) -> bool {
        let same = |one: &str, other: &str| {
            let of_arn = |arn: Arn| arn.resource == other || arn.resource == format!("key/{other}");
            one == other || Arn::parse(one).is_some_and(of_arn)
        };
        self.kms_key
            .as_deref()
            .is_some_and(|seen| same(seen, key) || same(key, seen))
    }

    /// The id of the resource configuration it goes through.
    pub fn configuration_id(&self) -> Option<Id> {
        self.configuration_arn.as_deref().and_then(id)
    }

    /// Whether its calls or its requests for tokens go through a resource configuration.
    pub fn uses(&self, configuration: &Id) -> bool {
        self.ways()
            .any(|way| id(way.configuration_arn).as_ref() == Some(configuration))
    }

    /// The ARNs of the associations that EventBridge made for it.
    pub fn association_arns(&self) -> Vec<String> {
        let arns = self
            .ways()
            .filter_map(|way| way.association_arn.map(str::to_owned));
        arns.collect()
    }

    /// The ways it has, for its calls and for its requests for tokens.
    pub(super) fn ways(&self) -> impl Iterator<Item = Way<'_>> {
        let calls = self.configuration_arn.as_deref().map(|configuration_arn| Way {
            configuration_arn,
            association_arn: self.association_arn.as_deref(),
        });
        let tokens = self.authorization.token_configuration_arn();
        let tokens = tokens.map(|configuration_arn| Way {
            configuration_arn,
            association_arn: self.authorization.token_association_arn(),
        });
        calls.into_iter().chain(tokens)
    }

    /// Whether a read tells the same as one of before. What was looked up beside it does not count.
    pub(super) fn is_as(&self, before: &Self) -> bool {
        let mut now = self.clone();
        now.unready_association.clone_from(&before.unready_association);
        now == *before
    }
}

/// A way through a resource configuration, with the association that EventBridge made for it.
pub(super) struct Way<'a> {
    pub configuration_arn: &'a str,
    pub association_arn: Option<&'a str>,
}

/// The id in the ARN of a resource configuration.
fn id(arn: &str) -> Option<Id> {
    Arn::parse(arn)?.name().map(Id::new)
}
