//! What came of the cells of a seed, kept on disk, so that a run can go on where it ended.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::cell::Cell;
use crate::known;
use crate::run::Outcome;

/// One line of the file.
#[derive(Serialize, Deserialize)]
struct Line {
    cell: String,
    outcome: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    wrong: String,
}

/// The file, to which each cell adds a line when it is done.
pub struct Journal {
    file: File,
    /// What was known when it was opened, by cell.
    pub known: BTreeMap<String, Outcome>,
}

impl Journal {
    /// Opens the journal of a seed in a folder; begins anew unless an earlier run is to be resumed.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub fn open(folder: &Path, seed: u64, resume: bool) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let path = folder.join(format!("{seed}.jsonl"));
        let text = if resume {
            fs::read_to_string(&path).unwrap_or_default()
        } else {
            String::new()
        };
        // A line that a killed run broke off is none.
        let lines = text
            .lines()
            .filter_map(|line| serde_json::from_str::<Line>(line).ok());
        let known = lines.filter_map(|line| {
            let outcome = match line.outcome.as_str() {
                "passed" => Outcome::Passed,
                "not fired" => Outcome::NotFired,
                "known" => Outcome::Known(known::why(&Cell::parse(&line.cell)?)?),
                "failed" => Outcome::Failed(line.wrong),
                _ => return None,
            };
            Some((line.cell, outcome))
        });
        let known = known.collect();
        let file = OpenOptions::new()
            .create(true)
            .append(resume)
            .write(true)
            .truncate(!resume)
            .open(path)?;
        Ok(Self { file, known })
    }

    /// Takes note of what came of a cell.
    ///
    /// # Errors
    /// The file cannot be written to.
    pub fn add(&mut self, cell: &str, outcome: &Outcome) -> io::Result<()> {
        let (outcome, wrong) = match outcome {
            Outcome::Passed => ("passed", ""),
            Outcome::NotFired => ("not fired", ""),
            Outcome::Known(why) => ("known", *why),
            Outcome::Failed(wrong) => ("failed", wrong.as_str()),
        };
        let line = Line {
            cell: cell.to_owned(),
            outcome: outcome.to_owned(),
            wrong: wrong.to_owned(),
        };
        // A line that was broken off before must not swallow this one.
        writeln!(self.file, "\n{}", serde_json::to_string(&line)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_goes_on_where_it_was_killed() {
        let folder = std::env::temp_dir().join(format!("fault-journal-{}", std::process::id()));
        let failed = Outcome::Failed("it\nis \"lost\"".to_owned());
        let mut journal = Journal::open(&folder, 7, false).expect("a new one");
        journal.add("a", &Outcome::Passed).expect("it is written");
        journal.add("b", &failed).expect("it is written");
        write!(journal.file, "{{\"cell\":\"c\",\"outc").expect("it is broken off");
        let mut resumed = Journal::open(&folder, 7, true).expect("the same");
        resumed.add("d", &Outcome::NotFired).expect("it is written");
        let known = Journal::open(&folder, 7, true).expect("the same").known;
        let anew = Journal::open(&folder, 7, false).expect("another").known;
        fs::remove_dir_all(&folder).expect("it is ours");
        let expected = [("a", Outcome::Passed), ("b", failed), ("d", Outcome::NotFired)]
            .map(|(cell, outcome)| (cell.to_owned(), outcome));
        assert_eq!(known, BTreeMap::from(expected));
        assert!(anew.is_empty());
    }
}
