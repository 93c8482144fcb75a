//! Identity, import by it, moves, upgrades, generated configurations, provider_meta and replacement.

use cli_harness::{Cli, on_every_cli, on_every_cli_that};
use serde_json::json;

use crate::kitchen::Kitchen;

const ADDRESS: &str = "kitchen_jar.plums";

fn plums(name: &str) -> String {
    format!("resource \"kitchen_jar\" \"plums\" {{\n  name = {name:?}\n}}\n")
}

/// A kitchen that keeps a jar of which the CLI knows nothing.
fn unknown_jar(cli: &'static Cli) -> Kitchen {
    let kitchen = Kitchen::new(cli);
    kitchen.write(&plums("plums"));
    kitchen.apply();
    kitchen.run(&["state", "rm", ADDRESS]).succeeded();
    kitchen
}

#[test]
fn an_identity_is_stored_and_a_jar_is_imported_by_it() {
    on_every_cli_that(Cli::has_identity, |cli| {
        let kitchen = unknown_jar(cli);
        let import = format!("import {{\n  to = {ADDRESS}\n  identity = {{ name = \"plums\" }}\n}}\n");
        kitchen.write(&(plums("plums") + &import));
        kitchen.apply();
        let stored = kitchen.stored_state();
        let identity = &stored["resources"][0]["instances"][0]["identity"];
        assert_eq!(identity, &json!({"name": "plums", "shelf": "pantry"}));
        kitchen.plans_nothing();
        kitchen.destroy();
    });
}

#[test]
fn an_identity_that_says_too_little_is_refused() {
    on_every_cli_that(Cli::has_identity, |cli| {
        let kitchen = unknown_jar(cli);
        let import = format!("import {{\n  to = {ADDRESS}\n  identity = {{ shelf = \"pantry\" }}\n}}\n");
        kitchen.write(&(plums("plums") + &import));
        kitchen.try_plan().failed().says(&["name"]);
    });
}

#[test]
fn a_jar_is_moved_from_another_type_and_from_another_provider() {
    on_every_cli_that(Cli::has_moves_across_types, |cli| {
        let kitchen = Kitchen::new(cli);
        for (old, from) in [
            (
                "resource \"kitchen_dish\" \"old\" {\n  name = \"plums\"\n  servings = 1\n}\n",
                "kitchen_dish.old",
            ),
            (
                "resource \"terraform_data\" \"old\" {\n  input = \"plums\"\n}\n",
                "terraform_data.old",
            ),
        ] {
            kitchen.write(&plums("plums"));
            kitchen.apply();
            kitchen.run(&["state", "rm", ADDRESS]).succeeded();
            kitchen.write(old);
            kitchen.apply();
            let moved = format!("moved {{\n  from = {from}\n  to = {ADDRESS}\n}}\n");
            kitchen.write(&(plums("plums") + &moved));
            assert_eq!(kitchen.planned_actions_of(ADDRESS), ["no-op"]);
            kitchen.apply();
            assert_eq!(kitchen.attributes_of(ADDRESS)["name"], "plums");
        }
    });
}

#[test]
fn state_of_an_older_version_is_upgraded() {
    on_every_cli(|cli| {
        let kitchen = Kitchen::new(cli);
        kitchen.write(&plums("plums"));
        kitchen.apply();
        let mut stored = kitchen.stored_state();
        let instance = &mut stored["resources"][0]["instances"][0];
        instance["schema_version"] = json!(0);
        instance["attributes"] = json!({"label": "plums"});
        kitchen.write_file("terraform.tfstate", &stored.to_string());
        kitchen.plans_nothing();
    });
}

#[test]
fn a_configuration_is_written_for_what_is_imported() {
    on_every_cli_that(Cli::asks_for_generated_configuration, |cli| {
        let kitchen = unknown_jar(cli);
        let import = format!("import {{\n  to = {ADDRESS}\n  id = \"plums\"\n}}\n");
        // Without a resource block only the import can say which provider, if it is none of the registry's own.
        kitchen.write(&import.replace("id =", "provider = kitchen\n  id ="));
        kitchen
            .run(&["plan", "-no-color", "-input=false", "-generate-config-out=jar.tf"])
            .succeeded();
        let written = std::fs::read_to_string(kitchen.path("jar.tf")).expect("a configuration");
        assert!(
            written.contains("\"plums\"") && !written.contains("cork"),
            "{written}"
        );
        assert!(!written.contains("cook"), "{written}");
        kitchen.write(&import);
        kitchen.apply();
        kitchen.plans_nothing();
    });
}

#[test]
fn a_module_says_who_cooks() {
    on_every_cli_that(Cli::has_provider_meta, |cli| {
        let kitchen = Kitchen::new(cli);
        let meta = "terraform {\n  provider_meta \"kitchen\" {\n    cook = \"anna\"\n  }\n}\n";
        kitchen.write(&(plums("plums") + meta));
        kitchen.apply();
        assert_eq!(kitchen.attributes_of(ADDRESS)["cook"], "anna");
    });
}

#[test]
fn a_tainted_jar_is_made_anew_and_so_is_one_that_is_to_be_replaced() {
    on_every_cli(|cli| {
        let kitchen = Kitchen::new(cli);
        kitchen.write(&plums("plums"));
        kitchen.apply();
        kitchen.run(&["taint", ADDRESS]).succeeded();
        assert_eq!(kitchen.planned_actions_of(ADDRESS), ["delete", "create"]);
        kitchen.apply();
        assert!(!kitchen.is_tainted());
        kitchen
            .run(&[
                "apply",
                "-no-color",
                "-input=false",
                "-auto-approve",
                &format!("-replace={ADDRESS}"),
            ])
            .succeeded();
        assert!(kitchen.kept("jar", "plums").is_some());
        kitchen.plans_nothing();
    });
}
