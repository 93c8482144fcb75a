//! ImportResourceState: takes over what exists, by id or by identity. ReadResource follows.

use super::{
    Refused, Rpc,
    answer::Answer,
    caught, convert,
    deferral::{self, Deferring},
};
use crate::{
    call::{Call, Deferral},
    diagnostic::{Diagnostic, Diagnostics},
    identity::is_missing,
    path::Path,
    plan,
    private::{self, BEFORE_FIRST_READ, Private},
    resource::{Handler, ImportRequest, Record},
    shape::{Shape, bug},
    value::Value,
    wire::tfplugin6::{
        Deferred,
        import_resource_state::{ImportedResource, Request, Response},
    },
};

/// What an import came to.
enum Imported {
    Resource(ImportedResource),
    Deferred(Deferred),
}

pub(super) async fn call(rpc: Rpc, request: Request) -> Result<Response, Refused> {
    let handler = rpc.plugin.resource(&request.type_name)?;
    let shape = handler.shape();
    let call = rpc.call(request.client_capabilities.as_ref());
    let warnings = call.warnings.clone();
    let everything_deferred = rpc.plugin.deferral(call.deferral_allowed);
    let imported = import(handler.as_ref(), call, &request, everything_deferred).await;
    let mut found = warnings.take();
    let mut response = Response::default();
    match imported {
        Ok(Imported::Resource(resource)) => response.imported_resources.push(resource),
        Ok(Imported::Deferred(deferred)) => match unknown(shape) {
            Ok(resource) => {
                response.imported_resources.push(resource);
                response.deferred = Some(deferred);
            }
            Err(bugs) => found.extend(bugs),
        },
        Err(errors) => found.extend(errors),
    }
    response.add(found, shape);
    Ok(response)
}

/// What is imported where nothing can be said about it yet.
fn unknown(shape: &Shape) -> Result<ImportedResource, Diagnostics> {
    Ok(ImportedResource {
        type_name: shape.name.to_owned(),
        state: Some(convert::dynamic_value(&Value::UNKNOWN, shape)?),
        private: Vec::new(),
        identity: None,
    })
}

async fn import(
    handler: &dyn Handler,
    call: Call,
    request: &Request,
    everything_deferred: Option<Deferral>,
) -> Result<Imported, Diagnostics> {
    let shape = handler.shape();
    let identity = convert::identity(request.identity.as_ref(), shape)?;
    let by_id = !request.id.is_empty();
    if !by_id {
        complete_enough(shape, &identity)?;
    }
    if let Some(why) = everything_deferred {
        return Ok(Imported::Deferred(deferral::wire(why)));
    }
    let deferring = Deferring::of(&call);
    let computed_blocks = call.computed_blocks_allowed;
    // What is imported by identity has it from the start.
    let record = Record::new(Value::Null, Private::new()).with_identity(identity.clone());
    let wanted = ImportRequest {
        id: request.id.clone(),
        identity: identity.clone(),
    };
    caught(handler.import(call, wanted, record.clone())).await?;
    if let Some(deferred) = deferring.wanted(shape.name)? {
        return Ok(Imported::Deferred(deferred));
    }
    let mut draft = record.snapshot();
    if draft.value.is_null() {
        let detail = if by_id {
            format!("There is no {} with the id {:?}.", shape.name, request.id)
        } else {
            format!("There is no {} with this identity.", shape.name)
        };
        return Err(Diagnostic::error("Nothing to import", detail).into());
    }
    draft.value = plan::as_state(&shape.schema.body, draft.value, computed_blocks);
    let unknown = draft.value.unknown_paths().into_iter();
    let identities = shape.identity.iter();
    unknown
        .map(|path| bug(shape, path, "what was imported must be known"))
        .chain(
            identities
                .flat_map(|of| of.completed(&identity, &draft.identity))
                .map(|rule| bug(shape, Path::root(), rule)),
        )
        .collect::<Diagnostics>()
        .into_outcome()?;
    if shape.identity.is_some() {
        draft
            .private
            .insert(BEFORE_FIRST_READ.to_owned(), serde_json::Value::Bool(true));
    }
    Ok(Imported::Resource(ImportedResource {
        type_name: shape.name.to_owned(),
        state: Some(convert::dynamic_value(&draft.value, shape)?),
        private: private::write(&draft.private),
        identity: convert::identity_data(&draft.identity, shape)?,
    }))
}

/// Whether an identity says enough to import by it.
fn complete_enough(shape: &Shape, identity: &Value) -> Result<(), Diagnostics> {
    let Some(of) = &shape.identity else {
        let detail = format!("{} is imported by its id, not by its identity.", shape.name);
        return Err(Diagnostic::error("Import without an id", detail).into());
    };
    if is_missing(identity) {
        let detail = format!("Give the id or the identity of the {}.", shape.name);
        return Err(Diagnostic::error("Import without an id and without an identity", detail).into());
    }
    if !identity.is_wholly_known() {
        let detail = "An identity to import by must be known. Apply what it refers to first.";
        return Err(Diagnostic::error("Import by an unknown identity", detail).into());
    }
    let missing = of.missing_for_import(identity);
    if missing.is_empty() {
        return Ok(());
    }
    let detail = format!("The identity of a {} needs {}.", shape.name, missing.join(", "));
    Err(Diagnostic::error("Import by an incomplete identity", detail).into())
}
