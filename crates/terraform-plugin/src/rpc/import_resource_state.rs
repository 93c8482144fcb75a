//! ImportResourceState: takes over what exists. ReadResource follows.

use super::{Rpc, answer::Answer, bug, caught, convert};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    resource::{Call, Handler, Private, Record, write_private},
    value::{Type, Value},
    wire::tfplugin6::import_resource_state::{ImportedResource, Request, Response},
};

pub(super) async fn call(rpc: Rpc, request: Request) -> Response {
    let handler = match rpc.plugin.resource(&request.type_name) {
        Ok(handler) => handler,
        Err(unknown) => return Response::failed(unknown, &Type::Dynamic),
    };
    let call = rpc.call(request.client_capabilities.as_ref());
    let warnings = call.warnings.clone();
    let imported = import(handler.as_ref(), call, request).await;
    let mut found = warnings.take();
    let mut response = Response::default();
    match imported {
        Ok(resource) => response.imported_resources.push(resource),
        Err(errors) => found.extend(errors),
    }
    response.add(found, &handler.shape().ty);
    response
}

async fn import(
    handler: &dyn Handler,
    call: Call,
    request: Request,
) -> Result<ImportedResource, Diagnostics> {
    let shape = handler.shape();
    if request.id.is_empty() {
        let detail = format!("{} is imported by its id, not by its identity.", shape.name);
        return Err(Diagnostic::error("Import without an id", detail).into());
    }
    let record = Record::new(Value::Null, Private::new());
    caught(handler.import(call, request.id.clone(), record.clone())).await?;
    let draft = record.snapshot();
    if draft.value.is_null() {
        let detail = format!("There is no {} with the id {:?}.", shape.name, request.id);
        return Err(Diagnostic::error("Nothing to import", detail).into());
    }
    let unknown = draft.value.unknown_paths().into_iter();
    unknown
        .map(|path| bug(shape, path, "what was imported must be known"))
        .collect::<Diagnostics>()
        .into_outcome()?;
    Ok(ImportedResource {
        type_name: request.type_name,
        state: Some(convert::dynamic_value(&draft.value, shape)?),
        private: write_private(&draft.private),
        identity: None,
    })
}
