//! Runs the suites that hold our programs against implementations that are not ours.

mod differential;
mod models;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use clap::{Args, ValueEnum};

use crate::built::{self, Programs};

#[derive(Args)]
pub struct Arguments {
    /// The suites to run; all of them by default
    #[arg(value_enum)]
    suites: Vec<Suite>,
}

/// A folder of `acceptance-tests/conformance`, or what needs none.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Suite {
    /// The encodings of values, against pyvider-cty
    Codec,
    /// Random plans, against terraform-plugin-framework
    Differential,
    /// local-aws, through boto3 and the AWS CLI, against botocore's models
    LocalAws,
    /// The service models of local-aws, against the botocore that they were cut from
    Models,
    /// The plugin protocol, through tofusoup's client
    Plugin,
    /// local-aws, through boto3, against what AWS was recorded to answer
    Recorded,
}

impl Suite {
    fn folder(self) -> &'static str {
        match self {
            Self::Codec => "codec",
            Self::Differential => "differential",
            Self::LocalAws => "local_aws",
            Self::Models => "models",
            Self::Plugin => "plugin",
            Self::Recorded => "recorded",
        }
    }
}

pub fn run(arguments: &Arguments) -> ExitCode {
    let suites = match arguments.suites.as_slice() {
        [] => Suite::value_variants(),
        suites => suites,
    };
    match conform(suites) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn conform(suites: &[Suite]) -> Result<(), String> {
    let tests = built::repository().join("acceptance-tests");
    // The programs take many minutes to build, and the differential judge needs none of them.
    let with_python = suites.iter().any(|suite| *suite != Suite::Differential);
    let python =
        || -> Result<_, String> { Ok((environment(&tests.join("requirements.txt"))?, built::programs()?)) };
    let python = with_python.then(python).transpose()?;
    let mut failed = Vec::new();
    for suite in suites {
        eprintln!("\n--- conformance: {}", suite.folder());
        let folder = tests.join("conformance").join(suite.folder());
        let passes = match (suite, &python) {
            (Suite::Models, Some((python, _))) => models::are_current(python)?,
            (Suite::Codec | Suite::LocalAws | Suite::Plugin | Suite::Recorded, Some((python, programs))) => {
                pytest(python, &folder, programs)?
            }
            (Suite::Differential, _) | (_, None) => differential::agrees()?,
        };
        if !passes {
            failed.push(suite.folder());
        }
    }
    if failed.is_empty() {
        Ok(())
    } else {
        Err(format!("conformance: these suites failed: {}", failed.join(", ")))
    }
}

/// A Python of its own with exactly the required packages, made anew when the requirements change.
fn environment(requirements: &Path) -> Result<PathBuf, String> {
    let folder = built::scratch("conformance")?.join("venv");
    let python = folder.join("bin/python");
    let wanted = fs::read(requirements).map_err(|error| format!("{}: {error}", requirements.display()))?;
    // Written last: an environment without it is unfinished.
    let stamp = folder.join("requirements.txt");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    step(
        Command::new("python3").args(["-m", "venv"]).arg(&folder),
        "python3 -m venv (Python 3.11 or later is needed)",
    )?;
    step(
        Command::new(&python)
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--requirement",
            ])
            .arg(requirements),
        "pip install",
    )?;
    fs::write(&stamp, wanted).map_err(|error| format!("{}: {error}", stamp.display()))?;
    Ok(python)
}

fn step(command: &mut Command, what: &str) -> Result<(), String> {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{what} failed ({status})")),
        Err(error) => Err(format!("{what}: {error}")),
    }
}

/// Whether the tests of a folder pass. A folder without tests does not.
fn pytest(python: &Path, folder: &Path, programs: &Programs) -> Result<bool, String> {
    let mut pytest = Command::new(python);
    pytest
        .args([
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-rs",
            "--strict-markers",
        ])
        .arg(folder)
        .current_dir(built::repository())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("LOCAL_AWS_BIN", &programs.local_aws)
        .env("CODEC_BIN", programs.example("codec"))
        .env("KITCHEN_BIN", programs.example("terraform-provider-kitchen"));
    // The suites talk to what they start themselves, whatever this shell is set up for.
    for (name, _) in env::vars_os() {
        if name
            .to_str()
            .is_none_or(|name| name.starts_with("AWS_") || name.starts_with("TF_"))
        {
            pytest.env_remove(name);
        }
    }
    let status = pytest.status().map_err(|error| format!("pytest: {error}"))?;
    Ok(status.success())
}
