//! The checksums that registries, mirrors and lock files hold.

use std::fs;
use std::io::{Cursor, Read as _};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zip::ZipArchive;

use super::program::Program;

/// What registries serve of a version, sorted by name: the archives and the manifest.
pub fn for_registries(folder: &Path, version: &str) -> Result<Vec<PathBuf>, String> {
    of(folder, version, |name| {
        name.starts_with(Program::Provider.name())
            && (name.ends_with(".zip") || name.ends_with("_manifest.json"))
    })
}

/// What a release has besides: bills of materials, and the packages of other programs.
pub fn others(folder: &Path, version: &str) -> Result<Vec<PathBuf>, String> {
    let registries = for_registries(folder, version)?;
    let mut found = of(folder, version, |name| !name.contains("SHA256SUMS"))?;
    found.retain(|file| !registries.contains(file));
    Ok(found)
}

/// The packages of a version whose names are of a kind.
fn of(folder: &Path, version: &str, kind: impl Fn(&str) -> bool) -> Result<Vec<PathBuf>, String> {
    let wrong = |error: std::io::Error| format!("{} cannot be read: {error}", folder.display());
    let begins = Program::ALL.map(|program| program.package(version, ""));
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(wrong)? {
        let path = entry.map_err(wrong)?.path();
        let name = name_of(&path);
        if begins.iter().any(|begin| name.starts_with(begin)) && kind(&name) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// A line for each file, as `sha256sum` writes it.
pub fn sums(files: &[PathBuf]) -> Result<String, String> {
    let lines = files
        .iter()
        .map(|file| Ok(format!("{}  {}\n", sha256(&read(file)?), name_of(file))));
    lines.collect()
}

/// Both hashes of a package that lock files know: `zh:` of the archive, `h1:` of what is in it.
pub fn of_package(package: &Path) -> Result<[String; 2], String> {
    let bytes = read(package)?;
    let zh = format!("zh:{}", sha256(&bytes));
    Ok([
        contents_hash(&bytes).map_err(|error| format!("{}: {error}", package.display()))?,
        zh,
    ])
}

/// Go's `dirhash.Hash1` of an archive: the hash of the list of its files' hashes, sorted by name.
fn contents_hash(zip: &[u8]) -> Result<String, zip::result::ZipError> {
    let mut archive = ZipArchive::new(Cursor::new(zip))?;
    let mut names: Vec<_> = archive.file_names().map(str::to_owned).collect();
    names.sort();
    let mut list = String::new();
    for name in names {
        let mut bytes = Vec::new();
        archive.by_name(&name)?.read_to_end(&mut bytes)?;
        list.push_str(&format!("{}  {name}\n", sha256(&bytes)));
    }
    Ok(format!(
        "h1:{}",
        STANDARD.encode(digest(&SHA256, list.as_bytes()))
    ))
}

fn read(file: &Path) -> Result<Vec<u8>, String> {
    fs::read(file).map_err(|error| format!("{} cannot be read: {error}", file.display()))
}

/// In hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    digest(&SHA256, bytes)
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
