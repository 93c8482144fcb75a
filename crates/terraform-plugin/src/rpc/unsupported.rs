//! Answers to what this framework does not offer, in the words of the user.

use std::sync::Arc;

use super::{Refused, Rpc, answer::Answer, calls::Events};

/// There are no state stores.
pub(super) async fn state_stores<Req, Res: Answer>(_: Rpc, _: Req) -> Result<Res, Refused> {
    Ok(Res::unsupported("State stores"))
}

/// There are no state stores, and so no bytes of a state.
pub(super) async fn stream_of_state<Req, E: Answer>(_: Rpc, _: Req, events: Arc<Events<E>>) {
    events.send(E::unsupported("State stores")).await;
}
