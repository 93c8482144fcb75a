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
mod tags;
pub(crate) mod targets;
mod update;

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::core::agenda::Subject;
use crate::core::error::{Answer, ApiError};
use crate::core::life_cycle::Status;
use crate::core::page::{self, Page};
use crate::core::registration::Registration;
use crate::core::states::Kept;
use crate::core::surface::Surface;
use crate::core::tags::Tags;
use crate::core::words;
use crate::core::world::{World, object};
use crate::dataplane::network::Path;
use crate::service::{self, Operation, Service};
use crate::wire::model::{Amendment, Model, in_one_sentence};

use announcements::announce;
pub(crate) use announcements::announce_of;
use bus::Delivery;
use buses::Bus;
use destinations::ApiDestination;
use rules::RuleState;

/// Every operation there is.
const OPERATIONS: &[Operation] = &[
    Operation::at_once("CreateApiDestination", |world, input, _| {
        destinations::create(world, input)
    }),
    Operation::at_once("CreateConnection", |world, input, caller| {
        connections::create(world, input, &caller.arn)
    }),
    Operation::at_once("CreateEventBus", |world, input, _| buses::create(world, input)),
    Operation::at_once("DeauthorizeConnection", |world, input, _| {
        lifecycle::deauthorize(world, input)
    }),
    Operation::at_once("DeleteApiDestination", |world, input, _| {
        destinations::delete(world, input)
    }),
    Operation::at_once("DeleteConnection", |world, input, caller| {
        lifecycle::delete(world, input, caller)
    }),
    Operation::at_once("DeleteEventBus", |world, input, _| buses::delete(world, input)),
    Operation::at_once("DeleteRule", |world, input, _| rules::delete(world, input)),
    Operation::at_once("DescribeApiDestination", |world, input, _| {
        destinations::describe(world, input)
    }),
    Operation::at_once("DescribeConnection", |world, input, _| {
        connections::describe(world, input)
    }),
    Operation::at_once("DescribeEventBus", |world, input, _| {
        buses::describe(world, input)
    }),
    Operation::at_once("DescribeRule", |world, input, _| rules::describe(world, input)),
    Operation::at_once("DisableRule", |world, input, _| {
        rules::set_state(world, input, RuleState::Disabled)
    }),
    Operation::at_once("EnableRule", |world, input, _| {
        rules::set_state(world, input, RuleState::Enabled)
    }),
    Operation::at_once("ListApiDestinations", |world, input, _| {
        destinations::list(world, input)
    }),
    Operation::at_once("ListConnections", |world, input, _| {
        connections::list(world, input)
    }),
    Operation::at_once("ListEventBuses", |world, input, _| buses::list(world, input)),
    Operation::at_once("ListRuleNamesByTarget", |world, input, _| {
        targets::rule_names(world, input)
    }),
    Operation::at_once("ListRules", |world, input, _| rules::list(world, input)),
    Operation::at_once("ListTagsForResource", |world, input, _| tags::list(world, input)),
    Operation::at_once("ListTargetsByRule", |world, input, _| targets::list(world, input)),
    Operation::at_once("PutEvents", |world, input, _| bus::put(world, input)),
    Operation::at_once("PutRule", |world, input, _| rules::put(world, input)),
    Operation::at_once("PutTargets", |world, input, _| targets::put(world, input)),
    Operation::at_once("RemoveTargets", |world, input, _| targets::remove(world, input)),
    Operation::at_once("TagResource", |world, input, _| tags::tag(world, input)),
    Operation::at_once("TestEventPattern", |_, input, _| bus::test_pattern(input)),
    Operation::at_once("UntagResource", |world, input, _| tags::untag(world, input)),
    Operation::at_once("UpdateApiDestination", |world, input, _| {
        destinations::update(world, input)
    }),
    Operation::at_once("UpdateConnection", |world, input, caller| {
        update::update(world, input, &caller.arn)
    }),
];

/// Members that name what a call is about.
const RESOURCES: &[&str] = &["Name", "NamePrefix", "ResourceARN", "Rule", "TargetArn"];

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

/// What the role of a rule needs for an API destination.
pub(crate) const INVOKE: &str = "events:InvokeApiDestination";

/// EventBridge makes its role when an account has none yet.
const SERVICE_ROLE: &str = "iam:CreateServiceLinkedRole";
const SECRET: &str = "secretsmanager:CreateSecret";
const WRITE_SECRET: &[&str] = &["secretsmanager:PutSecretValue"];

/// The service authorization reference lists all of them; EventBridge's own minimum policy leaves the tag and the
/// first form of the association out.
const ASSOCIATION: &[&str] = &[
    "vpc-lattice:GetResourceConfiguration",
    "vpc-lattice:CreateServiceNetworkResourceAssociation",
    "vpc-lattice:AssociateViaAWSService",
    "vpc-lattice:AssociateViaAWSService-EventsAndStates",
    "vpc-lattice:TagResource",
];

const CONNECTIVITY: Option<&str> = Some("InvocationConnectivityParameters");

