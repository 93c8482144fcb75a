//! The CLI: which one there is, and how it runs in the example's folder, with the provider's binary and the caller's keys.

use std::env;
use std::fs::{self, File};
use std::io::{ErrorKind, Read as _};
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt as _;
use std::path::{self, Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::folder::Folder;
use crate::lab::Lab;
use crate::trouble::{Outcome, Trouble};

/// How often a running CLI is asked whether it has ended.
const POLL: Duration = Duration::from_millis(100);

/// A CLI whose run was killed ends its apply by itself, and holds the state until then.
pub const LOCK: &str = "-lock-timeout=40m";

/// The first version with write-only arguments, of Terraform and of OpenTofu.
const FIRST: (u64, u64) = (1, 11);

/// The events that tell how an apply goes.
const TOLD: [&str; 6] = [
    "planned_change",
    "apply_start",
    "apply_progress",
    "apply_complete",
    "apply_errored",
    "change_summary",
];

/// The programs that an example takes.
pub struct Programs {
    cli: PathBuf,
    /// As it is written to people: `Terraform 1.11.4`.
    pub cli_name: String,
    pub provider: PathBuf,
}

/// How a command of the CLI ended.
#[derive(Default)]
pub struct Ended {
    pub code: Option<i32>,
    /// All that it printed.
    pub text: String,
    /// Its errors.
    errors: Vec<String>,
    /// What a plan has to do.
    pub changes: Vec<String>,
}

impl Ended {
    /// Why the command failed, in the CLI's words.
    pub fn failure(&self) -> Option<String> {
        (self.code != Some(0)).then(|| {
            if self.errors.is_empty() {
                format!("the CLI ended with {:?}: {}", self.code, self.text.trim())
            } else {
                self.errors.join("\n\n")
            }
        })
    }

    /// Takes a line in; gives what is to be told of it.
    fn take(&mut self, line: &str) -> Option<String> {
        self.text.push_str(line);
        let event: Value = serde_json::from_str(line).ok()?;
        let text = |path: &str| event.pointer(path).and_then(Value::as_str).unwrap_or_default();
        match text("/type") {
            "diagnostic" if text("/diagnostic/severity") == "error" => {
                let (summary, detail) = (text("/diagnostic/summary"), text("/diagnostic/detail"));
                self.errors.push(format!("{summary}: {detail}"));
                None
            }
            "diagnostic" if text("/diagnostic/summary") != "Provider development overrides are in effect" => {
                Some(format!("Warning: {}", text("/diagnostic/summary")))
            }
            kind if TOLD.contains(&kind) => {
                if kind == "planned_change" {
                    self.changes.push(text("/@message").to_owned());
                }
                Some(text("/@message").to_owned())
            }
            _ => None,
        }
    }
}

impl Programs {
    /// # Errors
    /// A text that says what is missing, and what to do.
    pub fn find(cli: Option<&Path>, provider: Option<&Path>) -> Result<Self, String> {
        let cli = match cli {
            Some(cli) => named_by(cli)?,
            None => on_path(&["terraform", "tofu"]).ok_or(
                "--examples: neither terraform nor tofu is on the PATH: install Terraform or OpenTofu 1.11 or later, or name one by \
                 --cli",
            )?,
        };
        let cli_name = version(&cli)?;
        let provider = provider.ok_or(
            "--examples: the provider's binary is missing: start this by cargo xtask verify-aws, which builds it, or name one by \
             --provider",
        )?;
        let shown = provider.display();
        // It runs in another folder.
        let provider = path::absolute(provider).map_err(|error| format!("--provider: {shown}: {error}"))?;
        let asked = Command::new(&provider)
            .args(["leftovers", "--help"])
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("--provider: {shown} cannot be started: {error}"))?;
        if !String::from_utf8_lossy(&asked.stdout).contains("terraform-provider-private leftovers") {
            return Err(format!(
                "--provider: {shown} is not the binary of this provider; an archive of a release has it"
            ));
        }
        Ok(Self {
            cli,
            cli_name,
            provider,
        })
    }

    /// Runs the CLI to its end. When somebody asks to stop, it is interrupted, once, and awaited: so it removes nothing and
    /// forgets nothing.
    pub fn run(&self, lab: &Lab, folder: &Folder, arguments: &[&str]) -> Outcome<Ended> {
        let local = |error: std::io::Error| Trouble::Local(format!("{}: {error}", self.cli.display()));
        // A file, since a pipe that nobody reads any more would end the CLI in the middle of an apply.
        let file = folder.path().join("output.jsonl");
        let out = File::create(&file).map_err(local)?;
        let mut child = self
            .command(lab, folder)?
            .args(arguments)
            .stdin(Stdio::null())
            .stderr(out.try_clone().map_err(local)?)
            .stdout(out)
            // A Ctrl-C reaches it through us, once: a second one would make it drop everything.
            .process_group(0)
            .spawn()
            .map_err(local)?;
        let mut printed = File::open(&file).map_err(local)?;
        let (mut ended, mut pending, mut interrupted) = (Ended::default(), String::new(), false);
        loop {
            let status = child.try_wait().map_err(local)?;
            let mut bytes = Vec::new();
            printed.read_to_end(&mut bytes).map_err(local)?;
            pending.push_str(&String::from_utf8_lossy(&bytes));
            let whole = pending.rfind('\n').map_or(0, |at| at + 1);
            for line in pending.drain(..whole).collect::<String>().split_inclusive('\n') {
                if let Some(told) = ended.take(line) {
                    lab.show(&format!("  {told}"));
                }
            }
            if let Some(status) = status {
                ended.text.push_str(&pending);
                ended.code = status.code();
                break;
            }
            lab.clock.sleep(POLL);
            if lab.clock.interrupted() && !interrupted {
                interrupted = true;
                lab.say("  The CLI is asked to stop, and ends what AWS is doing at this moment.");
                if let Some(id) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
                    // It may have ended in this very moment.
                    let _ = kill_process(id, Signal::INT);
                }
            }
        }
        if interrupted {
            return Err(Trouble::Interrupted);
        }
        Ok(ended)
    }

    /// The CLI in the folder, in an environment in which nothing of the user's steers it but the keys that all of this uses.
    fn command(&self, lab: &Lab, folder: &Folder) -> Outcome<Command> {
        let at = folder.path();
        let local = |error: std::io::Error| Trouble::Local(format!("{}: {error}", at.display()));
        let plugins = at.join("provider");
        let link = plugins.join("terraform-provider-private");
        let (settings, empty) = (at.join("cli.tfrc"), at.join("no-aws-config"));
        fs::create_dir_all(&plugins).map_err(local)?;
        match fs::remove_file(&link) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(local(error)),
            _ => symlink(&self.provider, &link).map_err(local)?,
        }
        let shown = serde_json::to_string(&plugins).map_err(|error| Trouble::Local(error.to_string()))?;
        let overrides = format!(
            "provider_installation {{\n  dev_overrides {{ \"private-api/private\" = {shown} }}\n  direct {{}}\n}}\n"
        );
        fs::write(&settings, overrides).map_err(local)?;
        fs::write(&empty, "").map_err(local)?;

        let mut command = Command::new(&self.cli);
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("TF_") || text.starts_with("AWS_") && text != "AWS_CA_BUNDLE" {
                command.env_remove(&name);
            }
        }
        command
            .current_dir(at)
            .envs([("CHECKPOINT_DISABLE", "1"), ("TF_IN_AUTOMATION", "1")])
            .env("TF_CLI_CONFIG_FILE", &settings)
            .env("TF_VAR_api_key", &lab.secret)
            .env("AWS_CONFIG_FILE", &empty)
            .env("AWS_SHARED_CREDENTIALS_FILE", &empty)
            .envs(lab.aws.environment().map_err(Trouble::Local)?);
        Ok(command)
    }
}

