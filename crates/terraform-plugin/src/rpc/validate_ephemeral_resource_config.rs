//! ValidateEphemeralResourceConfig.

use super::{Refused, Rpc, validate_config};
use crate::wire::tfplugin6::validate_ephemeral_resource_config::{Request, Response};

pub(super) async fn call(rpc: Rpc, request: Request) -> Result<Response, Refused> {
    let handler = rpc.plugin.ephemeral_resources().get(&request.type_name)?;
    validate_config::answer(handler.as_ref(), request.config.as_ref())
}
