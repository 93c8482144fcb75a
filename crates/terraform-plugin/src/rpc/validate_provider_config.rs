//! ValidateProviderConfig.

use super::{Rpc, answer::Answer, caught_at_once, convert};
use crate::{
    call::{ValidateCx, Warnings},
    diagnostic::Diagnostics,
    schema::{ConfigCheck, validate},
    wire::tfplugin6::validate_provider_config::{Request, Response},
};

pub(super) async fn call(rpc: Rpc, request: Request) -> Response {
    let provider = rpc.plugin.provider();
    let shape = provider.shape();
    let config = match convert::value(request.config.as_ref(), &shape.ty, "provider configuration") {
        Ok(config) => config,
        Err(unreadable) => return Response::failed(unreadable, &shape.ty),
    };
    let mut found: Diagnostics = validate(
        &shape.schema.body,
        &config,
        &ConfigCheck {
            write_only_allowed: true,
        },
    );
    if !found.has_errors() && !config.is_null() {
        let cx = ValidateCx {
            warnings: Warnings::default(),
            write_only_allowed: true,
        };
        let outcome = caught_at_once(|| provider.validate(&cx, &config));
        found.extend(cx.warnings.take());
        found.extend(outcome.err().into_iter().flatten());
    }
    Response::failed(found, &shape.ty)
}
