//! Which CLI runs this provider, for texts that print a command to run; and the options of the program's own commands.

pub mod options;

use std::path::Path;
use std::sync::LazyLock;

/// The command of the CLI that started this process: `tofu` where the parent's program is OpenTofu's, else `terraform`.
/// The protocol does not tell them apart.
pub fn command() -> &'static str {
    static COMMAND: LazyLock<&str> = LazyLock::new(|| of(parent().as_deref()));
    *COMMAND
}

fn of(program: Option<&str>) -> &'static str {
    match program {
        Some(program) if program.starts_with("tofu") => "tofu",
        _ => "terraform",
    }
}

/// The name of the parent's program, where the system shows it: Linux does.
fn parent() -> Option<String> {
    let process = Path::new("/proc").join(parent_id()?.to_string());
    let program = std::fs::read_link(process.join("exe")).ok()?;
    Some(program.file_name()?.to_string_lossy().into_owned())
}

#[cfg(unix)]
fn parent_id() -> Option<u32> {
    Some(std::os::unix::process::parent_id())
}

#[cfg(not(unix))]
fn parent_id() -> Option<u32> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_opentofus_program_is_called_tofu() {
        for (program, command) in [
            (Some("tofu"), "tofu"),
            (Some("tofu-1.12"), "tofu"),
            (Some("terraform"), "terraform"),
            (Some("terragrunt"), "terraform"),
            (None, "terraform"),
        ] {
            assert_eq!(of(program), command, "{program:?}");
        }
    }
}
