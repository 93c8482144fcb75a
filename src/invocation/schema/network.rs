//! Where the private API is and how it is reached.

use std::net::IpAddr;

use ipnet::IpNet;
use terraform_plugin::schema::{Attribute, Here, Rule, boolean, int64, set, single, string};
use terraform_plugin::{Diagnostic, Diagnostics, Outcome, PathExpr, Schema, Type, Value};

use crate::component::PortRange;

const VPC_ENDPOINT_ID: &str = r"^vpce-([0-9a-f]{8}|[0-9a-f]{17})$";
/// CreateResourceConfiguration, `domainName`, as a host name of at least two labels.
const DOMAIN_NAME: &str =
    r"^([A-Za-z0-9]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?$";
/// CreateResourceGateway, `name`, of which eight digits and a hyphen are the provider's.
const NAME_PREFIX: &str = r"^[a-z0-9]+(-[a-z0-9]+)*$";
const GROUP_ID: &str = r"^sg-([0-9a-f]{8}|[0-9a-f]{17})$";
const GROUP_ID_WORDS: &str = "the id of a security group, such as sg-0123456789abcdef0";
const PREFIX_LIST_ID: &str = r"^pl-([0-9a-f]{8}|[0-9a-f]{17})$";
const SUBNET_ID: &str = r"^subnet-([0-9a-f]{8}|[0-9a-f]{17})$";
const GATEWAY_ID: &str = r"^rgw-[0-9a-z]{17}$";
pub const CONFIGURATION_ARN: &str =
    r"^arn:aws[-a-z]*:vpc-lattice:[-a-z0-9]+:[0-9]{12}:resourceconfiguration/rcfg-[0-9a-z]{17}$";
pub const CONFIGURATION_ARN_WORDS: &str = "the ARN of a resource configuration, such as \
    arn:aws:vpc-lattice:eu-central-1:123456789012:resourceconfiguration/rcfg-0123456789abcdef0";

/// Whose inputs they are: AWS can point a connection at another path, and cannot move a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    Invocation,
    Path,
}

pub fn configuration_arn() -> Attribute {
    string()
        .optional()
        .matches(CONFIGURATION_ARN, CONFIGURATION_ARN_WORDS)
}

