//! A provider whose things live in memory, and which fails on demand.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

use serde::{Deserialize, Serialize};
use terraform_plugin::{
    Attr, Catalog, ConfigureCx, Cx, Diagnostic, Diagnostics, Outcome, Plan, Provider, Resource, Schema,
    State, Type, ValidateCx, path,
    schema::{Block, list, map, map_nested, number, string},
};
use tokio::sync::Notify;

/// Where an apply goes wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Memory {
    #[default]
    Nothing,
    Start,
    Recorded,
    Panic,
    Wait,
}

#[derive(Clone, Default)]
pub struct World {
    inner: Arc<Mutex<Inner>>,
    waiting: Arc<Notify>,
}

#[derive(Default)]
struct Inner {
    things: BTreeMap<String, Thing>,
    made: u32,
    fail: Memory,
}

#[derive(Clone)]
struct Thing {
    id: String,
    size: i64,
    secret: Option<String>,
    tags: BTreeMap<String, String>,
    addressed: bool,
}

impl World {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().expect("no panic while it is held")
    }

    pub fn names(&self) -> Vec<String> {
        self.lock().things.keys().cloned().collect()
    }

    pub fn remove(&self, name: &str) {
        self.lock().things.remove(name);
    }

    pub fn resize(&self, name: &str, size: i64) {
        self.lock().things.get_mut(name).expect("the thing").size = size;
    }

    pub fn secret(&self, name: &str) -> Option<String> {
        self.lock().things.get(name)?.secret.clone()
    }

    pub fn fail_after(&self, step: Memory) {
        self.lock().fail = step;
    }

    /// Returns once an apply waits.
    pub async fn waiting(&self) {
        self.waiting.notified().await;
    }
}

pub struct MemoryProvider(World);

pub fn provider(world: &World) -> MemoryProvider {
    MemoryProvider(world.clone())
}

#[derive(Serialize, Deserialize)]
pub struct Config {
    prefix: Attr<String>,
}

pub struct Client {
    world: World,
    prefix: String,
}

impl Provider for MemoryProvider {
    const NAME: &'static str = "memory";
    const ADDRESS: &'static str = "registry.terraform.io/example/memory";
    const VERSION: &'static str = "0.1.0";
    type Config = Config;
    type Client = Client;

    fn schema() -> Schema {
        Schema::new(0).attr("prefix", string().optional())
    }

    fn validate(&self, cx: &ValidateCx, config: &Config) -> Outcome {
        cx.warn(Diagnostic::warning(
            "Volatile",
            "All is gone when the process ends.",
        ));
        if config.prefix.known().is_some_and(|prefix| prefix.contains(' ')) {
            return Err(Diagnostic::error("Unlucky prefix", "Take one without a space.")
                .at(path!("prefix"))
                .into());
        }
        Ok(())
    }

    async fn configure(&self, _: &ConfigureCx, config: Config) -> Result<Client, Diagnostics> {
        Ok(Client {
            world: self.0.clone(),
            prefix: config.prefix.unwrap_or_default(),
        })
    }

    fn catalog(catalog: &mut Catalog<Client>) {
        catalog.resource(ThingResource);
    }
}

struct ThingResource;

