//! The tool of others that writes the bill of materials, cargo-cyclonedx.

use std::env;
use std::process::Command;

use crate::built;

/// What installs the version that this was written for.
const INSTALL: &str = "cargo install --locked cargo-cyclonedx@0.5.9";

/// Whether it is there.
pub fn is_installed() -> Result<(), String> {
    let answer = cyclonedx().arg("--version").output();
    if answer.is_ok_and(|answer| answer.status.success()) {
        return Ok(());
    }
    Err(format!(
        "cargo-cyclonedx, which writes the bill of materials, is not installed. Install it:\n  {INSTALL}\nOr package with \
         --no-bill to try something out"
    ))
}

/// The tool, in the repository.
pub fn cyclonedx() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(built::repository()).arg("cyclonedx");
    command
}

/// Runs it to its end; what it says is told where it fails.
pub fn run(command: &mut Command) -> Result<(), String> {
    let ended = command
        .output()
        .map_err(|error| format!("cargo cyclonedx cannot be started: {error}"))?;
    if ended.status.success() {
        return Ok(());
    }
    Err(format!(
        "cargo cyclonedx ended with {}:\n{}",
        ended.status,
        String::from_utf8_lossy(&ended.stderr).trim_end()
    ))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_gate_and_the_release_install_what_is_asked_for_here() {
        for file in [".ci/run", ".github/workflows/release.yml"] {
            let text = fs::read_to_string(built::repository().join(file)).expect("the file is there");
            assert!(text.contains(INSTALL), "{file}: {INSTALL}");
        }
    }
}
