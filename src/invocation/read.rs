//! Reads: what AWS holds, what of it is left to be done, and what of the inputs it contradicts.

use reconcile::{Engine, Fact, Recorded};
use terraform_plugin::{Attr, Cx, Diagnostic, Outcome, State};
use tokio::time::Instant;

use super::desired::{Located, desired};
use super::graph::{InvocationGraph, Objects};
use super::model::{ApiKey, Authorization, Basic, Model, NoAuthorization};
use super::plan::{place, still_recorded};
use super::present::{Facts, present, retired_ids};
use super::report::{self, Doing, OBSERVED};
use super::timeouts::{Verb, timeout};
use crate::aws::Aws;
use crate::component::{ComponentError, SeenAuthorization, SeenConnection};
use crate::endpoint::{self, Problem};
use crate::provider::Client;

pub async fn read(cx: &Cx<Client>, state: &State<Model>) -> Outcome {
    let Some(prior) = state.prior() else { return Ok(()) };
    let Client::Ready(aws) = cx.client() else {
        return Ok(());
    };
    let name = prior.name();
    let engine = Engine::new(prior.recorded())
        .with_cancellation(cx.cancelled().clone())
        .with_deadline(Instant::now() + timeout(prior, Verb::Read));
    let located = locate(aws, prior).await?;

    // Twice over the same observations: once to see, once to tell what is left when the inputs are what AWS
    // holds.
    let seen = look(&engine, aws, prior, &located).await?;
    if engine.recorded() == Recorded::default() {
        state.remove();
        return Ok(());
    }
    let inputs = inputs(prior, seen.connection);
    look(&engine, aws, &inputs, &located).await?;
    for warning in engine.warnings() {
        cx.warn(Diagnostic::warning(
            format!("Private API invocation {name}"),
            warning,
        ));
    }

    let recorded = engine.recorded();
    let snapshot = engine.snapshot();
    let wanted = desired(&inputs, Some(prior), &located);
    let mut facts = Facts::standing(
        place(aws, prior, Some(prior)).await?,
        &wanted,
        &recorded,
        &snapshot,
    );
    if let Fact::Known(gateway) = &facts.objects.gateway {
        facts.vpc_id = Fact::Known(gateway.vpc_id.clone());
        facts.subnet_ids = Fact::Known(gateway.subnet_ids.clone());
    }
    if let Fact::Known(configuration) = &facts.objects.configuration
        && let Some(domain_name) = &configuration.domain_name
    {
        facts.domain_name = Fact::Known(domain_name.clone());
    }
    facts.pending = Attr::Known(engine.pending());
    facts.retired = Attr::Known(retired_ids(&recorded));
    state.set(&known(present(&inputs, &facts), prior))?;
    state.set_private(OBSERVED, serde_json::to_value(&snapshot).unwrap_or_default());
    Ok(())
}

async fn look(
    engine: &Engine<ComponentError>,
    aws: &Aws,
    inputs: &Model,
    located: &Located,
) -> Result<Objects, Diagnostic> {
    let graph = InvocationGraph::new(aws, inputs.name(), Some(desired(inputs, Some(inputs), located)));
    match engine.plan(&graph).await {
        Ok(_) => Ok(Objects::of(&engine.recorded(), &engine.snapshot())),
        Err(error) => Err(report::engine_error(Doing::Reading, inputs.name(), &error, &[])),
    }
}

/// A read never fails because the endpoint is gone: then what the state says of it stands.
async fn locate(aws: &Aws, prior: &Model) -> Result<Located, Diagnostic> {
    let Attr::Known(id) = &prior.vpc_endpoint_id else {
        return Ok(Located::Recorded);
    };
    match endpoint::resolve(aws, id).await {
        Ok((endpoint, _)) => Ok(Located::Here(endpoint)),
        Err(Problem::Aws(error)) => Err(report::aws_error(Doing::Reading, prior.name(), &error)),
        Err(_) => Ok(still_recorded(prior, Some(prior))),
    }
}

/// The inputs as AWS holds them: the prior ones while they are equivalent, else what AWS shows.
fn inputs(prior: &Model, connection: Fact<SeenConnection>) -> Model {
    let mut inputs = prior.clone();
    let Fact::Known(connection) = connection else {
        return inputs;
    };
    if inputs.description.known() != connection.description.as_ref() {
        inputs.description = connection.description.clone().into();
    }
    let prior = inputs.authorization.known().cloned().unwrap_or_default();
    if let Some(authorization) = shown(&connection.authorization, &prior) {
        inputs.authorization = Attr::Known(authorization);
    }
    inputs
}

/// The authorization that AWS shows, with the secret that the state has for it; `None` where AWS shows
/// nothing that this provider makes, which `pending` then tells.
pub fn shown(seen: &SeenAuthorization, prior: &Authorization) -> Option<Authorization> {
    Some(match seen {
        SeenAuthorization::ApiKey { name } => {
            let prior = prior.api_key.known().cloned().unwrap_or_default();
            let api_key = Attr::Known(ApiKey {
                name: Attr::Known(name.clone()),
                ..prior
            });
            Authorization {
                api_key,
                ..Authorization::default()
            }
        }
        SeenAuthorization::Basic { username } => {
            let prior = prior.basic.known().cloned().unwrap_or_default();
            let basic = Attr::Known(Basic {
                username: Attr::Known(username.clone()),
                ..prior
            });
            Authorization {
                basic,
                ..Authorization::default()
            }
        }
        SeenAuthorization::None => Authorization {
            none: Attr::Known(NoAuthorization {}),
            ..Authorization::default()
        },
        SeenAuthorization::Other(_) => return None,
    })
}

/// A state has no unknowns: what could not be found out stays as it was.
fn known(model: Model, prior: &Model) -> Model {
    let keep = |new: Attr<String>, old: &Attr<String>| if new.is_unknown() { old.clone() } else { new };
    Model {
        vpc_id: keep(model.vpc_id, &prior.vpc_id),
        domain_name: keep(model.domain_name, &prior.domain_name),
        subnet_ids: if model.subnet_ids.is_unknown() {
            prior.subnet_ids.clone()
        } else {
            model.subnet_ids
        },
        ..model
    }
}
