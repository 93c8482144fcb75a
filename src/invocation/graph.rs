//! The order of things: group → the rule that lets the gateway in → gateway → configuration → connection → API
//! destinations, and back.

use std::collections::BTreeMap;

use reconcile::{Component as _, Engine, Error, Fact, Graph, Id, Kind, Recorded, Slot, Snapshot};
use serde::de::DeserializeOwned;

use super::desired::Desired;
use super::model::Composite;
use super::slots::{CONFIGURATION_SLOT, CONNECTION_SLOT, GATEWAY_SLOT, GROUP_SLOT, INGRESS_SLOT};
use crate::client::Aws;
use crate::component::GroupSpec;
use crate::component::naming::Owner;
use crate::component::{
    API_DESTINATION, CONFIGURATION, CONNECTION, ComponentError, Configuration, Connection, Destination,
    GATEWAY, GROUP, Gateway, Group, INGRESS, Ingress, Secrets, SeenConfiguration, SeenConnection,
    SeenDestination, SeenGateway, SeenGroup, SeenIngress,
};

/// The components of one invocation or path, and what is wanted of them: `None` wants nothing to be left.
pub struct InvocationGraph<'a> {
    desired: Option<&'a Desired>,
    composite: Composite,
    group: Group<'a>,
    pub ingress: Ingress<'a>,
    gateway: Gateway<'a>,
    configuration: Configuration<'a>,
    connection: Connection<'a>,
    /// By name, those that are wanted.
    destinations: BTreeMap<&'a str, Destination<'a>>,
    /// Searches for, looks at and removes any destination.
    any_destination: Destination<'a>,
}

/// What a walk yields: every object of the graph that is ours.
#[derive(Debug, Clone, Default)]
pub struct Objects {
    pub group: Fact<SeenGroup>,
    pub ingress: Fact<SeenIngress>,
    pub gateway: Fact<SeenGateway>,
    pub configuration: Fact<SeenConfiguration>,
    pub connection: Fact<SeenConnection>,
    pub destinations: BTreeMap<String, Fact<SeenDestination>>,
}

impl Objects {
    /// Everything still to be made.
    pub fn later() -> Self {
        Self {
            group: Fact::Later,
            ingress: Fact::Later,
            gateway: Fact::Later,
            configuration: Fact::Later,
            connection: Fact::Later,
            destinations: BTreeMap::new(),
        }
    }

    /// What stands, by the record and what was last seen of it.
    pub fn of(recorded: &Recorded, snapshot: &Snapshot) -> Self {
        fn seen<T: DeserializeOwned>(recorded: &Recorded, snapshot: &Snapshot, kind: Kind) -> Fact<T> {
            let id = recorded.get(&Slot::of(kind));
            id.and_then(|id| snapshot.get(kind, id))
                .map_or(Fact::Absent, Fact::Known)
        }
        let destinations = recorded.current.iter().filter_map(|(slot, id)| {
            let name = slot.instance().filter(|_| slot.kind() == API_DESTINATION.key)?;
            let seen = snapshot.get(API_DESTINATION, id);
            Some((name.to_owned(), seen.map_or(Fact::Absent, Fact::Known)))
        });
        Self {
            group: seen(recorded, snapshot, GROUP),
            ingress: seen(recorded, snapshot, INGRESS),
            gateway: seen(recorded, snapshot, GATEWAY),
            configuration: seen(recorded, snapshot, CONFIGURATION),
            connection: seen(recorded, snapshot, CONNECTION),
            destinations: destinations.collect(),
        }
    }
}

/// How a graph treats what it is not alone with.
#[derive(Debug, Clone, Copy, Default)]
pub struct WalkOptions {
    /// The walk does not wait until the connection is ready.
    pub unready: bool,
    /// API destinations go although rules still target them.
    pub forced: bool,
}

impl<'a> InvocationGraph<'a> {
    /// The graph of `owner`'s objects.
    pub fn new(
        aws: &'a Aws,
        owner: &'a Owner,
        composite: Composite,
        desired: Option<&'a Desired>,
        options: WalkOptions,
    ) -> Self {
        let destination = |name| {
            let described = desired.and_then(|desired| desired.description_of(name));
            Destination::new(aws, owner, name)
                .described(described)
                .forced(options.forced)
        };
        let names = desired.into_iter().flat_map(Desired::destination_names);
        Self {
            desired,
            composite,
            group: Group::new(aws, owner),
            ingress: Ingress::new(aws, owner).wanted(desired.is_some_and(Desired::adds_ingress)),
            gateway: Gateway::new(aws, owner),
            configuration: Configuration::new(aws, owner),
            connection: Connection::new(aws, owner.name()).waiting(!options.unready),
            destinations: names.map(|name| (name, destination(name))).collect(),
            any_destination: Destination::any(aws, owner).forced(options.forced),
        }
    }

