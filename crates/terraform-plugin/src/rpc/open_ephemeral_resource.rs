//! OpenEphemeralResource: makes something that lives as long as the run.

use super::{
    Rpc,
    answer::Answer,
    bug, caught, convert,
    deferral::{self, Deferring},
};
use crate::{
    diagnostic::Diagnostics,
    plan,
    resource::Shape,
    value::{Type, Value},
    wire::tfplugin6::open_ephemeral_resource::{Request, Response},
};

pub(super) async fn call(rpc: Rpc, request: Request) -> Response {
    let handler = match rpc.plugin.ephemeral_resources().get(&request.type_name) {
        Ok(handler) => handler,
        Err(unknown) => return Response::failed(unknown, &Type::Dynamic),
    };
    let shape = handler.shape();
    let config = match convert::value(request.config.as_ref(), &shape.ty, "configuration") {
        Ok(config) => config,
        Err(unreadable) => return Response::failed(unreadable, &shape.ty),
    };
    let call = rpc.call(request.client_capabilities.as_ref());
    let mut response = Response::default();
    if let Some(why) = rpc.plugin.deferral(call.deferral_allowed) {
        response.deferred = Some(deferral::wire(why));
        let unopened = unopened(shape, &config, &mut response);
        response.add(unopened, &shape.ty);
        return response;
    }
    let (warnings, deferring) = (call.warnings.clone(), Deferring::of(&call));
    let outcome = caught(handler.open(call, config.clone())).await;
    let mut found = warnings.take();
    match deferring.wanted(&shape.owner()) {
        Ok(None) => match outcome {
            // What was opened is told to core whatever else is wrong with it, so that it is closed again.
            Ok((result, lease)) => {
                found.extend(broken_rules(shape, &config, &result));
                match convert::dynamic_value(&result, shape) {
                    Ok(result) => response.result = Some(result),
                    Err(bugs) => found.extend(bugs),
                }
                (response.private, response.renew_at) = convert::lease(lease);
            }
            Err(errors) => found.extend(errors),
        },
        Ok(wait) => {
            // Nobody would close what is not told to core.
            if let Ok((_, lease)) = outcome {
                let closed = caught(handler.close(rpc.call(None), lease.private)).await;
                found.extend(closed.err().into_iter().flatten());
            }
            response.deferred = wait;
            found.extend(unopened(shape, &config, &mut response));
        }
        Err(refused) => found.extend(refused),
    }
    response.add(found, &shape.ty);
    response
}

/// What stands for a result that is put off: all that is computed is unknown.
fn unopened(shape: &Shape, config: &Value, response: &mut Response) -> Diagnostics {
    let result = plan::mark_computed_unknown(&shape.schema.body, config.clone(), config);
    match convert::dynamic_value(&result, shape) {
        Ok(result) => response.result = Some(result),
        Err(bugs) => return bugs,
    }
    Diagnostics::new()
}

/// Core's rules for what was opened: it is a plan of a new object (AssertPlanValid), and wholly known.
fn broken_rules(shape: &Shape, config: &Value, result: &Value) -> Diagnostics {
    let unknown = result.unknown_paths().into_iter();
    let unknown = unknown.map(|path| bug(shape, path, "what was opened must be known"));
    let invalid = plan::assert_plan_valid(&shape.schema.body, &Value::Null, config, result).into_iter();
    unknown
        .chain(invalid.map(|broken| bug(shape, broken.path, broken.rule)))
        .collect()
}
