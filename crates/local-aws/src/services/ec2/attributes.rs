//! What can be switched on a VPC or a subnet, one attribute in a call: ModifyVpcAttribute, DescribeVpcAttribute,
//! ModifySubnetAttribute. They are kept and shown; nothing here has a public address or is launched.

use serde::{Deserialize, Serialize};

use super::vpcs::returned;
use super::{SUBNET, VPC, dry_run};
use crate::core::error::{Answer, ApiError};
use crate::core::world::World;
use crate::wire::Reply;
use crate::wire::query::Params;
use crate::wire::xml::Xml;

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
    pub(super) fn write(&self, xml: &mut Xml) {
        xml.leaf("mapPublicIpOnLaunch", self.map_public_ip_on_launch);
        xml.leaf(
            "assignIpv6AddressOnCreation",
            self.assign_ipv6_address_on_creation,
        );
        xml.leaf("enableDns64", self.dns64);
        xml.node("privateDnsNameOptionsOnLaunch", |xml| {
            xml.leaf("hostnameType", &self.hostname_type);
            xml.leaf("enableResourceNameDnsARecord", self.a_record);
            xml.leaf("enableResourceNameDnsAAAARecord", self.aaaa_record);
        });
    }
}

/// The one attribute that a call gives a value, among those that there are.
fn given<'n>(params: &Params, names: &[&'n str]) -> Answer<(&'n str, bool)> {
    let mut found = None;
    for name in names {
        let Some(value) = params.flag(&format!("{name}.Value"))? else {
            continue;
        };
        if found.replace((*name, value)).is_some() {
            return Err(ApiError::bad_request(
                "InvalidParameterCombination",
                "Fields for multiple attribute types specified",
            ));
        }
    }
    found.ok_or_else(|| {
        ApiError::bad_request(
            "InvalidParameterCombination",
            format!("No attributes specified; there are {}.", names.join(", ")),
        )
    })
}

const DNS_SUPPORT: &str = "EnableDnsSupport";
const DNS_HOSTNAMES: &str = "EnableDnsHostnames";
const USAGE_METRICS: &str = "EnableNetworkAddressUsageMetrics";

pub(super) fn modify_vpc(world: &mut World, params: &Params) -> Answer<Reply> {
    let id = params.required("VpcId")?;
    VPC.find(&world.ec2().vpcs, id)?;
    let (name, value) = given(params, &[DNS_SUPPORT, DNS_HOSTNAMES, USAGE_METRICS])?;
    dry_run(params)?;
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

pub(super) fn describe_vpc(world: &World, params: &Params) -> Answer<Reply> {
    let id = params.required("VpcId")?;
    let attributes = &VPC.find(&world.ec2().vpcs, id)?.attributes;
    let name = params.required("Attribute")?;
    let value = match name {
        "enableDnsSupport" => attributes.dns_support,
        "enableDnsHostnames" => attributes.dns_hostnames,
        "enableNetworkAddressUsageMetrics" => attributes.network_address_usage_metrics,
        _ => {
            return Err(ApiError::bad_request(
                "InvalidParameterValue",
                format!("Value ({name}) for parameter attribute is invalid. Unknown attribute."),
            ));
        }
    };
    dry_run(params)?;
    let mut xml = Xml::default();
    xml.leaf("vpcId", id);
    xml.node(name, |xml| xml.leaf("value", value));
    Ok(Reply::Xml(xml))
}

pub(super) fn modify_subnet(world: &mut World, params: &Params) -> Answer<Reply> {
    const FLAGS: &[&str] = &[
        "MapPublicIpOnLaunch",
        "AssignIpv6AddressOnCreation",
        "EnableDns64",
        "EnableResourceNameDnsARecordOnLaunch",
        "EnableResourceNameDnsAAAARecordOnLaunch",
    ];
    let id = params.required("SubnetId")?;
    let has_ipv6 = SUBNET.find(&world.ec2().subnets, id)?.ipv6.is_some();
    let hostnames = params.get("PrivateDnsHostnameTypeOnLaunch");
    if let Some(kind) = hostnames.filter(|kind| !matches!(*kind, "ip-name" | "resource-name")) {
        return Err(ApiError::bad_request(
            "InvalidParameterValue",
            format!("Value ({kind}) for parameter privateDnsHostnameTypeOnLaunch is invalid."),
        ));
    }
    let flag = match hostnames {
        Some(_) if given(params, FLAGS).is_ok() => {
            return Err(ApiError::bad_request(
                "InvalidParameterCombination",
                "Fields for multiple attribute types specified",
            ));
        }
        Some(_) => None,
        None => Some(given(params, FLAGS)?),
    };
    if flag == Some(("AssignIpv6AddressOnCreation", true)) && !has_ipv6 {
        return Err(ApiError::bad_request(
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
