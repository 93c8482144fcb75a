//! What `terraform-plugin` costs those who build on it: the example provider, built as another repository would build it,
//! beside one of the same schema on terraform-plugin-framework; and the codec beside serde.

use std::path::Path;
use std::process::Command;
use std::{env, fs};

use super::start;
use super::summary::{heading, print, row};
use crate::built;

/// Starts of each.
const STARTS: usize = 60;

/// Nothing but what the README tells an author to write.
const MANIFEST: &str = r#"
[package]
name = "terraform-provider-greeting"
version = "0.1.0"
edition = "2024"

[dependencies]
serde = { version = "1", features = ["derive"] }
terraform-plugin = "0.1"

[dev-dependencies]
rmp-serde = "1"
serde_json = "1"

[[bench]]
name = "codec"
harness = false

[profile.release]
lto = "thin"
strip = true

[workspace]
"#;

/// Builds both providers, and measures.
pub fn measure() -> Result<(), String> {
    let crates = built::repository().join("crates/terraform-plugin");
    let crates = crates
        .canonicalize()
        .map_err(|error| format!("{}: {error}", crates.display()))?;
    // Not below this repository, whose settings cargo would find there.
    let folder = env::temp_dir().join("terraform-plugin-bench");
    let patch = format!(
        "{MANIFEST}\n[patch.crates-io]\nterraform-plugin = {{ path = {:?} }}\n",
        crates.display()
    );
    let wrong = |error: std::io::Error| format!("{} cannot be prepared: {error}", folder.display());
    for (from, to) in [
        ("examples/terraform-provider-greeting.rs", "src/main.rs"),
        ("benches/codec.rs", "benches/codec.rs"),
        ("../../Cargo.lock", "Cargo.lock"),
    ] {
        let to = folder.join(to);
        fs::create_dir_all(to.parent().unwrap_or(&folder)).map_err(wrong)?;
        fs::copy(crates.join(from), to).map_err(wrong)?;
    }
    fs::write(folder.join("Cargo.toml"), patch).map_err(wrong)?;

    cargo(&folder, &["build", "--release"])?;
    let ours = folder.join("target/release/terraform-provider-greeting");
    let theirs = folder.join("terraform-provider-greeting-go");
    go(&theirs)?;
    let [rust, go] = start::in_turns([&ours, &theirs], STARTS)?;
    print(&heading());
    let started = |what: &str| format!("start to handshake, TLS, {what} (ms)");
    let resident = |what: &str| format!("resident memory then, {what} (MiB)");
    for (what, samples) in [
        (started("Rust"), rust.milliseconds),
        (started("Go"), go.milliseconds),
        (resident("Rust"), rust.mebibytes),
        (resident("Go"), go.mebibytes),
        ("binary, Rust (MiB)".to_owned(), vec![mebibytes(&ours)?]),
        ("binary, Go (MiB)".to_owned(), vec![mebibytes(&theirs)?]),
    ] {
        print(&row(&what, samples));
    }
    cargo(&folder, &["bench"])
}

fn mebibytes(file: &Path) -> Result<f64, String> {
    let size = fs::metadata(file).map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(size.len() as f64 / f64::from(1 << 20))
}

/// Cargo as another repository has it: without what this one sets for its own builds.
fn cargo(folder: &Path, arguments: &[&str]) -> Result<(), String> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args(arguments)
        .arg("--quiet")
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", folder.join("target"));
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        let ours = ["AWS_LC_", "CARGO_MANIFEST_", "CARGO_PKG_"];
        if ours.iter().any(|prefix| text.starts_with(prefix)) {
            cargo.env_remove(&name);
        }
    }
    succeeds(cargo, "cargo")
}

fn go(binary: &Path) -> Result<(), String> {
    let source = built::repository().join("acceptance-tests/conformance/differential");
    let mut go = Command::new("go");
    go.args(["build", "-trimpath", "-ldflags", "-s -w", "-o"])
        .arg(binary)
        .arg("./greeting")
        .current_dir(source)
        .env("CGO_ENABLED", "0");
    succeeds(go, "go build (Go 1.26 or later is needed)")
}

fn succeeds(mut command: Command, what: &str) -> Result<(), String> {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{what} failed ({status})")),
        Err(error) => Err(format!("{what}: {error}")),
    }
}
