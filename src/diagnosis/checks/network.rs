//! The network between the resource gateway and the VPC endpoint: security groups of both sides, zones, kinds of addresses.

use crate::component::{IpAddressType, SeenGateway};
use crate::diagnosis::finding::{Finding, Severity};
use crate::diagnosis::observation::{Observation, Question};
use crate::diagnosis::remedy::Remedy;
use crate::endpoint::{Endpoint, Problem};

const PAGE: &str = "Resource gateways in VPC Lattice";

pub fn check(seen: &Observation, question: &Question) -> Vec<Finding> {
    let Some(of_endpoint) = &seen.endpoint else {
        return Vec::new();
    };
    let (Some(endpoint), Some(gateway)) = (of_endpoint.endpoint.here(), seen.gateway.here()) else {
        return Vec::new();
    };
    let network = Network {
        seen,
        endpoint,
        gateway,
        port: seen.port(question),
    };
    let problems = of_endpoint
        .network
        .iter()
        .filter_map(|problem| network.finding(problem));
    problems.chain(network.apart()).collect()
}

struct Network<'a> {
    seen: &'a Observation,
    endpoint: &'a Endpoint,
    gateway: &'a SeenGateway,
    port: u16,
}

impl Network<'_> {
    fn finding(&self, problem: &Problem) -> Option<Finding> {
        match problem {
            Problem::NoIngress { groups, subnets, .. } => Some(self.closed_endpoint(groups, subnets)),
            Problem::NoEgress { .. } => Some(self.closed_gateway()),
            Problem::NoCommonZone { gateway, endpoint } => Some(self.no_zone(gateway, endpoint)),
            Problem::NoCommonFamily {
                endpoint, gateway, ..
            } => Some(self.no_family(endpoint, gateway)),
            Problem::NoSubnet(subnet) => Some(Finding {
                id: "gateway-subnet",
                severity: Severity::Warning,
                seen: format!(
                    "The subnet {subnet} of the resource gateway {} is gone.",
                    self.gateway.id
                ),
                why: "Calls that take it fail.",
                remedies: vec![Remedy::Words(
                    "Give network.subnet_ids of the invocation subnets that there are, and apply.".to_owned(),
                )],
                page: PAGE,
            }),
            _ => None,
        }
    }

    fn closed_endpoint(&self, groups: &str, subnets: &str) -> Finding {
        let Self {
            seen,
            endpoint,
            gateway,
            port,
        } = self;
        let target = endpoint
            .group_ids
            .first()
            .map_or("<security group of the endpoint>", String::as_str);
        Finding {
            id: "endpoint-ingress",
            severity: Severity::Error,
            seen: format!(
                "The security groups of VPC endpoint {} ({groups}) let nothing in on TCP {port} from the resource gateway {} \
                 (in {subnets}).",
                endpoint.id, gateway.id
            ),
            why: "Calls time out: AWS reports that as States.Http.Socket, a minute later.",
            remedies: vec![
                // By CIDR: a rule that names the gateway's group would keep that from being deleted.
                Remedy::command(format!(
                    "aws ec2 authorize-security-group-ingress --region {} --group-id {target} --ip-permissions '{}'",
                    seen.region,
                    permission(*port, subnets.split(", "))
                )),
                Remedy::Hcl {
                    place: "Or in the network of the private_api_invocation, which then adds that rule"
                        .to_owned(),
                    text: format!("endpoint_ingress_security_group_id = \"{target}\""),
                },
            ],
            page: "Private REST APIs in API Gateway",
        }
    }

    fn closed_gateway(&self) -> Finding {
        let Self {
            seen,
            endpoint,
            gateway,
            port,
        } = self;
        let groups: Vec<_> = gateway.security_group_ids.iter().map(String::as_str).collect();
        let own = groups
            .first()
            .copied()
            .unwrap_or("<security group of the gateway>");
        Finding {
            id: "gateway-egress",
            severity: Severity::Error,
            seen: format!(
                "The security groups of the resource gateway {} ({}) let nothing out on TCP {port} to VPC endpoint {}.",
                gateway.id,
                groups.join(", "),
                endpoint.id
            ),
            why: "Calls time out: AWS reports that as States.Http.Socket, a minute later.",
            remedies: vec![
                Remedy::command_when(
                    "if the invocation made the group (its security_group_id)",
                    "terraform apply",
                ),
                Remedy::command_when(
                    "if the group is managed elsewhere",
                    format!(
                        "aws ec2 authorize-security-group-egress --region {} --group-id {own} --ip-permissions '{}'",
                        seen.region,
                        permission(*port, endpoint.cidrs.iter().map(String::as_str))
                    ),
                ),
            ],
            page: PAGE,
        }
    }

    fn no_zone(&self, of_gateway: &str, of_endpoint: &str) -> Finding {
        Finding {
            id: "gateway-zone",
            severity: Severity::Error,
            seen: format!(
                "No subnet of the resource gateway {} ({of_gateway}) is in a zone of VPC endpoint {} ({of_endpoint}).",
                self.gateway.id, self.endpoint.id
            ),
            why: "A gateway reaches an endpoint in the zones that they have in common.",
            remedies: vec![
                Remedy::command_when(
                    "to give the endpoint a subnet there",
                    format!(
                        "aws ec2 modify-vpc-endpoint --region {} --vpc-endpoint-id {} --add-subnet-ids {}",
                        self.seen.region,
                        self.endpoint.id,
                        self.gateway.subnet_ids.first().map_or("<subnet>", String::as_str)
                    ),
                ),
                Remedy::Words("Or give network.subnet_ids of the invocation subnets in the endpoint's zones, and apply.".to_owned()),
            ],
            page: PAGE,
        }
    }

    fn no_family(&self, of_endpoint: &IpAddressType, of_gateway: &IpAddressType) -> Finding {
        Finding {
            id: "gateway-addresses",
            severity: Severity::Error,
            seen: format!(
                "VPC endpoint {} has {of_endpoint} addresses, and the resource gateway {} has {of_gateway} ones.",
                self.endpoint.id, self.gateway.id
            ),
            why: "Neither side has an address that the other can send to.",
            remedies: vec![Remedy::Hcl {
                place: "In the network of the private_api_invocation".to_owned(),
                text: "ip_address_type = \"DUALSTACK\"".to_owned(),
            }],
            page: PAGE,
        }
    }

    /// A gateway in another VPC than the endpoint reaches it over a peering or a transit gateway only.
    fn apart(&self) -> Option<Finding> {
        (self.gateway.vpc_id != self.endpoint.vpc_id).then(|| Finding {
            id: "gateway-vpc",
            severity: Severity::Warning,
            seen: format!(
                "The resource gateway {} is in {}, and VPC endpoint {} in {}.",
                self.gateway.id, self.gateway.vpc_id, self.endpoint.id, self.endpoint.vpc_id
            ),
            why: "Calls arrive only if a peering or a transit gateway leads from one to the other, which is not looked at here.",
            remedies: vec![Remedy::Words(
                "Give the invocation a gateway, or subnets, in the VPC of the endpoint.".to_owned(),
            )],
            page: PAGE,
        })
    }
}

