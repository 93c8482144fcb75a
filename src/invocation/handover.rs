//! Which API destinations a plan or an apply of one resource gives up, for the others of this process.

use reconcile::{Recorded, Slot};

use super::desired::Desired;
use crate::client::{Aws, Part, Planned};
use crate::component::API_DESTINATION;

/// Tells the other applies of this process which API destinations this one gives up, and which it wants.
pub fn handover<'a>(aws: &'a Aws, recorded: &Recorded, desired: Option<&Desired>) -> Part<'a> {
    let wanted = desired.into_iter().flat_map(Desired::destination_names);
    let wants = wanted.filter(|name| recorded.get(&Slot::named(API_DESTINATION, *name)).is_none());
    aws.handovers.begin(
        planned(recorded, desired).gives,
        wants.map(str::to_owned).collect(),
    )
}

/// What becomes of the API destinations that are recorded: `None` wants nothing to be left.
pub fn planned(recorded: &Recorded, desired: Option<&Desired>) -> Planned {
    let wanted: Vec<&str> = desired.into_iter().flat_map(Desired::destination_names).collect();
    let current = recorded.current.iter();
    let current = current.filter(|(slot, _)| slot.kind() == API_DESTINATION.key);
    let (kept, given): (Vec<_>, Vec<_>) =
        current.partition(|(slot, _)| slot.instance().is_some_and(|name| wanted.contains(&name)));
    let given = given.into_iter().map(|(_, id)| id);
    Planned {
        gives: given
            .chain(recorded.retired_of(API_DESTINATION))
            .map(ToString::to_string)
            .collect(),
        keeps: kept.into_iter().map(|(_, id)| id.to_string()).collect(),
    }
}
