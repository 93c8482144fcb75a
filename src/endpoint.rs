//! Resolves and checks the endpoint: the VPC endpoint behind which the private API stands.
//!
//! What is read of it (VPC, subnets, DNS name) does not change while it exists and may therefore stand in a
//! plan; what can change (state) is a warning at plan time and an error at the start of an apply, because an
//! error at plan time would block `destroy` as well.

mod check;
mod domain;
mod problem;
mod quota;
mod remedy;

use std::collections::BTreeSet;
use std::sync::Arc;

use aws_sdk_ec2::types::{State, Vpc, VpcCidrBlockStateCode, VpcEndpoint, VpcEndpointType};

use crate::aws::{Api, AwsError, Called as _, wanted};
use crate::client::Aws;
use crate::component::IpAddressType;
pub use check::{Asking, EndState, Family, Leaving, WayOut, check, check_known};
pub use domain::{id_in_name, regional_name_among};
pub use problem::{Given, Outlet, Problem};
pub use quota::exceeded;
pub use remedy::remedy_for_failed_gateway;

/// What the composite needs to know of its endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// `vpce-…`.
    pub id: String,
    /// `vpc-…`, the VPC in which it stands.
    pub vpc_id: String,
    /// Its regional DNS name, which resolves to its addresses in every zone.
    pub domain_name: String,
    /// The subnets in which it has network interfaces.
    pub subnet_ids: BTreeSet<String>,
    /// Every CIDR of the VPC, IPv4 and IPv6, the primary one and the associated ones.
    pub cidrs: BTreeSet<String>,
    /// Its security groups.
    pub group_ids: BTreeSet<String>,
    pub ip_address_type: IpAddressType,
    /// Its policy, a JSON document.
    pub policy: Option<String>,
}

/// What is known of a VPC by its subnets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VpcFacts {
    pub vpc_id: String,
    /// Every CIDR of the VPC.
    pub cidrs: BTreeSet<String>,
}

/// Looks an endpoint up, and whether it can be used now: an endpoint that exists in another state than
/// `available` is answered together with that problem, since all that is needed of it is known.
///
/// # Errors
/// A [`Problem`] that leaves nothing known.
pub async fn resolve(aws: &Aws, id: &str) -> Result<(Endpoint, Option<Problem>), Problem> {
    let looked_up = describe(aws, id).await?;
    let (seen, vpc) = looked_up.as_ref();
    let kind = seen.vpc_endpoint_type.clone().unwrap_or(VpcEndpointType::Gateway);
    let service = seen.service_name.clone().unwrap_or_default();
    if kind != VpcEndpointType::Interface || !service.ends_with(".execute-api") {
        let what = format!("an endpoint of type {} for {service}", kind.as_str());
        return Err(Problem::WrongType {
            id: id.to_owned(),
            what,
        });
    }
    let names: Vec<_> = seen
        .dns_entries
        .iter()
        .flatten()
        .filter_map(|entry| entry.dns_name.as_deref())
        .collect();
    let state = seen
        .state
        .as_ref()
        .map(|state| state.as_str().to_owned())
        .unwrap_or_default();
    let available = state.eq_ignore_ascii_case("available");
    let not_available = || Problem::NotAvailable {
        id: id.to_owned(),
        state: state.clone(),
    };
    let Some(domain_name) = domain::regional_name(id, names.iter().copied()) else {
        if !available {
            return Err(not_available());
        }
        return Err(Problem::NoDomainName {
            id: id.to_owned(),
            seen: names.join(", "),
        });
    };
    let endpoint = Endpoint {
        id: id.to_owned(),
        vpc_id: seen.vpc_id.clone().unwrap_or_default(),
        domain_name: domain_name.to_owned(),
        subnet_ids: seen.subnet_ids.iter().flatten().cloned().collect(),
        cidrs: cidrs(vpc),
        group_ids: seen
            .groups
            .iter()
            .flatten()
            .filter_map(|group| group.group_id.clone())
            .collect(),
        ip_address_type: seen.ip_address_type.as_ref().map_or(IpAddressType::Ipv4, |kind| {
            kind.as_str().to_ascii_uppercase().into()
        }),
        policy: seen.policy_document.clone(),
    };
    Ok((endpoint, (!available).then(not_available)))
}

