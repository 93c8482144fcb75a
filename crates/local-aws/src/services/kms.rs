//! KMS: DescribeKey, for the one key that a connection can name.

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::core::error::{Answer, ApiError};
use crate::core::registration::Registration;
use crate::core::surface::Surface;
use crate::core::timestamp::epoch_seconds;
use crate::core::words;
use crate::core::world::World;
use crate::service::{self, Operation, Service};
use crate::wire::Reply;
use crate::wire::model::{Model, in_one_sentence};

/// Every operation there is.
const OPERATIONS: &[Operation] = &[Operation::at_once("DescribeKey", |world, input, _| {
    describe(world, input)
})];

static SURFACE: Surface = Surface::new("kms", words::JSON, || service::names(OPERATIONS));

static MODEL: LazyLock<Model<'static>> = LazyLock::new(|| Model::read(include_str!("kms/model.json")));

pub(crate) static SERVICE: Service = Service {
    surface: &SURFACE,
    registration: &Registration {
        surface: Some(&SURFACE),
        ..Registration::NOTHING
    },
    model: &MODEL,
    resources: &["KeyId"],
    refuses: in_one_sentence,
    operations: OPERATIONS,
};

/// The id and alias of the key, the same in every account here.
const KEY_ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";
const ALIAS: &str = "alias/local";

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
        return Err(ApiError::new("InvalidArnException", format!("Invalid arn {id}")));
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
        return Err(ApiError::new("NotFoundException", message));
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
