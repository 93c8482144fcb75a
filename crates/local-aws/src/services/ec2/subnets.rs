//! Subnets: CreateSubnet, DeleteSubnet, and the addresses that are free in them.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::describe::Described;
use super::vpcs::{CidrBlock, returned};
use super::zones::{ZONES, zone_id};
use super::{Kind, SUBNET, State, VPC, attributes, dry_run, required, route_tables, tags, text};
use crate::core::error::{Answer, ApiError};
use crate::core::ids;
use crate::core::partition::Partition;
use crate::core::tags::Tags;
use crate::core::world::World;
use crate::wire::Reply;

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Subnet {
    pub(crate) id: String,
    pub(crate) vpc_id: String,
    #[serde(with = "crate::core::store::by_text")]
    pub(crate) cidr: Ipv4Net,
    pub(crate) ipv6: Option<CidrBlock<Ipv6Net>>,
    pub(crate) zone: String,
    pub(crate) zone_id: String,
    #[serde(default)]
    pub(super) attributes: attributes::OfSubnet,
    pub(crate) tags: Tags,
}

/// Makes a subnet in the zone with this letter.
pub(crate) fn make(world: &mut World, id: String, vpc_id: &str, cidr: Ipv4Net, letter: char, tags: Tags) {
    let region = &world.origin.region;
    let subnet = Subnet {
        id: id.clone(),
        vpc_id: vpc_id.to_owned(),
        cidr,
        ipv6: None,
        zone: format!("{region}{letter}"),
        zone_id: zone_id(region, letter),
        attributes: attributes::OfSubnet::default(),
        tags,
    };
    world.ec2_mut().subnets.insert(id, subnet);
}

fn invalid(parameter: &str, value: &str, why: &str) -> ApiError {
    ApiError::new(
        "InvalidParameterValue",
        format!("Value ({value}) for parameter {parameter} is invalid. {why}"),
    )
}

/// The letter of the zone that a request names by its name or id; without one, the first.
fn zone(world: &World, input: &Value) -> Answer<char> {
    let region = &world.origin.region;
    let find = |is_it: &dyn Fn(char) -> bool| ZONES.into_iter().find(|letter| is_it(*letter));
    match (text(input, "AvailabilityZone"), text(input, "AvailabilityZoneId")) {
        (None, None) => Ok(ZONES[0]),
        (Some(name), _) => find(&|letter| format!("{region}{letter}") == name).ok_or_else(|| {
            let all: Vec<String> = ZONES.iter().map(|letter| format!("{region}{letter}")).collect();
            let why = format!(
                "Subnets can currently only be created in the following availability zones: {}.",
                all.join(", ")
            );
            invalid("availabilityZone", name, &why)
        }),
        (None, Some(id)) => find(&|letter| zone_id(region, letter) == id)
            .ok_or_else(|| invalid("availabilityZoneId", id, "There is no such zone.")),
    }
}

