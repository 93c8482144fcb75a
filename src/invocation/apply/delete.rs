//! A delete: what is recorded goes, and nothing else.

use terraform_plugin::{Attr, Cx, Outcome, State};
use tokio::time::Instant;

use super::{Recorder, Run, handover, shared};
use crate::client::Client;
use crate::invocation::model::ResourceModel;
use crate::invocation::plan::{id, place};
use crate::invocation::report::{Operation, Report};
use crate::invocation::standing::{recorded, refuse_another_account};
use crate::invocation::timeouts::{Verb, timeout};
use crate::invocation::unconfirmed;

pub async fn delete<F: ResourceModel>(cx: &Cx<Client>, state: &State<F>) -> Outcome {
    let Some(prior) = state.prior().map(ResourceModel::to_model) else {
        return Ok(());
    };
    let (prior, imported) = unconfirmed::without(prior, &Attr::Null);
    let report = Report::new(F::COMPOSITE, &prior);
    let Some(aws) = cx.client().aws(&prior.region) else {
        return Err(report.not_yet_known(Operation::Delete).into());
    };
    let aws = aws.as_ref();
    refuse_another_account(aws, &report, Operation::Delete, &prior).await?;
    let owner = F::COMPOSITE.owner(&prior);
    let failed = |error| report.component_error(Operation::Delete, &error);
    let standing = recorded(aws, &owner, &prior).await.map_err(failed)?;
    shared::refuse_while_used(cx, aws, &owner, &report, &prior, &standing, &imported).await?;
    let place = place(aws, Some(&prior), &report, Operation::Delete).await?;
    let secrets = prior.secrets(None);
    let recorder = Recorder {
        state: state.clone(),
        id: id(F::COMPOSITE, Some(&prior)),
        place,
    };
    let run = Run::new(cx, aws, report, &owner, recorder, &prior, &secrets);
    let _handover = handover(aws, &standing, None);
    let deadline = Instant::now() + timeout(&prior, Verb::Delete);
    let engine = run.engine(standing, &prior, &prior, deadline);
    let graph = run.graph(None);
    let outcome = engine.run(&graph, None).await;
    run.report.warn(cx, engine.warnings());
    run.warn_of_strays(&graph);
    if let Err(error) = outcome {
        run.record_failure(&engine, &prior, &error).await?;
        let recorded = engine.recorded();
        return Err(run.error(Operation::Delete, &error, &recorded, None).await.into());
    }
    aws.names.free(prior.name());
    Ok(())
}
