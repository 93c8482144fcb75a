//! What a model cannot carry and the user must not notice: digits beyond those of a float, types of nulls in dynamic places.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use terraform_plugin::{
    Attr, Catalog, ConfigureCx, Cx, DataSource, Diagnostics, EphemeralResource, Function, FunctionError,
    Number, Opened, Outcome, Parameter, Plan, Provider, Renewed, Resource, Schema, Signature, State, Type,
    Value, config, path,
    schema::{Block, dynamic, float32, float64, number, string},
    testing::{Host, Instance, Stored},
};

struct Carrier;

#[derive(Serialize, Deserialize)]
struct Nothing {}

impl Provider for Carrier {
    const NAME: &'static str = "carrier";
    const ADDRESS: &'static str = "registry.terraform.io/example/carrier";
    const VERSION: &'static str = "0.1.0";
    type Config = Nothing;
    type Client = ();

    async fn configure(&self, _: &ConfigureCx, _: Nothing) -> Result<(), Diagnostics> {
        Ok(())
    }

    fn catalog(catalog: &mut Catalog<()>) {
        catalog.resource(Gauge);
        catalog.data_source(Gauge);
        catalog.ephemeral_resource(Gauge);
        catalog.function(Same);
    }
}

struct Gauge;

#[derive(Clone, Serialize, Deserialize)]
struct Model {
    ratio: Attr<f64>,
    small: Attr<f32>,
    big: Attr<f64>,
    kept: Attr<f64>,
    any: Attr<Value>,
    loose: Attr<BTreeMap<String, Attr<Vec<f64>>>>,
    step: Attr<Vec<Step>>,
    part: Attr<Vec<Part>>,
    id: Attr<String>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Step {
    ratio: Attr<f64>,
    note: Attr<String>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Part {
    any: Attr<Value>,
}

impl Model {
    fn made(self) -> Self {
        let kept = match self.kept {
            Attr::Unknown => Attr::Null,
            kept => kept,
        };
        Self {
            id: "g".into(),
            kept,
            ..self
        }
    }
}

fn schema() -> Schema {
    Schema::new(0)
        .attr("ratio", float64().optional())
        .attr("small", float32().optional())
        .attr("big", number().optional())
        .attr("kept", number().optional().computed())
        .attr("any", dynamic().optional())
        .attr("loose", dynamic().optional())
        .attr("id", string().computed())
        .block(
            "step",
            Block::set()
                .attr("ratio", float64().optional())
                .attr("note", string().optional()),
        )
        .block("part", Block::list().attr("any", dynamic().optional()))
}

impl Resource for Gauge {
    const NAME: &'static str = "carrier_gauge";
    type Client = ();
    type Model = Model;
    type Identity = ();

    fn schema() -> Schema {
        schema()
    }

    async fn plan(&self, _: &Cx<()>, plan: &mut Plan<Model>) -> Outcome {
        if plan.is_destroy() {
            return Ok(());
        }
        let mut model = plan.planned().clone();
        if let (Some(prior), true) = (plan.prior(), model.kept.is_unknown()) {
            model.kept = prior.kept;
        }
        plan.set(model);
        Ok(())
    }

    async fn read(&self, _: &Cx<()>, state: &State<Model>) -> Outcome {
        match state.get() {
            Some(model) => state.set(&model),
            None => Ok(()),
        }
    }

    async fn create(&self, _: &Cx<()>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        state.set(&plan.planned().clone().made())
    }

    async fn update(&self, _: &Cx<()>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        state.set(&plan.planned().clone().made())
    }

    async fn delete(&self, _: &Cx<()>, _: &Plan<Model>, _: &State<Model>) -> Outcome {
        Ok(())
    }
}

impl DataSource for Gauge {
    const NAME: &'static str = "carrier_gauge";
    type Client = ();
    type Model = Model;

    fn schema() -> Schema {
        schema()
    }

    async fn read(&self, _: &Cx<()>, config: Model) -> Result<Model, Diagnostics> {
        Ok(config.made())
    }
}

impl EphemeralResource for Gauge {
    const NAME: &'static str = "carrier_gauge";
    type Client = ();
    type Model = Model;
    type Private = ();

    fn schema() -> Schema {
        schema()
    }

    async fn open(&self, _: &Cx<()>, config: Model) -> Result<Opened<Model, ()>, Diagnostics> {
        Ok(Opened::new(config.made(), ()))
    }

    async fn renew(&self, _: &Cx<()>, (): ()) -> Result<Renewed<()>, Diagnostics> {
        Ok(Renewed::new(()))
    }

    async fn close(&self, _: &Cx<()>, (): ()) -> Outcome {
        Ok(())
    }
}

struct Same;

impl Function for Same {
    const NAME: &'static str = "same";
    type Arguments = (Vec<f64>,);
    type Result = Vec<f64>;

    fn signature() -> Signature {
        Signature::new(Type::list(Type::Number)).variadic("numbers", Parameter::new(float64()))
    }

    async fn call(&self, (numbers,): (Vec<f64>,)) -> Result<Vec<f64>, FunctionError> {
        Ok(numbers.into_iter().chain([0.5]).collect())
    }
}

fn digits(text: &str) -> Value {
    Value::Number(text.parse::<Number>().expect("a number"))
}

/// 1 / 3 as HCL computes it.
fn third() -> Value {
    digits(&format!("0.{}5", "3".repeat(154)))
}

/// log(10, 2) as HCL computes it: exactly a float.
fn log() -> Value {
    digits("3.321928094887362625798709791340865194797515869140625")
}

fn null(ty: Type) -> Value {
    Value::Dynamic(Box::new(ty), Box::new(Value::Null))
}

/// A map whose elements are of one type, null or not.
fn loose() -> Value {
    let ty = Type::map(Type::list(Type::Number));
    let value = Value::map([("a", Value::Null), ("b", Value::List(vec![third()]))]);
    Value::Dynamic(Box::new(ty), Box::new(value))
}

fn long(any: Value) -> Value {
    config! {
        ratio = third(), small = third(), big = log(), kept = third(), any = any, loose = loose(),
        step = [{ ratio = third() }, { ratio = log() }],
        part = [{ any = null(Type::String) }, { any = loose() }, { any = null }]
    }
}

async fn host() -> Host {
    let host = Host::new(Carrier);
    assert_eq!(host.problems(), [""; 0]);
    host.configure(config! {}).await.expect("configured");
    host
}

async fn gauge() -> Instance {
    host().await.resource("carrier_gauge").expect("the type")
}

fn holds_all(found: &Value, any: &Value) {
    for (name, expected) in [
        ("ratio", &third()),
        ("small", &third()),
        ("big", &log()),
        ("kept", &third()),
        ("any", any),
        ("loose", &loose()),
    ] {
        assert_eq!(found.attribute(name), Some(expected), "{name}");
    }
    let part = |any: Value| Value::object([("any", any)]);
    let parts = [null(Type::String), loose(), Value::Null].map(part);
    assert_eq!(found.attribute("part"), Some(&Value::List(parts.into())));
    let step = |ratio: Value| Value::object([("ratio", ratio), ("note", Value::Null)]);
    assert_eq!(
        found.attribute("step"),
        Some(&Value::set([step(third()), step(log())]))
    );
}

#[tokio::test]
async fn what_a_model_cannot_carry_comes_back_in_plans_and_states() {
    for any in [
        null(Type::String),
        Value::Dynamic(Box::new(Type::Number), Box::new(third())),
    ] {
        let mut gauge = gauge().await;
        gauge.apply(long(any.clone())).await.expect("created");
        holds_all(gauge.state().expect("a state"), &any);
        gauge.refresh().await.expect("read");
        holds_all(gauge.state().expect("a state"), &any);
        assert!(gauge.plan(long(any.clone())).await.expect("planned").is_no_op());
        // In an update, too, also where the prior value of what is not known is planned.
        let Value::Object(mut changed) = long(any.clone()) else {
            panic!("an object")
        };
        changed.insert("kept".to_owned(), Value::Null);
        changed.insert(
            "ratio".to_owned(),
            0.25.try_into().map(Value::Number).expect("a number"),
        );
        let plan = gauge.apply(Value::Object(changed)).await.expect("updated");
        assert_eq!(plan.get(&path!("kept")), Some(&third()));
        assert_eq!(gauge.get(&path!("kept")), Some(&third()));
        assert_eq!(gauge.get(&path!("ratio")), Some(&digits("0.25")));
    }
}

#[tokio::test]
async fn what_is_looked_up_or_opened_holds_what_is_configured() {
    let any = null(Type::String);
    let host = host().await;
    let data_source = host.data_source("carrier_gauge").expect("the type");
    holds_all(&data_source.read(long(any.clone())).await.expect("read"), &any);
    let ephemeral = host.ephemeral_resource("carrier_gauge").expect("the type");
    holds_all(
        ephemeral.open(long(any.clone())).await.expect("opened").result(),
        &any,
    );
}

#[tokio::test]
async fn a_function_gives_back_the_digits_of_its_arguments() {
    let found = host()
        .await
        .call("same", vec![third(), log(), digits("0.1")])
        .await
        .expect("called");
    assert_eq!(
        found,
        Value::List(vec![third(), log(), digits("0.1"), digits("0.5")])
    );
}

#[tokio::test]
async fn a_float_that_was_stored_with_other_digits_is_no_change() {
    // What core makes of log(10, 2), and terraform-plugin-framework of 1 / 3.
    let stored = |third: &str| {
        let file = format!(
            r#"{{"resources":[{{"mode":"managed","type":"carrier_gauge","name":"g",
                "provider":"provider[\"registry.terraform.io/example/carrier\"]",
                "instances":[{{"schema_version":0,"attributes":
                    {{"ratio":{third},"small":3.3219280948873626,"id":"g","step":[{{"ratio":3.3219280948873626}}]}}
                }}]}}]}}"#
        );
        Stored::in_state_file(&file, "carrier_gauge.g").expect("a state")
    };
    for text in ["0.3333333333333333", "0.33333333333333333333333333333335"] {
        let mut gauge = gauge().await;
        gauge.restore(&stored(text)).await.expect("restored");
        let config = || config! { ratio = third(), small = log(), step = [{ ratio = log() }] };
        assert!(gauge.plan(config()).await.expect("planned").is_no_op(), "{text}");
        gauge.refresh().await.expect("read");
        assert!(gauge.plan(config()).await.expect("planned").is_no_op(), "{text}");
        gauge.destroy().await.expect("destroyed");
    }
}

#[tokio::test]
async fn what_is_not_known_yet_keeps_its_type_in_a_plan() {
    let unknown = || Value::Dynamic(Box::new(Type::String), Box::new(Value::UNKNOWN));
    let config = config! { any = unknown(), part = [{ any = unknown() }] };
    let plan = gauge().await.plan(config).await.expect("planned");
    for path in [path!("any"), path!("part", 0, "any")] {
        assert_eq!(plan.get(&path), Some(&unknown()), "{path}");
    }
}
