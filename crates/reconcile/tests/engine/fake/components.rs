//! The four components of an invocation in the fake cloud.

use std::sync::Arc;
use std::time::Duration;

use reconcile::{Change, Component, Fact, Found, Health, Id, Inventory, Kind, Made};
use serde::{Deserialize, Serialize};

use super::cloud::{Cloud, CloudError};
use super::world::{State, World, is_of};

/// Whose objects, and where.
#[derive(Clone)]
pub struct Scope {
    pub cloud: Arc<Cloud>,
    /// The name that the user gave.
    pub name: String,
    /// What the tag says: name and token.
    pub owner: String,
}

/// Tag and mark of what was seen.
#[derive(Clone, Serialize, Deserialize)]
pub struct Tags {
    pub owner: Option<String>,
    pub marked: bool,
}

impl Scope {
    /// Whether a search of this holder finds an object. A holder whose configuration bears no mark was signed off, or was
    /// about to be: what it made is not left behind.
    pub fn finds(&self, kind: Kind, inventory: &Inventory, world: &World, id: &Id, tags: &Tags) -> bool {
        let owner = tags.owner.as_deref();
        let of_another = || {
            let mut configurations = world.configurations.values();
            let signed_off = configurations.any(|one| one.owner == tags.owner && !one.marked);
            inventory.fresh && is_of(owner, &self.name) && !signed_off
        };
        let own = owner == Some(&self.owner);
        own || tags.marked && of_another() || inventory.recorded.owns(kind.key, id)
    }

    pub fn lost_to_another(&self, tags: &Tags) -> bool {
        tags.owner.as_ref().is_some_and(|owner| *owner != self.owner)
    }

    pub fn lost_tag(&self, tags: &Tags) -> Option<String> {
        (tags.owner.as_ref() != Some(&self.owner)).then(|| match &tags.owner {
            None => "it has lost its tag".to_owned(),
            Some(other) => format!("its tag says {other}"),
        })
    }

    pub async fn claim(&self, operation: &'static str, id: &Id, tags: &Tags) -> Result<(), CloudError> {
        if tags.owner.as_ref() == Some(&self.owner) {
            return Ok(());
        }
        self.cloud.tag(operation, &[id], &self.owner, true).await
    }

    pub async fn sign_off<O>(
        &self,
        operation: &'static str,
        mut objects: Vec<(Id, O)>,
        tags: impl Fn(&mut O) -> &mut Tags,
    ) -> Result<Vec<(Id, O)>, CloudError> {
        let ids: Vec<&Id> = objects.iter().map(|(id, _)| id).collect();
        self.cloud.tag(operation, &ids, &self.owner, false).await?;
        if self.cloud.world().marks_still_show() {
            return Ok(objects);
        }
        for (_, seen) in &mut objects {
            *tags(seen) = Tags {
                owner: Some(self.owner.clone()),
                marked: false,
            };
        }
        Ok(objects)
    }

    pub async fn mark_again<O>(
        &self,
        operation: &'static str,
        objects: Vec<(Id, O)>,
    ) -> Result<(), CloudError> {
        let ids: Vec<&Id> = objects.iter().map(|(id, _)| id).collect();
        self.cloud.tag(operation, &ids, &self.owner, true).await
    }
}

fn health(state: &State) -> Health {
    match state {
        State::Creating | State::Updating | State::Deleting => Health::Working(format!("{state:?}")),
        State::Authorized => Health::Standing {
            state: "AUTHORIZED".to_owned(),
            needed: Duration::from_secs(60),
            stood: Duration::ZERO,
        },
        State::Active => Health::Settled,
        State::Failed(reason) => Health::Failed(reason.clone()),
    }
}

/// The reasons to replace an object: what differs and cannot be changed, or its state.
fn replacing(state: &State, differing: &[(&str, bool)]) -> Vec<String> {
    let mut why: Vec<String> = differing
        .iter()
        .filter(|(_, differs)| *differs)
        .map(|(what, _)| (*what).to_owned())
        .collect();
    match state {
        State::Failed(reason) => why.push(reason.clone()),
        State::Deleting => why.push("it is being deleted".to_owned()),
        State::Creating | State::Active | State::Updating | State::Authorized => {}
    }
    why
}

fn id(fact: &Fact<Id>) -> Result<&Id, CloudError> {
    fact.as_ref()
        .known()
        .ok_or_else(|| CloudError::Invalid("an id is not known".to_owned()))
}

