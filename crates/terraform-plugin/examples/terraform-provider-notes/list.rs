//! `notes_note`, listed (`terraform query`): the notes whose names begin alike.

use serde::{Deserialize, Serialize};
use terraform_plugin::{Attr, Cx, ListResource, Listed, Outcome, Results, Schema, schema::string};

use crate::{
    folder::Folder,
    note::{Model, Note, NoteIdentity},
};

pub struct Notes;

#[derive(Serialize, Deserialize)]
pub struct Config {
    prefix: Attr<String>,
}

impl ListResource for Notes {
    type Resource = Note;
    type Client = Folder;
    type Config = Config;

    fn schema() -> Schema {
        Schema::new(0).attr(
            "prefix",
            string().optional().describe("What the names begin with."),
        )
    }

    async fn list(&self, cx: &Cx<Folder>, config: Config, results: &Results<Model>) -> Outcome {
        let prefix = config.prefix.unwrap_or_default();
        let names = cx.client().names()?;
        for name in names.iter().filter(|name| name.starts_with(&prefix)) {
            let mut listed = Listed::new(name, &NoteIdentity::new(name));
            if results.include_resource() {
                // Removed since the folder was read: there is nothing to list.
                let Some(text) = cx.client().get(name)? else {
                    continue;
                };
                listed = listed.resource(Model::new(name, text));
            }
            if results.push(listed).await.is_break() {
                break;
            }
        }
        Ok(())
    }
}
