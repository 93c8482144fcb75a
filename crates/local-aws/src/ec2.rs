//! EC2: VPCs, subnets, security groups and their rules, VPC endpoints, network interfaces, tags.

pub(crate) mod describe;
pub(crate) mod endpoints;
pub(crate) mod groups;
pub(crate) mod interfaces;
pub(crate) mod rules;
pub(crate) mod tags;
pub(crate) mod vpcs;

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use serde_json::Value;

use crate::error::{Answer, ApiError};
use crate::protocol::query::Params;
use crate::protocol::{Reply, Service};
use crate::world::{Tags, World, object};

use endpoints::VpcEndpoint;
use groups::SecurityGroup;
use interfaces::NetworkInterface;
use rules::Rule;
use vpcs::{Subnet, Vpc};

pub(crate) const OPERATIONS: &[&str] = &[
    "AuthorizeSecurityGroupEgress",
    "AuthorizeSecurityGroupIngress",
    "CreateSecurityGroup",
    "CreateTags",
    "CreateVpcEndpoint",
    "DeleteSecurityGroup",
    "DeleteTags",
    "DeleteVpcEndpoints",
    "DescribeNetworkInterfaces",
    "DescribeSecurityGroupRules",
    "DescribeSecurityGroups",
    "DescribeSubnets",
    "DescribeTags",
    "DescribeVpcEndpoints",
    "DescribeVpcs",
    "RevokeSecurityGroupEgress",
    "RevokeSecurityGroupIngress",
];

/// Parameters that name what a call is about.
pub(crate) const RESOURCES: &[&str] = &[
    "GroupName",
    "GroupId",
    "VpcEndpointId",
    "ResourceId",
    "SecurityGroupRuleId",
    "SubnetId",
    "NetworkInterfaceId",
    "ServiceName",
    "VpcId",
];

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) account_id: String,
    pub(crate) vpcs: BTreeMap<String, Vpc>,
    pub(crate) subnets: BTreeMap<String, Subnet>,
    pub(crate) groups: BTreeMap<String, SecurityGroup>,
    pub(crate) rules: BTreeMap<String, Rule>,
    pub(crate) endpoints: BTreeMap<String, VpcEndpoint>,
    pub(crate) interfaces: BTreeMap<String, NetworkInterface>,
    /// `clientToken` of CreateVpcEndpoint, with the other parameters and the endpoint made.
    pub(crate) endpoint_tokens: BTreeMap<String, (String, String)>,
}

pub(crate) fn dispatch(world: &mut World, operation: &str, params: &Params) -> Answer<Reply> {
    match operation {
        "AuthorizeSecurityGroupEgress" => rules::authorize(world, params, true),
        "AuthorizeSecurityGroupIngress" => rules::authorize(world, params, false),
        "CreateSecurityGroup" => groups::create(world, params),
        "CreateTags" => tags::create(world, params),
        "CreateVpcEndpoint" => endpoints::create(world, params),
        "DeleteSecurityGroup" => groups::delete(world, params),
        "DeleteTags" => tags::delete(world, params),
        "DeleteVpcEndpoints" => endpoints::delete(world, params),
        "DescribeNetworkInterfaces" => describe::describe(world, params, &world.ec2.interfaces),
        "DescribeSecurityGroupRules" => describe::describe(world, params, &world.ec2.rules),
        "DescribeSecurityGroups" => groups::describe(world, params),
        "DescribeSubnets" => describe::describe(world, params, &world.ec2.subnets),
        "DescribeTags" => tags::describe(world, params),
        "DescribeVpcEndpoints" => describe::describe(world, params, &world.ec2.endpoints),
        "DescribeVpcs" => describe::describe(world, params, &world.ec2.vpcs),
        "RevokeSecurityGroupEgress" => rules::revoke(world, params, true),
        "RevokeSecurityGroupIngress" => rules::revoke(world, params, false),
        "" => Err(ApiError::bad_request(
            "MissingAction",
            "The request is missing an action.",
        )),
        _ => Err(ApiError::bad_request(
            "InvalidAction",
            format!("The action {operation} is not valid for this web service."),
        )),
    }
}

/// A type of object, by the prefix of its ids, with the error codes that are particular to it.
pub(crate) struct Kind {
    /// The resource type of tags and TagSpecifications.
    pub(crate) name: &'static str,
    pub(crate) prefix: &'static str,
    pub(crate) not_found: &'static str,
    pub(crate) malformed: &'static str,
    /// As the messages write it: "The vpc ID".
    pub(crate) noun: &'static str,
}

