//! EC2: VPCs, subnets, security groups and their rules, VPC endpoints, network interfaces, tags.

pub(crate) mod describe;
pub(crate) mod endpoints;
pub(crate) mod groups;
pub(crate) mod interfaces;
mod modify_endpoint;
pub(crate) mod rules;
pub(crate) mod subnets;
pub(crate) mod tags;
pub(crate) mod vpcs;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::core::error::{Answer, ApiError};
use crate::core::registration::Registration;
use crate::core::states::Kept;
use crate::core::world::{Tags, World, object};
use crate::wire::query::Params;
use crate::wire::{Reply, Service};

use endpoints::VpcEndpoint;
use groups::SecurityGroup;
use interfaces::NetworkInterface;
use rules::Rule;
use subnets::Subnet;
use vpcs::Vpc;

type Handler = fn(&mut World, &Params) -> Answer<Reply>;

/// Every operation there is.
const OPERATIONS: &[(&str, Handler)] = &[
    ("AssociateVpcCidrBlock", vpcs::associate),
    ("AuthorizeSecurityGroupEgress", |world, params| {
        rules::authorize(world, params, true)
    }),
    ("AuthorizeSecurityGroupIngress", |world, params| {
        rules::authorize(world, params, false)
    }),
    ("CreateSecurityGroup", groups::create),
    ("CreateSubnet", subnets::create),
    ("CreateTags", tags::create),
    ("CreateVpc", vpcs::create),
    ("CreateVpcEndpoint", endpoints::create),
    ("DeleteSecurityGroup", groups::delete),
    ("DeleteSubnet", subnets::delete),
    ("DeleteTags", tags::delete),
    ("DeleteVpc", vpcs::delete),
    ("DeleteVpcEndpoints", endpoints::delete),
    ("DescribeNetworkInterfaces", |world, params| {
        describe::describe(world, params, |ec2| &ec2.interfaces)
    }),
    ("DescribeSecurityGroupRules", |world, params| {
        describe::describe(world, params, |ec2| &ec2.rules)
    }),
    ("DescribeSecurityGroups", groups::describe),
    ("DescribeSubnets", |world, params| {
        describe::describe(world, params, |ec2| &ec2.subnets)
    }),
    ("DescribeTags", |world, params| tags::describe(world, params)),
    ("DescribeVpcEndpoints", |world, params| {
        describe::describe(world, params, |ec2| &ec2.endpoints)
    }),
    ("DescribeVpcs", |world, params| {
        describe::describe(world, params, |ec2| &ec2.vpcs)
    }),
    ("DisassociateVpcCidrBlock", vpcs::disassociate),
    ("ModifySecurityGroupRules", rules::modify),
    ("ModifyVpcEndpoint", modify_endpoint::modify),
    ("RevokeSecurityGroupEgress", |world, params| {
        rules::revoke(world, params, true)
    }),
    ("RevokeSecurityGroupIngress", |world, params| {
        rules::revoke(world, params, false)
    }),
];

pub(crate) fn operations() -> Vec<&'static str> {
    OPERATIONS.iter().map(|(name, _)| *name).collect()
}

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

#[derive(Debug, Default, Deserialize, Serialize)]
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

/// What the world has to know of it.
pub(crate) const REGISTRATION: Registration = Registration {
    kept: Some(Kept::of::<State>("ec2")),
};

impl World {
    pub(crate) fn ec2(&self) -> &State {
        self.state()
    }

    pub(crate) fn ec2_mut(&mut self) -> &mut State {
        self.state_mut()
    }
}

pub(crate) fn dispatch(world: &mut World, operation: &str, params: &Params) -> Answer<Reply> {
    match OPERATIONS.iter().find(|(name, _)| *name == operation) {
        Some((_, handler)) => handler(world, params),
        None if operation.is_empty() => Err(ApiError::bad_request(
            "MissingAction",
            "The request is missing an action.",
        )),
        None => Err(ApiError::bad_request(
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
