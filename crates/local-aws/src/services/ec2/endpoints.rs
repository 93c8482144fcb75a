//! VPC endpoints of the types Interface, Gateway and Resource: their names, network interfaces and life.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::describe::Described;
use super::interfaces::NetworkInterface;
use super::{ENDPOINT, Kind, SUBNET, State, dry_run, groups, tags, texts};
use crate::core::agenda::Subject;
use crate::core::error::{Answer, ApiError};
use crate::core::ids;
use crate::core::life_cycle::{LifeCycle, Reached, Seen, Status, Step};
use crate::core::notice::Notice;
use crate::core::tags::Tags;
use crate::core::timestamp::iso8601;
use crate::core::world::World;
use crate::wire::Reply;

#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize)]
pub(crate) enum EndpointState {
    Pending,
    Available,
    Deleting,
    Rejected,
    Failed,
    Expired,
}

impl Status for EndpointState {
    /// Lower case, as EC2 answers, whatever its model says.
    fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Available => "available",
            Self::Deleting => "deleting",
            Self::Rejected => "rejected",
            Self::Failed => "failed",
            Self::Expired => "expired",
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize)]
pub(crate) enum EndpointKind {
    #[default]
    Interface,
    /// For S3 and DynamoDB, by way of route tables.
    Gateway,
    /// For one resource configuration, by its ARN.
    Resource(String),
}

impl EndpointKind {
    pub(crate) fn as_str(&self) -> &'static str {
        match self {
            Self::Interface => "Interface",
            Self::Gateway => "Gateway",
            Self::Resource(_) => "Resource",
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize, Serialize)]
pub(crate) enum IpAddressType {
    #[default]
    Ipv4,
    Ipv6,
    Dualstack,
}

impl IpAddressType {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
            Self::Dualstack => "dualstack",
        }
    }

    pub(super) fn parse(text: &str) -> Answer<Self> {
        match text {
            "ipv4" => Ok(Self::Ipv4),
            "ipv6" => Ok(Self::Ipv6),
            "dualstack" => Ok(Self::Dualstack),
            _ => Err(ApiError::new(
                "InvalidParameterValue",
                format!("Value ({text}) for parameter IpAddressType is invalid."),
            )),
        }
    }

    pub(crate) fn has_ipv4(self) -> bool {
        self != Self::Ipv6
    }

    pub(crate) fn has_ipv6(self) -> bool {
        self != Self::Ipv4
    }
}

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct VpcEndpoint {
    pub(crate) id: String,
    pub(crate) kind: EndpointKind,
    pub(crate) vpc_id: String,
    /// Empty for the type Resource.
    pub(crate) service_name: String,
    pub(crate) ip: IpAddressType,
    pub(crate) state: EndpointState,
    pub(crate) failure: Option<String>,
    pub(crate) policy: String,
    pub(crate) subnet_ids: Vec<String>,
    pub(crate) group_ids: Vec<String>,
    /// Of the type Gateway.
    #[serde(default)]
    pub(crate) route_table_ids: Vec<String>,
    pub(crate) private_dns: bool,
    /// Regional name first, then zonal ones, then private ones; each with its hosted zone.
    pub(crate) dns_entries: Vec<(String, String)>,
    pub(crate) created: SystemTime,
    pub(crate) tags: Tags,
}

/// What an endpoint is made of, whoever makes it.
#[derive(Default)]
pub(crate) struct NewEndpoint {
    pub(crate) kind: EndpointKind,
    pub(crate) ip: IpAddressType,
    pub(crate) vpc_id: String,
    pub(crate) service_name: String,
    pub(crate) subnet_ids: Vec<String>,
    pub(crate) group_ids: Vec<String>,
    pub(crate) route_table_ids: Vec<String>,
    pub(crate) private_dns: bool,
    pub(crate) policy: Option<String>,
    pub(crate) tags: Tags,
}

pub(super) const OPEN_POLICY: &str =
    r#"{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}"#;

/// Makes an endpoint with a network interface in each subnet, in state pending.
pub(crate) fn make(world: &mut World, id: String, new: NewEndpoint) -> Answer<()> {
    let mut endpoint = VpcEndpoint {
        id: id.clone(),
        dns_entries: Vec::new(),
        kind: new.kind,
        vpc_id: new.vpc_id,
        service_name: new.service_name,
        ip: new.ip,
        state: EndpointState::Pending,
        failure: None,
        policy: new.policy.unwrap_or_else(|| OPEN_POLICY.to_owned()),
        subnet_ids: new.subnet_ids,
        group_ids: new.group_ids,
        route_table_ids: new.route_table_ids,
        private_dns: new.private_dns,
        created: world.now(),
        tags: new.tags,
    };
    endpoint.dns_entries = names(world, &endpoint)?;
    for subnet_id in endpoint.subnet_ids.clone() {
        attach(world, &endpoint, &subnet_id)?;
    }
    world.ec2_mut().endpoints.insert(id, endpoint);
    Ok(())
}