/// A rule of a security group for TCP at a port, as the AWS CLI takes it.
fn permission<'c>(port: u16, cidrs: impl Iterator<Item = &'c str>) -> String {
    let (ipv6, ipv4): (Vec<_>, Vec<_>) = cidrs.partition(|cidr| cidr.contains(':'));
    let mut rule = format!("IpProtocol=tcp,FromPort={port},ToPort={port}");
    for (ranges, member, cidrs) in [("IpRanges", "CidrIp", ipv4), ("Ipv6Ranges", "CidrIpv6", ipv6)] {
        if !cidrs.is_empty() {
            let cidrs: Vec<_> = cidrs.iter().map(|cidr| format!("{{{member}={cidr}}}")).collect();
            rule.push_str(&format!(",{ranges}=[{}]", cidrs.join(",")));
        }
    }
    rule
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_names_both_kinds_of_addresses() {
        assert_eq!(
            permission(443, ["10.0.0.0/24", "2001:db8::/64", "10.0.1.0/24"].into_iter()),
            "IpProtocol=tcp,FromPort=443,ToPort=443,IpRanges=[{CidrIp=10.0.0.0/24},{CidrIp=10.0.1.0/24}],\
             Ipv6Ranges=[{CidrIpv6=2001:db8::/64}]"
        );
    }
}
