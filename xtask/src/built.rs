//! Builds what a chore works with, and tells where it is.

use std::env;
use std::path::PathBuf;
use std::process::Command;

/// The two programs of the workspace, built with the profile of xtask itself.
pub struct Programs {
    /// The folder that holds the provider, for `dev_overrides`.
    pub folder: PathBuf,
    pub local_aws: PathBuf,
}

/// The folder into which cargo has put xtask: everything else is built beside it.
fn folder() -> Result<PathBuf, String> {
    let this = env::current_exe().map_err(|error| format!("xtask does not find itself: {error}"))?;
    this.parent()
        .map(PathBuf::from)
        .ok_or_else(|| "xtask is in no folder".to_owned())
}

/// A folder of this project's own for what a chore writes.
pub fn scratch(name: &str) -> Result<PathBuf, String> {
    let scratch = folder()?.join("xtask").join(name);
    std::fs::create_dir_all(&scratch)
        .map_err(|error| format!("{} cannot be made: {error}", scratch.display()))?;
    Ok(scratch)
}

/// The repository's root.
pub fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Builds provider and local-aws.
pub fn programs() -> Result<Programs, String> {
    let folder = folder()?;
    let mut build = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    build.current_dir(repository()).args([
        "build",
        "--package",
        "terraform-provider-private",
        "--package",
        "local-aws",
    ]);
    if folder.ends_with("release") {
        build.arg("--release");
    }
    match build.status() {
        Ok(status) if status.success() => {}
        Ok(status) => return Err(format!("cargo build failed ({status})")),
        Err(error) => return Err(format!("cargo cannot be started: {error}")),
    }
    Ok(Programs {
        local_aws: folder.join(format!("local-aws{}", env::consts::EXE_SUFFIX)),
        folder,
    })
}
