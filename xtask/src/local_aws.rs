//! A local AWS as a child process, and its control API.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// A running local-aws. Dropped, it is stopped, unless it was [kept](LocalAws::keep).
pub struct LocalAws {
    child: Option<Child>,
    /// What it printed when it was ready.
    pub seed: Value,
}

impl LocalAws {
    /// Starts it on a free port, `speed` times as fast as AWS (`instant` for no waits), in a process group of its own:
    /// a Ctrl-C stops it through us, after the CLI that still talks to it.
    pub fn start(program: &Path, speed: &str) -> Result<Self, String> {
        Self::spawn(program, speed, &[])
    }

    /// The same, with what a seed file says.
    pub fn with_seed(program: &Path, speed: &str, seed: &Path) -> Result<Self, String> {
        Self::spawn(program, speed, &[OsStr::new("--seed"), seed.as_os_str()])
    }

    fn spawn(program: &Path, speed: &str, more: &[&OsStr]) -> Result<Self, String> {
        let mut child = Command::new(program)
            .args(["serve", "--port", "0", "--speed", speed])
            .args(more)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .map_err(|error| format!("{} cannot be started: {error}", program.display()))?;
        let mut line = String::new();
        let read = child
            .stdout
            .take()
            .map(|out| BufReader::new(out).read_line(&mut line));
        let mut aws = Self {
            child: Some(child),
            seed: Value::Null,
        };
        match (read, serde_json::from_str(&line)) {
            (Some(Ok(_)), Ok(seed)) => aws.seed = seed,
            _ => return Err(format!("local-aws did not say where it is: {line:?}")),
        }
        Ok(aws)
    }

    /// A text of the seed: `endpoint`, `region`, `vpc_endpoint_id`, `api_url`, `api_key`, ….
    pub fn text(&self, field: &str) -> &str {
        self.seed[field].as_str().unwrap_or_default()
    }

    /// What the control API answers to `GET /_local/<what>`.
    pub fn get(&self, what: &str) -> Result<Vec<Value>, String> {
        let url = format!("{}/_local/{what}", self.text("endpoint"));
        let answer = ureq::get(&url)
            .call()
            .and_then(|mut answer| answer.body_mut().read_to_string());
        let answer = answer.map_err(|error| format!("{url} cannot be read: {error}"))?;
        serde_json::from_str(&answer).map_err(|error| format!("{url} answers no list: {error}"))
    }

    /// Changes switches by `POST /_local/settings`.
    pub fn change_settings(&self, settings: &Value) -> Result<(), String> {
        let url = format!("{}/_local/settings", self.text("endpoint"));
        let request = ureq::post(&url).header("content-type", "application/json");
        let answer = request.send(settings.to_string());
        answer
            .map(drop)
            .map_err(|error| format!("{url} cannot be changed: {error}"))
    }

    /// Lets it run on after this process; answers its process id.
    pub fn keep(mut self) -> u32 {
        self.child.take().map_or(0, |child| child.id())
    }
}

impl Drop for LocalAws {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // Already gone is as good.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
