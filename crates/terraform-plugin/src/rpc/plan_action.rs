//! PlanAction: whether an action could be done.

use super::{Rpc, answer::Answer, bug, caught, convert, deferred::deferred};
use crate::{
    path::Path,
    resource::Deferral,
    value::Type,
    wire::tfplugin6::plan_action::{Request, Response},
};

pub(super) async fn call(rpc: Rpc, request: Request) -> Response {
    let handler = match rpc.plugin.actions().get(&request.action_type) {
        Ok(handler) => handler,
        Err(unknown) => return Response::failed(unknown, &Type::Dynamic),
    };
    let shape = handler.shape();
    let config = match convert::value(request.config.as_ref(), &shape.ty, "configuration") {
        Ok(config) => config,
        Err(unreadable) => return Response::failed(unreadable, &shape.ty),
    };
    let call = rpc.call(request.client_capabilities.as_ref());
    let outcome = caught(handler.plan(call.clone(), config)).await;
    let mut response = Response::default();
    let mut found = call.warnings.take();
    match (call.deferred.get(), deferred(&call, &shape.owner())) {
        (_, Ok(None)) => found.extend(outcome.err().into_iter().flatten()),
        (_, Err(refused)) => found.push(refused),
        (Some(Deferral::ProviderConfigUnknown), Ok(wait)) => response.deferred = wait,
        (_, Ok(Some(_))) => {
            let rule = "an action is put off only because the provider's configuration is unknown";
            found.push(bug(shape, Path::root(), rule));
        }
    }
    response.add(found, &shape.ty);
    response
}
