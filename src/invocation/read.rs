//! Reads: what AWS holds, what of it is left to be done, and what of the inputs it contradicts.

mod inputs;

use reconcile::{Engine, Fact, Recorded};
use terraform_plugin::{Attr, Cx, Diagnostic, Outcome, State};
use tokio::time::Instant;

use super::desired::desired;
use super::graph::{InvocationGraph, Manner, Objects};
use super::identity;
use super::located::{Located, locate};
use super::model::{Composite, Face, Model};
use super::plan::{id, place};
use super::present::{Facts, present, retired_ids};
use super::report::{Doing, OBSERVED, Report};
use super::timeouts::{Verb, timeout};
use crate::client::{Aws, Client};
use crate::component::ComponentError;

pub use inputs::{destination, http_parameters, shown};

pub async fn read<F: Face>(cx: &Cx<Client>, state: &State<F>) -> Outcome {
    let Some(prior) = state.prior().map(Face::open) else {
        return Ok(());
    };
    let Some(aws) = cx.client().aws(&prior.region) else {
        return Ok(());
    };
    let aws = aws.as_ref();
    let report = Report::new(F::COMPOSITE, &prior);
    let engine = Engine::new(prior.recorded())
        .with_cancellation(cx.cancelled().clone())
        .with_deadline(Instant::now() + timeout(&prior, Verb::Read));
    // A read never fails because the endpoint is gone: then what the state says of it stands.
    let found = locate(aws, &F::COMPOSITE.owner(&prior), &prior, Some(&prior)).await;
    let located = found
        .map_err(|error| report.component_error(Doing::Reading, &error))?
        .located;

    // Twice over the same observations: once to see, once to tell what is left when the inputs are what AWS
    // holds.
    let seen = look(&engine, aws, F::COMPOSITE, &prior, &located).await?;
    if engine.recorded() == Recorded::default() {
        state.remove();
        return Ok(());
    }
    let inputs = inputs::inputs(&prior, &seen);
    look(&engine, aws, F::COMPOSITE, &inputs, &located).await?;
    report.warn(cx, engine.warnings());

    let recorded = engine.recorded();
    let snapshot = engine.snapshot();
    let wanted = desired(F::COMPOSITE, &inputs, Some(&prior), &located);
    let place = place(aws, Some(&prior), &report, Doing::Reading).await?;
    let mut facts = Facts::standing(
        id(F::COMPOSITE, Some(&prior)),
        place.clone(),
        &wanted,
        &recorded,
        &snapshot,
    );
    if let Fact::Known(gateway) = &facts.objects.gateway {
        facts.vpc_id = Fact::Known(gateway.vpc_id.clone());
        facts.subnet_ids = Fact::Known(gateway.subnet_ids.clone());
    }
    if let Fact::Known(configuration) = &facts.objects.configuration
        && let Some(domain_name) = &configuration.domain_name
    {
        facts.domain_name = Fact::Known(domain_name.clone());
    }
    facts.pending = Attr::Known(engine.pending());
    facts.retired = Attr::Known(retired_ids(&recorded));
    let model = known(present(&inputs, &facts), &prior);
    identity::set(state, &model, place.as_ref())?;
    state.set(&F::close(model))?;
    state.set_private(OBSERVED, serde_json::to_value(&snapshot).unwrap_or_default());
    Ok(())
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
    let graph =
        InvocationGraph::new(aws, &owner, composite, Some(&desired), Manner::default()).keeping(&secrets);
    match engine.plan(&graph).await {
        Ok(_) => Ok(Objects::of(&engine.recorded(), &engine.snapshot())),
        Err(error) => Err(Report::new(composite, inputs).engine_error(Doing::Reading, &error, &[])),
    }
}

/// A state has no unknowns: what could not be found out stays as it was.
fn known(model: Model, prior: &Model) -> Model {
    let keep = |new: Attr<String>, old: &Attr<String>| if new.is_unknown() { old.clone() } else { new };
    Model {
        vpc_id: keep(model.vpc_id, &prior.vpc_id),
        domain_name: keep(model.domain_name, &prior.domain_name),
        subnet_ids: if model.subnet_ids.is_unknown() {
            prior.subnet_ids.clone()
        } else {
            model.subnet_ids
        },
        ..model
    }
}
