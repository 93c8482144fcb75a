//! ModifyVpcEndpoint: the policy, subnets, route tables, security groups and names of an endpoint.

use serde_json::Value;

use super::endpoints::{self, EndpointKind, EndpointState, IpAddressType, OPEN_POLICY};
use super::vpcs::returned;
use super::{ENDPOINT, GROUP, SUBNET, create_endpoint, dry_run, required, text, texts};
use crate::core::error::{Answer, ApiError};
use crate::core::life_cycle::Status as _;
use crate::core::world::World;
use crate::wire::Reply;

fn refused(message: String) -> ApiError {
    ApiError::new("InvalidParameter", message)
}

pub(super) fn modify(world: &mut World, input: &Value) -> Answer<Reply> {
    let id = required(input, "VpcEndpointId")?;
    let endpoint = ENDPOINT.find(&world.ec2().endpoints, id)?;
    if endpoint.state == EndpointState::Deleting {
        return Err(ApiError::new(
            "IncorrectState",
            format!("The Vpc Endpoint '{id}' is in state {}", endpoint.state.as_str()),
        ));
    }
    let owned = |name: &str| {
        texts(input, name)
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let added_tables =
        create_endpoint::route_tables(world.ec2(), input, "AddRouteTableIds", &endpoint.vpc_id)?;
    if endpoint.kind != EndpointKind::Gateway && !added_tables.is_empty() {
        let kind = endpoint.kind.as_str();
        return Err(refused(format!(
            "The Vpc Endpoint '{id}' of type {kind} has no route tables"
        )));
    }
    let removed_tables = owned("RemoveRouteTableIds");
    let mut route_table_ids = endpoint.route_table_ids.clone();
    route_table_ids.retain(|table| !removed_tables.contains(table) && !added_tables.contains(table));
    route_table_ids.extend(added_tables);
    let policy = match (input["ResetPolicy"].as_bool(), create_endpoint::policy(input)?) {
        (Some(true), Some(_)) => {
            return Err(ApiError::new(
                "InvalidParameterCombination",
                "ResetPolicy cannot be combined with a PolicyDocument",
            ));
        }
        (Some(true), None) => Some(OPEN_POLICY.to_owned()),
        (_, policy) => policy,
    };
    let (added, removed) = (owned("AddSubnetIds"), owned("RemoveSubnetIds"));
    let (added_groups, removed_groups) = (owned("AddSecurityGroupIds"), owned("RemoveSecurityGroupIds"));
    let ip = text(input, "IpAddressType");
    let ip = ip.map_or(Ok(endpoint.ip), IpAddressType::parse)?;
    let private_dns = input["PrivateDnsEnabled"]
        .as_bool()
        .unwrap_or(endpoint.private_dns);
    if endpoint.kind == EndpointKind::Gateway
        && !(added.is_empty() && removed.is_empty() && added_groups.is_empty() && removed_groups.is_empty())
    {
        return Err(refused(format!(
            "The Vpc Endpoint '{id}' of type Gateway has no subnets and no security groups"
        )));
    }

    let mut subnet_ids = endpoint.subnet_ids.clone();
    subnet_ids.retain(|subnet| !removed.contains(subnet));
    for subnet_id in &added {
        let subnet = SUBNET.find(&world.ec2().subnets, subnet_id)?;
        if subnet.vpc_id != endpoint.vpc_id {
            return Err(refused(format!(
                "The subnet {subnet_id} does not belong to the VPC {}",
                endpoint.vpc_id
            )));
        }
        if subnet_ids.contains(subnet_id) {
            continue;
        }
        if subnet_ids.iter().any(|other| {
            world
                .ec2()
                .subnets
                .get(other)
                .is_some_and(|other| other.zone == subnet.zone)
        }) {
            return Err(ApiError::new(
                "DuplicateSubnetsInSameZone",
                "Found another VPC endpoint subnet in the availability zone",
            ));
        }
        subnet_ids.push(subnet_id.clone());
    }
    for subnet_id in &subnet_ids {
        create_endpoint::check_ipv6(SUBNET.find(&world.ec2().subnets, subnet_id)?, ip)?;
    }
    let mut group_ids = endpoint.group_ids.clone();
    group_ids.retain(|group| !removed_groups.contains(group));
    for group_id in added_groups {
        if GROUP.find(&world.ec2().groups, &group_id)?.vpc_id != endpoint.vpc_id {
            return Err(refused(format!(
                "The security group {group_id} does not belong to the VPC {}",
                endpoint.vpc_id
            )));
        }
        if !group_ids.contains(&group_id) {
            group_ids.push(group_id);
        }
    }
    if group_ids.is_empty() && endpoint.kind != EndpointKind::Gateway {
        return Err(refused(format!(
            "The Vpc Endpoint '{id}' needs at least one security group"
        )));
    }
    if private_dns && !endpoint.private_dns {
        if endpoint.kind != EndpointKind::Interface {
            return Err(refused(
                "Private DNS is for endpoints of type Interface only".to_owned(),
            ));
        }
        create_endpoint::check_private_dns(world, &endpoint.vpc_id, &endpoint.service_name)?;
    }
    dry_run(input)?;

    let Some(mut endpoint) = world.ec2_mut().endpoints.remove(id) else {
        return Err(ENDPOINT.not_found(id));
    };
    let new: Vec<String> = if ip == endpoint.ip {
        let kept = |subnet: &&String| !endpoint.subnet_ids.contains(*subnet);
        subnet_ids.iter().filter(kept).cloned().collect()
    } else {
        // Other addresses are those of other network interfaces.
        subnet_ids.clone()
    };
    let stay = |subnet: &String| subnet_ids.contains(subnet) && !new.contains(subnet);
    world
        .ec2_mut()
        .interfaces
        .retain(|_, interface| interface.owner != id || stay(&interface.subnet_id));
    for interface in world
        .ec2_mut()
        .interfaces
        .values_mut()
        .filter(|interface| interface.owner == id)
    {
        interface.groups.clone_from(&group_ids);
    }
    endpoint.ip = ip;
    endpoint.private_dns = private_dns;
    endpoint.policy = policy.unwrap_or(endpoint.policy);
    endpoint.group_ids = group_ids;
    endpoint.route_table_ids = route_table_ids;
    endpoint.subnet_ids = subnet_ids;
    let attached: Answer<()> = new
        .iter()
        .try_for_each(|subnet_id| endpoints::attach(world, &endpoint, subnet_id));
    let names = endpoints::names(world, &endpoint);
    if let Ok(names) = &names
        && !matches!(endpoint.kind, EndpointKind::Resource(_))
    {
        endpoint.dns_entries.clone_from(names);
    }
    world.ec2_mut().endpoints.insert(id.to_owned(), endpoint);
    attached.and(names).map(|_| returned())
}
