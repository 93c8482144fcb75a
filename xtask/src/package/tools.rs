//! The tools of others that packages are made with: cargo-about and cargo-cyclonedx.

use std::env;
use std::process::Command;

use crate::built;

/// A tool that cargo runs as a command of its own.
pub struct Tool {
    /// As a command of cargo's.
    name: &'static str,
    writes: &'static str,
    /// What installs the version that this was written for.
    install: &'static str,
}

pub const ABOUT: Tool = Tool {
    name: "about",
    writes: "the licences of what is linked",
    install: "cargo install --locked cargo-about@0.9.3 --features cli",
};

pub const CYCLONEDX: Tool = Tool {
    name: "cyclonedx",
    writes: "the bill of materials",
    install: "cargo install --locked cargo-cyclonedx@0.5.9",
};

/// Whether all of them are there.
pub fn are_installed() -> Result<(), String> {
    let missing: Vec<_> = [ABOUT, CYCLONEDX]
        .into_iter()
        .filter(|tool| !tool.is_installed())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let (mut what, mut how) = (Vec::new(), String::new());
    for Tool {
        name,
        writes,
        install,
    } in missing
    {
        what.push(format!("cargo-{name}, which writes {writes}, is not installed"));
        how.push_str(&format!("  {install}\n"));
    }
    Err(format!(
        "{}. Install what is missing:\n{how}Or package with --bare to try something out",
        what.join("; ")
    ))
}

impl Tool {
    fn is_installed(&self) -> bool {
        let answer = self.command().arg("--version").output();
        answer.is_ok_and(|answer| answer.status.success())
    }

    /// The tool, in the repository.
    pub fn command(&self) -> Command {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.current_dir(built::repository()).arg(self.name);
        command
    }

    /// Runs it to its end, and gives what it wrote to its output; what it says besides is told where it fails.
    pub fn run(&self, command: &mut Command) -> Result<Vec<u8>, String> {
        let ended = command
            .output()
            .map_err(|error| format!("cargo {} cannot be started: {error}", self.name))?;
        if ended.status.success() {
            return Ok(ended.stdout);
        }
        Err(format!(
            "cargo {} ended with {}:\n{}",
            self.name,
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
            for Tool { install, .. } in [ABOUT, CYCLONEDX] {
                assert!(text.contains(install), "{file}: {install}");
            }
        }
    }
}
