//! Who started whom, from `/proc`: Linux only, as the tests that kill are.

use std::fs;

use rustix::process::{Pid, Signal, kill_process};

/// What every provider's binary begins with, as the kernel shortens names.
const PROVIDER: &str = "terraform-provi";

/// Kills the provider that `cli` started, as the kernel does when memory runs out.
///
/// # Panics
/// It has started none, or several.
#[track_caller]
pub fn kill_provider_of(cli: Pid) {
    let providers: Vec<Pid> = children(cli)
        .into_iter()
        .filter(|(_, name)| name == PROVIDER)
        .map(|(pid, _)| pid)
        .collect();
    assert_eq!(providers.len(), 1, "the CLI has one provider at a time");
    kill_process(providers[0], Signal::KILL).expect("the provider is there");
}

/// The processes that `parent` started and that still run, with their names.
fn children(parent: Pid) -> Vec<(Pid, String)> {
    let entries = fs::read_dir("/proc").expect("/proc is there");
    let numbers = entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    // `<pid> (<name>) <state> <parent> …`; a process that ended since is not read.
    let described = numbers.filter_map(|number| {
        let stat = fs::read_to_string(format!("/proc/{number}/stat")).ok()?;
        let (_, rest) = stat.split_once('(')?;
        let (name, rest) = rest.rsplit_once(") ")?;
        let mut fields = rest.split(' ');
        let (state, ppid) = (fields.next()?, fields.next()?.parse::<i32>().ok()?);
        (ppid == parent.as_raw_nonzero().get() && state != "Z")
            .then(|| Some((Pid::from_raw(number)?, name.to_owned())))?
    });
    described.collect()
}
