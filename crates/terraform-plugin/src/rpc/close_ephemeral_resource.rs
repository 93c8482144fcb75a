//! CloseEphemeralResource: ends what was opened.

use super::{Refused, Rpc, answer::Answer, caught};
use crate::wire::tfplugin6::close_ephemeral_resource::{Request, Response};

pub(super) async fn call(rpc: Rpc, request: Request) -> Result<Response, Refused> {
    let handler = rpc.plugin.ephemeral_resources().get(&request.type_name)?;
    let call = rpc.call(None);
    let outcome = caught(handler.close(call.clone(), request.private.unwrap_or_default())).await;
    let mut found = call.warnings.take();
    found.extend(outcome.err().into_iter().flatten());
    Ok(Response::failed(found, handler.shape()))
}
