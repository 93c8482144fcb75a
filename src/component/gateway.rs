//! The VPC Lattice resource gateway: the way into the VPC.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_vpclattice::operation::get_resource_gateway::GetResourceGatewayOutput;
use aws_sdk_vpclattice::types::{
    ResourceConfigDnsResolution, ResourceGatewayIpAddressType, ResourceGatewaySummary,
};
use aws_smithy_types::body::SdkBody;
use reconcile::{Change, Component, Fact, Found, Health, Id, Inventory, Kind, Made};
use serde::{Deserialize, Serialize};

use super::ComponentError;
use super::naming::Owner;
use super::object_tags::{ObjectTags, UserTags};
use super::tags::{self, Tags};
use super::word::{DnsResolution, IpAddressType, LatticeStatus};
use crate::aws::{Api, AwsError, Called as _, ErrorKind, ListedGateway, Shown, wanted};
use crate::client::Aws;

/// The kind, as the engine records it.
pub const GATEWAY: Kind = Kind {
    key: "resource_gateway",
    name: "resource gateway",
};

/// The status of a Lattice object has been seen to differ between two reads (the aws provider asks twice), so
/// that one `ACTIVE` is not enough.
pub(super) const SECOND_READ: Duration = Duration::from_millis(250);

/// The resource gateways of one owner.
pub struct Gateway<'a> {
    aws: &'a Aws,
    owner: &'a Owner,
    tags: Tags<'a>,
}

/// The addresses that AWS gives each network interface where nobody says.
const DEFAULT_ADDRESSES: i32 = 16;

/// What is wanted of the gateway.
#[derive(Debug, Clone)]
pub struct GatewaySpec {
    pub vpc_id: Fact<String>,
    pub subnet_ids: Fact<BTreeSet<String>>,
    /// Its security groups, one to five.
    pub security_group_ids: Fact<BTreeSet<String>>,
    pub ip_address_type: Fact<IpAddressType>,
    /// IPv4 addresses in each subnet; of no meaning for IPv6 alone.
    pub ipv4_addresses_per_eni: Fact<i32>,
    pub dns_resolution: Fact<DnsResolution>,
    pub tags: UserTags,
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
    pub ip_address_type: IpAddressType,
    pub ipv4_addresses_per_eni: Option<i32>,
    pub dns_resolution: DnsResolution,
    pub status: LatticeStatus,
    pub tags: ObjectTags,
}

/// A read tells what a listing tells.
fn summary(answer: GetResourceGatewayOutput) -> ResourceGatewaySummary {
    ResourceGatewaySummary::builder()
        .set_id(answer.id)
        .set_arn(answer.arn)
        .set_name(answer.name)
        .set_status(answer.status)
        .set_vpc_identifier(answer.vpc_id)
        .set_subnet_ids(answer.subnet_ids)
        .set_security_group_ids(answer.security_group_ids)
        .set_ip_address_type(answer.ip_address_type)
        .set_ipv4_addresses_per_eni(answer.ipv4_addresses_per_eni)
        .set_resource_config_dns_resolution(answer.resource_config_dns_resolution)
        .build()
}

/// Whether a listing tells all that a read would: what it leaves out may be no default.
fn is_whole(listed: &ResourceGatewaySummary) -> bool {
    let addresses = listed.ip_address_type == Some(ResourceGatewayIpAddressType::Ipv6)
        || (listed.ip_address_type.is_some() && listed.ipv4_addresses_per_eni.is_some());
    addresses
        && listed.subnet_ids.is_some()
        && listed.security_group_ids.is_some()
        && listed.resource_config_dns_resolution.is_some()
}