/// Forgets what was looked up of an endpoint, where it has to be seen as it is at this moment.
pub async fn forget(aws: &Aws, id: &str) {
    aws.endpoints.lock().await.remove(id);
}

/// One lookup per process for an endpoint in its final state; a state that passes is asked for again.
async fn describe(aws: &Aws, id: &str) -> Result<Arc<(VpcEndpoint, Vpc)>, Problem> {
    const API: Api = Api::new("ec2", "DescribeVpcEndpoints");
    let slot = Arc::clone(aws.endpoints.lock().await.entry(id.to_owned()).or_default());
    // Held while AWS is asked: who comes meanwhile waits for that answer.
    let mut known = slot.lock().await;
    if let Some(known) = &*known {
        return Ok(Arc::clone(known));
    }
    let answer = aws.ec2.describe_vpc_endpoints().vpc_endpoint_ids(id).send().await;
    let missing = || Problem::Missing(id.to_owned());
    let endpoint = answer
        .found(API)?
        .ok_or_else(missing)?
        .vpc_endpoints
        .unwrap_or_default()
        .into_iter()
        .next()
        .ok_or_else(missing)?;
    let vpc = describe_vpc(aws, endpoint.vpc_id.as_deref().unwrap_or_default()).await?;
    let looked_up = Arc::new((endpoint, vpc));
    let state = looked_up.0.state.as_ref().map(State::as_str);
    if state.is_some_and(|state| state.eq_ignore_ascii_case("available")) {
        *known = Some(Arc::clone(&looked_up));
    }
    Ok(looked_up)
}

/// The VPC that subnets are in, for an endpoint that is only a DNS name.
///
/// # Errors
/// A [`Problem`]: one is missing, they are in two VPCs, or a call failed.
pub async fn vpc_of_subnets(aws: &Aws, subnet_ids: &BTreeSet<String>) -> Result<VpcFacts, Problem> {
    let asked = aws.recent_subnets.ask();
    let subnets = aws.subnets(subnet_ids).await?;
    aws.recent_subnets.leave(asked, subnet_ids, subnets.clone());
    let mut vpcs = BTreeSet::new();
    for id in subnet_ids {
        let subnet = subnets
            .iter()
            .find(|subnet| subnet.subnet_id.as_ref() == Some(id));
        let subnet = subnet.ok_or_else(|| Problem::NoSubnet(id.clone()))?;
        vpcs.extend(subnet.vpc_id.clone());
    }
    let mut all = vpcs.iter();
    match (all.next(), all.next()) {
        (Some(vpc_id), None) => Ok(VpcFacts {
            vpc_id: vpc_id.clone(),
            cidrs: vpc_cidrs(aws, vpc_id).await?,
        }),
        _ => Err(Problem::SubnetsApart {
            vpcs: vpcs.into_iter().collect::<Vec<_>>().join(" and "),
        }),
    }
}

/// Every CIDR of a VPC.
pub async fn vpc_cidrs(aws: &Aws, vpc_id: &str) -> Result<BTreeSet<String>, AwsError> {
    Ok(cidrs(&describe_vpc(aws, vpc_id).await?))
}

async fn describe_vpc(aws: &Aws, id: &str) -> Result<Vpc, AwsError> {
    const API: Api = Api::new("ec2", "DescribeVpcs");
    let answer = aws.ec2.describe_vpcs().vpc_ids(id).send().await;
    let answer = answer.of(API)?;
    wanted(API, "Vpcs[0]", answer.vpcs.unwrap_or_default().into_iter().next())
}

/// Every CIDR of a VPC that is associated with it now.
fn cidrs(vpc: &Vpc) -> BTreeSet<String> {
    let ipv4 = vpc
        .cidr_block_association_set
        .iter()
        .flatten()
        .filter_map(|block| {
            let state = block.cidr_block_state.as_ref()?.state.as_ref()?;
            (*state == VpcCidrBlockStateCode::Associated)
                .then(|| block.cidr_block.clone())
                .flatten()
        });
    let ipv6 = vpc
        .ipv6_cidr_block_association_set
        .iter()
        .flatten()
        .filter_map(|block| {
            let state = block.ipv6_cidr_block_state.as_ref()?.state.as_ref()?;
            (*state == VpcCidrBlockStateCode::Associated)
                .then(|| block.ipv6_cidr_block.clone())
                .flatten()
        });
    ipv4.chain(ipv6).chain(vpc.cidr_block.clone()).collect()
}
