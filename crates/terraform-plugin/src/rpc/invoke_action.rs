//! InvokeAction: does it, and tells how far it has come.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::{Refused, Rpc, answer::Answer, calls::Events, caught, convert, deferral::refusal};
use crate::{
    action::{ActionHandler, Progress},
    diagnostic::Diagnostics,
    value::Value,
    wire::tfplugin6::invoke_action::{
        Event, Request,
        event::{Progress as Said, Type as EventType},
    },
};

/// Sends every line as it comes and, last of all, how the action ended.
pub(super) async fn call(rpc: Rpc, request: Request, events: Arc<Events<Event>>) {
    let completed = invoked(&rpc, &request, &events).await;
    events.send(completed.unwrap_or_else(Refused::answer)).await;
}

/// Sends the lines; the last event is how it ended.
async fn invoked(rpc: &Rpc, request: &Request, events: &Events<Event>) -> Result<Event, Refused> {
    let handler = rpc.plugin.actions().get(&request.action_type)?;
    let config = convert::config(request.config.as_ref(), handler.shape())?;
    let found = invoke(rpc, request, handler.as_ref(), config, events).await;
    Ok(Event::failed(found, handler.shape()))
}

async fn invoke(
    rpc: &Rpc,
    request: &Request,
    handler: &dyn ActionHandler,
    config: Value,
    events: &Events<Event>,
) -> Diagnostics {
    let call = rpc.call(request.client_capabilities.as_ref());
    let (say, mut said) = mpsc::unbounded_channel();
    let progress = Progress::new(say);
    let invoked = async {
        let outcome = caught(handler.invoke(call.clone(), config, progress.clone())).await;
        progress.end();
        outcome
    };
    // Beside the action, which must not wait for a host that does not read. Ends after the last line.
    let told = async {
        while let Some(message) = said.recv().await {
            let said = EventType::Progress(Said { message });
            events.send(Event { r#type: Some(said) }).await;
        }
    };
    let (outcome, ()) = tokio::join!(invoked, told);
    let mut found = call.warnings.take();
    match call.deferred.get() {
        Some(why) => found.push(refusal(&handler.shape().owner(), why)),
        None => found.extend(outcome.err().into_iter().flatten()),
    }
    found
}
