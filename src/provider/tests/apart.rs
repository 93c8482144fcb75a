//! Bodies of tests in processes of their own.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// The variable that tells a process that it runs one body; it holds the number of the row.
const ROW: &str = "TEST_ROW";

/// Where a body finds what its test has set up.
pub struct Place {
    /// The URL of the local AWS, or of whatever the test serves.
    pub url: String,
    pub row: usize,
}

/// The place, in a process that runs a body.
pub fn place() -> Option<Place> {
    let row = std::env::var(ROW).ok()?;
    Some(Place {
        url: std::env::var("TEST_URL").expect("set with the row"),
        row: row.parse().expect("a number"),
    })
}

/// A home directory for rows.
pub struct Home(TempDir);

impl Home {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file below it.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }

    /// Runs one row of a test, by its full name, in a process whose environment holds only these variables; gives what it
    /// printed where it failed.
    pub fn run(&self, test: &str, row: usize, url: &str, variables: &[(&str, String)]) -> Option<String> {
        let mut command = Command::new(std::env::current_exe().expect("the tests' own binary"));
        command
            .args([test, "--exact", "--nocapture"])
            .env_clear()
            .env("HOME", self.path())
            .env("PATH", "/usr/bin:/bin")
            .env(ROW, row.to_string())
            .env("TEST_URL", url);
        command.envs(variables.iter().map(|(name, value)| (*name, value)));
        let output = command.output().expect("the process starts");
        let said =
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        // A name that is no test's would pass, too.
        let is_run = said.contains("running 1 test");
        (!output.status.success() || !is_run).then_some(said)
    }
}
