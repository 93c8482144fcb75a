//! Code of an author's that panics when the provider starts: told as any other mistake is, with what it belongs to.

use serde::{Deserialize, Deserializer, Serialize};
use terraform_plugin::{
    Attr, Catalog, ConfigureCx, Cx, DataSource, Diagnostics, Function, FunctionError, IdentitySchema,
    Outcome, Plan, Provider, Resource, Schema, Signature, State, Upgrades, Value, config,
    schema::string,
    testing::{Host, METHODS},
};

struct Crashing;

#[derive(Serialize, Deserialize)]
struct NoConfig {}

impl Provider for Crashing {
    const NAME: &'static str = "crashing";
    const ADDRESS: &'static str = "registry.terraform.io/example/crashing";
    const VERSION: &'static str = "0.1.0";
    type Config = NoConfig;
    type Client = ();

    async fn configure(&self, _: &ConfigureCx, _: NoConfig) -> Result<(), Diagnostics> {
        Ok(())
    }

    fn catalog(catalog: &mut Catalog<()>) {
        catalog.resource(Thing::<NOWHERE>);
        catalog.resource(Thing::<SCHEMA>);
        catalog.resource(Thing::<IDENTITY>);
        catalog.resource(Thing::<DEFAULT>);
        catalog.resource(Thing::<MODEL>);
        catalog.resource(Thing::<UPGRADES>);
        catalog.resource(Thing::<SAME>);
        catalog.data_source(Lookup);
        catalog.function(Sum);
        panic!("out of resources.")
    }
}

const NAMES: [&str; 7] = [
    "crashing_nowhere",
    "crashing_schema",
    "crashing_identity",
    "crashing_default",
    "crashing_model",
    "crashing_upgrades",
    "crashing_same",
];
const NOWHERE: usize = 0;
const SCHEMA: usize = 1;
const IDENTITY: usize = 2;
const DEFAULT: usize = 3;
const MODEL: usize = 4;
const UPGRADES: usize = 5;
const SAME: usize = 6;

/// Panics in what has the name with that index.
struct Thing<const IN: usize>;

#[derive(Clone, Serialize, Deserialize)]
struct Model<const IN: usize> {
    name: Attr<Name<IN>>,
}

#[derive(Clone, Serialize)]
struct Name<const IN: usize>(String);

impl<'de, const IN: usize> Deserialize<'de> for Name<IN> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        assert!(IN != MODEL, "no name");
        String::deserialize(deserializer).map(Self)
    }
}

impl<const IN: usize> Resource for Thing<IN> {
    const NAME: &'static str = NAMES[IN];
    type Client = ();
    type Model = Model<IN>;
    type Identity = ();

    fn schema() -> Schema {
        assert!(IN != SCHEMA, "out of ideas");
        let name = string().optional().computed().default_with(|| {
            assert!(IN != DEFAULT, "out of names");
            Value::from("anybody")
        });
        match IN {
            SAME => Schema::new(0).attr("name", name.same_if(|_, _| panic!("out of meaning"))),
            _ => Schema::new(0).attr("name", name),
        }
    }

    fn identity() -> Option<IdentitySchema> {
        assert!(IN != IDENTITY, "who is it");
        None
    }

    fn upgrades() -> Upgrades<Model<IN>> {
        assert!(IN != UPGRADES, "too old");
        Upgrades::default()
    }

    async fn read(&self, _: &Cx<()>, _: &State<Model<IN>>) -> Outcome {
        Ok(())
    }

    async fn create(&self, _: &Cx<()>, plan: &Plan<Model<IN>>, state: &State<Model<IN>>) -> Outcome {
        let name = plan.planned().name.as_ref().map(|name| match IN {
            SAME => Name(name.0.to_uppercase()),
            _ => name.clone(),
        });
        state.set(&Model { name })
    }

    async fn update(&self, _: &Cx<()>, plan: &Plan<Model<IN>>, state: &State<Model<IN>>) -> Outcome {
        state.set(plan.planned())
    }

    async fn delete(&self, _: &Cx<()>, _: &Plan<Model<IN>>, _: &State<Model<IN>>) -> Outcome {
        Ok(())
    }
}

struct Lookup;

impl DataSource for Lookup {
    const NAME: &'static str = "crashing_lookup";
    type Client = ();
    type Model = NoConfig;

    fn schema() -> Schema {
        panic!("out of sight")
    }

    async fn read(&self, _: &Cx<()>, config: NoConfig) -> Result<NoConfig, Diagnostics> {
        Ok(config)
    }
}

struct Sum;

impl Function for Sum {
    const NAME: &'static str = "sum";
    type Arguments = (i64,);
    type Result = i64;

    fn signature() -> Signature {
        panic!("out of order")
    }

    async fn call(&self, (sum,): (i64,)) -> Result<i64, FunctionError> {
        Ok(sum)
    }
}

#[test]
fn what_panics_at_start_up_is_told_with_what_it_belongs_to() {
    assert_eq!(
        Host::new(Crashing).problems(),
        [
            "provider: `catalog` panicked: out of resources",
            "crashing_default: a default or a rule panicked: out of names",
            "crashing_identity: `identity` panicked: who is it",
            "crashing_model: a field of its model panicked: no name",
            "crashing_schema: `schema` panicked: out of ideas",
            "crashing_upgrades: `upgrades` or `moves` panicked: too old",
            "data source crashing_lookup: `schema` panicked: out of sight",
            "function sum: `signature` panicked: out of order",
        ]
    );
}

#[tokio::test]
async fn a_host_reads_of_a_schema_that_panicked_and_is_answered_otherwise() {
    let host = Host::new(Crashing);
    let answers = host.raw("GetProviderSchema", b"").await.expect("answered");
    let text = String::from_utf8_lossy(&answers[0]).into_owned();
    assert!(
        text.contains("crashing_schema: `schema` panicked: out of ideas. This is a bug in the provider"),
        "{text}"
    );
    for method in METHODS {
        assert!(host.raw(method, b"").await.is_ok(), "{method}");
    }
    host.configure(config! {}).await.expect("configured");
    let mut thing = host.resource(NAMES[NOWHERE]).expect("the type");
    thing.apply(config! { name = "a" }).await.expect("created");
}

#[tokio::test]
async fn what_was_made_is_recorded_though_its_comparison_panics() {
    let host = Host::new(Crashing);
    host.configure(config! {}).await.expect("configured");
    let mut thing = host.resource(NAMES[SAME]).expect("the type");
    let found = thing.apply(config! { name = "a" }).await.expect_err("refused");
    assert!(found.to_string().contains("out of meaning"), "{found}");
    let state = thing.state().expect("a state");
    assert_eq!(state.attribute("name"), Some(&"A".into()));
}

#[tokio::test]
async fn what_nobody_knows_the_schema_of_is_refused_by_its_name() {
    let host = Host::new(Crashing);
    for refused in [
        host.resource(NAMES[SCHEMA]).expect_err("refused").to_string(),
        host.resource(NAMES[IDENTITY]).expect_err("refused").to_string(),
        host.data_source("crashing_lookup")
            .expect_err("refused")
            .to_string(),
        host.call("sum", [1.into()])
            .await
            .expect_err("refused")
            .to_string(),
    ] {
        assert!(
            refused.contains("Bug in the provider") && refused.contains("panicked"),
            "{refused}"
        );
    }
}