/// Puts the network interface of an endpoint into a subnet.
pub(super) fn attach(world: &mut World, endpoint: &VpcEndpoint, subnet_id: &str) -> Answer<()> {
    let subnet = SUBNET.find(&world.ec2().subnets, subnet_id)?;
    let wanted = usize::from(endpoint.ip.has_ipv4());
    let addresses = world
        .ec2()
        .free_addresses(subnet, wanted)
        .ok_or_else(|| insufficient_addresses(subnet_id))?;
    let ipv6_addresses = if endpoint.ip.has_ipv6() {
        let address = world.ec2().free_ipv6_address(subnet);
        vec![address.ok_or_else(|| insufficient_addresses(subnet_id))?]
    } else {
        Vec::new()
    };
    let interface = NetworkInterface {
        id: ids::resource_id("eni"),
        vpc_id: endpoint.vpc_id.clone(),
        subnet_id: subnet_id.to_owned(),
        zone: subnet.zone.clone(),
        groups: endpoint.group_ids.clone(),
        description: format!("VPC Endpoint Interface {}", endpoint.id),
        owner: endpoint.id.clone(),
        interface_type: "vpc_endpoint".into(),
        requester_id: "amazon-aws".into(),
        addresses,
        ipv6_addresses,
        tags: Tags::new(),
    };
    world.ec2_mut().interfaces.insert(interface.id.clone(), interface);
    Ok(())
}

/// The DNS entries of an endpoint; one that had some keeps its label, so that names stay.
pub(super) fn names(world: &World, endpoint: &VpcEndpoint) -> Answer<Vec<(String, String)>> {
    let region = &world.origin.region;
    let suffix = world.origin.partition().dns_suffix;
    let hosted_zone = "Z7HUB22UULQXV".to_owned();
    let id = &endpoint.id;
    if let EndpointKind::Resource(arn) = &endpoint.kind {
        let configuration = arn.rsplit('/').next().unwrap_or_default();
        let name = format!(
            "{id}.{configuration}.{}.vpc-lattice-rsc.{region}.on.aws",
            ids::letters(7)
        );
        return Ok(vec![(name, hosted_zone)]);
    }
    if endpoint.kind == EndpointKind::Gateway {
        return Ok(Vec::new());
    }
    let service = endpoint.service_name.rsplit('.').next().unwrap_or_default();
    let label = match endpoint
        .dns_entries
        .first()
        .and_then(|(name, _)| name.split('.').next())
    {
        Some(label) => label.to_owned(),
        None => format!("{id}-{}", ids::letters(8)),
    };
    let mut entries = vec![(
        format!("{label}.{service}.{region}.vpce.{suffix}"),
        hosted_zone.clone(),
    )];
    for subnet_id in &endpoint.subnet_ids {
        let zone = &SUBNET.find(&world.ec2().subnets, subnet_id)?.zone;
        let name = format!("{label}-{zone}.{service}.{region}.vpce.{suffix}");
        entries.push((name, hosted_zone.clone()));
    }
    if endpoint.private_dns {
        let own = |(name, zone): &(String, String)| (!name.contains(".vpce.")).then(|| zone.clone());
        let zone = endpoint.dns_entries.iter().find_map(own);
        let zone = zone.unwrap_or_else(|| format!("Z{}", ids::letters(13).to_uppercase()));
        let name = format!("{service}.{region}.{suffix}");
        entries.push((name.clone(), zone.clone()));
        entries.push((format!("*.{name}"), zone));
    }
    Ok(entries)
}

pub(super) fn insufficient_addresses(subnet_id: &str) -> ApiError {
    ApiError::new(
        "InsufficientFreeAddressesInSubnet",
        format!("The subnet '{subnet_id}' does not have enough free addresses to satisfy the request."),
    )
}

pub(crate) fn delete(world: &mut World, input: &Value) -> Answer<Reply> {
    let ids = texts(input, "VpcEndpointIds");
    for id in &ids {
        ENDPOINT.check(id)?;
    }
    dry_run(input)?;
    let mut unsuccessful = Vec::new();
    for id in ids {
        match world.ec2_mut().endpoints.get_mut(id) {
            None => unsuccessful.push(id),
            Some(endpoint) if endpoint.state == EndpointState::Deleting => {}
            Some(endpoint) => {
                endpoint.state = EndpointState::Deleting;
                LIFE.begin(world, "EndpointGone", id);
            }
        }
    }
    let unsuccessful = unsuccessful.into_iter().map(|id| {
        let message = format!("The Vpc Endpoint Id '{id}' does not exist");
        json!({ "ResourceId": id, "Error": { "Code": "InvalidVpcEndpoint.NotFound", "Message": message } })
    });
    Ok(Reply::json(
        json!({ "Unsuccessful": unsuccessful.collect::<Value>() }),
    ))
}

