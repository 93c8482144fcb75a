//! Network ACLs: the default one of each VPC, which lets everything through. Others are not made here.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::describe::Described;
use super::{Kind, NETWORK_ACL, State, tags};
use crate::core::ids;
use crate::core::tags::Tags;
use crate::core::world::World;

#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct NetworkAcl {
    pub(crate) id: String,
    pub(crate) vpc_id: String,
    pub(crate) tags: Tags,
}

/// Makes the default network ACL of a VPC.
pub(super) fn make_default(world: &mut World, vpc_id: &str) {
    let id = ids::resource_id("acl");
    let acl = NetworkAcl {
        id: id.clone(),
        vpc_id: vpc_id.to_owned(),
        tags: Tags::new(),
    };
    world.ec2_mut().network_acls.insert(id, acl);
}

/// Gives the VPCs of an older state the network ACLs that they had not.
pub(super) fn complete(world: &mut World) {
    let ec2 = world.ec2();
    let has_one = |vpc_id: &String| ec2.network_acls.values().any(|acl| acl.vpc_id == *vpc_id);
    let without: Vec<String> = ec2.vpcs.keys().filter(|id| !has_one(id)).cloned().collect();
    for vpc_id in without {
        make_default(world, &vpc_id);
    }
}

/// The id of a subnet's association, which it has for life.
fn association_id(subnet_id: &str) -> String {
    subnet_id.replacen("subnet-", "aclassoc-", 1)
}

impl NetworkAcl {
    fn subnets(&self, ec2: &State) -> Vec<String> {
        let subnets = ec2.subnets.values().filter(|subnet| subnet.vpc_id == self.vpc_id);
        subnets.map(|subnet| subnet.id.clone()).collect()
    }
}

/// The number of the rule that denies whatever no other one has let through.
const LAST: u32 = 32_767;

impl Described for NetworkAcl {
    const KIND: Kind = NETWORK_ACL;
    const IDS: &'static str = "NetworkAclIds";
    const SET: &'static str = "NetworkAcls";
    const FILTERS: &'static [&'static str] = &[
        "association.association-id",
        "association.network-acl-id",
        "association.subnet-id",
        "default",
        "entry.cidr",
        "entry.rule-action",
        "entry.rule-number",
        "network-acl-id",
        "owner-id",
        "vpc-id",
    ];

    fn tags(&self) -> &Tags {
        &self.tags
    }

    fn values(&self, filter: &str, ec2: &State) -> Vec<String> {
        let subnets = || self.subnets(ec2);
        match filter {
            "association.association-id" => subnets().iter().map(|id| association_id(id)).collect(),
            "association.network-acl-id" => subnets().iter().map(|_| self.id.clone()).collect(),
            "association.subnet-id" => subnets(),
            "default" => vec!["true".to_owned()],
            "entry.cidr" => vec!["0.0.0.0/0".to_owned()],
            "entry.rule-action" => vec!["allow".to_owned(), "deny".to_owned()],
            "entry.rule-number" => vec!["100".to_owned(), LAST.to_string()],
            "owner-id" => vec![ec2.account_id.clone()],
            "vpc-id" => vec![self.vpc_id.clone()],
            _ => vec![self.id.clone()],
        }
    }

    fn json(&self, world: &World) -> Value {
        let has_ipv6 = world
            .ec2()
            .vpcs
            .get(&self.vpc_id)
            .is_some_and(|vpc| !vpc.ipv6_cidrs.is_empty());
        let mut blocks = vec![("CidrBlock", "0.0.0.0/0", 0)];
        if has_ipv6 {
            // The rules of IPv6 are numbered one further.
            blocks.push(("Ipv6CidrBlock", "::/0", 1));
        }
        let entries = [true, false].into_iter().flat_map(|egress| {
            let rules = [(100, "allow"), (LAST, "deny")].into_iter();
            let blocks = &blocks;
            rules.flat_map(move |rule| blocks.iter().map(move |block| (egress, rule, *block)))
        });
        let entries = entries.map(|(egress, (number, action), (member, block, further))| {
            json!({ member: block, "Egress": egress, "Protocol": "-1", "RuleAction": action,
                "RuleNumber": number + further })
        });
        let associations = self.subnets(world.ec2()).into_iter().map(|subnet_id| {
            json!({ "NetworkAclAssociationId": association_id(&subnet_id), "NetworkAclId": self.id,
                "SubnetId": subnet_id })
        });
        json!({
            "NetworkAclId": self.id,
            "VpcId": self.vpc_id,
            "OwnerId": world.origin.account_id,
            "IsDefault": true,
            "Entries": entries.collect::<Value>(),
            "Associations": associations.collect::<Value>(),
            "Tags": tags::json(&self.tags),
        })
    }
}
