//! MoveResourceState: state of another type or provider becomes a resource of this type.

use super::{
    Refused, Rpc, answer::Answer, caught_at_once, convert, upgrade_resource_identity, upgrade_resource_state,
};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    path::Path,
    plan,
    private::{self, Private},
    resource::{Handler, MoveSource, Record},
    shape::bug,
    value::Value,
    wire::tfplugin6::move_resource_state::{Request, Response},
};

pub(super) async fn call(rpc: Rpc, request: Request) -> Result<Response, Refused> {
    let handler = rpc.plugin.resource(&request.target_type_name)?;
    Ok(match moved(&rpc, handler.as_ref(), request).await {
        Ok(response) => response,
        Err(found) => Response::failed(found, handler.shape()),
    })
}

async fn moved(rpc: &Rpc, handler: &dyn Handler, request: Request) -> Result<Response, Diagnostics> {
    let shape = handler.shape();
    let identity = request.source_identity.map(|identity| identity.json);
    let source = MoveSource {
        provider: request.source_provider_address,
        type_name: request.source_type_name,
        schema_version: request.source_schema_version,
        state: request.source_state.unwrap_or_default().json,
        private: request.source_private,
        identity: identity.filter(|json| !json.is_empty()),
        identity_schema_version: request.source_identity_schema_version,
    };
    if source.state.is_empty() {
        let detail = "The state to move is empty, or was written by Terraform 0.11 or older.";
        return Err(Diagnostic::error("Unreadable state", detail).into());
    }
    if source.type_name == shape.name && same_provider(&source.provider, rpc.plugin.address()) {
        return readdressed(handler, source).await;
    }
    let record = Record::new(Value::Null, Private::new());
    caught_at_once(|| handler.move_from(&source, record.clone()))?;
    let mut draft = record.snapshot();
    let computed_blocks = rpc.plugin.capabilities().computed_blocks_allowed;
    draft.value = plan::as_state(&shape.schema.body, draft.value, computed_blocks);
    let rules = draft
        .value
        .unknown_paths()
        .into_iter()
        .map(|path| bug(shape, path, "what was moved must be known"));
    let gone = draft
        .value
        .is_null()
        .then(|| bug(shape, Path::root(), "a move must record a state"));
    let identity = shape.identity.as_ref().into_iter().flat_map(|identity| {
        let broken = identity.completed(&Value::Null, &draft.identity).into_iter();
        broken.map(|rule| bug(shape, Path::root(), rule))
    });
    rules
        .chain(gone)
        .chain(identity)
        .collect::<Diagnostics>()
        .into_outcome()?;
    Ok(Response {
        target_state: Some(convert::dynamic_value(&draft.value, shape)?),
        target_private: private::write(&draft.private),
        target_identity: convert::identity_data(&draft.identity, shape)?,
        diagnostics: Vec::new(),
    })
}

/// Whether two addresses are of one provider: the same type, published by another namespace or on another registry.
fn same_provider(one: &str, other: &str) -> bool {
    one.rsplit('/').next() == other.rsplit('/').next()
}

/// The same type of the same provider, under another address: its state is upgraded like any stored state.
async fn readdressed(handler: &dyn Handler, source: MoveSource) -> Result<Response, Diagnostics> {
    let shape = handler.shape();
    let state = upgrade_resource_state::upgrade(handler, source.schema_version, &source.state).await?;
    let identity = match (&shape.identity, &source.identity) {
        (Some(_), Some(stored)) => {
            upgrade_resource_identity::upgrade(handler, source.identity_schema_version, stored).await?
        }
        _ => Value::Null,
    };
    Ok(Response {
        target_state: Some(convert::dynamic_value(&state, shape)?),
        target_private: source.private,
        target_identity: convert::identity_data(&identity, shape)?,
        diagnostics: Vec::new(),
    })
}
