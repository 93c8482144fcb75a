//! UpgradeResourceState: from stored JSON to a state of today's schema. Core calls it before every read.

use super::{Rpc, answer::Answer, bug, caught, convert};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    plan,
    resource::Handler,
    value::{Type, Value},
    wire::tfplugin6::{
        DynamicValue,
        upgrade_resource_state::{Request, Response},
    },
};

pub(super) async fn call(rpc: Rpc, request: Request) -> Response {
    let handler = match rpc.plugin.resource(&request.type_name) {
        Ok(handler) => handler,
        Err(unknown) => return Response::failed(unknown, &Type::Dynamic),
    };
    match upgrade(handler.as_ref(), &request).await {
        Ok(state) => Response {
            upgraded_state: Some(state),
            diagnostics: Vec::new(),
        },
        Err(found) => Response::failed(found, &handler.shape().ty),
    }
}

async fn upgrade(handler: &dyn Handler, request: &Request) -> Result<DynamicValue, Diagnostics> {
    let shape = handler.shape();
    let stored = request.raw_state.as_ref();
    let json = stored.map(|stored| stored.json.as_slice()).unwrap_or_default();
    if json.is_empty() {
        let detail =
            "The stored state is empty, or was written by Terraform 0.11 or older, before this provider was.";
        return Err(Diagnostic::error("Unreadable state", detail).into());
    }
    let current = shape.schema.version();
    let state = if request.version == current {
        convert::stored(json, &shape.ty).map_err(|err| {
            let detail = format!("The stored state does not fit the schema: {err}.");
            Diagnostic::error("Unreadable state", detail).at(err.path)
        })?
    } else if request.version > current {
        let detail = format!(
            "The state was written under schema version {} of {}; this version of the provider knows {current}. \
             Upgrade the provider.",
            request.version, shape.name
        );
        return Err(Diagnostic::error("State of a newer provider", detail).into());
    } else {
        let json = serde_json::from_slice(json)
            .map_err(|_| Diagnostic::error("Unreadable state", "The stored state is no JSON."))?;
        caught(handler.upgrade(request.version, json)).await?
    };
    let state = match state {
        state @ Value::Object(_) => plan::null_write_only(&shape.schema.body, state),
        state => state,
    };
    let unknown = state.unknown_paths();
    if !unknown.is_empty() {
        let bugs = unknown
            .into_iter()
            .map(|path| bug(shape, path, "an upgraded state must be known"));
        return Err(bugs.collect());
    }
    convert::dynamic_value(&state, shape)
}
