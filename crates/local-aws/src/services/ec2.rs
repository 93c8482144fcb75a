//! EC2: VPCs, subnets, route tables, security groups and their rules, VPC endpoints, network interfaces, tags.

mod attributes;
mod client_tokens;
mod create_endpoint;
pub(crate) mod describe;
mod endpoint_services;
pub(crate) mod endpoints;
pub(crate) mod groups;
pub(crate) mod interfaces;
mod modify_endpoint;
mod network_acls;
mod prefix_lists;
mod route_tables;
pub(crate) mod rules;
pub(crate) mod subnets;
pub(crate) mod tags;
pub(crate) mod vpcs;
mod zones;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::core::error::{Answer, ApiError};
use crate::core::life_cycle::Status as _;
use crate::core::registration::Registration;
use crate::core::states::Kept;
use crate::core::surface::Surface;
use crate::core::tags::Tags;
use crate::core::words;
use crate::core::world::{World, object};
use crate::service::{self, Operation, Service};
use crate::wire::model::{Amendment, Model, of_ec2};

use endpoints::VpcEndpoint;
use groups::SecurityGroup;
use interfaces::NetworkInterface;
use network_acls::NetworkAcl;
use route_tables::RouteTable;
use rules::Rule;
use subnets::Subnet;
use vpcs::Vpc;

/// Every operation there is.
const OPERATIONS: &[Operation] = &[
    Operation::at_once("AssociateRouteTable", |world, input, _| {
        route_tables::associate(world, input)
    }),
    Operation::at_once("AssociateVpcCidrBlock", |world, input, _| {
        vpcs::associate(world, input)
    }),
    Operation::at_once("AuthorizeSecurityGroupEgress", |world, input, _| {
        rules::authorize(world, input, true)
    }),
    Operation::at_once("AuthorizeSecurityGroupIngress", |world, input, _| {
        rules::authorize(world, input, false)
    }),
    Operation::at_once("CreateRouteTable", |world, input, _| {
        route_tables::create(world, input)
    }),
    Operation::at_once("CreateSecurityGroup", |world, input, _| {
        groups::create(world, input)
    }),
    Operation::at_once("CreateSubnet", |world, input, _| subnets::create(world, input)),
    Operation::at_once("CreateTags", |world, input, _| tags::create(world, input)),
    Operation::at_once("CreateVpc", |world, input, _| vpcs::create(world, input)),
    Operation::at_once("CreateVpcEndpoint", |world, input, _| {
        create_endpoint::create(world, input)
    }),
    Operation::at_once("DeleteRouteTable", |world, input, _| {
        route_tables::delete(world, input)
    }),
    Operation::at_once("DeleteSecurityGroup", |world, input, _| {
        groups::delete(world, input)
    }),
    Operation::at_once("DeleteSubnet", |world, input, _| subnets::delete(world, input)),
    Operation::at_once("DeleteTags", |world, input, _| tags::delete(world, input)),
    Operation::at_once("DeleteVpc", |world, input, _| vpcs::delete(world, input)),
    Operation::at_once("DeleteVpcEndpoints", |world, input, _| {
        endpoints::delete(world, input)
    }),
    Operation::at_once("DescribeAvailabilityZones", |world, input, _| {
        zones::describe(world, input)
    }),
    Operation::at_once("DescribeNetworkAcls", |world, input, _| {
        describe::describe(world, input, |ec2| &ec2.network_acls)
    }),
    Operation::at_once("DescribeNetworkInterfaces", |world, input, _| {
        describe::describe(world, input, |ec2| &ec2.interfaces)
    }),
    Operation::at_once("DescribePrefixLists", |world, input, _| {
        prefix_lists::describe(world, input)
    }),
    Operation::at_once("DescribeRouteTables", |world, input, _| {
        describe::describe(world, input, |ec2| &ec2.route_tables)
    }),
    Operation::at_once("DescribeSecurityGroupRules", |world, input, _| {
        describe::describe(world, input, |ec2| &ec2.rules)
    }),
    Operation::at_once("DescribeSecurityGroups", |world, input, _| {
        groups::describe(world, input)
    }),
    Operation::at_once("DescribeSubnets", |world, input, _| {
        describe::describe(world, input, |ec2| &ec2.subnets)
    }),
    Operation::at_once("DescribeTags", |world, input, _| tags::describe(world, input)),
    Operation::at_once("DescribeVpcAttribute", |world, input, _| {
        attributes::describe_vpc(world, input)
    }),
    Operation::at_once("DescribeVpcEndpointServices", |world, input, _| {
        endpoint_services::describe(world, input)
    }),
    Operation::at_once("DescribeVpcEndpoints", |world, input, _| {
        describe::describe(world, input, |ec2| &ec2.endpoints)
    }),
    Operation::at_once("DescribeVpcs", |world, input, _| {
        describe::describe(world, input, |ec2| &ec2.vpcs)
    }),
    Operation::at_once("DisassociateRouteTable", |world, input, _| {
        route_tables::disassociate(world, input)
    }),
    Operation::at_once("DisassociateVpcCidrBlock", |world, input, _| {
        vpcs::disassociate(world, input)
    }),
    Operation::at_once("ModifySecurityGroupRules", |world, input, _| {
        rules::modify(world, input)
    }),
    Operation::at_once("ModifySubnetAttribute", |world, input, _| {
        attributes::modify_subnet(world, input)
    }),
    Operation::at_once("ModifyVpcAttribute", |world, input, _| {
        attributes::modify_vpc(world, input)
    }),
    Operation::at_once("ModifyVpcEndpoint", |world, input, _| {
        modify_endpoint::modify(world, input)
    }),
    Operation::at_once("ReplaceRouteTableAssociation", |world, input, _| {
        route_tables::replace(world, input)
    }),
    Operation::at_once("RevokeSecurityGroupEgress", |world, input, _| {
        rules::revoke(world, input, true)
    }),
    Operation::at_once("RevokeSecurityGroupIngress", |world, input, _| {
        rules::revoke(world, input, false)
    }),
];

