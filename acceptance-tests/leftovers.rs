//! `terraform-provider-private leftovers`: what a killed create left and nobody applies again is found and removed, and
//! nothing else.

use std::path::Path;

use cli_harness::{Ended, Running, on_every_cli};
use serde_json::Value;

use crate::aws::{Aws, CREATING_TAG, INVOCATION_TAG};
use crate::destinations::{target, untarget};
use crate::killed::{CONFIGURATION, CONNECTION, GATEWAY, kill_in};
use crate::workspace::{Workspace, orders};

const BINARY: &str = env!("CARGO_BIN_EXE_terraform-provider-private");

/// The exit code for "something is left over".
const LEFT_OVER: Option<i32> = Some(2);

fn leftovers(workspace: &Workspace, arguments: &[&str]) -> Ended {
    let mut command = workspace.command(Path::new(BINARY));
    Running::start(command.arg("leftovers").args(arguments)).wait()
}

/// What a listing says of each holder: its name and the verdict.
fn verdicts(workspace: &Workspace) -> Vec<(String, String)> {
    let listed = leftovers(workspace, &["--format", "json", "--older-than", "0s"]);
    let listed: Value = serde_json::from_str(&listed.stdout).expect("it is JSON");
    let holders = listed["holders"].as_array().expect("there is a list").iter();
    let text = |holder: &Value, member: &str| holder[member].as_str().expect("a text").to_owned();
    let told = holders.map(|holder| (text(holder, "name"), text(holder, "verdict")));
    told.collect()
}

/// A path to an endpoint.
fn path(name: &str, vpc_endpoint_id: &str) -> String {
    format!(
        "resource \"private_api_path\" \"{name}\" {{\n  name = \"{name}\"\n  vpc_endpoint_id = {vpc_endpoint_id:?}\n}}\n"
    )
}

#[test]
fn a_killed_create_that_is_never_applied_again_is_listed_and_removed() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        let destination = "api_destinations = { a = { invocation_endpoint = \"https://a.example.com/\", http_method = \"GET\" } }";
        let rule = format!(
            "network = {{ endpoint_ingress_security_group_id = {:?} }}",
            aws.seed_group()
        );
        workspace.write(&orders(
            &aws.seed().vpc_endpoint_id,
            &format!("{destination}\n  {rule}"),
        ));
        kill_in(CONNECTION, &aws, || workspace.start_apply());
        aws.becomes("connection", "orders", "ACTIVE");

        let listed = leftovers(&workspace, &["--older-than", "0s"]);
        assert_eq!(listed.code, LEFT_OVER, "{}", listed.text);
        listed.says(&[
            "security group",
            "endpoint ingress rule",
            "resource gateway",
            "resource configuration",
            "connection",
            "private_api_invocation orders/",
            "apply its configuration again",
        ]);
        let before = aws.mutations();
        // Standard input has ended: nobody says yes.
        let asked = leftovers(&workspace, &["--older-than", "0s", "--remove"]);
        assert_eq!(asked.code, LEFT_OVER, "{}", asked.text);
        asked.says(&["Only 'yes' is accepted"]);
        assert_eq!(aws.mutations(), before, "a question changes nothing");

        leftovers(&workspace, &["--older-than", "0s", "--remove", "--yes"]).succeeded();
        aws.has_nothing();
        leftovers(&workspace, &["--older-than", "0s"])
            .succeeded()
            .says(&["Nothing is left over"]);
    });
}

#[test]
fn what_a_state_records_is_neither_listed_nor_removed() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let endpoint = &aws.seed().vpc_endpoint_id;
        let workspace = Workspace::new(cli, &aws);
        workspace.write(&(orders(endpoint, "") + &path("shared", endpoint)));
        workspace.apply();
        let before = aws.mutations();
        let removed = leftovers(&workspace, &["--older-than", "0s", "--remove", "--yes"]);
        removed
            .succeeded()
            .says(&["Nothing is left over", "2 more bear no mark"]);
        assert_eq!(aws.mutations(), before);
        workspace.plans_nothing();
    });
}

/// A failed create is recorded and tainted: the next apply replaces it, and a destroy removes it.
#[test]
fn what_a_failed_create_has_recorded_is_no_leftover() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        workspace.write(&orders(&aws.seed().vpc_endpoint_id, ""));
        let denied = aws.fault(serde_json::json!({
            "service": "events", "operation": "CreateConnection", "effect": { "access_denied": true },
        }));
        workspace.try_apply().failed();
        aws.remove_fault(denied);
        assert_eq!(
            verdicts(&workspace),
            [("orders".to_owned(), "recorded".to_owned())]
        );
    });
}

#[test]
fn what_may_still_be_being_made_is_kept() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        workspace.write(&path("shared", &aws.seed().vpc_endpoint_id));
        kill_in(GATEWAY, &aws, || workspace.start_apply());
        let before = aws.mutations();
        let kept = leftovers(&workspace, &["--remove", "--yes"]);
        kept.succeeded()
            .says(&["Nothing is left over", "so young that its create may be running"]);
        assert_eq!(aws.mutations(), before);
    });
}

