//! The reference pages in `docs/`, as registries show them: rendered by tfplugindocs from `templates/`, `examples/` and
//! the schema that the provider tells a CLI.
//!
//! ```text
//!  provider ──providers schema -json──▶ schema.json ─┐
//!                            templates/, examples/ ──┴─▶ tfplugindocs ─▶ scratch/docs ─▶ docs/, or compared with it
//! ```

mod difference;
mod schema;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use self::difference::Pages;
use crate::{built, cli};

#[derive(clap::Args)]
pub struct Arguments {
    /// Write nothing; fail where docs/ is not what would be written, and name page and line
    #[arg(long)]
    check: bool,
}

pub fn run(arguments: &Arguments) -> ExitCode {
    match write_or_check(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

fn write_or_check(arguments: &Arguments) -> Result<(), String> {
    let rendered = render()?;
    let repository = built::repository();
    let docs = repository.join("docs");
    if !arguments.check {
        return replace(&docs, &rendered);
    }
    let differences = Pages::read(&docs)?.differences_from(&Pages::read(&rendered)?);
    if differences.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{}\n\ndocs/ is not what templates/, examples/ and the schema make of it. Run `cargo xtask docs` and commit docs/.",
        differences.join("\n")
    ))
}

/// Renders into a folder of its own, which it answers: the repository is only read.
fn render() -> Result<PathBuf, String> {
    let repository = built::repository();
    let scratch = built::scratch("docs")?;
    let source = scratch.join("source");
    if source.exists() {
        fs::remove_dir_all(&source)
            .map_err(|error| format!("{} cannot be emptied: {error}", source.display()))?;
    }
    for part in ["templates", "examples"] {
        copy(&repository.join(part), &source.join(part))?;
    }
    let schema = schema::write(&cli::find()?, &scratch)?;
    let mut generator = Command::new("go");
    generator
        .arg("-C")
        .arg(repository.join("tools").join("docs"))
        .args(["tool", "tfplugindocs", "generate"])
        .args(["--provider-name", "terraform-provider-private"])
        .args(["--rendered-provider-name", "private"])
        .arg("--provider-dir")
        .arg(&source)
        .arg("--providers-schema")
        .arg(&schema);
    let ended = generator.output().map_err(|error| {
        format!("go cannot be started: {error}. tfplugindocs, which renders the pages, is built by Go: https://go.dev/doc/install")
    })?;
    if !ended.status.success() {
        return Err(format!(
            "tfplugindocs ended with {}:\n{}{}",
            ended.status,
            String::from_utf8_lossy(&ended.stdout),
            String::from_utf8_lossy(&ended.stderr)
        ));
    }
    Ok(source.join("docs"))
}

fn replace(docs: &Path, rendered: &Path) -> Result<(), String> {
    if docs.exists() {
        fs::remove_dir_all(docs).map_err(|error| format!("{} cannot be emptied: {error}", docs.display()))?;
    }
    copy(rendered, docs)
}

fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let wrong = |error: std::io::Error| format!("{} cannot be copied: {error}", from.display());
    fs::create_dir_all(to).map_err(wrong)?;
    for entry in fs::read_dir(from).map_err(wrong)? {
        let entry = entry.map_err(wrong)?;
        let target = to.join(entry.file_name());
        if entry.file_type().map_err(wrong)?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target).map_err(wrong)?;
        }
    }
    Ok(())
}
