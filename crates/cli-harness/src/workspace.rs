//! A folder with a configuration, and a CLI that runs in it, apart from everything of the user's.

use std::{
    env, fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;
use tempfile::TempDir;

use crate::{Cli, Ended, Running};

/// A provider that workspaces take from its binary.
#[derive(Clone, Copy, Debug)]
pub struct Provider<'a> {
    /// Its source, `private-api/private`.
    pub source: &'a str,
    /// Its binary. What a CLI expects it to be called follows from the source.
    pub binary: &'a Path,
}

/// One test's folder and environment.
pub struct Workspace {
    folder: TempDir,
    cli: &'static Cli,
    environment: Vec<(String, String)>,
}

impl Workspace {
    /// A folder whose CLI takes these providers from their binaries, without `init`.
    ///
    /// # Panics
    /// The folder cannot be made.
    pub fn new(cli: &'static Cli, providers: &[Provider<'_>]) -> Self {
        let folder = TempDir::with_prefix("cli-test-").expect("a temporary folder can be made");
        let mut overrides = String::new();
        for (i, provider) in providers.iter().enumerate() {
            let plugins = folder.path().join(format!("provider-{i}"));
            fs::create_dir(&plugins).expect("the folder is new");
            let name = provider.source.rsplit('/').next().unwrap_or_default();
            symlink(
                provider.binary,
                plugins.join(format!("terraform-provider-{name}")),
            )
            .expect("the folder is new");
            overrides.push_str(&format!("    {:?} = {plugins:?}\n", provider.source));
        }
        let settings = folder.path().join("cli.tfrc");
        let text =
            format!("provider_installation {{\n  dev_overrides {{\n{overrides}  }}\n  direct {{}}\n}}\n");
        fs::write(&settings, text).expect("the folder is writable");
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let environment = [
            ("HOME", text(folder.path())),
            ("CHECKPOINT_DISABLE", "1".to_owned()),
            ("TF_CLI_CONFIG_FILE", text(&settings)),
            ("TF_DATA_DIR", text(&folder.path().join("data"))),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value)).to_vec();
        Self {
            folder,
            cli,
            environment,
        }
    }

    /// The CLI that runs here.
    pub fn cli(&self) -> &'static Cli {
        self.cli
    }

    /// Sets a variable of the CLI's environment.
    pub fn set(&mut self, name: &str, value: &str) {
        self.unset(name);
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// Removes a variable from the CLI's environment.
    pub fn unset(&mut self, name: &str) {
        self.environment.retain(|(other, _)| other != name);
    }

    /// A file of the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file of the folder.
    ///
    /// # Panics
    /// It cannot be written.
    pub fn write_file(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("the folder is writable");
    }

    /// A program with the environment of this workspace and nothing else that could steer it.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        let steers = |name: &str| {
            let name = name.to_ascii_uppercase();
            ["TF_", "AWS_", "SSL_CERT_", "PLUGIN_"]
                .iter()
                .any(|prefix| name.starts_with(prefix))
                || name.ends_with("_PROXY")
        };
        for (name, _) in env::vars_os() {
            if name.to_str().is_none_or(steers) {
                command.env_remove(name);
            }
        }
        command.current_dir(self.folder.path());
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Starts the CLI.
    pub fn start(&self, arguments: &[&str]) -> Running {
        Running::start(self.command(self.cli.program()).args(arguments))
    }

    /// Runs the CLI to its end.
    #[track_caller]
    pub fn run(&self, arguments: &[&str]) -> Ended {
        self.start(arguments).wait()
    }

    /// Starts an apply.
    pub fn start_apply(&self) -> Running {
        self.start(&["apply", "-auto-approve", "-input=false", "-no-color"])
    }

    /// Applies, whatever comes of it.
    #[track_caller]
    pub fn try_apply(&self) -> Ended {
        self.start_apply().wait()
    }

    /// Applies, with success.
    #[track_caller]
    pub fn apply(&self) -> Ended {
        self.try_apply().succeeded()
    }

    /// Plans, whatever comes of it: the exit code is 0 for nothing to do, 2 for something, 1 for an error.
    #[track_caller]
    pub fn try_plan(&self) -> Ended {
        self.run(&["plan", "-input=false", "-no-color", "-detailed-exitcode"])
    }

    /// Plans, and gives what is to be done with a resource: `["update"]`, `["delete", "create"]`, `["no-op"]`.
    ///
    /// # Panics
    /// The plan fails, or has no such resource.
    #[track_caller]
    pub fn planned_actions_of(&self, address: &str) -> Vec<String> {
        let change = self.planned_change_of(address);
        let actions = change["actions"].as_array().expect("a change has actions");
        actions
            .iter()
            .filter_map(|action| action.as_str().map(str::to_owned))
            .collect()
    }

    /// Plans, and gives the change of a resource as `show -json` does: `actions`, `before`, `after`, `after_unknown`.
    ///
    /// # Panics
    /// The plan fails, or has no such resource.
    #[track_caller]
    pub fn planned_change_of(&self, address: &str) -> Value {
        let file = self.path("tfplan");
        let file = file.to_string_lossy();
        self.run(&["plan", "-input=false", "-no-color", &format!("-out={file}")])
            .succeeded();
        let plan = self.show(&[&file]);
        let changes = plan["resource_changes"].as_array().cloned().unwrap_or_default();
        let ours = changes.into_iter().find(|change| change["address"] == address);
        ours.expect("the plan has the resource")["change"].clone()
    }

    /// Fails unless a plan has nothing to do.
    #[track_caller]
    pub fn plans_nothing(&self) {
        let plan = self.try_plan();
        assert_eq!(plan.code, Some(0), "the plan is not empty:\n{}", plan.text);
    }

    /// Destroys, with success.
    #[track_caller]
    pub fn destroy(&self) -> Ended {
        self.start_destroy().wait().succeeded()
    }

    /// Starts a destroy.
    pub fn start_destroy(&self) -> Running {
        self.start(&["destroy", "-auto-approve", "-input=false", "-no-color"])
    }

    /// `show -json` of the state, or of the plan file that `arguments` name.
    #[track_caller]
    pub fn show(&self, arguments: &[&str]) -> Value {
        let shown = self.run(&[&["show", "-json"], arguments].concat()).succeeded();
        serde_json::from_str(&shown.stdout).expect("show -json prints JSON")
    }

    /// The value of an output in the state; null where there is none.
    #[track_caller]
    pub fn output(&self, name: &str) -> Value {
        self.show(&[])["values"]["outputs"][name]["value"].clone()
    }

    /// The attributes of a resource in the state.
    ///
    /// # Panics
    /// The state has no such resource.
    #[track_caller]
    pub fn attributes_of(&self, address: &str) -> Value {
        let state = self.show(&[]);
        let resources = state["values"]["root_module"]["resources"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let ours = resources
            .into_iter()
            .find(|resource| resource["address"] == address);
        ours.unwrap_or_else(|| panic!("the state has no {address}: {state}"))["values"].clone()
    }

    /// The state as it is stored.
    ///
    /// # Panics
    /// There is none.
    #[track_caller]
    pub fn stored_state(&self) -> Value {
        let text = fs::read_to_string(self.path("terraform.tfstate")).expect("there is a state");
        serde_json::from_str(&text).expect("a state is JSON")
    }

    /// Whether the first resource of the state is marked to be replaced.
    #[track_caller]
    pub fn is_tainted(&self) -> bool {
        self.stored_state()["resources"][0]["instances"][0]["status"] == "tainted"
    }
}
