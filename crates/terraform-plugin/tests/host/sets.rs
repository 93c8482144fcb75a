//! Elements of sets that are hard to tell apart: by defaults that make them the same, and by what they came from.

use std::sync::atomic::{AtomicU32, Ordering};

use serde::{Deserialize, Serialize};
use terraform_plugin::{
    Attr, Catalog, ConfigureCx, Cx, Diagnostics, Outcome, Plan, Provider, Resource, Schema, State, Value,
    config, path,
    schema::{Attribute, Block, number, set_nested, string},
    testing::{Host, Instance},
};

/// Makes ids, each once.
#[derive(Default)]
struct Bags(AtomicU32);

#[derive(Serialize, Deserialize)]
struct NoConfig {}

impl Provider for Bags {
    const NAME: &'static str = "bags";
    const ADDRESS: &'static str = "registry.terraform.io/example/bags";
    const VERSION: &'static str = "0.1.0";
    type Config = NoConfig;
    type Client = AtomicU32;

    async fn configure(&self, _: &ConfigureCx, _: NoConfig) -> Result<AtomicU32, Diagnostics> {
        Ok(AtomicU32::new(self.0.load(Ordering::Relaxed)))
    }

    fn catalog(catalog: &mut Catalog<AtomicU32>) {
        catalog.resource(Bag);
    }
}

struct Bag;

