//! OpenTofu, built from source by Go in the version that `tools/go.mod` names.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::built;

const MODULE: &str = "github.com/opentofu/opentofu";

/// How often a build that runs says so.
const PROGRESS: Duration = Duration::from_secs(15);

/// How often a build is asked whether it has ended.
const POLL: Duration = Duration::from_millis(100);

/// Builds it, unless it was built before, and answers the program.
pub fn build(go: &Path) -> Result<PathBuf, String> {
    let tools = built::repository().join("tools");
    let requirements = tools.join("go.mod");
    let requirements = fs::read_to_string(&requirements)
        .map_err(|error| format!("{} cannot be read: {error}", requirements.display()))?;
    let version = version(&requirements).ok_or("tools/go.mod requires no OpenTofu")?;
    let program = built::scratch("opentofu")?.join(format!("tofu-{version}{}", std::env::consts::EXE_SUFFIX));
    if program.is_file() {
        return Ok(program);
    }
    eprintln!(
        "Neither terraform nor tofu is on the PATH: building OpenTofu {version} from source with Go. The first time this takes \
         some minutes; later it is there."
    );
    // Beside its place, and moved there when it is whole: an interrupted build leaves no program.
    let beside = program.with_extension("new");
    let mut build = Command::new(go);
    build
        .arg("-C")
        .arg(&tools)
        .args(["build", "-buildvcs=false", "-o"])
        .arg(&beside)
        .args(["-ldflags", &format!("-s -w -X {MODULE}/version.dev=no")])
        .arg(format!("{MODULE}/cmd/tofu"));
    run(build, &format!("OpenTofu {version}"))?;
    fs::rename(&beside, &program)
        .map_err(|error| format!("{} cannot be written: {error}", program.display()))?;
    Ok(program)
}

/// The version that a `go.mod` requires, without the `v`.
fn version(requirements: &str) -> Option<&str> {
    let lines = requirements
        .lines()
        .map(|line| line.trim().trim_start_matches("require "));
    let mut versions = lines.filter_map(|line| line.strip_prefix(MODULE)?.strip_prefix(" v"));
    versions.next().map(|rest| rest.split(' ').next().unwrap_or(rest))
}

/// Runs a build to its end, and says now and then that it runs.
fn run(mut build: Command, what: &str) -> Result<(), String> {
    let began = Instant::now();
    let mut child = build
        .spawn()
        .map_err(|error| format!("go cannot be started: {error}"))?;
    let mut told = began;
    let status = loop {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            break status;
        }
        if told.elapsed() >= PROGRESS {
            told = Instant::now();
            eprintln!("  still building {what}: {} s", began.elapsed().as_secs());
        }
        thread::sleep(POLL);
    };
    if status.success() {
        eprintln!("  built {what} in {} s", began.elapsed().as_secs());
        Ok(())
    } else {
        Err(format!(
            "go build of {what} ended with {status}; its words are above. Without it, put terraform or tofu on the PATH"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_the_one_that_is_required() {
        let required = "module example\n\ngo 1.26\n\nrequire github.com/opentofu/opentofu v1.12.6\n\nrequire (\n\tgithub.com/x/y v1.0.0\n)\n";
        assert_eq!(version(required), Some("1.12.6"));
        let grouped = "require (\n\tgithub.com/opentofu/opentofu v1.13.0 // why\n)\n";
        assert_eq!(version(grouped), Some("1.13.0"));
        assert_eq!(version("module example\n"), None);
    }
}
