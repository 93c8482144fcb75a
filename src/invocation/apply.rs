//! Create, update and delete: one walk of the graph each, recorded after every step.

mod accepted;
mod back;
mod create;
mod delete;
mod shared;
mod update;

use std::sync::Arc;

use reconcile::{Action, Engine, Error, Fact, Recorded, Slot, Snapshot};
use terraform_plugin::{Attr, Cx, Diagnostic, Outcome, State, path};
use tokio::time::Instant;

use super::desired::{Desired, DesiredPath};
use super::graph::{InvocationGraph, WalkOptions};
use super::handover::handover;
use super::identity;
use super::model::{Model, ResourceModel, Tags};
use super::present::{Facts, Place, present, retired_ids};
use super::read;
use super::report::{OBSERVED, Operation, Report};
use super::slots::{CONFIGURATION_SLOT, CONNECTION_SLOT, GATEWAY_SLOT, GROUP_SLOT, INGRESS_SLOT};
use super::standing::unnoted_rule;
use super::steps::STEPS;
use super::tags;
use super::unconfirmed;
use crate::aws::{Arn, region_option};
use crate::client::{Aws, Client};
use crate::component::naming::Owner;
use crate::component::{API_DESTINATION, ComponentError, Disputed, Secrets};
use crate::endpoint;

pub use create::create;
pub use delete::delete;
pub use update::update;

/// How one apply records.
struct Recorder<F> {
    state: State<F>,
    id: Fact<String>,
    place: Option<Place>,
}

impl<F: ResourceModel> Recorder<F> {
    /// Records what stands with these inputs. Of the path `told` says what no object shows.
    fn record(
        &self,
        inputs: &Model,
        told: &Model,
        recorded: &Recorded,
        snapshot: &Snapshot,
        pending: Vec<String>,
    ) -> Outcome {
        let mut facts = Facts::standing(self.id.clone(), self.place.clone(), told, recorded, snapshot);
        facts.pending = Attr::Known(pending);
        facts.borrowed = unconfirmed::beside(recorded, inputs);
        self.keep(present(inputs, &facts), snapshot)
    }

    /// Records a model as it is, and what was seen for the next plan.
    fn keep(&self, model: Model, snapshot: &Snapshot) -> Outcome {
        identity::set(&self.state, &model, self.place.as_ref())?;
        self.state.set(&F::from_model(model))?;
        self.state
            .set_private(OBSERVED, serde_json::to_value(snapshot).unwrap_or_default());
        self.state.set_private(STEPS, serde_json::Value::Null);
        Ok(())
    }

    /// Records while work goes on, where a panic or a kill of the run would leave it.
    fn journal(
        self: &Arc<Self>,
        inputs: Model,
        told: Model,
    ) -> impl Fn(&Recorded, &Snapshot) + Send + Sync + 'static {
        let recorder = Arc::clone(self);
        move |recorded, snapshot| {
            let unfinished = vec!["finish what was interrupted".to_owned()];
            let nothing = recorded.is_empty() && recorder.state.prior().is_none();
            if nothing {
                return;
            }
            if let Err(error) = recorder.record(&inputs, &told, recorded, snapshot, unfinished) {
                tracing::error!(?error, "what stands could not be recorded");
            }
        }
    }
}

/// What all three verbs of one resource work with.
struct Run<'a, F: ResourceModel> {
    cx: &'a Cx<Client>,
    aws: &'a Aws,
    report: Report<'a>,
    owner: &'a Owner,
    recorder: Arc<Recorder<F>>,
    options: WalkOptions,
    /// All tags that the apply was to bring about.
    wanted_tags: Attr<Tags>,
    secrets: &'a Secrets,
}

