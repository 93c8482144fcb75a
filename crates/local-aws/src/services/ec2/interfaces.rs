//! Network interfaces: those of VPC endpoints and of resource gateways, all made by the services themselves.

use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use super::describe::Described;
use super::{INTERFACE, Kind, State};
use crate::core::tags::Tags;
use crate::core::world::World;
use crate::wire::xml::Xml;

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct NetworkInterface {
    pub(crate) id: String,
    pub(crate) vpc_id: String,
    pub(crate) subnet_id: String,
    pub(crate) zone: String,
    pub(crate) groups: Vec<String>,
    pub(crate) description: String,
    /// The VPC endpoint or resource gateway that it belongs to.
    pub(crate) owner: String,
    pub(crate) interface_type: Cow<'static, str>,
    pub(crate) requester_id: Cow<'static, str>,
    /// The primary address first.
    pub(crate) addresses: Vec<Ipv4Addr>,
    pub(crate) ipv6_addresses: Vec<Ipv6Addr>,
    pub(crate) tags: Tags,
}

impl NetworkInterface {
    fn primary(&self) -> Option<String> {
        self.addresses.first().map(Ipv4Addr::to_string)
    }
}

impl Described for NetworkInterface {
    const KIND: Kind = INTERFACE;
    const IDS: &'static str = "NetworkInterfaceId";
    const SET: &'static str = "networkInterfaceSet";
    const FILTERS: &'static [&'static str] = &[
        "addresses.primary",
        "addresses.private-ip-address",
        "availability-zone",
        "description",
        "group-id",
        "group-name",
        "interface-type",
        "ipv6-addresses.ipv6-address",
        "network-interface-id",
        "owner-id",
        "private-ip-address",
        "requester-id",
        "requester-managed",
        "status",
        "subnet-id",
        "vpc-id",
    ];

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn values(&self, filter: &str, ec2: &State) -> Vec<String> {
        let one = match filter {
            "addresses.private-ip-address" => {
                return self.addresses.iter().map(Ipv4Addr::to_string).collect();
            }
            "addresses.primary" => return vec!["true".to_owned(), "false".to_owned()],
            "group-id" => return self.groups.clone(),
            "group-name" => {
                return self
                    .groups
                    .iter()
                    .filter_map(|id| Some(ec2.groups.get(id)?.name.clone()))
                    .collect();
            }
            "ipv6-addresses.ipv6-address" => {
                return self.ipv6_addresses.iter().map(Ipv6Addr::to_string).collect();
            }
            "owner-id" => &ec2.account_id,
            "availability-zone" => &self.zone,
            "description" => &self.description,
            "interface-type" => &*self.interface_type,
            "private-ip-address" => return self.primary().into_iter().collect(),
            "requester-id" => &*self.requester_id,
            "requester-managed" => "true",
            "status" => "in-use",
            "subnet-id" => &self.subnet_id,
            "vpc-id" => &self.vpc_id,
            _ => &self.id,
        };
        vec![one.to_owned()]
    }

    fn write(&self, xml: &mut Xml, world: &World) {
        xml.leaf("networkInterfaceId", &self.id);
        xml.leaf("subnetId", &self.subnet_id);
        xml.leaf("vpcId", &self.vpc_id);
        xml.leaf("availabilityZone", &self.zone);
        xml.leaf("description", &self.description);
        xml.leaf("ownerId", &world.origin.account_id);
        xml.leaf("requesterId", &self.requester_id);
        xml.leaf("requesterManaged", true);
        xml.leaf("status", "in-use");
        xml.leaf("interfaceType", &self.interface_type);
        xml.leaf("sourceDestCheck", true);
        xml.leaf_if("privateIpAddress", self.primary());
        xml.list("groupSet", &self.groups, |xml, id| {
            xml.leaf("groupId", id);
            xml.leaf_if("groupName", world.ec2().groups.get(id).map(|group| &group.name));
        });
        xml.list(
            "privateIpAddressesSet",
            self.addresses.iter().enumerate(),
            |xml, (index, address)| {
                xml.leaf("privateIpAddress", address);
                xml.leaf("primary", index == 0);
            },
        );
        xml.list("ipv6AddressesSet", &self.ipv6_addresses, |xml, address| {
            xml.leaf("ipv6Address", address);
        });
        xml.tags(&self.tags);
    }
}
