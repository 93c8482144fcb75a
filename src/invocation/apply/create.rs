//! A create: what killed creates of its name have left is taken over, all else is made.

use reconcile::{Error, Recorded, Snapshot};
use terraform_plugin::{Attr, Cx, Diagnostic, Outcome, Plan, State};
use tokio::time::Instant;

use super::{Recorder, Run, handover, pending_after, standing};
use crate::client::Client;
use crate::component::left_behind;
use crate::invocation::checks::{Checks, Standing};
use crate::invocation::desired::desired;
use crate::invocation::located::locate;
use crate::invocation::model::{Composite, Model, ResourceModel};
use crate::invocation::plan::{id, place};
use crate::invocation::report::{Operation, Report};
use crate::invocation::steps::announced;
use crate::invocation::timeouts::{Verb, timeout};

pub async fn create<F: ResourceModel>(cx: &Cx<Client>, plan: &Plan<F>, state: &State<F>) -> Outcome {
    let mut config = Model::intended(plan);
    let token = new_token();
    match F::COMPOSITE {
        Composite::Invocation => config.instance = Attr::Known(token),
        Composite::Path => config.id = Attr::Known(format!("{}/{token}", config.name())),
    }
    let aws = cx.client().aws(&config.region);
    let config = match &aws {
        Some(aws) => config.with_all_tags(&aws.tags),
        None => config,
    };
    let report = Report::new(F::COMPOSITE, &config);
    let Some(aws) = aws else {
        return Err(report.not_yet_known(Operation::Create).into());
    };
    let aws = aws.as_ref();
    let claim = match F::COMPOSITE {
        Composite::Invocation => match aws.names.claim(config.name()) {
            None => return Err(report.named_twice().into()),
            claim => claim,
        },
        // Each has a name of its own making.
        Composite::Path => None,
    };
    // A plan that follows is another one.
    aws.planned.free(config.name());
    let owner = F::COMPOSITE.owner(&config);
    let holder = owner.tag_value();
    // What this create makes is not left behind, whatever another create of this process finds.
    let _at_work = aws.holders.claim(&holder);
    let failed = |error| report.component_error(Operation::Create, &error);
    let left = left_behind(aws, &owner).await.map_err(failed)?;
    let owner = owner.with_left_behind(left);
    let found = locate(aws, &owner, &config, None).await.map_err(failed)?;
    let wanted = desired(F::COMPOSITE, &config, None, &found.located);
    let steps = announced(plan);
    let checks = Checks {
        aws,
        owner: &owner,
        desired: &wanted,
        found: &found,
        recorded: &Recorded::default(),
        snapshot: &Snapshot::default(),
        steps: &steps,
        standing: Standing::Unseen,
    };
    let _reserved = checks.refuse(cx).await?;
    let place = place(aws, Some(&plan.planned().to_model()), &report, Operation::Create).await?;
    let secrets = config.secrets(None);
    let recorder = Recorder {
        state: state.clone(),
        id: id(F::COMPOSITE, Some(&config)),
        place,
    };
    let run = Run::new(cx, aws, report, &owner, recorder, &config, &secrets);
    let _handover = handover(aws, &Recorded::default(), Some(&wanted));
    let deadline = Instant::now() + timeout(&config, Verb::Create);
    let told = wanted.told(&config);
    let engine = run.engine(Recorded::default(), &config, &told, deadline);
    let graph = run.graph(Some(&wanted));
    let outcome = match engine.run(&graph, Some(&steps)).await {
        Ok(_) => graph.reassure(&engine).await,
        Err(error) => Err(error),
    };
    run.report.warn(cx, engine.warnings());
    if outcome.is_err()
        // A graph of its own remembers no tags.
        && let Err(error) = run.graph(Some(&wanted)).give_over(aws, &engine).await
    {
        tracing::warn!(%error, "whether another create has taken anything over could not be looked at");
    }

    // Where nothing was done, nothing is recorded: a refused create has seen what belongs to a living invocation, and
    // Terraform would take a state of it for a failed create and destroy it.
    let recorded = if outcome.is_err() && engine.done().is_empty() {
        Recorded::default()
    } else {
        engine.recorded()
    };
    if outcome.is_err() && recorded.is_empty() {
        state.remove();
        return match outcome {
            Ok(()) => Ok(()),
            Err(error) => Err(run
                .error(Operation::Create, &error, &recorded, Some(&wanted.path))
                .await
                .into()),
        };
    }
    run.sign_off(&graph, &engine).await;
    if let Some(claim) = claim {
        claim.keep();
    }
    let error = match outcome {
        Ok(()) => {
            run.note_borrowed_rule(&graph, &engine).await;
            let pending = pending_after(&engine, None);
            return run
                .recorder
                .record(&config, &told, &engine.recorded(), &engine.snapshot(), pending);
        }
        Err(error) => error,
    };
    run.record_failure(&engine, &config, &error).await?;
    // An error would taint the resource; after an interrupt it can just go on.
    if matches!(error, Error::Interrupted) {
        cx.warn(Diagnostic::warning(
            format!("Interrupted: {} is not finished", run.report.subject()),
            format!(
                "What stands is recorded:\n{}\n\nApply again: it goes on from here.",
                standing(&recorded).join("\n")
            ),
        ));
        return Ok(());
    }
    Err(run
        .error(Operation::Create, &error, &recorded, Some(&wanted.path))
        .await
        .into())
}

/// What tells one holder of a name from the next, eight hexadecimal digits.
fn new_token() -> String {
    use std::hash::{BuildHasher as _, RandomState};
    format!("{:08x}", RandomState::new().hash_one(std::process::id()) >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invocation::model::Model;

    #[test]
    fn a_token_has_eight_hexadecimal_digits_and_is_another_one_each_time() {
        let (one, two) = (new_token(), new_token());
        assert_ne!(one, two);
        assert!(
            one.len() == 8 && one.bytes().all(|digit| digit.is_ascii_hexdigit()),
            "{one}"
        );
        let model = Model {
            name: Attr::Known("orders".into()),
            instance: Attr::Known(one.clone()),
            ..Model::default()
        };
        assert_eq!(
            Composite::Invocation.owner(&model).tag_value(),
            format!("orders/{one}")
        );
    }
}
