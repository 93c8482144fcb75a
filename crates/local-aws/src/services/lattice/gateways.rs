//! Resource gateways, and the network interfaces they put into their subnets.

use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Status, conflict, holds_name, id_of, not_found, page, quota_exceeded, refused, remember, repeated, text,
    texts, time_until_active,
};
use crate::core::agenda::{Due, Subject};
use crate::core::change::Plain;
use crate::core::error::Answer;
use crate::core::ids;
use crate::core::life_cycle::{LifeCycle, Reached, Seen, Status as _, Step};
use crate::core::tags::Tags;
use crate::core::timestamp::iso8601;
use crate::core::world::World;
use crate::services::ec2::endpoints::IpAddressType;
use crate::services::ec2::interfaces::NetworkInterface;
use crate::wire::Reply;
use crate::wire::rest_json::validation;

const TYPE: &str = "RESOURCE_GATEWAY";

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Gateway {
    pub(crate) id: String,
    pub(crate) arn: String,
    pub(crate) name: String,
    pub(crate) status: Status,
    pub(crate) vpc_id: String,
    pub(crate) subnet_ids: Vec<String>,
    pub(crate) group_ids: Vec<String>,
    ip: IpAddressType,
    /// Of IPv4; 0 for a gateway with IPv6 only.
    addresses_per_interface: usize,
    pub(crate) dns_resolution: String,
    created: SystemTime,
    updated: SystemTime,
    pub(crate) tags: Tags,
    /// Until when configurations that are gone still count.
    pub(crate) held_until: Duration,
}

impl Gateway {
    /// All members of the answers; the VPC goes by two names.
    fn json(&self) -> Value {
        let mut body = json!({
            "id": self.id,
            "arn": self.arn,
            "name": self.name,
            "status": self.status.as_str(),
            "vpcId": self.vpc_id,
            "vpcIdentifier": self.vpc_id,
            "subnetIds": self.subnet_ids,
            "securityGroupIds": self.group_ids,
            "ipAddressType": self.ip.as_str().to_uppercase(),
            "resourceConfigDnsResolution": self.dns_resolution,
            "serviceManaged": false,
            "createdAt": iso8601(self.created),
            "lastUpdatedAt": iso8601(self.updated),
        });
        if self.ip.has_ipv4() {
            body["ipv4AddressesPerEni"] = self.addresses_per_interface.into();
        }
        body
    }
}

fn field(name: &str, message: String) -> crate::core::error::ApiError {
    validation("fieldValidationFailed", &message, &[(name, &message)])
}

