//! ApplyResourceChange: creates, updates or deletes.
//!
//! Whatever happens, the answer is what the author recorded last; where that breaks a rule, it is saved all
//! the same, with an error beside it, so that nothing that was made is lost.

use super::{Refused, Rpc, answer::Answer, caught_keeping, caught_recording, convert};
use crate::{
    diagnostic::Diagnostics,
    path::Path,
    plan,
    private::{self, Private},
    resource::{PlanRequest, Record},
    shape::{Shape, bug},
    value::{Type, Value},
    wire::tfplugin6::apply_resource_change::{Request, Response},
};

pub(super) async fn call(rpc: Rpc, request: Request) -> Result<Response, Refused> {
    // The safe answer: nothing was done.
    let mut untouched = Response {
        new_state: request.prior_state.clone(),
        private: request.planned_private.clone(),
        ..Response::default()
    };
    let handler = match rpc.plugin.resource(&request.type_name) {
        Ok(handler) => handler,
        Err(unknown) => {
            untouched.add(unknown.found, &Type::Dynamic);
            return Ok(untouched);
        }
    };
    let shape = handler.shape();
    if shape.identity.is_some() {
        untouched.new_identity.clone_from(&request.planned_identity);
    }
    let failed = |found| {
        let mut response = untouched.clone();
        response.add(found, shape);
        response
    };
    let asked = match read(shape, &request) {
        Ok(asked) => asked,
        Err(unreadable) => return Ok(failed(unreadable)),
    };

    let call = match rpc.call_of(None, request.provider_meta.as_ref()) {
        Ok(call) => call,
        Err(unreadable) => return Ok(failed(unreadable)),
    };

    let (prior, planned) = (asked.prior.clone(), asked.planned.clone());
    let planned_identity = asked.identity.clone();
    // An identity that is not wholly known yet is none to keep.
    let identity = Some(planned_identity.clone()).filter(Value::is_wholly_known);
    let record = Record::new(asked.prior.clone(), asked.private.clone())
        .with_identity(identity.unwrap_or(Value::Null));
    let computed_blocks = call.computed_blocks_allowed;
    let (warnings, deferred) = (call.warnings.clone(), call.deferred.clone());
    let outcome = caught_recording(handler.apply(call, asked, record.clone())).await;
    let mut found = warnings.take();
    let draft = record.snapshot();
    let body = &shape.schema.body;
    let recorded = plan::as_state(body, draft.value, computed_blocks);
    let recorded = plan::carry_from(recorded, &planned, &prior);
    // The author's code says what means the same, after the change is made.
    let (mut state, crashed) = caught_keeping(recorded, |state| plan::keep_same(body, &planned, state));
    found.extend(crashed);
    let (mut private, mut identity) = (draft.private, draft.identity);
    if deferred.get().is_some() && outcome.is_ok() {
        let rule = "it was deferred while it was applied; only plans, reads and imports can be put off";
        found.push(bug(shape, Path::root(), rule));
    }
    match outcome {
        Ok(()) if planned.is_null() => {
            (state, private, identity) = (Value::Null, Private::new(), Value::Null);
        }
        Ok(()) if !draft.recorded => {
            found.push(bug(
                shape,
                Path::root(),
                "the resource was applied without recording a state",
            ));
        }
        Ok(()) => {
            found.extend(broken_rules(shape, &planned, &state));
            let broken = shape
                .identity
                .iter()
                .flat_map(|of| of.stored(&planned_identity, &identity));
            found.extend(broken.map(|rule| bug(shape, Path::root(), rule)));
        }
        Err(errors) => found.extend(errors),
    }
    state = state.unknown_as_null();
    if !identity.is_wholly_known() {
        identity = Value::Null;
    }

    let encoded = convert::dynamic_value(&state, shape)
        .and_then(|new_state| Ok((new_state, convert::identity_data(&identity, shape)?)));
    Ok(match encoded {
        Ok((new_state, new_identity)) => {
            let private = private::write(&private);
            let mut response = Response {
                new_state: Some(new_state),
                private,
                new_identity,
                ..Response::default()
            };
            response.add(found, shape);
            response
        }
        Err(bugs) => {
            found.extend(bugs);
            failed(found)
        }
    })
}

fn read(shape: &Shape, request: &Request) -> Result<PlanRequest, Diagnostics> {
    let prior = convert::value(request.prior_state.as_ref(), &shape.ty, "state")?;
    let planned = convert::value(request.planned_state.as_ref(), &shape.ty, "planned state")?;
    let config = if planned.is_null() {
        Value::Null
    } else {
        convert::value(request.config.as_ref(), &shape.ty, "configuration")?
    };
    Ok(PlanRequest {
        config,
        prior,
        planned,
        private: private::read(&request.planned_private),
        planned_private: Private::new(),
        identity: convert::identity(request.planned_identity.as_ref(), shape)?,
    })
}

/// The rules for what was applied with success.
fn broken_rules(shape: &Shape, planned: &Value, state: &Value) -> Diagnostics {
    if state.is_null() {
        return bug(
            shape,
            Path::root(),
            "the resource was planned to exist, and its state is gone",
        )
        .into();
    }
    let unknown = state
        .unknown_paths()
        .into_iter()
        .map(|path| bug(shape, path, "is still unknown after it was applied"));
    let different = plan::assert_compatible(planned, state).into_iter().map(|broken| {
        bug(
            shape,
            broken.path,
            format_args!("after it was applied, the value {}", broken.rule),
        )
    });
    unknown.chain(different).collect()
}
