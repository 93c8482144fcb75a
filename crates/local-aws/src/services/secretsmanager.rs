//! Secrets Manager: the secrets that EventBridge keeps for connections. Each is there as long as its connection
//! has it; nobody but EventBridge makes, changes or deletes them, and values are not given out.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use crate::core::error::{Answer, ApiError};
use crate::core::page;
use crate::core::registration::Registration;
use crate::core::surface::Surface;
use crate::core::timestamp::epoch_seconds;
use crate::core::words;
use crate::core::world::World;
use crate::service::{self, Operation, Service};
use crate::services::events::{Connection, ConnectionState};
use crate::wire::Reply;
use crate::wire::model::{Model, Violation, in_one_sentence};

/// Every operation there is.
const OPERATIONS: &[Operation] = &[
    Operation::at_once("DescribeSecret", |world, input, _| describe(world, input)),
    Operation::at_once("ListSecrets", |world, input, _| list_secrets(world, input)),
];

static SURFACE: Surface = Surface::new("secretsmanager", words::JSON, || service::names(OPERATIONS));

static MODEL: LazyLock<Model<'static>> =
    LazyLock::new(|| Model::read(include_str!("secretsmanager/model.json")));

pub(crate) static SERVICE: Service = Service {
    surface: &SURFACE,
    registration: &Registration {
        surface: Some(&SURFACE),
        ..Registration::NOTHING
    },
    model: &MODEL,
    resources: &["SecretId"],
    refuses,
    operations: OPERATIONS,
};

/// This service has an exception of its own for what breaks a constraint.
fn refuses(violations: Vec<Violation>) -> ApiError {
    let error = in_one_sentence(violations);
    match error.code.as_str() {
        "ValidationException" => ApiError::new("InvalidParameterException", error.message),
        _ => error,
    }
}

/// The name in a secret's ARN: without the dash and six characters behind it.
fn name_of(arn: &str) -> &str {
    let name = arn.splitn(7, ':').last().unwrap_or_default();
    name.rsplit_once('-').map_or(name, |(name, _)| name)
}

/// Whether the secret of a connection is marked for deletion.
fn is_leaving(connection: &Connection) -> bool {
    matches!(
        connection.state,
        ConnectionState::Deauthorizing | ConnectionState::Deleting
    )
}

/// The members of DescribeSecret and ListSecrets, which have the versions under different names.
fn json(connection: &Connection, arn: &str) -> Value {
    let name = name_of(arn);
    let versions = json!({ connection.secret_version.as_str(): ["AWSCURRENT"] });
    let mut secret = json!({
        "ARN": arn,
        "Name": name,
        "OwningService": "events",
        "CreatedDate": epoch_seconds(connection.created),
        "LastChangedDate": epoch_seconds(connection.modified),
        "Tags": [{ "Key": "aws:secretsmanager:owningService", "Value": "events" }],
        "VersionIdsToStages": versions,
        "SecretVersionsToStages": versions,
    });
    // A while after EventBridge has marked it for deletion it is gone.
    if is_leaving(connection) {
        secret["DeletedDate"] = epoch_seconds(connection.modified).into();
    }
    if let Some(key) = &connection.kms_key {
        secret["KmsKeyId"] = key.clone().into();
    }
    secret
}

/// The secrets that there are, with their connections.
fn all(world: &World) -> impl Iterator<Item = (&str, &Connection)> {
    let connections = world.events().connections.values();
    connections.filter_map(|connection| Some((connection.secret_arn.as_deref()?, connection)))
}

fn describe(world: &World, input: &Value) -> Answer<Reply> {
    let id = input["SecretId"].as_str().unwrap_or_default();
    let found = all(world).find(|(arn, _)| *arn == id || name_of(arn) == id);
    let (arn, connection) = found.ok_or_else(|| {
        ApiError::new(
            "ResourceNotFoundException",
            "Secrets Manager can't find the specified secret.",
        )
    })?;
    Ok(Reply::json(json(connection, arn)))
}

