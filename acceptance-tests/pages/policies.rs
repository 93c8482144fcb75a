//! The IAM policies to paste, held against what the provider calls.

use std::path::Path;

use cli_harness::{Running, on_every_cli};
use serde_json::Value;

use super::repository;
use crate::aws::Aws;
use crate::workspace::{ADDRESS, Workspace, invocation, orders};

/// The actions that a policy of `examples/policies` allows.
fn allowed(file: &str) -> Vec<String> {
    let path = repository().join("examples/policies").join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    let policy: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    let statements = policy["Statement"].as_array().expect("a policy has statements");
    let actions = statements
        .iter()
        .flat_map(|statement| match &statement["Action"] {
            Value::Array(all) => all.clone(),
            one => vec![one.clone()],
        });
    actions
        .filter_map(|action| action.as_str().map(str::to_owned))
        .collect()
}

/// Whether one of these actions, which may have `*` in them, is this one.
fn allows(actions: &[String], action: &str) -> bool {
    actions.iter().any(|allowed| {
        let parts: Vec<_> = allowed.split('*').collect();
        let mut rest = action;
        parts.iter().enumerate().all(|(i, part)| match rest.find(part) {
            Some(at) if i > 0 || at == 0 => {
                rest = &rest[at + part.len()..];
                i + 1 < parts.len() || rest.is_empty() || part.is_empty()
            }
            _ => false,
        })
    })
}

fn missing(aws: &Aws, from: usize, actions: &[String]) -> Vec<String> {
    let called = aws.calls().into_iter().skip(from);
    let mut missing: Vec<_> = called
        .map(|call| format!("{}:{}", call.service, call.operation))
        .filter(|action| !allows(actions, action))
        .collect();
    missing.sort();
    missing.dedup();
    missing
}

#[test]
fn each_call_of_a_life_is_allowed_by_the_policies_to_paste() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        let (endpoint, url) = (&aws.seed().vpc_endpoint_id, &aws.seed().api_url);
        let more = |method: &str, tag: &str| {
            format!(
                "api_destinations = {{ a = {{ invocation_endpoint = {url:?}, http_method = \"{method}\" }} }}\n  tags = {{ {tag} = \"1\" }}"
            )
        };
        workspace.write(&orders(endpoint, &more("POST", "a")));
        workspace.apply();
        let applied = aws.calls().len();
        workspace.plans_nothing();
        assert_eq!(missing(&aws, applied, &allowed("plan.json")), [""; 0]);
        let check = format!(
            "resource \"private_api_invocation_check\" \"orders\" {{\n  connection_arn = {ADDRESS}.connection_arn\n  url = {url:?}\n  role_arn = {:?}\n}}\n",
            aws.seed().role_arn
        );
        workspace.write(&(orders(endpoint, &more("PUT", "b")) + &check));
        workspace.apply();
        let asked = aws.calls().len();
        let mut doctor = workspace.command(Path::new(env!("CARGO_BIN_EXE_terraform-provider-private")));
        Running::start(doctor.args(["doctor", "orders"]))
            .wait()
            .succeeded();
        assert_eq!(missing(&aws, asked, &allowed("plan.json")), [""; 0]);
        let in_vpc = "network = { resource_config_dns_resolution = \"IN_VPC\" }";
        workspace.write(&invocation("orders", &format!("{endpoint:?}"), "2", in_vpc));
        workspace.apply();
        workspace.destroy();
        for policy in ["apply.json", "boundary.json"] {
            assert_eq!(missing(&aws, 0, &allowed(policy)), [""; 0], "{policy}");
        }
    });
}

#[test]
fn an_action_is_allowed_by_itself_and_by_what_a_star_stands_for() {
    let actions = ["ec2:Describe*", "ec2:*SecurityGroup*", "events:ListEventBuses"].map(str::to_owned);
    for action in [
        "ec2:DescribeVpcs",
        "ec2:CreateSecurityGroup",
        "events:ListEventBuses",
    ] {
        assert!(allows(&actions, action), "{action}");
    }
    for action in ["ec2:RunInstances", "events:ListEventBusesX", "events:List"] {
        assert!(!allows(&actions, action), "{action}");
    }
}