pub(crate) fn create(world: &mut World, input: &Value) -> Answer<Reply> {
    if let Some(id) = repeated(world, "CreateResourceGateway", input)? {
        return created(world, &id);
    }
    let name = text(input, "name").unwrap_or_default().to_owned();
    let Some(vpc_id) = text(input, "vpcIdentifier") else {
        return Err(field(
            "vpcIdentifier",
            "A resource gateway needs a VPC".to_owned(),
        ));
    };
    if !world.ec2().vpcs.contains_key(vpc_id) {
        return Err(not_found("VPC", vpc_id));
    }
    let subnet_ids = texts(input, "subnetIds").unwrap_or_default();
    if subnet_ids.is_empty() {
        return Err(field(
            "subnetIds",
            "A resource gateway needs at least one subnet".to_owned(),
        ));
    }
    let ip = match text(input, "ipAddressType") {
        Some("IPV6") => IpAddressType::Ipv6,
        Some("DUALSTACK") => IpAddressType::Dualstack,
        _ => IpAddressType::Ipv4,
    };
    let given = input
        .get("ipv4AddressesPerEni")
        .and_then(Value::as_u64)
        .and_then(|n| usize::try_from(n).ok());
    if given.is_some() && !ip.has_ipv4() {
        return Err(field(
            "ipv4AddressesPerEni",
            "A resource gateway of type IPV6 has no IPv4 addresses".to_owned(),
        ));
    }
    let addresses_per_interface = if ip.has_ipv4() { given.unwrap_or(16) } else { 0 };
    for (index, id) in subnet_ids.iter().enumerate() {
        let subnet = world
            .ec2()
            .subnets
            .get(id)
            .ok_or_else(|| not_found("SUBNET", id))?;
        if subnet.vpc_id != vpc_id {
            return Err(field("subnetIds", format!("Subnet {id} is not in VPC {vpc_id}")));
        }
        if subnet_ids[..index].contains(id) {
            return Err(field("subnetIds", format!("Subnet {id} is given twice")));
        }
        if ip.has_ipv6() && subnet.ipv6.is_none() {
            let message = format!(
                "Subnet {id} has no IPv6 CIDR block, which {} needs",
                ip.as_str().to_uppercase()
            );
            return Err(field("subnetIds", message));
        }
        if subnet.available(world.ec2()) < addresses_per_interface {
            return Err(field(
                "subnetIds",
                format!("Subnet {id} has fewer than {addresses_per_interface} free addresses"),
            ));
        }
    }
    let group_ids = groups(world, input, vpc_id)?;
    if text(input, "resourceConfigDnsResolution") == Some("IN_VPC") && !ip.has_ipv4() {
        return Err(field(
            "resourceConfigDnsResolution",
            "IN_VPC does not go with a resource gateway of type IPV6".to_owned(),
        ));
    }
    if world.settings.unique_lattice_names
        && let Some(other) = world
            .lattice()
            .gateways
            .values()
            .find(|other| other.name == name && holds_name(world, other.status))
    {
        return Err(conflict(
            TYPE,
            &other.id,
            format!("A resource gateway named {name} already exists"),
        ));
    }
    let in_vpc = world
        .lattice()
        .gateways
        .values()
        .filter(|other| other.vpc_id == vpc_id)
        .count();
    if in_vpc >= world.settings.gateways_per_vpc {
        return Err(quota_exceeded(
            TYPE,
            "L-RGW-PER-VPC",
            "The VPC has as many resource gateways as the quota allows",
        ));
    }

    let id = ids::resource_id("rgw");
    let gateway = Gateway {
        arn: world.arn("vpc-lattice", format_args!("resourcegateway/{id}")),
        id: id.clone(),
        name,
        status: Status::CreateInProgress,
        vpc_id: vpc_id.to_owned(),
        subnet_ids,
        group_ids,
        ip,
        addresses_per_interface,
        dns_resolution: text(input, "resourceConfigDnsResolution")
            .unwrap_or("PUBLIC")
            .to_owned(),
        created: world.now(),
        updated: world.now(),
        tags: super::tags::checked(input)?,
        held_until: Duration::ZERO,
    };
    attach(world, &gateway);
    world.lattice_mut().gateways.insert(id.clone(), gateway);
    world.made(&id);
    remember(world, "CreateResourceGateway", input, &id);
    LIFE.begin(world, "GatewaySettled", id.as_str());
    created(world, &id)
}

/// The security groups of a request; without any, the VPC's default one, as AWS does.
fn groups(world: &World, input: &Value, vpc_id: &str) -> Answer<Vec<String>> {
    let given = texts(input, "securityGroupIds").unwrap_or_default();
    if given.len() > world.settings.groups_per_gateway {
        return Err(quota_exceeded(
            TYPE,
            "L-SG-PER-RGW",
            "A resource gateway cannot have as many security groups",
        ));
    }
    for id in &given {
        let group = world
            .ec2()
            .groups
            .get(id)
            .filter(|_| !world.is_unseen(id))
            .ok_or_else(|| not_found("SECURITY_GROUP", id))?;
        if group.vpc_id != vpc_id {
            return Err(field(
                "securityGroupIds",
                format!("Security group {id} is not in VPC {vpc_id}"),
            ));
        }
    }
    if given.is_empty() {
        return Ok(world
            .ec2()
            .default_group(vpc_id)
            .map(|group| group.id.clone())
            .into_iter()
            .collect());
    }
    Ok(given)
}