/// The endpoint and the network.
pub fn inputs(schema: Schema, of: Of) -> Schema {
    let ways = match of {
        Of::Invocation => &[
            "vpc_endpoint_id",
            "https_endpoint",
            "shared_resource_configuration_arn",
        ][..],
        Of::Path => &["vpc_endpoint_id", "https_endpoint"],
    };
    let one = Rule::exactly_one_of(ways.iter().copied()).because("It says what is to be reached.");
    // Beside another way, an endpoint without a network is one too many and no more.
    let others: Vec<&str> = ways
        .iter()
        .copied()
        .filter(|way| *way != "https_endpoint")
        .collect();
    let (moves, ways) = match of {
        Of::Invocation => (
            "Changes in place: the new path is built beside the old one.",
            "Exactly one of `vpc_endpoint_id`, `https_endpoint` and `shared_resource_configuration_arn`.",
        ),
        Of::Path => (
            "A change replaces the resource.",
            "Exactly one of `vpc_endpoint_id` and `https_endpoint`.",
        ),
    };
    let schema = schema
        .attr(
            "vpc_endpoint_id",
            string()
                .optional()
                .matches(VPC_ENDPOINT_ID, "the id of a VPC endpoint, such as vpce-0123456789abcdef0")
                .describe(&format!(
                    "The interface VPC endpoint for `execute-api` behind which the API stands. VPC, subnets, CIDRs and \
                     DNS name follow from it. {ways} {moves}"
                )),
        )
        .attr(
            "https_endpoint",
            single([
                (
                    "domain_name",
                    string()
                        .optional()
                        .length(3..=255)
                        .matches(DOMAIN_NAME, "a host name, such as api.corp.example.com")
                        .describe(&format!(
                            "Its DNS name, for which it has a publicly trusted certificate. Exactly one of this and \
                             `ip_address`. {moves}"
                        )),
                ),
                (
                    "ip_address",
                    string()
                        .optional()
                        .rule(Rule::custom_here(an_address))
                        .describe(
                            "Its IPv4 or IPv6 address, where calls are to go there whatever the host name in their URL resolves to; it \
                             has a publicly trusted certificate for that name. Exactly one of this and `domain_name`. Changes in \
                             place; a change from one of the two to the other is a new path.",
                        ),
                ),
                (
                    "port",
                    int64().optional().between(1..=65_535).describe(
                        "Its TCP port, which the security group lets out to. Default 443. Conflicts with `port_ranges`. \
                         Changes in place.",
                    ),
                ),
                (
                    "port_ranges",
                    set(Type::String)
                        .optional()
                        .not_empty()
                        .no_nulls()
                        .rule(Rule::conflicting(["port"]))
                        .rule(Rule::custom_here(port_ranges))
                        .describe(
                            "Its TCP ports, where it has more than one, such as `[\"443\", \"8443-8450\"]`: calls may name any \
                             of them in their URL. Conflicts with `port`. Changes in place.",
                        ),
                ),
            ])
            .optional()
            .each([Rule::exactly_one_of(["domain_name", "ip_address"])])
            .rule(Rule::unless(
                others,
                [Rule::requires_one_of([
                    PathExpr::root().name("network").name("subnet_ids"),
                    PathExpr::root().name("network").name("resource_gateway_id"),
                ])
                .because("Nothing else says where the resource gateway is to be: in subnets whose VPC reaches the endpoint.")],
            ))
            .describe(&format!(
                "Any other private HTTPS endpoint: an internal load balancer, a private custom domain, a server on premises. \
                 Needs `network.subnet_ids` or `network.resource_gateway_id`. {ways} {moves}"
            )),
        )
        .attr("network", network(moves))
        .rule(one);
    match of {
        Of::Path => schema,
        Of::Invocation => schema.attr(
            "shared_resource_configuration_arn",
            configuration_arn()
                .rule(Rule::unless(
                    ["vpc_endpoint_id", "https_endpoint"],
                    [Rule::conflicting(["network"])
                        .because("With a shared resource configuration no part of the network is made here.")],
                ))
                .describe(&format!(
                "An existing resource configuration to call through, of this account or shared with it; then no part of the \
                 network is made, and `network` must be left out. {ways} {moves}"
            )),
        ),
    }
}

