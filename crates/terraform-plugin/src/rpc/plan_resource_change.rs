//! PlanResourceChange: what is to become of a resource.
//!
//! The order is terraform-plugin-framework's: what [`plan::Draft`] makes, then the author's plan, then what requires
//! replacement, then core's own checks.

use super::{
    Refused, Rpc,
    answer::Answer,
    caught, caught_at_once, convert,
    deferral::{self, Deferring},
};
use crate::{
    call::{Call, Deferral},
    diagnostic::Diagnostics,
    path::Path,
    plan, private,
    resource::{Handler, PlanRequest, Proposal},
    shape::{Shape, bug},
    value::Value,
    wire::tfplugin6::plan_resource_change::{Request, Response},
};

pub(super) async fn call(rpc: Rpc, request: Request) -> Result<Response, Refused> {
    let handler = rpc.plugin.resource(&request.type_name)?;
    let capabilities = request.client_capabilities.as_ref();
    let call = rpc
        .call_of(capabilities, request.provider_meta.as_ref())
        .map_err(Refused::of(handler.shape()))?;
    let warnings = call.warnings.clone();
    let everything_deferred = rpc.plugin.deferral(call.deferral_allowed);
    let planned = propose(handler.as_ref(), call, &request, everything_deferred).await;
    let mut found = warnings.take();
    let mut response = match planned {
        Ok(response) => response,
        Err(errors) => {
            found.extend(errors);
            Response {
                planned_state: request.prior_state,
                planned_private: request.prior_private,
                planned_identity: request
                    .prior_identity
                    .filter(|_| handler.shape().identity.is_some()),
                ..Response::default()
            }
        }
    };
    response.add(found, handler.shape());
    Ok(response)
}

async fn propose(
    handler: &dyn Handler,
    call: Call,
    request: &Request,
    everything_deferred: Option<Deferral>,
) -> Result<Response, Diagnostics> {
    let shape = handler.shape();
    let body = &shape.schema.body;
    let prior = convert::value(request.prior_state.as_ref(), &shape.ty, "state")?;
    let proposed = convert::value(request.proposed_new_state.as_ref(), &shape.ty, "proposed state")?;
    let destroy = proposed.is_null();
    let config = if destroy {
        Value::Null
    } else {
        convert::value(request.config.as_ref(), &shape.ty, "configuration")?
    };
    let private = private::read(&request.prior_private);

    let computed_blocks = call.computed_blocks_allowed;
    let write_only = call.write_only_allowed;
    let mut drafted = plan::Drafted::untouched(proposed, private);
    if !destroy {
        let draft = plan::Draft {
            body,
            config: &config,
            prior: &prior,
            proposed: drafted.planned,
            private: drafted.private,
            computed_blocks,
        };
        drafted = caught_at_once(|| {
            draft.make().map_err(|err| match err {
                plan::DraftError::Refused(found) => found,
                plan::DraftError::Unfit(err) => {
                    bug(shape, err.path, format_args!("the planned value {}", err.message)).into()
                }
            })
        })?;
        drafted
            .warnings
            .into_iter()
            .for_each(|warning| call.warnings.push(warning));
    }
    let identity = if prior.is_null() {
        // What is created, also as a replacement, has an identity of its own: core sends the former object's.
        Value::Null
    } else {
        convert::identity(request.prior_identity.as_ref(), shape)?
    };
    let mut deferred = everything_deferred.map(deferral::wire);
    let asked = PlanRequest {
        config: config.clone(),
        prior: prior.clone(),
        planned: drafted.planned.clone(),
        private: drafted.private,
        planned_private: private::read(&request.planned_private),
        identity: identity.clone(),
    };
    let mut proposal = Proposal {
        planned: drafted.planned.clone(),
        requires_replace: Vec::new(),
        private: asked.private.clone(),
        identity: identity.clone(),
    };
    if deferred.is_none() || handler.plans_while_deferred() {
        let deferring = Deferring::of(&call);
        let authored = caught(handler.plan(call, asked)).await?;
        match deferring.wanted(shape.name)? {
            // What the author planned is not used then.
            Some(wanted) => deferred = Some(wanted),
            None => proposal = authored,
        }
    }
    proposal.requires_replace.extend(drafted.requires_replace);
    let planned = plan::settle(
        body,
        &prior,
        &drafted.planned,
        proposal.planned.clone(),
        computed_blocks,
    );

    // A host that does not know write-only values wants unknown elements as they are configured.
    let planned = if write_only {
        plan::open_elements(body, planned)
    } else {
        planned
    };

    let mut requires_replace = Vec::new();
    if !destroy {
        plan::assert_plan_valid(body, &prior, &config, &planned)
            .into_iter()
            .map(|broken| bug(shape, broken.path, broken.rule))
            .collect::<Diagnostics>()
            .into_outcome()?;
        if !prior.is_null() {
            requires_replace = replacing(shape, &config, &prior, &planned, &proposal)?;
        }
        if let Some(of) = &shape.identity {
            let makes = prior.is_null() || !requires_replace.is_empty() || deferred.is_some();
            let broken = of.planned(&identity, &proposal.identity, makes).into_iter();
            broken
                .map(|rule| bug(shape, Path::root(), rule))
                .collect::<Diagnostics>()
                .into_outcome()?;
        }
    }
    Ok(Response {
        planned_state: Some(convert::dynamic_value(&planned, shape)?),
        requires_replace: requires_replace.iter().map(convert::attribute_path).collect(),
        planned_private: private::write(&proposal.private),
        planned_identity: convert::identity_data(&proposal.identity, shape)?,
        deferred,
        ..Response::default()
    })
}

/// What requires replacement, by the schema and by the author.
fn replacing(
    shape: &Shape,
    config: &Value,
    prior: &Value,
    planned: &Value,
    proposal: &Proposal,
) -> Result<Vec<Path>, Diagnostics> {
    let mut paths = plan::requires_replace(&shape.schema.body, prior, planned, config);
    for path in &proposal.requires_replace {
        let path = path.resolve(&shape.ty);
        if path.is_root() || (prior.get(&path).is_none() && planned.get(&path).is_none()) {
            return Err(bug(
                shape,
                path,
                "replacement is required by what is in neither state nor plan",
            )
            .into());
        }
        paths.push(path);
    }
    paths.sort();
    paths.dedup();
    Ok(paths)
}
