//! The licences of everything that is linked into a program, which its binary has to be handed out with.

use super::program::Program;
use super::tools;
use crate::platform::Platform;

/// One text, by `about.toml` and `about.hbs`: each crate with its licence, then each text with the crates whose it is.
pub fn of(program: Program, platform: Platform) -> Result<String, String> {
    let mut about = tools::ABOUT.command();
    about
        .args(["generate", "--locked", "--fail", "--config", "about.toml"])
        .args(["--target", platform.target])
        .args(["--manifest-path", program.manifest(), "about.hbs"]);
    let written = tools::ABOUT.run(&mut about)?;
    String::from_utf8(written.stdout).map_err(|error| format!("cargo about: {error}"))
}
