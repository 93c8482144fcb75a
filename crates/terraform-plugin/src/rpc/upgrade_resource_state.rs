//! UpgradeResourceState: from stored JSON to a state of today's schema. Core calls it before every read.

use super::{Refused, Rpc, answer::Answer, caught, convert};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    plan,
    resource::Handler,
    shape::bug,
    value::Value,
    wire::tfplugin6::upgrade_resource_state::{Request, Response},
};

pub(super) async fn call(rpc: Rpc, request: Request) -> Result<Response, Refused> {
    let handler = rpc.plugin.resource(&request.type_name)?;
    let stored = request.raw_state.unwrap_or_default().json;
    let upgraded = upgrade(handler.as_ref(), request.version, &stored).await;
    Ok(
        match upgraded.and_then(|state| convert::dynamic_value(&state, handler.shape())) {
            Ok(state) => Response {
                upgraded_state: Some(state),
                diagnostics: Vec::new(),
            },
            Err(found) => Response::failed(found, handler.shape()),
        },
    )
}

/// A state of today's schema from a stored one.
pub(super) async fn upgrade(handler: &dyn Handler, version: i64, json: &[u8]) -> Result<Value, Diagnostics> {
    let shape = handler.shape();
    if json.is_empty() {
        let detail =
            "The stored state is empty, or was written by Terraform 0.11 or older, before this provider was.";
        return Err(Diagnostic::error("Unreadable state", detail).into());
    }
    let current = shape.schema.version();
    let state = if version == current {
        convert::stored(json, &shape.ty).map_err(|err| {
            let detail = format!("The stored state does not fit the schema: {err}.");
            Diagnostic::error("Unreadable state", detail).at(err.path)
        })?
    } else if version > current {
        let detail = format!(
            "The state was written under schema version {version} of {}; this version of the provider knows \
             {current}. Upgrade the provider.",
            shape.name
        );
        return Err(Diagnostic::error("State of a newer provider", detail).into());
    } else {
        caught(handler.upgrade(version, json.to_vec())).await?
    };
    // Of computed blocks the state has some only where the host knows them.
    let state = plan::as_state(&shape.schema.body, state, true);
    let unknown = state.unknown_paths();
    if !unknown.is_empty() {
        let bugs = unknown
            .into_iter()
            .map(|path| bug(shape, path, "an upgraded state must be known"));
        return Err(bugs.collect());
    }
    Ok(state)
}
