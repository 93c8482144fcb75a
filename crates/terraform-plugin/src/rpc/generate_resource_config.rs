//! GenerateResourceConfig: a configuration for an object that was imported without one.

use super::{Refused, Rpc, answer::Answer, caught_at_once, convert};
use crate::{
    diagnostic::Diagnostics,
    plan,
    resource::Handler,
    wire::tfplugin6::{
        DynamicValue,
        generate_resource_config::{Request, Response},
    },
};

pub(super) async fn call(rpc: Rpc, request: Request) -> Result<Response, Refused> {
    let handler = rpc.plugin.resource(&request.type_name)?;
    Ok(match generate(handler.as_ref(), &request) {
        Ok(config) => Response {
            config: Some(config),
            diagnostics: Vec::new(),
        },
        Err(found) => Response::failed(found, handler.shape()),
    })
}

fn generate(handler: &dyn Handler, request: &Request) -> Result<DynamicValue, Diagnostics> {
    let shape = handler.shape();
    let state = convert::value(request.state.as_ref(), &shape.ty, "state")?;
    let suggested = plan::config_from_state(&shape.schema.body, &state);
    let config = caught_at_once(|| handler.generate(&state, suggested.clone()))?;
    convert::dynamic_value(&plan::carry(config, &suggested), shape)
}
