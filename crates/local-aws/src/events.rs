//! EventBridge: connections, API destinations, and event buses with their rules and targets.

mod announcements;
mod authorization;
pub(crate) mod bus;
pub(crate) mod buses;
pub(crate) mod connections;
pub(crate) mod destinations;
mod input;
pub(crate) mod lifecycle;
mod pattern;
mod reasons;
pub(crate) mod rules;
mod schedule;
mod shapes;
mod tags;
pub(crate) mod targets;
mod update;

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{Answer, ApiError};
use crate::protocol::{Reply, Service, json};
use crate::world::{Tags, World, object};

pub(crate) use announcements::{announce, announce_of};
use bus::Delivery;
use buses::Bus;
use destinations::ApiDestination;
use rules::RuleState;

/// What an operation does, with its checked input and the ARN of its caller.
type Handler = fn(&mut World, &Value, &str) -> Answer<Reply>;

/// Every operation there is.
const OPERATIONS: &[(&str, Handler)] = &[
    ("CreateApiDestination", |world, input, _| {
        destinations::create(world, input)
    }),
    ("CreateConnection", connections::create),
    ("CreateEventBus", |world, input, _| buses::create(world, input)),
    ("DeauthorizeConnection", |world, input, _| {
        lifecycle::deauthorize(world, input)
    }),
    ("DeleteApiDestination", |world, input, _| {
        destinations::delete(world, input)
    }),
    ("DeleteConnection", lifecycle::delete),
    ("DeleteEventBus", |world, input, _| buses::delete(world, input)),
    ("DeleteRule", |world, input, _| rules::delete(world, input)),
    ("DescribeApiDestination", |world, input, _| {
        destinations::describe(world, input)
    }),
    ("DescribeConnection", |world, input, _| {
        connections::describe(world, input)
    }),
    ("DescribeEventBus", |world, input, _| {
        buses::describe(world, input)
    }),
    ("DescribeRule", |world, input, _| rules::describe(world, input)),
    ("DisableRule", |world, input, _| {
        rules::set_state(world, input, RuleState::Disabled)
    }),
    ("EnableRule", |world, input, _| {
        rules::set_state(world, input, RuleState::Enabled)
    }),
    ("ListApiDestinations", |world, input, _| {
        destinations::list(world, input)
    }),
    ("ListConnections", |world, input, _| {
        connections::list(world, input)
    }),
    ("ListEventBuses", |world, input, _| buses::list(world, input)),
    ("ListRuleNamesByTarget", |world, input, _| {
        targets::rule_names(world, input)
    }),
    ("ListRules", |world, input, _| rules::list(world, input)),
    ("ListTagsForResource", |world, input, _| tags::list(world, input)),
    ("ListTargetsByRule", |world, input, _| targets::list(world, input)),
    ("PutEvents", |world, input, _| bus::put(world, input)),
    ("PutRule", |world, input, _| rules::put(world, input)),
    ("PutTargets", |world, input, _| targets::put(world, input)),
    ("RemoveTargets", |world, input, _| targets::remove(world, input)),
    ("TagResource", |world, input, _| tags::tag(world, input)),
    ("TestEventPattern", |_, input, _| bus::test_pattern(input)),
    ("UntagResource", |world, input, _| tags::untag(world, input)),
    ("UpdateApiDestination", |world, input, _| {
        destinations::update(world, input)
    }),
    ("UpdateConnection", update::update),
];

pub(crate) fn operations() -> Vec<&'static str> {
    OPERATIONS.iter().map(|(name, _)| *name).collect()
}

/// Members that name what a call is about.
pub(crate) const RESOURCES: &[&str] = &["Name", "NamePrefix", "ResourceARN", "Rule", "TargetArn"];

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct State {
    pub(crate) connections: BTreeMap<String, Connection>,
    pub(crate) destinations: BTreeMap<String, ApiDestination>,
    /// By their names.
    pub(crate) buses: BTreeMap<String, Bus>,
    /// What events led to, until the delivery takes it.
    deliveries: Vec<Delivery>,
    /// What was last said of the states; after a restart they are said once more.
    #[serde(skip)]
    announced: announcements::Announced,
    last_turn: u64,
}

impl Default for State {
    fn default() -> Self {
        Self {
            connections: BTreeMap::new(),
            destinations: BTreeMap::new(),
            buses: BTreeMap::from([(buses::DEFAULT.to_owned(), Bus::default_one())]),
            deliveries: Vec::new(),
            announced: announcements::Announced::new(),
            last_turn: 0,
        }
    }
}

/// One course of a connection through its states; a change begins a new one, and what the old one had ahead
/// is void.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(crate) struct Turn {
    pub(crate) name: String,
    number: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
pub(crate) enum ConnectionState {
    Creating,
    Updating,
    Deleting,
    Authorizing,
    Authorized,
    Deauthorizing,
    Deauthorized,
    Active,
    FailedConnectivity,
}

impl ConnectionState {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Creating => "CREATING",
            Self::Updating => "UPDATING",
            Self::Deleting => "DELETING",
            Self::Authorizing => "AUTHORIZING",
            Self::Authorized => "AUTHORIZED",
            Self::Deauthorizing => "DEAUTHORIZING",
            Self::Deauthorized => "DEAUTHORIZED",
            Self::Active => "ACTIVE",
            Self::FailedConnectivity => "FAILED_CONNECTIVITY",
        }
    }

    fn in_progress(self) -> bool {
        matches!(self, Self::Creating | Self::Updating | Self::Authorizing)
    }
}

