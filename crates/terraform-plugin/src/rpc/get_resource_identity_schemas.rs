//! GetResourceIdentitySchemas.

use super::{Refused, Rpc};
use crate::{
    identity::IdentitySchema,
    wire::tfplugin6::{
        ResourceIdentitySchema,
        get_resource_identity_schemas::{Request, Response},
        resource_identity_schema::IdentityAttribute,
    },
};

pub(super) async fn call(rpc: Rpc, _: Request) -> Result<Response, Refused> {
    let identities = rpc.plugin.resources().filter_map(|handler| {
        let shape = handler.shape();
        Some((shape.name.to_owned(), schema(&shape.identity.as_ref()?.schema)))
    });
    Ok(Response {
        identity_schemas: identities.collect(),
        diagnostics: Vec::new(),
    })
}

fn schema(schema: &IdentitySchema) -> ResourceIdentitySchema {
    let attributes = schema
        .attributes
        .iter()
        .map(|(name, attribute)| IdentityAttribute {
            name: name.clone(),
            r#type: attribute.ty.to_json(),
            required_for_import: attribute.required,
            optional_for_import: !attribute.required,
            description: attribute.description.clone(),
        });
    ResourceIdentitySchema {
        version: schema.version(),
        identity_attributes: attributes.collect(),
    }
}
