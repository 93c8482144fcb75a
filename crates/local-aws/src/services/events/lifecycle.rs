//! A connection's way through its states, and what goes with it: associations come and go.

use serde_json::{Value, json};

use super::connections::{find, summary};
use super::reasons::fail;
use super::{Connection, ConnectionState, SURFACE};
use crate::core::agenda::Subject;
use crate::core::error::{Answer, ApiError};
use crate::core::life_cycle::{LifeCycle, Reached, Seen, Status as _, Step};
use crate::core::world::World;
use crate::dataplane::token_request::{self, Verdict};
use crate::service::Caller;
use crate::services::lattice::{self, Status, associations};
use crate::wire::Reply;

const ANSWER: [&str; 5] = [
    "ConnectionArn",
    "ConnectionState",
    "CreationTime",
    "LastModifiedTime",
    "LastAuthorizedTime",
];

/// The one authorization type whose credentials are tried.
const OAUTH: &str = "OAUTH_CLIENT_CREDENTIALS";

/// The life of a connection.
pub(super) static LIFE: LifeCycle<ConnectionState> = LifeCycle {
    service: "events",
    kind: "connection",
    steps: STEPS,
    look: |world, subject| {
        let connection = world.events().of_turn(subject)?;
        Some(Seen {
            state: connection.state,
            id: connection.arn.clone(),
            name: connection.name.clone(),
        })
    },
};

const STEPS: &[Step<ConnectionState>] = &[
    Step {
        due: "ConnectionAuthorized",
        from: &[
            ConnectionState::Creating,
            ConnectionState::Updating,
            ConnectionState::Authorizing,
        ],
        to: Some(ConnectionState::Authorized),
        on_failure: &[ConnectionState::Deauthorized],
        after: |world, _| world.times.connection_authorization.min(world.times.connection),
        effect: authorized,
    },
    Step {
        due: "ConnectionSettled",
        from: &[
            ConnectionState::Creating,
            ConnectionState::Updating,
            ConnectionState::Authorizing,
            ConnectionState::Authorized,
        ],
        // A public one, or where the settings say so, stays AUTHORIZED.
        to: Some(ConnectionState::Active),
        on_failure: &[ConnectionState::FailedConnectivity, ConnectionState::Deauthorized],
        after: |world, turn| {
            let is_private = world.events().of_turn(turn).is_some_and(Connection::is_private);
            if is_private {
                world.times.connection
            } else {
                world.times.public_connection
            }
        },
        effect: settled,
    },
    Step {
        due: "ConnectionDeauthorized",
        from: &[ConnectionState::Deauthorizing],
        to: Some(ConnectionState::Deauthorized),
        on_failure: &[],
        after: |world, _| world.times.deauthorization,
        effect: deauthorized,
    },
    Step {
        due: "ConnectionGone",
        from: &[ConnectionState::Deleting],
        to: None,
        on_failure: &[],
        after: |world, _| world.times.connection_deletion,
        effect: gone,
    },
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
            LIFE.begin(world, "ConnectionAuthorized", turn.clone());
        }
        LIFE.begin(world, "ConnectionSettled", turn);
    } else if connection.authorization_type == OAUTH {
        connection.state = ConnectionState::Authorizing;
        LIFE.begin(world, "ConnectionSettled", turn);
    } else {
        // A public API key or user name is not tried: AUTHORIZED at once, as captures show.
        settled(world, &turn, Reached::well(ConnectionState::Active));
    }
}

fn authorized(world: &mut World, turn: &Subject, reached: Reached<ConnectionState>) {
    let now = world.now();
    let quotes = world.settings.quotes_secrets_in_reasons;
    if reached.failed {
        if let Some(connection) = world.events_mut().of_turn_mut(turn) {
            fail(connection, ConnectionState::Deauthorized, reached.reason, quotes);
        }
        return end_turn(world, turn);
    }
    let Some(connection) = world.events().of_turn(turn) else {
        return;
    };
    let verdict = judge(world, connection);
    let Some(connection) = world.events_mut().of_turn_mut(turn) else {
        return;
    };
    match verdict {
        Verdict::Refused(reason) => {
            fail(connection, ConnectionState::Deauthorized, Some(reason), quotes);
            end_turn(world, turn);
        }
        // It is tried again when the connection settles.
        Verdict::Unreachable(reason) => connection.reason = Some(reason),
        Verdict::Authorized => {
            connection.state = ConnectionState::Authorized;
            connection.authorized = Some(now);
        }
    }
}

/// Tries the credentials, if they are of the kind that is tried.
fn judge(world: &World, connection: &Connection) -> Verdict {
    if connection.authorization_type != OAUTH {
        return Verdict::Authorized;
    }
    let path = connection.authorization_path.as_ref();
    token_request::judge(world, &connection.parameters["OAuthParameters"], path)
}

