//! What a gateway that is about to be made asks of the network, judged by what was read.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{Filter, IpPermission, SecurityGroup, Subnet};
use ipnet::IpNet;

use super::{Endpoint, Problem, policy, subnets};
use crate::aws::{Api, Aws, AwsError};

/// What is about to be made.
#[derive(Debug)]
pub struct Needs<'a> {
    /// The VPC endpoint, where it is one.
    pub endpoint: Option<&'a Endpoint>,
    /// The VPC of the gateway.
    pub vpc_id: &'a str,
    /// The subnets of the gateway.
    pub subnet_ids: &'a BTreeSet<String>,
    /// IPv4 addresses that it will take in each subnet; 0 for a gateway that stands, or has IPv6 alone.
    pub addresses: u32,
    /// Its groups, as far as they exist.
    pub gateway_group_ids: &'a BTreeSet<String>,
    /// The group to which a rule is added that lets the gateway in.
    pub ingress_group_id: Option<&'a str>,
    pub port: u16,
    /// `IPV4`, `IPV6` or `DUALSTACK`.
    pub ip_address_type: &'a str,
}

/// What a check came to.
#[derive(Debug)]
pub enum Finding {
    Problem(Problem),
    /// A question that could not be asked; it names the permission.
    Unchecked(AwsError),
}

/// Checks the network: one DescribeSubnets, and one DescribeSecurityGroups where there is an endpoint.
pub async fn check(aws: &Aws, needs: &Needs<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut all = needs.subnet_ids.clone();
    all.extend(
        needs
            .endpoint
            .iter()
            .flat_map(|endpoint| endpoint.subnet_ids.iter().cloned()),
    );
    let known = match subnets(aws, &all).await {
        Ok(known) => Some(known),
        Err(error) => {
            findings.push(Finding::Unchecked(error));
            None
        }
    };
    let known = known.as_deref();
    if let Some(known) = known {
        findings.extend(of_subnets(needs, known).into_iter().map(Finding::Problem));
    }
    let Some(endpoint) = needs.endpoint else {
        return findings;
    };
    if let Some(why) = endpoint.policy.as_deref().and_then(policy::forbids) {
        let id = endpoint.id.clone();
        findings.push(Finding::Problem(Problem::ForbiddenByPolicy { id, why }));
    }
    match groups(aws, &endpoint.group_ids).await {
        Ok(groups) => {
            let problem = known.and_then(|subnets| of_ingress(needs, endpoint, &groups, subnets));
            findings.extend(problem.map(Finding::Problem));
        }
        Err(error) => findings.push(Finding::Unchecked(error)),
    }
    findings
}

async fn groups(aws: &Aws, ids: &BTreeSet<String>) -> Result<Vec<SecurityGroup>, AwsError> {
    const API: Api = Api {
        service: "ec2",
        operation: "DescribeSecurityGroups",
    };
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let filter = Filter::builder()
        .name("group-id")
        .set_values(Some(ids.iter().cloned().collect()))
        .build();
    let answer = aws.ec2.describe_security_groups().filters(filter).send().await;
    let answer = answer.map_err(|error| AwsError::of(API, error))?;
    Ok(answer.security_groups.unwrap_or_default())
}

fn list<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words
        .into_iter()
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect::<Vec<_>>()
        .join(", ")
}

fn of_subnets(needs: &Needs<'_>, known: &[Subnet]) -> Vec<Problem> {
    let find = |id: &String| known.iter().find(|subnet| subnet.subnet_id.as_ref() == Some(id));
    let mut problems = Vec::new();
    let mut zones = BTreeSet::new();
    for id in needs.subnet_ids {
        let Some(subnet) = find(id) else {
            problems.push(Problem::NoSubnet(id.clone()));
            continue;
        };
        zones.extend(subnet.availability_zone.as_deref());
        if let Some(vpc) = subnet.vpc_id.as_deref().filter(|vpc| *vpc != needs.vpc_id) {
            problems.push(Problem::ElsewhereSubnet {
                subnet: id.clone(),
                vpc: vpc.to_owned(),
                wanted: needs.vpc_id.to_owned(),
            });
        }
        let free = subnet.available_ip_address_count.unwrap_or(i32::MAX);
        if i64::from(free) < i64::from(needs.addresses) {
            problems.push(Problem::FewAddresses {
                subnet: id.clone(),
                free,
                needed: needs.addresses,
            });
        }
        if needs.ip_address_type != "IPV4" && ipv6_cidrs(subnet).next().is_none() {
            problems.push(Problem::NoIpv6 {
                subnet: id.clone(),
                kind: needs.ip_address_type.to_owned(),
            });
        }
    }
    if let Some(endpoint) = needs.endpoint.filter(|endpoint| endpoint.vpc_id == needs.vpc_id) {
        let there = endpoint.subnet_ids.iter().filter_map(find);
        let there: BTreeSet<_> = there
            .filter_map(|subnet| subnet.availability_zone.as_deref())
            .collect();
        if !zones.is_empty() && !there.is_empty() && zones.is_disjoint(&there) {
            problems.push(Problem::NoCommonZone {
                gateway: list(zones),
                endpoint: list(there),
            });
        }
    }
    problems
}

