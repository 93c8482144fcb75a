//! Generates the plugin protocol's Rust code.

use std::{
    env,
    process::{Command, ExitCode},
};

/// Lets the test that compares the generated code write it instead, so that the generator stands in one place and
/// xtask builds without it.
pub fn run() -> ExitCode {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args([
            "test",
            "--quiet",
            "--package",
            "terraform-plugin",
            "--test",
            "generated_code",
        ])
        .env("TERRAFORM_PLUGIN_WRITE_GENERATED_CODE", "1")
        .status();
    match status {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("cargo cannot be started: {error}");
            ExitCode::FAILURE
        }
    }
}
