//! ConfigureProvider: makes the client.

use super::{Rpc, answer::Answer, caught, convert};
use crate::{
    provider::ConfigureCx,
    resource::Warnings,
    value::Value,
    wire::tfplugin6::configure_provider::{Request, Response},
};

pub(super) async fn call(rpc: Rpc, request: Request) -> Response {
    rpc.plugin
        .set_capabilities(request.client_capabilities.unwrap_or_default());
    let provider = rpc.plugin.provider();
    let shape = provider.shape();
    let config = match convert::value(request.config.as_ref(), &shape.ty, "provider configuration") {
        // Without a provider block core sends an object of nulls; null itself means the same.
        Ok(Value::Null) => empty(&shape.ty),
        Ok(config) => config,
        Err(unreadable) => return Response::failed(unreadable, &shape.ty),
    };
    let warnings = Warnings::default();
    let cx = ConfigureCx {
        warnings: warnings.clone(),
        terraform_version: request.terraform_version,
        cancelled: rpc.cancelled.clone(),
    };
    let outcome = caught(provider.configure(cx, config)).await;
    let mut found = warnings.take();
    found.extend(outcome.err().into_iter().flatten());
    Response::failed(found, &shape.ty)
}

fn empty(ty: &crate::Type) -> Value {
    match ty {
        crate::Type::Object(attributes) => Value::object(attributes.keys().map(|name| (name, Value::Null))),
        _ => Value::Null,
    }
}