/// A private path of a connection: the resource configuration and the association made for it.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(crate) struct Path {
    pub(crate) configuration_arn: String,
    pub(crate) association_id: String,
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Connection {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) state: ConnectionState,
    pub(crate) reason: Option<String>,
    pub(crate) authorization_type: String,
    /// AuthParameters as sent, secrets included, without ConnectivityParameters; `{}` after a
    /// de-authorization.
    pub(crate) parameters: Value,
    pub(crate) invocation_path: Option<Path>,
    pub(crate) authorization_path: Option<Path>,
    /// Associations of earlier paths, until the connection is settled.
    retiring: Vec<String>,
    description: Option<String>,
    pub(crate) kms_key: Option<String>,
    pub(crate) secret_arn: Option<String>,
    /// Another one whenever the secret is written.
    pub(crate) secret_version: String,
    pub(crate) created: SystemTime,
    pub(crate) modified: SystemTime,
    authorized: Option<SystemTime>,
    turn: u64,
}

impl Connection {
    fn is_private(&self) -> bool {
        self.invocation_path.is_some() || self.authorization_path.is_some()
    }
}

impl State {
    pub(crate) fn connection(&self, arn: &str) -> Option<&Connection> {
        // arn:aws:events:<region>:<account>:connection/<name>/<uuid>
        let connection = self.connections.get(arn.split('/').nth(1)?)?;
        Some(connection).filter(|connection| connection.arn == arn)
    }

    pub(crate) fn all_connections(&self) -> impl Iterator<Item = &Connection> {
        self.connections.values()
    }

    /// The rules that send their events to a target.
    pub(crate) fn rules_with_target(&self, arn: &str) -> impl Iterator<Item = &rules::Rule> {
        let rules = self.buses.values().flat_map(|bus| bus.rules.values());
        rules.filter(move |rule| rule.targets.values().any(|target| target.arn == arn))
    }

    /// Begins a new turn of a connection.
    fn turn(&mut self, name: &str) -> Turn {
        self.last_turn += 1;
        if let Some(connection) = self.connections.get_mut(name) {
            connection.turn = self.last_turn;
        }
        Turn {
            name: name.to_owned(),
            number: self.last_turn,
        }
    }

    pub(crate) fn of_turn(&self, turn: &Turn) -> Option<&Connection> {
        self.connections
            .get(&turn.name)
            .filter(|connection| connection.turn == turn.number)
    }

    fn of_turn_mut(&mut self, turn: &Turn) -> Option<&mut Connection> {
        self.connections
            .get_mut(&turn.name)
            .filter(|connection| connection.turn == turn.number)
    }

    pub(crate) fn objects(&self) -> Vec<Value> {
        let of = |kind, id: &str, name: &str, state: &str, tags: &Tags| {
            object(Service::Events, kind, id, name, state, tags)
        };
        let none = Tags::new();
        let connections = self
            .connections
            .values()
            .map(|c| of("connection", &c.arn, &c.name, c.state.as_str(), &none));
        let destinations = self.destinations.values().map(|d| {
            let state = if self.is_active(d) { "ACTIVE" } else { "INACTIVE" };
            of("api-destination", &d.arn, &d.name, state, &none)
        });
        let rules = self
            .buses
            .values()
            .flat_map(|bus| bus.rules.values())
            .map(|rule| of("rule", &rule.arn, &rule.name, rule.state.as_str(), &rule.tags));
        connections.chain(destinations).chain(rules).collect()
    }
}

pub(crate) fn dispatch(world: &mut World, operation: &str, input: &Value, caller: &str) -> Answer<Reply> {
    if let Some(shape) = shapes::of(operation) {
        json::check(shape, input)?;
    }
    match OPERATIONS.iter().find(|(name, _)| *name == operation) {
        Some((_, handler)) => {
            let answer = handler(world, input, caller);
            announce(world);
            answer
        }
        None => Err(ApiError::bad_request("UnknownOperationException", "")),
    }
}

fn validation(message: impl Into<String>) -> ApiError {
    ApiError::bad_request("ValidationException", message)
}

fn limit_exceeded() -> ApiError {
    ApiError::bad_request(
        "LimitExceededException",
        "The requested resource exceeds the maximum number allowed.",
    )
}

/// One page of a listing, and the token of the next: the last name, in hexadecimal.
fn page<'a, T: 'a>(
    input: &Value,
    all: impl Iterator<Item = (&'a String, &'a T)>,
    summary: impl Fn(&T) -> Value,
) -> Answer<(Vec<Value>, Option<String>)> {
    let limit = input.get("Limit").and_then(Value::as_u64);
    let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(100);
    let after = match text(input, "NextToken") {
        None => None,
        Some(token) => {
            let name = crate::ec2::describe::decode_token(token);
            Some(name.ok_or_else(|| validation("Parameter NextToken is not valid."))?)
        }
    };
    let mut rest = all
        .filter(|(name, _)| after.as_ref().is_none_or(|after| *name > after))
        .peekable();
    let page: Vec<_> = rest.by_ref().take(limit).collect();
    let next = rest.peek().and(page.last()).map(|(name, _)| hex::encode(name));
    Ok((page.into_iter().map(|(_, item)| summary(item)).collect(), next))
}

pub(crate) fn text<'v>(input: &'v Value, member: &str) -> Option<&'v str> {
    input.get(member).and_then(Value::as_str)
}
