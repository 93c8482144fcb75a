//! `terraform-provider-private doctor` and the check, as users run them: on a path that works, on one that somebody has closed,
//! and where nothing can be seen.

use std::path::Path;

use cli_harness::{Ended, Running, on_every_cli};
use serde_json::{Value, json};

use crate::aws::Aws;
use crate::workspace::{Workspace, orders};

const BINARY: &str = env!("CARGO_BIN_EXE_terraform-provider-private");

const WELL: Option<i32> = Some(0);
const FINDINGS: Option<i32> = Some(1);
const COULD_NOT_LOOK: Option<i32> = Some(2);

fn doctor(workspace: &Workspace, arguments: &[&str]) -> Ended {
    let mut command = workspace.command(Path::new(BINARY));
    Running::start(command.arg("doctor").args(arguments)).wait()
}

/// The invocation `orders` with a check of it.
fn checked(aws: &Aws) -> String {
    let check = format!(
        r#"
resource "private_api_invocation_check" "orders" {{
  connection_arn = private_api_invocation.orders.connection_arn
  url            = {:?}
  role_arn       = {:?}
}}
"#,
        aws.seed().api_url,
        aws.seed().role_arn
    );
    orders(&aws.seed().vpc_endpoint_id, "") + &check
}

/// Takes away what lets the gateway in at the endpoint.
fn close(aws: &Aws) {
    let group = aws.seed_group();
    let described = aws.wait(aws.ec2.describe_security_groups().group_ids(&group).send());
    let rules = described.expect("the group").security_groups()[0]
        .ip_permissions()
        .to_vec();
    let call = aws.ec2.revoke_security_group_ingress().group_id(group);
    aws.wait(call.set_ip_permissions(Some(rules)).send())
        .expect("it is closed");
}

#[test]
fn a_path_that_works_is_shown_whole_and_one_that_is_closed_with_the_command_that_opens_it() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        workspace.write(&checked(&aws));
        workspace.apply();
        let url = aws.seed().api_url.clone();
        let before = aws.mutations().len();

        let well = doctor(&workspace, &["orders", "--url", &url]);
        assert_eq!(well.code, WELL, "{}", well.text);
        let well = well.says(&[
            "connection orders  ACTIVE",
            "└─ association snra-",
            "resource configuration rcfg-",
            ":443",
            "resource gateway rgw-",
            "VPC endpoint vpce-",
            "available",
            "Nothing is wrong with this path",
            "Not seen:",
        ]);
        assert!(
            !well.stdout.contains('\u{1b}'),
            "no colour in a pipe: {}",
            well.stdout
        );

        close(&aws);
        let closed = doctor(&workspace, &["orders", "--url", &url]);
        assert_eq!(closed.code, FINDINGS, "{}", closed.text);
        closed.says(&[
            "1 finding",
            "endpoint-ingress",
            "aws ec2 authorize-security-group-ingress",
        ]);
        assert_eq!(
            aws.mutations().len() - before,
            1,
            "doctor changes nothing; the closing was the one change"
        );

        let listed = doctor(&workspace, &["orders", "--format", "json"]);
        assert_eq!(listed.code, FINDINGS, "{}", listed.text);
        let listed: Value = serde_json::from_str(&listed.stdout).expect("it is JSON");
        assert_eq!(listed["findings"][0]["id"], "endpoint-ingress");
        assert_eq!(listed["path"][4]["findings"], json!(["endpoint-ingress"]));
        let drawn = doctor(&workspace, &["orders", "--format", "mermaid"]);
        assert_eq!(drawn.code, FINDINGS, "{}", drawn.text);
        drawn.says(&[
            "flowchart LR",
            "hop0 --> hop1",
            "finding0 -.- hop4",
            ":::error",
            ":::unseen",
        ]);
    });
}

#[test]
fn what_cannot_be_looked_at_is_an_error_of_its_own() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        let missing = doctor(&workspace, &["orders"]);
        assert_eq!(missing.code, FINDINGS, "{}", missing.text);
        missing.says(&["connection orders  gone", "connection-missing"]);

        aws.add_fault(&json!({ "deny": "events:DescribeConnection" }))
            .expect("a rule");
        let denied = doctor(&workspace, &["orders"]);
        assert_eq!(denied.code, COULD_NOT_LOOK, "{}", denied.text);
        denied.says(&[
            "cannot be looked at",
            "Allow the IAM action events:DescribeConnection",
        ]);
        let wrong = doctor(&workspace, &["orders", "--url", "http://a.example.com/"]);
        assert_eq!(wrong.code, COULD_NOT_LOOK, "{}", wrong.text);
        wrong.says(&["--url", "https://", "doctor --help"]);
        doctor(&workspace, &["--help"]).succeeded().says(&["Exit codes"]);
    });
}

#[test]
fn an_apply_succeeds_only_when_the_api_answers() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        workspace.write(&checked(&aws));
        workspace.apply();
        assert_eq!(
            workspace.attributes_of("private_api_invocation_check.orders")["status_code"],
            200
        );

        close(&aws);
        workspace
            .run(&[
                "apply",
                "-auto-approve",
                "-no-color",
                "-replace=private_api_invocation_check.orders",
            ])
            .failed()
            .says(&[
                "does not answer as expected",
                "endpoint-ingress",
                "aws ec2 authorize-security-group-ingress",
                "doctor arn:",
            ]);
    });
}