fn network(moves: &str) -> Attribute {
    single([
        (
            "name_prefix",
            string()
                .optional()
                .length(1..=31)
                .matches(NAME_PREFIX, "a-z, 0-9 and single hyphens between them")
                .describe(
                    "What the names of security group, gateway and configuration begin with, up to 31 of `a-z0-9-`, of \
                     which they show the first 27. Default: made of `name`. A change holds for what is made from then on.",
                ),
        ),
        (
            "subnet_ids",
            of_own_gateway(set(Type::String)).not_empty().no_nulls()
                .matches(SUBNET_ID, "the id of a subnet, such as subnet-0123456789abcdef0")
                .describe(&format!(
                "Subnets of the resource gateway; each needs `ipv4_addresses_per_eni` free addresses. Default: the \
                 endpoint's, as found when this was created; a removed argument keeps those that there are. {moves}"
            )),
        ),
        (
            "security_group_ids",
            of_own_gateway(set(Type::String)).not_empty().length(..=5).no_nulls().matches(GROUP_ID, GROUP_ID_WORDS).describe(
                "1 to 5 security groups of the gateway, instead of a managed one that lets TCP out to the endpoint's port and \
                 nothing else. Default: the managed one. Changes in place.",
            ),
        ),
        (
            "egress_cidr_blocks",
            of_managed_group(set(Type::String))
                .each([Rule::custom(canonical_cidr)])
                .describe(
                    "CIDRs to which the managed security group lets TCP out, IPv4 and IPv6. Default: every CIDR of the VPC, \
                     secondary ones too, unless `egress_security_group_ids` or `egress_prefix_list_ids` names something. \
                     Conflicts with `security_group_ids`. Changes in place.",
                ),
        ),
        (
            "egress_security_group_ids",
            of_managed_group(set(Type::String)).matches(GROUP_ID, GROUP_ID_WORDS).describe(
                "Security groups to which the managed one lets TCP out, such as the endpoint's own, beside \
                 `egress_cidr_blocks`. Default: none. Conflicts with `security_group_ids`. Changes in place.",
            ),
        ),
        (
            "egress_prefix_list_ids",
            of_managed_group(set(Type::String))
                .matches(PREFIX_LIST_ID, "the id of a prefix list, such as pl-0123456789abcdef0")
                .describe(
                    "Prefix lists to which the managed security group lets TCP out, beside `egress_cidr_blocks`; each counts \
                     as many rules as it may have entries. Default: none. Conflicts with `security_group_ids`. Changes in \
                     place.",
                ),
        ),
        (
            "endpoint_ingress_security_group_id",
            string()
                .optional()
                .matches(GROUP_ID, GROUP_ID_WORDS)
                .describe(
                    "A security group of the endpoint to which a rule is added that lets the gateway in; an equal rule that \
                     exists serves, too; one that another invocation or path made is handed over when that goes. Not for an `aws_security_group` with `ingress` blocks of its own, by which \
                     hashicorp/aws removes the rule again. Default: none. Changes in place.",
                ),
        ),
        (
            "resource_gateway_id",
            string()
                .optional()
                .matches(GATEWAY_ID, "the id of a resource gateway, such as rgw-0123456789abcdef0")
                .describe(&format!(
                    "An existing resource gateway, instead of one of its own; conflicts with the arguments that make one. \
                     Default: none. {moves}"
                )),
        ),
        (
            "ip_address_type",
            of_own_gateway(string()).one_of(["IPV4", "IPV6", "DUALSTACK"]).describe(&format!(
                "Kind of addresses of the gateway: `IPV4`, `IPV6` or `DUALSTACK`. Default `IPV4`. {moves}"
            )),
        ),
        (
            "ipv4_addresses_per_eni",
            of_own_gateway(int64()).between(1..=62)
                .rule(
                    Rule::when("ip_address_type", [Rule::one_of(["IPV6"])], [Rule::is_absent()])
                        .because("A gateway of the type IPV6 takes no IPv4 addresses."),
                )
                .describe(&format!(
                "IPv4 addresses that the gateway takes in each subnet, 1 to 62; of no meaning for `IPV6`. Default 16. {moves}"
            )),
        ),
        (
            "resource_config_dns_resolution",
            of_own_gateway(string()).one_of(["PUBLIC", "IN_VPC"])
                .rule(
                    Rule::when("ip_address_type", [Rule::one_of(["IPV6"])], [Rule::none_of(["IN_VPC"])])
                        .because("A gateway of the type IPV6 cannot ask the VPC's resolver."),
                )
                .describe(
                "Where DNS names are resolved: `PUBLIC`, or by the VPC's resolver, `IN_VPC`. Default `PUBLIC` for a VPC \
                 endpoint and for `IPV6`, else `IN_VPC` for `https_endpoint`. Changes in place where AWS takes it; else a new gateway is built \
                 beside the old one.",
            ),
        ),
        (
            "allow_association_to_shareable_service_network",
            boolean().optional().describe(
                "Whether the resource configuration may be associated with service networks that are shared with other \
                 accounts. EventBridge's own is one as far as is known: with `false` a new connection may fail. Default `true`. \
                 Changes in place.",
            ),
        ),
    ])
    .optional()
    .describe("How the path through the network is made. Default: all of it is, from the endpoint.")
}

/// An argument of a gateway of one's own.
fn of_own_gateway(attribute: Attribute) -> Attribute {
    attribute
        .optional()
        .rule(Rule::conflicting(["resource_gateway_id"]).because("An existing gateway is used as it is."))
}

/// An argument of the managed group, which says where it lets out to.
fn of_managed_group(attribute: Attribute) -> Attribute {
    of_own_gateway(attribute).not_empty().no_nulls().rule(
        Rule::conflicting(["security_group_ids"])
            .because("The rules of groups that are given are not managed here."),
    )
}

