//! ValidateResourceConfig.

use super::{Refused, Rpc, convert, validate_config::checked};
use crate::wire::tfplugin6::validate_resource_config::{Request, Response};

pub(super) async fn call(rpc: Rpc, request: Request) -> Result<Response, Refused> {
    let handler = rpc.plugin.resource(&request.type_name)?;
    let config = convert::config(request.config.as_ref(), handler.shape())?;
    // OpenTofu up to 1.10 sends no capabilities at all, and then knows no write-only attributes.
    let write_only_allowed = request
        .client_capabilities
        .is_some_and(|c| c.write_only_attributes_allowed);
    Ok(checked(handler.shape(), &config, write_only_allowed, |cx| {
        handler.validate(cx, &config)
    }))
}
