//! Create, update and delete: one walk of the graph each, recorded after every step.

mod accepted;
mod back;
mod shared;

use std::sync::Arc;

use reconcile::{Engine, Error, Fact, Recorded, Slot, Snapshot};
use terraform_plugin::{Attr, Cx, Diagnostic, Outcome, Plan, State};
use tokio::time::Instant;

use super::checks::Checks;
use super::desired::{Desired, desired};
use super::graph::{InvocationGraph, Manner};
use super::identity;
use super::located::locate;
use super::model::{Composite, Face, Model};
use super::plan::{id, place};
use super::present::{Facts, Place, present, retired_ids};
use super::report::{Doing, OBSERVED, Report};
use super::slots::{CONFIGURATION_SLOT, CONNECTION_SLOT, GATEWAY_SLOT, GROUP_SLOT, INGRESS_SLOT};
use super::steps::{STEPS, announced};
use super::timeouts::{Verb, timeout};
use crate::client::{Aws, Client};
use crate::component::naming::Owner;
use crate::component::{API_DESTINATION, ComponentError, GATEWAY, leftover_instance};
use crate::endpoint;

/// What one apply works with, and how it records.
struct Recorder<F> {
    state: State<F>,
    id: Fact<String>,
    place: Option<Place>,
    desired: Desired,
}

impl<F: Face> Recorder<F> {
    /// Records what stands with these inputs. What is not known yet is null: a state has no unknowns.
    fn record(
        &self,
        inputs: &Model,
        recorded: &Recorded,
        snapshot: &Snapshot,
        pending: Vec<String>,
    ) -> Outcome {
        let mut facts = Facts::standing(
            self.id.clone(),
            self.place.clone(),
            &self.desired,
            recorded,
            snapshot,
        );
        facts.pending = Attr::Known(pending);
        let model = without_unknowns(present(inputs, &facts));
        identity::set(&self.state, &model, self.place.as_ref())?;
        self.state.set(&F::close(model))?;
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

/// A state has no unknowns: what nobody knows is null.
fn without_unknowns(model: Model) -> Model {
    let known = |attribute: Attr<String>| {
        if attribute.is_unknown() {
            Attr::Null
        } else {
            attribute
        }
    };
    Model {
        vpc_id: known(model.vpc_id),
        domain_name: known(model.domain_name),
        subnet_ids: if model.subnet_ids.is_unknown() {
            Attr::Null
        } else {
            model.subnet_ids
        },
        ..model
    }
}

/// What all three verbs of one resource begin with.
struct Run<'a, F: Face> {
    cx: &'a Cx<Client>,
    aws: &'a Aws,
    report: Report<'a>,
    owner: &'a Owner,
    recorder: Arc<Recorder<F>>,
    manner: Manner,
}

impl<'a, F: Face> Run<'a, F> {
    fn engine(&self, recorded: Recorded, inputs: &Model, deadline: Instant) -> Engine<ComponentError> {
        Engine::new(recorded)
            .with_journal(self.recorder.journal(inputs.clone()))
            .with_cancellation(self.cx.cancelled().clone())
            .with_deadline(deadline)
    }

