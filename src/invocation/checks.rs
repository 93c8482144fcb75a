//! What has to be right before anything is changed: of what the configuration points at, and of the network around it.
//!
//! The checks ask about the end state that a plan is to come to, in creates and updates alike, whenever a step of the
//! plan touches what they are about; of a path that stands they judge what is known without asking. What they find is a
//! warning in the plan, where an error would keep the resource from being destroyed, and an error at the start of the
//! apply. Both go by the same findings, so that the plan says "the apply stops" exactly where it does.

mod connections;
mod destinations;
mod end_state;
mod finding;
mod paths;
mod replacement;
mod touched;

use std::collections::BTreeMap;

use reconcile::{Recorded, Slot, Snapshot, Step};
use terraform_plugin::{Cx, Diagnostics};

use super::desired::Desired;
use super::located::{Found, Hinders};
use crate::client::{Aws, Client, Need, Reservation};
use crate::component::naming::Owner;
use crate::endpoint::{self, Asking, EndState};
pub use finding::Standing;
use finding::{Finding, unchecked};
pub use replacement::{Replacement, refuse_replacement};
use touched::Touched;

/// What is checked.
#[derive(Clone, Copy)]
pub struct Checks<'a> {
    pub aws: &'a Aws,
    pub owner: &'a Owner,
    pub desired: &'a Desired,
    /// What the configuration points at.
    pub found: &'a Found,
    pub recorded: &'a Recorded,
    /// What was last seen of what is recorded.
    pub snapshot: &'a Snapshot,
    /// What is planned.
    pub steps: &'a [Step],
    /// What becomes of what stands.
    pub standing: Standing,
}

impl<'a> Checks<'a> {
    /// Tells in a plan what is wrong.
    pub async fn warn(&self, cx: &Cx<Client>) {
        let touched = Touched::by(self);
        let end = end_state::end_state(self, touched);
        let need = need(touched, end.as_ref());
        let others = self.aws.reservations.plan(&self.owner.words(), need.clone());
        let added = others.connections + need.connections;
        let (findings, unchecked) = self.findings(touched, end, || others.addresses.clone()).await;
        unchecked.into_iter().for_each(|warning| cx.warn(warning));
        for finding in findings {
            cx.warn(finding.warning(self.standing));
        }
        if self.desired.has_connection() && touched.makes_connection && !self.owner.name().is_empty() {
            connections::warn_of_quota(cx, self.aws, added).await;
            connections::warn_of_name(cx, self).await;
        }
        // A process that has read no state knows of none: it makes the plan of an apply once more, or refreshes nothing.
        let knows_others = !self.aws.recorded.is_empty();
        let makes_path = self.recorded.is_empty() && !self.desired.has_connection();
        if makes_path && knows_others && !self.owner.name().is_empty() {
            paths::warn_of_namesakes(cx, self).await;
        }
    }

    /// Refuses to begin an apply where something is wrong. What it is about to take of the network is reserved as long as
    /// the answer is held.
    ///
    /// # Errors
    /// Everything that is wrong; nothing was changed.
    pub async fn refuse(&self, cx: &Cx<Client>) -> Result<Reservation<'a>, Diagnostics> {
        let touched = Touched::by(self);
        let end = end_state::end_state(self, touched);
        let need = need(touched, end.as_ref());
        let reservation = self.aws.reservations.apply(&self.owner.words(), need);
        let others = || reservation.others().addresses;
        let (findings, unchecked) = self.findings(touched, end, others).await;
        unchecked.into_iter().for_each(|warning| cx.warn(warning));
        let mut wrong = Diagnostics::new();
        for error in findings.iter().filter_map(|finding| finding.error(self.standing)) {
            wrong.push(error);
        }
        wrong.into_outcome()?;
        Ok(reservation)
    }

    /// What is wrong, before anything is reserved.
    async fn everything(&self) -> Vec<Finding> {
        let touched = Touched::by(self);
        let end = end_state::end_state(self, touched);
        // The plan of the create, which follows, tells what could not be asked.
        self.findings(touched, end, BTreeMap::new).await.0
    }

    /// What is wrong, and warnings of what could not be asked.
    async fn findings(
        &self,
        touched: Touched,
        end: Option<EndState<'_>>,
        reserved: impl Fn() -> BTreeMap<String, u32> + Send,
    ) -> (Vec<Finding>, Diagnostics) {
        let needs = |hinders: Hinders| match hinders {
            Hinders::Everything => true,
            Hinders::Path => touched.path,
            Hinders::Connection => touched.points_connection,
        };
        let troubles = self.found.troubles.iter();
        let mut findings: Vec<_> = troubles
            .map(|trouble| Finding::of_trouble(trouble, needs(trouble.hinders())))
            .collect();
        let mut warnings: Diagnostics = self.found.unchecked.iter().map(unchecked).collect();
        if let Some(end) = end.as_ref().filter(|_| touched.path) {
            let checked = endpoint::check(self.aws, end, reserved, Asking::Lately).await;
            warnings.extend(checked.unchecked.iter().map(unchecked));
            findings.extend(checked.problems.iter().map(Finding::of_problem));
        } else if let Some(end) = &end {
            // A path that stands and that somebody has broken since. No call is made for it: what is looked up anyway tells.
            let problems = endpoint::check_known(end);
            findings.extend(problems.iter().map(Finding::of_standing));
        }
        findings.extend(destinations::findings(self, &mut warnings).await);
        (findings, warnings)
    }

    /// Whether a step puts a new object into the slot.
    fn is_built(&self, slot: &Slot) -> bool {
        let builds = |step: &Step| matches!(step, Step::Create(_) | Step::Replace(..)) && step.slot() == slot;
        self.steps.iter().any(builds)
    }
}

/// What the steps are about to take.
fn need(touched: Touched, end: Option<&EndState<'_>>) -> Need {
    let addresses = end.and_then(|end| {
        let count = end.takes?;
        Some(end.subnet_ids.iter().map(|id| (id.clone(), count)).collect())
    });
    Need {
        connections: usize::from(touched.makes_connection),
        addresses: addresses.unwrap_or_default(),
    }
}
