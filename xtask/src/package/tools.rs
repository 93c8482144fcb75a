//! The tools of others that write what a program is made of: cargo-about its licences, cargo-cyclonedx its bill of
//! materials.

use std::env;
use std::process::{Command, Output};

use crate::built;

/// A subcommand of cargo's that is installed by itself.
#[derive(Clone, Copy)]
pub struct Tool {
    /// As cargo takes it.
    pub subcommand: &'static str,
    /// What installs the version that this was written for.
    install: &'static str,
}

pub const ABOUT: Tool = Tool {
    subcommand: "about",
    install: "cargo install --locked cargo-about@0.9.3 --features cli",
};

pub const CYCLONEDX: Tool = Tool {
    subcommand: "cyclonedx",
    install: "cargo install --locked cargo-cyclonedx@0.5.9",
};

/// Whether all tools are there.
pub fn are_installed() -> Result<(), String> {
    let missing: Vec<_> = [ABOUT, CYCLONEDX]
        .into_iter()
        .filter(|tool| !tool.is_installed())
        .map(|tool| format!("  {}", tool.install))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(format!(
        "a tool that writes licence texts or the bill of materials is not installed. Install it:\n{}\nOr package with \
         --bare, without them, to try something out",
        missing.join("\n")
    ))
}

impl Tool {
    fn is_installed(self) -> bool {
        let answer = self.command().arg("--version").output();
        answer.is_ok_and(|answer| answer.status.success())
    }

    /// The tool, in the repository.
    pub fn command(self) -> Command {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.current_dir(built::repository()).arg(self.subcommand);
        command
    }

    /// Runs it to its end; what it says is told where it fails.
    pub fn run(self, command: &mut Command) -> Result<Output, String> {
        let ended = command
            .output()
            .map_err(|error| format!("cargo {} cannot be started: {error}", self.subcommand))?;
        if ended.status.success() {
            return Ok(ended);
        }
        Err(format!(
            "cargo {} ended with {}:\n{}",
            self.subcommand,
            ended.status,
            String::from_utf8_lossy(&ended.stderr).trim_end()
        ))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_gate_and_the_release_install_what_is_asked_for_here() {
        for file in [".ci/run", ".github/workflows/release.yml"] {
            let text = fs::read_to_string(built::repository().join(file)).expect("the file is there");
            for tool in [ABOUT, CYCLONEDX] {
                assert!(text.contains(tool.install), "{file}: {}", tool.install);
            }
        }
    }
}
