//! The order of things: group → gateway → configuration → connection, and back.

use reconcile::{Engine, Error, Fact, Graph, Kind, Recorded, Slot, Snapshot};
use serde::de::DeserializeOwned;

use super::desired::Desired;
use crate::aws::Aws;
use crate::component::{
    CONFIGURATION, CONNECTION, ComponentError, Configuration, Connection, GATEWAY, GROUP, Gateway, Group,
    SeenConfiguration, SeenConnection, SeenGateway, SeenGroup,
};

pub static GROUP_SLOT: Slot = Slot::of(GROUP);
pub static GATEWAY_SLOT: Slot = Slot::of(GATEWAY);
pub static CONFIGURATION_SLOT: Slot = Slot::of(CONFIGURATION);
pub static CONNECTION_SLOT: Slot = Slot::of(CONNECTION);

/// The components of one invocation, and what is wanted of them: `None` wants nothing to be left.
pub struct InvocationGraph<'a> {
    pub desired: Option<Desired>,
    group: Group<'a>,
    gateway: Gateway<'a>,
    pub configuration: Configuration<'a>,
    connection: Connection<'a>,
}

/// What a walk yields: every object of the graph.
#[derive(Debug, Clone, Default)]
pub struct Objects {
    pub group: Fact<SeenGroup>,
    pub gateway: Fact<SeenGateway>,
    pub configuration: Fact<SeenConfiguration>,
    pub connection: Fact<SeenConnection>,
}

impl Objects {
    /// What stands, by the record and what was last seen of it.
    pub fn of(recorded: &Recorded, snapshot: &Snapshot) -> Self {
        fn seen<T: DeserializeOwned>(recorded: &Recorded, snapshot: &Snapshot, kind: Kind) -> Fact<T> {
            let id = recorded.get(&Slot::of(kind));
            id.and_then(|id| snapshot.get(kind, id))
                .map_or(Fact::Absent, Fact::Known)
        }
        Self {
            group: seen(recorded, snapshot, GROUP),
            gateway: seen(recorded, snapshot, GATEWAY),
            configuration: seen(recorded, snapshot, CONFIGURATION),
            connection: seen(recorded, snapshot, CONNECTION),
        }
    }
}

impl<'a> InvocationGraph<'a> {
    /// The graph of the invocation of that name.
    pub fn new(aws: &'a Aws, name: &'a str, desired: Option<Desired>) -> Self {
        Self {
            desired,
            group: Group::new(aws, name),
            gateway: Gateway::new(aws, name),
            configuration: Configuration::new(aws, name),
            connection: Connection::new(aws, name),
        }
    }
}

impl Graph<ComponentError> for InvocationGraph<'_> {
    type Output = Objects;

    async fn walk(&self, engine: &Engine<ComponentError>) -> Result<Objects, Error<ComponentError>> {
        let want = self.desired.as_ref();
        // The connection can only be told to be ours by its configuration, so it is searched last.
        let (groups, gateways, configurations) = tokio::join!(
            engine.scan(&self.group),
            engine.scan(&self.gateway),
            engine.scan(&self.configuration)
        );
        groups.and(gateways).and(configurations)?;
        engine.scan(&self.connection).await?;

        let group = engine
            .ensure(&self.group, &GROUP_SLOT, want.map(Desired::group))
            .await?;
        let gateway = engine
            .ensure(
                &self.gateway,
                &GATEWAY_SLOT,
                want.map(|want| want.gateway(&group)),
            )
            .await?;
        let configuration = want.map(|want| want.configuration(&gateway));
        let configuration = engine
            .ensure(&self.configuration, &CONFIGURATION_SLOT, configuration)
            .await?;
        let connection = want.map(|want| want.connection(&configuration));
        let connection = engine
            .ensure(&self.connection, &CONNECTION_SLOT, connection)
            .await?;

        engine.sweep(&self.connection).await?;
        engine.sweep(&self.configuration).await?;
        engine.sweep(&self.gateway).await?;
        engine.sweep(&self.group).await?;
        Ok(Objects {
            group,
            gateway,
            configuration,
            connection,
        })
    }
}
