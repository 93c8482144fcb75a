//! The VPC Lattice resource gateway: the way into the VPC.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_vpclattice::types::ResourceGatewayStatus;
use reconcile::{Change, Component, Fact, Found, Health, Id, Inventory, Kind};
use serde::{Deserialize, Serialize};

use super::ComponentError;
use super::naming::{component_name, component_tags, lost_tag, name_prefix};
use super::tags::Tags;
use crate::aws::{Api, Aws, AwsError, ErrorKind, wanted};

/// The kind, as the engine records it.
pub const GATEWAY: Kind = Kind {
    key: "resource_gateway",
    name: "resource gateway",
};

/// The status of a Lattice object has been seen to differ between two reads (the aws provider asks twice), so
/// that one `ACTIVE` is not enough.
pub(super) const SECOND_READ: Duration = Duration::from_millis(250);

/// The resource gateways of one invocation.
pub struct Gateway<'a> {
    aws: &'a Aws,
    invocation: &'a str,
    tags: Tags<'a>,
}

/// What is wanted of the gateway.
#[derive(Debug, Clone)]
pub struct GatewaySpec {
    pub vpc_id: Fact<String>,
    pub subnet_ids: Fact<BTreeSet<String>>,
    /// The managed security group.
    pub security_group_id: Fact<String>,
    /// The user's tags.
    pub tags: Fact<BTreeMap<String, String>>,
}

/// What AWS answers of the gateway.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SeenGateway {
    pub id: String,
    pub arn: String,
    pub name: String,
    pub vpc_id: String,
    pub subnet_ids: BTreeSet<String>,
    pub security_group_ids: BTreeSet<String>,
    pub status: String,
    pub tags: BTreeMap<String, String>,
}

impl SeenGateway {
    fn status(&self) -> ResourceGatewayStatus {
        ResourceGatewayStatus::from(self.status.as_str())
    }
}

impl<'a> Gateway<'a> {
    /// The gateways of the invocation of that name.
    pub fn new(aws: &'a Aws, invocation: &'a str) -> Self {
        Self {
            aws,
            invocation,
            tags: Tags::new(aws),
        }
    }

    fn wanted_tags(&self, want: &GatewaySpec) -> Fact<BTreeMap<String, String>> {
        want.tags
            .as_ref()
            .map(|tags| component_tags(self.invocation, tags))
    }
}

