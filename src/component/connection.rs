//! The EventBridge connection: the credentials, and the way through the resource configuration.
//!
//! It cannot be tagged. It is ours when its ARN is recorded; where it is not, when what it points at is ours:
//! during a create the configuration must also bear the mark of a create that has not ended, else the
//! connection is alive.

mod auth;
mod repoint;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_sdk_eventbridge::operation::describe_connection::DescribeConnectionOutput;
use aws_sdk_eventbridge::types::ConnectionState;
use reconcile::{Change, Component, Fact, Found, Health, Id, Inventory, Kind};
use serde::{Deserialize, Serialize};

use super::ComponentError;
use super::configuration::CONFIGURATION;
use crate::aws::{Api, Aws, AwsError, ErrorKind, wanted};
pub use auth::{Authorization, Secret, SeenAuthorization};

/// The kind, as the engine records it.
pub const CONNECTION: Kind = Kind {
    key: "connection",
    name: "connection",
};

/// A private connection seems to pass AUTHORIZED on its way to ACTIVE or to a failure; whether it can also
/// end there is not known, so that it counts once it has stood so long.
const AUTHORIZED_STANDS: Duration = Duration::from_secs(60);

/// The connection of one invocation.
pub struct Connection<'a> {
    aws: &'a Aws,
    name: &'a str,
    /// Whether this run has sent the secret: what was asked for once is not asked for again.
    sent: AtomicBool,
    /// What the search has just read, for the first observation.
    read: Mutex<Option<SeenConnection>>,
}

/// What is wanted of the connection.
#[derive(Debug, Clone)]
pub struct ConnectionSpec {
    /// `Absent` for none.
    pub description: Fact<String>,
    pub configuration_arn: Fact<String>,
    pub authorization: Fact<Authorization>,
    /// Whether the secret is sent although nothing that AWS shows differs: it has changed, or its version
    /// has.
    pub send_secret: bool,
}

/// What AWS answers of the connection: never a secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SeenConnection {
    pub arn: String,
    pub name: String,
    pub description: Option<String>,
    pub state: String,
    pub state_reason: Option<String>,
    pub secret_arn: Option<String>,
    /// The resource configuration it goes through; `None` for a public connection.
    pub configuration_arn: Option<String>,
    pub association_arn: Option<String>,
    pub authorization: SeenAuthorization,
}

impl SeenConnection {
    fn state(&self) -> ConnectionState {
        ConnectionState::from(self.state.as_str())
    }

    /// Whether AWS will bring it to another state by itself.
    pub fn is_on_its_way(&self) -> bool {
        !matches!(
            self.state(),
            ConnectionState::Active | ConnectionState::Deauthorized | ConnectionState::FailedConnectivity
        )
    }

    /// The id of the resource configuration it goes through.
    pub fn configuration_id(&self) -> Option<&str> {
        self.configuration_arn.as_deref()?.rsplit('/').next()
    }
}

impl<'a> Connection<'a> {
    /// The connection of that name.
    pub fn new(aws: &'a Aws, name: &'a str) -> Self {
        Self {
            aws,
            name,
            sent: AtomicBool::new(false),
            read: Mutex::default(),
        }
    }

    /// The connection of that name, whoever made it.
    pub async fn describe(&self) -> Result<Option<SeenConnection>, ComponentError> {
        const API: Api = Api {
            service: "events",
            operation: "DescribeConnection",
        };
        let answer = self.aws.events.describe_connection().name(self.name).send().await;
        match answer.map_err(|error| AwsError::of(API, error)) {
            Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
            answer => Ok(Some(self.seen(API, answer?)?)),
        }
    }