#[derive(Clone, Serialize, Deserialize)]
pub struct Model {
    name: Attr<String>,
    size: Attr<i64>,
    secret_wo: Attr<String>,
    secret_wo_version: Attr<String>,
    tags: Attr<BTreeMap<String, Attr<String>>>,
    parts: Attr<BTreeMap<String, Part>>,
    timeouts: Attr<Timeouts>,
    id: Attr<String>,
    address: Attr<String>,
    pending: Attr<Vec<String>>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Part {
    kind: Attr<String>,
    token: Attr<String>,
    serial: Attr<String>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Timeouts {
    create: Attr<String>,
}

/// What is known of a thing, beside what the configuration says: the one place that writes computed
/// attributes.
fn present(mut model: Model, thing: Option<&Thing>) -> Model {
    let id = thing.map_or(Attr::Unknown, |thing| Attr::Known(thing.id.clone()));
    model.address = match thing {
        Some(thing) if thing.addressed => Attr::Known(format!("{}.example", thing.id)),
        Some(_) | None => Attr::Unknown,
    };
    if let Attr::Known(parts) = &mut model.parts {
        for (key, part) in parts {
            part.serial = id.as_ref().map(|id| format!("{id}-{key}"));
        }
    }
    model.id = id;
    model.secret_wo = Attr::Null;
    model
}

impl ThingResource {
    fn save(cx: &Cx<Client>, model: &Model, secret: Option<&String>) -> Thing {
        let mut inner = cx.client().world.lock();
        let name = model.name.known().cloned().unwrap_or_default();
        let id = match inner.things.get(&name) {
            Some(thing) => thing.id.clone(),
            None => {
                inner.made += 1;
                format!("{}{}", cx.client().prefix, inner.made)
            }
        };
        let tags = model.tags.clone().unwrap_or_default();
        let thing = Thing {
            id,
            size: model.size.unwrap_or_default(),
            secret: secret.cloned(),
            tags: tags
                .into_iter()
                .map(|(key, value)| (key, value.unwrap_or_default()))
                .collect(),
            addressed: false,
        };
        inner.things.insert(name, thing.clone());
        thing
    }

    async fn apply(&self, cx: &Cx<Client>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        let fail = cx.client().world.lock().fail;
        if fail == Memory::Start {
            cx.warn(Diagnostic::warning("Slow today", "It may take a while."));
            return Err(Diagnostic::error("Refused", "Nothing was made.").into());
        }
        let mut thing = Self::save(cx, plan.planned(), plan.config().secret_wo.known());
        let mut model = present(plan.planned().clone(), Some(&thing));
        model.pending = Attr::Known(vec!["address".to_owned()]);
        state.set(&model)?;
        match fail {
            Memory::Recorded => return Err(Diagnostic::error("Half done", "It has no address yet.").into()),
            Memory::Panic => panic!("out of memory, so to say"),
            Memory::Wait => {
                cx.client().world.waiting.notify_one();
                cx.cancelled().cancelled().await;
                cx.warn(Diagnostic::warning("Interrupted", "Apply again to finish."));
                model.address = Attr::Null;
                return state.set(&model);
            }
            Memory::Nothing | Memory::Start => {}
        }
        thing.addressed = true;
        cx.client()
            .world
            .lock()
            .things
            .insert(plan.planned().name.clone().unwrap_or_default(), thing.clone());
        model = present(model, Some(&thing));
        model.pending = Attr::Known(Vec::new());
        state.set(&model)
    }
}

impl Resource for ThingResource {
    const NAME: &'static str = "memory_thing";
    type Client = Client;
    type Model = Model;
    type Identity = ();

    fn schema() -> Schema {
        let part = [
            ("kind", string().required()),
            ("token", string().optional().sensitive()),
            ("serial", string().computed()),
        ];
        Schema::new(0)
            .attr(
                "name",
                string()
                    .required()
                    .replace()
                    .matches("^[a-z]+$", "lower-case letters"),
            )
            .attr("size", number().required().between(1..))
            .attr("secret_wo", string().optional().write_only())
            .attr("secret_wo_version", string().optional())
            .attr("tags", map(Type::String).optional())
            .attr("parts", map_nested(part).optional())
            .attr("id", string().computed())
            .attr("address", string().computed())
            .attr("pending", list(Type::String).computed())
            .block("timeouts", Block::single().attr("create", string().optional()))
    }

    fn validate(&self, _: &ValidateCx, config: &Model) -> Outcome {
        if config.size.known() == Some(&13) {
            return Err(Diagnostic::error("Unlucky size", "Take another.")
                .at(path!("size"))
                .into());
        }
        Ok(())
    }

    async fn plan(&self, _: &Cx<Client>, plan: &mut Plan<Model>) -> Outcome {
        if plan.is_destroy() {
            return Ok(());
        }
        plan.set_private("planned_by", serde_json::json!("plan"));
        let mut planned = plan.planned().clone();
        if let Some(prior) = plan.prior() {
            planned.id = prior.id.clone();
            planned.address = if prior.address.is_null() {
                Attr::Unknown
            } else {
                prior.address.clone()
            };
            planned.pending = Attr::Known(Vec::new());
        }
        plan.set(planned);
        Ok(())
    }

    async fn read(&self, cx: &Cx<Client>, state: &State<Model>) -> Outcome {
        let Some(mut model) = state.get() else {
            return Ok(());
        };
        let name = model.name.clone().unwrap_or_default();
        let Some(thing) = cx.client().world.lock().things.get(&name).cloned() else {
            state.remove();
            return Ok(());
        };
        model = present(model, Some(&thing));
        model.size = Attr::Known(thing.size);
        if !thing.addressed {
            model.address = Attr::Null;
        }
        state.set(&model)
    }

    async fn create(&self, cx: &Cx<Client>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        state.set_private("applied_by", serde_json::json!("create"));
        self.apply(cx, plan, state).await
    }

    async fn update(&self, cx: &Cx<Client>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        self.apply(cx, plan, state).await
    }

    async fn delete(&self, cx: &Cx<Client>, _: &Plan<Model>, state: &State<Model>) -> Outcome {
        if let Some(model) = state.prior() {
            cx.client()
                .world
                .remove(model.name.known().map_or("", String::as_str));
        }
        Ok(())
    }

    async fn import(&self, cx: &Cx<Client>, id: &str, state: &State<Model>) -> Outcome {
        let Some(thing) = cx.client().world.lock().things.get(id).cloned() else {
            return Ok(());
        };
        let model = Model {
            name: id.into(),
            size: Attr::Known(thing.size),
            secret_wo: Attr::Null,
            secret_wo_version: Attr::Null,
            tags: if thing.tags.is_empty() {
                Attr::Null
            } else {
                Attr::Known(
                    thing
                        .tags
                        .clone()
                        .into_iter()
                        .map(|(key, value)| (key, Attr::Known(value)))
                        .collect(),
                )
            },
            parts: Attr::Null,
            timeouts: Attr::Null,
            id: Attr::Null,
            address: Attr::Null,
            pending: Attr::Known(Vec::new()),
        };
        state.set(&present(model, Some(&thing)))
    }
}
