//! The Terraform or OpenTofu CLI: which one there is, and how it is started so that nothing of the user's steers it.

mod opentofu;

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// `terraform` or `tofu`, the first that the `PATH` has; where there is neither but Go, OpenTofu is built.
pub fn find() -> Result<PathBuf, String> {
    if let Some(program) = on_path(&["terraform", "tofu"]) {
        return Ok(program);
    }
    match on_path(&["go"]) {
        Some(go) => opentofu::build(&go),
        None => Err(
            "Neither terraform nor tofu is on the PATH, and there is no Go to build one. There are two ways:\n  install Terraform \
             1.11 or later (https://developer.hashicorp.com/terraform/install) or OpenTofu 1.11 or later \
             (https://opentofu.org/docs/intro/install);\n  or install Go (https://go.dev/doc/install), and OpenTofu is built from \
             source here.\nThen run this again."
                .to_owned(),
        ),
    }
}

/// The first of these programs that the `PATH` has.
pub fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .flat_map(|folder| {
            names
                .iter()
                .map(move |name| folder.join(format!("{name}{}", env::consts::EXE_SUFFIX)))
                .collect::<Vec<_>>()
        })
        .find(|program| program.is_file())
}

/// The CLI's configuration by which it takes the provider from the binary in `folder`, without `init`.
pub fn dev_overrides(folder: &Path) -> String {
    // A JSON string is one of HCL, but for template sequences, which no path here has.
    let folder = serde_json::to_string(folder).unwrap_or_default();
    format!(
        "provider_installation {{\n  dev_overrides {{ \"private-api/private\" = {folder} }}\n  direct {{}}\n}}\n"
    )
}

/// A CLI in an environment without the user's variables for Terraform, AWS and proxies.
pub fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        let steers = ["TF_", "AWS_"].iter().any(|prefix| text.starts_with(prefix));
        if steers || text.to_ascii_lowercase().ends_with("_proxy") {
            command.env_remove(&name);
        }
    }
    command.envs([
        ("CHECKPOINT_DISABLE", "1"),
        ("TF_IN_AUTOMATION", "1"),
        ("NO_COLOR", "1"),
    ]);
    command
}
