//! Which signals end the process, and which it survives.

use std::future;

use tokio::sync::mpsc;

use super::StartError;

/// The requests to stop that come by signal.
///
/// SIGTERM is one, and in a person's terminal (`--debug`) so is an interrupt. A host's terminal sends its
/// interrupt to the provider as well, as they share a process group; there it is swallowed, since the host
/// ends what is in flight in order (`StopProvider`, then `Shutdown`), and a provider that dies of it loses
/// what it was recording.
pub(crate) struct Signals {
    received: mpsc::Receiver<()>,
}

impl Signals {
    /// Listens from now on. `interrupt` says whether an interrupt counts; if not, it is swallowed.
    ///
    /// # Errors
    /// When the operating system refuses a handler.
    pub(super) fn listen(interrupt: bool) -> Result<Self, StartError> {
        let (send, received) = mpsc::channel(1);
        forward(interrupt, send).map_err(|source| StartError::Process {
            action: "listen for signals",
            source,
        })?;
        Ok(Self { received })
    }

    /// Signals that come from `received`.
    #[cfg(test)]
    pub(super) fn from_channel(received: mpsc::Receiver<()>) -> Self {
        Self { received }
    }

    /// Returns when the next request to stop comes.
    pub(super) async fn stop(&mut self) {
        if self.received.recv().await.is_none() {
            future::pending().await
        }
    }
}

#[cfg(unix)]
fn forward(interrupt: bool, send: mpsc::Sender<()>) -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminations = signal(SignalKind::terminate())?;
    let mut interrupts = signal(SignalKind::interrupt())?;
    tokio::spawn(async move {
        loop {
            let counts = tokio::select! {
                _ = terminations.recv() => true,
                _ = interrupts.recv() => interrupt,
            };
            if counts && send.send(()).await.is_err() {
                return;
            }
        }
    });
    Ok(())
}

#[cfg(windows)]
fn forward(interrupt: bool, send: mpsc::Sender<()>) -> std::io::Result<()> {
    let mut interrupts = tokio::signal::windows::ctrl_c()?;
    tokio::spawn(async move {
        while interrupts.recv().await.is_some() {
            if interrupt && send.send(()).await.is_err() {
                return;
            }
        }
    });
    Ok(())
}
