//! The model of a path: configuration, plan and state.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use terraform_plugin::Attr;

use crate::invocation::model::{Composite, HttpsEndpoint, Model, Network, ResourceModel, Tags, Timeouts};

/// One path: the part of [`Model`] that has nothing to do with calls.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PathModel {
    name: Attr<String>,
    region: Attr<String>,
    vpc_endpoint_id: Attr<String>,
    https_endpoint: Attr<HttpsEndpoint>,
    network: Attr<Network>,
    tags: Attr<Tags>,
    timeouts: Attr<Timeouts>,

    id: Attr<String>,
    vpc_id: Attr<String>,
    subnet_ids: Attr<BTreeSet<String>>,
    domain_name: Attr<String>,
    security_group_id: Attr<String>,
    endpoint_ingress_rule_id: Attr<String>,
    resource_gateway_id: Attr<String>,
    resource_gateway_arn: Attr<String>,
    resource_configuration_id: Attr<String>,
    resource_configuration_arn: Attr<String>,
    tags_all: Attr<Tags>,
    pending: Attr<Vec<String>>,
    retired: Attr<Vec<String>>,
    borrowed: Attr<Vec<String>>,
}

impl ResourceModel for PathModel {
    const COMPOSITE: Composite = Composite::Path;

    fn to_model(&self) -> Model {
        let path = self.clone();
        Model {
            name: path.name,
            region: path.region,
            vpc_endpoint_id: path.vpc_endpoint_id,
            https_endpoint: path.https_endpoint,
            network: path.network,
            tags: path.tags,
            timeouts: path.timeouts,
            id: path.id,
            vpc_id: path.vpc_id,
            subnet_ids: path.subnet_ids,
            domain_name: path.domain_name,
            security_group_id: path.security_group_id,
            endpoint_ingress_rule_id: path.endpoint_ingress_rule_id,
            resource_gateway_id: path.resource_gateway_id,
            resource_gateway_arn: path.resource_gateway_arn,
            resource_configuration_id: path.resource_configuration_id,
            resource_configuration_arn: path.resource_configuration_arn,
            tags_all: path.tags_all,
            pending: path.pending,
            retired: path.retired,
            borrowed: path.borrowed,
            ..Model::default()
        }
    }

    fn from_model(model: Model) -> Self {
        Self {
            name: model.name,
            region: model.region,
            vpc_endpoint_id: model.vpc_endpoint_id,
            https_endpoint: model.https_endpoint,
            network: model.network,
            tags: model.tags,
            timeouts: model.timeouts,
            id: model.id,
            vpc_id: model.vpc_id,
            subnet_ids: model.subnet_ids,
            domain_name: model.domain_name,
            security_group_id: model.security_group_id,
            endpoint_ingress_rule_id: model.endpoint_ingress_rule_id,
            resource_gateway_id: model.resource_gateway_id,
            resource_gateway_arn: model.resource_gateway_arn,
            resource_configuration_id: model.resource_configuration_id,
            resource_configuration_arn: model.resource_configuration_arn,
            tags_all: model.tags_all,
            pending: model.pending,
            retired: model.retired,
            borrowed: model.borrowed,
        }
    }
}
