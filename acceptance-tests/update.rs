//! What changes in place, and that the connection's ARN outlives it.

use crate::aws::Aws;
use crate::workspace::{Workspace, invocation, orders};
use cli_harness::{Cli, on_every_cli};

/// An invocation that stands, with its connection's ARN.
fn standing(cli: &'static Cli, aws: &Aws) -> (Workspace, String) {
    let workspace = Workspace::new(cli, aws);
    workspace.write(&orders(&aws.seed().vpc_endpoint_id, ""));
    workspace.apply();
    let arn = workspace.attribute("connection_arn");
    (workspace, arn)
}

/// Plans an update, applies it, and fails unless there is one of each afterwards, the ARN is the same, the API answers
/// and the next plan is empty.
#[track_caller]
fn updates_in_place(workspace: &Workspace, aws: &Aws, arn: &str) {
    assert_eq!(workspace.planned_actions(), ["update"]);
    workspace.apply();
    aws.has_one_of_each();
    assert_eq!(workspace.attribute("connection_arn"), arn);
    assert_eq!(aws.call_api(arn).expect("the API answers")["StatusCode"], 200);
    workspace.plans_nothing();
}

#[test]
fn a_description_changes_in_place_and_nothing_else_is_touched() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let (workspace, arn) = standing(cli, &aws);
        let before = aws.mutations().len();
        workspace.write(&orders(
            &aws.seed().vpc_endpoint_id,
            r#"description = "Orders, for the shop""#,
        ));
        updates_in_place(&workspace, &aws, &arn);
        assert_eq!(aws.mutation_names()[before..], ["UpdateConnection"]);
    });
}

#[test]
fn another_version_sends_the_secret_again() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let mut workspace = Workspace::new(cli, &aws);
        let endpoint = format!("{:?}", aws.seed().vpc_endpoint_id);
        workspace.set("TF_VAR_api_key", "not-the-key");
        workspace.write(&invocation("orders", &endpoint, "1", ""));
        workspace.apply();
        let arn = workspace.attribute("connection_arn");
        let before = aws.mutations().len();

        // Without another version a write-only value is nobody's change.
        workspace.set("TF_VAR_api_key", &aws.seed().api_key);
        workspace.plans_nothing();
        workspace.write(&invocation("orders", &endpoint, "2", ""));
        updates_in_place(&workspace, &aws, &arn);
        assert_eq!(aws.mutation_names()[before..], ["UpdateConnection"]);
    });
}

#[test]
fn tags_change_in_place() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let (workspace, arn) = standing(cli, &aws);
        workspace.write(&orders(
            &aws.seed().vpc_endpoint_id,
            r#"tags = { team = "shop" }"#,
        ));
        updates_in_place(&workspace, &aws, &arn);
        for kind in ["security-group", "resource-gateway", "resource-configuration"] {
            let tagged = aws
                .of_type(kind)
                .iter()
                .filter(|object| object["tags"]["team"] == "shop")
                .count();
            assert_eq!(tagged, 1, "{kind}");
        }
    });
}

#[test]
fn other_subnets_build_a_new_gateway_beside_the_old_one() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let (workspace, arn) = standing(cli, &aws);
        let gateway = workspace.attribute("resource_gateway_id");
        let subnet = &aws.seed().subnet_ids[0];
        workspace.write(&orders(
            &aws.seed().vpc_endpoint_id,
            &format!("network = {{ subnet_ids = [{subnet:?}] }}"),
        ));
        updates_in_place(&workspace, &aws, &arn);
        assert_ne!(workspace.attribute("resource_gateway_id"), gateway);
        assert_eq!(workspace.attributes()["subnet_ids"], serde_json::json!([subnet]));
    });
}

#[test]
fn a_move_to_another_endpoint_keeps_the_arn_and_removes_the_old_path() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let (workspace, arn) = standing(cli, &aws);
        let configuration = workspace.attribute("resource_configuration_id");
        let other = aws.add_endpoint();
        workspace.write(&orders(&other, ""));
        updates_in_place(&workspace, &aws, &arn);
        assert_ne!(workspace.attribute("resource_configuration_id"), configuration);
        assert!(workspace.attribute("domain_name").starts_with(&other));
    });
}

#[test]
fn the_kind_of_authorization_changes_in_place() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let (workspace, arn) = standing(cli, &aws);
        let text = orders(&aws.seed().vpc_endpoint_id, "").replace(
            r#"api_key = { name = "x-api-key", value_wo = var.api_key, value_wo_version = "1" }"#,
            r#"basic = { username = "orders", password_wo = var.api_key, password_wo_version = "1" }"#,
        );
        workspace.write(&text);
        updates_in_place(&workspace, &aws, &arn);
    });
}

/// Core leaves what is ignored out of a plan's configuration, and not out of an apply's.
#[test]
fn what_is_ignored_is_neither_sent_nor_in_the_way_of_another_change() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        let endpoint = format!("{:?}", aws.seed().vpc_endpoint_id);
        let version = |version: &str| {
            let more = format!(
                "tags = {{ version = \"{version}\" }}\n  lifecycle {{ ignore_changes = [authorization] }}"
            );
            invocation("orders", &endpoint, version, &more)
        };
        workspace.write(&version("1"));
        workspace.apply();
        let arn = workspace.attribute("connection_arn");
        let sent = aws.count("UpdateConnection");
        workspace.write(&version("2"));
        updates_in_place(&workspace, &aws, &arn);
        assert_eq!(aws.count("UpdateConnection"), sent);
        let authorization = workspace.attributes()["authorization"].to_string();
        assert!(
            authorization.contains("\"value_wo_version\":\"1\""),
            "{authorization}"
        );
    });
}