fn text(fact: &Fact<Id>) -> String {
    fact.as_ref()
        .known()
        .expect("names are asked for only when all facts are known")
        .to_string()
}

pub struct Group(pub Scope);

#[derive(Clone)]
pub struct GroupSpec {
    pub vpc: String,
    pub egress: u16,
}

#[derive(Clone, Serialize, Deserialize)]
pub struct GroupSeen {
    pub id: Id,
    name: String,
    tags: Tags,
    vpc: String,
    egress: u16,
}

impl Component for Group {
    const KIND: Kind = Kind {
        key: "group",
        name: "security group",
    };
    type Spec = GroupSpec;
    type Observed = GroupSeen;
    type Error = CloudError;

    fn name(&self, want: &GroupSpec) -> String {
        format!("{}-{}", self.0.owner, want.vpc)
    }

    fn name_of(&self, seen: &GroupSeen) -> String {
        seen.name.clone()
    }

    fn compare(&self, want: &GroupSpec, seen: &GroupSeen) -> Change {
        if seen.vpc != want.vpc {
            Change::Replace(vec!["VPC".to_owned()])
        } else if seen.egress != want.egress {
            Change::Update(vec![format!("egress {} missing", want.egress)])
        } else {
            Change::Keep
        }
    }

    fn health(&self, _: &GroupSeen) -> Health {
        Health::Settled
    }

    fn guard(&self, seen: &GroupSeen) -> Option<String> {
        self.0.lost_tag(&seen.tags)
    }

    fn taken_over(&self, seen: &GroupSeen) -> bool {
        self.0.lost_to_another(&seen.tags)
    }

    fn marked(&self, seen: &GroupSeen) -> bool {
        seen.tags.marked
    }

    async fn claim(&self, id: &Id, seen: &GroupSeen) -> Result<(), CloudError> {
        self.0.claim("claim group", id, &seen.tags).await
    }

    async fn sign_off(&self, objects: Vec<(Id, GroupSeen)>) -> Result<Vec<(Id, GroupSeen)>, CloudError> {
        self.0
            .sign_off("sign off group", objects, |seen| &mut seen.tags)
            .await
    }

    async fn mark_again(&self, objects: Vec<(Id, GroupSeen)>) -> Result<(), CloudError> {
        self.0.mark_again("mark group again", objects).await
    }

    async fn search(&self, inventory: &Inventory) -> Result<Vec<Found<GroupSeen>>, CloudError> {
        self.0.cloud.list(|world| {
            let all = world.groups.iter();
            let ours = all.filter(|(id, one)| {
                let tags = Tags {
                    owner: one.owner.clone(),
                    marked: one.marked,
                };
                self.0.finds(Self::KIND, inventory, world, id, &tags)
            });
            ours.map(|(id, one)| Found::listed(id.clone(), one.name.clone(), one.marked))
                .collect()
        })
    }

    async fn observe(&self, id: &Id) -> Result<Option<GroupSeen>, CloudError> {
        self.0.cloud.read(id, |world| {
            let group = world
                .groups
                .get(id)
                .filter(|group| group.life.is_visible())?
                .clone();
            Some(GroupSeen {
                id: id.clone(),
                name: group.name,
                tags: Tags {
                    owner: group.owner,
                    marked: group.marked || world.marks_still_show(),
                },
                vpc: group.vpc,
                egress: group.egress,
            })
        })
    }

    async fn create(&self, want: &GroupSpec) -> Result<Made, CloudError> {
        let name = self.name(want);
        let id = self.0.cloud.create_group(&name, &self.0.owner, &want.vpc);
        id.await.map(Made::ours)
    }

    async fn update(&self, id: &Id, want: &GroupSpec, _: &GroupSeen, _: u32) -> Result<(), CloudError> {
        self.0.cloud.update_group(id, want.egress).await
    }

    async fn delete(&self, id: &Id, _: &GroupSeen) -> Result<(), CloudError> {
        self.0.cloud.delete_group(id).await
    }
}

pub struct Gateway(pub Scope);

#[derive(Clone)]
pub struct GatewaySpec {
    pub vpc: String,
    pub group: Fact<Id>,
    pub tier: String,
}

