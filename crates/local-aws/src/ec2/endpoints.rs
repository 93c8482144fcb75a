//! VPC endpoints of type Interface: their names, network interfaces and life.

use std::collections::BTreeSet;
use std::time::SystemTime;

use super::describe::Described;
use super::interfaces::NetworkInterface;
use super::{ENDPOINT, GROUP, Kind, SUBNET, State, VPC, dry_run, tags};
use crate::error::{Answer, ApiError};
use crate::ids;
use crate::protocol::Reply;
use crate::protocol::query::Params;
use crate::protocol::xml::Xml;
use crate::timestamp::iso8601;
use crate::world::{Due, Failure, Tags, World};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum EndpointState {
    Pending,
    Available,
    Deleting,
    Rejected,
    Failed,
    Expired,
}

impl EndpointState {
    /// Lower case, as EC2 answers, whatever its model says.
    pub(crate) fn as_str(self) -> &'static str {
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

#[derive(Debug)]
pub(crate) struct VpcEndpoint {
    pub(crate) id: String,
    pub(crate) vpc_id: String,
    pub(crate) service_name: String,
    pub(crate) state: EndpointState,
    pub(crate) failure: Option<String>,
    pub(crate) policy: String,
    pub(crate) subnet_ids: Vec<String>,
    pub(crate) group_ids: Vec<String>,
    pub(crate) private_dns: bool,
    /// Regional name first, then zonal ones, then private ones; each with its hosted zone.
    pub(crate) dns_entries: Vec<(String, String)>,
    pub(crate) created: SystemTime,
    pub(crate) tags: Tags,
}

/// What an endpoint is made of, whoever makes it.
pub(crate) struct NewEndpoint {
    pub(crate) vpc_id: String,
    pub(crate) service_name: String,
    pub(crate) subnet_ids: Vec<String>,
    pub(crate) group_ids: Vec<String>,
    pub(crate) private_dns: bool,
    pub(crate) policy: Option<String>,
    pub(crate) tags: Tags,
}

const OPEN_POLICY: &str = r#"{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}"#;

/// Makes an endpoint with a network interface in each subnet, in state pending.
pub(crate) fn make(world: &mut World, id: String, new: NewEndpoint) -> Answer<()> {
    let region = world.origin.region.clone();
    let service = new.service_name.rsplit('.').next().unwrap_or_default().to_owned();
    let label = format!("{id}-{}", ids::letters(8));
    let hosted_zone = "Z7HUB22UULQXV".to_owned();
    let mut names = vec![format!("{label}.{service}.{region}.vpce.amazonaws.com")];
    for subnet_id in &new.subnet_ids {
        let subnet = SUBNET.find(&world.ec2.subnets, subnet_id)?;
        names.push(format!(
            "{label}-{}.{service}.{region}.vpce.amazonaws.com",
            subnet.zone
        ));
        let Some(addresses) = world.ec2.free_addresses(subnet, 1) else {
            return Err(insufficient_addresses(subnet_id));
        };
        let interface = NetworkInterface {
            id: ids::resource_id("eni"),
            vpc_id: new.vpc_id.clone(),
            subnet_id: subnet_id.clone(),
            zone: subnet.zone.clone(),
            groups: new.group_ids.clone(),
            description: format!("VPC Endpoint Interface {id}"),
            owner: id.clone(),
            interface_type: "vpc_endpoint",
            requester_id: "amazon-aws",
            addresses,
            tags: Tags::new(),
        };
        world.ec2.interfaces.insert(interface.id.clone(), interface);
    }
    let mut dns_entries: Vec<(String, String)> = names
        .into_iter()
        .map(|name| (name, hosted_zone.clone()))
        .collect();
    if new.private_dns {
        let zone = format!("Z{}", ids::letters(13).to_uppercase());
        let name = format!("{service}.{region}.amazonaws.com");
        dns_entries.push((name.clone(), zone.clone()));
        dns_entries.push((format!("*.{name}"), zone));
    }
    let endpoint = VpcEndpoint {
        id: id.clone(),
        vpc_id: new.vpc_id,
        service_name: new.service_name,
        state: EndpointState::Pending,
        failure: None,
        policy: new.policy.unwrap_or_else(|| OPEN_POLICY.to_owned()),
        subnet_ids: new.subnet_ids,
        group_ids: new.group_ids,
        private_dns: new.private_dns,
        dns_entries,
        created: world.now(),
        tags: new.tags,
    };
    world.ec2.endpoints.insert(id, endpoint);
    Ok(())
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
        .and_then(|token| world.ec2.endpoint_tokens.get(token))
        && world.ec2.endpoints.contains_key(id)
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
            .ec2
            .endpoint_tokens
            .insert(token.clone(), (fingerprint, id.clone()));
    }
    world.schedule(world.times.vpc_endpoint, Due::EndpointSettled(id.clone()));
    Ok(created(world, &id, token.as_deref()))
}

