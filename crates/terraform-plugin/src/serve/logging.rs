//! Logs for the host: one JSON object per line on stderr, in the form of HashiCorp's hclog.
//!
//! With no `TF_LOG*` variable set nothing is installed, and a log event costs one comparison.

use tracing_subscriber::{layer::SubscriberExt, registry};

use super::Identity;
use hclog::Hclog;
use levels::Levels;

mod hclog;
mod levels;
mod line;

/// Sends the events of this process to stderr, as far as the environment, read through `lookup`, asks for
/// them.
pub(super) fn start(identity: &Identity, lookup: impl Fn(&str) -> Option<String>) {
    let levels = Levels::read(identity, lookup);
    if levels.are_off() {
        return;
    }
    let subscriber = registry().with(Hclog::new(levels, |line: &str| super::say(line)));
    // Where the program has a subscriber of its own already, it keeps it.
    tracing::subscriber::set_global_default(subscriber).ok();
}
