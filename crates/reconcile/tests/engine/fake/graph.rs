//! The graph of one invocation.

use std::sync::Arc;

use reconcile::{Component, Engine, Error, Fact, Graph, Slot};

use super::cloud::{Cloud, CloudError};
use super::components::{
    Configuration, ConfigurationSpec, Connection, ConnectionSeen, ConnectionSpec, Gateway, GatewaySpec,
    Group, GroupSpec, Scope,
};
use super::ingress::{Ingress, IngressSpec};

pub const GROUP: Slot = Slot::of(Group::KIND);
pub const GATEWAY: Slot = Slot::of(Gateway::KIND);
pub const CONFIGURATION: Slot = Slot::of(Configuration::KIND);
pub const CONNECTION: Slot = Slot::of(Connection::KIND);
pub const INGRESS: Slot = Slot::of(Ingress::KIND);

/// What a user asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub vpc: &'static str,
    pub domain: &'static str,
    pub egress: u16,
    pub description: &'static str,
    /// A gateway's, which perhaps cannot be changed.
    pub tier: &'static str,
    /// The port of an ingress rule.
    pub ingress: Option<u16>,
    pub wait_for_ready: bool,
}

/// The graph of one invocation; nothing wanted removes it.
pub struct Invocation {
    wanted: Option<Wanted>,
    group: Group,
    gateway: Gateway,
    configuration: Configuration,
    connection: Connection,
    ingress: Ingress,
}

impl Invocation {
    pub fn new(cloud: &Arc<Cloud>, name: &str, token: &str, wanted: Option<Wanted>) -> Self {
        let scope = Scope {
            cloud: Arc::clone(cloud),
            name: name.to_owned(),
            owner: format!("{name}/{token}"),
        };
        let awaited = wanted.as_ref().is_none_or(|wanted| wanted.wait_for_ready);
        Self {
            wanted,
            group: Group(scope.clone()),
            gateway: Gateway(scope.clone()),
            configuration: Configuration(scope.clone()),
            ingress: Ingress(scope.clone()),
            connection: Connection { scope, awaited },
        }
    }

    /// Takes the marks off, when the run has ended and its state is about to be recorded. The configuration's goes first:
    /// it tells a living invocation from one that was left behind.
    pub async fn sign_off(&self, engine: &Engine<CloudError>) -> Result<(), Error<CloudError>> {
        engine.sign_off(&self.configuration).await?;
        engine.sign_off(&self.gateway).await?;
        engine.sign_off(&self.ingress).await?;
        engine.sign_off(&self.group).await
    }

    /// Marks everything again, when the state that was about to record it reaches nobody.
    pub async fn mark_again(&self, engine: &Engine<CloudError>) -> Result<(), Error<CloudError>> {
        engine.mark_again(&self.configuration).await?;
        engine.mark_again(&self.gateway).await?;
        engine.mark_again(&self.group).await
    }

    /// Looks whether what a create has made is still its own.
    pub async fn reassure(&self, engine: &Engine<CloudError>) -> Result<(), Error<CloudError>> {
        engine.reassure(&self.group, &GROUP).await
    }

    /// Forgets what another create has taken over. A connection is whose its configuration is.
    pub async fn give_over(&self, engine: &Engine<CloudError>) -> Result<(), Error<CloudError>> {
        if !engine.give_over(&self.configuration).await?.is_empty() {
            engine.give_over_all(Connection::KIND);
        }
        engine.give_over(&self.gateway).await?;
        engine.give_over(&self.ingress).await?;
        engine.give_over(&self.group).await.map(drop)
    }
}

impl Graph<CloudError> for Invocation {
    type Output = Fact<ConnectionSeen>;

    async fn walk(&self, engine: &Engine<CloudError>) -> Result<Self::Output, Error<CloudError>> {
        engine.scan(&self.group).await?;
        engine.scan(&self.gateway).await?;
        engine.scan(&self.configuration).await?;
        engine.scan(&self.connection).await?;
        engine.scan(&self.ingress).await?;

        let wanted = self.wanted.as_ref();
        let group = wanted.map(|wanted| GroupSpec {
            vpc: wanted.vpc.to_owned(),
            egress: wanted.egress,
        });
        let group = engine
            .ensure(&self.group, &GROUP, group)
            .await?
            .map(|seen| seen.id);
        let gateway = wanted.map(|wanted| GatewaySpec {
            vpc: wanted.vpc.to_owned(),
            group,
            tier: wanted.tier.to_owned(),
        });
        let gateway = engine
            .ensure(&self.gateway, &GATEWAY, gateway)
            .await?
            .map(|seen| seen.id);
        let configuration = wanted.map(|wanted| ConfigurationSpec {
            gateway,
            domain: wanted.domain.to_owned(),
        });
        let configuration = engine
            .ensure(&self.configuration, &CONFIGURATION, configuration)
            .await?;
        let connection = wanted.map(|wanted| ConnectionSpec {
            configuration: configuration.map(|seen| seen.id),
            description: wanted.description.to_owned(),
        });
        if engine.is_fresh() && wanted.is_some() {
            self.reassure(engine).await?;
        }
        let connection = engine.ensure(&self.connection, &CONNECTION, connection).await?;
        let ingress = wanted.and_then(|wanted| {
            Some(IngressSpec {
                vpc: wanted.vpc.to_owned(),
                port: wanted.ingress?,
            })
        });
        engine.ensure(&self.ingress, &INGRESS, ingress).await?;

        engine.sweep(&self.ingress).await?;
        engine.sweep(&self.connection).await?;
        engine.sweep(&self.configuration).await?;
        engine.sweep(&self.gateway).await?;
        engine.sweep(&self.group).await?;
        Ok(connection)
    }
}