    /// The same, whose connection's texts must not show these secrets.
    pub fn keeping(self, secrets: &'a Secrets) -> Self {
        Self {
            connection: self.connection.keeping(secrets),
            ..self
        }
    }

    /// API destinations that were to go and stay: by now they call through another connection, which each is with.
    pub fn strays(&self) -> Vec<(String, String)> {
        self.any_destination.strays()
    }

    /// Searches every kind of which something is wanted or recorded.
    async fn scan(&self, engine: &Engine<ComponentError>) -> Result<(), Error<ComponentError>> {
        let recorded = engine.recorded();
        let path = self.desired.is_none_or(Desired::makes_path)
            || [GROUP, GATEWAY, CONFIGURATION]
                .iter()
                .any(|kind| recorded.has(*kind));
        if path {
            let (groups, gateways, configurations) = tokio::join!(
                engine.scan(&self.group),
                engine.scan(&self.gateway),
                engine.scan(&self.configuration)
            );
            groups.and(gateways).and(configurations)?;
        }
        engine.scan(&self.ingress).await?;
        if self.composite == Composite::Path {
            return Ok(());
        }
        // The connection can only be told to be ours by its configuration, so it is searched after that; its
        // destinations by the connection.
        engine.scan(&self.connection).await?;
        engine.scan(&self.any_destination).await
    }

    /// Takes the marks off everything that can bear one, when a run has ended and its state is about to be recorded. The
    /// configuration's goes first: it tells a living invocation from one that was left behind.
    ///
    /// # Errors
    /// The first one, after all were tried.
    pub async fn sign_off(&self, engine: &Engine<ComponentError>) -> Result<(), Error<ComponentError>> {
        let configuration = engine.sign_off(&self.configuration).await;
        let (gateway, ingress, group) = tokio::join!(
            engine.sign_off(&self.gateway),
            engine.sign_off(&self.ingress),
            engine.sign_off(&self.group)
        );
        let mut signed = configuration.and(gateway).and(ingress).and(group);
        for destination in self.destinations.values() {
            signed = signed.and(engine.sign_off(destination).await);
        }
        signed
    }

    /// Marks everything again that [`sign_off`](Self::sign_off) has unmarked in a create: its state reaches nobody.
    ///
    /// # Errors
    /// The first one, after all were tried.
    pub async fn mark_again(&self, engine: &Engine<ComponentError>) -> Result<(), Error<ComponentError>> {
        let (gateway, ingress, group) = tokio::join!(
            engine.mark_again(&self.gateway),
            engine.mark_again(&self.ingress),
            engine.mark_again(&self.group)
        );
        // An object without the mark says that a state records it: the configuration's comes last, as it was the first to go.
        let configuration = engine.mark_again(&self.configuration).await;
        gateway.and(ingress).and(group).and(configuration)
    }

    /// Forgets what another create of that name has taken over while this one was at work. A connection, which bears no
    /// tag, is whose its resource configuration is, with its destinations.
    ///
    /// # Errors
    /// The first look that fails. What could not be looked at stays recorded, and is guarded by its tag.
    pub async fn give_over(
        &self,
        aws: &Aws,
        engine: &Engine<ComponentError>,
    ) -> Result<(), Error<ComponentError>> {
        if !engine.give_over(&self.configuration).await?.is_empty() {
            engine.give_over_all(CONNECTION);
            engine.give_over_all(API_DESTINATION);
        }
        engine.give_over(&self.gateway).await?;
        engine.give_over(&self.ingress).await?;
        let groups = engine.give_over(&self.group).await?;
        // What this process knows of them is outdated: the listing would still show the tag that they were made with.
        groups
            .iter()
            .for_each(|id| aws.listings.groups.remove(id.as_str()));
        Ok(())
    }

    /// Looks again whether what was made first is still ours: right before the connection is made, of which there can be
    /// only one of its name, and when a create has ended. Another create of that name may have taken over what this one has
    /// made so far.
    ///
    /// # Errors
    /// [`Error::Refused`] where it has.
    pub async fn reassure(&self, engine: &Engine<ComponentError>) -> Result<(), Error<ComponentError>> {
        let recorded = engine.recorded();
        if recorded.get(&GROUP_SLOT).is_some() {
            return engine.reassure(&self.group, &GROUP_SLOT).await;
        }
        if recorded.get(&GATEWAY_SLOT).is_some() {
            return engine.reassure(&self.gateway, &GATEWAY_SLOT).await;
        }
        engine.reassure(&self.configuration, &CONFIGURATION_SLOT).await
    }