#[derive(Clone, Serialize, Deserialize)]
struct Model {
    /// Wholly configured.
    plain: Attr<Vec<Plain>>,
    plain_block: Attr<Vec<Plain>>,
    /// With a zone that the provider may decide.
    zoned: Attr<Vec<Zoned>>,
    /// With an id, too.
    kept: Attr<Vec<Kept>>,
    kept_block: Attr<Vec<Kept>>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Plain {
    x: Attr<String>,
    size: Attr<u32>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Zoned {
    x: Attr<String>,
    zone: Attr<String>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Kept {
    x: Attr<String>,
    zone: Attr<String>,
    id: Attr<String>,
}

fn plain() -> [(&'static str, Attribute); 2] {
    [
        ("x", string().required()),
        ("size", number().optional().computed().default(10_i64)),
    ]
}

fn zoned() -> [(&'static str, Attribute); 2] {
    [
        ("x", string().required()),
        ("zone", string().optional().computed().keep_prior()),
    ]
}

fn kept() -> [(&'static str, Attribute); 3] {
    let [x, zone] = zoned();
    [x, zone, ("id", string().computed().keep_prior())]
}

fn block<const N: usize>(attributes: [(&'static str, Attribute); N]) -> Block {
    attributes
        .into_iter()
        .fold(Block::set(), |block, (name, attribute)| {
            block.attr(name, attribute)
        })
}

impl Bag {
    fn made(cx: &Cx<AtomicU32>, plan: &Plan<Model>) -> Model {
        let made = |what: &str, attribute: &mut Attr<String>| {
            if attribute.is_unknown() {
                *attribute = format!("{what}-{}", cx.client().fetch_add(1, Ordering::Relaxed)).into();
            }
        };
        let mut model = plan.planned().clone();
        if let Attr::Known(zoned) = &mut model.zoned {
            zoned.iter_mut().for_each(|zoned| made("zone", &mut zoned.zone));
        }
        for kept in [&mut model.kept, &mut model.kept_block] {
            if let Attr::Known(kept) = kept {
                kept.iter_mut().for_each(|kept| {
                    made("zone", &mut kept.zone);
                    made("id", &mut kept.id);
                });
            }
        }
        model
    }
}

impl Resource for Bag {
    const NAME: &'static str = "bags_bag";
    type Client = AtomicU32;
    type Model = Model;
    type Identity = ();

    fn schema() -> Schema {
        Schema::new(0)
            .attr("plain", set_nested(plain()).optional())
            .attr("zoned", set_nested(zoned()).optional())
            .attr("kept", set_nested(kept()).optional())
            .block("plain_block", block(plain()))
            .block("kept_block", block(kept()))
    }

    async fn read(&self, _: &Cx<AtomicU32>, _: &State<Model>) -> Outcome {
        Ok(())
    }

    async fn create(&self, cx: &Cx<AtomicU32>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        state.set(&Self::made(cx, plan))
    }

    async fn update(&self, cx: &Cx<AtomicU32>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        state.set(&Self::made(cx, plan))
    }

    async fn delete(&self, _: &Cx<AtomicU32>, _: &Plan<Model>, _: &State<Model>) -> Outcome {
        Ok(())
    }
}

async fn bag() -> Instance {
    let host = Host::new(Bags::default());
    host.configure(config! {}).await.expect("configured");
    host.resource("bags_bag").expect("the type")
}

fn elements<'v>(value: &'v Value, name: &str) -> Vec<&'v Value> {
    match value.attribute(name) {
        Some(Value::Set(elements)) => elements.iter().collect(),
        other => panic!("{name}: {other:?}"),
    }
}

fn texts(state: &Value, name: &str, of: &str) -> Vec<String> {
    let elements = elements(state, name).into_iter();
    let texts = elements.map(|element| element.attribute(of).and_then(Value::as_str));
    let mut texts: Vec<String> = texts.map(|text| text.expect("a text").to_owned()).collect();
    texts.sort();
    texts
}

/// The id of the only element in that zone.
fn id_in(state: &Value, name: &str, zone: &str) -> String {
    let in_zone = |element: &&Value| element.attribute("zone") == Some(&zone.into());
    let found: Vec<&Value> = elements(state, name).into_iter().filter(in_zone).collect();
    assert_eq!(found.len(), 1, "{state:?}");
    let id = found[0].attribute("id").and_then(Value::as_str);
    id.expect("an id").to_owned()
}

/// Applies it, after which there is nothing left to do.
async fn applied(bag: &mut Instance, config: Value) -> Value {
    bag.apply(config.clone()).await.expect("applied");
    assert!(bag.plan(config).await.expect("planned").is_no_op());
    bag.state().expect("a state").clone()
}

#[tokio::test]
async fn the_schema_is_sound() {
    assert_eq!(Host::new(Bags::default()).problems(), [""; 0]);
}

#[tokio::test]
async fn a_user_is_told_of_elements_that_a_default_makes_the_same() {
    let mut bag = bag().await;
    let found = bag
        .plan(config! { plain = [{ x = "a" }, { x = "a", size = 10_i64 }] })
        .await
        .expect_err("refused");
    let first = found.iter().next().expect("an error");
    assert_eq!(first.path, path!("plain"));
    assert!(first.detail.contains("leaves to the default"), "{found}");
    assert!(!found.to_string().contains("Bug in the provider"), "{found}");

    let state = applied(
        &mut bag,
        config! { plain = [{ x = "a" }, { x = "a", size = 11_i64 }] },
    );
    assert_eq!(elements(&state.await, "plain").len(), 2);
}

#[tokio::test]
async fn elements_of_which_something_is_open_are_no_twins_by_their_defaults() {
    let bag = bag().await;
    let config = config! { plain = [{ x = "a" }, { x = unknown, size = 10_i64 }] };
    let planned = bag.plan(config).await.expect("planned");
    assert_eq!(elements(planned.planned(), "plain").len(), 2);
}

#[tokio::test]
async fn blocks_that_a_default_makes_the_same_are_one_as_repeated_blocks_are() {
    let mut bag = bag().await;
    let config = config! { plain_block = [{ x = "a" }, { x = "a", size = 10_i64 }, { x = "b" }] };
    let state = applied(&mut bag, config).await;
    assert_eq!(texts(&state, "plain_block", "x"), ["a", "b"]);
}

#[tokio::test]
async fn an_element_is_not_lost_that_says_what_another_one_was_given() {
    let mut bag = bag().await;
    let state = applied(&mut bag, config! { zoned = [{ x = "a" }] }).await;
    let given = texts(&state, "zoned", "zone").remove(0);
    // Core proposes one element for both: either of them fits the prior one.
    let config = config! { zoned = [{ x = "a" }, { x = "a", zone = given.as_str() }] };
    let state = applied(&mut bag, config).await;
    let zones = texts(&state, "zoned", "zone");
    assert!(zones.len() == 2 && zones.contains(&given), "{zones:?}");
}

#[tokio::test]
async fn what_was_computed_goes_to_the_element_that_says_most_of_it() {
    for name in ["kept", "kept_block"] {
        let of = |config: Value| Value::object([(name, config.attribute("all").expect("elements").clone())]);
        for named in ["n", "s"] {
            let mut bag = bag().await;
            let both = config! { all = [{ x = "a", zone = "n" }, { x = "a", zone = "s" }] };
            let before = applied(&mut bag, of(both)).await;
            // The first of them fits both that were there.
            let config = config! { all = [{ x = "a" }, { x = "a", zone = named }] };
            assert_eq!(applied(&mut bag, of(config)).await, before, "{named}");
            // A third one is new.
            let config = config! { all = [{ x = "a" }, { x = "a", zone = named }, { x = "a", zone = "w" }] };
            let after = applied(&mut bag, of(config)).await;
            for zone in ["n", "s"] {
                assert_eq!(id_in(&after, name, zone), id_in(&before, name, zone), "{named}");
            }
            let new = id_in(&after, name, "w");
            assert!(!texts(&before, name, "id").contains(&new), "{after:?}");
        }
    }
}
