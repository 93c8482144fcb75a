//! The events that EventBridge itself puts on the default bus when a connection or an API destination changes its
//! state: source `aws.events`, detail `ConnectionName` or `ApiDestinationName`, `StateReason`, `Timestamp`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::bus::{self, Event};
use super::{ConnectionState, buses};
use crate::core::timestamp::iso8601_seconds;
use crate::core::world::World;

/// A state as it was last announced, by the ARN.
pub(super) type Announced = BTreeMap<String, &'static str>;

fn detail_type(state: ConnectionState) -> &'static str {
    match state {
        ConnectionState::Creating => "Connection Creation Started",
        ConnectionState::Updating => "Connection Update Started",
        ConnectionState::Deleting => "Connection Deletion Started",
        ConnectionState::Authorizing => "Connection Authorization Started",
        ConnectionState::Authorized => "Connection Authorized",
        ConnectionState::Deauthorizing => "Connection Deauthorization Started",
        ConnectionState::Deauthorized => "Connection Deauthorized",
        ConnectionState::Active => "Connection Activated",
        ConnectionState::FailedConnectivity => "Connection Failed Connectivity",
    }
}

/// Puts an event of another service on the default bus.
pub(crate) fn announce_of(world: &mut World, source: &str, detail_type: &str, resource: &str, detail: Value) {
    let event = Event {
        source,
        detail_type,
        time: world.now(),
        resources: json!([resource]),
        detail,
    };
    bus::publish(world, buses::DEFAULT, event);
}

/// Puts an event on the bus for each state that is another than the last announced one.
pub(crate) fn announce(world: &mut World) {
    let now = iso8601_seconds(world.now());
    let events = world.events();
    let connections = events.connections.values().map(|connection| {
        let mut detail = json!({ "ConnectionName": connection.name });
        if let Some(reason) = &connection.reason {
            detail["StateReason"] = reason.clone().into();
        }
        (&connection.arn, detail_type(connection.state), detail)
    });
    let kind_of = |destination| {
        if events.is_active(destination) {
            "API Destination Activated"
        } else {
            "API Destination Deactivated"
        }
    };
    let destinations = events.destinations.values().map(|destination| {
        let detail = json!({ "ApiDestinationName": destination.name });
        (&destination.arn, kind_of(destination), detail)
    });
    let turned = events.destinations.values().filter(|destination| {
        let before = events.announced.get(&destination.arn);
        before.is_some_and(|before| *before != kind_of(destination))
    });
    let turned: Vec<String> = turned.map(|destination| destination.name.clone()).collect();
    let mut states = Announced::new();
    let mut changes: Vec<(String, &'static str, Value)> = Vec::new();
    for (arn, kind, mut detail) in connections.chain(destinations) {
        if events.announced.get(arn) != Some(&kind) {
            detail["Timestamp"] = now.clone().into();
            changes.push((arn.clone(), kind, detail));
        }
        states.insert(arn.clone(), kind);
    }
    let at = world.now();
    let events = world.events_mut();
    events.announced = states;
    for name in turned {
        if let Some(destination) = events.destinations.get_mut(&name) {
            destination.turned_at(at);
        }
    }
    for (arn, kind, detail) in changes {
        let event = Event {
            source: "aws.events",
            detail_type: kind,
            time: world.now(),
            resources: json!([arn]),
            detail,
        };
        bus::publish(world, buses::DEFAULT, event);
    }
}
