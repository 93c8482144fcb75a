//! Plans: what the state and the configuration say, compared without asking AWS for anything that can change.
//!
//! What can change between a plan and its apply (the endpoint's state, whether the name is free) is a warning
//! here and an error at the start of the apply.

use std::collections::{BTreeMap, BTreeSet};

use reconcile::{Engine, Fact, Recorded, Snapshot, Step};
use terraform_plugin::{Attr, Cx, Diagnostic, Outcome, Path, Plan, path};

use super::checks::{self, Checks, Replacement, Standing};
use super::desired::{Desired, desired};
use super::graph::{InvocationGraph, Objects, WalkOptions};
use super::handover;
use super::located::{Located, Lookup, locate};
use super::model::{Composite, Model, ResourceModel};
use super::present::{Facts, Place, borrowed_ids, present};
use super::report::{OBSERVED, Operation, Report};
use super::schema::MOST_TAGS;
use super::slots::{CONFIGURATION_SLOT, CONNECTION_SLOT, GATEWAY_SLOT, INGRESS_SLOT};
use super::standing;
use super::steps;
use super::unconfirmed;
use crate::client::{Aws, Client};
use crate::component::API_DESTINATION;

pub async fn plan<F: ResourceModel>(cx: &Cx<Client>, plan: &mut Plan<F>) -> Outcome {
    let whole = plan.prior().map(ResourceModel::to_model);
    let named = if plan.is_destroy() {
        Attr::Null
    } else {
        plan.config().to_model().api_destinations
    };
    let prior = whole.clone().map(|whole| unconfirmed::without(whole, &named));
    let (prior, left_alone) = prior.unzip();
    if plan.is_destroy() {
        if let Some(prior) = &prior
            && let Some(aws) = cx.client().aws(&prior.region)
        {
            give_up(F::COMPOSITE, &aws, prior);
        }
        return Ok(());
    }
    let config = match &prior {
        Some(prior) => plan.config().to_model().with_record_of(prior),
        None => Model {
            instance: Attr::Unknown,
            ..plan.config().to_model()
        },
    };
    cx.client().check_region(&config.region)?;
    let Some(aws) = cx.client().aws(&config.region) else {
        let config = Model {
            tags_all: Attr::Unknown,
            ..config
        };
        plan.set(F::from_model(present(
            &config,
            &all_later(F::COMPOSITE, prior.as_ref()),
        )));
        return Ok(());
    };
    let config = config.with_all_tags(&aws.tags);
    let report = Report::new(F::COMPOSITE, &config);
    refuse_too_many_tags(&config)?;
    let moved = prior
        .as_ref()
        .is_some_and(|prior| prior.region.known().is_some_and(|region| region != aws.region()));
    let owner = F::COMPOSITE.owner(&config);
    let renamed = prior.as_ref().is_some_and(|prior| prior.name != config.name);
    if let Some(prior) = prior.as_ref().filter(|_| moved || renamed) {
        if let Some(aws) = cx.client().aws(&prior.region) {
            give_up(F::COMPOSITE, &aws, prior);
        }
        if config.name.is_known() {
            let asked = Replacement {
                aws: &aws,
                composite: F::COMPOSITE,
                owner: &owner,
                config: &config,
                prior,
                fixed: &[],
            };
            checks::refuse_replacement(cx, &asked).await?;
        }
        // A replacement: of this plan core takes no more than that. The one that counts comes without a prior state.
        replace(plan, &config, &aws);
        return Ok(());
    }
    if let Some(prior) = &prior {
        standing::refuse_another_account(&aws, &report, Operation::Plan, prior).await?;
    }
    let place = place(&aws, prior.as_ref(), &report, Operation::Plan).await?;
    let found = locate(&aws, &owner, &config, prior.as_ref())
        .await
        .map_err(|error| report.component_error(Operation::Plan, &error))?;
    let desired = desired(F::COMPOSITE, &config, prior.as_ref(), &found.located);
    let failed = |error| report.component_error(Operation::Plan, &error);
    let recorded = match &prior {
        Some(prior) => standing::recorded(&aws, &owner, prior).await.map_err(failed)?,
        None => Recorded::default(),
    };
    // The second plan of a replacement has no prior state, but what the first has left.
    let fate = match &prior {
        Some(_) => Standing::Stays,
        None if plan.private(OBSERVED).is_some() => Standing::Replaced,
        None => Standing::Unseen,
    };
    let snapshot = plan
        .private(OBSERVED)
        .and_then(|seen| serde_json::from_value::<Snapshot>(seen).ok());
    let engine = Engine::new(recorded.clone())
        .with_snapshot(snapshot.unwrap_or_default())
        .with_cancellation(cx.cancelled().clone());
    let graph = InvocationGraph::new(&aws, &owner, F::COMPOSITE, Some(&desired), WalkOptions::default());
    let planned = match engine.plan(&graph).await {
        Ok(planned) => planned,
        Err(error) => return Err(report.engine_error(Operation::Plan, &error, &[]).into()),
    };
    report.warn(cx, engine.warnings());
    if F::COMPOSITE == Composite::Path
        && let Some(prior) = &prior
        && let changed = fixed_inputs(&config, prior)
        && !changed.is_empty()
        && planned.steps.iter().any(moves_path)
    {
        let anew = Model {
            id: Attr::Null,
            ..config.clone()
        };
        let asked = Replacement {
            aws: &aws,
            composite: F::COMPOSITE,
            owner: &F::COMPOSITE.owner(&anew),
            config: &anew,
            prior,
            fixed: &changed,
        };
        checks::refuse_replacement(cx, &asked).await?;
        for path in changed {
            plan.require_replace(path);
        }
        plan.set(F::from_model(present(&config, &all_later(F::COMPOSITE, None))));
        return Ok(());
    }
    let checks = Checks {
        aws: &aws,
        owner: &owner,
        desired: &desired,
        found: &found,
        recorded: &recorded,
        snapshot: &engine.snapshot(),
        steps: &planned.steps,
        standing: fate,
    };
    let handed = handover::planned(&recorded, Some(&desired));
    aws.handovers.plan(&owner.words(), handed);
    if prior.is_some() {
        aws.leaving.free(config.name());
    } else if F::COMPOSITE == Composite::Invocation && config.name.is_known() {
        match aws.planned.claim(config.name()) {
            Some(claim) => claim.keep(),
            None => cx.warn(report.planned_twice()),
        }
    }
    checks.warn(cx).await;
    warn_of_what_is_left(cx, &report, prior.as_ref(), &planned.steps, &engine.pending());
    if let Some((_, reason)) = graph.taken_over(&planned.output) {
        let detail = format!(
            "Of its resource configuration, {reason}. An apply that changes anything stops before it touches the connection."
        );
        let title = format!("Another resource holds what belongs to {}", report.subject());
        cx.warn(Diagnostic::warning(title, detail));
    }
    warn_of_what_stays(cx, &config, prior.as_ref(), &found.located);
    warn_of_what_is_left_alone(cx, &report, &left_alone.unwrap_or_default());
    if let Some((id, rule, holder)) =
        standing::unnoted_rule(&graph.ingress, &planned.recorded, &engine.snapshot())
    {
        let detail = format!(
            "The rule {id} of {}, by which the endpoint lets in the resource gateway, was made for {holder}, and does not say \
             that it is used here. When {holder} is destroyed it goes, and calls of {} time out until the next apply. The next \
             apply that changes anything of this resource notes it, where ec2:CreateTags is allowed.",
            rule.group_id,
            report.subject()
        );
        let title = format!("The way in of {} is another one's rule", report.subject());
        cx.warn(
            Diagnostic::warning(title, detail).at(path!("network", "endpoint_ingress_security_group_id")),
        );
    }

    let model = model::<F>(&config, whole.as_ref(), &desired, place, &recorded, &planned);
    plan.set(model);
    // The apply checks what the plan saw, also where private data were lost before that.
    if plan.private(OBSERVED).is_none()
        && let Ok(seen) = serde_json::to_value(engine.snapshot())
    {
        plan.set_private(OBSERVED, seen);
    }
    steps::keep(plan, &config, &planned.steps)
}

