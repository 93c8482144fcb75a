//! All cells, which of them are run, and by whom.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use cli_harness::{Cli, all_clis};
use fastrand::Rng;

use crate::Arguments;
use crate::cell::Cell;
use crate::fault::{FAILURES, FAULTS, Failure, Place};
use crate::journal::Journal;
use crate::oracle::Clean;
use crate::report::Progress;
use crate::run::{self, Outcome};
use crate::verb::{VERBS, Verb};

/// The matrix of one provider.
pub struct Matrix {
    provider: PathBuf,
    cells: Vec<Cell>,
    clean: BTreeMap<&'static str, Clean>,
}

/// What is to be run, in this order.
pub struct Chosen {
    pub cells: Vec<Cell>,
    /// So many of them are enough whose faults fire.
    pub wanted: usize,
    /// Those at the beginning that are run all the same.
    always: usize,
}

impl Matrix {
    /// Numbers the calls of each verb in a run without a fault. Verbs that no word can mean are left out.
    ///
    /// # Errors
    /// A run without a fault fails.
    pub fn of(provider: &Path, words: &[String], jobs: usize) -> io::Result<Self> {
        let cli = &all_clis()[0];
        let is_meant = |verb: &Verb| {
            let names_verb = |word: &String| word.split('/').next() == Some(verb.name) || !word.contains('/');
            words.is_empty() || words.iter().any(names_verb)
        };
        let verbs: Vec<Verb> = VERBS.into_iter().filter(is_meant).collect();
        eprintln!("numbers the calls of {} verbs", verbs.len());
        let queue = Mutex::new(VecDeque::from(verbs));
        let found = Mutex::new(BTreeMap::new());
        let work = || {
            while let Some(verb) = locked(&queue).pop_front() {
                let ran = std::panic::catch_unwind(|| run::clean(verb, cli, provider));
                let ran =
                    ran.map_err(|panic| format!("{} without a fault: {}", verb.name, run::words_of(&*panic)));
                locked(&found).insert(verb.name, ran);
            }
        };
        thread::scope(|scope| (0..jobs.max(1)).for_each(|_| _ = scope.spawn(work)));
        let (mut cells, mut clean) = (Vec::new(), BTreeMap::new());
        for (name, ran) in found.into_inner().unwrap_or_default() {
            let (places, left) = ran.map_err(io::Error::other)?;
            clean.insert(name, left);
            let Some(verb) = Verb::named(name) else { continue };
            let can_end = |failure: &&Failure| {
                let (kind, state) = failure.end();
                verb.can_end(kind, state)
            };
            let states = FAILURES.iter().filter(can_end).map(Place::State);
            for place in places.into_iter().chain(states) {
                let faults = FAULTS.iter().filter(|fault| fault.fits(&place));
                cells.extend(faults.flat_map(|fault| Cell::all_of(verb, &place, *fault)));
            }
        }
        Ok(Self {
            provider: provider.to_owned(),
            cells,
            clean,
        })
    }

    /// Every cell whose name has one of these words, all without words, in an order of the seed.
    pub fn every(&self, seed: u64, words: &[String]) -> Chosen {
        let is_meant = |cell: &&Cell| {
            let name = cell.to_string();
            words.is_empty() || words.iter().any(|word| name.contains(word.as_str()))
        };
        let mut cells: Vec<Cell> = self.cells.iter().filter(is_meant).cloned().collect();
        // A whole name is a cell, also of a poll that the run without a fault was too fast for.
        let named = words.iter().filter_map(|word| Cell::parse(word));
        let unlisted: Vec<Cell> = named.filter(|cell| !cells.contains(cell)).collect();
        cells.extend(unlisted);
        Rng::with_seed(seed).shuffle(&mut cells);
        Chosen {
            wanted: cells.len(),
            always: cells.len(),
            cells,
        }
    }

    /// Every create whose provider is killed, and so many others that are drawn by the seed: two at what changes something
    /// for each one at a read, of which there are many more.
    pub fn sample(&self, seed: u64, drawn: usize) -> Chosen {
        let quick = self.cells.iter().filter(|cell| !cell.fault.is_slow()).cloned();
        let (mut cells, others): (Vec<_>, Vec<_>) = quick.partition(Cell::is_killed_create);
        let (mut reads, mut changes): (Vec<_>, Vec<_>) =
            others.into_iter().partition(|cell| cell.place.is_read());
        let mut draw = Rng::with_seed(seed);
        draw.shuffle(&mut reads);
        draw.shuffle(&mut changes);
        let always = cells.len();
        let (mut reads, mut changes) = (reads.into_iter(), changes.into_iter());
        while !(reads.as_slice().is_empty() && changes.as_slice().is_empty()) {
            cells.extend(changes.by_ref().take(2));
            cells.extend(reads.by_ref().take(1));
        }
        Chosen {
            cells,
            wanted: always + drawn,
            always,
        }
    }

