//! A provider that copies its configuration wherever it can, secrets and all: the framework takes what is write-only
//! out of every answer by the schema.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use serde::{Deserialize, Serialize};
use terraform_plugin::{
    Attr, Catalog, ConfigureCx, Cx, Diagnostics, IdentitySchema, ListResource, Listed, Moves, Outcome, Plan,
    Provider, Resource, Results, Schema, State, Type, Upgrades, Value, config, path,
    schema::{Attribute, Block, list_nested, map_nested, single, string},
    testing::{Host, Instance, Stored},
};

const SECRET: &str = "hunter2";

/// What the verbs saw, and which of them fails after it recorded.
#[derive(Clone, Default)]
struct Copycat(Arc<Mutex<Vec<String>>>);

impl Copycat {
    fn saw(&self, verb: &str, model: &Model) {
        let Model {
            top_wo, one, listed, ..
        } = model;
        let one = one.known().and_then(|one| one.secret_wo.known());
        let listed = listed.known().and_then(|all| all.first()?.secret_wo.known());
        let all = [top_wo.known(), one, listed];
        let seen = all.iter().all(|seen| seen.is_some_and(|seen| seen == SECRET));
        self.0
            .lock()
            .expect("no panic while it is held")
            .push(format!("{verb} {}", if seen { "with" } else { "without" }));
    }

    fn seen(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().expect("no panic while it is held"))
    }

    async fn thing(&self) -> (Host, Instance) {
        let host = Host::new(self.clone());
        host.configure(config! {}).await.expect("configured");
        let thing = host.resource("copycat_thing").expect("the type");
        (host, thing)
    }
}

#[derive(Serialize, Deserialize)]
struct Nothing {}

impl Provider for Copycat {
    const NAME: &'static str = "copycat";
    const ADDRESS: &'static str = "registry.terraform.io/example/copycat";
    const VERSION: &'static str = "0.1.0";
    type Config = Nothing;
    type Client = Copycat;

    async fn configure(&self, _: &ConfigureCx, _: Nothing) -> Result<Copycat, Diagnostics> {
        Ok(self.clone())
    }

    fn catalog(catalog: &mut Catalog<Copycat>) {
        catalog.resource(Thing);
        catalog.list_resource(Things);
    }
}

struct Thing;

#[derive(Clone, Serialize, Deserialize)]
struct Inner {
    name: Attr<String>,
    secret_wo: Attr<String>,
}

