//! Data sources, ephemeral resources, functions, list resources and actions, called as core calls them.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};
use terraform_plugin::{
    Action, Attr, Catalog, ConfigureCx, Cx, DataSource, Deferral, Diagnostic, Diagnostics, EphemeralResource,
    Function, FunctionError, IdentitySchema, ListResource, Listed, Opened, Outcome, Parameter, Plan,
    Progress, Provider, Renewed, Resource, Results, Schema, Signature, State, Type, ValidateCx, Value,
    config, path,
    schema::{dynamic, list, map, number, object, set, string, tuple},
    testing::Host,
};
use tokio::sync::Notify;

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

struct Shelf;

impl DataSource for Shelf {
    const NAME: &'static str = "library_shelf";
    type Client = World;
    type Model = Model;

    fn schema() -> Schema {
        named()
    }

    fn validate(&self, cx: &ValidateCx, config: &Model) -> Outcome {
        refuses_dogs(cx, &config.name)
    }

    async fn read(&self, cx: &Cx<World>, config: Model) -> Result<Model, Diagnostics> {
        if cx.client().mistake == Mistake::Defer {
            cx.defer(Deferral::AbsentPrerequisite);
        }
        Ok(present(cx.client(), config))
    }
}

struct Loan;

impl EphemeralResource for Loan {
    const NAME: &'static str = "library_loan";
    type Client = World;
    type Model = Model;
    type Private = (String, u32);

    fn schema() -> Schema {
        named()
    }

    fn validate(&self, cx: &ValidateCx, config: &Model) -> Outcome {
        refuses_dogs(cx, &config.name)
    }

    async fn open(&self, cx: &Cx<World>, config: Model) -> Result<Opened<Model, (String, u32)>, Diagnostics> {
        if cx.client().mistake == Mistake::Defer {
            cx.defer(Deferral::AbsentPrerequisite);
        }
        let opened = Opened::new(present(cx.client(), config), ("slip".to_owned(), 0));
        Ok(match cx.client().mistake {
            Mistake::NoRenewal => opened,
            _ => opened.renew_at(SystemTime::UNIX_EPOCH + Duration::from_secs(1)),
        })
    }

    async fn renew(
        &self,
        cx: &Cx<World>,
        (slip, times): (String, u32),
    ) -> Result<Renewed<(String, u32)>, Diagnostics> {
        cx.client().note(format!("renewed {slip} {times}"));
        if times == 1 {
            return Err(Diagnostic::error("Renewed twice", "Bring it back.").into());
        }
        let renewed = Renewed::new((slip, times + 1));
        Ok(renewed.renew_at(SystemTime::UNIX_EPOCH + Duration::from_secs(2)))
    }

    async fn close(&self, cx: &Cx<World>, (slip, times): (String, u32)) -> Outcome {
        cx.client().note(format!("closed {slip} {times}"));
        Ok(())
    }
}

#[derive(Serialize, Deserialize)]
struct Shelves {
    prefix: Attr<String>,
    count: Attr<i64>,
}

#[derive(Serialize)]
struct Isbn {
    isbn: String,
}

#[derive(Serialize)]
struct Issn {
    issn: String,
}

struct Books;

impl ListResource for Books {
    type Resource = Book;
    type Client = World;
    type Config = Shelves;

    fn schema() -> Schema {
        Schema::new(0)
            .attr("prefix", string().required())
            .attr("count", number().optional())
    }

    async fn list(&self, cx: &Cx<World>, config: Shelves, results: &Results<Model>) -> Outcome {
        let prefix = config.prefix.into_known().unwrap_or_default();
        for i in 0..config.count.into_known().unwrap_or(i64::MAX) {
            let name = format!("{prefix}{i}");
            let listed = match cx.client().mistake {
                Mistake::WrongIdentity => Listed::new(&name, &Issn { issn: name.clone() }),
                _ => Listed::new(&name, &Isbn { isbn: name.clone() }),
            };
            let model = Model {
                name: Attr::Known(name),
                id: Attr::Null,
            };
            if i == 1 {
                cx.warn(Diagnostic::warning("Dusty", "The second book is dusty."));
            }
            let wanted = results.include_resource();
            let listed = if wanted {
                listed.resource(present(cx.client(), model))
            } else {
                listed
            };
            cx.client().note(format!("pushed {i}"));
            if results.push(listed).await.is_break() {
                cx.client().note("enough");
                break;
            }
        }
        cx.client().ended.notify_one();
        Ok(())
    }
}

struct Stamp;

