//! VPCs and subnets. They are seeded; no call makes them yet.

use ipnet::Ipv4Net;

use super::describe::Described;
use super::{Kind, SUBNET, State, VPC};
use crate::protocol::xml::Xml;
use crate::world::{Tags, World};

#[derive(Debug)]
pub(crate) struct Vpc {
    pub(crate) id: String,
    /// The primary block first.
    pub(crate) cidrs: Vec<CidrBlock>,
    pub(crate) tags: Tags,
}

#[derive(Debug)]
pub(crate) struct CidrBlock {
    pub(crate) association_id: String,
    pub(crate) cidr: Ipv4Net,
}

#[derive(Debug)]
pub(crate) struct Subnet {
    pub(crate) id: String,
    pub(crate) vpc_id: String,
    pub(crate) cidr: Ipv4Net,
    pub(crate) zone: String,
    pub(crate) zone_id: String,
    pub(crate) tags: Tags,
}

impl Vpc {
    fn primary(&self) -> String {
        self.cidrs
            .first()
            .map(|block| block.cidr.to_string())
            .unwrap_or_default()
    }
}

impl Described for Vpc {
    const KIND: Kind = VPC;
    const IDS: &'static str = "VpcId";
    const SET: &'static str = "vpcSet";
    const FILTERS: &'static [&'static str] = &[
        "cidr",
        "cidr-block-association.association-id",
        "cidr-block-association.cidr-block",
        "cidr-block-association.state",
        "dhcp-options-id",
        "is-default",
        "owner-id",
        "state",
        "vpc-id",
    ];

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn values(&self, filter: &str, ec2: &State) -> Vec<String> {
        match filter {
            "cidr" => vec![self.primary()],
            "cidr-block-association.association-id" => self
                .cidrs
                .iter()
                .map(|block| block.association_id.clone())
                .collect(),
            "cidr-block-association.cidr-block" => {
                self.cidrs.iter().map(|block| block.cidr.to_string()).collect()
            }
            "cidr-block-association.state" => vec!["associated".to_owned()],
            "dhcp-options-id" => vec!["default".to_owned()],
            "is-default" => vec!["false".to_owned()],
            "owner-id" => vec![ec2.account_id.clone()],
            "state" => vec!["available".to_owned()],
            _ => vec![self.id.clone()],
        }
    }

    fn write(&self, xml: &mut Xml, world: &World) {
        xml.leaf("vpcId", &self.id);
        xml.leaf("ownerId", &world.origin.account_id);
        xml.leaf("state", "available");
        xml.leaf("cidrBlock", self.primary());
        xml.list("cidrBlockAssociationSet", &self.cidrs, |xml, block| {
            xml.leaf("associationId", &block.association_id);
            xml.leaf("cidrBlock", block.cidr);
            xml.node("cidrBlockState", |xml| xml.leaf("state", "associated"));
        });
        xml.leaf("dhcpOptionsId", "default");
        xml.leaf("instanceTenancy", "default");
        xml.leaf("isDefault", false);
        xml.tags(&self.tags);
    }
}

impl Described for Subnet {
    const KIND: Kind = SUBNET;
    const IDS: &'static str = "SubnetId";
    const SET: &'static str = "subnetSet";
    const FILTERS: &'static [&'static str] = &[
        "availability-zone",
        "availability-zone-id",
        "availabilityZone",
        "available-ip-address-count",
        "cidr",
        "cidr-block",
        "cidrBlock",
        "default-for-az",
        "defaultForAz",
        "state",
        "subnet-id",
        "vpc-id",
    ];

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn values(&self, filter: &str, ec2: &State) -> Vec<String> {
        vec![match filter {
            "availability-zone" | "availabilityZone" => self.zone.clone(),
            "availability-zone-id" => self.zone_id.clone(),
            "available-ip-address-count" => self.available(ec2).to_string(),
            "cidr" | "cidr-block" | "cidrBlock" => self.cidr.to_string(),
            "default-for-az" | "defaultForAz" => "false".to_owned(),
            "state" => "available".to_owned(),
            "vpc-id" => self.vpc_id.clone(),
            _ => self.id.clone(),
        }]
    }

    fn write(&self, xml: &mut Xml, world: &World) {
        xml.leaf("subnetId", &self.id);
        xml.leaf("subnetArn", world.arn("ec2", format_args!("subnet/{}", self.id)));
        xml.leaf("state", "available");
        xml.leaf("ownerId", &world.origin.account_id);
        xml.leaf("vpcId", &self.vpc_id);
        xml.leaf("cidrBlock", self.cidr);
        xml.list("ipv6CidrBlockAssociationSet", [(); 0], |_, ()| {});
        xml.leaf("availableIpAddressCount", self.available(&world.ec2));
        xml.leaf("availabilityZone", &self.zone);
        xml.leaf("availabilityZoneId", &self.zone_id);
        xml.leaf("defaultForAz", false);
        xml.leaf("mapPublicIpOnLaunch", false);
        xml.leaf("assignIpv6AddressOnCreation", false);
        xml.leaf("ipv6Native", false);
        xml.leaf("enableDns64", false);
        xml.tags(&self.tags);
    }
}

impl Subnet {
    /// Addresses that are neither reserved (five) nor taken.
    pub(crate) fn available(&self, ec2: &State) -> usize {
        let all = 1_usize << (32 - self.cidr.prefix_len());
        all.saturating_sub(5 + ec2.used_addresses(&self.id).len())
    }
}
