//! ListResource: finds what exists, one event for each.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::{Refused, Rpc, answer::Answer, calls::Events, caught, convert, deferral::refusal};
use crate::{
    diagnostic::Diagnostics,
    list_resource::{ListEvent, ListRequest, ListResourceHandler},
    shape,
    value::{Type, Value, codec},
    wire::tfplugin6::{
        DynamicValue, ResourceIdentityData,
        list_resource::{Event, Request},
    },
};

/// Sends every result as it comes and, where something is wrong, an event with that alone as the last one.
pub(super) async fn call(rpc: Rpc, request: Request, events: Arc<Events<Event>>) {
    let last = match listed(&rpc, &request, &events).await {
        Ok(last) => last,
        Err(refused) => Some(refused.answer()),
    };
    if let Some(last) = last {
        events.send(last).await;
    }
}

/// Sends the results; the last event is what is left to be told.
async fn listed(rpc: &Rpc, request: &Request, events: &Events<Event>) -> Result<Option<Event>, Refused> {
    let handler = rpc.plugin.list_resources().get(&request.type_name)?;
    let config = convert::config(request.config.as_ref(), handler.shape())?;
    let found = list(rpc, request, handler.as_ref(), config, events).await;
    Ok((!found.is_empty()).then(|| Event::failed(found, handler.shape())))
}

async fn list(
    rpc: &Rpc,
    request: &Request,
    handler: &dyn ListResourceHandler,
    config: Value,
    events: &Events<Event>,
) -> Diagnostics {
    let call = rpc.call(None);
    let request = ListRequest {
        config,
        include_resource: request.include_resource_object,
        // Hosts of today always set a limit; none on the wire is 0.
        limit: u64::try_from(request.limit).ok().filter(|limit| *limit > 0),
    };
    let (results, mut found) = mpsc::channel(1);
    let listed = caught(handler.list(call.clone(), request, results));
    // Where this ends early, `found` is gone with it, and the author's code learns of that at its next push.
    let sent = async move {
        while let Some(event) = found.recv().await {
            match encode(event, handler) {
                Ok(event) => {
                    if !events.send(event).await {
                        break;
                    }
                }
                Err(bug) => return bug,
            }
        }
        Diagnostics::new()
    };
    let (outcome, unsent) = tokio::join!(listed, sent);
    let mut left = call.warnings.take();
    left.extend(unsent);
    match call.deferred.get() {
        Some(why) => left.push(refusal(&handler.shape().owner(), why)),
        None => left.extend(outcome.err().into_iter().flatten()),
    }
    left
}

fn encode(event: ListEvent, handler: &dyn ListResourceHandler) -> Result<Event, Diagnostics> {
    let mut answer = Event::failed(event.diagnostics, handler.shape());
    if let (Some(found), Some(identity)) = (event.found, handler.identity()) {
        let misfit = |err: codec::CodecError| -> Diagnostics {
            shape::bug(
                handler.shape(),
                err.path,
                format_args!("the result {}", err.message),
            )
            .into()
        };
        answer.display_name = found.display_name;
        answer.identity = Some(ResourceIdentityData {
            identity_data: Some(dynamic_value(&found.identity, identity).map_err(misfit)?),
        });
        let resource = found
            .resource
            .map(|value| dynamic_value(&value, &handler.resource().ty));
        answer.resource_object = resource.transpose().map_err(misfit)?;
    }
    Ok(answer)
}

fn dynamic_value(value: &Value, ty: &Type) -> codec::Result<DynamicValue> {
    Ok(DynamicValue {
        msgpack: convert::encoded(value, ty)?,
        json: Vec::new(),
    })
}
