//! API destinations: CreateApiDestination, DescribeApiDestination, UpdateApiDestination, DeleteApiDestination,
//! ListApiDestinations.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::targets::listing;
use super::update::replace_description;
use super::{ConnectionState, State, limit_exceeded, page, text, validation};
use crate::core::error::{Answer, ApiError};
use crate::core::ids;
use crate::core::timestamp::whole_seconds;
use crate::core::world::World;
use crate::wire::Reply;

/// Invocations per second: the default of an API destination, and the most that it takes.
const MOST_PER_SECOND: u32 = 300;

#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct ApiDestination {
    pub(crate) name: String,
    pub(crate) arn: String,
    pub(crate) connection_arn: String,
    /// With a `*` for each path parameter.
    pub(crate) endpoint: String,
    pub(crate) method: String,
    /// Invocations per second.
    pub(crate) rate: u32,
    description: Option<String>,
    created: SystemTime,
    modified: SystemTime,
}

impl ApiDestination {
    /// It became active or inactive, which counts as a change of its own.
    pub(super) fn turned_at(&mut self, now: SystemTime) {
        self.modified = now;
    }
}

impl State {
    /// Whether invocations go out: the connection has to be there, and authorized.
    pub(crate) fn invokes(&self, destination: &ApiDestination) -> bool {
        self.connection(&destination.connection_arn)
            .is_some_and(|connection| {
                matches!(
                    connection.state,
                    ConnectionState::Active | ConnectionState::Authorized | ConnectionState::Updating
                )
            })
    }

    /// Whether a destination is ACTIVE: it still is while its connection is DEAUTHORIZING, and INACTIVE once that is
    /// DEAUTHORIZED (stackd, describe-destination-deauthorized and state-primary-deauthorized).
    pub(crate) fn is_active(&self, destination: &ApiDestination) -> bool {
        let connection = self.connection(&destination.connection_arn);
        self.invokes(destination)
            || connection.is_some_and(|connection| connection.state == ConnectionState::Deauthorizing)
    }
}

/// The members of the answers; DescribeApiDestination has the description too.
fn json(state: &State, destination: &ApiDestination, members: &[&str]) -> Value {
    let value = |member: &str| {
        Some(match member {
            "ApiDestinationArn" => destination.arn.clone().into(),
            "Name" => destination.name.clone().into(),
            "Description" => destination.description.clone()?.into(),
            "ApiDestinationState" if state.is_active(destination) => "ACTIVE".into(),
            "ApiDestinationState" => "INACTIVE".into(),
            // Of a connection that is gone, too.
            "ConnectionArn" => destination.connection_arn.clone().into(),
            "InvocationEndpoint" => destination.endpoint.clone().into(),
            "HttpMethod" => destination.method.clone().into(),
            "InvocationRateLimitPerSecond" => destination.rate.into(),
            "CreationTime" => json!(whole_seconds(destination.created)),
            "LastModifiedTime" => json!(whole_seconds(destination.modified)),
            _ => return None,
        })
    };
    let found = members
        .iter()
        .filter_map(|member| Some(((*member).to_owned(), value(member)?)));
    Value::Object(found.collect::<Map<_, _>>())
}

const ANSWER: &[&str] = &[
    "ApiDestinationArn",
    "ApiDestinationState",
    "CreationTime",
    "LastModifiedTime",
];

fn check_connection(world: &World, verb: &str, arn: &str) -> Answer<String> {
    let seen = world.events().connection(arn).filter(|_| !world.is_unseen(arn));
    let connection = seen.ok_or_else(|| {
        ApiError::new(
            "ResourceNotFoundException",
            format!("Failed to {verb} the api-destination(s). Connection '{arn}' does not exist."),
        )
    })?;
    Ok(connection.arn.clone())
}

/// The scheme may be left out; a host must be there, whole and without credentials.
fn check_endpoint(world: &World, verb: &str, endpoint: &str) -> Answer<()> {
    let (scheme, rest) = endpoint.split_once("://").unwrap_or(("https", endpoint));
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let taken = scheme == "https" || (scheme == "http" && world.settings.accepts_http_destinations);
    if taken && !host.is_empty() && !host.contains(['@', '*']) {
        return Ok(());
    }
    Err(validation(format!(
        "Failed to {verb} the api-destination(s). Parameter InvocationEndpoint is not valid. Reason: Endpoint '{endpoint}' is \
         invalid, please provide a valid HTTPS endpoint URL."
    )))
}

/// The rate that an input asks for, if it does.
fn rate(input: &Value) -> Answer<Option<u32>> {
    let wanted = input.get("InvocationRateLimitPerSecond").and_then(Value::as_u64);
    match wanted.map(u32::try_from) {
        None => Ok(None),
        Some(Ok(rate)) if rate <= MOST_PER_SECOND => Ok(Some(rate)),
        Some(_) => Err(limit_exceeded()),
    }
}

