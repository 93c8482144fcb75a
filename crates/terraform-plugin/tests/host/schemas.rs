//! What a schema says, seen through the walk of a host.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use serde::{Deserialize, Serialize};
use terraform_plugin::{
    Attr, Catalog, ConfigureCx, Cx, Diagnostics, Outcome, PathExpr, Plan, Provider, Refinement, Resource,
    Schema, State, Value, config, path,
    schema::{Block, Rule, dynamic, int64, list_nested, string},
    testing::{Action, Host, Instance},
};

/// What the shelf answers as the notes of its books, if it is not what it was given.
type Spelling = Arc<Mutex<Option<String>>>;

struct Shelf(Spelling);

impl Provider for Shelf {
    const NAME: &'static str = "shelf";
    const ADDRESS: &'static str = "registry.terraform.io/example/shelf";
    const VERSION: &'static str = "0.1.0";
    type Config = ();
    type Client = Spelling;

    fn schema() -> Schema {
        Schema::new(0)
    }

    async fn configure(&self, _: &ConfigureCx, (): ()) -> Result<Spelling, Diagnostics> {
        Ok(Arc::clone(&self.0))
    }

    fn catalog(catalog: &mut Catalog<Spelling>) {
        catalog.resource(Book);
    }
}

struct Book;

#[derive(Clone, Serialize, Deserialize)]
struct Model {
    title: Attr<String>,
    pages: Attr<i64>,
    notes: Attr<String>,
    extra: Attr<Value>,
    lender: Attr<String>,
    shop: Attr<String>,
    chapters: Attr<Vec<Chapter>>,
    link: Attr<Vec<Link>>,
    page: Attr<Vec<Page>>,
    id: Attr<String>,
    shelf_mark: Attr<String>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Chapter {
    name: Attr<String>,
    number: Attr<i64>,
    anchor: Attr<String>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Link {
    to: Attr<Value>,
    text: Attr<String>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Page {
    text: Attr<String>,
}

impl Resource for Book {
    const NAME: &'static str = "shelf_book";
    type Client = Spelling;
    type Model = Model;
    type Identity = ();

    fn schema() -> Schema {
        let chapter = [
            ("name", string().required()),
            ("number", int64().optional().computed().default(1_i64)),
            ("anchor", string().computed().keep_prior()),
        ];
        Schema::new(0)
            .attr("title", string().required().replace())
            .attr(
                "pages",
                int64()
                    .optional()
                    .computed()
                    .default(100_i64)
                    .between(1..)
                    .replace_if(|change| change.planned() < change.prior()),
            )
            .attr("notes", string().optional().same_json())
            .attr("extra", dynamic().optional())
            .attr("lender", string().optional())
            .attr("shop", string().optional().conflicts_with(["chapters[*].name"]))
            .attr("chapters", list_nested(chapter).optional())
            .attr("id", string().computed().keep_prior())
            .attr("shelf_mark", string().computed())
            .block(
                "link",
                Block::list()
                    .max(2)
                    .attr("to", dynamic().required())
                    .attr("text", string().optional()),
            )
            .block("page", Block::list().computed().attr("text", string().computed()))
            .rule(Rule::conflicting(["lender", "shop"]))
    }

    async fn plan(&self, _: &Cx<Spelling>, plan: &mut Plan<Model>) -> Outcome {
        if !plan.is_destroy() {
            plan.refine(path!("shelf_mark"), Refinement::default().prefix("M-"));
        }
        Ok(())
    }

    async fn read(&self, cx: &Cx<Spelling>, state: &State<Model>) -> Outcome {
        let Some(mut model) = state.get() else {
            return Ok(());
        };
        if let Some(spelling) = cx.client().lock().expect("the spelling").clone() {
            model.notes = Attr::Known(spelling);
        }
        state.set(&model)
    }

    async fn create(&self, cx: &Cx<Spelling>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        let mut model = plan.planned().clone();
        let title = model.title.clone().unwrap_or_default();
        if model.id.is_unknown() {
            model.id = Attr::Known(format!("book/{title}"));
        }
        if model.shelf_mark.is_unknown() {
            model.shelf_mark = Attr::Known(format!("M-{title}-{}", model.pages.unwrap_or_default()));
        }
        if let Attr::Known(chapters) = &mut model.chapters {
            for chapter in chapters {
                chapter.anchor = chapter.anchor.clone().or(Attr::Unknown);
                if chapter.anchor.is_unknown() {
                    chapter.anchor = chapter.name.clone();
                }
            }
        }
        if let Some(spelling) = cx.client().lock().expect("the spelling").clone() {
            model.notes = Attr::Known(spelling);
        }
        // Left out by itself where the host does not know computed blocks.
        model.page = Attr::Known(vec![Page {
            text: "Once upon a time".into(),
        }]);
        state.set(&model)
    }

    async fn update(&self, cx: &Cx<Spelling>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        self.create(cx, plan, state).await
    }

    async fn delete(&self, _: &Cx<Spelling>, _: &Plan<Model>, _: &State<Model>) -> Outcome {
        Ok(())
    }
}

async fn book_in(host: &Host) -> Instance {
    host.configure(config! {}).await.expect("configured");
    host.resource("shelf_book").expect("the type")
}

async fn book() -> Instance {
    book_in(&Host::new(Shelf(Spelling::default()))).await
}

async fn errors(config: Value) -> Vec<String> {
    let found = book().await.validate(config).await;
    let found = found.err().into_iter().flatten();
    found.map(|d| format!("{}: {}", d.path, d.summary)).collect()
}

#[tokio::test]
async fn the_schema_is_sound() {
    assert_eq!(Host::new(Shelf(Spelling::default())).problems(), [""; 0]);
}

#[tokio::test]
async fn defaults_come_from_the_configuration_when_an_argument_is_taken_away() {
    let mut book = book().await;
    book.apply(config! { title = "a", pages = 300_i64, chapters = [{ name = "c", number = 7_i64 }] })
        .await
        .expect("applied");
    let plan = book
        .plan(config! { title = "a", chapters = [{ name = "c" }] })
        .await
        .expect("planned");
    assert_eq!(plan.get(&path!("pages")), Some(&100.into()));
    assert_eq!(plan.get(&path!("chapters", 0, "number")), Some(&1.into()));
    assert_eq!(plan.action(), Action::Replace);
}

#[tokio::test]
async fn what_never_changes_stays_known_and_the_rest_keeps_its_promise() {
    let mut book = book().await;
    book.apply(config! { title = "a" }).await.expect("applied");
    let plan = book
        .plan(config! { title = "a", pages = 200_i64, chapters = [{ name = "new" }] })
        .await
        .expect("planned");
    assert_eq!(plan.action(), Action::Update);
    assert_eq!(plan.get(&path!("id")), Some(&"book/a".into()));
    assert!(plan.is_unknown(&path!("chapters", 0, "anchor")));
    let mark = plan.get(&path!("shelf_mark")).expect("the mark");
    assert!(
        matches!(mark, Value::Unknown(Some(r)) if r.prefix.as_deref() == Some("M-")),
        "{mark:?}"
    );
}

#[tokio::test]
async fn another_way_to_write_the_same_is_no_change_wherever_it_comes_from() {
    let spelling = Spelling::default();
    let mut book = book_in(&Host::new(Shelf(Arc::clone(&spelling)))).await;
    let notes = |text: &str| config! { title = "a", notes = text };
    *spelling.lock().expect("the spelling") = Some("{\n  \"b\": 2,\n  \"a\": 1.0\n}".to_owned());
    book.apply(notes("{\"a\":1,\"b\":2}")).await.expect("applied");
    assert_eq!(
        book.get(&path!("notes")),
        Some(&"{\"a\":1,\"b\":2}".into()),
        "after create"
    );
    book.refresh().await.expect("read");
    assert_eq!(
        book.get(&path!("notes")),
        Some(&"{\"a\":1,\"b\":2}".into()),
        "after read"
    );
    let plan = book.plan(notes("{ \"b\": 2, \"a\": 1 }")).await.expect("planned");
    assert!(plan.is_no_op());

    *spelling.lock().expect("the spelling") = Some("{\"a\":3}".to_owned());
    book.refresh().await.expect("read");
    assert_eq!(book.get(&path!("notes")), Some(&"{\"a\":3}".into()));
}

#[tokio::test]
async fn dynamic_values_keep_their_types_alone_and_in_blocks() {
    let mut book = book().await;
    let config = || {
        config! {
            title = "a",
            extra = { deep = [1_i64, "two"] },
            link = [{ to = "text" }, { to = { x = 1_i64 }, text = "an object" }],
        }
    };
    book.apply(config()).await.expect("applied");
    assert_eq!(book.get(&path!("extra", "deep", 1)), Some(&"two".into()));
    assert_eq!(book.get(&path!("link", 1, "to", "x")), Some(&1.into()));
    assert!(book.plan(config()).await.expect("planned").is_no_op());
    let plan = book
        .plan(config! { title = "a", extra = unknown, link = [{ to = unknown }] })
        .await
        .expect("planned");
    assert!(plan.is_unknown(&path!("extra")) && plan.is_unknown(&path!("link", 0, "to")));
}

#[tokio::test]
async fn computed_blocks_are_there_where_the_host_knows_them() {
    let host = Host::new(Shelf(Spelling::default())).with_computed_blocks();
    let mut new = book_in(&host).await;
    let plan = new.plan(config! { title = "a" }).await.expect("planned");
    assert!(plan.is_unknown(&path!("page")));
    new.apply(config! { title = "a" }).await.expect("applied");
    assert_eq!(
        new.get(&path!("page", 0, "text")),
        Some(&"Once upon a time".into())
    );
    assert!(
        new.plan(config! { title = "a" })
            .await
            .expect("planned")
            .is_no_op()
    );

    let mut old = book().await;
    old.apply(config! { title = "a" }).await.expect("applied");
    assert_eq!(old.get(&path!("page")), Some(&Value::List(Vec::new())));
    assert!(
        old.plan(config! { title = "a" })
            .await
            .expect("planned")
            .is_no_op()
    );
}

#[tokio::test]
async fn rules_name_the_attribute() {
    let link = || config! { to = "x" };
    for (config, expected) in [
        (config! { title = "a", pages = 1_i64 }, vec![]),
        (
            config! { title = "a", pages = 0_i64 },
            vec!["pages: Invalid attribute value"],
        ),
        (
            config! { title = "a", pages = "1.5".parse::<terraform_plugin::Number>().expect("a number") },
            vec!["pages: Invalid attribute value"],
        ),
        (
            config! { title = "a", lender = "l", shop = "s" },
            vec!["shop: Invalid attribute combination"],
        ),
        (config! { title = "a", lender = "l", shop = unknown }, vec![]),
        (
            config! { title = "a", shop = "s", chapters = [{ name = "c" }] },
            vec!["shop: Invalid attribute combination"],
        ),
        (
            config! { title = "a", link = Value::List(vec![link(), link(), link()]) },
            vec!["link: Too many blocks"],
        ),
    ] {
        assert_eq!(errors(config.clone()).await, expected, "{config:?}");
    }
}

#[tokio::test]
async fn a_configuration_that_breaks_no_rule_can_be_asked_by_expression() {
    let config = config! { chapters = [{ name = "a" }, { name = "b" }] };
    let names = PathExpr::from("chapters[*].name");
    let found: BTreeMap<String, Option<&Value>> = names
        .find(&config)
        .into_iter()
        .map(|path| (path.to_string(), config.get(&path)))
        .collect();
    assert_eq!(found.len(), 2);
    assert_eq!(found["chapters[1].name"], Some(&"b".into()));
}
