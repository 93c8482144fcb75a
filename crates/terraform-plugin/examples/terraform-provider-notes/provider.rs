//! The provider: its configuration, and what it offers.

use serde::{Deserialize, Serialize};
use terraform_plugin::{
    Attr, Catalog, ConfigureCx, Deferral, Diagnostics, Provider, Schema, path, schema::string,
};

use crate::{backup, folder::Folder, list, note};

pub struct Notes;

/// The provider block.
#[derive(Serialize, Deserialize)]
pub struct Config {
    folder: Attr<String>,
}

impl Provider for Notes {
    const NAME: &'static str = "notes";
    const ADDRESS: &'static str = "registry.terraform.io/example/notes";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    type Config = Config;
    type Client = Folder;

    fn schema() -> Schema {
        let folder = string().required().length(1..).describe("Where the notes are.");
        Schema::new(0).attr("folder", folder)
    }

    async fn configure(&self, cx: &ConfigureCx, config: Config) -> Result<Folder, Diagnostics> {
        // Another resource may have to make the folder first. A host that can wait plans the notes in a later run.
        if config.folder.is_unknown() && cx.deferral_allowed() {
            cx.defer(Deferral::ProviderConfigUnknown);
            return Ok(Folder::new(""));
        }
        Ok(Folder::new(config.folder.required(path!("folder"))?))
    }

    fn catalog(catalog: &mut Catalog<Folder>) {
        catalog.resource(note::Note);
        catalog.list_resource(list::Notes);
        catalog.action(backup::Backup);
    }
}
