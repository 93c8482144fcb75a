//! How long the process lives: why it stops, and what it is still busy with.

use std::sync::{Arc, OnceLock};

use tokio::sync::watch;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Why the process stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The host called `Shutdown`, and kills the process two seconds later.
    Shutdown,
    /// A signal, or a person at the terminal.
    Signal,
    /// The host ended without a word. Only Unix gives the orphan another parent, which shows it.
    #[cfg(unix)]
    HostGone,
}

/// The state that all parts of the server share. A clone is another handle.
#[derive(Clone, Debug)]
pub(crate) struct Lifetime {
    stopping: CancellationToken,
    why: Arc<OnceLock<Stop>>,
    calls: TaskTracker,
    connections: Arc<watch::Sender<usize>>,
}

impl Lifetime {
    /// With the provider's calls in flight, which its service tracks.
    pub(crate) fn new(calls: TaskTracker) -> Self {
        Self {
            stopping: CancellationToken::new(),
            why: Arc::default(),
            calls,
            connections: Arc::new(watch::Sender::new(0)),
        }
    }

    /// Lets the process stop. The first reason counts.
    pub(crate) fn stop(&self, why: Stop) {
        self.why.get_or_init(|| why);
        self.stopping.cancel();
    }

    /// Returns once the process is to stop, with the reason.
    pub(super) async fn stopped(&self) -> Stop {
        self.stopping.cancelled().await;
        // The reason is set before the token is cancelled; a signal is the reason that presumes least.
        self.why.get().copied().unwrap_or(Stop::Signal)
    }

    /// Cancelled once the process is to stop.
    pub(super) fn stopping(&self) -> &CancellationToken {
        &self.stopping
    }

    /// The provider's calls in flight, whether or not their connections still stand.
    pub(super) fn calls(&self) -> &TaskTracker {
        &self.calls
    }

    /// Counts one more connection until the guard is dropped.
    pub(super) fn connected(&self) -> ConnectionGuard {
        self.connections.send_modify(|count| *count += 1);
        ConnectionGuard(self.connections.clone())
    }
}

/// Counts as one connection.
#[derive(Debug)]
pub(super) struct ConnectionGuard(Arc<watch::Sender<usize>>);

impl Drop for ConnectionGuard {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

/// Stops the process when its host is gone: no connection stands, and the parent is another one than at the
/// start.
///
/// A host that is killed says no `Shutdown`; without this its providers would stay for ever. Either sign
/// alone does not suffice: a host may connect again (gRPC channels close when idle), and a process that a
/// wrapper started and left has lost its parent, not its host. Call it early, as it takes the parent of this
/// moment for the host.
#[cfg(unix)]
pub(super) fn host_gone(lifetime: Lifetime) -> impl Future<Output = ()> + Send + 'static {
    use std::{os::unix::process::parent_id, time::Duration};

    /// The kernel closes a dying host's sockets before it gives its children away, so the parent is looked at
    /// again.
    const LOOK_AGAIN: Duration = Duration::from_millis(250);

    let host = parent_id();
    async move {
        let mut connections = lifetime.connections.subscribe();
        // The sender lives as long as `lifetime`, so waiting ends only with what it waits for.
        while connections.wait_for(|count| *count == 0).await.is_ok() {
            if parent_id() != host {
                lifetime.stop(Stop::HostGone);
                return;
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }
}

/// On Windows a process keeps the id of a parent that is gone, so there is nothing to see.
#[cfg(windows)]
pub(super) fn host_gone(_: Lifetime) -> impl Future<Output = ()> + Send + 'static {
    std::future::ready(())
}
