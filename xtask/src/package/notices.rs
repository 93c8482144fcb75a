//! The licences of everything that is linked into a program, which its binary has to be handed out with.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::program::Program;
use crate::built;
use crate::platform::Platform;

/// One text: each crate with its licence, then each text with the crates whose it is.
pub fn of(program: Program, platform: Platform) -> Result<String, String> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let answer = Command::new(cargo)
        .current_dir(built::repository())
        .args([
            "metadata",
            "--format-version",
            "1",
            "--locked",
            "--filter-platform",
            platform.target,
        ])
        .output()
        .map_err(|error| format!("cargo cannot be started: {error}"))?;
    if !answer.status.success() {
        return Err(format!(
            "cargo metadata ended with {}:\n{}",
            answer.status,
            String::from_utf8_lossy(&answer.stderr)
        ));
    }
    let metadata =
        serde_json::from_slice(&answer.stdout).map_err(|error| format!("cargo metadata: {error}"))?;
    written(&linked(&metadata, program.name())?)
}

/// What a package is linked with, itself left out: crates of others, without what only builds or tests it.
fn linked<'a>(metadata: &'a Value, package: &str) -> Result<Vec<&'a Value>, String> {
    let list = |value: &'a Value| value.as_array().map(Vec::as_slice).unwrap_or_default();
    let packages: BTreeMap<_, _> = list(&metadata["packages"])
        .iter()
        .filter_map(|package| Some((package["id"].as_str()?, package)))
        .collect();
    let nodes: BTreeMap<_, _> = list(&metadata["resolve"]["nodes"])
        .iter()
        .filter_map(|node| Some((node["id"].as_str()?, node)))
        .collect();
    let root = packages.values().find(|one| one["name"] == package);
    let root = root.and_then(|one| one["id"].as_str());
    let mut left = vec![root.ok_or_else(|| format!("cargo metadata has no {package}"))?];
    let mut seen = BTreeSet::new();
    while let Some(id) = left.pop() {
        if !seen.insert(id) {
            continue;
        }
        for dependency in nodes.get(id).map(|node| list(&node["deps"])).unwrap_or_default() {
            let is_linked = list(&dependency["dep_kinds"])
                .iter()
                .any(|kind| kind["kind"].is_null());
            left.extend(dependency["pkg"].as_str().filter(|_| is_linked));
        }
    }
    let others = seen.into_iter().filter_map(|id| packages.get(id).copied());
    // What comes from nowhere is of this repository.
    Ok(others.filter(|package| !package["source"].is_null()).collect())
}

fn written(packages: &[&Value]) -> Result<String, String> {
    let mut text = String::from("This program contains the following crates.\n\n");
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut lines = BTreeSet::new();
    for package in packages {
        let word = |field: &str| package[field].as_str().unwrap_or_default();
        let name = format!("{} {}", word("name"), word("version"));
        lines.insert(format!(
            "{name}: {}\n",
            package["license"].as_str().unwrap_or("see its text below")
        ));
        let folder = Path::new(word("manifest_path")).parent().unwrap_or(Path::new(""));
        for licence in licence_texts(folder)? {
            texts.entry(licence).or_default().insert(name.clone());
        }
    }
    text.extend(lines);
    let mut by_crates: Vec<_> = texts.into_iter().collect();
    by_crates.sort_by(|(_, a), (_, b)| a.cmp(b));
    for (licence, crates) in by_crates {
        let crates: Vec<_> = crates.into_iter().collect();
        text.push_str(&format!(
            "\n{}\n{}\n\n{licence}\n",
            "-".repeat(72),
            crates.join(", ")
        ));
    }
    Ok(text)
}

/// The texts that a crate brings along.
fn licence_texts(folder: &Path) -> Result<Vec<String>, String> {
    let wrong = |error: std::io::Error| format!("{} cannot be read: {error}", folder.display());
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(wrong)? {
        let path = entry.map_err(wrong)?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .to_uppercase();
        let is_licence = ["LICENSE", "LICENCE", "COPYING", "NOTICE", "COPYRIGHT"]
            .iter()
            .any(|word| name.starts_with(word));
        if is_licence && path.is_file() {
            names.push(path);
        }
    }
    names.sort();
    let texts = names.iter().map(|file| {
        let bytes = fs::read(file).map_err(|error| format!("{} cannot be read: {error}", file.display()))?;
        Ok(String::from_utf8_lossy(&bytes)
            .replace("\r\n", "\n")
            .trim_end()
            .to_owned())
    });
    texts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_crate_that_is_linked_is_named_with_its_licence_and_no_other() {
        let platform = Platform::host().expect("this machine is a platform");
        let notices = of(Program::Provider, platform).expect("they can be written");
        for part in [
            "tokio 1.",
            "rustls 0.",
            "aws-sdk-ec2 1.",
            "Apache License",
            "Permission is hereby granted",
        ] {
            assert!(notices.contains(part), "{part}");
        }
        for part in ["\nproptest ", "\nreconcile ", "\nlocal-aws ", "\nzip "] {
            assert!(!notices.contains(part), "{part}");
        }
        assert!(!notices.contains("see its text below"), "a crate has no licence");
    }
}
