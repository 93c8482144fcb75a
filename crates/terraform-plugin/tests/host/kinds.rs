//! Data sources, ephemeral resources, functions, list resources and actions, called as core calls them.

#[path = "kinds/action.rs"]
mod action;
#[path = "kinds/data_source.rs"]
mod data_source;
#[path = "kinds/ephemeral_resource.rs"]
mod ephemeral_resource;
#[path = "kinds/function.rs"]
mod function;
#[path = "kinds/list_resource.rs"]
mod list_resource;
#[path = "kinds/start_up.rs"]
mod start_up;

use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};
use terraform_plugin::{
    Attr, Catalog, ConfigureCx, Cx, Diagnostic, Diagnostics, IdentitySchema, Outcome, Plan, Provider,
    Resource, Schema, State, Type, ValidateCx, config, path, schema::string, testing::Host,
};
use tokio::sync::Notify;

use action::Stamp;
use data_source::Shelf;
use ephemeral_resource::Loan;
use function::{First, Join, Kinds};
use list_resource::Books;

/// What the provider does wrong next, and what it did.
#[derive(Clone, Default)]
struct World {
    mistake: Mistake,
    log: Arc<Mutex<Vec<String>>>,
    ended: Arc<Notify>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Mistake {
    #[default]
    None,
    Unknown,
    AnotherValue,
    Panic,
    Defer,
    WrongIdentity,
    NullIdentity,
    NoRenewal,
}

impl World {
    fn careless(mistake: Mistake) -> Self {
        Self {
            mistake,
            ..Self::default()
        }
    }

    fn note(&self, what: impl Into<String>) {
        self.log
            .lock()
            .expect("no panic while it is held")
            .push(what.into());
    }

    fn noted(&self) -> Vec<String> {
        self.log.lock().expect("no panic while it is held").clone()
    }
}

struct Library(World);

#[derive(Serialize, Deserialize)]
struct NoConfig {}

impl Provider for Library {
    const NAME: &'static str = "library";
    const ADDRESS: &'static str = "registry.terraform.io/example/library";
    const VERSION: &'static str = "0.1.0";
    type Config = NoConfig;
    type Client = World;

    fn schema() -> Schema {
        Schema::new(0)
    }

    async fn configure(&self, _: &ConfigureCx, _: NoConfig) -> Result<World, Diagnostics> {
        Ok(self.0.clone())
    }

    fn catalog(catalog: &mut Catalog<World>) {
        catalog.resource(Book);
        catalog.data_source(Shelf);
        catalog.ephemeral_resource(Loan);
        catalog.list_resource(Books);
        catalog.action(Stamp);
        catalog.function(Join);
        catalog.function(Kinds);
        catalog.function(First);
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Model {
    name: Attr<String>,
    id: Attr<String>,
}

fn named() -> Schema {
    Schema::new(0)
        .attr("name", string().required().length(1..=10))
        .attr("id", string().computed())
}

fn refuses_dogs(cx: &ValidateCx, name: &Attr<String>) -> Outcome {
    match name.known().map(String::as_str) {
        Some("dog") => Err(Diagnostic::error("No dogs", "Dogs cannot read.")
            .at(path!("name"))
            .into()),
        Some("cat") => {
            cx.warn(Diagnostic::warning("A cat", "Cats do not return books."));
            Ok(())
        }
        _ => Ok(()),
    }
}

/// The mistakes that all verbs with a model make alike.
fn present(world: &World, mut model: Model) -> Model {
    model.id = model.name.as_ref().map(|name| format!("id-of-{name}"));
    match world.mistake {
        Mistake::Unknown => model.id = Attr::Unknown,
        Mistake::AnotherValue => model.name = Attr::Known("other".to_owned()),
        Mistake::Panic => panic!("no such book"),
        _ => {}
    }
    model
}

struct Book;

impl Resource for Book {
    const NAME: &'static str = "library_book";
    type Client = World;
    type Model = Model;
    type Identity = list_resource::Isbn;

    fn schema() -> Schema {
        named()
    }

    fn identity() -> Option<IdentitySchema> {
        Some(IdentitySchema::new(0).required_for_import("isbn", Type::String, "The number."))
    }

    async fn read(&self, _: &Cx<World>, _: &State<Model>) -> Outcome {
        Ok(())
    }

    async fn create(&self, cx: &Cx<World>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        state.set(&present(cx.client(), plan.planned().clone()))
    }

    async fn update(&self, cx: &Cx<World>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        self.create(cx, plan, state).await
    }

    async fn delete(&self, _: &Cx<World>, _: &Plan<Model>, _: &State<Model>) -> Outcome {
        Ok(())
    }
}

async fn host(world: &World) -> Host {
    let host = Host::new(Library(world.clone()));
    host.configure(config! {}).await.expect("configured");
    host
}

#[tokio::test]
async fn the_schemas_models_and_signatures_are_sound() {
    assert_eq!(Host::new(Library(World::default())).problems(), [""; 0]);
}

#[tokio::test]
async fn what_is_not_offered_is_named() {
    let host = host(&World::default()).await;
    let found = [
        host.data_source("library_dog").err(),
        host.ephemeral_resource("library_dog").err(),
        host.list_resource("library_dog").err(),
        host.action("library_dog").err(),
    ];
    for found in found {
        assert!(found.expect("refused").to_string().contains("library_dog"));
    }
    assert!(
        host.call("bark", [])
            .await
            .expect_err("refused")
            .text
            .contains("bark")
    );
}
