//! RenewEphemeralResource: keeps something alive that is in use.

use super::{Refused, Rpc, answer::Answer, caught, convert};
use crate::wire::tfplugin6::renew_ephemeral_resource::{Request, Response};

pub(super) async fn call(rpc: Rpc, request: Request) -> Result<Response, Refused> {
    let handler = rpc.plugin.ephemeral_resources().get(&request.type_name)?;
    // The safe answer: what closing it takes.
    let mut response = Response {
        private: request.private.clone(),
        ..Response::default()
    };
    let call = rpc.call(None);
    let outcome = caught(handler.renew(call.clone(), request.private.unwrap_or_default())).await;
    let mut found = call.warnings.take();
    match outcome {
        Ok(lease) => (response.private, response.renew_at) = convert::lease(lease),
        Err(errors) => found.extend(errors),
    }
    response.add(found, handler.shape());
    Ok(response)
}
