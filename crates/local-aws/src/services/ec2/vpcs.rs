//! VPCs: CreateVpc, DeleteVpc, AssociateVpcCidrBlock, DisassociateVpcCidrBlock, and their address ranges.

use ipnet::{Ipv4Net, Ipv6Net};

use serde::{Deserialize, Serialize};

use super::describe::Described;
use super::{Kind, State, VPC, attributes, dry_run, groups, network_acls, route_tables, tags};
use crate::core::error::{Answer, ApiError};
use crate::core::ids;
use crate::core::tags::Tags;
use crate::core::world::World;
use crate::wire::Reply;
use crate::wire::query::Params;
use crate::wire::xml::Xml;

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Vpc {
    pub(crate) id: String,
    /// The primary block first.
    pub(crate) cidrs: Vec<CidrBlock<Ipv4Net>>,
    pub(crate) ipv6_cidrs: Vec<CidrBlock<Ipv6Net>>,
    tenancy: String,
    #[serde(default)]
    pub(super) attributes: attributes::OfVpc,
    pub(crate) tags: Tags,
}

/// An address range with the id of its association.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(bound(
    serialize = "N: std::fmt::Display",
    deserialize = "N: std::str::FromStr<Err: std::fmt::Display>"
))]
pub(crate) struct CidrBlock<N> {
    pub(crate) association_id: String,
    #[serde(with = "crate::core::store::by_text")]
    pub(crate) cidr: N,
}

impl CidrBlock<Ipv4Net> {
    fn write(&self, xml: &mut Xml, state: &str) {
        xml.leaf("associationId", &self.association_id);
        xml.leaf("cidrBlock", self.cidr);
        xml.node("cidrBlockState", |xml| xml.leaf("state", state));
    }
}

impl CidrBlock<Ipv6Net> {
    pub(crate) fn write(&self, xml: &mut Xml, state: &str) {
        xml.leaf("associationId", &self.association_id);
        xml.leaf("ipv6CidrBlock", self.cidr);
        xml.node("ipv6CidrBlockState", |xml| xml.leaf("state", state));
    }
}

impl Vpc {
    fn primary(&self) -> String {
        self.cidrs
            .first()
            .map(|block| block.cidr.to_string())
            .unwrap_or_default()
    }
}

/// Makes a VPC with its default security group, which lets its members in and everything out, its main route table and
/// its default network ACL.
pub(crate) fn make(world: &mut World, id: String, cidrs: &[Ipv4Net], tags: Tags) {
    let block = |cidr: &Ipv4Net| CidrBlock {
        association_id: ids::resource_id("vpc-cidr-assoc"),
        cidr: *cidr,
    };
    groups::make_default(world, &id);
    route_tables::make_main(world, &id);
    network_acls::make_default(world, &id);
    let vpc = Vpc {
        id: id.clone(),
        cidrs: cidrs.iter().map(block).collect(),
        ipv6_cidrs: Vec::new(),
        tenancy: "default".to_owned(),
        attributes: attributes::OfVpc::default(),
        tags,
    };
    world.ec2_mut().vpcs.insert(id, vpc);
}

/// An IPv6 range of Amazon's, of its own for each VPC.
fn amazon_provided(world: &World) -> Option<Ipv6Net> {
    let taken: Vec<Ipv6Net> = world
        .ec2()
        .vpcs
        .values()
        .flat_map(|vpc| vpc.ipv6_cidrs.iter().map(|block| block.cidr))
        .collect();
    let all: Ipv6Net = "2600:1f18::/40".parse().ok()?;
    all.subnets(56).ok()?.find(|cidr| !taken.contains(cidr))
}

fn ipv6_block(world: &World) -> Answer<CidrBlock<Ipv6Net>> {
    let cidr = amazon_provided(world)
        .ok_or_else(|| ApiError::new(500, "InsufficientCapacity", "There is no free IPv6 CIDR block."))?;
    Ok(CidrBlock {
        association_id: ids::resource_id("vpc-cidr-assoc"),
        cidr,
    })
}

/// An IPv4 range for a VPC, /16 to /28, in its canonical form.
fn range(text: &str) -> Answer<Ipv4Net> {
    let invalid = |code: &str| ApiError::bad_request(code, format!("The CIDR '{text}' is invalid."));
    let cidr: Ipv4Net = text.parse().map_err(|_| {
        ApiError::bad_request(
            "InvalidParameterValue",
            format!("Value ({text}) for parameter cidrBlock is invalid. This is not a valid CIDR block."),
        )
    })?;
    if (16..=28).contains(&cidr.prefix_len()) {
        Ok(cidr.trunc())
    } else {
        Err(invalid("InvalidVpc.Range"))
    }
}