/// The program that was named, by its path or as the `PATH` has it.
fn named_by(cli: &Path) -> Result<PathBuf, String> {
    let found = cli
        .to_str()
        .filter(|name| !name.contains('/'))
        .and_then(|name| on_path(&[name]));
    // It runs in another folder.
    found.map_or_else(
        || path::absolute(cli).map_err(|error| format!("--cli: {}: {error}", cli.display())),
        Ok,
    )
}

/// The first of these programs that the `PATH` has.
fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .flat_map(|folder| {
            names
                .iter()
                .map(move |name| folder.join(name))
                .collect::<Vec<_>>()
        })
        .find(|program| program.is_file())
}

/// Asks a CLI what it is; only one that is new enough is taken.
fn version(cli: &Path) -> Result<String, String> {
    let shown = cli.display();
    let output = Command::new(cli)
        .arg("version")
        .env("CHECKPOINT_DISABLE", "1")
        .env_remove("TF_CLI_CONFIG_FILE")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("--cli: {shown} cannot be started: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    named(text.lines().next().unwrap_or_default()).map_err(|why| format!("--cli: {shown} {why}"))
}

/// `Terraform 1.11.4` of `Terraform v1.11.4`.
fn named(line: &str) -> Result<String, String> {
    let product = line
        .split_once(" v")
        .filter(|(product, _)| ["Terraform", "OpenTofu"].contains(product));
    let Some((product, version)) = product else {
        return Err("does not say that it is Terraform or OpenTofu".to_owned());
    };
    let mut numbers = version
        .split(['.', '-'])
        .map_while(|number| number.parse::<u64>().ok());
    let release = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if release < FIRST {
        return Err(format!(
            "is {product} {version}, and the example wants 1.11 or later"
        ));
    }
    Ok(format!("{product} {version}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cli_is_taken_by_its_product_and_version() {
        for (line, name) in [
            ("Terraform v1.11.4", Ok("Terraform 1.11.4")),
            ("OpenTofu v1.12.0-beta1", Ok("OpenTofu 1.12.0-beta1")),
            ("Terraform v2.0.0", Ok("Terraform 2.0.0")),
            (
                "Terraform v1.10.5",
                Err("is Terraform 1.10.5, and the example wants 1.11"),
            ),
            ("Vault v1.15.0", Err("does not say")),
            ("", Err("does not say")),
        ] {
            match (named(line), name) {
                (Ok(found), Ok(name)) => assert_eq!(found, name),
                (Err(found), Err(words)) => assert!(found.contains(words), "{found}"),
                (found, _) => panic!("{line}: {found:?}"),
            }
        }
    }

    #[test]
    fn a_failure_is_told_in_the_words_of_the_cli() {
        let mut ended = Ended {
            code: Some(1),
            ..Ended::default()
        };
        for line in [
            "{\"@message\":\"a: Creating...\",\"type\":\"apply_start\"}\n",
            "{\"type\":\"diagnostic\",\"diagnostic\":{\"severity\":\"warning\",\"summary\":\"w\",\"detail\":\"d\"}}\n",
            "{\"type\":\"diagnostic\",\"diagnostic\":{\"severity\":\"error\",\"summary\":\"s\",\"detail\":\"d\"}}\n",
        ] {
            ended.take(line);
        }
        assert_eq!(ended.failure().as_deref(), Some("s: d"));
        ended.code = Some(0);
        assert_eq!(ended.failure(), None);
        let mut broken = Ended::default();
        broken.take("panic: no CLI\n");
        assert!(broken.failure().unwrap().contains("panic: no CLI"));
    }
}
