//! Which CLIs there are, and what they can do.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

/// Programs that the scenarios run on beside those on `PATH`, separated by colons.
const MORE: &str = "TF_ACC_CLIS";

/// A Terraform or OpenTofu CLI.
#[derive(Debug)]
pub struct Cli {
    /// The program.
    pub program: PathBuf,
    /// Major and minor version. Terraform's and OpenTofu's agree on what the scenarios ask of them.
    version: (u64, u64),
}

impl Cli {
    fn ask(program: &Path) -> Self {
        let answer = Command::new(program)
            .args(["version", "-json"])
            .env("CHECKPOINT_DISABLE", "1")
            .env_remove("TF_CLI_CONFIG_FILE")
            .output()
            .unwrap_or_else(|error| panic!("{} cannot be started: {error}", program.display()));
        let answer: Value = serde_json::from_slice(&answer.stdout)
            .unwrap_or_else(|error| panic!("{} version -json: {error}", program.display()));
        let version = answer["terraform_version"].as_str().and_then(|version| {
            let mut numbers = version.split(['.', '-']).map(str::parse::<u64>);
            Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
        });
        let version = version.unwrap_or_else(|| panic!("{} does not tell its version", program.display()));
        Self {
            program: program.to_owned(),
            version,
        }
    }

    /// Whether write-only attributes and ephemeral variables are known to it.
    fn has_write_only(&self) -> bool {
        self.version >= (1, 11)
    }
}

/// Runs a scenario on every CLI that there is, one after the other.
pub fn on_every_cli(scenario: impl Fn(&'static Cli)) {
    static CLIS: OnceLock<Vec<Cli>> = OnceLock::new();
    for cli in CLIS.get_or_init(find) {
        // Shown by the test runner with a failure only.
        eprintln!("on {}", cli.program.display());
        scenario(cli);
    }
}

fn find() -> Vec<Cli> {
    let path = env::var_os("PATH").unwrap_or_default();
    let on_path = |name: &str| {
        env::split_paths(&path)
            .map(|folder| folder.join(name))
            .find(|file| file.is_file())
    };
    let more = env::var_os(MORE).unwrap_or_default();
    let more = env::split_paths(&more).filter(|program| program.as_os_str() != OsStr::new(""));
    let mut programs: Vec<PathBuf> = ["terraform", "tofu"]
        .into_iter()
        .filter_map(on_path)
        .chain(more)
        .collect();
    programs.dedup();
    assert!(
        !programs.is_empty(),
        "there is no Terraform CLI: put `terraform` or `tofu` on PATH, or name programs in {MORE}"
    );
    let clis: Vec<Cli> = programs.iter().map(|program| Cli::ask(program)).collect();
    for cli in &clis {
        let (program, version) = (cli.program.display(), cli.version);
        assert!(
            cli.has_write_only(),
            "{program} is {version:?}: the scenarios give secrets write-only, from 1.11 on"
        );
    }
    clis
}
