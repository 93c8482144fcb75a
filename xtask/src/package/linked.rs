//! Which crates are linked into a program, as cargo tells them that builds it.

use std::collections::BTreeSet;
use std::env;
use std::process::Command;

use super::program::Program;
use crate::built;
use crate::platform::Platform;

/// Name and version of each crate that a program is built from for a platform, its own and those of procedural macros too.
///
/// `cargo metadata`, which tools read, tells instead what any package of the workspace wants, tests included.
pub fn crates_of(program: Program, platform: Platform) -> Result<BTreeSet<(String, String)>, String> {
    let answer = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .current_dir(built::repository())
        .args([
            "tree", "--locked", "--edges", "normal", "--prefix", "none", "--format", "{p}",
        ])
        .args(["--target", platform.target, "--package", program.name()])
        .output()
        .map_err(|error| format!("cargo cannot be started: {error}"))?;
    if !answer.status.success() {
        return Err(format!("cargo tree: {}", String::from_utf8_lossy(&answer.stderr)));
    }
    let tree = String::from_utf8_lossy(&answer.stdout);
    let named = tree.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let name = words.next()?;
        Some((name.to_owned(), words.next()?.trim_start_matches('v').to_owned()))
    });
    Ok(named.collect())
}
