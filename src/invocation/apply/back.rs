//! Points the connection back where the new path fails: make-before-break is of use only when what was made first can
//! be left again.

mod former;

use std::sync::Arc;
use std::time::Duration;

use reconcile::{Engine, Error, Failure as _, Step};
use terraform_plugin::Outcome;
use tokio::time::Instant;

use super::{Recorder, Run, standing};
use crate::component::ComponentError;
use crate::invocation::desired::desired;
use crate::invocation::located::{Located, Lookup, locate};
use crate::invocation::model::{Model, ResourceModel};
use crate::invocation::report::{Operation, Report};
use crate::invocation::slots::CONNECTION_SLOT;
use former::Former;

/// The time that the way back has at least, when the update's own is over.
const LEAST: Duration = Duration::from_secs(5 * 60);

/// What is known when nothing is looked up: what the state says stands.
fn recorded() -> Located {
    Located {
        endpoint: Lookup::Recorded,
        vpc: Lookup::Recorded,
        ..Located::default()
    }
}

/// Whether `error` means that the new path does not work: the connection was pointed at it and has failed, or could
/// not be pointed at it at all.
pub fn is_called_for(
    error: &Error<ComponentError>,
    engine: &Engine<ComponentError>,
    config: &Model,
    prior: &Model,
) -> bool {
    let of_connection = matches!(
        error,
        Error::Failed { slot, .. } | Error::Component { slot, .. } if *slot == CONNECTION_SLOT
    );
    let moves = config.vpc_endpoint_id != prior.vpc_endpoint_id
        || config.https_endpoint != prior.https_endpoint
        || config.network != prior.network
        || config.shared_resource_configuration_arn != prior.shared_resource_configuration_arn;
    let built = engine.done().iter().any(|step| {
        matches!(step, Step::Create(_) | Step::Adopt(..) | Step::Replace(..))
            || matches!(step, Step::Update(slot, _) if *slot == CONNECTION_SLOT)
    });
    of_connection && moves && built
}

/// Whether EventBridge has, or may have, what the failed run was to send.
fn may_have_been_sent(engine: &Engine<ComponentError>, error: &Error<ComponentError>) -> bool {
    let done = engine.done().iter().any(|step| *step.slot() == CONNECTION_SLOT);
    done || happened_perhaps(error)
}

/// Whether the connection may have been changed although its update ended with this error.
fn happened_perhaps(error: &Error<ComponentError>) -> bool {
    matches!(
        error,
        Error::Component { slot, source, .. } if *slot == CONNECTION_SLOT && source.may_have_happened()
    )
}

/// Brings everything back to what `prior` asks for, and tells of it.
pub async fn point_back<F: ResourceModel>(
    failed_run: &Run<'_, F>,
    failed: &Engine<ComponentError>,
    config: &Model,
    prior: &Model,
    deadline: Instant,
    why: &Error<ComponentError>,
) -> Outcome {
    let sent = may_have_been_sent(failed, why);
    let former = Former::of(config, prior, sent);
    let owner = F::COMPOSITE.owner(prior);
    let located = match locate(failed_run.aws, &owner, prior, Some(prior)).await {
        Ok(found) => found.located,
        Err(_) => recorded(),
    };
    let mut wanted = desired(F::COMPOSITE, &former.inputs, Some(prior), &located);
    if sent {
        wanted = wanted.after(&former.inputs, config);
    }
    let failed_recorder = failed_run.recorder.as_ref();
    let run = Run {
        cx: failed_run.cx,
        aws: failed_run.aws,
        report: Report::new(F::COMPOSITE, prior),
        owner: &owner,
        recorder: Arc::new(Recorder {
            state: failed_recorder.state.clone(),
            id: failed_recorder.id.clone(),
            place: failed_recorder.place.clone(),
        }),
        options: failed_run.options,
        wanted_tags: failed_run.wanted_tags.clone(),
        secrets: failed_run.secrets,
    };
    let deadline = deadline.max(Instant::now() + LEAST);
    let engine = run.engine(failed.recorded(), &former.standing, prior, deadline);
    let graph = run.graph(Some(&wanted));
    let outcome = engine.run(&graph, None).await;
    run.sign_off(&graph, &engine).await;
    run.report.warn(run.cx, engine.warnings());
    let changed = engine.done().iter().any(|step| *step.slot() == CONNECTION_SLOT);
    let inputs = match &outcome {
        Ok(_) => &former.inputs,
        Err(_) if changed => &former.inputs,
        Err(again) if happened_perhaps(again) => &former.standing.forgetting_secrets(),
        Err(_) => &former.standing,
    };
    let recorded = engine.recorded();
    run.record_observed(&engine, inputs, prior, outcome.as_ref().err())
        .await?;
    let aftermath = match outcome {
        Ok(_) => pointed_back(&former.kept),
        Err(again) => format!(
            "The connection could not be pointed back either: {again}\n\nWhat stands is recorded:\n  {}\n\nApply again: \
             it goes on from here.",
            standing(&recorded).join("\n  ")
        ),
    };
    Err(failed_run
        .report
        .engine_error_then(Operation::Update, why, &aftermath)
        .into())
}

/// What has come of it, in words.
fn pointed_back(kept: &[String]) -> String {
    let mut words =
        "The connection was pointed back at the path that it had, and what was made for the new one was removed."
            .to_owned();
    if !kept.is_empty() {
        words.push_str(&format!(
            "\n\nThese keep the values that this apply has sent, since a former secret is write-only and not known any more: \
             {}. The state says so. To have the former ones back, configure them, each write-only secret with a new \
             version, and apply.",
            kept.join(", ")
        ));
    }
    words
}