pub(crate) fn create(world: &mut World, input: &Value) -> Answer<Reply> {
    let vpc_id = required(input, "VpcId")?;
    let vpc = VPC.find(&world.ec2().vpcs, vpc_id)?;
    if input["Ipv6Native"].as_bool() == Some(true) {
        return Err(ApiError::new(
            "UnsupportedOperation",
            "Subnets with IPv6 addresses only are not served here; give the subnet a CidrBlock too",
        ));
    }
    let block = required(input, "CidrBlock")?;
    let cidr: Ipv4Net = block
        .parse()
        .map_err(|_| invalid("cidrBlock", block, "This is not a valid CIDR block."))?;
    let cidr = cidr.trunc();
    let out_of_range =
        |cidr: &str| ApiError::new("InvalidSubnet.Range", format!("The CIDR '{cidr}' is invalid."));
    let conflict = |cidr: &str| {
        ApiError::new(
            "InvalidSubnet.Conflict",
            format!("The CIDR '{cidr}' conflicts with another subnet"),
        )
    };
    if !(16..=28).contains(&cidr.prefix_len()) || !vpc.cidrs.iter().any(|block| block.cidr.contains(&cidr)) {
        return Err(out_of_range(block));
    }
    let others = || {
        world
            .ec2()
            .subnets
            .values()
            .filter(|subnet| subnet.vpc_id == vpc_id)
    };
    if others().any(|other| other.cidr.contains(&cidr) || cidr.contains(&other.cidr)) {
        return Err(conflict(block));
    }
    let ipv6 = match text(input, "Ipv6CidrBlock") {
        None => None,
        Some(text) => {
            let cidr: Ipv6Net = text
                .parse()
                .map_err(|_| invalid("ipv6CidrBlock", text, "This is not a valid IPv6 CIDR block."))?;
            let cidr = cidr.trunc();
            if cidr.prefix_len() != 64 || !vpc.ipv6_cidrs.iter().any(|block| block.cidr.contains(&cidr)) {
                return Err(out_of_range(text));
            }
            if others().any(|other| other.ipv6.as_ref().is_some_and(|block| block.cidr == cidr)) {
                return Err(conflict(text));
            }
            Some(CidrBlock {
                association_id: ids::resource_id("subnet-cidr-assoc"),
                cidr,
            })
        }
    };
    let letter = zone(world, input)?;
    if others().count() >= world.settings.subnets_per_vpc {
        return Err(ApiError::new(
            "SubnetLimitExceeded",
            "The maximum number of subnets has been reached.",
        ));
    }
    let tags = tags::specified(input, &SUBNET)?;
    dry_run(input)?;
    let id = ids::resource_id("subnet");
    make(world, id.clone(), vpc_id, cidr, letter, tags);
    if let Some(subnet) = world.ec2_mut().subnets.get_mut(&id) {
        subnet.ipv6 = ipv6;
    }
    world.made(&id);
    let made = world.ec2().subnets[&id].json(world);
    Ok(Reply::json(json!({ "Subnet": made })))
}

pub(crate) fn delete(world: &mut World, input: &Value) -> Answer<Reply> {
    let id = required(input, "SubnetId")?;
    SUBNET.find(&world.ec2().subnets, id)?;
    let mut interfaces = world.ec2().interfaces.values();
    if interfaces.any(|interface| interface.subnet_id == id) {
        return Err(ApiError::new(
            "DependencyViolation",
            format!("The subnet '{id}' has dependencies and cannot be deleted."),
        ));
    }
    dry_run(input)?;
    world.ec2_mut().subnets.remove(id);
    route_tables::forget_subnet(world, id);
    Ok(returned())
}

impl State {
    /// Takes `count` free addresses of a subnet; none if there are too few. The first four and the last one
    /// are AWS's.
    pub(crate) fn free_addresses(&self, subnet: &Subnet, count: usize) -> Option<Vec<Ipv4Addr>> {
        let used = self.used_addresses(&subnet.id);
        let first = u32::from(subnet.cidr.network()) + 4;
        let free: Vec<Ipv4Addr> = (first..u32::from(subnet.cidr.broadcast()))
            .map(Ipv4Addr::from)
            .filter(|address| !used.contains(address))
            .take(count)
            .collect();
        (free.len() == count).then_some(free)
    }

    fn used_addresses(&self, subnet_id: &str) -> BTreeSet<Ipv4Addr> {
        let here = self
            .interfaces
            .values()
            .filter(|interface| interface.subnet_id == subnet_id);
        here.flat_map(|interface| interface.addresses.iter().copied())
            .collect()
    }

