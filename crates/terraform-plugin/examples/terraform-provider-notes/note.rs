//! `notes_note`: a text with a name.

use serde::{Deserialize, Serialize};
use terraform_plugin::{
    Attr, Cx, Diagnostic, Diagnostics, IdentitySchema, Outcome, Plan, Resource, Schema, State, Type, path,
    schema::{int64, string},
};

use crate::folder::Folder;

pub struct Note;

#[derive(Clone, Serialize, Deserialize)]
pub struct Model {
    name: Attr<String>,
    text: Attr<String>,
    size: Attr<u64>,
}

/// What names a note for good.
#[derive(Serialize, Deserialize)]
pub struct NoteIdentity {
    name: String,
}

impl Model {
    pub fn new(name: &str, text: String) -> Self {
        Self {
            name: Attr::Known(name.to_owned()),
            size: Attr::Known(text.len() as u64),
            text: Attr::Known(text),
        }
    }

    fn name(&self) -> Result<&str, Diagnostics> {
        self.name.required(path!("name")).map(String::as_str)
    }
}

impl NoteIdentity {
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
        }
    }
}

fn write(folder: &Folder, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
    let model = plan.planned();
    let (name, text) = (model.name()?, model.text.required(path!("text"))?);
    folder.put(name, text)?;
    record(name, text.clone(), state)
}

/// The identity goes with every state: a CLI that knew no identities may have stored the one before.
fn record(name: &str, text: String, state: &State<Model>) -> Outcome {
    state.set_identity(&NoteIdentity::new(name))?;
    state.set(&Model::new(name, text))
}

impl Resource for Note {
    const NAME: &'static str = "notes_note";
    type Client = Folder;
    type Model = Model;
    type Identity = NoteIdentity;

    fn schema() -> Schema {
        let name = string().required().replace();
        let name = name.matches("^[a-z0-9-]+$", "lower-case letters, digits and hyphens");
        Schema::new(0)
            .describe("A text with a name.")
            .attr("name", name.describe("Its name."))
            .attr("text", string().required().describe("What it says."))
            .attr("size", int64().computed().describe("How long it is, in bytes."))
    }

    fn identity() -> Option<IdentitySchema> {
        Some(IdentitySchema::new(0).required_for_import("name", Type::String, "The note's name."))
    }

    async fn create(&self, cx: &Cx<Folder>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        let name = plan.planned().name()?;
        // What somebody else wrote is not overwritten.
        if cx.client().get(name)?.is_some() {
            let detail =
                format!("There is a note {name} already. To manage it: terraform import ADDRESS {name}");
            return Err(Diagnostic::error("The name is taken", detail)
                .at(path!("name"))
                .into());
        }
        write(cx.client(), plan, state)
    }

    async fn read(&self, cx: &Cx<Folder>, state: &State<Model>) -> Outcome {
        let Some(model) = state.get() else { return Ok(()) };
        let name = model.name()?;
        match cx.client().get(name)? {
            Some(text) => record(name, text, state),
            None => {
                state.remove();
                Ok(())
            }
        }
    }

    async fn update(&self, cx: &Cx<Folder>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        write(cx.client(), plan, state)
    }

    async fn delete(&self, cx: &Cx<Folder>, plan: &Plan<Model>, _: &State<Model>) -> Outcome {
        cx.client().remove(plan.planned().name()?)
    }

    async fn import(&self, _: &Cx<Folder>, id: &str, state: &State<Model>) -> Outcome {
        state.pass_through_id("name", id)
    }

    async fn import_identity(
        &self,
        _: &Cx<Folder>,
        identity: &NoteIdentity,
        state: &State<Model>,
    ) -> Outcome {
        state.pass_through_identity(identity)
    }
}
