//! A workspace with a kitchen.

use std::{
    env, fs,
    ops::{Deref, DerefMut},
    path::PathBuf,
};

use cli_harness::{Cli, Provider, Workspace};
use serde_json::Value;

/// A workspace whose CLI takes the kitchen provider, and the folder of its kitchen.
pub struct Kitchen(Workspace);

impl Deref for Kitchen {
    type Target = Workspace;

    fn deref(&self) -> &Workspace {
        &self.0
    }
}

impl DerefMut for Kitchen {
    fn deref_mut(&mut self) -> &mut Workspace {
        &mut self.0
    }
}

impl Kitchen {
    pub fn new(cli: &'static Cli) -> Self {
        let binary = example("terraform-provider-kitchen");
        let provider = Provider {
            source: "example/kitchen",
            binary: &binary,
        };
        Self(Workspace::new(cli, &[provider]))
    }

    /// Writes the configuration: provider and requirements, and `text`.
    pub fn write(&self, text: &str) {
        let folder = self.path("kitchen");
        let head =
            "terraform {\n  required_providers {\n    kitchen = { source = \"example/kitchen\" }\n  }\n}\n";
        self.write_file(
            "main.tf",
            &format!("{head}provider \"kitchen\" {{\n  folder = {folder:?}\n}}\n{text}"),
        );
    }

    /// What the kitchen keeps of a thing; `None` where there is none.
    pub fn kept(&self, kind: &str, name: &str) -> Option<Value> {
        let json = fs::read(self.path("kitchen").join(format!("{kind}-{name}.json"))).ok()?;
        Some(serde_json::from_slice(&json).expect("the kitchen keeps JSON"))
    }

    /// Throws a thing away behind Terraform's back.
    pub fn throw_away(&self, kind: &str, name: &str) {
        fs::remove_file(self.path("kitchen").join(format!("{kind}-{name}.json")))
            .expect("the thing is there");
    }
}

/// A provider that `cargo test` builds among the examples.
pub fn example(name: &str) -> PathBuf {
    let test = env::current_exe().expect("a test knows itself");
    let folder = test
        .parent()
        .and_then(|deps| deps.parent())
        .expect("tests are built into target/<profile>/deps");
    let binary = folder.join("examples").join(name);
    assert!(
        binary.is_file(),
        "there is no {}: build it with `cargo build -p terraform-plugin --examples`",
        binary.display()
    );
    binary
}