impl<'a, F: ResourceModel> Run<'a, F> {
    fn new(
        cx: &'a Cx<Client>,
        aws: &'a Aws,
        report: Report<'a>,
        owner: &'a Owner,
        recorder: Recorder<F>,
        inputs: &Model,
        secrets: &'a Secrets,
    ) -> Self {
        Self {
            cx,
            aws,
            report,
            owner,
            recorder: Arc::new(recorder),
            options: WalkOptions {
                unready: inputs.wait_for_ready == Attr::Known(false),
                forced: inputs.force_destroy == Attr::Known(true),
            },
            wanted_tags: inputs.tags_all.clone(),
            secrets,
        }
    }

    /// An engine that records with these inputs what it has done so far.
    fn engine(
        &self,
        recorded: Recorded,
        inputs: &Model,
        told: &Model,
        deadline: Instant,
    ) -> Engine<ComponentError> {
        Engine::new(recorded)
            .with_made_at(self.aws.made_at())
            .with_journal(self.recorder.journal(inputs.clone(), told.clone()))
            .with_cancellation(self.cx.cancelled().clone())
            .with_deadline(deadline)
    }

    fn graph(&self, desired: Option<&'a Desired>) -> InvocationGraph<'a> {
        InvocationGraph::new(self.aws, self.owner, F::COMPOSITE, desired, self.options).keeping(self.secrets)
    }

    /// Takes the marks off what is about to be recorded; not where the host is gone and nobody records it. What cannot be
    /// done now is told, and done by the next apply.
    async fn sign_off(&self, graph: &InvocationGraph<'_>, engine: &Engine<ComponentError>) {
        if !self.cx.answer_is_awaited() {
            tracing::warn!("nobody waits for the answer: what was made keeps its mark");
            return;
        }
        let signed = graph.sign_off(engine).await;
        // Objects of a create are known by its token, which nobody knows now. An update's are found by that of its state.
        if engine.is_fresh() && !self.cx.answer_is_awaited() {
            tracing::warn!("nobody waits for the answer any more: what was made is marked again");
            if let Err(error) = graph.mark_again(engine).await {
                tracing::warn!(%error, "what was made could not be marked again");
            }
            return;
        }
        // What an update could not look at is known by its state, and bears no mark but one that was there before.
        if let Err(Error::Component {
            action: Action::Observe,
            ..
        }) = &signed
            && !engine.is_fresh()
        {
            tracing::warn!("whether a mark stays could not be looked at");
        } else if let Err(error) = signed {
            let detail = format!(
                "{error}\n\nIt stays marked as unfinished, by the tag {} or, where it has none, by its description. The next \
                 apply of this resource ends that.",
                crate::component::naming::CREATING_TAG
            );
            let title = format!("A mark stays on a part of {}", self.report.subject());
            self.cx.warn(Diagnostic::warning(title, detail));
        }
    }

    /// Tells of API destinations that this run was to remove, and that call through another connection by now: whoever pointed
    /// them there may rely on them.
    fn warn_of_strays(&self, graph: &InvocationGraph<'_>) {
        for (arn, through) in graph.strays() {
            let detail = format!(
                "{arn} calls through {through} by now, which is not of this resource, so it was left alone. If nobody needs it, \
                 remove it: aws events delete-api-destination{} --name {}",
                region_option(&arn),
                Arn::parse(&arn)
                    .and_then(|arn| arn.name().map(str::to_owned))
                    .unwrap_or_else(|| arn.clone())
            );
            let title = format!("An API destination of {} stays", self.report.subject());
            self.cx.warn(Diagnostic::warning(title, detail));
        }
    }

    /// Notes that the rule which lets the gateway in is used here, where another invocation or path made it and it does not
    /// bear the note yet. Where that fails, it goes with the one that made it, which is told.
    async fn note_borrowed_rule(&self, graph: &InvocationGraph<'_>, engine: &Engine<ComponentError>) {
        let Some((id, rule, holder)) = unnoted_rule(&graph.ingress, &engine.recorded(), &engine.snapshot())
        else {
            return;
        };
        let Err(error) = graph.ingress.note(&id).await else {
            if let Err(error) = engine.reassure(&graph.ingress, &INGRESS_SLOT).await {
                tracing::warn!(%error, "the rule that was noted could not be read again");
            }
            return;
        };
        let detail = format!(
            "The rule {id} of {}, by which the endpoint lets in the resource gateway, was made for {holder} and goes when that is \
             destroyed, since it could not be noted on it that it is used here: {}.\nCalls of {} time out from then on, until its \
             next apply makes a rule of its own. To be independent, let ec2:CreateTags write that note, which the next apply of a \
             change tries again; or make the rule with aws_vpc_security_group_ingress_rule and leave \
             network.endpoint_ingress_security_group_id out; or lead all calls through one private_api_path.",
            rule.group_id,
            error.without_remedy(),
            self.report.subject()
        );
        let title = format!("The way in of {} is another one's rule", self.report.subject());
        let warning = Diagnostic::warning(title, detail);
        self.cx
            .warn(warning.at(path!("network", "endpoint_ingress_security_group_id")));
    }

    /// Records what stands after an error, as a refresh would tell it: `inputs` are those that AWS has accepted, with the
    /// outputs of the prior state.
    async fn record_failure(
        &self,
        engine: &Engine<ComponentError>,
        inputs: &Model,
        error: &Error<ComponentError>,
    ) -> Outcome {
        self.record_observed(engine, inputs, inputs, Some(error)).await
    }

    /// Records what a refresh would tell; where that cannot be asked, what the engine knows, beside what was `told` before.
    async fn record_observed(
        &self,
        engine: &Engine<ComponentError>,
        inputs: &Model,
        told: &Model,
        error: Option<&Error<ComponentError>>,
    ) -> Outcome {
        let recorded = engine.recorded();
        let state = &self.recorder.state;
        let mut disputed = read::disputed_tags(state);
        disputed.extend(self.half_done_tags(inputs));
        match read::observe::<F>(self.aws, inputs, recorded.clone(), disputed, None).await {
            Ok(Some(observed)) => {
                read::keep_disputed_tags(state, &observed.disputed_tags);
                // It ends without an error, so that all of the plan has to be there: what was not made has no ARN.
                let promised = engine.is_fresh() && matches!(error, Some(Error::Interrupted));
                let model = if promised {
                    let nothing = (Recorded::default(), Snapshot::default());
                    let place = observed.place.clone();
                    let none_made = Facts::standing(Fact::Absent, place, inputs, &nothing.0, &nothing.1);
                    observed.model.with_destinations_of(&present(inputs, &none_made))
                } else {
                    observed.model
                };
                self.recorder.keep(model, &observed.snapshot)
            }
            Ok(None) | Err(_) => {
                let pending = pending_after(engine, error);
                self.recorder
                    .record(inputs, told, &recorded, &engine.snapshot(), pending)
            }
        }
    }

    /// What counts of the tags that this apply was to change, and does not count as changed: objects that have the new ones
    /// already are not to be told as done.
    fn half_done_tags(&self, inputs: &Model) -> Disputed {
        let (former, wanted) = (tags::known(&inputs.tags_all), tags::known(&self.wanted_tags));
        let keys = former.keys().chain(wanted.keys());
        let changed = keys.filter(|key| former.get(*key) != wanted.get(*key));
        changed
            .map(|key| (key.clone(), former.get(key).cloned()))
            .collect()
    }

    /// An engine's error, with the remedy that only a look at the network knows.
    async fn error(
        &self,
        operation: Operation,
        error: &Error<ComponentError>,
        recorded: &Recorded,
        path: Option<&DesiredPath>,
    ) -> Diagnostic {
        let mut told = self.report.engine_error(operation, error, &standing(recorded));
        if let (Error::Failed { slot, .. }, Some(path)) = (error, path)
            && let Fact::Known(subnets) = &path.subnet_ids
            && *slot == GATEWAY_SLOT
        {
            let remedy = endpoint::remedy_for_failed_gateway(self.aws, subnets, path.addresses()).await;
            told.detail = format!("{}\n\n{remedy}", told.detail);
        }
        told
    }
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
