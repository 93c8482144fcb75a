//! KMS: DescribeKey, for the one key that a connection can name.

use serde_json::{Value, json};

use crate::core::error::{Answer, ApiError};
use crate::core::registration::Registration;
use crate::core::surface::Surface;
use crate::core::timestamp::epoch_seconds;
use crate::core::words;
use crate::core::world::World;
use crate::service::{self, Operation, Service};
use crate::wire::shape::{Shape, list, optional, required, text};
use crate::wire::{Protocol, Reply, json};

/// Every operation there is.
const OPERATIONS: &[Operation] = &[Operation::json("DescribeKey", |world, input, _| {
    describe(world, input)
})];

static SURFACE: Surface = Surface::new("kms", words::JSON, || service::names(OPERATIONS));

pub(crate) static SERVICE: Service = Service {
    surface: &SURFACE,
    registration: &Registration {
        surface: Some(&SURFACE),
        ..Registration::NOTHING
    },
    protocol: Protocol::Json("TrentService", "1.1"),
    resources: &["KeyId"],
    check,
    operations: OPERATIONS,
};

/// The id and alias of the key, the same in every account here.
const KEY_ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";
const ALIAS: &str = "alias/local";

fn check(_: &str, input: &Value) -> Answer<()> {
    let shape = Shape::Object(vec![
        required("KeyId", text(1, 2048).shape()),
        optional("GrantTokens", list(0, 10, text(1, 8192).shape())),
    ]);
    json::check(&shape, input)
}

fn arn(world: &World) -> String {
    world.arn("kms", format_args!("key/{KEY_ID}"))
}

/// Whether a key has this id, ARN, alias or alias ARN.
pub(crate) fn is_key(world: &World, identifier: &str) -> bool {
    identifier == KEY_ID
        || identifier == ALIAS
        || identifier == arn(world)
        || identifier == world.arn("kms", ALIAS)
}

fn describe(world: &World, input: &Value) -> Answer<Reply> {
    let id = input["KeyId"].as_str().unwrap_or_default();
    if id.starts_with("arn:") && !id.contains(":kms:") {
        return Err(ApiError::bad_request(
            "InvalidArnException",
            format!("Invalid arn {id}"),
        ));
    }
    if !is_key(world, id) {
        let message = if id.contains("alias/") {
            format!("Alias {id} is not found.")
        } else {
            format!(
                "Key '{}' does not exist",
                world.arn("kms", format_args!("key/{id}"))
            )
        };
        return Err(ApiError::bad_request("NotFoundException", message));
    }
    Ok(Reply::json(json!({ "KeyMetadata": {
        "AWSAccountId": world.origin.account_id,
        "KeyId": KEY_ID,
        "Arn": arn(world),
        "CreationDate": epoch_seconds(world.began()),
        "Enabled": true,
        "Description": "Secrets of connections",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": "Enabled",
        "Origin": "AWS_KMS",
        "KeyManager": "CUSTOMER",
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "MultiRegion": false,
    } })))
}
