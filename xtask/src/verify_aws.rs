//! Settles on a real AWS account what local-aws assumes; the program is crates/verify-aws.

use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::Args;

use crate::built;

#[derive(Args)]
#[command(disable_help_flag = true)]
pub struct Arguments {
    /// Given to the program as they are: `--vpc-endpoint-id ID`, `--only NAME,…`, `--blind COUNT`, `--help`, …
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

pub fn run(arguments: &Arguments) -> ExitCode {
    match ask(&arguments.arguments) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// The program's own exit code: it tells apart what was not settled and what was not begun.
fn ask(arguments: &[String]) -> Result<u8, String> {
    let program = built::verify_aws()?;
    // Ctrl-C is for the program, which removes what it has made; it is waited for.
    signal_hook::flag::register(signal_hook::consts::SIGINT, Arc::new(AtomicBool::new(false)))
        .map_err(|error| error.to_string())?;
    let status = Command::new(&program)
        .args(arguments)
        .status()
        .map_err(|error| format!("{} cannot be started: {error}", program.display()))?;
    Ok(status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(1))
}
