//! What to do about a full quota, by the call that met it: the numbers are AWS's defaults.

use super::api::Api;

/// The remedy for a full quota, which some codes name.
pub fn remedy(api: Api, code: Option<&str>) -> String {
    let words = match (api.service, api.operation) {
        _ if code == Some("TagLimitExceeded") => {
            "An object takes 50 tags, of which the provider needs two: tags and the provider's default_tags may be 48 together."
        }
        ("events", "CreateConnection" | "UpdateConnection") => {
            "Private connections are limited to 20 per account and Region, which Service Quotas does not show: have AWS Support \
             raise that, remove connections that are no longer needed, or have several API destinations and state machines \
             share one. Connections of all kinds are limited to 3,000."
        }
        ("events", "CreateApiDestination" | "UpdateApiDestination") => {
            "API destinations are limited to 3,000 per account and Region, each to 300 calls a second. Remove what is no longer \
             needed, or have the quota raised."
        }
        ("vpc-lattice", "CreateResourceGateway") => {
            "Resource gateways are limited per VPC (500, once 100). Have several invocations share one: make it with \
             private_api_path, and set network.resource_gateway_id to it; or have the quota raised."
        }
        ("vpc-lattice", "CreateResourceConfiguration") => {
            "Resource configurations are limited to 2,000 per account and Region. Have several invocations share one: make it \
             with private_api_path, and set shared_resource_configuration_arn to it; or have the quota raised."
        }
        ("ec2", "CreateSecurityGroup") => {
            "Security groups are limited to 2,500 per Region. Have several invocations share one, by \
             network.security_group_ids; or have the quota raised."
        }
        ("ec2", "AuthorizeSecurityGroupEgress") => {
            "Rules are limited to 60 per security group and direction. Give network.egress_cidr_blocks fewer and larger ranges, \
             or have the quota raised."
        }
        ("ec2", "AuthorizeSecurityGroupIngress") => {
            "Rules are limited to 60 per security group and direction. Let the gateways in at the endpoint's group by the CIDRs \
             of their subnets instead of network.endpoint_ingress_security_group_id, or have the quota raised."
        }
        _ => "Remove what is no longer needed, or have the quota raised.",
    };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_call_that_makes_something_tells_its_own_quota_and_how_to_do_with_less() {
        for (service, operation, part) in [
            ("events", "CreateConnection", "20 per account"),
            ("events", "CreateApiDestination", "3,000"),
            (
                "vpc-lattice",
                "CreateResourceGateway",
                "network.resource_gateway_id",
            ),
            ("vpc-lattice", "CreateResourceConfiguration", "2,000"),
            ("ec2", "CreateSecurityGroup", "network.security_group_ids"),
            ("ec2", "AuthorizeSecurityGroupEgress", "egress_cidr_blocks"),
            ("ec2", "AuthorizeSecurityGroupIngress", "60"),
            ("ec2", "CreateTags", "raised"),
        ] {
            let words = remedy(Api::new(service, operation), Some("AnyLimitExceeded"));
            assert!(words.contains(part), "{operation}: {words}");
        }
        let tags = remedy(Api::new("ec2", "CreateSecurityGroup"), Some("TagLimitExceeded"));
        assert!(tags.contains("default_tags may be 48"), "{tags}");
    }
}
