//! What is in the fake cloud, and how it goes on with time.

use std::collections::BTreeMap;
use std::time::Duration;

use reconcile::Id;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

/// How long transitions take.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// Until a new object can be read, and a changed one shows its change after that has ended.
    pub visible: Duration,
    /// Creating, updating or deleting a gateway or a configuration.
    pub transition: Duration,
    /// Until a connection is authorized; it is active after the same time again.
    pub authorization: Duration,
    /// How long the association of a connection outlives it.
    pub association: Duration,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            visible: Duration::from_millis(300),
            transition: Duration::from_secs(5),
            authorization: Duration::from_secs(30),
            association: Duration::from_secs(60),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    Creating,
    Active,
    Updating,
    Authorized,
    Failed(String),
    Deleting,
}

/// What happens to an object next, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Next(pub Instant, pub State);

#[derive(Clone, Debug, PartialEq)]
pub struct Life {
    pub state: State,
    /// When it came to that state by itself.
    pub since: Instant,
    pub visible: Instant,
    pub next: Vec<Next>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    pub name: String,
    pub owner: Option<String>,
    pub marked: bool,
    pub vpc: String,
    pub egress: u16,
    pub life: Life,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Gateway {
    pub name: String,
    pub owner: Option<String>,
    pub marked: bool,
    pub vpc: String,
    pub group: Id,
    pub tier: String,
    /// The tier that reads show from then on.
    pub coming: Option<(Instant, String)>,
    pub life: Life,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Configuration {
    pub name: String,
    pub owner: Option<String>,
    pub marked: bool,
    pub gateway: Id,
    pub domain: String,
    pub life: Life,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Connection {
    /// Differs for every connection ever made, as the random end of an ARN does.
    pub serial: u64,
    pub configuration: Id,
    pub description: String,
    pub life: Life,
}

/// There is one rule at most for each VPC and port.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    pub owner: Option<String>,
    pub marked: bool,
    pub vpc: String,
    pub port: u16,
    pub enabled: bool,
}

/// Whether a tag names a holder of that name: `orders/1a2b3c4d`, by its name and its token.
pub fn is_of(owner: Option<&str>, name: &str) -> bool {
    owner.is_some_and(|owner| owner.split('/').next() == Some(name))
}

#[derive(Clone, Debug, Default)]
pub struct World {
    pub groups: BTreeMap<Id, Group>,
    pub gateways: BTreeMap<Id, Gateway>,
    pub configurations: BTreeMap<Id, Configuration>,
    pub connections: BTreeMap<Id, Connection>,
    pub rules: BTreeMap<Id, Rule>,
    /// (configuration, until when) of associations whose connection is gone or points elsewhere.
    pub associations: Vec<(Id, Instant)>,
    pub times: Times,
    pub serial: u64,
    /// How long the marks of groups show after they were taken off, which was last done then.
    pub marks_linger: Duration,
    pub unmarked: Option<Instant>,
}

impl Life {
    /// Goes on to `now`; answers whether the object is still there.
    fn tick(&mut self, now: Instant) -> bool {
        while let Some(Next(at, state)) = self.next.first().cloned()
            && at <= now
        {
            self.next.remove(0);
            if self.state == State::Deleting {
                return false;
            }
            self.state = state;
            self.since = at;
        }
        true
    }

    pub fn is_visible(&self) -> bool {
        self.visible <= Instant::now()
    }
}

impl World {
    /// Whether the marks of groups show although they were taken off.
    pub fn marks_still_show(&self) -> bool {
        self.unmarked.is_some_and(|at| at.elapsed() < self.marks_linger)
    }

    pub fn id(&mut self, prefix: &str) -> Id {
        self.serial += 1;
        Id::new(format!("{prefix}-{}", self.serial))
    }

    pub fn tick(&mut self, now: Instant) {
        self.gateways.retain(|_, gateway| {
            if let Some((_, tier)) = gateway.coming.take_if(|(at, _)| *at <= now) {
                gateway.tier = tier;
            }
            gateway.life.tick(now)
        });
        self.configurations
            .retain(|_, configuration| configuration.life.tick(now));
        let associations = &mut self.associations;
        let lingers = self.times.association;
        self.connections.retain(|_, connection| {
            let gone_at = connection.life.next.first().map(|next| next.0);
            let stays = connection.life.tick(now);
            if !stays && let Some(gone_at) = gone_at {
                associations.push((connection.configuration.clone(), gone_at + lingers));
            }
            stays
        });
        associations.retain(|(_, until)| *until > now);
    }

    /// Whether an association outlives its connection at this configuration.
    pub fn associated(&self, configuration: &Id) -> bool {
        self.associations.iter().any(|(id, _)| id == configuration)
    }

    /// Tag and mark of an object that can be tagged.
    pub fn tags(&mut self, id: &Id) -> Option<(&mut Option<String>, &mut bool)> {
        let group = self
            .groups
            .get_mut(id)
            .map(|one| (&mut one.owner, &mut one.marked));
        let gateway = self
            .gateways
            .get_mut(id)
            .map(|one| (&mut one.owner, &mut one.marked));
        let configurations = &mut self.configurations;
        let configuration = configurations
            .get_mut(id)
            .map(|one| (&mut one.owner, &mut one.marked));
        let rule = self
            .rules
            .get_mut(id)
            .map(|one| (&mut one.owner, &mut one.marked));
        group.or(gateway).or(configuration).or(rule)
    }

    /// A group, gateway and configuration that belong to `owner`, and what they look like to others: untagged
    /// where it is `None`.
    pub fn plant_path(&mut self, name: &str, owner: Option<&str>) -> Id {
        let life = || Life {
            state: State::Active,
            since: Instant::now(),
            visible: Instant::now(),
            next: vec![],
        };
        let owner = owner.map(str::to_owned);
        let (group, gateway, id) = (self.id("sg"), self.id("rgw"), self.id("rcfg"));
        let (vpc, name) = ("vpc-1".to_owned(), name.to_owned());
        let planted = Group {
            name: name.clone(),
            owner: owner.clone(),
            marked: false,
            vpc: vpc.clone(),
            egress: 443,
            life: life(),
        };
        self.groups.insert(group.clone(), planted);
        let planted = Gateway {
            name: name.clone(),
            owner: owner.clone(),
            marked: false,
            vpc,
            group,
            tier: "small".to_owned(),
            coming: None,
            life: life(),
        };
        self.gateways.insert(gateway.clone(), planted);
        let domain = "planted.example".to_owned();
        let planted = Configuration {
            name,
            owner,
            marked: false,
            gateway,
            domain,
            life: life(),
        };
        self.configurations.insert(id.clone(), planted);
        id
    }

    pub fn plant_connection(&mut self, name: &str, configuration: &Id) {
        self.serial += 1;
        let life = Life {
            state: State::Active,
            since: Instant::now(),
            visible: Instant::now(),
            next: vec![],
        };
        let (serial, configuration) = (self.serial, configuration.clone());
        let planted = Connection {
            serial,
            configuration,
            description: String::new(),
            life,
        };
        self.connections.insert(Id::from(name), planted);
    }

    pub fn plant_rule(&mut self, vpc: &str, port: u16, owner: &str) -> Id {
        let id = self.id("sgr");
        let planted = Rule {
            owner: Some(owner.to_owned()),
            marked: false,
            vpc: vpc.to_owned(),
            port,
            enabled: true,
        };
        self.rules.insert(id.clone(), planted);
        id
    }

    /// Loses its authorization, as when a secret is revoked.
    pub fn deauthorize(&mut self, connection: &str) {
        let connection = self
            .connections
            .get_mut(&Id::from(connection))
            .expect("the connection is there");
        connection.life.state = State::Failed("DEAUTHORIZED".into());
        connection.life.next.clear();
    }
}
