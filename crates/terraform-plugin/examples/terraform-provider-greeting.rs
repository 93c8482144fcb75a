//! A complete provider: `greeting_card`, which greets somebody. The crate's README tells how to run it.

use std::process::ExitCode;

use serde::{Deserialize, Serialize};
use terraform_plugin::{
    Attr, Catalog, ConfigureCx, Cx, Diagnostics, Outcome, Plan, Provider, Resource, Schema, State,
    schema::string, serve,
};

struct Greeting;
impl Provider for Greeting {
    const NAME: &'static str = "greeting";
    const ADDRESS: &'static str = "registry.terraform.io/example/greeting";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    type Config = ();
    type Client = ();
    async fn configure(&self, _: &ConfigureCx, _: ()) -> Result<(), Diagnostics> {
        Ok(())
    }
    fn catalog(catalog: &mut Catalog<()>) {
        catalog.resource(Card);
    }
}

#[derive(Serialize, Deserialize)]
struct Model {
    name: Attr<String>,
    text: Attr<String>,
}

struct Card;
impl Resource for Card {
    const NAME: &'static str = "greeting_card";
    type Client = ();
    type Model = Model;
    type Identity = ();
    fn schema() -> Schema {
        let name = string().required().length(1..).describe("Who is greeted.");
        let text = string().computed().describe("The greeting.");
        Schema::new(0).attr("name", name).attr("text", text)
    }
    // The card lives in the state alone: there is nothing to look up, and nothing to remove.
    async fn read(&self, _: &Cx<()>, _: &State<Model>) -> Outcome {
        Ok(())
    }
    async fn create(&self, _: &Cx<()>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        let name = plan.planned().name.clone();
        let text = name.as_ref().map(|name| format!("Hello, {name}!"));
        state.set(&Model { name, text })
    }
    async fn update(&self, cx: &Cx<()>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        self.create(cx, plan, state).await
    }
    async fn delete(&self, _: &Cx<()>, _: &Plan<Model>, _: &State<Model>) -> Outcome {
        Ok(())
    }
}
fn main() -> ExitCode {
    serve(Greeting)
}
