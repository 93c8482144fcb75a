//! A permission that is missing: the error names the action; once it is granted, the next apply finishes the work.

use cli_harness::on_every_cli;
use serde_json::json;

use crate::aws::Aws;
use crate::workspace::{Workspace, orders};

/// A create without the permission for one call, then an apply with it, then a destroy.
fn denied(service: &str, operation: &str) {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        workspace.write(&orders(&aws.seed().vpc_endpoint_id, ""));
        let rule = json!({ "service": service, "operation": operation, "effect": { "access_denied": true } });
        let denied = aws.fault(rule);
        let action = format!("Allow the IAM action {service}:{operation}");
        workspace.try_apply().failed().says(&[&action]);
        assert!(aws.fault_fired(denied) > 0, "{operation} is called in a create");

        aws.remove_fault(denied);
        workspace.apply();
        aws.has_one_of_each();
        workspace.plans_nothing();
        workspace.destroy();
        aws.has_nothing();
    });
}

/// A create without the permission for one call, then a destroy with it.
fn denied_then_destroyed(service: &str, operation: &str) {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        workspace.write(&orders(&aws.seed().vpc_endpoint_id, ""));
        let rule = json!({ "service": service, "operation": operation, "effect": { "access_denied": true } });
        let denied = aws.fault(rule);
        workspace.try_apply().failed();
        aws.remove_fault(denied);
        workspace.destroy();
        aws.has_nothing();
    });
}

macro_rules! denied {
    ($($test:ident: $service:literal, $operation:literal;)+) => {
        $(#[test]
        fn $test() {
            denied($service, $operation);
        })+

        /// What the tests above cover is what a create calls: a call that is new has to have its test.
        #[test]
        fn every_change_that_a_create_makes_has_its_test() {
            on_every_cli(|cli| {
                let aws = Aws::start();
                let workspace = Workspace::new(cli, &aws);
                workspace.write(&orders(&aws.seed().vpc_endpoint_id, ""));
                workspace.apply();
                for operation in aws.mutation_names() {
                    // A mark that stays is a warning: the test below.
                    let unmarks = ["UntagResource", "DeleteTags"].contains(&operation.as_str());
                    assert!(unmarks || [$($operation),+].contains(&operation.as_str()), "{operation} has no test");
                }
            });
        }
    };
}

denied! {
    a_create_that_may_not_make_the_group: "ec2", "CreateSecurityGroup";
    a_create_that_may_not_open_the_group: "ec2", "AuthorizeSecurityGroupEgress";
    a_create_that_may_not_narrow_the_group: "ec2", "RevokeSecurityGroupEgress";
    a_create_that_may_not_make_the_gateway: "vpc-lattice", "CreateResourceGateway";
    a_create_that_may_not_make_the_configuration: "vpc-lattice", "CreateResourceConfiguration";
    a_create_that_may_not_make_the_connection: "events", "CreateConnection";
}

#[test]
fn a_create_that_may_not_take_its_marks_off_says_so_and_the_next_apply_does_it() {
    on_every_cli(|cli| {
        for (service, operation) in [("vpc-lattice", "UntagResource"), ("ec2", "DeleteTags")] {
            let aws = Aws::start();
            let rule =
                json!({ "service": service, "operation": operation, "effect": { "access_denied": true } });
            let denied = aws.fault(rule);
            let workspace = Workspace::new(cli, &aws);
            workspace.write(&orders(&aws.seed().vpc_endpoint_id, ""));
            workspace.try_apply().succeeded().says(&["mark", operation]);
            aws.remove_fault(denied);
            workspace.apply();
            workspace.plans_nothing();
            aws.has_one_of_each();
        }
    });
}

#[test]
fn what_a_denied_create_made_is_removed_by_a_destroy() {
    denied_then_destroyed("events", "CreateConnection");
}
