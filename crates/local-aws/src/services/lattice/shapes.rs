//! The constraints of VPC Lattice's inputs (model version 2022-11-30).

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::wire::shape::{Member, Shape, list, one_of, optional, required, text};

pub(super) fn of(operation: &str) -> Option<&'static Shape> {
    static SHAPES: LazyLock<HashMap<&'static str, Shape>> = LazyLock::new(all);
    SHAPES.get(operation)
}

/// 3–40 lower-case letters, digits and single hyphens inside; not like an id.
fn name(not_prefix: &'static str) -> Shape {
    text(3, 40)
        .pattern("[a-z0-9]+(-[a-z0-9]+)*")
        .not_prefixed(not_prefix)
        .shape()
}

fn identifier(min: usize, prefix: &str, segment: &str) -> Shape {
    let arn = r"arn:[a-z0-9\-]+:vpc-lattice:[a-zA-Z0-9\-]+:\d{12}:";
    text(min, 2048)
        .pattern(&format!(
            "(({prefix}-[0-9a-z]{{17}})|({arn}{segment}/{prefix}-[0-9a-z]{{17}}))"
        ))
        .shape()
}

fn gateway_id() -> Shape {
    identifier(17, "rgw", "resourcegateway")
}

fn configuration_id() -> Shape {
    identifier(20, "rcfg", "resourceconfiguration")
}

fn association_id() -> Shape {
    identifier(22, "snra", "servicenetworkresourceassociation")
}

fn endpoint_association_id() -> Shape {
    identifier(21, "rea", "resourceendpointassociation")
}

fn security_groups() -> Shape {
    list(
        0,
        5,
        text(5, 200).pattern("sg-(([0-9a-z]{8})|([0-9a-z]{17}))").shape(),
    )
}

fn dns_resolution() -> Shape {
    one_of(&["IN_VPC", "PUBLIC"])
}

fn ip_address_type() -> Shape {
    one_of(&["IPV4", "IPV6", "DUALSTACK"])
}

fn client_token() -> Member {
    optional("clientToken", text(1, 64).pattern(".*[!-~]+.*").shape())
}

fn tags() -> Shape {
    Shape::Map {
        max: 200,
        key: text(1, 128),
        value: text(0, 256),
    }
}

fn port_ranges() -> Shape {
    list(
        0,
        usize::MAX,
        text(1, 11).pattern(r"((\d{1,5}\-\d{1,5})|(\d+))").shape(),
    )
}

fn domain_name() -> Shape {
    text(3, 255).shape()
}

fn definition() -> Shape {
    let arn = r"arn:[a-z0-9][-.a-z0-9]{0,62}:[a-z0-9][-.a-z0-9]{0,62}:([a-z0-9][-.a-z0-9]{0,62})?:(\d{12})?:[^/].{0,1023}";
    Shape::Union(vec![
        optional(
            "dnsResource",
            Shape::Object(vec![
                optional("domainName", domain_name()),
                optional("ipAddressType", ip_address_type()),
            ]),
        ),
        optional(
            "ipResource",
            Shape::Object(vec![optional("ipAddress", text(4, 39).shape())]),
        ),
        optional(
            "arnResource",
            Shape::Object(vec![optional("arn", text(20, 2048).pattern(arn).shape())]),
        ),
        optional(
            "cidrResource",
            Shape::Object(vec![optional("cidrRanges", list(1, 10, text(1, 50).shape()))]),
        ),
    ])
}

fn paged(mut members: Vec<Member>) -> Shape {
    members.push(optional("maxResults", Shape::Integer { min: 1, max: 100 }));
    members.push(optional("nextToken", text(1, 2048).shape()));
    Shape::Object(members)
}

fn resource_arn() -> Member {
    let arn = r"arn:[a-z0-9][-.a-z0-9]{0,62}:vpc-lattice:([a-z0-9][-.a-z0-9]{0,62})?:(\d{12})?:[^/].{0,1023}";
    required("resourceArn", text(0, 1224).pattern(arn).shape())
}

