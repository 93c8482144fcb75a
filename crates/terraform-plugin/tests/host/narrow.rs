//! What only a resource's model refuses, and what the user is told of that.

use serde::{Deserialize, Serialize};
use serde_json::json;
use terraform_plugin::{
    Attr, Catalog, ConfigureCx, Cx, Diagnostics, IdentitySchema, Outcome, Plan, Provider, Resource, Schema,
    State, Type, config, path,
    schema::{list_nested, number, string},
    testing::{Host, Stored},
};

#[derive(Serialize, Deserialize)]
struct Nothing {}

/// A resource whose model takes less than its schema.
struct Narrow;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Colour {
    Red,
    Green,
}

#[derive(Serialize, Deserialize)]
struct NarrowModel {
    port: Attr<u8>,
    colour: Attr<Colour>,
    pin: Attr<u8>,
    parts: Attr<Vec<Part>>,
}

#[derive(Serialize, Deserialize)]
struct Part {
    name: Attr<String>,
}

#[derive(Serialize, Deserialize)]
struct NarrowIdentity {
    port: u8,
}

impl Provider for Narrow {
    const NAME: &'static str = "narrow";
    const ADDRESS: &'static str = "registry.terraform.io/example/narrow";
    const VERSION: &'static str = "0.1.0";
    type Config = Nothing;
    type Client = ();

    async fn configure(&self, _: &ConfigureCx, _: Nothing) -> Result<(), Diagnostics> {
        Ok(())
    }

    fn catalog(catalog: &mut Catalog<()>) {
        catalog.resource(Self);
    }
}

impl Resource for Narrow {
    const NAME: &'static str = "narrow_thing";
    type Client = ();
    type Model = NarrowModel;
    type Identity = NarrowIdentity;

    fn schema() -> Schema {
        Schema::new(0)
            .attr("port", number().optional())
            .attr("colour", string().optional())
            .attr("pin", number().optional().sensitive())
            .attr("parts", list_nested([("name", string().optional())]).optional())
    }

    fn identity() -> Option<IdentitySchema> {
        Some(IdentitySchema::new(0).required_for_import("port", Type::Number, "Where it listens."))
    }

    async fn read(&self, _: &Cx<()>, _: &State<NarrowModel>) -> Outcome {
        Ok(())
    }

    async fn create(&self, _: &Cx<()>, _: &Plan<NarrowModel>, _: &State<NarrowModel>) -> Outcome {
        Ok(())
    }

    async fn update(&self, _: &Cx<()>, _: &Plan<NarrowModel>, _: &State<NarrowModel>) -> Outcome {
        Ok(())
    }

    async fn delete(&self, _: &Cx<()>, _: &Plan<NarrowModel>, _: &State<NarrowModel>) -> Outcome {
        Ok(())
    }
}

#[tokio::test]
async fn what_only_the_model_refuses_is_told_the_user_as_a_rule() {
    let host = Host::new(Narrow);
    host.configure(config! {}).await.expect("configured");
    let thing = host.resource("narrow_thing").expect("the type");
    for (config, path, detail) in [
        (
            config! { port = 300_i64 },
            path!("port"),
            "The value must be a whole number from 0 to 255; it is 300.",
        ),
        (
            config! { colour = "blue" },
            path!("colour"),
            "The value must be one of: red, green; it is \"blue\".",
        ),
        (
            config! { pin = 1234_i64 },
            path!("pin"),
            "The value must be a whole number from 0 to 255.",
        ),
    ] {
        let found = thing.validate(config).await.expect_err("refused");
        let first = found.iter().next().expect("an error");
        assert_eq!((&first.path, first.detail.as_str()), (&path, detail));
        assert_eq!(first.summary, "Invalid attribute value");
    }
}

#[tokio::test]
async fn a_null_element_that_a_model_cannot_hold_is_told_as_the_users() {
    let host = Host::new(Narrow);
    host.configure(config! {}).await.expect("configured");
    let thing = host.resource("narrow_thing").expect("the type");
    let found = thing
        .validate(config! { parts = [{ name = "a" }, null] })
        .await
        .expect_err("refused");
    let first = found.iter().next().expect("an error");
    assert_eq!(
        (&first.path, first.detail.as_str()),
        (
            &path!("parts", 1),
            "parts[1]: The element 1 is null, and must not be. Leave it out."
        )
    );
}

#[tokio::test]
async fn stored_state_that_a_model_refuses_is_told_with_a_way_out() {
    let host = Host::new(Narrow);
    host.configure(config! {}).await.expect("configured");
    let mut thing = host.resource("narrow_thing").expect("the type");
    let stored = Stored::new(Narrow::ADDRESS, "narrow_thing", 0, json!({ "colour": "blue" }));
    thing.restore(&stored).await.expect("of the schema");
    let found = thing.destroy().await.expect_err("refused").to_string();
    for words in [
        "colour: must be one of: red, green. Another version",
        "`state rm`",
    ] {
        assert!(found.contains(words), "{found}");
    }
    assert!(!found.contains("blue"));
}

#[tokio::test]
async fn a_document_is_not_quoted_whole() {
    let host = Host::new(Narrow);
    host.configure(config! {}).await.expect("configured");
    let thing = host.resource("narrow_thing").expect("the type");
    let found = thing
        .validate(config! { colour = "x".repeat(5_000_000) })
        .await
        .expect_err("refused");
    assert!(found.to_string().len() < 500);
}

#[tokio::test]
async fn what_only_the_struct_of_an_identity_refuses_is_told_the_user_as_a_rule() {
    let host = Host::new(Narrow);
    assert_eq!(host.problems(), [""; 0]);
    host.configure(config! {}).await.expect("configured");
    let mut thing = host.resource("narrow_thing").expect("the type");
    let found = thing
        .import_identity(config! { port = 300_i64 })
        .await
        .expect_err("refused");
    let first = found.iter().next().expect("an error");
    assert_eq!(first.summary, "Unsuitable identity of narrow_thing");
    assert_eq!(
        first.detail,
        "Of the identity, port must be a whole number from 0 to 255; it is 300."
    );
}
