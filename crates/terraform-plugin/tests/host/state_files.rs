//! State files that providers on SDKv2 and on terraform-plugin-framework left: of schema version 0, of a later one, and
//! with timeouts. `acceptance-tests/conformance/differential/states/write` writes them anew.

use serde_json::json;
use terraform_plugin::{
    Catalog, ConfigureCx, Cx, Diagnostics, Moves, Outcome, Plan, Provider, Resource, Schema, State, Type,
    Upgrades, Value, config, path,
    schema::{Block, boolean, float64, int64, map, set, string},
    testing::{Host, Instance, Stored},
};

const FILES: [(&str, &str); 2] = [
    ("SDKv2", include_str!("state_files/sdkv2.json")),
    ("framework", include_str!("state_files/framework.json")),
];

const TYPES: [&str; 3] = ["ported_plain", "ported_versioned", "ported_timed"];

/// The provider of those files, ported.
struct Ported;

impl Provider for Ported {
    const NAME: &'static str = "ported";
    const ADDRESS: &'static str = "registry.terraform.io/example/ported";
    const VERSION: &'static str = "2.0.0";
    type Config = ();
    type Client = ();

    async fn configure(&self, _: &ConfigureCx, (): ()) -> Result<(), Diagnostics> {
        Ok(())
    }

    fn catalog(catalog: &mut Catalog<()>) {
        catalog.resource(Disk::<PLAIN>);
        catalog.resource(Disk::<TIMED>);
        catalog.resource(Disk::<VERSIONED>);
        catalog.resource(Disk::<MOVED>);
    }
}

/// A disk, by its schema version: that of its state, or the next one where there is an upgrade. Its model is the value
/// itself, since each version is a schema of its own.
struct Disk<const VERSION: i64>;

const PLAIN: i64 = 0;
const TIMED: i64 = 1;
/// Its state was written under version 2.
const VERSIONED: i64 = 3;
/// Of another type: all the others can be moved here.
const MOVED: i64 = 4;

fn schema(version: i64, timed: bool) -> Schema {
    let label = || Block::list().attr("key", string().required());
    let schema = Schema::new(version)
        .attr("id", string().optional().computed().keep_prior())
        .attr("name", string().required().replace())
        .attr("size", int64().optional())
        .attr("ratio", float64().optional())
        .attr("serial", string().optional())
        .attr("encrypted", boolean().optional())
        .attr("tags", map(Type::String).optional())
        .attr("zones", set(Type::String).optional())
        .block("label", label())
        .block("owner", label());
    if timed {
        schema.block("timeouts", Block::timeouts(["create", "delete"]))
    } else {
        schema
    }
}

impl<const VERSION: i64> Resource for Disk<VERSION> {
    const NAME: &'static str = match VERSION {
        PLAIN => "ported_plain",
        TIMED => "ported_timed",
        VERSIONED => "ported_versioned",
        _ => "ported_moved",
    };
    type Client = ();
    type Model = Value;
    type Identity = ();

    fn schema() -> Schema {
        schema(VERSION, VERSION == TIMED)
    }

    async fn read(&self, _: &Cx<()>, _: &State<Value>) -> Outcome {
        Ok(())
    }

    async fn create(&self, _: &Cx<()>, _: &Plan<Value>, _: &State<Value>) -> Outcome {
        unreachable!("all of them exist")
    }

    async fn update(&self, _: &Cx<()>, plan: &Plan<Value>, state: &State<Value>) -> Outcome {
        state.set_private("updated", json!(true));
        state.set(plan.planned())
    }

    async fn delete(&self, _: &Cx<()>, _: &Plan<Value>, _: &State<Value>) -> Outcome {
        Ok(())
    }

    fn upgrades() -> Upgrades<Value> {
        match VERSION {
            VERSIONED => Upgrades::new().from(schema(2, false), |old: Value| Ok(old)),
            _ => Upgrades::new(),
        }
    }

    fn moves() -> Moves<Value> {
        let moves = Moves::new();
        if VERSION != MOVED {
            return moves;
        }
        TYPES.into_iter().fold(moves, |moves, from| {
            let source = schema(0, false);
            moves.from("example/ported", from, source, |_, old: Value, state| {
                state.set(&old)
            })
        })
    }
}

async fn disk(name: &str) -> Instance {
    let host = Host::new(Ported);
    assert_eq!(host.problems(), [""; 0]);
    host.configure(config! {}).await.expect("configured");
    host.resource(name).expect("the type")
}