    fn seen(&self, api: Api, answer: DescribeConnectionOutput) -> Result<SeenConnection, AwsError> {
        let path = answer
            .invocation_connectivity_parameters
            .and_then(|parameters| parameters.resource_parameters);
        let (configuration, association) = path
            .map(|path| (path.resource_configuration_arn, path.resource_association_arn))
            .unwrap_or_default();
        let some = |text: String| (!text.is_empty()).then_some(text);
        Ok(SeenConnection {
            arn: wanted(api, "ConnectionArn", answer.connection_arn)?,
            name: self.name.to_owned(),
            description: answer.description.and_then(some),
            state: wanted(api, "ConnectionState", answer.connection_state)?
                .as_str()
                .to_owned(),
            state_reason: answer.state_reason.and_then(some),
            secret_arn: answer.secret_arn.and_then(some),
            configuration_arn: some(configuration),
            association_arn: some(association),
            authorization: auth::seen(
                answer.authorization_type.as_ref(),
                answer.auth_parameters.as_ref(),
            ),
        })
    }

    /// What differs between the authorization wanted and the one seen, in words.
    fn authorization_differs(want: &ConnectionSpec, seen: &SeenConnection) -> Option<&'static str> {
        match &want.authorization {
            Fact::Known(authorization) if authorization.matches(&seen.authorization) => None,
            _ => Some("authorization"),
        }
    }
}

