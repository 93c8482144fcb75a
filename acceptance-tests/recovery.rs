//! What was interrupted is finished by the next apply; what lives is left alone.

use cli_harness::{PATIENCE, Running, on_every_cli};
use rustix::process::Signal;
use serde_json::json;

use crate::aws::Aws;
use crate::workspace::{Workspace, orders};

#[test]
fn an_interrupted_create_is_finished_in_place_by_the_next_apply() {
    interrupt_a_create(|apply| apply.signal(Signal::INT));
}

/// A terminal sends Ctrl-C to the provider, too, which must leave the decision to the CLI.
#[test]
fn a_create_interrupted_with_its_whole_group_is_finished_in_place_by_the_next_apply() {
    interrupt_a_create(|apply| apply.signal_group(Signal::INT));
}

/// Interrupts the wait for the gateway: configuration and connection are left to be made.
fn interrupt_a_create(interrupt: impl Fn(&Running)) {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        let more = "api_destinations = { shop = { invocation_endpoint = \"https://a.example.com/\", http_method = \"POST\" } }";
        workspace.write(&orders(&aws.seed().vpc_endpoint_id, more));
        let stuck = aws.stick("vpc-lattice", "resource-gateway", "CREATE_IN_PROGRESS");
        let apply = workspace.start_apply();
        aws.wait_for("vpc-lattice", "CreateResourceGateway", 0);
        interrupt(&apply);
        apply.wait().failed().says(&[
            "Interrupted: private API invocation orders is not finished",
            "Apply again",
        ]);
        let gateway = workspace.attribute("resource_gateway_id");
        assert!(!workspace.is_tainted());
        let pending = workspace.attributes()["pending"].to_string();
        assert!(pending.contains("create API destination shop"), "{pending}");

        aws.remove_fault(stuck);
        assert_eq!(workspace.planned_actions(), ["update"]);
        workspace.apply();
        aws.has_one_of_each_and(&["api-destination"]);
        assert_eq!(workspace.attribute("resource_gateway_id"), gateway);
        workspace.plans_nothing();
    });
}

#[test]
fn a_create_interrupted_in_its_last_wait_leaves_nothing_to_do() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        workspace.write(&orders(&aws.seed().vpc_endpoint_id, ""));
        let stuck = aws.stick("events", "connection", "CREATING");
        let apply = workspace.start_apply();
        aws.wait_for("events", "CreateConnection", 0);
        apply.signal(Signal::INT);
        apply.wait().failed();
        assert!(!workspace.is_tainted());
        aws.remove_fault(stuck);
        aws.becomes("connection", "orders", "ACTIVE");
        workspace.apply();
        aws.has_one_of_each();
        assert_eq!(aws.count("CreateConnection"), 1);
        workspace.plans_nothing();
    });
}

/// A plan reads alone: whatever AWS has not answered yet, nobody has to wait for it. (OpenTofu does not tell a provider that it is
/// still configuring, so that GetCallerIdentity is waited for there.)
#[test]
fn a_plan_that_waits_for_an_answer_is_interrupted_at_once() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        workspace.write(&orders(&aws.seed().vpc_endpoint_id, ""));
        workspace.apply();
        for (service, operation) in [("events", "DescribeConnection"), ("ec2", "DescribeVpcEndpoints")] {
            let held = aws.fault(json!({
                "service": service, "operation": operation, "effect": { "hold": "before" },
            }));
            let plan = workspace.start(&["plan", "-input=false", "-no-color"]);
            assert!(aws.wait_for_held(held, PATIENCE), "{operation} is called");
            plan.signal(Signal::INT);
            plan.wait().failed();
            aws.remove_fault(held);
        }
        workspace.plans_nothing();
    });
}

#[test]
fn a_second_create_of_a_living_invocation_is_refused_with_the_import_command() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let living = Workspace::new(cli, &aws);
        living.write(&orders(&aws.seed().vpc_endpoint_id, ""));
        living.apply();
        let before = aws.mutations();

        let second = Workspace::new(cli, &aws);
        second.write(&orders(&aws.seed().vpc_endpoint_id, ""));
        second.try_apply().failed().says(&[
            "Private API invocation orders exists already",
            &format!("{} import <address of this resource> orders", cli.command()),
        ]);
        assert_eq!(
            aws.mutations(),
            before,
            "it was refused before anything was changed"
        );
        living.plans_nothing();
    });
}

#[test]
fn a_create_that_fails_on_the_way_is_finished_after_an_untaint() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        workspace.write(&orders(&aws.seed().vpc_endpoint_id, ""));
        let fails = aws.fault(serde_json::json!({
            "service": "events", "type": "connection", "becomes": "FAILED_CONNECTIVITY", "reason": "no way", "count": 1,
        }));
        workspace
            .try_apply()
            .failed()
            .says(&["FAILED_CONNECTIVITY", "no way", " untaint"]);
        aws.remove_fault(fails);
        let arn = workspace.attribute("connection_arn");
        workspace
            .run(&["untaint", "-no-color", crate::workspace::ADDRESS])
            .succeeded();
        workspace.apply();
        aws.has_one_of_each();
        assert_eq!(workspace.attribute("connection_arn"), arn);
        workspace.plans_nothing();
    });
}