pub(crate) fn create(world: &mut World, params: &Params) -> Answer<Reply> {
    let cidr = range(params.required("CidrBlock")?)?;
    let tenancy = params.get("InstanceTenancy").unwrap_or("default");
    if !matches!(tenancy, "default" | "dedicated") {
        return Err(ApiError::bad_request(
            "InvalidParameterValue",
            format!("Value ({tenancy}) for parameter instanceTenancy is invalid."),
        ));
    }
    let ipv6 = match params.flag("AmazonProvidedIpv6CidrBlock")? {
        Some(true) => vec![ipv6_block(world)?],
        _ => Vec::new(),
    };
    if world.ec2().vpcs.len() >= world.settings.vpcs {
        return Err(ApiError::bad_request(
            "VpcLimitExceeded",
            "The maximum number of VPCs has been reached.",
        ));
    }
    let tags = tags::specified(params, &VPC)?;
    dry_run(params)?;
    let id = ids::resource_id("vpc");
    make(world, id.clone(), &[cidr], tags);
    if let Some(vpc) = world.ec2_mut().vpcs.get_mut(&id) {
        vpc.ipv6_cidrs = ipv6;
        tenancy.clone_into(&mut vpc.tenancy);
    }
    world.made(&id);
    let mut xml = Xml::default();
    // It is available by the next look.
    xml.node("vpc", |xml| world.ec2().vpcs[&id].write_as(xml, world, "pending"));
    Ok(Reply::Xml(xml))
}

pub(crate) fn delete(world: &mut World, params: &Params) -> Answer<Reply> {
    let id = params.required("VpcId")?;
    VPC.find(&world.ec2().vpcs, id)?;
    let ec2 = world.ec2();
    let used = ec2.subnets.values().any(|subnet| subnet.vpc_id == id)
        || ec2.endpoints.values().any(|endpoint| endpoint.vpc_id == id)
        || ec2.interfaces.values().any(|interface| interface.vpc_id == id)
        || ec2
            .route_tables
            .values()
            .filter(|table| table.vpc_id == id)
            .count()
            > 1
        || ec2
            .groups
            .values()
            .any(|group| group.vpc_id == id && group.name != "default");
    if used {
        return Err(ApiError::bad_request(
            "DependencyViolation",
            format!("The vpc '{id}' has dependencies and cannot be deleted."),
        ));
    }
    dry_run(params)?;
    if let Some(group) = world.ec2().default_group(id).map(|group| group.id.clone()) {
        groups::remove(world, &group);
    }
    route_tables::remove_main(world, id);
    world.ec2_mut().network_acls.retain(|_, acl| acl.vpc_id != id);
    world.ec2_mut().vpcs.remove(id);
    Ok(returned())
}

/// `<return>true</return>`.
pub(super) fn returned() -> Reply {
    let mut xml = Xml::default();
    xml.leaf("return", true);
    Reply::Xml(xml)
}

pub(crate) fn associate(world: &mut World, params: &Params) -> Answer<Reply> {
    let id = params.required("VpcId")?;
    let vpc = VPC.find(&world.ec2().vpcs, id)?;
    let mut xml = Xml::default();
    if params.flag("AmazonProvidedIpv6CidrBlock")? == Some(true) {
        if !vpc.ipv6_cidrs.is_empty() {
            return Err(too_many_blocks(id, 1));
        }
        let block = ipv6_block(world)?;
        xml.node("ipv6CidrBlockAssociation", |xml| block.write(xml, "associating"));
        if let Some(vpc) = world.ec2_mut().vpcs.get_mut(id) {
            vpc.ipv6_cidrs.push(block);
        }
    } else {
        let cidr = range(params.required("CidrBlock")?)?;
        let overlaps = |other: &Ipv4Net| other.contains(&cidr) || cidr.contains(other);
        if vpc.cidrs.iter().any(|block| overlaps(&block.cidr)) {
            return Err(ApiError::bad_request(
                "InvalidVpc.Range",
                format!("The CIDR '{cidr}' overlaps with one that the VPC has."),
            ));
        }
        if vpc.cidrs.len() >= world.settings.cidr_blocks_per_vpc {
            return Err(too_many_blocks(id, world.settings.cidr_blocks_per_vpc));
        }
        let block = CidrBlock {
            association_id: ids::resource_id("vpc-cidr-assoc"),
            cidr,
        };
        xml.node("cidrBlockAssociation", |xml| block.write(xml, "associating"));
        if let Some(vpc) = world.ec2_mut().vpcs.get_mut(id) {
            vpc.cidrs.push(block);
        }
    }
    xml.leaf("vpcId", id);
    Ok(Reply::Xml(xml))
}

fn too_many_blocks(id: &str, most: usize) -> ApiError {
    ApiError::bad_request(
        "CidrLimitExceeded",
        format!("This network {id} has met its maximum number of allowed CIDRs: {most}"),
    )
}

