//! The fake cloud's calls: unique names, tags, conflicts on deletion, and faults on demand.

use std::future::pending;
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use reconcile::{Failure, Id};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::world::{Configuration, Connection, Gateway, Group, Life, Next, State, Times, World};

#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum CloudError {
    #[error("ResourceNotFound: {0}")]
    NotFound(String),
    #[error("Conflict: {0}")]
    InUse(String),
    #[error("Conflict with others: {0}")]
    Held(String),
    #[error("AlreadyExists: {0}")]
    Exists(String),
    #[error("Validation: {0}")]
    Invalid(String),
    #[error("AccessDenied")]
    Denied,
    #[error("the connection was closed before the answer came")]
    Lost,
    #[error("Throttled")]
    Throttled,
    #[error("{0} is alive; import it")]
    Alive(String),
    #[error("{0} belongs to somebody else")]
    Foreign(String),
}

impl Failure for CloudError {
    fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound(_))
    }
    fn is_in_use(&self) -> bool {
        matches!(self, Self::InUse(_))
    }
    fn is_already_exists(&self) -> bool {
        matches!(self, Self::Exists(_))
    }
    fn is_held_by_others(&self) -> bool {
        matches!(self, Self::Held(_))
    }
    fn is_denied(&self) -> bool {
        *self == Self::Denied
    }
    fn may_have_happened(&self) -> bool {
        *self == Self::Lost
    }
    fn is_transient(&self) -> bool {
        *self == Self::Throttled
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The caller is killed before its n-th mutation.
    KillBefore(usize),
    /// The caller is killed after its n-th mutation.
    KillAfter(usize),
    /// The n-th mutation happens, and the caller is told that the connection broke.
    LoseReply(usize),
}

#[derive(Default)]
struct Control {
    world: World,
    fault: Option<Fault>,
    /// The caller has been killed: nothing of it arrives any more.
    dead: bool,
    /// The operations that had their effect.
    operations: Vec<&'static str>,
    observations: Vec<Id>,
    denied_listings: bool,
    /// How many of the next gateways end in a failure.
    doomed_gateways: usize,
    /// No gateway can be made any more.
    out_of_gateways: bool,
    /// How many of the next connections, made or re-pointed, are refused.
    refused_connections: usize,
    /// Gateways that somebody else uses.
    used_by_others: Vec<Id>,
    ignores_tiers: bool,
    /// How many of the next reads fail for a reason that passes.
    failing_reads: usize,
    tokens: u64,
    /// Connections stay authorized, and never become active.
    holds_connections: bool,
}

#[derive(Default)]
pub struct Cloud {
    control: Mutex<Control>,
    killed: Notify,
}

/// The egress of a new group: every port.
const OPEN: u16 = 0;

impl Cloud {
    pub fn new(times: Times) -> Self {
        let world = World {
            times,
            ..World::default()
        };
        Self {
            control: Mutex::new(Control {
                world,
                ..Control::default()
            }),
            killed: Notify::new(),
        }
    }

    /// Waits until the fault kills the caller.
    pub async fn killed(&self) {
        self.killed.notified().await;
    }

    /// Sets a fault and begins a new count of mutations.
    pub fn inject(&self, fault: Option<Fault>) {
        let mut control = self.lock();
        control.fault = fault;
        control.dead = false;
        control.operations.clear();
    }

    pub fn deny_listings(&self, denied: bool) {
        self.lock().denied_listings = denied;
    }

    pub fn doom_gateways(&self, count: usize) {
        self.lock().doomed_gateways = count;
    }

    /// Whether the quota of gateways is used up.
    pub fn exhaust_gateways(&self, exhausted: bool) {
        self.lock().out_of_gateways = exhausted;
    }

    /// Takes changes of a gateway's tier without effect.
    pub fn ignore_tiers(&self, ignored: bool) {
        self.lock().ignores_tiers = ignored;
    }

    /// Leaves connections authorized, whatever they were.
    pub fn hold_connections(&self, held: bool) {
        self.lock().holds_connections = held;
    }

    /// Lets the marks of groups show for so long after they were taken off.
    pub fn linger_marks(&self, length: Duration) {
        self.lock().world.marks_linger = length;
    }

    /// Throttles the next reads.
    pub fn throttle_reads(&self, count: usize) {
        self.lock().failing_reads = count;
    }

    pub fn refuse_connections(&self, count: usize) {
        self.lock().refused_connections = count;
    }

    pub fn let_others_use(&self, gateway: &Id, used: bool) {
        let mut control = self.lock();
        control.used_by_others.retain(|id| id != gateway);
        if used {
            control.used_by_others.push(gateway.clone());
        }
    }

    /// A number that was not given before.
    pub fn next_token(&self) -> u64 {
        let mut control = self.lock();
        control.tokens += 1;
        control.tokens
    }

