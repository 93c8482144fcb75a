//! A provider of every shape that a schema has, without side effects: it plans and records what it is given.

use std::collections::BTreeMap;

use super::kinds::{Act, Flat, Flats, Join, Lookup, Secret};
use serde::{Deserialize, Serialize};
use terraform_plugin::{
    Attr, Catalog, ConfigureCx, Cx, Diagnostics, Outcome, Plan, Provider, Resource, Schema, State, Type,
    Value,
    schema::{
        Block, boolean, dynamic, list, list_nested, map, map_nested, number, object, set, set_nested, single,
        string, tuple,
    },
};

pub(crate) struct Fuzzed;

#[derive(Serialize, Deserialize)]
pub(crate) struct Config {
    region: Attr<String>,
}

/// A configuration that suits it.
pub(crate) fn config() -> Value {
    terraform_plugin::config! { region = "here" }
}

impl Provider for Fuzzed {
    const NAME: &'static str = "fuzz";
    const ADDRESS: &'static str = "registry.terraform.io/example/fuzz";
    const VERSION: &'static str = "0.1.0";
    type Config = Config;
    type Client = ();

    fn schema() -> Schema {
        Schema::new(0).attr("region", string().required().length(1..))
    }

    async fn configure(&self, _: &ConfigureCx, _: Config) -> Result<(), Diagnostics> {
        Ok(())
    }

    fn meta_schema() -> Option<Schema> {
        Some(Schema::new(0).attr("module", string().optional()))
    }

    fn catalog(catalog: &mut Catalog<()>) {
        catalog.resource(Shapes);
        catalog.resource(Flat);
        catalog.data_source(Lookup);
        catalog.ephemeral_resource(Secret);
        catalog.list_resource(Flats);
        catalog.action(Act);
        catalog.function(Join);
    }
}

/// `fuzz_shapes`: all kinds of attributes and blocks.
pub(crate) struct Shapes;

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Shape {
    name: Attr<String>,
    size: Attr<f64>,
    on: Attr<bool>,
    any: Attr<Value>,
    words: Attr<Vec<String>>,
    codes: Attr<Vec<i64>>,
    tags: Attr<BTreeMap<String, Attr<String>>>,
    pair: Attr<(Attr<String>, Attr<i64>)>,
    point: Attr<Point>,
    one: Attr<Inner>,
    many: Attr<Vec<Attr<Inner>>>,
    few: Attr<Vec<Attr<Inner>>>,
    named: Attr<BTreeMap<String, Attr<Inner>>>,
    secret_wo: Attr<String>,
    timeouts: Attr<Timeouts>,
    defaults: Attr<Timeouts>,
    rules: Attr<Vec<Rule>>,
    steps: Attr<Vec<Timeouts>>,
    sites: Attr<BTreeMap<String, Timeouts>>,
    id: Attr<String>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Point {
    x: Attr<f64>,
    y: Attr<f64>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Inner {
    key: Attr<String>,
    lot: Attr<String>,
    deep: Attr<Deep>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Deep {
    n: Attr<i64>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Timeouts {
    create: Attr<String>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Rule {
    port: Attr<i64>,
    timeouts: Attr<Timeouts>,
}

impl Shape {
    /// What apply makes known.
    fn made(mut self) -> Self {
        if !matches!(self.id, Attr::Known(_)) {
            self.id = Attr::Known("made".to_owned());
        }
        let lots = |inner: &mut Attr<Inner>| {
            if let Attr::Known(inner) = inner
                && matches!(inner.lot, Attr::Unknown)
            {
                inner.lot = Attr::Known("lot".to_owned());
            }
        };
        lots(&mut self.one);
        for several in [&mut self.many, &mut self.few] {
            if let Attr::Known(inner) = several {
                inner.iter_mut().for_each(lots);
            }
        }
        if let Attr::Known(inner) = &mut self.named {
            inner.values_mut().for_each(lots);
        }
        self.secret_wo = Attr::Null;
        self
    }
}

impl Resource for Shapes {
    const NAME: &'static str = "fuzz_shapes";
    type Client = ();
    type Model = Shape;
    type Identity = ();

    fn schema() -> Schema {
        let inner = || {
            [
                ("key", string().required()),
                ("lot", string().computed()),
                ("deep", single([("n", number().optional().computed())]).optional()),
            ]
        };
        let create = |block: Block| {
            block.attr(
                "create",
                string().optional().matches("^[0-9]+[smh]$", "a duration"),
            )
        };
        let rule = Block::set().attr("port", number().required().between(1..=65535));
        Schema::new(3)
            .attr("name", string().required().replace().length(1..))
            .attr("size", number().optional())
            .attr("on", boolean().optional().computed())
            .attr("any", dynamic().optional())
            .attr("words", list(Type::String).optional().length(..9))
            .attr("codes", set(Type::Number).optional())
            .attr(
                "tags",
                map(Type::String)
                    .optional()
                    .keys_match("^[a-z]*$", "lower-case letters"),
            )
            .attr("pair", tuple([Type::String, Type::Number]).optional())
            .attr(
                "point",
                object([("x", Type::Number), ("y", Type::Number)]).optional(),
            )
            .attr("one", single(inner()).optional())
            .attr("many", list_nested(inner()).optional().computed())
            .attr("few", set_nested(inner()).optional())
            .attr("named", map_nested(inner()).optional())
            .attr("secret_wo", string().optional().write_only())
            .attr("id", string().computed())
            .block("timeouts", create(Block::single()))
            .block("defaults", create(Block::group()))
            .block("rules", rule.block("timeouts", create(Block::single())))
            .block("steps", create(Block::list().max(4)))
            .block("sites", create(Block::map()))
    }

    async fn plan(&self, _: &Cx<()>, plan: &mut Plan<Shape>) -> Outcome {
        if plan.is_create() {
            plan.set_private("planned", serde_json::json!(1));
        }
        Ok(())
    }

    async fn read(&self, _: &Cx<()>, state: &State<Shape>) -> Outcome {
        match state.get() {
            Some(shape) => state.set(&shape),
            None => Ok(()),
        }
    }

    async fn create(&self, _: &Cx<()>, plan: &Plan<Shape>, state: &State<Shape>) -> Outcome {
        state.set(&plan.planned().clone().made())
    }

    async fn update(&self, cx: &Cx<()>, plan: &Plan<Shape>, state: &State<Shape>) -> Outcome {
        self.create(cx, plan, state).await
    }

    async fn delete(&self, _: &Cx<()>, _: &Plan<Shape>, _: &State<Shape>) -> Outcome {
        Ok(())
    }
}
