//! GetProviderSchema: what the provider and its resources look like.

use super::{Rpc, answer::Answer, convert, get_metadata::capabilities};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    value::Type,
    wire::tfplugin6::get_provider_schema::{Request, Response},
};

pub(super) async fn call(rpc: Rpc, _: Request) -> Response {
    let plugin = &rpc.plugin;
    let resources = plugin.resources().map(|handler| handler.shape());
    let mut response = Response {
        provider: Some(convert::schema(&plugin.provider().shape().schema)),
        resource_schemas: resources
            .map(|shape| (shape.name.to_owned(), convert::schema(&shape.schema)))
            .collect(),
        provider_meta: plugin
            .provider()
            .meta()
            .map(|shape| convert::schema(&shape.schema)),
        server_capabilities: Some(capabilities()),
        ..Response::default()
    };
    let violations = plugin.violations();
    let bugs: Diagnostics = violations
        .iter()
        .map(|violation| {
            let detail = format!("{violation}. This is a bug in the provider; please report it.");
            Diagnostic::error("Invalid provider schema", detail)
        })
        .collect();
    response.add(bugs, &Type::Dynamic);
    response
}
