//! A replacement whose new side cannot be made: core destroys what stands first, and learns of it then.

use terraform_plugin::{Diagnostic, Diagnostics};

use super::finding::Finding;
use crate::cli;
use crate::client::Aws;
use crate::component::naming::Owner;
use crate::invocation::located::{Trouble, locate};
use crate::invocation::model::Model;

/// Refuses to plan that an object which stands is replaced, because of another name or Region, by one that points at
/// what does not exist.
///
/// This is the one error of a plan that says anything of what may be different tomorrow. It locks nothing: where neither
/// the name nor the Region was changed it is not asked, so that a plan before `destroy` passes; and a tainted resource,
/// or one with `-replace`, is planned without a prior state, and does not come here.
///
/// # Errors
/// What is missing, at the attribute that names it.
pub async fn refuse_replacement(
    aws: &Aws,
    owner: &Owner,
    config: &Model,
    prior: &Model,
) -> Result<(), Diagnostics> {
    let mut wrong = Diagnostics::new();
    // The plan of the new object, which follows, tells what a look that fails is about.
    let Ok(found) = locate(aws, owner, config, None).await else {
        return Ok(());
    };
    for trouble in found.troubles.iter().filter(|trouble| trouble.is_final()) {
        wrong.push(refused(trouble, aws, prior));
    }
    wrong.into_outcome()
}

fn refused(trouble: &Trouble, aws: &Aws, prior: &Model) -> Diagnostic {
    let what_changed = match prior.region.known() {
        Some(region) if region != aws.region() => format!(
            "It stands in {region}, and this is a plan for {new}: to keep it there, set region = \"{region}\" in the resource \
             or in the provider block, or AWS_REGION. To have it in {new}, give what it points at there.",
            new = aws.region()
        ),
        _ => format!(
            "It is named {}, and another name replaces it: give the new one what it points at, or keep the name.",
            prior.name()
        ),
    };
    Finding::of_trouble(trouble, true).refusal(&format!(
        "The replacement that this plan asks for cannot be made, and what stands would be destroyed before that shows. \
         {what_changed} To destroy it, change that back first, or run `{cli} destroy -refresh=false`.",
        cli = cli::command()
    ))
}
