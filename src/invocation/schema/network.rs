//! Where the private API is and how it is reached.

use terraform_plugin::schema::{Attribute, int64, set, single, string};
use terraform_plugin::{Schema, Type};

const VPC_ENDPOINT_ID: &str = r"^vpce-([0-9a-f]{8}|[0-9a-f]{17})$";
/// CreateResourceConfiguration, `domainName`, as a host name of at least two labels.
const DOMAIN_NAME: &str =
    r"^([A-Za-z0-9]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?$";
/// CreateResourceGateway, `name`, of which eight digits and a hyphen are the provider's.
const NAME_PREFIX: &str = r"^[a-z0-9]+(-[a-z0-9]+)*$";
const GROUP_ID: &str = r"^sg-([0-9a-f]{8}|[0-9a-f]{17})$";
const GATEWAY_ID: &str = r"^rgw-[0-9a-z]{17}$";
const CONFIGURATION_ARN: &str =
    r"^arn:aws[-a-z]*:vpc-lattice:[-a-z0-9]+:[0-9]{12}:resourceconfiguration/rcfg-[0-9a-z]{17}$";
const CONFIGURATION_ARN_WORDS: &str = "the ARN of a resource configuration, such as \
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
                        .required()
                        .length(3..=255)
                        .matches(DOMAIN_NAME, "a host name, such as api.corp.example.com")
                        .describe(&format!(
                            "Its DNS name, for which it has a publicly trusted certificate. {moves}"
                        )),
                ),
                (
                    "port",
                    int64().optional().between(1..=65_535).describe(
                        "Its TCP port, which the security group lets out to. Default 443. Changes in place.",
                    ),
                ),
            ])
            .optional()
            .describe(&format!(
                "Any other private HTTPS endpoint: an internal load balancer, a private custom domain, a server on premises. \
                 Needs `network.subnet_ids` or `network.resource_gateway_id`. {ways} {moves}"
            )),
        )
        .attr("network", network(moves));
    match of {
        Of::Path => schema,
        Of::Invocation => schema.attr(
            "shared_resource_configuration_arn",
            configuration_arn().describe(&format!(
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
            set(Type::String).optional().describe(&format!(
                "Subnets of the resource gateway; each needs `ipv4_addresses_per_eni` free addresses. Default: the \
                 endpoint's, as found when this was created; a removed argument keeps those that there are. {moves}"
            )),
        ),
        (
            "security_group_ids",
            set(Type::String).optional().length(1..=5).describe(
                "1 to 5 security groups of the gateway, instead of a managed one that lets TCP out to the endpoint's port and \
                 nothing else. Default: the managed one. Changes in place.",
            ),
        ),
        (
            "egress_cidr_blocks",
            set(Type::String).optional().length(1..).describe(
                "CIDRs to which the managed security group lets TCP out, IPv4 and IPv6. Default: every CIDR of the VPC, \
                 secondary ones too. Conflicts with `security_group_ids`. Changes in place.",
            ),
        ),
        (
            "endpoint_ingress_security_group_id",
            string()
                .optional()
                .matches(GROUP_ID, "the id of a security group, such as sg-0123456789abcdef0")
                .describe(
                    "A security group of the endpoint to which a rule is added that lets the gateway in; an equal rule that \
                     exists is left alone. Not for an `aws_security_group` with `ingress` blocks of its own, by which \
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
            string().optional().one_of(["IPV4", "IPV6", "DUALSTACK"]).describe(&format!(
                "Kind of addresses of the gateway: `IPV4`, `IPV6` or `DUALSTACK`. Default `IPV4`. {moves}"
            )),
        ),
        (
            "ipv4_addresses_per_eni",
            int64().optional().between(1..=62).describe(&format!(
                "IPv4 addresses that the gateway takes in each subnet, 1 to 62; of no meaning for `IPV6`. Default 16. {moves}"
            )),
        ),
        (
            "resource_config_dns_resolution",
            string().optional().one_of(["PUBLIC", "IN_VPC"]).describe(
                "Where DNS names are resolved: `PUBLIC`, or by the VPC's resolver, `IN_VPC`. Default `PUBLIC` for a VPC \
                 endpoint and for `IPV6`, else `IN_VPC` for `https_endpoint`. Changes in place where AWS takes it; else a new gateway is built \
                 beside the old one.",
            ),
        ),
    ])
    .optional()
    .describe("How the path through the network is made. Default: all of it is, from the endpoint.")
}