/// An import has recorded what nobody has told that it is this resource's.
fn warn_of_what_is_left_alone(cx: &Cx<Client>, report: &Report<'_>, left_alone: &BTreeMap<String, String>) {
    if left_alone.is_empty() {
        return;
    }
    let lines: Vec<_> = left_alone
        .iter()
        .map(|(name, arn)| format!("  {name} ({arn})"))
        .collect();
    let detail = format!(
        "An import has found them on the connection, nothing says who made them, and api_destinations does not name them:\n{}\n\n\
         The apply drops them from the state and leaves them alone. To manage them here, name them in api_destinations. To be rid \
         of them, remove them by hand: while they call through the connection, a destroy is refused.",
        lines.join("\n")
    );
    let title = format!("API destinations of {} are left alone", report.subject());
    cx.warn(Diagnostic::warning(title, detail).at(path!("api_destinations")));
}

/// The schema counts the tags of the resource alone.
fn refuse_too_many_tags(config: &Model) -> Result<(), Diagnostic> {
    let all = config.tags_all.known().map_or(0, BTreeMap::len);
    if all <= MOST_TAGS {
        return Ok(());
    }
    let detail = format!(
        "tags and the provider's default_tags are {all} together, and may be {MOST_TAGS}: AWS takes 50, of which the provider \
         needs two. Remove {} of them.",
        all - MOST_TAGS
    );
    Err(Diagnostic::error("Too many tags", detail).at(path!("tags")))
}

