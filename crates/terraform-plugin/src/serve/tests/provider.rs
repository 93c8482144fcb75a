//! A provider for these tests: a resource, a list and an action that do what the tests need.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Action, Attr, Catalog, ConfigureCx, Cx, Diagnostics, Outcome, Plan, Progress, Provider, Resource, Schema,
    State,
    rpc::{Plugin, Service},
    schema::string,
    wire::tfplugin6::{DynamicValue, apply_resource_change, invoke_action, read_resource},
};

/// A name for [`apply`] that does not mind being told to stop.
pub(super) const STUBBORN: &str = "stubborn";

/// What the tests see of the provider's inside. A clone is another handle.
#[derive(Clone, Default)]
pub(super) struct Bare {
    /// Set once a call saw that it is to stop.
    pub told_to_stop: CancellationToken,
    /// How many calls came to their end.
    pub applied: Arc<AtomicUsize>,
    /// One permit per call that began.
    pub applying: Began,
}

#[derive(Clone)]
pub(super) struct Began(Arc<Semaphore>);

impl Default for Began {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(0)))
    }
}

impl Began {
    /// Returns when one more call has begun.
    pub(super) async fn one(&self) {
        self.0.acquire().await.expect("never closed").forget();
    }
}

impl Bare {
    pub(super) fn service(&self) -> Service {
        Service::new(Plugin::new(self.clone()), TaskTracker::new())
    }

    /// Works until it is told to stop.
    async fn work(&self, cx: &Cx<Bare>, name: &str) {
        self.applying.0.add_permits(1);
        cx.cancelled().cancelled().await;
        self.told_to_stop.cancel();
        if name == STUBBORN {
            std::future::pending().await
        }
        self.applied.fetch_add(1, Ordering::SeqCst);
    }
}

impl Provider for Bare {
    const NAME: &'static str = "bare";
    const ADDRESS: &'static str = "registry.terraform.io/example/bare";
    const VERSION: &'static str = "1.2.3";
    type Config = Empty;
    type Client = Bare;

    fn schema() -> Schema {
        Schema::new(0)
    }

    async fn configure(&self, _: &ConfigureCx, _: Empty) -> Result<Bare, Diagnostics> {
        Ok(self.clone())
    }

    fn catalog(catalog: &mut Catalog<Bare>) {
        catalog.resource(Thing);
        catalog.action(Work);
    }
}

#[derive(Serialize, Deserialize)]
pub(super) struct Empty {}

#[derive(Serialize, Deserialize)]
struct Model {
    name: Attr<String>,
}

fn schema() -> Schema {
    Schema::new(0).attr("name", string().optional())
}

struct Thing;

impl Resource for Thing {
    const NAME: &'static str = "bare_thing";
    type Client = Bare;
    type Model = Model;
    type Identity = ();

    fn schema() -> Schema {
        schema()
    }

    async fn read(&self, _: &Cx<Bare>, _: &State<Model>) -> Outcome {
        panic!("no such thing")
    }

    async fn create(&self, cx: &Cx<Bare>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        let name = plan.planned().name.known().map_or("", String::as_str);
        cx.client().work(cx, name).await;
        state.set_private("step", "recorded".into());
        state.set(plan.planned())
    }

    async fn update(&self, _: &Cx<Bare>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        state.set(plan.planned())
    }

    async fn delete(&self, _: &Cx<Bare>, _: &Plan<Model>, _: &State<Model>) -> Outcome {
        Ok(())
    }
}

struct Work;

impl Action for Work {
    const NAME: &'static str = "bare_work";
    type Client = Bare;
    type Config = Model;

    fn schema() -> Schema {
        schema()
    }

    async fn invoke(&self, cx: &Cx<Bare>, config: Model, progress: &Progress) -> Outcome {
        progress.say("begun");
        let name = config.name.known().map_or("", String::as_str);
        cx.client().work(cx, name).await;
        progress.say("recorded");
        Ok(())
    }
}

/// `{"name": name}`, in one byte of length.
fn named(name: &str) -> Option<DynamicValue> {
    let length = u8::try_from(name.len()).expect("a short name");
    let mut msgpack = b"\x81\xa4name\xd9".to_vec();
    msgpack.push(length);
    msgpack.extend_from_slice(name.as_bytes());
    Some(DynamicValue {
        msgpack,
        json: Vec::new(),
    })
}

/// A create of a thing.
pub(super) fn apply(name: &str) -> apply_resource_change::Request {
    apply_resource_change::Request {
        type_name: "bare_thing".into(),
        planned_state: named(name),
        config: named(name),
        ..Default::default()
    }
}

/// A refresh of a thing, which panics.
pub(super) fn read(name: &str) -> read_resource::Request {
    read_resource::Request {
        type_name: "bare_thing".into(),
        current_state: named(name),
        ..Default::default()
    }
}

/// An invocation of the action.
pub(super) fn invoke(name: &str) -> invoke_action::Request {
    invoke_action::Request {
        action_type: "bare_work".into(),
        config: named(name),
        ..Default::default()
    }
}