/// The configuration of those files: with all arguments, or with the name alone.
fn configuration(name: &str, full: bool, size: i64) -> Value {
    let label = |key: &str| Value::object([("key", key.into())]);
    let mut all = vec![("name", Value::from("n"))];
    if full {
        all.extend([
            ("size", size.into()),
            ("ratio", Value::Number("0.1".parse().expect("a number"))),
            ("serial", "17".into()),
            ("encrypted", true.into()),
            ("tags", Value::map([("k", "v".into())])),
            ("zones", Value::set(["a".into(), "b".into()])),
            ("label", Value::List(vec![label("first"), label("second")])),
            ("owner", Value::List(vec![label("me")])),
        ]);
    }
    if full && name == "ported_timed" {
        all.push(("timeouts", config! { create = "30m" }));
    }
    Value::object(all)
}

/// Each resource of each file.
fn stored() -> impl Iterator<Item = (String, &'static str, bool, Stored)> {
    FILES.into_iter().flat_map(|(file, text)| {
        TYPES.into_iter().flat_map(move |name| {
            [("full", true), ("bare", false)].map(|(label, full)| {
                let address = format!("{name}.{label}");
                let stored = Stored::in_state_file(text, &address).expect("in the file");
                (format!("{address} of {file}"), name, full, stored)
            })
        })
    })
}

#[tokio::test]
async fn what_stands_in_the_file_plans_nothing_and_is_read_and_destroyed() {
    for (what, name, full, stored) in stored() {
        let mut disk = disk(name).await;
        disk.restore(&stored).await.expect(&what);
        disk.refresh().await.expect(&what);
        let plan = disk.plan(configuration(name, full, 5)).await.expect(&what);
        assert!(plan.is_no_op(), "{what}: {plan:?}");
        disk.destroy().await.expect(&what);
    }
}

#[tokio::test]
async fn a_change_is_planned_and_applied_and_keeps_the_id() {
    for (what, name, full, stored) in stored().filter(|(_, _, full, _)| *full) {
        let mut disk = disk(name).await;
        disk.restore(&stored).await.expect(&what);
        let changed = || configuration(name, full, 6);
        let plan = disk.apply(changed()).await.expect(&what);
        assert!(plan.is_update(), "{what}: {plan:?}");
        assert_eq!(disk.get(&path!("id")), Some(&"d-1".into()), "{what}");
        assert_eq!(disk.private("updated"), Some(json!(true)), "{what}");
        assert!(disk.plan(changed()).await.expect(&what).is_no_op(), "{what}");
    }
}

/// SDKv2 leaves empty values where an argument was taken away: the first plan says that they go, and nothing else does.
#[tokio::test]
async fn what_an_argument_left_behind_goes_with_the_next_apply() {
    for (file, text) in FILES {
        for name in TYPES {
            let stored = Stored::in_state_file(text, &format!("{name}.emptied")).expect("in the file");
            let mut disk = disk(name).await;
            disk.restore(&stored).await.expect(name);
            let bare = || configuration(name, false, 0);
            let plan = disk.apply(bare()).await.expect(name);
            assert_eq!(plan.is_update(), file == "SDKv2", "{name} of {file}: {plan:?}");
            assert_eq!(disk.get(&path!("serial")), Some(&Value::Null), "{name} of {file}");
            assert!(
                disk.plan(bare()).await.expect(name).is_no_op(),
                "{name} of {file}"
            );
            disk.destroy().await.expect(name);
        }
    }
}

#[tokio::test]
async fn each_moves_to_another_type_and_plans_nothing_there() {
    for (what, _, full, stored) in stored() {
        let mut moved = disk("ported_moved").await;
        moved.move_from(&stored).await.expect(&what);
        moved.refresh().await.expect(&what);
        let plan = moved
            .plan(configuration("ported_moved", full, 5))
            .await
            .expect(&what);
        assert!(plan.is_no_op(), "{what}: {plan:?}");
    }
}

#[test]
fn the_files_are_those_of_both_frameworks() {
    let private = |(_, text): (&str, &str)| {
        let file: serde_json::Value = serde_json::from_str(text).expect("JSON");
        file["resources"][0]["instances"][0]["private"]
            .as_str()
            .map(str::to_owned)
    };
    // `null`, which SDKv2 writes at schema version 0, and the keys of terraform-plugin-framework.
    assert_eq!(private(FILES[0]).as_deref(), Some("bnVsbA=="));
    assert!(private(FILES[1]).is_some_and(|private| private.len() > "bnVsbA==".len()));
}
