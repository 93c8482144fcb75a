//! How many calls of AWS an apply and a plan make: services throttle, and hundreds of invocations share one account.

use std::collections::BTreeMap;

use crate::aws::Aws;
use crate::workspace::{Workspace, orders};
use cli_harness::on_every_cli;

/// Reads that are repeated until an object is settled; how often, the clock decides.
const POLLS: [&str; 4] = [
    "GetResourceGateway",
    "GetResourceConfiguration",
    "DescribeConnection",
    // While a connection is AUTHORIZED its association tells whether it is on its way.
    "ListServiceNetworkResourceAssociations",
];

/// The calls since `seen`, by operation, without those that are repeated.
fn once(aws: &Aws, seen: usize) -> BTreeMap<String, usize> {
    let mut counted = BTreeMap::new();
    for call in &aws.calls()[seen..] {
        if !POLLS.contains(&call.operation.as_str()) {
            *counted.entry(call.operation.clone()).or_default() += 1;
        }
    }
    counted
}

fn table<const N: usize>(rows: [(&str, usize); N]) -> BTreeMap<String, usize> {
    rows.map(|(operation, count)| (operation.to_owned(), count))
        .into()
}

#[test]
fn an_apply_makes_no_call_that_it_could_do_without() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        workspace.write(&orders(&aws.seed().vpc_endpoint_id, ""));
        workspace.apply();
        // One process plans, another plans again and applies.
        let made = table([
            ("GetCallerIdentity", 2),
            ("DescribeVpcEndpoints", 2),
            ("DescribeVpcs", 2),
            ("ListConnections", 2),
            ("DescribeSubnets", 2),
            // The endpoint's groups for each plan, the search, the new group before and after its rules are set, and
            // whether it is still ours before the connection is made and before the create is told as done.
            ("DescribeSecurityGroups", 7),
            ("ListResourceGateways", 1),
            ("ListResourceConfigurations", 1),
            // Rules that a killed run has left: one call of a process, however many resources it has.
            ("DescribeSecurityGroupRules", 1),
            ("CreateSecurityGroup", 1),
            ("AuthorizeSecurityGroupEgress", 1),
            ("RevokeSecurityGroupEgress", 1),
            ("CreateResourceGateway", 1),
            ("CreateResourceConfiguration", 1),
            ("CreateConnection", 1),
            // The marks of gateway, configuration and group.
            ("UntagResource", 2),
            ("DeleteTags", 1),
        ]);
        assert_eq!(once(&aws, 0), made);

        let seen = aws.calls().len();
        workspace.plans_nothing();
        let refreshed = aws.calls().len() - seen;
        assert!(
            refreshed <= 12,
            "a plan made {refreshed} calls: {:#?}",
            once(&aws, seen)
        );
    });
}