    fn graph(&self, desired: Option<&'a Desired>) -> InvocationGraph<'a> {
        InvocationGraph::new(self.aws, self.owner, F::COMPOSITE, desired, self.manner)
    }

    /// An engine's error, with the remedy that only a look at the network knows.
    async fn error(&self, doing: Doing, error: &Error<ComponentError>, recorded: &Recorded) -> Diagnostic {
        let mut told = self.report.engine_error(doing, error, &standing(recorded));
        let path = &self.recorder.desired.path;
        if let (Error::Failed { slot, .. }, Fact::Known(subnets)) = (error, &path.subnet_ids)
            && *slot == GATEWAY_SLOT
            && doing != Doing::Deleting
        {
            let remedy = endpoint::remedy_for_failed_gateway(self.aws, subnets, path.addresses()).await;
            told.detail = format!("{}\n\n{remedy}", told.detail);
        }
        told
    }
}

pub async fn create<F: Face>(cx: &Cx<Client>, plan: &Plan<F>, state: &State<F>) -> Outcome {
    let mut config = plan.config().open();
    let report_of = config.clone();
    let report = Report::new(F::COMPOSITE, &report_of);
    let Some(aws) = cx.client().aws(&config.region) else {
        return Err(report.not_yet_known(Doing::Creating).into());
    };
    let aws = aws.as_ref();
    let claim = match F::COMPOSITE {
        Composite::Invocation => match aws.names.claim(report_of.name()) {
            None => return Err(report.named_twice().into()),
            claim => claim,
        },
        // Each has a name of its own making.
        Composite::Path => None,
    };
    if F::COMPOSITE == Composite::Path {
        let instance = leftover_instance(aws, config.name())
            .await
            .map_err(|error| report.component_error(Doing::Creating, &error))?;
        config.id = Attr::Known(format!(
            "{}/{}",
            config.name(),
            instance.unwrap_or_else(new_instance)
        ));
    }
    let config = config;
    let owner = F::COMPOSITE.owner(&config);
    let found = locate(aws, &owner, &config, None).await;
    let found = found.map_err(|error| report.component_error(Doing::Creating, &error))?;
    let wanted = desired(F::COMPOSITE, &config, None, &found.located).creating(true);
    let steps = announced(plan);
    let checks = Checks {
        aws,
        owner: &owner,
        desired: &wanted,
        found: &found,
        recorded: &Recorded::default(),
        snapshot: &Snapshot::default(),
        steps: &steps,
    };
    let _reserved = checks.refuse(cx).await?;
    let planned = plan.planned().open();
    let run = Run {
        cx,
        aws,
        report,
        owner: &owner,
        recorder: Arc::new(Recorder {
            state: state.clone(),
            id: id(F::COMPOSITE, Some(&config)),
            place: place(
                aws,
                Some(&planned),
                &Report::new(F::COMPOSITE, &report_of),
                Doing::Creating,
            )
            .await?,
            desired: wanted.clone(),
        }),
        manner: manner(&config),
    };
    let deadline = Instant::now() + timeout(&config, Verb::Create);
    let engine = run.engine(Recorded::default(), &config, deadline);
    let graph = run.graph(Some(&wanted));
    let outcome = engine.run(&graph, Some(&steps)).await;

    // The mark tells a killed create from a living invocation. Whatever came of this one is recorded from
    // here on, so the mark goes; last, so that a kill before this line leaves it.
    let unmarked = wanted.clone().creating(false);
    let gateway = engine.recorded().get(&GATEWAY_SLOT).map_or(Fact::Absent, |id| {
        engine
            .snapshot()
            .get(GATEWAY, id)
            .map_or(Fact::Later, Fact::Known)
    });
    let unmarking = match unmarked.configuration(&gateway) {
        Some(spec) => {
            engine
                .amend(&graph.configuration, &CONFIGURATION_SLOT, spec)
                .await
        }
        None => Ok(()),
    };
    run.report.warn(cx, engine.warnings());

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
        if let Some(claim) = claim {
            claim.keep();
        }
        let pending = pending_after(&engine, outcome.as_ref().err());
        run.recorder
            .record(&config, &recorded, &engine.snapshot(), pending)?;
    }
    match outcome {
        Ok(()) => Ok(()),
        // An error would taint the resource; after an interrupt it can just go on.
        Err(Error::Interrupted) if !recorded.is_empty() => {
            cx.warn(Diagnostic::warning(
                format!("Interrupted: {} is not finished", run.report.subject()),
                format!(
                    "What stands is recorded:\n{}\n\nApply again: it goes on from here.",
                    standing(&recorded).join("\n")
                ),
            ));
            Ok(())
        }
        Err(error) => Err(run.error(Doing::Creating, &error, &recorded).await.into()),
    }
}

pub async fn update<F: Face>(cx: &Cx<Client>, plan: &Plan<F>, state: &State<F>) -> Outcome {
    let (mut config, Some(prior)) = (plan.config().open(), state.prior().map(Face::open)) else {
        return Ok(());
    };
    if F::COMPOSITE == Composite::Path {
        config.id = prior.id.clone();
    }
    let config = config;
    let report = Report::new(F::COMPOSITE, &config);
    let Some(aws) = cx.client().aws(&prior.region) else {
        return Err(report.not_yet_known(Doing::Updating).into());
    };
    let aws = aws.as_ref();
    let owner = F::COMPOSITE.owner(&config);
    let steps = announced(plan);
    let found = locate(aws, &owner, &config, Some(&prior)).await;
    let found = found.map_err(|error| report.component_error(Doing::Updating, &error))?;
    let wanted = desired(F::COMPOSITE, &config, Some(&prior), &found.located);
    let observed = plan.private(OBSERVED);
    let observed = observed.and_then(|seen| serde_json::from_value::<Snapshot>(seen).ok());
    let checks = Checks {
        aws,
        owner: &owner,
        desired: &wanted,
        found: &found,
        recorded: &prior.recorded(),
        snapshot: &observed.unwrap_or_default(),
        steps: &steps,
    };
    let _reserved = checks.refuse(cx).await?;
    let place = place(aws, Some(&prior), &report, Doing::Updating).await?;
    let run = Run {
        cx,
        aws,
        report,
        owner: &owner,
        recorder: Arc::new(Recorder {
            state: state.clone(),
            id: id(F::COMPOSITE, Some(&prior)),
            place,
            desired: wanted.clone(),
        }),
        manner: manner(&config),
    };
    let deadline = Instant::now() + timeout(&config, Verb::Update);
    let engine = run.engine(prior.recorded(), &prior, deadline);
    let outcome = engine.run(&run.graph(Some(&wanted)), Some(&steps)).await;
    run.report.warn(cx, engine.warnings());

    if matches!(outcome, Err(Error::ChangedSincePlan { .. })) {
        // Nothing was changed: the state stays as it was, and the next read tells what is different.
        return outcome
            .map(drop)
            .map_err(|error| run.report.engine_error(Doing::Updating, &error, &[]).into());
    }
    let error = match outcome {
        Ok(_) => {
            return run.recorder.record(
                &config,
                &engine.recorded(),
                &engine.snapshot(),
                pending_after(&engine, None),
            );
        }
        Err(error) => error,
    };
    if F::COMPOSITE == Composite::Invocation && back::is_called_for(&error, &engine, &config, &prior) {
        return back::point_back(&run, &engine, &config, &prior, deadline, &error).await;
    }
    let inputs = accepted::inputs(&config, &prior, &engine);
    let recorded = engine.recorded();
    run.recorder.record(
        &inputs,
        &recorded,
        &engine.snapshot(),
        pending_after(&engine, Some(&error)),
    )?;
    Err(run.error(Doing::Updating, &error, &recorded).await.into())
}

pub async fn delete<F: Face>(cx: &Cx<Client>, state: &State<F>) -> Outcome {
    let Some(prior) = state.prior().map(Face::open) else {
        return Ok(());
    };
    let report = Report::new(F::COMPOSITE, &prior);
    let Some(aws) = cx.client().aws(&prior.region) else {
        return Err(report.not_yet_known(Doing::Deleting).into());
    };
    let aws = aws.as_ref();
    let owner = F::COMPOSITE.owner(&prior);
    shared::refuse_while_used(cx, aws, &owner, &report, &prior).await?;
    let place = place(aws, Some(&prior), &report, Doing::Deleting).await?;
    let run = Run {
        cx,
        aws,
        report,
        owner: &owner,
        recorder: Arc::new(Recorder {
            state: state.clone(),
            id: id(F::COMPOSITE, Some(&prior)),
            place,
            desired: desired(F::COMPOSITE, &prior, Some(&prior), &back::recorded()),
        }),
        manner: manner(&prior),
    };
    let deadline = Instant::now() + timeout(&prior, Verb::Delete);
    let engine = run.engine(prior.recorded(), &prior, deadline);
    let outcome = engine.run(&run.graph(None), None).await;
    run.report.warn(cx, engine.warnings());
    if let Err(error) = outcome {
        let recorded = engine.recorded();
        let pending = pending_after(&engine, Some(&error));
        run.recorder
            .record(&prior, &recorded, &engine.snapshot(), pending)?;
        return Err(run.error(Doing::Deleting, &error, &recorded).await.into());
    }
    aws.names.free(prior.name());
    Ok(())
}

/// How the graph treats what it is not alone with.
fn manner(inputs: &Model) -> Manner {
    Manner {
        unready: inputs.wait_for_ready == Attr::Known(false),
        forced: inputs.force_destroy == Attr::Known(true),
    }
}

/// What tells one path of a name from the next, eight hexadecimal digits.
fn new_instance() -> String {
    use std::hash::{BuildHasher as _, RandomState};
    format!("{:08x}", RandomState::new().hash_one(std::process::id()) >> 32)
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
        (&INGRESS_SLOT, "endpoint ingress rule"),
        (&GATEWAY_SLOT, "resource gateway"),
        (&CONFIGURATION_SLOT, "resource configuration"),
        (&CONNECTION_SLOT, "connection"),
    ];
    let line = |(slot, words): (&Slot, &str)| Some(format!("{words} {}", recorded.get(slot)?));
    let current = words.into_iter().filter_map(line);
    let destinations = recorded.current.iter();
    let destinations = destinations.filter(|(slot, _)| slot.kind() == API_DESTINATION.key);
    let retired = retired_ids(recorded);
    current
        .chain(destinations.map(|(_, id)| format!("API destination {id}")))
        .chain(retired.into_iter().map(|id| format!("to be removed: {id}")))
        .collect()
}
