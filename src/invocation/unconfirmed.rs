//! API destinations that an import has recorded although nothing says whose they are: they have no tags, and an import does
//! not know what the configuration names. They are `borrowed`, and not deleted, until an apply has confirmed them.

use std::collections::{BTreeMap, BTreeSet};

use reconcile::{Id, Recorded};
use terraform_plugin::Attr;

use super::model::{Destinations, Model};
use super::present::borrowed_ids;
use crate::component::API_DESTINATION;

/// The ARNs of those of a state.
fn of(model: &Model) -> impl Iterator<Item = &String> {
    let borrowed = model.borrowed.known().into_iter().flatten();
    borrowed.filter(|id| id.contains(":api-destination/"))
}

/// Whether a state has any.
pub fn any(model: &Model) -> bool {
    of(model).next().is_some()
}

/// A state without those that `named`, the API destinations of a configuration, does not name: they are left alone. With these,
/// name and ARN.
pub fn without(mut prior: Model, named: &Attr<Destinations>) -> (Model, BTreeMap<String, String>) {
    let unconfirmed: BTreeSet<String> = of(&prior).cloned().collect();
    let mut dropped = BTreeMap::new();
    let Attr::Known(all) = &mut prior.api_destinations else {
        return (prior, dropped);
    };
    all.retain(|name, destination| {
        let is_named = match named {
            Attr::Known(named) => named.contains_key(name),
            Attr::Null => false,
            Attr::Unknown => true,
        };
        let arn = destination
            .known()
            .and_then(|destination| destination.arn.known());
        let arn = arn.filter(|arn| !is_named && unconfirmed.contains(*arn));
        dropped.extend(arn.map(|arn| (name.clone(), arn.clone())));
        arn.is_none()
    });
    if all.is_empty() && !dropped.is_empty() {
        prior.api_destinations = Attr::Null;
    }
    if let Attr::Known(borrowed) = &mut prior.borrowed {
        borrowed.retain(|id| !dropped.values().any(|arn| arn == id));
    }
    (prior, dropped)
}

/// What is borrowed, with those of `inputs` that are still recorded.
pub fn beside(recorded: &Recorded, inputs: &Model) -> Attr<Vec<String>> {
    let mut ids = borrowed_ids(recorded);
    let still = of(inputs).filter(|arn| recorded.owns(API_DESTINATION.key, &Id::new(*arn)));
    ids.extend(still.cloned());
    ids.sort();
    Attr::Known(ids)
}

/// Those of `prior` that are left once an apply has ended whose configuration names `named`.
pub fn left(prior: &Model, named: &Attr<Destinations>) -> Attr<Vec<String>> {
    let confirmed = |name: &str| matches!(named, Attr::Known(named) if named.contains_key(name));
    let confirmed: Vec<_> = prior
        .destinations()
        .filter(|(name, _)| confirmed(name))
        .filter_map(|(_, destination)| destination.arn.known())
        .collect();
    let left = of(prior).filter(|arn| !confirmed.contains(arn));
    Attr::Known(left.cloned().collect())
}
