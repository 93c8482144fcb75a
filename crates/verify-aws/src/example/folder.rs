//! The example's working folder beside the facts: its configuration, the CLI's state, and how far a run has come. It is there
//! as long as something may be left in the account.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::step::Step;
use super::variables;
use crate::journal::{run_id, write_whole};

/// The configuration, as the repository shows it.
const CONFIGURATION: [(&str, &str); 3] = [
    ("main.tf", include_str!("../../../../examples/proof/main.tf")),
    (
        "variables.tf",
        include_str!("../../../../examples/proof/variables.tf"),
    ),
    (
        "outputs.tf",
        include_str!("../../../../examples/proof/outputs.tf"),
    ),
];

const PROGRESS: &str = "progress.json";

/// What an example is made of: what the caller gives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inputs {
    pub vpc_endpoint_id: String,
    /// Another endpoint.
    pub move_to: Option<String>,
    /// URL and role.
    pub call: Option<(String, String)>,
}

impl Inputs {
    /// What the invocation moves to, in words.
    pub fn moves_to(&self) -> &'static str {
        match self.move_to {
            Some(_) => "the other VPC endpoint",
            None => "another resource gateway, with 8 addresses in each subnet",
        }
    }
}

/// How far a run has come.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Progress {
    /// What every name of the run has in it.
    run: String,
    account: String,
    region: String,
    pub inputs: Inputs,
    pub done: Vec<Step>,
    /// Whether an apply was begun whose end nobody has seen.
    pub applying: bool,
    /// Whether nothing but its removal is to be done.
    pub removing: bool,
    pub connection_arn: Option<String>,
}

/// The folder.
pub struct Folder {
    path: PathBuf,
    /// Whether it is there.
    exists: bool,
    pub progress: Progress,
}

impl Folder {
    /// Takes up the folder of an earlier run, or names a new one, which is not made yet.
    ///
    /// # Errors
    /// The folder cannot be read, or is of another account or Region.
    pub fn open(facts: &Path, account: &str, region: &str, inputs: &Inputs) -> Result<Self, String> {
        let path = path(facts)?;
        let file = path.join(PROGRESS);
        let told = |error: String| format!("{}: {error}", file.display());
        let earlier = match fs::read_to_string(&file) {
            Ok(text) => {
                let json = &mut serde_json::Deserializer::from_str(&text);
                let earlier: Progress =
                    serde_path_to_error::deserialize(json).map_err(|error| told(error.to_string()))?;
                if (earlier.account.as_str(), earlier.region.as_str()) != (account, region) {
                    return Err(format!(
                        "{} has the state of an example in account {} and Region {}, and this is account {account} and Region \
                         {region}: run there first, so that it is removed",
                        path.display(),
                        earlier.account,
                        earlier.region
                    ));
                }
                Some(earlier)
            }
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(told(error.to_string())),
        };
        let exists = earlier.is_some();
        let progress = match earlier {
            Some(earlier) => earlier,
            None => Progress {
                run: run_id()?,
                account: account.to_owned(),
                region: region.to_owned(),
                inputs: inputs.clone(),
                done: Vec::new(),
                applying: false,
                removing: false,
                connection_arn: None,
            },
        };
        Ok(Self {
            path,
            exists,
            progress,
        })
    }

    /// The folder of the next example, which is not made yet.
    ///
    /// # Errors
    /// The system has no chance to give.
    pub fn anew(&self, inputs: &Inputs) -> Result<Self, String> {
        Ok(Self {
            path: self.path.clone(),
            exists: false,
            progress: Progress {
                run: run_id()?,
                inputs: inputs.clone(),
                done: Vec::new(),
                applying: false,
                removing: false,
                connection_arn: None,
                ..self.progress.clone()
            },
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What every name of the run has in it.
    pub fn run(&self) -> &str {
        &self.progress.run
    }

    /// The invocation's name.
    pub fn name(&self) -> String {
        format!("verify-aws-{}-example", self.run())
    }

    /// The step in which an earlier run was stopped.
    pub fn stopped_in(&self) -> Option<&'static str> {
        let open = Step::ALL
            .into_iter()
            .find(|step| !self.progress.done.contains(step));
        let step = if self.progress.removing {
            Step::Destroy
        } else {
            open.unwrap_or(Step::Look)
        };
        self.exists.then(|| step.name())
    }

    /// Makes the folder with the configuration.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn make(&mut self) -> Result<(), String> {
        let told = |error: std::io::Error| format!("{}: {error}", self.path.display());
        fs::create_dir_all(&self.path).map_err(told)?;
        for (name, text) in CONFIGURATION {
            fs::write(self.path.join(name), text).map_err(told)?;
        }
        self.exists = true;
        self.save()
    }

    /// Writes how far the run has come.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn save(&self) -> Result<(), String> {
        self.write(PROGRESS, &self.progress)
    }

    /// Writes the variables: before the move or after it, with the call over the path or without.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn write_variables(&self, moved: bool, calls: bool) -> Result<(), String> {
        self.write("terraform.tfvars.json", &variables(self, moved, calls))
    }

    fn write(&self, name: &str, content: &impl Serialize) -> Result<(), String> {
        let file = self.path.join(name);
        write_whole(&file, content).map_err(|error| format!("{}: {error}", file.display()))
    }

    /// Removes the folder: nothing is left of which it would tell.
    ///
    /// # Errors
    /// It cannot be removed.
    pub fn remove(&mut self) -> Result<(), String> {
        self.exists = false;
        fs::remove_dir_all(&self.path).map_err(|error| format!("{}: {error}", self.path.display()))
    }
}

/// Beside the facts.
pub fn path(facts: &Path) -> Result<PathBuf, String> {
    let mut path = facts.as_os_str().to_owned();
    path.push(".example");
    std::path::absolute(&path).map_err(|error| format!("{}: {error}", facts.display()))
}