impl Component for Gateway<'_> {
    const KIND: Kind = GATEWAY;
    type Spec = GatewaySpec;
    type Observed = SeenGateway;
    type Error = ComponentError;

    fn name(&self, want: &GatewaySpec) -> String {
        let vpc = want.vpc_id.as_ref().known().map(String::as_str);
        let subnets = want
            .subnet_ids
            .as_ref()
            .known()
            .into_iter()
            .flatten()
            .map(String::as_str);
        component_name(self.invocation, vpc.into_iter().chain(subnets))
    }

    fn name_of(&self, seen: &SeenGateway) -> String {
        seen.name.clone()
    }

    fn compare(&self, want: &GatewaySpec, seen: &SeenGateway) -> Change {
        let mut fixed = Vec::new();
        if !want.vpc_id.is(&seen.vpc_id) {
            fixed.push("VPC".to_owned());
        }
        if !want.subnet_ids.is(&seen.subnet_ids) {
            fixed.push("subnets".to_owned());
        }
        if matches!(
            seen.status(),
            ResourceGatewayStatus::CreateFailed
                | ResourceGatewayStatus::DeleteFailed
                | ResourceGatewayStatus::DeleteInProgress
        ) {
            fixed.push(seen.status.clone());
        }
        if !fixed.is_empty() {
            return Change::Replace(fixed);
        }
        let mut differs = Vec::new();
        if !want
            .security_group_id
            .as_ref()
            .map(|id| BTreeSet::from([id.clone()]))
            .is(&seen.security_group_ids)
        {
            differs.push("security groups".to_owned());
        }
        if !self.wanted_tags(want).is(&seen.tags) {
            differs.push("tags".to_owned());
        }
        if seen.status() == ResourceGatewayStatus::UpdateFailed {
            differs.push(seen.status.clone());
        }
        if differs.is_empty() {
            Change::Keep
        } else {
            Change::Update(differs)
        }
    }

    fn health(&self, seen: &SeenGateway) -> Health {
        match seen.status() {
            ResourceGatewayStatus::Active => Health::Settled,
            ResourceGatewayStatus::CreateFailed | ResourceGatewayStatus::UpdateFailed => Health::Failed(
                format!("{} (AWS gives no reason for resource gateways)", seen.status),
            ),
            _ => Health::Working(seen.status.clone()),
        }
    }

    fn guard(&self, seen: &SeenGateway) -> Option<String> {
        lost_tag(self.invocation, &seen.tags)
    }

    fn stuck(&self, seen: &SeenGateway) -> Option<String> {
        (seen.status() == ResourceGatewayStatus::DeleteFailed).then(|| seen.status.clone())
    }

    fn confirm(&self) -> Option<Duration> {
        Some(SECOND_READ)
    }

    async fn owned(&self, inventory: &Inventory) -> Result<Vec<Found>, ComponentError> {
        let listed = self.aws.list_gateways().await?;
        let prefix = name_prefix(self.invocation);
        let mut found = Vec::new();
        for gateway in listed.iter() {
            let id = Id::new(&gateway.id);
            let recorded = inventory.recorded.owns(GATEWAY.key, &id);
            if recorded
                || (gateway.name.starts_with(&prefix)
                    && self.tags.are_ours(&gateway.arn, self.invocation).await?)
            {
                found.push(Found {
                    id,
                    name: gateway.name.clone(),
                    marked: false,
                });
            }
        }
        Ok(found)
    }

    async fn observe(&self, id: &Id) -> Result<Option<SeenGateway>, ComponentError> {
        const API: Api = Api {
            service: "vpc-lattice",
            operation: "GetResourceGateway",
        };
        let answer = self
            .aws
            .lattice
            .get_resource_gateway()
            .resource_gateway_identifier(id.as_str())
            .send()
            .await;
        let seen = match answer.map_err(|error| AwsError::of(API, error)) {
            Err(error) if error.kind == ErrorKind::NotFound => return Ok(None),
            answer => answer?,
        };
        let arn = wanted(API, "arn", seen.arn)?;
        let Some(tags) = self.tags.get(&arn).await? else {
            return Ok(None);
        };
        Ok(Some(SeenGateway {
            id: id.to_string(),
            name: wanted(API, "name", seen.name)?,
            vpc_id: wanted(API, "vpcId", seen.vpc_id)?,
            subnet_ids: seen.subnet_ids.unwrap_or_default().into_iter().collect(),
            security_group_ids: seen.security_group_ids.unwrap_or_default().into_iter().collect(),
            status: wanted(API, "status", seen.status)?.as_str().to_owned(),
            arn,
            tags,
        }))
    }

    async fn create(&self, want: &GatewaySpec) -> Result<Id, ComponentError> {
        const API: Api = Api {
            service: "vpc-lattice",
            operation: "CreateResourceGateway",
        };
        let tags = self.wanted_tags(want).known().unwrap_or_default();
        let answer = self
            .aws
            .lattice
            .create_resource_gateway()
            .name(self.name(want))
            .set_vpc_identifier(want.vpc_id.clone().known())
            .set_subnet_ids(
                want.subnet_ids
                    .clone()
                    .known()
                    .map(|ids| ids.into_iter().collect()),
            )
            .set_security_group_ids(want.security_group_id.clone().known().map(|id| vec![id]))
            .set_tags(Some(tags.clone().into_iter().collect()))
            .send()
            .await;
        self.aws.gateways_changed().await;
        let answer = answer.map_err(|error| AwsError::of(API, error))?;
        self.tags.remember(wanted(API, "arn", answer.arn)?, tags);
        Ok(Id::new(wanted(API, "id", answer.id)?))
    }

    async fn update(&self, id: &Id, want: &GatewaySpec, seen: &SeenGateway) -> Result<(), ComponentError> {
        const API: Api = Api {
            service: "vpc-lattice",
            operation: "UpdateResourceGateway",
        };
        if let Fact::Known(tags) = self.wanted_tags(want) {
            self.tags.change(&seen.arn, &tags, &seen.tags).await?;
        }
        let group = want.security_group_id.clone().known();
        let retry = seen.status() == ResourceGatewayStatus::UpdateFailed;
        if let Some(group) = group.filter(|group| retry || !seen.security_group_ids.iter().eq([group])) {
            let request = self
                .aws
                .lattice
                .update_resource_gateway()
                .resource_gateway_identifier(id.as_str());
            let answer = request.security_group_ids(group).send().await;
            answer.map_err(|error| AwsError::of(API, error))?;
        }
        self.aws.gateways_changed().await;
        Ok(())
    }

    async fn delete(&self, id: &Id) -> Result<(), ComponentError> {
        const API: Api = Api {
            service: "vpc-lattice",
            operation: "DeleteResourceGateway",
        };
        let answer = self
            .aws
            .lattice
            .delete_resource_gateway()
            .resource_gateway_identifier(id.as_str())
            .send()
            .await;
        self.aws.gateways_changed().await;
        Ok(answer.map(drop).map_err(|error| AwsError::of(API, error))?)
    }
}
