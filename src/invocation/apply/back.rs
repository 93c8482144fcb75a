//! Points the connection back where the new path fails: make-before-break is of use only when what was made first can
//! be left again.

use std::time::Duration;

use reconcile::{Engine, Error, Step};
use terraform_plugin::{Attr, Outcome};
use tokio::time::Instant;

use super::{Run, pending_after, standing};
use crate::component::ComponentError;
use crate::invocation::desired::{desired, http_secrets_changed, secret_changed};
use crate::invocation::graph::InvocationGraph;
use crate::invocation::located::{Located, Look, locate};
use crate::invocation::model::{Authorization, Face, HttpParameters, Model};
use crate::invocation::report::Doing;
use crate::invocation::slots::CONNECTION_SLOT;

/// The time that the way back has at least, when the update's own is over.
const LEAST: Duration = Duration::from_secs(5 * 60);

/// What is known when nothing is looked up: what the state says stands.
pub fn recorded() -> Located {
    Located {
        endpoint: Look::Recorded,
        vpc: Look::Recorded,
        ..Located::default()
    }
}

/// Whether `error` means that the new path does not work: the connection was pointed at it and has failed, or could
/// not be pointed at it at all.
pub fn is_called_for(
    error: &Error<ComponentError>,
    engine: &Engine<ComponentError>,
    config: &Model,
    prior: &Model,
) -> bool {
    let of_connection = matches!(
        error,
        Error::Failed { slot, .. } | Error::Component { slot, .. } if *slot == CONNECTION_SLOT
    );
    let moves = config.vpc_endpoint_id != prior.vpc_endpoint_id
        || config.https_endpoint != prior.https_endpoint
        || config.network != prior.network
        || config.shared_resource_configuration_arn != prior.shared_resource_configuration_arn;
    let built = engine.done().iter().any(|step| {
        matches!(step, Step::Create(_) | Step::Adopt(..) | Step::Replace(..))
            || matches!(step, Step::Update(slot, _) if *slot == CONNECTION_SLOT)
    });
    of_connection && moves && built
}

/// Brings everything back to what `prior` asks for, and tells of it.
pub async fn point_back<F: Face>(
    run: &Run<'_, F>,
    failed: &Engine<ComponentError>,
    config: &Model,
    prior: &Model,
    deadline: Instant,
    why: &Error<ComponentError>,
) -> Outcome {
    let sent = failed.done().iter().any(|step| *step.slot() == CONNECTION_SLOT);
    let (former, inputs) = former(config, prior, sent);
    let owner = F::COMPOSITE.owner(prior);
    let located = match locate(run.aws, &owner, prior, Some(prior)).await {
        Ok(found) => found.located,
        Err(_) => recorded(),
    };
    let wanted = desired(F::COMPOSITE, &former, Some(prior), &located);
    let engine = run.engine(failed.recorded(), &inputs, deadline.max(Instant::now() + LEAST));
    let graph = InvocationGraph::new(run.aws, &owner, F::COMPOSITE, Some(&wanted), run.manner);
    let outcome = engine.run(&graph, None).await;
    run.report.warn(run.cx, engine.warnings());
    let recorded = engine.recorded();
    let pending = pending_after(&engine, outcome.as_ref().err());
    run.recorder
        .record(&inputs, &recorded, &engine.snapshot(), pending)?;
    let aftermath = match outcome {
        Ok(_) => {
            "The connection was pointed back at the path that it had, and what was made for the new one was removed."
                .to_owned()
        }
        Err(again) => format!(
            "The connection could not be pointed back either: {again}\n\nWhat stands is recorded:\n  {}\n\nApply again: \
             it goes on from here.",
            standing(&recorded).join("\n  ")
        ),
    };
    Err(run
        .report
        .engine_error_then(Doing::Updating, why, &aftermath)
        .into())
}

/// What is asked for on the way back, and what is recorded of it: the prior inputs, with write-only values as the
/// configuration has them. A secret that was sent and whose predecessor nobody knows any more stays, and is recorded.
fn former(config: &Model, prior: &Model, sent: bool) -> (Model, Model) {
    let (mut former, mut inputs) = (prior.clone(), prior.clone());
    if sent
        && secret_changed(&config.authorization, &prior.authorization)
        && is_write_only(&prior.authorization)
    {
        former.authorization = config.authorization.clone();
        inputs.authorization = config.authorization.clone();
    } else {
        add_secrets(&mut former.authorization, &config.authorization);
    }
    let (new, old) = (
        &config.invocation_http_parameters,
        &prior.invocation_http_parameters,
    );
    if sent && http_secrets_changed(new, old) {
        former.invocation_http_parameters = new.clone();
        inputs.invocation_http_parameters = new.clone();
    } else {
        add_http_secrets(&mut former.invocation_http_parameters, new);
    }
    (former, inputs)
}

fn is_write_only(authorization: &Attr<Authorization>) -> bool {
    let Attr::Known(given) = authorization else {
        return false;
    };
    let versions = [
        given.api_key.known().map(|key| &key.value_wo_version),
        given.basic.known().map(|basic| &basic.password_wo_version),
        given
            .oauth_client_credentials
            .known()
            .map(|oauth| &oauth.client_secret_wo_version),
    ];
    versions.into_iter().flatten().any(Attr::is_known)
}

/// Adds the write-only values of `from` to the same places of `to`, which has none: it was recorded.
fn add_secrets(to: &mut Attr<Authorization>, from: &Attr<Authorization>) {
    let (Attr::Known(to), Attr::Known(from)) = (to, from) else {
        return;
    };
    if let (Attr::Known(to), Attr::Known(from)) = (&mut to.api_key, &from.api_key) {
        to.value_wo = from.value_wo.clone();
    }
    if let (Attr::Known(to), Attr::Known(from)) = (&mut to.basic, &from.basic) {
        to.password_wo = from.password_wo.clone();
    }
    let oauth = (&mut to.oauth_client_credentials, &from.oauth_client_credentials);
    if let (Attr::Known(to), Attr::Known(from)) = oauth {
        to.client_secret_wo = from.client_secret_wo.clone();
        add_http_secrets(&mut to.oauth_http_parameters, &from.oauth_http_parameters);
    }
}

fn add_http_secrets(to: &mut Attr<HttpParameters>, from: &Attr<HttpParameters>) {
    let (Attr::Known(to), Attr::Known(from)) = (to, from) else {
        return;
    };
    let kinds = [
        (&mut to.header, &from.header),
        (&mut to.query_string, &from.query_string),
        (&mut to.body, &from.body),
    ];
    for (to, from) in kinds {
        let (Attr::Known(to), Attr::Known(from)) = (to, from) else {
            continue;
        };
        for (name, parameter) in to {
            if let (Attr::Known(to), Some(Attr::Known(from))) = (parameter, from.get(name)) {
                to.secret_value_wo = from.secret_value_wo.clone();
            }
        }
    }
}