#[test]
fn what_somebody_else_uses_is_kept_and_named() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let endpoint = &aws.seed().vpc_endpoint_id;
        let killed = Workspace::new(cli, &aws);
        killed.write(&path("shared", endpoint));
        kill_in(CONFIGURATION, &aws, || killed.start_apply());
        aws.becomes("resource-configuration", "shared", "ACTIVE");
        let gateway = aws.ids_of_path("resource-gateway", "shared").remove(0);
        let user = Workspace::new(cli, &aws);
        user.write(&orders(
            endpoint,
            &format!("network = {{ resource_gateway_id = {gateway:?} }}"),
        ));
        user.apply();

        let before = aws.mutations();
        let kept = leftovers(&killed, &["--older-than", "0s", "--remove", "--yes"]);
        kept.succeeded()
            .says(&["Nothing is left over", "private_api_path shared/", &gateway]);
        assert_eq!(aws.mutations(), before);
        user.plans_nothing();
    });
}

#[test]
fn api_destinations_of_others_and_those_that_a_rule_targets_keep_everything() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        workspace.write(&orders(&aws.seed().vpc_endpoint_id, ""));
        kill_in(CONNECTION, &aws, || workspace.start_apply());
        aws.becomes("connection", "orders", "ACTIVE");
        let connection = aws.wait(aws.events.describe_connection().name("orders").send());
        let connection = connection.expect("it can be read").connection_arn;
        let make = |name: &str, description: &str| {
            let request = aws
                .events
                .create_api_destination()
                .name(name)
                .description(description);
            let request = request.connection_arn(connection.as_deref().expect("an ARN"));
            let request = request
                .invocation_endpoint("https://a.example.com/")
                .http_method("GET".into());
            let made = aws.wait(request.send()).expect("it can be made");
            made.api_destination_arn.expect("it has an ARN")
        };
        let remove = || leftovers(&workspace, &["--older-than", "0s", "--remove", "--yes"]);

        make("billing", "Billing team, do not delete");
        let before = aws.mutations();
        remove()
            .succeeded()
            .says(&["Nothing is left over", "the API destination billing"]);
        assert_eq!(aws.mutations(), before);
        aws.wait(aws.events.delete_api_destination().name("billing").send())
            .expect("it can be deleted");

        let group = aws.of_type("security-group").into_iter();
        let holder = group
            .filter_map(|group| group["tags"][INVOCATION_TAG].as_str().map(str::to_owned))
            .next();
        let holder = holder.expect("the group of the killed create");
        let arn = make(
            "own",
            &format!("API destination of a private API invocation, not recorded yet: {holder}"),
        );
        target(&aws, &arn);
        let before = aws.mutations();
        remove()
            .succeeded()
            .says(&["Nothing is left over", "own", "remove-targets"]);
        assert_eq!(aws.mutations(), before);
        untarget(&aws);
        remove().succeeded();
        aws.has_nothing();
    });
}

#[test]
fn a_living_path_of_the_same_name_stays() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let configuration = path("shared", &aws.seed().vpc_endpoint_id);
        let living = Workspace::new(cli, &aws);
        living.write(&configuration);
        living.apply();
        let killed = Workspace::new(cli, &aws);
        killed.write(&configuration);
        kill_in(GATEWAY, &aws, || killed.start_apply());

        let told = ["left_over", "recorded"].map(|verdict| ("shared".to_owned(), verdict.to_owned()));
        assert_eq!(verdicts(&killed), told);
        leftovers(&killed, &["--older-than", "0s", "--remove", "--yes"]).succeeded();
        living.plans_nothing();
        living.destroy();
        aws.has_nothing();
    });
}

#[test]
fn a_listing_that_is_denied_calls_nothing_left_over() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        workspace.write(&path("shared", &aws.seed().vpc_endpoint_id));
        kill_in(GATEWAY, &aws, || workspace.start_apply());
        for action in [
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSecurityGroupRules",
            "vpc-lattice:ListResourceGateways",
            "vpc-lattice:ListResourceConfigurations",
            "vpc-lattice:ListTagsForResource",
        ] {
            let denied = aws.fault(serde_json::json!({ "deny": action }));
            let before = aws.mutations();
            let failed = leftovers(&workspace, &["--older-than", "0s", "--remove", "--yes"]).failed();
            failed.says(&["cannot be seen as a whole", action]);
            assert_eq!(aws.mutations(), before, "{action}");
            aws.remove_fault(denied);
        }
    });
}

#[test]
fn the_mark_tells_when_an_object_was_made() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        workspace.write(&path("shared", &aws.seed().vpc_endpoint_id));
        kill_in(GATEWAY, &aws, || workspace.start_apply());
        let groups = aws.of_type("security-group");
        let marks: Vec<_> = groups
            .iter()
            .filter_map(|group| group["tags"][CREATING_TAG].as_str())
            .collect();
        assert!(
            matches!(marks.as_slice(), [mark] if mark.ends_with('Z') && mark.len() == 20),
            "{marks:?}"
        );
    });
}

#[test]
fn a_wrong_argument_is_named() {
    let run = |arguments: &[&str]| {
        let mut command = std::process::Command::new(BINARY);
        Running::start(command.arg("leftovers").args(arguments)).wait()
    };
    run(&["--rmove"])
        .failed()
        .says(&["invalid option '--rmove'", "--help"]);
    run(&["--help"])
        .succeeded()
        .says(&["Usage: terraform-provider-private leftovers", "Exit codes"]);
}
