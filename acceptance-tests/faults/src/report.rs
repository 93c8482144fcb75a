//! What is told while the cells run, and the table at the end.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::cell::Cell;
use crate::known;
use crate::run::Outcome;

/// How far a run is.
pub struct Progress {
    began: Instant,
    /// How many cells are to be shown.
    wanted: usize,
    /// Those that were done by an earlier run.
    before: usize,
    table: BTreeMap<(String, String), Counts>,
    pub total: Counts,
    pub failures: Vec<(String, String)>,
}

/// Outcomes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub passed: usize,
    pub failed: usize,
    /// Those that are known to fail.
    pub known: usize,
    pub not_fired: usize,
}

impl Counts {
    fn add(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Passed => self.passed += 1,
            Outcome::Failed(_) => self.failed += 1,
            Outcome::Known(_) => self.known += 1,
            Outcome::NotFired => self.not_fired += 1,
        }
    }

    /// Cells whose fault fired.
    pub fn counted(self) -> usize {
        self.passed + self.failed + self.known
    }
}

impl Progress {
    pub fn new(wanted: usize) -> Self {
        Self {
            began: Instant::now(),
            wanted,
            before: 0,
            table: BTreeMap::new(),
            total: Counts::default(),
            failures: Vec::new(),
        }
    }

    /// Counts a cell that an earlier run has done.
    pub fn known(&mut self, cell: &Cell, outcome: &Outcome) {
        self.count(cell, outcome);
        self.before = self.total.counted();
    }

    /// Counts a cell of a run that knows no number of cells.
    pub fn count_one(&mut self, cell: &Cell, outcome: &Outcome) {
        self.count(cell, outcome);
    }

    /// Counts a cell, and gives the line that tells of it.
    pub fn done(&mut self, cell: &Cell, outcome: &Outcome, cli: &str, took: Duration) -> String {
        self.count(cell, outcome);
        let word = match outcome {
            Outcome::Passed if known::why(cell).is_some() => "passed, and is known to fail",
            Outcome::Passed => "passed",
            Outcome::NotFired => "not fired",
            Outcome::Known(_) => "known to fail",
            Outcome::Failed(_) => "FAILED",
        };
        let counted = self.total.counted();
        let now = counted.saturating_sub(self.before).max(1);
        let each = self.began.elapsed() / u32::try_from(now).unwrap_or(u32::MAX);
        let left = each * u32::try_from(self.wanted.saturating_sub(counted)).unwrap_or(u32::MAX);
        format!(
            "[{counted}/{}, {} failed, {} min left] {word}: {cell} ({cli}, {:.1} s)",
            self.wanted,
            self.total.failed,
            left.as_secs().div_ceil(60),
            took.as_secs_f64()
        )
    }

    fn count(&mut self, cell: &Cell, outcome: &Outcome) {
        let key = (cell.verb.name.to_owned(), cell.fault.name().to_owned());
        self.table.entry(key).or_default().add(outcome);
        self.total.add(outcome);
        if let Outcome::Failed(wrong) = outcome {
            self.failures.push((cell.to_string(), wrong.clone()));
        }
    }

    /// Passes and failures by fault and verb, as a table in Markdown: `12`, or `11 + 1 known + 1 failed`.
    pub fn table(&self) -> String {
        let names = |which: fn(&(String, String)) -> &String| {
            let mut names: Vec<_> = self.table.keys().map(which).collect();
            names.sort_unstable();
            names.dedup();
            names
        };
        let (verbs, faults) = (names(|(verb, _)| verb), names(|(_, fault)| fault));
        let mut text = "| verb |".to_owned();
        faults.iter().for_each(|fault| _ = write!(text, " {fault} |"));
        text.push_str("\n|---|");
        faults.iter().for_each(|_| text.push_str("---|"));
        for verb in verbs {
            _ = write!(text, "\n| {verb} |");
            for fault in &faults {
                let counts = self
                    .table
                    .get(&(verb.clone(), (*fault).clone()))
                    .copied()
                    .unwrap_or_default();
                let parts = [
                    (counts.passed, ""),
                    (counts.known, " known"),
                    (counts.failed, " failed"),
                ];
                let parts = parts.iter().filter(|(count, _)| *count > 0);
                let words: Vec<_> = parts.map(|(count, word)| format!("{count}{word}")).collect();
                _ = write!(text, " {} |", words.join(" + "));
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_counts_by_verb_and_fault() {
        let cell = |name: &str| Cell::parse(name).expect("a cell");
        let mut progress = Progress::new(3);
        let lost = cell("create-path/ec2:CreateSecurityGroup#1/reply-lost/apply");
        progress.known(&lost, &Outcome::Passed);
        progress.known(&lost, &Outcome::Failed("lost".to_owned()));
        let denied = cell("destroy-path/ec2:DeleteSecurityGroup#1/denied/destroy");
        progress.known(&denied, &Outcome::NotFired);
        assert_eq!(
            progress.table(),
            "| verb | denied | reply-lost |\n|---|---|---|\n| create-path |  | 1 + 1 failed |\n| destroy-path |  |  |"
        );
        assert_eq!((progress.total.counted(), progress.total.not_fired), (2, 1));
        assert_eq!(progress.failures, [(lost.to_string(), "lost".to_owned())]);
    }
}
