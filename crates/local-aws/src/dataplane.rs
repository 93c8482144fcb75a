//! What goes over a connection: the way through the network, credentials, calls, deliveries, and the servers at the end.

pub(crate) mod delivery;
pub(crate) mod exchange;
pub(crate) mod invocation;
pub(crate) mod network;
pub(crate) mod oauth;
pub(crate) mod parameters;
pub(crate) mod private_api;
pub(crate) mod token_request;
pub(crate) mod tokens;
