//! What is changed by hand is shown by the next plan and repaired by one apply.

use aws_sdk_ec2::types::{IpPermission, IpRange};
use cli_harness::{Cli, on_every_cli};

use crate::aws::Aws;
use crate::workspace::{Workspace, orders};

/// What can be deleted by hand, in the order that AWS allows.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Deleted {
    Connection,
    Configuration,
    Gateway,
    Group,
}

fn standing(cli: &'static Cli, aws: &Aws) -> Workspace {
    let workspace = Workspace::new(cli, aws);
    workspace.write(&orders(&aws.seed().vpc_endpoint_id, ""));
    workspace.apply();
    workspace
}

/// Applies once, and fails unless everything is there again, works, and the next plan is empty.
#[track_caller]
fn one_apply_repairs(workspace: &Workspace, aws: &Aws) {
    assert_eq!(workspace.try_plan().code, Some(2), "the plan shows nothing");
    workspace.apply();
    aws.has_one_of_each();
    let api = aws
        .call_api(&workspace.attribute("connection_arn"))
        .expect("the API answers");
    assert_eq!(api["StatusCode"], 200);
    workspace.plans_nothing();
}

/// Deletes the connection and everything up to `last`.
fn delete_by_hand(workspace: &Workspace, aws: &Aws, last: Deleted) {
    let state = workspace.attributes();
    let id = |attribute: &str| state[attribute].as_str().unwrap_or_default().to_owned();
    let interfaces = aws.interfaces_of(&id("security_group_id"));
    aws.wait(aws.events.delete_connection().name("orders").send())
        .expect("the connection can be deleted");
    aws.goes("connection", "");
    aws.goes("service-network-resource-association", "");
    if last >= Deleted::Configuration {
        let configuration = id("resource_configuration_id");
        let call = aws
            .lattice
            .delete_resource_configuration()
            .resource_configuration_identifier(configuration);
        aws.wait(call.send()).expect("the configuration can be deleted");
        aws.goes("resource-configuration", "");
    }
    if last >= Deleted::Gateway {
        let call = aws
            .lattice
            .delete_resource_gateway()
            .resource_gateway_identifier(id("resource_gateway_id"));
        aws.wait(call.send()).expect("the gateway can be deleted");
        aws.goes("resource-gateway", "");
    }
    if last >= Deleted::Group {
        // They linger after the gateway, and hold the group.
        for interface in &interfaces {
            aws.goes("network-interface", interface);
        }
        let call = aws.ec2.delete_security_group().group_id(id("security_group_id"));
        aws.wait(call.send()).expect("the group can be deleted");
    }
}

fn deleted_by_hand(last: Deleted) {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = standing(cli, &aws);
        delete_by_hand(&workspace, &aws, last);
        one_apply_repairs(&workspace, &aws);
    });
}

#[test]
fn a_deleted_connection_is_made_anew() {
    deleted_by_hand(Deleted::Connection);
}

#[test]
fn a_deleted_configuration_is_made_anew() {
    deleted_by_hand(Deleted::Configuration);
}

#[test]
fn a_deleted_gateway_is_made_anew() {
    deleted_by_hand(Deleted::Gateway);
}

#[test]
fn everything_deleted_is_made_anew() {
    deleted_by_hand(Deleted::Group);
}

#[test]
fn a_removed_egress_rule_closes_the_way_and_is_put_back() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = standing(cli, &aws);
        let call = aws
            .ec2
            .revoke_security_group_egress()
            .group_id(workspace.attribute("security_group_id"));
        let rules = ["10.0.0.0/16", "100.64.0.0/16"].map(|cidr| rule("tcp", 443, cidr));
        aws.wait(call.set_ip_permissions(Some(rules.into())).send())
            .expect("the rules can be revoked");
        let (error, _) = aws
            .call_api(&workspace.attribute("connection_arn"))
            .expect_err("no packet leaves the group");
        assert_eq!(error, "States.Http.Socket");
        one_apply_repairs(&workspace, &aws);
    });
}

#[test]
fn an_egress_rule_too_many_is_removed() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = standing(cli, &aws);
        let group = workspace.attribute("security_group_id");
        let call = aws.ec2.authorize_security_group_egress().group_id(&group);
        aws.wait(call.ip_permissions(rule("tcp", 22, "0.0.0.0/0")).send())
            .expect("the rule can be added");
        one_apply_repairs(&workspace, &aws);
        let seen = aws
            .wait(aws.ec2.describe_security_groups().group_ids(&group).send())
            .expect("the group is there");
        let egress = seen.security_groups()[0].ip_permissions_egress();
        assert!(
            egress.iter().all(|rule| rule.from_port() == Some(443)),
            "{egress:?}"
        );
    });
}

#[test]
fn an_endpoint_that_is_gone_blocks_neither_plan_nor_destroy() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = standing(cli, &aws);
        let endpoint = &aws.seed().vpc_endpoint_id;
        aws.wait(aws.ec2.delete_vpc_endpoints().vpc_endpoint_ids(endpoint).send())
            .expect("it can be deleted");
        aws.goes("vpc-endpoint", "");
        let plan = workspace.try_plan().says(&["No such VPC endpoint"]);
        assert_eq!(plan.code, Some(0), "{}", plan.text);
        workspace.destroy();
        aws.has_nothing();
    });
}

fn rule(protocol: &str, port: i32, cidr: &str) -> IpPermission {
    let range = IpRange::builder().cidr_ip(cidr).build();
    IpPermission::builder()
        .ip_protocol(protocol)
        .from_port(port)
        .to_port(port)
        .ip_ranges(range)
        .build()
}
