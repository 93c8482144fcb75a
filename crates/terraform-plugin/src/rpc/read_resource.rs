//! ReadResource: what there is now.

use std::sync::Arc;

use super::{
    Refused, Rpc,
    answer::Answer,
    caught, convert,
    deferral::{self, Deferring},
};
use crate::{
    call::Call,
    diagnostic::Diagnostics,
    identity::IdentityShape,
    path::Path,
    plan,
    private::{self, BEFORE_FIRST_READ, Private},
    resource::{Draft, Record},
    shape::{Shape, bug},
    value::{Type, Value},
    wire::tfplugin6::read_resource::{Request, Response},
};

/// What is to be read.
struct Asked {
    prior: Value,
    private: Private,
    identity: Value,
    call: Call,
}

pub(super) async fn call(rpc: Rpc, request: Request) -> Result<Response, Refused> {
    let handler = match rpc.plugin.resource(&request.type_name) {
        Ok(handler) => handler,
        Err(unknown) => return Ok(unchanged(&request, None, unknown.found)),
    };
    let shape = handler.shape();
    let mut asked = match read(&rpc, shape, &request) {
        Ok(asked) => asked,
        Err(unreadable) => return Ok(unchanged(&request, Some(shape), unreadable)),
    };
    if let Some(why) = rpc.plugin.deferral(asked.call.deferral_allowed) {
        let mut response = unchanged(&request, Some(shape), Diagnostics::new());
        response.deferred = Some(deferral::wire(why));
        return Ok(response);
    }

    // The first read after an import may complete what the import could not know of the identity.
    let imported = asked.private.remove(BEFORE_FIRST_READ).is_some();
    let computed_blocks = asked.call.computed_blocks_allowed;
    let (warnings, deferring) = (asked.call.warnings.clone(), Deferring::of(&asked.call));
    let record = Record::new(asked.prior.clone(), asked.private).with_identity(asked.identity.clone());
    let outcome = caught(handler.read(asked.call, record.clone())).await;
    let mut found = warnings.take();
    let mut draft = record.snapshot();
    let body = &shape.schema.body;
    let recorded = plan::as_state(body, draft.value, computed_blocks);
    draft.value = plan::keep_same(body, &asked.prior, plan::carry(recorded, &asked.prior));
    match outcome.and_then(|()| deferring.wanted(shape.name)) {
        Ok(None) => found.extend(broken_rules(shape, &asked.identity, imported, &draft)),
        Ok(deferred) => {
            let mut response = unchanged(&request, Some(shape), found);
            response.deferred = deferred;
            return Ok(response);
        }
        Err(errors) => found.extend(errors),
    }
    Ok(match answer(shape, draft) {
        Ok(mut response) => {
            response.add(found, shape);
            response
        }
        Err(bugs) => {
            found.extend(bugs);
            unchanged(&request, Some(shape), found)
        }
    })
}

/// The safe answer: nothing changed.
fn unchanged(request: &Request, shape: Option<&Arc<Shape>>, found: Diagnostics) -> Response {
    let has_identity = shape.is_some_and(|shape| shape.identity.is_some());
    let mut response = Response {
        new_state: request.current_state.clone(),
        private: request.private.clone(),
        new_identity: request.current_identity.clone().filter(|_| has_identity),
        ..Response::default()
    };
    match shape {
        Some(shape) => response.add(found, shape),
        None => response.add(found, &Type::Dynamic),
    }
    response
}

fn read(rpc: &Rpc, shape: &Shape, request: &Request) -> Result<Asked, Diagnostics> {
    Ok(Asked {
        prior: convert::value(request.current_state.as_ref(), &shape.ty, "state")?,
        private: private::read(&request.private),
        identity: convert::identity(request.current_identity.as_ref(), shape)?,
        call: rpc.call_of(
            request.client_capabilities.as_ref(),
            request.provider_meta.as_ref(),
        )?,
    })
}

/// The rules for what was read with success.
fn broken_rules(shape: &Shape, before: &Value, imported: bool, draft: &Draft) -> Diagnostics {
    let unknown = draft
        .value
        .unknown_paths()
        .into_iter()
        .map(|path| bug(shape, path, "what was read must be known"));
    let identity = |identity: &IdentityShape| {
        let before = if imported { &Value::Null } else { before };
        identity.stored(before, &draft.identity)
    };
    let completed = |shape: &IdentityShape| {
        if imported {
            shape.completed(before, &draft.identity)
        } else {
            Vec::new()
        }
    };
    let rules = shape
        .identity
        .iter()
        // What is gone needs no identity any more.
        .filter(|_| !draft.value.is_null())
        .flat_map(|shape| identity(shape).into_iter().chain(completed(shape)));
    unknown
        .chain(rules.map(|rule| bug(shape, Path::root(), rule)))
        .collect()
}

fn answer(shape: &Shape, draft: Draft) -> Result<Response, Diagnostics> {
    let gone = draft.value.is_null();
    let identity = if gone { Value::Null } else { draft.identity };
    Ok(Response {
        new_state: Some(convert::dynamic_value(&draft.value.unknown_as_null(), shape)?),
        private: private::write(&draft.private),
        new_identity: convert::identity_data(&identity, shape)?,
        ..Response::default()
    })
}
