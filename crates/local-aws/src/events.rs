//! EventBridge: connections.

mod authorization;
pub(crate) mod connections;
pub(crate) mod lifecycle;
mod shapes;
mod update;

use std::collections::BTreeMap;
use std::time::SystemTime;

use serde_json::{Value, json};

use crate::error::{Answer, ApiError};
use crate::protocol::{Reply, Service, json};
use crate::world::{Tags, World, object};

pub(crate) const OPERATIONS: &[&str] = &[
    "CreateConnection",
    "DeauthorizeConnection",
    "DeleteConnection",
    "DescribeConnection",
    "ListConnections",
    "ListTagsForResource",
    "TagResource",
    "UntagResource",
    "UpdateConnection",
];

/// Members that name what a call is about.
pub(crate) const RESOURCES: &[&str] = &["Name", "NamePrefix", "ResourceARN"];

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) connections: BTreeMap<String, Connection>,
    last_turn: u64,
}

/// One course of a connection through its states; a change begins a new one, and what the old one had ahead
/// is void.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Turn {
    pub(crate) name: String,
    number: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
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
        matches!(
            self,
            Self::Creating | Self::Updating | Self::Authorizing | Self::Deauthorizing
        )
    }
}

/// A private path of a connection: the resource configuration and the association made for it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Path {
    pub(crate) configuration_arn: String,
    pub(crate) association_id: String,
}

#[derive(Debug)]
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
    authorization_path: Option<Path>,
    /// Associations of earlier paths, until the connection is settled.
    retiring: Vec<String>,
    description: Option<String>,
    kms_key: Option<String>,
    secret_arn: Option<String>,
    created: SystemTime,
    modified: SystemTime,
    authorized: Option<SystemTime>,
    turn: u64,
}

impl Connection {
    fn is_private(&self) -> bool {
        self.invocation_path.is_some() || self.authorization_path.is_some()
    }
}

impl State {
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
        let of = |c: &Connection| {
            object(
                Service::Events,
                "connection",
                &c.arn,
                &c.name,
                c.state.as_str(),
                &Tags::new(),
            )
        };
        self.connections.values().map(of).collect()
    }
}

pub(crate) fn dispatch(world: &mut World, operation: &str, input: &Value, caller: &str) -> Answer<Reply> {
    if let Some(shape) = shapes::of(operation) {
        json::check(shape, input)?;
    }
    match operation {
        "CreateConnection" => connections::create(world, input, caller),
        "DescribeConnection" => connections::describe(world, input),
        "UpdateConnection" => update::update(world, input, caller),
        "DeauthorizeConnection" => lifecycle::deauthorize(world, input),
        "DeleteConnection" => lifecycle::delete(world, input),
        "ListConnections" => connections::list(world, input),
        "TagResource" | "UntagResource" | "ListTagsForResource" => taggable(world, input),
        _ => Err(ApiError::bad_request("UnknownOperationException", "")),
    }
}

/// Only rules and event buses can be tagged; of these there is the default event bus, which has no tags.
fn taggable(world: &World, input: &Value) -> Answer<Reply> {
    let arn = text(input, "ResourceARN").unwrap_or_default();
    let Some(resource) = arn.strip_prefix(&world.arn("events", "")) else {
        return Err(wrong_arn());
    };
    match resource.split_once('/') {
        Some(("event-bus", "default")) => Ok(Reply::json(json!({ "Tags": [] }))),
        Some(("event-bus", bus)) => Err(ApiError::bad_request(
            "ResourceNotFoundException",
            format!("Event bus {bus} does not exist."),
        )),
        Some(("rule", rule)) => Err(ApiError::bad_request(
            "ResourceNotFoundException",
            format!("Rule {rule} does not exist on EventBus default."),
        )),
        _ => Err(wrong_arn()),
    }
}

fn wrong_arn() -> ApiError {
    ApiError::bad_request(
        "ValidationException",
        "Parameter ResourceARN is not valid. Reason: Provided Arn is not in correct format.",
    )
}

pub(crate) fn text<'v>(input: &'v Value, member: &str) -> Option<&'v str> {
    input.get(member).and_then(Value::as_str)
}
