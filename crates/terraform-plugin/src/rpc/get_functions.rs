//! GetFunctions: what functions there are. Terraform reads them from the schema; OpenTofu also asks here.

use super::{Refused, Rpc, convert};
use crate::wire::tfplugin6::get_functions::{Request, Response};

pub(super) async fn call(rpc: Rpc, _: Request) -> Result<Response, Refused> {
    Ok(Response {
        functions: convert::functions(rpc.plugin.functions()),
        ..Response::default()
    })
}
