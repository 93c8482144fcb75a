//! `kitchen_jar`: a managed resource with an identity, moves, upgrades and a word to its module's cook.

use serde::{Deserialize, Serialize};
use terraform_plugin::{
    Attr, Cx, Diagnostics, IdentitySchema, Moves, Outcome, Plan, Resource, Schema, State, Type, Upgrades,
    schema::string,
};

use crate::store::Store;

/// The resource type.
pub struct Jar;

/// A jar as configuration, plan and state.
#[derive(Clone, Serialize, Deserialize)]
pub struct Model {
    name: Attr<String>,
    content: Attr<String>,
    lid: Attr<String>,
    cook: Attr<String>,
}

/// What the provider_meta block of a module says.
#[derive(Serialize, Deserialize)]
struct Meta {
    cook: Attr<String>,
}

#[derive(Serialize, Deserialize)]
pub struct JarIdentity {
    name: Attr<String>,
    shelf: Attr<String>,
}

pub const KIND: &str = "jar";

/// The schema of `provider_meta` blocks.
pub fn meta_schema() -> Schema {
    Schema::new(0).attr("cook", string().optional())
}

impl Model {
    fn name(&self) -> &str {
        self.name.known().map_or("", String::as_str)
    }

    pub fn identity(&self) -> JarIdentity {
        JarIdentity {
            name: self.name.clone(),
            shelf: "pantry".into(),
        }
    }

    pub fn of(name: Attr<String>) -> Self {
        Self {
            name,
            content: Attr::Null,
            lid: "cork".into(),
            cook: "nobody".into(),
        }
    }
}

impl Resource for Jar {
    const NAME: &'static str = "kitchen_jar";
    type Client = Store;
    type Model = Model;
    type Identity = JarIdentity;

    fn schema() -> Schema {
        Schema::new(1)
            .describe("A jar.")
            .attr("name", string().required().replace())
            .attr("content", string().optional())
            .attr("lid", string().optional().computed())
            .attr("cook", string().computed())
    }

    fn identity() -> Option<IdentitySchema> {
        let schema = IdentitySchema::new(0)
            .required_for_import("name", Type::String, "What it says on the jar.")
            .optional_for_import(
                "shelf",
                Type::String,
                "Where it stands; in the pantry where left out.",
            );
        Some(schema)
    }

    async fn plan(&self, cx: &Cx<Store>, plan: &mut Plan<Model>) -> Outcome {
        if plan.is_destroy() {
            return Ok(());
        }
        let mut planned = plan.planned().clone();
        let prior = plan.prior();
        if plan.config().lid.is_null() {
            planned.lid = prior.map_or_else(|| "cork".into(), |prior| prior.lid.clone());
        }
        planned.cook = match (prior, cx.provider_meta::<Meta>()?) {
            (Some(prior), _) => prior.cook.clone(),
            (None, Some(meta)) => meta.cook.or("nobody".into()),
            (None, None) => "nobody".into(),
        };
        plan.set(planned);
        Ok(())
    }

    async fn read(&self, cx: &Cx<Store>, state: &State<Model>) -> Outcome {
        let Some(model) = state.get() else {
            return Ok(());
        };
        let Some(kept) = cx.client().get::<Model>(KIND, model.name())? else {
            state.remove();
            return Ok(());
        };
        state.set_identity(&kept.identity())?;
        state.set(&kept)
    }

    async fn create(&self, cx: &Cx<Store>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        let model = plan.planned();
        cx.client().put(KIND, model.name(), model)?;
        state.set_identity(&model.identity())?;
        state.set(model)
    }

    async fn update(&self, cx: &Cx<Store>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        self.create(cx, plan, state).await
    }

    async fn delete(&self, cx: &Cx<Store>, plan: &Plan<Model>, _: &State<Model>) -> Outcome {
        cx.client().remove(KIND, plan.planned().name())
    }

    async fn import(&self, _: &Cx<Store>, id: &str, state: &State<Model>) -> Outcome {
        state.pass_through_id("name", id)
    }

    async fn import_identity(&self, _: &Cx<Store>, identity: &JarIdentity, state: &State<Model>) -> Outcome {
        state.pass_through_id("name", &identity.name.clone().unwrap_or_default())
    }

    fn upgrades() -> Upgrades<Model> {
        #[derive(Serialize, Deserialize)]
        struct Labelled {
            label: Attr<String>,
        }
        Upgrades::new().from(
            Schema::new(0).attr("label", string().required()),
            |old: Labelled| Ok(Model::of(old.label)),
        )
    }

    fn moves() -> Moves<Model> {
        #[derive(Serialize, Deserialize)]
        struct Dish {
            name: Attr<String>,
        }
        let dish = Schema::new(0).attr("name", string().required());
        Moves::new()
            .from("example/kitchen", "kitchen_dish", dish, |_, old: Dish, state| {
                state.set(&Model::of(old.name))
            })
            .from_json(
                "terraform.io/builtin/terraform",
                "terraform_data",
                |source, state| {
                    // A value of any type is stored beside its type.
                    let input = source.json()?["input"]["value"].as_str().map(str::to_owned);
                    state.set(&Model::of(input.into()))
                },
            )
    }

    fn generate_config(&self, _: &Model, mut config: Model) -> Result<Model, Diagnostics> {
        // A cork is what every jar has.
        if config.lid == Attr::from("cork") {
            config.lid = Attr::Null;
        }
        Ok(config)
    }
}
