//! A folder with a configuration, and a CLI that runs in it, apart from everything of the user's.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::aws::Aws;
use crate::cli::Cli;
use crate::running::{Ended, Running};

/// The resource that the scenarios are about.
pub const ADDRESS: &str = "private_api_invocation.orders";

/// What every configuration begins with.
const HEAD: &str = r#"
terraform {
  required_providers {
    private = { source = "private-api/private" }
  }
}

provider "private" {}

variable "api_key" {
  type      = string
  sensitive = true
  ephemeral = true
}
"#;

/// One scenario's folder and environment.
pub struct Workspace {
    folder: TempDir,
    cli: &'static Cli,
    environment: Vec<(String, String)>,
}

impl Workspace {
    /// A folder whose CLI takes the provider that was built with these tests, and `aws` for AWS.
    pub fn new(cli: &'static Cli, aws: &Aws) -> Self {
        let folder = TempDir::with_prefix("private-acceptance-").expect("a temporary folder can be made");
        let plugins = folder.path().join("plugins");
        fs::create_dir(&plugins).expect("the folder is new");
        let binary = env!("CARGO_BIN_EXE_terraform-provider-private");
        std::os::unix::fs::symlink(binary, plugins.join("terraform-provider-private"))
            .expect("the folder is new");
        let settings = folder.path().join("cli.tfrc");
        let overrides = format!(
            "provider_installation {{\n  dev_overrides {{\n    \"private-api/private\" = {:?}\n  }}\n  direct {{}}\n}}\n",
            plugins
        );
        fs::write(&settings, overrides).expect("the folder is writable");
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let environment = [
            ("HOME", text(folder.path())),
            ("CHECKPOINT_DISABLE", "1".to_owned()),
            ("TF_CLI_CONFIG_FILE", text(&settings)),
            ("TF_DATA_DIR", text(&folder.path().join("data"))),
            ("TF_VAR_api_key", aws.seed().api_key.clone()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
            ("AWS_ENDPOINT_URL", aws.endpoint().to_owned()),
            ("AWS_REGION", aws.seed().region.clone()),
            ("AWS_ACCESS_KEY_ID", "local".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value)).to_vec();
        Self {
            folder,
            cli,
            environment,
        }
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

    /// Writes the configuration: the head that all share, and `text`.
    pub fn write(&self, text: &str) {
        fs::write(self.path("main.tf"), format!("{HEAD}{text}")).expect("the folder is writable");
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
        Running::start(self.command(&self.cli.program).args(arguments))
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

    /// Plans, whatever comes of it.
    #[track_caller]
    pub fn try_plan(&self) -> Ended {
        self.run(&["plan", "-input=false", "-no-color", "-detailed-exitcode"])
    }

    /// Plans, and gives what is to be done with [`ADDRESS`]: `["update"]`, `["delete", "create"]`, `["no-op"]`.
    #[track_caller]
    pub fn planned_actions(&self) -> Vec<String> {
        let file = self.path("tfplan");
        let file = file.to_string_lossy();
        self.run(&["plan", "-input=false", "-no-color", &format!("-out={file}")])
            .succeeded();
        let plan = self.show(&[&file]);
        let changes = plan["resource_changes"].as_array().cloned().unwrap_or_default();
        let ours = changes
            .iter()
            .find(|change| change["address"] == ADDRESS)
            .expect("the plan has the resource");
        let actions = ours["change"]["actions"]
            .as_array()
            .expect("a change has actions");
        actions
            .iter()
            .filter_map(|action| action.as_str().map(str::to_owned))
            .collect()
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
    fn show(&self, arguments: &[&str]) -> Value {
        let shown = self.run(&[&["show", "-json"], arguments].concat()).succeeded();
        serde_json::from_str(&shown.stdout).expect("show -json prints JSON")
    }

    /// The attributes of [`ADDRESS`] in the state.
    #[track_caller]
    pub fn attributes(&self) -> Value {
        let state = self.show(&[]);
        let resources = state["values"]["root_module"]["resources"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let ours = resources
            .into_iter()
            .find(|resource| resource["address"] == ADDRESS);
        ours.expect("the state has the resource")["values"].clone()
    }

    /// One attribute that is a string.
    #[track_caller]
    pub fn attribute(&self, name: &str) -> String {
        let attributes = self.attributes();
        attributes[name]
            .as_str()
            .unwrap_or_else(|| panic!("{name} is no string: {attributes}"))
            .to_owned()
    }

    /// Whether [`ADDRESS`] is in the state and marked to be replaced.
    #[track_caller]
    pub fn is_tainted(&self) -> bool {
        let text = fs::read_to_string(self.path("terraform.tfstate")).expect("there is a state");
        let state: Value = serde_json::from_str(&text).expect("a state is JSON");
        state["resources"][0]["instances"][0]["status"] == "tainted"
    }
}

/// The configuration of [`ADDRESS`]: the invocation `orders` at an endpoint, with a write-only key, and `more` arguments.
pub fn orders(vpc_endpoint_id: &str, more: &str) -> String {
    invocation("orders", &format!("{vpc_endpoint_id:?}"), "1", more)
}

/// The configuration of [`ADDRESS`] with another name, an expression for the endpoint's id, and the key's version.
pub fn invocation(name: &str, vpc_endpoint_id: &str, key_version: &str, more: &str) -> String {
    format!(
        r#"
resource "private_api_invocation" "orders" {{
  name            = "{name}"
  vpc_endpoint_id = {vpc_endpoint_id}
  authorization = {{
    api_key = {{ name = "x-api-key", value_wo = var.api_key, value_wo_version = "{key_version}" }}
  }}
  {more}
}}
"#
    )
}
