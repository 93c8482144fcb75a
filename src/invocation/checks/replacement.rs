//! A replacement whose new side cannot be made: core destroys what stands first, and learns of it then.

use reconcile::{Engine, Recorded, Slot, Snapshot};
use terraform_plugin::{Cx, Diagnostic, Diagnostics, Path, path};

use super::finding::{Finding, Standing};
use super::{Checks, connections};
use crate::cli;
use crate::client::{Aws, Client};
use crate::component::API_DESTINATION;
use crate::component::naming::Owner;
use crate::invocation::desired::desired;
use crate::invocation::graph::{InvocationGraph, WalkOptions};
use crate::invocation::located::locate;
use crate::invocation::model::{Composite, Model};

/// A replacement that a plan itself asks for.
pub struct Replacement<'a> {
    pub aws: &'a Aws,
    pub composite: Composite,
    /// Whose the new objects are.
    pub owner: &'a Owner,
    /// What they are to be.
    pub config: &'a Model,
    /// What stands.
    pub prior: &'a Model,
    /// The inputs that AWS cannot change in place, as far as they differ; none for another name or Region.
    pub fixed: &'a [Path],
}

/// Refuses to plan that an object which stands is replaced, because of another name or Region or of what AWS cannot change in
/// place, by one whose create would be refused: for what it points at, for the network around that, or for a name that is taken.
///
/// This is the one error of a plan that says anything of what may be different tomorrow. It locks nothing: where nothing of
/// that was changed it is not asked, so that a plan before `destroy` passes; and a tainted resource, or one with
/// `-replace`, is planned without a prior state, and does not come here.
///
/// What may pass is a warning here, since core shows no warnings of the plan of the new object, which follows.
///
/// # Errors
/// Everything that stays wrong, at the attribute that names it.
pub async fn refuse_replacement(cx: &Cx<Client>, asked: &Replacement<'_>) -> Result<(), Diagnostics> {
    let why = why(asked);
    let (refused, told): (Vec<_>, Vec<_>) = findings(asked).await.into_iter().partition(Finding::is_final);
    let mut wrong: Diagnostics = refused.iter().map(|finding| finding.refusal(&why)).collect();
    for finding in told {
        cx.warn(finding.warning(Standing::Replaced));
    }
    if let Some(told) = destinations_that_stay(asked) {
        cx.warn(told);
    }
    let (aws, name) = (asked.aws, asked.owner.name());
    if asked.composite == Composite::Invocation
        && let Ok(Some(arn)) = connections::standing(aws, name).await
    {
        let taken = format!("The connection {arn} exists.");
        if aws.leaving.is_held(name) {
            let detail = format!(
                "{taken} Another resource of this plan gives the name up. If that is not done by the time, what stands is \
                 destroyed and the new one refused: to be sure, apply the other resource first (`-target`)."
            );
            cx.warn(Diagnostic::warning("The name is taken", detail).at(path!("name")));
        } else {
            let detail = format!(
                "{taken} If it is to be destroyed or renamed, apply that first. Else give this invocation another name.\n\n\
                 {why}"
            );
            wrong.push(Diagnostic::error("The name is taken", detail).at(path!("name")));
        }
    }
    wrong.into_outcome()
}

/// What is wrong for the create. Its own plan tells what a look that fails is about.
async fn findings(asked: &Replacement<'_>) -> Vec<Finding> {
    let &Replacement {
        aws,
        composite,
        owner,
        config,
        ..
    } = asked;
    let Ok(found) = locate(aws, owner, config, None).await else {
        return Vec::new();
    };
    let desired = desired(composite, config, None, &found.located);
    let graph = InvocationGraph::new(aws, owner, composite, Some(&desired), WalkOptions::default());
    let Ok(planned) = Engine::new(Recorded::default()).plan(&graph).await else {
        return Vec::new();
    };
    let checks = Checks {
        aws,
        owner,
        desired: &desired,
        found: &found,
        recorded: &Recorded::default(),
        snapshot: &Snapshot::default(),
        steps: &planned.steps,
        standing: Standing::Replaced,
    };
    checks.everything().await
}

/// What a rename means for the API destinations that keep their names. Whether core destroys or creates first no plan is told,
/// nor is the create told what it replaces.
fn destinations_that_stay(asked: &Replacement<'_>) -> Option<Diagnostic> {
    let recorded = asked.prior.recorded();
    let wanted = asked.config.api_destinations.known()?.keys();
    let stay: Vec<_> = wanted
        .filter(|name| {
            recorded
                .get(&Slot::named(API_DESTINATION, name.as_str()))
                .is_some()
        })
        .map(String::as_str)
        .collect();
    let same_region = asked
        .prior
        .region
        .known()
        .is_some_and(|region| region == asked.aws.region());
    (same_region && !stay.is_empty()).then(|| {
        let names = stay.join(", ");
        let detail = format!(
            "An API destination's name can exist only once, and this replacement keeps {names}. What stands is destroyed first, \
             with them, and they are made anew with other ARNs: a rule that targets one of them keeps what stands from being \
             destroyed until its target is removed, or force_destroy is applied.\n\n\
             With create_before_destroy the new invocation is made first, and fails when it comes to them, after all else: take \
             create_before_destroy away for this apply, or take {names} out of api_destinations for one apply."
        );
        Diagnostic::warning("API destinations are destroyed and made anew", detail).at(path!("api_destinations"))
    })
}

fn why(asked: &Replacement<'_>) -> String {
    let (aws, prior) = (asked.aws, asked.prior);
    let what_changed = match prior.region.known() {
        _ if !asked.fixed.is_empty() => {
            let fixed: Vec<_> = asked.fixed.iter().map(ToString::to_string).collect();
            format!(
                "AWS cannot change {} in place, and another value replaces it: mend this first, or keep the former value.",
                fixed.join(" and ")
            )
        }
        Some(region) if region != aws.region() => format!(
            "It stands in {region}, and this is a plan for {new}: to keep it there, set region = \"{region}\" in the resource \
             or in the provider block, or AWS_REGION. To have it in {new}, mend this there.",
            new = aws.region()
        ),
        _ => format!(
            "It is named {}, and another name replaces it: mend this first, or keep the name.",
            prior.name()
        ),
    };
    format!(
        "The replacement that this plan asks for cannot be made, and what stands would be destroyed before that shows. \
         {what_changed} To destroy it, change that back first, or run `{cli} destroy -refresh=false`.",
        cli = cli::command()
    )
}
