//! Answers to what this framework does not offer, in the words of the user.

use std::future::{Future, Ready, ready};

use super::{Rpc, answer::Answer};

macro_rules! unsupported {
    ($($name:ident: $what:literal;)*) => {$(
        pub(super) fn $name<Req, Res: Answer>(_: Rpc, _: Req) -> impl Future<Output = Res> + Send + use<Req, Res> {
            ready(Res::unsupported($what))
        }
    )*};
}

unsupported! {
    actions: "Actions";
    data_sources: "Data sources";
    ephemeral: "Ephemeral resources";
    functions: "Functions";
    lists: "List resources";
    state_stores: "State stores";
}

/// There is none of these, which is no error.
pub(super) fn none<Req, Res: Answer>(_: Rpc, _: Req) -> Ready<Res> {
    ready(Res::default())
}
