//! AWS did the work and the reply was lost: nothing is made twice, and nothing is left over.

use cli_harness::on_every_cli;
use serde_json::json;

use crate::aws::Aws;
use crate::workspace::{Workspace, orders};

/// A create that loses the reply of one call. It may fail, if it says how to go on; in the end there is one of each.
fn lost(service: &str, operation: &str) {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        workspace.write(&orders(&aws.seed().vpc_endpoint_id, ""));
        let rule =
            json!({ "service": service, "operation": operation, "count": 1, "effect": { "drop": "after" } });
        let lost = aws.fault(rule);
        let apply = workspace.try_apply();
        assert_eq!(aws.fault_fired(lost), 1, "{operation} is called in a create");
        if apply.code != Some(0) {
            let says_how = ["Apply again", " untaint"]
                .iter()
                .any(|words| apply.text.contains(words));
            assert!(
                says_how,
                "it failed without a word on how to go on:\n{}",
                apply.text
            );
            workspace.apply();
        }
        aws.has_one_of_each();
        workspace.plans_nothing();
        workspace.destroy();
        aws.has_nothing();
    });
}

macro_rules! lost {
    ($($test:ident: $service:literal, $operation:literal;)+) => {
        $(#[test]
        fn $test() {
            lost($service, $operation);
        })+
    };
}

lost! {
    the_reply_to_making_the_group_is_lost: "ec2", "CreateSecurityGroup";
    the_reply_to_opening_the_group_is_lost: "ec2", "AuthorizeSecurityGroupEgress";
    the_reply_to_narrowing_the_group_is_lost: "ec2", "RevokeSecurityGroupEgress";
    the_reply_to_making_the_gateway_is_lost: "vpc-lattice", "CreateResourceGateway";
    the_reply_to_making_the_configuration_is_lost: "vpc-lattice", "CreateResourceConfiguration";
    the_reply_to_making_the_connection_is_lost: "events", "CreateConnection";
}
