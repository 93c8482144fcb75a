//! The EventBridge connection: the credentials, and the way through the resource configuration.
//!
//! It cannot be tagged. It is ours when its ARN is recorded; where it is not, when what it points at is ours:
//! during a create the configuration must also bear the mark of a create that has not ended, else the
//! connection is alive.

mod auth;
mod http;
mod repoint;
mod secret;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use aws_sdk_eventbridge::operation::describe_connection::DescribeConnectionOutput;
use aws_sdk_eventbridge::types::ConnectionState;
use reconcile::{Change, Component, Fact, Found, Health, Id, Inventory, Kind, Made};
use serde::{Deserialize, Serialize};

use super::ComponentError;
use super::configuration::CONFIGURATION;
use super::naming::INVOCATION_TAG;
use super::tags::Tags;
use crate::aws::{Api, Arn, AwsError, Called as _, ErrorKind, wanted};
use crate::client::Aws;
pub use auth::{Authorization, OAuth, SeenAuthorization, SeenOAuth};
pub use http::{HttpParameters, HttpValue, INERT_PARAMETER, SeenHttpParameters, SeenHttpValue};
pub use secret::Secret;

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
    /// Whether a walk waits until it is ready.
    waits: bool,
    /// Whether this run has sent the secrets: what was asked for once is not asked for again.
    sent: AtomicBool,
    /// Whether this run has changed it: what differs then was not cleared by what clears.
    changed: AtomicBool,
    /// Whether this run has asked EventBridge to leave the private path of the token endpoint.
    left_token_path: AtomicBool,
}

/// What is wanted of the connection.
#[derive(Debug, Clone)]
pub struct ConnectionSpec {
    /// `Absent` for none.
    pub description: Fact<String>,
    pub configuration_arn: Fact<String>,
    pub authorization: Fact<Authorization>,
    /// What is added to every call.
    pub http: Fact<HttpParameters>,
    /// `Absent` leaves it the key that it has: there is no way to take one off.
    pub kms_key: Fact<String>,
    /// Whether the authorization's secrets are sent although nothing that AWS shows differs: one has changed, or its
    /// version has.
    pub send_secret: bool,
    /// The same of the secrets among the HTTP parameters.
    pub send_http_secrets: bool,
}

impl ConnectionSpec {
    /// Every secret, none of which may show in an error; the longest first, since one may be a part of another.
    fn secrets(&self) -> Vec<&str> {
        let authorization = self.authorization.as_ref().known().map(Authorization::secrets);
        let http = self
            .http
            .as_ref()
            .known()
            .into_iter()
            .flat_map(HttpParameters::secrets);
        let all = authorization.into_iter().flatten().chain(http);
        let mut secrets: Vec<&str> = all.map(Secret::expose).collect();
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets
    }
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
    pub http: SeenHttpParameters,
    pub kms_key: Option<String>,
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
        let arn = Arn::parse(self.configuration_arn.as_deref()?)?;
        arn.name().map(Id::new)
    }
}

impl<'a> Connection<'a> {
    /// The connection of that name.
    pub fn new(aws: &'a Aws, name: &'a str) -> Self {
        Self {
            aws,
            name,
            waits: true,
            sent: AtomicBool::new(false),
            changed: AtomicBool::new(false),
            left_token_path: AtomicBool::new(false),
        }
    }

    /// The same, for whose readiness a walk waits or not.
    pub fn waiting(self, waits: bool) -> Self {
        Self { waits, ..self }
    }

    /// The connection of that name, whoever made it.
    pub async fn describe(&self) -> Result<Option<SeenConnection>, ComponentError> {
        const API: Api = Api::new("events", "DescribeConnection");
        let answer = self.aws.events.describe_connection().name(self.name).send().await;
        Ok(answer
            .found(API)?
            .map(|answer| self.seen(API, answer))
            .transpose()?)
    }

