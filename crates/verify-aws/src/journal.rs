//! What a run has made and not yet removed, on disk before it is made: a run that is killed can be cleaned up after.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::object::Kind;

/// The journal of a run. Its file is there as long as something is.
pub struct Journal {
    path: PathBuf,
    noted: Noted,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Noted {
    /// What every name of the run has in it.
    run: String,
    account: String,
    region: String,
    /// In the order in which they were made.
    objects: Vec<Entry>,
}

/// An object that was made, or was about to be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    pub kind: Kind,
    pub name: String,
    /// `None` until AWS has told it.
    pub id: Option<String>,
}

impl Journal {
    /// Takes up the journal of an earlier run, or begins one.
    ///
    /// # Errors
    /// The file cannot be read, or is of another account or Region.
    pub fn open(path: &Path, account: &str, region: &str) -> Result<Self, String> {
        let noted = match fs::read_to_string(path) {
            Ok(text) => {
                let json = &mut serde_json::Deserializer::from_str(&text);
                let noted: Noted = serde_path_to_error::deserialize(json)
                    .map_err(|error| format!("{}: {error}", path.display()))?;
                if (noted.account.as_str(), noted.region.as_str()) != (account, region) {
                    return Err(format!(
                        "{} tells what is left of a run in account {} and Region {}, and this is account {account} and Region \
                         {region}: run there first, so that it is removed",
                        path.display(),
                        noted.account,
                        noted.region
                    ));
                }
                noted
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Noted {
                run: run_id()?,
                account: account.to_owned(),
                region: region.to_owned(),
                objects: Vec::new(),
            },
            Err(error) => return Err(format!("{}: {error}", path.display())),
        };
        Ok(Self {
            path: path.to_owned(),
            noted,
        })
    }

    /// What every name of the run has in it.
    pub fn run(&self) -> &str {
        &self.noted.run
    }

    pub fn account(&self) -> &str {
        &self.noted.account
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is left, in the order in which it was made.
    pub fn objects(&self) -> &[Entry] {
        &self.noted.objects
    }

    /// Notes an object before it is made.
    pub fn before(&mut self, kind: Kind, name: &str) -> Result<(), String> {
        self.noted.objects.push(Entry {
            kind,
            name: name.to_owned(),
            id: None,
        });
        self.save()
    }

    /// Notes the id of the object that was noted last.
    pub fn made(&mut self, id: &str) -> Result<(), String> {
        if let Some(entry) = self.noted.objects.last_mut() {
            entry.id = Some(id.to_owned());
        }
        self.save()
    }

    /// Strikes out the object that was noted last: AWS has not made it.
    pub fn refused(&mut self) -> Result<(), String> {
        self.noted.objects.pop();
        self.save()
    }

    /// Strikes out what is gone.
    pub fn gone(&mut self, gone: &Entry) -> Result<(), String> {
        self.noted.objects.retain(|entry| entry != gone);
        self.save()
    }

    fn save(&self) -> Result<(), String> {
        let written = if self.noted.objects.is_empty() {
            match fs::remove_file(&self.path) {
                Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            }
        } else {
            write_whole(&self.path, &self.noted)
        };
        written.map_err(|error| format!("{}: {error}", self.path.display()))
    }
}

/// Writes a file that is there as a whole, or as it was before.
pub fn write_whole(path: &Path, content: &impl Serialize) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    serde_json::to_writer_pretty(&mut file, content)?;
    file.write_all(b"\n")?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// Six letters and digits of chance.
pub fn run_id() -> Result<String, String> {
    let mut bytes = [0; 3];
    getrandom::fill(&mut bytes).map_err(|error| error.to_string())?;
    Ok(hex::encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_is_there_for_the_next_run_until_it_is_struck_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.json");
        let mut journal = Journal::open(&path, "1", "r").unwrap();
        journal.before(Kind::Connection, "a").unwrap();
        journal.made("a").unwrap();
        journal.before(Kind::ResourceGateway, "b").unwrap();
        let mut next = Journal::open(&path, "1", "r").unwrap();
        assert_eq!((next.run(), next.objects()), (journal.run(), journal.objects()));
        assert_eq!(next.objects()[1].id, None);
        for entry in next.objects().to_vec() {
            next.gone(&entry).unwrap();
        }
        assert!(!path.exists());
    }

    #[test]
    fn a_journal_of_another_account_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal.json");
        Journal::open(&path, "1", "r")
            .unwrap()
            .before(Kind::Connection, "a")
            .unwrap();
        let refused = Journal::open(&path, "2", "r").err().unwrap();
        assert!(
            refused.contains("account 1") && refused.contains("account 2"),
            "{refused}"
        );
    }
}