fn attach(world: &mut World, gateway: &Gateway) {
    for subnet_id in &gateway.subnet_ids {
        let Some(subnet) = world.ec2().subnets.get(subnet_id) else {
            continue;
        };
        let addresses = world
            .ec2()
            .free_addresses(subnet, gateway.addresses_per_interface)
            .unwrap_or_default();
        let ipv6 = if gateway.ip.has_ipv6() {
            world.ec2().free_ipv6_address(subnet)
        } else {
            None
        };
        let interface = NetworkInterface {
            id: ids::resource_id("eni"),
            vpc_id: gateway.vpc_id.clone(),
            subnet_id: subnet_id.clone(),
            zone: subnet.zone.clone(),
            groups: gateway.group_ids.clone(),
            description: format!("VPC Lattice resource gateway {}", gateway.id),
            owner: gateway.id.clone(),
            interface_type: "interface".into(),
            requester_id: "amazon-vpc-lattice".into(),
            addresses,
            ipv6_addresses: ipv6.into_iter().collect(),
            tags: Tags::from([("VpcLatticeManaged".to_owned(), "true".to_owned())]),
        };
        world.ec2_mut().interfaces.insert(interface.id.clone(), interface);
    }
}

fn created(world: &World, id: &str) -> Answer<Reply> {
    let gateway = world
        .lattice()
        .gateways
        .get(id)
        .ok_or_else(|| not_found(TYPE, id))?;
    Ok(Reply::json(gateway.json()))
}

fn find(world: &World, input: &Value) -> Answer<String> {
    let identifier = text(input, "resourceGatewayIdentifier").unwrap_or_default();
    let id = id_of(world, identifier);
    if world.lattice().gateways.contains_key(id) {
        Ok(id.to_owned())
    } else {
        Err(not_found(TYPE, identifier))
    }
}

pub(crate) fn get(world: &mut World, input: &Value) -> Answer<Reply> {
    let id = find(world, input)?;
    if world.fresh.misses(&id) {
        return Err(not_found(TYPE, &id));
    }
    let before = world.stale.shown(&id, world.elapsed()).cloned();
    let mut body = before.unwrap_or_else(|| world.lattice().gateways[&id].json());
    if let Some(members) = body.as_object_mut() {
        members.remove("vpcIdentifier");
    }
    Ok(Reply::json(body))
}

pub(crate) fn update(world: &mut World, input: &Value) -> Answer<Reply> {
    let id = find(world, input)?;
    let gateway = &world.lattice().gateways[&id];
    in_progress(world, &id, gateway.status)?;
    let vpc_id = gateway.vpc_id.clone();
    let group_ids = match input.get("securityGroupIds") {
        Some(Value::Array(_)) => Some(groups(world, input, &vpc_id)?),
        _ => None,
    };
    let resolution =
        text(input, "resourceConfigDnsResolution").filter(|_| world.settings.changes_dns_resolution);
    let now = world.now();
    let before = world.lattice().gateways[&id].json();
    world.changed(&id, before);
    if let Some(group_ids) = &group_ids {
        let interfaces = world.ec2_mut().interfaces.values_mut();
        for interface in interfaces.filter(|interface| interface.owner == id) {
            interface.groups.clone_from(group_ids);
        }
    }
    if let Some(gateway) = world.lattice_mut().gateways.get_mut(&id) {
        gateway.status = Status::UpdateInProgress;
        gateway.updated = now;
        if let Some(resolution) = resolution {
            gateway.dns_resolution = resolution.to_owned();
        }
        if let Some(group_ids) = group_ids {
            gateway.group_ids = group_ids;
        }
    }
    LIFE.begin(world, "GatewaySettled", id.as_str());
    Ok(Reply::json(world.lattice().gateways[&id].json()))
}

/// Refuses a change while another one is under way.
fn in_progress(world: &World, id: &str, status: Status) -> Answer<()> {
    if status == Status::DeleteInProgress
        || (status.being_made_or_changed() && world.settings.refuses_overlapping_changes)
    {
        return Err(conflict(
            TYPE,
            id,
            format!("Resource gateway {id} is in state {}", status.as_str()),
        ));
    }
    Ok(())
}