    fn seen(&self, api: Api, answer: DescribeConnectionOutput) -> Result<SeenConnection, AwsError> {
        let path = answer
            .invocation_connectivity_parameters
            .and_then(|parameters| parameters.resource_parameters);
        let (configuration, association) = path
            .map(|path| (path.resource_configuration_arn, path.resource_association_arn))
            .unwrap_or_default();
        let some = |text: String| (!text.is_empty()).then_some(text);
        let parameters = answer.auth_parameters.as_ref();
        Ok(SeenConnection {
            arn: wanted(api, "ConnectionArn", answer.connection_arn)?,
            name: self.name.to_owned(),
            description: answer
                .description
                .and_then(some)
                .filter(|words| *words != self.no_description()),
            state: wanted(api, "ConnectionState", answer.connection_state)?
                .as_str()
                .to_owned(),
            state_reason: answer.state_reason.and_then(some),
            secret_arn: answer.secret_arn.and_then(some),
            configuration_arn: some(configuration),
            association_arn: some(association),
            authorization: auth::seen(answer.authorization_type.as_ref(), parameters),
            http: http::seen(parameters.and_then(|all| all.invocation_http_parameters.as_ref())),
            kms_key: answer.kms_key_identifier.and_then(some),
        })
    }

    /// What differs of the authorization and the HTTP parameters, in words.
    fn parameters_differ(&self, want: &ConnectionSpec, seen: &SeenConnection) -> Vec<String> {
        if self.lost_way(seen) {
            // Without its authorization a connection shows no parameters.
            return vec![format!("re-authorize ({})", seen.state)];
        }
        let authorization = match &want.authorization {
            Fact::Known(wanted) => wanted.differs(&seen.authorization),
            Fact::Later | Fact::Absent => vec!["authorization"],
        };
        let http = match &want.http {
            Fact::Known(wanted) => wanted.differs(&seen.http),
            Fact::Later | Fact::Absent => vec!["HTTP parameters"],
        };
        let mut differs: Vec<_> = authorization.into_iter().chain(http).map(str::to_owned).collect();
        if (want.send_secret || want.send_http_secrets) && !self.sent.load(Ordering::Relaxed) {
            differs.push("secret".to_owned());
        }
        differs
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
        differs.extend(self.parameters_differ(want, seen));
        let same_key = match &want.kms_key {
            Fact::Known(key) => seen.has_key(key),
            Fact::Absent => true,
            Fact::Later => false,
        };
        differs.extend((!same_key).then(|| "KMS key".to_owned()));
        if differs.is_empty() {
            Change::Keep
        } else {
            Change::Update(differs)
        }
    }

    fn health(&self, seen: &SeenConnection) -> Health {
        match seen.state() {
            ConnectionState::Active => Health::Settled,
            ConnectionState::Authorized => Health::Standing {
                state: seen.state.clone(),
                needed: AUTHORIZED_STANDS,
            },
            ConnectionState::Deauthorized | ConnectionState::FailedConnectivity => {
                let reason = seen.state_reason.as_deref().unwrap_or("AWS gives no reason");
                let mut words = format!("{}: {reason}", seen.state);
                if self.left_token_path.load(Ordering::Relaxed) && seen.authorization.has_token_path() {
                    let name = self.name.to_owned();
                    words.push_str(&format!("\n\n{}", ComponentError::TokenPathStays { name }));
                }
                Health::Failed(words)
            }
            _ => Health::Working(seen.state.clone()),
        }
    }

    fn awaited(&self) -> bool {
        self.waits
    }

    fn fulfilled(&self, want: &ConnectionSpec) -> ConnectionSpec {
        ConnectionSpec {
            send_secret: false,
            send_http_secrets: false,
            ..want.clone()
        }
    }

    async fn search(&self, inventory: &Inventory) -> Result<Vec<Found<SeenConnection>>, ComponentError> {
        let Some(seen) = self.describe().await? else {
            return Ok(Vec::new());
        };
        let id = Id::new(&seen.arn);
        let configuration = seen.configuration_id().map(Id::new);
        let through = configuration.as_ref().and_then(|id| {
            let found = inventory.of(CONFIGURATION).iter();
            found.into_iter().find(|found| found.id == *id)
        });
        let recorded = configuration
            .as_ref()
            .is_some_and(|id| inventory.recorded.owns(CONFIGURATION.key, id));
        let marked = through.is_some_and(|found| found.marked);
        let ours = inventory.recorded.owns(CONNECTION.key, &id) || recorded;
        match (ours, inventory.fresh) {
            (true, _) => Ok(vec![Found::listed(id, &seen.name, marked).with(seen)]),
            (false, false) => Ok(Vec::new()),
            (false, true) => Err(self.taken(&seen).await?),
        }
    }

