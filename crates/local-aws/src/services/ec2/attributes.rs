//! What can be switched on a VPC or a subnet, one attribute in a call: ModifyVpcAttribute, DescribeVpcAttribute,
//! ModifySubnetAttribute. They are kept and shown; nothing here has a public address or is launched.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::vpcs::returned;
use super::{SUBNET, VPC, dry_run, required, text};
use crate::core::error::{Answer, ApiError};
use crate::core::world::World;
use crate::wire::Reply;

#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct OfVpc {
    dns_support: bool,
    dns_hostnames: bool,
    network_address_usage_metrics: bool,
}

impl Default for OfVpc {
    /// As a VPC has them that a call makes.
    fn default() -> Self {
        Self {
            dns_support: true,
            dns_hostnames: false,
            network_address_usage_metrics: false,
        }
    }
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct OfSubnet {
    pub(super) map_public_ip_on_launch: bool,
    assign_ipv6_address_on_creation: bool,
    dns64: bool,
    hostname_type: String,
    a_record: bool,
    aaaa_record: bool,
}

impl Default for OfSubnet {
    fn default() -> Self {
        Self {
            map_public_ip_on_launch: false,
            assign_ipv6_address_on_creation: false,
            dns64: false,
            hostname_type: "ip-name".to_owned(),
            a_record: false,
            aaaa_record: false,
        }
    }
}

impl OfSubnet {
    /// Adds them to the members of a subnet.
    pub(super) fn show(&self, subnet: &mut Value) {
        subnet["MapPublicIpOnLaunch"] = self.map_public_ip_on_launch.into();
        subnet["AssignIpv6AddressOnCreation"] = self.assign_ipv6_address_on_creation.into();
        subnet["EnableDns64"] = self.dns64.into();
        subnet["PrivateDnsNameOptionsOnLaunch"] = json!({
            "HostnameType": self.hostname_type,
            "EnableResourceNameDnsARecord": self.a_record,
            "EnableResourceNameDnsAAAARecord": self.aaaa_record,
        });
    }
}

/// The one attribute that a call gives a value, among those that there are.
fn given<'n>(input: &Value, names: &[&'n str]) -> Answer<(&'n str, bool)> {
    let mut found = None;
    for name in names {
        let Some(value) = input[*name]["Value"].as_bool() else {
            continue;
        };
        if found.replace((*name, value)).is_some() {
            return Err(ApiError::new(
                "InvalidParameterCombination",
                "Fields for multiple attribute types specified",
            ));
        }
    }
    found.ok_or_else(|| {
        ApiError::new(
            "InvalidParameterCombination",
            format!("No attributes specified; there are {}.", names.join(", ")),
        )
    })
}

const DNS_SUPPORT: &str = "EnableDnsSupport";
const DNS_HOSTNAMES: &str = "EnableDnsHostnames";
const USAGE_METRICS: &str = "EnableNetworkAddressUsageMetrics";

pub(super) fn modify_vpc(world: &mut World, input: &Value) -> Answer<Reply> {
    let id = required(input, "VpcId")?;
    VPC.find(&world.ec2().vpcs, id)?;
    let (name, value) = given(input, &[DNS_SUPPORT, DNS_HOSTNAMES, USAGE_METRICS])?;
    dry_run(input)?;
    if let Some(vpc) = world.ec2_mut().vpcs.get_mut(id) {
        let attributes = &mut vpc.attributes;
        match name {
            DNS_SUPPORT => attributes.dns_support = value,
            DNS_HOSTNAMES => attributes.dns_hostnames = value,
            _ => attributes.network_address_usage_metrics = value,
        }
    }
    Ok(returned())
}

pub(super) fn describe_vpc(world: &World, input: &Value) -> Answer<Reply> {
    let id = required(input, "VpcId")?;
    let attributes = &VPC.find(&world.ec2().vpcs, id)?.attributes;
    let name = required(input, "Attribute")?;
    let value = match name {
        "enableDnsSupport" => attributes.dns_support,
        "enableDnsHostnames" => attributes.dns_hostnames,
        "enableNetworkAddressUsageMetrics" => attributes.network_address_usage_metrics,
        _ => {
            return Err(ApiError::new(
                "InvalidParameterValue",
                format!("Value ({name}) for parameter attribute is invalid. Unknown attribute."),
            ));
        }
    };
    dry_run(input)?;
    let (first, rest) = name.split_at(1);
    let member = first.to_uppercase() + rest;
    Ok(Reply::json(json!({ "VpcId": id, member: { "Value": value } })))
}

pub(super) fn modify_subnet(world: &mut World, input: &Value) -> Answer<Reply> {
    const FLAGS: &[&str] = &[
        "MapPublicIpOnLaunch",
        "AssignIpv6AddressOnCreation",
        "EnableDns64",
        "EnableResourceNameDnsARecordOnLaunch",
        "EnableResourceNameDnsAAAARecordOnLaunch",
    ];
    let id = required(input, "SubnetId")?;
    let has_ipv6 = SUBNET.find(&world.ec2().subnets, id)?.ipv6.is_some();
    let hostnames = text(input, "PrivateDnsHostnameTypeOnLaunch");
    if let Some(kind) = hostnames.filter(|kind| !matches!(*kind, "ip-name" | "resource-name")) {
        return Err(ApiError::new(
            "InvalidParameterValue",
            format!("Value ({kind}) for parameter privateDnsHostnameTypeOnLaunch is invalid."),
        ));
    }
    let flag = match hostnames {
        Some(_) if given(input, FLAGS).is_ok() => {
            return Err(ApiError::new(
                "InvalidParameterCombination",
                "Fields for multiple attribute types specified",
            ));
        }
        Some(_) => None,
        None => Some(given(input, FLAGS)?),
    };
    if flag == Some(("AssignIpv6AddressOnCreation", true)) && !has_ipv6 {
        return Err(ApiError::new(
            "InvalidParameterValue",
            format!("Invalid value for assignIpv6AddressOnCreation: the subnet {id} has no IPv6 CIDR block."),
        ));
    }
    if let Some(subnet) = world.ec2_mut().subnets.get_mut(id) {
        let attributes = &mut subnet.attributes;
        match flag {
            Some(("MapPublicIpOnLaunch", value)) => attributes.map_public_ip_on_launch = value,
            Some(("AssignIpv6AddressOnCreation", value)) => {
                attributes.assign_ipv6_address_on_creation = value
            }
            Some(("EnableDns64", value)) => attributes.dns64 = value,
            Some(("EnableResourceNameDnsARecordOnLaunch", value)) => attributes.a_record = value,
            Some((_, value)) => attributes.aaaa_record = value,
            None => {
                if let Some(kind) = hostnames {
                    kind.clone_into(&mut attributes.hostname_type);
                }
            }
        }
    }
    Ok(returned())
}
