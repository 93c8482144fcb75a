//! Accepts connections and brings them through TLS, each by itself.

use std::{io, sync::Arc, time::Duration};

use tokio::{
    sync::{Semaphore, mpsc},
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;

use super::{
    connection::{Connection, Io},
    lifetime::Lifetime,
    listener::Listener,
};

/// So many handshakes run at a time; more clients wait in the socket's queue. A host makes one connection.
pub(super) const MAX_HANDSHAKES: usize = 32;

/// A client that takes longer is dropped. Between two processes of one machine a handshake takes milliseconds, and seconds
/// on one that is overloaded: the host itself gives a connection 20 s to come about (grpc-go, `minConnectTimeout`).
const HANDSHAKE: Duration = Duration::from_secs(20);

/// After a refusal of the operating system (as when there are too many open files) it is not asked again at
/// once.
const AFTER_AN_ERROR: Duration = Duration::from_millis(50);

/// Sends each established connection to `ready` until the lifetime ends. A client that is slow, silent or not
/// the host holds up nobody else, as handshakes run side by side and within a time-out.
pub(super) async fn accept(
    listener: Listener,
    tls: Option<TlsAcceptor>,
    lifetime: Lifetime,
    ready: mpsc::Sender<Connection>,
) {
    let slots = Arc::new(Semaphore::new(MAX_HANDSHAKES));
    let accepting = async {
        // The semaphore is never closed.
        while let Ok(slot) = slots.clone().acquire_owned().await {
            let io = match listener.accept().await {
                Ok(io) => io,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    sleep(AFTER_AN_ERROR).await;
                    continue;
                }
            };
            let (tls, lifetime, ready) = (tls.clone(), lifetime.clone(), ready.clone());
            tokio::spawn(async move {
                match establish(io, tls).await {
                    // Nobody receives once the process stops.
                    Ok(io) => drop(ready.send(Connection::new(io, lifetime.connected())).await),
                    Err(error) => tracing::warn!(%error, "a client was refused"),
                }
                drop(slot);
            });
        }
    };
    tokio::select! {
        () = accepting => {}
        () = lifetime.stopping().cancelled() => {}
    }
}

/// Authenticates the client where there is TLS.
async fn establish(io: Box<dyn Io>, tls: Option<TlsAcceptor>) -> io::Result<Box<dyn Io>> {
    match tls {
        Some(tls) => Ok(Box::new(timeout(HANDSHAKE, tls.accept(io)).await??)),
        None => Ok(io),
    }
}
