//! GetMetadata: the names of what there is, without the schemas.

use super::{Refused, Rpc, registry::Registry};
use crate::wire::tfplugin6::{
    ServerCapabilities,
    get_metadata::{
        ActionMetadata, DataSourceMetadata, EphemeralMetadata, FunctionMetadata, ListResourceMetadata,
        Request, ResourceMetadata, Response,
    },
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

pub(super) async fn call(rpc: Rpc, _: Request) -> Result<Response, Refused> {
    let plugin = &rpc.plugin;
    Ok(Response {
        server_capabilities: Some(capabilities()),
        resources: plugin
            .resources()
            .map(|handler| ResourceMetadata {
                type_name: handler.shape().name.to_owned(),
            })
            .collect(),
        data_sources: named(plugin.data_sources(), |type_name| DataSourceMetadata {
            type_name,
        }),
        ephemeral_resources: named(plugin.ephemeral_resources(), |type_name| EphemeralMetadata {
            type_name,
        }),
        list_resources: named(plugin.list_resources(), |type_name| ListResourceMetadata {
            type_name,
        }),
        actions: named(plugin.actions(), |type_name| ActionMetadata { type_name }),
        functions: named(plugin.functions(), |name| FunctionMetadata { name }),
        ..Response::default()
    })
}

fn named<H: ?Sized, M>(all: &Registry<H>, metadata: impl Fn(String) -> M) -> Vec<M> {
    all.names().map(metadata).collect()
}
