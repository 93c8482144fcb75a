//! The VPC Lattice resource configuration: which DNS name or address the gateway leads to, and on which ports.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_vpclattice::types::{
    DnsResource, IpResource, ProtocolType, ResourceConfigurationDefinition,
    ResourceConfigurationIpAddressType, ResourceConfigurationType, ServiceNetworkResourceAssociationStatus,
    ServiceNetworkResourceAssociationSummary,
};
use reconcile::{Change, Component, Fact, Found, Health, Id, Inventory, Kind, Made};
use serde::{Deserialize, Serialize};

use super::ComponentError;
use super::gateway::SECOND_READ;
use super::naming::Owner;
use super::object_tags::{ObjectTags, UserTags};
use super::ports::PortRange;
use super::tags::{self, Tags};
use super::word::{IpAddressType, LatticeStatus};
use crate::aws::{Api, Arn, AwsError, Called as _, ErrorKind, ListedConfiguration, pages, wanted};
use crate::client::Aws;

/// The kind, as the engine records it.
pub const CONFIGURATION: Kind = Kind {
    key: "resource_configuration",
    name: "resource configuration",
};

/// The resource configurations of one owner.
pub struct Configuration<'a> {
    aws: &'a Aws,
    owner: &'a Owner,
    tags: Tags<'a>,
}

/// What a configuration leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    DomainName(String),
    IpAddress(String),
}

/// What is wanted of the configuration.
#[derive(Debug, Clone)]
pub struct ConfigurationSpec {
    pub target: Fact<Target>,
    pub ports: Fact<BTreeSet<PortRange>>,
    /// Whether it may be associated with service networks that are shared.
    pub shareable: Fact<bool>,
    /// What the DNS name is resolved to, one of both kinds; `Absent` leaves it as it is, because the endpoint is gone, or
    /// because it leads to an address.
    pub ip_address_type: Fact<IpAddressType>,
    pub gateway_id: Fact<String>,
    pub tags: UserTags,
}

/// A DNS name as it is sent and compared: neither its case nor a dot at its end has a meaning, and AWS may keep both or not.
pub fn dns_name(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

/// What AWS answers of the configuration.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SeenConfiguration {
    pub id: String,
    pub arn: String,
    pub name: String,
    pub gateway_id: String,
    /// What it leads to; `None` for a configuration of another type.
    pub target: Option<Target>,
    pub ip_address_type: Option<IpAddressType>,
    pub port_ranges: Vec<String>,
    pub single_tcp: bool,
    pub shareable: bool,
    pub status: LatticeStatus,
    pub failure_reason: Option<String>,
    pub tags: ObjectTags,
}

impl ConfigurationSpec {
    fn port_ranges(&self) -> Option<Vec<String>> {
        let ports = self.ports.as_ref().known()?;
        Some(ports.iter().map(ToString::to_string).collect())
    }

    fn definition(&self) -> Option<ResourceConfigurationDefinition> {
        Some(match self.target.as_ref().known()? {
            Target::DomainName(name) => {
                let kind = self.ip_address_type.as_ref().known();
                let kind = kind.map(|kind| ResourceConfigurationIpAddressType::from(kind.as_str()));
                let dns = DnsResource::builder().domain_name(name).set_ip_address_type(kind);
                ResourceConfigurationDefinition::DnsResource(dns.build())
            }
            Target::IpAddress(address) => {
                let ip = IpResource::builder().ip_address(address).build();
                ResourceConfigurationDefinition::IpResource(ip)
            }
        })
    }
}

impl SeenConfiguration {
    /// The DNS name that it leads to.
    pub fn domain_name(&self) -> Option<&str> {
        match &self.target {
            Some(Target::DomainName(name)) => Some(name),
            _ => None,
        }
    }

    /// The ports that it admits, without what is no port.
    pub fn ports(&self) -> BTreeSet<PortRange> {
        let ranges = self.port_ranges.iter();
        ranges.filter_map(|range| range.parse().ok()).collect()
    }
}

impl<'a> Configuration<'a> {
    /// The configurations of `owner`.
    pub fn new(aws: &'a Aws, owner: &'a Owner) -> Self {
        Self {
            aws,
            owner,
            tags: Tags::new(aws),
        }
    }

    /// The configuration with this id or ARN, even if it is not ours.
    pub async fn describe(&self, id: &str) -> Result<Option<SeenConfiguration>, ComponentError> {
        let Some(seen) = self.describe_untagged(id).await? else {
            return Ok(None);
        };
        let tags = self.tags.get(&seen.arn).await?;
        Ok(tags.map(|tags| SeenConfiguration { tags, ..seen }))
    }

