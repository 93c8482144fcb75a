//! A provider of books on a shelf: with identity, moves, upgrades and all else that a managed resource can have. It
//! keeps a diary of what its verbs were given.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
};

use serde::{Deserialize, Serialize};
use serde_json::json;
use terraform_plugin::{
    Attr, Catalog, ConfigureCx, Cx, Deferral, Diagnostic, Diagnostics, IdentitySchema, Moves, Outcome, Plan,
    Provider, Resource, Schema, State, Type, Upgrades, config,
    schema::{list, number, string},
    testing::{Host, Instance},
};
use tokio::sync::Notify;

/// What goes wrong next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Trouble {
    #[default]
    None,
    /// The plan fails.
    Plan,
    /// The second plan of one apply names another printing.
    PlanChanges,
    /// The apply fails before it did anything.
    Refused,
    /// The apply fails after it recorded a state.
    HalfDone,
    /// The apply records a state and waits for ever.
    Hangs,
    /// The removal fails.
    Stuck,
    /// The verb puts its answer off.
    Defers,
    /// The apply wants to put itself off, which is too late.
    DefersApply,
    /// The identity is forgotten.
    Forgets,
    /// The identity changes.
    Renames,
    /// The identity is unknown although the book stays.
    PlansUnknownIdentity,
}

#[derive(Clone, Default)]
pub struct World {
    inner: Arc<Mutex<Inner>>,
    recorded: Arc<Notify>,
}

#[derive(Default)]
struct Inner {
    books: BTreeMap<String, i64>,
    diary: Vec<String>,
    trouble: Trouble,
    printings: u32,
    defer_all: bool,
}

impl World {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().expect("no panic while it is held")
    }

    pub fn books(&self) -> Vec<String> {
        self.lock().books.keys().cloned().collect()
    }

    pub fn trouble(&self, trouble: Trouble) {
        self.lock().trouble = trouble;
    }

    pub fn defer_all(&self) {
        self.lock().defer_all = true;
    }

    /// What was written since it was read last.
    pub fn diary(&self) -> Vec<String> {
        std::mem::take(&mut self.lock().diary)
    }

    fn note(&self, line: String) {
        self.lock().diary.push(line);
    }

    /// Returns once an apply recorded its state.
    pub async fn recorded(&self) {
        self.recorded.notified().await;
    }

    pub async fn host(&self) -> Host {
        self.configured(Host::new(Shelf(self.clone()))).await
    }

    pub async fn configured(&self, host: Host) -> Host {
        host.configure(config! {}).await.expect("configured");
        host
    }

    pub async fn book(&self) -> Instance {
        self.host().await.resource("shelf_book").expect("the type")
    }
}

pub struct Shelf(pub World);

#[derive(Serialize, Deserialize)]
pub struct Config {}

impl Provider for Shelf {
    const NAME: &'static str = "shelf";
    const ADDRESS: &'static str = "registry.terraform.io/example/shelf";
    const VERSION: &'static str = "0.1.0";
    type Config = Config;
    type Client = World;

    fn schema() -> Schema {
        Schema::new(0)
    }

    fn meta_schema() -> Option<Schema> {
        Some(Schema::new(0).attr("module", string().optional()))
    }

    async fn configure(&self, cx: &ConfigureCx, _: Config) -> Result<World, Diagnostics> {
        if self.0.lock().defer_all {
            cx.defer(Deferral::ProviderConfigUnknown);
        }
        Ok(self.0.clone())
    }

    fn catalog(catalog: &mut Catalog<World>) {
        catalog.resource(Book);
        catalog.resource(Note);
    }
}

/// A book: named by its title, which replaces it.
struct Book;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Model {
    title: Attr<String>,
    pages: Attr<i64>,
    binding: Attr<String>,
    printing: Attr<i64>,
    left: Attr<Vec<String>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct BookIdentity {
    title: Attr<String>,
    shelf: Attr<String>,
}

#[derive(Serialize, Deserialize)]
struct Meta {
    module: Attr<String>,
}

impl Model {
    fn title(&self) -> String {
        self.title.clone().unwrap_or_default()
    }

    fn identity(&self) -> BookIdentity {
        BookIdentity {
            title: self.title.clone(),
            shelf: "main".into(),
        }
    }

