//! CreateConnection, DescribeConnection, ListConnections.

use serde_json::{Value, json};

use super::targets::listing;
use super::{Connection, ConnectionState, authorization, lifecycle, limit_exceeded, page, text};
use crate::core::error::{Answer, ApiError};
use crate::core::ids;
use crate::core::life_cycle::Status as _;
use crate::core::timestamp::whole_seconds;
use crate::core::world::World;
use crate::dataplane::network::Path;
use crate::services::kms;
use crate::services::lattice::{self, FORWARDED, Status, associations};
use crate::wire::Reply;

pub(crate) fn create(world: &mut World, input: &Value, caller: &str) -> Answer<Reply> {
    let name = text(input, "Name").unwrap_or_default();
    let authorization_type = text(input, "AuthorizationType").unwrap_or_default();
    let parameters = &input["AuthParameters"];
    authorization::check(authorization_type, parameters)?;
    if world.events().connections.contains_key(name) {
        return Err(ApiError::new(
            "ResourceAlreadyExistsException",
            format!("Connection {name} already exists."),
        ));
    }
    let invocation = wanted_configuration(world, input.get("InvocationConnectivityParameters"));
    let authorization = wanted_configuration(world, parameters.get("ConnectivityParameters"));
    let is_private = [&invocation, &authorization]
        .into_iter()
        .flatten()
        .any(|arn| !arn.is_empty());
    within_quota(world, is_private)?;
    for arn in [&invocation, &authorization].into_iter().flatten() {
        check_configuration(world, arn, name, caller)?;
    }

    check_key(world, input)?;

    let connection = Connection {
        name: name.to_owned(),
        arn: world.arn("events", format_args!("connection/{name}/{}", ids::uuid())),
        state: ConnectionState::Creating,
        reason: None,
        authorization_type: authorization_type.to_owned(),
        parameters: authorization::without_connectivity(parameters),
        invocation_path: invocation.and_then(|arn| path(world, &arn, name)),
        authorization_path: authorization.and_then(|arn| path(world, &arn, name)),
        retiring: Vec::new(),
        description: text(input, "Description").map(str::to_owned),
        kms_key: text(input, "KmsKeyIdentifier").map(str::to_owned),
        secret_arn: Some(new_secret(world, name)),
        secret_version: new_version(),
        created: world.now(),
        modified: world.now(),
        authorized: None,
        turn: 0,
    };
    let arn = connection.arn.clone();
    world.events_mut().connections.insert(name.to_owned(), connection);
    world.made(&arn);
    lifecycle::authorize(world, name, ConnectionState::Creating);
    Ok(Reply::json(summary(
        &world.events().connections[name],
        &[
            "ConnectionArn",
            "ConnectionState",
            "CreationTime",
            "LastModifiedTime",
        ],
    )))
}

/// Checks that the key of a request is there, if the settings want that.
pub(super) fn check_key(world: &World, input: &Value) -> Answer<()> {
    match text(input, "KmsKeyIdentifier").filter(|key| !key.is_empty()) {
        Some(key) if world.settings.checks_kms_keys && !kms::is_key(world, key) => Err(ApiError::new(
            "ResourceNotFoundException",
            format!("The KMS key {key} does not exist."),
        )),
        _ => Ok(()),
    }
}

/// The ARN of a secret that EventBridge keeps for a connection.
pub(super) fn new_secret(world: &World, name: &str) -> String {
    world.arn(
        "secretsmanager",
        format_args!(
            "secret:events!connection/{name}/{}-{}",
            ids::uuid(),
            ids::letters(6)
        ),
    )
}

/// The id of a version of a secret.
pub(super) fn new_version() -> String {
    ids::uuid().to_uppercase()
}

/// The resource configuration's ARN in connectivity parameters; an empty one asks for no private path. Where the
/// Region does not know them, they ask for nothing.
pub(super) fn wanted_configuration(world: &World, connectivity: Option<&Value>) -> Option<String> {
    connectivity
        .filter(|_| world.settings.knows_private_connections)?
        .pointer("/ResourceParameters/ResourceConfigurationArn")?
        .as_str()
        .map(str::to_owned)
}

pub(super) fn within_quota(world: &World, is_private: bool) -> Answer<()> {
    let connections = world.events().connections.values();
    let full = connections.len() >= world.settings.connections
        || is_private
            && connections.filter(|other| other.is_private()).count() >= world.settings.private_connections;
    if full {
        return Err(limit_exceeded());
    }
    Ok(())
}

/// Checks that an association of a connection with a configuration can be made, with the caller's permissions.
pub(super) fn check_configuration(
    world: &mut World,
    arn: &str,
    connection: &str,
    caller: &str,
) -> Answer<()> {
    if arn.is_empty() {
        return Ok(());
    }
    let verdict = world
        .faults
        .judge(&lattice::SURFACE, FORWARDED, &[arn.to_owned()], caller);
    if let Some(refused) = verdict.refuse {
        return Err(ApiError::new(refused.code, refused.message));
    }
    let Some(configuration) = world
        .lattice()
        .configurations
        .values()
        .find(|configuration| configuration.arn == arn && !world.is_unseen(&configuration.id))
    else {
        return Err(ApiError::new(
            "ResourceNotFoundException",
            format!("Resource configuration {arn} does not exist."),
        ));
    };
    if world.settings.wants_shareable_configurations && !configuration.allows_shareable {
        return Err(ApiError::new(
            "ValidationException",
            format!(
                "Resource configuration {arn} does not allow associations with shareable service networks; \
                 set allowAssociationToShareableServiceNetwork."
            ),
        ));
    }
    let user = world.events().connections.values().find(|other| {
        let paths = other.invocation_path.iter().chain(&other.authorization_path);
        other.name != connection && paths.map(|path| &path.configuration_arn).any(|used| used == arn)
    });
    if let Some(user) = user.filter(|_| !world.settings.shares_configurations) {
        return Err(ApiError::new(
            "ValidationException",
            format!(
                "Resource configuration {arn} is in use by connection {}; it takes one connection.",
                user.name
            ),
        ));
    }
    if configuration.status != Status::Active {
        return Err(ApiError::new(
            "ValidationException",
            format!(
                "Resource configuration {arn} is not ACTIVE but {}.",
                configuration.status.as_str()
            ),
        ));
    }
    Ok(())
}