/// Members that name what a call is about.
const RESOURCES: &[&str] = &[
    "GroupName",
    "GroupNames",
    "GroupId",
    "GroupIds",
    "VpcEndpointId",
    "VpcEndpointIds",
    "Resources",
    "SecurityGroupRuleIds",
    "SubnetId",
    "SubnetIds",
    "RouteTableId",
    "RouteTableIds",
    "NetworkInterfaceIds",
    "ServiceName",
    "ServiceNames",
    "VpcId",
    "VpcIds",
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
    #[serde(default)]
    route_tables: BTreeMap<String, RouteTable>,
    #[serde(default)]
    network_acls: BTreeMap<String, NetworkAcl>,
    pub(crate) endpoint_tokens: client_tokens::Made,
    #[serde(default)]
    route_table_tokens: client_tokens::Made,
}

const CREATE_TAGS: &[&str] = &["ec2:CreateTags"];

pub(crate) static SURFACE: Surface = Surface {
    further: &[
        ("CreateSecurityGroup", TAGGED, CREATE_TAGS),
        ("CreateVpc", TAGGED, CREATE_TAGS),
        ("CreateRouteTable", TAGGED, CREATE_TAGS),
        ("CreateSubnet", TAGGED, CREATE_TAGS),
        ("CreateVpcEndpoint", TAGGED, CREATE_TAGS),
        ("AuthorizeSecurityGroupEgress", TAGGED, CREATE_TAGS),
        ("AuthorizeSecurityGroupIngress", TAGGED, CREATE_TAGS),
    ],
    ..Surface::new("ec2", words::EC2, || service::names(OPERATIONS))
};

const TAGGED: Option<&str> = Some("TagSpecifications");

/// The models of EC2 list no errors. These are not the 400 that the others are.
const AMENDMENTS: &[Amendment] = &[
    Amendment::Error("DryRunOperation", 412, &[]),
    Amendment::Error("InsufficientCapacity", 500, &[]),
];