/// The life of a vpc endpoint.
pub(super) static LIFE: LifeCycle<EndpointState> = LifeCycle {
    service: "ec2",
    kind: "vpc-endpoint",
    steps: STEPS,
    look: |world, subject| {
        let found = world.ec2().endpoints.get(subject.object())?;
        Some(Seen {
            state: found.state,
            id: found.id.clone(),
            name: found.tags.get("Name").cloned().unwrap_or_default(),
        })
    },
};

const STEPS: &[Step<EndpointState>] = &[
    Step {
        due: "EndpointSettled",
        from: &[EndpointState::Pending],
        to: Some(EndpointState::Available),
        on_failure: &[
            EndpointState::Failed,
            EndpointState::Rejected,
            EndpointState::Expired,
        ],
        after: |world, _| world.times.vpc_endpoint,
        effect: settled,
    },
    Step {
        due: "EndpointGone",
        from: &[EndpointState::Deleting],
        to: None,
        on_failure: &[],
        after: |world, _| world.times.vpc_endpoint_deletion,
        effect: |world, subject, _| gone(world, subject.object()),
    },
];

fn settled(world: &mut World, subject: &Subject, reached: Reached<EndpointState>) {
    let found = world.ec2_mut().endpoints.get_mut(subject.object());
    if let (Some(endpoint), Some(state)) = (found, reached.state) {
        endpoint.state = state;
        endpoint.failure = reached.reason;
    }
}

/// Takes a pending endpoint into service at once.
pub(crate) fn settle(world: &mut World, id: &str) {
    settled(world, &id.into(), Reached::well(EndpointState::Available));
}

fn gone(world: &mut World, id: &str) {
    world.ec2_mut().endpoints.remove(id);
    world.tell(&Notice::EndpointGone { id });
    world.ec2_mut().release_interfaces(id);
}

impl Described for VpcEndpoint {
    const KIND: Kind = ENDPOINT;
    const IDS: &'static str = "VpcEndpointIds";
    const SET: &'static str = "VpcEndpoints";
    const FILTERS: &'static [&'static str] = &[
        "ip-address-type",
        "service-name",
        "service-region",
        "vpc-endpoint-id",
        "vpc-endpoint-state",
        "vpc-endpoint-type",
        "vpc-id",
    ];

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn values(&self, filter: &str, _ec2: &State) -> Vec<String> {
        let one = match filter {
            "ip-address-type" => self.ip.as_str(),
            "service-name" => &self.service_name,
            // com.amazonaws.<region>.<service>
            "service-region" => self.service_name.split('.').nth(2).unwrap_or_default(),
            "vpc-endpoint-state" => self.state.as_str(),
            "vpc-endpoint-type" => self.kind.as_str(),
            "vpc-id" => &self.vpc_id,
            _ => &self.id,
        };
        vec![one.to_owned()]
    }

    fn json(&self, world: &World) -> Value {
        let interfaces = world.ec2().interfaces.values();
        let interfaces = interfaces.filter(|interface| interface.owner == self.id);
        let mut entries: Vec<&(String, String)> = self.dns_entries.iter().collect();
        if world.settings.shuffles_dns_entries {
            entries.sort_by_cached_key(|_| ids::letters(8));
        }
        let entries = entries
            .into_iter()
            .map(|(name, zone)| json!({ "DnsName": name, "HostedZoneId": zone }));
        let mut body = json!({
            "VpcEndpointId": self.id,
            "VpcEndpointType": self.kind.as_str(),
            "VpcId": self.vpc_id,
            "ServiceRegion": world.origin.region,
            "State": self.state.as_str(),
            "PolicyDocument": self.policy,
            "RouteTableIds": self.route_table_ids,
            "SubnetIds": self.subnet_ids,
            "Groups": groups::named(world, &self.group_ids),
            "IpAddressType": self.ip.as_str(),
            "DnsOptions": { "DnsRecordIpType": self.ip.as_str() },
            "PrivateDnsEnabled": self.private_dns,
            "RequesterManaged": false,
            "NetworkInterfaceIds": interfaces.map(|interface| &*interface.id).collect::<Value>(),
            "DnsEntries": entries.collect::<Value>(),
            "CreationTimestamp": iso8601(self.created),
            "OwnerId": world.origin.account_id,
            "Tags": tags::json(&self.tags),
        });
        match &self.kind {
            EndpointKind::Resource(arn) => body["ResourceConfigurationArn"] = arn.clone().into(),
            _ => body["ServiceName"] = self.service_name.clone().into(),
        }
        if let Some(failure) = &self.failure {
            body["FailureReason"] = failure.clone().into();
            body["LastError"] = json!({ "Code": "Failed", "Message": failure });
        }
        body
    }
}