    /// The same without its tags: for what is known to be somebody else's, and may be another account's.
    pub async fn describe_untagged(&self, id: &str) -> Result<Option<SeenConfiguration>, ComponentError> {
        const API: Api = Api::new("vpc-lattice", "GetResourceConfiguration");
        let request = self.aws.lattice.get_resource_configuration();
        let request = request.resource_configuration_identifier(id);
        let Some(seen) = request.send().await.found(API)? else {
            return Ok(None);
        };
        let (target, ip_address_type) = match seen.resource_configuration_definition {
            Some(ResourceConfigurationDefinition::DnsResource(dns)) => (
                dns.domain_name.map(|name| Target::DomainName(dns_name(&name))),
                dns.ip_address_type.map(|kind| kind.as_str().to_owned().into()),
            ),
            Some(ResourceConfigurationDefinition::IpResource(ip)) => {
                (ip.ip_address.map(Target::IpAddress), None)
            }
            _ => (None, None),
        };
        Ok(Some(SeenConfiguration {
            id: wanted(API, "id", seen.id)?,
            name: wanted(API, "name", seen.name)?,
            gateway_id: seen.resource_gateway_id.unwrap_or_default(),
            ip_address_type,
            target,
            port_ranges: seen.port_ranges.unwrap_or_default(),
            single_tcp: seen.r#type == Some(ResourceConfigurationType::Single)
                && seen.protocol == Some(ProtocolType::Tcp),
            shareable: seen
                .allow_association_to_shareable_service_network
                .unwrap_or_default(),
            status: wanted(API, "status", seen.status)?.as_str().to_owned().into(),
            failure_reason: seen.failure_reason,
            arn: wanted(API, "arn", seen.arn)?,
            tags: ObjectTags::default(),
        }))
    }

    /// What differs of what AWS changes in place, but for tags.
    fn differs(want: &ConfigurationSpec, seen: &SeenConfiguration) -> Vec<&'static str> {
        let target = seen.target.as_ref();
        [
            ("address", target.is_some_and(|target| want.target.is(target))),
            ("ports", want.ports.is(&seen.ports())),
            (
                "allowAssociationToShareableServiceNetwork",
                want.shareable.is(&seen.shareable),
            ),
        ]
        .into_iter()
        .filter(|(_, same)| !same)
        .map(|(what, _)| what)
        .collect()
    }
}

