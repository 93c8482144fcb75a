//! How long each verb may take: Go durations, as every provider's `timeouts` block takes them.

use std::time::Duration;

use terraform_plugin::{Cx, Diagnostic, GoDuration, Outcome};
use tokio::time::Instant;

use super::model::{Model, ResourceModel, Timeouts};
use crate::aws::reading_until;
use crate::cli;
use crate::client::Client;

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

/// A refresh has so long at least: it takes its time from the state, so that less would keep out whoever wants to change it.
pub const LEAST_READ: Duration = Duration::from_secs(10);

/// The time for `verb`.
pub fn timeout(model: &Model, verb: Verb) -> Duration {
    let given = given(model, verb).map(GoDuration::get);
    match verb {
        Verb::Read => given.map_or(READ, |given| given.max(LEAST_READ)),
        Verb::Create | Verb::Update | Verb::Delete => given.unwrap_or(LONG),
    }
}

fn given(model: &Model, verb: Verb) -> Option<&GoDuration> {
    let all: &Timeouts = model.timeouts.known()?;
    let given = match verb {
        Verb::Create => &all.create,
        Verb::Read => &all.read,
        Verb::Update => &all.update,
        Verb::Delete => &all.delete,
    };
    given.known()
}

/// Which argument a time that is over comes from, and what to do about it. Sentences.
pub fn remedy(model: &Model, verb: Verb) -> String {
    let name = match verb {
        Verb::Create => "create",
        Verb::Read => "read",
        Verb::Update => "update",
        Verb::Delete => "delete",
    };
    let is = match (given(model, verb), verb) {
        (Some(given), _) => format!("timeouts.{name} is {given}"),
        (None, Verb::Read) => format!("timeouts.{name} is 5m, its default"),
        (None, _) => format!("timeouts.{name} is 30m, its default"),
    };
    match verb {
        Verb::Create | Verb::Update => format!("{is}. Raise it if AWS needs longer."),
        Verb::Read => format!(
            "{is}; a refresh takes it from the state. If AWS needs longer, raise it in the configuration, and run once: {} apply \
             -refresh=false",
            cli::command()
        ),
        Verb::Delete => format!(
            "{is}; a destroy takes it from the state. If AWS needs longer, raise it in the configuration, and apply before you \
             destroy."
        ),
    }
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

/// Runs a read or a plan of what `given` describes: it ends with its time, and at once when it is cancelled, whatever AWS has not
/// answered yet. It changes nothing, so that it can be left anywhere.
pub async fn looking<F: ResourceModel>(
    cx: &Cx<Client>,
    given: Option<&F>,
    work: impl Future<Output = Outcome>,
) -> Outcome {
    let work = in_time(given, Verb::Read, work);
    let done = cx.cancelled().run_until_cancelled(work).await;
    done.unwrap_or_else(|| Err(Diagnostic::error("Interrupted", "Nothing was changed.").into()))
}

/// Runs `work`, whose reads of AWS end by `deadline`.
pub fn reads_until<T>(deadline: Instant, work: impl Future<Output = T>) -> impl Future<Output = T> {
    reading_until(deadline + GRACE, work)
}

#[cfg(test)]
mod tests {
    use terraform_plugin::Attr;

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
        assert!(remedy(&model, Verb::Update).starts_with("timeouts.update is 1m. "));
        assert!(remedy(&model, Verb::Delete).starts_with("timeouts.delete is 30m, its default; "));
    }

    #[test]
    fn a_state_whose_refresh_has_no_time_can_be_read_all_the_same() {
        let timeouts = Timeouts {
            read: Attr::Known("1ms".parse().unwrap()),
            ..Timeouts::default()
        };
        let model = Model {
            timeouts: Attr::Known(timeouts),
            ..Model::default()
        };
        assert_eq!(timeout(&model, Verb::Read), LEAST_READ);
    }
}
