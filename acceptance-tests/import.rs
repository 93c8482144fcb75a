//! What another state, or nobody's, recorded comes under management by its name.

use crate::aws::Aws;
use crate::workspace::{ADDRESS, Workspace, orders};
use cli_harness::on_every_cli;

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
