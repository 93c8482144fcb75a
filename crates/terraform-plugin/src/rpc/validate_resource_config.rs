//! ValidateResourceConfig.

use super::{Refused, Rpc, answer::Answer, convert, validate_config::checked};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    plan,
    shape::Shape,
    value::Value,
    wire::tfplugin6::validate_resource_config::{Request, Response},
};

pub(super) async fn call(rpc: Rpc, request: Request) -> Result<Response, Refused> {
    let handler = rpc.plugin.resource(&request.type_name)?;
    let config = convert::config(request.config.as_ref(), handler.shape())?;
    // OpenTofu up to 1.10 sends no capabilities at all, and then knows no write-only attributes.
    let write_only_allowed = request
        .client_capabilities
        .is_some_and(|c| c.write_only_attributes_allowed);
    let mut response: Response = checked(handler.shape(), &config, write_only_allowed, |cx| {
        handler.validate(cx, &config)
    });
    response.add(made_one(handler.shape(), &config), handler.shape());
    Ok(response)
}

fn made_one(shape: &Shape, config: &Value) -> Diagnostics {
    let found = plan::made_one_by_defaults(&shape.schema.body, config).into_iter();
    let said = found.map(|path| {
        let detail = format!(
            "Two elements of {path} differ only in that one of them says what the other leaves to the default, so that they \
             are one and the same. Remove one of them."
        );
        Diagnostic::error("An element is there twice", detail).at(path)
    });
    said.collect()
}