/// Makes the association for a configuration that was checked.
pub(super) fn path(world: &mut World, arn: &str, connection: &str) -> Option<Path> {
    let configuration = world
        .lattice()
        .configurations
        .values()
        .find(|configuration| configuration.arn == arn)?;
    let id = configuration.id.clone();
    Some(Path {
        configuration_arn: arn.to_owned(),
        association_id: associations::make(world, &id, connection),
    })
}

pub(super) fn find<'w>(world: &'w World, input: &Value, verb: &str) -> Answer<&'w Connection> {
    let name = text(input, "Name").unwrap_or_default();
    world
        .events()
        .connections
        .get(name)
        .ok_or_else(|| not_found(name, verb))
}

fn not_found(name: &str, verb: &str) -> ApiError {
    ApiError::new(
        "ResourceNotFoundException",
        format!("Failed to {verb} the connection(s). Connection '{name}' does not exist."),
    )
}

/// Some members that several answers have.
pub(super) fn summary(connection: &Connection, members: &[&str]) -> Value {
    let value = |member: &str| {
        Some(match member {
            "ConnectionArn" => connection.arn.clone().into(),
            "Name" => connection.name.clone().into(),
            "ConnectionState" => connection.state.as_str().into(),
            "StateReason" => connection.reason.clone()?.into(),
            "AuthorizationType" => connection.authorization_type.clone().into(),
            "CreationTime" => json!(whole_seconds(connection.created)),
            "LastModifiedTime" => json!(whole_seconds(connection.modified)),
            // 1970 until it was authorized for the first time, as AWS answers.
            "LastAuthorizedTime" => json!(connection.authorized.map_or(0.0, whole_seconds)),
            _ => return None,
        })
    };
    let found = members
        .iter()
        .filter_map(|member| Some(((*member).to_owned(), value(member)?)));
    Value::Object(found.collect())
}

pub(super) fn describe(world: &mut World, input: &Value) -> Answer<Reply> {
    let arn = find(world, input, "describe")?.arn.clone();
    if world.fresh.misses(&arn) {
        return Err(not_found(text(input, "Name").unwrap_or_default(), "describe"));
    }
    if let Some(before) = world.stale.shown(&arn, world.elapsed()) {
        return Ok(Reply::json(before.clone()));
    }
    find(world, input, "describe").map(|connection| Reply::json(described(world, connection)))
}

/// All that a description tells.
pub(super) fn described(world: &World, connection: &Connection) -> Value {
    let mut body = summary(
        connection,
        &[
            "ConnectionArn",
            "Name",
            "ConnectionState",
            "StateReason",
            "AuthorizationType",
            "CreationTime",
            "LastModifiedTime",
            "LastAuthorizedTime",
        ],
    );
    let connectivity = |path: &Path| {
        json!({ "ResourceParameters": {
            "ResourceConfigurationArn": path.configuration_arn,
            "ResourceAssociationArn":
                world.arn("vpc-lattice", format_args!("servicenetworkresourceassociation/{}", path.association_id)),
        } })
    };
    let mut parameters = authorization::shown(&connection.parameters);
    if let Some(path) = &connection.authorization_path {
        parameters.insert("ConnectivityParameters".to_owned(), connectivity(path));
    }
    body["AuthParameters"] = Value::Object(parameters);
    for (member, value) in [
        ("Description", &connection.description),
        ("KmsKeyIdentifier", &connection.kms_key),
        ("SecretArn", &connection.secret_arn),
    ] {
        if let Some(value) = value {
            body[member] = value.clone().into();
        }
    }
    if let Some(path) = &connection.invocation_path {
        body["InvocationConnectivityParameters"] = connectivity(path);
    }
    body
}

pub(super) fn list(world: &mut World, input: &Value) -> Answer<Reply> {
    let prefix = text(input, "NamePrefix").unwrap_or_default();
    let state = text(input, "ConnectionState");
    let unlisted = world.fresh.unlisted(&world.arn("events", "connection/"));
    let wanted = world.events().connections.iter().filter(|(name, connection)| {
        name.starts_with(prefix)
            && !unlisted.contains(&connection.arn)
            && state.is_none_or(|state| state == connection.state.as_str())
    });
    const MEMBERS: &[&str] = &[
        "ConnectionArn",
        "Name",
        "ConnectionState",
        "StateReason",
        "AuthorizationType",
        "CreationTime",
        "LastModifiedTime",
        "LastAuthorizedTime",
    ];
    let (items, next) = page(input, wanted, |connection| summary(connection, MEMBERS))?;
    Ok(listing("Connections", items, next))
}
