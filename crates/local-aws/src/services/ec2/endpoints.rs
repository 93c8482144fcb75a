//! VPC endpoints of the types Interface, Gateway and Resource: their names, network interfaces and life.

use std::collections::BTreeSet;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::describe::Described;
use super::interfaces::NetworkInterface;
use super::subnets::Subnet;
use super::{ENDPOINT, GROUP, Kind, ROUTE_TABLE, SUBNET, State, VPC, dry_run, tags};
use crate::core::agenda::Subject;
use crate::core::error::{Answer, ApiError};
use crate::core::ids;
use crate::core::life_cycle::{LifeCycle, Reached, Seen, Status, Step};
use crate::core::notice::Notice;
use crate::core::tags::Tags;
use crate::core::timestamp::iso8601;
use crate::core::world::World;
use crate::wire::Reply;
use crate::wire::query::Params;
use crate::wire::xml::Xml;

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
            _ => Err(ApiError::bad_request(
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

fn insufficient_addresses(subnet_id: &str) -> ApiError {
    ApiError::bad_request(
        "InsufficientFreeAddressesInSubnet",
        format!("The subnet '{subnet_id}' does not have enough free addresses to satisfy the request."),
    )
}

pub(crate) fn create(world: &mut World, params: &Params) -> Answer<Reply> {
    let token = params
        .get("ClientToken")
        .filter(|token| !token.is_empty())
        .map(str::to_owned);
    let fingerprint = params.fingerprint(&["ClientToken"]);
    if let Some((made_of, id)) = token
        .as_ref()
        .and_then(|token| world.ec2().endpoint_tokens.get(token))
        && world.ec2().endpoints.contains_key(id)
    {
        if *made_of != fingerprint {
            return Err(ApiError::bad_request(
                "IdempotentParameterMismatch",
                "The request uses the same client token as a previous, but non-identical request.",
            ));
        }
        return Ok(created(world, id, token.as_deref()));
    }

    let new = checked(world, params)?;
    dry_run(params)?;
    let id = ids::resource_id("vpce");
    make(world, id.clone(), new)?;
    if let Some(token) = &token {
        world
            .ec2_mut()
            .endpoint_tokens
            .insert(token.clone(), (fingerprint, id.clone()));
    }
    world.made(&id);
    match world.ec2().endpoints[&id].kind.clone() {
        // A gateway endpoint is but an entry in route tables.
        EndpointKind::Gateway => settle(world, &id),
        EndpointKind::Interface => LIFE.begin(world, "EndpointSettled", id.as_str()),
        EndpointKind::Resource(arn) => {
            world.tell(&Notice::EndpointMade {
                id: &id,
                resource_arn: &arn,
            });
            LIFE.begin(world, "EndpointSettled", id.as_str());
        }
    }
    Ok(created(world, &id, token.as_deref()))
}

fn checked(world: &World, params: &Params) -> Answer<NewEndpoint> {
    let ec2 = world.ec2();
    let vpc_id = params.required("VpcId")?;
    VPC.find(&ec2.vpcs, vpc_id)?;
    let (kind, service_name) = kind_and_service(world, params)?;
    let route_table_ids = route_tables(ec2, params, "RouteTableId", vpc_id)?;
    if kind != EndpointKind::Gateway && !route_table_ids.is_empty() {
        return Err(ApiError::bad_request(
            "InvalidParameter",
            format!("Endpoint type ({}) does not take route tables.", kind.as_str()),
        ));
    }
    if kind == EndpointKind::Gateway && !params.list("SubnetId").is_empty() {
        return Err(ApiError::bad_request(
            "InvalidParameter",
            "Endpoint type (Gateway) does not take subnets.",
        ));
    }
    let ip = params.get("IpAddressType").filter(|text| !text.is_empty());
    let ip = ip.map_or(Ok(IpAddressType::default()), IpAddressType::parse)?;
    let subnet_ids = params.list("SubnetId");
    let mut zones = BTreeSet::new();
    for id in &subnet_ids {
        let subnet = SUBNET.find(&ec2.subnets, id)?;
        if subnet.vpc_id != vpc_id {
            return Err(ApiError::bad_request(
                "InvalidParameter",
                format!("The subnet {id} does not belong to the VPC {vpc_id}"),
            ));
        }
        if !zones.insert(&subnet.zone) {
            return Err(ApiError::bad_request(
                "DuplicateSubnetsInSameZone",
                "Found another VPC endpoint subnet in the availability zone",
            ));
        }
        if ip.has_ipv4() && ec2.free_addresses(subnet, 1).is_none() {
            return Err(insufficient_addresses(id));
        }
        check_ipv6(subnet, ip)?;
    }
    let mut group_ids: Vec<String> = params
        .list("SecurityGroupId")
        .into_iter()
        .map(str::to_owned)
        .collect();
    for id in &group_ids {
        if GROUP.find(&ec2.groups, id)?.vpc_id != vpc_id {
            return Err(ApiError::bad_request(
                "InvalidParameter",
                format!("The security group {id} does not belong to the VPC {vpc_id}"),
            ));
        }
    }
    if group_ids.is_empty() && kind != EndpointKind::Gateway {
        group_ids.extend(ec2.default_group(vpc_id).map(|group| group.id.clone()));
    }
    let private_dns = kind == EndpointKind::Interface && params.flag("PrivateDnsEnabled")?.unwrap_or(true);
    if private_dns {
        check_private_dns(world, vpc_id, &service_name)?;
    }
    Ok(NewEndpoint {
        kind,
        ip,
        vpc_id: vpc_id.to_owned(),
        service_name,
        subnet_ids: subnet_ids.into_iter().map(str::to_owned).collect(),
        group_ids,
        route_table_ids,
        private_dns,
        policy: policy(params)?,
        tags: tags::specified(params, &ENDPOINT)?,
    })
}

/// What a request wants an endpoint of: the type with the service's name, or the resource configuration.
fn kind_and_service(world: &World, params: &Params) -> Answer<(EndpointKind, String)> {
    let kind = match params
        .get("VpcEndpointType")
        .filter(|kind| !kind.is_empty())
        .unwrap_or("Gateway")
    {
        "Interface" => EndpointKind::Interface,
        "Gateway" => EndpointKind::Gateway,
        "Resource" => {
            let arn = params.required("ResourceConfigurationArn")?;
            if !world.is_ready(arn) {
                return Err(ApiError::bad_request(
                    "InvalidParameterValue",
                    format!("There is no active resource configuration with the ARN {arn}"),
                ));
            }
            return Ok((EndpointKind::Resource(arn.to_owned()), String::new()));
        }
        other => {
            return Err(ApiError::bad_request(
                "UnsupportedOperation",
                format!(
                    "VPC endpoints of type {other} are not served here; use Interface, Gateway or Resource"
                ),
            ));
        }
    };
    let service_name = params.required("ServiceName")?;
    let prefix = format!("com.amazonaws.{}.", world.origin.region);
    let known = |name: &str| {
        !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c))
    };
    let name = service_name.strip_prefix(&prefix).filter(|name| known(name));
    let Some(name) = name else {
        return Err(ApiError::bad_request(
            "InvalidServiceName",
            format!("The Vpc Endpoint Service '{service_name}' does not exist"),
        ));
    };
    if kind == EndpointKind::Gateway && !matches!(name, "s3" | "dynamodb") {
        return Err(ApiError::bad_request(
            "InvalidParameter",
            format!(
                "Endpoint type (Gateway) does not match available service types ([Interface]) of {service_name}."
            ),
        ));
    }
    Ok((kind, service_name.to_owned()))
}

