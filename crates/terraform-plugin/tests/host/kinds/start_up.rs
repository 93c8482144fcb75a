//! Mistakes in any kind, which the start tells.

use terraform_plugin::{
    Catalog, ConfigureCx, Diagnostics, Function, FunctionError, Parameter, Provider, Schema, Signature, Type,
    schema::string, testing::Host,
};

use super::{NoConfig, World, data_source::Shelf, list_resource::Books};

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
