//! Plans: what the state and the configuration say, compared without asking AWS for anything that can change.
//!
//! What can change between a plan and its apply (the endpoint's state, whether the name is free) is a warning
//! here and an error at the start of the apply.

use reconcile::{Engine, Fact, Snapshot, Step};
use terraform_plugin::{Attr, Cx, Diagnostic, Outcome, Plan, path};

use super::desired::{Located, desired};
use super::graph::{CONNECTION_SLOT, InvocationGraph, Objects};
use super::model::Model;
use super::present::{Facts, Place, present};
use super::report::{self, Doing, OBSERVED, STEPS};
use crate::aws::Aws;
use crate::component::Connection;
use crate::endpoint::{self, Problem};
use crate::provider::Client;

pub async fn plan(cx: &Cx<Client>, plan: &mut Plan<Model>) -> Outcome {
    if plan.is_destroy() {
        return Ok(());
    }
    let config = plan.config().clone();
    let prior = plan.prior().cloned();
    let Client::Ready(aws) = cx.client() else {
        plan.set(present(&config, &all_later()));
        return Ok(());
    };
    if prior.as_ref().is_some_and(|prior| prior.name != config.name) {
        // A replacement: of this plan core takes no more than that. The one that counts comes without a prior state.
        plan.set(present(&config, &all_later()));
        return Ok(());
    }
    let name = config.name();
    let place = place(aws, &config, prior.as_ref()).await?;
    let located = locate(cx, aws, &config, prior.as_ref()).await?;
    let desired = desired(&config, prior.as_ref(), &located);
    let (vpc_id, domain_name, subnet_ids) = (
        desired.vpc_id.clone(),
        desired.domain_name.clone(),
        desired.subnet_ids.clone(),
    );

    let recorded = prior.as_ref().map(Model::recorded).unwrap_or_default();
    let snapshot = plan
        .private(OBSERVED)
        .and_then(|seen| serde_json::from_value::<Snapshot>(seen).ok());
    let engine = Engine::new(recorded.clone())
        .with_snapshot(snapshot.unwrap_or_default())
        .with_cancellation(cx.cancelled().clone());
    let graph = InvocationGraph::new(aws, name, Some(desired));
    let planned = match engine.plan(&graph).await {
        Ok(planned) => planned,
        Err(error) => return Err(report::engine_error(Doing::Planning, name, &error, &[]).into()),
    };
    for warning in engine.warnings() {
        cx.warn(Diagnostic::warning(
            format!("Private API invocation {name}"),
            warning,
        ));
    }
    if plan.is_create() && config.name.is_known() {
        warn_if_taken(cx, aws, name).await;
    }

    let steps = planned.steps;
    // An apply that was interrupted, or left what others use, answers with work left: no promise there.
    let may_leave_work = plan.is_create()
        || steps
            .iter()
            .any(|step| matches!(step, Step::Replace(..) | Step::Delete(..)));
    let none_left = if may_leave_work {
        Attr::Unknown
    } else {
        Attr::Known(Vec::new())
    };
    let mut facts = Facts {
        place,
        vpc_id,
        domain_name,
        subnet_ids,
        recorded: if plan.is_create() {
            Default::default()
        } else {
            kept(&recorded, &steps)
        },
        connection_changes: steps.iter().any(|step| *step.slot() == CONNECTION_SLOT),
        objects: planned.output,
        pending: none_left.clone(),
        retired: none_left,
    };
    let mut model = present(&config, &facts);
    // An apply, whatever it is for, waits for a connection that is on its way, and answers with the state that it
    // comes to.
    let on_its_way = matches!(&facts.objects.connection, Fact::Known(seen) if seen.is_on_its_way());
    if on_its_way && prior.as_ref().is_some_and(|prior| model != *prior) {
        facts.connection_changes = true;
        model = present(&config, &facts);
    }
    plan.set(model);
    match serde_json::to_value(&steps) {
        Ok(steps) => plan.set_private(STEPS, steps),
        Err(error) => {
            return Err(
                Diagnostic::error("Bug in the provider: steps without JSON", error.to_string()).into(),
            );
        }
    }
    Ok(())
}

/// The record without what a step will put another object in place of.
fn kept(recorded: &reconcile::Recorded, steps: &[Step]) -> reconcile::Recorded {
    let mut kept = recorded.clone();
    kept.current.retain(|slot, _| {
        !steps
            .iter()
            .any(|step| step.slot() == slot && !matches!(step, Step::Update(..)))
    });
    kept
}

/// Everything unknown: nothing can be looked up.
fn all_later() -> Facts {
    Facts {
        vpc_id: Fact::Later,
        domain_name: Fact::Later,
        subnet_ids: Fact::Later,
        objects: Objects {
            group: Fact::Later,
            gateway: Fact::Later,
            configuration: Fact::Later,
            connection: Fact::Later,
        },
        pending: Attr::Unknown,
        retired: Attr::Unknown,
        ..Facts::default()
    }
}

/// Account, Region and partition: from the state where it has them, else asked.
pub async fn place(aws: &Aws, config: &Model, prior: Option<&Model>) -> Result<Option<Place>, Diagnostic> {
    let recorded = prior.and_then(|prior| prior.connection_arn_for_policy.known());
    if let Some(place) = recorded.and_then(|arn| Place::of_arn(arn)) {
        return Ok(Some(place));
    }
    match Place::of(aws).await {
        Ok(place) => Ok(Some(place)),
        Err(error) => Err(report::aws_error(Doing::Planning, config.name(), &error)),
    }
}

async fn locate(
    cx: &Cx<Client>,
    aws: &Aws,
    config: &Model,
    prior: Option<&Model>,
) -> Result<Located, Diagnostic> {
    let Attr::Known(id) = &config.vpc_endpoint_id else {
        return Ok(Located::Later);
    };
    match endpoint::resolve(aws, id).await {
        Ok((endpoint, problem)) => {
            if let Some(problem) = problem {
                cx.warn(report::endpoint_problem(&problem, false));
            }
            Ok(Located::Here(endpoint))
        }
        // Without access to AWS there is no plan to be made; the summary of this one names the call.
        Err(problem @ Problem::Aws(_)) => Err(report::endpoint_problem(&problem, true)),
        Err(problem) => {
            cx.warn(report::endpoint_problem(&problem, false));
            Ok(still_recorded(config, prior))
        }
    }
}

/// What is known of an endpoint that cannot be looked up: what the state says, if it is the same one.
pub fn still_recorded(config: &Model, prior: Option<&Model>) -> Located {
    let same = prior
        .is_some_and(|prior| prior.vpc_endpoint_id == config.vpc_endpoint_id && prior.domain_name.is_known());
    if same { Located::Recorded } else { Located::Later }
}

/// A connection of that name exists. It may be one that is about to be destroyed (a tainted resource, a
/// replacement), so that an error here would lock the resource for good.
async fn warn_if_taken(cx: &Cx<Client>, aws: &Aws, name: &str) {
    let taken = match Connection::new(aws, name).describe().await {
        Ok(seen) => seen,
        Err(error) => {
            cx.warn(Diagnostic::warning(
                "Could not see whether the name is free",
                format!("{error}\n\nThe apply finds out before it changes anything."),
            ));
            return;
        }
    };
    if let Some(seen) = taken {
        let detail = format!(
            "The connection {} exists. The apply stops before it changes anything, unless that connection was destroyed \
             by then, or was left by an apply of this resource that was killed.",
            seen.arn
        );
        cx.warn(Diagnostic::warning("The name is taken", detail).at(path!("name")));
    }
}
