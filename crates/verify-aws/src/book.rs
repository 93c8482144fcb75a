//! The facts of a run, on disk as soon as they are known.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use local_aws::{ExampleRun, FACTS_VERSION, Fact, Facts, Found};

use crate::journal::write_whole;

/// A file of facts that is being written.
pub struct Book {
    path: PathBuf,
    facts: Facts,
}

impl Book {
    /// Takes up a file, or begins one.
    ///
    /// # Errors
    /// The file is none of facts, or is of another Region.
    pub fn open(path: &Path, region: &str, today: &str) -> Result<Self, String> {
        let facts = match fs::read_to_string(path) {
            Ok(text) => {
                let facts = Facts::parse(&text).map_err(|error| format!("{}: {error}", path.display()))?;
                if facts.region != region {
                    return Err(format!(
                        "{} has the facts of {}, and this is {region}: name another file by --facts",
                        path.display(),
                        facts.region
                    ));
                }
                Facts {
                    recorded: today.to_owned(),
                    ..facts
                }
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Facts {
                version: FACTS_VERSION,
                recorded: today.to_owned(),
                region: region.to_owned(),
                facts: Vec::new(),
                example: None,
            },
            Err(error) => return Err(format!("{}: {error}", path.display())),
        };
        Ok(Self {
            path: path.to_owned(),
            facts,
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn found(&self, id: &str) -> Option<&Found> {
        let mut facts = self.facts.facts.iter();
        facts.find(|fact| fact.id == id).map(|fact| &fact.found)
    }

    /// Whether a question has its answer.
    pub fn settles(&self, id: &str) -> bool {
        self.found(id)
            .is_some_and(|found| !matches!(found, Found::Unsettled(_)))
    }

    /// Notes a fact, in the place of what there was of it.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn note(&mut self, fact: Fact) -> Result<(), String> {
        self.facts.facts.retain(|other| other.id != fact.id);
        self.facts.facts.push(fact);
        self.save()
    }

    pub fn example(&self) -> Option<&ExampleRun> {
        self.facts.example.as_ref()
    }

    /// Notes how an example goes, in the place of what there was of it.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn note_example(&mut self, run: ExampleRun) -> Result<(), String> {
        self.facts.example = Some(run);
        self.save()
    }

    fn save(&self) -> Result<(), String> {
        write_whole(&self.path, &self.facts).map_err(|error| format!("{}: {error}", self.path.display()))
    }
}