    /// Runs cells until so many have counted as are wanted.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn run(&self, chosen: Chosen, journal: Journal, arguments: &Arguments) -> io::Result<Progress> {
        let mut progress = Progress::new(chosen.wanted);
        let mut queue = VecDeque::new();
        for (at, cell) in chosen.cells.into_iter().enumerate() {
            match journal.known.get(&cell.to_string()) {
                Some(outcome) => progress.known(&cell, outcome),
                None => queue.push_back((at, cell)),
            }
        }
        let shared = Mutex::new((queue, progress, journal, Ok(())));
        let next = || {
            let mut shared = locked(&shared);
            let (queue, progress, _, written) = &mut *shared;
            let enough = progress.total.counted() >= chosen.wanted;
            let goes_on = |at: usize| written.is_ok() && (at < chosen.always || !enough);
            queue
                .front()
                .is_some_and(|(at, _)| goes_on(*at))
                .then(|| queue.pop_front())
                .flatten()
        };
        let work = || {
            while let Some((at, cell)) = next() {
                let (cli, began) = (Self::cli_of(at), Instant::now());
                let outcome = match self.clean.get(cell.verb.name) {
                    Some(clean) => run::run(&cell, clean, cli, &self.provider),
                    None => Outcome::NotFired,
                };
                let mut shared = locked(&shared);
                let (_, progress, journal, written) = &mut *shared;
                eprintln!(
                    "{}",
                    progress.done(&cell, &outcome, &cli.to_string(), began.elapsed())
                );
                if let Err(error) = journal.add(&cell.to_string(), &outcome) {
                    *written = Err(error);
                }
            }
        };
        thread::scope(|scope| (0..arguments.jobs.max(1)).for_each(|_| _ = scope.spawn(work)));
        let (_, progress, _, written) = shared
            .into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        written.map(|()| progress)
    }

    /// Each CLI has its share of the cells.
    fn cli_of(at: usize) -> &'static Cli {
        let clis = all_clis();
        &clis[at % clis.len()]
    }
}

/// A lock that a panic in a cell, which is caught, has not left half-way.
fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Fault;

    fn matrix() -> Matrix {
        let place = |text: &str| Place::parse(text).expect("a place");
        let verb = |name: &str| Verb::named(name).expect("a verb");
        let cells_of = |verb: Verb, text: &str| {
            let place = place(text);
            let faults = FAULTS.iter().filter(|fault| fault.fits(&place)).copied();
            let cells = faults.flat_map(|fault| Cell::all_of(verb, &place, fault));
            cells.collect::<Vec<_>>()
        };
        let verbs = ["create-path", "create-path-cbd", "destroy-path"].map(verb);
        let places = [
            "ec2:DescribeVpcs#1",
            "ec2:DescribeSubnets#1",
            "ec2:CreateSecurityGroup#1",
        ];
        let cells = verbs
            .into_iter()
            .flat_map(|verb| places.into_iter().flat_map(move |text| cells_of(verb, text)));
        Matrix {
            provider: PathBuf::new(),
            cells: cells.collect(),
            clean: BTreeMap::new(),
        }
    }

    fn names(cells: &[Cell]) -> Vec<String> {
        cells.iter().map(Cell::to_string).collect()
    }

    #[test]
    fn a_sample_has_every_killed_create_and_more_changes_than_reads() {
        let matrix = matrix();
        let sample = matrix.sample(7, 9);
        let (always, drawn) = sample.cells.split_at(sample.always);
        assert!(always.iter().all(Cell::is_killed_create));
        assert!(!drawn.iter().any(Cell::is_killed_create));
        // Before and after the one change, before each of the two reads.
        assert_eq!((always.len(), sample.wanted), (4, 4 + 9));
        assert_eq!(drawn[..9].iter().filter(|cell| cell.place.is_read()).count(), 3);
        assert!(
            !sample.cells.iter().any(|cell| cell.fault == Fault::Silent),
            "it would take minutes"
        );
    }

    #[test]
    fn a_seed_draws_the_same_cells_again_each_once() {
        let matrix = matrix();
        let drawn = names(&matrix.sample(7, 9).cells);
        assert_eq!(drawn, names(&matrix.sample(7, 9).cells));
        assert_ne!(drawn, names(&matrix.sample(8, 9).cells));
        let mut once = drawn.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), drawn.len());
    }

    #[test]
    fn cells_are_chosen_by_words_and_one_by_its_whole_name() {
        let matrix = matrix();
        let chosen = |word: &str| names(&matrix.every(1, &[word.to_owned()]).cells);
        assert!(
            chosen("destroy-path/")
                .iter()
                .all(|name| name.starts_with("destroy-path/"))
        );
        assert!(chosen("no such word").is_empty());
        let unlisted = "create-path/vpc-lattice:GetResourceGateway#9/denied/apply";
        assert_eq!(chosen(unlisted), [unlisted]);
        assert_eq!(matrix.every(1, &[]).cells.len(), matrix.cells.len());
    }
}
