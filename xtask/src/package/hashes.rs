//! The checksums that registries, mirrors and lock files hold.

use std::fs;
use std::io::{Cursor, Read as _};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zip::ZipArchive;

/// The packages of a version that a folder has, sorted by name.
pub fn packages(folder: &Path, version: &str) -> Result<Vec<PathBuf>, String> {
    let wrong = |error: std::io::Error| format!("{} cannot be read: {error}", folder.display());
    let begins = format!("terraform-provider-private_{version}_");
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(wrong)? {
        let path = entry.map_err(wrong)?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if name.starts_with(&begins) && (name.ends_with(".zip") || name.ends_with("_manifest.json")) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// `SHA256SUMS`: a line for each package, as `sha256sum` writes it.
pub fn sums(folder: &Path, version: &str) -> Result<String, String> {
    let mut sums = String::new();
    for package in packages(folder, version)? {
        let name = package
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        sums.push_str(&format!("{}  {name}\n", sha256(&read(&package)?)));
    }
    Ok(sums)
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

fn sha256(bytes: &[u8]) -> String {
    digest(&SHA256, bytes)
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