/// An address as AWS writes it, of a kind that the gateway has.
fn an_address(here: &Here<'_>) -> Outcome {
    let given = here.value().as_str().unwrap_or_default();
    let network = PathExpr::root().name("network");
    let at = |member: &str| here.at(network.clone().name(member));
    let kind_of_gateway = at("ip_address_type");
    // Not known yet, or somebody else's, which is looked at when it is used.
    let is_open = here.at(network.clone()).is_some_and(Value::is_unknown)
        || kind_of_gateway.is_some_and(Value::is_unknown)
        || at("resource_gateway_id").is_some_and(|id| !id.is_null());
    let gateway = kind_of_gateway.and_then(Value::as_str).unwrap_or("IPV4");
    let wrong = match given.parse::<IpAddr>() {
        Err(_) => format!("{given:?} is no IP address such as 10.0.0.10 or 2001:db8::10."),
        Ok(address) if address.to_string() != given => {
            format!("Write {given:?} as \"{address}\", as AWS does.")
        }
        Ok(address) => {
            let kind = if address.is_ipv6() { "IPV6" } else { "IPV4" };
            if is_open || [kind, "DUALSTACK"].contains(&gateway) {
                return Ok(());
            }
            format!(
                "A resource gateway of the type {gateway} reaches no {kind} address. Set network.ip_address_type to {kind} or \
                 DUALSTACK."
            )
        }
    };
    Err(Diagnostic::error("Invalid address", wrong).into())
}

/// Ranges of ports that have none in common; only one where a rule lets the gateway in, which has one range.
fn port_ranges(here: &Here<'_>) -> Outcome {
    let Value::Set(given) = here.value() else {
        return Ok(());
    };
    let mut wrong = Diagnostics::new();
    let mut error = |detail: String| wrong.push(Diagnostic::error("Invalid port ranges", detail));
    let mut ranges: Vec<PortRange> = Vec::new();
    for text in given.iter().filter_map(Value::as_str) {
        match text.parse::<PortRange>() {
            Err(problem) => error(problem),
            Ok(range) if range.to_string() != text => {
                error(format!("Write {text:?} as \"{range}\", as AWS does."));
            }
            Ok(range) => {
                if let Some(other) = ranges.iter().find(|other| other.overlaps(range)) {
                    error(format!("{other} and {range} have ports in common. Join them."));
                }
                ranges.push(range);
            }
        }
    }
    let ingress = PathExpr::root()
        .name("network")
        .name("endpoint_ingress_security_group_id");
    if ranges.len() > 1 && here.at(ingress).and_then(Value::as_str).is_some() {
        error(
            "network.endpoint_ingress_security_group_id adds one rule, which has one range of ports. Give one range, or let the \
             gateway in by rules of your own."
                .to_owned(),
        );
    }
    wrong.into_outcome()
}

/// EC2 writes a CIDR with the host's bits cleared, which would show as a difference for ever.
fn canonical_cidr(given: &Value) -> Outcome {
    let given = given.as_str().unwrap_or_default();
    let wrong = match given.parse::<IpNet>().map(|net| net.trunc().to_string()) {
        Ok(canonical) if canonical == given => return Ok(()),
        Ok(canonical) => format!("Write {given:?} as {canonical:?}, as AWS does."),
        Err(_) => format!("{given:?} is not a CIDR such as 10.0.0.0/16 or 2001:db8::/56."),
    };
    Err(Diagnostic::error("Invalid CIDR", wrong).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cidrs_are_taken_only_as_ec2_writes_them() {
        let refused = |cidr: &str| {
            canonical_cidr(&Value::from(cidr))
                .err()
                .map(|why| why.to_string())
        };
        for good in ["10.0.0.0/16", "0.0.0.0/0", "10.1.2.3/32", "2001:db8::/56", "::/0"] {
            assert_eq!(refused(good), None, "{good}");
        }
        for (bad, remedy) in [
            ("10.0.0.1/16", "10.0.0.0/16"),
            ("2001:DB8::/56", "2001:db8::/56"),
            ("2001:db8:0::1/56", "2001:db8::/56"),
            ("10.0.0.0", "such as"),
            ("10.0.0.0/33", "such as"),
            ("x/8", "such as"),
        ] {
            assert!(refused(bad).is_some_and(|why| why.contains(remedy)), "{bad}");
        }
    }
}
