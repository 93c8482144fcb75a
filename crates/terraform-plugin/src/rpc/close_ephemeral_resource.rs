//! CloseEphemeralResource: ends what was opened.

use super::{Rpc, answer::Answer, caught};
use crate::{
    value::Type,
    wire::tfplugin6::close_ephemeral_resource::{Request, Response},
};

pub(super) async fn call(rpc: Rpc, request: Request) -> Response {
    let handler = match rpc.plugin.ephemeral_resources().get(&request.type_name) {
        Ok(handler) => handler,
        Err(unknown) => return Response::failed(unknown, &Type::Dynamic),
    };
    let call = rpc.call(None);
    let outcome = caught(handler.close(call.clone(), request.private.unwrap_or_default())).await;
    let mut found = call.warnings.take();
    found.extend(outcome.err().into_iter().flatten());
    Response::failed(found, &handler.shape().ty)
}