pub(crate) static SURFACE: Surface = Surface {
    further: &[
        (
            "CreateConnection",
            None,
            &[SERVICE_ROLE, SECRET, "secretsmanager:PutSecretValue"],
        ),
        ("CreateConnection", CONNECTIVITY, ASSOCIATION),
        ("UpdateConnection", Some("AuthParameters"), WRITE_SECRET),
        ("UpdateConnection", CONNECTIVITY, ASSOCIATION),
        ("DeleteConnection", None, &["secretsmanager:DeleteSecret"]),
        ("PutTargets", None, &["iam:PassRole"]),
    ],
    of_roles: &[INVOKE],
    // Seen twice in fresh accounts, in public logs of 2026.
    short_denials: &[
        (
            SERVICE_ROLE,
            "Failed to create service linked role because the caller does not have sufficient permissions",
        ),
        (
            SECRET,
            "Failed to create the secret because the user is not authorized",
        ),
    ],
    ..Surface::new("events", words::JSON, || service::names(OPERATIONS))
};

/// What is recorded otherwise.
const AMENDMENTS: &[Amendment] = &[
    Amendment::Order(
        "ApiDestinationHttpMethod",
        &["HEAD", "POST", "PATCH", "DELETE", "PUT", "GET", "OPTIONS"],
    ),
    // Empty header values of targets are taken, and so are line breaks in them (stackd, target-http-header-value-…).
    Amendment::AnyText("HeaderValue"),
    // Recorded of `put` (localstack, test_events).
    Amendment::AnyCase("ConnectionOAuthHttpMethod"),
    // No operation lists it, and every one was recorded to answer with it.
    Amendment::Error("ValidationException", 400, &[]),
];

static MODEL: LazyLock<Model<'static>> =
    LazyLock::new(|| Model::read(include_str!("events/model.json")).amended(AMENDMENTS));

pub(crate) static SERVICE: Service = Service {
    surface: &SURFACE,
    registration: &REGISTRATION,
    model: &MODEL,
    resources: RESOURCES,
    refuses: in_one_sentence,
    operations: OPERATIONS,
};

static REGISTRATION: Registration = Registration {
    surface: Some(&SURFACE),
    kept: &[Kept::of::<State>("events")],
    changes: &[&lifecycle::LIFE],
    types: &[
        (
            "connection",
            &[
                "CREATING",
                "UPDATING",
                "DELETING",
                "AUTHORIZING",
                "AUTHORIZED",
                "DEAUTHORIZING",
                "DEAUTHORIZED",
                "ACTIVE",
                "FAILED_CONNECTIVITY",
            ],
        ),
        ("api-destination", &["ACTIVE", "INACTIVE"]),
        (
            "rule",
            &[
                "ENABLED",
                "DISABLED",
                "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS",
            ],
        ),
    ],
    objects: |world| world.events().objects(),
    observe: announce,
    ..Registration::NOTHING
};

impl World {
    pub(crate) fn events(&self) -> &State {
        self.state()
    }

    pub(crate) fn events_mut(&mut self) -> &mut State {
        self.state_mut()
    }
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

impl Status for ConnectionState {
    fn as_str(self) -> &'static str {
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
}

impl ConnectionState {
    fn in_progress(self) -> bool {
        matches!(self, Self::Creating | Self::Updating | Self::Authorizing)
    }
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

    /// Begins a new turn of a connection: a course through its states, by which what the last one had ahead is void.
    fn turn(&mut self, name: &str) -> Subject {
        self.last_turn += 1;
        if let Some(connection) = self.connections.get_mut(name) {
            connection.turn = self.last_turn;
        }
        Subject::Turn {
            name: name.to_owned(),
            number: self.last_turn,
        }
    }

    fn of_turn(&self, turn: &Subject) -> Option<&Connection> {
        let connection = self.connections.get(turn.object());
        connection.filter(|connection| connection.turn == turn.number())
    }

    fn of_turn_mut(&mut self, turn: &Subject) -> Option<&mut Connection> {
        let connection = self.connections.get_mut(turn.object());
        connection.filter(|connection| connection.turn == turn.number())
    }

    pub(crate) fn objects(&self) -> Vec<Value> {
        let of = |kind, id: &str, name: &str, state: &str, tags: &Tags| {
            object("events", kind, id, name, state, tags)
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

fn validation(message: impl Into<String>) -> ApiError {
    ApiError::new("ValidationException", message)
}

fn limit_exceeded() -> ApiError {
    ApiError::new(
        "LimitExceededException",
        "The requested resource exceeds the maximum number allowed.",
    )
}

/// One page of a listing, and the token of the next.
fn page<'a, T: 'a>(
    input: &Value,
    all: impl Iterator<Item = (&'a String, &'a T)>,
    summary: impl Fn(&T) -> Value,
) -> Answer<Page<Value>> {
    let limit = input.get("Limit").and_then(Value::as_u64);
    let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(100);
    let (page, next) = page::cut(all, text(input, "NextToken"), limit)
        .map_err(|_| validation("Parameter NextToken is not valid."))?;
    Ok((page.into_iter().map(summary).collect(), next))
}

pub(crate) fn text<'v>(input: &'v Value, member: &str) -> Option<&'v str> {
    input.get(member).and_then(Value::as_str)
}
