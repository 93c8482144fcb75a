//! Who started whom, from `/proc`: Linux only, as the tests that kill are.

use std::{fs, os::fd::OwnedFd};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open},
};

use crate::PATIENCE;

/// What every provider's binary begins with, as the kernel shortens names.
const PROVIDER: &str = "terraform-provi";

/// Kills the provider that `cli` started, as the kernel does when memory runs out.
///
/// # Panics
/// It has started none, or several.
#[track_caller]
pub fn kill_provider_of(cli: Pid) {
    ProviderProcess::of(cli).kill();
}

/// The provider that a CLI started.
#[derive(Debug)]
pub struct ProviderProcess {
    pid: Pid,
    /// Means this very process, even when its number is somebody else's by now.
    descriptor: OwnedFd,
}

impl ProviderProcess {
    /// The provider that `cli` started.
    ///
    /// # Panics
    /// It has started none, or several.
    #[track_caller]
    pub fn of(cli: Pid) -> Self {
        Self::find(cli).expect("the provider is there")
    }

    /// The provider that `cli` started; `None` where there is none, or none any more.
    ///
    /// # Panics
    /// There are several.
    #[track_caller]
    pub fn find(cli: Pid) -> Option<Self> {
        let providers: Vec<Pid> = children(cli)
            .into_iter()
            .filter(|(_, name)| name == PROVIDER)
            .map(|(pid, _)| pid)
            .collect();
        assert!(providers.len() <= 1, "the CLI has one provider at a time");
        let pid = *providers.first()?;
        let descriptor = pidfd_open(pid, PidfdFlags::empty()).ok()?;
        Some(Self { pid, descriptor })
    }

    /// Kills it, as the kernel does when memory runs out.
    ///
    /// # Panics
    /// It has ended.
    #[track_caller]
    pub fn kill(&self) {
        kill_process(self.pid, Signal::KILL).expect("the provider is there");
    }

    /// The most resident memory that it has had, in MiB; `None` when it has ended.
    pub fn peak_memory(&self) -> Option<u64> {
        let status = self.told_by_kernel("status")?;
        let status = String::from_utf8_lossy(&status);
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
        Some(kib / 1024)
    }

    /// What the kernel tells of it in one of its files, `cmdline`, `environ`, `status`; `None` when it has ended.
    pub fn told_by_kernel(&self, file: &str) -> Option<Vec<u8>> {
        fs::read(format!("/proc/{}/{file}", self.pid.as_raw_nonzero())).ok()
    }

    /// Waits until it has ended, with its CLI or after it.
    ///
    /// # Panics
    /// It takes longer than [`PATIENCE`].
    #[track_caller]
    pub fn wait(&self) {
        let patience = Timespec::try_from(PATIENCE).expect("two minutes are a time");
        let mut ended = [PollFd::new(&self.descriptor, PollFlags::IN)];
        let events = poll(&mut ended, Some(&patience)).expect("a process can be waited for");
        assert_eq!(events, 1, "the provider {:?} does not end", self.pid);
    }
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
