//! What schemas say, under the real CLIs.

use cli_harness::on_every_cli;
use serde_json::json;

use crate::kitchen::Kitchen;

const ADDRESS: &str = "kitchen_pantry.cold";

fn cold(more: &str) -> String {
    format!("resource \"kitchen_pantry\" \"cold\" {{\n  name = \"cold\"\n{more}\n}}\n")
}

const EVERYTHING: &str = r#"
  shelves  = 4
  humidity = 0.25
  label    = jsonencode({ b = 2, a = [1, "x"] })
  code     = "ALPHA"
  note     = { deep = [1, "two", { three = null }] }
  size     = { width = 3, height = 4 }
  place    = ["cellar", 2]
  stock    = { flour = 2, rice = 123456789 }
  keepers  = ["ann", "bob"]
  jars     = [{ content = "plums" }, { content = "pears", grams = 500 }]
  tag {
    name  = "text"
    value = "a"
  }
  tag {
    name  = "object"
    value = { x = 1, y = [true] }
  }
  tag {
    name = "nothing"
  }
  door {
    colour = "red"
  }
  sack "oats" {
    kilograms = 5
  }
  box {
    kilograms = 1
  }
  box {
    kilograms = 2
  }
"#;

#[test]
fn every_kind_of_value_and_block_comes_back_and_settles() {
    on_every_cli(|cli| {
        let kitchen = Kitchen::new(cli);
        kitchen.write(&cold(EVERYTHING));
        kitchen.apply();
        let attributes = kitchen.attributes_of(ADDRESS);
        assert_eq!(attributes["note"], json!({"deep": [1, "two", {"three": null}]}));
        assert_eq!(attributes["tag"][1]["value"], json!({"x": 1, "y": [true]}));
        assert_eq!(attributes["sack"], json!({"oats": {"kilograms": 5}}));
        assert_eq!(attributes["place"], json!(["cellar", 2]));
        assert_eq!(attributes["lamp"], json!({"watts": null}));
        kitchen.plans_nothing();
        kitchen.destroy();
    });
}

#[test]
fn a_default_is_taken_from_the_configuration_when_the_argument_goes_away() {
    on_every_cli(|cli| {
        let kitchen = Kitchen::new(cli);
        kitchen.write(&cold("  shelves = 2"));
        kitchen.apply();
        kitchen.write(&cold(""));
        assert_eq!(kitchen.planned_actions_of(ADDRESS), ["update"]);
        kitchen.apply();
        assert_eq!(kitchen.attributes_of(ADDRESS)["shelves"], 3);
        kitchen.plans_nothing();
        kitchen.write(&cold("  shelves = 1"));
        assert_eq!(kitchen.planned_actions_of(ADDRESS), ["delete", "create"]);
    });
}

#[test]
fn another_way_to_write_the_same_document_is_no_change() {
    on_every_cli(|cli| {
        let kitchen = Kitchen::new(cli);
        kitchen.write(&cold("  label = \"{\\\"a\\\":1,\\\"b\\\":2}\""));
        kitchen.apply();
        kitchen.plans_nothing();
        kitchen.write(&cold("  label = \"{ \\\"b\\\": 2, \\\"a\\\": 1.0 }\""));
        kitchen.plans_nothing();
    });
}

#[test]
fn what_never_changes_stays_known_and_what_is_promised_can_be_planned_with() {
    on_every_cli(|cli| {
        let kitchen = Kitchen::new(cli);
        // The prefix alone decides the condition, before the pantry is there.
        let output = "output \"safe\" {\n  value = startswith(kitchen_pantry.cold.url, \"https://\")\n}\n";
        kitchen.write(&format!("{}{output}", cold("  jars = [{ content = \"plums\" }]")));
        kitchen.apply();
        kitchen.write(&cold(
            "  shelves = 5\n  jars = [{ content = \"plums\" }, { content = \"pears\" }]",
        ));
        assert_eq!(kitchen.planned_actions_of(ADDRESS), ["update"]);
        kitchen.apply();
        let attributes = kitchen.attributes_of(ADDRESS);
        assert_eq!(attributes["id"], "pantry/cold");
        assert_eq!(attributes["revision"], "cold-5");
        kitchen.plans_nothing();
    });
}

#[test]
fn unknown_dynamic_blocks_are_planned_and_counted_once_they_are_known() {
    on_every_cli(|cli| {
        let kitchen = Kitchen::new(cli);
        let names = |count: u32| {
            format!(
                "resource \"terraform_data\" \"names\" {{\n  input = [for i in range({count}) : \"n${{i}}\"]\n}}\n{}",
                cold(
                    "  dynamic \"tag\" {\n    for_each = terraform_data.names.output\n    content {\n      name = \
                     tag.value\n      value = tag.key\n    }\n  }"
                )
            )
        };
        kitchen.write(&names(2));
        kitchen.apply();
        assert_eq!(kitchen.attributes_of(ADDRESS)["tag"][1]["name"], "n1");
        kitchen.plans_nothing();
        kitchen.write(&names(4));
        let refused = kitchen
            .run(&["apply", "-no-color", "-input=false", "-auto-approve"])
            .failed();
        refused.says(&["tag"]);
    });
}

#[test]
fn rules_are_told_with_their_attributes() {
    on_every_cli(|cli| {
        let kitchen = Kitchen::new(cli);
        for (arguments, says) in [
            ("  shelves = 1.5", "a whole number"),
            ("  humidity = 1.5", "at most 1"),
            ("  key = \"k\"\n  code = \"alpha\"", "Only one of"),
            ("  code = \"gamma\"", "must be one of: alpha, beta"),
            ("  stock = { flour = null }", "is null, and must not be"),
            ("  stock = { flour = -1 }", "at least 0"),
            ("  stock = { \"\" = 1 }", "is empty; the number of characters"),
            ("  keepers = [\"a\", \"a\"]", "there twice"),
        ] {
            kitchen.write(&cold(arguments));
            let refused = kitchen.run(&["validate", "-no-color"]).failed();
            refused.says(&[says, "on main.tf line"]);
        }
    });
}
