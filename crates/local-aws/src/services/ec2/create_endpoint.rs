//! CreateVpcEndpoint, and what an endpoint's parameters have to be.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::client_tokens::ClientToken;
use super::describe::Described as _;
use super::endpoints::{self, EndpointKind, IpAddressType, LIFE, NewEndpoint, insufficient_addresses, make};
use super::subnets::Subnet;
use super::{ENDPOINT, GROUP, ROUTE_TABLE, SUBNET, State, VPC, dry_run, required, tags, text, texts};
use crate::core::error::{Answer, ApiError};
use crate::core::ids;
use crate::core::notice::Notice;
use crate::core::world::World;
use crate::wire::Reply;

pub(super) fn create(world: &mut World, input: &Value) -> Answer<Reply> {
    let token = ClientToken::of(input)?;
    let ec2 = world.ec2();
    if let Some(id) = token.made(&ec2.endpoint_tokens, |id| ec2.endpoints.contains_key(id))? {
        return Ok(created(world, id, token.token.as_deref()));
    }
    let new = checked(world, input)?;
    dry_run(input)?;
    let id = ids::resource_id("vpce");
    make(world, id.clone(), new)?;
    let token = token.note(&mut world.ec2_mut().endpoint_tokens, &id);
    world.made(&id);
    match world.ec2().endpoints[&id].kind.clone() {
        // A gateway endpoint is but an entry in route tables.
        EndpointKind::Gateway => endpoints::settle(world, &id),
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

fn checked(world: &World, input: &Value) -> Answer<NewEndpoint> {
    let ec2 = world.ec2();
    let vpc_id = required(input, "VpcId")?;
    VPC.find(&ec2.vpcs, vpc_id)?;
    let (kind, service_name) = kind_and_service(world, input)?;
    let route_table_ids = route_tables(ec2, input, "RouteTableIds", vpc_id)?;
    if kind != EndpointKind::Gateway && !route_table_ids.is_empty() {
        return Err(ApiError::new(
            "InvalidParameter",
            format!("Endpoint type ({}) does not take route tables.", kind.as_str()),
        ));
    }
    if kind == EndpointKind::Gateway && !texts(input, "SubnetIds").is_empty() {
        return Err(ApiError::new(
            "InvalidParameter",
            "Endpoint type (Gateway) does not take subnets.",
        ));
    }
    let ip = text(input, "IpAddressType");
    let ip = ip.map_or(Ok(IpAddressType::default()), IpAddressType::parse)?;
    let subnet_ids = texts(input, "SubnetIds");
    let mut zones = BTreeSet::new();
    for id in &subnet_ids {
        let subnet = SUBNET.find(&ec2.subnets, id)?;
        if subnet.vpc_id != vpc_id {
            return Err(ApiError::new(
                "InvalidParameter",
                format!("The subnet {id} does not belong to the VPC {vpc_id}"),
            ));
        }
        if !zones.insert(&subnet.zone) {
            return Err(ApiError::new(
                "DuplicateSubnetsInSameZone",
                "Found another VPC endpoint subnet in the availability zone",
            ));
        }
        if ip.has_ipv4() && ec2.free_addresses(subnet, 1).is_none() {
            return Err(insufficient_addresses(id));
        }
        check_ipv6(subnet, ip)?;
    }
    let mut group_ids: Vec<String> = texts(input, "SecurityGroupIds")
        .into_iter()
        .map(str::to_owned)
        .collect();
    for id in &group_ids {
        if GROUP.find(&ec2.groups, id)?.vpc_id != vpc_id {
            return Err(ApiError::new(
                "InvalidParameter",
                format!("The security group {id} does not belong to the VPC {vpc_id}"),
            ));
        }
    }
    if group_ids.is_empty() && kind != EndpointKind::Gateway {
        group_ids.extend(ec2.default_group(vpc_id).map(|group| group.id.clone()));
    }
    let private_dns = kind == EndpointKind::Interface && input["PrivateDnsEnabled"].as_bool().unwrap_or(true);
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
        policy: policy(input)?,
        tags: tags::specified(input, &ENDPOINT)?,
    })
}

/// What a request wants an endpoint of: the type with the service's name, or the resource configuration.
fn kind_and_service(world: &World, input: &Value) -> Answer<(EndpointKind, String)> {
    let kind = match text(input, "VpcEndpointType").unwrap_or("Gateway") {
        "Interface" => EndpointKind::Interface,
        "Gateway" => EndpointKind::Gateway,
        "Resource" => {
            let arn = required(input, "ResourceConfigurationArn")?;
            if !world.is_ready(arn) {
                return Err(ApiError::new(
                    "InvalidParameterValue",
                    format!("There is no active resource configuration with the ARN {arn}"),
                ));
            }
            return Ok((EndpointKind::Resource(arn.to_owned()), String::new()));
        }
        other => {
            return Err(ApiError::new(
                "UnsupportedOperation",
                format!(
                    "VPC endpoints of type {other} are not served here; use Interface, Gateway or Resource"
                ),
            ));
        }
    };
    let service_name = required(input, "ServiceName")?;
    let prefix = format!("com.amazonaws.{}.", world.origin.region);
    let known = |name: &str| {
        !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c))
    };
    let name = service_name.strip_prefix(&prefix).filter(|name| known(name));
    let Some(name) = name else {
        return Err(ApiError::new(
            "InvalidServiceName",
            format!("The Vpc Endpoint Service '{service_name}' does not exist"),
        ));
    };
    if kind == EndpointKind::Gateway && !matches!(name, "s3" | "dynamodb") {
        return Err(ApiError::new(
            "InvalidParameter",
            format!(
                "Endpoint type (Gateway) does not match available service types ([Interface]) of {service_name}."
            ),
        ));
    }
    Ok((kind, service_name.to_owned()))
}

/// The route tables that a list of a request names, all of one VPC.
pub(super) fn route_tables(ec2: &State, input: &Value, list: &str, vpc_id: &str) -> Answer<Vec<String>> {
    let ids = texts(input, list).into_iter();
    let checked = ids.map(|id| {
        let table = ROUTE_TABLE.find(&ec2.route_tables, id)?;
        if table.vpc_id == vpc_id {
            return Ok(id.to_owned());
        }
        Err(ApiError::new(
            "InvalidParameter",
            format!("The route table {id} does not belong to the VPC {vpc_id}"),
        ))
    });
    checked.collect()
}

/// The policy of a request, which has to be a JSON object with statements.
pub(super) fn policy(input: &Value) -> Answer<Option<String>> {
    let Some(policy) = text(input, "PolicyDocument") else {
        return Ok(None);
    };
    let parsed: Option<Value> = serde_json::from_str(policy).ok();
    if parsed.is_some_and(|policy| policy.get("Statement").is_some()) {
        return Ok(Some(policy.to_owned()));
    }
    Err(ApiError::new("InvalidPolicyDocument", "Invalid policy document"))
}

pub(super) fn check_ipv6(subnet: &Subnet, ip: IpAddressType) -> Answer<()> {
    if ip.has_ipv6() && subnet.ipv6.is_none() {
        return Err(ApiError::new(
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
        return Err(ApiError::new(
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
    let made = world.ec2().endpoints.get(id).map(|endpoint| endpoint.json(world));
    Reply::json(json!({ "VpcEndpoint": made, "ClientToken": token }))
}