pub(crate) const VPC: Kind = Kind {
    name: "vpc",
    prefix: "vpc-",
    not_found: "InvalidVpcID.NotFound",
    malformed: "InvalidVpcID.Malformed",
    noun: "vpc ID",
};
pub(crate) const SUBNET: Kind = Kind {
    name: "subnet",
    prefix: "subnet-",
    not_found: "InvalidSubnetID.NotFound",
    malformed: "InvalidSubnetID.Malformed",
    noun: "subnet ID",
};
pub(crate) const GROUP: Kind = Kind {
    name: "security-group",
    prefix: "sg-",
    not_found: "InvalidGroup.NotFound",
    malformed: "InvalidGroupId.Malformed",
    noun: "security group",
};
pub(crate) const RULE: Kind = Kind {
    name: "security-group-rule",
    prefix: "sgr-",
    not_found: "InvalidSecurityGroupRuleId.NotFound",
    malformed: "InvalidSecurityGroupRuleId.Malformed",
    noun: "security group rule ID",
};
pub(crate) const ENDPOINT: Kind = Kind {
    name: "vpc-endpoint",
    prefix: "vpce-",
    not_found: "InvalidVpcEndpointId.NotFound",
    malformed: "InvalidVpcEndpointId.Malformed",
    noun: "Vpc Endpoint Id",
};
pub(crate) const INTERFACE: Kind = Kind {
    name: "network-interface",
    prefix: "eni-",
    not_found: "InvalidNetworkInterfaceID.NotFound",
    malformed: "InvalidNetworkInterfaceID.Malformed",
    noun: "networkInterface ID",
};
pub(crate) const KINDS: [&Kind; 6] = [&VPC, &SUBNET, &GROUP, &RULE, &ENDPOINT, &INTERFACE];

impl Kind {
    pub(crate) fn not_found(&self, id: &str) -> ApiError {
        ApiError::bad_request(self.not_found, format!("The {} '{id}' does not exist", self.noun))
    }

    /// Finds an object by its id, or says what is wrong with the id.
    pub(crate) fn find<'m, T>(&self, map: &'m BTreeMap<String, T>, id: &str) -> Answer<&'m T> {
        self.check(id)?;
        map.get(id).ok_or_else(|| self.not_found(id))
    }

    pub(crate) fn check(&self, id: &str) -> Answer<()> {
        let digits = id.strip_prefix(self.prefix).filter(|digits| {
            matches!(digits.len(), 8 | 17) && digits.chars().all(|digit| digit.is_ascii_hexdigit())
        });
        match digits {
            Some(_) => Ok(()),
            None => Err(ApiError::bad_request(
                self.malformed,
                format!("Invalid id: \"{id}\" (expecting \"{}...\")", self.prefix),
            )),
        }
    }
}

/// Refuses a call with `DryRun`, once it is known that it would succeed.
pub(crate) fn dry_run(params: &Params) -> Answer<()> {
    match params.flag("DryRun")? {
        Some(true) => Err(ApiError::new(
            412,
            "DryRunOperation",
            "Request would have succeeded, but DryRun flag is set.",
        )),
        _ => Ok(()),
    }
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

    pub(crate) fn used_addresses(&self, subnet_id: &str) -> BTreeSet<Ipv4Addr> {
        let here = self
            .interfaces
            .values()
            .filter(|interface| interface.subnet_id == subnet_id);
        here.flat_map(|interface| interface.addresses.iter().copied())
            .collect()
    }

    /// Removes the network interfaces that a VPC endpoint or resource gateway had.
    pub(crate) fn release_interfaces(&mut self, owner: &str) {
        self.interfaces.retain(|_, interface| interface.owner != owner);
    }

    pub(crate) fn default_group(&self, vpc_id: &str) -> Option<&SecurityGroup> {
        self.groups
            .values()
            .find(|group| group.vpc_id == vpc_id && group.name == "default")
    }

    pub(crate) fn objects(&self) -> Vec<Value> {
        let name = |tags: &Tags| tags.get("Name").cloned().unwrap_or_default();
        let of = |kind: &Kind, id: &str, name: &str, state: &str, tags: &Tags| {
            object(Service::Ec2, kind.name, id, name, state, tags)
        };
        let mut out: Vec<Value> = Vec::new();
        out.extend(
            self.vpcs
                .values()
                .map(|vpc| of(&VPC, &vpc.id, &name(&vpc.tags), "available", &vpc.tags)),
        );
        out.extend(
            self.subnets
                .values()
                .map(|s| of(&SUBNET, &s.id, &name(&s.tags), "available", &s.tags)),
        );
        out.extend(
            self.groups
                .values()
                .map(|group| of(&GROUP, &group.id, &group.name, "", &group.tags)),
        );
        out.extend(
            self.rules
                .values()
                .map(|rule| of(&RULE, &rule.id, &rule.group_id, "", &rule.tags)),
        );
        out.extend(
            self.endpoints
                .values()
                .map(|e| of(&ENDPOINT, &e.id, &name(&e.tags), e.state.as_str(), &e.tags)),
        );
        out.extend(
            self.interfaces
                .values()
                .map(|i| of(&INTERFACE, &i.id, &i.description, "in-use", &i.tags)),
        );
        out
    }
}
