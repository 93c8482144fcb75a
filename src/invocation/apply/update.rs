//! An update: everything in place, and back where a new path fails.

use reconcile::{Error, Snapshot};
use terraform_plugin::{Cx, Outcome, Plan, State};
use tokio::time::Instant;

use super::{Recorder, Run, accepted, back, handover, pending_after};
use crate::client::Client;
use crate::invocation::checks::{Checks, Standing};
use crate::invocation::desired::desired;
use crate::invocation::located::locate;
use crate::invocation::model::{Composite, Model, ResourceModel};
use crate::invocation::plan::{id, place};
use crate::invocation::report::{OBSERVED, Operation, Report};
use crate::invocation::standing::{recorded, refuse_another_account, refuse_taken_name};
use crate::invocation::steps::announced;
use crate::invocation::timeouts::{Verb, timeout};
use crate::invocation::unconfirmed;

pub async fn update<F: ResourceModel>(cx: &Cx<Client>, plan: &Plan<F>, state: &State<F>) -> Outcome {
    let (config, Some(prior)) = (Model::intended(plan), state.prior().map(ResourceModel::to_model)) else {
        return Ok(());
    };
    let (prior, _) = unconfirmed::without(prior, &config.api_destinations);
    let config = config.with_record_of(&prior);
    let aws = cx.client().aws(&prior.region);
    let config = match &aws {
        Some(aws) => config.with_all_tags(&aws.tags),
        None => config,
    };
    let report = Report::new(F::COMPOSITE, &config);
    let Some(aws) = aws else {
        return Err(report.not_yet_known(Operation::Update).into());
    };
    let aws = aws.as_ref();
    refuse_another_account(aws, &report, Operation::Update, &prior).await?;
    let owner = F::COMPOSITE.owner(&config);
    let failed = |error| report.component_error(Operation::Update, &error);
    let standing = recorded(aws, &owner, &prior).await.map_err(failed)?;
    refuse_taken_name(aws, F::COMPOSITE, &report, &config, &standing).await?;
    let steps = announced(plan);
    let found = locate(aws, &owner, &config, Some(&prior)).await.map_err(failed)?;
    let wanted = desired(F::COMPOSITE, &config, Some(&prior), &found.located);
    let observed = plan.private(OBSERVED);
    let observed = observed.and_then(|seen| serde_json::from_value::<Snapshot>(seen).ok());
    let checks = Checks {
        aws,
        owner: &owner,
        desired: &wanted,
        found: &found,
        recorded: &standing,
        snapshot: &observed.unwrap_or_default(),
        steps: &steps,
        standing: Standing::Stays,
    };
    let _reserved = checks.refuse(cx).await?;
    let place = place(aws, Some(&prior), &report, Operation::Update).await?;
    let secrets = config.secrets(Some(&prior));
    let recorder = Recorder {
        state: state.clone(),
        id: id(F::COMPOSITE, Some(&prior)),
        place,
    };
    let run = Run::new(cx, aws, report, &owner, recorder, &config, &secrets);
    let _handover = handover(aws, &standing, Some(&wanted));
    let deadline = Instant::now() + timeout(&config, Verb::Update);
    let engine = run.engine(standing.clone(), &prior, &prior, deadline);
    let graph = run.graph(Some(&wanted));
    let outcome = engine.run(&graph, Some(&steps)).await;
    run.report.warn(cx, engine.warnings());
    run.warn_of_strays(&graph);

    if matches!(outcome, Err(Error::ChangedSincePlan { .. })) {
        // Nothing was changed: the state stays as it was, and the next read tells what is different.
        return outcome
            .map(drop)
            .map_err(|error| run.report.engine_error(Operation::Update, &error, &[]).into());
    }
    let error = match outcome {
        Ok(_) => {
            run.sign_off(&graph, &engine).await;
            run.note_borrowed_rule(&graph, &engine).await;
            let pending = pending_after(&engine, None);
            let told = wanted.told(&prior);
            // What the user has told core to ignore is not named by the configuration, which is as it is written.
            let named = plan.config().to_model().api_destinations;
            let inputs = Model {
                borrowed: unconfirmed::left(&prior, &named),
                ..config.clone()
            };
            return run
                .recorder
                .record(&inputs, &told, &engine.recorded(), &engine.snapshot(), pending);
        }
        Err(error) => error,
    };
    if F::COMPOSITE == Composite::Invocation && back::is_called_for(&error, &engine, &config, &prior) {
        return back::point_back(&run, &engine, &config, &prior, deadline, &error).await;
    }
    run.sign_off(&graph, &engine).await;
    let inputs = accepted::inputs(&config, &prior, &engine);
    run.record_failure(&engine, &inputs, &error).await?;
    Err(run
        .error(Operation::Update, &error, &engine.recorded(), Some(&wanted.path))
        .await
        .into())
}
