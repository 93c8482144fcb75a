//! What names an invocation or a path for good, beside its state (Terraform 1.12, OpenTofu 1.12 and later).

use serde::{Deserialize, Serialize};
use terraform_plugin::{Attr, IdentitySchema, Outcome, State, Type};

use super::model::{Composite, Model, ResourceModel};
use super::present::Place;

/// What names an invocation: its name.
#[derive(Serialize, Deserialize)]
pub struct InvocationIdentity {
    pub name: Attr<String>,
    pub region: Attr<String>,
    pub account_id: Attr<String>,
}

/// What names a path: its id.
#[derive(Serialize, Deserialize)]
pub struct PathIdentity {
    pub id: Attr<String>,
    pub region: Attr<String>,
    pub account_id: Attr<String>,
}

pub fn schema(composite: Composite) -> IdentitySchema {
    let schema = IdentitySchema::new(0);
    let schema = match composite {
        Composite::Invocation => {
            schema.required_for_import("name", Type::String, "Name of the invocation and of its connection.")
        }
        Composite::Path => schema.required_for_import(
            "id",
            Type::String,
            "Id of the path, its name and what its create chose, such as `orders/0f9c2b7e`; or the id of its resource \
             configuration.",
        ),
    };
    schema
        .optional_for_import(
            "region",
            Type::String,
            "Its Region; the provider's where left out.",
        )
        .optional_for_import(
            "account_id",
            Type::String,
            "The account that owns it; that of the credentials where left out.",
        )
}

/// Records the identity of what `model` describes.
pub fn set<F: ResourceModel>(state: &State<F>, model: &Model, place: Option<&Place>) -> Outcome {
    let region = place.map(|place| place.region.clone()).into();
    let account_id = place.map(|place| place.account.clone()).into();
    match F::COMPOSITE {
        Composite::Invocation => state.set_identity(&InvocationIdentity {
            name: model.name.clone(),
            region,
            account_id,
        }),
        Composite::Path => state.set_identity(&PathIdentity {
            id: model.id.clone(),
            region,
            account_id,
        }),
    }
}