pub(crate) fn disassociate(world: &mut World, params: &Params) -> Answer<Reply> {
    let id = params.required("AssociationId")?;
    let not_found = || {
        ApiError::bad_request(
            "InvalidVpcCidrBlockAssociationID.NotFound",
            format!("The vpc CIDR block association ID '{id}' does not exist"),
        )
    };
    let ec2 = world.ec2();
    let is_it_v4 = |block: &CidrBlock<Ipv4Net>| block.association_id == id;
    let is_it_v6 = |block: &CidrBlock<Ipv6Net>| block.association_id == id;
    let vpc = ec2
        .vpcs
        .values()
        .find(|vpc| vpc.cidrs.iter().any(is_it_v4) || vpc.ipv6_cidrs.iter().any(is_it_v6))
        .ok_or_else(not_found)?;
    let v4 = vpc.cidrs.iter().find(|block| is_it_v4(block)).cloned();
    let v6 = vpc.ipv6_cidrs.iter().find(|block| is_it_v6(block)).cloned();
    if vpc.cidrs.first().is_some_and(is_it_v4) {
        return Err(ApiError::bad_request(
            "OperationNotPermitted",
            format!(
                "The vpc CIDR block with association ID {id} may not be disassociated. It is the primary one."
            ),
        ));
    }
    let mut subnets = ec2.subnets.values().filter(|subnet| subnet.vpc_id == vpc.id);
    let used = subnets.any(|subnet| {
        v4.as_ref().is_some_and(|block| block.cidr.contains(&subnet.cidr))
            || v6
                .as_ref()
                .zip(subnet.ipv6.as_ref())
                .is_some_and(|(block, own)| block.cidr.contains(&own.cidr))
    });
    if used {
        return Err(ApiError::bad_request(
            "InvalidCidrBlock.InUse",
            format!("The vpc CIDR block with association ID {id} is used by a subnet."),
        ));
    }
    let vpc_id = vpc.id.clone();
    let mut xml = Xml::default();
    if let Some(block) = &v4 {
        xml.node("cidrBlockAssociation", |xml| block.write(xml, "disassociating"));
    }
    if let Some(block) = &v6 {
        xml.node("ipv6CidrBlockAssociation", |xml| {
            block.write(xml, "disassociating")
        });
    }
    xml.leaf("vpcId", &vpc_id);
    if let Some(vpc) = world.ec2_mut().vpcs.get_mut(&vpc_id) {
        vpc.cidrs.retain(|block| !is_it_v4(block));
        vpc.ipv6_cidrs.retain(|block| !is_it_v6(block));
    }
    Ok(Reply::Xml(xml))
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
        "ipv6-cidr-block-association.association-id",
        "ipv6-cidr-block-association.ipv6-cidr-block",
        "ipv6-cidr-block-association.state",
        "is-default",
        "owner-id",
        "state",
        "vpc-id",
    ];

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn values(&self, filter: &str, ec2: &State) -> Vec<String> {
        let v4 = |of: fn(&CidrBlock<Ipv4Net>) -> String| self.cidrs.iter().map(of).collect();
        let v6 = |of: fn(&CidrBlock<Ipv6Net>) -> String| self.ipv6_cidrs.iter().map(of).collect();
        match filter {
            "cidr" => vec![self.primary()],
            "cidr-block-association.association-id" => v4(|block| block.association_id.clone()),
            "cidr-block-association.cidr-block" => v4(|block| block.cidr.to_string()),
            "cidr-block-association.state" => vec!["associated".to_owned()],
            "ipv6-cidr-block-association.association-id" => v6(|block| block.association_id.clone()),
            "ipv6-cidr-block-association.ipv6-cidr-block" => v6(|block| block.cidr.to_string()),
            "ipv6-cidr-block-association.state" => v6(|_| "associated".to_owned()),
            "dhcp-options-id" => vec!["default".to_owned()],
            "is-default" => vec!["false".to_owned()],
            "owner-id" => vec![ec2.account_id.clone()],
            "state" => vec!["available".to_owned()],
            _ => vec![self.id.clone()],
        }
    }

    fn write(&self, xml: &mut Xml, world: &World) {
        self.write_as(xml, world, "available");
    }
}

impl Vpc {
    /// The VPC, in a state.
    fn write_as(&self, xml: &mut Xml, world: &World, state: &str) {
        xml.leaf("vpcId", &self.id);
        xml.leaf("ownerId", &world.origin.account_id);
        xml.leaf("state", state);
        xml.leaf("cidrBlock", self.primary());
        xml.list("cidrBlockAssociationSet", &self.cidrs, |xml, block| {
            block.write(xml, "associated");
        });
        if !self.ipv6_cidrs.is_empty() {
            xml.list("ipv6CidrBlockAssociationSet", &self.ipv6_cidrs, |xml, block| {
                block.write(xml, "associated");
                xml.leaf("networkBorderGroup", &world.origin.region);
                xml.leaf("ipv6Pool", "Amazon");
            });
        }
        xml.leaf("dhcpOptionsId", "default");
        xml.leaf("instanceTenancy", &self.tenancy);
        xml.leaf("isDefault", false);
        xml.tags(&self.tags);
    }
}