static MODEL: LazyLock<Model<'static>> =
    LazyLock::new(|| Model::read(include_str!("ec2/model.json")).amended(AMENDMENTS));

pub(crate) static SERVICE: Service = Service {
    surface: &SURFACE,
    registration: &REGISTRATION,
    model: &MODEL,
    resources: RESOURCES,
    refuses: of_ec2,
    operations: OPERATIONS,
};

static REGISTRATION: Registration = Registration {
    surface: Some(&SURFACE),
    kept: &[Kept::of::<State>("ec2")],
    changes: &[&endpoints::LIFE],
    types: &[
        (VPC.name, &["available"]),
        (SUBNET.name, &["available"]),
        (GROUP.name, &[""]),
        (RULE.name, &[""]),
        (
            ENDPOINT.name,
            &[
                "pending",
                "available",
                "deleting",
                "rejected",
                "failed",
                "expired",
            ],
        ),
        (INTERFACE.name, &["in-use"]),
        (ROUTE_TABLE.name, &[""]),
    ],
    objects: |world| world.ec2().objects(),
    resume: |world| {
        route_tables::complete(world);
        network_acls::complete(world);
    },
    ..Registration::NOTHING
};

impl World {
    pub(crate) fn ec2(&self) -> &State {
        self.state()
    }

    pub(crate) fn ec2_mut(&mut self) -> &mut State {
        self.state_mut()
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
pub(crate) const ROUTE_TABLE: Kind = Kind {
    name: "route-table",
    prefix: "rtb-",
    not_found: "InvalidRouteTableID.NotFound",
    malformed: "InvalidRouteTableId.Malformed",
    noun: "routeTable ID",
};
pub(crate) const NETWORK_ACL: Kind = Kind {
    name: "network-acl",
    prefix: "acl-",
    not_found: "InvalidNetworkAclID.NotFound",
    malformed: "InvalidNetworkAclId.Malformed",
    noun: "networkAcl ID",
};
pub(crate) const KINDS: [&Kind; 8] = [
    &VPC,
    &SUBNET,
    &GROUP,
    &RULE,
    &ENDPOINT,
    &INTERFACE,
    &ROUTE_TABLE,
    &NETWORK_ACL,
];

impl Kind {
    pub(crate) fn not_found(&self, id: &str) -> ApiError {
        ApiError::new(self.not_found, format!("The {} '{id}' does not exist", self.noun))
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
            None => Err(ApiError::new(
                self.malformed,
                format!("Invalid id: \"{id}\" (expecting \"{}...\")", self.prefix),
            )),
        }
    }
}

/// Refuses a call with `DryRun`, once it is known that it would succeed.
pub(crate) fn dry_run(input: &Value) -> Answer<()> {
    if input["DryRun"] == true {
        return Err(ApiError::new(
            "DryRunOperation",
            "Request would have succeeded, but DryRun flag is set.",
        ));
    }
    Ok(())
}

/// A text member.
pub(crate) fn text<'i>(input: &'i Value, member: &str) -> Option<&'i str> {
    input[member].as_str().filter(|text| !text.is_empty())
}

/// A text member that has to be there, whether or not the model requires it.
pub(crate) fn required<'i>(input: &'i Value, member: &str) -> Answer<&'i str> {
    text(input, member).ok_or_else(|| {
        let message = format!("The request must contain the parameter {member}");
        ApiError::new("MissingParameter", message)
    })
}

/// The items of a list.
pub(crate) fn items<'i>(input: &'i Value, member: &str) -> &'i [Value] {
    input[member].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// The items of a list of texts.
pub(crate) fn texts<'i>(input: &'i Value, member: &str) -> Vec<&'i str> {
    items(input, member).iter().filter_map(Value::as_str).collect()
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
            object("ec2", kind.name, id, name, state, tags)
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
        // A main route table comes and goes with its VPC.
        let tables = self.route_tables.values().filter(|table| !table.is_main());
        out.extend(tables.map(|table| of(&ROUTE_TABLE, &table.id, &name(&table.tags), "", &table.tags)));
        out
    }
}