    /// A free IPv6 address of a subnet, if it has any.
    pub(crate) fn free_ipv6_address(&self, subnet: &Subnet) -> Option<Ipv6Addr> {
        let block = subnet.ipv6.as_ref()?.cidr;
        let here = self
            .interfaces
            .values()
            .filter(|interface| interface.subnet_id == subnet.id);
        let used: BTreeSet<Ipv6Addr> = here
            .flat_map(|interface| interface.ipv6_addresses.iter().copied())
            .collect();
        let first = u128::from(block.network()) + 4;
        (first..u128::from(block.broadcast()))
            .map(Ipv6Addr::from)
            .find(|address| !used.contains(address))
    }
}

impl Subnet {
    /// Addresses that are neither reserved (five) nor taken.
    pub(crate) fn available(&self, ec2: &State) -> usize {
        let all = 1_usize << (32 - self.cidr.prefix_len());
        all.saturating_sub(5 + ec2.used_addresses(&self.id).len())
    }

    fn arn(&self, account: &str) -> String {
        // A zone is its region and one letter.
        let region = &self.zone[..self.zone.len() - 1];
        let partition = Partition::of(region).name;
        format!("arn:{partition}:ec2:{region}:{account}:subnet/{}", self.id)
    }
}

impl Described for Subnet {
    const KIND: Kind = SUBNET;
    const IDS: &'static str = "SubnetIds";
    const SET: &'static str = "Subnets";
    const FILTERS: &'static [&'static str] = &[
        "availability-zone",
        "availability-zone-id",
        "availabilityZone",
        "availabilityZoneId",
        "available-ip-address-count",
        "cidr",
        "cidr-block",
        "cidrBlock",
        "default-for-az",
        "defaultForAz",
        "ipv6-cidr-block-association.association-id",
        "ipv6-cidr-block-association.ipv6-cidr-block",
        "ipv6-cidr-block-association.state",
        "ipv6-native",
        "map-public-ip-on-launch",
        "owner-id",
        "state",
        "subnet-arn",
        "subnet-id",
        "vpc-id",
    ];

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn values(&self, filter: &str, ec2: &State) -> Vec<String> {
        let ipv6 = |of: fn(&CidrBlock<Ipv6Net>) -> String| self.ipv6.iter().map(of).collect();
        vec![match filter {
            "ipv6-cidr-block-association.association-id" => {
                return ipv6(|block| block.association_id.clone());
            }
            "ipv6-cidr-block-association.ipv6-cidr-block" => return ipv6(|block| block.cidr.to_string()),
            "ipv6-cidr-block-association.state" => return ipv6(|_| "associated".to_owned()),
            "availability-zone" | "availabilityZone" => self.zone.clone(),
            "availability-zone-id" | "availabilityZoneId" => self.zone_id.clone(),
            "available-ip-address-count" => self.available(ec2).to_string(),
            "cidr" | "cidr-block" | "cidrBlock" => self.cidr.to_string(),
            "map-public-ip-on-launch" => self.attributes.map_public_ip_on_launch.to_string(),
            "default-for-az" | "defaultForAz" | "ipv6-native" => "false".to_owned(),
            "owner-id" => ec2.account_id.clone(),
            "state" => "available".to_owned(),
            "subnet-arn" => self.arn(&ec2.account_id),
            "vpc-id" => self.vpc_id.clone(),
            _ => self.id.clone(),
        }]
    }

    fn json(&self, world: &World) -> Value {
        let of_ipv6 = self.ipv6.iter().map(|block| block.json("associated"));
        let mut body = json!({
            "SubnetId": self.id,
            "SubnetArn": self.arn(&world.origin.account_id),
            "State": "available",
            "OwnerId": world.origin.account_id,
            "VpcId": self.vpc_id,
            "CidrBlock": self.cidr.to_string(),
            "Ipv6CidrBlockAssociationSet": of_ipv6.collect::<Value>(),
            "AvailableIpAddressCount": self.available(world.ec2()),
            "AvailabilityZone": self.zone,
            "AvailabilityZoneId": self.zone_id,
            "DefaultForAz": false,
            "Ipv6Native": false,
            "Tags": tags::json(&self.tags),
        });
        self.attributes.show(&mut body);
        body
    }
}
