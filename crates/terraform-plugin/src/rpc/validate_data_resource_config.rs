//! ValidateDataResourceConfig.

use super::{Rpc, answer::Answer, validate_config};
use crate::{
    value::Type,
    wire::tfplugin6::validate_data_resource_config::{Request, Response},
};

pub(super) async fn call(rpc: Rpc, request: Request) -> Response {
    match rpc.plugin.data_sources().get(&request.type_name) {
        Ok(handler) => validate_config::answer(handler.as_ref(), request.config.as_ref()),
        Err(unknown) => Response::failed(unknown, &Type::Dynamic),
    }
}