    /// Why the connection, which bears no tag, is not this resource's any more: the tag of its resource configuration names
    /// another one.
    pub fn taken_over(&self, objects: &Objects) -> Option<(Id, String)> {
        let seen = objects.configuration.as_ref().known()?;
        let taken = self.configuration.taken_over(seen);
        let reason = taken.then(|| self.configuration.guard(seen)).flatten()?;
        Some((Id::new(&*seen.id), reason))
    }

    async fn ensure_destinations(
        &self,
        engine: &Engine<ComponentError>,
        connection: &Fact<SeenConnection>,
    ) -> Result<BTreeMap<String, Fact<SeenDestination>>, Error<ComponentError>> {
        let mut seen = BTreeMap::new();
        for (name, destination) in &self.destinations {
            let want = self.desired.and_then(|want| want.destination(name, connection));
            let slot = Slot::named(API_DESTINATION, *name);
            seen.insert((*name).to_owned(), engine.ensure(destination, &slot, want).await?);
        }
        for slot in engine.slots_of(API_DESTINATION) {
            if slot
                .instance()
                .is_some_and(|name| !self.destinations.contains_key(name))
            {
                engine.ensure(&self.any_destination, &slot, None).await?;
            }
        }
        Ok(seen)
    }
}

impl Graph<ComponentError> for InvocationGraph<'_> {
    type Output = Objects;

    async fn walk(&self, engine: &Engine<ComponentError>) -> Result<Objects, Error<ComponentError>> {
        let want = self.desired;
        self.scan(engine).await?;

        // Of a group that stands, rules go last: calls that are under way keep their way until the connection has moved.
        let wanted_group = want.and_then(Desired::group);
        let stands = engine.recorded().get(&GROUP_SLOT).is_some();
        let group = wanted_group.clone().map(|spec| GroupSpec {
            keeps_rules: stands,
            ..spec
        });
        let group = engine.ensure(&self.group, &GROUP_SLOT, group).await?;
        // First the rule: a gateway that stands must not get groups that the endpoint does not let in.
        let ingress = want.and_then(|want| want.ingress(&group));
        let ingress = engine.ensure(&self.ingress, &INGRESS_SLOT, ingress).await?;
        let gateway = want.and_then(|want| want.gateway(&group));
        let gateway = engine.ensure(&self.gateway, &GATEWAY_SLOT, gateway).await?;
        let configuration = want.and_then(|want| want.configuration(&gateway));
        let configuration = engine
            .ensure(&self.configuration, &CONFIGURATION_SLOT, configuration)
            .await?;
        let mut objects = Objects {
            group,
            ingress,
            gateway,
            configuration,
            ..Objects::default()
        };
        if self.composite == Composite::Invocation {
            let connection = want.map(|want| want.connection(&objects.configuration));
            if engine.is_fresh() && connection.is_some() {
                self.reassure(engine).await?;
            }
            if !engine.is_rehearsing()
                && let Some((id, reason)) = self.taken_over(&objects)
            {
                return Err(Error::Refused {
                    slot: CONNECTION_SLOT.clone(),
                    what: CONNECTION.name.to_owned(),
                    id,
                    reason,
                });
            }
            objects.connection = engine
                .ensure(&self.connection, &CONNECTION_SLOT, connection)
                .await?;
            objects.destinations = self.ensure_destinations(engine, &objects.connection).await?;

            engine.sweep(&self.any_destination).await?;
            // From here on the connection has its new way, and what it had before is only waiting to be removed.
            engine.retire(&self.configuration);
            engine.retire(&self.gateway);
            engine.retire(&self.ingress);
            engine.retire(&self.group);
            // What the connection may still be using outlives a run that does not wait for it.
            if !engine.is_settled(&CONNECTION_SLOT) && !engine.is_rehearsing() {
                return Ok(objects);
            }
            engine.sweep(&self.connection).await?;
            // Nor is a path removed that the connection shows, whatever it was told.
            let recorded = engine.recorded();
            let mut retired = recorded.retired_of(CONFIGURATION);
            let uses = |id| matches!(&objects.connection, Fact::Known(seen) if seen.uses(id));
            if !engine.is_rehearsing() && retired.any(uses) {
                return Ok(objects);
            }
        }
        engine.sweep(&self.configuration).await?;
        engine.sweep(&self.gateway).await?;
        engine.sweep(&self.ingress).await?;
        engine.sweep(&self.group).await?;
        if stands && wanted_group.is_some() {
            objects.group = engine.ensure(&self.group, &GROUP_SLOT, wanted_group).await?;
        }
        Ok(objects)
    }
}
