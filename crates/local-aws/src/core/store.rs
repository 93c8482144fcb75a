//! The file that keeps the state across restarts. It is written beside its place and then moved there, so that a
//! process that dies at any moment leaves the last whole state.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::core::world::{Services, Snapshot};

#[derive(Debug)]
pub(crate) struct Store {
    path: PathBuf,
    beside: PathBuf,
}

impl Store {
    /// # Errors
    /// The path names no file.
    pub(crate) fn new(path: &Path) -> io::Result<Self> {
        let name = path.file_name().ok_or_else(|| {
            let text = format!("{} is no file", path.display());
            io::Error::new(io::ErrorKind::InvalidInput, text)
        })?;
        let mut beside = name.to_owned();
        beside.push(".new");
        Ok(Self {
            path: path.to_owned(),
            beside: path.with_file_name(beside),
        })
    }

    /// The state that the file has; `None` where there is no file.
    ///
    /// # Errors
    /// The file cannot be read, or is no state; it is left as it is.
    pub(crate) fn load(&self, services: &'static dyn Services) -> io::Result<Option<Snapshot>> {
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.named(&error)),
        };
        Snapshot::read(&bytes, services).map(Some).map_err(|error| {
            let text = format!(
                "the state file {} cannot be used: {error}; remove it to begin anew",
                self.path.display()
            );
            io::Error::new(io::ErrorKind::InvalidData, text)
        })
    }

    /// Puts a state in the place of the last one. It has secrets, so nobody else may read it.
    pub(crate) fn save(&self, bytes: &[u8], to_disk: bool) -> io::Result<()> {
        let write = || {
            let mut options = fs::OpenOptions::new();
            options.write(true).create(true).truncate(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut file = options.open(&self.beside)?;
            file.write_all(bytes)?;
            // A process that is killed loses nothing by it; a machine that loses its power might.
            if to_disk {
                file.sync_all()?;
            }
            fs::rename(&self.beside, &self.path)
        };
        write().map_err(|error: io::Error| self.named(&error))
    }

    fn named(&self, error: &io::Error) -> io::Error {
        io::Error::new(
            error.kind(),
            format!("the state file {}: {error}", self.path.display()),
        )
    }
}

/// Values by their texts, for types that serde does not know.
pub(crate) mod by_text {
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<T: Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(crate) fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
    where
        T: FromStr,
        T::Err: Display,
        D: Deserializer<'de>,
    {
        String::deserialize(deserializer)?
            .parse()
            .map_err(D::Error::custom)
    }
}

/// Maps whose keys are no texts, as lists of pairs.
pub(crate) mod by_pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(crate) fn serialize<K: Serialize, V: Serialize, S: Serializer>(
        map: &BTreeMap<K, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(map)
    }

    pub(crate) fn deserialize<'de, K, V, D>(deserializer: D) -> Result<BTreeMap<K, V>, D::Error>
    where
        K: Deserialize<'de> + Ord,
        V: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        Vec::<(K, V)>::deserialize(deserializer).map(|pairs| pairs.into_iter().collect())
    }
}
