//! GetProviderSchema: what the provider and its resources look like.

use std::{collections::BTreeMap, sync::Arc};

use super::{Refused, Rpc, answer::Answer, convert, get_metadata::capabilities};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    shape::Shape,
    value::Type,
    wire::tfplugin6::{
        ActionSchema, Schema,
        get_provider_schema::{Request, Response},
    },
};

pub(super) async fn call(rpc: Rpc, _: Request) -> Result<Response, Refused> {
    let plugin = &rpc.plugin;
    let mut response = Response {
        provider: Some(convert::schema(&plugin.provider().shape().schema)),
        resource_schemas: schemas(plugin.resources().map(|handler| handler.shape())),
        data_source_schemas: schemas(plugin.data_sources().iter().map(|each| each.shape())),
        ephemeral_resource_schemas: schemas(plugin.ephemeral_resources().iter().map(|each| each.shape())),
        list_resource_schemas: schemas(plugin.list_resources().iter().map(|each| each.shape())),
        action_schemas: schemas(plugin.actions().iter().map(|each| each.shape()))
            .into_iter()
            .map(|(name, schema)| (name, ActionSchema { schema: Some(schema) }))
            .collect(),
        functions: convert::functions(plugin.functions()),
        provider_meta: plugin
            .provider()
            .meta()
            .map(|shape| convert::schema(&shape.schema)),
        server_capabilities: Some(capabilities()),
        ..Response::default()
    };
    // A command starts a provider several times. What is found by trials alone is for a test of its author: `Host::problems`.
    let violations = plugin.violations(false);
    let bugs: Diagnostics = violations
        .iter()
        .map(|violation| {
            let detail = format!("{violation}. This is a bug in the provider; please report it.");
            Diagnostic::error("Invalid provider schema", detail)
        })
        .collect();
    response.add(bugs, &Type::Dynamic);
    Ok(response)
}

fn schemas<'a>(shapes: impl Iterator<Item = &'a Arc<Shape>>) -> BTreeMap<String, Schema> {
    shapes
        .map(|shape| (shape.name.to_owned(), convert::schema(&shape.schema)))
        .collect()
}