fn all() -> HashMap<&'static str, Shape> {
    let gateway = || vec![required("resourceGatewayIdentifier", gateway_id())];
    let configuration = || vec![required("resourceConfigurationIdentifier", configuration_id())];
    let association = || {
        vec![required(
            "serviceNetworkResourceAssociationIdentifier",
            association_id(),
        )]
    };
    let domain_verification = || identifier(20, "dv", "domainverification");
    HashMap::from([
        (
            "CreateResourceGateway",
            Shape::Object(vec![
                client_token(),
                required("name", name("rgw-")),
                optional(
                    "vpcIdentifier",
                    text(5, 50).pattern("vpc-(([0-9a-z]{8})|([0-9a-z]{17}))").shape(),
                ),
                optional("subnetIds", list(0, usize::MAX, text(5, 200).shape())),
                optional("securityGroupIds", security_groups()),
                optional("ipAddressType", ip_address_type()),
                optional("ipv4AddressesPerEni", Shape::Integer { min: 1, max: 62 }),
                optional("resourceConfigDnsResolution", dns_resolution()),
                optional("tags", tags()),
            ]),
        ),
        ("GetResourceGateway", Shape::Object(gateway())),
        ("DeleteResourceGateway", Shape::Object(gateway())),
        (
            "UpdateResourceGateway",
            Shape::Object(
                gateway()
                    .into_iter()
                    .chain([
                        optional("securityGroupIds", security_groups()),
                        optional("resourceConfigDnsResolution", dns_resolution()),
                    ])
                    .collect(),
            ),
        ),
        ("ListResourceGateways", paged(Vec::new())),
        (
            "CreateResourceConfiguration",
            Shape::Object(vec![
                client_token(),
                required("name", name("rcfg-")),
                required("type", one_of(&["GROUP", "CHILD", "SINGLE", "ARN", "CIDR"])),
                optional("portRanges", port_ranges()),
                optional("protocol", one_of(&["TCP", "TCP_UDP"])),
                optional("resourceGatewayIdentifier", gateway_id()),
                optional("resourceConfigurationGroupIdentifier", configuration_id()),
                optional("resourceConfigurationDefinition", definition()),
                optional("allowAssociationToShareableServiceNetwork", Shape::Flag),
                optional("customDomainName", domain_name()),
                optional("groupDomain", domain_name()),
                optional("domainVerificationIdentifier", domain_verification()),
                optional("tags", tags()),
            ]),
        ),
        ("GetResourceConfiguration", Shape::Object(configuration())),
        ("DeleteResourceConfiguration", Shape::Object(configuration())),
        (
            "UpdateResourceConfiguration",
            Shape::Object(
                configuration()
                    .into_iter()
                    .chain([
                        optional("resourceConfigurationDefinition", definition()),
                        optional("allowAssociationToShareableServiceNetwork", Shape::Flag),
                        optional("portRanges", port_ranges()),
                    ])
                    .collect(),
            ),
        ),
        (
            "ListResourceConfigurations",
            paged(vec![
                optional("resourceGatewayIdentifier", gateway_id()),
                optional("resourceConfigurationGroupIdentifier", configuration_id()),
                optional("domainVerificationIdentifier", domain_verification()),
            ]),
        ),
        (
            "ListServiceNetworkResourceAssociations",
            paged(vec![
                optional("serviceNetworkIdentifier", identifier(3, "sn", "servicenetwork")),
                optional("resourceConfigurationIdentifier", configuration_id()),
                optional("includeChildren", Shape::Flag),
            ]),
        ),
        (
            "GetServiceNetworkResourceAssociation",
            Shape::Object(association()),
        ),
        (
            "DeleteServiceNetworkResourceAssociation",
            Shape::Object(association()),
        ),
        (
            "ListResourceEndpointAssociations",
            paged(
                configuration()
                    .into_iter()
                    .chain([
                        optional("resourceEndpointAssociationIdentifier", endpoint_association_id()),
                        optional("vpcEndpointId", text(22, 22).pattern("vpce-[0-9a-f]{17}").shape()),
                        optional("vpcEndpointOwner", text(12, 12).pattern(r"\d{12}").shape()),
                    ])
                    .collect(),
            ),
        ),
        (
            "DeleteResourceEndpointAssociation",
            Shape::Object(vec![required(
                "resourceEndpointAssociationIdentifier",
                endpoint_association_id(),
            )]),
        ),
        (
            "TagResource",
            Shape::Object(vec![resource_arn(), required("tags", tags())]),
        ),
        (
            "UntagResource",
            Shape::Object(vec![
                resource_arn(),
                required("tagKeys", list(0, 200, text(1, 128).shape())),
            ]),
        ),
        ("ListTagsForResource", Shape::Object(vec![resource_arn()])),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_follow_the_models_pattern() {
        let wrong = |name: &str| {
            let input = json!({ "name": name });
            of("CreateResourceGateway").is_some_and(|shape| !shape.violations(&input).is_empty())
        };
        for name in ["abc", "orders-1a2b", "a-b-c", "0rg"] {
            assert!(!wrong(name), "{name}");
        }
        for name in [
            "ab",
            "-abc",
            "abc-",
            "a--b",
            "Abc",
            "rgw-abc",
            "a_b",
            &"a".repeat(41),
        ] {
            assert!(wrong(name), "{name}");
        }
    }

    #[test]
    fn identifiers_are_ids_or_arns() {
        let wrong = |id: &str| {
            let input = json!({ "resourceGatewayIdentifier": id });
            of("GetResourceGateway").is_some_and(|shape| !shape.violations(&input).is_empty())
        };
        assert!(!wrong("rgw-0123456789abcdef0"));
        assert!(!wrong(
            "arn:aws:vpc-lattice:us-east-1:123456789012:resourcegateway/rgw-0123456789abcdef0"
        ));
        assert!(wrong("rgw-0123") && wrong("rcfg-0123456789abcdef0") && wrong("rgw-0123456789abcdef0/x"));
    }
}
