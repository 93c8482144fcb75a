//! The EventBridge connection: the credentials, and the way through the resource configuration.
//!
//! It cannot be tagged. It is ours when its ARN is recorded; where it is not, when what it points at is ours:
//! during a create the configuration must also bear the mark of a create that has not ended, else the
//! connection is alive.

mod association;
mod auth;
mod http;
mod repoint;
mod secret;
mod seen;
#[cfg(test)]
mod tests;

use std::time::{Duration, SystemTime};

use reconcile::{Change, Component, Fact, Found, Health, Id, Inventory, Kind, Made};

use super::ComponentError;
use super::configuration::CONFIGURATION;
use super::naming::INVOCATION_TAG;
use super::tags::Tags;
use super::word::ConnectionState;
use crate::aws::{Api, Called as _, ErrorKind, ListedConnection, Scrubber, wanted};
use crate::client::Aws;
pub use auth::{Authorization, OAuth, SeenAuthorization, SeenOAuth};
pub use http::{HttpParameters, HttpValue, List, Lists, SeenHttpParameters, SeenHttpValue};
pub use secret::{Credential, Secret, Secrets};
pub use seen::SeenConnection;

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
    /// What its texts must not show.
    secrets: &'a Secrets,
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
    pub resend: Resend,
}

/// Which secrets are sent although nothing that AWS shows differs: one has changed, or its version has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Resend {
    /// The authorization's own: the API key, the password, the client secret.
    pub authorization: bool,
    /// Those among the HTTP parameters of the request for a token.
    pub token_request: Lists<bool>,
    /// Those among the HTTP parameters of every call.
    pub http: Lists<bool>,
}

impl Resend {
    pub fn any(self) -> bool {
        self.authorization || self.token_request.any() || self.http.any()
    }

    /// Those of either.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            authorization: self.authorization || other.authorization,
            token_request: self.token_request.or(other.token_request),
            http: self.http.or(other.http),
        }
    }
}

impl ConnectionSpec {
    /// Removes every secret that is known from what AWS says of the connection of that name.
    fn scrubber(&self, name: &str) -> Scrubber {
        let authorization = self.authorization.as_ref().known();
        let http = self.http.as_ref().known();
        let authorization = authorization.into_iter().flat_map(Authorization::secrets);
        let all = authorization.chain(http.into_iter().flat_map(HttpParameters::secrets));
        Scrubber::new(all.map(Secret::expose), [name])
    }

    /// Whether everything of the authorization and the HTTP parameters can be sent.
    fn has_every_secret(&self) -> bool {
        let (Fact::Known(authorization), Fact::Known(http)) = (&self.authorization, &self.http) else {
            return false;
        };
        let mut all = authorization.credentials().chain(http.credentials());
        all.all(Credential::is_known)
    }

    /// What differs from what AWS shows, in words.
    fn differs(&self, seen: &SeenConnection) -> Vec<String> {
        let mut differs = Vec::new();
        let description = match &self.description {
            Fact::Absent => seen.description.is_none(),
            want => seen.description.as_ref().is_some_and(|words| want.is(words)),
        };
        differs.extend((!description).then(|| "description".to_owned()));
        differs.extend(self.moves(seen).then(|| "resource configuration".to_owned()));
        differs.extend(self.parameters_differ(seen));
        let same_key = match &self.kms_key {
            Fact::Known(key) => seen.has_key(key),
            Fact::Absent => true,
            Fact::Later => false,
        };
        differs.extend((!same_key).then(|| "KMS key".to_owned()));
        differs
    }

    /// Whether the description is all that is to change: EventBridge takes that without authorizing anew, so that state,
    /// secret and association stay (seen on recorded connections).
    pub fn changes_description_alone(&self, seen: &SeenConnection) -> bool {
        self.differs(seen) == ["description"]
    }

    /// Whether it is to go through another resource configuration than it does.
    fn moves(&self, seen: &SeenConnection) -> bool {
        let seen = seen.configuration_arn.as_ref();
        !seen.is_some_and(|arn| self.configuration_arn.is(arn))
    }

    /// What differs of the authorization and the HTTP parameters, in words.
    fn parameters_differ(&self, seen: &SeenConnection) -> Vec<String> {
        if seen.has_failed() {
            // Without its authorization a connection shows no parameters.
            return vec![format!("re-authorize ({})", seen.state)];
        }
        let authorization = match &self.authorization {
            Fact::Known(wanted) => wanted.differs(&seen.authorization),
            Fact::Later | Fact::Absent => vec!["authorization"],
        };
        let http = match &self.http {
            Fact::Known(wanted) => wanted.differs(&seen.http),
            Fact::Later | Fact::Absent => vec!["HTTP parameters"],
        };
        let secret = self.resend.any().then_some("secret");
        let differs = authorization.into_iter().chain(http).chain(secret);
        differs.map(str::to_owned).collect()
    }

