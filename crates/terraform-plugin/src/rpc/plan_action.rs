//! PlanAction: whether an action could be done.

use super::{
    Refused, Rpc,
    answer::Answer,
    caught, convert,
    deferral::{self, Deferring},
};
use crate::{
    call::Deferral,
    path::Path,
    shape::bug,
    wire::tfplugin6::plan_action::{Request, Response},
};

pub(super) async fn call(rpc: Rpc, request: Request) -> Result<Response, Refused> {
    let handler = rpc.plugin.actions().get(&request.action_type)?;
    let shape = handler.shape();
    let config = convert::config(request.config.as_ref(), shape)?;
    let call = rpc.call(request.client_capabilities.as_ref());
    let mut response = Response::default();
    // Only for this reason may core put an action off.
    if let Some(why @ Deferral::ProviderConfigUnknown) = rpc.plugin.deferral(call.deferral_allowed) {
        response.deferred = Some(deferral::wire(why));
        return Ok(response);
    }
    let (warnings, deferring, asked) = (call.warnings.clone(), Deferring::of(&call), call.deferred.clone());
    let outcome = caught(handler.plan(call, config)).await;
    let mut found = warnings.take();
    match (deferring.wanted(&shape.owner()), asked.get()) {
        (Ok(None), _) => found.extend(outcome.err().into_iter().flatten()),
        (Err(refused), _) => found.extend(refused),
        (Ok(deferred), Some(Deferral::ProviderConfigUnknown)) => response.deferred = deferred,
        (Ok(Some(_)), _) => {
            let rule = "an action is put off only because the provider's configuration is unknown";
            found.push(bug(shape, Path::root(), rule));
        }
    }
    response.add(found, shape);
    Ok(response)
}
