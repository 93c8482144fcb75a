//! Packages, as registries serve them and mirrors hold them.
//!
//! ```text
//!  dist/
//!    terraform-provider-private_0.1.0_linux_amd64.zip    the binary, its licences and those of what is in it
//!    terraform-provider-private_0.1.0_manifest.json      the protocol that it speaks
//!    terraform-provider-private_0.1.0_SHA256SUMS
//!    mirror/<host>/private-api/private/                  a filesystem mirror, and a network mirror for any web server:
//!      terraform-provider-private_0.1.0_linux_amd64.zip
//!      index.json  0.1.0.json
//! ```

mod archive;
mod checkout;
mod hashes;
mod mirror;
mod notices;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::built;
use crate::platform::Platform;

/// The version of everything here.
const VERSION: &str = env!("CARGO_PKG_VERSION");

#[derive(clap::Args)]
pub struct Arguments {
    /// The platform, `linux_amd64` for instance; without it this machine's
    #[arg(long)]
    platform: Option<String>,
    /// A provider that is built already for that platform; without it the release is built, which takes some ten minutes
    #[arg(long)]
    binary: Option<PathBuf>,
    /// Where to put the packages; what is there for other platforms stays and is listed with the new one
    #[arg(long, default_value = "dist")]
    out: PathBuf,
    /// Package what is not committed, too: such packages are for trying, not for handing out
    #[arg(long)]
    dirty: bool,
}

pub fn run(arguments: &Arguments) -> ExitCode {
    match package(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("Nothing was packaged: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn package(arguments: &Arguments) -> Result<(), String> {
    let platform = match &arguments.platform {
        Some(name) => Platform::named(name)?,
        None => Platform::host()?,
    };
    if !arguments.dirty {
        checkout::is_clean(&built::repository())?;
    }
    let binary = match &arguments.binary {
        Some(binary) => binary.clone(),
        None => {
            checkout::has_target(platform)?;
            built::release_for(platform.target)?
        }
    };
    let mut contents = archive::contents(&binary, &built::repository(), VERSION, platform)?;
    let notices = notices::of_provider(platform)?;
    contents.push(archive::Entry::text("THIRD-PARTY-NOTICES.txt", notices));
    let zip = archive::of(&contents)?;
    let out = &arguments.out;
    let name = format!("terraform-provider-private_{VERSION}_{}.zip", platform.name);
    write(&out.join(&name), &zip)?;
    let manifest = built::repository().join("terraform-registry-manifest.json");
    let manifest =
        fs::read(&manifest).map_err(|error| format!("{} cannot be read: {error}", manifest.display()))?;
    write(
        &out.join(format!("terraform-provider-private_{VERSION}_manifest.json")),
        &manifest,
    )?;
    let sums = hashes::sums(out, VERSION)?;
    write(
        &out.join(format!("terraform-provider-private_{VERSION}_SHA256SUMS")),
        sums.as_bytes(),
    )?;
    mirror::write(&out.join("mirror"), out, VERSION)?;
    print(&format!(
        "{} {:.1} MiB",
        out.join(&name).display(),
        mebibytes(zip.len())
    ));
    print(&format!(
        "{} mirror of what is there",
        out.join("mirror").display()
    ));
    Ok(())
}

fn write(file: &Path, bytes: &[u8]) -> Result<(), String> {
    let wrong = |error: std::io::Error| format!("{} cannot be written: {error}", file.display());
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(wrong)?;
    }
    fs::write(file, bytes).map_err(wrong)
}

fn mebibytes(bytes: usize) -> f64 {
    // Of no size that a package has is a digit lost.
    bytes as f64 / f64::from(1 << 20)
}

fn print(line: &str) {
    use std::io::Write as _;
    // A closed pipe ends the reader's interest, not the packaging.
    let _ = writeln!(std::io::stdout(), "{line}");
}
