//! OpenEphemeralResource: makes something that lives as long as the run.

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
    wire::tfplugin6::{
        DynamicValue,
        open_ephemeral_resource::{Request, Response},
    },
};

pub(super) async fn call(rpc: Rpc, request: Request) -> Result<Response, Refused> {
    let handler = rpc.plugin.ephemeral_resources().get(&request.type_name)?;
    let shape = handler.shape();
    let config = convert::config(request.config.as_ref(), shape)?;
    let call = rpc.call(request.client_capabilities.as_ref());
    let mut response = Response::default();
    if let Some(why) = rpc.plugin.deferral(call.deferral_allowed) {
        response.deferred = Some(deferral::wire(why));
        let unopened = unopened(shape, &config, &mut response);
        response.add(unopened, shape);
        return Ok(response);
    }
    let (warnings, deferring) = (call.warnings.clone(), Deferring::of(&call));
    let outcome = caught(handler.open(call, config.clone())).await;
    let mut found = warnings.take();
    let mut unused = None;
    match (deferring.wanted(&shape.owner()), outcome) {
        (Ok(None), Ok((result, lease))) => match checked(shape, &config, &plan::carry(result, &config)) {
            Ok(result) => {
                response.result = Some(result);
                (response.private, response.renew_at) = convert::lease(lease);
            }
            Err(bugs) => {
                found.extend(bugs);
                unused = Some(lease);
            }
        },
        (Ok(None), Err(errors)) => found.extend(errors),
        (wanted, outcome) => {
            unused = outcome.ok().map(|(_, lease)| lease);
            match wanted {
                Ok(deferred) => {
                    response.deferred = deferred;
                    found.extend(unopened(shape, &config, &mut response));
                }
                Err(refused) => found.extend(refused),
            }
        }
    }
    // Core closes only what it took as opened.
    if let Some(lease) = unused {
        let closed = caught(handler.close(rpc.call(None), lease.private)).await;
        found.extend(closed.err().into_iter().flatten());
    }
    response.add(found, shape);
    Ok(response)
}

/// What stands for a result that is put off: all that is computed is unknown.
fn unopened(shape: &Shape, config: &Value, response: &mut Response) -> Diagnostics {
    let result = plan::mark_computed_unknown(shape.schema.body.level(), config.clone(), config);
    match convert::dynamic_value(&result, shape) {
        Ok(result) => response.result = Some(result),
        Err(bugs) => return bugs,
    }
    Diagnostics::new()
}

/// Core's rules for what was opened: it is a plan of a new object (AssertPlanValid), and wholly known.
fn checked(shape: &Shape, config: &Value, result: &Value) -> Result<DynamicValue, Diagnostics> {
    let unknown = result.unknown_paths().into_iter();
    let unknown = unknown.map(|path| bug(shape, path, "what was opened must be known"));
    let invalid = plan::assert_plan_valid(&shape.schema.body, &Value::Null, config, result).into_iter();
    unknown
        .chain(invalid.map(|broken| {
            let rule = format!("what is opened has to be what a plan could have: {}", broken.rule);
            bug(shape, broken.path, rule)
        }))
        .collect::<Diagnostics>()
        .into_outcome()?;
    convert::dynamic_value(result, shape)
}
