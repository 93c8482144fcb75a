//! IPv4, IPv6 and both: what the gateway has, and what the managed group lets out.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::{Filter, IpPermission, Ipv6Range};
use cli_harness::on_every_cli;

use crate::aws::Aws;
use crate::workspace::{Workspace, orders};

/// Gives the VPC IPv6 addresses, makes a subnet that has them, and lets them in at the endpoint. The block and the subnet.
fn ipv6(aws: &Aws) -> (String, String) {
    let vpc_id = &aws.seed().vpc_id;
    let request = aws.ec2.associate_vpc_cidr_block().vpc_id(vpc_id);
    let made = aws.wait(request.amazon_provided_ipv6_cidr_block(true).send());
    let association = made.expect("a block").ipv6_cidr_block_association;
    let block = association.and_then(|association| association.ipv6_cidr_block);
    let block = block.expect("its range");
    let request = aws.ec2.create_subnet().vpc_id(vpc_id).cidr_block("10.0.8.0/24");
    let request = request.ipv6_cidr_block(block.replace("/56", "/64"));
    let request = request.availability_zone(format!("{}a", aws.seed().region));
    let subnet = aws.wait(request.send()).expect("a subnet").subnet;
    let subnet = subnet.and_then(|subnet| subnet.subnet_id).expect("its id");
    let rule = IpPermission::builder()
        .ip_protocol("tcp")
        .from_port(443)
        .to_port(443)
        .ipv6_ranges(Ipv6Range::builder().cidr_ipv6(&block).build());
    let request = aws
        .ec2
        .authorize_security_group_ingress()
        .group_id(aws.seed_group());
    aws.wait(request.ip_permissions(rule.build()).send())
        .expect("a rule");
    (block, subnet)
}

/// Where a group lets TCP 443 out to; fails when it lets out anything else.
fn egress(aws: &Aws, group: &str) -> BTreeSet<String> {
    let filter = Filter::builder().name("group-id").values(group).build();
    let request = aws.ec2.describe_security_group_rules().filters(filter);
    let rules = aws.wait(request.send()).expect("its rules");
    let rules = rules.security_group_rules.unwrap_or_default();
    let out = rules.into_iter().filter(|rule| rule.is_egress == Some(true));
    out.map(|rule| {
        assert_eq!((rule.from_port, rule.to_port), (Some(443), Some(443)), "{rule:?}");
        rule.cidr_ipv4.or(rule.cidr_ipv6).expect("a range")
    })
    .collect()
}

#[test]
fn a_dual_stack_gateway_calls_and_lets_out_to_every_range_of_the_vpc() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        aws.switch("groups_let_ipv6_out", true);
        let (block, subnet) = ipv6(&aws);
        let workspace = Workspace::new(cli, &aws);
        let with = |kind: &str| {
            orders(
                &aws.seed().vpc_endpoint_id,
                &format!("network = {{ subnet_ids = [{subnet:?}], ip_address_type = {kind:?} }}"),
            )
        };
        workspace.write(&with("DUALSTACK"));
        workspace.apply();
        let arn = workspace.attribute("connection_arn");
        let ranges = ["10.0.0.0/16", "100.64.0.0/16", block.as_str()];
        for kind in ["DUALSTACK", "IPV4", "DUALSTACK"] {
            workspace.write(&with(kind));
            workspace.apply();
            let request = aws.lattice.get_resource_gateway();
            let request = request.resource_gateway_identifier(workspace.attribute("resource_gateway_id"));
            let gateway = aws.wait(request.send()).expect("the gateway");
            assert_eq!(
                gateway.ip_address_type.map(|kind| kind.to_string()),
                Some(kind.to_owned())
            );
            let group = workspace.attribute("security_group_id");
            assert_eq!(egress(&aws, &group), ranges.map(str::to_owned).into());
            assert_eq!(workspace.attribute("connection_arn"), arn);
            assert_eq!(aws.call_api(&arn).expect("the API answers")["StatusCode"], 200);
            workspace.plans_nothing();
        }
        // Behind a gateway with IPv6 alone, an endpoint with IPv4 alone is not there.
        workspace.write(&with("IPV6"));
        let before = aws.mutations().len();
        workspace
            .try_apply()
            .failed()
            .says(&["No kind of address in common", "network.ip_address_type"]);
        assert_eq!(aws.mutation_names()[before..], [""; 0]);
        workspace.destroy();
        aws.has_nothing();
    });
}
