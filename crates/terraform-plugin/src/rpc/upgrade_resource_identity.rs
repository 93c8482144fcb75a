//! UpgradeResourceIdentity: from stored JSON to an identity of today's schema. Core calls it where the versions
//! differ.

use super::{Refused, Rpc, answer::Answer, caught, convert};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    resource::Handler,
    value::{
        Value,
        json::{self, Strictness},
    },
    wire::tfplugin6::upgrade_resource_identity::{Request, Response},
};

pub(super) async fn call(rpc: Rpc, request: Request) -> Result<Response, Refused> {
    let handler = rpc.plugin.resource(&request.type_name)?;
    let stored = request.raw_identity.unwrap_or_default().json;
    let upgraded = upgrade(handler.as_ref(), request.version, &stored).await;
    Ok(
        match upgraded.and_then(|identity| convert::identity_data(&identity, handler.shape())) {
            Ok(upgraded_identity) => Response {
                upgraded_identity,
                diagnostics: Vec::new(),
            },
            Err(found) => Response::failed(found, handler.shape()),
        },
    )
}

/// An identity of today's schema from a stored one.
pub(super) async fn upgrade(
    handler: &dyn Handler,
    version: i64,
    stored: &[u8],
) -> Result<Value, Diagnostics> {
    let shape = handler.shape();
    let Some(identity) = &shape.identity else {
        let detail = format!("{} has no identity in this version of the provider.", shape.name);
        return Err(Diagnostic::error("No identity", detail).into());
    };
    let current = identity.schema.version();
    if version == current {
        return json::decode(stored, &identity.ty, Strictness::Lenient).map_err(|err| {
            let detail = format!(
                "The stored identity of {} does not fit its schema: {err}.",
                shape.name
            );
            Diagnostic::error("Unreadable identity", detail).into()
        });
    }
    if version > current {
        let detail = format!(
            "The identity of this {} was written under version {version} of its schema; this version of the provider \
             knows {current}. Upgrade the provider.",
            shape.name
        );
        return Err(Diagnostic::error("Identity of a newer provider", detail).into());
    }
    let stored = serde_json::from_slice(stored)
        .map_err(|_| Diagnostic::error("Unreadable identity", "The stored identity is no JSON."))?;
    caught(handler.upgrade_identity(version, stored)).await
}
