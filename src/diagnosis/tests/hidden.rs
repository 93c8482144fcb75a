//! What may not be read is told, and the rest is judged all the same.

use serde_json::json;

use super::bench::{Bench, named};
use crate::aws::ErrorKind;
use crate::diagnosis::{Question, diagnose};

#[tokio::test]
async fn each_read_that_is_denied_is_named_and_the_rest_is_judged() {
    for (action, found) in [
        ("vpc-lattice:GetServiceNetworkResourceAssociation", true),
        ("vpc-lattice:GetResourceConfiguration", false),
        ("vpc-lattice:GetResourceGateway", false),
        ("ec2:DescribeVpcEndpoints", false),
        ("ec2:DescribeSecurityGroups", false),
    ] {
        let bench = Bench::new().await;
        let group = bench.endpoint_group();
        let aws = bench.by_hand().await;
        let rules = aws.ec2.describe_security_groups().group_ids(&group).send().await;
        let rules = rules.expect("the group").security_groups()[0]
            .ip_permissions()
            .to_vec();
        let call = aws.ec2.revoke_security_group_ingress().group_id(&group);
        call.set_ip_permissions(Some(rules)).send().await.expect("closed");
        bench.local.add_fault(&json!({ "deny": action })).expect("a rule");
        let diagnosis = bench.diagnosis().await;
        let hidden: Vec<_> = diagnosis
            .observation
            .hidden
            .iter()
            .map(ToString::to_string)
            .collect();
        assert!(
            hidden.iter().any(|words| words.contains(action)),
            "{action}: {hidden:?}"
        );
        if found {
            named(&diagnosis, "endpoint-ingress");
        } else {
            assert_eq!(diagnosis.findings, [], "{action}");
        }
    }
}

#[tokio::test]
async fn without_the_connection_nothing_can_be_said() {
    let bench = Bench::new().await;
    bench
        .local
        .add_fault(&json!({ "deny": "events:DescribeConnection" }))
        .expect("a rule");
    let question = Question {
        connection: "orders".to_owned(),
        ..Question::default()
    };
    let refused = diagnose(bench.by_hand().await.as_ref(), &question)
        .await
        .expect_err("it cannot be looked at");
    assert_eq!(refused.kind, ErrorKind::AccessDenied);
}