    /// Whether EventBridge is to leave the private path of the token endpoint.
    fn leaves_token_path(&self, seen: &SeenConnection) -> bool {
        let authorization = self.authorization.as_ref().known();
        authorization.is_some_and(|wanted| wanted.leaves_token_path(&seen.authorization))
    }

    /// The same for a connection that another run or somebody else has made: what its secrets are nobody knows.
    fn with_every_secret(&self) -> Self {
        let authorization = self.authorization.as_ref().known();
        let token_request = match authorization {
            Some(Authorization::OAuth(oauth)) => {
                oauth.http.as_ref().known().map(HttpParameters::have_secrets)
            }
            _ => None,
        };
        let http = self.http.as_ref().known().map(HttpParameters::have_secrets);
        Self {
            resend: Resend {
                authorization: authorization.is_some_and(|own| own.credential().is_some()),
                token_request: token_request.unwrap_or_default(),
                http: http.unwrap_or_default(),
            },
            ..self.clone()
        }
    }

    /// The same once every secret was sent.
    fn sent(&self) -> Self {
        Self {
            resend: Resend::default(),
            ..self.clone()
        }
    }
}

/// What a request cannot do without.
fn known<'f, T>(fact: &'f Fact<T>, what: &str) -> Result<&'f T, ComponentError> {
    fact.as_ref().known().ok_or_else(|| ComponentError::NotKnown {
        what: what.to_owned(),
    })
}

impl<'a> Connection<'a> {
    /// The connection of that name.
    pub fn new(aws: &'a Aws, name: &'a str) -> Self {
        Self {
            aws,
            name,
            waits: true,
            secrets: &secret::UNKNOWN,
        }
    }

    /// The same, for whose readiness a walk waits or not.
    pub fn waiting(self, waits: bool) -> Self {
        Self { waits, ..self }
    }

    /// The same, of which these secrets are known.
    pub fn keeping(self, secrets: &'a Secrets) -> Self {
        Self { secrets, ..self }
    }

    /// The connection of that name, whoever made it.
    pub async fn describe(&self) -> Result<Option<SeenConnection>, ComponentError> {
        const API: Api = Api::new("events", "DescribeConnection");
        let answer = self.aws.events.describe_connection().name(self.name).send().await;
        let seen = answer
            .found(API)?
            .map(|answer| SeenConnection::of(self.name, self.secrets, API, answer));
        Ok(seen.transpose()?)
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
        if seen.state == ConnectionState::Deleting {
            return Change::Replace(vec![seen.state.to_string()]);
        }
        let differs = want.differs(seen);
        if differs.is_empty() {
            Change::Keep
        } else {
            Change::Update(differs)
        }
    }

    fn health(&self, seen: &SeenConnection) -> Health {
        match seen.state {
            ConnectionState::Deauthorized | ConnectionState::FailedConnectivity => {
                let reason = seen.state_reason.as_deref().unwrap_or("AWS gives no reason");
                Health::Failed(format!("{}: {reason}", seen.state))
            }
            // EventBridge has taken the path without a word, or somebody took it away.
            ConnectionState::Active | ConnectionState::Authorized if seen.configuration_arn.is_none() => {
                Health::Failed(ComponentError::NO_PRIVATE_PATH.to_owned())
            }
            ConnectionState::Active => Health::Settled,
            ConnectionState::Authorized => match &seen.unready_association {
                Some(failed) if failed.has_failed() => Health::Failed(failed.words()),
                Some(unready) => Health::Working(format!("{}, and {}", seen.state, unready.words())),
                None => Health::Standing {
                    state: seen.state.to_string(),
                    needed: AUTHORIZED_STANDS,
                    stood: seen.untouched_for(SystemTime::now()),
                },
            },
            _ => Health::Working(seen.state.to_string()),
        }
    }

    fn unserviceable(&self, want: &ConnectionSpec, seen: &SeenConnection) -> Option<String> {
        let stays = || ComponentError::TokenPathStays {
            name: self.name.to_owned(),
        };
        want.leaves_token_path(seen).then(|| stays().to_string())
    }

