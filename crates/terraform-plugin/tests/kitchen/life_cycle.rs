//! A managed resource from its creation to its end.

use cli_harness::on_every_cli;
use serde_json::json;

use crate::kitchen::Kitchen;

const ADDRESS: &str = "kitchen_dish.soup";

fn soup(name: &str, servings: u32, more: &str) -> String {
    format!(
        "resource \"kitchen_dish\" \"soup\" {{\n  name = {name:?}\n  servings = {servings}\n  {more}\n}}\n"
    )
}

#[test]
fn a_dish_is_made_changed_replaced_and_removed_and_no_second_plan_has_anything_to_do() {
    on_every_cli(|cli| {
        let kitchen = Kitchen::new(cli);
        kitchen.write(&soup("leek", 4, "ingredients = { leek = { grams = 300 } }"));
        kitchen.apply();
        let attributes = kitchen.attributes_of(ADDRESS);
        assert_eq!(attributes["calories"], 1000);
        assert_eq!(attributes["ingredients"]["leek"]["lot"], "dish/leek/leek");
        kitchen.plans_nothing();

        kitchen.write(&soup("leek", 2, "oven {\n    degrees = 200\n  }"));
        assert_eq!(kitchen.planned_actions_of(ADDRESS), ["update"]);
        kitchen.apply();
        assert_eq!(kitchen.attributes_of(ADDRESS)["oven"], json!({"degrees": 200}));
        kitchen.plans_nothing();

        kitchen.write(&soup("pea", 2, ""));
        assert_eq!(kitchen.planned_actions_of(ADDRESS), ["delete", "create"]);
        kitchen.apply();
        assert!(kitchen.kept("dish", "leek").is_none());
        kitchen.plans_nothing();

        kitchen.destroy();
        assert!(kitchen.kept("dish", "pea").is_none());
    });
}

#[test]
fn a_dish_that_is_gone_is_made_again() {
    on_every_cli(|cli| {
        let kitchen = Kitchen::new(cli);
        kitchen.write(&soup("leek", 4, ""));
        kitchen.apply();
        kitchen.throw_away("dish", "leek");
        assert_eq!(kitchen.planned_actions_of(ADDRESS), ["create"]);
        kitchen.apply();
        kitchen.plans_nothing();
    });
}

#[test]
fn a_dish_is_imported_by_its_id() {
    on_every_cli(|cli| {
        let kitchen = Kitchen::new(cli);
        kitchen.write(&soup("leek", 4, ""));
        kitchen.apply();
        kitchen.run(&["state", "rm", ADDRESS]).succeeded();
        kitchen
            .run(&["import", "-no-color", "-input=false", ADDRESS, "dish/leek"])
            .succeeded();
        kitchen.plans_nothing();
    });
}

#[test]
fn a_write_only_recipe_arrives_and_is_kept_nowhere() {
    on_every_cli(|cli| {
        let kitchen = Kitchen::new(cli);
        kitchen.write(&soup(
            "leek",
            4,
            "recipe_wo = \"grandmother's\"\n  recipe_wo_version = 1",
        ));
        kitchen.apply();
        assert_eq!(
            kitchen.kept("dish", "leek").expect("the dish")["recipe_length"],
            13
        );
        assert!(!kitchen.stored_state().to_string().contains("grandmother"));
        kitchen.plans_nothing();
    });
}

#[test]
fn bad_input_is_refused_with_its_attribute() {
    on_every_cli(|cli| {
        let kitchen = Kitchen::new(cli);
        kitchen.write(&soup("Leek", 0, ""));
        let refused = kitchen.run(&["validate", "-no-color"]).failed();
        refused.says(&["lower-case letters", "at least 1", "on main.tf line"]);
    });
}
