//! Puts the provider where `terraform init` and `tofu init` look for it, beside what they get from registries: the
//! plugin directory of the user, under both registries' names.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::built;
use crate::platform::Platform;

/// The hosts that Terraform and OpenTofu complete `private-api/private` with.
pub const HOSTS: [&str; 2] = ["registry.terraform.io", "registry.opentofu.org"];

#[derive(clap::Args)]
pub struct Arguments {
    /// A provider that is built already; without it the release is built, which takes some ten minutes the first time
    #[arg(long)]
    binary: Option<PathBuf>,
    /// The plugin directory, instead of the one that the CLIs look into without being told
    #[arg(long)]
    directory: Option<PathBuf>,
}

pub fn run(arguments: &Arguments) -> ExitCode {
    match install(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("Nothing was installed: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn install(arguments: &Arguments) -> Result<(), String> {
    let directory = match &arguments.directory {
        Some(directory) => directory.clone(),
        None => plugin_directory()?,
    };
    let platform = Platform::host()?;
    let binary = match &arguments.binary {
        Some(binary) if binary.is_file() => binary.clone(),
        Some(binary) => {
            return Err(format!(
                "{} is no file; give the provider's binary, or leave --binary out to have it built",
                binary.display()
            ));
        }
        None => built::release()?,
    };
    for folder in HOSTS.map(|host| package_folder(&directory, host, platform)) {
        put(&binary, &folder, platform)?;
        print(&format!("Installed in {}", folder.display()));
    }
    if arguments.directory.is_none()
        && let Some(file) = settings_that_choose()
    {
        print(&format!(
            "{} has a provider_installation block, which decides alone where providers come from. Name the directory there:\n  \
             filesystem_mirror {{ path = {:?} }}",
            file.display(),
            directory.display().to_string()
        ));
    }
    print(&format!(
        "Use it: source = \"private-api/private\", version = \"{}\", then `terraform init` or `tofu init`. A folder that was \
         initialised with another build of this version needs `init -upgrade`.",
        env!("CARGO_PKG_VERSION")
    ));
    Ok(())
}

/// Where a CLI looks for an unpacked package.
fn package_folder(directory: &Path, host: &str, platform: Platform) -> PathBuf {
    directory
        .join(host)
        .join("private-api")
        .join("private")
        .join(env!("CARGO_PKG_VERSION"))
        .join(platform.name)
}

/// Copies beside and renames, so that a CLI that runs meanwhile has the old program or the new one.
fn put(binary: &Path, folder: &Path, platform: Platform) -> Result<(), String> {
    let wrong = |error: std::io::Error| format!("{} cannot be written: {error}", folder.display());
    fs::create_dir_all(folder).map_err(wrong)?;
    let target = folder.join(platform.binary_name(env!("CARGO_PKG_VERSION")));
    let beside = folder.join(".new");
    fs::copy(binary, &beside).map_err(|error| format!("{} cannot be copied: {error}", binary.display()))?;
    fs::rename(&beside, &target).map_err(wrong)
}

/// The plugin directory that both CLIs look into on this system, if nothing in their settings says otherwise.
fn plugin_directory() -> Result<PathBuf, String> {
    let (variable, below) = if cfg!(windows) {
        ("APPDATA", "terraform.d")
    } else {
        ("HOME", ".terraform.d")
    };
    let home = env::var_os(variable).filter(|home| !home.is_empty());
    let home =
        home.ok_or_else(|| format!("{variable} is not set; name the plugin directory with --directory"))?;
    Ok(PathBuf::from(home).join(below).join("plugins"))
}

/// The CLI's settings, where they choose the sources of providers themselves.
fn settings_that_choose() -> Option<PathBuf> {
    let home = env::var_os("HOME").map(PathBuf::from);
    let named = env::var_os("TF_CLI_CONFIG_FILE").map(PathBuf::from);
    let usual = [".terraformrc", ".tofurc"]
        .into_iter()
        .filter_map(|name| Some(home.as_ref()?.join(name)));
    named
        .into_iter()
        .chain(usual)
        .find(|file| fs::read_to_string(file).is_ok_and(|text| text.contains("provider_installation")))
}

fn print(line: &str) {
    use std::io::Write as _;
    // A closed pipe ends the reader's interest, not the installation.
    let _ = writeln!(std::io::stdout(), "{line}");
}
