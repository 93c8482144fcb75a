//! How long each verb may take: Go durations, as every provider's `timeouts` block takes them.

use std::time::Duration;

use terraform_plugin::{Attr, GoDuration};
use tokio::time::Instant;

use super::model::{Model, ResourceModel, Timeouts};
use crate::aws::reading_until;

const LONG: Duration = Duration::from_secs(30 * 60);
const READ: Duration = Duration::from_secs(5 * 60);

/// A verb with a time of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    Create,
    Read,
    Update,
    Delete,
}

/// The time for `verb`.
pub fn timeout(model: &Model, verb: Verb) -> Duration {
    let (pick, default): (fn(&Timeouts) -> &Attr<GoDuration>, _) = match verb {
        Verb::Create => (|all| &all.create, LONG),
        Verb::Read => (|all| &all.read, READ),
        Verb::Update => (|all| &all.update, LONG),
        Verb::Delete => (|all| &all.delete, LONG),
    };
    let given = model.timeouts.known().and_then(|all| pick(all).known());
    given.map_or(default, GoDuration::get)
}

/// What was changed last can still be looked at so long after the time is over.
const GRACE: Duration = Duration::from_secs(60);

/// Runs `verb` of what `given` describes: its reads of AWS end with its time.
pub fn in_time<F: ResourceModel, T>(
    given: Option<&F>,
    verb: Verb,
    work: impl Future<Output = T>,
) -> impl Future<Output = T> {
    let model = given.map(ResourceModel::to_model).unwrap_or_default();
    reads_until(Instant::now() + timeout(&model, verb), work)
}

/// Runs `work`, whose reads of AWS end by `deadline`.
pub fn reads_until<T>(deadline: Instant, work: impl Future<Output = T>) -> impl Future<Output = T> {
    reading_until(deadline + GRACE, work)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_set_has_a_default() {
        assert_eq!(timeout(&Model::default(), Verb::Read), READ);
        let update = Attr::Known("1m".parse().unwrap());
        let timeouts = Attr::Known(Timeouts {
            update,
            ..Timeouts::default()
        });
        let model = Model {
            timeouts,
            ..Model::default()
        };
        assert_eq!(timeout(&model, Verb::Update), Duration::from_secs(60));
        assert_eq!(timeout(&model, Verb::Create), LONG);
    }
}