    /// The mutations since the last [`inject`](Self::inject).
    pub fn operations(&self) -> Vec<&'static str> {
        self.lock().operations.clone()
    }

    /// How often an object was read.
    pub fn observations(&self, id: &Id) -> usize {
        self.lock()
            .observations
            .iter()
            .filter(|observed| *observed == id)
            .count()
    }

    /// The world as it is now.
    pub fn world(&self) -> World {
        let mut control = self.lock();
        control.world.tick(Instant::now());
        control.world.clone()
    }

    /// Changes the world behind everybody's back.
    pub fn tamper<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let mut control = self.lock();
        control.world.tick(Instant::now());
        change(&mut control.world)
    }

    fn lock(&self) -> MutexGuard<'_, Control> {
        self.control.lock().unwrap()
    }

    pub fn read<T>(&self, id: &Id, part: impl FnOnce(&World) -> T) -> Result<T, CloudError> {
        let mut control = self.lock();
        control.observations.push(id.clone());
        if control.failing_reads > 0 {
            control.failing_reads -= 1;
            return Err(CloudError::Throttled);
        }
        control.world.tick(Instant::now());
        Ok(part(&control.world))
    }

    pub fn list<T>(&self, part: impl FnOnce(&World) -> T) -> Result<T, CloudError> {
        let mut control = self.lock();
        if control.denied_listings {
            return Err(CloudError::Denied);
        }
        control.world.tick(Instant::now());
        Ok(part(&control.world))
    }

    /// A call that changes something: in effect whole or not at all.
    async fn mutate<T>(
        &self,
        operation: &'static str,
        change: impl FnOnce(&mut World, &mut Context) -> Result<T, CloudError>,
    ) -> Result<T, CloudError> {
        let (answer, fatal) = {
            let mut control = self.lock();
            let now = Instant::now();
            control.world.tick(now);
            let mut world = control.world.clone();
            let mut context = Context {
                now,
                times: control.world.times,
                doomed: control.doomed_gateways > 0,
                refused: control.refused_connections > 0,
                used_by_others: control.used_by_others.clone(),
                ignores_tiers: control.ignores_tiers,
                out_of_gateways: control.out_of_gateways,
                holds_connections: control.holds_connections,
            };
            let answer = change(&mut world, &mut context)?;
            let number = control.operations.len();
            let fault = control.fault;
            let before = fault == Some(Fault::KillBefore(number));
            if !control.dead && !before {
                control.world = world;
                control.operations.push(operation);
                match operation {
                    "create gateway" => control.doomed_gateways = control.doomed_gateways.saturating_sub(1),
                    "create connection" | "update connection" => {
                        control.refused_connections = control.refused_connections.saturating_sub(1);
                    }
                    _ => {}
                }
            }
            if !control.dead && (before || fault == Some(Fault::KillAfter(number))) {
                control.dead = true;
                self.killed.notify_one();
            }
            let answer = if fault == Some(Fault::LoseReply(number)) {
                Err(CloudError::Lost)
            } else {
                Ok(answer)
            };
            (answer, control.dead)
        };
        if fatal { pending().await } else { answer }
    }

    /// A new group is open, as EC2's is: what is wanted of it takes another call.
    pub async fn create_group(&self, name: &str, owner: &str, vpc: &str) -> Result<Id, CloudError> {
        self.mutate("create group", |world, cx| {
            unique(world.groups.values().map(|group| &group.name), name)?;
            let id = world.id("sg");
            let life = cx.life(State::Active, vec![]);
            let owner = Some(owner.to_owned());
            let group = Group {
                name: name.to_owned(),
                owner,
                marked: true,
                vpc: vpc.to_owned(),
                egress: OPEN,
                life,
            };
            world.groups.insert(id.clone(), group);
            Ok(id)
        })
        .await
    }

    pub async fn update_group(&self, id: &Id, egress: u16) -> Result<(), CloudError> {
        self.mutate("update group", |world, _| {
            found(world.groups.get_mut(id), id)?.egress = egress;
            Ok(())
        })
        .await
    }

    pub async fn delete_group(&self, id: &Id) -> Result<(), CloudError> {
        self.mutate("delete group", |world, _| {
            found(world.groups.get_mut(id), id)?;
            free(
                world.gateways.iter().filter(|(_, gateway)| gateway.group == *id),
                id,
            )?;
            world.groups.remove(id);
            Ok(())
        })
        .await
    }

    pub async fn create_gateway(
        &self,
        name: &str,
        owner: &str,
        vpc: &str,
        group: &Id,
        tier: &str,
    ) -> Result<Id, CloudError> {
        self.mutate("create gateway", |world, cx| {
            if cx.out_of_gateways {
                return Err(CloudError::Invalid("the quota of gateways is used up".to_owned()));
            }
            unique(world.gateways.values().map(|gateway| &gateway.name), name)?;
            let of_vpc = found(world.groups.get(group), group)?.vpc == vpc;
            if !of_vpc {
                return Err(CloudError::Invalid(format!("{group} is not in {vpc}")));
            }
            let end = if cx.doomed {
                State::Failed("no free addresses".into())
            } else {
                State::Active
            };
            let id = world.id("rgw");
            let life = cx.life(State::Creating, vec![(cx.times.transition, end)]);
            let (name, owner) = (name.to_owned(), Some(owner.to_owned()));
            let gateway = Gateway {
                name,
                owner,
                marked: true,
                vpc: vpc.to_owned(),
                group: group.clone(),
                tier: tier.to_owned(),
                coming: None,
                life,
            };
            world.gateways.insert(id.clone(), gateway);
            Ok(id)
        })
        .await
    }

    /// Takes the change; whether it then has an effect is up to [`ignore_tiers`](Self::ignore_tiers).
    pub async fn update_gateway(&self, id: &Id, tier: &str) -> Result<(), CloudError> {
        self.mutate("update gateway", |world, cx| {
            let gateway = found(world.gateways.get_mut(id), id)?;
            active(&gateway.life, id)?;
            let shows = cx.now + cx.times.transition + cx.times.visible;
            gateway.coming = (!cx.ignores_tiers).then(|| (shows, tier.to_owned()));
            gateway.life.state = State::Updating;
            gateway.life.next = vec![Next(cx.now + cx.times.transition, State::Active)];
            Ok(())
        })
        .await
    }

    pub async fn delete_gateway(&self, id: &Id) -> Result<(), CloudError> {
        self.mutate("delete gateway", |world, cx| {
            let gateway = found(world.gateways.get(id), id)?;
            let busy = matches!(gateway.life.state, State::Creating | State::Updating);
            if busy {
                return Err(CloudError::InUse(format!("{id} is in the middle of a change")));
            }
            let users = world
                .configurations
                .iter()
                .filter(|(_, configuration)| configuration.gateway == *id);
            free(users, id)?;
            if cx.used_by_others.contains(id) {
                return Err(CloudError::Held(format!("{id} is used by rcfg-of-others")));
            }
            cx.delete(&mut found(world.gateways.get_mut(id), id)?.life);
            Ok(())
        })
        .await
    }

    pub async fn create_configuration(
        &self,
        name: &str,
        owner: &str,
        gateway: &Id,
        domain: &str,
    ) -> Result<Id, CloudError> {
        self.mutate("create configuration", |world, cx| {
            unique(
                world
                    .configurations
                    .values()
                    .map(|configuration| &configuration.name),
                name,
            )?;
            active(&found(world.gateways.get(gateway), gateway)?.life, gateway)?;
            let id = world.id("rcfg");
            let life = cx.life(State::Creating, vec![(cx.times.transition, State::Active)]);
            let (name, owner, gateway) = (name.to_owned(), Some(owner.to_owned()), gateway.clone());
            let configuration = Configuration {
                name,
                owner,
                marked: true,
                gateway,
                domain: domain.to_owned(),
                life,
            };
            world.configurations.insert(id.clone(), configuration);
            Ok(id)
        })
        .await
    }

    /// Names the holder of objects, whatever kind they are.
    pub async fn tag(
        &self,
        operation: &'static str,
        ids: &[&Id],
        owner: &str,
        marked: bool,
    ) -> Result<(), CloudError> {
        self.mutate(operation, |world, _| {
            for id in ids {
                let (tag, mark) = found(world.tags(id), id)?;
                *tag = Some(owner.to_owned());
                *mark = marked;
            }
            world.unmarked = (!marked).then(Instant::now);
            Ok(())
        })
        .await
    }

    pub async fn delete_configuration(&self, id: &Id) -> Result<(), CloudError> {
        self.mutate("delete configuration", |world, cx| {
            let configuration = found(world.configurations.get(id), id)?;
            if matches!(configuration.life.state, State::Creating | State::Updating) {
                return Err(CloudError::InUse(format!("{id} is in the middle of a change")));
            }
            free(
                world
                    .connections
                    .iter()
                    .filter(|(_, connection)| connection.configuration == *id),
                id,
            )?;
            if world.associated(id) {
                return Err(CloudError::InUse(format!(
                    "{id} has a service network resource association"
                )));
            }
            cx.delete(&mut found(world.configurations.get_mut(id), id)?.life);
            Ok(())
        })
        .await
    }

    pub async fn create_connection(
        &self,
        name: &str,
        configuration: &Id,
        description: &str,
    ) -> Result<Id, CloudError> {
        self.mutate("create connection", |world, cx| {
            let id = Id::from(name);
            if world.connections.contains_key(&id) {
                return Err(CloudError::Exists(name.to_owned()));
            }
            active(
                &found(world.configurations.get(configuration), configuration)?.life,
                configuration,
            )?;
            world.serial += 1;
            let life = cx.authorize();
            let (serial, description) = (world.serial, description.to_owned());
            let connection = Connection {
                serial,
                configuration: configuration.clone(),
                description,
                life,
            };
            world.connections.insert(id.clone(), connection);
            Ok(id)
        })
        .await
    }

    pub async fn update_connection(
        &self,
        id: &Id,
        configuration: &Id,
        description: &str,
    ) -> Result<(), CloudError> {
        self.mutate("update connection", |world, cx| {
            active(
                &found(world.configurations.get(configuration), configuration)?.life,
                configuration,
            )?;
            let connection = found(world.connections.get_mut(id), id)?;
            let former = std::mem::replace(&mut connection.configuration, configuration.clone());
            connection.description = description.to_owned();
            connection.life = cx.authorize();
            if former != *configuration {
                world.associations.push((former, cx.now + cx.times.association));
            }
            Ok(())
        })
        .await
    }

    /// Refused with the id of an equal rule, whoever made that.
    pub async fn create_rule(&self, vpc: &str, port: u16, owner: &str) -> Result<Id, CloudError> {
        self.mutate("create rule", |world, _| {
            let mut rules = world.rules.iter();
            if let Some((equal, _)) = rules.find(|(_, rule)| (rule.vpc.as_str(), rule.port) == (vpc, port)) {
                return Err(CloudError::Exists(equal.to_string()));
            }
            let id = world.plant_rule(vpc, port, owner);
            found(world.rules.get_mut(&id), &id)?.marked = true;
            Ok(id)
        })
        .await
    }

    /// Somebody else's rule is not used any more, which changes nothing of it.
    pub async fn release_rule(&self, id: &Id) -> Result<(), CloudError> {
        self.mutate("release rule", |world, _| {
            found(world.rules.get_mut(id), id)?;
            Ok(())
        })
        .await
    }

    pub async fn enable_rule(&self, id: &Id) -> Result<(), CloudError> {
        self.mutate("enable rule", |world, _| {
            found(world.rules.get_mut(id), id)?.enabled = true;
            Ok(())
        })
        .await
    }

    pub async fn delete_rule(&self, id: &Id) -> Result<(), CloudError> {
        self.mutate("delete rule", |world, _| {
            found(world.rules.remove(id), id)?;
            Ok(())
        })
        .await
    }

    pub async fn delete_connection(&self, id: &Id) -> Result<(), CloudError> {
        self.mutate("delete connection", |world, cx| {
            cx.delete(&mut found(world.connections.get_mut(id), id)?.life);
            Ok(())
        })
        .await
    }
}

