//! ReadResource: what there is now.

use super::{Rpc, answer::Answer, bug, caught, convert};
use crate::{
    plan,
    resource::{Record, write_private},
    value::Type,
    wire::tfplugin6::read_resource::{Request, Response},
};

pub(super) async fn call(rpc: Rpc, request: Request) -> Response {
    // The safe answer: nothing changed.
    let unchanged = Response {
        new_state: request.current_state.clone(),
        private: request.private.clone(),
        ..Response::default()
    };
    let failed = |found, ty: &Type| {
        let mut response = unchanged.clone();
        response.add(found, ty);
        response
    };
    let handler = match rpc.plugin.resource(&request.type_name) {
        Ok(handler) => handler,
        Err(unknown) => return failed(unknown, &Type::Dynamic),
    };
    let shape = handler.shape();
    let prior = convert::value(request.current_state.as_ref(), &shape.ty, "state");
    let (prior, private) = match prior.and_then(|prior| Ok((prior, convert::private(&request.private)?))) {
        Ok(read) => read,
        Err(unreadable) => return failed(unreadable, &shape.ty),
    };

    let call = rpc.call(request.client_capabilities.as_ref());
    let warnings = call.warnings.clone();
    let computed_blocks = call.computed_blocks_allowed;
    let record = Record::new(prior.clone(), private);
    let outcome = caught(handler.read(call, record.clone())).await;
    let mut found = warnings.take();
    let draft = record.snapshot();
    let body = &shape.schema.body;
    let recorded = plan::settle_blocks(body, draft.value, computed_blocks);
    let mut state = plan::keep_same(body, &prior, recorded);
    match outcome {
        Ok(()) => {
            let unknown = state.unknown_paths();
            found.extend(
                unknown
                    .into_iter()
                    .map(|path| bug(shape, path, "what was read must be known")),
            );
        }
        Err(errors) => found.extend(errors),
    }
    state = state.unknown_as_null();

    match convert::dynamic_value(&state, shape) {
        Ok(new_state) => {
            let private = write_private(&draft.private);
            let mut response = Response {
                new_state: Some(new_state),
                private,
                ..Response::default()
            };
            response.add(found, &shape.ty);
            response
        }
        Err(bugs) => {
            found.extend(bugs);
            failed(found, &shape.ty)
        }
    }
}