fn checked(world: &World, params: &Params) -> Answer<NewEndpoint> {
    let ec2 = &world.ec2;
    let vpc_id = params.required("VpcId")?;
    VPC.find(&ec2.vpcs, vpc_id)?;
    let kind = params.get("VpcEndpointType").unwrap_or("Gateway");
    if kind != "Interface" {
        return Err(ApiError::bad_request(
            "UnsupportedOperation",
            format!("VPC endpoints of type {kind} are not served here; only those of type Interface are"),
        ));
    }
    let service_name = params.required("ServiceName")?;
    let prefix = format!("com.amazonaws.{}.", world.origin.region);
    let known =
        |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || "-.".contains(c));
    if !service_name.strip_prefix(&prefix).is_some_and(known) {
        return Err(ApiError::bad_request(
            "InvalidServiceName",
            format!("The Vpc Endpoint Service '{service_name}' does not exist"),
        ));
    }
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
        if ec2.free_addresses(subnet, 1).is_none() {
            return Err(insufficient_addresses(id));
        }
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
    if group_ids.is_empty() {
        group_ids.extend(ec2.default_group(vpc_id).map(|group| group.id.clone()));
    }
    let private_dns = params.flag("PrivateDnsEnabled")?.unwrap_or(true);
    let mut others = ec2
        .endpoints
        .values()
        .filter(|other| other.vpc_id == vpc_id && other.service_name == service_name);
    if private_dns && others.any(|other| other.private_dns) {
        let service = service_name.rsplit('.').next().unwrap_or_default();
        return Err(ApiError::bad_request(
            "InvalidParameter",
            format!(
                "private-dns-enabled cannot be set because there is already a conflicting DNS domain for \
                 {service}.{}.amazonaws.com in the VPC {vpc_id}",
                world.origin.region
            ),
        ));
    }
    if let Some(policy) = params.get("PolicyDocument").filter(|policy| !policy.is_empty())
        && serde_json::from_str::<serde_json::Value>(policy).is_err()
    {
        return Err(ApiError::bad_request(
            "InvalidPolicyDocument",
            "Invalid policy document",
        ));
    }
    Ok(NewEndpoint {
        vpc_id: vpc_id.to_owned(),
        service_name: service_name.to_owned(),
        subnet_ids: subnet_ids.into_iter().map(str::to_owned).collect(),
        group_ids,
        private_dns,
        policy: params
            .get("PolicyDocument")
            .filter(|policy| !policy.is_empty())
            .map(str::to_owned),
        tags: tags::specified(params, &ENDPOINT)?,
    })
}

fn created(world: &World, id: &str, token: Option<&str>) -> Reply {
    let mut xml = Xml::default();
    if let Some(endpoint) = world.ec2.endpoints.get(id) {
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
        match world.ec2.endpoints.get_mut(id) {
            None => unsuccessful.push(id),
            Some(endpoint) if endpoint.state == EndpointState::Deleting => {}
            Some(endpoint) => {
                endpoint.state = EndpointState::Deleting;
                world.schedule(
                    world.times.vpc_endpoint_deletion,
                    Due::EndpointGone(id.to_owned()),
                );
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

pub(crate) fn settled(world: &mut World, id: &str, failure: Option<Failure>) {
    let Some(endpoint) = world
        .ec2
        .endpoints
        .get_mut(id)
        .filter(|endpoint| endpoint.state == EndpointState::Pending)
    else {
        return;
    };
    endpoint.state = match failure.as_ref().map(|failure| failure.state.as_str()) {
        None => EndpointState::Available,
        Some("rejected") => EndpointState::Rejected,
        Some("expired") => EndpointState::Expired,
        Some(_) => EndpointState::Failed,
    };
    endpoint.failure = failure.and_then(|failure| failure.reason);
}

pub(crate) fn gone(world: &mut World, id: &str) {
    world.ec2.endpoints.remove(id);
    world.ec2.release_interfaces(id);
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
            "ip-address-type" => "ipv4",
            "service-name" => &self.service_name,
            // com.amazonaws.<region>.<service>
            "service-region" => self.service_name.split('.').nth(2).unwrap_or_default(),
            "vpc-endpoint-state" => self.state.as_str(),
            "vpc-endpoint-type" => "Interface",
            "vpc-id" => &self.vpc_id,
            _ => &self.id,
        };
        vec![one.to_owned()]
    }

    fn write(&self, xml: &mut Xml, world: &World) {
        xml.leaf("vpcEndpointId", &self.id);
        xml.leaf("vpcEndpointType", "Interface");
        xml.leaf("vpcId", &self.vpc_id);
        xml.leaf("serviceName", &self.service_name);
        xml.leaf("serviceRegion", &world.origin.region);
        xml.leaf("state", self.state.as_str());
        xml.leaf("policyDocument", &self.policy);
        xml.texts("routeTableIdSet", [""; 0]);
        xml.texts("subnetIdSet", &self.subnet_ids);
        xml.list("groupSet", &self.group_ids, |xml, id| {
            xml.leaf("groupId", id);
            xml.leaf_if("groupName", world.ec2.groups.get(id).map(|group| &group.name));
        });
        xml.leaf("ipAddressType", "ipv4");
        xml.node("dnsOptions", |xml| xml.leaf("dnsRecordIpType", "ipv4"));
        xml.leaf("privateDnsEnabled", self.private_dns);
        xml.leaf("requesterManaged", false);
        let interfaces = world
            .ec2
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
