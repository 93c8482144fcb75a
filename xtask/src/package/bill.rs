//! The bill of materials: every crate that is linked into a program, in CycloneDX.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use super::checkout;
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
    Ok(bill.replace(&repository.display().to_string(), "/source"))
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