    fn stored(title: Attr<String>, pages: Attr<i64>) -> Self {
        Self {
            title,
            pages,
            binding: "paper".into(),
            printing: Attr::Known(0),
            left: Attr::Known(Vec::new()),
        }
    }
}

async fn apply(cx: &Cx<World>, plan: &Plan<Model>, state: &State<Model>, verb: &str) -> Outcome {
    let world = cx.client();
    let identity = plan.identity::<BookIdentity>()?;
    world.note(format!(
        "{verb} planned={} identity={}",
        plan.private("planned").is_some(),
        identity.is_some()
    ));
    let trouble = world.lock().trouble;
    if trouble == Trouble::Refused {
        return Err(Diagnostic::error("Refused", "Nothing was done.").into());
    }
    let mut model = plan.planned().clone();
    {
        let mut inner = world.lock();
        if model.printing.is_unknown() {
            inner.printings += 1;
            model.printing = Attr::Known(inner.printings.into());
        }
        inner.books.insert(model.title(), model.pages.unwrap_or_default());
    }
    if model.binding.is_unknown() {
        model.binding = "paper".into();
    }
    model.left = Attr::Known(Vec::new());
    state.set_private("bound", json!(true));
    match trouble {
        Trouble::HalfDone | Trouble::Hangs => {
            model.left = Attr::Known(vec!["binding".to_owned()]);
            state.set(&model)?;
            state.set_identity(&model.identity())?;
            world.recorded.notify_one();
            if trouble == Trouble::Hangs {
                std::future::pending::<()>().await;
            }
            Err(Diagnostic::error("Half done", "It is not bound.").into())
        }
        Trouble::Forgets => state.set(&model),
        Trouble::DefersApply => {
            cx.defer(Deferral::AbsentPrerequisite);
            state.set_identity(&model.identity())?;
            state.set(&model)
        }
        _ => {
            state.set_identity(&model.identity())?;
            state.set(&model)
        }
    }
}

impl Resource for Book {
    const NAME: &'static str = "shelf_book";
    type Client = World;
    type Model = Model;
    type Identity = BookIdentity;

    fn schema() -> Schema {
        Schema::new(2)
            .attr("title", string().required().replace())
            .attr("pages", number().optional())
            .attr("binding", string().optional().computed())
            .attr("printing", number().computed())
            .attr("left", list(Type::String).computed())
    }

    fn identity() -> Option<IdentitySchema> {
        Some(
            IdentitySchema::new(1)
                .required_for_import("title", Type::String, "The title.")
                .optional_for_import("shelf", Type::String, "The shelf; the main one where left out."),
        )
    }

    async fn plan(&self, cx: &Cx<World>, plan: &mut Plan<Model>) -> Outcome {
        let world = cx.client();
        let verb = match () {
            () if plan.is_destroy() => "plan destroy",
            () if plan.is_create() => "plan create",
            () => "plan update",
        };
        let meta = cx
            .provider_meta::<Meta>()?
            .and_then(|meta| meta.module.into_known());
        world.note(format!(
            "{verb} private={} identity={} first={} meta={}",
            plan.private("bound").is_some(),
            plan.identity::<BookIdentity>()?.is_some(),
            plan.planned_private("planned").is_some(),
            meta.unwrap_or_default(),
        ));
        let trouble = world.lock().trouble;
        match trouble {
            Trouble::Plan => return Err(Diagnostic::error("No plan", "Not today.").into()),
            Trouble::Defers => cx.defer(Deferral::AbsentPrerequisite),
            _ => {}
        }
        if plan.is_destroy() {
            return Ok(());
        }
        plan.set_private("planned", json!(true));
        let mut planned = plan.planned().clone();
        match plan.prior() {
            Some(prior) => {
                planned.printing = prior.printing;
                planned.left = Attr::Known(Vec::new());
                if plan.config().binding.is_null() {
                    planned.binding = prior.binding.clone();
                }
                if trouble == Trouble::Renames {
                    let mut renamed = planned.identity();
                    renamed.title = "another".into();
                    plan.set_identity(&renamed)?;
                }
                if trouble == Trouble::PlansUnknownIdentity {
                    let mut unknown = planned.identity();
                    unknown.title = Attr::Unknown;
                    plan.set_identity(&unknown)?;
                }
            }
            None => {
                let mut identity = planned.identity();
                identity.shelf = Attr::Unknown;
                plan.set_identity(&identity)?;
                if trouble == Trouble::PlanChanges {
                    let mut inner = world.lock();
                    inner.printings += 1;
                    planned.printing = Attr::Known(inner.printings.into());
                }
            }
        }
        plan.set(planned);
        Ok(())
    }

