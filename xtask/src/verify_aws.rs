//! Settles on a real AWS account what local-aws assumes; the program is crates/verify-aws.

use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clap::Args;

use crate::built;

#[derive(Args)]
#[command(disable_help_flag = true)]
pub struct Arguments {
    /// Given to the program as they are: `--vpc-endpoint-id ID`, `--only NAME,…`, `--examples`, `--blind COUNT`, `--help`, …
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
    let mut command = Command::new(&program);
    command.args(arguments);
    if wants_provider(arguments) {
        eprintln!("Building the provider for --examples (the first time takes some minutes).");
        command.arg("--provider").arg(built::programs()?.provider());
    }
    // Ctrl-C is for the program, which removes what it has made; it is waited for.
    signal_hook::flag::register(signal_hook::consts::SIGINT, Arc::new(AtomicBool::new(false)))
        .map_err(|error| error.to_string())?;
    let status = command
        .status()
        .map_err(|error| format!("{} cannot be started: {error}", program.display()))?;
    Ok(status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(1))
}

/// Whether the program is to have a provider that nobody named.
fn wants_provider(arguments: &[String]) -> bool {
    let has = |option: &str| {
        let value = format!("{option}=");
        arguments
            .iter()
            .any(|argument| argument == option || argument.starts_with(&value))
    };
    has("--examples") && !has("--provider") && !has("--help")
}

#[cfg(test)]
mod tests {
    use super::wants_provider;

    #[test]
    fn the_provider_is_built_for_an_example_that_names_none() {
        for (arguments, wants) in [
            ("--vpc-endpoint-id vpce-1 --examples --yes", true),
            ("--vpc-endpoint-id vpce-1", false),
            ("--examples --provider ./it", false),
            ("--examples --provider=./it", false),
            ("--examples --help", false),
        ] {
            let arguments: Vec<_> = arguments.split(' ').map(str::to_owned).collect();
            assert_eq!(wants_provider(&arguments), wants, "{arguments:?}");
        }
    }
}