/// A gateway without its tags, which neither a read nor a listing shows.
fn seen(api: Api, answer: ResourceGatewaySummary) -> Result<SeenGateway, AwsError> {
    let kind = answer.ip_address_type.map(|kind| kind.as_str().to_owned().into());
    let dns = answer.resource_config_dns_resolution;
    let dns = dns.map(|mode| mode.as_str().to_owned().into());
    Ok(SeenGateway {
        id: wanted(api, "id", answer.id)?,
        name: wanted(api, "name", answer.name)?,
        vpc_id: wanted(api, "vpcId", answer.vpc_identifier)?,
        subnet_ids: answer.subnet_ids.unwrap_or_default().into_iter().collect(),
        security_group_ids: answer
            .security_group_ids
            .unwrap_or_default()
            .into_iter()
            .collect(),
        // What AWS leaves out is its default.
        ip_address_type: kind.unwrap_or(IpAddressType::Ipv4),
        ipv4_addresses_per_eni: answer.ipv4_addresses_per_eni,
        dns_resolution: dns.unwrap_or(DnsResolution::Public),
        status: wanted(api, "status", answer.status)?.as_str().to_owned().into(),
        arn: wanted(api, "arn", answer.arn)?,
        tags: ObjectTags::default(),
    })
}

impl<'a> Gateway<'a> {
    /// The gateways of `owner`.
    pub fn new(aws: &'a Aws, owner: &'a Owner) -> Self {
        Self {
            aws,
            owner,
            tags: Tags::new(aws),
        }
    }

    /// The gateway with this id, even if it is not ours.
    pub async fn describe(&self, id: &str) -> Result<Option<SeenGateway>, ComponentError> {
        let Some(seen) = self.describe_untagged(id).await? else {
            return Ok(None);
        };
        let tags = self.tags.get(&seen.arn).await?;
        Ok(tags.map(|tags| SeenGateway { tags, ..seen }))
    }

    /// The same without its tags: for what is known to be somebody else's.
    pub async fn describe_untagged(&self, id: &str) -> Result<Option<SeenGateway>, ComponentError> {
        const API: Api = Api::new("vpc-lattice", "GetResourceGateway");
        let request = self.aws.lattice.get_resource_gateway();
        let answer = request.resource_gateway_identifier(id).send().await;
        let seen = answer.found(API)?.map(|answer| seen(API, summary(answer)));
        Ok(seen.transpose()?)
    }

    /// Whether another number of addresses is wanted than there is; a gateway with IPv6 alone takes none.
    fn addresses_differ(want: &GatewaySpec, seen: &SeenGateway) -> bool {
        let seen_count = seen.ipv4_addresses_per_eni.unwrap_or(DEFAULT_ADDRESSES);
        seen.ip_address_type != IpAddressType::Ipv6 && !want.ipv4_addresses_per_eni.is(&seen_count)
    }
}

