//! A provider that uses every feature of the framework: what the scenarios of `tests/kitchen` run under the real CLIs.
//!
//! A kitchen keeps its things in a folder, so that they outlive the provider's processes. One feature is one file.

mod dish;
mod jar;
mod kinds;
mod pantry;
mod store;

use std::process::ExitCode;

use serde::{Deserialize, Serialize};
use terraform_plugin::{
    Attr, Catalog, ConfigureCx, Diagnostic, Diagnostics, Provider, Schema, path, schema::string, serve,
};

use crate::store::Store;

struct Kitchen;

/// The provider block.
#[derive(Serialize, Deserialize)]
struct Config {
    folder: Attr<String>,
}

impl Provider for Kitchen {
    const NAME: &'static str = "kitchen";
    const ADDRESS: &'static str = "registry.terraform.io/example/kitchen";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    type Config = Config;
    type Client = Store;

    fn schema() -> Schema {
        Schema::new(0).attr(
            "folder",
            string()
                .required()
                .length(1..)
                .describe("Where the kitchen keeps its things."),
        )
    }

    fn meta_schema() -> Option<Schema> {
        Some(jar::meta_schema())
    }

    async fn configure(&self, _: &ConfigureCx, config: Config) -> Result<Store, Diagnostics> {
        match config.folder {
            Attr::Known(folder) => Ok(Store::new(folder)),
            Attr::Null | Attr::Unknown => {
                let detail = "The folder must be known while the plan is made. Write it as a constant.";
                Err(Diagnostic::error("No folder", detail).at(path!("folder")).into())
            }
        }
    }

    fn catalog(catalog: &mut Catalog<Store>) {
        catalog.resource(dish::Dish);
        catalog.resource(jar::Jar);
        catalog.resource(pantry::Pantry);
        catalog.data_source(kinds::Menu);
        catalog.ephemeral_resource(kinds::Key);
        catalog.action(kinds::Bell);
        catalog.function(kinds::Portion);
        catalog.function(kinds::NameOf);
    }
}

fn main() -> ExitCode {
    serve(Kitchen)
}
