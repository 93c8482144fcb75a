//! Create, update and delete: one walk of the graph each, recorded after every step.

use std::sync::Arc;

use reconcile::{Component as _, Engine, Error, Id, Recorded, Slot, Snapshot, Step};
use terraform_plugin::{Attr, Cx, Diagnostic, Outcome, Plan, State};
use tokio::time::Instant;

use super::desired::{Desired, Located, desired};
use super::graph::{CONFIGURATION_SLOT, CONNECTION_SLOT, GATEWAY_SLOT, GROUP_SLOT, InvocationGraph};
use super::model::Model;
use super::plan::{place, still_recorded};
use super::present::{Facts, Place, present, retired_ids};
use super::report::{self, Doing, OBSERVED, STEPS};
use super::timeouts::{Verb, timeout};
use crate::aws::{Aws, ErrorKind};
use crate::component::{CONFIGURATION, ComponentError, Configuration};
use crate::endpoint;
use crate::provider::Client;

/// What one apply works with, and how it records.
struct Recorder {
    state: State<Model>,
    place: Option<Place>,
    desired: Desired,
}

impl Recorder {
    /// Records what stands with these inputs. What is not known yet is null: a state has no unknowns.
    fn record(
        &self,
        inputs: &Model,
        recorded: &Recorded,
        snapshot: &Snapshot,
        pending: Vec<String>,
    ) -> Outcome {
        let mut facts = Facts::standing(self.place.clone(), &self.desired, recorded, snapshot);
        facts.pending = Attr::Known(pending);
        self.state.set(&present(inputs, &facts))?;
        self.state
            .set_private(OBSERVED, serde_json::to_value(snapshot).unwrap_or_default());
        self.state.set_private(STEPS, serde_json::Value::Null);
        Ok(())
    }

    /// Records while work goes on, where a panic or a kill of the run would leave it.
    fn journal(self: &Arc<Self>, inputs: Model) -> impl Fn(&Recorded, &Snapshot) + Send + Sync + 'static {
        let recorder = Arc::clone(self);
        move |recorded, snapshot| {
            let unfinished = vec!["finish what was interrupted".to_owned()];
            let nothing = recorded.is_empty() && recorder.state.prior().is_none();
            if !nothing && recorder.record(&inputs, recorded, snapshot, unfinished).is_err() {
                tracing::error!("what stands could not be recorded");
            }
        }
    }
}

pub async fn create(cx: &Cx<Client>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
    let Client::Ready(aws) = cx.client() else {
        return Err(report::not_yet_known(Doing::Creating, plan.config().name()).into());
    };
    let config = plan.config();
    let name = config.name();
    let located = usable_endpoint(aws, config).await?;
    let wanted = desired(config, None, &located).creating(true);
    let recorder = Arc::new(Recorder {
        state: state.clone(),
        place: place(aws, config, None).await?,
        desired: wanted.clone(),
    });
    let engine = Engine::new(Recorded::default())
        .with_journal(recorder.journal(config.clone()))
        .with_cancellation(cx.cancelled().clone())
        .with_deadline(Instant::now() + timeout(config, Verb::Create));
    let graph = InvocationGraph::new(aws, name, Some(wanted.clone()));
    let outcome = engine.run(&graph, Some(&planned_steps(plan))).await;

    // The mark tells a killed create from a living invocation. Whatever came of this one is recorded from
    // here on, so the mark goes; last, so that a kill before this line leaves it.
    let unmarked = wanted.creating(false);
    let mut spec = None;
    if let Some(gateway) = engine.recorded().get(&GATEWAY_SLOT) {
        let gateway = engine.snapshot().get(crate::component::GATEWAY, gateway);
        spec = gateway.map(|gateway| unmarked.configuration(&reconcile::Fact::Known(gateway)));
    }
    let unmarking = match spec {
        Some(spec) => {
            engine
                .amend(&graph.configuration, &CONFIGURATION_SLOT, spec)
                .await
        }
        None => Ok(()),
    };
    warn_all(cx, name, &engine);

    let outcome = outcome.and(unmarking);
    // Where nothing was done, nothing is recorded: a refused create has seen what belongs to a living invocation, and
    // Terraform would take a state of it for a failed create and destroy it.
    let recorded = if outcome.is_err() && engine.done().is_empty() {
        Recorded::default()
    } else {
        engine.recorded()
    };
    if outcome.is_err() && recorded.is_empty() {
        state.remove();
    } else {
        recorder.record(
            config,
            &recorded,
            &engine.snapshot(),
            pending_after(&engine, outcome.as_ref().err()),
        )?;
    }
    match outcome {
        Ok(()) => Ok(()),
        // An error would taint the resource; after an interrupt it can just go on.
        Err(Error::Interrupted) if !recorded.is_empty() => {
            cx.warn(Diagnostic::warning(
                format!("Interrupted: private API invocation {name} is not finished"),
                format!(
                    "What stands is recorded:\n{}\n\nApply again: it goes on from here.",
                    standing(&recorded).join("\n")
                ),
            ));
            Ok(())
        }
        Err(error) => Err(report::engine_error(Doing::Creating, name, &error, &standing(&recorded)).into()),
    }
}

