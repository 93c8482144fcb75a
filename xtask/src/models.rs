//! The service models that local-aws interprets: cut from a botocore that is named, or held against one.
//!
//! ```text
//!  botocore/data/<service>/<version>/service-2.json ─┐
//!                   the operations that are served ──┴─▶ cut ─▶ services/<name>/model.json, or compared with it
//! ```

mod botocore;
mod cut;
mod text;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::Value;

pub use self::botocore::Botocore;
use crate::built;

#[derive(clap::Args)]
pub struct Arguments {
    /// The folder of the installed Python package botocore
    #[arg(long, value_name = "FOLDER")]
    botocore: PathBuf,
    /// Write nothing; fail where a model is not what would be written, and name file and shape
    #[arg(long)]
    check: bool,
}

pub fn run(arguments: &Arguments) -> ExitCode {
    let done = Botocore::at(&arguments.botocore).and_then(|botocore| match arguments.check {
        true => check(&botocore),
        false => write(&botocore),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

/// Holds every model against this botocore.
pub fn check(botocore: &Botocore) -> Result<(), String> {
    let mut differences = Vec::new();
    for model in models()? {
        for difference in text::differences(&model.written, &model.cut(botocore)?) {
            differences.push(format!("{}: {difference}", model.shown()));
        }
    }
    if differences.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{}\n\nThese models are not what botocore {} says. Run `cargo xtask models --botocore FOLDER` and commit them.",
        differences.join("\n"),
        botocore.version()
    ))
}

/// Whether all models were cut from this version; otherwise those that they were cut from.
pub fn recorded(botocore: &Botocore) -> Result<(), String> {
    let sources = models()?.into_iter().map(|model| model.head("source"));
    let others: BTreeSet<_> = sources.filter(|source| *source != botocore.source()).collect();
    if others.is_empty() {
        return Ok(());
    }
    let others: Vec<_> = others.into_iter().collect();
    Err(others.join(", "))
}

fn write(botocore: &Botocore) -> Result<(), String> {
    for model in models()? {
        fs::write(&model.path, model.cut(botocore)?)
            .map_err(|error| format!("{}: {error}", model.path.display()))?;
    }
    Ok(())
}

/// The model file of a service.
struct Model {
    path: PathBuf,
    written: String,
}

impl Model {
    /// As messages name it.
    fn shown(&self) -> String {
        let from = self.path.strip_prefix(built::repository());
        from.unwrap_or(&self.path).display().to_string()
    }

    /// A member at the top; empty where it is missing.
    fn head(&self, member: &str) -> String {
        let written: Value = serde_json::from_str(&self.written).unwrap_or_default();
        written[member].as_str().unwrap_or_default().to_owned()
    }

    /// What the file would be, cut from this botocore.
    fn cut(&self, botocore: &Botocore) -> Result<String, String> {
        let folder = self.head("service");
        if folder.is_empty() {
            return Err(format!(
                "{}: \"service\" is missing; it is the service's folder in botocore's data. \
                 A new service begins with {{\"service\": \"…\"}}",
                self.shown()
            ));
        }
        let (version, model) = botocore.service(&folder)?;
        let signed_as = ["signingName", "endpointPrefix"]
            .iter()
            .find_map(|name| model["metadata"][*name].as_str())
            .unwrap_or_default();
        let served = ::local_aws::operations();
        let (_, served) = served
            .into_iter()
            .find(|(service, _)| *service == signed_as)
            .ok_or_else(|| format!("{}: local-aws serves no {signed_as}", self.shown()))?;
        let cut = cut::model(&model, &served).map_err(|error| format!("{}: {error}", self.shown()))?;
        Ok(text::write(&folder, &version, &botocore.source(), &cut))
    }
}

/// The model of every service, in the order of their folders.
fn models() -> Result<Vec<Model>, String> {
    let services = built::repository().join("crates/local-aws/src/services");
    let wrong = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    let mut models = Vec::new();
    for entry in fs::read_dir(&services).map_err(|error| wrong(&services, error))? {
        let path = entry
            .map_err(|error| wrong(&services, error))?
            .path()
            .join("model.json");
        if path.is_file() {
            let written = fs::read_to_string(&path).map_err(|error| wrong(&path, error))?;
            models.push(Model { path, written });
        }
    }
    models.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(models)
}