/// The route tables that a list of a request names, all of one VPC.
pub(super) fn route_tables(ec2: &State, params: &Params, list: &str, vpc_id: &str) -> Answer<Vec<String>> {
    let ids = params.list(list).into_iter();
    let checked = ids.map(|id| {
        let table = ROUTE_TABLE.find(&ec2.route_tables, id)?;
        if table.vpc_id == vpc_id {
            return Ok(id.to_owned());
        }
        Err(ApiError::bad_request(
            "InvalidParameter",
            format!("The route table {id} does not belong to the VPC {vpc_id}"),
        ))
    });
    checked.collect()
}

/// The policy of a request, which has to be a JSON object with statements.
pub(super) fn policy(params: &Params) -> Answer<Option<String>> {
    let Some(policy) = params.get("PolicyDocument").filter(|policy| !policy.is_empty()) else {
        return Ok(None);
    };
    let parsed: Option<serde_json::Value> = serde_json::from_str(policy).ok();
    if parsed.is_some_and(|policy| policy.get("Statement").is_some()) {
        return Ok(Some(policy.to_owned()));
    }
    Err(ApiError::bad_request(
        "InvalidPolicyDocument",
        "Invalid policy document",
    ))
}

pub(super) fn check_ipv6(subnet: &Subnet, ip: IpAddressType) -> Answer<()> {
    if ip.has_ipv6() && subnet.ipv6.is_none() {
        return Err(ApiError::bad_request(
            "InvalidParameter",
            format!(
                "The subnet {} has no IPv6 CIDR block, which {} needs",
                subnet.id,
                ip.as_str()
            ),
        ));
    }
    Ok(())
}

