//! What has to be so before anything is built.

use std::env;
use std::path::Path;
use std::process::Command;

use crate::platform::Platform;

/// Whether everything is committed: a package has to say of which commit it is.
pub fn is_clean(repository: &Path) -> Result<(), String> {
    let status = Command::new("git")
        .arg("-C")
        .arg(repository)
        .args(["status", "--porcelain"])
        .output()
        .map_err(|error| format!("git cannot be started: {error}. Install it, or package with --dirty"))?;
    if !status.status.success() {
        return Err(format!(
            "git status ended with {}: {}",
            status.status,
            String::from_utf8_lossy(&status.stderr).trim()
        ));
    }
    let changed = String::from_utf8_lossy(&status.stdout);
    if changed.is_empty() {
        return Ok(());
    }
    Err(format!(
        "these are not committed:\n{}\nCommit or stash them, or package with --dirty to try something out",
        changed.trim_end()
    ))
}

/// The time of what is packaged, in seconds: of the last commit, unless the environment gives one, as it does for all tools
/// that build the same twice.
pub fn time(repository: &Path) -> Result<String, String> {
    if let Ok(time) = env::var("SOURCE_DATE_EPOCH") {
        return Ok(time);
    }
    let answer = Command::new("git")
        .arg("-C")
        .arg(repository)
        .args(["show", "--no-patch", "--format=%ct", "HEAD"])
        .output()
        .map_err(|error| format!("git cannot be started: {error}. Install it, or set SOURCE_DATE_EPOCH"))?;
    let time = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
    if time.is_empty() {
        return Err(format!(
            "git tells no time of the last commit, set SOURCE_DATE_EPOCH: {}",
            String::from_utf8_lossy(&answer.stderr).trim()
        ));
    }
    Ok(time)
}

/// Whether Rust can build for a platform.
pub fn has_target(platform: Platform) -> Result<(), String> {
    let missing = |what: &str| {
        format!(
            "Rust cannot build for {} ({}): {what}. Or give a binary that was built elsewhere with --binary",
            platform.name, platform.target
        )
    };
    let answer = Command::new("rustc")
        .args(["--print", "target-libdir", "--target", platform.target])
        .output()
        .map_err(|error| format!("rustc cannot be started: {error}"))?;
    let folder = String::from_utf8_lossy(&answer.stdout);
    if !answer.status.success() || !Path::new(folder.trim()).is_dir() {
        return Err(missing(&format!(
            "its standard library is not installed. `rustup target add {}` adds it; a linker for it is needed besides",
            platform.target
        )));
    }
    let Some((setting, linker)) = platform.cross_linker() else {
        return Ok(());
    };
    let linker = env::var(&setting).unwrap_or(linker);
    match Command::new(&linker).arg("--version").output() {
        Ok(_) => Ok(()),
        Err(error) => Err(missing(&format!(
            "its linker {linker} cannot be started: {error}. Debian's package gcc-{} has it, and {setting} names another",
            linker.trim_end_matches("-gcc")
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_committed_is_named() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let git = |arguments: &[&str]| {
            let ended = Command::new("git")
                .arg("-C")
                .arg(folder.path())
                .args(arguments)
                .output();
            assert!(
                ended.is_ok_and(|ended| ended.status.success()),
                "git {arguments:?}"
            );
        };
        git(&["init", "--quiet"]);
        assert_eq!(is_clean(folder.path()), Ok(()));
        std::fs::write(folder.path().join("new.rs"), "").expect("the folder is writable");
        let refused = is_clean(folder.path()).expect_err("a file is not committed");
        assert!(
            refused.contains("new.rs") && refused.contains("--dirty"),
            "{refused}"
        );
    }
}
