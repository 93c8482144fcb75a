//! What configuration and endpoint ask for: one of the two pure functions that hold the composite together.

mod authorization;
mod network;

use std::collections::{BTreeMap, BTreeSet};

use reconcile::Fact;
use terraform_plugin::Attr;

use super::located::Located;
use super::model::{ApiDestination, Composite, Model, Tags};
use crate::component::{
    ConfigurationSpec, ConnectionSpec, DestinationSpec, GatewaySpec, GroupSpec, IngressSpec,
    SeenConfiguration, SeenConnection, SeenGateway, SeenGroup, Shown, UserTags,
};
pub use authorization::{DEFAULT_TOKEN_METHOD, authorization, http_parameters, resend};
pub use network::{DesiredPath, Wanted};

/// Calls a second that an API destination makes at most: EventBridge's own default.
pub const DEFAULT_RATE: i32 = 300;

/// What is wanted of every component.
#[derive(Debug, Clone)]
pub struct Desired {
    pub path: DesiredPath,
    tags: UserTags,
    /// `None` for a path alone.
    call: Option<DesiredCall>,
}

/// The connection and its API destinations, but for what they learn from the path.
#[derive(Debug, Clone)]
struct DesiredCall {
    connection: ConnectionSpec,
    /// The token endpoint is reached by the same path.
    token_by_same_path: bool,
    destinations: BTreeMap<String, DestinationSpec>,
}

/// What `config` asks for where it is `located`, after `prior` (the state, where there is one).
pub fn desired(composite: Composite, config: &Model, prior: Option<&Model>, located: &Located) -> Desired {
    let call = match composite {
        Composite::Invocation => Some(call(config, prior)),
        Composite::Path => None,
    };
    Desired {
        path: DesiredPath::new(config, prior, located),
        tags: UserTags {
            wanted: tags(&config.tags_all).known(),
            shown: prior.map(shown_tags),
        },
        call,
    }
}

fn call(config: &Model, prior: Option<&Model>) -> DesiredCall {
    let (authorization, token_by_same_path) = authorization(&config.authorization);
    let connection = ConnectionSpec {
        description: optional(&config.description),
        configuration_arn: Fact::Later,
        authorization,
        http: http_parameters(&config.invocation_http_parameters),
        kms_key: optional(&config.kms_key_identifier),
        resend: resend(config, prior.unwrap_or(&Model::default())),
    };
    let destinations = config.api_destinations.known().into_iter().flatten();
    DesiredCall {
        connection,
        token_by_same_path,
        destinations: destinations
            .map(|(name, destination)| (name.clone(), destination_spec(destination)))
            .collect(),
    }
}

fn destination_spec(destination: &Attr<ApiDestination>) -> DestinationSpec {
    let later = DestinationSpec {
        connection_arn: Fact::Later,
        endpoint: Fact::Later,
        method: Fact::Later,
        rate: Fact::Later,
        description: Fact::Later,
    };
    let Attr::Known(given) = destination else {
        return later;
    };
    DestinationSpec {
        endpoint: required(&given.invocation_endpoint),
        method: required(&given.http_method),
        rate: or_default(&given.invocation_rate_limit_per_second, i64::from(DEFAULT_RATE))
            .map(|rate| i32::try_from(rate).unwrap_or(DEFAULT_RATE)),
        description: optional(&given.description),
        ..later
    }
}

/// An argument that is always set: unknown is later.
fn required<T: Clone>(attribute: &Attr<T>) -> Fact<T> {
    attribute.known().cloned().map_or(Fact::Later, Fact::Known)
}

/// An argument that may be left out.
fn optional<T: Clone>(attribute: &Attr<T>) -> Fact<T> {
    match attribute {
        Attr::Known(value) => Fact::Known(value.clone()),
        Attr::Null => Fact::Absent,
        Attr::Unknown => Fact::Later,
    }
}

/// An argument that has a default.
fn or_default<T: Clone>(attribute: &Attr<T>, default: T) -> Fact<T> {
    match attribute {
        Attr::Known(value) => Fact::Known(value.clone()),
        Attr::Null => Fact::Known(default),
        Attr::Unknown => Fact::Later,
    }
}

/// A set whose elements may be unknown.
fn all_elements(set: &BTreeSet<Attr<String>>) -> Fact<BTreeSet<String>> {
    let known: Option<BTreeSet<_>> = set.iter().map(|element| element.known().cloned()).collect();
    known.map_or(Fact::Later, Fact::Known)
}