impl Component for Gateway<'_> {
    const KIND: Kind = GATEWAY;
    type Spec = GatewaySpec;
    type Observed = SeenGateway;
    type Error = ComponentError;

    fn name(&self, want: &GatewaySpec) -> String {
        let mut fixed: Vec<String> = want.vpc_id.clone().known().into_iter().collect();
        fixed.extend(want.subnet_ids.clone().known().into_iter().flatten());
        // Only what is not the default.
        let kind = want.ip_address_type.as_ref().known();
        fixed.extend(
            kind.filter(|kind| **kind != IpAddressType::Ipv4)
                .map(ToString::to_string),
        );
        let addresses = want.ipv4_addresses_per_eni.known();
        fixed.extend(
            addresses
                .filter(|count| *count != DEFAULT_ADDRESSES)
                .map(|count| count.to_string()),
        );
        let mode = want.dns_resolution.as_ref().known();
        fixed.extend(
            mode.filter(|mode| **mode != DnsResolution::Public)
                .map(ToString::to_string),
        );
        self.owner.component_name(fixed.iter().map(String::as_str))
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
        if !want.ip_address_type.is(&seen.ip_address_type) {
            fixed.push("IP address type".to_owned());
        } else if Self::addresses_differ(want, seen) {
            fixed.push("IPv4 addresses per network interface".to_owned());
        }
        if matches!(
            seen.status,
            LatticeStatus::CreateFailed | LatticeStatus::DeleteFailed | LatticeStatus::DeleteInProgress
        ) {
            fixed.push(seen.status.to_string());
        }
        if !fixed.is_empty() {
            return Change::Replace(fixed);
        }
        let mut differs = Vec::new();
        if !want.security_group_ids.is(&seen.security_group_ids) {
            differs.push("security groups".to_owned());
        }
        if want.tags.differ(&seen.id, &seen.tags.user) {
            differs.push("tags".to_owned());
        }
        if seen.status == LatticeStatus::UpdateFailed {
            differs.push(seen.status.to_string());
        }
        // UpdateResourceGateway takes it; whether AWS then changes it is not certain (sources contradict each other).
        if !want.dns_resolution.is(&seen.dns_resolution) {
            differs.push("DNS resolution".to_owned());
            return Change::Attempt(differs);
        }
        if differs.is_empty() {
            Change::Keep
        } else {
            Change::Update(differs)
        }
    }

    fn health(&self, seen: &SeenGateway) -> Health {
        match seen.status {
            LatticeStatus::Active => Health::Settled,
            LatticeStatus::CreateFailed | LatticeStatus::UpdateFailed => Health::Failed(format!(
                "{} (AWS gives no reason for resource gateways)",
                seen.status
            )),
            _ => Health::Working(seen.status.to_string()),
        }
    }

    fn guard(&self, seen: &SeenGateway) -> Option<String> {
        self.owner.lost_tag(&seen.tags, &seen.arn, self.aws.region())
    }

    fn taken_over(&self, seen: &SeenGateway) -> bool {
        self.owner.lost_to_another(&seen.tags)
    }

    fn stuck(&self, seen: &SeenGateway) -> Option<String> {
        (seen.status == LatticeStatus::DeleteFailed).then(|| seen.status.to_string())
    }

    fn confirm(&self) -> Option<Duration> {
        Some(SECOND_READ)
    }

    fn marked(&self, seen: &SeenGateway) -> bool {
        seen.tags.mark().is_some()
    }

    async fn claim(&self, _: &Id, seen: &SeenGateway) -> Result<(), ComponentError> {
        Ok(self.tags.claim(&seen.arn, self.owner, &seen.tags).await?)
    }

    async fn sign_off(
        &self,
        mut objects: Vec<(Id, SeenGateway)>,
    ) -> Result<Vec<(Id, SeenGateway)>, ComponentError> {
        for (_, seen) in &mut objects {
            seen.tags = self.tags.unmark(&seen.arn, self.owner, &seen.tags).await?;
        }
        Ok(objects)
    }

    async fn mark_again(&self, objects: Vec<(Id, SeenGateway)>) -> Result<(), ComponentError> {
        for (_, seen) in &objects {
            self.tags.mark_again(&seen.arn).await?;
        }
        Ok(())
    }

    async fn search(&self, inventory: &Inventory) -> Result<Vec<Found<SeenGateway>>, ComponentError> {
        let listed = self.aws.listings.gateways.searched(inventory.anew).await?;
        let mut found = Vec::new();
        for gateway in listed.iter() {
            let id = Id::new(&gateway.id);
            let recorded = inventory.recorded.owns(GATEWAY.key, &id);
            if !recorded && !self.owner.may_have_named(&gateway.name) {
                continue;
            }
            let Some(tags) = self.tags.get(&gateway.arn).await? else {
                continue;
            };
            if recorded || self.owner.finds(inventory.fresh, &tags) {
                let listed = Found::listed(id, &gateway.name, tags.is_marked());
                let shown = gateway.shown.as_ref().and_then(Shown::serves);
                found.push(match shown.filter(|(shown, _)| is_whole(shown)) {
                    Some((shown, at)) => {
                        const API: Api = Api::new("vpc-lattice", "ListResourceGateways");
                        let seen = seen(API, shown.clone())?;
                        listed.with_read(SeenGateway { tags, ..seen }, at)
                    }
                    None => listed,
                });
            }
        }
        Ok(found)
    }

    async fn observe(&self, id: &Id) -> Result<Option<SeenGateway>, ComponentError> {
        self.describe(id.as_str()).await
    }

    async fn create(&self, want: &GatewaySpec) -> Result<Made, ComponentError> {
        const API: Api = Api::new("vpc-lattice", "CreateResourceGateway");
        let tags = tags::new(self.owner, &want.tags)?;
        let kind = want.ip_address_type.as_ref().known();
        let addresses = want.ipv4_addresses_per_eni.known();
        let addresses = addresses.filter(|_| kind != Some(&IpAddressType::Ipv6));
        // Before the call, not after it: while the answer is under way its subnets have fewer addresses already.
        self.aws.addresses_taken(&self.owner.words());
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
            .set_security_group_ids(
                want.security_group_ids
                    .clone()
                    .known()
                    .map(|ids| ids.into_iter().collect()),
            )
            .set_ip_address_type(kind.map(|kind| ResourceGatewayIpAddressType::from(kind.as_str())))
            .set_ipv4_addresses_per_eni(addresses)
            .set_resource_config_dns_resolution(
                want.dns_resolution
                    .as_ref()
                    .known()
                    .map(|mode| ResourceConfigDnsResolution::from(mode.as_str())),
            )
            .set_tags(Some(tags.clone().into_iter().collect()))
            .send()
            .await;
        let listing = &self.aws.listings.gateways;
        let answer = listing.after(answer.of(API))?;
        let made = ListedGateway {
            id: wanted(API, "id", answer.id)?,
            arn: wanted(API, "arn", answer.arn)?,
            name: self.name(want),
            shown: None,
        };
        self.tags.remember(&made.arn, ObjectTags::of(tags));
        let id = made.id.clone();
        listing.put(made);
        self.aws.made();
        Ok(Made::ours(id))
    }

    async fn update(
        &self,
        id: &Id,
        want: &GatewaySpec,
        seen: &SeenGateway,
        _: u32,
    ) -> Result<(), ComponentError> {
        const API: Api = Api::new("vpc-lattice", "UpdateResourceGateway");
        self.aws.listings.gateways.changes(id.as_str());
        let changes = want.tags.changes(&seen.id, &seen.tags.user);
        self.tags.change(&seen.arn, changes, &seen.tags).await?;
        let retry = seen.status == LatticeStatus::UpdateFailed;
        let groups = want.security_group_ids.clone().known();
        let groups = groups.filter(|groups| retry || *groups != seen.security_group_ids);
        let mode = want.dns_resolution.clone().known();
        let mode = mode.filter(|mode| *mode != seen.dns_resolution);
        if groups.is_some() || mode.is_some() {
            let request = self
                .aws
                .lattice
                .update_resource_gateway()
                .resource_gateway_identifier(id.as_str());
            // The SDK does not know yet that UpdateResourceGateway takes the DNS resolution.
            let mut body = serde_json::Map::new();
            body.extend(groups.map(|groups| ("securityGroupIds".to_owned(), serde_json::json!(groups))));
            body.extend(mode.map(|mode| ("resourceConfigDnsResolution".to_owned(), mode.as_str().into())));
            let body = serde_json::Value::Object(body).to_string();
            let answer = request
                .customize()
                .mutate_request(move |request| {
                    let length = body.len().to_string();
                    request.headers_mut().insert("content-length", length);
                    *request.body_mut() = SdkBody::from(body.as_str());
                })
                .send()
                .await;
            answer.of(API)?;
        }
        Ok(())
    }

    async fn delete(&self, id: &Id, _: &SeenGateway) -> Result<(), ComponentError> {
        const API: Api = Api::new("vpc-lattice", "DeleteResourceGateway");
        let answer = self
            .aws
            .lattice
            .delete_resource_gateway()
            .resource_gateway_identifier(id.as_str())
            .send()
            .await;
        match answer.of(API) {
            Err(error) if error.kind == ErrorKind::InUse => return Err(self.in_use(id, error).await),
            answer => answer?,
        };
        self.aws.listings.gateways.remove(id.as_str());
        Ok(())
    }
}

impl Gateway<'_> {
    /// Who uses a gateway that AWS does not delete: configurations of others, or our own that are on their way out.
    async fn in_use(&self, id: &Id, error: AwsError) -> ComponentError {
        let Ok(listed) = self.aws.listings.configurations.all().await else {
            return error.into();
        };
        let mut others = Vec::new();
        for configuration in listed
            .iter()
            .filter(|other| other.gateway.as_deref() == Some(id.as_str()))
        {
            if let Ok(Some(tags)) = self.tags.get(&configuration.arn).await
                && !self.owner.owns(&tags)
            {
                others.push(format!("{} ({})", configuration.id, configuration.name));
            }
        }
        if others.is_empty() {
            return error.into();
        }
        ComponentError::UsedByOthers {
            what: format!("resource gateway {id}"),
            by: format!("the resource configurations {}", others.join(", ")),
        }
    }
}
