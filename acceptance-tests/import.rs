//! What another state, or nobody's, recorded comes under management by its name.

use crate::aws::Aws;
use crate::workspace::{ADDRESS, Workspace, orders};
use cli_harness::{Cli, on_every_cli};

#[test]
fn an_import_is_followed_by_one_update_that_sends_the_secret_and_keeps_the_arn() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let endpoint = &aws.seed().vpc_endpoint_id;
        let mut made_by = Workspace::new(cli, &aws);
        // The secret is no part of an import: the update has to send the right one.
        made_by.set("TF_VAR_api_key", "not-the-key");
        made_by.write(&orders(endpoint, r#"tags = { team = "shop" }"#));
        made_by.apply();
        let arn = made_by.attribute("connection_arn");
        let before = aws.mutations().len();

        let workspace = Workspace::new(cli, &aws);
        workspace.write(&orders(endpoint, r#"tags = { team = "shop" }"#));
        workspace
            .run(&["import", "-input=false", "-no-color", ADDRESS, "orders"])
            .succeeded();
        assert_eq!(workspace.attribute("connection_arn"), arn);
        assert_eq!(workspace.attribute("vpc_endpoint_id"), *endpoint);
        assert_eq!(workspace.planned_actions(), ["update"]);
        workspace.apply();
        assert_eq!(aws.mutation_names()[before..], ["UpdateConnection"]);
        assert_eq!(workspace.attribute("connection_arn"), arn);
        assert_eq!(aws.call_api(&arn).expect("the API answers")["StatusCode"], 200);
        workspace.plans_nothing();

        workspace.destroy();
        aws.has_nothing();
    });
}

#[test]
fn an_import_by_name_and_region_or_by_arn_is_that_of_the_name() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let endpoint = &aws.seed().vpc_endpoint_id;
        let made_by = Workspace::new(cli, &aws);
        made_by.write(&orders(endpoint, ""));
        made_by.apply();
        let arn = made_by.attribute("connection_arn");
        for id in [format!("orders@{}", aws.seed().region), arn.clone()] {
            let workspace = Workspace::new(cli, &aws);
            workspace.write(&orders(endpoint, ""));
            workspace
                .run(&["import", "-input=false", "-no-color", ADDRESS, &id])
                .succeeded();
            assert_eq!(workspace.attribute("connection_arn"), arn, "{id}");
            assert_eq!(workspace.planned_actions(), ["update"], "{id}");
            workspace.apply();
            aws.has_one_of_each();
            workspace.plans_nothing();
        }
    });
}

#[test]
fn what_is_not_there_cannot_be_imported() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        workspace.write(&orders(&aws.seed().vpc_endpoint_id, ""));
        let import = workspace.run(&["import", "-input=false", "-no-color", ADDRESS, "orders"]);
        import.failed().says(&[
            "There is no EventBridge connection orders",
            "The import id is the name",
        ]);
    });
}

/// The block. To generate a configuration, Terraform 1.14 wants the provider said; beside one, OpenTofu wants it
/// left out.
fn by_block(by: &str, names_provider: bool) -> String {
    let provider = if names_provider { "provider = private" } else { "" };
    format!("import {{\n  to = {ADDRESS}\n  {by}\n  {provider}\n}}\n")
}

/// An invocation that stands, and a workspace with nothing but an `import` block for it.
fn import_block(cli: &'static Cli, aws: &Aws, made_as: &str, by: &str) -> Workspace {
    let made_by = Workspace::new(cli, aws);
    made_by.write(made_as);
    made_by.apply();
    let workspace = Workspace::new(cli, aws);
    workspace.write(&by_block(by, cli.asks_for_generated_configuration()));
    workspace
}

const GENERATE: [&str; 4] = [
    "plan",
    "-input=false",
    "-no-color",
    "-generate-config-out=generated.tf",
];

#[test]
fn an_import_block_generates_a_configuration_that_lacks_the_secret_alone() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let endpoint = &aws.seed().vpc_endpoint_id;
        let more = r#"
            description      = "for the shop"
            network          = { ipv4_addresses_per_eni = 8 }
            tags             = { team = "shop" }
            api_destinations = { orders = { invocation_endpoint = "https://api.example.com/*", http_method = "POST" } }
        "#;
        let workspace = import_block(cli, &aws, &orders(endpoint, more), r#"id = "orders""#);
        let plan = workspace.run(&GENERATE);
        plan.failed().says(&[
            "Invalid attribute combination",
            "\"authorization.api_key.value_wo\" must be set; none is",
        ]);
        let generated = workspace.path("generated.tf");
        let text = std::fs::read_to_string(&generated).expect("the CLI writes it before it fails");
        let with_key: Vec<_> = text
            .lines()
            .map(|line| match line.split_whitespace().next() {
                Some("value_wo") => "value_wo = var.api_key",
                Some("value_wo_version") => "value_wo_version = 1",
                _ => line,
            })
            .collect();
        workspace.write_file("generated.tf", &with_key.join("\n"));
        workspace.write(&by_block(r#"id = "orders""#, false));
        let before = aws.mutations().len();
        workspace.apply();
        assert_eq!(aws.mutation_names()[before..], ["UpdateConnection"]);
        workspace.plans_nothing();
        assert_eq!(workspace.attributes()["tags"]["team"], "shop");
        workspace.destroy();
        aws.has_nothing();
    });
}

#[test]
fn an_import_block_of_an_invocation_without_secrets_changes_nothing() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let endpoint = &aws.seed().vpc_endpoint_id;
        let made_as = format!(
            "resource \"private_api_invocation\" \"orders\" {{\n  name = \"orders\"\n  vpc_endpoint_id = {endpoint:?}\n  \
             authorization = {{ none = {{}} }}\n}}\n"
        );
        let by = if cli.has_identity() {
            r#"identity = { name = "orders" }"#
        } else {
            r#"id = "orders""#
        };
        let workspace = import_block(cli, &aws, &made_as, by);
        let before = aws.mutations().len();
        workspace
            .run(&GENERATE)
            .succeeded()
            .says(&["1 to import, 0 to add, 0 to change, 0 to destroy"]);
        workspace.write(&by_block(by, false));
        workspace.apply();
        assert_eq!(aws.mutation_names()[before..], [] as [&str; 0]);
        workspace.plans_nothing();
        workspace.destroy();
        aws.has_nothing();
    });
}
