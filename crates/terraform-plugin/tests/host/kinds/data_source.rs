//! A data source.

use terraform_plugin::{Cx, DataSource, Deferral, Diagnostics, Outcome, Schema, ValidateCx, Value, config};

use super::{Mistake, Model, World, host, named, present, refuses_dogs};

pub(super) struct Shelf;

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
