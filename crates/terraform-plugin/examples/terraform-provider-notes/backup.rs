//! `notes_backup`, an action: copies all notes into another folder.

use serde::{Deserialize, Serialize};
use terraform_plugin::{Action, Attr, Cx, Outcome, Progress, Schema, path, schema::string};

use crate::folder::Folder;

pub struct Backup;

#[derive(Serialize, Deserialize)]
pub struct Config {
    to: Attr<String>,
}

impl Action for Backup {
    const NAME: &'static str = "notes_backup";
    type Client = Folder;
    type Config = Config;

    fn schema() -> Schema {
        let to = string()
            .required()
            .length(1..)
            .describe("The folder of the copies.");
        Schema::new(0).describe("Copies all notes.").attr("to", to)
    }

    async fn invoke(&self, cx: &Cx<Folder>, config: Config, progress: &Progress) -> Outcome {
        let copies = Folder::new(config.to.required(path!("to"))?);
        for name in cx.client().names()? {
            if let Some(text) = cx.client().get(&name)? {
                copies.put(&name, &text)?;
                progress.say(format!("copied {name}"));
            }
        }
        Ok(())
    }
}
