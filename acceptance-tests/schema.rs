//! The schema as the CLI prints it: what a newcomer, an editor and the registry read.

use cli_harness::on_every_cli;
use serde_json::{Map, Value};

use crate::aws::Aws;
use crate::workspace::Workspace;

/// Every attribute below a block, with its path.
fn attributes(block: &Value, at: &str) -> Vec<(String, Value)> {
    let none = Map::new();
    let members = |value: &Value| value.as_object().unwrap_or(&none).clone();
    let mut found = Vec::new();
    for (name, attribute) in members(&block["attributes"]) {
        let path = format!("{at}.{name}");
        found.extend(attributes(&attribute["nested_type"], &path));
        found.push((path, attribute));
    }
    for (name, block) in members(&block["block_types"]) {
        found.extend(attributes(&block["block"], &format!("{at}.{name}")));
    }
    found
}

#[test]
fn each_attribute_says_what_it_is_its_default_and_whether_it_changes_in_place() {
    on_every_cli(|cli| {
        let aws = Aws::start();
        let workspace = Workspace::new(cli, &aws);
        workspace.write("");
        let printed = workspace.run(&["providers", "schema", "-json"]).succeeded();
        let schemas: Value = serde_json::from_str(&printed.stdout).expect("it prints JSON");
        let providers = schemas["provider_schemas"].as_object().expect("it has providers");
        let provider = providers
            .iter()
            .find(|(source, _)| source.ends_with("private-api/private"))
            .expect("this one is among them");
        let mut wanting = Vec::new();
        let resources = provider.1["resource_schemas"].as_object().expect("resources");
        assert_eq!(resources.len(), 3);
        for (resource, schema) in resources {
            for (path, attribute) in attributes(&schema["block"], resource) {
                let words = attribute["description"].as_str().unwrap_or_default();
                let says = |any: &[&str]| any.iter().any(|one| words.contains(one));
                let is = |flag: &str| attribute[flag] == true;
                let what = words.len() > 15 && words.ends_with('.');
                let input = is("required") || is("optional");
                let change = !input
                    || says(&["hange"])
                    // Its members say it.
                    || path.ends_with(".network");
                let default = !is("optional")
                    || says(&[
                        "Default",
                        "Exactly one",
                        "xactly one of",
                        "equired with",
                        "Needs",
                        "Conflicts",
                    ]);
                if !(what && change && default) {
                    wanting.push(format!("{path}: {words}"));
                }
            }
        }
        assert!(wanting.is_empty(), "{}", wanting.join("\n"));
    });
}
