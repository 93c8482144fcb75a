//! The fault matrix: every verb of both resources, by the real CLI, with every AWS call failing in every way; then what a
//! user does next, and what must hold.
//!
//! ```text
//!  clean run of each verb ──▶ calls, numbered ──× faults × what comes next──▶ cells ──drawn by the seed──▶ run
//!  cell: local AWS + foreign objects ─▶ what stood before ─▶ the fault ─▶ apply | destroy | … ─▶ oracle
//! ```
//!
//! A cell counts only if local-aws has seen its fault fire. `cargo xtask faults` builds what is needed and runs it.

mod aws;
mod cell;
mod draw;
mod fault;
mod journal;
mod known;
mod long;
mod matrix;
mod oracle;
mod report;
mod run;
mod verb;

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Parser;

#[derive(Parser)]
#[command(about = "Lets every AWS call of every verb fail in every way, and looks that nothing is lost")]
struct Arguments {
    /// The provider's binary
    #[arg(long)]
    provider: PathBuf,
    /// The folder in which it is noted what came of each cell
    #[arg(long)]
    journal: PathBuf,
    /// Draws and orders the cells; a new one each day by default
    #[arg(long)]
    seed: Option<u64>,
    /// How many cells are drawn beside the creates whose provider is killed, all of which are run
    #[arg(long, default_value_t = 150)]
    sample: usize,
    /// Run every cell, which takes hours
    #[arg(long, conflicts_with = "sample")]
    all: bool,
    /// Only cells with one of these words in their names; all of them
    #[arg(long, num_args = 1.., conflicts_with_all = ["sample", "all"])]
    cells: Vec<String>,
    /// Show the cells, and run none
    #[arg(long)]
    list: bool,
    /// Leave out what an earlier run with this seed has done
    #[arg(long)]
    resume: bool,
    /// Instead of cells: random operations with random faults, one after the other in the same account, for so long: `20m`,
    /// `2h`. With one job the seed repeats them
    #[arg(long, value_parser = long::time, value_name = "TIME", conflicts_with_all = ["sample", "all", "cells", "list", "resume"])]
    long: Option<Duration>,
    /// How many cells run at once
    #[arg(long, default_value_t = 4)]
    jobs: usize,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // A cell that panics has failed, and is told of with the others.
    std::panic::set_hook(Box::new(|_| {}));
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("faults: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the cells that are asked for; tells whether all have passed.
fn run(arguments: &Arguments) -> io::Result<bool> {
    let seed = arguments.seed.unwrap_or_else(today);
    eprintln!("seed {seed}");
    if let Some(time) = arguments.long {
        return run_long(arguments, seed, time);
    }
    let matrix = matrix::Matrix::of(&arguments.provider, &arguments.cells, arguments.jobs)?;
    let chosen = match (arguments.all, arguments.cells.is_empty()) {
        (false, true) => matrix.sample(seed, arguments.sample),
        _ => matrix.every(seed, &arguments.cells),
    };
    if arguments.list {
        let mut out = io::stdout().lock();
        chosen.cells.iter().try_for_each(|cell| writeln!(out, "{cell}"))?;
        return Ok(true);
    }
    if chosen.cells.is_empty() {
        return Err(io::Error::other(
            "no cell has such words in its name; --list shows all",
        ));
    }
    let journal = journal::Journal::open(&arguments.journal, seed, arguments.resume)?;
    let progress = matrix.run(chosen, journal, arguments)?;
    tell(&progress, seed)?;
    let total = progress.total;
    let mut out = io::stdout().lock();
    if total.failed > 0 {
        writeln!(
            out,
            "again: cargo xtask faults --seed {seed} --cells <name of a cell>"
        )?;
    }
    Ok(total.failed == 0 && total.counted() > 0)
}

/// Runs random operations for a time; tells whether what must hold did after each.
fn run_long(arguments: &Arguments, seed: u64, time: Duration) -> io::Result<bool> {
    let long = long::run(&arguments.provider, seed, time, arguments.jobs);
    tell(&long.progress, seed)?;
    writeln!(
        io::stdout().lock(),
        "{} operations, of which {} met another fault before the first was mended",
        long.operations,
        long.twice
    )?;
    Ok(long.progress.total.failed == 0 && long.operations > 0)
}

/// What failed, and how many cells there were of each verb and fault.
fn tell(progress: &report::Progress, seed: u64) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for (cell, wrong) in &progress.failures {
        writeln!(out, "=== {cell}\n{wrong}\n")?;
    }
    let total = progress.total;
    writeln!(
        out,
        "{}\n\nseed {seed}: {} cells, {} passed, {} known to fail, {} failed; of {} more the fault did not fire",
        progress.table(),
        total.counted(),
        total.passed,
        total.known,
        total.failed,
        total.not_fired
    )
}

/// The days since 1970.
fn today() -> u64 {
    const DAY: u64 = 24 * 60 * 60;
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or(Duration::ZERO);
    since.as_secs() / DAY
}