pub async fn update(cx: &Cx<Client>, plan: &Plan<Model>, state: &State<Model>) -> Outcome {
    let (config, Some(prior)) = (plan.config(), state.prior()) else {
        return Ok(());
    };
    let Client::Ready(aws) = cx.client() else {
        return Err(report::not_yet_known(Doing::Updating, config.name()).into());
    };
    let name = config.name();
    let steps = planned_steps(plan);
    let builds = steps.iter().any(|step| {
        *step.slot() != CONNECTION_SLOT
            && matches!(step, Step::Create(_) | Step::Adopt(..) | Step::Replace(..))
    });
    let located = match usable_endpoint(aws, config).await {
        Ok(located) => located,
        Err(problem) if builds => return Err(problem.into()),
        // Nothing of the plan needs the endpoint.
        Err(_) => still_recorded(config, Some(prior)),
    };
    let wanted = desired(config, Some(prior), &located);
    let recorder = Arc::new(Recorder {
        state: state.clone(),
        place: place(aws, config, Some(prior)).await?,
        desired: wanted.clone(),
    });
    let engine = Engine::new(prior.recorded())
        .with_journal(recorder.journal(prior.clone()))
        .with_cancellation(cx.cancelled().clone())
        .with_deadline(Instant::now() + timeout(config, Verb::Update));
    let graph = InvocationGraph::new(aws, name, Some(wanted));
    let outcome = engine.run(&graph, Some(&steps)).await;
    warn_all(cx, name, &engine);

    let recorded = engine.recorded();
    if matches!(outcome, Err(Error::ChangedSincePlan { .. })) {
        // Nothing was changed: the state stays as it was, and the next read tells what is different.
        return outcome
            .map(drop)
            .map_err(|error| report::engine_error(Doing::Updating, name, &error, &[]).into());
    }
    let inputs = match &outcome {
        Ok(_) => config.clone(),
        Err(_) => accepted(config, prior, &engine.done()),
    };
    recorder.record(
        &inputs,
        &recorded,
        &engine.snapshot(),
        pending_after(&engine, outcome.as_ref().err()),
    )?;
    outcome
        .map(drop)
        .map_err(|error| report::engine_error(Doing::Updating, name, &error, &standing(&recorded)).into())
}

pub async fn delete(cx: &Cx<Client>, state: &State<Model>) -> Outcome {
    let Some(prior) = state.prior() else { return Ok(()) };
    let Client::Ready(aws) = cx.client() else {
        return Err(report::not_yet_known(Doing::Deleting, prior.name()).into());
    };
    let name = prior.name();
    refuse_while_shared(cx, aws, prior).await?;
    let recorder = Arc::new(Recorder {
        state: state.clone(),
        place: place(aws, prior, Some(prior)).await?,
        desired: desired(prior, Some(prior), &Located::Recorded),
    });
    let engine = Engine::new(prior.recorded())
        .with_journal(recorder.journal(prior.clone()))
        .with_cancellation(cx.cancelled().clone())
        .with_deadline(Instant::now() + timeout(prior, Verb::Delete));
    let graph = InvocationGraph::new(aws, name, None);
    let outcome = engine.run(&graph, None).await;
    warn_all(cx, name, &engine);
    if let Err(error) = outcome {
        let recorded = engine.recorded();
        recorder.record(
            prior,
            &recorded,
            &engine.snapshot(),
            pending_after(&engine, Some(&error)),
        )?;
        return Err(report::engine_error(Doing::Deleting, name, &error, &standing(&recorded)).into());
    }
    Ok(())
}

