//! The steps that a plan announces to its apply.

use reconcile::{Slot, Step};
use serde::{Deserialize, Serialize};
use terraform_plugin::{Attr, Diagnostic, Outcome, Plan};

use super::model::{Model, ResourceModel};
use crate::component::API_DESTINATION;

/// The key of private data under which a plan leaves its steps.
pub const STEPS: &str = "steps";

#[derive(Serialize, Deserialize)]
struct Announced {
    steps: Vec<Step>,
    /// The names of the API destinations were not known yet.
    any_destination: bool,
}

/// Keeps what `plan` announces.
pub fn keep<F>(plan: &mut Plan<F>, config: &Model, steps: &[Step]) -> Outcome {
    let announced = Announced {
        steps: steps.to_vec(),
        any_destination: config.api_destinations.is_unknown(),
    };
    match serde_json::to_value(announced) {
        Ok(steps) => {
            plan.set_private(STEPS, steps);
            Ok(())
        }
        Err(error) => {
            Err(Diagnostic::error("Bug in the provider: steps without JSON", error.to_string()).into())
        }
    }
}

/// What the plan of this apply announced.
pub fn announced<F: ResourceModel>(plan: &Plan<F>) -> Vec<Step> {
    let kept = plan.private(STEPS);
    let Some(Announced {
        mut steps,
        any_destination,
    }) = kept.and_then(|kept| serde_json::from_value(kept).ok())
    else {
        return Vec::new();
    };
    if any_destination {
        let config = Model::intended(plan);
        let slot = |name: &str| Slot::named(API_DESTINATION, name);
        if let Attr::Known(all) = &config.api_destinations {
            steps.extend(all.keys().map(|name| Step::Create(slot(name))));
        }
        let recorded = plan
            .prior()
            .map(|prior| prior.to_model().recorded())
            .unwrap_or_default();
        let destinations = recorded.current.into_iter();
        let destinations = destinations.filter(|(slot, _)| slot.kind() == API_DESTINATION.key);
        steps.extend(destinations.map(|(slot, id)| Step::Replace(slot, id)));
    }
    steps
}