pub(crate) fn delete(world: &mut World, input: &Value) -> Answer<Reply> {
    let id = find(world, input)?;
    let status = world.lattice().gateways[&id].status;
    if status != Status::DeleteInProgress {
        in_progress(world, &id, status)?;
        let mut configurations = world.lattice().configurations.values();
        if world.elapsed() < world.lattice().gateways[&id].held_until
            || configurations.any(|configuration| configuration.gateway_id.as_ref() == Some(&id))
        {
            if world.settings.in_use_in_other_words {
                return Err(refused(format!("{id} still is what others go through")));
            }
            let message = format!("Resource gateway {id} has resource configurations");
            return Err(if world.settings.used_gateway_is_conflict {
                conflict(TYPE, &id, message)
            } else {
                refused(message)
            });
        }
        if let Some(gateway) = world.lattice_mut().gateways.get_mut(&id) {
            gateway.status = Status::DeleteInProgress;
        }
    }
    let body = world.lattice().gateways[&id].json();
    if status != Status::DeleteInProgress {
        LIFE.begin(world, "GatewayGone", id.as_str());
    }
    Ok(Reply::json(body))
}

pub(crate) fn list(world: &mut World, input: &Value) -> Answer<Reply> {
    let unlisted = world.fresh.unlisted("rgw-");
    let all = world
        .lattice()
        .gateways
        .iter()
        .filter(|(id, _)| !unlisted.contains(*id));
    page(input, all, Gateway::json)
}

/// The life of a resource gateway.
pub(super) static LIFE: LifeCycle<Status> = LifeCycle {
    service: "vpc-lattice",
    kind: "resource-gateway",
    steps: STEPS,
    look: |world, subject| {
        let found = world.lattice().gateways.get(subject.object())?;
        Some(Seen {
            state: found.status,
            id: found.id.clone(),
            name: found.name.clone(),
        })
    },
};

const STEPS: &[Step<Status>] = &[
    Step {
        due: "GatewaySettled",
        from: &[Status::CreateInProgress],
        to: Some(Status::Active),
        on_failure: &[Status::CreateFailed],
        after: |world, _| time_until_active(world, world.times.gateway),
        effect: settled,
    },
    Step {
        due: "GatewaySettled",
        from: &[Status::UpdateInProgress],
        to: Some(Status::Active),
        on_failure: &[Status::UpdateFailed],
        after: |world, _| world.times.gateway_update,
        effect: settled,
    },
    Step {
        due: "GatewayGone",
        from: &[Status::DeleteInProgress],
        to: None,
        on_failure: &[Status::DeleteFailed],
        after: |world, _| world.times.gateway_deletion,
        effect: settled,
    },
];

/// The network interfaces of a gateway, which outlive it.
pub(super) static INTERFACES: Plain = Plain {
    service: "ec2",
    due: "InterfacesGone",
    effect: |world, subject| world.ec2_mut().release_interfaces(subject.object()),
};

fn settled(world: &mut World, subject: &Subject, reached: Reached<Status>) {
    let (now, id) = (world.now(), subject.object());
    let Some(status) = reached.state else {
        world.lattice_mut().gateways.remove(id);
        let due = Due::new(INTERFACES.due, id);
        return world.schedule(world.times.interface_removal, due);
    };
    if let Some(gateway) = world.lattice_mut().gateways.get_mut(id) {
        // A failed deletion leaves the time of the last change.
        if status != Status::DeleteFailed {
            gateway.updated = now;
        }
        gateway.status = status;
    }
}

/// The gateway that a configuration is to use, which must be ready.
pub(super) fn usable(world: &World, identifier: &str) -> Answer<String> {
    let id = id_of(world, identifier);
    let gateway = world
        .lattice()
        .gateways
        .get(id)
        .filter(|_| !world.is_unseen(id))
        .ok_or_else(|| not_found(TYPE, identifier))?;
    match gateway.status {
        Status::Active => Ok(id.to_owned()),
        Status::DeleteInProgress | Status::DeleteFailed => Err(conflict(
            TYPE,
            id,
            format!("Resource gateway {id} is being deleted"),
        )),
        status => Err(refused(format!(
            "Resource gateway {id} is not active but {}",
            status.as_str()
        ))),
    }
}