    async fn observe(&self, id: &Id) -> Result<Option<SeenConnection>, ComponentError> {
        let seen = self.describe().await?;
        // A connection of our name with another ARN was made after ours was deleted: not ours.
        Ok(seen.filter(|seen| seen.arn == id.as_str()))
    }

    async fn create(&self, want: &ConnectionSpec) -> Result<Made, ComponentError> {
        const API: Api = Api::new("events", "CreateConnection");
        let authorization = want.authorization.as_ref().known();
        let none = HttpParameters::default();
        let http = want.http.as_ref().known().unwrap_or(&none);
        let way = want.configuration_arn.as_ref().known();
        let request = self
            .aws
            .events
            .create_connection()
            .name(self.name)
            .set_description(want.description.clone().known())
            .set_authorization_type(authorization.map(Authorization::kind))
            .set_auth_parameters(authorization.map(|wanted| wanted.create_parameters(http)))
            .set_kms_key_identifier(want.kms_key.clone().known())
            .set_invocation_connectivity_parameters(way.and_then(|arn| auth::connectivity(arn)));
        let answer = request.send().await.of(API);
        self.aws.listings.connections_changed().await;
        let answer = match answer.map_err(|error| error.scrubbed(want.secrets())) {
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
        Ok(Made::ours(arn))
    }

    async fn update(
        &self,
        _: &Id,
        want: &ConnectionSpec,
        seen: &SeenConnection,
        _: u32,
    ) -> Result<(), ComponentError> {
        self.change(want, seen).await
    }

    async fn delete(&self, _: &Id, _: &SeenConnection) -> Result<(), ComponentError> {
        const API: Api = Api::new("events", "DeleteConnection");
        let answer = self.aws.events.delete_connection().name(self.name).send().await;
        self.aws.listings.connections_changed().await;
        answer.of(API)?;
        Ok(())
    }

    /// The associations that EventBridge made go some time after the connection, and hold their configurations till
    /// then.
    async fn lingering(&self, last: &SeenConnection) -> Result<Option<String>, ComponentError> {
        let token = match &last.authorization {
            SeenAuthorization::OAuth(seen) => {
                Some((&seen.token_association_arn, &seen.token_configuration_arn))
            }
            _ => None,
        };
        let ways = [Some((&last.association_arn, &last.configuration_arn)), token];
        for (association, configuration) in ways.into_iter().flatten() {
            if let (Some(association), Some(configuration)) = (association, configuration)
                && let Some(held) = self.association(association, configuration).await?
            {
                return Ok(Some(held));
            }
        }
        Ok(None)
    }
}

impl Connection<'_> {
    /// Why a create must not take a connection of its name: it is another holder's, or somebody else's.
    async fn taken(&self, seen: &SeenConnection) -> Result<ComponentError, ComponentError> {
        let (name, arn) = (self.name.to_owned(), seen.arn.clone());
        let tags = match &seen.configuration_arn {
            Some(configuration) => Tags::new(self.aws).get(configuration).await?,
            None => None,
        };
        let holder = tags.as_ref().and_then(|tags| tags.holder(INVOCATION_TAG));
        let alive = holder.is_some_and(|holder| holder.split('/').next() == Some(self.name));
        Ok(if alive {
            ComponentError::Alive { name, arn }
        } else {
            ComponentError::Foreign { name, arn }
        })
    }

    /// The state of an association, in words, while there is one.
    async fn association(
        &self,
        association: &String,
        configuration: &str,
    ) -> Result<Option<String>, ComponentError> {
        const API: Api = Api::new("vpc-lattice", "ListServiceNetworkResourceAssociations");
        let request = self.aws.lattice.list_service_network_resource_associations();
        let request = request.resource_configuration_identifier(configuration);
        let mut items = request.into_paginator().items().send();
        let mut held = None;
        while let Some(item) = items.next().await {
            let item = match item.of(API) {
                // Without the permission or the configuration there is nothing to see: the deletion of the
                // configuration is refused, and tried again, while the association exists.
                Err(error) if matches!(error.kind, ErrorKind::AccessDenied | ErrorKind::NotFound) => {
                    return Ok(None);
                }
                item => item?,
            };
            if item.arn.as_ref() == Some(association) {
                held = Some(item);
                break;
            }
        }
        Ok(held.map(|item| {
            let status = item
                .status
                .as_ref()
                .map_or("in an unknown state", |status| status.as_str());
            format!("its association {association} is {status}")
        }))
    }

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
