//! Data sources, ephemeral resources, functions and actions.

use cli_harness::{Cli, on_every_cli, on_every_cli_that};
use serde_json::json;

use crate::kitchen::Kitchen;

#[test]
fn a_data_source_is_read_and_its_errors_and_warnings_are_shown() {
    on_every_cli(|cli| {
        let kitchen = Kitchen::new(cli);
        let menu = |dish: &str| {
            let text = "output \"price\" {\n  value = data.kitchen_menu.it.price\n}\n";
            kitchen.write(&format!(
                "data \"kitchen_menu\" \"it\" {{\n  dish = {dish:?}\n}}\n{text}"
            ));
        };
        menu("soup");
        kitchen.apply();
        assert_eq!(kitchen.output("price"), 4);
        kitchen.plans_nothing();
        menu("fugu");
        kitchen.apply().says(&["At your own risk"]);
        menu("stone");
        kitchen.try_apply().failed().says(&["Not on the menu", "dish"]);
        menu("");
        kitchen.try_apply().failed().says(&["Invalid attribute value"]);
    });
}

#[test]
fn functions_compute_and_blame_the_right_argument() {
    on_every_cli_that(Cli::has_functions, |cli| {
        let kitchen = Kitchen::new(cli);
        let output = |value: &str| {
            kitchen.write(&format!("output \"it\" {{\n  value = {value}\n}}\n"));
        };
        output("provider::kitchen::portion(500, 100, 0.5)");
        kitchen.apply();
        assert_eq!(kitchen.output("it"), 399.5);
        kitchen.plans_nothing();
        output("provider::kitchen::portion(500, 100, 500)");
        kitchen
            .try_apply()
            .failed()
            .says(&["nothing is left for this portion"]);
        output("provider::kitchen::name_of(null)");
        kitchen.apply();
        output("provider::kitchen::name_of(\"leek\")");
        kitchen.try_apply().failed().says(&["an id begins with dish/"]);
        output("provider::kitchen::portion(-1)");
        kitchen.try_apply().failed().says(&["at least 0"]);
    });
}

#[test]
fn an_ephemeral_resource_is_opened_and_closed_and_leaves_nothing_in_state() {
    on_every_cli_that(Cli::has_ephemeral_resources, |cli| {
        let kitchen = Kitchen::new(cli);
        kitchen.write(
            "ephemeral \"kitchen_key\" \"pantry\" {\n  door = \"pantry\"\n}\n\
             resource \"kitchen_dish\" \"soup\" {\n  name = \"leek\"\n  servings = 1\n  \
             recipe_wo = ephemeral.kitchen_key.pantry.code\n  recipe_wo_version = 1\n}\n",
        );
        kitchen.apply();
        assert_eq!(kitchen.kept("key", "pantry"), Some(json!("closed")));
        let cooked = kitchen.kept("dish", "leek").expect("a dish");
        assert_eq!(cooked["recipe_length"], "code-of-pantry".len());
        assert!(!kitchen.stored_state().to_string().contains("code-of-pantry"));
    });
}

#[test]
fn an_action_is_invoked_after_a_create_and_says_how_far_it_has_come() {
    on_every_cli_that(Cli::has_actions, |cli| {
        let kitchen = Kitchen::new(cli);
        kitchen.write(
            "action \"kitchen_bell\" \"dinner\" {\n  config {\n    guest = \"ada\"\n    times = 2\n  }\n}\n\
             resource \"kitchen_dish\" \"soup\" {\n  name = \"leek\"\n  servings = 1\n  lifecycle {\n    \
             action_trigger {\n      events = [after_create]\n      actions = [action.kitchen_bell.dinner]\n    \
             }\n  }\n}\n",
        );
        kitchen
            .apply()
            .says(&["ringing for ada, 1 of 2", "ringing for ada, 2 of 2"]);
        assert_eq!(kitchen.kept("bell", "ada"), Some(json!(2)));
    });
}
