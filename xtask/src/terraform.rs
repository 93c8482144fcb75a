//! The CLI, in a workspace of its own: it sees nothing of the user's configuration, and writes nothing outside.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::cli;
use crate::local_aws::LocalAws;

/// How often a running CLI is asked whether it has ended, and we whether to stop it.
const POLL: Duration = Duration::from_millis(50);

/// A workspace for one configuration.
pub struct Workspace {
    cli: PathBuf,
    folder: PathBuf,
    /// What the environment must hold, for the CLI and for people who go on by hand.
    pub variables: Vec<(&'static str, String)>,
    interrupted: Arc<AtomicBool>,
}

/// What a command printed, and how it ended.
pub struct Ended {
    pub code: Option<i32>,
    pub output: String,
}

impl Workspace {
    /// Copies `configuration` into `folder`, anew, and prepares the CLI to take the provider from `provider`.
    pub fn new(
        cli: PathBuf,
        folder: &Path,
        configuration: &Path,
        provider: &Path,
        aws: &LocalAws,
        interrupted: Arc<AtomicBool>,
    ) -> Result<Self, String> {
        let wrong = |error: std::io::Error| format!("{} cannot be prepared: {error}", folder.display());
        if folder.exists() {
            fs::remove_dir_all(folder).map_err(wrong)?;
        }
        fs::create_dir_all(folder).map_err(wrong)?;
        for entry in fs::read_dir(configuration).map_err(wrong)? {
            let file = entry.map_err(wrong)?.path();
            if file.extension() == Some(OsStr::new("tf")) {
                fs::copy(&file, folder.join(file.file_name().unwrap_or_default())).map_err(wrong)?;
            }
        }
        let cli_configuration = folder.join("dev.tfrc");
        fs::write(&cli_configuration, cli::dev_overrides(provider)).map_err(wrong)?;
        let variables = vec![
            ("TF_CLI_CONFIG_FILE", cli_configuration.display().to_string()),
            ("TF_DATA_DIR", folder.join(".terraform").display().to_string()),
            ("TF_VAR_vpc_endpoint_id", aws.text("vpc_endpoint_id").to_owned()),
            ("TF_VAR_api_key", aws.text("api_key").to_owned()),
            ("AWS_ENDPOINT_URL", aws.text("endpoint").to_owned()),
            ("AWS_REGION", aws.text("region").to_owned()),
            // The name that version 1 of the AWS CLI reads.
            ("AWS_DEFAULT_REGION", aws.text("region").to_owned()),
            ("AWS_ACCESS_KEY_ID", "local".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
        ];
        Ok(Self {
            cli,
            folder: folder.to_owned(),
            variables,
            interrupted,
        })
    }

    /// Runs the CLI to its end. When we are to stop, it is interrupted first, as by Ctrl-C, and awaited.
    pub fn run(&self, arguments: &[&str]) -> Result<Ended, String> {
        let out = self.folder.join("output.txt");
        let wrong = |error: std::io::Error| format!("{} cannot be run: {error}", self.cli.display());
        let file = fs::File::create(&out).map_err(wrong)?;
        let mut child = self
            .command(arguments)
            // A Ctrl-C reaches it through us, once: a second one would make it drop everything.
            .process_group(0)
            .stderr(file.try_clone().map_err(wrong)?)
            .stdout(file)
            .spawn()
            .map_err(wrong)?;
        let mut told = false;
        let code = loop {
            if let Some(status) = child.try_wait().map_err(wrong)? {
                break status.code();
            }
            if self.interrupted.load(Ordering::Relaxed) && !told {
                told = true;
                if let Some(pid) = i32::try_from(child.id())
                    .ok()
                    .and_then(rustix::process::Pid::from_raw)
                {
                    // It may have ended in this moment.
                    let _ = rustix::process::kill_process(pid, rustix::process::Signal::INT);
                }
            }
            thread::sleep(POLL);
        };
        if told {
            return Err("interrupted".to_owned());
        }
        let output = fs::read_to_string(&out).map_err(wrong)?;
        Ok(Ended { code, output })
    }

    /// Runs the CLI, which must succeed, without a look at it in between, and tells how long it took.
    pub fn timed(&self, arguments: &[&str]) -> Result<Duration, String> {
        let began = Instant::now();
        let status = self
            .command(arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        let took = began.elapsed();
        match status {
            _ if self.interrupted.load(Ordering::Relaxed) => Err("interrupted".to_owned()),
            Ok(status) if status.success() => Ok(took),
            Ok(status) => Err(format!("terraform {} ended with {status}", arguments.join(" "))),
            Err(error) => Err(format!("{} cannot be run: {error}", self.cli.display())),
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = cli::command(&self.cli);
        command
            .args(arguments)
            .current_dir(&self.folder)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        command
    }

    /// The same workspace with one more variable in its environment.
    pub fn with(&self, name: &'static str, value: &str) -> Self {
        let mut variables = self.variables.clone();
        variables.push((name, value.to_owned()));
        Self {
            cli: self.cli.clone(),
            folder: self.folder.clone(),
            variables,
            interrupted: Arc::clone(&self.interrupted),
        }
    }

    /// Runs the CLI, which must succeed.
    pub fn succeed(&self, arguments: &[&str]) -> Result<String, String> {
        let ended = self.run(arguments)?;
        match ended.code {
            Some(0) => Ok(ended.output),
            code => Err(format!(
                "terraform {} ended with {code:?}:\n{}",
                arguments.join(" "),
                ended.output
            )),
        }
    }

    /// An output value.
    pub fn output(&self, name: &str) -> Result<String, String> {
        Ok(self.succeed(&["output", "-raw", name])?.trim().to_owned())
    }

    /// Where it works.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}