/// Tells the other plans of this process that what is recorded here goes.
fn give_up(composite: Composite, aws: &Aws, prior: &Model) {
    let given = handover::planned(&prior.recorded(), None);
    aws.handovers.plan(&composite.owner(prior).words(), given);
    if composite == Composite::Invocation {
        aws.leaving.hold(prior.name());
    }
}

/// The planned model.
fn model<F: ResourceModel>(
    config: &Model,
    prior: Option<&Model>,
    desired: &Desired,
    place: Option<Place>,
    recorded: &Recorded,
    planned: &reconcile::Plan<Objects>,
) -> F {
    let (objects, steps) = (planned.output.clone(), &planned.steps);
    // An apply that was interrupted, or left what others use, answers with work left: no promise there.
    let may_leave_work = prior.is_none()
        || steps
            .iter()
            .any(|step| matches!(step, Step::Replace(..) | Step::Delete(..)));
    let none_left = if may_leave_work {
        Attr::Unknown
    } else {
        Attr::Known(Vec::new())
    };
    let destinations_change = steps.iter().map(Step::slot);
    let destinations_change = destinations_change.filter(|slot| slot.kind() == API_DESTINATION.key);
    let mut facts = Facts {
        id: id(F::COMPOSITE, prior),
        place,
        vpc_id: desired.path.vpc_id.clone(),
        domain_name: desired.path.domain_name.clone(),
        subnet_ids: desired.path.subnet_ids.clone(),
        recorded: kept(recorded, planned),
        connection_changes: connection_changes(desired, &objects, steps),
        destinations_change: destinations_change
            .filter_map(|slot| slot.instance().map(str::to_owned))
            .collect(),
        objects,
        pending: none_left.clone(),
        retired: none_left,
        borrowed: borrowed(prior, recorded, planned),
    };
    let differs =
        |facts: &Facts| prior.is_some_and(|prior| F::from_model(present(config, facts)).to_model() != *prior);
    // An apply, whatever it is for, waits for a connection that is on its way, and answers with the state that it
    // comes to.
    let on_its_way = matches!(&facts.objects.connection, Fact::Known(seen) if seen.is_on_its_way());
    if on_its_way && differs(&facts) {
        facts.connection_changes = true;
    }
    // Whoever made what is borrowed may hand it over in the same apply, and an apply confirms what an import has found.
    let borrows = !recorded.borrowed.is_empty() || prior.is_some_and(unconfirmed::any);
    if borrows && differs(&facts) {
        facts.borrowed = Attr::Unknown;
    }
    // A connection that is taken for ready without being ACTIVE is work left.
    if facts.connection_changes && config.wait_for_ready != Attr::Known(false) {
        facts.pending = Attr::Unknown;
    }
    F::from_model(present(config, &facts))
}

/// Whether AWS will say something else of the connection than before.
fn connection_changes(desired: &Desired, objects: &Objects, steps: &[Step]) -> bool {
    let described = || match &objects.connection {
        Fact::Known(seen) => desired
            .connection(&objects.configuration)
            .changes_description_alone(seen),
        Fact::Later | Fact::Absent => false,
    };
    let mut of_connection = steps.iter().filter(|step| *step.slot() == CONNECTION_SLOT);
    of_connection.any(|step| !(matches!(step, Step::Update(..)) && described()))
}