/// Whether a secret is of a filter: any of the values is how the attribute begins; `!` in front turns it round.
fn admits(filter: &Value, secret: &Value) -> bool {
    let member = |name: &str| {
        secret[name]
            .as_str()
            .map(str::to_owned)
            .into_iter()
            .collect::<Vec<_>>()
    };
    let tags = |part: &str| {
        let tags = secret["Tags"].as_array().into_iter().flatten();
        tags.filter_map(|tag| tag[part].as_str().map(str::to_owned))
            .collect::<Vec<_>>()
    };
    let having = match filter["Key"].as_str().unwrap_or("all") {
        "name" => member("Name"),
        "owning-service" => member("OwningService"),
        "primary-region" => member("PrimaryRegion"),
        "tag-key" => tags("Key"),
        "tag-value" => tags("Value"),
        "description" => Vec::new(),
        _ => [
            member("Name"),
            member("OwningService"),
            tags("Key"),
            tags("Value"),
        ]
        .concat(),
    };
    let values = filter["Values"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    let mut values = values.peekable();
    values.peek().is_none()
        || values.any(|value| match value.strip_prefix('!') {
            Some(value) => !having.iter().any(|have| have.starts_with(value)),
            None => having.iter().any(|have| have.starts_with(value)),
        })
}

fn list_secrets(world: &World, input: &Value) -> Answer<Reply> {
    let filters = input["Filters"].as_array().map(Vec::as_slice).unwrap_or_default();
    let includes_leaving = input["IncludePlannedDeletion"] == true;
    let mut secrets: Vec<Value> = all(world)
        .filter(|(_, connection)| includes_leaving || !is_leaving(connection))
        .map(|(arn, connection)| json(connection, arn))
        .filter(|secret| filters.iter().all(|filter| admits(filter, secret)))
        .collect();
    let date = |secret: &Value, member: &str| secret[member].as_f64().unwrap_or_default();
    match input["SortBy"].as_str() {
        Some("name") => secrets.sort_by_cached_key(|secret| secret["Name"].as_str().map(str::to_owned)),
        Some("last-changed-date") => {
            secrets.sort_by(|a, b| date(a, "LastChangedDate").total_cmp(&date(b, "LastChangedDate")));
        }
        _ => secrets.sort_by(|a, b| date(a, "CreatedDate").total_cmp(&date(b, "CreatedDate"))),
    }
    if input["SortOrder"] != "asc" {
        secrets.reverse();
    }
    let limit = input["MaxResults"]
        .as_u64()
        .and_then(|most| usize::try_from(most).ok())
        .unwrap_or(100);
    let places = secrets.into_iter().enumerate();
    let places = places.map(|(place, secret)| (format!("{place:08}"), secret));
    let (page, next) = page::cut(places, input["NextToken"].as_str(), limit)
        .map_err(|_| ApiError::new("InvalidNextTokenException", "The NextToken value is invalid."))?;
    let mut body = Map::from_iter([("SecretList".to_owned(), Value::Array(page))]);
    if let Some(next) = next {
        body.insert("NextToken".to_owned(), next.into());
    }
    Ok(Reply::json(Value::Object(body)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secrets_name_is_in_its_arn() {
        let arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:events!connection/orders/0-1-abcdef";
        assert_eq!(name_of(arn), "events!connection/orders/0-1");
    }

    #[test]
    fn filters_compare_beginnings_and_can_be_turned_round() {
        let secret = json!({ "Name": "events!connection/orders/1", "OwningService": "events", "Tags": [] });
        for (filter, expected) in [
            (json!({ "Key": "name", "Values": ["events!connection/or"] }), true),
            (json!({ "Key": "name", "Values": ["orders"] }), false),
            (json!({ "Key": "owning-service", "Values": ["!events"] }), false),
            (json!({ "Key": "all", "Values": ["x", "events"] }), true),
            (json!({ "Key": "description", "Values": ["x"] }), false),
        ] {
            assert_eq!(admits(&filter, &secret), expected, "{filter}");
        }
    }
}