#[derive(Clone, Serialize, Deserialize)]
pub struct GatewaySeen {
    pub id: Id,
    name: String,
    tags: Tags,
    group: Id,
    tier: String,
    state: State,
}

impl Component for Gateway {
    const KIND: Kind = Kind {
        key: "gateway",
        name: "resource gateway",
    };
    type Spec = GatewaySpec;
    type Observed = GatewaySeen;
    type Error = CloudError;

    fn name(&self, want: &GatewaySpec) -> String {
        let (owner, vpc, group) = (&self.0.owner, &want.vpc, text(&want.group));
        format!("{owner}-{vpc}-{group}-{}", want.tier)
    }

    fn name_of(&self, seen: &GatewaySeen) -> String {
        seen.name.clone()
    }

    fn compare(&self, want: &GatewaySpec, seen: &GatewaySeen) -> Change {
        let why = replacing(&seen.state, &[("security group", !want.group.is(&seen.group))]);
        if !why.is_empty() {
            Change::Replace(why)
        } else if want.tier != seen.tier {
            Change::Attempt(vec!["tier".to_owned()])
        } else {
            Change::Keep
        }
    }

    fn health(&self, seen: &GatewaySeen) -> Health {
        health(&seen.state)
    }

    fn guard(&self, seen: &GatewaySeen) -> Option<String> {
        self.0.lost_tag(&seen.tags)
    }

    fn taken_over(&self, seen: &GatewaySeen) -> bool {
        self.0.lost_to_another(&seen.tags)
    }

    fn marked(&self, seen: &GatewaySeen) -> bool {
        seen.tags.marked
    }

    async fn claim(&self, id: &Id, seen: &GatewaySeen) -> Result<(), CloudError> {
        self.0.claim("claim gateway", id, &seen.tags).await
    }

    async fn sign_off(&self, objects: Vec<(Id, GatewaySeen)>) -> Result<Vec<(Id, GatewaySeen)>, CloudError> {
        self.0
            .sign_off("sign off gateway", objects, |seen| &mut seen.tags)
            .await
    }

    async fn mark_again(&self, objects: Vec<(Id, GatewaySeen)>) -> Result<(), CloudError> {
        self.0.mark_again("mark gateway again", objects).await
    }

    fn confirm(&self) -> Option<Duration> {
        Some(Duration::from_millis(250))
    }

    async fn search(&self, inventory: &Inventory) -> Result<Vec<Found<GatewaySeen>>, CloudError> {
        self.0.cloud.list(|world| {
            let all = world.gateways.iter();
            let ours = all.filter(|(id, one)| {
                let tags = Tags {
                    owner: one.owner.clone(),
                    marked: one.marked,
                };
                self.0.finds(Self::KIND, inventory, world, id, &tags)
            });
            ours.map(|(id, one)| Found::listed(id.clone(), one.name.clone(), one.marked))
                .collect()
        })
    }

    async fn observe(&self, id: &Id) -> Result<Option<GatewaySeen>, CloudError> {
        self.0.cloud.read(id, |world| {
            let gateway = world
                .gateways
                .get(id)
                .filter(|gateway| gateway.life.is_visible())?
                .clone();
            let state = gateway.life.state;
            Some(GatewaySeen {
                id: id.clone(),
                name: gateway.name,
                tags: Tags {
                    owner: gateway.owner,
                    marked: gateway.marked,
                },
                group: gateway.group,
                tier: gateway.tier,
                state,
            })
        })
    }

    async fn create(&self, want: &GatewaySpec) -> Result<Made, CloudError> {
        let (name, group) = (self.name(want), id(&want.group)?);
        let cloud = &self.0.cloud;
        let id = cloud.create_gateway(&name, &self.0.owner, &want.vpc, group, &want.tier);
        id.await.map(Made::ours)
    }

    async fn update(&self, id: &Id, want: &GatewaySpec, _: &GatewaySeen, _: u32) -> Result<(), CloudError> {
        self.0.cloud.update_gateway(id, &want.tier).await
    }

    async fn delete(&self, id: &Id, _: &GatewaySeen) -> Result<(), CloudError> {
        self.0.cloud.delete_gateway(id).await
    }
}

pub struct Configuration(pub Scope);

#[derive(Clone)]
pub struct ConfigurationSpec {
    pub gateway: Fact<Id>,
    pub domain: String,
}