    fn awaited(&self) -> bool {
        self.waits
    }

    fn adopting(&self, want: &ConnectionSpec) -> ConnectionSpec {
        want.with_every_secret()
    }

    fn fulfilled(&self, want: &ConnectionSpec) -> ConnectionSpec {
        want.sent()
    }

    async fn search(&self, inventory: &Inventory) -> Result<Vec<Found<SeenConnection>>, ComponentError> {
        let Some(seen) = self.describe().await? else {
            return Ok(Vec::new());
        };
        let id = Id::new(&seen.arn);
        let configuration = seen.configuration_id();
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
        let Some(mut seen) = seen.filter(|seen| seen.arn == id.as_str()) else {
            return Ok(None);
        };
        for way in seen.ways() {
            way.association_arn
                .iter()
                .for_each(|arn| self.aws.associations.hold(arn));
        }
        if seen.state == ConnectionState::Authorized {
            seen.unready_association = self.unready_association(&seen).await;
        }
        Ok(Some(seen))
    }

    async fn create(&self, want: &ConnectionSpec) -> Result<Made, ComponentError> {
        const API: Api = Api::new("events", "CreateConnection");
        let authorization = known(&want.authorization, "the authorization")?;
        let http = known(&want.http, "the HTTP parameters")?;
        // Never left out: the connection would be a public one.
        let way = known(&want.configuration_arn, "the resource configuration")?;
        let request = self
            .aws
            .events
            .create_connection()
            .name(self.name)
            .set_description(want.description.clone().known())
            .authorization_type(authorization.kind())
            .auth_parameters(authorization.create_parameters(http)?)
            .set_kms_key_identifier(want.kms_key.clone().known())
            .invocation_connectivity_parameters(auth::connectivity(way));
        let listing = &self.aws.listings.connections;
        let answer = listing.after(request.send().await.of(API));
        let answer = match answer.map_err(|error| error.scrubbed(&want.scrubber(self.name))) {
            // The SDK sends again when a reply is lost, and EventBridge takes no client token: it may be an earlier
            // try's. Where there was none, somebody else was faster.
            Err(error) if error.kind == ErrorKind::AlreadyExists && error.was_repeated() => {
                match self.describe().await? {
                    Some(seen) if seen.configuration_arn == want.configuration_arn.clone().known() => {
                        Ok(Some(seen.arn))
                    }
                    _ => Err(error),
                }
            }
            answer => answer.map(|answer| answer.connection_arn),
        };
        let arn = wanted(API, "ConnectionArn", answer?)?;
        listing.put(ListedConnection {
            arn: arn.clone(),
            name: self.name.to_owned(),
            state: aws_sdk_eventbridge::types::ConnectionState::Creating,
        });
        Ok(Made::ours(arn))
    }

    async fn update(
        &self,
        _: &Id,
        want: &ConnectionSpec,
        seen: &SeenConnection,
        tried: u32,
    ) -> Result<(), ComponentError> {
        self.change(want, seen, tried).await
    }

    async fn delete(&self, id: &Id, _: &SeenConnection) -> Result<(), ComponentError> {
        const API: Api = Api::new("events", "DeleteConnection");
        let answer = self.aws.events.delete_connection().name(self.name).send().await;
        answer.of(API)?;
        self.aws.listings.connections.remove(id.as_str());
        Ok(())
    }

    async fn lingering(&self, last: &SeenConnection) -> Result<Option<String>, ComponentError> {
        Ok(self.lingering_association(last).await)
    }
}

impl Connection<'_> {
    /// Whether this provider made it: what it points at carries the tag of an invocation of its name.
    pub async fn is_invocations(&self, seen: &SeenConnection) -> Result<bool, ComponentError> {
        let tags = match &seen.configuration_arn {
            Some(configuration) => Tags::new(self.aws).get(configuration).await?,
            None => None,
        };
        let holder = tags.as_ref().and_then(|tags| tags.holder(INVOCATION_TAG));
        Ok(holder.is_some_and(|holder| holder.split('/').next() == Some(self.name)))
    }

    /// Why a create must not take a connection of its name: it is another holder's, or somebody else's.
    async fn taken(&self, seen: &SeenConnection) -> Result<ComponentError, ComponentError> {
        let (name, arn) = (self.name.to_owned(), seen.arn.clone());
        Ok(if self.is_invocations(seen).await? {
            ComponentError::Alive { name, arn }
        } else {
            ComponentError::Foreign { name, arn }
        })
    }
}
