//! A connection's way through its states, and what goes with it: associations come and go.

use serde_json::{Value, json};

use super::connections::{find, summary};
use super::reasons::fail;
use super::{Connection, ConnectionState, Turn};
use crate::core::error::{Answer, ApiError};
use crate::core::world::{Due, Failure, World};
use crate::dataplane::oauth::{self, Verdict};
use crate::services::lattice::{Status, associations};
use crate::wire::{Reply, Service};

const ANSWER: [&str; 5] = [
    "ConnectionArn",
    "ConnectionState",
    "CreationTime",
    "LastModifiedTime",
    "LastAuthorizedTime",
];

/// Starts the authorization of new credentials or of a new path. A private connection goes by way of
/// `passing`.
pub(super) fn authorize(world: &mut World, name: &str, passing: ConnectionState) {
    let turn = world.events_mut().turn(name);
    let Some(connection) = world.events_mut().connections.get_mut(name) else {
        return;
    };
    connection.reason = None;
    if connection.is_private() {
        connection.state = passing;
        if world.settings.connection_passes_authorized {
            let time = world.times.connection_authorization.min(world.times.connection);
            world.schedule(time, Due::ConnectionAuthorized(turn.clone()));
        }
        world.schedule(world.times.connection, Due::ConnectionSettled(turn));
    } else if connection.authorization_type == "OAUTH_CLIENT_CREDENTIALS" {
        connection.state = ConnectionState::Authorizing;
        world.schedule(world.times.public_connection, Due::ConnectionSettled(turn));
    } else {
        // A public API key or user name is not tried: AUTHORIZED at once, as captures show.
        settled(world, &turn, None);
    }
}

pub(crate) fn authorized(world: &mut World, turn: &Turn, failure: Option<Failure>) {
    let now = world.now();
    let quotes = world.settings.quotes_secrets_in_reasons;
    let Some(connection) = world.events_mut().of_turn_mut(turn) else {
        return;
    };
    if let Some(failure) = failure.filter(|failure| failure.state == "DEAUTHORIZED") {
        fail(connection, ConnectionState::Deauthorized, failure.reason, quotes);
        // The rest of this turn does not happen.
        world.events_mut().turn(&turn.name);
        return retire(world, &turn.name);
    }
    let verdict = world
        .events()
        .of_turn(turn)
        .map(|connection| oauth::judge(world, connection));
    let Some(connection) = world.events_mut().of_turn_mut(turn) else {
        return;
    };
    match verdict {
        Some(Verdict::Refused(reason)) => {
            fail(connection, ConnectionState::Deauthorized, Some(reason), quotes);
            world.events_mut().turn(&turn.name);
            retire(world, &turn.name);
        }
        // It is tried again when the connection settles.
        Some(Verdict::Unreachable(reason)) => connection.reason = Some(reason),
        _ => {
            connection.state = ConnectionState::Authorized;
            connection.authorized = Some(now);
        }
    }
}

pub(crate) fn settled(world: &mut World, turn: &Turn, failure: Option<Failure>) {
    let now = world.now();
    let Some(connection) = world.events().of_turn(turn) else {
        return;
    };
    let paths = [&connection.invocation_path, &connection.authorization_path];
    let connected = paths.into_iter().flatten().all(|path| {
        let association = world.lattice().associations.get(&path.association_id);
        association.is_some_and(|association| matches!(association.status, Status::Active | Status::Partial))
    });
    let verdict = oauth::judge(world, connection);
    let stays_authorized = world.settings.connection_stays_authorized;
    let quotes = world.settings.quotes_secrets_in_reasons;
    let Some(connection) = world.events_mut().of_turn_mut(turn) else {
        return;
    };
    match failure {
        Some(failure) if failure.state == "DEAUTHORIZED" => {
            fail(connection, ConnectionState::Deauthorized, failure.reason, quotes);
        }
        Some(failure) => fail(
            connection,
            ConnectionState::FailedConnectivity,
            failure.reason,
            quotes,
        ),
        None if !connected => {
            let reason = "The association with the resource configuration is not active.";
            fail(
                connection,
                ConnectionState::FailedConnectivity,
                Some(reason.to_owned()),
                quotes,
            );
        }
        None if verdict != Verdict::Authorized => match verdict {
            // A public connection goes on trying, as captures show.
            Verdict::Unreachable(reason) if !connection.is_private() => connection.reason = Some(reason),
            Verdict::Unreachable(reason) => {
                fail(
                    connection,
                    ConnectionState::FailedConnectivity,
                    Some(reason),
                    quotes,
                );
            }
            Verdict::Refused(reason) => fail(connection, ConnectionState::Deauthorized, Some(reason), quotes),
            Verdict::Authorized => {}
        },
        None => {
            let becomes_active = connection.invocation_path.is_some() && !stays_authorized;
            connection.state = if becomes_active {
                ConnectionState::Active
            } else {
                ConnectionState::Authorized
            };
            connection.authorized = Some(now);
        }
    }
    retire(world, &turn.name);
}