/// What is borrowed: it changes with the rule that lets the gateway in, and is recorded by the first read of a state that
/// an older version wrote. To give it back takes no step.
fn borrowed(
    prior: Option<&Model>,
    recorded: &Recorded,
    planned: &reconcile::Plan<Objects>,
) -> Attr<Vec<String>> {
    match prior {
        Some(_) if planned.steps.iter().any(|step| *step.slot() == INGRESS_SLOT) => Attr::Unknown,
        Some(prior) if planned.recorded.borrowed == recorded.borrowed => prior.borrowed.clone(),
        Some(_) => Attr::Known(borrowed_ids(&planned.recorded)),
        None => Attr::Unknown,
    }
}

/// A path's id has a part that its create chooses; an invocation's is its name.
pub fn id(composite: Composite, prior: Option<&Model>) -> Fact<String> {
    match (composite, prior.map(|prior| &prior.id)) {
        (Composite::Invocation, _) => Fact::Absent,
        (Composite::Path, Some(Attr::Known(id))) => Fact::Known(id.clone()),
        (Composite::Path, _) => Fact::Later,
    }
}

fn replace<F: ResourceModel>(plan: &mut Plan<F>, config: &Model, aws: &Aws) {
    let mut model = present(config, &all_later(F::COMPOSITE, None));
    model.region = Attr::Known(aws.region().to_owned());
    plan.set(F::from_model(model));
    plan.require_replace(path!("region"));
}

/// Whether a step builds a gateway or a configuration in another's place.
fn moves_path(step: &Step) -> bool {
    let slot = step.slot();
    matches!(step, Step::Replace(..)) && (*slot == GATEWAY_SLOT || *slot == CONFIGURATION_SLOT)
}

/// The inputs that AWS can change of no gateway and no configuration, as far as they differ.
fn fixed_inputs(config: &Model, prior: &Model) -> Vec<Path> {
    let mut changed = Vec::new();
    let mut compare = |same: bool, path: Path| changed.extend((!same).then_some(path));
    compare(
        config.vpc_endpoint_id == prior.vpc_endpoint_id,
        path!("vpc_endpoint_id"),
    );
    compare(
        config.https_endpoint == prior.https_endpoint,
        path!("https_endpoint"),
    );
    let subnets = |model: &Model| model.network(|network| &network.subnet_ids);
    let addresses = |model: &Model| model.network(|network| &network.ipv4_addresses_per_eni);
    let address_type = |model: &Model| model.network(|network| &network.ip_address_type);
    let gateway = |model: &Model| model.network(|network| &network.resource_gateway_id);
    compare(subnets(config) == subnets(prior), path!("network", "subnet_ids"));
    compare(
        addresses(config) == addresses(prior),
        path!("network", "ipv4_addresses_per_eni"),
    );
    compare(
        address_type(config) == address_type(prior),
        path!("network", "ip_address_type"),
    );
    compare(
        gateway(config) == gateway(prior),
        path!("network", "resource_gateway_id"),
    );
    changed
}

/// The record without what is given back, and without what a step will put another object in place of.
fn kept(recorded: &Recorded, planned: &reconcile::Plan<Objects>) -> Recorded {
    let mut kept = recorded.clone();
    kept.current.retain(|slot, id| {
        let mut steps = planned.steps.iter();
        planned.recorded.get(slot) == Some(id)
            && !steps.any(|step| step.slot() == slot && !matches!(step, Step::Update(..)))
    });
    kept
}

/// Everything unknown: nothing can be looked up.
fn all_later(composite: Composite, prior: Option<&Model>) -> Facts {
    Facts {
        id: id(composite, prior),
        vpc_id: Fact::Later,
        domain_name: Fact::Later,
        subnet_ids: Fact::Later,
        objects: Objects::later(),
        pending: Attr::Unknown,
        retired: Attr::Unknown,
        borrowed: Attr::Unknown,
        ..Facts::default()
    }
}

/// Account, Region and partition: from the state where it has them, else asked.
pub async fn place(
    aws: &Aws,
    prior: Option<&Model>,
    report: &Report<'_>,
    operation: Operation,
) -> Result<Option<Place>, Diagnostic> {
    if let Some(place) = prior.and_then(recorded_place) {
        return Ok(Some(place));
    }
    match Place::of(aws).await {
        Ok(place) => Ok(Some(place)),
        Err(error) => Err(report.aws_error(operation, &error)),
    }
}