    async fn read(&self, cx: &Cx<World>, state: &State<Model>) -> Outcome {
        let world = cx.client();
        world.note("read".to_owned());
        let trouble = world.lock().trouble;
        if trouble == Trouble::Defers {
            cx.defer(Deferral::AbsentPrerequisite);
            return Ok(());
        }
        let Some(mut model) = state.get() else {
            return Ok(());
        };
        let Some(pages) = world.lock().books.get(&model.title()).copied() else {
            state.remove();
            return Ok(());
        };
        if pages != model.pages.unwrap_or_default() {
            model.pages = Attr::Known(pages);
        }
        if model.left.is_null() {
            model.left = Attr::Known(Vec::new());
        }
        if trouble != Trouble::Forgets {
            state.set_identity(&model.identity())?;
        }
        if model.binding.is_null() {
            model.binding = "paper".into();
        }
        state.set(&model)
    }

    async fn create(&self, cx: &Cx<World>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        apply(cx, plan, state, "create").await
    }

    async fn update(&self, cx: &Cx<World>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        apply(cx, plan, state, "update").await
    }

    async fn delete(&self, cx: &Cx<World>, plan: &Plan<Model>, _: &State<Model>) -> Outcome {
        let world = cx.client();
        world.note(format!("delete planned={}", plan.private("planned").is_some()));
        if world.lock().trouble == Trouble::Stuck {
            return Err(Diagnostic::error("Stuck", "The shelf holds it.").into());
        }
        world.lock().books.remove(&plan.planned().title());
        Ok(())
    }

    async fn import(&self, _: &Cx<World>, id: &str, state: &State<Model>) -> Outcome {
        state.pass_through_id("title", id)
    }

    async fn import_identity(&self, _: &Cx<World>, identity: &BookIdentity, state: &State<Model>) -> Outcome {
        state.pass_through_id("title", &identity.title.clone().unwrap_or_default())
    }

    fn upgrades() -> Upgrades<Model> {
        #[derive(Serialize, Deserialize)]
        struct Named {
            name: Attr<String>,
        }
        #[derive(Serialize, Deserialize)]
        struct Titled {
            title: Attr<String>,
        }
        Upgrades::new()
            .step(Schema::new(0).attr("name", string().required()), |old: Named| {
                Ok(Titled { title: old.name })
            })
            .from(
                Schema::new(1).attr("title", string().required()),
                |old: Titled| Ok(Model::stored(old.title, Attr::Null)),
            )
    }

    async fn upgrade_identity(
        &self,
        _: i64,
        identity: serde_json::Value,
    ) -> Result<BookIdentity, Diagnostics> {
        Ok(BookIdentity {
            title: identity["name"].as_str().map(str::to_owned).into(),
            shelf: "main".into(),
        })
    }

    fn moves() -> Moves<Model> {
        #[derive(Serialize, Deserialize)]
        struct Text {
            content: Attr<String>,
        }
        Moves::new()
            .from(
                "example/shelf",
                "shelf_note",
                Schema::new(0).attr("content", string().required()),
                |source, old: Text, state| {
                    state.set_private("moved_from", json!(source.type_name()));
                    state.set(&Model::stored(old.content, Attr::Null))
                },
            )
            .from_json("corp/library", "library_book", |source, state| {
                let json = source.json()?;
                match json["heading"].as_str() {
                    Some(heading) => state.set(&Model::stored(heading.into(), Attr::Null)),
                    None => Ok(()),
                }
            })
    }
}

/// A note: has no identity, and nothing moves to it.
struct Note;

#[derive(Clone, Serialize, Deserialize)]
struct NoteModel {
    content: Attr<String>,
}

impl Resource for Note {
    const NAME: &'static str = "shelf_note";
    type Client = World;
    type Model = NoteModel;
    type Identity = ();

    fn schema() -> Schema {
        Schema::new(0).attr("content", string().required())
    }

    async fn read(&self, _: &Cx<World>, _: &State<NoteModel>) -> Outcome {
        Ok(())
    }

    async fn create(&self, cx: &Cx<World>, plan: &Plan<NoteModel>, state: &State<NoteModel>) -> Outcome {
        let title = plan.planned().content.clone().unwrap_or_default();
        cx.client().lock().books.insert(title, 0);
        state.set(plan.planned())
    }

    async fn update(&self, cx: &Cx<World>, plan: &Plan<NoteModel>, state: &State<NoteModel>) -> Outcome {
        self.create(cx, plan, state).await
    }

    async fn delete(&self, _: &Cx<World>, _: &Plan<NoteModel>, _: &State<NoteModel>) -> Outcome {
        Ok(())
    }
}
