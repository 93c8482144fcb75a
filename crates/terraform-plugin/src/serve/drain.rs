//! What happens between the decision to stop and the exit.

use std::time::Duration;

use tokio::{task::JoinHandle, time::timeout};

use super::lifetime::{Lifetime, Stop};
use crate::wire::tfplugin6::{provider_server::Provider, stop_provider};

/// After `Shutdown` the host waits two seconds, then kills (go-plugin, client.go, Kill). Until half of them
/// calls may still record and answer.
const AFTER_SHUTDOWN: Duration = Duration::from_secs(1);

/// Nobody kills the process after a signal or the loss of its host. Handlers that were told to stop end at
/// their next safe point, after at most the change that they are making; this is for those that never do.
const ON_OUR_OWN: Duration = Duration::from_secs(5 * 60);

/// Once no call is in flight, the connections get this long to take the last answers.
const FLUSH: Duration = Duration::from_millis(250);

/// Brings the calls in flight to an end, and then the connections that `serving` serves.
///
/// A call is never dropped in its middle: the provider is told to stop, as on Ctrl-C, and its handlers stop
/// where what they did is recorded. Only the time-outs above end the process over a handler.
pub(super) async fn drain<S: Provider>(
    why: Stop,
    service: &S,
    lifetime: &Lifetime,
    serving: JoinHandle<Result<(), tonic::transport::Error>>,
) {
    let calls = lifetime.calls();
    calls.close();
    let patience = match why {
        Stop::Shutdown => AFTER_SHUTDOWN,
        Stop::Signal => ON_OUR_OWN,
        #[cfg(unix)]
        Stop::HostGone => ON_OUR_OWN,
    };
    if !calls.is_empty() {
        let finished = timeout(patience, async {
            let told = service
                .stop_provider(tonic::Request::new(stop_provider::Request {}))
                .await;
            if let Err(status) = told {
                tracing::warn!(%status, "the provider could not be told to stop");
            }
            calls.wait().await;
        });
        if finished.await.is_err() {
            tracing::warn!(
                calls = calls.len(),
                "stopping over calls that did not end in time"
            );
        }
    }
    match timeout(FLUSH, serving).await {
        Ok(Ok(Err(error))) => tracing::warn!(%error, "serving ended with an error"),
        Ok(Err(error)) => tracing::warn!(%error, "serving ended early"),
        // Served to the end, or a peer does not close: there is nothing left to tell it.
        Ok(Ok(Ok(()))) | Err(_) => {}
    }
}
