//! `kitchen_pantry`: what a schema can say: rules across attributes, defaults, plan modifiers, semantic equality,
//! dynamic values alone and in blocks, and blocks in every nesting.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use terraform_plugin::{
    Attr, Cx, Outcome, Plan, Refinement, Resource, Schema, State, Type, Value, path,
    schema::{Block, Rule, dynamic, float64, int64, list, map, object, set_nested, string, tuple},
};

use crate::store::Store;

/// The resource type.
pub struct Pantry;

/// A pantry as configuration, plan and state.
#[derive(Clone, Serialize, Deserialize)]
pub struct Model {
    name: Attr<String>,
    shelves: Attr<i64>,
    humidity: Attr<f64>,
    label: Attr<String>,
    key: Attr<String>,
    code: Attr<String>,
    note: Attr<Value>,
    size: Attr<Size>,
    place: Attr<(Attr<String>, Attr<i64>)>,
    stock: Attr<BTreeMap<String, Attr<i64>>>,
    keepers: Attr<Vec<Attr<String>>>,
    jars: Attr<Vec<Jar>>,
    id: Attr<String>,
    url: Attr<String>,
    revision: Attr<String>,
    tag: Attr<Vec<Tag>>,
    door: Attr<Door>,
    lamp: Attr<Lamp>,
    sack: Attr<BTreeMap<String, Sack>>,
    #[serde(rename = "box")]
    boxes: Attr<Vec<Sack>>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Size {
    width: Attr<i64>,
    height: Attr<i64>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Jar {
    content: Attr<String>,
    grams: Attr<i64>,
    seal: Attr<String>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Tag {
    name: Attr<String>,
    value: Attr<Value>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Door {
    colour: Attr<String>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Lamp {
    watts: Attr<i64>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Sack {
    kilograms: Attr<i64>,
}

const KIND: &str = "pantry";

impl Model {
    fn name(&self) -> &str {
        self.name.known().map_or("", String::as_str)
    }

    /// The same pantry with all that was still open.
    fn built(mut self) -> Self {
        let name = self.name().to_owned();
        let settle = |open: &mut Attr<String>, value: String| {
            if open.is_unknown() {
                *open = Attr::Known(value);
            }
        };
        settle(&mut self.id, format!("pantry/{name}"));
        settle(&mut self.url, format!("https://kitchen.example/{name}"));
        settle(
            &mut self.revision,
            format!("{name}-{}", self.shelves.unwrap_or_default()),
        );
        if let Attr::Known(jars) = &mut self.jars {
            for jar in jars {
                let content = jar.content.clone().unwrap_or_default();
                settle(&mut jar.seal, format!("{name}/{content}"));
            }
        }
        self
    }
}

impl Resource for Pantry {
    const NAME: &'static str = "kitchen_pantry";
    type Client = Store;
    type Model = Model;
    type Identity = ();

    fn schema() -> Schema {
        let jar = [
            ("content", string().required().length(1..)),
            ("grams", int64().optional()),
            ("seal", string().computed().keep_prior()),
        ];
        Schema::new(0)
            .describe("A **pantry**.")
            .attr(
                "name",
                string()
                    .required()
                    .replace()
                    .matches("^[a-z]+$", "lower-case letters"),
            )
            .attr(
                "shelves",
                int64()
                    .optional()
                    .computed()
                    .default(3_i64)
                    .between(1..=9)
                    .replace_if(|change| change.planned() < change.prior()),
            )
            .attr("humidity", float64().optional().between(0.0..=1.0))
            .attr(
                "label",
                string().optional().same_json().describe_plain("A JSON document."),
            )
            .attr("key", string().optional().conflicts_with(["code"]))
            .attr("code", string().optional().one_of_any_case(["alpha", "beta"]))
            .attr("note", dynamic().optional())
            .attr(
                "size",
                object([("width", Type::Number), ("height", Type::Number)]).optional(),
            )
            .attr("place", tuple([Type::String, Type::Number]).optional())
            .attr(
                "stock",
                map(Type::Number)
                    .optional()
                    .no_nulls()
                    .keys([Rule::length(1..=20)])
                    .each([Rule::between(0..)]),
            )
            .attr("keepers", list(Type::String).optional().unique())
            .attr("jars", set_nested(jar).optional())
            .attr("id", string().computed().keep_prior())
            .attr("url", string().computed().keep_prior())
            .attr("revision", string().computed())
            .block(
                "tag",
                Block::list()
                    .max(3)
                    .attr("name", string().required())
                    .attr("value", dynamic().optional()),
            )
            .block("door", Block::single().attr("colour", string().optional()))
            .block("lamp", Block::group().attr("watts", int64().optional()))
            .block("sack", Block::map().attr("kilograms", int64().required()))
            .block("box", Block::set().attr("kilograms", int64().required()))
    }

    async fn plan(&self, _: &Cx<Store>, plan: &mut Plan<Model>) -> Outcome {
        if !plan.is_destroy() {
            plan.refine(
                path!("url"),
                Refinement::default().prefix("https://kitchen.example/"),
            );
        }
        Ok(())
    }

    async fn read(&self, cx: &Cx<Store>, state: &State<Model>) -> Outcome {
        let Some(mut model) = state.get() else {
            return Ok(());
        };
        match cx.client().get::<Attr<String>>(KIND, model.name())? {
            // The kitchen writes JSON in its own way.
            Some(label) => model.label = label,
            None => {
                state.remove();
                return Ok(());
            }
        }
        state.set(&model)
    }

    async fn create(&self, cx: &Cx<Store>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        let mut model = plan.planned().clone().built();
        let parsed = model.label.known().map(|text| serde_json::from_str(text));
        if let Some(Ok(json)) = parsed {
            let json: serde_json::Value = json;
            model.label = Attr::Known(format!("{json:#}"));
        }
        cx.client().put(KIND, model.name(), &model.label)?;
        state.set(&model)
    }

    async fn update(&self, cx: &Cx<Store>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        self.create(cx, plan, state).await
    }

    async fn delete(&self, cx: &Cx<Store>, plan: &Plan<Model>, _: &State<Model>) -> Outcome {
        cx.client().remove(KIND, plan.planned().name())
    }
}