/// Account, Region and partition as far as the state has them.
pub fn recorded_place(prior: &Model) -> Option<Place> {
    let arns = [
        &prior.connection_arn_for_policy,
        &prior.resource_configuration_arn,
    ];
    arns.into_iter()
        .find_map(Attr::known)
        .and_then(|arn| Place::of_arn(arn))
}

/// What was changed outside of Terraform or left by an apply, as far as this plan, in the words of `foreseen`, comes to it:
/// `pending` shows it as lines that go, which reads as if something were taken away.
fn warn_of_what_is_left(
    cx: &Cx<Client>,
    report: &Report<'_>,
    prior: Option<&Model>,
    steps: &[Step],
    foreseen: &[String],
) {
    let Some(prior) = prior else { return };
    let left = prior.pending.known().into_iter().flatten();
    let left: Vec<_> = left
        .filter(|words| is_foreseen(words, foreseen))
        .map(|words| format!("  {words}"))
        .collect();
    if !left.is_empty() {
        let targeted = left
            .iter()
            .any(|words| words.starts_with(&format!("  remove {}", API_DESTINATION.name)));
        let unless = if targeted {
            " An API destination stays, though, for as long as a rule targets it."
        } else {
            ""
        };
        let detail = format!(
            "It was changed outside of Terraform, or an earlier apply has left it:\n{}\n\nThe apply does this.{unless}",
            left.join("\n")
        );
        cx.warn(Diagnostic::warning(
            format!("Something is left to be done for {}", report.subject()),
            detail,
        ));
    }
    let other = steps.iter().find_map(|step| match step {
        Step::Create(slot) if *slot == CONNECTION_SLOT => Some("one will be made".to_owned()),
        Step::Adopt(slot, id) if *slot == CONNECTION_SLOT => Some(format!("{id} is taken over in its place")),
        _ => None,
    });
    if let (Some(other), Attr::Known(arn)) = (other, &prior.connection_arn_for_policy) {
        let detail = format!(
            "The connection {arn} of this resource is not there, and {other}. Where it has been there before, its ARN ends in \
             another random part now: state machines, rules and policies that name the former one in full need the new one."
        );
        cx.warn(Diagnostic::warning("The connection's ARN will change", detail).at(path!("name")));
    }
}

/// Whether a plan comes to what an earlier one had left: a step on the same object, for whatever reasons. What the
/// configuration has overtaken it does not do. Any apply ends a wait.
fn is_foreseen(left: &str, foreseen: &[String]) -> bool {
    let step = |words: &str| words.split_once(": ").map_or(words, |(step, _)| step).to_owned();
    let is_step = ["create ", "adopt ", "update ", "replace ", "remove "]
        .iter()
        .any(|verb| left.starts_with(verb));
    !is_step || foreseen.iter().any(|words| step(words) == step(left))
}

/// What the configuration no longer says, and stays all the same.
fn warn_of_what_stays(cx: &Cx<Client>, config: &Model, prior: Option<&Model>, located: &Located) {
    let Some(prior) = prior else { return };
    if let (Attr::Null, Attr::Known(key)) = (&config.kms_key_identifier, &prior.kms_key_identifier) {
        let detail = format!(
            "EventBridge has no way to take a key off a connection: {key} stays in use, and must not be deleted. To stop \
             using it, set kms_key_identifier to another key."
        );
        cx.warn(Diagnostic::warning("The KMS key stays in use", detail).at(path!("kms_key_identifier")));
    }
    let followed = config.network(|network| &network.subnet_ids).is_null()
        && config.network(|network| &network.resource_gateway_id).is_null()
        && prior.vpc_endpoint_id == config.vpc_endpoint_id;
    if let (true, Lookup::Seen(endpoint), Attr::Known(subnets)) =
        (followed, &located.endpoint, &prior.subnet_ids)
        && prior.network(|network| &network.subnet_ids).is_null()
        && endpoint.subnet_ids != *subnets
    {
        let list = |ids: &BTreeSet<String>| ids.iter().cloned().collect::<Vec<_>>().join(", ");
        let detail = format!(
            "The VPC endpoint is now in {}, the resource gateway stays in {}. To have it follow, set network.subnet_ids: \
             a new gateway is built beside the old one.",
            list(&endpoint.subnet_ids),
            list(subnets)
        );
        cx.warn(Diagnostic::warning("The endpoint's subnets have changed", detail).at(path!("network")));
    }
}
