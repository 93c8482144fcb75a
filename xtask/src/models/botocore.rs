//! An installed botocore: its version, and the service models in its data.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use serde_json::Value;

/// A botocore that is installed.
pub struct Botocore {
    folder: PathBuf,
    version: String,
}

impl Botocore {
    /// The one in this folder of a Python's packages.
    pub fn at(folder: &Path) -> Result<Self, String> {
        let init = folder.join("__init__.py");
        let text = fs::read_to_string(&init).map_err(|error| {
            format!(
                "{}: {error}. --botocore takes the folder of the installed package: \
                 python3 -c 'import botocore; print(botocore.__path__[0])'",
                init.display()
            )
        })?;
        let version = text.lines().find_map(|line| {
            let quoted = line.strip_prefix("__version__ = ")?.trim();
            Some(quoted.trim_matches(['\'', '"']).to_owned())
        });
        let version = version.ok_or_else(|| format!("{}: has no __version__", init.display()))?;
        Ok(Self {
            folder: folder.to_owned(),
            version,
        })
    }

    pub fn version(&self) -> &str {
        &self.version
    }

    /// As models name where they come from.
    pub fn source(&self) -> String {
        format!("botocore {}", self.version)
    }

    /// The newest API version of a service, with its model.
    pub fn service(&self, name: &str) -> Result<(String, Value), String> {
        let folder = self.folder.join("data").join(name);
        let entries = fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let versions = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        // They are dates.
        let newest = versions.max();
        let newest = newest.ok_or_else(|| format!("{}: is empty", folder.display()))?;
        let path = folder.join(&newest).join("service-2.json");
        let model = read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok((newest, model))
    }
}

/// A JSON file, which may be compressed.
fn read(path: &Path) -> Result<Value, String> {
    let compressed = path.with_extension("json.gz");
    let bytes = match fs::read(&compressed) {
        Ok(bytes) => {
            let mut plain = Vec::new();
            let read = GzDecoder::new(bytes.as_slice()).read_to_end(&mut plain);
            read.map_err(|error| error.to_string())?;
            plain
        }
        Err(_) => fs::read(path).map_err(|error| error.to_string())?,
    };
    serde_json::from_slice(&bytes).map_err(|error| error.to_string())
}