/// The endpoint, or the error that stops the apply before it changes anything.
async fn usable_endpoint(aws: &Aws, config: &Model) -> Result<Located, Diagnostic> {
    let id = config.vpc_endpoint_id.known().map_or("", String::as_str);
    match endpoint::resolve(aws, id).await {
        Ok((endpoint, None)) => Ok(Located::Here(endpoint)),
        Ok((_, Some(problem))) | Err(problem) => Err(report::endpoint_problem(&problem, true)),
    }
}

fn planned_steps(plan: &Plan<Model>) -> Vec<Step> {
    plan.private(STEPS)
        .and_then(|steps| serde_json::from_value(steps).ok())
        .unwrap_or_default()
}

/// The inputs that AWS has accepted when an update ended early, so that the next plan shows the others again:
/// secrets and their versions above all, which AWS never shows.
fn accepted(config: &Model, prior: &Model, done: &[Step]) -> Model {
    let connection_done = done
        .iter()
        .any(|step| *step.slot() == CONNECTION_SLOT && !matches!(step, Step::Delete(..)));
    let path_done = done.iter().any(|step| *step.slot() != CONNECTION_SLOT);
    let mut inputs = config.clone();
    if !connection_done {
        inputs.authorization = prior.authorization.clone();
        inputs.description = prior.description.clone();
    }
    if !path_done {
        inputs.vpc_endpoint_id = prior.vpc_endpoint_id.clone();
        inputs.network = prior.network.clone();
        inputs.tags = prior.tags.clone();
    }
    inputs
}

/// What is left: what the engine did not come to, and at least that something is, after an error.
fn pending_after(engine: &Engine<ComponentError>, error: Option<&Error<ComponentError>>) -> Vec<String> {
    let mut pending = engine.pending();
    if pending.is_empty() && error.is_some() {
        pending.push("finish what was interrupted".to_owned());
    }
    pending
}

/// What is recorded, a line each.
fn standing(recorded: &Recorded) -> Vec<String> {
    let words = [
        (&GROUP_SLOT, "security group"),
        (&GATEWAY_SLOT, "resource gateway"),
        (&CONFIGURATION_SLOT, "resource configuration"),
        (&CONNECTION_SLOT, "connection"),
    ];
    let line = |(slot, words): (&Slot, &str)| Some(format!("{words} {}", recorded.get(slot)?));
    let current = words.into_iter().filter_map(line);
    current
        .chain(
            retired_ids(recorded)
                .into_iter()
                .map(|id| format!("to be removed: {id}")),
        )
        .collect()
}

fn warn_all(cx: &Cx<Client>, name: &str, engine: &Engine<ComponentError>) {
    for warning in engine.warnings() {
        cx.warn(Diagnostic::warning(
            format!("Private API invocation {name}"),
            warning,
        ));
    }
}

/// Before the connection goes: AWS would refuse the gateway's deletion afterwards, with the connection already gone.
async fn refuse_while_shared(cx: &Cx<Client>, aws: &Aws, prior: &Model) -> Result<(), Diagnostic> {
    let Attr::Known(gateway) = &prior.resource_gateway_id else {
        return Ok(());
    };
    let name = prior.name();
    let listed = match aws.list_configurations().await {
        Ok(listed) => listed,
        Err(error) if error.kind == ErrorKind::AccessDenied => {
            cx.warn(Diagnostic::warning(
                format!("Could not see whether others use private API invocation {name}"),
                error.to_string(),
            ));
            return Ok(());
        }
        Err(error) => return Err(report::aws_error(Doing::Deleting, name, &error)),
    };
    let recorded = prior.recorded();
    let configurations = Configuration::new(aws, name);
    let mut others = Vec::new();
    for other in listed
        .iter()
        .filter(|other| other.gateway.as_ref() == Some(gateway))
    {
        let id = Id::new(&other.id);
        if recorded.owns(CONFIGURATION.key, &id) {
            continue;
        }
        // What a killed run of this invocation left is ours too, by its tag.
        let seen = configurations.observe(&id).await;
        let seen = seen.map_err(|error| {
            Diagnostic::error("Could not look at what uses the gateway", error.to_string())
        })?;
        if seen.is_some_and(|seen| configurations.guard(&seen).is_some()) {
            others.push(format!("{} ({})", other.id, other.name));
        }
    }
    if others.is_empty() {
        return Ok(());
    }
    Err(Diagnostic::error(
        format!("Private API invocation {name} is used by others"),
        format!(
            "Its resource gateway {gateway} also serves the resource configurations {}, which this invocation does \
             not manage. Nothing was changed. Remove them first, or move them to another gateway.",
            others.join(", ")
        ),
    ))
}
