//! ConfigureProvider: makes the client.

use super::{Refused, Rpc, answer::Answer, caught, convert, deferral};
use crate::{
    call::{Deferred, Warnings},
    provider::ConfigureCx,
    value::Value,
    wire::tfplugin6::configure_provider::{Request, Response},
};

pub(super) async fn call(rpc: Rpc, request: Request) -> Result<Response, Refused> {
    let capabilities = request.client_capabilities.unwrap_or_default();
    rpc.plugin.set_capabilities(capabilities);
    rpc.plugin.set_deferral(None);
    let provider = rpc.plugin.provider();
    let shape = provider.shape();
    let config = convert::value(request.config.as_ref(), &shape.ty, "provider configuration")
        .map_err(Refused::of(shape))?;
    // Without a provider block core sends an object of nulls; null itself means the same.
    let config = if config.is_null() {
        empty(&shape.ty)
    } else {
        config
    };
    let (warnings, deferred) = (Warnings::default(), Deferred::default());
    let cx = ConfigureCx {
        warnings: warnings.clone(),
        terraform_version: request.terraform_version,
        cancelled: rpc.cancelled.clone(),
        deferral_allowed: capabilities.deferral_allowed,
        deferred: deferred.clone(),
    };
    let outcome = caught(provider.configure(cx, config)).await;
    let mut found = warnings.take();
    match (outcome, deferred.get()) {
        (Err(errors), _) => found.extend(errors),
        (Ok(()), Some(why)) if !capabilities.deferral_allowed => {
            found.push(deferral::refusal("The provider", why));
        }
        (Ok(()), deferral) => rpc.plugin.set_deferral(deferral),
    }
    Ok(Response::failed(found, shape))
}

fn empty(ty: &crate::Type) -> Value {
    match ty {
        crate::Type::Object(attributes) => Value::object(attributes.keys().map(|name| (name, Value::Null))),
        _ => Value::Null,
    }
}