impl Component for Configuration<'_> {
    const KIND: Kind = CONFIGURATION;
    type Spec = ConfigurationSpec;
    type Observed = SeenConfiguration;
    type Error = ComponentError;

    fn name(&self, want: &ConfigurationSpec) -> String {
        // An address changes in place.
        let target = want.target.as_ref().known().map(|target| match target {
            Target::DomainName(name) => name.as_str(),
            Target::IpAddress(_) => "address",
        });
        let gateway = want.gateway_id.as_ref().known().map(String::as_str);
        let ipv6 = want.ip_address_type.as_ref().known();
        let ipv6 = ipv6
            .filter(|kind| **kind == IpAddressType::Ipv6)
            .map(IpAddressType::as_str);
        self.owner
            .component_name(target.into_iter().chain(gateway).chain(ipv6))
    }

    fn name_of(&self, seen: &SeenConfiguration) -> String {
        seen.name.clone()
    }

    fn compare(&self, want: &ConfigurationSpec, seen: &SeenConfiguration) -> Change {
        let mut fixed = Vec::new();
        // UpdateResourceConfiguration seems to accept another DNS name and keeps the old one.
        match (&want.target, &seen.target) {
            (Fact::Known(Target::IpAddress(_)), Some(Target::IpAddress(_))) => {}
            (want, Some(seen)) if want.is(seen) => {}
            _ => fixed.push("what it leads to".to_owned()),
        }
        if !want.gateway_id.is(&seen.gateway_id) {
            fixed.push("resource gateway".to_owned());
        }
        let address_type = seen.ip_address_type.clone().unwrap_or(IpAddressType::Ipv4);
        if want.ip_address_type != Fact::Absent && !want.ip_address_type.is(&address_type) {
            fixed.push("IP address type".to_owned());
        }
        if !seen.single_tcp {
            fixed.push("type or protocol".to_owned());
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
        let mut differs: Vec<_> = Self::differs(want, seen).into_iter().map(str::to_owned).collect();
        if want.tags.differ(&seen.id, &seen.tags.user) {
            differs.push("tags".to_owned());
        }
        if seen.status == LatticeStatus::UpdateFailed {
            differs.push(seen.status.to_string());
        }
        if differs.is_empty() {
            Change::Keep
        } else {
            Change::Update(differs)
        }
    }

    fn health(&self, seen: &SeenConfiguration) -> Health {
        match seen.status {
            LatticeStatus::Active => Health::Settled,
            LatticeStatus::CreateFailed | LatticeStatus::UpdateFailed => {
                let reason = seen.failure_reason.as_deref().unwrap_or("AWS gives no reason");
                Health::Failed(format!("{}: {reason}", seen.status))
            }
            _ => Health::Working(seen.status.to_string()),
        }
    }

    fn guard(&self, seen: &SeenConfiguration) -> Option<String> {
        self.owner.lost_tag(&seen.tags, &seen.arn, self.aws.region())
    }

    fn taken_over(&self, seen: &SeenConfiguration) -> bool {
        self.owner.lost_to_another(&seen.tags)
    }

    fn stuck(&self, seen: &SeenConfiguration) -> Option<String> {
        (seen.status == LatticeStatus::DeleteFailed).then(|| {
            format!(
                "{}: {}",
                seen.status,
                seen.failure_reason.as_deref().unwrap_or("AWS gives no reason")
            )
        })
    }

    fn confirm(&self) -> Option<Duration> {
        Some(SECOND_READ)
    }

    fn marked(&self, seen: &SeenConfiguration) -> bool {
        seen.tags.mark().is_some()
    }

    async fn claim(&self, _: &Id, seen: &SeenConfiguration) -> Result<(), ComponentError> {
        Ok(self.tags.claim(&seen.arn, self.owner, &seen.tags).await?)
    }

    async fn sign_off(
        &self,
        mut objects: Vec<(Id, SeenConfiguration)>,
    ) -> Result<Vec<(Id, SeenConfiguration)>, ComponentError> {
        for (_, seen) in &mut objects {
            seen.tags = self.tags.unmark(&seen.arn, self.owner, &seen.tags).await?;
        }
        Ok(objects)
    }

    async fn mark_again(&self, objects: Vec<(Id, SeenConfiguration)>) -> Result<(), ComponentError> {
        for (_, seen) in &objects {
            self.tags.mark_again(&seen.arn).await?;
        }
        Ok(())
    }

    async fn search(&self, inventory: &Inventory) -> Result<Vec<Found<SeenConfiguration>>, ComponentError> {
        let listed = self.aws.listings.configurations.searched(inventory.anew).await?;
        let mut found = Vec::new();
        for configuration in listed.iter() {
            let id = Id::new(&configuration.id);
            let recorded = inventory.recorded.owns(CONFIGURATION.key, &id);
            if !recorded && !self.owner.may_have_named(&configuration.name) {
                continue;
            }
            let Some(tags) = self.tags.get(&configuration.arn).await? else {
                continue;
            };
            if recorded || self.owner.finds(inventory.fresh, &tags) {
                found.push(Found::listed(id, &configuration.name, tags.is_marked()));
            }
        }
        Ok(found)
    }

    async fn observe(&self, id: &Id) -> Result<Option<SeenConfiguration>, ComponentError> {
        self.describe(id.as_str()).await
    }

    async fn create(&self, want: &ConfigurationSpec) -> Result<Made, ComponentError> {
        const API: Api = Api::new("vpc-lattice", "CreateResourceConfiguration");
        let tags = tags::new(self.owner, &want.tags)?;
        let answer = self
            .aws
            .lattice
            .create_resource_configuration()
            .name(self.name(want))
            .r#type(ResourceConfigurationType::Single)
            .protocol(ProtocolType::Tcp)
            .set_port_ranges(want.port_ranges())
            .set_resource_gateway_identifier(want.gateway_id.clone().known())
            .set_resource_configuration_definition(want.definition())
            // Always sent: documented to default to false, seen to default to true, and never reset by an
            // update.
            .set_allow_association_to_shareable_service_network(want.shareable.known())
            .set_tags(Some(tags.clone().into_iter().collect()))
            .send()
            .await;
        let listing = &self.aws.listings.configurations;
        let answer = listing.after(answer.of(API))?;
        let made = ListedConfiguration {
            id: wanted(API, "id", answer.id)?,
            arn: wanted(API, "arn", answer.arn)?,
            name: self.name(want),
            gateway: want.gateway_id.clone().known(),
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
        want: &ConfigurationSpec,
        seen: &SeenConfiguration,
        _: u32,
    ) -> Result<(), ComponentError> {
        const API: Api = Api::new("vpc-lattice", "UpdateResourceConfiguration");
        let changes = want.tags.changes(&seen.id, &seen.tags.user);
        self.tags.change(&seen.arn, changes, &seen.tags).await?;
        let retry = seen.status == LatticeStatus::UpdateFailed;
        if retry || !Self::differs(want, seen).is_empty() {
            // Of a DNS name AWS takes no definition, not even the same one.
            let is_address = matches!(want.target, Fact::Known(Target::IpAddress(_)));
            let answer = self
                .aws
                .lattice
                .update_resource_configuration()
                .resource_configuration_identifier(id.as_str())
                .set_port_ranges(want.port_ranges())
                .set_resource_configuration_definition(want.definition().filter(|_| is_address))
                .set_allow_association_to_shareable_service_network(want.shareable.known())
                .send()
                .await;
            answer.of(API)?;
        }
        Ok(())
    }

    async fn delete(&self, id: &Id, _: &SeenConfiguration) -> Result<(), ComponentError> {
        const API: Api = Api::new("vpc-lattice", "DeleteResourceConfiguration");
        let request = self
            .aws
            .lattice
            .delete_resource_configuration()
            .resource_configuration_identifier(id.as_str());
        let answer = request.send().await;
        match answer.of(API) {
            Err(error) if error.kind == ErrorKind::InUse => return Err(self.in_use(id, error).await),
            answer => answer?,
        };
        self.aws.listings.configurations.remove(id.as_str());
        Ok(())
    }
}

/// The associations of a configuration with service networks; none of one that is gone.
pub(super) async fn associations(
    aws: &Aws,
    configuration: &str,
) -> Result<Vec<ServiceNetworkResourceAssociationSummary>, AwsError> {
    const API: Api = Api::new("vpc-lattice", "ListServiceNetworkResourceAssociations");
    let listed = pages(API, |token| {
        let request = aws.lattice.list_service_network_resource_associations();
        let request = request
            .resource_configuration_identifier(configuration)
            .set_next_token(token);
        async move {
            let answer = request.send().await.found(API)?;
            let items = answer.map(|answer| (answer.items, answer.next_token));
            Ok(items.unwrap_or_default())
        }
    });
    listed.await
}

impl Configuration<'_> {
    /// Why a configuration cannot be removed: others use it, or a connection of ours that is on its way out.
    async fn in_use(&self, id: &Id, error: AwsError) -> ComponentError {
        match self.used_by_others(id).await {
            Ok(others) if !others.is_empty() => ComponentError::UsedByOthers {
                what: format!("resource configuration {id}"),
                by: others.join(", "),
            },
            _ => error.into(),
        }
    }

    /// What goes through a configuration and is not our own connection, in words; what is on its way out does not count.
    ///
    /// An association that EventBridge has made for our own connection is known by its ARN, which the connection shows. Others
    /// are named by the tag that EventBridge puts on them: the account and the connection that they are for.
    pub async fn used_by_others(&self, id: &Id) -> Result<Vec<String>, ComponentError> {
        const CONNECTION_TAG: &str = "ManagedByServiceAWSEventBridge";
        let mut others = Vec::new();
        for association in associations(self.aws, id.as_str()).await? {
            let goes = association.status == Some(ServiceNetworkResourceAssociationStatus::DeleteInProgress);
            let Some(arn) = association.arn.filter(|_| !goes) else {
                continue;
            };
            if self.aws.associations.is_held(&arn) {
                continue;
            }
            // Its tag is only asked for to name whoever else it is for.
            let tags = self.tags.get(&arn).await.ok().flatten().unwrap_or_default();
            let connection = tags
                .user
                .get(CONNECTION_TAG)
                .and_then(|value| connection_of(value));
            match connection.as_deref() {
                Some(connection) if self.owner.has_connection(connection) => {}
                Some(connection) => others.push(format!("the connection {connection}")),
                None => others.push(format!("the association {arn}")),
            }
        }
        Ok(others)
    }
}

/// The name of the connection that the tag of an association names: `account:name` is documented, an ARN would do as well.
fn connection_of(tag: &str) -> Option<String> {
    match Arn::parse(tag) {
        Some(arn) => arn.name().map(str::to_owned),
        None => Some(tag.split_once(':')?.1.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_named_by_its_account_and_name_or_by_its_arn() {
        let arn = "arn:aws:events:eu-central-1:123456789012:connection/orders/0a1b";
        for tag in ["123456789012:orders", arn] {
            assert_eq!(connection_of(tag).as_deref(), Some("orders"), "{tag}");
        }
        assert_eq!(connection_of("orders"), None);
    }
}
