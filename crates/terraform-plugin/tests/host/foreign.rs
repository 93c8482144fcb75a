//! State that other frameworks wrote, as their state files have it: planned, refreshed, destroyed, upgraded and moved.

use serde::{Deserialize, Serialize};
use serde_json::json;
use terraform_plugin::{
    Attr, Catalog, ConfigureCx, Cx, Diagnostics, GoDuration, Moves, Outcome, Plan, Provider, Resource,
    Schema, State, Upgrades, Value, config, path,
    schema::{Block, boolean, int64, string},
    testing::{Host, Instance, Stored},
};

struct Ported;

#[derive(Serialize, Deserialize)]
struct Nothing {}

impl Provider for Ported {
    const NAME: &'static str = "ported";
    const ADDRESS: &'static str = "registry.terraform.io/example/ported";
    const VERSION: &'static str = "2.0.0";
    type Config = Nothing;
    type Client = ();

    async fn configure(&self, _: &ConfigureCx, _: Nothing) -> Result<(), Diagnostics> {
        Ok(())
    }

    fn catalog(catalog: &mut Catalog<()>) {
        catalog.resource(Disk);
    }
}

struct Disk;

#[derive(Clone, Serialize, Deserialize)]
struct Model {
    id: Attr<String>,
    name: Attr<String>,
    size: Attr<i64>,
    serial: Attr<String>,
    encrypted: Attr<bool>,
    label: Attr<Vec<Label>>,
    timeouts: Attr<Timeouts>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Label {
    key: Attr<String>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Timeouts {
    create: Attr<GoDuration>,
}

#[derive(Serialize, Deserialize)]
struct OldDisk {
    id: Attr<String>,
    title: Attr<String>,
    size: Attr<i64>,
    label: Vec<Label>,
    usage: Usage,
}

#[derive(Serialize, Deserialize)]
struct Usage {
    hours: Attr<i64>,
}

impl OldDisk {
    fn schema(version: i64) -> Schema {
        Schema::new(version)
            .attr("id", string().optional().computed())
            .attr("title", string().required())
            .attr("size", int64().optional())
            .block("label", Block::list().attr("key", string().optional()))
            .block("usage", Block::group().attr("hours", int64().optional()))
    }

    fn upgraded(self) -> Model {
        Model {
            id: self.id,
            name: self.title,
            size: self.size,
            serial: Attr::Null,
            encrypted: Attr::Null,
            // Core wants an empty list there, which the framework sees to.
            label: match self.label.is_empty() && self.usage.hours.is_null() {
                true => Attr::Null,
                false => self.label.into(),
            },
            timeouts: Attr::Null,
        }
    }
}

impl Resource for Disk {
    const NAME: &'static str = "ported_disk";
    type Client = ();
    type Model = Model;
    type Identity = ();

    fn schema() -> Schema {
        Schema::new(1)
            .attr("id", string().optional().computed().keep_prior())
            .attr("name", string().required().replace())
            .attr("size", int64().optional())
            .attr("serial", string().optional())
            .attr("encrypted", boolean().optional())
            .block("label", Block::list().attr("key", string().required()))
            .block("timeouts", Block::timeouts(["create"]))
    }

    async fn read(&self, _: &Cx<()>, _: &State<Model>) -> Outcome {
        Ok(())
    }

    async fn create(&self, _: &Cx<()>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        state.set(&Model {
            id: "d-1".into(),
            ..plan.planned().clone()
        })
    }

    async fn update(&self, _: &Cx<()>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        state.set_private("updated", json!(true));
        state.set(plan.planned())
    }

    async fn delete(&self, _: &Cx<()>, _: &Plan<Model>, _: &State<Model>) -> Outcome {
        Ok(())
    }

    fn upgrades() -> Upgrades<Model> {
        Upgrades::new().from(OldDisk::schema(0), |old: OldDisk| Ok(old.upgraded()))
    }

    fn moves() -> Moves<Model> {
        Moves::new().from(
            "example/other",
            "other_disk",
            OldDisk::schema(0),
            |source, old: OldDisk, state| {
                assert_eq!(source.private_bytes(), b"null");
                assert_eq!(source.private("any"), None);
                state.set(&old.upgraded())
            },
        )
    }
}

async fn disk() -> Instance {
    let host = Host::new(Ported);
    assert_eq!(host.problems(), [""; 0]);
    host.configure(config! {}).await.expect("configured");
    host.resource("ported_disk").expect("the type")
}

const ADDRESS: &str = "registry.terraform.io/example/ported";

/// What SDKv2 and terraform-plugin-framework keep beside a state.
fn privates() -> [&'static [u8]; 6] {
    [
        b"",
        // SDKv2, at schema version 0 and without timeouts.
        b"null",
        br#"{"schema_version":"1"}"#,
        br#"{"e2bfb730-ecaa-11e6-8f88-34363bc7c4c0":{"create":1800000000000},"schema_version":"1"}"#,
        // terraform-plugin-framework: base64 by key.
        br#"{".frameworkKey":"eyJhIjoxfQ==","provider":"bnVsbA=="}"#,
        // Any bytes are allowed.
        b"\x80\x04gob",
    ]
}

fn today(state: serde_json::Value) -> Stored {
    Stored::new(ADDRESS, "ported_disk", 1, state)
}

#[tokio::test]
async fn private_data_of_any_form_keep_nobody_from_their_state() {
    let state = json!({
        "id": "d-1", "name": "n", "size": 5, "serial": null, "encrypted": false, "label": [], "timeouts": null,
    });
    let config = || config! { name = "n", size = 5_i64, encrypted = false };
    for private in privates() {
        let stored = today(state.clone()).with_private(private);
        let mut disk = disk().await;
        disk.restore(&stored).await.expect("upgraded");
        disk.refresh().await.expect("read");
        assert!(disk.plan(config()).await.expect("planned").is_no_op());
        disk.destroy().await.expect("destroyed");

        let mut changed = self::disk().await;
        changed.restore(&stored).await.expect("upgraded");
        let bigger = config! { name = "n", size = 6_i64, encrypted = false };
        changed.apply(bigger).await.expect("applied");
        assert_eq!(changed.private("updated"), Some(json!(true)));
    }
}

#[tokio::test]
async fn primitive_values_of_another_type_and_absent_blocks_are_read_and_change_nothing() {
    let config = || config! { name = "n", size = 5_i64, serial = "17", encrypted = true };
    let settled = config! {
        id = "d-1", name = "n", size = 5_i64, serial = "17", encrypted = true, label = [], timeouts = null
    };
    for state in [
        // Strings for numbers and bools, as SDKv2's flat maps had them.
        json!({
            "id": "d-1", "name": "n", "size": "5", "serial": "17", "encrypted": "true", "label": [], "timeouts": null,
        }),
        // A number that became a string, and one that became a bool.
        json!({ "id": "d-1", "name": "n", "size": 5, "serial": 17, "encrypted": 1, "label": [] }),
        // Blocks that the other framework did not write, or wrote as null, and what is no longer in the schema.
        json!({ "id": "d-1", "name": "n", "size": 5, "serial": "17", "encrypted": true, "gone": { "deep": [1] } }),
        json!({ "id": "d-1", "name": "n", "size": 5, "serial": "17", "encrypted": true, "label": null }),
    ] {
        let mut disk = disk().await;
        disk.restore(&today(state.clone())).await.expect("upgraded");
        assert_eq!(disk.state(), Some(&settled), "{state}");
        assert!(disk.plan(config()).await.expect("planned").is_no_op(), "{state}");
        disk.destroy().await.expect("destroyed");
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_named_with_its_place() {
    let mut disk = disk().await;
    let state = json!({ "id": "d-1", "name": "n", "size": "many", "label": [] });
    let found = disk.restore(&today(state)).await.expect_err("refused");
    let first = found.iter().next().expect("an error");
    assert_eq!(first.path, path!("size"));
    assert!(
        first.detail.contains("size: a string that is no number"),
        "{first}"
    );
    assert!(!first.to_string().contains("many"));
}

#[tokio::test]
async fn older_versions_and_other_types_come_settled() {
    // Blocks that the schema of that version got later are not there, or null.
    for blocks in [json!({}), json!({ "label": null, "usage": null })] {
        let mut state = json!({ "id": "d-1", "title": "n", "size": "5" });
        let written = blocks.as_object().cloned().into_iter().flatten();
        state.as_object_mut().expect("an object").extend(written);
        comes_settled(state).await;
    }
}

async fn comes_settled(state: serde_json::Value) {
    let settled = config! {
        id = "d-1", name = "n", size = 5_i64, serial = null, encrypted = null, label = [], timeouts = null
    };
    for private in privates() {
        let mut disk = disk().await;
        let stored = Stored::new(ADDRESS, "ported_disk", 0, state.clone()).with_private(private);
        disk.restore(&stored).await.expect("upgraded");
        assert_eq!(disk.state(), Some(&settled));
        let config = config! { name = "n", size = 5_i64 };
        assert!(disk.plan(config).await.expect("planned").is_no_op());
    }
    let mut moved = disk().await;
    let stored = Stored::new("registry.terraform.io/example/other", "other_disk", 0, state);
    moved
        .move_from(&stored.with_private("null"))
        .await
        .expect("moved");
    assert_eq!(moved.state(), Some(&settled));
}

#[tokio::test]
async fn a_resource_of_another_address_keeps_its_private_data_as_they_are() {
    let mut disk = disk().await;
    let state = json!({ "id": "d-1", "name": "n", "size": 5, "label": [] });
    let address = "registry.terraform.io/fork/ported";
    let stored = Stored::new(address, "ported_disk", 1, state).with_private(r#"{"key":"kept"}"#);
    disk.move_from(&stored).await.expect("moved");
    assert_eq!(disk.private("key"), Some(json!("kept")));
    assert_eq!(disk.get(&path!("label")), Some(&Value::List(Vec::new())));
}
