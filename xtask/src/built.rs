//! Builds what a chore works with, and tells where it is.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use crate::platform::Platform;

/// The two programs of the workspace, built with the profile of xtask itself.
pub struct Programs {
    /// The folder that holds the provider, for `dev_overrides`.
    pub folder: PathBuf,
    pub local_aws: PathBuf,
}

impl Programs {
    fn of(folder: PathBuf) -> Self {
        let local_aws = folder.join(format!("local-aws{}", env::consts::EXE_SUFFIX));
        Self { folder, local_aws }
    }

    /// The provider's binary.
    pub fn provider(&self) -> PathBuf {
        self.folder
            .join(format!("terraform-provider-private{}", env::consts::EXE_SUFFIX))
    }

    /// The fault matrix.
    pub fn faults(&self) -> PathBuf {
        self.folder.join(format!("faults{}", env::consts::EXE_SUFFIX))
    }

    /// An example's binary, where all targets were built.
    pub fn example(&self, name: &str) -> PathBuf {
        self.folder
            .join("examples")
            .join(format!("{name}{}", env::consts::EXE_SUFFIX))
    }
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
    let scratch = folder()?.join("xtask-scratch").join(name);
    std::fs::create_dir_all(&scratch)
        .map_err(|error| format!("{} cannot be made: {error}", scratch.display()))?;
    Ok(scratch)
}

/// The repository's root: the one that cargo runs in, since a target folder can be shared by several clones.
pub fn repository() -> PathBuf {
    let manifest = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    PathBuf::from(manifest).join("..")
}

/// Builds provider and local-aws.
pub fn programs() -> Result<Programs, String> {
    let folder = folder()?;
    let mut build = build()?;
    // The same selection as `cargo test`: cargo unifies features over what it builds together, and another
    // selection would compile the AWS SDK once more.
    build.args(["--workspace", "--all-targets"]);
    if folder.ends_with("release") {
        build.arg("--release");
    }
    run(build)?;
    Ok(Programs::of(folder))
}

/// Builds the program that asks AWS, and nothing of the provider; answers its binary.
pub fn verify_aws() -> Result<PathBuf, String> {
    let mut build = build()?;
    build.args(["--quiet", "--package", "verify-aws"]);
    run(build)?;
    Ok(target()?
        .join("debug")
        .join(format!("verify-aws{}", env::consts::EXE_SUFFIX)))
}

/// Builds the provider's release for this machine, and answers its binary.
pub fn release() -> Result<PathBuf, String> {
    let mut build = build()?;
    build.args(["--package", "terraform-provider-private", "--release", "--locked"]);
    run(build)?;
    Ok(Programs::of(target()?.join("release")).provider())
}

/// Builds the release of a package of the workspace for a platform, and answers its binary, which has the package's name.
/// For Linux it is static, so that it runs wherever Linux does, with a C library or without.
pub fn release_for(package: &str, platform: Platform) -> Result<PathBuf, String> {
    let triple = platform.target;
    let profile = match package {
        "local-aws" => "local-aws",
        _ => "release",
    };
    let mut build = cargo("rustc")?;
    build
        .args(["--package", package, "--bin", package])
        .args(["--profile", profile, "--locked", "--target", triple])
        // Paths of the machine that builds do not belong into what it builds.
        .env("RUSTFLAGS", release_flags(triple)?);
    // Only where Rust's own linker is the usual one; others do not know both. Measured: of 21.6 MiB, 0.6 are equal
    // functions, which need not be there twice, and 1.6 are addresses that can be written shorter.
    if triple == "x86_64-unknown-linux-gnu" {
        build
            .arg("--")
            .args(["-C", "link-arg=-Wl,--icf=all"])
            .args(["-C", "link-arg=-Wl,-z,pack-relative-relocs"]);
    }
    if let Some((setting, linker)) = platform.cross_linker()
        && env::var_os(&setting).is_none()
    {
        build.env(setting, linker);
    }
    run(build)?;
    let folder = target()?.join(triple).join(profile);
    Ok(folder.join(format!("{package}{}", platform.exe_suffix())))
}

/// What makes a release the same wherever it is built: no path of the machine, and on Linux no library of the system's.
fn release_flags(triple: &str) -> Result<String, String> {
    let repository = repository()
        .canonicalize()
        .map_err(|error| format!("the repository cannot be found: {error}"))?;
    let mut flags = format!("--remap-path-prefix={}=/source", repository.display());
    for (variable, below, shown) in [
        ("CARGO_HOME", ".cargo", "/cargo"),
        ("RUSTUP_HOME", ".rustup", "/rustup"),
    ] {
        let named = env::var_os(variable).map(PathBuf::from);
        let usual = env::var_os("HOME").map(|home| PathBuf::from(home).join(below));
        if let Some(folder) = named.or(usual) {
            flags.push_str(&format!(" --remap-path-prefix={}={shown}", folder.display()));
        }
    }
    if triple.contains("linux") {
        flags.push_str(" -C target-feature=+crt-static");
        // A static program does not find the C library's call by its name, and then reads /dev/urandom, which an empty root
        // does not have. Linux has had the call since 3.17.
        flags.push_str(" --cfg getrandom_backend=\"linux_getrandom\"");
    }
    Ok(flags)
}

/// The target folder that cargo has built xtask in: where it has the dependencies already.
fn target() -> Result<PathBuf, String> {
    let target = folder()?.parent().map(PathBuf::from);
    target.ok_or_else(|| "xtask is in no target folder".to_owned())
}

fn build() -> Result<Command, String> {
    cargo("build")
}

fn cargo(subcommand: &str) -> Result<Command, String> {
    let mut build = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    build
        .current_dir(repository())
        .arg(subcommand)
        .arg("--target-dir")
        .arg(target()?);
    Ok(build)
}

fn run(mut build: Command) -> Result<(), String> {
    match build.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("cargo build failed ({status})")),
        Err(error) => Err(format!("cargo cannot be started: {error}")),
    }
}
