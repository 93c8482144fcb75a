//! VPCs: CreateVpc, DeleteVpc, AssociateVpcCidrBlock, DisassociateVpcCidrBlock, and their address ranges.

use ipnet::{Ipv4Net, Ipv6Net};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::describe::Described;
use super::{
    Kind, State, VPC, attributes, dry_run, groups, network_acls, required, route_tables, tags, text,
};
use crate::core::error::{Answer, ApiError};
use crate::core::ids;
use crate::core::tags::Tags;
use crate::core::world::World;
use crate::wire::Reply;

/// The one set of DHCP options that there is: the Region's own, which a VPC has from the start.
const DHCP_OPTIONS: &str = "dopt-0d1c2b3a4f5e60718";

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
    fn json(&self, state: &str) -> Value {
        json!({ "AssociationId": self.association_id, "CidrBlock": self.cidr.to_string(),
            "CidrBlockState": { "State": state } })
    }
}

impl CidrBlock<Ipv6Net> {
    pub(crate) fn json(&self, state: &str) -> Value {
        json!({ "AssociationId": self.association_id, "Ipv6CidrBlock": self.cidr.to_string(),
            "Ipv6CidrBlockState": { "State": state } })
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
        .ok_or_else(|| ApiError::new("InsufficientCapacity", "There is no free IPv6 CIDR block."))?;
    Ok(CidrBlock {
        association_id: ids::resource_id("vpc-cidr-assoc"),
        cidr,
    })
}

/// An IPv4 range for a VPC, /16 to /28, in its canonical form.
fn range(text: &str) -> Answer<Ipv4Net> {
    let invalid = |code: &str| ApiError::new(code, format!("The CIDR '{text}' is invalid."));
    let cidr: Ipv4Net = text.parse().map_err(|_| {
        ApiError::new(
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

pub(crate) fn create(world: &mut World, input: &Value) -> Answer<Reply> {
    let cidr = range(required(input, "CidrBlock")?)?;
    let tenancy = text(input, "InstanceTenancy").unwrap_or("default");
    if !matches!(tenancy, "default" | "dedicated") {
        return Err(ApiError::new(
            "InvalidParameterValue",
            format!("Value ({tenancy}) for parameter instanceTenancy is invalid."),
        ));
    }
    let ipv6 = match input["AmazonProvidedIpv6CidrBlock"].as_bool() {
        Some(true) => vec![ipv6_block(world)?],
        _ => Vec::new(),
    };
    if world.ec2().vpcs.len() >= world.settings.vpcs {
        return Err(ApiError::new(
            "VpcLimitExceeded",
            "The maximum number of VPCs has been reached.",
        ));
    }
    let tags = tags::specified(input, &VPC)?;
    dry_run(input)?;
    let id = ids::resource_id("vpc");
    make(world, id.clone(), &[cidr], tags);
    if let Some(vpc) = world.ec2_mut().vpcs.get_mut(&id) {
        vpc.ipv6_cidrs = ipv6;
        tenancy.clone_into(&mut vpc.tenancy);
    }
    world.made(&id);
    // It is available by the next look.
    let made = world.ec2().vpcs[&id].json_as(world, "pending");
    Ok(Reply::json(json!({ "Vpc": made })))
}

pub(crate) fn delete(world: &mut World, input: &Value) -> Answer<Reply> {
    let id = required(input, "VpcId")?;
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
        return Err(ApiError::new(
            "DependencyViolation",
            format!("The vpc '{id}' has dependencies and cannot be deleted."),
        ));
    }
    dry_run(input)?;
    if let Some(group) = world.ec2().default_group(id).map(|group| group.id.clone()) {
        groups::remove(world, &group);
    }
    route_tables::remove_main(world, id);
    world.ec2_mut().network_acls.retain(|_, acl| acl.vpc_id != id);
    world.ec2_mut().vpcs.remove(id);
    Ok(returned())
}

/// `<return>true</return>`, where the operation's model has it.
pub(super) fn returned() -> Reply {
    Reply::json(json!({ "Return": true }))
}

pub(crate) fn associate(world: &mut World, input: &Value) -> Answer<Reply> {
    let id = required(input, "VpcId")?;
    let vpc = VPC.find(&world.ec2().vpcs, id)?;
    let mut body = json!({ "VpcId": id });
    if input["AmazonProvidedIpv6CidrBlock"].as_bool() == Some(true) {
        if !vpc.ipv6_cidrs.is_empty() {
            return Err(too_many_blocks(id, 1));
        }
        let block = ipv6_block(world)?;
        body["Ipv6CidrBlockAssociation"] = block.json("associating");
        if let Some(vpc) = world.ec2_mut().vpcs.get_mut(id) {
            vpc.ipv6_cidrs.push(block);
        }
    } else {
        let cidr = range(required(input, "CidrBlock")?)?;
        let overlaps = |other: &Ipv4Net| other.contains(&cidr) || cidr.contains(other);
        if vpc.cidrs.iter().any(|block| overlaps(&block.cidr)) {
            return Err(ApiError::new(
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
        body["CidrBlockAssociation"] = block.json("associating");
        if let Some(vpc) = world.ec2_mut().vpcs.get_mut(id) {
            vpc.cidrs.push(block);
        }
    }
    Ok(Reply::json(body))
}

fn too_many_blocks(id: &str, most: usize) -> ApiError {
    ApiError::new(
        "CidrLimitExceeded",
        format!("This network {id} has met its maximum number of allowed CIDRs: {most}"),
    )
}

pub(crate) fn disassociate(world: &mut World, input: &Value) -> Answer<Reply> {
    let id = required(input, "AssociationId")?;
    let not_found = || {
        ApiError::new(
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
        return Err(ApiError::new(
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
        return Err(ApiError::new(
            "InvalidCidrBlock.InUse",
            format!("The vpc CIDR block with association ID {id} is used by a subnet."),
        ));
    }
    let vpc_id = vpc.id.clone();
    let body = json!({
        "VpcId": vpc_id,
        "CidrBlockAssociation": v4.map(|block| block.json("disassociating")),
        "Ipv6CidrBlockAssociation": v6.map(|block| block.json("disassociating")),
    });
    if let Some(vpc) = world.ec2_mut().vpcs.get_mut(&vpc_id) {
        vpc.cidrs.retain(|block| !is_it_v4(block));
        vpc.ipv6_cidrs.retain(|block| !is_it_v6(block));
    }
    Ok(Reply::json(body))
}

impl Described for Vpc {
    const KIND: Kind = VPC;
    const IDS: &'static str = "VpcIds";
    const SET: &'static str = "Vpcs";
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
            "dhcp-options-id" => vec![DHCP_OPTIONS.to_owned()],
            "is-default" => vec!["false".to_owned()],
            "owner-id" => vec![ec2.account_id.clone()],
            "state" => vec!["available".to_owned()],
            _ => vec![self.id.clone()],
        }
    }

    fn json(&self, world: &World) -> Value {
        let mut body = self.json_as(world, "available");
        // A description has it, the answer to CreateVpc has not (stackd, create-owned-vpc).
        body["BlockPublicAccessStates"] = json!({ "InternetGatewayBlockMode": "off" });
        body
    }
}

impl Vpc {
    /// The VPC, in a state.
    fn json_as(&self, world: &World, state: &str) -> Value {
        let mut body = json!({
            "VpcId": self.id,
            "OwnerId": world.origin.account_id,
            "State": state,
            "CidrBlock": self.primary(),
            "CidrBlockAssociationSet": self.cidrs.iter().map(|block| block.json("associated")).collect::<Value>(),
            "DhcpOptionsId": DHCP_OPTIONS,
            "InstanceTenancy": self.tenancy,
            "IsDefault": false,
            "Tags": tags::json(&self.tags),
        });
        if !self.ipv6_cidrs.is_empty() {
            let of_ipv6 = self.ipv6_cidrs.iter().map(|block| {
                let mut block = block.json("associated");
                block["NetworkBorderGroup"] = world.origin.region.clone().into();
                block["Ipv6Pool"] = "Amazon".into();
                block
            });
            body["Ipv6CidrBlockAssociationSet"] = of_ipv6.collect();
        }
        body
    }
}
