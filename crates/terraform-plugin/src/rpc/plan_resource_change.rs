//! PlanResourceChange: what is to become of a resource.
//!
//! The order is terraform-plugin-framework's: what [`plan::Draft`] makes, then the author's plan, then what requires
//! replacement, then core's own checks.

use super::{Rpc, answer::Answer, bug, caught, caught_at_once, convert};
use crate::{
    diagnostic::Diagnostics,
    path::Path,
    plan,
    resource::{Handler, PlanRequest, Proposal, Shape, write_private},
    value::{Type, Value},
    wire::tfplugin6::plan_resource_change::{Request, Response},
};

pub(super) async fn call(rpc: Rpc, request: Request) -> Response {
    let handler = match rpc.plugin.resource(&request.type_name) {
        Ok(handler) => handler,
        Err(unknown) => return Response::failed(unknown, &Type::Dynamic),
    };
    let call = rpc.call(request.client_capabilities.as_ref());
    let warnings = call.warnings.clone();
    let planned = propose(handler.as_ref(), call, &request).await;
    let mut found = warnings.take();
    let mut response = match planned {
        Ok(response) => response,
        Err(errors) => {
            found.extend(errors);
            Response {
                planned_state: request.prior_state,
                planned_private: request.prior_private,
                ..Response::default()
            }
        }
    };
    response.add(found, &handler.shape().ty);
    response
}

async fn propose(
    handler: &dyn Handler,
    call: crate::resource::Call,
    request: &Request,
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
    let private = convert::private(&request.prior_private)?;

    let computed_blocks = call.computed_blocks_allowed;
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
    let asked = PlanRequest {
        config: config.clone(),
        prior: prior.clone(),
        planned: drafted.planned.clone(),
        private: drafted.private,
    };
    let mut proposal = caught(handler.plan(call, asked)).await?;
    proposal.requires_replace.extend(drafted.requires_replace);
    let planned = plan::settle(
        body,
        &prior,
        &drafted.planned,
        proposal.planned.clone(),
        computed_blocks,
    );

    let mut requires_replace = Vec::new();
    if !destroy {
        let broken = plan::write_only_values(body, &planned)
            .into_iter()
            .map(|path| bug(shape, path, "a write-only value must not be planned"))
            .chain(
                plan::assert_plan_valid(body, &prior, &config, &planned)
                    .into_iter()
                    .map(|broken| bug(shape, broken.path, broken.rule)),
            );
        broken.collect::<Diagnostics>().into_outcome()?;
        if !prior.is_null() {
            requires_replace = replacing(shape, &config, &prior, &planned, &proposal)?;
        }
    }
    Ok(Response {
        planned_state: Some(convert::dynamic_value(&planned, shape)?),
        requires_replace: requires_replace.iter().map(convert::attribute_path).collect(),
        planned_private: write_private(&proposal.private),
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
