//! Answers to what this framework does not offer, in the words of the user.

use std::{
    future::{Future, Ready, ready},
    sync::Arc,
};

use super::{Rpc, answer::Answer, calls::Events};

macro_rules! unsupported {
    ($($name:ident: $what:literal;)*) => {$(
        pub(super) fn $name<Req, Res: Answer>(_: Rpc, _: Req) -> impl Future<Output = Res> + Send + use<Req, Res> {
            ready(Res::unsupported($what))
        }
    )*};
}

unsupported! {
    generated_configuration: "Generated configurations";
    identities: "Resource identities";
    moves: "Moves from other resource types";
    state_stores: "State stores";
}

/// There is none of these, which is no error.
pub(super) fn none<Req, Res: Answer>(_: Rpc, _: Req) -> Ready<Res> {
    ready(Res::default())
}

/// There are no state stores, and so no bytes of a state.
pub(super) async fn stream_of_state<Req, E: Answer>(_: Rpc, _: Req, events: Arc<Events<E>>) {
    events.send(E::unsupported("State stores")).await;
}
