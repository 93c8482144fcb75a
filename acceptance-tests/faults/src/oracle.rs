//! What must hold after a fault and what came next, whatever the cell.

use std::collections::BTreeMap;
use std::fs;

use cli_harness::Ended;

use crate::aws::Aws;
use crate::run::{Stage, connection_arn};

/// What a run without a fault leaves.
#[derive(Clone, Debug)]
pub struct Clean {
    /// How many objects of each type.
    pub made: BTreeMap<String, usize>,
}

fn holds(holds: bool, wrong: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(wrong()) }
}

/// AWS is as the configuration wants it, and the state tells so.
pub fn is_as_wanted(stage: &Stage, clean: &Clean) -> Result<(), String> {
    let Stage {
        aws,
        workspace,
        verb,
        arn,
    } = stage;
    let made = aws.made();
    holds(made == clean.made, || {
        format!(
            "there are {made:?} instead of {:?}:\n{}",
            clean.made,
            aws.listed()
        )
    })?;
    foreign_stands(aws)?;
    let marked = aws.marked();
    holds(marked.is_empty(), || {
        format!("these still bear the mark of a create: {marked:?}")
    })?;
    state_is_true(stage)?;
    let plan = workspace.try_plan();
    holds(plan.code == Some(0), || {
        format!("the next plan is not empty:\n{}", plan.text)
    })?;
    if let Some(now) = connection_arn(workspace, *verb) {
        // A connection that a destroy had removed is made anew.
        let same = arn.as_ref().is_none_or(|was| *was == now || verb.destroys());
        holds(same, || format!("the connection's ARN was {arn:?} and is {now}"))?;
        aws.call_api(&now)
            .map_err(|wrong| format!("a call through the connection fails: {wrong}"))?;
    }
    Ok(())
}

/// The state is what a refresh of it would be.
pub fn state_is_true(stage: &Stage) -> Result<(), String> {
    let refreshed = stage
        .workspace
        .run(&["plan", "-refresh-only", "-input=false", "-no-color"]);
    // With -detailed-exitcode Terraform 1.11 ends with 2 here even where it finds no difference.
    let same = refreshed.code == Some(0) && refreshed.text.contains("No changes.");
    holds(same, || {
        format!("the state is not what a refresh shows:\n{}", refreshed.text)
    })
}

/// Nothing stands but what is not ours.
pub fn has_nothing(aws: &Aws) -> Result<(), String> {
    let made = aws.made();
    holds(made.is_empty(), || {
        format!("{made:?} are left:\n{}", aws.listed())
    })?;
    foreign_stands(aws)
}

fn foreign_stands(aws: &Aws) -> Result<(), String> {
    let changed = aws.changed_foreign();
    holds(changed.is_empty(), || {
        format!("what is not ours was touched: {changed:#?}")
    })
}

/// The secret is in no output and in no state.
pub fn hides_secret(stage: &Stage, ended: &Ended) -> Result<(), String> {
    let secret = &stage.aws.seed().api_key;
    holds(!ended.text.contains(secret.as_str()), || {
        "the output shows the secret".to_owned()
    })?;
    for file in ["terraform.tfstate", "terraform.tfstate.backup", "errored.tfstate"] {
        let text = fs::read_to_string(stage.workspace.path(file)).unwrap_or_default();
        holds(!text.contains(secret.as_str()), || {
            format!("{file} has the secret")
        })?;
    }
    Ok(())
}

/// Nothing that is told, by the CLI or by the framework, says that the provider has answered what it may not.
pub fn is_no_bug(ended: &Ended) -> Result<(), String> {
    // A CLI breaks lines where its window ends.
    let words = ended
        .text
        .split_whitespace()
        .filter(|word| *word != "│")
        .collect::<Vec<_>>()
        .join(" ");
    holds(!words.to_lowercase().contains("bug in the provider"), || {
        "it speaks of a bug in the provider".to_owned()
    })
}
