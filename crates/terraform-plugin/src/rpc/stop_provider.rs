//! StopProvider: the user pressed Ctrl-C.

use super::{Refused, Rpc};
use crate::wire::tfplugin6::stop_provider::{Request, Response};

/// Cancels what is in flight and returns at once. Later calls are not affected (as plugin-go re-arms its
/// context).
pub(super) async fn call(rpc: Rpc, _: Request) -> Result<Response, Refused> {
    rpc.plugin.interrupt();
    Ok(Response::default())
}
