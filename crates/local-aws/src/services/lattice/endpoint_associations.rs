//! Resource endpoint associations: between a resource configuration and a VPC endpoint of type Resource.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{id_of, not_found, page, text};
use crate::core::error::Answer;
use crate::core::ids;
use crate::core::notice::Notice;
use crate::core::timestamp::iso8601;
use crate::core::world::World;
use crate::wire::Reply;

const TYPE: &str = "RESOURCE_ENDPOINT_ASSOCIATION";

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct EndpointAssociation {
    id: String,
    arn: String,
    pub(crate) configuration_id: String,
    pub(crate) vpc_endpoint_id: String,
    created: SystemTime,
}

impl EndpointAssociation {
    fn json(&self, world: &World) -> Value {
        let mut body = json!({
            "id": self.id,
            "arn": self.arn,
            "resourceConfigurationId": self.configuration_id,
            "vpcEndpointId": self.vpc_endpoint_id,
            "vpcEndpointOwner": world.origin.account_id,
            "createdBy": world.origin.account_id,
            "createdAt": iso8601(self.created),
        });
        if let Some(configuration) = world.lattice().configurations.get(&self.configuration_id) {
            body["resourceConfigurationArn"] = configuration.arn.clone().into();
            body["resourceConfigurationName"] = configuration.name.clone().into();
        }
        body
    }
}

/// Keeps pace with the VPC endpoints that EC2 makes and removes.
pub(super) fn follow(world: &mut World, notice: &Notice<'_>) {
    match *notice {
        Notice::EndpointMade { id, resource_arn } => make(world, resource_arn, id),
        Notice::EndpointGone { id } => {
            let associations = &mut world.lattice_mut().endpoint_associations;
            associations.retain(|_, association| association.vpc_endpoint_id != id);
        }
    }
}

/// Makes the association of a VPC endpoint, which is there as long as the endpoint.
fn make(world: &mut World, configuration_arn: &str, vpc_endpoint_id: &str) {
    let id = ids::resource_id("rea");
    let association = EndpointAssociation {
        arn: world.arn("vpc-lattice", format_args!("resourceendpointassociation/{id}")),
        id: id.clone(),
        configuration_id: configuration_arn
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .to_owned(),
        vpc_endpoint_id: vpc_endpoint_id.to_owned(),
        created: world.now(),
    };
    world.lattice_mut().endpoint_associations.insert(id, association);
}

pub(super) fn list(world: &World, input: &Value) -> Answer<Reply> {
    let wanted = |member: &str| text(input, member).map(|identifier| id_of(world, identifier));
    let configuration = super::configurations::find(world, input)?;
    let association = wanted("resourceEndpointAssociationIdentifier");
    let endpoint = wanted("vpcEndpointId");
    let owner = wanted("vpcEndpointOwner");
    let all = world
        .lattice()
        .endpoint_associations
        .iter()
        .filter(|(id, found)| {
            found.configuration_id == configuration
                && association.is_none_or(|wanted| wanted == id.as_str())
                && endpoint.is_none_or(|wanted| wanted == found.vpc_endpoint_id)
                && owner.is_none_or(|wanted| wanted == world.origin.account_id)
        });
    page(input, all, |association| association.json(world))
}

/// Cuts a VPC endpoint off from the configuration; the endpoint itself is left to its owner.
pub(super) fn delete(world: &mut World, input: &Value) -> Answer<Reply> {
    let identifier = text(input, "resourceEndpointAssociationIdentifier").unwrap_or_default();
    let id = id_of(world, identifier).to_owned();
    let found = world
        .lattice()
        .endpoint_associations
        .get(&id)
        .ok_or_else(|| not_found(TYPE, identifier))?;
    let body = found.json(world);
    world.lattice_mut().endpoint_associations.remove(&id);
    Ok(Reply::json(body))
}
