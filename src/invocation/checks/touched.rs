//! What the steps of a plan touch of that which the checks are about. A change of tags touches nothing: calls go on as
//! they did.

use reconcile::{Change, Component, Fact, Step};

use super::Checks;
use crate::component::{
    Configuration, GATEWAY, Gateway, Group, ObjectTags, SeenConfiguration, SeenConnection, SeenGateway,
    SeenGroup, UserTags,
};
use crate::invocation::graph::Objects;
use crate::invocation::slots::{CONFIGURATION_SLOT, CONNECTION_SLOT, GATEWAY_SLOT, GROUP_SLOT, INGRESS_SLOT};

/// What the steps touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Touched {
    /// Some part of the path, in more than its tags.
    pub path: bool,
    /// A gateway is built, which takes addresses.
    pub builds_gateway: bool,
    /// A connection is made.
    pub makes_connection: bool,
    /// The connection is pointed at somebody else's resource configuration.
    pub points_connection: bool,
}

impl Touched {
    /// What the steps of these checks touch.
    pub fn by(checks: &Checks<'_>) -> Self {
        let seen = Objects::of(checks.recorded, checks.snapshot);
        let steps = || checks.steps.iter();
        Self {
            path: steps().any(|step| touches_path(checks, &seen, step)),
            builds_gateway: steps().any(|step| builds_gateway(checks, &seen, step)),
            makes_connection: steps().any(|step| {
                *step.slot() == CONNECTION_SLOT && matches!(step, Step::Create(_) | Step::Replace(..))
            }),
            points_connection: steps().any(|step| points_connection(checks, &seen, step)),
        }
    }
}

fn touches_path(checks: &Checks<'_>, seen: &Objects, step: &Step) -> bool {
    let slot = step.slot();
    if ![&GROUP_SLOT, &INGRESS_SLOT, &GATEWAY_SLOT, &CONFIGURATION_SLOT].contains(&slot) {
        return false;
    }
    match step {
        Step::Create(_) | Step::Adopt(..) | Step::Replace(..) => true,
        // Of a rule nothing but its tags is ever changed in place.
        Step::Update(..) if *slot == INGRESS_SLOT => false,
        Step::Update(..) => changes_more_than_tags(checks, seen, step),
        // The way in that is taken away; of all else another takes the place, or nothing is left to check.
        Step::Delete(_, id) => *slot == INGRESS_SLOT && checks.recorded.get(&INGRESS_SLOT) == Some(id),
    }
}

fn changes_more_than_tags(checks: &Checks<'_>, seen: &Objects, step: &Step) -> bool {
    let path = &checks.desired.path;
    let slot = step.slot();
    if *slot == GROUP_SLOT {
        let tags = |seen: &SeenGroup| as_seen(&seen.tags);
        let group = Group::new(checks.aws, checks.owner);
        return differs(&group, &seen.group, |seen| path.group(&tags(seen)));
    }
    if *slot == GATEWAY_SLOT {
        let gateway = Gateway::new(checks.aws, checks.owner);
        return differs(&gateway, &seen.gateway, |gateway: &SeenGateway| {
            path.gateway(&stays(checks, &GROUP_SLOT, &seen.group), &as_seen(&gateway.tags))
        });
    }
    let configuration = Configuration::new(checks.aws, checks.owner);
    differs(
        &configuration,
        &seen.configuration,
        |configuration: &SeenConfiguration| {
            path.configuration(
                &stays(checks, &GATEWAY_SLOT, &seen.gateway),
                &as_seen(&configuration.tags),
            )
        },
    )
}

/// Whether an object is not as wanted; so it is believed of one that was not seen.
fn differs<C: Component>(
    component: &C,
    seen: &Fact<C::Observed>,
    want: impl FnOnce(&C::Observed) -> Option<C::Spec>,
) -> bool {
    let Fact::Known(seen) = seen else { return true };
    want(seen).is_none_or(|want| component.compare(&want, seen) != Change::Keep)
}

/// An object as the next one along the path finds it: the one that stands, unless a step puts another in its place.
fn stays<T: Clone>(checks: &Checks<'_>, slot: &reconcile::Slot, seen: &Fact<T>) -> Fact<T> {
    if checks.is_built(slot) {
        Fact::Later
    } else {
        seen.clone()
    }
}

/// The tags that an object has, so that they do not count.
fn as_seen(tags: &ObjectTags) -> UserTags {
    UserTags {
        wanted: Some(tags.user.clone()),
        shown: None,
    }
}

/// Whether a gateway is built for certain. Another DNS resolution is planned as a replacement and tried in place first,
/// where it takes no addresses.
fn builds_gateway(checks: &Checks<'_>, seen: &Objects, step: &Step) -> bool {
    if *step.slot() != GATEWAY_SLOT {
        return false;
    }
    let id = match step {
        Step::Create(_) => return true,
        Step::Replace(_, id) => id,
        Step::Adopt(..) | Step::Update(..) | Step::Delete(..) => return false,
    };
    let Some(gateway) = checks.snapshot.get::<SeenGateway>(GATEWAY, id) else {
        return true;
    };
    let group = stays(checks, &GROUP_SLOT, &seen.group);
    let Some(mut want) = checks.desired.path.gateway(&group, &as_seen(&gateway.tags)) else {
        return false;
    };
    want.dns_resolution = Fact::Known(gateway.dns_resolution.clone());
    let change = Gateway::new(checks.aws, checks.owner).compare(&want, &gateway);
    matches!(change, Change::Replace(_))
}

fn points_connection(checks: &Checks<'_>, seen: &Objects, step: &Step) -> bool {
    if *step.slot() != CONNECTION_SLOT {
        return false;
    }
    match step {
        Step::Create(_) | Step::Adopt(..) | Step::Replace(..) => true,
        Step::Update(..) => {
            let arn = |seen: &SeenConnection| seen.configuration_arn.clone();
            let points = seen.connection.as_ref().map(arn).known().flatten();
            !matches!(&checks.desired.path.shared_configuration_arn, Fact::Known(wanted) if points.as_ref() == Some(wanted))
        }
        Step::Delete(..) => false,
    }
}