/// Lets the rest of a turn not happen.
fn end_turn(world: &mut World, turn: &Subject) {
    world.events_mut().turn(turn.object());
    retire(world, turn.object());
}

fn settled(world: &mut World, turn: &Subject, reached: Reached<ConnectionState>) {
    let now = world.now();
    let Some(connection) = world.events().of_turn(turn) else {
        return;
    };
    let paths = [&connection.invocation_path, &connection.authorization_path];
    let connected = paths.into_iter().flatten().all(|path| {
        let association = world.lattice().associations.get(&path.association_id);
        association.is_some_and(|association| matches!(association.status, Status::Active | Status::Partial))
    });
    let verdict = judge(world, connection);
    let (end, reason) = if reached.failed {
        (reached.state, reached.reason)
    } else if !connected {
        let reason = "The association with the resource configuration is not active.";
        (Some(ConnectionState::FailedConnectivity), Some(reason.to_owned()))
    } else {
        match verdict {
            // A public connection goes on trying, as captures show.
            Verdict::Unreachable(reason) if !connection.is_private() => (None, Some(reason)),
            Verdict::Unreachable(reason) => (Some(ConnectionState::FailedConnectivity), Some(reason)),
            Verdict::Refused(reason) => (Some(ConnectionState::Deauthorized), Some(reason)),
            Verdict::Authorized
                if connection.invocation_path.is_some() && !world.settings.connection_stays_authorized =>
            {
                (reached.state, None)
            }
            Verdict::Authorized => (Some(ConnectionState::Authorized), None),
        }
    };
    let quotes = world.settings.quotes_secrets_in_reasons;
    let Some(connection) = world.events_mut().of_turn_mut(turn) else {
        return;
    };
    match end {
        None => connection.reason = reason,
        Some(state @ (ConnectionState::Active | ConnectionState::Authorized)) => {
            connection.state = state;
            connection.authorized = Some(now);
        }
        Some(state) => fail(connection, state, reason, quotes),
    }
    retire(world, turn.object());
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
        return Err(ApiError::new(
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

const DEAUTHORIZED: &str =
    "The authorization parameters were removed from this connection by a DeauthorizeConnection operation.";

pub(super) fn deauthorize(world: &mut World, input: &Value) -> Answer<Reply> {
    let connection = find(world, input, "deauthorize")?;
    refuse_overlap(world, connection)?;
    let name = connection.name.clone();
    let turn = world.events_mut().turn(&name);
    let now = world.now();
    // The credentials are gone at once; the secret goes with the state. The answer tells the time of the change before.
    let mut body = json!({});
    if let Some(connection) = world.events_mut().connections.get_mut(&name) {
        connection.state = ConnectionState::Deauthorizing;
        connection.reason = Some(DEAUTHORIZED.to_owned());
        connection.parameters = json!({});
        body = summary(connection, &ANSWER);
        connection.modified = now;
    }
    LIFE.begin(world, "ConnectionDeauthorized", turn);
    Ok(Reply::json(body))
}

fn deauthorized(world: &mut World, turn: &Subject, reached: Reached<ConnectionState>) {
    let now = world.now();
    if let (Some(connection), Some(state)) = (world.events_mut().of_turn_mut(turn), reached.state) {
        connection.state = state;
        connection.secret_arn = None;
        connection.modified = now;
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

pub(super) fn delete(world: &mut World, input: &Value, caller: &Caller) -> Answer<Reply> {
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
        let action = [format!("{}:{FORWARDED}", lattice::SURFACE.name)];
        if !ids.is_empty() && world.credentials.denied(&caller.access_key, &action).is_some() {
            return Err(SURFACE.words.access_denied(&caller.arn, &action[0]));
        }
        for id in ids {
            let verdict = world
                .faults
                .judge(&lattice::SURFACE, FORWARDED, &[id], &caller.arn);
            if let Some(refused) = verdict.refuse {
                return Err(ApiError::new(refused.code, refused.message).with_status(400));
            }
        }
    }
    let turn = world.events_mut().turn(&name);
    let now = world.now();
    let mut body = json!({});
    if let Some(connection) = world.events_mut().connections.get_mut(&name) {
        // Its destinations keep its ARN, and are inactive from then on.
        connection.state = ConnectionState::Deleting;
        // The answer tells the time of the change before.
        body = summary(connection, &ANSWER);
        connection.modified = now;
    }
    LIFE.begin(world, "ConnectionGone", turn);
    Ok(Reply::json(body))
}

fn gone(world: &mut World, turn: &Subject, _: Reached<ConnectionState>) {
    let Some(connection) = world.events_mut().connections.remove(turn.object()) else {
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
