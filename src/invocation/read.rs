//! Reads: what AWS holds, what of it is left to be done, and what of the inputs it contradicts.

mod inputs;

use reconcile::{Engine, Recorded, Snapshot};
use serde::de::IgnoredAny;
use terraform_plugin::{Attr, Cx, Diagnostic, Outcome, State};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::desired::desired;
use super::graph::{InvocationGraph, Objects, WalkOptions};
use super::identity;
use super::located::{Located, locate};
use super::model::{Composite, Model, ResourceModel};
use super::plan::{id, place, recorded_place};
use super::present::{Facts, Place, present};
use super::report::{OBSERVED, Operation, Report};
use super::standing::{recorded, refuse_another_account};
use super::timeouts::{Verb, timeout};
use super::unconfirmed;
use crate::client::{Aws, Client};
use crate::component::{ComponentError, Disputed};

pub use inputs::{destination, http_parameters, shown};

pub async fn read<F: ResourceModel>(cx: &Cx<Client>, state: &State<F>) -> Outcome {
    let Some(prior) = state.prior().map(ResourceModel::to_model) else {
        return Ok(());
    };
    let Some(aws) = cx.client().aws(&prior.region) else {
        // Nobody can be asked while the provider block is not known. Terraform before 1.12 keeps no identity in its states.
        if state.identity::<IgnoredAny>()?.is_none() {
            identity::set(state, &prior, recorded_place(&prior).as_ref())?;
        }
        return Ok(());
    };
    let aws = aws.as_ref();
    let report = Report::new(F::COMPOSITE, &prior);
    refuse_another_account(aws, &report, Operation::Read, &prior).await?;
    let owner = F::COMPOSITE.owner(&prior);
    aws.recorded.hold(&owner.tag_value());
    if let Some(arn) = prior.connection_arn.known() {
        aws.recorded.hold(arn);
    }
    let standing = recorded(aws, &owner, &prior).await;
    let standing = standing.map_err(|error| report.component_error(Operation::Read, &error))?;
    let cancelled = Some(cx.cancelled().clone());
    let observed = observe::<F>(aws, &prior, standing, disputed_tags(state), cancelled).await?;
    let Some(observed) = observed else {
        state.remove();
        return Ok(());
    };
    report.warn(cx, observed.warnings);
    identity::set(state, &observed.model, observed.place.as_ref())?;
    state.set(&F::from_model(observed.model))?;
    state.set_private(
        OBSERVED,
        serde_json::to_value(&observed.snapshot).unwrap_or_default(),
    );
    keep_disputed_tags(state, &observed.disputed_tags);
    Ok(())
}

/// The key of private data under which it is kept what the state tells of tags in which objects disagree.
const DISPUTED_TAGS: &str = "disputed_tags";

/// Keeps what the state tells of tags in which objects disagree, for the next read.
pub fn keep_disputed_tags<F: ResourceModel>(state: &State<F>, disputed: &Disputed) {
    // An apply that has read nothing keeps none: the private data must be what a refresh makes of them.
    let kept = (!disputed.is_empty()).then_some(disputed);
    state.set_private(DISPUTED_TAGS, serde_json::json!(kept));
}

/// What earlier reads have told of tags in which objects disagree.
pub fn disputed_tags<F: ResourceModel>(state: &State<F>) -> Disputed {
    let kept = state.private(DISPUTED_TAGS);
    kept.and_then(|kept| serde_json::from_value(kept).ok())
        .unwrap_or_default()
}

/// What a refresh tells.
pub struct Observed {
    pub model: Model,
    pub snapshot: Snapshot,
    pub place: Option<Place>,
    pub disputed_tags: Disputed,
    pub warnings: Vec<reconcile::Warning>,
}

/// Looks at everything recorded, and at what the inputs of `prior` point at: a refresh, and what an apply records that
/// has failed. `None` where nothing is left of it.
///
/// # Errors
/// Reads that fail.
pub async fn observe<F: ResourceModel>(
    aws: &Aws,
    prior: &Model,
    standing: Recorded,
    mut disputed_tags: Disputed,
    cancelled: Option<CancellationToken>,
) -> Result<Option<Observed>, Diagnostic> {
    let report = Report::new(F::COMPOSITE, prior);
    let engine = Engine::new(standing)
        .with_cancellation(cancelled.unwrap_or_default())
        .with_deadline(Instant::now() + timeout(prior, Verb::Read));
    // A read never fails because the endpoint is gone: then what the state says of it stands.
    let found = locate(aws, &F::COMPOSITE.owner(prior), prior, Some(prior)).await;
    let located = found
        .map_err(|error| report.component_error(Operation::Read, &error))?
        .located;

    // Twice over the same observations: once to see, once to tell what is left when the inputs are what AWS
    // holds.
    let seen = look(&engine, aws, F::COMPOSITE, prior, &located).await?;
    if engine.recorded().is_empty() {
        return Ok(None);
    }
    let inputs = inputs::inputs(prior, &aws.tags, &engine.recorded(), &seen, &mut disputed_tags);
    let place = place(aws, Some(prior), &report, Operation::Read).await?;
    let id = id(F::COMPOSITE, Some(prior));
    let standing = |told: &Model| {
        let (recorded, snapshot) = (engine.recorded(), engine.snapshot());
        Facts::standing(id.clone(), place.clone(), told, &recorded, &snapshot)
    };
    // What is left is judged by the path that serves, not by the one that the state still tells after a move.
    let inputs = standing(prior).told_of_path(inputs);
    look(&engine, aws, F::COMPOSITE, &inputs, &located).await?;

    let snapshot = engine.snapshot();
    let told = desired(F::COMPOSITE, &inputs, Some(&inputs), &located).told(&inputs);
    let mut facts = standing(&told);
    facts.pending = Attr::Known(engine.pending());
    facts.borrowed = unconfirmed::beside(&engine.recorded(), prior);
    Ok(Some(Observed {
        model: present(&inputs, &facts),
        snapshot,
        place,
        disputed_tags,
        warnings: engine.warnings(),
    }))
}

async fn look(
    engine: &Engine<ComponentError>,
    aws: &Aws,
    composite: Composite,
    inputs: &Model,
    located: &Located,
) -> Result<Objects, Diagnostic> {
    let owner = composite.owner(inputs);
    let desired = desired(composite, inputs, Some(inputs), located);
    let secrets = inputs.secrets(None);
    let graph = InvocationGraph::new(aws, &owner, composite, Some(&desired), WalkOptions::default())
        .keeping(&secrets);
    match engine.plan(&graph).await {
        Ok(_) => Ok(Objects::of(&engine.recorded(), &engine.snapshot())),
        Err(error) => Err(Report::new(composite, inputs).engine_error(Operation::Read, &error, &[])),
    }
}
