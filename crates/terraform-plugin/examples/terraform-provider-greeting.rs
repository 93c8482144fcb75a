//! A provider of one resource: a file with a greeting. Build it, point `dev_overrides` at
//! `target/debug/examples`, and apply `resource "greeting_file" "hello" { path = "hello.txt", name = "you"
//! }`.

use std::process::ExitCode;

use serde::{Deserialize, Serialize};
use terraform_plugin::{
    Attr, Catalog, ConfigureCx, Cx, Diagnostic, Diagnostics, Outcome, Plan, Provider, Resource, Schema,
    State, schema::string, serve,
};

struct Greeting;

#[derive(Serialize, Deserialize)]
struct Config {}

impl Provider for Greeting {
    const NAME: &'static str = "greeting";
    const ADDRESS: &'static str = "registry.terraform.io/example/greeting";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    type Config = Config;
    type Client = ();

    fn schema() -> Schema {
        Schema::new(0)
    }

    async fn configure(&self, _: &ConfigureCx, _: Config) -> Result<(), Diagnostics> {
        Ok(())
    }

    fn catalog(catalog: &mut Catalog<()>) {
        catalog.resource(File);
    }
}

struct File;

#[derive(Clone, Serialize, Deserialize)]
struct Model {
    path: Attr<String>,
    name: Attr<String>,
    text: Attr<String>,
}

impl Model {
    fn path(&self) -> &str {
        self.path.known().map_or("", String::as_str)
    }
}

fn failed(summary: &str) -> impl FnOnce(std::io::Error) -> Diagnostics {
    move |err| Diagnostic::error(summary, err.to_string()).into()
}

impl Resource for File {
    const NAME: &'static str = "greeting_file";
    type Client = ();
    type Model = Model;

    fn schema() -> Schema {
        Schema::new(0)
            .describe("A file with a greeting.")
            .attr(
                "path",
                string().required().replace().describe("Where the file is."),
            )
            .attr(
                "name",
                string().required().length(1..).describe("Who is greeted."),
            )
            .attr("text", string().computed().describe("What the file says."))
    }

    async fn plan(&self, _: &Cx<()>, plan: &mut Plan<Model>) -> Outcome {
        let mut planned = plan.planned().clone();
        planned.text = planned.name.as_ref().map(|name| format!("Hello, {name}!"));
        if !plan.is_destroy() {
            plan.set(planned);
        }
        Ok(())
    }

    async fn read(&self, _: &Cx<()>, state: &State<Model>) -> Outcome {
        let Some(mut model) = state.get() else {
            return Ok(());
        };
        match tokio::fs::read_to_string(model.path()).await {
            Ok(text) => model.text = Attr::Known(text),
            Err(_) => {
                state.remove();
                return Ok(());
            }
        }
        state.set(&model)
    }

    async fn create(&self, _: &Cx<()>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        let model = plan.planned();
        let text = model.text.known().map_or("", String::as_str);
        tokio::fs::write(model.path(), text)
            .await
            .map_err(failed("The file cannot be written"))?;
        state.set(model)
    }

    async fn update(&self, cx: &Cx<()>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        self.create(cx, plan, state).await
    }

    async fn delete(&self, _: &Cx<()>, plan: &Plan<Model>, _: &State<Model>) -> Outcome {
        tokio::fs::remove_file(plan.planned().path())
            .await
            .map_err(failed("The file cannot be removed"))
    }
}

fn main() -> ExitCode {
    serve(Greeting)
}