impl Component for Connection<'_> {
    const KIND: Kind = CONNECTION;
    type Spec = ConnectionSpec;
    type Observed = SeenConnection;
    type Error = ComponentError;

    fn name(&self, _: &ConnectionSpec) -> String {
        self.name.to_owned()
    }

    fn name_of(&self, seen: &SeenConnection) -> String {
        seen.name.clone()
    }

    fn compare(&self, want: &ConnectionSpec, seen: &SeenConnection) -> Change {
        if seen.state() == ConnectionState::Deleting {
            return Change::Replace(vec![seen.state.clone()]);
        }
        let mut differs = Vec::new();
        if !want.description.as_ref().known().eq(&seen.description.as_ref())
            || matches!(want.description, Fact::Later)
        {
            differs.push("description".to_owned());
        }
        if !seen
            .configuration_arn
            .as_ref()
            .is_some_and(|arn| want.configuration_arn.is(arn))
        {
            differs.push("resource configuration".to_owned());
        }
        differs.extend(Self::authorization_differs(want, seen).map(str::to_owned));
        if want.send_secret && !self.sent.load(Ordering::Relaxed) {
            differs.push("secret".to_owned());
        }
        if self.lost_way(seen) {
            differs.push(format!("re-authorize ({})", seen.state));
        }
        if differs.is_empty() {
            Change::Keep
        } else {
            Change::Update(differs)
        }
    }

    fn health(&self, seen: &SeenConnection) -> Health {
        match seen.state() {
            ConnectionState::Active => Health::Settled,
            ConnectionState::Authorized => Health::Standing(AUTHORIZED_STANDS),
            ConnectionState::Deauthorized | ConnectionState::FailedConnectivity => {
                let reason = seen.state_reason.as_deref().unwrap_or("AWS gives no reason");
                Health::Failed(format!("{}: {reason}", seen.state))
            }
            _ => Health::Working(seen.state.clone()),
        }
    }

    async fn owned(&self, inventory: &Inventory) -> Result<Vec<Found>, ComponentError> {
        let Some(seen) = self.describe().await? else {
            return Ok(Vec::new());
        };
        let id = Id::new(&seen.arn);
        let configuration = seen.configuration_id().map(Id::new);
        let ours = configuration
            .as_ref()
            .is_some_and(|id| inventory.owns(CONFIGURATION, id));
        let marked = inventory
            .of(CONFIGURATION)
            .iter()
            .any(|found| Some(&found.id) == configuration.as_ref() && found.marked);
        if !inventory.recorded.owns(CONNECTION.key, &id) {
            let (name, arn) = (self.name.to_owned(), seen.arn.clone());
            match (inventory.fresh, ours, marked) {
                (true, true, false) => return Err(ComponentError::Alive { name, arn }),
                (true, false, _) => return Err(ComponentError::Foreign { name, arn }),
                (false, false, _) => return Ok(Vec::new()),
                (true, true, true) | (false, true, _) => {}
            }
        }
        let found = Found {
            id,
            name: seen.name.clone(),
            marked,
        };
        *self
            .read
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = Some(seen);
        Ok(vec![found])
    }

    async fn observe(&self, id: &Id) -> Result<Option<SeenConnection>, ComponentError> {
        let read = self
            .read
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .take();
        let seen = match read {
            Some(seen) => Some(seen),
            None => self.describe().await?,
        };
        // A connection of our name with another ARN was made after ours was deleted: not ours.
        Ok(seen.filter(|seen| seen.arn == id.as_str()))
    }

    async fn create(&self, want: &ConnectionSpec) -> Result<Id, ComponentError> {
        const API: Api = Api {
            service: "events",
            operation: "CreateConnection",
        };
        let authorization = want.authorization.as_ref().known();
        let request = self
            .aws
            .events
            .create_connection()
            .name(self.name)
            .set_description(want.description.clone().known())
            .set_authorization_type(authorization.map(Authorization::kind))
            .set_auth_parameters(authorization.map(Authorization::create_parameters))
            .set_invocation_connectivity_parameters(repoint::connectivity(want));
        let answer = request.send().await.map_err(|error| AwsError::of(API, error));
        let answer = match answer.map_err(|error| error.scrubbed(secrets(want))) {
            // The SDK sends again when a reply is lost, and EventBridge takes no client token: it may be the
            // first try's.
            Err(error) if error.kind == ErrorKind::AlreadyExists => match self.describe().await? {
                Some(seen) if seen.configuration_arn == want.configuration_arn.clone().known() => {
                    Ok(Some(seen.arn))
                }
                _ => Err(error),
            },
            answer => answer.map(|answer| answer.connection_arn),
        };
        let arn = wanted(API, "ConnectionArn", answer?)?;
        self.sent.store(true, Ordering::Relaxed);
        Ok(Id::new(arn))
    }

    async fn update(
        &self,
        _: &Id,
        want: &ConnectionSpec,
        seen: &SeenConnection,
    ) -> Result<(), ComponentError> {
        self.change(want, seen)
            .await
            .map_err(|error| error.scrubbed(secrets(want)))?;
        Ok(())
    }

    async fn delete(&self, _: &Id) -> Result<(), ComponentError> {
        const API: Api = Api {
            service: "events",
            operation: "DeleteConnection",
        };
        let answer = self.aws.events.delete_connection().name(self.name).send().await;
        Ok(answer.map(drop).map_err(|error| AwsError::of(API, error))?)
    }

    /// The association that EventBridge made goes some time after the connection, and holds the configuration
    /// till then.
    async fn lingering(&self, last: &SeenConnection) -> Result<Option<String>, ComponentError> {
        const API: Api = Api {
            service: "vpc-lattice",
            operation: "ListServiceNetworkResourceAssociations",
        };
        let (Some(association), Some(configuration)) = (&last.association_arn, &last.configuration_arn)
        else {
            return Ok(None);
        };
        let request = self.aws.lattice.list_service_network_resource_associations();
        let request = request.resource_configuration_identifier(configuration);
        let answer = match request.send().await.map_err(|error| AwsError::of(API, error)) {
            // Without the permission or the configuration there is nothing to see: the deletion of the
            // configuration is refused, and tried again, while the association exists.
            Err(error) if matches!(error.kind, ErrorKind::AccessDenied | ErrorKind::NotFound) => {
                return Ok(None);
            }
            answer => answer?,
        };
        let held = answer
            .items
            .iter()
            .find(|item| item.arn.as_ref() == Some(association));
        Ok(held.map(|item| {
            let status = item
                .status
                .as_ref()
                .map_or("in an unknown state", |status| status.as_str());
            format!("its association {association} is {status}")
        }))
    }
}

/// The secrets that AWS could quote in an error.
fn secrets(want: &ConnectionSpec) -> Option<&str> {
    want.authorization
        .as_ref()
        .known()
        .and_then(Authorization::secret)
        .map(Secret::expose)
}

impl Connection<'_> {
    /// Whether EventBridge has given the connection up: it is cured by sending the credentials again.
    fn lost_way(&self, seen: &SeenConnection) -> bool {
        matches!(
            seen.state(),
            ConnectionState::Deauthorized
                | ConnectionState::Deauthorizing
                | ConnectionState::FailedConnectivity
        )
    }
}
