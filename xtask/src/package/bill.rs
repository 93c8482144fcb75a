//! The bill of materials: every crate that is linked into a program and no other, in CycloneDX.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use super::checkout;
use super::linked::crates_of;
use super::program::Program;
use super::tools::CYCLONEDX;
use crate::built;
use crate::platform::Platform;

/// The bill of a program for a platform, as JSON.
pub fn of(program: Program, platform: Platform) -> Result<String, String> {
    let members = members()?;
    // The tool writes a file beside each Cargo.toml of the workspace, and nowhere else.
    let name = format!("bill-{}", std::process::id());
    let written = Written(
        members
            .iter()
            .map(|(_, folder)| folder.join(format!("{name}.json")))
            .collect(),
    );
    let mut cyclonedx = CYCLONEDX.command();
    cyclonedx
        .args(["--format", "json", "--spec-version", "1.5"])
        .args(["--no-build-deps", "--target", platform.target])
        .args([
            "--manifest-path",
            program.manifest(),
            "--override-filename",
            &name,
        ])
        // With a given time, the same sources have the same bill.
        .env("SOURCE_DATE_EPOCH", checkout::time(&built::repository())?);
    CYCLONEDX.run(&mut cyclonedx)?;
    let of_program = members.iter().position(|(member, _)| member == program.name());
    let file = of_program.and_then(|index| written.0.get(index));
    let file = file.ok_or_else(|| format!("cargo metadata has no {}", program.name()))?;
    let bill =
        fs::read_to_string(file).map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
    // Members of the workspace are named by where they are; that is the same for everybody, as in the binary.
    let repository = built::repository()
        .canonicalize()
        .map_err(|error| format!("the repository cannot be found: {error}"))?;
    let bill = bill.replace(&repository.display().to_string(), "/source");
    let bill = serde_json::from_str(&bill).map_err(|error| format!("the bill is no JSON: {error}"))?;
    let bill = only(bill, &crates_of(program, platform)?)?;
    serde_json::to_string_pretty(&bill).map_err(|error| error.to_string())
}

/// The bill without what is not linked: the tool names what any package of the workspace wants, tests included.
fn only(mut bill: Value, linked: &BTreeSet<(String, String)>) -> Result<Value, String> {
    let id = |component: &Value| {
        let text = |member: &str| component[member].as_str().unwrap_or_default().to_owned();
        (text("name"), text("version"))
    };
    let root = bill["metadata"]["component"].clone();
    let components = list(&mut bill, "components")?;
    components.retain(|component| linked.contains(&id(component)));
    let named: BTreeSet<_> = components.iter().chain([&root]).map(id).collect();
    if let Some((name, version)) = linked.difference(&named).next() {
        return Err(format!(
            "the bill of cargo-cyclonedx does not name {name} {version}, which is linked"
        ));
    }
    let references: BTreeSet<_> = components
        .iter()
        .chain([&root])
        .map(|component| component["bom-ref"].clone().to_string())
        .collect();
    let is_named = |reference: &Value| references.contains(&reference.to_string());
    let dependencies = list(&mut bill, "dependencies")?;
    dependencies.retain(|dependency| is_named(&dependency["ref"]));
    for dependency in dependencies {
        if let Some(on) = dependency["dependsOn"].as_array_mut() {
            on.retain(is_named);
        }
    }
    Ok(bill)
}

fn list<'a>(bill: &'a mut Value, member: &str) -> Result<&'a mut Vec<Value>, String> {
    let list = bill[member].as_array_mut();
    list.ok_or_else(|| format!("the bill of cargo-cyclonedx has no list of {member}"))
}

/// What was written beside the sources; dropped, it is gone.
struct Written(Vec<PathBuf>);

impl Drop for Written {
    fn drop(&mut self) {
        for file in &self.0 {
            // For some members nothing is written.
            let _ = fs::remove_file(file);
        }
    }
}

/// The packages of the workspace, each with its folder.
fn members() -> Result<Vec<(String, PathBuf)>, String> {
    let answer = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .current_dir(built::repository())
        .args(["metadata", "--format-version", "1", "--locked", "--no-deps"])
        .output()
        .map_err(|error| format!("cargo cannot be started: {error}"))?;
    let metadata: Value =
        serde_json::from_slice(&answer.stdout).map_err(|error| format!("cargo metadata: {error}"))?;
    let packages = metadata["packages"].as_array().cloned().unwrap_or_default();
    Ok(packages
        .iter()
        .filter_map(|package| {
            let manifest = PathBuf::from(package["manifest_path"].as_str()?);
            Some((
                package["name"].as_str()?.to_owned(),
                manifest.parent()?.to_owned(),
            ))
        })
        .collect())
}
