//! Packages: what registries serve and mirrors hold, and the local AWS for CI.
//!
//! ```text
//!  dist/
//!    terraform-provider-private_0.1.0_linux_amd64.zip            the binary, its licences and those of what is in it
//!    terraform-provider-private_0.1.0_linux_amd64_sbom.cdx.json  the crates that are in it
//!    terraform-provider-private_0.1.0_manifest.json              the protocol that it speaks
//!    terraform-provider-private_0.1.0_SHA256SUMS                 of what registries serve, which they want signed
//!    terraform-provider-private_0.1.0_others_SHA256SUMS          of all else
//!    local-aws_0.1.0_linux_amd64.zip                             the same for the local AWS
//!    local-aws_0.1.0_linux_amd64_sbom.cdx.json
//!    local-aws_0.1.0_linux_amd64.oci.tar                         and as a container image
//!    mirror/<host>/private-api/private/                          a filesystem mirror, and a network mirror for any web server:
//!      terraform-provider-private_0.1.0_linux_amd64.zip
//!      index.json  0.1.0.json
//! ```

mod archive;
mod bill;
mod checkout;
mod hashes;
mod image;
mod linked;
mod mirror;
mod notices;
mod program;
mod tools;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::built;
use crate::platform::Platform;
use program::Program;

/// The version of everything here.
const VERSION: &str = env!("CARGO_PKG_VERSION");

#[derive(clap::Args)]
pub struct Arguments {
    /// What to package
    #[arg(value_enum, default_value_t = Program::Provider)]
    program: Program,
    /// The platform, `linux_amd64` for instance; without it this machine's
    #[arg(long)]
    platform: Option<String>,
    /// A program that is built already for that platform; without it the release is built, which takes some ten minutes
    #[arg(long)]
    binary: Option<PathBuf>,
    /// Where to put the packages; what is there for other platforms stays and is listed with the new one
    #[arg(long, default_value = "dist")]
    out: PathBuf,
    /// Package what is not committed, too: such packages are for trying, not for handing out
    #[arg(long)]
    dirty: bool,
    /// Without what cargo-about and cargo-cyclonedx write, the licences of what is linked and the bill of materials: for
    /// trying, too
    #[arg(long)]
    bare: bool,
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
    let Arguments { program, out, .. } = arguments;
    let platform = match &arguments.platform {
        Some(name) => Platform::named(name)?,
        None => Platform::host()?,
    };
    program.runs_on(platform)?;
    let repository = built::repository();
    if !arguments.dirty {
        checkout::is_clean(&repository)?;
    }
    if !arguments.bare {
        tools::are_installed()?;
    }
    let binary = match &arguments.binary {
        Some(binary) => binary.clone(),
        None => {
            checkout::has_target(platform)?;
            built::release_for(program.name(), platform)?
        }
    };
    let mut contents = archive::contents(*program, &binary, &repository, VERSION, platform)?;
    if !arguments.bare {
        let notices = notices::of(*program, platform)?;
        contents.push(archive::Entry::text("THIRD-PARTY-NOTICES.txt", notices));
        let bill = bill::of(*program, platform)?;
        put(
            *program,
            out,
            &format!("{}_sbom.cdx.json", platform.name),
            bill.as_bytes(),
        )?;
    }
    put(
        *program,
        out,
        &format!("{}.zip", platform.name),
        &archive::of(&contents)?,
    )?;
    match program {
        Program::Provider => {
            let file = repository.join("terraform-registry-manifest.json");
            let manifest =
                fs::read(&file).map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
            put(*program, out, "manifest.json", &manifest)?;
            mirror::write(&out.join("mirror"), out, VERSION)?;
            print(&format!(
                "{} mirror of what is there",
                out.join("mirror").display()
            ));
        }
        Program::LocalAws if platform.is_linux() => {
            // A port that whoever starts a container knows before it runs.
            let command = ["serve", "--port", "4566"];
            let image = image::of(*program, VERSION, platform.architecture(), &command, &contents)?;
            put(*program, out, &format!("{}.oci.tar", platform.name), &image)?;
        }
        Program::LocalAws => {}
    }
    // CLIs take every line of the registry's sums into a user's lock file, so that it lists what they load and no more.
    for (name, files) in [
        ("SHA256SUMS", hashes::for_registries(out, VERSION)?),
        ("others_SHA256SUMS", hashes::others(out, VERSION)?),
    ] {
        if !files.is_empty() {
            let file = out.join(Program::Provider.package(VERSION, name));
            write(&file, hashes::sums(&files)?.as_bytes())?;
        }
    }
    Ok(())
}

/// Writes a package, and tells its size.
fn put(program: Program, out: &Path, end: &str, bytes: &[u8]) -> Result<(), String> {
    let file = out.join(program.package(VERSION, end));
    write(&file, bytes)?;
    print(&format!("{} {:.1} MiB", file.display(), mebibytes(bytes.len())));
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
