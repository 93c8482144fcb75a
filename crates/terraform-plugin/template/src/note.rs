//! `{{provider}}_note`: a file with a text.

use std::{fs, io::ErrorKind};

use serde::{Deserialize, Serialize};
use terraform_plugin::{
    Attr, Cx, Diagnostic, Outcome, Plan, Resource, Schema, State, path,
    schema::{int64, string},
};

pub struct Note;

#[derive(Clone, Serialize, Deserialize)]
pub struct Model {
    path: Attr<String>,
    text: Attr<String>,
    size: Attr<u64>,
}

impl Note {
    fn write(plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        let model = plan.planned();
        let (path, text) = (model.path.required(path!("path"))?, model.text.required(path!("text"))?);
        fs::write(path, text).map_err(Diagnostic::because("The note cannot be written"))?;
        state.set(&Model {
            size: Attr::Known(text.len() as u64),
            ..model.clone()
        })
    }
}

impl Resource for Note {
    const NAME: &'static str = "{{provider}}_note";
    type Client = ();
    type Model = Model;
    type Identity = ();

    fn schema() -> Schema {
        Schema::new(0)
            .describe("A file with a text.")
            .attr("path", string().required().replace().length(1..).describe("Where it is."))
            .attr("text", string().required().describe("What stands in it."))
            .attr("size", int64().computed().describe("How many bytes it has."))
    }

    async fn create(&self, _: &Cx<()>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        Self::write(plan, state)
    }

    async fn read(&self, _: &Cx<()>, state: &State<Model>) -> Outcome {
        let Some(mut model) = state.get() else {
            return Ok(());
        };
        match fs::read_to_string(model.path.required(path!("path"))?) {
            Ok(text) => {
                model.size = Attr::Known(text.len() as u64);
                model.text = Attr::Known(text);
                state.set(&model)
            }
            // Only what is gone is gone: whoever may not read it must not make it anew.
            Err(error) if error.kind() == ErrorKind::NotFound => {
                state.remove();
                Ok(())
            }
            Err(error) => Err(Diagnostic::because("The note cannot be read")(error).into()),
        }
    }

    async fn update(&self, _: &Cx<()>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        Self::write(plan, state)
    }

    async fn delete(&self, _: &Cx<()>, plan: &Plan<Model>, _: &State<Model>) -> Outcome {
        let path = plan.planned().path.required(path!("path"))?;
        match fs::remove_file(path) {
            // That it is gone is what was wanted.
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(Diagnostic::because("The note cannot be removed")(error).into())
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use terraform_plugin::{config, path, testing::Host};

    use crate::ThisProvider;

    #[tokio::test]
    async fn a_note_is_written_changed_and_removed() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("note.txt");
        let name = file.to_string_lossy().into_owned();
        let config = |text: &str| config! { path = name.clone(), text = text };
        let host = Host::new(ThisProvider);
        host.configure(config! {}).await.expect("configured");
        let mut note = host.resource("{{provider}}_note").expect("the type");
        note.apply(config("Hello")).await.expect("created");
        assert_eq!(note.get(&path!("size")), Some(&5.into()));
        note.apply(config("Bye")).await.expect("updated");
        assert!(note.plan(config("Bye")).await.expect("planned").is_no_op());
        note.destroy().await.expect("destroyed");
        assert!(!file.exists());
    }
}
