//! `example_note`: a file with a text.

use std::fs;

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
    const NAME: &'static str = "example_note";
    type Client = ();
    type Model = Model;

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
            Err(_) => {
                state.remove();
                Ok(())
            }
        }
    }

    async fn update(&self, _: &Cx<()>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
        Self::write(plan, state)
    }

    async fn delete(&self, _: &Cx<()>, plan: &Plan<Model>, _: &State<Model>) -> Outcome {
        let path = plan.planned().path.required(path!("path"))?;
        Ok(fs::remove_file(path).map_err(Diagnostic::because("The note cannot be removed"))?)
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};
    use terraform_plugin::{config, path, testing::Host};

    use crate::Example;

    #[tokio::test]
    async fn a_note_is_written_changed_and_removed() {
        let file = std::env::temp_dir().join(format!("note-{}.txt", std::process::id()));
        let name = file.to_string_lossy().into_owned();
        let config = |text: &str| config! { path = name.clone(), text = text };
        let host = Host::new(Example);
        host.configure(config! {}).await.expect("configured");
        let mut note = host.resource("example_note").expect("the type");
        note.apply(config("Hello")).await.expect("created");
        assert_eq!(note.get(&path!("size")), Some(&5.into()));
        note.apply(config("Bye")).await.expect("updated");
        assert!(note.plan(config("Bye")).await.expect("planned").is_no_op());
        note.destroy().await.expect("destroyed");
        assert!(!file.exists());
    }

    /// The framework turns on no feature of serde_json that changes what other models read.
    #[test]
    fn flattened_models_with_floats_work() {
        #[derive(Debug, PartialEq, Serialize, Deserialize)]
        struct Inner {
            ratio: f64,
        }
        #[derive(Debug, PartialEq, Serialize, Deserialize)]
        struct Outer {
            #[serde(flatten)]
            inner: Inner,
        }
        let outer: Outer = serde_json::from_str(r#"{"ratio":0.5}"#).expect("a model");
        assert_eq!(outer, Outer { inner: Inner { ratio: 0.5 } });
    }
}