fn ipv6_cidrs(subnet: &Subnet) -> impl Iterator<Item = &str> {
    let blocks = subnet.ipv6_cidr_block_association_set.iter().flatten();
    blocks.filter_map(|block| block.ipv6_cidr_block.as_deref())
}

/// Whether the endpoint's groups let the gateway in.
fn of_ingress(
    needs: &Needs<'_>,
    endpoint: &Endpoint,
    groups: &[SecurityGroup],
    known: &[Subnet],
) -> Option<Problem> {
    let names = || list(endpoint.group_ids.iter().map(String::as_str));
    if let Some(group) = needs.ingress_group_id {
        return (!endpoint.group_ids.contains(group)).then(|| Problem::ForeignIngressGroup {
            id: endpoint.id.clone(),
            group: group.to_owned(),
            groups: names(),
        });
    }
    if groups.is_empty() || endpoint.vpc_id != needs.vpc_id {
        return None;
    }
    let of_gateway = known.iter().filter(|subnet| {
        subnet
            .subnet_id
            .as_ref()
            .is_some_and(|id| needs.subnet_ids.contains(id))
    });
    let cidrs: BTreeSet<&str> = of_gateway
        .flat_map(|subnet| {
            let ipv4 = subnet
                .cidr_block
                .as_deref()
                .filter(|_| needs.ip_address_type != "IPV6");
            let ipv6 = ipv6_cidrs(subnet).filter(|_| needs.ip_address_type == "IPV6");
            ipv4.into_iter().chain(ipv6)
        })
        .collect();
    let rules = || groups.iter().flat_map(SecurityGroup::ip_permissions);
    let rules = || rules().filter(|rule| admits_port(rule, needs.port));
    // A prefix list can hold anything; a group that the gateway has lets it in wherever it is.
    let by_group = rules().any(|rule| {
        let mut sources = rule
            .user_id_group_pairs()
            .iter()
            .filter_map(|pair| pair.group_id.as_ref());
        !rule.prefix_list_ids().is_empty() || sources.any(|id| needs.gateway_group_ids.contains(id))
    });
    let by_cidr = |cidr: &&str| rules().any(|rule| admits_cidr(rule, cidr));
    if by_group || cidrs.iter().all(by_cidr) {
        return None;
    }
    Some(Problem::NoIngress {
        id: endpoint.id.clone(),
        groups: names(),
        port: needs.port,
        subnets: list(cidrs),
    })
}

fn admits_port(rule: &IpPermission, port: u16) -> bool {
    let port = i32::from(port);
    match rule.ip_protocol.as_deref() {
        Some("-1") => true,
        Some("tcp" | "6") => {
            rule.from_port.is_none_or(|from| from <= port) && rule.to_port.is_none_or(|to| port <= to)
        }
        _ => false,
    }
}

fn admits_cidr(rule: &IpPermission, cidr: &str) -> bool {
    let ipv4 = rule
        .ip_ranges()
        .iter()
        .filter_map(|range| range.cidr_ip.as_deref());
    let ipv6 = rule
        .ipv6_ranges()
        .iter()
        .filter_map(|range| range.cidr_ipv6.as_deref());
    let Ok(wanted) = cidr.parse::<IpNet>() else {
        return true;
    };
    let covers = |range: &str| range.parse::<IpNet>().is_ok_and(|range| range.contains(&wanted));
    ipv4.chain(ipv6).any(covers)
}
