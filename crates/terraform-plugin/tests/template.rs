//! The template, as an author gets it: filled in, on this crate as it is published, built outside of this workspace and of
//! its settings, tested, and applied by the CLIs. So it is also the dry run of a release. Ignored, since it builds all
//! dependencies once more:
//! `cargo test -p terraform-plugin --test template -- --ignored`.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use cli_harness::{Provider, Workspace, on_every_cli};

/// Models that break where some crate of the build turns on serde_json's `arbitrary_precision`.
const FLATTENED: &str = r##"
#[derive(Debug, PartialEq, serde::Deserialize)]
struct Inner {
    ratio: f64,
}

#[derive(Debug, PartialEq, serde::Deserialize)]
struct Outer {
    #[serde(flatten)]
    inner: Inner,
}

#[derive(Debug, PartialEq, serde::Deserialize)]
#[serde(untagged)]
enum Either {
    Ratio(f64),
    Text(String),
}

#[test]
fn the_framework_leaves_the_models_of_others_alone() {
    let outer: Outer = serde_json::from_str(r#"{"ratio":0.5}"#).expect("a model");
    assert_eq!(outer, Outer { inner: Inner { ratio: 0.5 } });
    let either: Vec<Either> = serde_json::from_str(r#"[0.5,"half"]"#).expect("a model");
    assert_eq!(either, [Either::Ratio(0.5), Either::Text("half".to_owned())]);
}
"##;

/// What cargo-generate asks for.
const ANSWERS: [(&str, &str); 2] = [("provider", "memo"), ("namespace", "someone")];

fn this_crate() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Copies a folder, with the answers put in as cargo-generate does.
fn fill_in(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a new folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let copy = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            fill_in(&path, &copy);
            continue;
        }
        let text = fs::read_to_string(&path).expect("a text");
        let text = ANSWERS.iter().fold(text, |text, (name, answer)| {
            text.replace(&format!("{{{{{name}}}}}"), answer)
        });
        assert!(!text.contains("{{"), "{} asks for more", path.display());
        fs::write(copy, text).expect("a new file");
    }
}

/// This crate as it is published, unpacked into `folder`: cargo has nothing against publishing it, its licences are with
/// it, and what it brings along compiles.
fn published(folder: &Path, target: &Path) -> PathBuf {
    let this = ["--no-verify", "--allow-dirty", "--package", "terraform-plugin"];
    // Built from the archive below, with the versions that this workspace has locked.
    cargo(
        &this_crate(),
        target,
        &[&["publish", "--dry-run"], &this[..]].concat(),
    );
    cargo(&this_crate(), target, &[&["package"], &this[..]].concat());
    let name = format!("terraform-plugin-{}", env!("CARGO_PKG_VERSION"));
    let archive = target.join(format!("package/{name}.crate"));
    let mut tar = Command::new("tar");
    tar.arg("-xzf").arg(&archive).arg("-C").arg(folder);
    let status = tar.status().expect("tar starts");
    assert!(status.success(), "{}: {status}", archive.display());
    let unpacked = folder.join(name);
    for file in ["LICENSE-MIT", "LICENSE-APACHE", "README.md", "CHANGELOG.md"] {
        assert!(unpacked.join(file).is_file(), "{file} is not published");
    }
    cargo(&unpacked, target, &["test", "--no-run", "--locked"]);
    unpacked
}

/// A crate from the template on that `terraform-plugin`, with the versions that this workspace has locked.
fn generated(folder: &Path, terraform_plugin: &Path) {
    fill_in(&this_crate().join("template"), folder);
    fs::remove_file(folder.join("cargo-generate.toml")).expect("what cargo-generate leaves behind");
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).expect("a manifest");
    let manifest = manifest.replace("[dev-dependencies]\n", "[dev-dependencies]\nserde_json = \"1\"\n");
    let patch = format!("\n[patch.crates-io]\nterraform-plugin = {{ path = {terraform_plugin:?} }}\n");
    fs::write(folder.join("Cargo.toml"), manifest + &patch).expect("written");
    fs::copy(this_crate().join("../../Cargo.lock"), folder.join("Cargo.lock"))
        .expect("the workspace's versions");
    fs::create_dir(folder.join("tests")).expect("a new folder");
    fs::write(folder.join("tests/models.rs"), FLATTENED).expect("written");
}

/// Cargo in that folder, without what this workspace sets for its own builds, but with one target folder for all runs.
fn cargo(folder: &Path, target: &Path, arguments: &[&str]) {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(arguments).current_dir(folder);
    let ours = ["AWS_LC_", "CARGO_MANIFEST_", "CARGO_PKG_"];
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if ours.iter().any(|prefix| text.starts_with(prefix)) {
            cargo.env_remove(&name);
        }
    }
    let status = cargo
        .env("CARGO_TARGET_DIR", target)
        .status()
        .expect("cargo starts");
    assert!(status.success(), "cargo {arguments:?}: {status}");
}

#[test]
#[ignore = "builds all dependencies of a crate outside of this workspace"]
fn a_provider_from_the_template_is_built_tested_and_applied() {
    let scratch = tempfile::tempdir().expect("a temporary folder");
    let folder = scratch.path().join("generated");
    let test = env::current_exe().expect("a test knows itself");
    let target = test
        .ancestors()
        .nth(3)
        .expect("tests are built into target/<profile>/deps");
    let target = target.join("template");
    generated(&folder, &published(scratch.path(), &target));
    cargo(&folder, &target, &["test"]);
    cargo(&folder, &target, &["build"]);

    let binary = target.join("debug/terraform-provider-memo");
    let source = "someone/memo";
    on_every_cli(|cli| {
        let workspace = Workspace::new(
            cli,
            &[Provider {
                source,
                binary: &binary,
            }],
        );
        let example = fs::read_to_string(folder.join("example/main.tf")).expect("the example");
        workspace.write_file("main.tf", &example);
        workspace.apply();
        assert_eq!(workspace.output("size"), 5);
        workspace.plans_nothing();
        workspace.destroy();
        assert!(!workspace.path("note.txt").exists());
    });
}
