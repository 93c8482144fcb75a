//! The licences of everything that is linked into a program, which its binary has to be handed out with.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::program::Program;
use super::tools::ABOUT;
use crate::platform::Platform;

/// What files are called that are handed on with a crate besides its licences. Apache-2.0 wants that of a NOTICE, and cargo-about
/// knows licences alone.
const NOTICES: [&str; 3] = ["NOTICE", "COPYRIGHT", "THIRD-PARTY"];
/// What files are called that have a crate's licences.
const LICENCES: [&str; 3] = ["LICENSE", "LICENCE", "COPYING"];

/// One text: each crate with its licence, then each text with the crates whose it is.
pub fn of(program: Program, platform: Platform) -> Result<String, String> {
    let mut about = ABOUT.command();
    about
        .args(["generate", "--format", "json", "--locked", "--fail"])
        .args(["--target", platform.target])
        .args(["--manifest-path", program.manifest()]);
    let answer = ABOUT.run(&mut about)?;
    let found = serde_json::from_slice(&answer)
        .map_err(|error| format!("what cargo about wrote cannot be read: {error}"))?;
    written(&found)
}

/// What cargo-about found, with what it leaves out. It could write a text by a template, but that would not tell where a crate
/// is, and would have a text twice that two licences share.
fn written(found: &Value) -> Result<String, String> {
    let mut text = String::from(
        "This program contains the following crates. Where one leaves the choice between licences, the text below is that of the\n\
         licence which was chosen.\n\n",
    );
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut add = |package: &Value, text: &str| {
        let text = text.replace("\r\n", "\n").trim_end().to_owned();
        texts.entry(text).or_default().insert(name(package));
    };
    let crates = list(&found["crates"]).iter();
    for one in crates.filter(|one| is_of_others(&one["package"])) {
        let package = &one["package"];
        text.push_str(&format!("{}: {}\n", name(package), word(&one["license"])));
        for notice in beside(package, &NOTICES)? {
            add(package, &notice);
        }
    }
    for licence in list(&found["licenses"]) {
        let users = list(&licence["used_by"]).iter().map(|user| &user["crate"]);
        for package in users.filter(|package| is_of_others(package)) {
            add(package, word(&licence["text"]));
            // Where cargo-about recognises no file of a crate, this is the text that everybody has, without the crate's authors.
            if licence["source_path"].is_null() {
                for own in beside(package, &LICENCES)? {
                    add(package, &own);
                }
            }
        }
    }
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

/// The texts that a crate brings along in files that are called so.
fn beside(package: &Value, names: &[&str]) -> Result<Vec<String>, String> {
    let folder = Path::new(word(&package["manifest_path"]))
        .parent()
        .unwrap_or(Path::new(""));
    let wrong = |error: std::io::Error| format!("{} cannot be read: {error}", folder.display());
    let mut texts = Vec::new();
    for entry in fs::read_dir(folder).map_err(wrong)? {
        let file = entry.map_err(wrong)?;
        let name = file.file_name().to_string_lossy().to_uppercase();
        if names.iter().any(|part| name.contains(part)) && file.path().is_file() {
            let bytes = fs::read(file.path()).map_err(wrong)?;
            texts.push(String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    Ok(texts)
}

/// What comes from nowhere is of this repository.
fn is_of_others(package: &Value) -> bool {
    !package["source"].is_null()
}

fn name(package: &Value) -> String {
    format!("{} {}", word(&package["name"]), word(&package["version"]))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::built;

    /// A crate as cargo-about tells it, with files beside its manifest.
    fn package(folder: &Path, name: &str, files: &[(&str, &str)]) -> Value {
        let folder = folder.join(name);
        fs::create_dir(&folder).expect("a folder can be made");
        for (file, text) in files {
            fs::write(folder.join(file), text).expect("the folder is writable");
        }
        let manifest = folder.join("Cargo.toml");
        json!({ "name": name, "version": "1.0.0", "source": "registry", "manifest_path": manifest })
    }

    #[test]
    fn each_text_stands_once_and_what_cargo_about_leaves_out_is_handed_on() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let package = |name, files| package(folder.path(), name, files);
        let one = package(
            "one",
            &[("NOTICE.txt", "made by one"), ("LICENSE", "not asked for")],
        );
        let two = package("two", &[("LICENSE-THIRD-PARTY", "also of others\r\n")]);
        let many = package("many", &[("LICENSE", "several licences, with their authors")]);
        let none = package("none", &[]);
        let mut ours = package("ours", &[("NOTICE", "our own")]);
        ours["source"] = Value::Null;
        let crates = [
            (&one, "Apache-2.0"),
            (&two, "Apache-2.0"),
            (&many, "ISC AND MIT"),
            (&none, "MIT"),
            (&ours, "MIT"),
        ];
        let found = json!({
            "crates": crates.map(|(package, licence)| json!({ "package": package, "license": licence })),
            "licenses": [
                { "id": "Apache-2.0", "source_path": "/one/LICENSE", "text": "line\r\nline\r\n", "used_by": [{ "crate": one }] },
                { "id": "Apache-2.0", "source_path": null, "text": "line\nline", "used_by": [{ "crate": two }] },
                { "id": "ISC", "source_path": null, "text": "ISC of nobody", "used_by": [{ "crate": many }] },
                { "id": "MIT", "source_path": null, "text": "MIT of nobody", "used_by": [{ "crate": many }, { "crate": none }, { "crate": ours }] },
            ],
        });
        let notices = written(&found).expect("every folder can be read");
        let (crates, texts) = notices
            .split_once("\n\n")
            .expect("there is a heading")
            .1
            .split_once("\n\n")
            .expect("there are texts");
        assert_eq!(
            crates,
            "one 1.0.0: Apache-2.0\ntwo 1.0.0: Apache-2.0\nmany 1.0.0: ISC AND MIT\nnone 1.0.0: MIT"
        );
        let line = "-".repeat(72);
        let texts: Vec<_> = texts
            .split(&format!("{line}\n"))
            .map(str::trim_end)
            .skip(1)
            .collect();
        assert_eq!(
            texts,
            [
                "many 1.0.0\n\nISC of nobody",
                "many 1.0.0\n\nseveral licences, with their authors",
                "many 1.0.0, none 1.0.0\n\nMIT of nobody",
                "one 1.0.0\n\nmade by one",
                "one 1.0.0, two 1.0.0\n\nline\nline",
                "two 1.0.0\n\nalso of others",
            ]
        );
    }

    #[test]
    fn the_licences_that_are_taken_are_those_that_the_gate_lets_in() {
        let [about, deny] =
            [("about.toml", "\naccepted = ["), ("deny.toml", "\nallow = [")].map(|(file, begin)| {
                let text = fs::read_to_string(built::repository().join(file)).expect("the file is there");
                let (_, rest) = text.split_once(begin).expect("it has a list");
                rest.split_once(']').expect("the list ends").0.to_owned()
            });
        assert_eq!(about, deny);
    }
}
