//! UpdateConnection.

use serde_json::Value;

use super::connections::{
    check_configuration, check_key, described, find, new_secret, new_version, path, summary,
    wanted_configuration, within_quota,
};
use super::{Connection, ConnectionState, authorization, lifecycle, text};
use crate::core::error::{Answer, ApiError};
use crate::core::world::World;
use crate::dataplane::network::Path;
use crate::wire::Reply;

pub(super) fn update(world: &mut World, input: &Value, caller: &str) -> Answer<Reply> {
    let connection = find(world, input, "update")?;
    let (arn, before) = (connection.arn.clone(), described(world, connection));
    let answer = change(world, input, caller)?;
    world.changed(&arn, before);
    Ok(answer)
}

fn change(world: &mut World, input: &Value, caller: &str) -> Answer<Reply> {
    let connection = find(world, input, "update")?;
    let name = connection.name.clone();
    let parameters = input.get("AuthParameters").filter(|value| !value.is_null());
    let authorization_type = text(input, "AuthorizationType");
    lifecycle::refuse_overlap(world, connection)?;
    check_key(world, input)?;
    check_minimum(world, input, authorization_type, parameters)?;
    if let Some(kind) = authorization_type
        && (kind != connection.authorization_type || world.settings.wants_whole_blocks)
        && !authorization::is_complete(kind, parameters.unwrap_or(&Value::Null))
    {
        return Err(ApiError::new(
            "ValidationException",
            format!(
                "Parameter {} is not valid. Reason: Missing required field(s).",
                authorization::block(kind)
            ),
        ));
    }

    let leaves_private = world.settings.empty_arn_leaves_private;
    let wanted = |connectivity| {
        wanted_configuration(world, connectivity).filter(|arn| leaves_private || !arn.is_empty())
    };
    let ignores_connectivity =
        world.settings.ignores_connectivity_without_type && authorization_type.is_none();
    let invocation = wanted(input.get("InvocationConnectivityParameters")).filter(|_| !ignores_connectivity);
    let token = wanted(parameters.and_then(|parameters| parameters.get("ConnectivityParameters")));
    let gets_private = |wanted: &Option<String>| wanted.as_ref().is_some_and(|arn| !arn.is_empty());
    if !connection.is_private() && (gets_private(&invocation) || gets_private(&token)) {
        within_quota(world, true)?;
    }
    let current = |path: &Option<Path>| {
        path.as_ref()
            .map(|path| path.configuration_arn.clone())
            .unwrap_or_default()
    };
    let was = (
        current(&world.events().connections[&name].invocation_path),
        current(&world.events().connections[&name].authorization_path),
    );
    let moved = |wanted: Option<String>, was: &str| wanted.filter(|arn| arn != was);
    let (invocation, token) = (moved(invocation, &was.0), moved(token, &was.1));
    for arn in [&invocation, &token].into_iter().flatten() {
        check_configuration(world, arn, &name, caller)?;
    }

    let reauthorize = authorization_type.is_some() || invocation.is_some() || token.is_some();
    let new_invocation = invocation.map(|arn| path(world, &arn, &name));
    let new_token = token.map(|arn| path(world, &arn, &name));
    let secret = new_secret(world, &name);
    let empty_key_clears = world.settings.empty_key_clears;
    let empty_description_clears = world.settings.empty_description_clears;
    let parameters = match parameters {
        Some(given) if !world.settings.empty_lists_clear => Some(&authorization::without_empty_lists(given)),
        given => given,
    };
    let Some(connection) = world.events_mut().connections.get_mut(&name) else {
        return Err(ApiError::new("InternalException", "The connection vanished"));
    };
    if let Some(description) = text(input, "Description") {
        replace_description(&mut connection.description, description, empty_description_clears);
    }
    if let Some(key) = text(input, "KmsKeyIdentifier") {
        if !key.is_empty() {
            connection.kms_key = Some(key.to_owned());
        } else if empty_key_clears {
            connection.kms_key = None;
        }
    }
    if let Some(kind) = authorization_type {
        credentials(connection, kind, parameters.unwrap_or(&Value::Null), secret);
    }
    if let Some(path) = new_invocation {
        let old = std::mem::replace(&mut connection.invocation_path, path);
        connection.retiring.extend(old.map(|path| path.association_id));
    }
    if let Some(path) = new_token {
        let old = std::mem::replace(&mut connection.authorization_path, path);
        connection.retiring.extend(old.map(|path| path.association_id));
    }
    if reauthorize {
        lifecycle::authorize(world, &name, ConnectionState::Updating);
    }
    let now = world.now();
    if !reauthorize && let Some(connection) = world.events_mut().connections.get_mut(&name) {
        connection.modified = now;
    }
    // Of new credentials, the answer still has the old time (stackd, update-password-with-type and
    // update-description-only).
    let members = [
        "ConnectionArn",
        "ConnectionState",
        "CreationTime",
        "LastModifiedTime",
        "LastAuthorizedTime",
    ];
    let body = summary(&world.events().connections[&name], &members);
    if let Some(connection) = world.events_mut().connections.get_mut(&name) {
        connection.modified = now;
    }
    Ok(Reply::json(body))
}

/// Lays a new description over the old one; an empty one clears it, or is taken without effect.
pub(super) fn replace_description(current: &mut Option<String>, given: &str, empty_clears: bool) {
    if !given.is_empty() {
        *current = Some(given.to_owned());
    } else if empty_clears {
        *current = None;
    }
}

/// Lays new credentials over the old ones; those of another type replace them, secret and all.
fn credentials(connection: &mut Connection, kind: &str, parameters: &Value, secret: String) {
    let change = authorization::without_connectivity(parameters);
    if kind != connection.authorization_type {
        let http = connection.parameters.get("InvocationHttpParameters").cloned();
        connection.parameters = http.map_or_else(
            || serde_json::json!({}),
            |http| serde_json::json!({ "InvocationHttpParameters": http }),
        );
        connection.secret_arn = None;
        connection.authorization_type = kind.to_owned();
    }
    authorization::merge(&mut connection.parameters, &change);
    connection.secret_arn.get_or_insert(secret);
    connection.secret_version = new_version();
}

/// What an update must bring at least, in the list that AWS's error gives.
fn check_minimum(
    world: &World,
    input: &Value,
    authorization_type: Option<&str>,
    parameters: Option<&Value>,
) -> Answer<()> {
    let given = |member: &str| input.get(member).is_some_and(|value| !value.is_null());
    let typed = match (authorization_type, parameters) {
        (Some(kind), Some(parameters)) => {
            authorization::check(kind, parameters)?;
            true
        }
        // Parameters without their type, or the type without its parameters.
        (Some(_), None) | (None, Some(_)) => return Err(too_little()),
        (None, None) => false,
    };
    let settings = &world.settings;
    let connectivity = given("InvocationConnectivityParameters") && settings.knows_private_connections;
    let described = given("Description") || given("KmsKeyIdentifier");
    let enough = if connectivity {
        settings.ignores_connectivity_without_type
            || settings.accepts_connectivity_alone
            || described && settings.accepts_connectivity_with_description
    } else {
        described
    };
    if typed || enough {
        Ok(())
    } else {
        Err(too_little())
    }
}

fn too_little() -> ApiError {
    ApiError::new(
        "ValidationException",
        "Failed to update the connection(s). At least one of the following is required: Description, KmsKeyIdentifier, \
         AuthorizationType with BasicAuthParameters, ApiKeyAuthParameters, or OAuthParameters.",
    )
}
