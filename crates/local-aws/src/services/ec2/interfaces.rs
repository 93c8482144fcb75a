//! Network interfaces: those of VPC endpoints and of resource gateways, all made by the services themselves.

use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::describe::Described;
use super::{INTERFACE, Kind, State, groups, tags};
use crate::core::tags::Tags;
use crate::core::world::World;

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
    const IDS: &'static str = "NetworkInterfaceIds";
    const SET: &'static str = "NetworkInterfaces";
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

    fn json(&self, world: &World) -> Value {
        let addresses = self.addresses.iter().enumerate();
        let addresses =
            addresses.map(|(index, address)| json!({ "PrivateIpAddress": address, "Primary": index == 0 }));
        let of_ipv6 = self.ipv6_addresses.iter();
        json!({
            "NetworkInterfaceId": self.id,
            "SubnetId": self.subnet_id,
            "VpcId": self.vpc_id,
            "AvailabilityZone": self.zone,
            "Description": self.description,
            "OwnerId": world.origin.account_id,
            "RequesterId": self.requester_id,
            "RequesterManaged": true,
            "Status": "in-use",
            "InterfaceType": self.interface_type,
            "SourceDestCheck": true,
            "PrivateIpAddress": self.primary(),
            "Groups": groups::named(world, &self.groups),
            "PrivateIpAddresses": addresses.collect::<Value>(),
            "Ipv6Addresses": of_ipv6.map(|address| json!({ "Ipv6Address": address })).collect::<Value>(),
            "TagSet": tags::json(&self.tags),
        })
    }
}