#[derive(Clone, Serialize, Deserialize)]
pub struct ConfigurationSeen {
    pub id: Id,
    name: String,
    tags: Tags,
    gateway: Id,
    domain: String,
    state: State,
}

impl Component for Configuration {
    const KIND: Kind = Kind {
        key: "configuration",
        name: "resource configuration",
    };
    type Spec = ConfigurationSpec;
    type Observed = ConfigurationSeen;
    type Error = CloudError;

    fn name(&self, want: &ConfigurationSpec) -> String {
        format!("{}-{}-{}", self.0.owner, text(&want.gateway), want.domain)
    }

    fn name_of(&self, seen: &ConfigurationSeen) -> String {
        seen.name.clone()
    }

    fn compare(&self, want: &ConfigurationSpec, seen: &ConfigurationSeen) -> Change {
        let differing = [
            ("resource gateway", !want.gateway.is(&seen.gateway)),
            ("domain name", want.domain != seen.domain),
        ];
        let why = replacing(&seen.state, &differing);
        if why.is_empty() {
            Change::Keep
        } else {
            Change::Replace(why)
        }
    }

    fn health(&self, seen: &ConfigurationSeen) -> Health {
        health(&seen.state)
    }

    fn guard(&self, seen: &ConfigurationSeen) -> Option<String> {
        self.0.lost_tag(&seen.tags)
    }

    fn taken_over(&self, seen: &ConfigurationSeen) -> bool {
        self.0.lost_to_another(&seen.tags)
    }

    fn marked(&self, seen: &ConfigurationSeen) -> bool {
        seen.tags.marked
    }

    async fn claim(&self, id: &Id, seen: &ConfigurationSeen) -> Result<(), CloudError> {
        self.0.claim("claim configuration", id, &seen.tags).await
    }

    async fn sign_off(
        &self,
        objects: Vec<(Id, ConfigurationSeen)>,
    ) -> Result<Vec<(Id, ConfigurationSeen)>, CloudError> {
        self.0
            .sign_off("sign off configuration", objects, |seen| &mut seen.tags)
            .await
    }

    async fn mark_again(&self, objects: Vec<(Id, ConfigurationSeen)>) -> Result<(), CloudError> {
        self.0.mark_again("mark configuration again", objects).await
    }

    fn confirm(&self) -> Option<Duration> {
        Some(Duration::from_millis(250))
    }

    async fn search(&self, inventory: &Inventory) -> Result<Vec<Found<ConfigurationSeen>>, CloudError> {
        self.0.cloud.list(|world| {
            let all = world.configurations.iter();
            let ours = all.filter(|(id, one)| {
                let tags = Tags {
                    owner: one.owner.clone(),
                    marked: one.marked,
                };
                self.0.finds(Self::KIND, inventory, world, id, &tags)
            });
            ours.map(|(id, one)| Found::listed(id.clone(), one.name.clone(), one.marked))
                .collect()
        })
    }

    async fn observe(&self, id: &Id) -> Result<Option<ConfigurationSeen>, CloudError> {
        self.0.cloud.read(id, |world| {
            let object = world
                .configurations
                .get(id)
                .filter(|object| object.life.is_visible())?
                .clone();
            let (name, gateway, domain) = (object.name, object.gateway, object.domain);
            Some(ConfigurationSeen {
                id: id.clone(),
                name,
                tags: Tags {
                    owner: object.owner,
                    marked: object.marked,
                },
                gateway,
                domain,
                state: object.life.state,
            })
        })
    }

    async fn create(&self, want: &ConfigurationSpec) -> Result<Made, CloudError> {
        let (name, gateway) = (self.name(want), id(&want.gateway)?);
        let cloud = &self.0.cloud;
        let id = cloud.create_configuration(&name, &self.0.owner, gateway, &want.domain);
        id.await.map(Made::ours)
    }

    async fn update(
        &self,
        _: &Id,
        _: &ConfigurationSpec,
        _: &ConfigurationSeen,
        _: u32,
    ) -> Result<(), CloudError> {
        Err(CloudError::Invalid(
            "a configuration cannot be changed".to_owned(),
        ))
    }

    async fn delete(&self, id: &Id, _: &ConfigurationSeen) -> Result<(), CloudError> {
        self.0.cloud.delete_configuration(id).await
    }
}

pub struct Connection {
    pub scope: Scope,
    pub awaited: bool,
}