pub(super) fn create(world: &mut World, input: &Value) -> Answer<Reply> {
    let name = text(input, "Name").unwrap_or_default().to_owned();
    if world.events().destinations.contains_key(&name) {
        return Err(ApiError::new(
            "ResourceAlreadyExistsException",
            format!("An api-destination '{name}' already exists."),
        ));
    }
    if world.events().destinations.len() >= world.settings.api_destinations {
        return Err(limit_exceeded());
    }
    let endpoint = text(input, "InvocationEndpoint").unwrap_or_default();
    check_endpoint(world, "create", endpoint)?;
    let destination = ApiDestination {
        arn: world.arn("events", format_args!("api-destination/{name}/{}", ids::uuid())),
        connection_arn: check_connection(world, "create", text(input, "ConnectionArn").unwrap_or_default())?,
        endpoint: endpoint.to_owned(),
        method: text(input, "HttpMethod").unwrap_or_default().to_owned(),
        rate: rate(input)?.unwrap_or(MOST_PER_SECOND),
        description: text(input, "Description").map(str::to_owned),
        created: world.now(),
        modified: world.now(),
        name: name.clone(),
    };
    let body = json(world.events(), &destination, ANSWER);
    let arn = destination.arn.clone();
    world.events_mut().destinations.insert(name, destination);
    world.made(&arn);
    Ok(Reply::json(body))
}

fn not_found(verb: &str, name: &str) -> ApiError {
    ApiError::new(
        "ResourceNotFoundException",
        format!("Failed to {verb} the api-destination(s). An api-destination '{name}' does not exist."),
    )
}

pub(super) fn describe(world: &mut World, input: &Value) -> Answer<Reply> {
    let name = text(input, "Name").unwrap_or_default();
    let arn = world
        .events()
        .destinations
        .get(name)
        .map(|found| found.arn.clone());
    if arn.is_some_and(|arn| world.fresh.misses(&arn)) {
        return Err(not_found("describe", name));
    }
    let found = world
        .events()
        .destinations
        .get(name)
        .ok_or_else(|| not_found("describe", name))?;
    let before = world.stale.shown(&found.arn, world.elapsed());
    Ok(Reply::json(
        before
            .cloned()
            .unwrap_or_else(|| described(world.events(), found)),
    ))
}

/// All that a description tells.
fn described(state: &State, destination: &ApiDestination) -> Value {
    const MEMBERS: &[&str] = &[
        "ApiDestinationArn",
        "Name",
        "Description",
        "ApiDestinationState",
        "ConnectionArn",
        "InvocationEndpoint",
        "HttpMethod",
        "InvocationRateLimitPerSecond",
        "CreationTime",
        "LastModifiedTime",
    ];
    json(state, destination, MEMBERS)
}

pub(super) fn update(world: &mut World, input: &Value) -> Answer<Reply> {
    let name = text(input, "Name").unwrap_or_default();
    let Some(found) = world.events().destinations.get(name) else {
        return Err(not_found("update", name));
    };
    let (arn, before) = (found.arn.clone(), described(world.events(), found));
    let endpoint = text(input, "InvocationEndpoint");
    if let Some(endpoint) = endpoint {
        check_endpoint(world, "update", endpoint)?;
    }
    let connection = match text(input, "ConnectionArn") {
        None => None,
        Some(arn) => Some(check_connection(world, "update", arn)?),
    };
    let rate = rate(input)?;
    let now = world.now();
    let empty_description_clears = world.settings.empty_description_clears;
    let Some(found) = world.events_mut().destinations.get_mut(name) else {
        return Err(not_found("update", name));
    };
    let set = |member: &mut String, value: Option<&str>| {
        if let Some(value) = value {
            value.clone_into(member);
        }
    };
    set(&mut found.endpoint, endpoint);
    set(&mut found.method, text(input, "HttpMethod"));
    set(&mut found.connection_arn, connection.as_deref());
    if let Some(description) = text(input, "Description") {
        replace_description(&mut found.description, description, empty_description_clears);
    }
    found.rate = rate.unwrap_or(found.rate);
    found.modified = now;
    world.changed(&arn, before);
    Ok(Reply::json(json(
        world.events(),
        &world.events().destinations[name],
        ANSWER,
    )))
}

pub(super) fn delete(world: &mut World, input: &Value) -> Answer<Reply> {
    let name = text(input, "Name").unwrap_or_default();
    match world.events_mut().destinations.remove(name) {
        Some(_) => Ok(Reply::json(json!({}))),
        None => Err(not_found("delete", name)),
    }
}

pub(super) fn list(world: &mut World, input: &Value) -> Answer<Reply> {
    let prefix = text(input, "NamePrefix").unwrap_or_default();
    let connection = text(input, "ConnectionArn");
    if connection.is_some() && text(input, "NamePrefix").is_some() {
        return Err(validation(
            "Failed to list the api-destination(s). Request failed because only one filter is supported per request, either \
             ConnectionArn or NamePrefix.",
        ));
    }
    let unlisted = world.fresh.unlisted(&world.arn("events", "api-destination/"));
    let wanted = world.events().destinations.iter().filter(|(name, destination)| {
        name.starts_with(prefix)
            && !unlisted.contains(&destination.arn)
            && connection.is_none_or(|arn| arn == destination.connection_arn)
    });
    const MEMBERS: &[&str] = &[
        "ApiDestinationArn",
        "Name",
        "ApiDestinationState",
        "ConnectionArn",
        "InvocationEndpoint",
        "HttpMethod",
        "InvocationRateLimitPerSecond",
        "CreationTime",
        "LastModifiedTime",
    ];
    let (items, next) = page(input, wanted, |destination| {
        json(world.events(), destination, MEMBERS)
    })?;
    Ok(listing("ApiDestinations", items, next))
}