/// Lets the associations of earlier paths go.
fn retire(world: &mut World, name: &str) {
    let retiring = world
        .events_mut()
        .connections
        .get_mut(name)
        .map(|connection| std::mem::take(&mut connection.retiring));
    for id in retiring.into_iter().flatten() {
        associations::retire(world, &id);
    }
}

/// Refuses a change while an earlier one is in progress.
pub(super) fn refuse_overlap(world: &World, connection: &Connection) -> Answer<()> {
    let overlaps = connection.state == ConnectionState::Deleting
        || connection.state.in_progress() && world.settings.refuses_overlapping_changes;
    if overlaps {
        return Err(ApiError::bad_request(
            "ConcurrentModificationException",
            format!(
                "Connection {} is in state {}.",
                connection.name,
                connection.state.as_str()
            ),
        ));
    }
    Ok(())
}

pub(super) fn deauthorize(world: &mut World, input: &Value) -> Answer<Reply> {
    let connection = find(world, input, "deauthorize")?;
    refuse_overlap(world, connection)?;
    let name = connection.name.clone();
    let turn = world.events_mut().turn(&name);
    let now = world.now();
    // The credentials are gone at once; what is in progress is only the state.
    if let Some(connection) = world.events_mut().connections.get_mut(&name) {
        connection.state = ConnectionState::Deauthorizing;
        connection.reason = Some(format!(
            "Connection {name} was deauthorized by a DeauthorizeConnection operation."
        ));
        connection.parameters = json!({});
        connection.secret_arn = None;
        connection.modified = now;
    }
    let body = summary(&world.events().connections[&name], &ANSWER);
    world.schedule(world.times.deauthorization, Due::ConnectionDeauthorized(turn));
    Ok(Reply::json(body))
}

pub(crate) fn deauthorized(world: &mut World, turn: &Turn) {
    if let Some(connection) = world.events_mut().of_turn_mut(turn) {
        connection.state = ConnectionState::Deauthorized;
    }
}

/// EventBridge's own de-authorization, after credentials were refused.
pub(crate) fn credentials_refused(world: &mut World, arn: &str, reason: String) {
    let name = match world.events().connection(arn) {
        Some(connection)
            if matches!(
                connection.state,
                ConnectionState::Active | ConnectionState::Authorized
            ) =>
        {
            connection.name.clone()
        }
        _ => return,
    };
    world.events_mut().turn(&name);
    let quotes = world.settings.quotes_secrets_in_reasons;
    if let Some(connection) = world.events_mut().connections.get_mut(&name) {
        fail(connection, ConnectionState::Deauthorized, Some(reason), quotes);
    }
}

pub(super) fn delete(world: &mut World, input: &Value, caller: &str) -> Answer<Reply> {
    let connection = find(world, input, "delete")?;
    let name = connection.name.clone();
    if connection.state == ConnectionState::Deleting {
        return Ok(Reply::json(summary(connection, &ANSWER)));
    }
    if world.settings.deletion_needs_association_permission {
        let paths = connection
            .invocation_path
            .iter()
            .chain(&connection.authorization_path);
        let ids: Vec<String> = paths.map(|path| path.association_id.clone()).collect();
        const FORWARDED: &str = "DeleteServiceNetworkResourceAssociation";
        for id in ids {
            let verdict = world.faults.judge(Service::Lattice, FORWARDED, &[id], caller);
            if let Some(refused) = verdict.refuse {
                return Err(ApiError::bad_request(refused.code, refused.message));
            }
        }
    }
    let turn = world.events_mut().turn(&name);
    if let Some(connection) = world.events_mut().connections.get_mut(&name) {
        connection.state = ConnectionState::Deleting;
    }
    let body = summary(&world.events().connections[&name], &ANSWER);
    world.schedule(world.times.connection_deletion, Due::ConnectionGone(turn));
    Ok(Reply::json(body))
}

pub(crate) fn gone(world: &mut World, turn: &Turn) {
    if world.events().of_turn(turn).is_none() {
        return;
    }
    let Some(connection) = world.events_mut().connections.remove(&turn.name) else {
        return;
    };
    let paths = connection
        .invocation_path
        .into_iter()
        .chain(connection.authorization_path);
    for id in paths.map(|path| path.association_id).chain(connection.retiring) {
        associations::retire(world, &id);
    }
}