/// What the state shows of the tags of the objects that it records.
fn shown_tags(prior: &Model) -> Shown {
    let tags = tags(&prior.tags_all).known().unwrap_or_default();
    let ids = prior.recorded().current.into_values().map(|id| id.to_string());
    Shown {
        tags,
        ids: ids.collect(),
    }
}

fn tags(given: &Attr<Tags>) -> Fact<BTreeMap<String, String>> {
    match given {
        Attr::Known(tags) => {
            let known: Option<_> = tags
                .iter()
                .map(|(key, value)| Some((key.clone(), value.known()?.clone())))
                .collect();
            known.map_or(Fact::Later, Fact::Known)
        }
        Attr::Null => Fact::Known(BTreeMap::new()),
        Attr::Unknown => Fact::Later,
    }
}

impl Desired {
    /// The same wants where EventBridge may have been sent other secrets than the state says: those that differ from
    /// `sent` are sent, too.
    pub fn after(mut self, config: &Model, sent: &Model) -> Self {
        if let Some(call) = &mut self.call {
            call.connection.resend = call.connection.resend.or(resend(config, sent));
        }
        self
    }

    /// What a state tells of the path where no object of its own shows it: what is asked for, else what `prior` told.
    pub fn told(&self, prior: &Model) -> Model {
        fn told<T: Clone>(fact: &Fact<T>, prior: &Attr<T>) -> Attr<T> {
            match fact {
                Fact::Known(value) => Attr::Known(value.clone()),
                Fact::Absent => Attr::Null,
                Fact::Later => prior.clone(),
            }
        }
        Model {
            vpc_id: told(&self.path.vpc_id, &prior.vpc_id),
            subnet_ids: told(&self.path.subnet_ids, &prior.subnet_ids),
            domain_name: told(&self.path.domain_name, &prior.domain_name),
            ..Model::default()
        }
    }

    /// Whether it is an invocation's, and not a path alone.
    pub fn has_connection(&self) -> bool {
        self.call.is_some()
    }

    /// Whether anything of the path is, or may be, the invocation's own.
    pub fn makes_path(&self) -> bool {
        self.path.configuration != Wanted::No
    }

    /// Whether a rule that lets the gateway in at the endpoint is, or may be, wanted.
    pub fn adds_ingress(&self) -> bool {
        self.path.ingress != Wanted::No
    }

    pub fn group(&self) -> Option<GroupSpec> {
        self.path.group(&self.tags)
    }

    pub fn gateway(&self, group: &Fact<SeenGroup>) -> Option<GatewaySpec> {
        self.path.gateway(group, &self.tags)
    }

    pub fn ingress(&self, group: &Fact<SeenGroup>) -> Option<IngressSpec> {
        self.path.ingress(group, &self.tags)
    }

    pub fn configuration(&self, gateway: &Fact<SeenGateway>) -> Option<ConfigurationSpec> {
        self.path.configuration(gateway, &self.tags)
    }

    /// The connection, through a configuration of our own or the one that is given.
    ///
    /// # Panics
    /// For a path, which has none.
    pub fn connection(&self, configuration: &Fact<SeenConfiguration>) -> ConnectionSpec {
        let call = self
            .call
            .as_ref()
            .expect("only an invocation's graph has a connection");
        let arn = match &self.path.shared_configuration_arn {
            Fact::Absent => configuration.as_ref().map(|seen| seen.arn.clone()),
            given => given.clone(),
        };
        let mut spec = call.connection.clone();
        if call.token_by_same_path
            && let Fact::Known(crate::component::Authorization::OAuth(oauth)) = &mut spec.authorization
        {
            oauth.token_configuration_arn = arn.clone();
        }
        spec.configuration_arn = arn;
        spec
    }

    /// The names of the API destinations that are wanted.
    pub fn destination_names(&self) -> impl Iterator<Item = &str> {
        let call = self.call.iter();
        call.flat_map(|call| call.destinations.keys().map(String::as_str))
    }

    /// One API destination, at the connection.
    pub fn destination(&self, name: &str, connection: &Fact<SeenConnection>) -> Option<DestinationSpec> {
        let spec = self.call.as_ref()?.destinations.get(name)?.clone();
        Some(DestinationSpec {
            connection_arn: connection.as_ref().map(|seen| seen.arn.clone()),
            ..spec
        })
    }

    /// The user's description of a destination, as far as it is known.
    pub fn description_of(&self, name: &str) -> Option<String> {
        let spec = self.call.as_ref()?.destinations.get(name)?;
        spec.description.clone().known()
    }
}