/// What a change depends on besides the world.
struct Context {
    now: Instant,
    times: Times,
    doomed: bool,
    refused: bool,
    used_by_others: Vec<Id>,
    ignores_tiers: bool,
    out_of_gateways: bool,
    holds_connections: bool,
}

impl Context {
    fn life(&self, state: State, next: Vec<(Duration, State)>) -> Life {
        let next = next
            .into_iter()
            .map(|(after, state)| Next(self.now + after, state))
            .collect();
        Life {
            state,
            since: self.now,
            visible: self.now + self.times.visible,
            next,
        }
    }

    fn authorize(&self) -> Life {
        let step = self.times.authorization;
        let end = if self.refused {
            State::Failed("DEAUTHORIZED".into())
        } else {
            State::Active
        };
        let mut next = vec![(step, State::Authorized)];
        next.extend((!self.holds_connections).then_some((2 * step, end)));
        let mut life = self.life(State::Creating, next);
        life.visible = self.now;
        life
    }

    fn delete(&self, life: &mut Life) {
        if life.state != State::Deleting {
            life.state = State::Deleting;
            life.next = vec![Next(self.now + self.times.transition, State::Deleting)];
        }
    }
}

fn found<T>(object: Option<T>, id: &Id) -> Result<T, CloudError> {
    object.ok_or_else(|| CloudError::NotFound(id.to_string()))
}

fn active(life: &Life, id: &Id) -> Result<(), CloudError> {
    match life.state {
        State::Active => Ok(()),
        _ => Err(CloudError::Invalid(format!("{id} is not active"))),
    }
}

fn unique<'a>(mut names: impl Iterator<Item = &'a String>, name: &str) -> Result<(), CloudError> {
    if names.any(|taken| taken == name) {
        Err(CloudError::Exists(name.to_owned()))
    } else {
        Ok(())
    }
}

fn free<'a, T: 'a>(mut users: impl Iterator<Item = (&'a Id, T)>, id: &Id) -> Result<(), CloudError> {
    match users.next() {
        Some((user, _)) => Err(CloudError::InUse(format!("{id} is used by {user}"))),
        None => Ok(()),
    }
}
