//! `kitchen_dish`: a managed resource with its whole life, import and a write-only recipe.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use terraform_plugin::{
    Attr, Cx, Outcome, Plan, Resource, Schema, State, Type,
    schema::{Block, boolean, list, map_nested, number, string},
};

use crate::store::Store;

/// The resource type.
pub struct Dish;

/// A dish as configuration, plan and state.
#[derive(Clone, Serialize, Deserialize)]
pub struct Model {
    name: Attr<String>,
    servings: Attr<i64>,
    vegan: Attr<bool>,
    steps: Attr<Vec<Attr<String>>>,
    ingredients: Attr<BTreeMap<String, Ingredient>>,
    recipe_wo: Attr<String>,
    recipe_wo_version: Attr<i64>,
    oven: Attr<Oven>,
    id: Attr<String>,
    calories: Attr<i64>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Ingredient {
    grams: Attr<i64>,
    lot: Attr<String>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Oven {
    degrees: Attr<i64>,
}

/// What the kitchen keeps of it.
#[derive(Serialize, Deserialize)]
struct Cooked {
    state: serde_json::Value,
    /// How long the recipe is: proof that it arrived, without keeping it.
    recipe_length: usize,
}

const KIND: &str = "dish";

impl Model {
    fn name(&self) -> &str {
        self.name.known().map_or("", String::as_str)
    }

    /// The same dish with all that follows from its inputs, as far as those are known.
    fn present(mut self) -> Self {
        self.id = self.name.as_ref().map(|name| format!("dish/{name}"));
        self.calories = self.servings.as_ref().map(|servings| servings * 250);
        if let Attr::Known(ingredients) = &mut self.ingredients {
            for (key, ingredient) in ingredients {
                ingredient.lot = self.id.as_ref().map(|id| format!("{id}/{key}"));
            }
        }
        self.recipe_wo = Attr::Null;
        self
    }
}

impl Resource for Dish {
    const NAME: &'static str = "kitchen_dish";
    type Client = Store;
    type Model = Model;
    type Identity = ();

    fn schema() -> Schema {
        let ingredient = [
            ("grams", number().required().between(1..)),
            ("lot", string().computed()),
        ];
        Schema::new(0)
            .describe("A dish.")
            .attr(
                "name",
                string()
                    .required()
                    .replace()
                    .matches("^[a-z]+$", "lower-case letters"),
            )
            .attr("servings", number().required().between(1..=100))
            .attr("vegan", boolean().optional())
            .attr("steps", list(Type::String).optional().length(1..))
            .attr("ingredients", map_nested(ingredient).optional())
            .attr("recipe_wo", string().optional().write_only())
            .attr("recipe_wo_version", number().optional())
            .block(
                "oven",
                Block::single().attr("degrees", number().required().between(50..=300)),
            )
            .attr("id", string().computed())
            .attr("calories", number().computed())
    }

    async fn plan(&self, _: &Cx<Store>, plan: &mut Plan<Model>) -> Outcome {
        if !plan.is_destroy() {
            plan.set(plan.planned().clone().present());
        }
        Ok(())
    }

    async fn read(&self, cx: &Cx<Store>, state: &State<Model>) -> Outcome {
        let Some(model) = state.get() else {
            return Ok(());
        };
        match cx.client().get::<Cooked>(KIND, model.name())? {
            Some(cooked) => state.set(&cooked.model()?),
            None => {
                state.remove();
                Ok(())
            }
        }
    }

    async fn create(&self, cx: &Cx<Store>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        let model = plan.planned().clone().present();
        let cooked = Cooked {
            state: serde_json::to_value(&model).map_err(unsuitable)?,
            recipe_length: plan.config().recipe_wo.known().map_or(0, String::len),
        };
        cx.client().put(KIND, model.name(), &cooked)?;
        state.set(&model)
    }

    async fn update(&self, cx: &Cx<Store>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        self.create(cx, plan, state).await
    }

    async fn delete(&self, cx: &Cx<Store>, plan: &Plan<Model>, _: &State<Model>) -> Outcome {
        cx.client().remove(KIND, plan.planned().name())
    }

    async fn import(&self, cx: &Cx<Store>, id: &str, state: &State<Model>) -> Outcome {
        let name = id.strip_prefix("dish/").unwrap_or(id);
        match cx.client().get::<Cooked>(KIND, name)? {
            Some(cooked) => state.set(&cooked.model()?),
            None => Ok(()),
        }
    }
}

impl Cooked {
    fn model(self) -> Result<Model, terraform_plugin::Diagnostics> {
        serde_json::from_value(self.state).map_err(unsuitable)
    }
}

fn unsuitable(err: serde_json::Error) -> terraform_plugin::Diagnostics {
    terraform_plugin::Diagnostic::error("The dish cannot be kept as JSON", err.to_string()).into()
}
