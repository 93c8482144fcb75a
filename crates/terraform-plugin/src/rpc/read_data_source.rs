//! ReadDataSource: what there is, from wherever it comes.

use super::{
    Refused, Rpc,
    answer::Answer,
    caught, convert,
    deferral::{self, Deferring},
};
use crate::{
    diagnostic::Diagnostics,
    plan,
    shape::{Shape, bug},
    value::Value,
    wire::tfplugin6::read_data_source::{Request, Response},
};

pub(super) async fn call(rpc: Rpc, request: Request) -> Result<Response, Refused> {
    let handler = rpc.plugin.data_sources().get(&request.type_name)?;
    let shape = handler.shape();
    let config = convert::config(request.config.as_ref(), shape)?;
    let call = rpc
        .call_of(
            request.client_capabilities.as_ref(),
            request.provider_meta.as_ref(),
        )
        .map_err(Refused::of(shape))?;
    let unread = || plan::mark_computed_unknown(shape.schema.body.level(), config.clone(), &config);
    let (warnings, deferring) = (call.warnings.clone(), Deferring::of(&call));
    let mut response = Response::default();
    let state = if let Some(why) = rpc.plugin.deferral(call.deferral_allowed) {
        response.deferred = Some(deferral::wire(why));
        Ok(unread())
    } else {
        let outcome = caught(handler.read(call, config.clone())).await;
        // Whatever the author's code did after it asked to wait is not used, its error included.
        match deferring.wanted(&shape.owner()) {
            Ok(None) => outcome.and_then(|state| known(plan::carry(state, &config), shape)),
            Ok(deferred) => {
                response.deferred = deferred;
                Ok(unread())
            }
            Err(refused) => Err(refused),
        }
    };
    let mut found = warnings.take();
    match state.and_then(|state| convert::dynamic_value(&state, shape)) {
        Ok(state) => response.state = Some(state),
        Err(errors) => found.extend(errors),
    }
    response.add(found, shape);
    Ok(response)
}

fn known(state: Value, shape: &Shape) -> Result<Value, Diagnostics> {
    let unknown = state.unknown_paths().into_iter();
    let broken: Diagnostics = unknown
        .map(|path| bug(shape, path, "what was read must be known"))
        .collect();
    broken.into_outcome().map(|()| state)
}
