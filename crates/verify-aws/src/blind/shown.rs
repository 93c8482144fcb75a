//! What an observer can see of switches and times: one position can hide another.

use std::collections::BTreeMap;

use local_aws::{Settings, Times};
use serde_json::Value;

use crate::experiments::ALL;

/// What is to be found.
#[derive(Clone, Debug, PartialEq)]
pub enum Shown {
    Answer(Value),
    Seconds(f64),
    /// Whatever it is, nobody can see it.
    Hidden,
}

/// Everything that experiments ask for, as it has to be found.
pub fn all(settings: &Settings, times: &Times) -> BTreeMap<&'static str, Shown> {
    let seen = as_seen(settings);
    let switches: BTreeMap<_, _> = seen.table().into_iter().collect();
    let durations: BTreeMap<_, _> = times.table().into_iter().collect();
    let asked = ALL.into_iter().flat_map(|experiment| experiment.settles);
    let found = asked.map(|id| {
        let shown = match (switches.get(*id), durations.get(*id)) {
            _ if is_hidden(id, settings, times) => Shown::Hidden,
            (Some(position), _) => Shown::Answer(position.clone()),
            (None, Some(time)) => Shown::Seconds(time.as_secs_f64()),
            (None, None) => Shown::Hidden,
        };
        (*id, shown)
    });
    let mut all: BTreeMap<_, _> = found.collect();
    // Without AUTHORIZED on the way, one that stays there comes to it as late as another to ACTIVE.
    if settings.connection_stays_authorized
        && !settings.connection_passes_authorized
        && let Some(shown) = all.get_mut("connection-authorization")
        && *shown != Shown::Hidden
    {
        *shown = Shown::Seconds(times.connection.as_secs_f64());
    }
    all
}

/// Switches that others override, in the position that they seem to have.
fn as_seen(settings: &Settings) -> Settings {
    let other_words = settings.in_use_in_other_words;
    Settings {
        // Other words are those of a ValidationException.
        used_gateway_is_conflict: settings.used_gateway_is_conflict && !other_words,
        associated_configuration_is_conflict: settings.associated_configuration_is_conflict && !other_words,
        // What is accepted alone is accepted with a description, too.
        accepts_connectivity_with_description: settings.accepts_connectivity_with_description
            || settings.accepts_connectivity_alone,
        ..settings.clone()
    }
}

/// What is asked of private connections.
const PRIVATE: [&str; 16] = [
    "connection_passes_authorized",
    "connection_stays_authorized",
    "connection-authorization",
    "connection",
    "association",
    "association_tag",
    "associated_configuration_is_conflict",
    "shares_configurations",
    "wants_shareable_configurations",
    "accepts_connectivity_alone",
    "accepts_connectivity_with_description",
    "ignores_connectivity_without_type",
    "association-removal",
    "authorized_lets_calls_through",
    "empty_arn_leaves_private",
    "deletion_needs_association_permission",
];

fn is_hidden(id: &str, settings: &Settings, times: &Times) -> bool {
    if PRIVATE.contains(&id) && !settings.knows_private_connections {
        return true;
    }
    let stale = u64::from(settings.stale_reads_after_update);
    match id {
        "frees_deleted_names" => !settings.unique_lattice_names,
        "gateway" | "configuration" => settings.active_at_once,
        // Descriptions of before are shown until it is over.
        "gateway-update" => times.gateway_update.as_secs() <= stale,
        "configuration-update" => times.configuration_update.as_secs() <= stale,
        "accepts_connectivity_alone" | "accepts_connectivity_with_description" => {
            settings.ignores_connectivity_without_type
        }
        "connection" | "connection_passes_authorized" => settings.connection_stays_authorized,
        "connection-authorization" => {
            !settings.connection_passes_authorized && !settings.connection_stays_authorized
        }
        // Where no call goes through in the end, none tells of the time before.
        "authorized_lets_calls_through" if settings.connection_stays_authorized => {
            !settings.authorized_lets_calls_through
        }
        "authorized_lets_calls_through" => !settings.connection_passes_authorized,
        _ => false,
    }
}
