//! Which CLIs there are, and what they can do.

use std::{
    env,
    ffi::OsStr,
    fmt,
    fs::OpenOptions,
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
    thread,
};

/// Programs that tests run on beside those on `PATH`, separated by colons.
const MORE: &str = "TF_ACC_CLIS";

/// A file to which each test adds a line for each CLI: product and version, test, outcome, with tabs between.
const REPORT: &str = "TF_ACC_REPORT";

/// A Terraform or OpenTofu CLI.
#[derive(Debug)]
pub struct Cli {
    program: PathBuf,
    product: Product,
    /// As it prints it: `1.11.4`.
    version: String,
    release: (u64, u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Product {
    Terraform,
    OpenTofu,
}

/// The release from which on a product can do something, `None` where none can.
struct Since {
    terraform: Option<(u64, u64)>,
    opentofu: Option<(u64, u64)>,
}

impl Cli {
    fn ask(program: &Path) -> Self {
        let shown = program.display();
        let answer = Command::new(program)
            .arg("version")
            .env("CHECKPOINT_DISABLE", "1")
            .env_remove("TF_CLI_CONFIG_FILE")
            .output()
            .unwrap_or_else(|error| panic!("{shown} cannot be started: {error}"));
        let answer = String::from_utf8_lossy(&answer.stdout);
        Self::read(program, answer.lines().next().unwrap_or_default())
            .unwrap_or_else(|| panic!("{shown} version does not say what it is"))
    }

    /// Reads `OpenTofu v1.12.6`.
    fn read(program: &Path, line: &str) -> Option<Self> {
        let (product, version) = line.split_once(" v")?;
        let product = match product {
            "Terraform" => Product::Terraform,
            "OpenTofu" => Product::OpenTofu,
            _ => return None,
        };
        let mut numbers = version.split(['.', '-']).map(str::parse::<u64>);
        let release = (numbers.next()?.ok()?, numbers.next()?.ok()?);
        Some(Self {
            program: program.to_owned(),
            product,
            version: version.to_owned(),
            release,
        })
    }

    /// The program.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// What a user types to run it.
    pub fn command(&self) -> &'static str {
        match self.product {
            Product::Terraform => "terraform",
            Product::OpenTofu => "tofu",
        }
    }

    fn can(&self, since: Since) -> bool {
        let since = match self.product {
            Product::Terraform => since.terraform,
            Product::OpenTofu => since.opentofu,
        };
        since.is_some_and(|since| self.release >= since)
    }

    /// Whether it calls functions of providers.
    pub fn has_functions(&self) -> bool {
        self.can(Since {
            terraform: Some((1, 8)),
            opentofu: Some((1, 7)),
        })
    }

    /// Whether `moved` may lead from one resource type to another.
    pub fn has_moves_across_types(&self) -> bool {
        self.can(Since {
            terraform: Some((1, 8)),
            opentofu: Some((1, 10)),
        })
    }

    /// Whether it has ephemeral resources and variables.
    pub fn has_ephemeral_resources(&self) -> bool {
        self.can(Since {
            terraform: Some((1, 10)),
            opentofu: Some((1, 11)),
        })
    }

    /// Whether it has write-only attributes.
    pub fn has_write_only(&self) -> bool {
        self.can(Since {
            terraform: Some((1, 11)),
            opentofu: Some((1, 11)),
        })
    }

    /// Whether it keeps the identity of a resource, and imports by it.
    pub fn has_identity(&self) -> bool {
        self.can(Since {
            terraform: Some((1, 12)),
            opentofu: Some((1, 12)),
        })
    }

    /// Whether it lists resources (`query`).
    pub fn has_list_resources(&self) -> bool {
        self.can(Since {
            terraform: Some((1, 14)),
            opentofu: None,
        })
    }

    /// Whether it invokes actions.
    pub fn has_actions(&self) -> bool {
        self.has_list_resources()
    }

    /// Whether it asks the provider for the configuration that it generates for an import.
    pub fn asks_for_generated_configuration(&self) -> bool {
        self.has_list_resources()
    }

    /// Whether assertions of its tests see what earlier runs put out.
    pub fn compares_runs(&self) -> bool {
        self.can(Since {
            terraform: Some((1, 6)),
            opentofu: None,
        })
    }

    /// Whether it sends `provider_meta` blocks to the provider.
    pub fn has_provider_meta(&self) -> bool {
        true
    }

    /// Whether it has blocks that the provider alone sets.
    pub fn has_computed_blocks(&self) -> bool {
        self.can(Since {
            terraform: Some((1, 16)),
            opentofu: None,
        })
    }
}

impl fmt::Display for Cli {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}", self.product, self.version)
    }
}

/// Every CLI that there is.
///
/// # Panics
/// There is none.
pub fn all_clis() -> &'static [Cli] {
    static CLIS: OnceLock<Vec<Cli>> = OnceLock::new();
    CLIS.get_or_init(find)
}

/// Runs a test on every CLI that there is, one after the other.
///
/// # Panics
/// The test fails, or there is no CLI.
pub fn on_every_cli(test: impl Fn(&'static Cli)) {
    on_every_cli_that(|_| true, test);
}

/// Runs a test on every CLI that there is and that can do what the test is about, one after the other.
///
/// # Panics
/// The test fails, or there is no CLI. That none of them can do it is no failure; it shows in the report.
pub fn on_every_cli_that(can: impl Fn(&Cli) -> bool, test: impl Fn(&'static Cli)) {
    for cli in all_clis() {
        // Shown by the test runner with a failure only.
        eprintln!("on {cli}, {}", cli.program.display());
        if can(cli) {
            test(cli);
            report(cli, "passed");
        } else {
            report(cli, "lacks the feature");
        }
    }
}

/// Notes what came of the test that runs on this thread.
fn report(cli: &Cli, outcome: &str) {
    let Some(file) = env::var_os(REPORT) else { return };
    let current = thread::current();
    let line = format!("{cli}\t{}\t{outcome}\n", current.name().unwrap_or("?"));
    let written = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&file)
        .and_then(|mut file| file.write_all(line.as_bytes()));
    if let Err(error) = written {
        panic!("{} cannot be written: {error}", file.display());
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
    programs.sort();
    programs.dedup();
    assert!(
        !programs.is_empty(),
        "there is no Terraform CLI: put `terraform` or `tofu` on PATH, or name programs in {MORE}"
    );
    programs.iter().map(|program| Cli::ask(program)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_cli_can_do_follows_from_what_it_says_it_is() {
        let read = |line| Cli::read(Path::new("cli"), line).expect("a version");
        let terraform = read("Terraform v1.11.4");
        assert!(terraform.has_write_only() && !terraform.has_identity());
        let opentofu = read("OpenTofu v1.12.6");
        assert!(opentofu.has_identity() && !opentofu.has_actions());
        assert!(read("Terraform v1.17.0-dev").has_actions());
        assert!(Cli::read(Path::new("cli"), "Usage: cli").is_none());
    }
}
