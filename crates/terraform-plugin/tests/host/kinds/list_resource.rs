//! A list resource.

use serde::{Deserialize, Serialize};
use terraform_plugin::{
    Attr, Cx, Diagnostic, ListResource, Listed, Outcome, Results, Schema, Value, config,
    schema::{number, string},
};

use super::{Book, Mistake, Model, World, host, present};

#[derive(Serialize, Deserialize)]
pub(super) struct Shelves {
    prefix: Attr<String>,
    count: Attr<i64>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Isbn {
    isbn: String,
}

#[derive(Serialize)]
pub(super) struct Issn {
    issn: String,
}

pub(super) struct Books;

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
                Mistake::NullIdentity => Listed::new(&name, &config! { isbn = null }),
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
            Mistake::NullIdentity,
            "list resource library_book: isbn of the identity of \"b0\" is null, and nobody could import by it",
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
