//! What a kitchen keeps: JSON by kind and name, one file each.

use std::{fs, io::ErrorKind, path::PathBuf};

use serde::{Serialize, de::DeserializeOwned};
use terraform_plugin::{Diagnostic, Diagnostics};

/// The folder of a kitchen.
pub struct Store(PathBuf);

impl Store {
    pub fn new(folder: String) -> Self {
        Self(PathBuf::from(folder))
    }

    fn file(&self, kind: &str, name: &str) -> PathBuf {
        self.0.join(format!("{kind}-{name}.json"))
    }

    /// A thing, if it is there.
    pub fn get<T: DeserializeOwned>(&self, kind: &str, name: &str) -> Result<Option<T>, Diagnostics> {
        match fs::read(self.file(kind, name)) {
            Ok(json) => serde_json::from_slice(&json).map(Some).map_err(failed),
            Err(err) if err.kind() == ErrorKind::NotFound => Ok(None),
            Err(err) => Err(failed(err)),
        }
    }

    /// The names of all things of a kind, in order.
    pub fn names(&self, kind: &str) -> Result<Vec<String>, Diagnostics> {
        let files = match fs::read_dir(&self.0) {
            Ok(files) => files,
            Err(err) if err.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(err) => return Err(failed(err)),
        };
        let mut names = Vec::new();
        for file in files {
            let file = file.map_err(failed)?.file_name().to_string_lossy().into_owned();
            let name = file.strip_prefix(kind).and_then(|rest| rest.strip_prefix('-'));
            names.extend(
                name.and_then(|name| name.strip_suffix(".json"))
                    .map(str::to_owned),
            );
        }
        names.sort();
        Ok(names)
    }

    /// Keeps a thing, in place of what had its name.
    pub fn put(&self, kind: &str, name: &str, thing: &impl Serialize) -> Result<(), Diagnostics> {
        let json = serde_json::to_vec_pretty(thing).map_err(failed)?;
        fs::create_dir_all(&self.0).map_err(failed)?;
        fs::write(self.file(kind, name), json).map_err(failed)
    }

    /// Throws a thing away, if it is there.
    pub fn remove(&self, kind: &str, name: &str) -> Result<(), Diagnostics> {
        match fs::remove_file(self.file(kind, name)) {
            Err(err) if err.kind() != ErrorKind::NotFound => Err(failed(err)),
            _ => Ok(()),
        }
    }
}

fn failed(err: impl std::error::Error) -> Diagnostics {
    Diagnostic::error("The kitchen's folder is out of order", err.to_string()).into()
}