#[derive(Clone)]
pub struct ConnectionSpec {
    pub configuration: Fact<Id>,
    pub description: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ConnectionSeen {
    pub configuration: Id,
    pub description: String,
    pub state: State,
    /// How long the service says that it has been in that state.
    pub stood: Duration,
}

impl Component for Connection {
    const KIND: Kind = Kind {
        key: "connection",
        name: "connection",
    };
    type Spec = ConnectionSpec;
    type Observed = ConnectionSeen;
    type Error = CloudError;

    fn name(&self, _: &ConnectionSpec) -> String {
        self.scope.name.clone()
    }

    fn name_of(&self, _: &ConnectionSeen) -> String {
        self.scope.name.clone()
    }

    fn compare(&self, want: &ConnectionSpec, seen: &ConnectionSeen) -> Change {
        if seen.state == State::Deleting {
            return Change::Replace(vec!["it is being deleted".to_owned()]);
        }
        let mut why = Vec::new();
        if !want.configuration.is(&seen.configuration) {
            why.push("resource configuration".to_owned());
        }
        if want.description != seen.description {
            why.push("description".to_owned());
        }
        if matches!(seen.state, State::Failed(_)) {
            why.push("re-authorize".to_owned());
        }
        if why.is_empty() {
            Change::Keep
        } else {
            Change::Update(why)
        }
    }

    fn health(&self, seen: &ConnectionSeen) -> Health {
        match health(&seen.state) {
            Health::Standing { state, needed, .. } => Health::Standing {
                state,
                needed,
                stood: seen.stood,
            },
            health => health,
        }
    }

    fn awaited(&self) -> bool {
        self.awaited
    }

    async fn search(&self, inventory: &Inventory) -> Result<Vec<Found<ConnectionSeen>>, CloudError> {
        let name = &self.scope.name;
        let id = Id::from(name.as_str());
        let Some(connection) = self
            .scope
            .cloud
            .list(|world| world.connections.get(&id).cloned())?
        else {
            return Ok(vec![]);
        };
        let configurations = inventory.of(Configuration::KIND);
        let found = configurations
            .iter()
            .find(|found| found.id == connection.configuration);
        let recorded = inventory
            .recorded
            .owns(Configuration::KIND.key, &connection.configuration);
        let marked = found.is_some_and(|found| found.marked);
        let of_us = self.scope.cloud.list(|world| {
            let configuration = world.configurations.get(&connection.configuration);
            configuration.is_some_and(|configuration| is_of(configuration.owner.as_deref(), name))
        })?;
        match (inventory.fresh, recorded || marked) {
            (_, true) => Ok(vec![Found::listed(id, name.clone(), marked)]),
            (true, false) if of_us => Err(CloudError::Alive(name.clone())),
            (true, false) => Err(CloudError::Foreign(name.clone())),
            (false, false) => Ok(vec![]),
        }
    }

    async fn observe(&self, id: &Id) -> Result<Option<ConnectionSeen>, CloudError> {
        self.scope.cloud.read(id, |world| {
            let connection = world.connections.get(id)?.clone();
            let (configuration, description) = (connection.configuration, connection.description);
            Some(ConnectionSeen {
                configuration,
                description,
                state: connection.life.state,
                stood: connection.life.since.elapsed(),
            })
        })
    }

    async fn create(&self, want: &ConnectionSpec) -> Result<Made, CloudError> {
        let configuration = id(&want.configuration)?;
        let cloud = &self.scope.cloud;
        let id = cloud.create_connection(&self.scope.name, configuration, &want.description);
        id.await.map(Made::ours)
    }

    async fn update(
        &self,
        id: &Id,
        want: &ConnectionSpec,
        _: &ConnectionSeen,
        _: u32,
    ) -> Result<(), CloudError> {
        let configuration = self::id(&want.configuration)?;
        self.scope
            .cloud
            .update_connection(id, configuration, &want.description)
            .await
    }

    async fn delete(&self, id: &Id, _: &ConnectionSeen) -> Result<(), CloudError> {
        self.scope.cloud.delete_connection(id).await
    }

    async fn lingering(&self, last: &ConnectionSeen) -> Result<Option<String>, CloudError> {
        let associated = self
            .scope
            .cloud
            .list(|world| world.associated(&last.configuration))?;
        Ok(associated.then(|| format!("the association of {} is still there", last.configuration)))
    }
}
