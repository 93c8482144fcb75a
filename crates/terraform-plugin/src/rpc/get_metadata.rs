//! GetMetadata: the names of what there is, without the schemas.

use super::Rpc;
use crate::wire::tfplugin6::{
    ServerCapabilities,
    get_metadata::{Request, ResourceMetadata, Response},
};

/// What this provider can do.
pub(super) fn capabilities() -> ServerCapabilities {
    ServerCapabilities {
        plan_destroy: true,
        get_provider_schema_optional: true,
        move_resource_state: true,
        generate_resource_config: true,
    }
}

pub(super) async fn call(rpc: Rpc, _: Request) -> Response {
    let resources = rpc.plugin.resources();
    Response {
        server_capabilities: Some(capabilities()),
        resources: resources
            .map(|handler| ResourceMetadata {
                type_name: handler.shape().name.to_owned(),
            })
            .collect(),
        ..Response::default()
    }
}