impl Action for Stamp {
    const NAME: &'static str = "library_stamp";
    type Client = World;
    type Config = StampConfig;

    fn schema() -> Schema {
        Schema::new(0)
            .attr("name", string().required())
            .attr("key_wo", string().optional().write_only())
    }

    fn validate(&self, cx: &ValidateCx, config: &StampConfig) -> Outcome {
        refuses_dogs(cx, &config.name)
    }

    async fn plan(&self, cx: &Cx<World>, _: StampConfig) -> Outcome {
        if cx.client().mistake == Mistake::Defer {
            cx.defer(Deferral::AbsentPrerequisite);
        }
        Ok(())
    }

    async fn invoke(&self, cx: &Cx<World>, config: StampConfig, progress: &Progress) -> Outcome {
        let name = config.name.into_known().unwrap_or_default();
        progress.say(format!("stamping {name}"));
        cx.warn(Diagnostic::warning("Ink", "The ink runs low."));
        if cx.client().mistake == Mistake::Panic {
            panic!("the stamp broke");
        }
        progress.say("stamped");
        match name.as_str() {
            "wet" => Err(Diagnostic::error("Wet", "The page is wet.")
                .at(path!("name"))
                .into()),
            _ => Ok(()),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct StampConfig {
    name: Attr<String>,
    key_wo: Attr<String>,
}

/// A function with all that parameters can have.
struct Join;

impl Function for Join {
    const NAME: &'static str = "join_titles";
    type Arguments = (String, Attr<String>, Vec<String>);
    type Result = String;

    fn signature() -> Signature {
        Signature::new(Type::String)
            .summary("Joins titles.")
            .describe("Joins *titles*.")
            .parameter("separator", Parameter::new(string().length(1..=3)))
            .parameter("first", Parameter::new(string()).allow_null().allow_unknown())
            .variadic("titles", Parameter::new(string().length(1..)))
    }

    async fn call(&self, (separator, first, titles): Self::Arguments) -> Result<String, FunctionError> {
        if let Some(at) = titles.iter().position(|title| title == "dog") {
            return Err(FunctionError::variadic(at, "dogs write no books"));
        }
        if separator == "?" {
            return Err(FunctionError::argument(7, "strange"));
        }
        if separator == "!" {
            panic!("too loud");
        }
        let titles = first.into_known().into_iter().chain(titles);
        Ok(titles.collect::<Vec<_>>().join(&separator))
    }
}

/// A function of every type, with its arguments as a struct.
struct Kinds;

#[derive(Deserialize, Serialize)]
struct KindsArguments {
    text: String,
    number: f64,
    flag: bool,
    list: Vec<i64>,
    set: std::collections::BTreeSet<String>,
    map: std::collections::BTreeMap<String, bool>,
    object: Pair,
    tuple: (String, bool),
}

#[derive(Deserialize, Serialize)]
struct Pair {
    left: i64,
    right: Attr<String>,
}

impl Function for Kinds {
    const NAME: &'static str = "kinds";
    type Arguments = KindsArguments;
    type Result = KindsArguments;

    fn signature() -> Signature {
        let boolean = terraform_plugin::schema::boolean;
        let ty = Type::object([
            ("text", Type::String),
            ("number", Type::Number),
            ("flag", Type::Bool),
            ("list", Type::list(Type::Number)),
            ("set", Type::set(Type::String)),
            ("map", Type::map(Type::Bool)),
            (
                "object",
                Type::object([("left", Type::Number), ("right", Type::String)]),
            ),
            ("tuple", Type::tuple([Type::String, Type::Bool])),
        ]);
        Signature::new(ty)
            .parameter("text", Parameter::new(string()))
            .parameter("number", Parameter::new(number()))
            .parameter("flag", Parameter::new(boolean()))
            .parameter("list", Parameter::new(list(Type::Number)))
            .parameter("set", Parameter::new(set(Type::String)))
            .parameter("map", Parameter::new(map(Type::Bool)))
            .parameter(
                "object",
                Parameter::new(object([("left", Type::Number), ("right", Type::String)])),
            )
            .parameter("tuple", Parameter::new(tuple([Type::String, Type::Bool])))
    }

    async fn call(&self, arguments: KindsArguments) -> Result<KindsArguments, FunctionError> {
        Ok(arguments)
    }
}

/// A function whose result's type depends on its argument.
struct First;

impl Function for First {
    const NAME: &'static str = "first";
    type Arguments = (Vec<String>,);
    type Result = Option<String>;

    fn signature() -> Signature {
        Signature::new(Type::Dynamic).parameter("all", Parameter::new(dynamic()))
    }

    async fn call(&self, (all,): (Vec<String>,)) -> Result<Option<String>, FunctionError> {
        Ok(all.into_iter().next())
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
async fn a_data_source_is_validated_and_read() {
    let shelf = host(&World::default())
        .await
        .data_source("library_shelf")
        .expect("the type");
    let found = shelf.read(config! { name = "a" }).await.expect("read");
    assert_eq!(
        found,
        Value::object([("name", "a".into()), ("id", "id-of-a".into())])
    );
    let warned = shelf.validate(config! { name = "cat" }).await.expect("valid");
    assert_eq!(warned.iter().next().map(|d| d.summary.as_str()), Some("A cat"));
    assert!(
        shelf
            .validate(config! { name = unknown })
            .await
            .expect("valid")
            .is_empty()
    );
    for (name, expected) in [("dog", "No dogs"), ("", "Invalid attribute value")] {
        let found = shelf
            .read(config! { name = name })
            .await
            .expect_err("refused")
            .to_string();
        assert!(found.contains(expected) && found.contains("(at name)"), "{found}");
    }
}

#[tokio::test]
async fn what_a_data_source_does_wrong_is_said_with_its_name_and_the_attribute() {
    for (mistake, expected) in [
        (
            Mistake::Unknown,
            "data source library_shelf, id: what was read must be known",
        ),
        (Mistake::Panic, "no such book"),
        (
            Mistake::Defer,
            "data source library_shelf cannot be planned or read",
        ),
    ] {
        let shelf = host(&World::careless(mistake))
            .await
            .data_source("library_shelf")
            .expect("the type");
        let found = shelf
            .read(config! { name = "a" })
            .await
            .expect_err("refused")
            .to_string();
        assert!(found.contains(expected), "{mistake:?}: {found}");
    }
}

#[tokio::test]
async fn an_ephemeral_resource_keeps_its_private_data_until_it_is_closed() {
    let world = World::default();
    let loan = host(&world)
        .await
        .ephemeral_resource("library_loan")
        .expect("the type");
    let mut open = loan.open(config! { name = "a" }).await.expect("opened");
    assert_eq!(open.get(&path!("id")), Some(&"id-of-a".into()));
    let second = |n| Some(SystemTime::UNIX_EPOCH + Duration::from_secs(n));
    assert_eq!(open.renew_at(), second(1));
    open.renew().await.expect("renewed");
    assert_eq!(open.renew_at(), second(2));
    let found = open.renew().await.expect_err("refused").to_string();
    assert!(found.contains("Renewed twice"), "{found}");
    open.close().await.expect("closed");
    // The renewal that failed left the private data of the one before.
    assert_eq!(
        world.noted(),
        ["renewed slip 0", "renewed slip 1", "closed slip 1"]
    );
}

#[tokio::test]
async fn what_an_ephemeral_resource_does_wrong_is_said_with_its_name_and_the_attribute() {
    for (mistake, expected) in [
        (
            Mistake::Unknown,
            "ephemeral resource library_loan, id: what was opened must be known",
        ),
        (Mistake::AnotherValue, "ephemeral resource library_loan, name:"),
        (Mistake::Panic, "no such book"),
        (
            Mistake::Defer,
            "ephemeral resource library_loan cannot be planned or read",
        ),
    ] {
        let loan = host(&World::careless(mistake))
            .await
            .ephemeral_resource("library_loan")
            .expect("the type");
        let Err(found) = loan.open(config! { name = "a" }).await else {
            panic!("{mistake:?}: opened")
        };
        assert!(found.to_string().contains(expected), "{mistake:?}: {found}");
    }
}

#[tokio::test]
async fn what_was_opened_for_nobody_is_closed() {
    let world = World::careless(Mistake::Defer);
    let loan = host(&world)
        .await
        .ephemeral_resource("library_loan")
        .expect("the type");
    assert!(loan.open(config! { name = "a" }).await.is_err());
    assert_eq!(world.noted(), ["closed slip 0"]);
}

#[tokio::test]
async fn core_renews_only_what_asked_for_it() {
    let world = World::careless(Mistake::NoRenewal);
    let loan = host(&world)
        .await
        .ephemeral_resource("library_loan")
        .expect("the type");
    let mut open = loan.open(config! { name = "a" }).await.expect("opened");
    assert!(open.renew().await.is_err() && world.noted().is_empty());
}

#[tokio::test]
async fn a_function_is_called_without_a_configured_provider() {
    let host = Host::new(Library(World::default()));
    let joined = host
        .call("join_titles", ["-".into(), "a".into(), "b".into(), "c".into()])
        .await;
    assert_eq!(joined, Ok("a-b-c".into()));
    assert_eq!(
        host.call("join_titles", ["-".into(), Value::Null]).await,
        Ok("".into())
    );
}

#[tokio::test]
async fn every_type_goes_in_and_comes_out() {
    let host = Host::new(Library(World::default()));
    let pair = Value::object([("left", 1.into()), ("right", Value::Null)]);
    let arguments = [
        ("text", "t".into()),
        ("number", Value::Number("1.5".parse().expect("a number"))),
        ("flag", true.into()),
        ("list", Value::from(vec![1, 2])),
        ("set", Value::set(["x".into()])),
        ("map", Value::map([("k", false.into())])),
        ("object", pair),
        ("tuple", Value::Tuple(vec!["u".into(), true.into()])),
    ];
    let expected = Value::object(arguments.clone());
    assert_eq!(
        host.call("kinds", arguments.map(|(_, value)| value)).await,
        Ok(expected)
    );
    let first = host
        .call("first", [Value::from(vec!["x", "y"])])
        .await
        .expect("a result");
    assert_eq!(first.plain(), &"x".into());
}

#[tokio::test]
async fn an_argument_that_is_unknown_makes_the_result_unknown_unless_it_is_allowed() {
    let host = Host::new(Library(World::default()));
    let first = host.call("first", [Value::UNKNOWN]).await;
    assert_eq!(first, Ok(Value::UNKNOWN));
    let joined = host
        .call("join_titles", ["-".into(), Value::UNKNOWN, "b".into()])
        .await;
    assert_eq!(joined, Ok("b".into()), "the function decides");
}

#[tokio::test]
async fn an_error_of_a_function_names_the_argument() {
    let host = Host::new(Library(World::default()));
    for (arguments, at, expected) in [
        (vec!["-", "a", "b", "dog"], Some(3), "dogs write no books"),
        (vec!["----", "a"], Some(0), "at least 1 and at most 3"),
        (vec!["-", "a", "b", ""], Some(3), "at least 1"),
        (
            vec!["?", "a"],
            None,
            "function join_titles: strange (this blames the argument 7 of 2",
        ),
        (vec!["!", "a"], None, "too loud"),
        (vec!["-"], None, "1 arguments"),
    ] {
        let called = host
            .call("join_titles", arguments.iter().map(|text| Value::from(*text)))
            .await;
        let refused = called.expect_err("refused");
        assert_eq!(refused.argument, at, "{refused}");
        assert!(refused.text.contains(expected), "{refused}");
    }
    let refused = host
        .call("join_titles", [Value::Null, Value::Null])
        .await
        .expect_err("refused");
    assert!(
        refused.argument == Some(0) && refused.text.contains("\"separator\""),
        "{refused}"
    );
}

#[tokio::test]
async fn a_list_stops_at_its_limit() {
    let world = World::default();
    let books = host(&world)
        .await
        .list_resource("library_book")
        .expect("the type");
    let found = books
        .list(config! { prefix = "b" }, 3, false)
        .await
        .expect("listed");
    let names: Vec<_> = found.iter().map(|each| each.display_name.as_str()).collect();
    assert_eq!(names, ["b0", "b1", "b2"]);
    assert_eq!(found[2].identity, Value::object([("isbn", "b2".into())]));
    assert!(found.iter().all(|each| each.resource.is_none()));
    world.ended.notified().await;
    assert_eq!(world.noted(), ["pushed 0", "pushed 1", "pushed 2", "enough"]);
}

#[tokio::test]
async fn a_list_of_few_ends_by_itself_and_gives_whole_objects_if_asked() {
    let books = host(&World::default())
        .await
        .list_resource("library_book")
        .expect("the type");
    let found = books
        .list(config! { prefix = "b", count = 2_i64 }, 100, true)
        .await
        .expect("listed");
    let object = |name: &str| {
        Some(Value::object([
            ("name", name.into()),
            ("id", format!("id-of-{name}").into()),
        ]))
    };
    assert_eq!(
        found.into_iter().map(|each| each.resource).collect::<Vec<_>>(),
        [object("b0"), object("b1")]
    );
}

#[tokio::test]
async fn what_a_list_does_wrong_is_said_with_its_name() {
    for (mistake, expected) in [
        (
            Mistake::WrongIdentity,
            "list resource library_book: the identity of \"b0\" does not fit its schema: isbn",
        ),
        (
            Mistake::Unknown,
            "list resource library_book: id of the object \"b0\" must be known",
        ),
        (Mistake::Panic, "no such book"),
    ] {
        let books = host(&World::careless(mistake))
            .await
            .list_resource("library_book")
            .expect("the type");
        let found = books
            .list(config! { prefix = "b" }, 100, true)
            .await
            .expect_err("refused")
            .to_string();
        assert!(found.contains(expected), "{mistake:?}: {found}");
    }
}

#[tokio::test]
async fn an_action_tells_how_far_it_has_come_and_how_it_ended() {
    let stamp = host(&World::default())
        .await
        .action("library_stamp")
        .expect("the type");
    for (name, summaries) in [("a", vec!["Ink"]), ("wet", vec!["Ink", "Wet"])] {
        let invoked = stamp
            .invoke(config! { name = name, key_wo = "k" })
            .await
            .expect("invoked");
        assert_eq!(
            invoked.progress,
            [format!("stamping {name}"), "stamped".to_owned()]
        );
        let found: Vec<_> = invoked.diagnostics.iter().map(|d| d.summary.as_str()).collect();
        assert_eq!(found, summaries);
    }
    assert!(stamp.plan(config! { name = unknown }).await.is_ok());
    let found = stamp
        .invoke(config! { name = "dog" })
        .await
        .expect_err("refused")
        .to_string();
    assert!(found.contains("No dogs"), "{found}");
}

#[tokio::test]
async fn an_action_that_panics_says_what_it_said_and_ends_with_an_error() {
    let stamp = host(&World::careless(Mistake::Panic))
        .await
        .action("library_stamp")
        .expect("the type");
    let invoked = stamp.invoke(config! { name = "a" }).await.expect("invoked");
    assert_eq!(invoked.progress, ["stamping a"]);
    assert!(invoked.diagnostics.has_errors() && invoked.diagnostics.to_string().contains("the stamp broke"));
}

#[tokio::test]
async fn an_action_that_puts_itself_off_is_told_that_this_run_cannot() {
    let stamp = host(&World::careless(Mistake::Defer))
        .await
        .action("library_stamp")
        .expect("the type");
    let found = stamp
        .plan(config! { name = "a" })
        .await
        .expect_err("refused")
        .to_string();
    assert!(found.contains("action library_stamp"), "{found}");
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

/// A function whose author forgot about unknown arguments, and a name that no configuration can hold.
struct Forgetful;

impl Function for Forgetful {
    const NAME: &'static str = "forgetful-one";
    type Arguments = (String,);
    type Result = String;

    fn signature() -> Signature {
        Signature::new(Type::Number).parameter("text", Parameter::new(string().required()).allow_unknown())
    }

    async fn call(&self, (text,): (String,)) -> Result<String, FunctionError> {
        Ok(text)
    }
}

/// A list of things that are not in the catalog, and kinds whose schemas hold what only resources have.
struct Confused;

impl Provider for Confused {
    const NAME: &'static str = "confused";
    const ADDRESS: &'static str = "registry.terraform.io/example/confused";
    const VERSION: &'static str = "0.1.0";
    type Config = NoConfig;
    type Client = World;

    fn schema() -> Schema {
        Schema::new(0)
    }

    async fn configure(&self, _: &ConfigureCx, _: NoConfig) -> Result<World, Diagnostics> {
        Ok(World::default())
    }

    fn catalog(catalog: &mut Catalog<World>) {
        catalog.list_resource(Books);
        catalog.data_source(Shelf);
        catalog.data_source(Shelf);
        catalog.function(Forgetful);
    }
}

#[tokio::test]
async fn mistakes_in_any_kind_are_found_at_start_up() {
    let problems = Host::new(Confused).problems();
    for expected in [
        "list resource library_book: the catalog has no managed resource of this name, whose objects it lists",
        "list resource library_book: the type name must begin with confused_",
        "data source library_shelf: the name is used twice",
        "function forgetful-one: functions' names consist of",
        "function forgetful-one, text: `required` means nothing for a parameter",
        "function forgetful-one, text: the arguments do not fit the signature: is unknown",
    ] {
        assert!(
            problems.iter().any(|problem| problem.contains(expected)),
            "{expected}: {problems:#?}"
        );
    }
    let called = Host::new(Confused)
        .call("forgetful-one", ["a".into()])
        .await
        .expect_err("refused");
    assert!(
        called
            .text
            .contains("the result does not fit the signature: is a string"),
        "{called}"
    );
}
