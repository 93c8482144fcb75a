//! ValidateResourceConfig.

use super::{Rpc, answer::Answer, caught_at_once, convert};
use crate::{
    call::{ValidateCx, Warnings},
    diagnostic::Diagnostics,
    schema::{ConfigCheck, validate},
    value::Type,
    wire::tfplugin6::validate_resource_config::{Request, Response},
};

pub(super) async fn call(rpc: Rpc, request: Request) -> Response {
    let handler = match rpc.plugin.resource(&request.type_name) {
        Ok(handler) => handler,
        Err(unknown) => return Response::failed(unknown, &Type::Dynamic),
    };
    let shape = handler.shape();
    let config = match convert::value(request.config.as_ref(), &shape.ty, "configuration") {
        Ok(config) => config,
        Err(unreadable) => return Response::failed(unreadable, &shape.ty),
    };
    // OpenTofu up to 1.10 sends no capabilities at all, and then knows no write-only attributes.
    let write_only_allowed = request
        .client_capabilities
        .is_some_and(|c| c.write_only_attributes_allowed);
    let mut found: Diagnostics = validate(&shape.schema.body, &config, &ConfigCheck { write_only_allowed });
    // Where the schema already says no, the author's code would stumble over the same.
    if !found.has_errors() {
        let cx = ValidateCx {
            warnings: Warnings::default(),
            write_only_allowed,
        };
        let outcome = caught_at_once(|| handler.validate(&cx, &config));
        found.extend(cx.warnings.take());
        found.extend(outcome.err().into_iter().flatten());
    }
    Response::failed(found, &shape.ty)
}
