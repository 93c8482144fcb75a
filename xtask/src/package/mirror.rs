//! One folder that is a filesystem mirror, and a network mirror once a web server serves it: packed archives, and the
//! answers of the provider network mirror protocol.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::hashes;
use crate::install::HOSTS;

/// Writes the mirror of the packages of a version in `packages`, for both hosts. Other versions that it has stay.
pub fn write(mirror: &Path, packages: &Path, version: &str) -> Result<(), String> {
    let mut archives = Map::new();
    let mut found = Vec::new();
    for package in hashes::for_registries(packages, version)? {
        let name = package
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if let Some(platform) = platform_of(&name, version) {
            archives.insert(
                platform.to_owned(),
                json!({ "url": name, "hashes": hashes::of_package(&package)? }),
            );
            found.push((name, package));
        }
    }
    let answer = json!({ "archives": archives });
    for host in HOSTS {
        let folder = mirror.join(host).join("private-api").join("private");
        for (name, package) in &found {
            let bytes = fs::read(package)
                .map_err(|error| format!("{} cannot be read: {error}", package.display()))?;
            super::write(&folder.join(name), &bytes)?;
        }
        super::write(
            &folder.join(format!("{version}.json")),
            pretty(&answer).as_bytes(),
        )?;
        let index = folder.join("index.json");
        super::write(&index, pretty(&with_version(&index, version)?).as_bytes())?;
    }
    Ok(())
}

/// `linux_amd64` of an archive's name.
fn platform_of<'a>(name: &'a str, version: &str) -> Option<&'a str> {
    let rest = name
        .strip_prefix("terraform-provider-private_")?
        .strip_prefix(version)?;
    rest.strip_prefix('_')?.strip_suffix(".zip")
}

/// The list of versions that is there, with this one.
fn with_version(index: &Path, version: &str) -> Result<Value, String> {
    let mut versions = match fs::read(index) {
        Ok(bytes) => serde_json::from_slice::<Value>(&bytes)
            .map_err(|error| format!("{} is no JSON: {error}", index.display()))?,
        Err(_) => json!({ "versions": {} }),
    };
    versions["versions"][version] = json!({});
    Ok(versions)
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_platform_is_read_from_an_archives_name() {
        let name = "terraform-provider-private_0.1.0_linux_amd64.zip";
        assert_eq!(platform_of(name, "0.1.0"), Some("linux_amd64"));
        assert_eq!(
            platform_of("terraform-provider-private_0.1.0_manifest.json", "0.1.0"),
            None
        );
        assert_eq!(platform_of(name, "0.2.0"), None);
    }
}
