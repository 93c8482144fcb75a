//! Runs the fault matrix against the provider that is built here.

use std::process::{Command, ExitCode};

use clap::Args;

use crate::built;

#[derive(Args)]
pub struct Arguments {
    /// Given to the matrix as they are: `--all`, `--seed N`, `--cells WORD…`, `--sample N`, `--list`, `--resume`, `--jobs N`, `--long TIME`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

pub fn run(arguments: &Arguments) -> ExitCode {
    match matrix(&arguments.arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn matrix(arguments: &[String]) -> Result<ExitCode, String> {
    let programs = built::programs()?;
    let status = Command::new(programs.faults())
        .arg("--provider")
        .arg(programs.provider())
        .arg("--journal")
        .arg(built::scratch("faults")?)
        .args(arguments)
        .status()
        .map_err(|error| format!("{} cannot be started: {error}", programs.faults().display()))?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
