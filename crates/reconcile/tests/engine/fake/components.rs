//! The four components of an invocation in the fake cloud.

use std::sync::Arc;
use std::time::Duration;

use reconcile::{Change, Component, Fact, Found, Health, Id, Inventory, Kind};
use serde::{Deserialize, Serialize};

use super::cloud::{Cloud, CloudError};
use super::world::State;

/// Whose objects, and where.
#[derive(Clone)]
pub struct Scope {
    pub cloud: Arc<Cloud>,
    pub owner: String,
}

fn health(state: &State) -> Health {
    match state {
        State::Creating | State::Updating | State::Deleting => Health::Working(format!("{state:?}")),
        State::Authorized => Health::Standing(Duration::from_secs(60)),
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
    owner: Option<String>,
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
        (seen.owner.as_ref() != Some(&self.0.owner)).then(|| "it has lost its tag".to_owned())
    }

    async fn owned(&self, _: &Inventory) -> Result<Vec<Found>, CloudError> {
        self.0.cloud.list(|world| {
            let ours = world
                .groups
                .iter()
                .filter(|(_, group)| group.owner.as_ref() == Some(&self.0.owner));
            ours.map(|(id, group)| Found {
                id: id.clone(),
                name: group.name.clone(),
                marked: false,
            })
            .collect()
        })
    }

    async fn observe(&self, id: &Id) -> Result<Option<GroupSeen>, CloudError> {
        Ok(self.0.cloud.read(id, |world| {
            let group = world
                .groups
                .get(id)
                .filter(|group| group.life.is_visible())?
                .clone();
            let (name, owner) = (group.name, group.owner);
            Some(GroupSeen {
                id: id.clone(),
                name,
                owner,
                vpc: group.vpc,
                egress: group.egress,
            })
        }))
    }

    async fn create(&self, want: &GroupSpec) -> Result<Id, CloudError> {
        self.0
            .cloud
            .create_group(&self.name(want), &self.0.owner, &want.vpc)
            .await
    }

    async fn update(&self, id: &Id, want: &GroupSpec, _: &GroupSeen) -> Result<(), CloudError> {
        self.0.cloud.update_group(id, want.egress).await
    }

    async fn delete(&self, id: &Id) -> Result<(), CloudError> {
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

    fn confirm(&self) -> Option<Duration> {
        Some(Duration::from_millis(250))
    }

    async fn owned(&self, _: &Inventory) -> Result<Vec<Found>, CloudError> {
        self.0.cloud.list(|world| {
            let ours = world
                .gateways
                .iter()
                .filter(|(_, object)| object.owner.as_ref() == Some(&self.0.owner));
            ours.map(|(id, object)| Found {
                id: id.clone(),
                name: object.name.clone(),
                marked: false,
            })
            .collect()
        })
    }

    async fn observe(&self, id: &Id) -> Result<Option<GatewaySeen>, CloudError> {
        Ok(self.0.cloud.read(id, |world| {
            let gateway = world
                .gateways
                .get(id)
                .filter(|gateway| gateway.life.is_visible())?
                .clone();
            let state = gateway.life.state;
            Some(GatewaySeen {
                id: id.clone(),
                name: gateway.name,
                group: gateway.group,
                tier: gateway.tier,
                state,
            })
        }))
    }

    async fn create(&self, want: &GatewaySpec) -> Result<Id, CloudError> {
        self.0
            .cloud
            .create_gateway(
                &self.name(want),
                &self.0.owner,
                &want.vpc,
                id(&want.group)?,
                &want.tier,
            )
            .await
    }

    async fn update(&self, id: &Id, want: &GatewaySpec, _: &GatewaySeen) -> Result<(), CloudError> {
        self.0.cloud.update_gateway(id, &want.tier).await
    }

    async fn delete(&self, id: &Id) -> Result<(), CloudError> {
        self.0.cloud.delete_gateway(id).await
    }
}

pub struct Configuration(pub Scope);

#[derive(Clone)]
pub struct ConfigurationSpec {
    pub gateway: Fact<Id>,
    pub domain: String,
    pub creating: bool,
}

#[derive(Clone, Serialize, Deserialize)]
pub struct ConfigurationSeen {
    pub id: Id,
    name: String,
    marked: bool,
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
        if !why.is_empty() {
            Change::Replace(why)
        } else if want.creating != seen.marked {
            Change::Update(vec!["mark".to_owned()])
        } else {
            Change::Keep
        }
    }

    fn health(&self, seen: &ConfigurationSeen) -> Health {
        health(&seen.state)
    }

    fn confirm(&self) -> Option<Duration> {
        Some(Duration::from_millis(250))
    }

    async fn owned(&self, _: &Inventory) -> Result<Vec<Found>, CloudError> {
        self.0.cloud.list(|world| {
            let ours = world
                .configurations
                .iter()
                .filter(|(_, object)| object.owner.as_ref() == Some(&self.0.owner));
            ours.map(|(id, object)| Found {
                id: id.clone(),
                name: object.name.clone(),
                marked: object.marked,
            })
            .collect()
        })
    }

    async fn observe(&self, id: &Id) -> Result<Option<ConfigurationSeen>, CloudError> {
        Ok(self.0.cloud.read(id, |world| {
            let object = world
                .configurations
                .get(id)
                .filter(|object| object.life.is_visible())?
                .clone();
            let (name, marked, gateway, domain) = (object.name, object.marked, object.gateway, object.domain);
            Some(ConfigurationSeen {
                id: id.clone(),
                name,
                marked,
                gateway,
                domain,
                state: object.life.state,
            })
        }))
    }

    async fn create(&self, want: &ConfigurationSpec) -> Result<Id, CloudError> {
        let (name, gateway) = (self.name(want), id(&want.gateway)?);
        self.0
            .cloud
            .create_configuration(&name, &self.0.owner, want.creating, gateway, &want.domain)
            .await
    }

    async fn update(
        &self,
        id: &Id,
        want: &ConfigurationSpec,
        _: &ConfigurationSeen,
    ) -> Result<(), CloudError> {
        self.0.cloud.mark_configuration(id, want.creating).await
    }

    async fn delete(&self, id: &Id) -> Result<(), CloudError> {
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
        self.scope.owner.clone()
    }

    fn name_of(&self, _: &ConnectionSeen) -> String {
        self.scope.owner.clone()
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
        health(&seen.state)
    }

    fn awaited(&self) -> bool {
        self.awaited
    }

    async fn owned(&self, inventory: &Inventory) -> Result<Vec<Found>, CloudError> {
        let name = &self.scope.owner;
        let id = Id::from(name.as_str());
        let Some(connection) = self
            .scope
            .cloud
            .list(|world| world.connections.get(&id).cloned())?
        else {
            return Ok(vec![]);
        };
        let ours = inventory.owns(Configuration::KIND, &connection.configuration);
        let marked = inventory
            .of(Configuration::KIND)
            .iter()
            .any(|found| found.id == connection.configuration && found.marked);
        match (inventory.fresh, ours, marked) {
            (true, true, false) => Err(CloudError::Alive(name.clone())),
            (true, false, _) => Err(CloudError::Foreign(name.clone())),
            (true, true, true) | (false, true, _) => Ok(vec![Found {
                id,
                name: name.clone(),
                marked,
            }]),
            (false, false, _) => Ok(vec![]),
        }
    }

    async fn observe(&self, id: &Id) -> Result<Option<ConnectionSeen>, CloudError> {
        Ok(self.scope.cloud.read(id, |world| {
            let connection = world.connections.get(id)?.clone();
            let (configuration, description) = (connection.configuration, connection.description);
            Some(ConnectionSeen {
                configuration,
                description,
                state: connection.life.state,
            })
        }))
    }

    async fn create(&self, want: &ConnectionSpec) -> Result<Id, CloudError> {
        let configuration = id(&want.configuration)?;
        self.scope
            .cloud
            .create_connection(&self.scope.owner, configuration, &want.description)
            .await
    }

    async fn update(&self, id: &Id, want: &ConnectionSpec, _: &ConnectionSeen) -> Result<(), CloudError> {
        let configuration = self::id(&want.configuration)?;
        self.scope
            .cloud
            .update_connection(id, configuration, &want.description)
            .await
    }

    async fn delete(&self, id: &Id) -> Result<(), CloudError> {
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