/// In a VPC one endpoint of a service can have the service's own name.
pub(super) fn check_private_dns(world: &World, vpc_id: &str, service_name: &str) -> Answer<()> {
    let mut others = world
        .ec2()
        .endpoints
        .values()
        .filter(|other| other.vpc_id == vpc_id && other.service_name == service_name);
    if others.any(|other| other.private_dns) {
        let service = service_name.rsplit('.').next().unwrap_or_default();
        return Err(ApiError::bad_request(
            "InvalidParameter",
            format!(
                "private-dns-enabled cannot be set because there is already a conflicting DNS domain for \
                 {service}.{}.{} in the VPC {vpc_id}",
                world.origin.region,
                world.origin.partition().dns_suffix
            ),
        ));
    }
    Ok(())
}

fn created(world: &World, id: &str, token: Option<&str>) -> Reply {
    let mut xml = Xml::default();
    if let Some(endpoint) = world.ec2().endpoints.get(id) {
        xml.node("vpcEndpoint", |xml| endpoint.write(xml, world));
    }
    xml.leaf_if("clientToken", token);
    Reply::Xml(xml)
}

pub(crate) fn delete(world: &mut World, params: &Params) -> Answer<Reply> {
    let ids = params.list("VpcEndpointId");
    if ids.is_empty() {
        params.required("VpcEndpointId")?;
    }
    for id in &ids {
        ENDPOINT.check(id)?;
    }
    dry_run(params)?;
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
    let mut xml = Xml::default();
    xml.list("unsuccessful", unsuccessful, |xml, id| {
        xml.leaf("resourceId", id);
        xml.node("error", |xml| {
            xml.leaf("code", "InvalidVpcEndpoint.NotFound");
            xml.leaf(
                "message",
                format_args!("The Vpc Endpoint Id '{id}' does not exist"),
            );
        });
    });
    Ok(Reply::Xml(xml))
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
    const IDS: &'static str = "VpcEndpointId";
    const SET: &'static str = "vpcEndpointSet";
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

    fn write(&self, xml: &mut Xml, world: &World) {
        xml.leaf("vpcEndpointId", &self.id);
        xml.leaf("vpcEndpointType", self.kind.as_str());
        xml.leaf("vpcId", &self.vpc_id);
        if let EndpointKind::Resource(arn) = &self.kind {
            xml.leaf("resourceConfigurationArn", arn);
        } else {
            xml.leaf("serviceName", &self.service_name);
        }
        xml.leaf("serviceRegion", &world.origin.region);
        xml.leaf("state", self.state.as_str());
        xml.leaf("policyDocument", &self.policy);
        xml.texts("routeTableIdSet", &self.route_table_ids);
        xml.texts("subnetIdSet", &self.subnet_ids);
        xml.list("groupSet", &self.group_ids, |xml, id| {
            xml.leaf("groupId", id);
            xml.leaf_if("groupName", world.ec2().groups.get(id).map(|group| &group.name));
        });
        xml.leaf("ipAddressType", self.ip.as_str());
        xml.node("dnsOptions", |xml| xml.leaf("dnsRecordIpType", self.ip.as_str()));
        xml.leaf("privateDnsEnabled", self.private_dns);
        xml.leaf("requesterManaged", false);
        let interfaces = world
            .ec2()
            .interfaces
            .values()
            .filter(|interface| interface.owner == self.id);
        xml.texts("networkInterfaceIdSet", interfaces.map(|interface| &interface.id));
        let mut entries: Vec<&(String, String)> = self.dns_entries.iter().collect();
        if world.settings.shuffles_dns_entries {
            entries.sort_by_cached_key(|_| ids::letters(8));
        }
        xml.list("dnsEntrySet", entries, |xml, (name, zone)| {
            xml.leaf("dnsName", name);
            xml.leaf("hostedZoneId", zone);
        });
        xml.leaf("creationTimestamp", iso8601(self.created));
        xml.leaf("ownerId", &world.origin.account_id);
        if let Some(failure) = &self.failure {
            xml.leaf("failureReason", failure);
            xml.node("lastError", |xml| {
                xml.leaf("code", "Failed");
                xml.leaf("message", failure);
            });
        }
        xml.tags(&self.tags);
    }
}