impl Inner {
    fn full() -> Self {
        Self {
            name: "n".into(),
            secret_wo: SECRET.into(),
        }
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Model {
    name: Attr<String>,
    top_wo: Attr<String>,
    one: Attr<Inner>,
    listed: Attr<Vec<Inner>>,
    keyed: Attr<BTreeMap<String, Inner>>,
    block: Vec<Inner>,
}

impl Model {
    fn full(name: &str) -> Self {
        Self {
            name: name.into(),
            top_wo: SECRET.into(),
            one: Attr::Known(Inner::full()),
            listed: Attr::Known(vec![Inner::full()]),
            keyed: Attr::Known(BTreeMap::from([("k".to_owned(), Inner::full())])),
            block: vec![Inner::full()],
        }
    }
}

fn inner() -> [(&'static str, Attribute); 2] {
    [
        ("name", string().optional()),
        ("secret_wo", string().optional().write_only()),
    ]
}

#[derive(Serialize, Deserialize)]
struct ThingIdentity {
    name: String,
}

impl Resource for Thing {
    const NAME: &'static str = "copycat_thing";
    type Client = Copycat;
    type Model = Model;
    type Identity = ThingIdentity;

    fn schema() -> Schema {
        let [name, secret] = inner();
        Schema::new(1)
            .attr("name", string().required())
            .attr("top_wo", string().optional().write_only())
            .attr("one", single(inner()).optional())
            .attr("listed", list_nested(inner()).optional())
            .attr("keyed", map_nested(inner()).optional())
            .block(
                "block",
                Block::list().attr(name.0, name.1).attr(secret.0, secret.1),
            )
    }

    fn identity() -> Option<IdentitySchema> {
        Some(
            IdentitySchema::new(0)
                .mutable()
                .required_for_import("name", Type::String, "Its name."),
        )
    }

    async fn plan(&self, cx: &Cx<Copycat>, plan: &mut Plan<Model>) -> Outcome {
        if !plan.is_destroy() {
            cx.client().saw("plan", plan.config());
            plan.set(plan.config().clone());
        }
        Ok(())
    }

    async fn read(&self, _: &Cx<Copycat>, state: &State<Model>) -> Outcome {
        state.set_identity(&ThingIdentity { name: "n".into() })?;
        state.set(&Model::full("n"))
    }

    async fn create(&self, cx: &Cx<Copycat>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        cx.client().saw("apply", plan.config());
        state.set_identity(&ThingIdentity { name: "n".into() })?;
        state.set(plan.config())?;
        let recorded = state.get().expect("recorded");
        assert!(recorded.top_wo.is_null() && recorded.block[0].secret_wo.is_null());
        Ok(())
    }

    async fn update(&self, cx: &Cx<Copycat>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        self.create(cx, plan, state).await
    }

    async fn delete(&self, _: &Cx<Copycat>, _: &Plan<Model>, _: &State<Model>) -> Outcome {
        Ok(())
    }

    async fn import(&self, _: &Cx<Copycat>, id: &str, state: &State<Model>) -> Outcome {
        state.set_identity(&ThingIdentity { name: id.into() })?;
        state.set(&Model::full(id))
    }

    async fn import_identity(&self, _: &Cx<Copycat>, id: &ThingIdentity, state: &State<Model>) -> Outcome {
        state.pass_through_identity(id)
    }

    fn upgrades() -> Upgrades<Model> {
        Upgrades::new().from(Schema::new(0).attr("name", string().required()), |_: ThingV0| {
            Ok(Model::full("n"))
        })
    }

    fn moves() -> Moves<Model> {
        Moves::new().from_json("example/other", "other_thing", |_, state| {
            state.set_identity(&ThingIdentity { name: "n".into() })?;
            state.set(&Model::full("n"))
        })
    }
}

#[derive(Deserialize)]
struct ThingV0 {
    #[serde(rename = "name")]
    _name: Attr<String>,
}

struct Things;

impl ListResource for Things {
    type Resource = Thing;
    type Client = Copycat;
    type Config = Nothing;

    fn schema() -> Schema {
        Schema::new(0)
    }

    async fn list(&self, _: &Cx<Copycat>, _: Nothing, results: &Results<Model>) -> Outcome {
        let listed = Listed::new("n", &ThingIdentity { name: "n".into() });
        let _ = results.push(listed.resource(Model::full("n"))).await;
        Ok(())
    }
}

/// A configuration or a state, whose every write-only attribute is this.
fn full(secret: Value) -> Value {
    let inner = || Value::object([("name", "n".into()), ("secret_wo", secret.clone())]);
    Value::object([
        ("name", "n".into()),
        ("top_wo", secret.clone()),
        ("one", inner()),
        ("listed", Value::List(vec![inner()])),
        ("keyed", Value::map([("k", inner())])),
        ("block", Value::List(vec![inner()])),
    ])
}

#[tokio::test]
async fn plan_create_and_update_see_the_values_and_answer_without_them() {
    let copycat = Copycat::default();
    let (_host, mut thing) = copycat.thing().await;
    let planned = thing.plan(full(SECRET.into())).await.expect("planned");
    assert_eq!(planned.planned(), &full(Value::Null));
    assert_eq!(copycat.seen(), ["plan with"]);
    thing.apply(full(SECRET.into())).await.expect("created");
    assert_eq!(thing.state(), Some(&full(Value::Null)));
    assert_eq!(copycat.seen().last().map(String::as_str), Some("apply with"));

    let Value::Object(mut renamed) = full(SECRET.into()) else {
        panic!("an object")
    };
    renamed.insert("name".to_owned(), "m".into());
    thing.apply(Value::Object(renamed)).await.expect("updated");
    assert_eq!(copycat.seen().last().map(String::as_str), Some("apply with"));
    assert_eq!(thing.get(&path!("top_wo")), Some(&Value::Null));
    assert_eq!(thing.get(&path!("block", 0, "secret_wo")), Some(&Value::Null));
}

#[tokio::test]
async fn refresh_and_import_answer_without_the_values() {
    let (_host, mut thing) = Copycat::default().thing().await;
    thing.import("n").await.expect("imported");
    assert_eq!(thing.state(), Some(&full(Value::Null)));
    thing.refresh().await.expect("read");
    assert_eq!(thing.state(), Some(&full(Value::Null)));
}

#[tokio::test]
async fn upgrades_and_moves_answer_without_the_values() {
    let (_host, mut thing) = Copycat::default().thing().await;
    let inner = || serde_json::json!({ "name": "n", "secret_wo": SECRET });
    let today = serde_json::json!({
        "name": "n", "top_wo": SECRET, "one": inner(), "listed": [inner()], "keyed": { "k": inner() },
        "block": [inner()],
    });
    for (provider, version, state) in [
        // What became write-only without a new schema version.
        ("copycat", 1, today),
        ("copycat", 0, serde_json::json!({ "name": "n" })),
    ] {
        let address = format!("registry.terraform.io/example/{provider}");
        let stored = Stored::new(&address, "copycat_thing", version, state)
            .with_identity(0, serde_json::json!({ "name": "n" }));
        thing.restore(&stored).await.expect("upgraded");
        assert_eq!(thing.state(), Some(&full(Value::Null)), "version {version}");
    }
    let address = "registry.terraform.io/example/other";
    let stored = Stored::new(address, "other_thing", 0, serde_json::json!({}));
    thing.move_from(&stored).await.expect("moved");
    assert_eq!(thing.state(), Some(&full(Value::Null)));
}

#[tokio::test]
async fn listed_objects_come_without_the_values() {
    let (host, _) = Copycat::default().thing().await;
    let things = host.list_resource("copycat_thing").expect("the type");
    let listed = things.list(config! {}, 10, true).await.expect("listed");
    assert_eq!(listed[0].resource, Some(full(Value::Null)));
}
