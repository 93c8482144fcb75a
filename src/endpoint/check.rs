//! What a gateway that is about to be made asks of the network, judged by what was read.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{Filter, IpPermission, SecurityGroup, Subnet};
use ipnet::IpNet;

use super::{Endpoint, Problem, policy, subnets};
use crate::aws::{Api, AwsError, Called as _};
use crate::client::Aws;

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

/// Whether to ask, or to believe what was asked moments ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asking {
    /// A plan.
    Anew,
    /// An apply, which follows its plan at once: the answers that the plan left serve, once.
    AfterItsPlan,
}

/// What a check came to.
#[derive(Debug)]
pub enum Finding {
    Problem(Problem),
    /// A question that could not be asked; it names the permission.
    Unchecked(AwsError),
}

/// Checks the network: one DescribeSubnets, and one DescribeSecurityGroups where there is an endpoint.
pub async fn check(aws: &Aws, needs: &Needs<'_>, asking: Asking) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut all = needs.subnet_ids.clone();
    all.extend(
        needs
            .endpoint
            .iter()
            .flat_map(|endpoint| endpoint.subnet_ids.iter().cloned()),
    );
    let left = match asking {
        Asking::AfterItsPlan => aws.recent_subnets.take(&all),
        Asking::Anew => None,
    };
    let answer = match left {
        Some(left) => Ok(left),
        None => subnets(aws, &all).await,
    };
    let known = match answer {
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
    findings.extend(of_addresses(needs, endpoint).map(Finding::Problem));
    if let Some(why) = endpoint.policy.as_deref().and_then(policy::forbids) {
        let id = endpoint.id.clone();
        findings.push(Finding::Problem(Problem::ForbiddenByPolicy { id, why }));
    }
    let ids = &endpoint.group_ids;
    let left = match asking {
        Asking::AfterItsPlan => aws.recent_groups.take(ids),
        Asking::Anew => None,
    };
    let answer = match left {
        Some(left) => Ok(left),
        None => groups(aws, ids).await,
    };
    match answer {
        Ok(groups) => {
            let problem = known.and_then(|subnets| of_ingress(needs, endpoint, &groups, subnets));
            findings.extend(problem.map(Finding::Problem));
        }
        Err(error) => findings.push(Finding::Unchecked(error)),
    }
    findings
}

async fn groups(aws: &Aws, ids: &BTreeSet<String>) -> Result<Vec<SecurityGroup>, AwsError> {
    const API: Api = Api::new("ec2", "DescribeSecurityGroups");
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let filter = Filter::builder()
        .name("group-id")
        .set_values(Some(ids.iter().cloned().collect()))
        .build();
    let answer = aws.ec2.describe_security_groups().filters(filter).send().await;
    let answer = answer.of(API)?;
    let groups = answer.security_groups.unwrap_or_default();
    aws.recent_groups.leave(ids, groups.clone());
    Ok(groups)
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

/// Whether the gateway can reach the endpoint by IPv4 or IPv6.
fn of_addresses(needs: &Needs<'_>, endpoint: &Endpoint) -> Option<Problem> {
    let one_of_each = matches!(
        (endpoint.ip_address_type.as_str(), needs.ip_address_type),
        ("IPV4", "IPV6") | ("IPV6", "IPV4")
    );
    one_of_each.then(|| Problem::NoCommonFamily {
        id: endpoint.id.clone(),
        endpoint: endpoint.ip_address_type.clone(),
        gateway: needs.ip_address_type.to_owned(),
    })
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
    // What the resource configuration resolves to: IPv4 where there is any.
    let by_ipv6 = match needs.ip_address_type {
        "IPV6" => true,
        "DUALSTACK" => endpoint.ip_address_type == "IPV6",
        _ => false,
    };
    let cidrs: BTreeSet<&str> = of_gateway
        .flat_map(|subnet| {
            let ipv4 = subnet.cidr_block.as_deref().filter(|_| !by_ipv6);
            let ipv6 = ipv6_cidrs(subnet).filter(|_| by_ipv6);
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
    // A part that is let in is enough: which of its addresses AWS gives the gateway nobody knows.
    let by_cidr = |cidr: &&str| rules().any(|rule| admits_some_of(rule, cidr));
    if by_group || cidrs.is_empty() || cidrs.iter().any(by_cidr) {
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

fn admits_some_of(rule: &IpPermission, cidr: &str) -> bool {
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
    let covers = |range: &str| overlaps(range, &wanted);
    ipv4.chain(ipv6).any(covers)
}

fn overlaps(range: &str, wanted: &IpNet) -> bool {
    let range = range.parse::<IpNet>();
    range.is_ok_and(|range| range.contains(wanted) || wanted.contains(&range))
}

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::{
        IpRange, Ipv6Range, PrefixListId, SubnetIpv6CidrBlockAssociation, UserIdGroupPair,
    };

    use super::*;

    fn ids(ids: &[&str]) -> BTreeSet<String> {
        ids.iter().map(|id| (*id).to_owned()).collect()
    }

    fn endpoint(ip_address_type: &str) -> Endpoint {
        Endpoint {
            id: "vpce-1".into(),
            vpc_id: "vpc-1".into(),
            domain_name: "d".into(),
            subnet_ids: ids(&["subnet-a"]),
            cidrs: BTreeSet::new(),
            group_ids: ids(&["sg-e"]),
            ip_address_type: ip_address_type.into(),
            policy: None,
        }
    }

    fn subnet(id: &str, zone: &str, vpc: &str, free: i32, ipv6: bool) -> Subnet {
        let block = SubnetIpv6CidrBlockAssociation::builder()
            .ipv6_cidr_block("2001:db8::/64")
            .build();
        Subnet::builder()
            .subnet_id(id)
            .availability_zone(zone)
            .vpc_id(vpc)
            .cidr_block("10.0.0.0/24")
            .available_ip_address_count(free)
            .set_ipv6_cidr_block_association_set(ipv6.then(|| vec![block]))
            .build()
    }

    struct Asked {
        endpoint: Endpoint,
        subnets: BTreeSet<String>,
        groups: BTreeSet<String>,
        kind: &'static str,
        ingress: Option<&'static str>,
        addresses: u32,
    }

    impl Asked {
        fn of(kind: &'static str) -> Self {
            Self {
                endpoint: endpoint("IPV4"),
                subnets: ids(&["subnet-a"]),
                groups: ids(&["sg-g"]),
                kind,
                ingress: None,
                addresses: 16,
            }
        }

        fn needs(&self) -> Needs<'_> {
            Needs {
                endpoint: Some(&self.endpoint),
                vpc_id: "vpc-1",
                subnet_ids: &self.subnets,
                addresses: self.addresses,
                gateway_group_ids: &self.groups,
                ingress_group_id: self.ingress,
                port: 443,
                ip_address_type: self.kind,
            }
        }
    }

    #[test]
    fn subnets_are_there_in_the_vpc_have_addresses_and_share_a_zone() {
        let table = [
            (vec![subnet("subnet-a", "a", "vpc-1", 16, false)], "IPV4", ""),
            (vec![], "IPV4", "There is no subnet subnet-a"),
            (
                vec![subnet("subnet-a", "a", "vpc-2", 16, false)],
                "IPV4",
                "is in vpc-2",
            ),
            (
                vec![subnet("subnet-a", "a", "vpc-1", 15, false)],
                "IPV4",
                "15 free IPv4 addresses",
            ),
            (
                vec![subnet("subnet-a", "a", "vpc-1", 16, false)],
                "DUALSTACK",
                "no IPv6 CIDR",
            ),
            (vec![subnet("subnet-a", "a", "vpc-1", 16, true)], "DUALSTACK", ""),
        ];
        for (known, kind, wanted) in table {
            let problems = of_subnets(&Asked::of(kind).needs(), &known);
            let words: Vec<_> = problems.iter().map(Problem::to_string).collect();
            assert_eq!(words.is_empty(), wanted.is_empty(), "{words:?}");
            assert!(
                words.iter().all(|one| one.contains(wanted)),
                "{wanted}: {words:?}"
            );
        }
        let mut apart = Asked::of("IPV4");
        apart.subnets = ids(&["subnet-b"]);
        let known = [
            subnet("subnet-a", "a", "vpc-1", 16, false),
            subnet("subnet-b", "b", "vpc-1", 16, false),
        ];
        let problems = of_subnets(&apart.needs(), &known);
        assert!(
            matches!(problems[..], [Problem::NoCommonZone { .. }]),
            "{problems:?}"
        );
    }

    fn rule(protocol: &str, ports: Option<(i32, i32)>) -> aws_sdk_ec2::types::builders::IpPermissionBuilder {
        IpPermission::builder()
            .ip_protocol(protocol)
            .set_from_port(ports.map(|(from, _)| from))
            .set_to_port(ports.map(|(_, to)| to))
    }

    #[test]
    fn a_gateway_has_a_kind_of_address_that_the_endpoint_has() {
        for (of_endpoint, of_gateway, fits) in [
            ("IPV4", "IPV4", true),
            ("IPV4", "DUALSTACK", true),
            ("IPV4", "IPV6", false),
            ("IPV6", "IPV4", false),
            ("IPV6", "DUALSTACK", true),
            ("DUALSTACK", "IPV4", true),
            ("DUALSTACK", "IPV6", true),
        ] {
            let mut asked = Asked::of(of_gateway);
            asked.endpoint = endpoint(of_endpoint);
            let problem = of_addresses(&asked.needs(), &asked.endpoint);
            assert_eq!(problem.is_none(), fits, "{of_endpoint} behind {of_gateway}");
        }
    }

    #[test]
    fn the_endpoints_groups_let_the_gateway_in_by_cidr_by_group_or_by_a_prefix_list() {
        let https = || rule("tcp", Some((443, 443)));
        let cidr = |cidr: &str| IpRange::builder().cidr_ip(cidr).build();
        let cidr6 = |cidr: &str| Ipv6Range::builder().cidr_ipv6(cidr).build();
        let group = |id: &str| UserIdGroupPair::builder().group_id(id).build();
        let list = PrefixListId::builder().prefix_list_id("pl-1").build();
        let table = [
            ("whole", https().ip_ranges(cidr("10.0.0.0/16")), "IPV4", true),
            ("half", https().ip_ranges(cidr("10.0.0.0/25")), "IPV4", true),
            ("elsewhere", https().ip_ranges(cidr("10.9.0.0/16")), "IPV4", false),
            ("all", rule("-1", None).ip_ranges(cidr("0.0.0.0/0")), "IPV4", true),
            (
                "a range of ports",
                rule("tcp", Some((1, 500))).ip_ranges(cidr("10.0.0.0/8")),
                "IPV4",
                true,
            ),
            (
                "another port",
                rule("tcp", Some((80, 80))).ip_ranges(cidr("10.0.0.0/8")),
                "IPV4",
                false,
            ),
            (
                "another protocol",
                rule("udp", Some((443, 443))).ip_ranges(cidr("10.0.0.0/8")),
                "IPV4",
                false,
            ),
            (
                "its group",
                https().user_id_group_pairs(group("sg-g")),
                "IPV4",
                true,
            ),
            (
                "another group",
                https().user_id_group_pairs(group("sg-x")),
                "IPV4",
                false,
            ),
            ("a prefix list", https().prefix_list_ids(list), "IPV4", true),
            ("IPv6 alone", https().ip_ranges(cidr("10.0.0.0/8")), "IPV6", false),
            ("IPv6", https().ipv6_ranges(cidr6("2001:db8::/56")), "IPV6", true),
        ];
        let known = [subnet("subnet-a", "a", "vpc-1", 16, true)];
        for (what, rule, kind, lets_in) in table {
            let groups = [SecurityGroup::builder().ip_permissions(rule.build()).build()];
            let asked = Asked::of(kind);
            let problem = of_ingress(&asked.needs(), &asked.endpoint, &groups, &known);
            assert_eq!(problem.is_none(), lets_in, "{what}: {problem:?}");
        }
        // A rule that is about to be added counts, at a group of the endpoint's.
        let closed = [SecurityGroup::builder().build()];
        let mut asked = Asked::of("IPV4");
        asked.ingress = Some("sg-e");
        assert!(of_ingress(&asked.needs(), &asked.endpoint, &closed, &known).is_none());
        asked.ingress = Some("sg-x");
        let problem = of_ingress(&asked.needs(), &asked.endpoint, &closed, &known);
        assert!(matches!(problem, Some(Problem::ForeignIngressGroup { .. })));
        // An endpoint with IPv6 alone is reached so by a gateway that has both.
        let mut both = Asked::of("DUALSTACK");
        both.endpoint = endpoint("IPV6");
        let ipv4 = [SecurityGroup::builder()
            .ip_permissions(https().ip_ranges(cidr("10.0.0.0/8")).build())
            .build()];
        assert!(of_ingress(&both.needs(), &both.endpoint, &ipv4, &known).is_some());
    }
}
